//! Spans of a zone, checked on all cores and joined in order.

use super::pile::{Batch, Pile};
use super::tally::Tally;
use crate::dns::NameBuf;
use crate::dnssec::verify::{Checked, Join, Rules};
use crate::error::Fault;
use crate::zone::Standing;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;

/// What a thread checks.
pub(super) enum Job {
    /// Records in order.
    Batch(Batch),
    /// Runs of the pile.
    Runs(Range<usize>),
}

/// What hides the names at the start of a span.
pub(super) type Hiding = Option<(NameBuf, Standing)>;

/// Checks the spans that `feed` hands over, in order, to its argument. Whether the NSEC3 chains add up, and
/// what `feed` returns.
///
/// # Errors
/// A thread stopped.
pub(super) fn check<T>(
    rules: &Rules,
    threads: usize,
    pile: Option<&Pile>,
    tally: &mut Tally,
    feed: impl FnOnce(&mut dyn FnMut(Job, Hiding)) -> T,
) -> Result<(bool, T), Fault> {
    let (give, take) = mpsc::sync_channel::<(usize, Job, Hiding)>(threads * 2);
    let take = Mutex::new(take);
    let (tell, hear) = mpsc::channel::<(usize, Checked)>();
    thread::scope(|scope| {
        for _ in 0..threads {
            let (take, tell) = (&take, tell.clone());
            scope.spawn(move || {
                loop {
                    let job = take.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    let Ok((number, job, hiding)) = job else { return };
                    let mut span = rules.span(hiding);
                    match (job, pile) {
                        (Job::Batch(batch), _) => {
                            batch.records().for_each(|(record, spot)| span.record(record, spot));
                        }
                        (Job::Runs(runs), Some(pile)) => {
                            pile.records(runs).for_each(|(record, spot)| span.record(record, spot));
                        }
                        (Job::Runs(_), None) => {}
                    }
                    if tell.send((number, span.finish())).is_err() {
                        return;
                    }
                }
            });
        }
        drop(tell);
        let joiner = scope.spawn(move || join(rules, &hear, tally));
        let mut given = 0;
        let fed = feed(&mut |job, hiding| {
            // the threads are gone only when one of them stopped, which is seen below
            let _ = give.send((given, job, hiding));
            given += 1;
        });
        drop(give);
        match joiner.join() {
            Ok((joined, adds_up)) if joined == given => Ok((adds_up, fed)),
            _ => Err(Fault::error("a checking thread stopped")),
        }
    })
}

/// Joins spans in their order, as they come: how many, and whether the NSEC3 chains add up.
fn join(rules: &Rules, hear: &mpsc::Receiver<(usize, Checked)>, tally: &mut Tally) -> (usize, bool) {
    let mut join = Join::new(rules);
    let mut joined = 0;
    // those that are checked before their turn: few, as all spans are of about one size
    let mut early = BTreeMap::new();
    for (number, checked) in hear {
        early.insert(number, checked);
        while let Some(mut checked) = early.remove(&joined) {
            join.next(&mut checked);
            tally.add(checked);
            joined += 1;
        }
    }
    let adds_up = join.adds_up();
    join.finish().into_iter().for_each(|finding| tally.push(finding));
    (joined, adds_up)
}
