//! Names into canonical order (RFC 4034, section 6.1). Runs of rows are sorted, never the rows.

use super::{Arena, Row};
use crate::dns::Name;

/// Consecutive rows of one owner.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    /// Its first row.
    pub(super) row: u32,
    /// How many rows it has.
    pub(super) count: u32,
}

impl Run {
    /// Its rows that were not dropped.
    pub(super) fn rows(self, rows: &[Row]) -> impl Iterator<Item = &Row> {
        let start = self.row as usize;
        rows[start..start + self.count as usize].iter().filter(|row| row.rtype != Row::DROPPED)
    }
}

/// Sorts runs by owner, and runs of one owner by their place in the file.
pub(super) fn sort(runs: &mut Vec<Run>, rows: &[Row], arena: &Arena, apex: Name<'_>) {
    let labels = apex.label_count();
    let owner = |run: Run| arena.name(rows[run.row as usize].owner);
    // most comparisons need only the eight octets beside the run
    let mut keyed: Vec<(u64, Run)> = runs.iter().map(|&run| (owner(run).sort_prefix(labels), run)).collect();
    keyed.sort_unstable_by(|&(a_key, a), &(b_key, b)| {
        a_key.cmp(&b_key).then_with(|| owner(a).cmp(&owner(b))).then_with(|| a.row.cmp(&b.row))
    });
    runs.clear();
    runs.extend(keyed.into_iter().map(|(_, run)| run));
}
