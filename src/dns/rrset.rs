//! The `RRsets` of one name in canonical form and order (RFC 4034, section 6): what is signed, and what a
//! verifier checks.

use super::{Name, Record, Rtype, schema};

/// All records of one owner name. One value serves name after name without allocating anew.
#[derive(Debug, Default)]
pub struct Rrsets {
    owner: Vec<u8>,
    octets: Vec<u8>,
    items: Vec<Item>,
    sorted: bool,
}

/// One record: where its RDATA lies in `octets`, as written and in canonical form; often the same.
#[derive(Clone, Copy, Debug)]
struct Item {
    rtype: Rtype,
    ttl: u32,
    order: u32,
    written: Extent,
    canonical: Extent,
}

#[derive(Clone, Copy, Debug)]
struct Extent {
    start: u32,
    end: u32,
}

impl Extent {
    #[allow(clippy::cast_possible_truncation, reason = "see Rrsets::push")]
    fn new(start: usize, end: usize) -> Self {
        Self { start: start as u32, end: end as u32 }
    }

    fn of(self, octets: &[u8]) -> &[u8] {
        &octets[self.start as usize..self.end as usize]
    }
}

impl Rrsets {
    /// Forgets all records and starts with this owner.
    pub fn start(&mut self, owner: Name<'_>) {
        self.owner.clear();
        self.owner.extend_from_slice(owner.wire());
        self.octets.clear();
        self.items.clear();
        self.sorted = true;
    }

    /// Adds a record.
    ///
    /// # Panics
    /// If one name's records take 4 GiB.
    pub fn push(&mut self, rtype: Rtype, ttl: u32, rdata: &[u8]) {
        let start = self.octets.len();
        self.octets.extend_from_slice(rdata);
        let written = Extent::new(start, self.octets.len());
        let mut canonical = written;
        if !schema::is_canonical(rtype, rdata) {
            schema::push_canonical(rtype, rdata, &mut self.octets);
            canonical = Extent::new(written.end as usize, self.octets.len());
        }
        assert!(u32::try_from(self.octets.len()).is_ok(), "one name's records take 4 GiB");
        let order =
            u32::try_from(self.items.len()).expect("fewer records than octets, or the assertion above");
        self.items.push(Item { rtype, ttl, order, written, canonical });
        self.sorted = false;
    }

    /// Sorts by type and canonical RDATA (RFC 4034, section 6.3), drops exact duplicates (RFC 2181,
    /// section 5) and gives all records of an `RRset` the TTL of the one added first (RFC 2181, section 5.2
    /// forbids different ones; BIND keeps the first).
    pub fn sort(&mut self) {
        if self.sorted {
            return;
        }
        let Self { octets, items, .. } = self;
        let key = |item: &Item| (item.rtype, item.canonical, item.order);
        items.sort_unstable_by(|a, b| {
            let ((ta, ca, oa), (tb, cb, ob)) = (key(a), key(b));
            ta.cmp(&tb).then_with(|| ca.of(octets).cmp(cb.of(octets))).then(oa.cmp(&ob))
        });
        items.dedup_by(|b, a| a.rtype == b.rtype && a.canonical.of(octets) == b.canonical.of(octets));
        // RRSIGs of one name are no RRset: each has the TTL of what it covers (RFC 4034, section 3)
        for set in items.chunk_by_mut(|a, b| a.rtype == b.rtype && a.rtype != Rtype::RRSIG) {
            if let Some(first) = set.iter().min_by_key(|item| item.order).copied() {
                for item in set {
                    item.ttl = first.ttl;
                }
            }
        }
        self.sorted = true;
    }

    /// The owner of all records.
    #[must_use]
    pub fn owner(&self) -> Name<'_> {
        Name::trusted_whole(&self.owner)
    }

    /// The `RRsets` by ascending type, after [`Rrsets::sort`].
    pub fn iter(&self) -> impl Iterator<Item = Rrset<'_>> {
        debug_assert!(self.sorted);
        self.items.chunk_by(|a, b| a.rtype == b.rtype).map(|items| Rrset { sets: self, items })
    }

    /// The `RRset` of one type, if there is one, after [`Rrsets::sort`].
    #[must_use]
    pub fn find(&self, rtype: Rtype) -> Option<Rrset<'_>> {
        self.iter().find(|set| set.rtype() == rtype)
    }
}

/// The records of one owner and type; one at least.
#[derive(Clone, Copy, Debug)]
pub struct Rrset<'a> {
    sets: &'a Rrsets,
    items: &'a [Item],
}

impl<'a> Rrset<'a> {
    /// Whose it is.
    #[must_use]
    pub fn owner(self) -> Name<'a> {
        Name::trusted_whole(&self.sets.owner)
    }

    /// The type of its records.
    #[must_use]
    pub fn rtype(self) -> Rtype {
        self.items[0].rtype
    }

    /// The TTL of its records.
    #[must_use]
    pub fn ttl(self) -> u32 {
        self.items[0].ttl
    }

    /// How many records it has.
    #[must_use]
    #[allow(clippy::len_without_is_empty, reason = "an RRset is never empty")]
    pub fn len(self) -> usize {
        self.items.len()
    }

    /// Its records as written, in canonical order.
    pub fn records(self) -> impl Iterator<Item = Record<'a>> {
        let (owner, sets) = (self.owner(), self.sets);
        self.items.iter().map(move |item| Record {
            owner,
            rtype: item.rtype,
            ttl: item.ttl,
            rdata: item.written.of(&sets.octets),
        })
    }

    /// The canonical RDATA of its records, ascending.
    pub fn canonical_rdata(self) -> impl Iterator<Item = &'a [u8]> {
        let sets = self.sets;
        self.items.iter().map(move |item| item.canonical.of(&sets.octets))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorted_without_duplicates_and_with_one_ttl() {
        let mut sets = Rrsets::default();
        sets.start(Name::from_wire(b"\x01a\0").unwrap());
        sets.push(Rtype::NS, 60, b"\x01Z\0");
        sets.push(Rtype::A, 5, &[9, 0, 0, 1]);
        sets.push(Rtype::NS, 70, b"\x01b\0");
        sets.push(Rtype::NS, 80, b"\x01z\0");
        sets.sort();
        let found: Vec<_> =
            sets.iter().flat_map(|set| set.records().map(|r| (r.rtype, r.ttl, r.rdata))).collect();
        // the canonical form "z" sorts behind "b" and is the same twice; the spelling seen first stays
        let ns = [&b"\x01b\0"[..], b"\x01Z\0"];
        assert_eq!(found, [(Rtype::A, 5, &[9, 0, 0, 1][..]), (Rtype::NS, 60, ns[0]), (Rtype::NS, 60, ns[1])]);
        let canonical: Vec<_> = sets.find(Rtype::NS).unwrap().canonical_rdata().collect();
        assert_eq!(canonical, [b"\x01b\0", b"\x01z\0"]);
        assert!(sets.find(Rtype::MX).is_none());
    }
}
