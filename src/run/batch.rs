//! All zones: many small ones at once, large ones one after another on all cores.

use super::job::Job;
use super::zone::{self, Clock, Outcome};
use crate::dns::Name;
use crate::error::Fault;
use crate::files::signals;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// A zone file of more octets is worth all cores: below, most of the time goes into waiting for the disk.
const LARGE: u64 = 4 << 20;
/// Small zones at work at once, at least: while some wait for the disk, others use the cores.
const AT_ONCE: usize = 16;

/// Does what is due for each zone, and tells `each` of every one as soon as it is done.
pub fn run(jobs: &[Job], clock: Clock, threads: usize, each: &(dyn Fn(&Job, Outcome) + Sync)) {
    let size = |job: &&Job| std::fs::metadata(&job.file).map_or(0, |meta| meta.len());
    let (large, small): (Vec<&Job>, Vec<&Job>) = jobs.iter().partition(|job| size(job) > LARGE);
    let next = AtomicUsize::new(0);
    let work = |job: &Job, threads: usize| {
        if signals::listen().is_ok_and(signals::Signals::interrupted) {
            let fault = Fault::error("interrupted before it was this zone's turn");
            return each(job, Outcome::failed(fault.into()));
        }
        let mut job = job.clone();
        job.recipe.threads = threads;
        each(&job, zone::run(&job, clock));
    };
    thread::scope(|scope| {
        for _ in 0..small.len().min(AT_ONCE.max(threads * 2)) {
            scope.spawn(|| {
                while let Some(job) = small.get(next.fetch_add(1, Ordering::Relaxed)) {
                    work(job, 1);
                }
            });
        }
        // one at a time: each uses all cores
        for job in large {
            work(job, threads);
        }
    });
}

/// Whether a zone is in part `part`, from 0, of so many parts: always the same for the same name.
#[must_use]
pub fn in_shard(zone: Name<'_>, part: u32, parts: u32) -> bool {
    // FNV-1a over the canonical name, its high half mixed in: the low bits alone are spread unevenly
    let lower = zone.wire().iter().map(u8::to_ascii_lowercase);
    let hash = lower.fold(0xcbf2_9ce4_8422_2325_u64, |hash, octet| {
        (hash ^ u64::from(octet)).wrapping_mul(0x0100_0000_01b3)
    });
    (hash ^ hash >> 32) % u64::from(parts.max(1)) == u64::from(part)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::NameBuf;

    #[test]
    fn shards_are_even_and_each_zone_is_in_one() {
        let mut counts = [0; 7];
        for number in 0..7000 {
            let zone = NameBuf::from_text(&format!("Zone{number}.example.")).unwrap();
            let parts: Vec<u32> = (0..7).filter(|&part| in_shard(zone.as_name(), part, 7)).collect();
            assert_eq!(parts.len(), 1);
            assert!(in_shard(zone.to_lower_case().as_name(), parts[0], 7));
            counts[parts[0] as usize] += 1;
        }
        assert!(counts.iter().all(|count| (850..1150).contains(count)), "{counts:?}");
        assert!(in_shard(NameBuf::root().as_name(), 0, 1));
    }
}
