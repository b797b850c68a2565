//! The finished text, read back before it is put in place: every record must be the one that was meant,
//! and the zone must keep the rules.

use super::merge;
use super::pipeline::{Mark, Written};
use super::span::{Format, Imprint};
use crate::dns::rrset::Rrsets;
use crate::dns::time::Time;
use crate::dns::{NameBuf, Record, Rtype};
use crate::dnssec::nsec3::OptOut;
use crate::dnssec::sign::{Denial, Signed};
use crate::dnssec::verify::{Checked, Finding, Join, Rules, Sampler, zonemd};
use crate::error::{Fault, Faults, Severity};
use crate::files::{Output, cannot};
use crate::keys::Key;
use crate::source::{Sources, Spot};
use crate::threads;
use crate::zone::Standing;
use crate::zonefile::reader::Reader;
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// What is checked, and as of when.
#[derive(Debug)]
pub struct Options {
    /// The moment that signatures must be valid at.
    pub now: Time,
    /// How many signatures are verified, at least; `None`: all.
    pub sample: Option<usize>,
    /// Threads.
    pub threads: usize,
}

/// What a check that found no error did.
#[derive(Debug, Default)]
pub struct Summary {
    /// Signatures verified.
    pub verified: usize,
    /// Of so many.
    pub signatures: usize,
    /// What is odd.
    pub warnings: Faults,
}

/// Reads the file back, span by span on all cores, while another thread flushes it to the disk.
///
/// # Errors
/// The text is not what was meant, or breaks a rule: a fault of this program, or of the disk.
pub fn check(
    out: &Output,
    signed: &Signed,
    written: &Written,
    format: &Format,
    options: &Options,
) -> Result<Summary, Faults> {
    let reading = Reading { out, signed, written, format };
    let mut rules = reading.rules(options)?;
    let mut faults = Faults::new();
    let digest = || if signed.zonemd().is_empty() { Ok(Vec::new()) } else { reading.zonemd() };
    let spans = || reading.spans(rules.as_ref(), options.threads);
    let (flushed, digest, results) = if written.marks.len() > 1 {
        // renaming waits for the flush: better much of it is done while the cores are busy
        thread::scope(|scope| {
            let (flush, digest) = (scope.spawn(|| out.file().sync_data()), scope.spawn(digest));
            let results = spans();
            (threads::result_of(flush), threads::result_of(digest), results)
        })
    } else {
        (Ok(()), digest(), spans())
    };
    flushed.map_err(|error| cannot("write", &error).in_file(out.name()))?;
    digest?.iter().for_each(|finding| faults.push(reading.fault(finding)));
    let mut summary = Summary::default();
    let Some(rules) = &mut rules else {
        results.into_iter().try_for_each(|checked| checked.map(drop))?;
        return reading.verdict(summary, faults);
    };
    let adds_up = reading.join(rules, results, &mut summary, &mut faults)?;
    if !adds_up && faults.errors() == 0 {
        rules.explain();
        let results = reading.spans(Some(rules), options.threads);
        summary = Summary::default();
        faults = Faults::new();
        reading.join(rules, results, &mut summary, &mut faults)?;
        if faults.errors() == 0 {
            faults.push(Fault::error(
                "the NSEC3 chain does not add up, and nothing is wrong with it; please report it",
            ));
        }
    }
    reading.verdict(summary, faults)
}

struct Reading<'a> {
    out: &'a Output,
    signed: &'a Signed,
    written: &'a Written,
    format: &'a Format,
}

impl Reading<'_> {
    /// The rules of the zone; `None`: it is not signed.
    fn rules(&self, options: &Options) -> Result<Option<Rules>, Faults> {
        let (Some(signing), Some(expected)) = (self.signed.signing(), self.signed.expected()) else {
            return Ok(None);
        };
        let class = self.signed.zone().class();
        let total = self.written.counts.signatures;
        let sampler = options.sample.map_or_else(Sampler::all, |wanted| Sampler::new(wanted, total));
        // keys that somebody else publishes
        let published =
            |rdata: &[u8]| self.signed.zone().at_apex(Rtype::DNSKEY).any(|record| record.rdata == rdata);
        let keys = signing.keys.keys().iter().map(Key::rdata);
        let keys: Vec<Vec<u8>> = keys.filter(|rdata| !published(rdata)).map(<[u8]>::to_vec).collect();
        let rules = Rules::new(&self.apex()?, &keys, class, options.now, sampler)
            .map_err(|finding| Faults::from(self.fault(&finding)))?
            .expect(expected);
        let opted_out = matches!(signing.denial, Denial::Nsec3(_, OptOut::LeaveOut));
        Ok(Some(if opted_out { rules.opted_out() } else { rules }))
    }

    /// Checks all spans, on all threads, each of which reads one after another into the same room.
    fn spans(&self, rules: Option<&Rules>, threads: usize) -> Vec<Result<Checked, Fault>> {
        let marks = &self.written.marks;
        let results: Vec<Mutex<Option<Result<Checked, Fault>>>> =
            marks.iter().map(|_| Mutex::default()).collect();
        let next = AtomicUsize::new(0);
        threads::each(vec![(); threads.min(results.len())], |()| {
            let mut room = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let (Some(mark), Some(slot)) = (marks.get(number), results.get(number)) else { return };
                let checked = self.span(rules, mark, None, &mut room);
                *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(checked);
            }
        });
        let stopped = || Err(Fault::error("a checking thread stopped"));
        let result = |slot: Mutex<Option<_>>| slot.into_inner().unwrap_or_else(PoisonError::into_inner);
        results.into_iter().map(|slot| result(slot).unwrap_or_else(stopped)).collect()
    }

    /// Joins what was found in the spans. Whether the NSEC3 chain adds up.
    fn join(
        &self,
        rules: &Rules,
        results: Vec<Result<Checked, Fault>>,
        summary: &mut Summary,
        faults: &mut Faults,
    ) -> Result<bool, Faults> {
        let mut join = Join::new(rules);
        for (number, checked) in results.into_iter().enumerate() {
            let mut checked = checked?;
            let hiding = checked.edges.as_ref().and_then(|edges| join.hides(&edges.first));
            if hiding.is_some() {
                checked = self.span(Some(rules), &self.written.marks[number], hiding, &mut Vec::new())?;
            }
            join.next(&mut checked);
            summary.verified += checked.verified;
            summary.signatures += checked.signatures;
            checked.findings.iter().for_each(|finding| faults.push(self.fault(finding)));
            if faults.full() {
                return Ok(true);
            }
        }
        let adds_up = join.adds_up();
        for finding in join.finish() {
            if !faults.full() {
                faults.push(self.fault(&finding));
            }
        }
        Ok(adds_up)
    }

    fn verdict(&self, mut summary: Summary, faults: Faults) -> Result<Summary, Faults> {
        if faults.errors() > 0 {
            return Err(faults);
        }
        summary.warnings = faults;
        if self.signed.signing().is_none() {
            summary.signatures = self.written.counts.signatures;
        }
        Ok(summary)
    }

    /// A reader of a span, whose text goes into some room.
    fn reader(&self, mark: &Mark, room: Vec<u8>) -> Result<Reader, Fault> {
        let mut text = room;
        text.resize(mark.length, 0);
        let read = self.out.file().read_exact_at(&mut text, mark.offset);
        read.map_err(|error| cannot("read back", &error).in_file(self.out.name()))?;
        Ok(Reader::of_own_text(text, self.out.name()))
    }

    /// Calls `each` with all records of a span as servers will see them.
    fn records(&self, mark: &Mark, each: &mut dyn FnMut(Record<'_>, u32)) -> Result<(), Fault> {
        let mut reader = self.reader(mark, Vec::new())?;
        if self.format.dnssec_only {
            return merge::records(self.signed.zone(), mark, self.format, reader, each);
        }
        while let Some(entry) = reader.next()? {
            each(entry.record, entry.spot.line);
        }
        Ok(())
    }

    /// The records of the zone's first name.
    fn apex(&self) -> Result<Rrsets, Fault> {
        let first = self.written.marks.first().ok_or_else(|| Fault::error("the signed zone is empty"))?;
        let apex = self.signed.zone().apex();
        let mut sets = Rrsets::default();
        sets.start(apex);
        let mut push = |record: Record<'_>| {
            let at_apex = record.owner == apex;
            if at_apex {
                sets.push(record.rtype, record.ttl, record.rdata);
            }
            at_apex
        };
        if self.format.dnssec_only {
            self.records(first, &mut |record, _| _ = push(record))?;
        } else {
            // of a small zone the span is the whole, and is read again soon enough
            let mut reader = self.reader(first, Vec::new())?;
            while reader.next()?.is_some_and(|entry| push(entry.record)) {}
        }
        sets.sort();
        Ok(sets)
    }

    fn span(
        &self,
        rules: Option<&Rules>,
        mark: &Mark,
        hiding: Option<(NameBuf, Standing)>,
        room: &mut Vec<u8>,
    ) -> Result<Checked, Fault> {
        self.out.go_on()?;
        let mut imprint = Imprint::default();
        let mut span = rules.map(|rules| rules.span(hiding));
        let mut reader = self.reader(mark, std::mem::take(room))?;
        while let Some(entry) = reader.next()? {
            imprint.add(entry.record);
            if let Some(span) = span.as_mut().filter(|_| !self.format.dnssec_only) {
                span.record(entry.record, spot(mark, entry.spot.line));
            }
        }
        // text without records says nothing of its class
        let class = self.signed.zone().class();
        let same_class = reader.class() == class || mark.length == 0;
        *room = reader.into_text();
        if !same_class || imprint.take() != mark.imprint {
            let fault = Fault::error(format!(
                "the text from line {} on does not read back as it was meant",
                mark.line
            ));
            return Err(fault
                .in_file(self.out.name())
                .hint("the disk or the memory is faulty, or zoneseal is: please report it"));
        }
        let Some(mut span) = span else { return Ok(Checked::default()) };
        if self.format.dnssec_only {
            self.records(mark, &mut |record, line| span.record(record, spot(mark, line)))?;
        }
        Ok(span.finish())
    }

    /// Digests the whole zone again.
    fn zonemd(&self) -> Result<Vec<Finding>, Fault> {
        let zone = self.signed.zone();
        let mut check = zonemd::Check::new(&zone.apex().to_buf(), zone.class());
        for mark in &self.written.marks {
            self.out.go_on()?;
            self.records(mark, &mut |record, _| check.record(record))?;
        }
        let (findings, good) = check.finish();
        if findings.is_empty() && good < self.signed.zonemd().len() {
            return Err(Fault::error("a ZONEMD that was to be made is missing").in_file(self.out.name()));
        }
        Ok(findings)
    }

    fn fault(&self, finding: &Finding) -> Fault {
        let fault = match finding.rule.severity {
            Severity::Error => Fault::error(finding.message.clone()),
            Severity::Warning => Fault::warning(finding.message.clone()),
        };
        let mut sources = Sources::default();
        let file = sources.add(self.out.name(), None);
        let place = sources.place(Spot { file, line: finding.spot.line.max(1) }, 0);
        fault.at(place).hint(format!("{} [{}]", finding.rule.rfc, finding.rule.name))
    }
}

/// A line of a span as one of the whole file.
fn spot(mark: &Mark, line: u32) -> Spot {
    Spot { file: 0, line: mark.line + line - 1 }
}
