//! Runs in canonical order → names, each with its standing, and what is wrong with them.

use super::arena::{Arena, Row, Run};
use super::check::Check;
use super::empties::Empties;
use super::findings::Findings;
use super::parts;
use super::walk::Walk;
use super::{Counts, FETCH, Node, Standing};
use crate::dns::{Name, Rtype};
use crate::threads;
use std::ops::Range;

/// The records of a zone, in order.
#[derive(Clone, Copy)]
pub(super) struct Ordered<'a> {
    pub(super) apex: Name<'a>,
    pub(super) runs: &'a [Run],
    pub(super) arena: &'a Arena,
    /// Once there are as many errors as a person wants to see, the rest of the names is left out.
    pub(super) brief: bool,
}

/// What they come to.
pub(super) struct Arranged<'a> {
    pub(super) nodes: Vec<Node>,
    /// Of the records that were looked at.
    pub(super) counts: Counts,
    pub(super) check: Check<'a>,
    /// Whether no name was left out.
    pub(super) whole: bool,
}

impl<'a> Ordered<'a> {
    /// Walks and checks; `findings` has what was found before.
    pub(super) fn arrange(self, findings: &Findings) -> Arranged<'a> {
        let threads = parts::threads(self.runs.len());
        let arranged = self.arrange_on(threads, findings);
        if threads == 1 || !self.brief || arranged.check.findings().errors() == 0 {
            return arranged;
        }
        // of many errors one thread sees the first ones, and no others
        self.arrange_on(1, findings)
    }

    fn arrange_on(self, threads: usize, findings: &Findings) -> Arranged<'a> {
        // only the apex can hide a name directly below it, and of the names in front of that one only the apex
        // has names below it among those behind
        let labels = self.apex.label_count() + 1;
        let ranges = parts::split(self.runs.len(), threads, |at| {
            let owner = self.owner(at);
            owner.label_count() == labels && owner != self.owner(at - 1)
        });
        let mut behind_apex = Walk::new(self.apex);
        if !self.runs.is_empty() && self.owner(0) == self.apex {
            behind_apex.step(self.apex, self.rows(0..self.end_of_name(0)).map(|row| row.rtype));
        }
        let parts = threads::each(ranges, |range| match range.start {
            0 => self.arrange_range(range, Walk::new(self.apex), findings.clone()),
            _ => self.arrange_range(range, behind_apex.clone(), findings.without_any()),
        });
        parts.into_iter().reduce(Arranged::join).expect("there is always one part")
    }

    fn arrange_range(self, range: Range<usize>, mut walk: Walk, findings: Findings) -> Arranged<'a> {
        let mut nodes = Vec::with_capacity(range.len());
        let mut counts = Counts::default();
        let mut check = Check::new(self.apex, findings);
        let mut empties = Empties::new(self.apex);
        let mut group: Vec<Row<'a>> = Vec::new();
        let (mut start, mut fetched) = (range.start, 0);
        while start < range.end && !(self.brief && check.findings().full()) {
            if start >= fetched {
                fetched = range.end.min(start + FETCH);
                self.arena.fetch(self.runs[start..fetched].iter().copied());
            }
            let (name, end) = (self.owner(start), self.end_of_name(start));
            group.clear();
            group.extend(self.rows(start..end));
            let standing = walk.step(name, group.iter().map(|row| row.rtype));
            // a hidden name hides nothing itself: what hid it still stands there
            let hidden_by = walk.hiding().map(|(top, _)| top).filter(|_| !standing.in_chain());
            match standing {
                Standing::Authoritative => {}
                Standing::Cut => counts.cuts += 1,
                Standing::BelowCut | Standing::BelowDname => counts.hidden += 1,
            }
            if standing.in_chain() {
                empties.step(name, |_| counts.empty_non_terminals += 1);
            }
            counts.records += group.len();
            counts.largest_ttl = group.iter().map(|row| row.ttl).fold(counts.largest_ttl, u32::max);
            let has_ds = group.iter().any(|row| row.rtype == Rtype::DS);
            check.name(name, standing, hidden_by, &mut group);
            let runs = u32::try_from(start).expect("each run starts at another offset");
            nodes.push(Node { runs, standing, has_ds });
            start = end;
        }
        Arranged { nodes, counts, check, whole: start == range.end }
    }

    fn owner(self, run: usize) -> Name<'a> {
        self.arena.name(self.runs[run].start)
    }

    fn rows(self, runs: Range<usize>) -> impl Iterator<Item = Row<'a>> {
        self.runs[runs].iter().flat_map(move |&run| self.arena.rows(run))
    }

    /// Behind the last run of the name whose first run is given.
    fn end_of_name(self, start: usize) -> usize {
        let name = self.owner(start);
        let more = &self.runs[start + 1..];
        start + 1 + more.iter().take_while(|run| self.arena.name(run.start) == name).count()
    }
}

impl Arranged<'_> {
    /// Goes on with the names behind these.
    fn join(mut self, next: Self) -> Self {
        self.nodes.extend(next.nodes);
        self.counts = self.counts.plus(next.counts);
        self.check.join(next.check);
        self.whole &= next.whole;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::{NameBuf, Record};
    use crate::source::Spot;
    use crate::zone::findings::Levels;
    use crate::zone::{Builder, sort};
    use proptest::prelude::*;

    /// Owners of at most four labels of two letters each, so that names lie below others and are repeated.
    fn record() -> impl Strategy<Value = (String, Rtype)> {
        let types = [Rtype::A, Rtype::A, Rtype::NS, Rtype::NS, Rtype::DNAME, Rtype::CNAME, Rtype::DS];
        ("([ab]\\.){0,3}([a-f]\\.)?", prop::sample::select(types.to_vec()))
    }

    /// All that can be seen of what was arranged.
    fn seen(arranged: Arranged<'_>) -> String {
        assert!(arranged.whole);
        let findings = arranged.check.finish();
        format!("{:?} {:?} {findings:?}", arranged.nodes, arranged.counts)
    }

    proptest! {
        #[test]
        fn parts_agree_with_the_whole(
            records in prop::collection::vec(record(), 1..120),
            apex_hides in any::<bool>(),
        ) {
            let apex = NameBuf::from_text("x.").unwrap();
            let mut builder = Builder::new();
            let apex_type = if apex_hides { Rtype::DNAME } else { Rtype::NS };
            let records = records.into_iter().chain([(String::new(), Rtype::SOA), (String::new(), apex_type)]);
            for (owner, rtype) in records {
                let owner = NameBuf::from_text(&format!("{owner}x.")).unwrap();
                let record = Record { owner: owner.as_name(), rtype, ttl: 60, rdata: &[0; 20] };
                builder.push(record, Spot::default()).unwrap();
            }
            let (mut runs, arena) = builder.into_runs();
            let (keyed, _) = sort::keys(&runs, &arena, apex.as_name());
            sort::sort(keyed, &mut runs, &arena);
            let ordered =
                Ordered { apex: apex.as_name(), runs: &runs, arena: &arena, brief: false };
            let findings = Findings::new(Levels::of_signing());
            let whole = seen(ordered.arrange_on(1, &findings));
            for threads in 2..6 {
                prop_assert_eq!(&seen(ordered.arrange_on(threads, &findings)), &whole);
            }
        }
    }
}
