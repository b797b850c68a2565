//! `zoneseal key set`: times of keys.

use crate::cli::{Failure, World, time, usage};
use crate::error::Faults;
use crate::keys::edit::{self, Change};
use clap::Args;
use std::path::PathBuf;

/// Arguments of `key set`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    zoneseal key set --retire +30d --remove +37d keys/example.org/zsk-013-12345.pem\n  \
    zoneseal key set --ds-published now keys/example.org/ksk-013-54321.pem\n\n\
    TIME is as everywhere, or `none`, which removes the time. Nothing else in the file changes.")]
pub(super) struct SetArgs {
    /// Keys: PEM files
    #[arg(value_name = "KEY", required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    times: Times,
}

/// A time an option.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
struct Times {
    /// When its DNSKEY enters the zone
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    publish: Option<String>,
    /// When it begins to sign
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    activate: Option<String>,
    /// When it ceases to sign; its DNSKEY stays
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    retire: Option<String>,
    /// When its DNSKEY leaves the zone
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    remove: Option<String>,
    /// When its DNSKEY gets the REVOKE flag (RFC 5011): for good, once it was published so
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    revoke: Option<String>,
    /// When its DS was seen at the parent
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    ds_published: Option<String>,
    /// When its DS was seen to be gone from the parent
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    ds_withdrawn: Option<String>,
}

impl Times {
    fn changes(&self, world: &World) -> Result<Vec<Change>, Failure> {
        let options = [
            ("--publish", "Publish", &self.publish),
            ("--activate", "Activate", &self.activate),
            ("--retire", "Retire", &self.retire),
            ("--remove", "Remove", &self.remove),
            ("--revoke", "Revoke", &self.revoke),
            ("--ds-published", "DS-Published", &self.ds_published),
            ("--ds-withdrawn", "DS-Withdrawn", &self.ds_withdrawn),
        ];
        let mut changes = Vec::new();
        for (option, field, text) in options {
            match text.as_deref() {
                None => {}
                Some("none") => changes.push((field, None)),
                Some(text) => changes.push((field, Some(time::parse(option, text, world.now)?))),
            }
        }
        Ok(changes)
    }
}

/// Changes the times of each key; a key that cannot be changed does not keep the others from it.
pub(super) fn run(args: &SetArgs, world: &World) -> Result<(), Failure> {
    let changes = args.times.changes(world)?;
    if changes.is_empty() {
        return Err(usage("no time to set: see `zoneseal key set --help`"));
    }
    let mut faults = Faults::new();
    for file in &args.files {
        match edit::set_times(file, &changes) {
            Ok(metadata) => {
                let stage = metadata.stage(world.now);
                world.report.note(&format!("{}: {stage} now", file.display()));
            }
            Err(fault) => faults.push(fault),
        }
    }
    if faults.errors() > 0 { Err(faults.into()) } else { Ok(()) }
}
