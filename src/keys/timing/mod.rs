//! What each key may do now: what its times ask for, unless resolvers would then find the zone bogus.
//!
//! In: all keys of a zone with their times, what became of them in the versions of the signed file so far, and
//! the delays of caches. Out: the keys that are in the zone, with what each does, and what was refused. The
//! rules are those of RFC 7583 and RFC 6781, section 4.1, kept by waiting:
//!
//! - A key signs alone for its algorithm only when resolvers know its DNSKEY: one DNSKEY TTL and the
//!   propagation delay after the first version that had it. Until then the keys that signed before go on.
//! - A key that signed stays in the zone until its signatures are gone from all caches.
//! - A KSK or CSK goes on signing the DNSKEYs while the parent may have a DS for it, and until another one of
//!   its algorithm can take its place there.
//! - No algorithm is left with a DNSKEY and without a key that signs.
//!
//! Where a key's times contradict these they are in error; where only a run came late, it is said and no more.

mod desk;

use super::key::{Key, Use};
use super::life::{self, Life, State};
use crate::dns::time::Time;
use crate::error::Faults;
use desk::{Desk, Duty};

/// How long what was published may be in caches, in seconds.
#[derive(Clone, Copy, Debug)]
pub struct Delays {
    /// TTL of the zone's DNSKEYs.
    pub dnskey_ttl: u32,
    /// How long records of the version of the zone that is served now may be in caches: their largest TTL, or
    /// the SOA's minimum.
    pub largest_ttl: u32,
    /// How long it takes until all servers of the zone have a new version.
    pub propagation: u32,
    /// TTL of the zone's DS at the parent.
    pub ds_ttl: u32,
}

/// The version of the zone that is served.
#[derive(Clone, Copy, Debug, Default)]
pub struct Served<'a> {
    /// What became of its keys.
    pub lives: &'a [Life],
    /// When the zone was first served with signatures.
    pub first: Option<Time>,
}

/// Who does what.
#[derive(Debug, Default)]
pub struct Roster {
    /// The keys that are in the zone.
    pub keys: Vec<Key>,
    /// What their times ask for and must not be: errors. And what is worth knowing: warnings.
    pub faults: Faults,
    /// What was said of keys that only have to wait.
    pub notes: Vec<String>,
    /// DNSKEYs that the parent is to have a DS for, but not before a moment.
    pub coming: Vec<(Vec<u8>, Time)>,
    /// The next moment at which all this may change.
    pub next: Option<Time>,
}

/// Decides what each of `keys` does at `now`. `served` is what is known of the version that is served.
///
/// # Errors
/// A key is gone whose signatures or DS are still in use: nothing can be done without it.
pub fn roster(keys: Vec<Key>, served: Served<'_>, delays: Delays, now: Time) -> Result<Roster, Faults> {
    let mut desk = Desk::new(&keys, served, delays, now);
    desk.decide()?;
    let parents: Vec<Option<Time>> = (0..keys.len()).map(|at| desk.for_parent(at)).collect();
    let next = desk.next();
    let Desk { duties, faults, notes, .. } = desk;
    let mut roster = Roster { faults, notes, next, ..Roster::default() };
    for ((key, duty), for_parent) in keys.into_iter().zip(duties).zip(parents) {
        let usage = match duty {
            Duty::Nothing => continue,
            Duty::Published => Use::Published,
            Duty::Signs | Duty::Revoked => Use::Signs,
        };
        let mut key = key.with_duty(usage, for_parent.is_some_and(|from| from <= now));
        if let Some(from) = for_parent.filter(|&from| from > now) {
            roster.coming.push((key.rdata().to_vec(), from));
        }
        if duty == Duty::Revoked {
            key.revoke()?;
        }
        roster.keys.push(key);
    }
    Ok(roster)
}

/// The lives of the keys in a new version of the zone, made at `now`, which follows one with `lives`.
#[must_use]
pub fn continued(keys: &[Key], lives: &[Life], delays: Delays, now: Time) -> Vec<Life> {
    let life = |key: &Key| {
        let print = life::print(key.rdata());
        let before = lives.iter().find(|life| life.print == print);
        let state = match (key.usage(), before.map(|life| life.state)) {
            (Use::Signs, Some(State::Signs(since))) => State::Signs(since),
            (Use::Signs, _) => State::Signs(now),
            (Use::Published, Some(State::Signs(_))) => State::Stopped(gone(delays, now)),
            (Use::Published, before) => before.unwrap_or(State::Idle),
        };
        let published = before.map_or(now, |life| life.published);
        Life { algorithm: key.algorithm().number(), tag: key.tag(), print, published, state }
    };
    keys.iter().map(life).collect()
}

/// When signatures that are replaced now are gone from all caches.
fn gone(delays: Delays, now: Time) -> Time {
    Time(now.0 + i64::from(delays.largest_ttl) + i64::from(delays.propagation))
}
