//! The rules, one after another: each looks at what the keys' times ask for, and corrects what must not be.

use super::{Delays, Served, gone};
use crate::dns::time::Time;
use crate::error::{Fault, Faults};
use crate::keys::life::{self, Life, State};
use crate::keys::metadata::Stage;
use crate::keys::{Algorithm, Key, Role};

/// What one key is going to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Duty {
    Nothing,
    Published,
    Signs,
    Revoked,
}

/// All that is looked at, and what was decided so far.
pub(super) struct Desk<'a> {
    keys: &'a [Key],
    lives: &'a [Life],
    first: Option<Time>,
    delays: Delays,
    now: Time,
    stages: Vec<Stage>,
    pub(super) duties: Vec<Duty>,
    pub(super) faults: Faults,
    pub(super) notes: Vec<String>,
}

impl<'a> Desk<'a> {
    pub(super) fn new(keys: &'a [Key], served: Served<'a>, delays: Delays, now: Time) -> Self {
        let Served { lives, first } = served;
        let stages: Vec<Stage> = keys.iter().map(|key| key.metadata().stage(now)).collect();
        let duty = |stage: &Stage| match stage {
            Stage::Waiting | Stage::Removed => Duty::Nothing,
            Stage::Published | Stage::Retired => Duty::Published,
            Stage::Active => Duty::Signs,
            Stage::Revoked => Duty::Revoked,
        };
        let duties = stages.iter().map(duty).collect();
        Self { keys, lives, first, delays, now, stages, duties, faults: Faults::new(), notes: Vec::new() }
    }

    fn life(&self, at: usize) -> Option<&'a Life> {
        let print = life::print(self.keys[at].rdata());
        self.lives.iter().find(|life| life.print == print)
    }

    /// Since when the key signs in the version that is served.
    fn since(&self, at: usize) -> Option<Time> {
        match self.life(at)?.state {
            State::Signs(since) => Some(since),
            _ => None,
        }
    }

    fn signed(&self, at: usize) -> bool {
        self.since(at).is_some()
    }

    /// Whether the key is revoked in the version that is served: it signs under another tag, which no DS has.
    fn was_revoked(&self, at: usize) -> bool {
        self.life(at).is_some_and(|life| life.tag == self.keys[at].revoked_tag())
    }

    /// When caches have no data left that an algorithm did not sign.
    fn covers(&self, algorithm: Algorithm) -> Time {
        let lives = self.lives.iter().filter(|life| life.algorithm == algorithm.number());
        let begun = lives.filter(|life| life.state != State::Idle).map(|life| life.published).min();
        gone(self.delays, begun.unwrap_or(self.now))
    }

    /// When resolvers know what was published then.
    fn known(&self, published: Time) -> Time {
        Time(published.0 + i64::from(self.delays.dnskey_ttl) + i64::from(self.delays.propagation))
    }

    /// When the key's DNSKEY was published, or is going to be.
    fn published(&self, at: usize) -> Time {
        match self.life(at) {
            Some(life) => life.published,
            // without a version that tells, the key's times have to be believed
            None if self.lives.is_empty() => self.keys[at].metadata().publish.unwrap_or(Time(0)),
            None => self.now,
        }
    }

    fn is_ready(&self, at: usize) -> bool {
        self.known(self.published(at)) <= self.now
    }

    fn of(&self, algorithm: Algorithm) -> impl Iterator<Item = usize> + use<'a> {
        let keys = self.keys;
        (0..keys.len()).filter(move |&at| keys[at].algorithm() == algorithm)
    }

    fn algorithms(&self) -> Vec<Algorithm> {
        let mut algorithms: Vec<_> = self.keys.iter().map(Key::algorithm).collect();
        algorithms.sort_unstable();
        algorithms.dedup();
        algorithms
    }

    /// Whether all keys of an algorithm are to leave the zone, now or soon.
    fn leaves(&self, algorithm: Algorithm) -> bool {
        self.of(algorithm)
            .all(|at| matches!(self.stages[at], Stage::Waiting | Stage::Retired | Stage::Removed))
    }

    fn error(&mut self, at: usize, message: String, hint: String) {
        self.faults.push(Fault::error(message).in_file(self.keys[at].file()).hint(hint));
    }

    fn name(&self, at: usize) -> String {
        format!("{} {}", self.keys[at].role(), self.keys[at].tag())
    }

    /// Goes through all rules.
    pub(super) fn decide(&mut self) -> Result<(), Faults> {
        self.refuse_vanished()?;
        self.keep_revoked();
        self.keep_entry_points();
        self.hold_revocations();
        self.keep_signers();
        self.keep_algorithms_whole();
        self.keep_published();
        Ok(())
    }

    /// A key whose file is gone cannot go on doing what others rely on.
    fn refuse_vanished(&self) -> Result<(), Faults> {
        let mut faults = Faults::new();
        for life in self.lives {
            if self.keys.iter().any(|key| life::print(key.rdata()) == life.print) {
                continue;
            }
            let Life { tag, algorithm, .. } = life;
            let told = match life.state {
                State::Idle => continue,
                State::Stopped(until) if until <= self.now => continue,
                State::Stopped(until) => {
                    format!("is gone, and its signatures may be in caches until {until}")
                }
                State::Signs(_) => "is gone, and it signs the zone that is served".to_owned(),
            };
            faults.push(Fault::error(format!("key {tag} of algorithm {algorithm} {told}")).hint(
                "put its file back; `zoneseal key set` gives it Retire and Remove times. --force-unsafe goes on without it: \
                 resolvers then find the zone bogus until their caches forget it",
            ));
        }
        if faults.errors() > 0 { Err(faults) } else { Ok(()) }
    }

    /// What was published as revoked is revoked for good (RFC 5011, section 2.1): under its old tag nobody knows it.
    fn keep_revoked(&mut self) {
        for at in 0..self.keys.len() {
            if self.was_revoked(at) && matches!(self.duties[at], Duty::Published | Duty::Signs) {
                let message = format!("the {} stays revoked: it was published so", self.name(at));
                let hint = "give it back its Revoke time, and make a new key: zoneseal keygen".to_owned();
                self.error(at, message, hint);
                self.duties[at] = Duty::Revoked;
            }
        }
    }

    /// The DNSKEY signatures of a KSK or CSK end, and it is revoked, only when the parent's DS can do without.
    fn keep_entry_points(&mut self) {
        for at in 0..self.keys.len() {
            let stops = self.keys[at].role().signs_keys() && self.duties[at] != Duty::Signs;
            if !stops || self.was_revoked(at) {
                continue;
            }
            let what = match self.stages[at] {
                Stage::Revoked => "be revoked",
                Stage::Retired => "retire",
                Stage::Removed => "leave the zone",
                // a DS may be there before its key, but not this key's signature
                _ if self.signed(at) => "leave the zone",
                _ => continue,
            };
            let needs = self.has_ds(at).or_else(|| self.signed(at).then(|| self.has_no_heir(at)).flatten());
            if let Some((why, hint)) = needs {
                let message = format!("the {} was to {what}, and goes on: {why}", self.name(at));
                self.error(at, message, hint);
                self.duties[at] = Duty::Signs;
            }
        }
    }

    /// Why the parent may still have the key's DS.
    fn has_ds(&self, at: usize) -> Option<(String, String)> {
        let (times, file) = (self.keys[at].metadata(), self.keys[at].file());
        times.ds_published?;
        let Some(withdrawn) = times.ds_withdrawn else {
            let hint =
                format!("when the parent no longer has it: zoneseal key set --ds-withdrawn now {file}");
            return Some(("its DS is at the parent".into(), hint));
        };
        let until = Time(withdrawn.0 + i64::from(self.delays.ds_ttl));
        (until > self.now).then(|| {
            (format!("its DS may be in caches until {until}"), "a Retire time after that is safe".into())
        })
    }

    /// Why no other key can take the key's place at the parent.
    fn has_no_heir(&self, at: usize) -> Option<(String, String)> {
        let (key, ttl) = (&self.keys[at], i64::from(self.delays.ds_ttl));
        let leaves = self.leaves(key.algorithm());
        let is_heir = |other: usize| {
            let heir = &self.keys[other];
            let known = heir.metadata().ds_published.filter(|_| heir.metadata().ds_withdrawn.is_none());
            other != at
                && heir.role().signs_keys()
                && self.duties[other] == Duty::Signs
                && (leaves || heir.algorithm() == key.algorithm())
                && known.is_some_and(|published| published.0 + ttl <= self.now.0)
                && self.since(other).is_some_and(|since| self.known(since) <= self.now)
        };
        if (0..self.keys.len()).any(is_heir) {
            return None;
        }
        Some((
            format!("no other key of {} that signs has had its DS at the parent for the DS TTL", key.algorithm()),
            "give the parent the DS of the new key, wait until it has it, and say so: zoneseal key set --ds-published now KEY".into(),
        ))
    }

    /// A CSK that is revoked has another tag, which data in caches do not know: first it ceases to sign.
    fn hold_revocations(&mut self) {
        for at in 0..self.keys.len() {
            let signs_data = self.keys[at].role().signs_data();
            if self.duties[at] != Duty::Revoked || !signs_data || self.was_revoked(at) {
                continue;
            }
            let until = match self.life(at).map(|life| life.state) {
                Some(State::Signs(_)) => gone(self.delays, self.now),
                Some(State::Stopped(until)) if until > self.now => until,
                _ => continue,
            };
            let times = self.keys[at].metadata();
            let planned = times.revoke.zip(times.retire);
            let enough = planned.is_some_and(|(revoke, retire)| revoke.0 - retire.0 >= self.longest());
            let told = format!(
                "the {} is not revoked before {until}: its signatures may be in caches",
                self.name(at)
            );
            self.late(at, enough, told, "put its Revoke time at least the largest TTL and the propagation delay behind its Retire time");
            self.duties[at] = Duty::Published;
        }
    }

    /// Seconds until what was replaced is gone from all caches.
    fn longest(&self) -> i64 {
        i64::from(self.delays.largest_ttl) + i64::from(self.delays.propagation)
    }

    /// Data are signed, for each algorithm, by a key that resolvers know.
    fn keep_signers(&mut self) {
        for algorithm in self.algorithms() {
            let of_data = |at: &usize| self.keys[*at].role().signs_data();
            let signs = |at: &usize| self.signed(*at) && !self.was_revoked(*at);
            let before: Vec<usize> = self.of(algorithm).filter(of_data).filter(signs).collect();
            let wanted: Vec<usize> =
                self.of(algorithm).filter(of_data).filter(|&at| self.duties[at] == Duty::Signs).collect();
            // nobody ceases, or somebody goes on whom resolvers know
            let all_go_on = before.iter().all(|at| wanted.contains(at));
            if all_go_on || wanted.is_empty() || wanted.iter().any(|&at| self.is_ready(at)) {
                continue;
            }
            for &at in &wanted {
                let (times, ready) = (self.keys[at].metadata(), self.known(self.published(at)));
                let planned = times.activate.zip(times.publish);
                let enough = planned.is_some_and(|(activate, publish)| activate >= self.known(publish));
                let told =
                    format!("the {} does not sign before {ready}, when resolvers know it", self.name(at));
                self.late(at, enough, told, "put its Activate time at least one DNSKEY TTL and the propagation delay behind its Publish time");
                if !before.contains(&at) {
                    self.duties[at] = Duty::Published;
                }
            }
            for at in before {
                self.duties[at] = Duty::Signs;
            }
        }
    }

    /// What has to wait: in order if the key's times allowed for it, and an error if not.
    fn late(&mut self, at: usize, allowed: bool, told: String, hint: &str) {
        if allowed {
            self.notes.push(told);
        } else {
            self.error(at, told, hint.to_owned());
        }
    }

    /// An algorithm whose DNSKEYs are in the zone signs all of it (RFC 4035, section 2.2): it comes and goes at
    /// once, with all that it needs.
    fn keep_algorithms_whole(&mut self) {
        for algorithm in self.algorithms() {
            let signs = |desk: &Self, does: fn(Role) -> bool| {
                desk.of(algorithm).any(|at| desk.duties[at] == Duty::Signs && does(desk.keys[at].role()))
            };
            if signs(self, Role::signs_keys) && signs(self, Role::signs_data) {
                continue;
            }
            let before: Vec<usize> = self.of(algorithm).filter(|&at| self.signed(at)).collect();
            let published = self.of(algorithm).any(|at| self.duties[at] != Duty::Nothing);
            if !before.is_empty() && (published || !self.others_sign(algorithm)) {
                let parting = self.of(algorithm).all(|at| self.keys[at].metadata().remove.is_some());
                let at = before[0];
                let told = format!(
                    "the keys of {algorithm} go on signing: an algorithm whose keys are in the zone must sign all of it"
                );
                self.late(
                    at,
                    parting && self.others_sign(algorithm),
                    told,
                    "activate another key of the algorithm first, or give all its keys one Remove time, when keys of another algorithm sign",
                );
                for at in before {
                    self.duties[at] = Duty::Signs;
                }
            } else if before.is_empty() && self.lives.iter().any(|life| matches!(life.state, State::Signs(_)))
            {
                // a new algorithm that does not sign yet: neither do its DNSKEYs appear
                let waiting: Vec<usize> =
                    self.of(algorithm).filter(|&at| self.duties[at] == Duty::Published).collect();
                let all = self.of(algorithm).all(|at| self.duties[at] != Duty::Signs);
                for at in waiting.into_iter().filter(|_| all) {
                    self.notes.push(format!("the {} waits until {algorithm} signs", self.name(at)));
                    self.duties[at] = Duty::Nothing;
                }
            }
        }
    }

    /// Whether another algorithm signs now, and all that is in caches.
    fn others_sign(&self, algorithm: Algorithm) -> bool {
        self.algorithms().into_iter().filter(|other| *other != algorithm).any(|other| {
            let signs = |does: fn(Role) -> bool| {
                self.of(other)
                    .any(|at| self.duties[at] == Duty::Signs && self.signed(at) && does(self.keys[at].role()))
            };
            signs(Role::signs_keys) && signs(Role::signs_data) && self.covers(other) <= self.now
        })
    }

    /// What signed stays published until its signatures are gone from caches, unless its whole algorithm goes:
    /// then those of another one are beside them.
    fn keep_published(&mut self) {
        for at in 0..self.keys.len() {
            let gone_with_its_algorithm = self.algorithm_is_gone(self.keys[at].algorithm());
            if self.duties[at] != Duty::Nothing || gone_with_its_algorithm || self.was_revoked(at) {
                continue;
            }
            let until = match self.life(at).map(|life| life.state) {
                Some(State::Signs(_)) if self.keys[at].role().signs_data() => gone(self.delays, self.now),
                Some(State::Stopped(until)) => until,
                _ => continue,
            };
            if until <= self.now {
                continue;
            }
            let times = self.keys[at].metadata();
            let planned = times.remove.zip(times.retire);
            let enough = planned.is_some_and(|(remove, retire)| remove.0 - retire.0 >= self.longest());
            let told = format!(
                "the {} stays in the zone until {until}: its signatures may be in caches",
                self.name(at)
            );
            self.late(at, enough, told, "put its Remove time at least the largest TTL and the propagation delay behind its Retire time");
            self.duties[at] = Duty::Published;
        }
    }

    fn algorithm_is_gone(&self, algorithm: Algorithm) -> bool {
        self.of(algorithm).all(|at| self.duties[at] == Duty::Nothing)
    }

    /// From when on the parent should have a DS for the key, if it should at all before the key is to retire.
    pub(super) fn for_parent(&self, at: usize) -> Option<Time> {
        let active = self.stages[at] == Stage::Active && self.duties[at] == Duty::Signs;
        (active && self.keys[at].role().signs_keys()).then(|| self.for_parent_from(at))
    }

    /// When resolvers know the key and its signatures, have nothing left that its algorithm did not sign, and, of a
    /// zone that was not signed before, nothing unsigned.
    fn for_parent_from(&self, at: usize) -> Time {
        let times = self.keys[at].metadata();
        if times.ds_published.is_some() && times.ds_withdrawn.is_none() {
            // it is there already, and must stay
            return self.now;
        }
        let begun = self.since(at).unwrap_or(self.now).max(times.activate.unwrap_or(Time(0)));
        let first = gone(self.delays, self.first.unwrap_or(self.now));
        self.known(begun).max(first).max(self.covers(self.keys[at].algorithm()))
    }

    /// The next moment at which something may change.
    pub(super) fn next(&self) -> Option<Time> {
        let ds = |time: Option<Time>| time.map(|time| Time(time.0 + i64::from(self.delays.ds_ttl)));
        let times = (0..self.keys.len()).flat_map(|at| {
            let times = self.keys[at].metadata();
            let stopped = self.life(at).and_then(|life| match life.state {
                State::Stopped(until) => Some(until),
                _ => None,
            });
            [
                times.publish,
                times.activate,
                times.retire,
                times.remove,
                times.revoke,
                ds(times.ds_published),
                ds(times.ds_withdrawn),
                Some(self.known(self.published(at))),
                Some(self.for_parent_from(at)),
                Some(self.covers(self.keys[at].algorithm())),
                stopped,
            ]
        });
        times.flatten().filter(|&time| time > self.now).min()
    }
}
