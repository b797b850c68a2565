//! A full disk, a folder that cannot be written, a key that vanished, a zone that cannot be read: it fails, the other
//! zones are done, and what is in place is whole.

use crate::common::{self, LIMIT, Outcome};
use crate::site::{HOUR, START, Site, after, made, mark, small_zone};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::Command;
use zoneseal::dns::time::Time;

const ZONES: [&str; 4] = ["a.example", "b.example", "c.example", "large.example"];
const LARGE: &str = ZONES[3];
const LATER: Time = Time(START.0 + 24 * HOUR);

fn text(zone: &str, more: &str) -> String {
    small_zone(if zone == LARGE { 200 } else { 2 }, more)
}

/// Signed zones, all of which were edited since; and their keys.
fn edited() -> (Site, Vec<Vec<PathBuf>>) {
    let site = Site::new();
    let keys = ZONES.iter().map(|zone| {
        site.zone(zone, &text(zone, ""));
        site.keygen(START, &[zone])
    });
    let keys = keys.collect();
    site.runs(START, 0);
    for zone in ZONES {
        site.zone(zone, &text(zone, "new A 192.0.2.9\n"));
    }
    (site, keys)
}

/// A run inside a shell script, where it is `"$@"`.
fn scripted(site: &Site, program: &[&str], script: &str) -> Outcome {
    let ours = common::zoneseal(site.folder());
    let mut command = Command::new(program[0]);
    command.current_dir(site.folder()).args(&program[1..]).args(["sh", "-c", script, "sh"]);
    command.arg(ours.get_program()).args(["run", "--now", &LATER.to_string()]);
    common::run_limited(&mut command, LIMIT)
}

/// Whether a script that mounts something can be run: by root, or where users have namespaces of their own.
fn may_mount(site: &Site) -> bool {
    let mut command = Command::new("unshare");
    command.current_dir(site.folder()).args(["-rm", "mount", "-t", "tmpfs", "tmpfs", "signed"]);
    let may = command.output().is_ok_and(|output| output.status.success());
    if !may {
        eprintln!("skipped: nothing can be mounted here");
    }
    may
}

/// Every zone but these has its new content, these are as they were, and all are whole.
#[track_caller]
fn done_but(site: &Site, failed: &[&str], outcome: &Outcome) {
    assert_eq!(outcome.code, Some(1), "{}", outcome.describe());
    for zone in ZONES {
        assert!(site.is_whole(zone), "{zone}: {}", outcome.describe());
        let new = common::read(&site.signed(zone)).contains("new.");
        assert_eq!(new, !failed.contains(&zone), "{zone}: {}", outcome.describe());
        site.verifies(zone, LATER);
    }
    assert_eq!(site.temps(), [""; 0]);
    assert!(outcome.stderr.contains(&format!("{} failed", failed.len())), "{}", outcome.describe());
}

/// When the trouble is over, the next run does what is missing.
#[track_caller]
fn recovers(site: &Site) {
    site.runs(after(LATER, HOUR), 0);
    for zone in ZONES {
        assert!(site.is_whole(zone) && common::read(&site.signed(zone)).contains("new."), "{zone}");
    }
    assert_eq!(site.temps(), [""; 0]);
}

#[test]
fn a_limit_for_files() {
    let (site, _) = edited();
    // of 512 or 1024 octets each, as the shell has it
    let outcome = scripted(&site, &["env"], "ulimit -f 24; \"$@\" 2>said; code=$?; cat said >&2; exit $code");
    assert!(outcome.stderr.contains("does not allow a file this large"), "{}", outcome.describe());
    done_but(&site, &[LARGE], &outcome);
    recovers(&site);
}

#[test]
fn a_full_disk() {
    let (site, _) = edited();
    if !may_mount(&site) {
        return;
    }
    let before: Vec<String> = ZONES.iter().map(|zone| common::read(&site.signed(zone))).collect();
    // room for what is there, the new versions of the small zones, and not for that of the large one
    let pages = |length: u64| length.div_ceil(4096);
    let sizes = site
        .outputs()
        .into_iter()
        .map(|name| fs::metadata(site.folder().join("signed").join(name)).expect("a file").len());
    let room = sizes.map(pages).sum::<u64>() * 4 + 40;
    fs::rename(site.folder().join("signed"), site.folder().join("before")).expect("a folder can be renamed");
    for name in ["signed", "after"] {
        fs::create_dir(site.folder().join(name)).expect("a folder can be made");
    }
    let script = format!(
        "mount -t tmpfs -o size={room}k tmpfs signed && cp -a before/. signed/ || exit 9
         \"$@\"; code=$?; cp -a signed/. after/; exit $code"
    );
    let outcome = scripted(&site, &["unshare", "-rm"], &script);
    fs::remove_dir(site.folder().join("signed")).expect("the mount is gone");
    fs::rename(site.folder().join("after"), site.folder().join("signed")).expect("a folder can be renamed");
    assert_eq!(outcome.code, Some(1), "{}", outcome.describe());
    assert!(outcome.stderr.contains("the disk is full"), "{}", outcome.describe());
    for (zone, before) in ZONES.iter().zip(before) {
        let now = common::read(&site.signed(zone));
        assert!(site.is_whole(zone), "{zone}: {}", outcome.describe());
        assert!(now == before || now.contains("new."), "{zone}: {}", outcome.describe());
        site.verifies(zone, LATER);
    }
    assert_eq!(common::read(&site.signed(LARGE)).matches("new.").count(), 0, "the large zone did not fit");
    assert_eq!(site.temps(), [""; 0]);
    recovers(&site);
}

#[test]
fn a_folder_that_cannot_be_written() {
    let (site, _) = edited();
    if !may_mount(&site) {
        return;
    }
    let script = "mount --bind signed signed && mount -o remount,ro,bind signed || exit 9\nexec \"$@\"";
    let outcome = scripted(&site, &["unshare", "-rm"], script);
    assert!(outcome.stderr.contains("Read-only file system"), "{}", outcome.describe());
    done_but(&site, &ZONES, &outcome);
    recovers(&site);
}

#[test]
fn a_key_that_vanished() {
    let (site, keys) = edited();
    let (key, away) = (site.folder().join(&keys[1][1]), site.folder().join("away"));
    fs::rename(&key, &away).expect("a key can be moved");
    let before = mark(&site.signed("b.example"));
    let outcome = site.run(LATER, &[]);
    assert!(outcome.stderr.contains("b.example"), "{}", outcome.describe());
    done_but(&site, &["b.example"], &outcome);
    assert_eq!(mark(&site.signed("b.example")), before);
    fs::rename(&away, &key).expect("a key can be moved");
    recovers(&site);
}

/// What is noted beside a signed zone can be lost: the zone is in place all the same, and other faults are told.
#[test]
fn a_state_that_cannot_be_written() {
    let (site, _) = edited();
    let blocked = site.folder().join("signed/.a.example.state");
    fs::remove_file(&blocked).expect("a state can be removed");
    fs::create_dir(&blocked).expect("a folder can be made");
    let outcome = site.run(LATER, &[]);
    assert_eq!(outcome.code, Some(1), "{}", outcome.describe());
    assert!(made(&outcome, "a.example").is_some(), "{}", outcome.describe());
    assert!(outcome.stderr.contains(".a.example.state: error: "), "{}", outcome.describe());
    assert!(!outcome.stderr.contains("nothing was put in place"), "{}", outcome.describe());
    site.zone("a.example", "@ SOA what\n");
    let outcome = site.run(LATER, &[]);
    assert!(outcome.stderr.contains("a.example.zone:1:"), "{}", outcome.describe());
    fs::remove_dir(&blocked).expect("a folder can be removed");
    site.zone("a.example", &text("a.example", "new A 192.0.2.9\n"));
    recovers(&site);
}

/// The file for the parent cannot be written: the zone is in place, and the hook is called for it.
#[test]
fn a_file_for_the_parent_that_cannot_be_written() {
    let (site, _) = edited();
    let blocked = site.folder().join("signed/.a.example.ds.zoneseal-new");
    fs::create_dir(&blocked).expect("a folder can be made");
    fs::remove_file(site.ds("a.example")).expect("a file can be removed");
    common::write(site.folder(), "zoneseal.toml", "[policy.default]\nhook = [\"touch\", \"ZONE\"]\n");
    let outcome = site.run(LATER, &[]);
    assert_eq!(outcome.code, Some(1), "{}", outcome.describe());
    assert!(made(&outcome, "a.example").is_some(), "{}", outcome.describe());
    assert!(outcome.stderr.contains("zoneseal-new: error: "), "{}", outcome.describe());
    assert!(site.folder().join("a.example").exists(), "{}", outcome.describe());
    fs::remove_dir(&blocked).expect("a folder can be removed");
    recovers(&site);
    assert!(site.ds("a.example").exists());
}

#[test]
fn a_damaged_key() {
    let (site, keys) = edited();
    let key = site.folder().join(&keys[0][0]);
    let good = fs::read(&key).expect("a key");
    fs::write(&key, &good[..good.len() / 2]).expect("a key can be damaged");
    done_but(&site, &["a.example"], &site.run(LATER, &[]));
    fs::write(&key, good).expect("a key can be repaired");
    recovers(&site);
}

#[test]
fn zones_that_cannot_be_read() {
    let (site, _) = edited();
    // one with an error, one that leads nowhere
    site.zone("a.example", "@ SOA what\n");
    let file = site.zone_file("c.example");
    fs::remove_file(&file).expect("a zone file can be removed");
    symlink("nowhere", &file).expect("a link can be made");
    let outcome = site.run(LATER, &[]);
    assert!(outcome.stderr.contains("a.example.zone:1:"), "{}", outcome.describe());
    assert!(outcome.stderr.contains("c.example.zone: error: cannot be read"), "{}", outcome.describe());
    done_but(&site, &["a.example", "c.example"], &outcome);
    fs::remove_file(&file).expect("a link can be removed");
    for zone in ["a.example", "c.example"] {
        site.zone(zone, &text(zone, "new A 192.0.2.9\n"));
    }
    recovers(&site);
}
