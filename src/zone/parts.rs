//! Work over a whole zone on several threads. What it comes to never depends on how many there are.

use std::ops::Range;
use std::thread;

/// Threads that work on so many runs of records is worth. What they come to is put together by one, which more
/// of them would only slow down.
pub(super) fn threads(runs: usize) -> usize {
    const WORTH: usize = 50_000;
    const MOST: usize = 4;
    let worth = (runs / WORTH).min(MOST);
    if worth < 2 {
        // to ask for the cores opens files
        return 1;
    }
    thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get).min(worth)
}

/// Splits `0..length` into at most `parts` ranges of about one size, each of which but the first starts where
/// `may_start` allows it.
pub(super) fn split(length: usize, parts: usize, may_start: impl Fn(usize) -> bool) -> Vec<Range<usize>> {
    let mut bounds = vec![0];
    for part in 1..parts {
        let (from, to) = (length / parts * part, length / parts * (part + 1));
        bounds.extend((from..to).find(|&at| at > 0 && may_start(at)));
    }
    bounds.push(length);
    bounds.windows(2).map(|pair| pair[0]..pair[1]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn parts_are_the_whole(length in 0..200_usize, parts in 1..6_usize, step in 1..20_usize) {
            let ranges = split(length, parts, |at| at % step == 0);
            prop_assert!(ranges.len() <= parts);
            prop_assert!(ranges.iter().all(|range| range.start % step == 0));
            prop_assert_eq!(ranges.into_iter().flatten().collect::<Vec<_>>(), (0..length).collect::<Vec<_>>());
        }
    }
}
