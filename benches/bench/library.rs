//! The library alone, on one core: text → records, records → zone, ordered records → text. What is counted
//! is processor time of the measuring thread, so that a busy machine does not show.

use crate::table::median;
use nix::time::{ClockId, clock_gettime};
use std::hint::black_box;
use std::path::Path;
use std::time::Duration;
use zoneseal::dns::{Class, Name, NameBuf, Record, Rtype, text};
use zoneseal::error::Faults;
use zoneseal::source::Sources;
use zoneseal::zone::builder::OutOfZone;
use zoneseal::zone::{Builder, Zone};
use zoneseal::zonefile::fields::Types;
use zoneseal::zonefile::reader::Reader;
use zoneseal::zonefile::writer::Writer;

/// Processor time of this thread.
fn clock() -> Duration {
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).expect("Linux has this clock").into()
}

/// Seconds that `work` takes: the median of so many runs.
fn seconds(runs: usize, mut work: impl FnMut()) -> f64 {
    let run = |_| {
        let start = clock();
        work();
        clock().saturating_sub(start).as_secs_f64()
    };
    median((0..runs).map(run).collect())
}

/// Megabytes of text, and how many a second are read, file → records.
pub(crate) fn read(path: &Path, runs: usize) -> Result<(f64, f64), Faults> {
    let size = megabytes(std::fs::metadata(path).map_or(0, |meta| meta.len()));
    let mut outcome = Ok(());
    let taken = seconds(runs, || outcome = read_all(path));
    outcome?;
    Ok((size, size / taken))
}

#[inline(never)] // so that profilers see it
fn read_all(path: &Path) -> Result<(), Faults> {
    let mut reader = Reader::open(path, None)?;
    while let Some(entry) = reader.next()? {
        black_box(entry.record);
    }
    Ok(())
}

/// What putting a zone together takes.
#[derive(Debug)]
pub(crate) struct Sealing {
    /// Records of the zone.
    pub(crate) records: usize,
    /// Seconds of reading and collecting.
    pub(crate) collect: f64,
    /// Seconds of sealing.
    pub(crate) seal: f64,
}

/// Measures putting a zone together, and returns it.
pub(crate) fn seal(path: &Path, runs: usize) -> Result<(Sealing, Zone), Faults> {
    let (mut collect, mut seal) = (Vec::new(), Vec::new());
    loop {
        let start = clock();
        let mut reader = Reader::open(path, None)?;
        let mut builder = Builder::new();
        while let Some(entry) = reader.next()? {
            builder.push(entry.record, entry.spot)?;
        }
        let read = clock();
        let apex = builder.soa_owner().unwrap_or_else(NameBuf::root);
        let (zone, _) = builder.seal(&apex, reader.class(), Sources::default(), OutOfZone::Refuse)?;
        collect.push(read.saturating_sub(start).as_secs_f64());
        seal.push(clock().saturating_sub(read).as_secs_f64());
        if seal.len() >= runs {
            let sealing =
                Sealing { records: zone.counts().records, collect: median(collect), seal: median(seal) };
            return Ok((sealing, zone));
        }
    }
}

/// Records in the order they are written in, their octets side by side.
struct Ordered {
    octets: Vec<u8>,
    items: Vec<Item>,
}

struct Item {
    owner: usize,
    rdata: usize,
    end: usize,
    rtype: Rtype,
    ttl: u32,
}

impl Ordered {
    fn of(zone: &Zone) -> Self {
        let mut octets = Vec::new();
        let mut items = Vec::with_capacity(zone.counts().records);
        for number in 0..zone.names() {
            let owner = octets.len();
            octets.extend_from_slice(zone.name(number).wire());
            for record in zone.records(number) {
                let rdata = octets.len();
                octets.extend_from_slice(record.rdata);
                items.push(Item { owner, rdata, end: octets.len(), rtype: record.rtype, ttl: record.ttl });
            }
        }
        Self { octets, items }
    }
}

/// Megabytes of text a second, ordered records → text.
pub(crate) fn format(zone: &Zone, runs: usize) -> f64 {
    let ordered = Ordered::of(zone);
    let mut written = 0;
    let taken = seconds(runs, || written = format_all(&ordered));
    megabytes(written) / taken
}

#[inline(never)] // so that profilers see it
fn format_all(ordered: &Ordered) -> u64 {
    const BUFFER: usize = 1 << 18;
    let writer = Writer::new(Class::IN, Types::Classic);
    let mut out = Vec::with_capacity(2 * BUFFER);
    let mut owner = Vec::new();
    let mut written = 0;
    for items in ordered.items.chunk_by(|a, b| a.owner == b.owner) {
        let (name, _) = Name::prefix_of(&ordered.octets[items[0].owner..]).expect("a name was put there");
        owner.clear();
        text::push_name(name, &mut owner);
        for item in items {
            let rdata = &ordered.octets[item.rdata..item.end];
            let record = Record { owner: name, rtype: item.rtype, ttl: item.ttl, rdata };
            writer.push_at(&owner, record, &mut out);
        }
        if out.len() > BUFFER {
            written += black_box(&out).len() as u64;
            out.clear();
        }
    }
    written + out.len() as u64
}

#[allow(clippy::cast_precision_loss, reason = "sizes of files are far below 2^52")]
fn megabytes(octets: u64) -> f64 {
    octets as f64 / 1e6
}
