//! `zoneseal key list`: a table of all keys.

use super::{Format, describe, warn};
use crate::cli::{Failure, World, report, zone_name};
use crate::error::Faults;
use crate::keys::{self, Key};
use clap::Args;
use std::path::PathBuf;

/// Arguments of `key list`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  zoneseal key list example.org")]
pub(super) struct ListArgs {
    /// Zones whose keys to list; without any, all
    #[arg(value_name = "ZONE")]
    zones: Vec<String>,
    /// Where keys are: DIR/ZONE/*.pem, or a flat folder of keys that name their zone
    #[arg(long, value_name = "DIR", default_value = "keys")]
    keys: PathBuf,
    /// How to print them
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

/// Prints the keys that can be read, and fails if there are others.
pub(super) fn run(args: &ListArgs, world: &World) -> Result<(), Failure> {
    let mut zones = args.zones.iter().map(|zone| zone_name(zone)).collect::<Result<Vec<_>, _>>()?;
    if zones.is_empty() {
        zones = keys::zones_in(&args.keys)?;
    }
    let (mut found, mut faults): (Vec<Key>, _) = (Vec::new(), Faults::new());
    for zone in &zones {
        match keys::load_all(&args.keys, zone) {
            Ok(loaded) => {
                warn(world, &loaded.warnings);
                for key in loaded.keys {
                    match describe::as_of(key, world.now) {
                        Ok(key) => found.push(key),
                        Err(fault) => faults.push(fault),
                    }
                }
            }
            Err(more) => faults.extend(more),
        }
    }
    if found.is_empty() && faults.errors() == 0 {
        world.report.note(&format!("there are no keys in {}", args.keys.display()));
    }
    let text = match args.format {
        Format::Text => table(&found, world),
        Format::Json => {
            let objects =
                found.iter().map(|key| describe::object(key, world.now)).collect::<Result<_, _>>()?;
            describe::array(objects)
        }
    };
    report::print(text.as_bytes())?;
    if faults.errors() > 0 { Err(faults.into()) } else { Ok(()) }
}

/// The head and a line a key, in columns; columns in which no key has a time are left out.
fn table(keys: &[Key], world: &World) -> String {
    if keys.is_empty() {
        return String::new();
    }
    let mut rows = vec![describe::COLUMNS.map(str::to_owned)];
    rows.extend(keys.iter().map(|key| describe::row(key, world.now)));
    let used: Vec<usize> = (0..describe::COLUMNS.len())
        .filter(|&column| rows[1..].iter().any(|row| row[column] != "-"))
        .collect();
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or_default();
    let widths: Vec<usize> = (0..describe::COLUMNS.len()).map(width).collect();
    let mut text = String::new();
    for row in &rows {
        let cells: Vec<String> =
            used.iter().map(|&column| format!("{:<width$}", row[column], width = widths[column])).collect();
        text += cells.join("  ").trim_end();
        text.push('\n');
    }
    text
}
