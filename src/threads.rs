//! Work on several threads whose results are wanted in order.

use std::collections::BTreeMap;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{self, ScopedJoinHandle};

/// Does a piece of work for each of these, each but the first on a thread of its own.
pub(crate) fn each<T: Send, R: Send>(tasks: Vec<T>, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    thread::scope(|scope| {
        let mut tasks = tasks.into_iter();
        let own = tasks.next();
        let work = &work;
        let others: Vec<_> = tasks.map(|task| scope.spawn(move || work(task))).collect();
        own.map(work).into_iter().chain(others.into_iter().map(result_of)).collect()
    })
}

/// Makes so many things on several threads, and gives them to `take` one at a time and in order. Each thread has some
/// `room` of its own to make them in.
///
/// Whichever thread has made what comes next takes it, and what was made early: no thread waits for another, and what
/// is taken is still in its cache.
///
/// # Errors
/// The first error of `take`; nothing is taken after it.
pub(crate) fn in_order<W: Send, R: Send, E: Send>(
    count: usize,
    threads: usize,
    room: impl Fn() -> W,
    make: impl Fn(usize, &mut W) -> R + Sync,
    take: impl FnMut(R) -> Result<(), E> + Send,
) -> Result<(), E> {
    struct Desk<R, F, E> {
        /// Made before their turn: few, as all take about as long.
        early: BTreeMap<usize, R>,
        /// Taken so far.
        taken: usize,
        /// `None` while a thread is at it, and for good after an error.
        take: Option<F>,
        error: Option<E>,
    }
    let next = AtomicUsize::new(0);
    let desk = Mutex::new(Desk { early: BTreeMap::new(), taken: 0, take: Some(take), error: None });
    let rooms = (0..threads.clamp(1, count.max(1))).map(|_| room()).collect();
    each(rooms, |mut room| {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= count {
                return;
            }
            let made = make(number, &mut room);
            let mut at = lock(&desk);
            at.early.insert(number, made);
            // a thread that has `take` looks here again before it leaves
            while let Some(mut take) = at.take.take() {
                let turn = at.taken;
                let Some(made) = at.early.remove(&turn) else {
                    at.take = Some(take);
                    break;
                };
                drop(at);
                let taken = take(made);
                at = lock(&desk);
                match taken {
                    Ok(()) => (at.taken, at.take) = (turn + 1, Some(take)),
                    Err(error) => at.error = Some(error),
                }
            }
            if at.error.is_some() {
                return;
            }
        }
    });
    lock(&desk).error.take().map_or(Ok(()), Err)
}

/// No invariant of what these mutexes guard is broken by a thread that stops: the panic itself is passed on.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits for a thread. Where it panicked, so does this one.
pub(crate) fn result_of<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| resume_unwind(panic))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_are_taken_in_order_whoever_made_them() {
        for threads in [0, 1, 2, 8] {
            for count in [0, 1, 7, 1000] {
                let mut taken = Vec::new();
                let make = |number: usize, made: &mut usize| {
                    *made += 1;
                    // some take longer than others
                    (0..number % 13 * 100).for_each(|_| std::hint::spin_loop());
                    (number, *made)
                };
                let take = |(number, made): (usize, usize)| {
                    assert!(made > 0, "the room stays with its thread");
                    taken.push(number);
                    Ok::<_, ()>(())
                };
                assert_eq!(in_order(count, threads, || 0, make, take), Ok(()));
                assert!(taken.into_iter().eq(0..count), "{count} on {threads} threads");
            }
        }
    }

    #[test]
    fn nothing_is_taken_behind_an_error() {
        for threads in [1, 2, 8] {
            let mut taken = 0;
            let take = |number: usize| {
                assert!(number <= 40);
                taken += 1;
                if number == 40 { Err("full") } else { Ok(()) }
            };
            assert_eq!(in_order(1000, threads, || (), |number, ()| number, take), Err("full"));
            assert_eq!(taken, 41);
        }
    }

    #[test]
    fn a_panic_is_passed_on() {
        for bad in ["make", "take"] {
            let make = |number: usize, (): &mut ()| assert!(bad != "make" || number != 5, "cannot make");
            let mut taken = 0;
            let take = |()| {
                taken += 1;
                assert!(bad != "take" || taken < 5, "cannot take");
                Ok::<_, ()>(())
            };
            let run = std::panic::AssertUnwindSafe(|| in_order(100, 2, || (), make, take));
            assert!(std::panic::catch_unwind(run).is_err(), "{bad}");
        }
    }
}
