//! Zone files as commands take them.

use crate::dns::NameBuf;
use crate::error::{Fault, Faults};
use crate::zone::Builder;
use crate::zonefile::reader::Reader;
use std::path::Path;

/// So many warnings of the reader, each of which is about a TTL, are shown; the rest is counted.
const SHOWN: usize = 10;

/// Reads all records into a builder; stops after as many errors as a person wants to see.
pub(super) fn read_zone(
    mut reader: Reader,
    mut builder: Builder,
    warn: &mut dyn FnMut(&Fault),
) -> Result<(Builder, Reader), Faults> {
    let mut faults = Faults::new();
    let mut warned: usize = 0;
    while !faults.full() {
        match reader.next() {
            Ok(Some(entry)) => builder.push(entry.record, entry.spot)?,
            Ok(None) => break,
            Err(fault) => faults.push(fault),
        }
        for warning in reader.warnings() {
            warned += 1;
            if warned <= SHOWN {
                warn(&warning);
            }
        }
    }
    if warned > SHOWN {
        warn(&Fault::warning(format!("and {} more about TTLs", warned - SHOWN)));
    }
    if faults.errors() > 0 { Err(faults) } else { Ok((builder, reader)) }
}

/// The zone that a file is named for: `NAME.zone`, `NAME.db`, `db.NAME` or `NAME`.
pub(super) fn name_of_file(path: &Path) -> Option<NameBuf> {
    let name = path.file_name()?.to_str().filter(|name| *name != "-")?;
    let name = name.strip_suffix(".signed").unwrap_or(name);
    let name = name.strip_suffix(".zone").or_else(|| name.strip_suffix(".db")).unwrap_or(name);
    let name = name.strip_prefix("db.").unwrap_or(name);
    NameBuf::from_text(if name == "@" { "." } else { name }).ok()
}
