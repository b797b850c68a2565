//! The signed zone as it is read: record by record where the file is in canonical order, from memory where
//! it is not.
//!
//! A file may be in any order, and only reading it tells. So it is taken to be in canonical order until a
//! name says otherwise; then all is read again, into memory, and sorted there.

use super::pile::{Batch, Pile};
use super::spans::{self, Hiding, Job};
use super::tally::Tally;
use crate::cli::input::name_of_file;
use crate::cli::report::{Progress, Report};
use crate::dns::rrset::Rrsets;
use crate::dns::{Class, NameBuf, Rtype};
use crate::dnssec::verify::rules::OUT_OF_ZONE;
use crate::dnssec::verify::{Finding, Rules};
use crate::error::{Fault, Faults};
use crate::source::Sources;
use crate::zone::walk::Walk;
use crate::zonefile::reader::Reader;
use std::path::PathBuf;

/// What a bar says.
const VERIFYING: &str = "verifying";

/// Where the zone is read from.
pub(super) struct Input {
    pub(super) file: PathBuf,
    /// What `-o` says.
    pub(super) named: Option<NameBuf>,
    pub(super) include_dir: Option<PathBuf>,
    pub(super) threads: usize,
}

/// The records of the apex, and what is known by then.
pub(super) struct Apex {
    pub(super) sets: Rrsets,
    pub(super) class: Class,
}

/// What reading found beside records.
#[derive(Default)]
pub(super) struct Read {
    pub(super) sources: Sources,
    pub(super) warnings: Vec<Fault>,
}

/// A zone that can be read once, or again and again.
pub(super) enum Zone {
    /// From the file, which so far was found to be in order.
    File,
    /// From memory.
    Pile { pile: Pile, read: Read, class: Class },
}

/// How a pass over the zone ended.
pub(super) enum Pass {
    /// With all records checked. Whether the NSEC3 chains add up.
    Done(Read, bool),
    /// With a name out of order.
    Unordered,
}

impl Input {
    pub(super) fn reader(&self) -> Result<Reader, Fault> {
        let origin = self.named.clone().or_else(|| name_of_file(&self.file));
        Ok(Reader::open(&self.file, origin)?.include_dir(self.include_dir.clone()))
    }

    /// The zone, from its file if that can be read more than once.
    pub(super) fn open(&self) -> Result<Zone, Faults> {
        let regular = std::fs::metadata(&self.file).is_ok_and(|meta| meta.is_file());
        if regular && self.file.as_os_str() != "-" { Ok(Zone::File) } else { self.pile() }
    }

    /// The zone in memory, sorted.
    pub(super) fn pile(&self) -> Result<Zone, Faults> {
        let mut reader = self.reader()?;
        let mut pile = Pile::default();
        let (mut soa, mut faults, mut warnings) = (None, Faults::new(), Vec::new());
        while !faults.full() {
            match reader.next() {
                Ok(Some(entry)) => {
                    if entry.record.rtype == Rtype::SOA && soa.is_none() {
                        soa = Some(entry.record.owner.to_buf());
                    }
                    pile.push(entry.record, entry.spot);
                }
                Ok(None) => break,
                Err(fault) => faults.push(fault),
            }
            warnings.extend(reader.warnings());
        }
        if faults.errors() > 0 {
            return Err(faults);
        }
        let apex = self.named.clone().or(soa).ok_or_else(|| {
            Fault::error("the zone has no SOA record, and its name is not known")
                .in_file(&self.file.display().to_string())
                .hint("a zone has exactly one SOA record (RFC 1035, section 5.2)")
        })?;
        pile.sort(apex.as_name());
        let class = reader.class();
        Ok(Zone::Pile { pile, read: Read { sources: reader.into_sources(), warnings }, class })
    }

    /// The records of the first name; `None`: it is not the zone's, so the file is in another order.
    fn first_name(&self, reader: &mut Reader, faults: &mut Faults) -> Option<(Batch, Batch)> {
        let (mut first, mut next) = (Batch::default(), Batch::default());
        loop {
            match reader.next() {
                Ok(Some(entry)) if first.last_owner().is_none_or(|owner| owner == entry.record.owner) => {
                    first.push(entry.record, entry.spot);
                }
                Ok(Some(entry)) => {
                    next.push(entry.record, entry.spot);
                    break;
                }
                Ok(None) => break,
                Err(fault) => {
                    faults.push(fault);
                    return None;
                }
            }
        }
        let soa = first.records().any(|(record, _)| record.rtype == Rtype::SOA);
        let other = self.named.as_ref().is_some_and(|named| first.last_owner() != Some(named.as_name()));
        (soa && !other).then_some((first, next))
    }
}

impl Zone {
    /// The records of the apex; `None`: the file is in another order.
    ///
    /// # Errors
    /// The zone cannot be read.
    pub(super) fn apex(&self, input: &Input) -> Result<Option<Apex>, Faults> {
        let mut sets = Rrsets::default();
        match self {
            Self::File => {
                let mut reader = input.reader()?;
                let Some((first, _)) = input.first_name(&mut reader, &mut Faults::new()) else {
                    return Ok(None);
                };
                sets.start(first.last_owner().expect("it has a SOA"));
                first.records().for_each(|(record, _)| sets.push(record.rtype, record.ttl, record.rdata));
                sets.sort();
                Ok(Some(Apex { sets, class: reader.class() }))
            }
            Self::Pile { pile, class, .. } => {
                let Some((name, end)) = pile.name(0) else {
                    let fault = Fault::error("the file has no records of the zone");
                    return Err(fault.in_file(&input.file.display().to_string()).into());
                };
                sets.start(name);
                pile.records(0..end)
                    .for_each(|(record, _)| sets.push(record.rtype, record.ttl, record.rdata));
                sets.sort();
                Ok(Some(Apex { sets, class: *class }))
            }
        }
    }

    /// Checks all records.
    ///
    /// # Errors
    /// The zone cannot be read.
    pub(super) fn check(
        &mut self,
        input: &Input,
        rules: &Rules,
        tally: &mut Tally,
        report: &Report,
    ) -> Result<Pass, Faults> {
        match self {
            Self::File => stream(input, rules, tally, report),
            Self::Pile { pile, read, .. } => {
                for (record, spot) in pile.outside() {
                    let (owner, rtype) = (record.owner, record.rtype);
                    let message = format!("{owner} {rtype} is outside the zone {}", rules.apex());
                    tally.push(Finding::new(&OUT_OF_ZONE, owner, Some(rtype), message, spot));
                }
                let mut progress = report.progress(VERIFYING, pile.runs() as u64);
                let (adds_up, ()) = spans::check(rules, input.threads, Some(pile), tally, |give| {
                    hand_out(pile, rules, &mut progress, give);
                })?;
                Ok(Pass::Done(std::mem::take(read), adds_up))
            }
        }
    }
}

/// Splits a sorted pile into spans.
fn hand_out(pile: &Pile, rules: &Rules, progress: &mut Progress, give: &mut dyn FnMut(Job, Hiding)) {
    /// Runs of a span.
    const SPAN: usize = 1000;
    let mut walk = Walk::new(rules.apex());
    let (mut start, mut at) = (0, 0);
    let mut hiding: Hiding = None;
    while let Some((name, next)) = pile.name(at) {
        if at - start >= SPAN {
            give(Job::Runs(start..at), hiding);
            start = at;
            progress.at(at as u64);
            hiding = walk.hiding().cloned();
        }
        walk.step(name, pile.records(at..next).map(|(record, _)| record.rtype));
        at = next;
    }
    give(Job::Runs(start..pile.runs()), hiding);
}

/// Reads the file and hands its records out as they come.
fn stream(input: &Input, rules: &Rules, tally: &mut Tally, report: &Report) -> Result<Pass, Faults> {
    // reading is never far ahead of checking
    let mut progress =
        report.progress(VERIFYING, std::fs::metadata(&input.file).map_or(0, |meta| meta.len()));
    let mut reader = input.reader()?;
    let mut faults = Faults::new();
    let Some((apex, next)) = input.first_name(&mut reader, &mut faults) else {
        return if faults.errors() > 0 { Err(faults) } else { Ok(Pass::Unordered) };
    };
    let mut warnings: Vec<Fault> = reader.warnings().collect();
    let (adds_up, ordered) = spans::check(rules, input.threads, None, tally, |give| {
        let mut hander = Hander::new(rules, give);
        hander.first(apex);
        if !next.is_empty() && !hander.pending(&next) {
            return false;
        }
        loop {
            match reader.next() {
                Ok(Some(entry)) => {
                    if !hander.record(entry.record, entry.spot) {
                        return false;
                    }
                    progress.at(reader.position());
                }
                Ok(None) => {
                    hander.finish();
                    return true;
                }
                Err(fault) => {
                    faults.push(fault);
                    if faults.full() {
                        return true;
                    }
                }
            }
            warnings.extend(reader.warnings());
        }
    })?;
    if !ordered {
        return Ok(Pass::Unordered);
    }
    if faults.errors() > 0 {
        return Err(faults);
    }
    Ok(Pass::Done(Read { sources: reader.into_sources(), warnings }, adds_up))
}

/// Records in order → batches of whole names.
struct Hander<'a, 'g> {
    batch: Batch,
    hiding: Hiding,
    walk: Walk,
    /// The NS and DNAME of the name at hand.
    types: Vec<Rtype>,
    last: NameBuf,
    give: &'g mut (dyn FnMut(Job, Hiding) + 'a),
}

impl<'a, 'g> Hander<'a, 'g> {
    fn new(rules: &Rules, give: &'g mut (dyn FnMut(Job, Hiding) + 'a)) -> Self {
        Self {
            batch: Batch::default(),
            hiding: None,
            walk: Walk::new(rules.apex()),
            types: Vec::new(),
            last: rules.apex().to_buf(),
            give,
        }
    }

    fn first(&mut self, apex: Batch) {
        self.types = apex.records().map(|(record, _)| record.rtype).collect();
        self.batch = apex;
    }

    fn pending(&mut self, batch: &Batch) -> bool {
        batch.records().all(|(record, spot)| self.record(record, spot))
    }

    /// The next record; `false`: its name is out of order.
    fn record(&mut self, record: crate::dns::Record<'_>, spot: crate::source::Spot) -> bool {
        if record.owner != self.last.as_name() {
            if record.owner < self.last.as_name() {
                return false;
            }
            self.walk.step(self.last.as_name(), self.types.drain(..));
            if self.batch.is_full() {
                let hiding = std::mem::replace(&mut self.hiding, self.walk.hiding().cloned());
                (self.give)(Job::Batch(std::mem::take(&mut self.batch)), hiding);
            }
            self.last = record.owner.to_buf();
        }
        if matches!(record.rtype, Rtype::NS | Rtype::DNAME) {
            self.types.push(record.rtype);
        }
        self.batch.push(record, spot);
        true
    }

    fn finish(mut self) {
        let hiding = self.hiding.take();
        (self.give)(Job::Batch(self.batch), hiding);
    }
}
