//! A key file that was read: from what it holds to keys of a zone.
//!
//! In: a file in PEM, or a key pair of BIND or ldns. Out: its keys, each with the zone and the role that the
//! user, the file or its name says; every key at fault is told of.

use super::bind::Pair;
use super::key::{Key, wrong_zone, zone_file_name};
use super::pem::{self, PemKey};
use super::role::Role;
use super::secret::{open_to_others, read};
use crate::dns::NameBuf;
use crate::dns::time::Time;
use crate::error::{Fault, Faults, Place, Result};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What says whose keys a file holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// The user, by naming the file.
    Named,
    /// The folder it is in.
    Folder,
    /// Its Zone lines; keys of other zones are passed over.
    Metadata,
}

/// A key file that was read.
pub(super) struct Opened {
    path: PathBuf,
    /// The path, for messages; of a pair it is that of the private file.
    file: String,
    pub(super) keys: Vec<PemKey>,
    status: std::fs::Metadata,
}

impl Opened {
    /// A file in PEM.
    pub(super) fn pem(path: &Path) -> Result<Self> {
        let file = path.display().to_string();
        let (text, status) = read(path)?;
        Ok(Self { path: path.to_owned(), keys: pem::parse(&text, &file)?, file, status })
    }

    /// A file in PEM, or a pair.
    pub(super) fn file(path: &Path, role: Option<Role>, now: Time) -> Result<Self> {
        let Some(pair) = Pair::named(path) else { return Self::pem(path) };
        let (key, status) = pair.read(role, now)?;
        let path = pair.private();
        Ok(Self { file: path.display().to_string(), path, keys: vec![key], status })
    }

    /// Its keys, which must all be of `zone` unless `owner` is their metadata.
    pub(super) fn keys_of(
        self,
        zone: &NameBuf,
        role: Option<Role>,
        owner: Owner,
        warnings: &mut Vec<Fault>,
    ) -> std::result::Result<Vec<Key>, Faults> {
        let Self { path, file, keys: pems, status } = self;
        let (mut keys, mut faults) = (Vec::new(), Faults::new());
        for pem in pems {
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
            match role_of(&pem, role, &path)
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

    /// What `make` makes of each of its keys, and warnings. Without `zone`, each is of the zone that it says.
    pub(super) fn each<T>(
        self,
        zone: Option<&NameBuf>,
        role: Option<Role>,
        make: fn(PemKey, &NameBuf, Role, &str) -> Result<T>,
    ) -> std::result::Result<(Vec<T>, Vec<Fault>), Faults> {
        let Self { path, file, keys: pems, status } = self;
        let (mut made, mut faults) = (Vec::new(), Faults::new());
        for pem in pems {
            let nobody = || {
                Fault::error("nothing says of which zone this key is")
                    .hint("name the zone with -o, or put a line `Zone: NAME` before the key's BEGIN line")
            };
            let bound = zone.cloned().or_else(|| pem.metadata.zone.clone()).ok_or_else(nobody);
            let bound = bound.and_then(|zone| Ok((zone, role_of(&pem, role, &path)?)));
            let bound = bound.map_err(|fault| at(fault, &pem, &file));
            match bound.and_then(|(zone, role)| make(pem, &zone, role, &file)) {
                Ok(key) => made.push(key),
                Err(fault) => faults.push(fault),
            }
        }
        if faults.errors() > 0 {
            return Err(faults);
        }
        Ok((made, open_to_others(&status).map(|fault| fault.in_file(&file)).into_iter().collect()))
    }
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
