//! What is known of a zone before it is read: the version in place, what its last line says, and what became of
//! keys, TTLs and serials in the versions so far.
//!
//! The last line is believed if it is true. Where it is not, or another program wrote the file, the history comes from
//! the state beside it, or from the first records: whose DNSKEYs are there, and which of them sign.

use super::job::Job;
use super::state::State;
use crate::dns::time::Time;
use crate::error::{Fault, Faults};
use crate::files;
use crate::keys::life::{self, Life};
use crate::publish::earlier::{Apex, Earlier};
use crate::publish::stamp::{Digest, Stamp, Was};
use crate::threads;
use crate::zonefile::tap;
use std::path::Path;
use std::thread;

/// All that is known.
#[derive(Debug)]
pub(super) struct Known {
    /// The version in place, if there is one.
    pub(super) earlier: Option<Earlier>,
    /// What its last line says, if that is true.
    pub(super) stamp: Option<Stamp>,
    /// What its first records tell.
    pub(super) apex: Apex,
    /// Of the input files as they are now; `None`: one of them cannot be read, or is not known yet.
    pub(super) input: Option<Digest>,
    /// What was before.
    pub(super) history: History,
}

/// What became of a zone in the versions of its signed file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// What became of the keys.
    pub lives: Vec<Life>,
    /// When it was first served with signatures.
    pub first: Option<Time>,
    /// How long records of the last version may be in caches.
    pub ttl: Option<u32>,
    /// The same of versions before, if it was longer.
    pub was: Option<Was>,
    /// The serial last published.
    pub serial: Option<u32>,
}

impl History {
    /// What the last line of a version tells; `None`: that is not enough, as `sign` knows of no other version.
    pub(super) fn of(stamp: &Stamp, apex: &Apex) -> Option<Self> {
        let Stamp { lives, first, ttl, was, .. } = stamp;
        (!lives.is_empty()).then(|| Self {
            lives: lives.clone(),
            first: *first,
            ttl: *ttl,
            was: *was,
            serial: apex.serial(),
        })
    }

    /// What the first records tell. They say nothing of times: what is there was always there.
    fn of_apex(apex: &Apex) -> Self {
        let life = |rdata: &Vec<u8>| {
            let (&algorithm, tag) = (rdata.get(3)?, crate::keys::key_tag(rdata));
            let signs = apex.signers.contains(&(algorithm, tag));
            let state = if signs { life::State::Signs(Time(0)) } else { life::State::Idle };
            Some(Life { algorithm, tag, print: life::print(rdata), published: Time(0), state })
        };
        let first = (!apex.signers.is_empty()).then_some(Time(0));
        let lives = apex.dnskeys.iter().filter_map(life).collect();
        Self { lives, first, serial: apex.serial(), ..Self::default() }
    }

    /// TTLs before the version in place, as long as they matter.
    pub(super) fn was(&self, now: Time) -> Option<Was> {
        self.was.filter(|was| was.until > now)
    }
}

impl Known {
    /// Looks at the version in place, and digests it beside the input files.
    ///
    /// # Errors
    /// It cannot be read.
    pub(super) fn look(job: &Job, state: &State, faults: &mut Faults) -> Result<Self, Faults> {
        let earlier = Earlier::open(&job.output)?;
        let stamp = earlier.as_ref().and_then(Earlier::stamp).cloned();
        let input = || stamp.as_ref().and_then(|stamp| digest_of_files(&job.file, &stamp.files));
        let whole = || earlier.as_ref().filter(|_| stamp.is_some()).map(Earlier::is_whole);
        let (whole, input) = if job.recipe.threads > 1 {
            thread::scope(|scope| {
                let input = scope.spawn(input);
                (whole(), threads::result_of(input))
            })
        } else {
            (whole(), input())
        };
        let apex = earlier.as_ref().map(|earlier| earlier.apex(job.zone.as_name()));
        let apex = apex.transpose()?.unwrap_or_default();
        let (stamp, told) = match whole.transpose()? {
            Some(true) => (stamp, None),
            Some(false) => (None, Some("it was changed since zoneseal wrote it")),
            None if earlier.is_some() => (None, Some("zoneseal did not write it")),
            None => (None, None),
        };
        if let Some(told) = told {
            let fault = Fault::warning(format!("{told}: all is signed again"));
            faults.push(fault.in_file(&job.output.display().to_string()));
        }
        let history = stamp.as_ref().and_then(|stamp| History::of(stamp, &apex));
        let mut history =
            history.or_else(|| state.history.clone()).unwrap_or_else(|| History::of_apex(&apex));
        // what is in place is what secondaries have, whoever put it there
        history.serial = apex.serial().or(history.serial);
        let input = input.filter(|_| stamp.is_some());
        Ok(Self { earlier, stamp, apex, input, history })
    }

    /// Whether the input files are those that the version in place was made from, or mean the same.
    pub(super) fn is_same_input(&self, state: &State) -> bool {
        let Some((stamp, input)) = self.stamp.as_ref().zip(self.input) else { return false };
        let seal = self.earlier.as_ref().and_then(Earlier::seal);
        stamp.input == Some(input) || seal.is_some_and(|seal| state.same_input == Some((input, seal)))
    }

    /// Whether signatures have to be made anew: they end soon, or were made by a clock that was ahead.
    pub(super) fn renews(&self, now: Time) -> bool {
        let stamp = self.stamp.as_ref();
        let ahead = stamp.and_then(|stamp| stamp.made).is_some_and(|made| made > now);
        ahead || stamp.and_then(|stamp| stamp.renew).is_some_and(|renew| renew <= now)
    }
}

/// The digest of the zone file and of what it includes; `None`: one of them cannot be read.
fn digest_of_files(file: &Path, includes: &[String]) -> Option<Digest> {
    let paths = std::iter::once(file).chain(includes.iter().map(Path::new));
    let digests: Vec<_> = paths.map(files::digest).collect::<Option<_>>()?;
    Some(tap::of_files(digests.iter().map(AsRef::as_ref)))
}
