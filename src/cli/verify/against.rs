//! Whether a signed zone has the data of the unsigned one: all but DNSSEC records and the serial.

use super::pile::Pile;
use crate::dns::rrset::{Rrset, Rrsets};
use crate::dns::soa::Soa;
use crate::dns::{Class, Name, Record, Rtype};
use crate::dnssec::verify::Finding;
use crate::dnssec::verify::rules::{ADDED, MISSING, TTL_CHANGED};
use crate::source::Spot;
use crate::zonefile::fields::Types;
use crate::zonefile::writer::Writer;
use std::cmp::Ordering;

/// Whether a record is data, rather than what signing is about.
pub(super) fn is_data(record: Record<'_>, apex: Name<'_>) -> bool {
    match record.rtype {
        Rtype::RRSIG | Rtype::NSEC | Rtype::NSEC3 | Rtype::NSEC3PARAM => false,
        Rtype::DNSKEY | Rtype::CDS | Rtype::CDNSKEY | Rtype::ZONEMD => record.owner != apex,
        _ => true,
    }
}

/// All differences between two sorted zones.
pub(super) fn differences(
    unsigned: &Pile,
    signed: &Pile,
    apex: Name<'_>,
    class: Class,
    each: &mut dyn FnMut(Finding),
) {
    let writer = Writer::new(class, Types::All);
    let (mut ours, mut theirs) = (Rrsets::default(), Rrsets::default());
    let (mut at, mut there) = (0, 0);
    loop {
        let (name, other) = (unsigned.name(at), signed.name(there));
        let order = match (&name, &other) {
            (None, None) => return,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((name, _)), Some((other, _))) => name.cmp(other),
        };
        let owner = name.filter(|_| order != Ordering::Greater).or(other).map_or(apex, |(name, _)| name);
        ours.start(owner);
        theirs.start(owner);
        let mut spot = Spot::default();
        if let Some((_, next)) = name.filter(|_| order != Ordering::Greater) {
            load(unsigned, at..next, apex, &mut ours);
            at = next;
        }
        if let Some((_, next)) = other.filter(|_| order != Ordering::Less) {
            spot = signed.records(there..next).next().map_or(spot, |(_, spot)| spot);
            load(signed, there..next, apex, &mut theirs);
            there = next;
        }
        compare(&ours, &theirs, spot, &writer, each);
    }
}

fn load(pile: &Pile, runs: std::ops::Range<usize>, apex: Name<'_>, sets: &mut Rrsets) {
    for (record, _) in pile.records(runs).filter(|(record, _)| is_data(*record, apex)) {
        if record.rtype == Rtype::SOA {
            sets.push(record.rtype, record.ttl, &Soa::with_serial(record.rdata, 0));
        } else {
            sets.push(record.rtype, record.ttl, record.rdata);
        }
    }
    sets.sort();
}

fn compare(unsigned: &Rrsets, signed: &Rrsets, spot: Spot, writer: &Writer, each: &mut dyn FnMut(Finding)) {
    for set in unsigned.iter() {
        let other = signed.find(set.rtype());
        for record in only_in(set, other) {
            let message = format!("missing: {}", line(record, writer));
            each(Finding::new(&MISSING, record.owner, Some(record.rtype), message, spot));
        }
        if let Some(other) = other.filter(|other| other.ttl() != set.ttl()) {
            let (owner, rtype) = (set.owner(), set.rtype());
            let message = format!("{owner} {rtype} has TTL {}, and unsigned {}", other.ttl(), set.ttl());
            each(Finding::new(&TTL_CHANGED, owner, Some(rtype), message, spot));
        }
    }
    for set in signed.iter() {
        for record in only_in(set, unsigned.find(set.rtype())) {
            let message = format!("added: {}", line(record, writer));
            each(Finding::new(&ADDED, record.owner, Some(record.rtype), message, spot));
        }
    }
}

/// The records of one `RRset` that another has not.
fn only_in<'a>(set: Rrset<'a>, other: Option<Rrset<'a>>) -> impl Iterator<Item = Record<'a>> {
    let others: Vec<&[u8]> = other.into_iter().flat_map(Rrset::canonical_rdata).collect();
    set.records()
        .zip(set.canonical_rdata())
        .filter(move |(_, rdata)| others.binary_search(rdata).is_err())
        .map(|(record, _)| record)
}

/// A record as a zone file has it, for people: blanks for tabs.
fn line(record: Record<'_>, writer: &Writer) -> String {
    let mut text = Vec::new();
    writer.push(record, &mut text);
    String::from_utf8_lossy(&text).trim_end().replace('\t', " ")
}
