//! NSEC3 records (RFC 5155): the hash of a name, the chain of hashes, the RDATA.
//!
//! In: a sealed zone. Out: a [`Chain`], the sorted hashes of all names that have a place in it, each with the number
//! of its bitmap: the records of a chain are made in the order of hashes, and names in that order lie anywhere in
//! memory, so none is looked at again.

use super::nsec;
use crate::dns::text::hash_label;
use crate::dns::{Name, NameBuf, Rtype};
use crate::error::{Fault, Result};
use crate::threads;
use crate::zone::empties::Empties;
use crate::zone::{Standing, Zone};
use sha1::{Digest, Sha1};
use std::collections::HashMap;
use std::ops::Range;

/// The one hash algorithm there is, SHA-1 (RFC 5155, section 11).
pub const SHA1: u8 = 1;
/// The Opt-Out flag (RFC 5155, section 3.1.2.1).
pub const OPT_OUT: u8 = 1;
/// A hash is a label of 32 characters and its length octet.
const LABEL: usize = 33;

/// The hash of a name.
pub type Hash = [u8; 20];

/// How names are hashed.
#[derive(Clone, Debug, Eq)]
pub struct Params {
    /// How often the hash is hashed again; 0 is best practice (RFC 9276, section 3.1).
    pub iterations: u16,
    /// At most 255 octets; none is best practice (RFC 9276, section 3.1).
    pub salt: Vec<u8>,
}

impl PartialEq for Params {
    /// Octet by octet: salts are short, mostly empty, and comparing empty vectors as memory takes some processors
    /// longer than hashing a name.
    fn eq(&self, other: &Self) -> bool {
        self.iterations == other.iterations && self.salt.iter().eq(&other.salt)
    }
}

impl Params {
    /// The fields that NSEC3 and NSEC3PARAM share: algorithm, flags, iterations, salt (RFC 5155, sections 3
    /// and 4). `None`: cut short, or another hash algorithm than SHA-1.
    #[must_use]
    pub fn parse(rdata: &[u8]) -> Option<(Self, u8, &[u8])> {
        let (&[algorithm, flags, high, low, length], rest) = rdata.split_first_chunk()?;
        let (salt, rest) = rest.split_at_checked(usize::from(length))?;
        let params = Self { iterations: u16::from_be_bytes([high, low]), salt: salt.to_vec() };
        (algorithm == SHA1).then_some((params, flags, rest))
    }

    /// Appends those fields.
    pub fn push(&self, flags: u8, out: &mut Vec<u8>) {
        out.extend_from_slice(&[SHA1, flags]);
        out.extend_from_slice(&self.iterations.to_be_bytes());
        out.push(u8::try_from(self.salt.len()).expect("a salt has at most 255 octets"));
        out.extend_from_slice(&self.salt);
    }

    /// The hash of a name (RFC 5155, section 5): of its canonical form and the salt, then of the hash and
    /// the salt, `iterations` times.
    #[must_use]
    pub fn hash(&self, name: Name<'_>) -> Hash {
        let mut lower = [0; crate::dns::name::MAX_NAME];
        let lower = &mut lower[..name.wire().len()];
        lower.copy_from_slice(name.wire());
        lower.make_ascii_lowercase();
        let mut hash: Hash = Sha1::new().chain_update(lower).chain_update(&self.salt).finalize().into();
        for _ in 0..self.iterations {
            hash = Sha1::new().chain_update(hash).chain_update(&self.salt).finalize().into();
        }
        hash
    }
}

/// The owner of the NSEC3 with this hash.
///
/// # Panics
/// If the apex has more than 222 octets: [`Chain::new`] refuses such a zone.
#[must_use]
pub fn owner(hash: &Hash, apex: Name<'_>) -> NameBuf {
    NameBuf::below(apex, &hash_label(hash)).expect("there is room for the label in front of the apex")
}

/// The hash that a name is the owner of, if it is one directly below the apex.
#[must_use]
pub fn hash_of_owner(owner: Name<'_>, apex: Name<'_>) -> Option<Hash> {
    let label = owner.labels().next().filter(|label| label.len() == LABEL - 1)?;
    owner.parent().filter(|parent| *parent == apex)?;
    let mut hash = Vec::with_capacity(20);
    crate::dns::text::parse_base32hex(label, &mut hash)?;
    hash.try_into().ok()
}

/// Which delegations the chain leaves out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OptOut {
    /// None.
    No,
    /// None, though the Opt-Out flag is set on every record.
    Flag,
    /// Insecure ones, and empty non-terminals with nothing else below them; the flag is set.
    LeaveOut,
}

impl OptOut {
    /// The flags field of the chain's records.
    #[must_use]
    pub fn flags(self) -> u8 {
        if self == Self::No { 0 } else { OPT_OUT }
    }
}

#[derive(Clone, Copy, Debug)]
struct Link {
    hash: Hash,
    /// The number of a name, or with [`EMPTY`] an index of `empties`.
    origin: u32,
    /// Which of the chain's bitmaps it has.
    bitmap: u32,
}

impl Link {
    /// Its place among all hashes: numbers are compared faster than octets.
    fn rank(&self) -> (u128, u32) {
        let [high @ .., a, b, c, d] = self.hash;
        (u128::from_be_bytes(high), u32::from_be_bytes([a, b, c, d]))
    }
}

const EMPTY: u32 = 1 << 31;

/// The bitmaps of a chain, each once: a zone has few.
#[derive(Debug, Default)]
struct Bitmaps {
    all: Vec<Box<[u8]>>,
    numbers: HashMap<Box<[u8]>, u32>,
}

impl Bitmaps {
    /// The number of a bitmap.
    fn number(&mut self, bitmap: &[u8]) -> u32 {
        if let Some(&number) = self.numbers.get(bitmap) {
            return number;
        }
        let number = u32::try_from(self.all.len()).expect("there are less than 2^31 names");
        self.all.push(bitmap.into());
        self.numbers.insert(bitmap.into(), number);
        number
    }
}

/// The whole chain, in the order of its hashes.
#[derive(Debug)]
pub struct Chain {
    params: Params,
    opt_out: OptOut,
    links: Vec<Link>,
    /// A name below each empty non-terminal, and the latter's label count.
    empties: Vec<(u32, u8)>,
    bitmaps: Bitmaps,
}

impl Chain {
    /// The chain of a zone: every name with authoritative data, every delegation that is not left out, and
    /// the empty non-terminals above these (RFC 5155, section 7.1).
    ///
    /// # Errors
    /// The apex is too long for a hash in front of it; two names have the same hash.
    pub fn new(zone: &Zone, params: Params, opt_out: OptOut, threads: usize) -> Result<Self> {
        let apex = zone.apex();
        if apex.wire().len() + LABEL > crate::dns::name::MAX_NAME {
            return Err(Fault::error(format!(
                "the zone name {apex} is too long for NSEC3: a hash of 32 characters does not fit in front of it"
            ))
            .hint("use NSEC: leave out -n and -P"));
        }
        if zone.names() + zone.counts().empty_non_terminals >= EMPTY as usize {
            return Err(Fault::error("the zone has more than 2147483647 names"));
        }
        let (links, empties) = (Vec::new(), Vec::new());
        let mut chain = Self { params, opt_out, links, empties, bitmaps: Bitmaps::default() };
        let parts = threads::each(zone.parts(threads), |names| chain.part(zone, names));
        let runs: Vec<Vec<Link>> = parts.into_iter().map(|part| chain.take_in(part)).collect();
        chain.links = merge(&runs, threads);
        chain.refuse_collision(zone)?;
        Ok(chain)
    }

    /// What the chain has of one of [`Zone::parts`], its links in the order of their hashes.
    fn part(&self, zone: &Zone, names: Range<usize>) -> Self {
        let (mut links, mut empties, mut bitmaps) = (Vec::new(), Vec::new(), Bitmaps::default());
        let (mut types, mut bitmap) = (Vec::new(), Vec::new());
        let mut above = Empties::new(zone.apex());
        let few = |number: usize| u32::try_from(number).expect("there are less than 2^31 names");
        let leaves_out = |number| self.opt_out == OptOut::LeaveOut && zone.is_insecure_cut(number);
        let listed = names.filter(|&number| zone.standing(number).in_chain() && !leaves_out(number));
        zone.visit(listed, |number| {
            let name = zone.name(number);
            above.step(name, |labels| {
                let hash = self.params.hash(name.ancestor(labels));
                links.push(Link { hash, origin: few(empties.len()) | EMPTY, bitmap: bitmaps.number(&[]) });
                empties.push((few(number), u8::try_from(labels).expect("a name has at most 127 labels")));
            });
            types.clear();
            types.extend(zone.types(number));
            bitmap.clear();
            push_bitmap(&mut types, zone.standing(number), &mut bitmap);
            let (hash, bitmap) = (self.params.hash(name), bitmaps.number(&bitmap));
            links.push(Link { hash, origin: few(number), bitmap });
        });
        links.sort_unstable_by_key(Link::rank);
        Self { params: self.params.clone(), opt_out: self.opt_out, links, empties, bitmaps }
    }

    /// Takes over all that a part has but its links, which are returned as links of this chain.
    fn take_in(&mut self, part: Self) -> Vec<Link> {
        let Self { mut links, empties, bitmaps, .. } = part;
        let before = u32::try_from(self.empties.len()).expect("there are less than 2^31 names");
        let bitmaps: Vec<u32> = bitmaps.all.iter().map(|bitmap| self.bitmaps.number(bitmap)).collect();
        for link in &mut links {
            link.origin += if link.origin & EMPTY == 0 { 0 } else { before };
            link.bitmap = bitmaps[link.bitmap as usize];
        }
        self.empties.extend(empties);
        links
    }

    /// "If a hash collision is detected, then a new salt has to be chosen" (RFC 5155, section 7.1).
    fn refuse_collision(&self, zone: &Zone) -> Result<()> {
        let Some(pair) = self.links.windows(2).find(|pair| pair[0].hash == pair[1].hash) else {
            return Ok(());
        };
        let name = |link: &Link| self.preimage(link.origin, zone);
        Err(Fault::error(format!("{} and {} have the same NSEC3 hash", name(&pair[0]), name(&pair[1])))
            .hint("use NSEC, or another salt (-s)"))
    }

    fn preimage<'z>(&self, origin: u32, zone: &'z Zone) -> Name<'z> {
        if origin & EMPTY == 0 {
            return zone.name(origin as usize);
        }
        let (below, labels) = self.empties[(origin & !EMPTY) as usize];
        zone.name(below as usize).ancestor(usize::from(labels))
    }

    /// How names are hashed.
    #[must_use]
    pub fn params(&self) -> &Params {
        &self.params
    }

    /// What is left out.
    #[must_use]
    pub fn opt_out(&self) -> OptOut {
        self.opt_out
    }

    /// How many links it has.
    #[must_use]
    #[allow(clippy::len_without_is_empty, reason = "the apex is always in it")]
    pub fn len(&self) -> usize {
        self.links.len()
    }

    /// A link's hash.
    #[must_use]
    pub fn hash(&self, link: usize) -> &Hash {
        &self.links[link].hash
    }

    /// The link with this hash.
    #[must_use]
    pub fn find(&self, hash: &Hash) -> Option<usize> {
        self.links.binary_search_by_key(hash, |link| link.hash).ok()
    }

    /// The name that a link is the hash of.
    #[must_use]
    pub fn name<'z>(&self, link: usize, zone: &'z Zone) -> Name<'z> {
        self.preimage(self.links[link].origin, zone)
    }

    /// The number of links whose owners come before `name`, a name of the zone with this apex, in canonical order.
    #[must_use]
    pub fn before(&self, name: Name<'_>, apex: Name<'_>) -> usize {
        self.links.partition_point(|link| owner(&link.hash, apex).as_name() < name)
    }

    /// Puts a link's RDATA into `out`.
    pub fn rdata(&self, link: usize, out: &mut Vec<u8>) {
        let next = &self.links[(link + 1) % self.links.len()].hash;
        out.clear();
        self.params.push(self.opt_out.flags(), out);
        out.push(20);
        out.extend_from_slice(next);
        out.extend_from_slice(&self.bitmaps.all[self.links[link].bitmap as usize]);
    }
}

/// The links of runs that are in the order of their hashes, in that order. Each thread has a share of all hashes: about
/// as many as the others, as hashes are.
fn merge(runs: &[Vec<Link>], threads: usize) -> Vec<Link> {
    let shares = threads.clamp(1, 256);
    let share_of = |link: &Link| usize::from(link.hash[0]) * shares / 256;
    let mut links = Vec::with_capacity(runs.iter().map(Vec::len).sum());
    let mut lengths = Vec::with_capacity(shares);
    for share in 0..shares {
        let before = links.len();
        for run in runs {
            let start = run.partition_point(|link| share_of(link) < share);
            let end = run.partition_point(|link| share_of(link) <= share);
            links.extend_from_slice(&run[start..end]);
        }
        lengths.push(links.len() - before);
    }
    let mut rest = links.as_mut_slice();
    let shares = lengths.into_iter().filter_map(|length| rest.split_off_mut(..length)).collect();
    // a few runs one behind the other, which this sort sees
    threads::each(shares, |share| share.sort_by_key(Link::rank));
    links
}

/// Appends the bitmap of a name's NSEC3: its types, and RRSIG if one of its `RRsets` is signed, which at an
/// insecure delegation none is (RFC 5155, section 7.1).
fn push_bitmap(types: &mut Vec<Rtype>, standing: Standing, out: &mut Vec<u8>) {
    let signed = |rtype: &Rtype| *rtype != Rtype::NSEC3 && standing.signs(*rtype);
    let added = types.iter().any(signed).then_some(Rtype::RRSIG);
    nsec::push_bitmap(types, standing, added, out);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> NameBuf {
        NameBuf::from_text(text).unwrap()
    }

    #[test]
    fn hashes_of_rfc_5155_appendix_a() {
        let params = Params { iterations: 12, salt: vec![0xaa, 0xbb, 0xcc, 0xdd] };
        for (text, hash) in [
            ("example.", "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom"),
            ("a.example.", "35mthgpgcu1qg68fab165klnsnk3dpvl"),
            ("AI.example.", "gjeqe526plbf1g8mklp59enfd789njgi"),
            ("ns1.example.", "2t7b4g4vsa5smi47k61mv5bv1a22bojr"),
            ("w.example.", "k8udemvp1j2f7eg6jebps17vp3n8i58h"),
            ("*.w.example.", "r53bq7cc2uvmubfu5ocmm6pers9tk9en"),
            ("x.y.w.example.", "2vptu5timamqttgl4luu9kg21e0aor3s"),
            ("xx.example.", "t644ebqk9bibcna874givr6joj62mlhv"),
        ] {
            let owner = owner(&params.hash(name(text).as_name()), name("example.").as_name());
            assert_eq!(owner.to_string(), format!("{hash}.example."), "{text}");
            let back = hash_of_owner(owner.as_name(), name("EXAMPLE.").as_name());
            assert_eq!(back, Some(params.hash(name(text).as_name())));
        }
    }

    #[test]
    fn fields_of_nsec3param() {
        let params = Params { iterations: 12, salt: vec![0xaa, 0xbb] };
        let mut rdata = Vec::new();
        params.push(OPT_OUT, &mut rdata);
        assert_eq!(rdata, [1, 1, 0, 12, 2, 0xaa, 0xbb]);
        assert_eq!(Params::parse(&rdata), Some((params, 1, &[][..])));
        assert!(Params::parse(&[2, 0, 0, 0, 0]).is_none() && Params::parse(&[1, 0, 0, 0, 1]).is_none());
    }

    #[test]
    fn what_is_no_hash_of_the_zone() {
        let apex = name("example.");
        let none = |text: &str| hash_of_owner(name(text).as_name(), apex.as_name()).is_none();
        assert!(none("example.") && none("0p9mhaveqvm6t7vbl5lop2u3t2rp3to.example."));
        assert!(none("zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz.example."));
        assert!(none("0p9mhaveqvm6t7vbl5lop2u3t2rp3tom.a.example."));
    }
}
