//! All spans of a signed zone: made by all cores, written in order by one thread.

use super::span::{self, Counts, Span};
use crate::dnssec::sign::{Signed, Work};
use crate::error::{Fault, Result};
use crate::files::Output;
use crate::zonefile::writer::Writer;
use ring::digest::{Context, Digest, SHA256};
use std::collections::BTreeMap;
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
    pub digest: Digest,
}

/// What was written.
#[derive(Debug)]
pub struct Written {
    /// The spans, in order.
    pub marks: Vec<Mark>,
    /// What they hold.
    pub counts: Counts,
    /// The SHA-256 of all text.
    pub text: Digest,
}

/// Signs the whole zone and writes it down.
///
/// # Errors
/// A key cannot sign, or the file cannot be written.
pub fn write(signed: &Signed, writer: &Writer, threads: usize, out: &mut Output) -> Result<Written> {
    let zone = signed.zone();
    // a small zone is cut finer, so that every thread has work
    let size = SPAN.min(zone.names() / (threads * 4) + 1);
    let spans = zone.spans(size);
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        let (sender, receiver) = mpsc::sync_channel::<(usize, Result<Span>)>(threads * 2);
        for _ in 0..threads.min(spans.len()).max(1) {
            let (sender, spans, next) = (sender.clone(), &spans, &next);
            scope.spawn(move || {
                let mut work = Work::default();
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(names) = spans.get(number) else { return };
                    let made = span::make(signed, names.clone(), writer, &mut work);
                    // the receiver is gone when writing failed: then nothing more is wanted
                    if sender.send((number, made)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        in_order(receiver, spans.len(), out)
    })
}

/// Writes spans as they come, each in its turn.
fn in_order(
    receiver: mpsc::Receiver<(usize, Result<Span>)>,
    spans: usize,
    out: &mut Output,
) -> Result<Written> {
    let mut context = Context::new(&SHA256);
    let mut marks: Vec<Mark> = Vec::with_capacity(spans);
    let mut counts = Counts::default();
    let (mut offset, mut line) = (0, 1);
    // spans that are made before their turn: few, as all spans are of about one size
    let mut early = BTreeMap::new();
    for (number, span) in receiver {
        early.insert(number, span);
        while let Some(span) = early.remove(&marks.len()) {
            let span = span?;
            out.write(&span.text)?;
            context.update(&span.text);
            marks.push(Mark { offset, length: span.text.len(), line, digest: span.digest });
            offset += span.text.len() as u64;
            line += u32::try_from(span.counts.records).unwrap_or(u32::MAX);
            counts += span.counts;
        }
    }
    if marks.len() < spans {
        return Err(Fault::error("a signing thread stopped; nothing was written"));
    }
    Ok(Written { marks, counts, text: context.finish() })
}
