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

/// What is needed to sort runs, in parts, and what was seen on the way; of any use only if all lie in the zone.
pub(super) fn keys(runs: &[Run], arena: &Arena, apex: Name<'_>) -> (Vec<Vec<Keyed>>, Seen) {
    let labels = apex.label_count();
    let share = runs.len().div_ceil(parts::threads(runs.len())).max(1);
    let nothing = Seen { in_zone: true, upper_case: apex.has_upper_case() };
    let keyed = threads::each(runs.chunks(share).collect(), |runs| {
        let mut seen = nothing;
        let key = |&run: &Run| {
            let owner = arena.name(run.start);
            seen.in_zone = seen.in_zone && owner.is_at_or_below(apex);
            seen.upper_case = seen.upper_case || owner.has_upper_case();
            (owner.sort_prefix(labels), run)
        };
        let keyed: Vec<Keyed> = runs.iter().map(key).collect();
        (keyed, seen)
    });
    let seen = keyed.iter().fold(nothing, |a, (_, b)| Seen {
        in_zone: a.in_zone && b.in_zone,
        upper_case: a.upper_case || b.upper_case,
    });
    (keyed.into_iter().map(|(keyed, _)| keyed).collect(), seen)
}

/// Sorts runs by owner, and runs of one owner by their place in the file, into the room that they had.
pub(super) fn sort(keyed: Vec<Vec<Keyed>>, runs: &mut [Run], arena: &Arena) {
    let sorted = threads::each(keyed, |mut keyed| {
        sort_part(&mut keyed, arena);
        keyed
    });
    let mut parts: Vec<&[Keyed]> = sorted.iter().map(Vec::as_slice).collect();
    let mut room = runs;
    // each thread merges what lies between two runs of the first part
    let mut shares = Vec::new();
    for left in (1..=sorted.len()).rev() {
        let bound = parts[0].get(parts[0].len() / left);
        let (mut share, mut length) = (Vec::new(), 0);
        for part in &mut parts {
            let before = |bound| part.partition_point(|keyed| order(keyed, bound, arena).is_lt());
            let (here, behind) = part.split_at(bound.map_or(part.len(), before));
            *part = behind;
            length += here.len();
            share.push(here);
        }
        let (here, behind) = std::mem::take(&mut room).split_at_mut(length);
        room = behind;
        shares.push((share, here));
    }
    threads::each(shares, |(parts, room)| merge(parts, room, arena));
}

fn merge(mut parts: Vec<&[Keyed]>, room: &mut [Run], arena: &Arena) {
    parts.retain(|part| !part.is_empty());
    for run in room {
        let least = (0..parts.len()).min_by(|&a, &b| order(&parts[a][0], &parts[b][0], arena));
        let least = least.expect("the parts fill the room");
        *run = parts[least][0].1;
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

fn order(a: &Keyed, b: &Keyed, arena: &Arena) -> Ordering {
    a.0.cmp(&b.0).then_with(|| full_order(a, b, arena))
}

fn full_order(a: &Keyed, b: &Keyed, arena: &Arena) -> Ordering {
    let (a, b) = (a.1, b.1);
    arena.name(a.start).cmp(&arena.name(b.start)).then(a.start.cmp(&b.start))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::NameBuf;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn parts_sorted_apart_are_sorted_as_a_whole(
            labels in prop::collection::vec("[ab]{1,2}(-long-enough-to-leave-it-in-doubt-[ab])?", 0..60),
            parts in 1..6_usize,
        ) {
            let apex = NameBuf::from_text("x.").unwrap();
            let mut arena = Arena::default();
            let names: Vec<NameBuf> =
                labels.iter().map(|label| NameBuf::from_text(&format!("{label}.x.")).unwrap()).collect();
            let mut runs: Vec<Run> = names
                .iter()
                .map(|name| Run { start: arena.push(name.as_name().wire()).unwrap(), count: 1 })
                .collect();
            let mut expected = runs.clone();
            expected.sort_by_key(|run| (arena.name(run.start), run.start));
            let (keyed, _) = keys(&runs, &arena, apex.as_name());
            let keyed: Vec<Keyed> = keyed.into_iter().flatten().collect();
            let share = keyed.len().div_ceil(parts).max(1);
            sort(keyed.chunks(share).map(<[Keyed]>::to_vec).collect(), &mut runs, &arena);
            let starts = |runs: &[Run]| runs.iter().map(|run| run.start).collect::<Vec<_>>();
            prop_assert_eq!(starts(&runs), starts(&expected));
        }
    }
}
