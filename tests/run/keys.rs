//! What keys must not do, whatever their times say, and rolls of other kinds than those of `travel`.
//!
//! The zones have TTLs of one hour, and it takes an hour until all servers have a new version: a DNSKEY is known two
//! hours after it was published, and a signature gone from caches two hours after it was replaced.

use crate::common;
use crate::journey::{Journey, key_of};
use crate::site::{DAY, HOUR, START, Site, after, made, small_zone};
use std::fs;
use std::path::{Path, PathBuf};
use zoneseal::dns::time::Time;

const ZONE: &str = "keys.example";
const TTL: u32 = 3600;

fn hour(number: i64) -> Time {
    after(START, number * HOUR)
}

/// A zone with keys made by this `keygen`, signed, and its DS at the parent for longer than caches keep it; it is
/// hour 72 then.
fn delegated(options: &[&str]) -> (Journey, Vec<PathBuf>) {
    let site = Site::new();
    site.zone(ZONE, &small_zone(3, ""));
    let keys = site.keygen(START, &[options, &[ZONE]].concat());
    let mut journey = Journey::new(site, ZONE, TTL);
    travel(&mut journey, 0, 72, |journey, now| {
        if now == hour(5) {
            let entry = [key_of(&keys[0])];
            journey.swap(now, &entry, &[&keys[0]], &[]);
        }
    });
    (journey, keys)
}

/// One run an hour, each of which must be content.
fn travel(journey: &mut Journey, from: i64, to: i64, mut meet: impl FnMut(&mut Journey, Time)) {
    for number in from..to {
        meet(journey, hour(number));
        journey.step(hour(number), 0);
    }
}

/// A copy of a file that is moved away, and back.
fn away(site: &Site, key: &Path) -> impl Fn(bool) + use<> {
    let (here, there) = (site.folder().join(key), site.folder().join("away.pem"));
    move |gone| {
        let (from, to) = if gone { (&here, &there) } else { (&there, &here) };
        fs::rename(from, to).expect("a key file can be moved");
    }
}

#[test]
fn a_key_that_signs_must_not_vanish() {
    for which in [0, 1] {
        let (site, keys) = Site::small(ZONE);
        site.runs(START, 0);
        let before = fs::read(site.signed(ZONE)).expect("a signed zone");
        let away = away(&site, &keys[which]);
        away(true);
        site.zone(ZONE, &small_zone(4, ""));
        let outcome = site.runs(hour(1), 1);
        assert!(outcome.stderr.contains("is gone, and it signs"), "{}", outcome.describe());
        assert_eq!(fs::read(site.signed(ZONE)).expect("a signed zone"), before);
        assert_eq!(site.temps(), [""; 0]);
        away(false);
        assert!(made(&site.runs(hour(2), 0), ZONE).is_some());
        site.verifies(ZONE, hour(2));
    }
}

#[test]
fn a_key_whose_signatures_are_in_caches_must_not_vanish() {
    let (mut journey, keys) = delegated(&[]);
    let new = journey.site.keygen(hour(72), &["--role", "zsk", "--activate", "+5h", ZONE]).remove(0);
    let retired = hour(77).to_string();
    journey.site.set(hour(72), &keys[1], &["--retire", &retired]);
    travel(&mut journey, 72, 78, |_, _| {});
    assert_eq!(journey.served().data_signers(), [key_of(&new)].into());
    let away = away(&journey.site, &keys[1]);
    away(true);
    let outcome = journey.step(hour(78), 1);
    assert!(outcome.stderr.contains("may be in caches until"), "{}", outcome.describe());
    travel(&mut journey, 79, 81, |_, _| {});
    assert_eq!(journey.served().dnskeys.len(), 2);
}

#[test]
fn an_idle_key_may_vanish() {
    let (mut journey, _) = delegated(&[]);
    let standby = journey.site.keygen(hour(72), &["--role", "zsk", "--activate", "+1000d", ZONE]).remove(0);
    travel(&mut journey, 72, 74, |_, _| {});
    assert!(journey.served().dnskeys.contains_key(&key_of(&standby)));
    fs::remove_file(journey.site.folder().join(&standby)).expect("a key file can be removed");
    travel(&mut journey, 74, 80, |_, _| {});
    assert_eq!(journey.served().dnskeys.len(), 2);
}

#[test]
fn a_key_is_not_removed_before_its_signatures_are_out_of_caches() {
    let (mut journey, keys) = delegated(&[]);
    let new = journey.site.keygen(hour(72), &["--role", "zsk", "--activate", "+5h", ZONE]).remove(0);
    let [retire, remove] = [77, 78].map(|number| hour(number).to_string());
    journey.site.set(hour(72), &keys[1], &["--retire", &retire, "--remove", &remove]);
    travel(&mut journey, 72, 78, |_, _| {});
    assert_eq!(journey.served().data_signers(), [key_of(&new)].into());
    let outcome = journey.step(hour(78), 1);
    let until = format!("stays in the zone until {}", hour(79));
    assert!(outcome.stderr.contains(&until), "{}", outcome.describe());
    assert!(journey.served().dnskeys.contains_key(&key_of(&keys[1])));
    journey.step(hour(79), 0);
    assert!(!journey.served().dnskeys.contains_key(&key_of(&keys[1])));
    travel(&mut journey, 80, 84, |_, _| {});
}

#[test]
fn a_new_zsk_does_not_sign_alone_before_it_is_known() {
    let (mut journey, keys) = delegated(&[]);
    let new = journey.site.keygen(hour(72), &["--role", "zsk", ZONE]).remove(0);
    journey.site.set(hour(72), &keys[1], &["--retire", "now"]);
    for number in [72, 73] {
        let outcome = journey.step(hour(number), 1);
        let told = format!("does not sign before {}", hour(74));
        assert!(outcome.stderr.contains(&told), "{}", outcome.describe());
        assert_eq!(journey.served().data_signers(), [key_of(&keys[1])].into());
        assert!(journey.served().dnskeys.contains_key(&key_of(&new)));
    }
    travel(&mut journey, 74, 90, |_, _| {});
    assert_eq!(journey.served().data_signers(), [key_of(&new)].into());
}

/// Both sign at once, then the old one retires before resolvers know the new one.
#[test]
fn a_zsk_that_signs_beside_another_does_not_sign_alone_before_it_is_known() {
    let (mut journey, keys) = delegated(&[]);
    let new = journey.site.keygen(hour(72), &["--role", "zsk", ZONE]).remove(0);
    journey.step(hour(72), 0);
    assert_eq!(journey.served().data_signers().len(), 2);
    journey.site.set(hour(73), &keys[1], &["--retire", "now"]);
    let outcome = journey.step(hour(73), 1);
    assert!(outcome.stderr.contains("does not sign"), "{}", outcome.describe());
    travel(&mut journey, 74, 90, |_, _| {});
    assert_eq!(journey.served().data_signers(), [key_of(&new)].into());
}

/// All its times have passed when cron comes back: then each step waits for the one before, and that is no failure.
#[test]
fn a_run_that_comes_late_waits() {
    let (mut journey, keys) = delegated(&[]);
    let [publish, activate, remove] = [80, 90, 100].map(|number| hour(number).to_string());
    let arguments = ["--role", "zsk", "--publish", &publish, "--activate", &activate, ZONE];
    let new = journey.site.keygen(hour(72), &arguments).remove(0);
    journey.site.set(hour(72), &keys[1], &["--retire", &activate, "--remove", &remove]);
    let signers = |journey: &Journey| journey.served().data_signers();
    for (number, signer, dnskeys) in [
        (72, &keys[1], 2),
        (200, &keys[1], 3),
        (201, &keys[1], 3),
        (202, &new, 3),
        (203, &new, 3),
        (204, &new, 2),
    ] {
        journey.step(hour(number), 0);
        assert_eq!(signers(&journey), [key_of(signer)].into(), "hour {number}");
        assert_eq!(journey.served().dnskeys.len(), dnskeys, "hour {number}");
    }
    travel(&mut journey, 205, 215, |_, _| {});
}

/// Caches must have its signature over the DNSKEYs before its DS comes, whatever its Activate time says.
#[test]
fn a_ksk_that_signs_late_gets_its_ds_later() {
    let (mut journey, keys) = delegated(&[]);
    let new = journey.site.keygen(hour(72), &["--role", "ksk", "--activate", "+5h", ZONE]).remove(0);
    travel(&mut journey, 72, 75, |_, _| {});
    for number in [90, 91] {
        journey.step(hour(number), 0);
        assert_eq!(journey.wanted().len(), 1, "hour {number}");
    }
    journey.step(hour(92), 0);
    journey.swap(hour(92), &[key_of(&new)], &[&new], &[&keys[0]]);
    travel(&mut journey, 93, 125, |_, _| {});
}

#[test]
fn a_revoked_key_stays_revoked() {
    let (mut journey, _) = delegated(&[]);
    let new = journey.site.keygen(hour(72), &["--role", "ksk", ZONE]).remove(0);
    journey.site.set(hour(72), &new, &["--revoke", "+3h"]);
    travel(&mut journey, 72, 75, |_, _| {});
    let revoked = |journey: &Journey| {
        journey.served().dnskeys.values().filter(|rdata| rdata[..2] == 385_u16.to_be_bytes()).count()
    };
    journey.step(hour(75), 0);
    assert_eq!(revoked(&journey), 1);
    journey.site.set(hour(76), &new, &["--revoke", "none"]);
    let outcome = journey.step(hour(76), 1);
    assert!(outcome.stderr.contains("stays revoked"), "{}", outcome.describe());
    assert_eq!(revoked(&journey), 1);
    assert_eq!(journey.wanted().len(), 1);
}

/// A zone whose TTLs are a day, and are lowered to an hour at the very moment of a roll: the old TTLs count.
#[test]
fn ttls_are_lowered_while_a_zsk_is_rolled() {
    let long = small_zone(3, "").replacen("$TTL 1h", "$TTL 1d", 1);
    let site = Site::new();
    site.zone(ZONE, &long);
    let old = site.keygen(START, &[ZONE]);
    let mut journey = Journey::new(site, ZONE, 86_400);
    travel(&mut journey, 0, 72, |journey, now| {
        if now == hour(30) {
            journey.swap(now, &[key_of(&old[0])], &[&old[0]], &[]);
        }
    });
    // published with the new TTLs, when all caches have a DNSKEY RRset with the old ones
    journey.site.keygen(hour(72), &["--role", "zsk", "--activate", "+5h", ZONE]);
    journey.site.set(hour(72), &old[1], &["--retire", "+5h", "--remove", "+8h"]);
    for number in 72..150 {
        if number == 72 {
            journey.site.zone(ZONE, &small_zone(3, ""));
        }
        journey.any_step(hour(number));
    }
    assert_eq!(journey.served().dnskeys.len(), 2);
}

/// RFC 6781, section 4.1.4, in the liberal way of RFC 6840, section 5.11.
#[test]
fn from_one_algorithm_to_another() {
    let (mut journey, old) = delegated(&["-a", "13"]);
    let new = journey.site.keygen(hour(72), &["-a", "15", ZONE]);
    let [retire, remove] = [144, 150].map(|number| hour(number).to_string());
    for key in &old {
        journey.site.set(hour(72), key, &["--retire", &retire, "--remove", &remove]);
    }
    travel(&mut journey, 72, 170, |journey, now| {
        if now == hour(80) {
            let both = [&old[0], &new[0]].map(|key| key_of(key));
            journey.swap(now, &both, &[&new[0]], &[]);
        }
        if now == hour(110) {
            journey.swap(now, &[key_of(&new[0])], &[], &[&old[0]]);
        }
        if now > hour(80) && now <= hour(144) {
            assert_eq!(journey.served().data_signers().len(), 2, "each algorithm signs all, at {now}");
        }
    });
    let left: Vec<_> = journey.served().dnskeys.keys().map(|key| key.0).collect();
    assert_eq!(left, [15, 15]);
}

/// The old algorithm is to go while only it has a DS.
#[test]
fn an_algorithm_does_not_go_before_its_ds() {
    let (mut journey, old) = delegated(&["-a", "13"]);
    journey.site.keygen(hour(72), &["-a", "15", ZONE]);
    for key in &old {
        journey.site.set(hour(72), key, &["--retire", "+10h", "--remove", "+10h"]);
    }
    travel(&mut journey, 72, 82, |_, _| {});
    for number in 82..100 {
        let outcome = journey.step(hour(number), 1);
        assert!(outcome.stderr.contains("its DS is at the parent"), "{}", outcome.describe());
    }
    let signers = journey.served().data_signers();
    assert!(signers.contains(&key_of(&old[1])), "{signers:?}: an algorithm in the zone signs all of it");
}

#[test]
fn one_csk_after_another() {
    let (mut journey, old) = delegated(&["--role", "csk", "-a", "15"]);
    let new = journey.site.keygen(hour(72), &["--role", "csk", "-a", "15", ZONE]);
    let [retire, remove] = [130, 140].map(|number| hour(number).to_string());
    journey.site.set(hour(72), &old[0], &["--retire", &retire, "--remove", &remove]);
    travel(&mut journey, 72, 160, |journey, now| {
        if now == hour(80) {
            journey.swap(now, &[key_of(&new[0])], &[&new[0]], &[&old[0]]);
        }
    });
    assert_eq!(journey.served().data_signers(), [key_of(&new[0])].into());
    assert_eq!(journey.served().dnskeys.len(), 1);
}

/// RFC 5011: it is revoked when the parent's DS has no need of it, and signs the DNSKEYs until it is removed.
#[test]
fn a_ksk_is_revoked() {
    let (mut journey, keys) = delegated(&[]);
    let new = journey.site.keygen(hour(72), &["--role", "ksk", ZONE]).remove(0);
    let [revoke, remove] = [90, 140].map(|number| hour(number).to_string());
    journey.site.set(hour(72), &keys[0], &["--revoke", &revoke, "--remove", &remove]);
    travel(&mut journey, 72, 90, |_, _| {});
    for number in 90..95 {
        let outcome = journey.step(hour(number), 1);
        assert!(outcome.stderr.contains("was to be revoked"), "{}", outcome.describe());
    }
    journey.swap(hour(95), &[key_of(&new)], &[&new], &[&keys[0]]);
    for number in 95..120 {
        journey.step(hour(number), 1);
    }
    travel(&mut journey, 120, 140, |_, _| {});
    let revoked = |journey: &Journey| {
        let dnskeys = journey.served().dnskeys.iter();
        let mut revoked =
            dnskeys.filter(|(_, rdata)| rdata[..2] == 385_u16.to_be_bytes()).map(|(key, _)| *key);
        revoked.next()
    };
    let key = revoked(&journey).expect("the DNSKEY has the REVOKE flag");
    assert!(journey.served().dnskey_signers.contains_key(&key), "it signs the DNSKEYs");
    assert_eq!(journey.wanted().len(), 1, "no DS is asked for it");
    travel(&mut journey, 140, 150, |_, _| {});
    assert_eq!(revoked(&journey), None);
}

#[test]
fn a_ds_is_asked_for_only_when_caches_are_ready() {
    let (site, keys) = Site::small(ZONE);
    site.runs(START, 0);
    let comment = |site: &Site| common::read(&site.ds(ZONE)).starts_with("; not before ");
    assert!(comment(&site), "{}", common::read(&site.ds(ZONE)));
    site.runs(after(hour(2), -1), 0);
    assert!(comment(&site));
    site.runs(hour(2), 0);
    let text = common::read(&site.ds(ZONE));
    let ds = common::run(site.folder(), ["ds".as_ref(), keys[0].as_os_str()]).expect_ok("ds").stdout;
    let words = |text: &str| text.split_whitespace().skip(4).collect::<Vec<_>>().join(" ");
    assert_eq!(text.lines().count(), 1);
    assert!(words(&text) == words(&ds) || ds.contains(&words(&text)), "{text}\n{ds}");
}

#[test]
fn force_unsafe_does_what_the_times_say_and_says_so() {
    let (site, keys) = Site::small(ZONE);
    site.runs(START, 0);
    site.set(hour(1), &keys[0], &["--ds-published", "now"]);
    fs::remove_file(site.folder().join(&keys[1])).expect("a key file can be removed");
    let new = site.keygen(hour(1), &["--role", "zsk", ZONE]).remove(0);
    site.runs(hour(1), 1);
    let outcome = site.run(hour(1), &["--force-unsafe"]).expect_ok("run --force-unsafe");
    assert!(outcome.stderr.contains("--force-unsafe"), "{}", outcome.describe());
    site.verifies(ZONE, hour(1));
    let version = crate::version::Version::read(&site.signed(ZONE), ZONE, hour(1));
    assert_eq!(version.data_signers(), [key_of(&new)].into());
    // a key is gone and nobody misses it: all is as it should be
    site.runs(after(START, DAY), 0);
}
