//! One zone, as often as cron likes: nothing if nothing is due, else the new version in place, its DS records
//! and the hook.
//!
//! What is due is decided by digests, not by reading zones: of the input files, the policy and the public keys,
//! against those that the last line of the signed file has. A kill at any moment leaves the old version or the
//! new one, and the next run does what is missing.

use super::input::Input;
use super::job::Job;
use super::known::{History, Known};
use super::make::{self, Draft, Made};
use super::serial;
use super::state::State;
use super::{ds, hook, keys};
use crate::dns::soa::Soa;
use crate::dns::time::Time;
use crate::dns::{Class, Name, Rtype};
use crate::error::{Fault, Faults};
use crate::files::{self, Lock, Output};
use crate::keys::timing::{self, Roster};
use crate::keys::{KeySet, life};
use crate::publish::earlier::{Apex, Earlier};
use crate::publish::stamp::Stamp;
use crate::status::Standing;
use std::path::Path;

/// What changed, for the hook: more than signatures.
const CONTENT: &str = "content";
/// What to do about a clock that cannot be right.
const SET_THE_CLOCK: &str = "set the clock; or say with --now what time it is";

/// The time of a run.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    /// Now.
    pub now: Time,
    /// Whether somebody said what time it is: then it is not held against the clock of other runs.
    pub given: bool,
}

/// What became of a zone.
#[derive(Debug)]
pub struct Outcome {
    /// What was done; `None`: nothing, because of what is among the faults.
    pub done: Option<Done>,
    /// Errors, each of which makes the run fail, and warnings.
    pub faults: Faults,
    /// What is worth knowing.
    pub notes: Vec<String>,
    /// The version that is in place now, if its last line is to be believed.
    pub standing: Option<Standing>,
}

/// What was done for a zone.
#[derive(Debug)]
pub enum Done {
    /// Nothing was due.
    Kept {
        /// When there is work next, if ever.
        next: Option<Time>,
    },
    /// A new version is in place.
    Signed(Box<Signed>),
}

/// A new version.
#[derive(Debug)]
pub struct Signed {
    /// Records.
    pub records: usize,
    /// Signatures that were made.
    pub made: usize,
    /// Signatures that were kept.
    pub kept: usize,
    /// Signatures that were verified.
    pub verified: usize,
    /// The serial.
    pub serial: u32,
    /// When the first signatures end.
    pub expires: Option<Time>,
    /// When there is work next.
    pub next: Option<Time>,
}

/// Does what is due for a zone.
#[must_use]
pub fn run(job: &Job, clock: Clock) -> Outcome {
    let mut shift = Shift {
        job,
        clock,
        state: State::default(),
        faults: Faults::new(),
        notes: Vec::new(),
        standing: None,
    };
    let done = match shift.run() {
        Ok(done) => Some(done),
        Err(faults) => {
            shift.faults.extend(faults);
            None
        }
    };
    let standing = shift.standing.or_else(|| standing_of(&job.output, job.zone.as_name()));
    Outcome { done, faults: shift.faults, notes: shift.notes, standing }
}

/// The work on one zone.
struct Shift<'a> {
    job: &'a Job,
    clock: Clock,
    state: State,
    faults: Faults,
    notes: Vec<String>,
    standing: Option<Standing>,
}

impl Shift<'_> {
    fn run(&mut self) -> Result<Done, Faults> {
        let job = self.job;
        let (folder, folder_of_ds) = (files::folder(&job.output), files::folder(&job.ds));
        files::make_folder(folder)?;
        if folder_of_ds != folder {
            files::make_folder(folder_of_ds)?;
        }
        let _lock = Lock::take(&job.beside("lock"), &holder(self.clock.now))?;
        let state = job.beside("state");
        self.state = State::read(&state);
        self.check_clock()?;
        let done = self.work();
        // a clock that somebody gave is not held against others, and makes up for one that was wrong
        self.state.clock = Some(self.clock.now).filter(|_| !self.clock.given);
        if let Err(fault) = self.state.write(&state) {
            self.faults.push(fault);
        }
        done
    }

    /// A machine that believes it is 1970 must not overwrite good signatures.
    fn check_clock(&self) -> Result<(), Fault> {
        let now = self.clock.now;
        if let Some(last) = self.state.clock.filter(|&last| last > now && !self.clock.given) {
            let told = format!("the clock says {now}, and at the last run it said {last}: nothing is signed");
            return Err(Fault::error(told).in_file(&self.job.file.display().to_string()).hint(SET_THE_CLOCK));
        }
        self.check_age(&self.job.file)
    }

    /// No input file is of the day after tomorrow.
    fn check_age(&self, file: &Path) -> Result<(), Fault> {
        let now = self.clock.now;
        let changed = files::modified(file).filter(|_| !self.clock.given);
        if let Some(changed) = changed.filter(|changed| changed.0 - 86_400 > now.0) {
            let told = format!("the clock says {now}, and the file is of {changed}: nothing is signed");
            return Err(Fault::error(told).in_file(&file.display().to_string()).hint(SET_THE_CLOCK));
        }
        Ok(())
    }

    fn work(&mut self) -> Result<Done, Faults> {
        let now = self.clock.now;
        let known = Known::look(self.job, &self.state, &mut self.faults)?;
        let mut found = None;
        if let Some(stamp) = &known.stamp {
            self.standing = known.apex.soa.map(|soa| standing(soa, stamp));
            let (roster, keys) = keys::keys(self.job, &known, None, now, &mut self.faults)?;
            if known.is_same_input(&self.state) && self.is_same(stamp, &keys) && !known.renews(now) {
                self.say(&roster, &keys);
                let class = known.apex.class.unwrap_or(Class::IN);
                return Ok(self.keep(&known, stamp, &roster, &keys, class));
            }
            found = Some((roster, keys));
        }
        self.sign(&known, found)
    }

    /// Whether policy and keys are those that the version in place was made with.
    fn is_same(&self, stamp: &Stamp, keys: &KeySet) -> bool {
        stamp.policy == Some(self.job.policy)
            && stamp.keys == Some(make::digest_of_keys(keys, &self.job.recipe))
    }

    /// Nothing is due for the signed file; the rest may be.
    fn keep(&mut self, known: &Known, stamp: &Stamp, roster: &Roster, keys: &KeySet, class: Class) -> Done {
        if let Some(serial) = self.state.unseen {
            self.faults.push(serial::unseen(serial, &self.job.file));
        }
        self.state.history = History::of(stamp, &known.apex).or_else(|| self.state.history.take());
        self.finish(known.apex.serial().unwrap_or(0), roster, keys, class);
        Done::Kept { next: stamp.renew.into_iter().chain(roster.next).min() }
    }

    /// What comes after the signed file: the hook and the DS records. Whatever fails here, the file is in place.
    fn finish(&mut self, serial: u32, roster: &Roster, keys: &KeySet, class: Class) {
        self.call_hook(serial);
        if let Err(fault) = ds::put(self.job, class, keys, roster) {
            self.faults.push(fault);
        }
    }

    /// Says what the keys' times have brought about.
    fn say(&mut self, roster: &Roster, keys: &KeySet) {
        self.faults.extend(roster.faults.clone());
        self.notes.extend(roster.notes.iter().cloned());
        let samples = make::sample_warnings(keys);
        for fault in keys.warnings().iter().chain(&samples) {
            self.faults.push(fault.clone());
        }
    }

    /// Makes a new version, unless it would be the one that is there.
    fn sign(&mut self, known: &Known, found: Option<(Roster, KeySet)>) -> Result<Done, Faults> {
        let (job, now, recipe) = (self.job, self.clock.now, &self.job.recipe);
        let mut warnings = Vec::new();
        let mut warn = |fault: &Fault| warnings.push(fault.clone());
        let input = Input::read(&job.file, Some(&job.zone), None, recipe, &mut warn)?;
        let files = input.included();
        files.iter().try_for_each(|file| self.check_age(Path::new(file)))?;
        let (roster, keys) = match found {
            Some(found) => found,
            None => keys::keys(job, known, Some(input.longest_in_caches()), now, &mut self.faults)?,
        };
        self.say(&roster, &keys);
        let mut stamp = Stamp {
            input: input.digest,
            files,
            policy: Some(job.policy),
            keys: Some(make::digest_of_keys(&keys, recipe)),
            first: known.history.first.or(Some(now)),
            made: Some(now),
            delay: Some(job.propagation),
            ..Stamp::default()
        };
        let serial_of_input = input.serial;
        let mut draft = make::draft(input, Some(keys), recipe, &mut warn)?;
        for warning in warnings {
            self.faults.push(warning);
        }
        stamp.zone = Some(draft.digest(job.recipe.threads));
        let renews = known.renews(now);
        let same_content = known.stamp.as_ref().is_some_and(|trusted| trusted.zone == stamp.zone);
        if let (Some(trusted), Some(signing), true, false) =
            (&known.stamp, &draft.signing, same_content, renews)
            && self.is_same(trusted, &signing.keys)
        {
            // other words for the same zone
            let seal = known.earlier.as_ref().and_then(Earlier::seal);
            self.state.same_input = stamp.input.zip(seal);
            return Ok(self.keep(known, trusted, &roster, &signing.keys, draft.zone.class()));
        }
        let published = known.history.serial;
        let serials = serial::Serials { input: serial_of_input, published, same_content, renews };
        let serial = serials.next(recipe.serial, now, &job.file)?;
        if let (Some(trusted), Some(earlier)) = (&known.stamp, &known.earlier) {
            draft = draft.reusing(earlier, trusted.keys == stamp.keys, renews, now)?;
        }
        let signed = self.put(draft, serial, stamp, known, &roster)?;
        self.state.unseen = (published == Some(serial)).then_some(serial);
        if published == Some(serial) {
            self.faults.push(serial::unseen(serial, &job.file));
        }
        Ok(Done::Signed(Box::new(signed)))
    }

    /// Writes the new version, puts it in place, and does what comes after.
    fn put(
        &mut self,
        draft: Draft,
        serial: u32,
        mut stamp: Stamp,
        known: &Known,
        roster: &Roster,
    ) -> Result<Signed, Faults> {
        let (job, now) = (self.job, self.clock.now);
        let refresh = draft.refresh;
        let same_content = known.stamp.as_ref().is_some_and(|trusted| trusted.zone == stamp.zone);
        let signed = draft.plan(serial, &job.recipe)?;
        let zone = signed.zone();
        let mut out = Output::create(&job.output)?;
        let earlier = known.earlier.as_ref().filter(|_| known.stamp.is_some());
        let Made { written, checked } = make::write(&signed, &job.recipe, earlier, &mut out)?;
        for warning in checked.warnings.iter() {
            self.faults.push(warning.clone());
        }
        stamp.expires = make::expiration(&signed, &written);
        stamp.renew = stamp.expires.map(|end| Time(end.0 - refresh));
        let ttl = make::longest_in_caches(zone);
        let dnskey_ttl = zone.at_apex(Rtype::DNSKEY).map(|dnskey| dnskey.ttl).max().unwrap_or(0);
        stamp.was = keys::was_then(job, known, ttl, dnskey_ttl, now);
        stamp.ttl = Some(ttl);
        if let Some(signing) = signed.signing() {
            let delays = keys::delays(job, known, stamp.ttl, now);
            stamp.lives = timing::continued(signing.keys.keys(), &known.history.lives, delays, now);
        }
        let stopped = stamp.lives.iter().filter_map(|life| match life.state {
            life::State::Stopped(until) => Some(until).filter(|&until| until > now),
            _ => None,
        });
        stamp.due = stamp.renew.into_iter().chain(roster.next).chain(stopped).min();
        let mut line = Vec::new();
        stamp.push(written.text.clone(), &mut line);
        out.write(&line)?;
        // before the file is in place: a kill in between must not lose the hook
        if !job.hook.is_empty() {
            let content = !same_content || self.state.hook.as_deref() == Some(CONTENT);
            self.state.hook = Some(if content { CONTENT } else { "signatures" }.to_owned());
            self.state.write(&job.beside("state"))?;
        }
        if let Some(warning) = out.commit()? {
            self.faults.push(warning);
        }
        let soa = zone.at_apex(Rtype::SOA).find_map(|record| Soa::from_rdata(record.rdata));
        let apex = Apex { soa: soa.map(|soa| Soa { serial, ..soa }), ..Apex::default() };
        self.standing = apex.soa.map(|soa| standing(soa, &stamp));
        self.state.history = History::of(&stamp, &apex);
        self.state.same_input = None;
        if let Some(signing) = signed.signing() {
            self.finish(serial, roster, &signing.keys, zone.class());
        }
        Ok(Signed {
            records: written.counts.records,
            made: written.counts.signatures - written.counts.kept,
            kept: written.counts.kept,
            verified: checked.verified,
            serial,
            expires: stamp.expires,
            next: stamp.due,
        })
    }

    /// Calls the hook, if it was not called for the version that is in place.
    fn call_hook(&mut self, serial: u32) {
        let Some(changed) = self.state.hook.clone().filter(|_| !self.job.hook.is_empty()) else {
            self.state.hook = None;
            return;
        };
        let zone = self.job.zone.to_string();
        let zone = if zone == "." { "." } else { zone.trim_end_matches('.') };
        let call = hook::Call { zone, signed: &self.job.output, serial, changed: &changed };
        match hook::call(&self.job.hook, call, self.job.hook_limit) {
            Ok(()) => self.state.hook = None,
            Err(fault) => self.faults.push(fault),
        }
    }
}

/// How the version stands of which the last line says this.
fn standing(soa: Soa, stamp: &Stamp) -> Standing {
    Standing { soa, expires: stamp.expires, renew: stamp.renew, ttl: stamp.ttl.unwrap_or(0) }
}

/// How the signed zone in a file stands, by what its last line says, true or not. `None`: it says nothing.
#[must_use]
pub fn standing_of(signed: &Path, zone: Name<'_>) -> Option<Standing> {
    let earlier = Earlier::open(signed).ok()??;
    let soa = earlier.apex(zone).ok()?.soa?;
    Some(standing(soa, earlier.stamp()?))
}

impl Outcome {
    /// Nothing was done.
    #[must_use]
    pub fn failed(faults: Faults) -> Self {
        Self { done: None, faults, notes: Vec::new(), standing: None }
    }

    /// Whether all is well.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.done.is_some() && self.faults.errors() == 0
    }
}

/// Who we are, for others who want the lock.
fn holder(now: Time) -> String {
    let host = rustix::system::uname();
    let host = host.nodename().to_string_lossy();
    format!("process {} on {host}, since {now},\n", std::process::id())
}
