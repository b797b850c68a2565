//! SIGKILL at any moment of a run over many zones.
//!
//! After each kill every signed file is a whole version of its zone, old or new. The next run does what is missing,
//! and signs nothing again that was good.

use crate::common::{self, random::Random};
use crate::site::{HOUR, START, Site, after, made, small_zone};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};
use zoneseal::dns::time::Time;

const SMALL: usize = 60;
const LARGE: &str = "large.example";
const LARGE_HOSTS: usize = 150;
const KILLS: usize = 200;
/// Kills before a run may end its work.
const IN_A_ROW: usize = 4;
/// Between two runs. All kills take more than the time for which signatures are kept.
const STEP: i64 = 4 * HOUR;
/// Signatures of the zones here are made anew so long before they end: a quarter of 28 days, and a part of the rest,
/// for what is due soon is made anew with what is due.
const REFRESH: i64 = 7 * 24 * HOUR + 21 * 24 * HOUR / 80;

/// The zones, and how often each was edited.
struct Zones {
    site: Site,
    edits: BTreeMap<String, usize>,
    /// Edits of all, so that none is ever taken back.
    all: usize,
}

impl Zones {
    fn new() -> Self {
        let site = Site::new();
        let mut edits: BTreeMap<String, usize> = (0..SMALL).map(|n| (format!("k{n}.example"), 0)).collect();
        edits.insert(LARGE.to_owned(), 0);
        for zone in edits.keys() {
            site.keygen(START, &["-a", "15", zone]);
        }
        let mut zones = Self { site, edits, all: 0 };
        let names: Vec<String> = zones.edits.keys().cloned().collect();
        for zone in &names {
            zones.edit(zone);
        }
        zones
    }

    fn edit(&mut self, zone: &str) {
        self.all += 1;
        *self.edits.get_mut(zone).expect("a zone of the test") += 1;
        let (hosts, all) = (if zone == LARGE { LARGE_HOSTS } else { 2 }, self.all);
        let more = format!("new{all} A 192.0.2.7\nh1 TXT \"edit {all}\"\n");
        self.site.zone(zone, &small_zone(hosts, &more));
    }

    /// So that there is work: content of some zones, now and then a new key.
    fn edit_some(&mut self, random: &mut Random, now: Time) {
        let names: Vec<String> = self.edits.keys().cloned().collect();
        for _ in 0..8 {
            self.edit(&names[random.below(names.len())]);
        }
        if random.below(2) == 0 {
            self.edit(LARGE);
        }
        if random.below(8) == 0 {
            let zone = &names[random.below(names.len())];
            self.site.keygen(now, &["-a", "15", "--role", "zsk", "--activate", "+1d", zone]);
        }
    }

    /// Starts a run, and kills it after so long; whether it was still running.
    fn killed(&self, now: Time, after: Duration) -> bool {
        let mut command = common::zoneseal(self.site.folder());
        command.args(["run", "-q", "--now", &now.to_string()]).stdin(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().expect("the program can be started");
        thread::sleep(after);
        let running = child.try_wait().expect("a child can be waited for").is_none();
        child.kill().expect("a child can be killed");
        child.wait().expect("a child can be waited for");
        running
    }

    /// What lies in the folder of signed zones after a kill.
    #[track_caller]
    fn check(&self, random: &mut Random, now: Time, kills: usize) {
        for zone in self.edits.keys() {
            if self.site.signed(zone).exists() {
                assert!(self.site.is_whole(zone), "{zone} at {now}");
            }
            if let Ok(text) = fs::read_to_string(self.site.ds(zone)) {
                assert!(text.contains(" DS ") || text.contains("\tDS\t"), "{zone}: {text}");
                assert!(text.ends_with('\n'), "{zone}: {text}");
            }
        }
        let mut temps: BTreeMap<String, usize> = BTreeMap::new();
        for temp in self.site.temps() {
            let zone = temp.trim_start_matches('.').trim_end_matches(".zoneseal-new");
            let zone = [".zone", ".ds", ".state"].iter().find_map(|end| zone.strip_suffix(end));
            *temps.entry(zone.unwrap_or_else(|| panic!("whose is {temp}?")).to_owned()).or_default() += 1;
        }
        assert!(temps.values().all(|&count| count <= kills), "after {kills} kills in a row: {temps:?}");
        let names: Vec<&String> = self.edits.keys().filter(|zone| self.site.signed(zone).exists()).collect();
        if !names.is_empty() {
            self.site.verifies(names[random.below(names.len())], now);
        }
    }

    fn texts(&self) -> BTreeMap<String, String> {
        let text = |zone: &String| fs::read_to_string(self.site.signed(zone)).unwrap_or_default();
        self.edits.keys().map(|zone| (zone.clone(), text(zone))).collect()
    }
}

/// The lines of a signed file: signatures, and all else by owner and type.
#[derive(Default)]
struct Lines<'a> {
    /// By owner, type covered and key tag.
    signatures: BTreeMap<(&'a str, &'a str, &'a str), &'a str>,
    sets: BTreeMap<(&'a str, &'a str), BTreeSet<&'a str>>,
}

impl<'a> Lines<'a> {
    fn of(text: &'a str) -> Self {
        let mut lines = Self::default();
        for line in text.lines().filter(|line| !line.starts_with(';')) {
            let fields: Vec<&str> = line.split_whitespace().collect();
            match fields[3] {
                "RRSIG" => drop(lines.signatures.insert((fields[0], fields[4], fields[10]), line)),
                rtype => drop(lines.sets.entry((fields[0], rtype)).or_default().insert(line)),
            }
        }
        lines
    }
}

/// The signatures of a new version that need not have been made: there was one that held for long enough, over the
/// same records.
fn needless(old: &str, new: &str, now: Time) -> Vec<String> {
    let (old, new) = (Lines::of(old), Lines::of(new));
    let made = new.signatures.iter().filter(|(at, line)| {
        let (owner, covered, _) = **at;
        let Some(before) = old.signatures.get(*at).filter(|before| *before != *line) else { return false };
        let end = before.split_whitespace().nth(8).and_then(|end| Time::from_digits(end.as_bytes()));
        let held = end.expect("a time").0 - now.0 > REFRESH;
        held && old.sets.get(&(owner, covered)) == new.sets.get(&(owner, covered))
    });
    made.map(|(_, line)| (*line).to_owned()).collect()
}

fn serial(text: &str) -> u32 {
    let words = text.lines().next().unwrap_or_default().split_whitespace();
    words.skip(6).find_map(|word| word.parse().ok()).unwrap_or(0)
}

#[test]
fn a_kill_at_any_moment() {
    let started = Instant::now();
    let mut zones = Zones::new();
    let mut random = Random(20_270_101);
    let (mut now, mut length) = (START, Duration::from_millis(300));
    let (mut kills, mut in_time, mut left, mut made_anew) = (0, 0, 0, 0);
    while kills < KILLS {
        let (before, edits) = (zones.texts(), zones.edits.clone());
        for in_a_row in 1..=IN_A_ROW {
            now = after(now, STEP);
            zones.edit_some(&mut random, now);
            let at = u32::try_from(random.below(1000)).expect("a small number");
            in_time += usize::from(zones.killed(now, length * at / 1000));
            kills += 1;
            left += zones.site.temps().len();
            zones.check(&mut random, now, in_a_row);
        }
        let begun = Instant::now();
        // no killed process holds a lock
        let outcome = zones.site.runs(now, 0);
        // kills come at all moments of a run that has this much to do
        length = (length * 3 + begun.elapsed()) / 4;
        assert_eq!(zones.site.temps(), [""; 0], "at {now}");
        let new = zones.texts();
        for (zone, old) in &before {
            let needless = needless(old, &new[zone], now);
            assert!(needless.is_empty(), "{zone} at {now}: {needless:?}");
            let rises = serial(&new[zone]) - serial(old);
            let edited = zones.edits[zone] > edits[zone];
            assert!(!edited || rises > 0 || old.is_empty(), "{zone} at {now}: it was edited");
            assert!(rises <= u32::try_from(IN_A_ROW).expect("few") + 1 || old.is_empty(), "{zone}: {rises}");
            made_anew += made(&outcome, zone).map_or(0, |made| made.signatures);
        }
        if kills % 20 == 0 {
            let again = zones.site.runs(now, 0);
            assert!(again.stderr.starts_with("0 zones signed, 61 with nothing due"), "{}", again.describe());
        }
    }
    println!(
        "{kills} kills, {in_time} of them while it ran, {left} temporary files left and used again, {made_anew} signatures \
         made by the runs after, a run takes {length:?}, {} s in all",
        started.elapsed().as_secs()
    );
    assert!(in_time * 2 > kills, "{in_time} of {kills} kills came in time");
    assert!(left > 0, "no kill came while a file was made");
}
