//! Names into canonical order (RFC 4034, section 6.1). Runs are sorted, never their records.

use super::arena::{Arena, Run};
use super::{FETCH, parts};
use crate::dns::Name;
use crate::threads;
use std::cmp::Ordering;

/// What there is to know of owners before they are sorted.
#[derive(Clone, Copy)]
pub(super) struct Seen {
    /// All lie in the zone.
    pub(super) in_zone: bool,
    /// One has a capital letter, or the apex.
    pub(super) upper_case: bool,
}

/// A run, and of its owner the octets that nearly all comparisons need.
type Keyed = (u64, Run);

/// What is needed to sort runs, and what was seen on the way; of any use only if all lie in the zone.
pub(super) fn keys(runs: &[Run], arena: &Arena, apex: Name<'_>) -> (Vec<Keyed>, Seen) {
    let labels = apex.label_count();
    let nothing = Seen { in_zone: true, upper_case: apex.has_upper_case() };
    let mut keyed = vec![Keyed::default(); runs.len()];
    let share = share(runs.len());
    let parts = threads::each(keyed.chunks_mut(share).zip(runs.chunks(share)).collect(), |(keyed, runs)| {
        keyed.iter_mut().zip(runs).fold(nothing, |seen, (keyed, &run)| {
            let owner = arena.name(run.start);
            *keyed = (owner.sort_prefix(labels), run);
            Seen {
                in_zone: seen.in_zone && owner.is_at_or_below(apex),
                upper_case: seen.upper_case || owner.has_upper_case(),
            }
        })
    });
    let seen = parts.into_iter().fold(nothing, |a, b| Seen {
        in_zone: a.in_zone && b.in_zone,
        upper_case: a.upper_case || b.upper_case,
    });
    (keyed, seen)
}

/// Runs are sorted so many at a time, each such part by a thread.
fn share(runs: usize) -> usize {
    runs.div_ceil(parts::threads(runs)).max(1)
}

/// Sorts runs by owner, and runs of one owner by their place in the file, into the room that they had.
pub(super) fn sort(mut keyed: Vec<Keyed>, runs: &mut Vec<Run>, arena: &Arena) {
    let share = share(keyed.len());
    threads::each(keyed.chunks_mut(share).collect(), |keyed| sort_part(keyed, arena));
    runs.clear();
    let order = |a: &Keyed, b: &Keyed| a.0.cmp(&b.0).then_with(|| full_order(a, b, arena));
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
fn sort_part(keyed: &mut [Keyed], arena: &Arena) {
    keyed.sort_unstable_by_key(|&(key, run)| (key, run.start));
    let mut fetched = 0;
    let mut start = 0;
    while start < keyed.len() {
        let key = keyed[start].0;
        let end = start + 1 + keyed[start + 1..].iter().take_while(|other| other.0 == key).count();
        if end - start > 1 {
            if start >= fetched {
                fetched = keyed.len().min(start + FETCH);
                arena.fetch(keyed[start..fetched].iter().map(|&(_, run)| run));
            }
            keyed[start..end].sort_unstable_by(|a, b| full_order(a, b, arena));
        }
        start = end;
    }
}

fn full_order(a: &Keyed, b: &Keyed, arena: &Arena) -> Ordering {
    let (a, b) = (a.1, b.1);
    arena.name(a.start).cmp(&arena.name(b.start)).then(a.start.cmp(&b.start))
}
