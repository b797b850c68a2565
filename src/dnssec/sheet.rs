//! Records in wire form, their signatures left blank until some dozens are due, which are then made one right after the
//! other. A signature goes through tables larger than the nearest cache: made one by one, each would throw out of it what
//! making the next record needs.

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
    /// Room for an RRSIG's RDATA, or its signature.
    rdata: Vec<u8>,
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
        let mut rdata = std::mem::take(&mut self.rdata);
        rdata.clear();
        rdata.extend_from_slice(&self.data[start..start + head]);
        rdata.resize(head + length, 0);
        self.record(Record { owner, rtype: Rtype::RRSIG, ttl, rdata: &rdata });
        self.rdata = rdata;
        let end = self.octets.len();
        self.due.push(Due { key, data: start..self.data.len(), blank: end - length..end });
    }

    /// Takes it if there is enough on it.
    ///
    /// # Errors
    /// A key cannot sign.
    pub fn take_when_full(&mut self, emit: &mut dyn FnMut(&Self)) -> Result<()> {
        if self.octets.len() < FULL { Ok(()) } else { self.take(emit) }
    }

    /// Makes all signatures, hands the records over and forgets them.
    ///
    /// # Errors
    /// A key cannot sign.
    pub fn take(&mut self, emit: &mut dyn FnMut(&Self)) -> Result<()> {
        for Due { key, data, blank } in self.due.drain(..) {
            self.rdata.clear();
            key.sign(&self.data[data], &mut self.rdata)?;
            self.octets[blank].copy_from_slice(&self.rdata);
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
                rdata: &rest[Record::HEAD..],
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::NameBuf;
    use crate::dns::rrset::Rrsets;
    use crate::dns::time::Time;
    use crate::keys::{Algorithm, PublicKey, Role, Verdict, generate::generate, pem};

    fn key(algorithm: Algorithm) -> Key {
        let new = generate(&NameBuf::root(), Role::Csk, algorithm, None, &[], Time(1_700_000_000)).unwrap();
        let pem = pem::parse(new.text().as_bytes(), "file").unwrap().remove(0);
        Key::new(pem, &NameBuf::root(), Role::Csk, "file").unwrap()
    }

    fn signed<'k>(keys: &'k [Key], sets: &Rrsets, sheet: &mut Sheet<'k>) {
        for set in sets.iter() {
            set.records().for_each(|record| sheet.record(record));
            for key in keys {
                let rrsig = Rrsig {
                    type_covered: set.rtype(),
                    algorithm: key.algorithm().number(),
                    labels: set.owner().rrsig_labels(),
                    original_ttl: set.ttl(),
                    expiration: 2,
                    inception: 1,
                    key_tag: key.tag(),
                    signer: Name::ROOT,
                    signature: &[],
                };
                sheet.rrsig(&rrsig, set, Class::IN, key);
            }
        }
    }

    #[test]
    fn every_signature_gets_into_its_place_on_sheet_after_sheet() {
        // signatures of two lengths: 64 and 96 octets
        let keys = [key(Algorithm::Ed25519), key(Algorithm::EcdsaP384Sha384)];
        let public: Vec<PublicKey> =
            keys.iter().map(|key| PublicKey::from_rdata(key.rdata()).unwrap()).collect();
        let mut sheet = Sheet::default();
        let mut sets = Rrsets::default();
        let (mut sheets, mut verified) = (0, 0);
        for number in 0..90_u8 {
            let name = NameBuf::from_text(&format!("n{number}.")).unwrap();
            sets.start(name.as_name());
            sets.push(Rtype::A, 60, &[192, 0, 2, number]);
            sets.push(Rtype::A, 60, &[192, 0, 2, number / 2]);
            sets.push(Rtype::TXT, 5, &[1, number]);
            sets.sort();
            signed(&keys, &sets, &mut sheet);
            let mut check = |sheet: &Sheet<'_>| {
                let (mut octets, mut covered) = (Vec::new(), Rrsets::default());
                covered.start(Name::ROOT);
                for record in sheet.records() {
                    record.push_octets(&mut octets);
                    if record.rtype != Rtype::RRSIG {
                        if covered.owner() != record.owner {
                            covered.start(record.owner);
                        }
                        covered.push(record.rtype, record.ttl, record.rdata);
                        covered.sort();
                        continue;
                    }
                    let rrsig = Rrsig::parse(record.rdata).unwrap();
                    let set = covered.find(rrsig.type_covered).unwrap();
                    assert_eq!(record.ttl, set.ttl());
                    let mut data = Vec::new();
                    rrsig.signed_data(set, Class::IN, &mut data);
                    let by = public.iter().find(|key| key.algorithm() == rrsig.algorithm).unwrap();
                    assert_eq!(by.verify(&data, rrsig.signature), Verdict::Good);
                    verified += 1;
                }
                assert_eq!(sheet.octets(), octets);
                sheets += 1;
            };
            sheet.take_when_full(&mut check).unwrap();
            if number == 89 {
                sheet.take(&mut check).unwrap();
                assert_eq!((sheet.records().count(), sheet.octets().len()), (0, 0));
            }
        }
        assert_eq!(verified, 90 * 2 * 2);
        assert!(sheets > 2, "{sheets}");
    }
}
