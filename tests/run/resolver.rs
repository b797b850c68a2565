//! All resolvers at once: what of earlier versions may be in a cache, and whether any of it can meet and not fit.
//!
//! A resolver may have got a version as long after it was replaced as it takes until all servers have the next, and
//! keep each RRset for its TTL. DS set, DNSKEYs and answer come from versions of their own. It fails if no DS leads to
//! a DNSKEY that signs the DNSKEYs, or an answer has no signature by one of these that holds.

use crate::version::{Ds, Version};
use std::collections::BTreeSet;
use zoneseal::dns::time::Time;

/// How long it takes until all servers have a new version: the default of `run`.
pub(crate) const PROPAGATION: i64 = 3600;
/// TTL of a DS at the parent: the default of `run`.
pub(crate) const DS_TTL: i64 = 86_400;

/// What was served, and until when; `None`: it still is.
#[derive(Clone, Debug)]
struct Past<T> {
    what: T,
    replaced: Option<Time>,
}

impl<T> Past<T> {
    /// Whether a resolver may have it at `now`, if it keeps it for so long.
    fn may_be_cached(&self, now: Time, ttl: i64) -> bool {
        self.replaced.is_none_or(|replaced| now.0 < replaced.0 + PROPAGATION + ttl)
    }
}

/// What resolvers may have.
#[derive(Clone, Debug)]
pub(crate) struct Resolvers {
    versions: Vec<Past<Version>>,
    parents: Vec<Past<BTreeSet<Ds>>>,
    /// Pairs of cached DS sets and DNSKEYs, and of DNSKEYs and kinds of answers, that were looked at.
    pub(crate) looked_at: usize,
}

impl Resolvers {
    /// The zone was not signed so far, and records of it have this TTL.
    pub(crate) fn new(ttl: u32) -> Self {
        let first = Past { what: Version::unsigned(ttl), replaced: None };
        let parent = Past { what: BTreeSet::new(), replaced: None };
        Self { versions: vec![first], parents: vec![parent], looked_at: 0 }
    }

    /// The version that is served.
    pub(crate) fn served(&self) -> &Version {
        &self.versions.last().expect("there is always one").what
    }

    /// The DS set that the parent has.
    pub(crate) fn parent(&self) -> &BTreeSet<Ds> {
        &self.parents.last().expect("there is always one").what
    }

    /// A new version is served.
    pub(crate) fn serve(&mut self, version: Version, now: Time) {
        push(&mut self.versions, version, now);
    }

    /// The parent has another DS set.
    pub(crate) fn swap(&mut self, ds: BTreeSet<Ds>, now: Time) {
        push(&mut self.parents, ds, now);
    }

    /// Looks at all that may be in caches.
    ///
    /// # Errors
    /// What does not fit together.
    pub(crate) fn check(&mut self, now: Time) -> Result<(), String> {
        let longest = |version: &Version| {
            i64::from(version.answers.keys().map(|kind| kind.ttl).max().unwrap_or(0).max(version.dnskey_ttl))
        };
        self.versions.retain(|past| past.may_be_cached(now, longest(&past.what)));
        self.parents.retain(|past| past.may_be_cached(now, DS_TTL));
        let keys = |past: &&Past<Version>| past.may_be_cached(now, past.what.dnskey_ttl.into());
        for parent in self.parents.iter().map(|past| &past.what).filter(|parent| !parent.is_empty()) {
            for version in self.versions.iter().filter(keys).map(|past| &past.what) {
                self.looked_at += 1;
                let leads = |(key, ds): (_, &Ds)| {
                    parent.contains(ds) && version.dnskey_signers.get(key).is_some_and(|&end| end > now)
                };
                if !version.ds.iter().any(leads) {
                    return Err(format!(
                        "at {now}: no DS of {:?} leads to the DNSKEYs of serial {}, signed by {:?}",
                        parent.iter().map(|ds| u16::from_be_bytes([ds[0], ds[1]])).collect::<Vec<_>>(),
                        version.serial,
                        version.dnskey_signers
                    ));
                }
                self.looked_at += answers(version, &self.versions, now)?;
            }
        }
        Ok(())
    }
}

fn push<T>(pasts: &mut Vec<Past<T>>, what: T, now: Time) {
    pasts.last_mut().expect("there is always one").replaced = Some(now);
    pasts.push(Past { what, replaced: None });
}

/// Whether all answers that may be in caches are good by the DNSKEYs of one version; how many kinds there are.
fn answers(keys: &Version, versions: &[Past<Version>], now: Time) -> Result<usize, String> {
    let mut kinds = 0;
    for past in versions {
        for (kind, &end) in &past.what.answers {
            if !past.may_be_cached(now, kind.ttl.into()) {
                continue;
            }
            kinds += 1;
            let known = kind.signers.iter().any(|key| keys.dnskeys.contains_key(key));
            if !known || end <= now {
                return Err(format!(
                    "at {now}: an answer of serial {}, signed by {:?} until {end}, and the DNSKEYs {:?} of serial {}",
                    past.what.serial,
                    kind.signers,
                    keys.dnskeys.keys(),
                    keys.serial
                ));
            }
        }
    }
    Ok(kinds)
}
