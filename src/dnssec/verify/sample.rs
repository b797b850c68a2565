//! Which signatures are verified: all, or a sample that is another each run.

use crate::dns::{Name, Rtype};
use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::sync::Mutex;
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// A signature's kind: key tag, algorithm, type covered.
type Kind = (u16, u8, Rtype);

/// Decides for a whole zone, and for all threads.
#[derive(Debug)]
pub struct Sampler {
    /// A seed of its own each run: what was never looked at today is looked at some day.
    seed: u64,
    /// Hashes below it are in.
    threshold: u64,
    seen: Mutex<HashSet<Kind>>,
}

impl Sampler {
    /// About `wanted` of `total` signatures, and at least one for each key and type covered; all of them
    /// if there are no more than that.
    #[must_use]
    pub fn new(wanted: usize, total: usize) -> Self {
        let threshold = if total <= wanted { u64::MAX } else { u64::MAX / total as u64 * wanted as u64 };
        Self { seed: RandomState::new().hash_one(0), threshold, seen: Mutex::default() }
    }

    /// Every signature.
    #[must_use]
    pub fn all() -> Self {
        Self::new(1, 1)
    }

    /// One thread's share of the decision.
    #[must_use]
    pub fn sample(&self) -> Sample<'_> {
        Sample { sampler: self, seen: Vec::new() }
    }
}

/// Decides for one span.
#[derive(Debug)]
pub struct Sample<'a> {
    sampler: &'a Sampler,
    /// Kinds that are known to be seen, so that the others need not be asked. They are few.
    seen: Vec<Kind>,
}

impl Sample<'_> {
    /// Whether this signature is verified.
    pub fn includes(&mut self, owner: Name<'_>, rtype: Rtype, algorithm: u8, tag: u16) -> bool {
        let Sampler { seed, threshold, seen } = self.sampler;
        if *threshold == u64::MAX {
            return true;
        }
        let kind = (tag, algorithm, rtype);
        if !self.seen.contains(&kind) {
            self.seen.push(kind);
            if seen.lock().is_ok_and(|mut seen| seen.insert(kind)) {
                return true;
            }
        }
        let kind = u64::from(rtype.0) << 32 | u64::from(algorithm) << 16 | u64::from(tag);
        xxh3_64_with_seed(owner.wire(), seed ^ kind) < *threshold
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::NameBuf;

    #[test]
    fn about_as_many_as_wanted_and_each_kind_once() {
        let sampler = Sampler::new(500, 10_000);
        let mut sample = sampler.sample();
        let mut included = 0;
        for number in 0..10_000 {
            let name = NameBuf::from_text(&format!("n{number}.example.")).unwrap();
            included += usize::from(sample.includes(name.as_name(), Rtype::A, 13, 1));
        }
        assert!((350..650).contains(&included), "{included}");
        let apex = NameBuf::from_text("example.").unwrap();
        assert!(sample.includes(apex.as_name(), Rtype::MX, 13, 1));
        assert!(Sampler::all().sample().includes(apex.as_name(), Rtype::MX, 13, 1));
    }
}
