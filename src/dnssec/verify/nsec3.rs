//! The rules for an NSEC3 chain (RFC 5155, section 7.1).
//!
//! A record of the chain stands far from the name it speaks of, often in another span. So each span adds up
//! what its NSEC3 records say and what its names want said; equal sums are equal sets. Only if they differ
//! is everything listed, to tell which record is wrong.

use super::rules::{NSEC3_EXTRA, NSEC3_LAYOUT, NSEC3_MISSING, NSEC3_NEXT, NSEC3_OPT_OUT, NSEC3_TYPES, Rule};
use super::{Finding, name::words};
use crate::dns::{Name, NameBuf, Rtype, bitmap};
use crate::dnssec::nsec3::{Hash, OPT_OUT, Params, owner};
use ring::digest::{SHA256, digest};

/// A sum over a set of links that does not depend on their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sum {
    links: u64,
    total: u128,
}

impl Sum {
    fn add(&mut self, hash: &Hash, bitmap: &[u8]) {
        let value = digest(&SHA256, &[hash, bitmap].concat());
        let head = value.as_ref().first_chunk().expect("SHA-256 has 32 octets");
        self.links += 1;
        self.total = self.total.wrapping_add(u128::from_be_bytes(*head));
    }

    fn merge(&mut self, other: Self) {
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
}

/// What a name wants of the chain.
pub(super) struct Want<'a> {
    pub(super) name: Name<'a>,
    pub(super) types: &'a [Rtype],
    /// It may be left out where the record that covers it says so.
    pub(super) insecure: bool,
}

/// What a span, or all spans joined, have of one chain.
#[derive(Debug)]
pub(super) struct Chain {
    params: Params,
    apex: NameBuf,
    first: Option<Hash>,
    last: Option<(Hash, Hash)>,
    seen: Sum,
    due: Sum,
    /// A record has not the Opt-Out flag.
    closed: bool,
    /// A delegation to an insecure zone was not looked for.
    opted_out: bool,
    lists: Option<Lists>,
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
    span: usize,
    line: u32,
}

#[derive(Debug)]
struct Due {
    hash: Hash,
    name: Box<[u8]>,
    bitmap: Vec<u8>,
    insecure: bool,
    span: usize,
    line: u32,
}

impl Chain {
    pub(super) fn new(params: &Params, apex: Name<'_>, explains: bool) -> Self {
        Self {
            params: params.clone(),
            apex: apex.to_buf(),
            first: None,
            last: None,
            seen: Sum::default(),
            due: Sum::default(),
            closed: false,
            opted_out: false,
            lists: explains.then(Lists::default),
        }
    }

    pub(super) fn params(&self) -> &Params {
        &self.params
    }

    fn owner(&self, hash: &Hash) -> NameBuf {
        owner(hash, self.apex.as_name())
    }

    fn wrong_next(&self, expected: &Hash) -> Option<String> {
        let (last, next) = self.last.as_ref().filter(|(_, next)| next != expected)?;
        let (last, next, expected) = (self.owner(last), self.owner(next), self.owner(expected));
        Some(format!("the NSEC3 {last} leads to {next}, not to {expected}"))
    }

    /// The next record of the chain.
    pub(super) fn link(&mut self, link: &Link<'_>, line: u32) -> Option<(&'static Rule, String)> {
        let wrong = self.wrong_next(&link.hash).map(|message| (&NSEC3_NEXT, message));
        self.first.get_or_insert(link.hash);
        self.last = Some((link.hash, link.next));
        self.seen.add(&link.hash, link.bitmap);
        self.closed |= link.flags & OPT_OUT == 0;
        if let Some(lists) = &mut self.lists {
            let (bitmap, span) = (link.bitmap.to_vec(), 0);
            lists.seen.push(Seen { hash: link.hash, flags: link.flags, bitmap, span, line });
        }
        wrong
    }

    /// A name that must be in the chain, or may be.
    pub(super) fn want(&mut self, want: &Want<'_>, insecure_listed: bool, line: u32) {
        if want.insecure && !insecure_listed && self.lists.is_none() {
            self.opted_out = true;
            return;
        }
        let hash = self.params.hash(want.name);
        let mut bitmap = Vec::new();
        bitmap::push(want.types.iter().copied(), &mut bitmap);
        self.due.add(&hash, &bitmap);
        if let Some(lists) = &mut self.lists {
            let (name, insecure, span) = (want.name.wire().into(), want.insecure, 0);
            lists.due.push(Due { hash, name, bitmap, insecure, span, line });
        }
    }

    /// The empty non-terminal with so many labels above a name must be in the chain, or may be.
    pub(super) fn want_empty(&mut self, below: Name<'_>, labels: usize, insecure: bool, line: u32) {
        let mut name = below;
        while name.label_count() > labels {
            name = name.parent().expect("an ancestor has fewer labels");
        }
        self.want(&Want { name, types: &[], insecure }, true, line);
    }

    /// Goes on with the next span's part.
    pub(super) fn join(&mut self, next: &mut Chain, span: usize, findings: &mut Vec<Finding>) {
        if let Some(first) = &next.first {
            if let Some(message) = self.wrong_next(first) {
                findings.push(Finding { rule: &NSEC3_NEXT, message, line: 1 });
            }
            self.first.get_or_insert(*first);
            self.last = next.last;
        }
        self.seen.merge(next.seen);
        self.due.merge(next.due);
        self.closed |= next.closed;
        self.opted_out |= next.opted_out;
        if let Some(mut more) = next.lists.take() {
            more.seen.iter_mut().for_each(|seen| seen.span = span);
            more.due.iter_mut().for_each(|due| due.span = span);
            let lists = self.lists.get_or_insert_default();
            lists.seen.append(&mut more.seen);
            lists.due.append(&mut more.due);
        }
    }

    /// Whether the chain says all that is wanted, as far as sums can tell.
    pub(super) fn adds_up(&self) -> bool {
        self.lists.is_some() || self.seen == self.due && !(self.closed && self.opted_out)
    }
}

/// Behind the last span: the chain must be closed, and say what is wanted.
pub(super) fn finish(mut chain: Chain, last_span: usize, findings: &mut Vec<(usize, Finding)>) {
    if let Some(message) = chain.first.and_then(|first| chain.wrong_next(&first)) {
        findings.push((last_span, Finding { rule: &NSEC3_NEXT, message, line: 1 }));
    }
    let Some(Lists { mut seen, mut due }) = chain.lists.take() else { return };
    seen.sort_by_key(|seen| seen.hash);
    // an empty non-terminal is in twice if it must be there: the stronger wish stays
    due.sort_by_key(|due| (due.hash, due.insecure));
    due.dedup_by_key(|due| due.hash);
    for twice in seen.windows(2).filter(|pair| pair[0].hash == pair[1].hash) {
        let message = format!("two NSEC3 records of one chain at {}", chain.owner(&twice[1].hash));
        findings.push((twice[1].span, Finding { rule: &NSEC3_LAYOUT, message, line: twice[1].line }));
    }
    for due in &due {
        let found = seen.partition_point(|seen| seen.hash < due.hash);
        match seen.get(found).filter(|seen| seen.hash == due.hash) {
            Some(seen) if seen.bitmap != due.bitmap => {
                let message = format!(
                    "the NSEC3 of {}, {}, lists {}, not {}",
                    Name::trusted(&due.name),
                    chain.owner(&due.hash),
                    types(&seen.bitmap),
                    types(&due.bitmap)
                );
                findings.push((seen.span, Finding { rule: &NSEC3_TYPES, message, line: seen.line }));
            }
            Some(_) => {}
            None => findings.extend(missing(&chain, &seen, found, due)),
        }
    }
    for seen in &seen {
        let wanted = due.binary_search_by_key(&seen.hash, |due| due.hash).is_ok();
        if !wanted {
            let message =
                format!("{} is the hash of no name that belongs into the chain", chain.owner(&seen.hash));
            findings.push((seen.span, Finding { rule: &NSEC3_EXTRA, message, line: seen.line }));
        }
    }
}

/// A name without NSEC3: an insecure delegation, or an empty non-terminal with nothing else below it, may be
/// left out, if the record that covers it has the Opt-Out flag (RFC 5155, sections 6 and 7.1).
fn missing(chain: &Chain, seen: &[Seen], at: usize, due: &Due) -> Option<(usize, Finding)> {
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
    Some((due.span, Finding { rule, message, line: due.line }))
}

fn types(bitmap: &[u8]) -> String {
    bitmap::types(bitmap).map_or_else(|| "a malformed bitmap".into(), |types| words(&types))
}
