//! Names into canonical order (RFC 4034, section 6.1). Runs of rows are sorted, never the rows.

use super::{Arena, Row};
use crate::dns::Name;
use std::thread;

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

/// Threads that so many runs are worth. Their parts are merged by one, which more of them would only slow down.
fn cores(runs: usize) -> usize {
    const WORTH: usize = 50_000;
    const MOST: usize = 4;
    let cores = thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get);
    (runs / WORTH).clamp(1, cores.min(MOST))
}

/// Sorts runs by owner, and runs of one owner by their place in the file.
pub(super) fn sort(runs: &mut Vec<Run>, rows: &[Row], arena: &Arena, apex: Name<'_>) {
    let labels = apex.label_count();
    let owner = |run: Run| arena.name(rows[run.row as usize].owner);
    // most comparisons need only the eight octets beside the run
    let mut keyed: Vec<(u64, Run)> = runs.iter().map(|&run| (owner(run).sort_prefix(labels), run)).collect();
    let order = |&(a_key, a): &(u64, Run), &(b_key, b): &(u64, Run)| {
        a_key.cmp(&b_key).then_with(|| owner(a).cmp(&owner(b))).then_with(|| a.row.cmp(&b.row))
    };
    let share = keyed.len().div_ceil(cores(keyed.len())).max(1);
    thread::scope(|scope| {
        let mut parts = keyed.chunks_mut(share);
        let own = parts.next();
        for part in parts {
            scope.spawn(|| part.sort_unstable_by(order));
        }
        if let Some(part) = own {
            part.sort_unstable_by(order);
        }
    });
    // merged into the room that the runs had: no other is needed
    runs.clear();
    let mut parts: Vec<&[(u64, Run)]> = keyed.chunks(share).collect();
    while let Some(least) = (0..parts.len()).min_by(|&a, &b| order(&parts[a][0], &parts[b][0])) {
        runs.push(parts[least][0].1);
        parts[least] = &parts[least][1..];
        if parts[least].is_empty() {
            parts.swap_remove(least);
        }
    }
}
