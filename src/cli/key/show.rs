//! `zoneseal key show`: what keys are.

use super::{Format, describe, warn};
use crate::cli::{Failure, World, report, zone_name};
use crate::error::Faults;
use crate::keys;
use clap::Args;
use std::path::PathBuf;

/// Arguments of `key show`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  zoneseal key show keys/example.org/*.pem")]
pub(super) struct ShowArgs {
    /// Keys: PEM files, or key pairs of BIND or ldns
    #[arg(value_name = "KEY", required = true)]
    files: Vec<PathBuf>,
    /// The zone's name, where a key does not say it
    #[arg(short, long, value_name = "NAME")]
    origin: Option<String>,
    /// How to print them
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

/// Prints the keys that can be read, and fails if there are others.
pub(super) fn run(args: &ShowArgs, world: &World) -> Result<(), Failure> {
    let origin = args.origin.as_deref().map(zone_name).transpose()?;
    let (mut texts, mut objects, mut faults) = (Vec::new(), Vec::new(), Faults::new());
    for file in &args.files {
        match keys::open_file(file, origin.as_ref(), world.now) {
            Ok(loaded) => {
                warn(world, &loaded.warnings);
                for key in loaded.keys {
                    let key = describe::as_of(key, world.now)?;
                    texts.push(describe::lines(&key, world.now)?);
                    objects.push(describe::object(&key, world.now)?);
                }
            }
            Err(found) => faults.extend(found),
        }
    }
    let text = match args.format {
        Format::Text => texts.join("\n"),
        Format::Json => describe::array(objects),
    };
    report::print(text.as_bytes())?;
    if faults.errors() > 0 { Err(faults.into()) } else { Ok(()) }
}
