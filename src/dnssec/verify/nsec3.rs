//! The rules for an NSEC3 chain (RFC 5155, section 7.1).
//!
//! A record of the chain stands far from the name it speaks of, often in another span. So each span adds up
//! what its NSEC3 records say and what its names want said; equal sums are equal sets. What is added up is a hash
//! with a key of its own each run, so that nobody can make a file whose sums are equal by design. Only if they
//! differ is everything listed, to tell which record is wrong.

use super::finding::Finding;
use super::name::words;
use super::rules::{NSEC3_EXTRA, NSEC3_LAYOUT, NSEC3_MISSING, NSEC3_NEXT, NSEC3_OPT_OUT, NSEC3_TYPES};
use crate::dns::{Name, NameBuf, Rtype, bitmap};
use crate::dnssec::nsec3::{Hash, OPT_OUT, Params, owner};
use crate::source::Spot;
use xxhash_rust::xxh3::xxh3_128_with_seed;

/// A sum over a set of links that does not depend on their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sum {
    links: u64,
    total: u128,
}

impl Sum {
    /// Of a link: a hash, and a bitmap behind it.
    fn of(link: &[u8], key: u64) -> Self {
        Self { links: 1, total: xxh3_128_with_seed(link, key) }
    }

    fn add(&mut self, other: Self) {
        self.links += other.links;
        self.total = self.total.wrapping_add(other.total);
    }
}

/// An NSEC3 record.
pub(super) struct Link<'a> {
    pub(super) hash: Hash,
    pub(super) next: Hash,
    pub(super) flags: u8,
    pub(super) bitmap: &'a [u8],
    pub(super) spot: Spot,
}

/// What a name wants of the chain.
pub(super) struct Want<'a> {
    pub(super) name: Name<'a>,
    pub(super) types: &'a [Rtype],
    pub(super) place: Place,
    pub(super) spot: Spot,
}

/// How much a name wants to be in the chain. With opt-out, insecure delegations and the empty non-terminals
/// with nothing else below them may be left out, all of them, some or none: so there are two sums.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// It must be there: it counts in both sums.
    Must,
    /// It may be left out: it counts among all.
    May,
    /// It must be there, and was counted among all already: an empty non-terminal.
    MustCounted,
}

#[derive(Clone, Copy, Debug)]
struct End {
    hash: Hash,
    next: Hash,
    spot: Spot,
}

/// What a span, or all spans joined, have of one chain.
#[derive(Debug)]
pub(super) struct Chain {
    params: Params,
    apex: NameBuf,
    first: Option<Hash>,
    last: Option<End>,
    seen: Sum,
    /// What must be there, and that with what may be left out.
    due: Sum,
    all: Sum,
    /// A record has not the Opt-Out flag.
    closed: bool,
    /// A delegation to an insecure zone was not looked for.
    opted_out: bool,
    lists: Option<Lists>,
    /// Of the hash that is added up.
    key: u64,
    /// The link at hand.
    octets: Vec<u8>,
}

#[derive(Debug, Default)]
struct Lists {
    seen: Vec<Seen>,
    due: Vec<Due>,
}

#[derive(Debug)]
struct Seen {
    hash: Hash,
    flags: u8,
    bitmap: Vec<u8>,
    spot: Spot,
}

#[derive(Debug)]
struct Due {
    hash: Hash,
    name: Box<[u8]>,
    bitmap: Vec<u8>,
    insecure: bool,
    spot: Spot,
}

impl Chain {
    /// `key` is the same for all spans.
    pub(super) fn new(params: &Params, apex: Name<'_>, explains: bool, key: u64) -> Self {
        Self {
            params: params.clone(),
            apex: apex.to_buf(),
            first: None,
            last: None,
            seen: Sum::default(),
            due: Sum::default(),
            all: Sum::default(),
            closed: false,
            opted_out: false,
            lists: explains.then(Lists::default),
            key,
            octets: Vec::new(),
        }
    }

    pub(super) fn params(&self) -> &Params {
        &self.params
    }

    fn owner(&self, hash: &Hash) -> NameBuf {
        owner(hash, self.apex.as_name())
    }

    fn wrong_next(&self, expected: &Hash) -> Option<Finding> {
        let last = self.last.filter(|last| last.next != *expected)?;
        let (owner, next) = (self.owner(&last.hash), self.owner(&last.next));
        let message = format!("the NSEC3 {owner} leads to {next}, not to {}", self.owner(expected));
        Some(Finding::new(&NSEC3_NEXT, owner.as_name(), Some(Rtype::NSEC3), message, last.spot))
    }

    /// The next record of the chain.
    pub(super) fn link(&mut self, link: &Link<'_>) -> Option<Finding> {
        // the same hash twice is said of the list
        let twice = self.last.is_some_and(|last| last.hash == link.hash);
        let wrong = if twice { None } else { self.wrong_next(&link.hash) };
        self.first.get_or_insert(link.hash);
        self.last = Some(End { hash: link.hash, next: link.next, spot: link.spot });
        self.octets.clear();
        self.octets.extend_from_slice(&link.hash);
        self.octets.extend_from_slice(link.bitmap);
        self.seen.add(Sum::of(&self.octets, self.key));
        self.closed |= link.flags & OPT_OUT == 0;
        if let Some(lists) = &mut self.lists {
            let (hash, flags, bitmap) = (link.hash, link.flags, link.bitmap.to_vec());
            lists.seen.push(Seen { hash, flags, bitmap, spot: link.spot });
        }
        wrong
    }

    /// A delegation that may be left out was not even looked for.
    pub(super) fn pass_over(&mut self) {
        self.opted_out = true;
    }

    /// A name that must be in the chain, or may be.
    pub(super) fn want(&mut self, want: &Want<'_>) {
        let hash = self.params.hash(want.name);
        self.octets.clear();
        self.octets.extend_from_slice(&hash);
        bitmap::push(want.types.iter().copied(), &mut self.octets);
        let sum = Sum::of(&self.octets, self.key);
        if want.place != Place::May {
            self.due.add(sum);
        }
        if want.place != Place::MustCounted {
            self.all.add(sum);
        }
        if let Some(lists) = &mut self.lists {
            let (name, insecure) = (want.name.wire().into(), want.place == Place::May);
            let bitmap = self.octets[hash.len()..].to_vec();
            lists.due.push(Due { hash, name, bitmap, insecure, spot: want.spot });
        }
    }

    /// The empty non-terminal with so many labels above a name.
    pub(super) fn want_empty(&mut self, below: Name<'_>, labels: usize, place: Place, spot: Spot) {
        self.want(&Want { name: below.ancestor(labels), types: &[], place, spot });
    }

    /// Goes on with the next span's part.
    pub(super) fn join(&mut self, next: &mut Chain, findings: &mut Vec<Finding>) {
        if let Some(first) = &next.first {
            findings.extend(self.wrong_next(first));
            self.first.get_or_insert(*first);
            self.last = next.last;
        }
        self.seen.add(next.seen);
        self.due.add(next.due);
        self.all.add(next.all);
        self.closed |= next.closed;
        self.opted_out |= next.opted_out;
        if let Some(mut more) = next.lists.take() {
            let lists = self.lists.get_or_insert_default();
            lists.seen.append(&mut more.seen);
            lists.due.append(&mut more.due);
        }
    }

    /// Whether the chain says all that is wanted, as far as sums can tell.
    pub(super) fn adds_up(&self) -> bool {
        let whole = self.seen == self.all && !self.opted_out;
        // nothing that may be left out is there, and every record says that something may be missing
        let least = self.seen == self.due && !self.closed;
        self.lists.is_some() || whole || least
    }
}

/// Behind the last span: the chain must be closed, and say what is wanted.
pub(super) fn finish(mut chain: Chain, findings: &mut Vec<Finding>) {
    findings.extend(chain.first.and_then(|first| chain.wrong_next(&first)));
    let Some(Lists { mut seen, mut due }) = chain.lists.take() else { return };
    seen.sort_by_key(|seen| seen.hash);
    // an empty non-terminal is in twice if it must be there: the stronger wish stays
    due.sort_by_key(|due| (due.hash, due.insecure));
    due.dedup_by_key(|due| due.hash);
    let about =
        |rule, owner: Name<'_>, spot, message| Finding::new(rule, owner, Some(Rtype::NSEC3), message, spot);
    for twice in seen.windows(2).filter(|pair| pair[0].hash == pair[1].hash) {
        let owner = chain.owner(&twice[1].hash);
        let message = format!("two NSEC3 records of one chain at {owner}");
        findings.push(about(&NSEC3_LAYOUT, owner.as_name(), twice[1].spot, message));
    }
    for due in &due {
        let found = seen.partition_point(|seen| seen.hash < due.hash);
        let name = Name::trusted(&due.name);
        match seen.get(found).filter(|seen| seen.hash == due.hash) {
            Some(seen) if seen.bitmap != due.bitmap => {
                let owner = chain.owner(&due.hash);
                let (listed, present) = (listed_words(&seen.bitmap), listed_words(&due.bitmap));
                let message = format!("the NSEC3 of {name}, {owner}, lists {listed}, not {present}");
                findings.push(about(&NSEC3_TYPES, owner.as_name(), seen.spot, message));
            }
            Some(_) => {}
            None => findings.extend(missing(&chain, &seen, found, due)),
        }
    }
    for seen in &seen {
        let wanted = due.binary_search_by_key(&seen.hash, |due| due.hash).is_ok();
        if !wanted {
            let owner = chain.owner(&seen.hash);
            let message = format!("{owner} is the hash of no name that belongs into the chain");
            findings.push(about(&NSEC3_EXTRA, owner.as_name(), seen.spot, message));
        }
    }
}

/// A name without NSEC3: an insecure delegation, or an empty non-terminal with nothing else below it, may be
/// left out, if the record that covers it has the Opt-Out flag (RFC 5155, sections 6 and 7.1).
fn missing(chain: &Chain, seen: &[Seen], at: usize, due: &Due) -> Option<Finding> {
    let name = Name::trusted(&due.name);
    let covering = at.checked_sub(1).map_or(seen.last(), |before| seen.get(before));
    let (rule, message) = match covering {
        Some(covering) if due.insecure && covering.flags & OPT_OUT != 0 => return None,
        Some(covering) if due.insecure => {
            let owner = chain.owner(&covering.hash);
            let message =
                format!("{name} has no NSEC3, and {owner}, which covers it, has not the Opt-Out flag");
            (&NSEC3_OPT_OUT, message)
        }
        _ => (&NSEC3_MISSING, format!("{name} has no NSEC3: {} is missing", chain.owner(&due.hash))),
    };
    Some(Finding::new(rule, name, Some(Rtype::NSEC3), message, due.spot))
}

/// The types of a bitmap, in words.
pub(super) fn listed_words(bitmap: &[u8]) -> String {
    let types = bitmap::types(bitmap).map(Iterator::collect::<Vec<_>>);
    types.map_or_else(|| "a malformed bitmap".into(), |types| words(&types))
}
