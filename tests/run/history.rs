//! What became of keys and serials is known, also where the signed file is lost, edited or another program's; and a
//! zone lasts whatever is wrong with keys that it can do without.

use crate::common;
use crate::site::{DAY, HOUR, START, Site, after, made, small_zone};
use std::fs;
use std::path::{Path, PathBuf};
use zoneseal::dns::time::Time;

const ZONE: &str = "history.example";

fn day(number: i64) -> Time {
    after(START, number * DAY)
}

/// A zone whose KSK has its DS at the parent, and is to go on day 5 all the same; signed on day 0 and 6.
fn doomed() -> (Site, Vec<PathBuf>) {
    let (site, keys) = Site::small(ZONE);
    site.runs(START, 0);
    site.set(START, &keys[0], &["--ds-published", "+1d", "--retire", "+5d", "--remove", "+5d"]);
    refuses(&site, day(6));
    (site, keys)
}

/// The KSK must not go, and stays.
#[track_caller]
fn refuses(site: &Site, now: Time) {
    let outcome = site.runs(now, 1);
    assert!(outcome.stderr.contains("its DS is at the parent"), "{}", outcome.describe());
    assert!(common::read(&site.signed(ZONE)).contains("\tDNSKEY\t257 "), "the KSK is there");
    let ds = common::read(&site.ds(ZONE));
    assert!(!ds.lines().any(|line| line.starts_with("; not before")), "its DS is no news: {ds}");
    site.verifies(ZONE, now);
}

#[test]
fn an_edited_file_does_not_make_run_forget() {
    let (site, _) = doomed();
    let text = common::read(&site.signed(ZONE)) + "; a word\n";
    common::write(site.folder(), &format!("signed/{ZONE}.zone"), &text);
    refuses(&site, day(7));
}

#[test]
fn nor_does_a_file_that_was_lost() {
    let (site, keys) = doomed();
    let serial = serial(&site);
    fs::remove_file(site.signed(ZONE)).unwrap();
    refuses(&site, day(7));
    assert!(self::serial(&site) > serial, "secondaries have the serial of the lost file");
    // without file and state, what the key says of the parent is left
    fs::remove_file(site.signed(ZONE)).unwrap();
    fs::remove_file(site.folder().join(format!("signed/.{ZONE}.state"))).unwrap();
    site.set(day(8), &keys[0], &["--remove", "none"]);
    let outcome = site.runs(day(8), 1);
    assert!(outcome.stderr.contains("its DS is at the parent"), "{}", outcome.describe());
    site.verifies(ZONE, day(8));
}

#[test]
fn nor_does_a_file_that_was_signed_by_hand() {
    let (site, keys) = doomed();
    let (zone, signed) = (site.zone_file(ZONE), site.signed(ZONE));
    let names: Vec<&Path> = keys.iter().map(PathBuf::as_path).collect();
    let mut by_hand = common::zoneseal(site.folder());
    by_hand.args(["sign", "--serial", "unixtime", "--now", &day(7).to_string(), "-f"]).arg(&signed);
    by_hand.arg(zone).args(names);
    common::run_limited(&mut by_hand, common::LIMIT).expect_ok("sign");
    refuses(&site, day(8));
}

#[test]
fn a_signed_file_of_somebody_else_has_a_history_too() {
    let (site, keys) = doomed();
    // the same file without its last line, and no state
    let text = common::read(&site.signed(ZONE));
    let text: String = text.split_inclusive('\n').filter(|line| !line.starts_with("; zoneseal")).collect();
    common::write(site.folder(), &format!("signed/{ZONE}.zone"), &text);
    fs::remove_file(site.folder().join(format!("signed/.{ZONE}.state"))).unwrap();
    refuses(&site, day(7));
    let _ = keys;
}

/// A key is its flags, too: in another role it is another DNSKEY.
#[test]
fn a_key_does_not_change_its_role() {
    let (site, keys) = Site::small(ZONE);
    site.runs(START, 0);
    for (key, role) in [(&keys[0], "zsk"), (&keys[1], "csk")] {
        let path = site.folder().join(key);
        let before = common::read(&path);
        let lines = before.lines().filter(|line| !line.starts_with("Key-Tag") && !line.starts_with("Role"));
        let text: Vec<&str> = lines.collect();
        fs::write(&path, format!("Role: {role}\n{}\n", text.join("\n"))).unwrap();
        let signed = common::read(&site.signed(ZONE));
        let outcome = site.runs(day(1), 1);
        assert!(outcome.stderr.contains("is gone, and it signs"), "{}", outcome.describe());
        assert_eq!(common::read(&site.signed(ZONE)), signed);
        fs::write(&path, before).unwrap();
    }
    site.runs(day(2), 0);
}

/// What a clock made that was ahead is made again by one that is right.
#[test]
fn a_clock_that_was_ahead_does_no_lasting_harm() {
    let (site, _) = Site::small(ZONE);
    site.runs(START, 0);
    site.zone(ZONE, &small_zone(4, ""));
    site.runs(day(3650), 0);
    let bad = common::run(
        site.folder(),
        ["status", "--nagios", "--now", &day(1).to_string(), &format!("signed/{ZONE}.zone")],
    );
    assert_eq!(bad.code, Some(2), "{}", bad.describe());
    let again = made(&site.runs(day(1), 0), ZONE).expect("a new version");
    assert_eq!(again.kept, 0);
    site.verifies(ZONE, day(1));
    assert_eq!(made(&site.runs(after(day(1), HOUR), 0), ZONE), None);
    // the clock of a machine, not one that was given
    let state = site.folder().join(format!("signed/.{ZONE}.state"));
    let ahead = common::read(&state) + "clock: 2100-01-01T00:00:00Z\n";
    fs::write(&state, ahead).unwrap();
    let refused = common::run(site.folder(), ["run"]);
    assert!(refused.code == Some(1) && refused.stderr.contains("--now"), "{}", refused.describe());
    site.runs(day(2), 0);
    assert!(!common::read(&state).contains("clock: "), "a clock that was given makes up for it");
}

/// A key that cannot be read, or that cannot sign as it is, does not let the others' signatures end.
#[test]
fn a_zone_lasts_with_the_keys_it_has() {
    let (site, keys) = Site::small(ZONE);
    site.runs(START, 0);
    let folder = site.folder().join(&keys[0]).parent().unwrap().to_owned();
    let broken = folder.join("zsk-broken.pem");
    fs::write(&broken, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n").unwrap();
    let outcome = site.runs(day(25), 1);
    assert!(
        outcome.stderr.contains("zsk-broken.pem") && made(&outcome, ZONE).is_some(),
        "{}",
        outcome.describe()
    );
    site.verifies(ZONE, day(25));
    fs::remove_file(broken).unwrap();
    // an algorithm with a KSK alone
    site.keygen(day(26), &["-a", "15", "--role", "ksk", ZONE]);
    let outcome = site.runs(day(50), 1);
    assert!(outcome.stderr.contains("ED25519") && made(&outcome, ZONE).is_some(), "{}", outcome.describe());
    site.verifies(ZONE, day(50));
}

fn serial(site: &Site) -> u32 {
    let text = common::read(&site.signed(ZONE));
    text.split_whitespace().nth(6).and_then(|word| word.parse().ok()).expect("the SOA comes first")
}
