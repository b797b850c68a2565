//! Key pairs of BIND and ldns: two files, `Kexample.org.+013+12345.key` with the DNSKEY and `….private` with
//! the secret numbers and, from BIND, the times.
//!
//! In: a path that names a pair. Out: its key as a [`PemKey`], from which on it is a key like any other; and
//! the way back, a pair of files for a key. Both halves, the file's name and the key itself must agree.

mod private;
mod public;

pub use private::without_place;
pub use public::ttl_of_pair;

use super::algorithm::Algorithm;
use super::generate::{NewKey, write_whole};
use super::key::{revoked_tag, zone_file_name, zone_of_file_name};
use super::pem::PemKey;
use super::private::PrivateKey;
use super::public::key_tag;
use super::role::{REVOKE, Role};
use super::secret::read;
use crate::dns::time::Time;
use crate::dns::{Name, NameBuf};
use crate::error::{Fault, Result};
use private::Private;
use public::Public;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

/// The files of a pair.
pub(super) struct Pair {
    base: OsString,
}

impl Pair {
    /// The pair that a path names: by either of its files, by what their names have in common, with or without
    /// the dot after that, where a shell's completion stops. `None`: it names no pair, or what it names is PEM.
    #[must_use]
    pub(super) fn named(path: &Path) -> Option<Self> {
        let ending = |ending| path.extension().is_some_and(|extension| extension == ending);
        if ending("private") || ending("key") {
            // others give PEM files such names too
            return (!is_pem(path)).then(|| Self { base: path.with_extension("").into_os_string() });
        }
        let name = path.as_os_str().to_str().map(|name| name.trim_end_matches('.'));
        let bases = [Some(path.as_os_str().to_owned()), name.map(OsString::from)];
        let mut pairs = bases.into_iter().flatten().map(|base| Self { base });
        if path.exists() {
            None
        } else {
            pairs.find(|pair| pair.private().exists() || pair.public().exists())
        }
    }

    fn file(&self, ending: &str) -> PathBuf {
        let mut name = self.base.clone();
        name.push(ending);
        PathBuf::from(name)
    }

    /// The path without its ending: the same for all files of a pair.
    pub(super) fn base(&self) -> &Path {
        Path::new(&self.base)
    }

    pub(super) fn private(&self) -> PathBuf {
        self.file(".private")
    }

    fn public(&self) -> PathBuf {
        self.file(".key")
    }

    /// Whether there is no `.key` file to say what the key is for.
    pub(super) fn is_private_alone(&self) -> bool {
        self.private().exists() && !self.public().exists()
    }

    /// Reads the pair. `role` is what the user says it is for. A key whose DNSKEY has the REVOKE flag gets a
    /// Revoke time, `now` if it had none that has passed. With it: what the system knows of the private file.
    ///
    /// # Errors
    /// A half that is missing or cannot be read; a key that cannot sign; halves, a file's name or a role that
    /// disagree.
    pub(super) fn read(&self, role: Option<Role>, now: Time) -> Result<(PemKey, fs::Metadata)> {
        let file = self.private();
        if !file.exists() && self.public().exists() {
            return Err(Fault::error("the private half of the pair is missing")
                .in_file(&file.display().to_string())
                .hint("the .private file lies where the key was made: put it beside the .key file"));
        }
        let (private, status) = read(&file)?;
        let there = |path: PathBuf| path.exists().then(|| read(&path).map(|(text, _)| text)).transpose();
        let (public, state) = (there(self.public())?, there(self.file(".state"))?);
        let texts = Texts {
            private: &private,
            public: public.as_deref().map(Vec::as_slice),
            state: state.as_deref().map(Vec::as_slice),
        };
        Ok((parse(texts, self.base(), role, now)?, status))
    }
}

/// What the files of a pair hold; two of them may be missing.
#[derive(Clone, Copy)]
pub struct Texts<'a> {
    /// The `.private` file.
    pub private: &'a [u8],
    /// The `.key` file.
    pub public: Option<&'a [u8]>,
    /// The `.state` file that named keeps.
    pub state: Option<&'a [u8]>,
}

/// The key of a pair whose files are read already; `base` is what their names have in common. `role` and `now`
/// are as the command line has them.
///
/// # Errors
/// A half that cannot be read; a key that cannot sign; halves, a file's name or a role that disagree.
pub fn parse(texts: Texts<'_>, base: &Path, role: Option<Role>, now: Time) -> Result<PemKey> {
    let (file, key_file) = (format!("{}.private", base.display()), format!("{}.key", base.display()));
    let private = private::parse(texts.private, &file)?;
    let mut public = texts.public.map(|text| public::parse(text, &key_file)).transpose()?;
    if let (Some(public), Some(state)) = (&mut public, texts.state) {
        public.said.read_state(&String::from_utf8_lossy(state));
    }
    let name = base.file_name().unwrap_or_default().to_string_lossy();
    let name = FileName::parse(&name).unwrap_or_default();
    bind(private, public.as_ref(), role, &name, now).map_err(|fault| fault.in_file(&file))
}

fn is_pem(path: &Path) -> bool {
    let marker = b"-----BEGIN ";
    path.is_file()
        && read(path).is_ok_and(|(text, _)| text.windows(marker.len()).any(|window| window == marker))
}

/// What the name of a pair's files says: all of it, or nothing.
#[derive(Default)]
struct FileName {
    zone: Option<NameBuf>,
    algorithm: Option<u8>,
    tag: Option<u16>,
}

impl FileName {
    /// Reads `K` ZONE `+` ALGORITHM `+` TAG.
    fn parse(name: &str) -> Option<Self> {
        let mut parts = name.strip_prefix('K')?.rsplitn(3, '+');
        let (tag, algorithm, zone) = (parts.next()?, parts.next()?, parts.next()?);
        let digits = |text: &str, length| text.len() == length && text.bytes().all(|o| o.is_ascii_digit());
        if !digits(algorithm, 3) || !digits(tag, 5) {
            return None;
        }
        Some(Self {
            zone: zone_of_file_name(zone),
            algorithm: Some(algorithm.parse().ok()?),
            tag: Some(tag.parse().ok()?),
        })
    }

    /// Whether the name, if it is of this form, agrees with the key.
    fn check(&self, algorithm: Algorithm, role: Role, tag: u16, public: Option<&Public>) -> Result<()> {
        let fault = |message: String| Err(Fault::error(message).hint(RENAMED));
        let number = algorithm.number();
        if let Some(other) = self.algorithm.filter(|other| *other != number) {
            return fault(format!("the file's name says algorithm {other}, but the key is one for {number}"));
        }
        if let Some(named) = self.tag.filter(|named| *named != tag) {
            let told =
                format!("the file's name says key tag {named}, but the key's tag as a {role} is {tag}");
            return Err(Fault::error(told).hint(if public.is_some() { RENAMED } else { ROLE_OR_NAME }));
        }
        let owner = public.map(|public| &public.owner);
        match (owner, &self.zone) {
            (Some(owner), Some(named)) if owner != named => {
                fault(format!("the file's name says zone {named}, but the DNSKEY is one of {owner}"))
            }
            _ => Ok(()),
        }
    }
}

/// The common part of the names of a pair's files.
fn base_name(zone: Name<'_>, algorithm: u8, tag: u16) -> String {
    let zone = if zone.is_root() { String::new() } else { zone_file_name(zone) };
    format!("K{zone}.+{algorithm:03}+{tag:05}")
}

/// Puts the halves together.
fn bind(
    private: Private,
    public: Option<&Public>,
    role: Option<Role>,
    name: &FileName,
    now: Time,
) -> Result<PemKey> {
    let Private { algorithm, material, mut metadata, padded } = private;
    let key = PrivateKey::from_material(&material, Some(algorithm))?.public_key();
    match public {
        Some(public) => same_key(public, algorithm, &key)?,
        None if padded > 0 => {
            let told =
                "the Ed25519 key is shorter than 32 octets, and no .key file proves that zeros are missing";
            return Err(Fault::error(told).hint("put the .key file back beside it"));
        }
        None => {}
    }
    let role = role_of(public, role)?;
    let rdata = [&role.flags().to_be_bytes()[..], &[3, algorithm.number()], &key].concat();
    let (tag, later) = (key_tag(&rdata), revoked_tag(&rdata));
    let revoked = public.map_or(name.tag == Some(later), |public| public.flags() & REVOKE != 0);
    name.check(algorithm, role, if revoked { later } else { tag }, public)?;
    if revoked {
        metadata.revoke = Some(metadata.revoke.map_or(now, |time| time.min(now)));
    }
    let zone = public.map(|public| &public.owner).or(name.zone.as_ref());
    metadata.zone = zone.map(|zone| zone.clone().to_lower_case());
    (metadata.role, metadata.algorithm, metadata.key_tag) = (Some(role), Some(algorithm), Some(tag));
    if let Some(Public { said, ttl, .. }) = public {
        metadata.ds_published = metadata.ds_published.or(said.ds_published);
        metadata.ds_withdrawn = metadata.ds_withdrawn.or(said.ds_withdrawn);
        metadata.sample |= said.sample;
        let line = ttl.map(|ttl| (public::TTL_LINE.to_owned(), ttl.to_string()));
        metadata.unknown.extend(line);
    }
    Ok(PemKey::new(metadata, material.to_pkcs8()))
}

/// Whether the DNSKEY is that of the private key.
fn same_key(public: &Public, algorithm: Algorithm, key: &[u8]) -> Result<()> {
    let (ours, theirs) = (algorithm.number(), public.rdata[3]);
    if ours != theirs {
        let fault =
            Fault::error(format!("the private half is for algorithm {ours}, the public half for {theirs}"));
        return Err(fault.hint(SWAPPED));
    }
    if public.rdata[4..] != *key {
        let fault = Fault::error("the DNSKEY in the .key file does not belong to this private key");
        return Err(fault.hint(SWAPPED));
    }
    Ok(())
}

const SWAPPED: &str = "the two files of the pair were mixed up or damaged: restore both from a backup";
const RENAMED: &str =
    "the file was renamed or mixed up with another: restore both files of the pair from a backup";
const ROLE_OR_NAME: &str = "either the key is for something else (ksk, zsk or csk) or the file was renamed";

/// The role: as the user says, or else as the pair says; the flags of the DNSKEY must fit either.
fn role_of(public: Option<&Public>, given: Option<Role>) -> Result<Role> {
    let Some(public) = public else {
        return given.ok_or_else(|| {
            Fault::error("nothing says what this key is for: its .key file is missing").hint(
                "put the .key file back beside it, or say what the key is for: --ksk, --zsk or --csk FILE to sign, \
                 --role to import",
            )
        });
    };
    let flags = public.flags();
    let fits = |role: &Role| role.flags() == flags & !REVOKE;
    match given {
        Some(role) if !fits(&role) => {
            let kind = if fits(&Role::Zsk) { "a zsk" } else { "a ksk or a csk" };
            Err(Fault::error(format!(
                "the key is named as a {role}, but its DNSKEY has flags {flags}: it is {kind}"
            ))
            .hint("with other flags it would be another DNSKEY, with another key tag"))
        }
        Some(role) => Ok(role),
        None if fits(&Role::Zsk) => Ok(Role::Zsk),
        None => Ok(public.said.role.filter(fits).unwrap_or(Role::Ksk)),
    }
}

/// Writes the two files of `key` into `dir` and returns what their names have in common. The private one is
/// made first, readable by its owner alone; none is overwritten, and on an error none is left behind.
///
/// # Errors
/// One of the files exists, or cannot be written.
pub fn write_pair(dir: &Path, key: &NewKey) -> Result<PathBuf> {
    let (zone, metadata) = (key.zone().as_name(), &key.metadata);
    let folder = if dir == Path::new(".") { Path::new("") } else { dir };
    let base = folder.join(base_name(zone, key.algorithm().number(), key.tag())).into_os_string();
    let pair = Pair { base };
    if !dir.is_dir() {
        return Err(Fault::error("no such folder for the key pair")
            .in_file(&dir.display().to_string())
            .hint("make it first, open to its owner alone: mkdir -m 700 DIR"));
    }
    if pair.public().exists() {
        return Err(Fault::error("the file exists already, and keys are never overwritten")
            .in_file(&pair.public().display().to_string()));
    }
    let secret = private::text(&key.material()?, key.algorithm(), metadata);
    write_whole(&pair.private(), secret.as_bytes(), 0o600)?;
    let public = public::text(zone, key.role(), key.rdata(), metadata);
    if let Err(fault) = write_whole(&pair.public(), public.as_bytes(), 0o666) {
        // the first error is the one to tell
        let _ = fs::remove_file(pair.private());
        return Err(fault);
    }
    Ok(pair.base().to_owned())
}

/// The pairs of `zone` that lie in a folder, by their private files' names.
pub(super) fn pairs_in(folder: &Path, zone: &NameBuf) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let of_zone = |path: &PathBuf| {
        let name = path.file_stem().filter(|_| path.extension().is_some_and(|end| end == "private"));
        let name = name.and_then(|name| FileName::parse(&name.to_string_lossy()));
        name.is_some_and(|name| name.zone.as_ref() == Some(zone))
    };
    let mut pairs: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(of_zone).collect();
    pairs.sort();
    pairs
}
