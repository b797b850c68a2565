//! Signatures of an earlier version of the zone that are still good, and are kept octet for octet.
//!
//! A signature is kept if what it covers is what it covered (owner, type, TTL, data), the key that made it
//! still signs such records, and it holds long enough; see [`Reuse`].

use super::policy::Validity;
use super::rrsig::Rrsig;
use crate::dns::rrset::Rrset;
use crate::dns::time::Time;
use crate::dns::{Name, Record, Rtype};
use crate::keys::{Key, key_tag};
use std::ops::Range;

/// What makes a signature worth keeping.
#[derive(Clone, Debug)]
pub struct Reuse {
    /// The time now: it must hold already.
    pub now: Time,
    /// It must hold for more than so many seconds from now.
    pub refresh: i64,
    /// The DNSKEYs of the version it comes from: key tags may collide, these do not.
    pub keys: Vec<Vec<u8>>,
}

impl Reuse {
    /// Whether the times of a signature let it be kept, if new ones end at `latest`: a shorter validity than
    /// before is obeyed at once.
    #[must_use]
    pub fn holds(&self, rrsig: &Rrsig<'_>, latest: Time) -> bool {
        let time = |wire| Time::from_wire(wire, self.now);
        let (inception, expiration) = (time(rrsig.inception), time(rrsig.expiration));
        inception <= self.now && expiration.0 - self.now.0 > self.refresh && expiration <= latest
    }

    /// Whether signatures of this key may be kept at all: it was in the zone, and its tag was no other's.
    fn knows(&self, key: &Key) -> bool {
        let id = |rdata: &[u8]| (rdata.get(3).copied(), key_tag(rdata));
        let ours = id(key.rdata());
        let mut same = self.keys.iter().filter(|rdata| id(rdata) == ours);
        same.clone().any(|rdata| rdata == key.rdata()) && same.all(|rdata| rdata == key.rdata())
    }
}

/// Records of a stretch of the earlier version, in canonical order of their owners.
#[derive(Debug, Default)]
pub struct Earlier {
    octets: Vec<u8>,
    rows: Vec<Row>,
    owners: Vec<Owner>,
    /// The first owner that is not before the name that was asked for last.
    next: usize,
    /// The rows of that name.
    here: Range<usize>,
}

#[derive(Debug)]
struct Owner {
    /// Where in the octets it is.
    name: usize,
    /// Its first row.
    row: usize,
}

#[derive(Debug)]
struct Row {
    rdata: Range<usize>,
    rtype: Rtype,
    ttl: u32,
}

impl Earlier {
    /// Forgets all records.
    pub fn clear(&mut self) {
        self.octets.clear();
        self.rows.clear();
        self.owners.clear();
        self.next = 0;
        self.here = 0..0;
    }

    /// Adds a record, which is not before those that are there. Names of which nothing is signed are forgotten again:
    /// in the zone of a registry most are.
    pub fn push(&mut self, record: Record<'_>) {
        if self.owners().next_back() != Some(record.owner) {
            self.forget_unsigned();
            self.owners.push(Owner { name: self.octets.len(), row: self.rows.len() });
            self.octets.extend_from_slice(record.owner.wire());
        }
        let start = self.octets.len();
        self.octets.extend_from_slice(record.rdata);
        let rdata = start..self.octets.len();
        self.rows.push(Row { rdata, rtype: record.rtype, ttl: record.ttl });
    }

    /// Forgets the last name, unless there is a signature.
    fn forget_unsigned(&mut self) {
        let Some(last) = self.owners.last() else { return };
        if self.rows[last.row..].iter().all(|row| row.rtype != Rtype::RRSIG) {
            self.octets.truncate(last.name);
            self.rows.truncate(last.row);
            self.owners.pop();
        }
    }

    /// The owners of all records, in order.
    #[must_use]
    pub fn owners(&self) -> impl DoubleEndedIterator<Item = Name<'_>> {
        self.owners.iter().map(|owner| Name::trusted(&self.octets[owner.name..]))
    }

    /// Forgets the records of all names from this one on.
    pub fn truncate(&mut self, end: Name<'_>) {
        let behind = self.owners().rev().take_while(|owner| *owner >= end).count();
        let left = self.owners.len() - behind;
        if let Some(first) = self.owners.get(left) {
            self.rows.truncate(first.row);
        }
        self.owners.truncate(left);
    }

    /// Goes on to a name's records. Names must be asked for in canonical order.
    pub fn seek(&mut self, owner: Name<'_>) {
        let name = |at: usize| self.owners.get(at).map(|owner| Name::trusted(&self.octets[owner.name..]));
        let row = |at: usize| self.owners.get(at).map_or(self.rows.len(), |owner| owner.row);
        let mut next = self.next;
        while name(next).is_some_and(|name| name < owner) {
            next += 1;
        }
        let end = next + usize::from(name(next) == Some(owner));
        self.here = row(next)..row(end);
        self.next = next;
    }

    /// The RDATA of a signature by `key` over `set`, whose owner was sought last, if there is one to keep.
    #[must_use]
    pub fn signature(&self, set: Rrset<'_>, key: &Key, reuse: &Reuse, validity: &Validity) -> Option<&[u8]> {
        let here = &self.rows[self.here.clone()];
        let of = |rtype: Rtype| here.iter().filter(move |row| row.rtype == rtype);
        let octets = |row: &Row| &self.octets[row.rdata.clone()];
        if !reuse.knows(key) {
            return None;
        }
        let same = set.records().map(|record| (record.ttl, record.rdata));
        if !same.eq(of(set.rtype()).map(|row| (row.ttl, octets(row)))) {
            return None;
        }
        let good = |rdata: &&[u8]| {
            Rrsig::parse(rdata).is_some_and(|rrsig| {
                let made = (rrsig.type_covered, rrsig.algorithm, rrsig.key_tag, rrsig.original_ttl);
                made == (set.rtype(), key.algorithm().number(), key.tag(), set.ttl())
                    && rrsig.signer == key.zone().as_name()
                    && rrsig.labels == set.owner().rrsig_labels()
                    && reuse.holds(&rrsig, validity.latest(set.rtype()))
            })
        };
        of(Rtype::RRSIG).map(octets).find(good)
    }
}
