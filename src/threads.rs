//! Work on several threads whose results are wanted in order.

use std::panic::resume_unwind;
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

/// Waits for a thread. Where it panicked, so does this one.
pub(crate) fn result_of<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| resume_unwind(panic))
}
