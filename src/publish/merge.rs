//! The unsigned zone and the DNSSEC records of a file of their own, record by record, as a server that
//! includes the latter in the former sees them.

use super::pipeline::Mark;
use super::span::Format;
use crate::dns::rrset::{Rrset, Rrsets};
use crate::dns::{Name, Record, Rtype};
use crate::error::Result;
use crate::zone::Zone;
use crate::zonefile::reader::Reader;
use std::ops::ControlFlow;

/// A record of the file, in its own memory.
struct Owned {
    owner: Vec<u8>,
    rtype: Rtype,
    ttl: u32,
    rdata: Vec<u8>,
    line: u32,
}

impl Owned {
    fn record(&self) -> Record<'_> {
        Record { owner: Name::trusted(&self.owner), rtype: self.rtype, ttl: self.ttl, rdata: &self.rdata }
    }
}

/// Calls `each` with all records of a span and their lines, in canonical order of their owners.
///
/// # Errors
/// The text cannot be read.
pub(super) fn records(
    zone: &Zone,
    mark: &Mark,
    format: &Format,
    mut reader: Reader,
    each: &mut dyn FnMut(Record<'_>, u32),
) -> Result<()> {
    let mut pending = next(&mut reader)?;
    let mut sets = Rrsets::default();
    for number in mark.stretch.names.clone() {
        let name = zone.name(number);
        // what is right at or before the name
        let mut until = |before: bool, each: &mut dyn FnMut(Record<'_>, u32)| -> Result<()> {
            loop {
                let flow = match &pending {
                    Some(owned)
                        if (owned.record().owner < name) == before && owned.record().owner <= name =>
                    {
                        each(owned.record(), owned.line);
                        ControlFlow::Continue(())
                    }
                    _ => ControlFlow::Break(()),
                };
                if flow.is_break() {
                    return Ok(());
                }
                pending = next(&mut reader)?;
            }
        };
        until(true, each)?;
        zone.load(number, &mut sets);
        let data = sets.iter().flat_map(Rrset::records);
        data.filter(|record| !format.writes(record.rtype, number == 0)).for_each(|record| each(record, 1));
        until(false, each)?;
    }
    while let Some(owned) = pending {
        each(owned.record(), owned.line);
        pending = next(&mut reader)?;
    }
    Ok(())
}

fn next(reader: &mut Reader) -> Result<Option<Owned>> {
    let entry = reader.next()?;
    Ok(entry.map(|entry| Owned {
        owner: entry.record.owner.wire().to_vec(),
        rtype: entry.record.rtype,
        ttl: entry.record.ttl,
        rdata: entry.record.rdata.to_vec(),
        line: entry.spot.line,
    }))
}
