//! One span of a signed zone: its records, their text, and an imprint of what was meant.

use super::comments;
use crate::dns::rrset::Rrsets;
use crate::dns::{Name, Record, Rtype, text};
use crate::dnssec::sheet::Sheet;
use crate::dnssec::sign::{Signed, Stretch, Work};
use crate::dnssec::zonemd;
use crate::error::Result;
use crate::zonefile::writer::Writer;
use xxhash_rust::xxh3::Xxh3Default;

/// What records leave behind: equal for equal records in the same order, whatever their text.
///
/// It tells what was meant from what came of it by accident, so its 128 bits need not withstand anybody.
#[derive(Default)]
pub struct Imprint {
    digest: Xxh3Default,
    /// What is not digested yet: large pieces take less time than many small ones.
    octets: Vec<u8>,
}

/// So many octets are digested at a time: they are still near.
const PIECE: usize = 1 << 14;

impl Imprint {
    /// Adds a record.
    pub fn add(&mut self, record: Record<'_>) {
        record.push_octets(&mut self.octets);
        if self.octets.len() >= PIECE {
            self.digest.update(&self.octets);
            self.octets.clear();
        }
    }

    /// Adds records that are already as [`Record::push_octets`] has them.
    pub fn add_octets(&mut self, octets: &[u8]) {
        self.digest.update(&self.octets);
        self.octets.clear();
        self.digest.update(octets);
    }

    /// What all records have left, for the next ones to begin anew.
    pub fn take(&mut self) -> u128 {
        self.digest.update(&self.octets);
        self.octets.clear();
        let imprint = self.digest.digest128();
        self.digest.reset();
        imprint
    }
}

/// How a zone is written down.
#[derive(Clone, Debug)]
pub struct Format {
    /// How records are.
    pub writer: Writer,
    /// Whether there are comments for people, and a blank line between owners.
    pub comments: bool,
    /// Whether only what signing adds is written, to be included by the unsigned zone.
    pub dnssec_only: bool,
}

impl Format {
    /// Whether a record is written.
    #[must_use]
    pub fn writes(&self, rtype: Rtype, at_apex: bool) -> bool {
        let added = match rtype {
            Rtype::RRSIG | Rtype::NSEC | Rtype::NSEC3 | Rtype::NSEC3PARAM => true,
            Rtype::DNSKEY | Rtype::CDS | Rtype::CDNSKEY | Rtype::ZONEMD => at_apex,
            _ => false,
        };
        added || !self.dnssec_only
    }
}

/// A record of the apex: type, TTL, RDATA.
pub type ApexRecord = (Rtype, u32, Vec<u8>);

/// The text of a span, and what stands in it.
#[derive(Debug)]
pub struct Span {
    /// One line a record.
    pub text: Vec<u8>,
    /// Of its records.
    pub imprint: u128,
    /// What it holds.
    pub counts: Counts,
    /// What ZONEMD digests of it; nothing where there is no ZONEMD.
    pub digested: Vec<u8>,
    /// Its records, if they have to be made again when the ZONEMD digests are known.
    pub apex: Vec<ApexRecord>,
}

/// What was written.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// Records.
    pub records: usize,
    /// Lines.
    pub lines: usize,
    /// `RRsets`, RRSIGs not counted.
    pub rrsets: usize,
    /// RRSIG records.
    pub signatures: usize,
    /// Those of them that an earlier version had.
    pub kept: usize,
    /// Names in the chain.
    pub chain: usize,
    /// The earliest expiration, as RRSIGs have it; `None` without signatures.
    pub expiration: Option<u32>,
}

impl Counts {
    fn add(&mut self, record: Record<'_>, new_set: bool) {
        self.records += 1;
        if record.rtype == Rtype::RRSIG {
            self.signatures += 1;
            let expiration = record.rdata.get(8..12).and_then(|octets| octets.first_chunk());
            self.expire(expiration.map(|octets| u32::from_be_bytes(*octets)));
        } else {
            self.rrsets += usize::from(new_set);
            self.chain += usize::from(matches!(record.rtype, Rtype::NSEC | Rtype::NSEC3));
        }
    }

    fn expire(&mut self, expiration: Option<u32>) {
        let earlier = |a: u32, b: u32| if crate::dns::serial::greater(a, b) { b } else { a };
        self.expiration = match (self.expiration, expiration) {
            (Some(one), Some(other)) => Some(earlier(one, other)),
            (one, other) => one.or(other),
        };
    }
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.records += other.records;
        self.lines += other.lines;
        self.rrsets += other.rrsets;
        self.signatures += other.signatures;
        self.kept += other.kept;
        self.chain += other.chain;
        self.expire(other.expiration);
    }
}

/// Makes the records of a stretch and writes them down.
///
/// # Errors
/// A key cannot sign.
pub fn make(signed: &Signed, stretch: &Stretch, format: &Format, work: &mut Work) -> Result<Span> {
    let room = (stretch.names.len() + stretch.links.len()) * 512;
    let mut scribe = Scribe::new(signed, format, room);
    // see `Signed::stretches`: with ZONEMD the first is the apex alone
    scribe.keeps_apex = !signed.zonemd().is_empty() && stretch.names == (0..1);
    signed.stretch(stretch, work, &mut |sheet| scribe.sheet(sheet))?;
    scribe.span.counts.kept = work.kept();
    Ok(scribe.finish())
}

/// Makes the apex again with its ZONEMD digests: as long as it was before.
///
/// # Errors
/// A key cannot sign.
pub fn remake(
    signed: &Signed,
    apex: &[ApexRecord],
    digests: &[(zonemd::Hash, Vec<u8>)],
    format: &Format,
) -> Result<Span> {
    let mut scribe = Scribe::new(signed, format, 4096);
    signed.with_digests(apex, digests, &mut |sheet| scribe.sheet(sheet))?;
    Ok(scribe.finish())
}

/// Writes records down as they come.
struct Scribe<'a> {
    signed: &'a Signed,
    format: &'a Format,
    span: Span,
    imprint: Imprint,
    /// The owner at hand, in wire form and as text.
    owner: Vec<u8>,
    owner_text: Vec<u8>,
    last_type: Option<Rtype>,
    keeps_apex: bool,
    /// The records of the owner at hand, for ZONEMD.
    sets: Rrsets,
}

impl<'a> Scribe<'a> {
    fn new(signed: &'a Signed, format: &'a Format, room: usize) -> Self {
        Self {
            signed,
            format,
            span: Span {
                text: Vec::with_capacity(room),
                imprint: 0,
                counts: Counts::default(),
                digested: Vec::new(),
                apex: Vec::new(),
            },
            imprint: Imprint::default(),
            owner: Vec::with_capacity(256),
            owner_text: Vec::with_capacity(256),
            last_type: None,
            keeps_apex: false,
            sets: Rrsets::default(),
        }
    }

    fn sheet(&mut self, sheet: &Sheet<'_>) {
        if !self.format.dnssec_only {
            self.imprint.add_octets(sheet.octets());
        }
        sheet.records().for_each(|record| self.record(record));
    }

    fn record(&mut self, record: Record<'_>) {
        if self.owner != record.owner.wire() {
            self.owner(record.owner);
        }
        if !self.signed.zonemd().is_empty() {
            self.sets.push(record.rtype, record.ttl, record.rdata);
        }
        if self.keeps_apex {
            self.span.apex.push((record.rtype, record.ttl, record.rdata.to_vec()));
        }
        let at_apex = self.format.dnssec_only && record.owner == self.signed.zone().apex();
        if !self.format.writes(record.rtype, at_apex) {
            return;
        }
        if self.format.dnssec_only {
            self.imprint.add(record);
        }
        self.span.counts.add(record, self.last_type != Some(record.rtype));
        if record.rtype != Rtype::RRSIG {
            self.last_type = Some(record.rtype);
        }
        self.format.writer.push_at(&self.owner_text, record, &mut self.span.text);
        self.span.counts.lines += 1;
        if self.format.comments {
            comments::push(record, self.signed, &mut self.span.text);
        }
    }

    fn owner(&mut self, owner: Name<'_>) {
        self.finish_owner();
        self.owner.clear();
        self.owner.extend_from_slice(owner.wire());
        self.owner_text.clear();
        text::push_name(owner, &mut self.owner_text);
        self.last_type = None;
        if self.format.comments && owner != self.signed.zone().apex() {
            self.span.text.push(b'\n');
            self.span.counts.lines += 1;
        }
        if !self.signed.zonemd().is_empty() {
            self.sets.start(owner);
        }
    }

    fn finish_owner(&mut self) {
        if !self.signed.zonemd().is_empty() && !self.owner.is_empty() {
            self.sets.sort();
            let zone = self.signed.zone();
            zonemd::push_records(&self.sets, zone.apex(), zone.class(), &mut self.span.digested);
        }
    }

    fn finish(mut self) -> Span {
        self.finish_owner();
        self.span.imprint = self.imprint.take();
        self.span
    }
}
