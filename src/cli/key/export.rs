//! `zoneseal key export`: key pairs of BIND of PEM files.

use super::warn;
use crate::cli::{Failure, World, count, report, zone_name};
use crate::error::{Fault, Faults};
use crate::keys::{self, NewKey};
use clap::Args;
use std::path::{Path, PathBuf};

/// Arguments of `key export`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  zoneseal key export --bind -d /etc/bind/keys keys/example.org/*.pem\n\n\
    Makes KZONE+ALG+TAG.key and .private of each, in the format of BIND (v1.3), and prints what their names have \
    in common.")]
pub(super) struct ExportArgs {
    /// Keys: PEM files
    #[arg(value_name = "KEY", required = true)]
    files: Vec<PathBuf>,
    /// As key pairs of BIND, which ldns reads too
    #[arg(long, required = true)]
    bind: bool,
    /// The folder to put them into
    #[arg(short, long, value_name = "DIR", default_value = ".")]
    dir: PathBuf,
    /// The zone's name, where a key does not say it
    #[arg(short, long, value_name = "NAME")]
    origin: Option<String>,
}

/// Reads all, then writes each pair.
pub(super) fn run(args: &ExportArgs, world: &World) -> Result<(), Failure> {
    let origin = args.origin.as_deref().map(zone_name).transpose()?;
    let (mut found, mut faults): (Vec<NewKey>, _) = (Vec::new(), Faults::new());
    for file in &args.files {
        match keys::copy_file(file, origin.as_ref(), None, world.now) {
            Ok(copies) => {
                warn(world, &copies.warnings);
                for key in copies.keys {
                    warn(world, &told(&key, file));
                    found.push(key);
                }
            }
            Err(more) => faults.extend(more),
        }
    }
    if faults.errors() > 0 {
        return Err(faults.into());
    }
    let mut bases = String::new();
    for key in &found {
        bases += &keys::write_pair(&args.dir, key)?.display().to_string();
        bases.push('\n');
    }
    report::print(bases.as_bytes())?;
    Ok(())
}

/// What the pair does not say, or says otherwise to BIND.
fn told(key: &NewKey, file: &Path) -> Vec<Fault> {
    let metadata = &key.metadata;
    let warning = |message: String| Fault::warning(message).in_file(&file.display().to_string());
    let mut told = Vec::new();
    let left = keys::bind::without_place(metadata);
    if left > 0 {
        let lines = count(left, "line");
        told.push(warning(format!("left out of the key pair: {lines} for which BIND has no place")));
    }
    if metadata.publish.is_none() || metadata.activate.is_none() {
        told.push(
            warning(
                "the key lacks a Publish or an Activate time: `dnssec-signzone -S` does not sign with it"
                    .to_owned(),
            )
            .hint("`dnssec-settime -P now -A now` gives it both"),
        );
    }
    told
}
