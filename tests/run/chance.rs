//! Keys whose times are set by chance, runs that come when they come, TTLs that change, a parent that takes what the
//! file for it says, when it likes: whatever `run` says to it all, no resolver may fail.
//!
//! `ZONESEAL_SEED=N` tries another sequence; with `ZONESEAL_SOAK=1` there are many.

use crate::common::random::Random;
use crate::journey::{Journey, key_of};
use crate::resolver::PROPAGATION;
use crate::site::{HOUR, START, Site, after, small_zone};
use crate::version::Key;
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use zoneseal::dns::time::Time;

const ZONE: &str = "chance.example";
/// The longest TTL that the zone ever has.
const LONGEST: u32 = 6 * 3600;
const STEPS: usize = 70;

/// What its owner does, by chance.
struct Owner {
    random: Random,
    now: Time,
    /// What was done, for the message.
    story: Vec<String>,
}

impl Owner {
    fn tell(&mut self, what: &str) {
        self.story.push(format!("{}: {what}", self.now));
    }

    /// A time in the next hours, or in the last few.
    fn soon(&mut self) -> String {
        let minutes = i64::try_from(self.random.below(12 * 60)).expect("small") - 90;
        after(self.now, minutes * 60).to_string()
    }

    fn keys(site: &Site) -> Vec<PathBuf> {
        let folder = PathBuf::from("keys").join(ZONE);
        let entries = fs::read_dir(site.folder().join(&folder)).expect("the keys");
        let mut keys: Vec<PathBuf> =
            entries.map(|entry| folder.join(entry.expect("an entry").file_name())).collect();
        keys.sort();
        keys
    }

    fn act(&mut self, journey: &mut Journey) {
        let keys = Self::keys(&journey.site);
        let key = keys[self.random.below(keys.len())].clone();
        let name = key.to_str().expect("the paths of the test are UTF-8").to_owned();
        match self.random.below(9) {
            0 | 1 if keys.len() < 8 => {
                let role = self.random.one(&["ksk", "zsk", "zsk", "csk"]).to_owned();
                let algorithm = self.random.one(&["15", "15", "13"]).to_owned();
                let (publish, activate) = (self.soon(), self.soon());
                let times = ["--publish", &publish, "--activate", &activate];
                let arguments =
                    [&["keygen", "-a", &algorithm, "--role", &role], &times[..], &[ZONE]].concat();
                // times in a wrong order are refused
                let made = journey.site.call(self.now, &arguments).stdout;
                self.tell(&format!("{algorithm} {role} from {publish}, active {activate}: {made}"));
            }
            2..=5 => {
                let option = self
                    .random
                    .one(&["--retire", "--remove", "--activate", "--publish", "--revoke"])
                    .to_owned();
                let time = if self.random.below(5) == 0 { "none".to_owned() } else { self.soon() };
                let done = journey.site.call(self.now, &["key", "set", &option, &time, &name]).ok();
                self.tell(&format!("{option} {time} {name}: {done}"));
            }
            6 => {
                let ttl = *self.random.one(&[&"5m", &"1h", &"6h"]);
                journey.site.zone(ZONE, &small_zone(2, "").replacen("$TTL 1h", &format!("$TTL {ttl}"), 1));
                self.tell(&format!("$TTL {ttl}"));
            }
            _ => self.tell_parent(journey),
        }
    }

    /// The parent takes what the file for it asks for.
    fn tell_parent(&mut self, journey: &mut Journey) {
        let wanted = journey.wanted();
        if wanted.is_empty() || wanted == *journey.resolvers.parent() {
            return;
        }
        let of = |set: &BTreeSet<Vec<u8>>, key: Key| {
            set.iter().any(|ds| u16::from_be_bytes([ds[0], ds[1]]) == key.1 && ds[2] == key.0)
        };
        let seen = after(self.now, PROPAGATION).to_string();
        for file in Self::keys(&journey.site) {
            let key = key_of(&file);
            match (of(journey.resolvers.parent(), key), of(&wanted, key)) {
                (false, true) => {
                    journey.site.set(self.now, &file, &["--ds-published", &seen, "--ds-withdrawn", "none"]);
                }
                (true, false) => journey.site.set(self.now, &file, &["--ds-withdrawn", &seen]),
                _ => {}
            }
        }
        let tags: Vec<u16> = wanted.iter().map(|ds| u16::from_be_bytes([ds[0], ds[1]])).collect();
        self.tell(&format!("the parent has {tags:?}"));
        journey.resolvers.swap(wanted, self.now);
    }
}

/// One sequence; how many steps `run` refused something at.
fn travel(seed: u64) -> usize {
    let site = Site::new();
    site.zone(ZONE, &small_zone(2, ""));
    site.keygen(START, &["-a", "15", ZONE]);
    let mut journey = Journey::new(site, ZONE, LONGEST);
    let mut owner = Owner { random: Random(seed), now: START, story: Vec::new() };
    for _ in 0..8 {
        owner.random.below(1);
    }
    journey.any_step(START);
    for step in 0..STEPS {
        // long enough for the first DS, then at odd times
        let minutes = 10 + owner.random.below(if step == 0 { 1 } else { 240 });
        owner.now =
            after(owner.now, if step == 0 { 12 * HOUR } else { i64::try_from(minutes).expect("few") * 60 });
        for _ in 0..owner.random.below(3) {
            owner.act(&mut journey);
        }
        let story = owner.story.join("\n");
        let told = Story(&story, seed);
        let outcome = journey.any_step(owner.now);
        drop(told);
        let said: Vec<&str> = outcome.stderr.lines().collect();
        owner.tell(&format!("run: {}", said.join(" | ")));
    }
    journey.counts.refused
}

/// What led to a failure is told when the step panics.
struct Story<'a>(&'a str, u64);

impl Drop for Story<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("seed {}:\n{}", self.1, self.0);
        }
    }
}

#[test]
fn no_resolver_fails_whatever_the_times_of_keys() {
    let seed = std::env::var("ZONESEAL_SEED").ok().and_then(|seed| seed.parse().ok());
    let many = if std::env::var_os("ZONESEAL_SOAK").is_some() { 200 } else { 4 };
    let seeds = seed.map_or(1..=many, |seed| seed..=seed);
    for seed in seeds {
        println!("seed {seed}: {STEPS} steps, {} of them refused", travel(seed));
    }
}
