//! ZONEMD: ldns-verify-zone must find the digest good, and a real knotd must load the zone with `zonemd-verify: on` and
//! refuse it when the digest is spoilt. ldns-verify-zone 1.8.3 never ends on a zone with both NSEC3 and ZONEMD, so it is
//! given NSEC chains alone.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::common::{self, Judge, Server};
use crate::matrix::{self, ALGORITHMS};
use crate::unbound::{ask, free_port};
use crate::zones::{COMMON, ORIGIN, PLAIN};

const BOTH: &[&str] = &["-z", "sha384", "-z", "sha512"];

#[test]
fn ldns_finds_the_digest_good() {
    let Some(judge) = common::judge("ldns-verify-zone") else { return };
    matrix::each(&COMMON, &ALGORITHMS, &[BOTH, &["-z", "sha512"]], |case| {
        let folder = case.signed.parent().expect("a file has a folder");
        matrix::accepted(&judge.run(folder, [Path::new("-ZZ"), &case.signed]))
    });
}

/// Without signatures, and with one character of the digest changed.
#[test]
fn ldns_judges_unsigned_zones_too() {
    let Some(judge) = common::judge("ldns-verify-zone") else { return };
    let folder = common::folder();
    let file = common::write(folder.path(), "zone", PLAIN.text);
    let output = folder.path().join("out");
    common::sign(folder.path(), ORIGIN, &output, &["-Z", "-z", "sha384"], &file, &[]).expect_ok("sign -Z");
    judge.run(folder.path(), [Path::new("-Z"), &output]).expect_ok("ldns-verify-zone -Z");
    let spoilt = common::write(folder.path(), "spoilt", &spoil(&common::read(&output)));
    assert!(!judge.run(folder.path(), [Path::new("-Z"), &spoilt]).ok(), "a spoilt digest is refused");
}

/// The text with the first character of each ZONEMD's digest changed.
fn spoil(text: &str) -> String {
    let spoilt = text.lines().map(|line| match line.split_once("\tZONEMD\t") {
        Some((head, fields)) => {
            let (fields, digest) = fields.rsplit_once(' ').expect("the digest is the last field");
            let other = if digest.starts_with('0') { "1" } else { "0" };
            format!("{head}\tZONEMD\t{fields} {other}{}\n", &digest[1..])
        }
        None => format!("{line}\n"),
    });
    spoilt.collect()
}

#[test]
fn knotd_verifies_the_digest() {
    let (Some(knotd), Some(dig)) = (common::judge("knotd"), common::judge("dig")) else { return };
    for options in [BOTH, &["-n", "-z", "sha384"], &["-P", "-z", "sha512"]] {
        let folder = common::folder();
        let file = common::write(folder.path(), "zone", PLAIN.text);
        let keys = common::keygen(folder.path(), 13, ORIGIN);
        let output = folder.path().join("signed");
        common::sign(folder.path(), ORIGIN, &output, options, &file, &keys).expect_ok("sign");
        assert!(serves(&knotd, &dig, folder.path(), &output), "knotd refuses {options:?}");
        let spoilt = common::write(folder.path(), "spoilt", &spoil(&common::read(&output)));
        assert!(!serves(&knotd, &dig, folder.path(), &spoilt), "knotd takes a spoilt digest, {options:?}");
    }
}

/// Whether knotd answers for the zone.
fn serves(knotd: &Judge, dig: &Judge, folder: &Path, zone: &Path) -> bool {
    let port = free_port();
    let home: PathBuf = folder.join(format!("knot-{port}"));
    std::fs::create_dir(&home).expect("a folder can be made");
    let (shown, zone) = (home.display(), zone.display());
    let configuration = format!(
        "server:\n  rundir: {shown}\n  listen: 127.0.0.1@{port}\n  automatic-acl: off\ndatabase:\n  storage: {shown}\n\
         log:\n  - target: stderr\n    any: info\nzone:\n  - domain: {ORIGIN}\n    file: {zone}\n    zonefile-sync: -1\n    \
         journal-content: none\n    zonemd-verify: on\n"
    );
    let configuration = common::write(&home, "knot.conf", &configuration);
    let mut command = Command::new(&knotd.path);
    command.current_dir(&home).arg("-c").arg(configuration);
    let mut server = Server::start(&mut command, &home.join("log"));
    // it answers for a zone that it refused too: with an error
    let mut status = None;
    server.wait_until(|| {
        let loaded = ["loaded", "failed", "error"].iter().any(|word| server_says(&home, word));
        status = ask(dig, folder, port, ORIGIN, "SOA").map(|answer| answer.status);
        loaded && status.is_some()
    });
    status.as_deref() == Some("NOERROR")
}

fn server_says(home: &Path, word: &str) -> bool {
    common::read(&home.join("log"))
        .lines()
        .any(|line| line.contains(ORIGIN.trim_end_matches('.')) && line.contains(word))
}
