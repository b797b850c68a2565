//! One zone, as often as cron likes: nothing if nothing is due, else the new version in place, its DS records
//! and the hook.
//!
//! What is due is decided by digests, not by reading zones: of the input files, the policy and the public keys,
//! against those that the last line of the signed file has. A kill at any moment leaves the old version or the
//! new one, and the next run does what is missing.

use super::job::Job;
use super::make::{self, Draft, Made};
use super::serial;
use super::state::State;
use super::{ds, hook};
use crate::dns::soa::Soa;
use crate::dns::time::Time;
use crate::dns::{Class, Rtype};
use crate::error::{Fault, Faults, Severity};
use crate::files::{self, Lock, Output};
use crate::keys::timing::{self, Delays, Roster, Served};
use crate::keys::{self, Key, KeySet};
use crate::publish::earlier::{Apex, Earlier};
use crate::publish::stamp::{Digest, Stamp, Was};
use crate::zonefile::tap;
use std::path::Path;
use std::thread;

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

/// What is known of the version that is in place.
#[derive(Clone, Copy, Debug)]
pub struct Standing {
    /// The numbers of its SOA.
    pub soa: Soa,
    /// When its first signatures end.
    pub expires: Option<Time>,
    /// When signatures have to be made anew.
    pub due: Option<Time>,
    /// How long its records may be in caches, in seconds.
    pub ttl: u32,
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
    /// Whether there was no version of ours before.
    pub first: bool,
}

/// Does what is due for a zone.
#[must_use]
pub fn run(job: &Job, clock: Clock) -> Outcome {
    let mut shift = Shift {
        job,
        clock,
        state: State::default(),
        earlier: None,
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
    Outcome { done, faults: shift.faults, notes: shift.notes, standing: shift.standing }
}

/// The work on one zone.
struct Shift<'a> {
    job: &'a Job,
    clock: Clock,
    state: State,
    /// The version that is in place.
    earlier: Option<Earlier>,
    faults: Faults,
    notes: Vec<String>,
    standing: Option<Standing>,
}

/// What is known before the zone is read.
struct Known {
    /// What the last line of the version in place says, if that is true.
    stamp: Option<Stamp>,
    /// What its first records tell.
    apex: Apex,
    /// Of the input files as they are now; `None`: one of them cannot be read, or is not known yet.
    input: Option<Digest>,
}

impl Shift<'_> {
    fn run(&mut self) -> Result<Done, Faults> {
        let job = self.job;
        files::make_folder(job.folder())?;
        let _lock = Lock::take(&job.beside("lock"), &holder(self.clock.now))?;
        let state = job.beside("state");
        self.state = State::read(&state);
        self.check_clock()?;
        let done = self.work();
        if !self.clock.given {
            self.state.clock = Some(self.clock.now);
        }
        // what was done is done, and what went wrong is told, whatever becomes of the notes
        if let Err(fault) = self.state.write(&state) {
            self.faults.push(fault);
        }
        done
    }

    /// "A machine that booted in 1970 must not overwrite good signatures."
    fn check_clock(&self) -> Result<(), Fault> {
        if self.clock.given {
            return Ok(());
        }
        let now = self.clock.now;
        if let Some(last) = self.state.clock.filter(|&last| last > now) {
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
        let known = self.look()?;
        let mut roster = None;
        if let Some(stamp) = &known.stamp {
            let (found, keys) = self.keys(&known, None)?;
            let due = stamp.renew.is_some_and(|renew| renew <= self.clock.now);
            let same = self.is_same_input(stamp, known.input) && self.is_same(stamp, &keys);
            if same && !due {
                return Ok(self.keep(&known, stamp, &found, &keys));
            }
            roster = Some((found, keys));
        }
        self.sign(&known, roster)
    }

    /// Looks at the version in place, and digests it beside the input files.
    fn look(&mut self) -> Result<Known, Faults> {
        self.earlier = Earlier::open(&self.job.output)?;
        let stamp = self.earlier.as_ref().and_then(Earlier::stamp).cloned();
        let (whole, input) = thread::scope(|scope| {
            let names = stamp.as_ref().map(|stamp| stamp.files.as_slice());
            let input = names.map(|names| scope.spawn(|| digest_of_files(&self.job.file, names)));
            let whole = self.earlier.as_ref().filter(|_| stamp.is_some()).map(Earlier::is_whole);
            (whole, input.and_then(|input| input.join().ok().flatten()))
        });
        let apex = self.earlier.as_ref().map(|earlier| earlier.apex(self.job.zone.as_name()));
        let apex = apex.transpose()?.unwrap_or_default();
        let told = match whole.transpose()? {
            Some(true) => {
                self.standing = apex.soa.zip(stamp.as_ref()).map(|(soa, stamp)| standing(soa, stamp));
                return Ok(Known { stamp, apex, input });
            }
            Some(false) => "it was changed since zoneseal wrote it",
            None if self.earlier.is_some() => "zoneseal did not write it",
            None => return Ok(Known { stamp: None, apex, input: None }),
        };
        let fault = Fault::warning(format!("{told}: all is signed again"));
        self.faults.push(fault.in_file(&self.job.output.display().to_string()));
        Ok(Known { stamp: None, apex, input: None })
    }

    /// The keys, and what each may do now. `ttl` is the longest that records of a zone that was not signed before
    /// may be in caches.
    fn keys(&mut self, known: &Known, ttl: Option<u32>) -> Result<(Roster, KeySet), Faults> {
        let job = self.job;
        let loaded = keys::load_all(&job.keys, &job.zone)?;
        loaded.warnings.into_iter().for_each(|warning| self.faults.push(warning));
        if loaded.keys.is_empty() {
            return Err(no_keys(job).into());
        }
        let (stamp, now) = (known.stamp.as_ref(), self.clock.now);
        let mut roster = if job.force_unsafe {
            let mut roster = Roster::default();
            for key in loaded.keys {
                roster.keys.extend(key.at(now)?);
            }
            roster
        } else {
            let served = Served {
                lives: stamp.map_or(&[], |stamp| &stamp.lives),
                first: stamp.and_then(|stamp| stamp.first),
            };
            timing::roster(loaded.keys, served, self.delays(known, ttl), now)?
        };
        if roster.keys.is_empty() {
            let told = format!("none of the keys of the zone {} is in use at {now}", job.zone);
            return Err(Fault::error(told)
                .hint("look at their Publish and Remove times: zoneseal key list")
                .into());
        }
        if let Some(key) = roster.keys.iter().find(|key| !self.allows(key)) {
            let told = format!("the policy wants no key of {}", key.algorithm());
            return Err(Fault::error(told)
                .in_file(key.file())
                .hint("see \"algorithms\" of the policy")
                .into());
        }
        let set = KeySet::new(std::mem::take(&mut roster.keys), job.key_options)?;
        if let Some(missing) = job.algorithms.iter().find(|wanted| set.algorithms().all(|a| a != **wanted)) {
            let told = format!("the policy wants a key of {missing}, and the zone {} has none", job.zone);
            return Err(Fault::error(told).hint(format!("zoneseal keygen -a {missing} makes one")).into());
        }
        Ok((roster, set))
    }

    fn allows(&self, key: &Key) -> bool {
        self.job.algorithms.is_empty() || self.job.algorithms.contains(&key.algorithm())
    }

    fn delays(&self, known: &Known, ttl: Option<u32>) -> Delays {
        let wanted = self.job.recipe.signing.as_ref().and_then(|signing| signing.dnskey_ttl);
        let largest_ttl = known.stamp.as_ref().and_then(|stamp| stamp.ttl).or(ttl).unwrap_or(0);
        let served = if known.apex.dnskeys.is_empty() { largest_ttl } else { known.apex.dnskey_ttl };
        let was = self.was(known);
        Delays {
            dnskey_ttl: wanted.unwrap_or(0).max(served).max(was.map_or(0, |was| was.dnskey_ttl)),
            largest_ttl: largest_ttl.max(was.map_or(0, |was| was.ttl)),
            propagation: self.job.propagation,
            ds_ttl: self.job.ds_ttl,
        }
    }

    /// TTLs before the version in place, as long as they matter.
    fn was(&self, known: &Known) -> Option<Was> {
        let was = known.stamp.as_ref().and_then(|stamp| stamp.was);
        was.filter(|was| was.until > self.clock.now)
    }

    /// The same for a new version, with these TTLs: whoever lowers TTLs cannot shorten what is in caches already.
    fn was_then(&self, known: &Known, ttl: u32, dnskey_ttl: u32) -> Option<Was> {
        let was = self.was(known);
        let served = known.stamp.as_ref().and_then(|stamp| stamp.ttl)?;
        if served <= ttl && known.apex.dnskey_ttl <= dnskey_ttl {
            return was;
        }
        let delays = self.delays(known, None);
        let gone = Time(self.clock.now.0 + i64::from(served) + i64::from(delays.propagation));
        let until = was.map_or(gone, |was| was.until.max(gone));
        Some(Was { ttl: delays.largest_ttl, dnskey_ttl: delays.dnskey_ttl, until })
    }

    fn is_same_input(&self, stamp: &Stamp, input: Option<Digest>) -> bool {
        input.is_some() && (input == stamp.input || input == self.state.same_input)
    }

    /// Whether policy and keys are those that the version in place was made with.
    fn is_same(&self, stamp: &Stamp, keys: &KeySet) -> bool {
        stamp.policy == Some(self.job.policy)
            && stamp.keys == Some(make::digest_of_keys(keys, &self.job.recipe))
    }

    /// Nothing is due for the signed file; the rest may be.
    fn keep(&mut self, known: &Known, stamp: &Stamp, roster: &Roster, keys: &KeySet) -> Done {
        self.say(roster, keys);
        if let Some(serial) = self.state.unseen {
            self.faults.push(serial::unseen(serial, &self.job.file));
        }
        let class = known.apex.class.unwrap_or(Class::IN);
        self.put_ds(class, keys, roster);
        self.call_hook(known.apex.serial().unwrap_or(0));
        let next = stamp.renew.into_iter().chain(roster.next).min();
        Done::Kept { next }
    }

    /// The file for the parent. The zone is in place whatever becomes of it, and servers must be told.
    fn put_ds(&mut self, class: Class, keys: &KeySet, roster: &Roster) {
        if let Err(fault) = ds::put(self.job, class, keys, roster) {
            self.faults.push(fault);
        }
    }

    /// Says what the keys' times have brought about.
    fn say(&mut self, roster: &Roster, keys: &KeySet) {
        self.faults.extend(roster.faults.clone());
        self.notes.extend(roster.notes.iter().cloned());
        keys.warnings()
            .iter()
            .chain(&make::sample_warnings(keys))
            .for_each(|fault| self.faults.push(fault.clone()));
    }

    /// Makes a new version, unless it would be the one that is there.
    fn sign(&mut self, known: &Known, found: Option<(Roster, KeySet)>) -> Result<Done, Faults> {
        let (job, now) = (self.job, self.clock.now);
        let recipe = &job.recipe;
        let mut warnings = Vec::new();
        let mut warn = |fault: &Fault| warnings.push(fault.clone());
        let input = make::read(&job.file, Some(&job.zone), None, recipe, &mut warn)?;
        let files = make::included(&input);
        files.iter().try_for_each(|file| self.check_age(Path::new(file)))?;
        let mut stamp = Stamp {
            input: input.digest,
            files,
            policy: Some(job.policy),
            first: known.stamp.as_ref().and_then(|stamp| stamp.first).or(Some(now)),
            ..Stamp::default()
        };
        let (roster, keys) = match found {
            Some(found) => found,
            None => self.keys(known, Some(make::longest_of_input(&input)))?,
        };
        self.say(&roster, &keys);
        stamp.keys = Some(make::digest_of_keys(&keys, recipe));
        let serial_of_input = input.serial;
        let mut draft = make::draft(input, Some(keys), recipe, &mut warn)?;
        for warning in warnings {
            self.faults.push(warning);
        }
        stamp.zone = Some(draft.digest());
        let trusted = known.stamp.as_ref();
        let same_content = trusted.is_some_and(|trusted| trusted.zone == stamp.zone);
        let renews = trusted.and_then(|trusted| trusted.renew).is_some_and(|renew| renew <= now);
        if let (Some(trusted), Some(signing), true, false) = (trusted, &draft.signing, same_content, renews)
            && self.is_same(trusted, &signing.keys)
        {
            // other words for the same zone
            self.state.same_input = stamp.input;
            let mut next = trusted.renew.into_iter().chain(roster.next);
            self.put_ds(draft.zone.class(), &signing.keys, &roster);
            self.call_hook(known.apex.serial().unwrap_or(0));
            return Ok(Done::Kept { next: next.by_ref().min() });
        }
        let serials =
            serial::Serials { input: serial_of_input, published: known.apex.serial(), same_content, renews };
        let serial = serials.next(recipe.serial, now, &job.file)?;
        let unseen = known.apex.serial() == Some(serial);
        if let (Some(trusted), Some(earlier)) = (trusted, &self.earlier) {
            let all_known = trusted.keys == stamp.keys;
            draft = draft.reusing(earlier, all_known, renews, now)?;
        }
        let made = self.make(draft, serial, stamp, known, &roster)?;
        self.state.unseen = unseen.then_some(serial);
        if unseen {
            self.faults.push(serial::unseen(serial, &job.file));
        }
        self.state.same_input = None;
        self.call_hook(serial);
        Ok(Done::Signed(Box::new(made)))
    }

    /// Writes the new version, and puts it in place.
    fn make(
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
        let mut out = Output::create(&job.output)?;
        let earlier = self.earlier.as_ref().filter(|_| known.stamp.is_some());
        let Made { written, checked } = make::write(&signed, &job.recipe, earlier, &mut out)?;
        checked.warnings.iter().for_each(|warning| self.faults.push(warning.clone()));
        stamp.expires = make::expiration(&signed, &written);
        stamp.renew = stamp.expires.map(|end| Time(end.0 - refresh));
        stamp.due = stamp.renew.into_iter().chain(roster.next).min();
        let ttl = make::longest_in_caches(signed.zone());
        let dnskey_ttl = signed.zone().at_apex(Rtype::DNSKEY).map(|dnskey| dnskey.ttl).max().unwrap_or(0);
        stamp.was = self.was_then(known, ttl, dnskey_ttl);
        stamp.ttl = Some(ttl);
        if let Some(signing) = signed.signing() {
            let lives = known.stamp.as_ref().map_or(&[][..], |stamp| &stamp.lives);
            stamp.lives = timing::continued(signing.keys.keys(), lives, self.delays(known, stamp.ttl), now);
        }
        let mut line = Vec::new();
        stamp.push(written.text.clone(), &mut line);
        out.write(&line)?;
        // before the file is in place: a kill in between must not lose the hook
        if !job.hook.is_empty() {
            self.state.hook = Some(if same_content { "signatures" } else { "content" }.to_owned());
            self.state.write(&job.beside("state"))?;
        }
        if let Some(warning) = out.commit()? {
            self.faults.push(warning);
        }
        let soa = signed.zone().at_apex(Rtype::SOA).find_map(|record| Soa::from_rdata(record.rdata));
        self.standing = soa.map(|soa| standing(Soa { serial, ..soa }, &stamp));
        if let Some(signing) = signed.signing() {
            self.put_ds(signed.zone().class(), &signing.keys, roster);
        }
        Ok(Signed {
            records: written.counts.records,
            made: written.counts.signatures - written.counts.kept,
            kept: written.counts.kept,
            verified: checked.verified,
            serial,
            expires: stamp.expires,
            next: stamp.due,
            first: known.stamp.is_none(),
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

impl Outcome {
    /// Whether all is well.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.done.is_some() && self.faults.errors() == 0
    }

    /// Whether a warning or an error was found.
    #[must_use]
    pub fn has_faults(&self) -> bool {
        self.faults.iter().any(|fault| fault.severity() >= Severity::Warning)
    }
}

fn standing(soa: Soa, stamp: &Stamp) -> Standing {
    Standing { soa, expires: stamp.expires, due: stamp.renew, ttl: stamp.ttl.unwrap_or(0) }
}

/// Why there is nothing to sign with.
fn no_keys(job: &Job) -> Fault {
    let folder = job.keys.join(keys::zone_file_name(job.zone.as_name()));
    Fault::error(format!("there are no keys for the zone {} in {}", job.zone, folder.display()))
        .in_file(&job.file.display().to_string())
        .hint(format!("make some: zoneseal keygen --keys {} {}", job.keys.display(), job.zone))
}

/// Who we are, for others who want the lock.
fn holder(now: Time) -> String {
    let host = rustix::system::uname();
    let host = host.nodename().to_string_lossy();
    format!("process {} on {host}, since {now},\n", std::process::id())
}

/// The digest of the zone file and of what it includes; `None`: one of them cannot be read.
fn digest_of_files(file: &Path, includes: &[String]) -> Option<Digest> {
    let paths = std::iter::once(file).chain(includes.iter().map(Path::new));
    let digests: Vec<_> = paths.map(files::digest).collect::<Option<_>>()?;
    Some(tap::of_files(digests.iter().map(AsRef::as_ref)))
}
