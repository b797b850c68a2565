//! Records in memory: as they come, or put in canonical order of their owners.

use crate::dns::{Name, Record, Rtype};
use crate::source::Spot;
use std::ops::Range;

/// Records of a batch: enough to hide what handing it over costs, few enough to share the work evenly.
const BATCH: usize = 1024;

/// A record in little space: its octets lie in the batch.
#[derive(Clone, Copy)]
struct Row {
    owner: u32,
    rdata: u32,
    ttl: u32,
    spot: Spot,
    rtype: Rtype,
    length: u16,
}

/// Some records, in the order they came in.
#[derive(Default)]
pub(super) struct Batch {
    octets: Vec<u8>,
    rows: Vec<Row>,
}

impl Batch {
    /// Whether it is time for the next one. A batch never has more than some 300 MiB.
    pub(super) fn is_full(&self) -> bool {
        self.rows.len() >= BATCH
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    fn len(&self) -> usize {
        self.rows.len()
    }

    /// Adds a record. Whether its owner is spelt as that of the one before.
    ///
    /// # Panics
    /// If the records of one name alone take 4 GiB.
    pub(super) fn push(&mut self, record: Record<'_>, spot: Spot) -> bool {
        let offset = |octets: &[u8]| u32::try_from(octets.len()).expect("one name's records take 4 GiB");
        let last = self.rows.last().map(|row| row.owner);
        let shared = last.filter(|&owner| self.name(owner).wire() == record.owner.wire());
        let owner = shared.unwrap_or_else(|| {
            let owner = offset(&self.octets);
            self.octets.extend_from_slice(record.owner.wire());
            owner
        });
        let rdata = offset(&self.octets);
        self.octets.extend_from_slice(record.rdata);
        let length = u16::try_from(record.rdata.len()).expect("RDATA has at most 65535 octets");
        self.rows.push(Row { owner, rdata, ttl: record.ttl, spot, rtype: record.rtype, length });
        shared.is_some()
    }

    fn name(&self, at: u32) -> Name<'_> {
        Name::trusted(&self.octets[at as usize..])
    }

    /// The owner of the last record.
    pub(super) fn last_owner(&self) -> Option<Name<'_>> {
        self.rows.last().map(|row| self.name(row.owner))
    }

    /// Its records.
    pub(super) fn records(&self) -> impl Iterator<Item = (Record<'_>, Spot)> {
        self.slice(0..self.rows.len())
    }

    fn slice(&self, range: Range<usize>) -> impl Iterator<Item = (Record<'_>, Spot)> {
        self.rows[range].iter().map(|row| {
            let rdata = &self.octets[row.rdata as usize..][..usize::from(row.length)];
            (Record { owner: self.name(row.owner), rtype: row.rtype, ttl: row.ttl, rdata }, row.spot)
        })
    }
}

/// Consecutive records of one owner.
#[derive(Clone, Copy)]
struct Run {
    batch: u32,
    row: u32,
    count: u32,
}

/// All records of a zone.
#[derive(Default)]
pub(super) struct Pile {
    batches: Vec<Batch>,
    runs: Vec<Run>,
    /// Those outside the zone, once it is sorted.
    outside: Vec<Run>,
}

impl Pile {
    /// Adds a record.
    ///
    /// # Panics
    /// If there are 2^32 records.
    pub(super) fn push(&mut self, record: Record<'_>, spot: Spot) {
        let number = |number: usize| u32::try_from(number).expect("fewer than 2^32 records");
        let fresh = self.batches.last().is_none_or(Batch::is_full);
        if fresh {
            self.batches.push(Batch::default());
        }
        let batch = number(self.batches.len() - 1);
        let last = self.batches.last_mut().expect("there is one");
        let row = number(last.len());
        match (last.push(record, spot), self.runs.last_mut()) {
            (true, Some(run)) => run.count += 1,
            _ => self.runs.push(Run { batch, row, count: 1 }),
        }
    }

    fn run(&self, run: Run) -> impl Iterator<Item = (Record<'_>, Spot)> {
        let start = run.row as usize;
        self.batches[run.batch as usize].slice(start..start + run.count as usize)
    }

    fn owner(&self, run: Run) -> Name<'_> {
        let batch = &self.batches[run.batch as usize];
        batch.name(batch.rows[run.row as usize].owner)
    }

    /// Puts the names of the zone with this apex in canonical order, and others aside. Records of one name
    /// stay in the order they came in.
    pub(super) fn sort(&mut self, apex: Name<'_>) {
        let runs = std::mem::take(&mut self.runs);
        let (inside, outside) = runs.into_iter().partition(|&run| self.owner(run).is_at_or_below(apex));
        self.outside = outside;
        let labels = apex.label_count();
        let inside: Vec<Run> = inside;
        // most comparisons need only the eight octets beside the run
        let mut keyed: Vec<(u64, Run)> =
            inside.into_iter().map(|run| (self.owner(run).sort_prefix(labels), run)).collect();
        keyed.sort_unstable_by(|&(a_key, a), &(b_key, b)| {
            let place = |run: Run| (run.batch, run.row);
            let names = || self.owner(a).cmp(&self.owner(b));
            a_key.cmp(&b_key).then_with(names).then_with(|| place(a).cmp(&place(b)))
        });
        self.runs = keyed.into_iter().map(|(_, run)| run).collect();
    }

    /// How many runs it has. A name may have several, side by side.
    pub(super) fn runs(&self) -> usize {
        self.runs.len()
    }

    /// The name that starts with a run, and where the next one starts.
    pub(super) fn name(&self, run: usize) -> Option<(Name<'_>, usize)> {
        let owner = self.owner(*self.runs.get(run)?);
        let more = self.runs[run + 1..].iter().take_while(|&&next| self.owner(next) == owner).count();
        Some((owner, run + 1 + more))
    }

    /// The records of some runs.
    pub(super) fn records(&self, runs: Range<usize>) -> impl Iterator<Item = (Record<'_>, Spot)> {
        self.runs[runs].iter().flat_map(|&run| self.run(run))
    }

    /// The records outside the zone.
    pub(super) fn outside(&self) -> impl Iterator<Item = (Record<'_>, Spot)> {
        self.outside.iter().flat_map(|&run| self.run(run))
    }
}
