//! Finding and reading key files.
//!
//! In: a file or a directory, the zone, and the moment. Out: the zone's [`Key`]s and what is worth a
//! warning about their files; every file at fault is told of, not just the first.
//!
//! A file is one in PEM, or a key pair of BIND or ldns, named by either file or by what their names have in
//! common. In a directory only PEM counts.

use super::bind::{self, Pair};
use super::generate::NewKey;
use super::key::{Key, zone_file_name, zone_of_file_name};
use super::metadata::Stage;
use super::opened::{Opened, Owner};
use super::role::Role;
use super::secret::io_cause;
use crate::dns::NameBuf;
use crate::dns::time::Time;
use crate::error::{Fault, Faults, Result};
use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use walkdir::WalkDir;

/// Keys, and warnings about their files.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The keys, in the order of the files' names.
    pub keys: Vec<Key>,
    /// What is worth saying.
    pub warnings: Vec<Fault>,
}

/// The keys of a file that the user named. They sign whatever their times say; where the times disagree there
/// is a warning. A Revoke time that has passed is obeyed: a key that was once revoked stays so (RFC 5011,
/// section 2.1). `role` wins over the file's name, but must not contradict a Role line.
///
/// # Errors
/// A file that cannot be read or holds no usable key; a key of another zone; a key without a role.
pub fn load_file(
    path: &Path,
    zone: &NameBuf,
    role: Option<Role>,
    now: Time,
) -> std::result::Result<Loaded, Faults> {
    let mut loaded = Loaded::default();
    let opened = Opened::file(path, role, now)?;
    for mut key in opened.keys_of(zone, role, Owner::Named, &mut loaded.warnings)? {
        let told = match key.metadata().stage(now) {
            Stage::Active => None,
            Stage::Waiting => Some("its Publish time is to come"),
            Stage::Published => Some("its Activate time is to come"),
            Stage::Retired => Some("its Retire time has passed"),
            Stage::Removed => Some("its Remove time has passed"),
            Stage::Revoked => {
                key.revoke()?;
                Some("its Revoke time has passed; it gets the REVOKE flag and signs DNSKEY alone")
            }
        };
        if let Some(told) = told {
            loaded.warnings.push(
                Fault::warning(format!("key {} signs because it was named, but {told}", key.tag()))
                    .in_file(key.file()),
            );
        }
        loaded.keys.push(key);
    }
    Ok(loaded)
}

/// The same as ldns has it, for a pair whose `.key` file is missing: the flags of its DNSKEY are those of the
/// one in `published`, the RDATA of the zone's DNSKEYs, and else those of a ZSK; but where the key tag in the
/// file's name is that of a KSK, it is one. A warning says which.
///
/// # Errors
/// As [`load_file`].
pub fn load_file_as_ldns(
    path: &Path,
    zone: &NameBuf,
    published: &[Vec<u8>],
    now: Time,
) -> std::result::Result<Loaded, Faults> {
    if !Pair::named(path).is_some_and(|pair| pair.is_private_alone()) {
        return load_file(path, zone, None, now);
    }
    let [ksk, zsk] = [Role::Ksk, Role::Zsk].map(|role| load_file(path, zone, Some(role), now));
    let known =
        |loaded: &Loaded| loaded.keys.iter().any(|key| published.iter().any(|one| one == key.rdata()));
    let (mut loaded, why) = match (ksk, zsk) {
        (Ok(ksk), _) if known(&ksk) => (ksk, "as its DNSKEY in the zone says"),
        (_, Ok(zsk)) if known(&zsk) => (zsk, "as its DNSKEY in the zone says"),
        // both would do where the file's name has no key tag
        (Err(_), Ok(zsk)) => (zsk, "as the key tag in its name says"),
        (Ok(ksk), Err(_)) => (ksk, "as the key tag in its name says"),
        (Ok(_), Ok(zsk)) => (zsk, "as ldns does where nothing says what a key is for"),
        (Err(faults), Err(_)) => return Err(faults),
    };
    for key in &loaded.keys {
        let told =
            format!("the .key file is missing: key {} is taken for a {}, {why}", key.tag(), key.role());
        let fault = Fault::warning(told).in_file(key.file());
        loaded.warnings.push(fault.hint("put the .key file back beside it: with other flags it would be another key, which no DS points to"));
    }
    Ok(loaded)
}

/// The keys of `zone` under `dir`, as their times have them at `now`: `DIR/ZONE/*.pem`, or, if there is no
/// such folder, the files `DIR/*.pem` whose Zone line names the zone. A directory that does not exist has no
/// keys.
///
/// # Errors
/// As [`load_file`]; a revoked ZSK; no keys where pairs of BIND or ldns lie that could be imported.
pub fn load_dir(dir: &Path, zone: &NameBuf, now: Time) -> std::result::Result<Loaded, Faults> {
    let Loaded { keys, warnings } = load_all(dir, zone)?;
    if keys.is_empty() {
        not_imported(dir, zone)?;
    }
    let mut loaded = Loaded { keys: Vec::new(), warnings };
    for key in keys {
        if let Some(key) = key.at(now)? {
            loaded.keys.push(key);
        }
    }
    Ok(loaded)
}

/// The keys of `zone` under `dir` as [`load_dir`] finds them, whatever their times: what listing them and
/// making new ones needs.
///
/// # Errors
/// As [`load_file`].
pub fn load_all(dir: &Path, zone: &NameBuf) -> std::result::Result<Loaded, Faults> {
    let (loaded, faults) = load_good(dir, zone)?;
    if faults.errors() == 0 { Ok(loaded) } else { Err(faults) }
}

/// The same as far as they can be read, and what is wrong with the others.
///
/// # Errors
/// The folder cannot be listed.
pub fn load_good(dir: &Path, zone: &NameBuf) -> Result<(Loaded, Faults)> {
    let folder = dir.join(zone_file_name(zone.as_name()));
    let (folder, owner) =
        if folder.is_dir() { (folder, Owner::Folder) } else { (dir.to_owned(), Owner::Metadata) };
    let (mut loaded, mut faults) = (Loaded::default(), Faults::new());
    for path in pem_files(&folder)? {
        let keys = Opened::pem(&path)
            .map_err(Faults::from)
            .and_then(|opened| opened.keys_of(zone, None, owner, &mut loaded.warnings));
        match keys {
            Ok(keys) => loaded.keys.extend(keys),
            Err(more) => faults.extend(more),
        }
        if faults.full() {
            break;
        }
    }
    Ok((loaded, faults))
}

/// An error if pairs of `zone` lie where its PEM files would be.
fn not_imported(dir: &Path, zone: &NameBuf) -> Result<()> {
    let folder = dir.join(zone_file_name(zone.as_name()));
    let pairs = [bind::pairs_in(&folder, zone), bind::pairs_in(dir, zone)].concat();
    let Some(first) = pairs.first() else { return Ok(()) };
    let (count, dir) = (pairs.len(), dir.display());
    let pairs = if count == 1 { "a key pair".to_owned() } else { format!("{count} key pairs") };
    Err(Fault::error(format!(
        "there are no keys for the zone {zone} in PEM form, but {pairs} of BIND or ldns"
    ))
    .in_file(&first.display().to_string())
    .hint(format!("`zoneseal key import --keys {dir} FILE` makes a PEM file of each; as arguments of `sign` pairs are keys \
             as they are")))
}

/// The keys of a file that the user named, whatever their times, neither used nor revoked: to be looked at.
/// Without `zone`, each is of the zone that its file says.
///
/// # Errors
/// As [`load_file`]; a key of which nothing says whose it is.
pub fn open_file(path: &Path, zone: Option<&NameBuf>, now: Time) -> std::result::Result<Loaded, Faults> {
    let opened = Opened::file(path, None, now)?;
    let (keys, warnings) = opened.each(zone, None, Key::new)?;
    Ok(Loaded { keys, warnings })
}

/// Keys with their secrets, and warnings about their files.
#[derive(Debug, Default)]
pub struct Copies {
    /// The keys, in the order of the file.
    pub keys: Vec<NewKey>,
    /// What is worth saying.
    pub warnings: Vec<Fault>,
}

/// The same, to be written into files of their own. `role` as in [`load_file`].
///
/// # Errors
/// As [`open_file`].
pub fn copy_file(
    path: &Path,
    zone: Option<&NameBuf>,
    role: Option<Role>,
    now: Time,
) -> std::result::Result<Copies, Faults> {
    let opened = Opened::file(path, role, now)?;
    let (keys, warnings) = opened.each(zone, role, NewKey::from_pem)?;
    Ok(Copies { keys, warnings })
}

/// The zones that have keys under `dir`, as [`load_all`] finds them, in the order of their names as text.
///
/// # Errors
/// A directory that cannot be listed, or a file of it that cannot be read.
pub fn zones_in(dir: &Path) -> std::result::Result<Vec<NameBuf>, Faults> {
    let mut zones = BTreeSet::new();
    for entry in WalkDir::new(dir).min_depth(1).max_depth(1).follow_links(true).into_iter().flatten() {
        let zone = zone_of_file_name(&entry.file_name().to_string_lossy());
        if let Some(zone) = zone.filter(|_| entry.file_type().is_dir())
            && !pem_files(entry.path())?.is_empty()
        {
            zones.insert(zone.to_lower_case().to_string());
        }
    }
    let mut faults = Faults::new();
    for path in pem_files(dir)? {
        match Opened::pem(&path) {
            Ok(opened) => {
                let named = opened.keys.into_iter().filter_map(|key| key.metadata.zone);
                zones.extend(named.map(|zone| zone.to_lower_case().to_string()));
            }
            Err(fault) => faults.push(fault),
        }
    }
    let zones = zones.iter().filter_map(|zone| NameBuf::from_text(zone).ok()).collect();
    if faults.errors() == 0 { Ok(zones) } else { Err(faults) }
}

/// `FOLDER/*.pem`, by name, without hidden files.
fn pem_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in WalkDir::new(folder).min_depth(1).max_depth(1).follow_links(true).sort_by_file_name() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) if error.io_error().is_some_and(|e| e.kind() == ErrorKind::NotFound) => {
                match error.path() {
                    // a link that leads nowhere: reading it tells more
                    Some(path) if path != folder => files.push(path.to_owned()),
                    _ => return Ok(Vec::new()),
                }
                continue;
            }
            Err(error) => {
                let path = error.path().unwrap_or(folder).display().to_string();
                return Err(Fault::error(format!("cannot list the keys: {}", cause(&error))).in_file(&path));
            }
        };
        // reading a FIFO would wait for ever
        if entry.file_type().is_file() {
            files.push(entry.into_path());
        }
    }
    files.retain(|path| {
        path.extension().is_some_and(|extension| extension == "pem")
            && !path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
    });
    Ok(files)
}

fn cause(error: &walkdir::Error) -> String {
    error.io_error().map_or_else(|| "links that lead in a circle".to_owned(), io_cause)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Use;
    use crate::keys::{Algorithm, generate, write_new};
    use std::fs;
    use tempfile::TempDir;

    const NOW: Time = Time(1_000_000_000);
    const LATER: Time = Time(NOW.0 + 1);

    fn zone(text: &str) -> NameBuf {
        NameBuf::from_text(text).unwrap()
    }

    /// A file with a key: its metadata are `lines` alone.
    fn write(dir: &Path, name: &str, lines: &str) -> PathBuf {
        let mut new = generate(&zone("a.example"), Role::Csk, Algorithm::Ed25519, None, &[], NOW).unwrap();
        new.metadata = crate::keys::Metadata::parse(lines, name).unwrap();
        let path = dir.join(name);
        fs::create_dir_all(dir).unwrap();
        fs::write(&path, new.text().as_bytes()).unwrap();
        set_mode(&path, 0o600);
        path
    }

    #[cfg(unix)]
    fn set_mode(path: &Path, mode: u32) {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[cfg(not(unix))]
    fn set_mode(_: &Path, _: u32) {}

    fn message(result: std::result::Result<Loaded, Faults>) -> String {
        result.unwrap_err().iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn where_the_role_comes_from() {
        let dir = TempDir::new().unwrap();
        let a = zone("a.example");
        let load = |name: &str, lines: &str, role| load_file(&write(dir.path(), name, lines), &a, role, NOW);
        let role = |name, lines, role| load(name, lines, role).unwrap().keys[0].role();
        assert_eq!(role("ksk-x.pem", "", None), Role::Ksk);
        assert_eq!(role("ksk-x.pem", "Role: zsk", None), Role::Zsk);
        assert_eq!(role("ksk-x.pem", "", Some(Role::Csk)), Role::Csk);
        assert!(message(load("x.pem", "", None)).contains("--ksk, --zsk or --csk"));
        assert!(message(load("x.pem", "Role: zsk", Some(Role::Ksk))).contains("named as a ksk"));
    }

    #[test]
    fn named_keys_sign_whatever_their_times_say() {
        let dir = TempDir::new().unwrap();
        let a = zone("a.example");
        for (lines, warning) in [
            (format!("Publish: {LATER}"), "its Publish time is to come"),
            (format!("Activate: {LATER}"), "its Activate time is to come"),
            (format!("Retire: {NOW}"), "its Retire time has passed"),
            (format!("Remove: {NOW}"), "its Remove time has passed"),
            (format!("Revoke: {NOW}"), "signs DNSKEY alone"),
        ] {
            let loaded = load_file(&write(dir.path(), "csk-1.pem", &lines), &a, None, NOW).unwrap();
            assert_eq!(loaded.keys[0].usage(), Use::Signs);
            assert_eq!(loaded.keys[0].is_revoked(), lines.starts_with("Revoke"));
            assert!(loaded.warnings[0].message().contains(warning), "{:?}", loaded.warnings);
        }
    }

    #[test]
    fn keys_in_a_folder_obey_their_times() {
        let dir = TempDir::new().unwrap();
        let a = zone("a.example");
        let folder = dir.path().join("a.example");
        for (name, lines) in [
            ("csk-1.pem", String::new()),
            ("csk-2.pem", format!("Publish: {LATER}")),
            ("csk-3.pem", format!("Activate: {LATER}")),
            ("csk-4.pem", format!("Revoke: {NOW}")),
            ("csk-5.pem", format!("Remove: {NOW}\nSample: yes")),
            (".hidden.pem", "Zone: b.example".to_owned()),
            ("csk-6.pem~", String::new()),
        ] {
            write(&folder, name, &lines);
        }
        fs::create_dir(folder.join("old.pem")).unwrap();
        let loaded = load_dir(dir.path(), &a, NOW).unwrap();
        let found: Vec<_> = loaded.keys.iter().map(|key| (key.usage(), key.is_revoked())).collect();
        assert_eq!(found, [(Use::Signs, false), (Use::Published, false), (Use::Signs, true)]);
        assert!(loaded.warnings.is_empty(), "{:?}", loaded.warnings);
        assert_eq!(load_all(dir.path(), &a).unwrap().keys.len(), 5);
        write(&folder, "zsk-7.pem", "Zone: b.example");
        write(&folder, "nobody.pem", "");
        let told = message(load_dir(dir.path(), &a, NOW));
        assert!(told.contains("a key of zone b.example., not of a.example."), "{told}");
        assert!(told.contains("nothing says what this key is for"), "both are told of: {told}");
    }

    #[test]
    fn a_flat_directory_goes_by_the_zone_lines() {
        let dir = TempDir::new().unwrap();
        write(dir.path(), "1.pem", "Zone: A.example.\nRole: csk");
        write(dir.path(), "2.pem", "Zone: b.example\nRole: csk");
        write(dir.path(), "csk-3.pem", "");
        let loaded = load_dir(dir.path(), &zone("a.example"), NOW).unwrap();
        assert_eq!(loaded.keys.len(), 1);
        assert_eq!(loaded.warnings.len(), 1);
        assert!(loaded.warnings[0].to_string().contains("no Zone line"), "{:?}", loaded.warnings);
        let new = generate(&zone("a.example"), Role::Zsk, Algorithm::Ed25519, None, &[], NOW).unwrap();
        assert!(
            write_new(dir.path(), &new)
                .unwrap_err()
                .to_string()
                .contains("move them into the folder a.example/")
        );
        assert!(load_dir(&dir.path().join("none"), &zone("a.example"), NOW).unwrap().keys.is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn modes_of_files_and_folders() {
        use std::os::unix::fs::PermissionsExt;
        let dir = TempDir::new().unwrap();
        let a = zone("a.example");
        let new = generate(&a, Role::Csk, Algorithm::Ed25519, None, &[], NOW).unwrap();
        let path = write_new(&dir.path().join("keys"), &new).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
        assert_eq!(mode(&dir.path().join("keys")), 0o700);
        assert!(path.ends_with(format!("keys/a.example/csk-015-{:05}.pem", new.tag())));
        assert!(load_file(&path, &a, None, NOW).unwrap().warnings.is_empty());
        set_mode(&path, 0o640);
        let warnings = load_file(&path, &a, None, NOW).unwrap().warnings;
        assert!(warnings[0].to_string().contains("chmod 600"), "{warnings:?}");
    }
}
