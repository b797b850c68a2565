//! Finding and reading key files.
//!
//! In: a file or a directory, the zone, and the moment. Out: the zone's [`Key`]s and what is worth a
//! warning about their files; every file at fault is told of, not just the first.

use super::key::{Key, Use, wrong_zone, zone_file_name};
use super::metadata::Stage;
use super::pem::{self, PemKey};
use super::role::Role;
use crate::dns::NameBuf;
use crate::dns::time::Time;
use crate::error::{Fault, Faults, Place, Result};
use std::fs::{File, Metadata as FileMetadata};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use walkdir::WalkDir;
use zeroize::Zeroizing;

/// Keys, and warnings about their files.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The keys, in the order of the files' names.
    pub keys: Vec<Key>,
    /// What is worth saying.
    pub warnings: Vec<Fault>,
}

/// No key file is as large as this; whatever is, is none.
const LARGEST: u64 = 1 << 20;

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
    for mut key in read_file(path, zone, role, Owner::Named, &mut loaded.warnings)? {
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
        warn_sample(&key, &mut loaded.warnings);
        loaded.keys.push(key);
    }
    Ok(loaded)
}

/// The keys of `zone` under `dir`, as their times have them at `now`: `DIR/ZONE/*.pem`, or, if there is no
/// such folder, the files `DIR/*.pem` whose Zone line names the zone. A directory that does not exist has no
/// keys.
///
/// # Errors
/// As [`load_file`]; and a revoked ZSK.
pub fn load_dir(dir: &Path, zone: &NameBuf, now: Time) -> std::result::Result<Loaded, Faults> {
    let Loaded { keys, warnings } = load_all(dir, zone)?;
    let mut loaded = Loaded { keys: Vec::new(), warnings };
    for key in keys {
        if let Some(key) = key.at(now)? {
            warn_sample(&key, &mut loaded.warnings);
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
    let folder = dir.join(zone_file_name(zone.as_name()));
    let (folder, owner) =
        if folder.is_dir() { (folder, Owner::Folder) } else { (dir.to_owned(), Owner::Metadata) };
    let (mut loaded, mut faults) = (Loaded::default(), Faults::new());
    for path in pem_files(&folder)? {
        match read_file(&path, zone, None, owner, &mut loaded.warnings) {
            Ok(keys) => loaded.keys.extend(keys),
            Err(more) => faults.extend(more),
        }
        if faults.full() {
            break;
        }
    }
    if faults.errors() == 0 { Ok(loaded) } else { Err(faults) }
}

/// What says whose keys a file holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Owner {
    /// The user, by naming the file.
    Named,
    /// The folder it is in.
    Folder,
    /// Its Zone lines; keys of other zones are passed over.
    Metadata,
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
        if !entry.file_type().is_dir() {
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

/// The keys of one file, which must all be of `zone` unless `owner` is their metadata.
fn read_file(
    path: &Path,
    zone: &NameBuf,
    role: Option<Role>,
    owner: Owner,
    warnings: &mut Vec<Fault>,
) -> std::result::Result<Vec<Key>, Faults> {
    let file = path.display().to_string();
    let (text, status) = read(path)?;
    let (mut keys, mut faults) = (Vec::new(), Faults::new());
    for pem in pem::parse(&text, &file)? {
        match &pem.metadata.zone {
            Some(named) if named != zone => {
                if owner != Owner::Metadata {
                    faults.push(at(wrong_zone(named, zone), &pem, &file));
                }
                continue;
            }
            None if owner == Owner::Metadata => {
                let fault = Fault::warning("key passed over: it has no Zone line that says whose it is")
                    .hint(format!("put it into a folder {}/ here", zone_file_name(zone.as_name())));
                warnings.push(at(fault, &pem, &file));
                continue;
            }
            _ => {}
        }
        match role_of(&pem, role, path)
            .map_err(|fault| at(fault, &pem, &file))
            .and_then(|role| Key::new(pem, zone, role, &file))
        {
            Ok(key) => keys.push(key),
            Err(fault) => faults.push(fault),
        }
    }
    if faults.errors() > 0 {
        return Err(faults);
    }
    if !keys.is_empty() {
        warnings.extend(open_to_others(&status).map(|fault| fault.in_file(&file)));
    }
    Ok(keys)
}

fn at(fault: Fault, pem: &PemKey, file: &str) -> Fault {
    fault.at(Place::new(&Arc::from(file), pem.line, 0))
}

/// The role: as given, or else by the Role line, or else by the file's name.
fn role_of(pem: &PemKey, given: Option<Role>, path: &Path) -> Result<Role> {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    match (given, pem.metadata.role) {
        (Some(given), Some(line)) if given != line => {
            Err(Fault::error(format!("the key is named as a {given}, but its Role line says {line}")))
        }
        (given, line) => given.or(line).or_else(|| Role::from_file_name(&name)).ok_or_else(|| {
            Fault::error("nothing says what this key is for").hint(
                "name it with --ksk, --zsk or --csk, or give it a line `Role: ksk` (or zsk, or csk) before \
                 its BEGIN line, or a file name that begins with ksk-, zsk- or csk-",
            )
        }),
    }
}

fn warn_sample(key: &Key, warnings: &mut Vec<Fault>) {
    if key.metadata().sample {
        let does = if key.usage() == Use::Signs { "signs" } else { "is published" };
        warnings.push(
            Fault::warning(format!("sample key {} {does}: everybody has it, and can sign as you", key.tag()))
                .in_file(key.file())
                .hint("make a key of your own with `zoneseal keygen ZONE`"),
        );
    }
}

/// The octets of a key file, wiped when dropped.
///
/// # Errors
/// No such file, a directory, a file that may not be read, or one too large to hold keys.
pub fn read_secret(path: &Path) -> Result<Zeroizing<Vec<u8>>> {
    read(path).map(|(text, _)| text)
}

fn read(path: &Path) -> Result<(Zeroizing<Vec<u8>>, FileMetadata)> {
    let file = path.display().to_string();
    let failed = |error: std::io::Error| {
        let fault = Fault::error(format!("cannot read the key file: {}", io_cause(&error))).in_file(&file);
        match error.kind() {
            ErrorKind::PermissionDenied => fault.hint("run as the user who owns the key"),
            ErrorKind::NotFound => fault.hint("`zoneseal keygen ZONE` makes keys"),
            _ => fault,
        }
    };
    let handle = File::open(path).map_err(failed)?;
    let status = handle.metadata().map_err(failed)?;
    if status.is_dir() {
        return Err(Fault::error("cannot read the key file: it is a directory")
            .in_file(&file)
            .hint("a directory of keys is named with --keys"));
    }
    let too_large = || Fault::error("too large to be a key file").in_file(&file);
    if status.len() > LARGEST {
        return Err(too_large());
    }
    // all the room at once: growing would leave copies of the key behind in freed memory
    let room = if status.is_file() { status.len() + 1 } else { LARGEST + 1 };
    let mut text = Zeroizing::new(Vec::with_capacity(usize::try_from(room).unwrap_or_default()));
    handle.take(room).read_to_end(&mut text).map_err(failed)?;
    if text.len() as u64 > LARGEST {
        return Err(too_large());
    }
    Ok((text, status))
}

/// The system's words, in the case of ours and without the number.
pub(super) fn io_cause(error: &std::io::Error) -> String {
    let text = error.to_string().to_lowercase();
    text.split(" (os error").next().unwrap_or_default().to_owned()
}

#[cfg(unix)]
fn open_to_others(status: &FileMetadata) -> Option<Fault> {
    use std::os::unix::fs::PermissionsExt;
    let mode = status.permissions().mode() & 0o777;
    (status.is_file() && mode & 0o077 != 0).then(|| {
        Fault::warning(format!("the private key is open to others than its owner (mode {mode:04o})"))
            .hint("chmod 600 FILE")
    })
}

#[cfg(not(unix))]
fn open_to_others(_: &FileMetadata) -> Option<Fault> {
    None
}
