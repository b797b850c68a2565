//! A zone: records → grouped, checked, in canonical order, sealed.
//!
//! [`builder`] takes records, `sort` puts their names in order, `spelling` chooses their case; `arrange` goes through
//! them, in several `parts` at once: [`walk`] tells what each name is, [`empties`] which names lie between them, [`check`]
//! and [`lint`] what is wrong by the table of [`rules`].
//! A sealed [`Zone`] never changes: what signing adds at the apex enters through
//! the builder, and a new serial is the plan's business.

mod arena;
mod arrange;
pub mod builder;
pub mod check;
pub mod empties;
pub mod findings;
pub mod lint;
mod parts;
pub mod rules;
mod sort;
mod spelling;
pub mod walk;

use crate::dns::rrset::Rrsets;
use crate::dns::{Class, Name, NameBuf, Record, Rtype};
use crate::source::{Sources, Spot};
use arena::{Arena, Run};
pub use builder::Builder;
use spelling::Spellings;
use std::ops::Range;
pub use walk::Standing;

/// So many runs are fetched at a time.
const FETCH: usize = 64;

/// A name of the zone: its runs, which end where the next node's start, its standing, and whether it has a DS.
#[derive(Clone, Copy, Debug)]
struct Node {
    runs: u32,
    standing: Standing,
    has_ds: bool,
}

/// A sealed zone. Its names are numbered in canonical order, from 0, the apex.
#[derive(Debug)]
pub struct Zone {
    apex: NameBuf,
    class: Class,
    arena: Arena,
    runs: Vec<Run>,
    nodes: Vec<Node>,
    spellings: Spellings,
    sources: Sources,
    counts: Counts,
}

/// What a zone is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Records, duplicates included.
    pub records: usize,
    /// Records of the input that were left out, as signing makes them anew (RRSIG, NSEC, ZONEMD …).
    pub dropped: usize,
    /// Records left out for lying outside the zone.
    pub out_of_zone: usize,
    /// Delegations.
    pub cuts: usize,
    /// Names below a delegation or a DNAME.
    pub hidden: usize,
    /// Empty non-terminals.
    pub empty_non_terminals: usize,
    /// The largest TTL, in seconds.
    pub largest_ttl: u32,
}

impl Counts {
    /// Those of two zones together.
    fn plus(self, other: Self) -> Self {
        Self {
            records: self.records + other.records,
            dropped: self.dropped + other.dropped,
            out_of_zone: self.out_of_zone + other.out_of_zone,
            cuts: self.cuts + other.cuts,
            hidden: self.hidden + other.hidden,
            empty_non_terminals: self.empty_non_terminals + other.empty_non_terminals,
            largest_ttl: self.largest_ttl.max(other.largest_ttl),
        }
    }
}

impl Zone {
    /// The zone's name.
    #[must_use]
    pub fn apex(&self) -> Name<'_> {
        self.apex.as_name()
    }

    /// The class of all its records.
    #[must_use]
    pub fn class(&self) -> Class {
        self.class
    }

    /// How many names it has.
    #[must_use]
    pub fn names(&self) -> usize {
        self.nodes.len()
    }

    /// What it is made of.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// The files it was read from.
    #[must_use]
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// A name, in the case it first stood in the file with.
    ///
    /// # Panics
    /// If there is no such name; so with all the numbered lookups.
    #[must_use]
    pub fn name(&self, number: usize) -> Name<'_> {
        self.arena.name(self.runs[self.nodes[number].runs as usize].start)
    }

    /// A name as the next name of an NSEC: each label in the case it first stood in the file with.
    #[must_use]
    pub fn name_in_chain(&self, number: usize) -> Name<'_> {
        let spelled = u32::try_from(number).ok().and_then(|number| self.spellings.get(&number));
        spelled.map_or_else(|| self.name(number), |&spelled| self.arena.name(spelled))
    }

    /// Goes through some names, making the next ones' records faster to come by.
    pub fn visit(&self, numbers: impl Iterator<Item = usize>, mut each: impl FnMut(usize)) {
        let mut numbers = numbers.peekable();
        let mut some = Vec::with_capacity(FETCH);
        while numbers.peek().is_some() {
            some.clear();
            some.extend(numbers.by_ref().take(FETCH));
            let runs = some.iter().map(|&number| self.runs[self.nodes[number].runs as usize]);
            self.arena.fetch(runs);
            some.iter().copied().for_each(&mut each);
        }
    }

    /// Whoever goes through names in order calls this for each: every so often it makes the next ones' records
    /// faster to come by.
    pub fn approach(&self, number: usize) {
        if number.is_multiple_of(FETCH) {
            let start = self.nodes[number].runs as usize;
            let end = self.nodes.get(number + FETCH).map_or(self.runs.len(), |node| node.runs as usize);
            self.arena.fetch(self.runs[start..end].iter().copied());
        }
    }

    /// What a name is to the zone.
    #[must_use]
    pub fn standing(&self, number: usize) -> Standing {
        self.nodes[number].standing
    }

    /// The next name that has a place in the chain; the last one's is the apex (RFC 4034, section 4.1.1).
    #[must_use]
    pub fn next_in_chain(&self, number: usize) -> usize {
        let behind = &self.nodes[number + 1..];
        behind.iter().position(|node| node.standing.in_chain()).map_or(0, |distance| number + 1 + distance)
    }

    /// The types of a name's records, in file order.
    pub fn types(&self, number: usize) -> impl Iterator<Item = Rtype> {
        self.runs_of(number).flat_map(|run| self.arena.rows(run)).map(|row| row.rtype)
    }

    /// Whether a name is a delegation to an insecure zone: one without a DS.
    #[must_use]
    pub fn is_insecure_cut(&self, number: usize) -> bool {
        let node = self.nodes[number];
        node.standing == Standing::Cut && !node.has_ds
    }

    /// A name's records, in file order.
    pub fn records(&self, number: usize) -> impl Iterator<Item = Record<'_>> {
        self.placed_records(number).map(|(record, _)| record)
    }

    /// A name's records, in file order, with their places.
    pub fn placed_records(&self, number: usize) -> impl Iterator<Item = (Record<'_>, Spot)> {
        self.runs_of(number).flat_map(|run| self.arena.records(run))
    }

    /// The number of a name.
    ///
    /// # Errors
    /// The zone has no records there: the number of the next name in canonical order.
    pub fn find(&self, name: Name<'_>) -> Result<usize, usize> {
        self.nodes.binary_search_by(|node| self.arena.name(self.runs[node.runs as usize].start).cmp(&name))
    }

    /// Puts a name's records into `sets`, sorted.
    pub fn load(&self, number: usize, sets: &mut Rrsets) {
        sets.start(self.name(number));
        for row in self.runs_of(number).flat_map(|run| self.arena.rows(run)) {
            sets.push(row.rtype, row.ttl, row.rdata);
        }
        sets.sort();
    }

    /// The apex `RRset` of a type, in file order.
    pub fn at_apex(&self, rtype: Rtype) -> impl Iterator<Item = Record<'_>> {
        self.records(0).filter(move |record| record.rtype == rtype)
    }

    /// The first name of a range that is `name` or behind it in canonical order.
    #[must_use]
    pub fn first_at_or_after(&self, name: Name<'_>, range: Range<usize>) -> usize {
        let (mut low, mut high) = (range.start, range.end);
        while low < high {
            let middle = low.midpoint(high);
            if self.name(middle) < name { low = middle + 1 } else { high = middle }
        }
        low
    }

    /// Splits the names from number `start` on into ranges of about `size`, none of which starts below a
    /// delegation or a DNAME.
    #[must_use]
    pub fn spans(&self, start: usize, size: usize) -> Vec<Range<usize>> {
        let mut spans = Vec::with_capacity(self.nodes.len() / size + 1);
        let mut start = start;
        while start < self.nodes.len() {
            let mut end = (start + size).min(self.nodes.len());
            while end < self.nodes.len() && !self.nodes[end].standing.in_chain() {
                end += 1;
            }
            spans.push(start..end);
            start = end;
        }
        spans
    }

    /// Splits the names into at most `parts` ranges, each of which but the first starts directly below the apex: no
    /// name behind the start lies below one in front of it but for the apex.
    #[must_use]
    pub fn parts(&self, parts: usize) -> Vec<Range<usize>> {
        let labels = self.apex.as_name().label_count() + 1;
        parts::split(self.nodes.len(), parts, |number| self.name(number).label_count() == labels)
    }

    fn runs_of(&self, number: usize) -> impl Iterator<Item = Run> {
        let end = self.nodes.get(number + 1).map_or(self.runs.len(), |node| node.runs as usize);
        self.runs[self.nodes[number].runs as usize..end].iter().copied()
    }
}
