//! `zoneseal key import`: PEM files of the key pairs of BIND and ldns.

use super::warn;
use crate::cli::{Failure, World, report, usage, zone_name};
use crate::dns::time::Time;
use crate::error::{Fault, Faults};
use crate::keys::{self, NewKey, Role};
use clap::{Args, ValueEnum};
use std::fs;
use std::path::{Path, PathBuf};

/// Arguments of `key import`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    zoneseal key import /etc/bind/keys/Kexample.org.*\n  \
    zoneseal key import --role csk Kexample.org.+013+12345\n\n\
    Makes DIR/ZONE/ROLE-ALG-TAG.pem of each and prints its path. The pairs stay as they are; once the zone is \
    signed with the PEM files, put them where you keep secrets. PEM files are taken as well, and get a place \
    and a name.")]
pub(super) struct ImportArgs {
    /// Key pairs, by either file or by what their names have in common; `.ds` and `.state` files are passed over
    #[arg(value_name = "KFILE", required = true)]
    files: Vec<PathBuf>,
    /// Where keys are kept: the files are DIR/ZONE/ROLE-ALG-TAG.pem
    #[arg(long, value_name = "DIR", default_value = "keys")]
    keys: PathBuf,
    /// What the keys sign: ksk the DNSKEYs, zsk the rest, csk everything [default: what the pair says]
    #[arg(long, value_name = "ROLE")]
    role: Option<RoleArg>,
    /// The zone's name, where a key does not say it
    #[arg(short, long, value_name = "NAME")]
    origin: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum RoleArg {
    Ksk,
    Zsk,
    Csk,
}

impl From<RoleArg> for Role {
    fn from(role: RoleArg) -> Self {
        match role {
            RoleArg::Ksk => Self::Ksk,
            RoleArg::Zsk => Self::Zsk,
            RoleArg::Csk => Self::Csk,
        }
    }
}

/// Reads all, then writes all: on an error there are no new files.
pub(super) fn run(args: &ImportArgs, world: &World) -> Result<(), Failure> {
    let origin = args.origin.as_deref().map(zone_name).transpose()?;
    let role = args.role.map(Role::from);
    let (mut found, mut faults): (Vec<NewKey>, _) = (Vec::new(), Faults::new());
    for file in pairs(&args.files) {
        match keys::copy_file(&file, origin.as_ref(), role, world.now) {
            Ok(copies) => {
                warn(world, &copies.warnings);
                for key in copies.keys {
                    warn(world, told(&key, &file, world.now).as_slice());
                    found.push(key);
                }
            }
            Err(more) => faults.extend(more),
        }
    }
    if faults.errors() > 0 {
        return Err(faults.into());
    }
    if found.is_empty() {
        return Err(usage("no key pair among the files: its files are K….private and K….key"));
    }
    let mut written: Vec<PathBuf> = Vec::new();
    for key in &found {
        match keys::write_new(&args.keys, key) {
            Ok(path) => written.push(path),
            Err(fault) => {
                // half an import would be refused when it is tried again; the first error is the one to tell
                for path in &written {
                    let _ = fs::remove_file(path);
                }
                return Err(fault.into());
            }
        }
    }
    let paths: Vec<String> = written.iter().map(|path| path.display().to_string()).collect();
    report::print((paths.join("\n") + "\n").as_bytes())?;
    Ok(())
}

/// The files to read, each pair once: `K*` names both halves, and what else BIND and ldns put beside them.
fn pairs(files: &[PathBuf]) -> Vec<PathBuf> {
    let ending = |file: &Path, endings: &[&str]| {
        file.extension().is_some_and(|found| endings.iter().any(|ending| found == *ending))
    };
    let mut named: Vec<PathBuf> = Vec::new();
    for file in files.iter().filter(|file| !ending(file, &["ds", "state"])) {
        let base = if ending(file, &["key", "private"]) { file.with_extension("") } else { file.clone() };
        let same = |other: &PathBuf| {
            let other =
                if ending(other, &["key", "private"]) { other.with_extension("") } else { other.clone() };
            other == base
        };
        if !named.iter().any(same) {
            named.push(file.clone());
        }
    }
    named
}

/// What a key means to BIND and does not mean here.
fn told(key: &NewKey, file: &Path, now: Time) -> Option<Fault> {
    let metadata = &key.metadata;
    let unused = metadata.created.is_some() && (metadata.publish.is_none() || metadata.activate.is_none());
    unused.then(|| {
        Fault::warning(format!(
            "the key lacks a Publish or an Activate time: BIND does not sign with such a key, zoneseal does from {now} on"
        ))
        .in_file(&file.display().to_string())
        .hint("`zoneseal key set --publish TIME --activate TIME FILE` says when")
    })
}
