//! Making new keys and writing them to files.
//!
//! In: zone, role, algorithm and size, or a key of another file. Out: [`NewKey`], and the file `KEYS/ZONE/ROLE-ALG-TAG.pem`: PKCS#8 in
//! PEM (RFC 5958, RFC 7468) with its metadata before it, readable by its owner alone.

use super::algorithm::Algorithm;
use super::key::{Key, revoked_tag, zone_file_name};
use super::load::load_all;
use super::material::{Curve, Material};
use super::metadata::Metadata;
use super::pem::{self, PemKey};
use super::private::{self, PrivateKey};
use super::public::key_tag;
use super::role::Role;
use crate::dns::NameBuf;
use crate::dns::time::Time;
use crate::error::{Fault, Result};
use rsa::pkcs1::EncodeRsaPrivateKey;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// A key with its secret, to be put into a file of its own: one just made, or one of another file. Its `Debug`
/// shows no secret.
pub struct NewKey {
    /// What its file will say about it; times may be set before it is written.
    pub metadata: Metadata,
    zone: NameBuf,
    role: Role,
    algorithm: Algorithm,
    rdata: Vec<u8>,
    der: Zeroizing<Vec<u8>>,
}

/// Makes a key that is published and active from `now` on. `bits` is for RSA alone: 2048 (the default), 3072
/// or 4096. `taken` are the key tags the new key must not have, now or once revoked (RFC 4034, appendix B;
/// RFC 5011, section 2.1): those of the zone's keys of this algorithm, and their revoked tags.
///
/// # Errors
/// A size that does not fit the algorithm; no random numbers from the system; all tags taken.
pub fn generate(
    zone: &NameBuf,
    role: Role,
    algorithm: Algorithm,
    bits: Option<u32>,
    taken: &[u16],
    now: Time,
) -> Result<NewKey> {
    // with a hundred keys a try collides once in 160 times: so many in a row are no accident
    for _ in 0..64 {
        let material = make(algorithm, bits)?;
        let public = PrivateKey::from_material(&material, Some(algorithm))?.public_key();
        let head = [&role.flags().to_be_bytes()[..], &[3, algorithm.number()]].concat();
        let rdata = [head, public].concat();
        let tag = key_tag(&rdata);
        if taken.contains(&tag) || taken.contains(&revoked_tag(&rdata)) {
            continue;
        }
        let zone = zone.clone().to_lower_case();
        let metadata = Metadata {
            zone: Some(zone.clone()),
            role: Some(role),
            algorithm: Some(algorithm),
            key_tag: Some(tag),
            created: Some(now),
            publish: Some(now),
            activate: Some(now),
            ..Metadata::default()
        };
        return Ok(NewKey { metadata, zone, role, algorithm, rdata, der: material.to_pkcs8() });
    }
    Err(Fault::error(format!("no {algorithm} key with a key tag that is free was found"))
        .hint("remove old keys from the zone's folder"))
}

fn make(algorithm: Algorithm, bits: Option<u32>) -> Result<Material> {
    let curve = match algorithm {
        Algorithm::RsaSha256 | Algorithm::RsaSha512 => return make_rsa(bits.unwrap_or(2048)),
        Algorithm::EcdsaP256Sha256 => Some(Curve::P256),
        Algorithm::EcdsaP384Sha384 => Some(Curve::P384),
        Algorithm::Ed25519 => None,
    };
    if let Some(bits) = bits {
        return Err(Fault::error(format!("{bits} bits: the size of an {algorithm} key is fixed"))
            .hint("only RSA keys have a size to choose"));
    }
    private::generate(curve)
}

fn make_rsa(bits: u32) -> Result<Material> {
    if !matches!(bits, 2048 | 3072 | 4096) {
        return Err(Fault::error(format!("an RSA key of {bits} bits cannot sign"))
            .hint("ring, which makes the signatures, takes 2048, 3072 and 4096 bits"));
    }
    let failed = || Fault::error("making an RSA key failed: the system gave no random numbers");
    let key = rsa::PrivateKey::new(&mut getrandom::SysRng, bits as usize).map_err(|_| failed())?;
    let der = key.to_pkcs1_der().map_err(|_| failed())?;
    Material::from_pkcs1(der.as_bytes())
}

impl NewKey {
    /// The private key `pem` of `file`, as a key of `zone` with this role; its metadata say so from here on.
    ///
    /// # Errors
    /// As [`Key::new`].
    pub(super) fn from_pem(pem: PemKey, zone: &NameBuf, role: Role, file: &str) -> Result<Self> {
        let der = pem.material().map(|material| material.to_pkcs8());
        let key = Key::new(pem, zone, role, file)?;
        let (zone, algorithm) = (key.zone().clone(), key.algorithm());
        let metadata = Metadata {
            zone: Some(zone.clone()),
            role: Some(role),
            algorithm: Some(algorithm),
            key_tag: Some(key.tag()),
            ..key.metadata().clone()
        };
        Ok(Self { metadata, zone, role, algorithm, rdata: key.rdata().to_vec(), der: der? })
    }

    pub(super) fn material(&self) -> Result<Material> {
        Material::from_pkcs8(&self.der)
    }

    /// The zone it is for, in lower case.
    #[must_use]
    pub fn zone(&self) -> &NameBuf {
        &self.zone
    }

    /// What it is for.
    #[must_use]
    pub fn role(&self) -> Role {
        self.role
    }

    /// Its algorithm.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Its key tag.
    #[must_use]
    pub fn tag(&self) -> u16 {
        key_tag(&self.rdata)
    }

    /// The key tag its DNSKEY has once it is revoked.
    #[must_use]
    pub fn revoked_tag(&self) -> u16 {
        revoked_tag(&self.rdata)
    }

    /// The RDATA of its DNSKEY.
    #[must_use]
    pub fn rdata(&self) -> &[u8] {
        &self.rdata
    }

    /// Its file's name: role, algorithm in three digits, key tag in five, as in `ksk-013-12345.pem`.
    #[must_use]
    pub fn file_name(&self) -> String {
        format!("{}-{:03}-{:05}.pem", self.role, self.algorithm.number(), self.tag())
    }

    /// Its file's text: the metadata, and the key in PEM. Wiped when dropped.
    #[must_use]
    pub fn text(&self) -> Zeroizing<String> {
        pem::write(&self.metadata, &self.der)
    }
}

impl fmt::Debug for NewKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NewKey({} {} {} {})", self.zone, self.role, self.algorithm, self.tag())
    }
}

/// Writes a new key to `DIR/ZONE/ROLE-ALG-TAG.pem` and returns that path. The folders are made where they are
/// missing, open to their owner alone; the file is so from its first moment, and is on the disk when this
/// returns.
///
/// # Errors
/// The file exists (it is never overwritten); `dir` itself has keys of the zone, which the new folder would
/// hide from [`load_dir`](super::load_dir); or a folder or the file cannot be written. No part of the file is
/// left behind.
pub fn write_new(dir: &Path, key: &NewKey) -> Result<PathBuf> {
    let folder = dir.join(zone_file_name(key.zone.as_name()));
    if !folder.exists() && load_all(dir, &key.zone).is_ok_and(|loaded| !loaded.keys.is_empty()) {
        let name = zone_file_name(key.zone.as_name());
        return Err(Fault::error(format!("the directory has keys of {} beside this key's folder", key.zone))
            .in_file(&dir.display().to_string())
            .hint(format!(
                "move them into the folder {name}/ there: once it exists, only its keys are used"
            )));
    }
    make_folder(&folder).map_err(|error| {
        failed("cannot make the folder for keys", &error).in_file(&folder.display().to_string())
    })?;
    let path = folder.join(key.file_name());
    write_whole(&path, key.text().as_bytes(), 0o600)?;
    Ok(path)
}

/// Makes a file with this text and mode, less the umask. It is on the disk when this returns; none is
/// overwritten, and on an error no part of it is left behind.
pub(super) fn write_whole(path: &Path, text: &[u8], mode: u32) -> Result<()> {
    let name = path.display().to_string();
    let mut file = create(path, mode).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => {
            Fault::error("the key file exists already, and keys are never overwritten").in_file(&name)
        }
        _ => failed("cannot make the key file", &error).in_file(&name),
    })?;
    if let Err(error) = file.write_all(text).and_then(|()| file.sync_all()) {
        drop(file);
        // the first error is the one to tell
        let _ = fs::remove_file(path);
        return Err(failed("cannot write the key file", &error).in_file(&name));
    }
    flush_folder(path);
    Ok(())
}

/// Sees to it that a file's name, too, outlives a crash; not every system lets a folder be opened for that.
pub(super) fn flush_folder(path: &Path) {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}

fn failed(what: &str, error: &io::Error) -> Fault {
    Fault::error(format!("{what}: {}", super::secret::io_cause(error)))
}

fn make_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(path)
}

fn create(path: &Path, mode: u32) -> io::Result<File> {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    options.write(true).create_new(true).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_checked() {
        let make = |algorithm, bits| {
            generate(&NameBuf::root(), Role::Ksk, algorithm, Some(bits), &[], Time(0)).unwrap_err()
        };
        assert!(make(Algorithm::RsaSha256, 1024).message().contains("1024 bits cannot sign"));
        assert!(make(Algorithm::EcdsaP256Sha256, 256).message().contains("is fixed"));
    }

    #[test]
    fn the_file_says_what_the_key_is() {
        let zone = NameBuf::from_text("Example.org").unwrap();
        let key = generate(&zone, Role::Zsk, Algorithm::EcdsaP384Sha384, None, &[], Time(0)).unwrap();
        let text = key.text();
        let expected = format!(
            "Zone: example.org.\nRole: zsk\nAlgorithm: ECDSAP384SHA384\nKey-Tag: {}\nCreated: 1970-01-01T00:00:00Z\n\
             Publish: 1970-01-01T00:00:00Z\nActivate: 1970-01-01T00:00:00Z\n-----BEGIN PRIVATE KEY-----\n",
            key.tag()
        );
        assert!(text.starts_with(&expected));
        assert_eq!(key.file_name(), format!("zsk-014-{:05}.pem", key.tag()));
        assert_eq!(key.rdata()[..4], [1, 0, 3, 14]);
        assert_eq!(format!("{key:?}"), format!("NewKey(example.org. zsk ECDSAP384SHA384 {})", key.tag()));
    }
}
