//! The finished text, read back before it is put in place: every record must be the one that was meant,
//! and the zone must keep the rules.

use super::pipeline::{Mark, Written};
use super::span::RecordDigest;
use crate::dns::rrset::Rrsets;
use crate::dns::time::Time;
use crate::dns::{Class, NameBuf};
use crate::dnssec::sign::Signed;
use crate::dnssec::verify::{Checked, Finding, Join, Rules, Sampler};
use crate::error::{Fault, Faults, Severity};
use crate::files::{Output, cannot};
use crate::source::{Sources, Spot};
use crate::zone::Standing;
use crate::zonefile::reader::Reader;
use std::os::unix::fs::FileExt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
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
pub fn check(out: &Output, signed: &Signed, written: &Written, options: &Options) -> Result<Summary, Faults> {
    let class = signed.zone().class();
    let total = written.counts.signatures;
    let sampler = options.sample.map_or_else(Sampler::all, |wanted| Sampler::new(wanted, total));
    let reading = Reading { out, class };
    let first = written.marks.first().ok_or_else(|| Fault::error("the signed zone is empty"))?;
    let rules = Rules::new(&reading.apex(first)?, class, options.now, sampler)
        .map_err(|finding| Faults::from(reading.fault(&finding, first)))?
        .expect(signed.expected());

    let results: Vec<Mutex<Option<Result<Checked, Fault>>>> =
        written.marks.iter().map(|_| Mutex::default()).collect();
    let next = AtomicUsize::new(0);
    let flushed = thread::scope(|scope| {
        // renaming waits for the flush: better it runs while the cores are busy
        let flush = scope.spawn(|| out.file().sync_data());
        for _ in 0..options.threads.min(results.len()) {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let (Some(mark), Some(slot)) = (written.marks.get(number), results.get(number)) else {
                        return;
                    };
                    let checked = reading.span(&rules, mark, None);
                    *slot.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(checked);
                }
            });
        }
        flush.join()
    });
    match flushed {
        Ok(Ok(())) => {}
        Ok(Err(error)) => return Err(cannot("write", &error).in_file(out.name()).into()),
        Err(_) => return Err(Fault::error("the thread that flushes the file stopped").into()),
    }

    let mut summary = Summary::default();
    let mut faults = Faults::new();
    let mut join = Join::new(&rules);
    for (mark, slot) in written.marks.iter().zip(results) {
        let checked = slot.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut checked = checked.ok_or_else(|| Fault::error("a checking thread stopped"))??;
        let hiding = checked.edges.as_ref().and_then(|edges| join.hides(&edges.first));
        if hiding.is_some() {
            checked = reading.span(&rules, mark, hiding)?;
        }
        join.next(&mut checked);
        summary.verified += checked.verified;
        summary.signatures += checked.signatures;
        checked.findings.iter().for_each(|finding| faults.push(reading.fault(finding, mark)));
        if faults.full() {
            break;
        }
    }
    if let (Some(finding), Some(mark)) = (join.finish(), written.marks.last()) {
        faults.push(reading.fault(&finding, mark));
    }
    if faults.errors() > 0 {
        return Err(faults);
    }
    summary.warnings = faults;
    Ok(summary)
}

struct Reading<'a> {
    out: &'a Output,
    class: Class,
}

impl Reading<'_> {
    fn reader(&self, mark: &Mark) -> Result<Reader, Fault> {
        let mut text = vec![0; mark.length];
        let read = self.out.file().read_exact_at(&mut text, mark.offset);
        read.map_err(|error| cannot("read back", &error).in_file(self.out.name()))?;
        Ok(Reader::of_text(text, self.out.name(), None))
    }

    /// The records of the zone's first name.
    fn apex(&self, mark: &Mark) -> Result<Rrsets, Fault> {
        let mut reader = self.reader(mark)?;
        let mut sets = Rrsets::default();
        let mut started = false;
        while let Some(entry) = reader.next()? {
            let record = entry.record;
            if !started {
                sets.start(record.owner);
                started = true;
            } else if record.owner != sets.owner() {
                break;
            }
            sets.push(record.rtype, record.ttl, record.rdata);
        }
        sets.sort();
        Ok(sets)
    }

    fn span(
        &self,
        rules: &Rules,
        mark: &Mark,
        hiding: Option<(NameBuf, Standing)>,
    ) -> Result<Checked, Fault> {
        self.out.go_on()?;
        let mut reader = self.reader(mark)?;
        let mut digest = RecordDigest::new();
        let mut span = rules.span(hiding);
        while let Some(entry) = reader.next()? {
            digest.add(entry.record);
            span.record(entry.record, entry.spot.line);
        }
        if reader.class() != self.class || digest.finish().as_ref() != mark.digest.as_ref() {
            let fault = Fault::error(format!(
                "the text from line {} on does not read back as it was meant",
                mark.line
            ));
            return Err(fault
                .in_file(self.out.name())
                .hint("the disk or the memory is faulty, or zoneseal is: please report it"));
        }
        Ok(span.finish())
    }

    fn fault(&self, finding: &Finding, mark: &Mark) -> Fault {
        let fault = match finding.rule.severity {
            Severity::Error => Fault::error(finding.message.clone()),
            Severity::Warning => Fault::warning(finding.message.clone()),
        };
        let mut sources = Sources::default();
        let file = sources.add(self.out.name(), None);
        let place = sources.place(Spot { file, line: mark.line + finding.line - 1 }, 0);
        fault.at(place).hint(format!("{} [{}]", finding.rule.rfc, finding.rule.name))
    }
}
