//! What `run` does day by day: nothing if nothing is due, and a word about all that is odd.

use crate::common;
use crate::site::{DAY, HOUR, START, Site, after, made, mark, small_zone};
use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::time::{Duration, SystemTime};
use zoneseal::dns::time::Time;
use zoneseal::publish::earlier::Earlier;

const ZONE: &str = "habits.example";

fn hour(number: i64) -> Time {
    after(START, number * HOUR)
}

/// A signed zone, whose DS is in the file for the parent; hour 3.
fn signed() -> Site {
    let (site, _) = Site::small(ZONE);
    site.runs(START, 0);
    site.runs(hour(3), 0);
    site
}

/// The state file.
fn state(site: &Site) -> String {
    common::read(&site.folder().join(format!("signed/.{ZONE}.state")))
}

fn set_mtime(path: &Path, time: SystemTime) {
    let file = File::options().write(true).open(path).expect("the file can be opened");
    file.set_modified(time).expect("the time of a file can be set");
}

#[test]
fn nothing_changed_nothing_written() {
    let site = signed();
    let before = [site.signed(ZONE), site.ds(ZONE)].map(|file| mark(&file));
    for number in 4..8 {
        let outcome = site.run(hour(number), &["-v"]).expect_ok("run");
        assert!(
            outcome.stderr.contains(&format!("{ZONE}.: nothing is due, next work ")),
            "{}",
            outcome.describe()
        );
        assert_eq!(outcome.stdout, "");
        assert_eq!([site.signed(ZONE), site.ds(ZONE)].map(|file| mark(&file)), before);
    }
    // the same octets in a new file are the same zone
    site.zone(ZONE, &small_zone(3, ""));
    assert_eq!(made(&site.runs(hour(9), 0), ZONE), None);
    assert_eq!([site.signed(ZONE), site.ds(ZONE)].map(|file| mark(&file)), before);
    // what is quiet is quiet
    assert_eq!(site.run(hour(10), &["-q"]).expect_ok("run -q").stderr, "");
}

#[test]
fn only_what_changed_is_signed_again() {
    let site = signed();
    site.zone(ZONE, &small_zone(3, "h1 TXT \"new\"\n"));
    let new = made(&site.runs(hour(4), 0), ZONE).expect("a new version");
    // the SOA, the TXT, and the NSEC of its owner
    assert_eq!((new.signatures, new.serial), (3, 3));
    site.verifies(ZONE, hour(4));
    assert_eq!(made(&site.runs(hour(5), 0), ZONE), None);
    // at the refresh time
    let renewed = made(&site.runs(after(START, 22 * DAY), 0), ZONE).expect("a new version");
    assert!(renewed.kept <= 3 && renewed.serial == 4, "{renewed:?}");
    site.verifies(ZONE, after(START, 22 * DAY));
}

#[test]
fn a_comment_changes_nothing() {
    let site = signed();
    let before = mark(&site.signed(ZONE));
    site.zone(ZONE, &small_zone(3, "; a word\n"));
    for number in 4..6 {
        assert_eq!(made(&site.runs(hour(number), 0), ZONE), None);
        assert_eq!(mark(&site.signed(ZONE)), before);
    }
    let known = state(&site);
    assert!(known.contains("same-input: "), "{known}");
    // the next run decides by the digest alone: a file that it takes for known is not parsed
    site.zone(ZONE, "this is no zone\n");
    site.runs(hour(6), 1);
    let digest = |octets: &[u8]| ring::digest::digest(&ring::digest::SHA256, octets);
    let digest = digest(digest(b"this is no zone\n").as_ref());
    let seal = Earlier::open(&site.signed(ZONE)).unwrap().unwrap().seal().expect("a last line");
    let hex = |octets: &[u8]| data_encoding::HEXLOWER.encode(octets);
    let line = format!("same-input: {} {}\n", hex(digest.as_ref()), hex(&seal));
    common::write(site.folder(), &format!("signed/.{ZONE}.state"), &line);
    assert_eq!(made(&site.runs(hour(7), 0), ZONE), None);
    assert_eq!(mark(&site.signed(ZONE)), before);
}

#[test]
fn a_signed_file_that_was_edited_is_not_trusted() {
    let site = signed();
    let edited = common::read(&site.signed(ZONE)).replacen("192.0.2.1", "192.0.2.99", 1);
    common::write(site.folder(), &format!("signed/{ZONE}.zone"), &edited);
    let outcome = site.runs(hour(4), 0);
    let said = "it was changed since zoneseal wrote it: all is signed again";
    assert!(outcome.stderr.contains(said), "{}", outcome.describe());
    let new = made(&outcome, ZONE).expect("a new version");
    assert_eq!((new.kept, new.serial), (0, 3));
    assert!(!common::read(&site.signed(ZONE)).contains("192.0.2.99"));
    site.verifies(ZONE, hour(4));
    assert_eq!(made(&site.runs(hour(5), 0), ZONE), None);
}

#[test]
fn a_signed_file_of_somebody_else_is_taken_over() {
    let site = signed();
    let text = common::read(&site.signed(ZONE));
    let last = text.find("; zoneseal").expect("a last line");
    let foreign = text[..last].replacen(" 2 21600", " 2026112600 21600", 1);
    assert!(foreign.contains("2026112600"), "{foreign}");
    common::write(site.folder(), &format!("signed/{ZONE}.zone"), &foreign);
    let outcome = site.runs(hour(4), 0);
    assert!(
        outcome.stderr.contains("zoneseal did not write it: all is signed again"),
        "{}",
        outcome.describe()
    );
    assert_eq!(made(&outcome, ZONE).expect("a new version").serial, 2_026_112_601);
    site.verifies(ZONE, hour(4));
    assert_eq!(made(&site.runs(hour(5), 0), ZONE), None);
}

#[test]
fn serials_rise_past_both() {
    let site = signed();
    let with = |serial: &str| small_zone(3, "").replacen(" 1 6h", &format!(" {serial} 6h"), 1);
    for (number, (serial, published)) in
        [("50", Some(51)), ("51", Some(52)), ("7", Some(53)), ("2147483700", None), ("2147483701", None)]
            .into_iter()
            .enumerate()
    {
        site.zone(ZONE, &with(serial));
        let number = i64::try_from(number).expect("few");
        let outcome = site.run(hour(4 + number), &[]);
        match published {
            Some(published) => {
                assert_eq!(
                    made(&outcome, ZONE).map(|made| made.serial),
                    Some(published),
                    "{}",
                    outcome.describe()
                );
            }
            // exactly 2^31 away from 53 nobody can say; beyond, the input is behind
            None if serial.ends_with("701") => {
                assert_eq!(outcome.code, Some(1), "{}", outcome.describe());
                assert!(outcome.stderr.contains("2147483648"), "{}", outcome.describe());
            }
            None => assert_eq!(made(&outcome, ZONE).map(|made| made.serial), Some(2_147_483_701)),
        }
        if published.is_none() {
            break;
        }
    }
}

#[test]
fn the_second_of_two_runs_is_told_who_is_first() {
    let site = signed();
    let lock = File::open(site.folder().join(format!("signed/.{ZONE}.lock"))).expect("the lock's file stays");
    lock.try_lock().expect("no run holds it");
    let before = mark(&site.signed(ZONE));
    site.zone(ZONE, &small_zone(4, ""));
    let outcome = site.runs(hour(4), 1);
    assert!(
        outcome.stderr.contains("process ") && outcome.stderr.contains(" holds the lock"),
        "{}",
        outcome.describe()
    );
    assert_eq!(mark(&site.signed(ZONE)), before);
    drop(lock);
    assert!(made(&site.runs(hour(4), 0), ZONE).is_some());
}

/// A run without `--now`.
fn run_now(site: &Site) -> common::Outcome {
    common::run(site.folder(), ["run"])
}

/// A zone whose keys are made now.
fn site_of_today() -> Site {
    let site = Site::new();
    site.zone(ZONE, &small_zone(3, ""));
    common::keygen(site.folder(), 13, ZONE);
    site
}

#[test]
fn a_clock_behind_the_last_run_signs_nothing() {
    let site = site_of_today();
    run_now(&site).expect_ok("run");
    let clock = state(&site);
    assert!(clock.starts_with("clock: "), "{clock}");
    let before = mark(&site.signed(ZONE));
    common::write(site.folder(), &format!("signed/.{ZONE}.state"), "clock: 2100-01-01T00:00:00Z\n");
    site.zone(ZONE, &small_zone(4, ""));
    let outcome = run_now(&site);
    assert_eq!(outcome.code, Some(1), "{}", outcome.describe());
    assert!(
        outcome.stderr.contains("at the last run it said 2100-01-01T00:00:00Z"),
        "{}",
        outcome.describe()
    );
    assert_eq!(mark(&site.signed(ZONE)), before);
    // who says what time it is knows it
    assert!(made(&common::run(site.folder(), ["run", "--now", "+1m"]), ZONE).is_some());
}

#[test]
fn a_clock_a_day_before_a_file_signs_nothing() {
    let tomorrow = |hours: u64| SystemTime::now() + Duration::from_secs(hours * 3600);
    let site = site_of_today();
    set_mtime(&site.zone_file(ZONE), tomorrow(22));
    run_now(&site).expect_ok("within a day");
    let before = mark(&site.signed(ZONE));
    site.zone(ZONE, &small_zone(4, ""));
    set_mtime(&site.zone_file(ZONE), tomorrow(26));
    let outcome = run_now(&site);
    assert_eq!(outcome.code, Some(1), "{}", outcome.describe());
    assert!(outcome.stderr.contains("and the file is of "), "{}", outcome.describe());
    assert_eq!(mark(&site.signed(ZONE)), before);
    // a file that is included is an input file as well
    site.zone(ZONE, &small_zone(3, "$INCLUDE more.inc\n"));
    common::write(site.folder(), "zones/more.inc", "more A 192.0.2.8\n");
    set_mtime(&site.folder().join("zones/more.inc"), tomorrow(26));
    let outcome = run_now(&site);
    assert_eq!(outcome.code, Some(1), "{}", outcome.describe());
    assert!(outcome.stderr.contains("more.inc"), "{}", outcome.describe());
    assert_eq!(mark(&site.signed(ZONE)), before);
    common::run(site.folder(), ["run", "--now", "+1m"]).expect_ok("run --now");
}

#[test]
fn what_is_included_counts() {
    let site = signed();
    site.zone(ZONE, &small_zone(3, "$INCLUDE more.inc\n"));
    common::write(site.folder(), "zones/more.inc", "more A 192.0.2.8\n");
    assert!(made(&site.runs(hour(4), 0), ZONE).is_some());
    assert_eq!(made(&site.runs(hour(5), 0), ZONE), None);
    common::write(site.folder(), "zones/more.inc", "more A 192.0.2.9\n");
    // the SOA and the address
    assert_eq!(made(&site.runs(hour(6), 0), ZONE).expect("a new version").signatures, 2);
    fs::remove_file(site.folder().join("zones/more.inc")).expect("a file can be removed");
    site.runs(hour(7), 1);
    assert!(site.is_whole(ZONE));
}

#[test]
fn shards_share_the_zones() {
    let site = Site::new();
    let zones: Vec<String> = (0..12).map(|number| format!("s{number}.example")).collect();
    for zone in &zones {
        site.zone(zone, &small_zone(1, ""));
        site.keygen(START, &[zone]);
    }
    let mut counts = Vec::new();
    for part in 0..3 {
        let there = site.outputs().len();
        let shard = format!("{part}/3");
        let outcome = site.run(START, &["--shard", &shard]).expect_ok("run --shard");
        assert!(outcome.stderr.contains(&format!("part {part} of 3: ")), "{}", outcome.describe());
        counts.push((site.outputs().len() - there) / 4);
        // always the same
        assert!(site.run(START, &["--shard", &shard]).expect_ok("again").stderr.contains(" 0 zones signed"));
    }
    assert_eq!(counts.iter().sum::<usize>(), zones.len(), "{counts:?}");
    assert!(counts.iter().all(|&count| count > 0), "{counts:?}");
    assert!(zones.iter().all(|zone| site.is_whole(zone)));
    for bad in ["3/3", "0/0", "x", "-1/3", "1"] {
        let outcome = site.run(START, &[&format!("--shard={bad}")]);
        assert_eq!(outcome.code, Some(2), "{}", outcome.describe());
    }
}

#[test]
fn what_does_not_belong_is_told() {
    let site = signed();
    let other = "other.example";
    site.zone(other, &small_zone(1, ""));
    site.keygen(START, &[other]);
    // two files for one zone, a zone without keys, a signed file whose source is gone, other files
    site.zone("twice.example", &small_zone(1, ""));
    site.keygen(START, &["twice.example"]);
    fs::create_dir(site.folder().join("zones/sub")).expect("a folder can be made");
    common::write(site.folder(), "zones/sub/db.twice.example", &small_zone(1, ""));
    site.zone("keyless.example", &small_zone(1, ""));
    common::write(site.folder(), "signed/gone.example.zone", "gone. 5 IN A 192.0.2.1\n");
    common::write(site.folder(), "zones/notes.txt", "a note\n");
    common::write(site.folder(), "zones/other.example.zone~", "an editor's\n");
    let outcome = site.runs(hour(4), 1);
    let said = &outcome.stderr;
    for words in [
        "a second file for the zone twice.example.",
        "there are no keys for the zone keyless.example.",
        "signed/gone.example.zone: warning: its zone file is gone",
        "1 zone signed, 1 with nothing due, 2 failed, 1 other file skipped",
    ] {
        assert!(said.contains(words), "{words}: {}", outcome.describe());
    }
    assert!(site.is_whole(other) && !site.signed("twice.example").exists());
    assert!(!site.signed("keyless.example").exists());
    // one that is not there
    let outcome = site.run(hour(5), &["nowhere.example"]);
    assert_eq!(outcome.code, Some(1), "{}", outcome.describe());
    assert!(
        outcome.stderr.contains("there is no file for the zone nowhere.example."),
        "{}",
        outcome.describe()
    );
    // a signed file whose source is gone is a word, no failure
    for zone in ["twice.example", "keyless.example"] {
        fs::remove_file(site.zone_file(zone)).expect("a zone file can be removed");
    }
    fs::remove_file(site.folder().join("zones/sub/db.twice.example")).expect("a zone file can be removed");
    let outcome = site.runs(hour(6), 0);
    assert!(outcome.stderr.contains("its zone file is gone"), "{}", outcome.describe());
    // one zone alone
    for zone in [ZONE, other] {
        site.zone(zone, &small_zone(4, ""));
    }
    let outcome = site.run(hour(7), &[other]).expect_ok("run other.example");
    assert!(made(&outcome, other).is_some() && made(&outcome, ZONE).is_none(), "{}", outcome.describe());
}

#[test]
fn modes_and_links_stay() {
    let site = signed();
    let mode = |file: &Path| fs::metadata(file).expect("a file").mode() & 0o777;
    let umask = 0o777 & !mode(&common::write(site.folder(), "plain", "")) & 0o666;
    assert_eq!(mode(&site.signed(ZONE)), 0o666 & !umask, "a server's user must be able to read it");
    fs::set_permissions(site.signed(ZONE), fs::Permissions::from_mode(0o640)).expect("a mode can be set");
    let real = site.folder().join("real.zone");
    fs::rename(site.signed(ZONE), &real).expect("a file can be moved");
    symlink("../real.zone", site.signed(ZONE)).expect("a link can be made");
    site.zone(ZONE, &small_zone(4, ""));
    assert!(made(&site.runs(hour(4), 0), ZONE).is_some());
    assert!(fs::symlink_metadata(site.signed(ZONE)).expect("a link").is_symlink());
    assert_eq!(mode(&real), 0o640);
    assert!(common::read(&real).contains("h3.habits.example."));
    assert_eq!(made(&site.runs(hour(5), 0), ZONE), None);
}
