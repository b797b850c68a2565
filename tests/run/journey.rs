//! A site with one zone, its parent and all resolvers, step by step through time.

use crate::common::Outcome;
use crate::resolver::{PROPAGATION, Resolvers};
use crate::site::{Mark, Site, after, made, mark};
use crate::version::{Ds, Key, Version};
use std::collections::BTreeSet;
use std::path::Path;
use zoneseal::dns::serial::greater;
use zoneseal::dns::time::Time;

/// What happened on the way.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) steps: usize,
    pub(crate) versions: usize,
    /// Signatures that were made.
    pub(crate) made: usize,
    /// Steps at which `run` said no.
    pub(crate) refused: usize,
    /// The sum over all steps of the signatures in the zone, times the seconds to the next step.
    pub(crate) weight: f64,
    /// The largest share of the signatures of one version that end within one hour.
    pub(crate) crowd: f64,
}

/// The traveller.
pub(crate) struct Journey {
    pub(crate) site: Site,
    pub(crate) zone: &'static str,
    pub(crate) resolvers: Resolvers,
    pub(crate) counts: Counts,
    signed: Option<Mark>,
    last: Option<Time>,
}

impl Journey {
    /// Begins with a site whose zone, with no TTL above `ttl`, has been served unsigned.
    pub(crate) fn new(site: Site, zone: &'static str, ttl: u32) -> Self {
        let (resolvers, counts) = (Resolvers::new(ttl), Counts::default());
        Self { site, zone, resolvers, counts, signed: None, last: None }
    }

    /// Another one that has come as far.
    pub(crate) fn fork(&self) -> Self {
        let site = self.site.copy();
        let mut fork = Self { resolvers: self.resolvers.clone(), site, ..*self };
        fork.signed = Some(mark(&fork.site.signed(self.zone)));
        fork
    }

    /// One run, which must exit with this code. The zone must be good, and so must all that is in caches.
    #[track_caller]
    pub(crate) fn step(&mut self, now: Time, code: i32) -> Outcome {
        let outcome = self.any_step(now);
        assert_eq!(outcome.code, Some(code), "at {now}: {}", outcome.describe());
        outcome
    }

    /// One run, whatever it exits with.
    #[track_caller]
    pub(crate) fn any_step(&mut self, now: Time) -> Outcome {
        let outcome = self.site.run(now, &[]);
        self.counts.steps += 1;
        self.counts.refused += usize::from(!outcome.ok());
        let signed = self.site.signed(self.zone);
        let there = mark(&signed);
        if let Some(last) = self.last {
            let seconds = i32::try_from(now.0 - last.0).expect("a step is no year");
            let signatures = u32::try_from(self.served().ends.len()).expect("few signatures");
            self.counts.weight += f64::from(seconds) * f64::from(signatures);
        }
        self.last = Some(now);
        let said = made(&outcome, self.zone);
        if said.is_none() {
            assert_eq!(self.signed, Some(there), "at {now} the file changed: {}", outcome.describe());
            let end = self.served().first_end();
            assert!(now < end, "at {now}: signatures ended at {end}");
        } else {
            let version = Version::read(&signed, self.zone, now);
            self.arrive(version, now, said.map_or(0, |made| made.signatures), &outcome);
            self.signed = Some(there);
        }
        if let Err(told) = self.resolvers.check(now) {
            panic!("{told}\n{}", outcome.describe());
        }
        outcome
    }

    /// A new version was put in place.
    #[track_caller]
    fn arrive(&mut self, version: Version, now: Time, made: usize, outcome: &Outcome) {
        let before = self.served().serial;
        assert!(self.signed.is_none() || greater(version.serial, before), "the serial rises");
        let end = version.first_end();
        assert!(now < end, "at {now}: signatures end at {end}: {}", outcome.describe());
        self.site.verifies(self.zone, now);
        self.counts.versions += 1;
        self.counts.made += made;
        self.counts.crowd = self.counts.crowd.max(version.crowd());
        self.resolvers.serve(version, now);
    }

    /// The version that is served.
    pub(crate) fn served(&self) -> &Version {
        self.resolvers.served()
    }

    /// What the file for the parent asks for now: the lines that are no comments.
    pub(crate) fn wanted(&self) -> BTreeSet<Ds> {
        let text = std::fs::read_to_string(self.site.ds(self.zone)).unwrap_or_default();
        let lines = text.lines().filter(|line| !line.starts_with(';'));
        lines.map(|line| ds(line).unwrap_or_else(|| panic!("no DS: {line}"))).collect()
    }

    /// The parent has the DS of these keys and no other from `now` on, and the owner of the zone says so: what has a
    /// DS now is `published`, what had one is `withdrawn`. A DS must come from the file for the parent. The owner says
    /// so as soon as all servers of the parent have it, which may be later than `now`.
    #[track_caller]
    pub(crate) fn swap(&mut self, now: Time, keys: &[Key], published: &[&Path], withdrawn: &[&Path]) {
        let wanted = self.wanted();
        let new: BTreeSet<Ds> = keys.iter().map(|key| self.served().ds[key].clone()).collect();
        for ds in new.difference(self.resolvers.parent()) {
            let tag = u16::from_be_bytes([ds[0], ds[1]]);
            assert!(wanted.contains(ds), "at {now} the DS of {tag} is not in the file for the parent");
        }
        self.resolvers.swap(new, now);
        let seen = after(now, PROPAGATION).to_string();
        for key in published {
            self.site.set(now, key, &["--ds-published", &seen]);
        }
        for key in withdrawn {
            self.site.set(now, key, &["--ds-withdrawn", &seen]);
        }
    }
}

/// The key that a file is named for: `ROLE-ALG-TAG.pem`.
pub(crate) fn key_of(file: &Path) -> Key {
    let name = file.file_stem().and_then(|name| name.to_str()).expect("a file of a key");
    let mut parts = name.split('-').skip(1);
    let mut number = || parts.next().expect("ROLE-ALG-TAG");
    (number().parse().expect("an algorithm"), number().parse().expect("a tag"))
}

/// The RDATA of a DS in text.
fn ds(line: &str) -> Option<Ds> {
    let mut words = line.split_whitespace().skip_while(|&word| word != "DS").skip(1);
    let tag: u16 = words.next()?.parse().ok()?;
    let mut rdata = tag.to_be_bytes().to_vec();
    rdata.push(words.next()?.parse().ok()?);
    rdata.push(words.next()?.parse().ok()?);
    rdata.extend(data_encoding::HEXUPPER_PERMISSIVE.decode(words.next()?.as_bytes()).ok()?);
    Some(rdata)
}
