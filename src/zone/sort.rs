//! Names into canonical order (RFC 4034, section 6.1). Runs of rows are sorted, never the rows.

use super::{Arena, FETCH, Row, fetch, parts};
use crate::dns::Name;
use crate::threads;
use std::cmp::Ordering;

/// Consecutive rows of one owner.
#[derive(Clone, Copy, Debug, Default)]
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

    /// The name that its rows have.
    pub(super) fn owner<'a>(self, rows: &[Row], arena: &'a Arena) -> Name<'a> {
        arena.name(rows[self.row as usize].owner)
    }
}

/// What there is to know of owners before they are sorted.
#[derive(Clone, Copy)]
pub(super) struct Seen {
    /// All lie in the zone.
    pub(super) in_zone: bool,
    /// One has a capital letter, or the apex.
    pub(super) upper_case: bool,
}

/// Looks at all owners.
pub(super) fn look(runs: &[Run], rows: &[Row], arena: &Arena, apex: Name<'_>) -> Seen {
    let nothing = Seen { in_zone: true, upper_case: apex.has_upper_case() };
    let look = |seen: Seen, owner: Name<'_>| Seen {
        in_zone: seen.in_zone && owner.is_at_or_below(apex),
        upper_case: seen.upper_case || owner.has_upper_case(),
    };
    let share = runs.len().div_ceil(parts::threads(runs.len())).max(1);
    let parts = threads::each(runs.chunks(share).collect(), |runs| {
        runs.iter().map(|run| run.owner(rows, arena)).fold(nothing, look)
    });
    parts.into_iter().fold(nothing, |a, b| Seen {
        in_zone: a.in_zone && b.in_zone,
        upper_case: a.upper_case || b.upper_case,
    })
}

/// A run, and of its owner the octets that nearly all comparisons need.
type Keyed = (u64, Run);

/// Sorts runs by owner, and runs of one owner by their place in the file.
pub(super) fn sort(runs: &mut Vec<Run>, rows: &[Row], arena: &Arena, apex: Name<'_>) {
    let labels = apex.label_count();
    let mut keyed = vec![Keyed::default(); runs.len()];
    let share = runs.len().div_ceil(parts::threads(runs.len())).max(1);
    threads::each(keyed.chunks_mut(share).zip(runs.chunks(share)).collect(), |(keyed, runs)| {
        for (keyed, &run) in keyed.iter_mut().zip(runs) {
            *keyed = (run.owner(rows, arena).sort_prefix(labels), run);
        }
        sort_part(keyed, rows, arena);
    });
    // merged into the room that the runs had: no other is needed
    runs.clear();
    let order = |a: &Keyed, b: &Keyed| a.0.cmp(&b.0).then_with(|| full_order(a, b, rows, arena));
    let mut parts: Vec<&[Keyed]> = keyed.chunks(share).collect();
    while let Some(least) = (0..parts.len()).min_by(|&a, &b| order(&parts[a][0], &parts[b][0])) {
        runs.push(parts[least][0].1);
        parts[least] = &parts[least][1..];
        if parts[least].is_empty() {
            parts.swap_remove(least);
        }
    }
}

/// First by what is at hand, then those that it leaves in doubt, of which many are fetched at a time.
fn sort_part(keyed: &mut [Keyed], rows: &[Row], arena: &Arena) {
    keyed.sort_unstable_by_key(|&(key, run)| (key, run.row));
    let mut fetched = 0;
    let mut start = 0;
    while start < keyed.len() {
        let key = keyed[start].0;
        let end = start + 1 + keyed[start + 1..].iter().take_while(|other| other.0 == key).count();
        if end - start > 1 {
            if start >= fetched {
                fetched = keyed.len().min(start + FETCH);
                fetch(keyed[start..fetched].iter().map(|&(_, run)| run), rows, arena);
            }
            keyed[start..end].sort_unstable_by(|a, b| full_order(a, b, rows, arena));
        }
        start = end;
    }
}

fn full_order(a: &Keyed, b: &Keyed, rows: &[Row], arena: &Arena) -> Ordering {
    let (a, b) = (a.1, b.1);
    a.owner(rows, arena).cmp(&b.owner(rows, arena)).then(a.row.cmp(&b.row))
}
