//! One span of a signed zone: its records, their text, and a digest of what was meant.

use crate::dns::{Record, Rtype, text};
use crate::dnssec::sign::{Signed, Work};
use crate::error::Result;
use crate::zonefile::writer::Writer;
use ring::digest::{Context, Digest, SHA256};
use std::ops::Range;

/// A digest over the wire form of records in order: equal for equal records, whatever their text.
pub struct RecordDigest {
    context: Context,
    head: Vec<u8>,
}

impl RecordDigest {
    /// Of no records.
    #[must_use]
    pub fn new() -> Self {
        Self { context: Context::new(&SHA256), head: Vec::with_capacity(300) }
    }

    /// Adds a record.
    pub fn add(&mut self, record: Record<'_>) {
        self.head.clear();
        self.head.extend_from_slice(record.owner.wire());
        self.head.extend_from_slice(&record.rtype.0.to_be_bytes());
        self.head.extend_from_slice(&record.ttl.to_be_bytes());
        self.head.extend_from_slice(&record.rdata.len().to_be_bytes());
        self.context.update(&self.head);
        self.context.update(record.rdata);
    }

    /// The digest of all that was added.
    #[must_use]
    pub fn finish(self) -> Digest {
        self.context.finish()
    }
}

impl Default for RecordDigest {
    fn default() -> Self {
        Self::new()
    }
}

/// The text of a span, and what stands in it.
#[derive(Debug)]
pub struct Span {
    /// One line a record.
    pub text: Vec<u8>,
    /// Of its records.
    pub digest: Digest,
    /// What it holds.
    pub counts: Counts,
}

/// What was written.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// Records.
    pub records: usize,
    /// `RRsets`, RRSIGs not counted.
    pub rrsets: usize,
    /// RRSIG records.
    pub signatures: usize,
    /// Names in the chain.
    pub chain: usize,
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.records += other.records;
        self.rrsets += other.rrsets;
        self.signatures += other.signatures;
        self.chain += other.chain;
    }
}

/// Makes the records of these names and writes them down.
///
/// # Errors
/// A key cannot sign.
pub fn make(signed: &Signed, names: Range<usize>, writer: &Writer, work: &mut Work) -> Result<Span> {
    let mut digest = RecordDigest::new();
    let mut counts = Counts::default();
    let mut out = Vec::with_capacity(names.len() * 512);
    let mut owner = Vec::with_capacity(256);
    for number in names {
        owner.clear();
        text::push_name(signed.zone().name(number), &mut owner);
        let mut last = None;
        signed.name(number, work, &mut |record| {
            digest.add(record);
            counts.records += 1;
            match record.rtype {
                Rtype::RRSIG => counts.signatures += 1,
                rtype => {
                    counts.rrsets += usize::from(last != Some(rtype));
                    counts.chain += usize::from(rtype == Rtype::NSEC);
                    last = Some(rtype);
                }
            }
            writer.push_at(&owner, record, &mut out);
        })?;
    }
    Ok(Span { text: out, digest: digest.finish(), counts })
}
