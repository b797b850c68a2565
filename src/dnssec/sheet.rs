//! Records in wire form, their signatures left blank until some dozens are due, which are then made one right
//! after the other. Signing goes through tables larger than the nearest cache: between any two signatures it
//! would throw out all that making the records needs, and this would be fetched anew for every one.

use super::rrsig::Rrsig;
use crate::dns::rrset::Rrset;
use crate::dns::{Class, Name, Record, Rtype};
use crate::error::Result;
use crate::keys::Key;
use std::ops::Range;

/// So many octets of records fill a sheet: they stay in the nearest cache until they are text, and have enough
/// signatures among them.
const FULL: usize = 1 << 14;

/// Records that are made together, in order.
#[derive(Debug, Default)]
pub struct Sheet<'k> {
    /// Of all records, as [`Record::push_octets`] has them.
    octets: Vec<u8>,
    places: Vec<Place>,
    due: Vec<Due<'k>>,
    /// What the signatures that are due cover.
    data: Vec<u8>,
    signature: Vec<u8>,
}

/// Where a record lies in the octets, and how much of it is no RDATA.
#[derive(Clone, Copy, Debug)]
struct Place {
    start: usize,
    owner: usize,
    rtype: Rtype,
    ttl: u32,
    end: usize,
}

/// A signature that is still to be made.
#[derive(Debug)]
struct Due<'k> {
    key: &'k Key,
    data: Range<usize>,
    /// Where it goes.
    blank: Range<usize>,
}

impl<'k> Sheet<'k> {
    /// Adds a record.
    pub fn record(&mut self, record: Record<'_>) {
        let start = self.octets.len();
        record.push_octets(&mut self.octets);
        self.places.push(Place {
            start,
            owner: record.owner.wire().len(),
            rtype: record.rtype,
            ttl: record.ttl,
            end: self.octets.len(),
        });
    }

    /// Adds an RRSIG of an `RRset`, its signature due.
    pub fn rrsig(&mut self, rrsig: &Rrsig<'_>, set: Rrset<'_>, class: Class, key: &'k Key) {
        let start = self.data.len();
        let head = rrsig.signed_data(set, class, &mut self.data);
        // "The TTL value of an RRSIG RR MUST match the TTL value of the RRset it covers" (RFC 4034, 3)
        let (owner, ttl) = (set.owner(), set.ttl());
        let length = key.signature_len();
        self.signature.clear();
        self.signature.extend_from_slice(&self.data[start..start + head]);
        self.signature.resize(head + length, 0);
        let rdata = std::mem::take(&mut self.signature);
        self.record(Record { owner, rtype: Rtype::RRSIG, ttl, rdata: &rdata });
        self.signature = rdata;
        let end = self.octets.len();
        self.due.push(Due { key, data: start..self.data.len(), blank: end - length..end });
    }

    /// Whether it is time to take it.
    #[must_use]
    pub fn full(&self) -> bool {
        self.octets.len() >= FULL
    }

    /// Makes all signatures, hands the records over and forgets them.
    ///
    /// # Errors
    /// A key cannot sign.
    pub fn take(&mut self, emit: &mut dyn FnMut(&Self)) -> Result<()> {
        for Due { key, data, blank } in self.due.drain(..) {
            self.signature.clear();
            key.sign(&self.data[data], &mut self.signature)?;
            self.octets[blank].copy_from_slice(&self.signature);
        }
        emit(self);
        self.octets.clear();
        self.places.clear();
        self.data.clear();
        Ok(())
    }

    /// All records, as [`Record::push_octets`] has them.
    #[must_use]
    pub fn octets(&self) -> &[u8] {
        &self.octets
    }

    /// All records.
    pub fn records(&self) -> impl Iterator<Item = Record<'_>> {
        self.places.iter().map(|place| {
            let (owner, rest) = self.octets[place.start..place.end].split_at(place.owner);
            Record {
                owner: Name::trusted_whole(owner),
                rtype: place.rtype,
                ttl: place.ttl,
                rdata: &rest[14..],
            }
        })
    }
}
