//! All spans of a signed zone: made by all cores, written in order by one thread.

use super::earlier::Earlier;
use super::span::{self, ApexRecord, Counts, Format, Span};
use crate::dns::NameBuf;
use crate::dnssec::sign::{Signed, Stretch, Work};
use crate::dnssec::zonemd::Digests;
use crate::error::{Fault, Result};
use crate::files::{Output, cannot};
use ring::digest::{Context, SHA256};
use std::collections::BTreeMap;
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

/// Names in a span: enough to hide what a span costs, few enough to share the work evenly.
const SPAN: usize = 2000;

/// Where a span lies in the file, and what it was meant to hold.
#[derive(Debug)]
pub struct Mark {
    /// Octets before it.
    pub offset: u64,
    /// Its octets.
    pub length: usize,
    /// The line it starts on, from 1.
    pub line: u32,
    /// Of its records.
    pub imprint: u128,
    /// What it was made from.
    pub stretch: Stretch,
}

/// What was written.
pub struct Written {
    /// The spans, in order.
    pub marks: Vec<Mark>,
    /// What they hold.
    pub counts: Counts,
    /// SHA-256, having digested all text.
    pub text: Context,
}

/// Signs the whole zone and writes it down, with what is kept of an earlier version.
///
/// # Errors
/// A key cannot sign, the earlier version cannot be read, or the file cannot be written.
pub fn write(
    signed: &Signed,
    format: &Format,
    threads: usize,
    earlier: Option<&Earlier>,
    out: &mut Output,
) -> Result<Written> {
    let zone = signed.zone();
    // a small zone is cut finer, so that every thread has work
    let size = if threads > 1 { SPAN.min(zone.names() / (threads * 256) + 1) } else { SPAN };
    let stretches = signed.stretches(size);
    let make = |number: usize, work: &mut Work| {
        let stretch = &stretches[number];
        if let Some(earlier) = earlier {
            recall(earlier, signed, stretch, stretches.get(number + 1), work)?;
        }
        span::make(signed, stretch, format, work)
    };
    let threads = threads.min(stretches.len());
    if threads <= 1 {
        let mut work = Work::default();
        let spans = (0..stretches.len()).map(|number| (number, make(number, &mut work)));
        return in_order(spans, &stretches, signed, format, out);
    }
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        let (sender, receiver) = mpsc::sync_channel::<(usize, Result<Span>)>(threads * 2);
        for _ in 0..threads {
            let (sender, make, stretches, next) = (sender.clone(), &make, &stretches, &next);
            scope.spawn(move || {
                let mut work = Work::default();
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    // the receiver is gone when writing failed: then nothing more is wanted
                    if number >= stretches.len() || sender.send((number, make(number, &mut work))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        in_order(receiver, &stretches, signed, format, out)
    })
}

/// Reads what the earlier version has for a stretch.
fn recall(
    earlier: &Earlier,
    signed: &Signed,
    stretch: &Stretch,
    next: Option<&Stretch>,
    work: &mut Work,
) -> Result<()> {
    let Some(first) = signed.first_owner(stretch) else { return Ok(()) };
    let end = next.and_then(|next| signed.first_owner(next));
    earlier.read(first.as_name(), end.as_ref().map(NameBuf::as_name), work.earlier())
}

/// Writes spans as they come, each in its turn.
fn in_order(
    spans: impl IntoIterator<Item = (usize, Result<Span>)>,
    stretches: &[Stretch],
    signed: &Signed,
    format: &Format,
    out: &mut Output,
) -> Result<Written> {
    let mut text = Context::new(&SHA256);
    let mut digests = Digests::new(signed.zonemd());
    let mut marks: Vec<Mark> = Vec::with_capacity(stretches.len());
    let mut counts = Counts::default();
    let mut apex = Vec::new();
    let (mut offset, mut line) = (0, 1);
    // spans that are made before their turn: few, as all spans are of about one size
    let mut early = BTreeMap::new();
    for (number, span) in spans {
        early.insert(number, span);
        while let Some(span) = early.remove(&marks.len()) {
            let span = span?;
            out.write(&span.text)?;
            text.update(&span.text);
            digests.update(&span.digested);
            apex.extend(span.apex);
            let stretch = stretches[marks.len()].clone();
            marks.push(Mark { offset, length: span.text.len(), line, imprint: span.imprint, stretch });
            offset += span.text.len() as u64;
            line += u32::try_from(span.counts.lines).unwrap_or(u32::MAX);
            counts += span.counts;
        }
    }
    if marks.len() < stretches.len() {
        return Err(Fault::error("a signing thread stopped; nothing was written"));
    }
    let mut written = Written { marks, counts, text };
    if !signed.zonemd().is_empty() {
        fill_in(&apex, digests, signed, format, out, &mut written)?;
    }
    Ok(written)
}

/// Puts the digests of the zone, now that they are known, in the place that was left for them.
fn fill_in(
    apex: &[ApexRecord],
    digests: Digests,
    signed: &Signed,
    format: &Format,
    out: &mut Output,
    written: &mut Written,
) -> Result<()> {
    let span = span::remake(signed, apex, &digests.finish(), format)?;
    let first = written.marks.first_mut().filter(|mark| mark.length == span.text.len());
    let Some(mark) = first else {
        return Err(Fault::error("the ZONEMD does not fit into the room left for it; please report it"));
    };
    out.write_at(0, &span.text)?;
    mark.imprint = span.imprint;
    written.text = digest_of(out)?;
    Ok(())
}

/// SHA-256, having digested all that was written.
fn digest_of(out: &Output) -> Result<Context> {
    let mut context = Context::new(&SHA256);
    let mut buffer = vec![0; 1 << 20];
    let mut offset = 0;
    loop {
        out.go_on()?;
        let read = out.file().read_at(&mut buffer, offset);
        match read.map_err(|error| cannot("read back", &error).in_file(out.name()))? {
            0 => return Ok(context),
            length => {
                context.update(&buffer[..length]);
                offset += length as u64;
            }
        }
    }
}
