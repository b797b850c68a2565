//! All spans of a signed zone: made by all cores, written in order.

use super::earlier::Earlier;
use super::span::{self, ApexRecord, Counts, Format, Span};
use crate::dns::NameBuf;
use crate::dnssec::sign::{Signed, Stretch, Work};
use crate::dnssec::zonemd::Digests;
use crate::error::{Fault, Result};
use crate::files::{Output, cannot};
use crate::threads;
use ring::digest::{Context, SHA256};
use std::os::unix::fs::FileExt;

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
    let mut scroll = Scroll::new(signed, stretches.len());
    threads::in_order(stretches.len(), threads, Work::default, make, |span| {
        scroll.append(span?, &stretches, out)
    })?;
    scroll.finish(signed, format, out)
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

/// The spans written so far.
struct Scroll {
    written: Written,
    digests: Digests,
    apex: Vec<ApexRecord>,
    /// Where the next one goes.
    offset: u64,
    line: u32,
}

impl Scroll {
    fn new(signed: &Signed, spans: usize) -> Self {
        let marks = Vec::with_capacity(spans);
        Self {
            written: Written { marks, counts: Counts::default(), text: Context::new(&SHA256) },
            digests: Digests::new(signed.zonemd()),
            apex: Vec::new(),
            offset: 0,
            line: 1,
        }
    }

    fn append(&mut self, span: Span, stretches: &[Stretch], out: &mut Output) -> Result<()> {
        out.write(&span.text)?;
        self.digests.update(&span.digested);
        self.apex.extend(span.apex);
        let Written { marks, counts, text } = &mut self.written;
        text.update(&span.text);
        let stretch = stretches[marks.len()].clone();
        let (offset, length, line) = (self.offset, span.text.len(), self.line);
        marks.push(Mark { offset, length, line, imprint: span.imprint, stretch });
        self.offset += length as u64;
        self.line += u32::try_from(span.counts.lines).unwrap_or(u32::MAX);
        *counts += span.counts;
        Ok(())
    }

    fn finish(mut self, signed: &Signed, format: &Format, out: &mut Output) -> Result<Written> {
        if !signed.zonemd().is_empty() {
            fill_in(&self.apex, self.digests, signed, format, out, &mut self.written)?;
        }
        Ok(self.written)
    }
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
