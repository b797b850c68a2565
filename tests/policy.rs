//! `zoneseal run` by a configuration: what its policies do to zones, the serial that must rise, the hook.

mod common;

use std::fs;
use std::path::Path;

const ZONE: &str = "$TTL 3600\n@ SOA ns hostmaster 5 7200 3600 604800 300\n NS ns\nns A 192.0.2.1\nwww A 192.0.2.2\n\
                    insecure NS ns.elsewhere.test.\n";

/// A folder with a zone, its keys and this configuration.
fn site(config: &str) -> tempfile::TempDir {
    let folder = common::folder();
    fs::create_dir(folder.path().join("zones")).unwrap();
    common::write(folder.path(), "zones/example.zone", ZONE);
    common::write(folder.path(), "zoneseal.toml", config);
    common::run(
        folder.path(),
        ["keygen", "-q", "-a", "15", "--publish", "20260101", "--activate", "20260101", "example"],
    )
    .expect_ok("keygen");
    folder
}

fn run_at(folder: &Path, now: &str) -> common::Outcome {
    common::run(folder, ["run", "--now", now])
}

fn signed(folder: &Path) -> String {
    common::read(&folder.join("signed/example.zone"))
}

/// The records of a type, as text behind the type.
fn records(folder: &Path, rtype: &str) -> Vec<String> {
    let middle = format!("\tIN\t{rtype}\t");
    signed(folder).lines().filter_map(|line| Some(line.split_once(&middle)?.1.to_owned())).collect()
}

fn serial(folder: &Path) -> u32 {
    records(folder, "SOA")[0].split(' ').nth(2).unwrap().parse().unwrap()
}

fn edit(folder: &Path, from: &str, to: &str) {
    let path = folder.join("zones/example.zone");
    let text = common::read(&path);
    assert!(text.contains(from), "{from}");
    fs::write(&path, text.replace(from, to)).unwrap();
}

#[test]
fn a_policy_is_obeyed_and_its_change_seen() {
    let folder = site(
        "[policy.default]\nvalidity = \"14d\"\njitter = \"0\"\ndenial = \"opt-out\"\nzonemd = [\"sha384\"]\ndnskey-ttl = \"2h\"\n\
         cds = [\"cds:sha-256\"]\npropagation-delay = \"30m\"\nds-digest = [\"sha256\", \"sha384\"]\nserial = \"date\"\n",
    );
    let folder = folder.path();
    run_at(folder, "20260301120000").expect_ok("the first run");
    assert_eq!(serial(folder), 2_026_030_100);
    // the apex, ns and www; the insecure delegation is left out
    assert_eq!(records(folder, "NSEC3").len(), 3);
    assert!(records(folder, "NSEC3").iter().all(|data| data.starts_with("1 1 0 - ")));
    assert_eq!(records(folder, "ZONEMD").len(), 1);
    assert!(signed(folder).contains("example.\t7200\tIN\tDNSKEY\t"));
    assert!(records(folder, "RRSIG").iter().all(|data| data.contains(" 20260315120000 20260301110000 ")));
    assert_eq!(records(folder, "CDS").len(), 0, "the parent must not have the DS yet");
    let ds = common::read(&folder.join("signed/example.ds"));
    assert_eq!(
        ds.lines().filter(|line| line.starts_with("; not before 2026-03-01T14:30:00Z: ")).count(),
        2,
        "{ds}"
    );
    // two hours of DNSKEY TTL and half an hour later caches know the key
    let told = run_at(folder, "20260301142959").expect_ok("nothing is due");
    assert!(told.stderr.contains("0 zones signed, 1 with nothing due"), "{}", told.stderr);
    run_at(folder, "20260301143000").expect_ok("the CDS comes");
    assert_eq!((records(folder, "CDS").len(), serial(folder)), (1, 2_026_030_101));
    assert_eq!(
        common::read(&folder.join("signed/example.ds")).lines().filter(|line| !line.starts_with(';')).count(),
        2
    );
    common::write(folder, "zoneseal.toml", "[policy.default]\ndenial = \"nsec\"\njitter = \"0\"\n");
    run_at(folder, "20260302").expect_ok("another policy");
    assert!(records(folder, "NSEC3PARAM").is_empty() && records(folder, "ZONEMD").is_empty());
    // signatures over what is as it was are kept
    assert!(
        records(folder, "RRSIG")
            .iter()
            .any(|data| data.starts_with("A 15 ") && data.contains(" 20260315120000 "))
    );
    common::run(folder, ["verify", "--at", "20260302", "signed/example.zone"]).expect_ok("verify");
}

#[test]
fn a_serial_that_is_kept_must_rise() {
    let folder = site("[policy.default]\nserial = \"keep\"\njitter = \"0\"\n");
    let folder = folder.path();
    run_at(folder, "20260301").expect_ok("the first run");
    assert_eq!(serial(folder), 5);
    let before = signed(folder);
    edit(folder, "192.0.2.2", "192.0.2.3");
    let told = run_at(folder, "20260302");
    assert_eq!(told.code, Some(1));
    assert!(told.stderr.contains("its serial 5 is not greater than 5"), "{}", told.stderr);
    assert!(!told.stderr.contains("secondaries will not see"), "{}", told.stderr);
    assert_eq!(signed(folder), before, "nothing is put in place");
    // from the refresh time on every run says what that means
    for day in ["20260325", "20260326"] {
        let told = run_at(folder, day);
        assert_eq!(told.code, Some(1));
        assert!(told.stderr.contains("secondaries will not see new signatures"), "{}", told.stderr);
    }
    edit(folder, " 5 7200", " 6 7200");
    run_at(folder, "20260326").expect_ok("the serial rose");
    assert_eq!(serial(folder), 6);
    // nothing but the signatures: they are made anew, and every run says that secondaries do not see them
    for (day, count) in [("20260420", "1 zone signed"), ("20260421", "1 with nothing due")] {
        let told = run_at(folder, day).expect_ok("only signatures");
        assert!(
            told.stderr.contains(count) && told.stderr.contains("secondaries will not see"),
            "{}",
            told.stderr
        );
    }
    edit(folder, " 6 7200", " 7 7200");
    let told = run_at(folder, "20260421").expect_ok("the serial rose");
    assert!(!told.stderr.contains("secondaries"), "{}", told.stderr);
    // backwards is no way to rise
    edit(folder, " 7 7200", " 3 7200");
    let told = run_at(folder, "20260422");
    assert!(told.code == Some(1) && told.stderr.contains("RFC 1982, section 7"), "{}", told.stderr);
}

#[test]
fn the_hook_is_called_for_each_new_version_until_it_works() {
    let folder = site(
        "[policy.default]\nhook = [\"./hook\", \"ZONE\", \"SERIAL\"]\nhook-timeout = \"5s\"\njitter = \"0\"\n",
    );
    let folder = folder.path();
    let script = |text: &str| {
        use std::os::unix::fs::PermissionsExt;
        let path = common::write(folder, "hook", &format!("#!/bin/sh\n{text}\n"));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    };
    let calls = || fs::read_to_string(folder.join("calls")).unwrap_or_default();
    script("echo \"$1 $2 $ZONE $SIGNED $SERIAL $CHANGED\" >> calls");
    run_at(folder, "20260301").expect_ok("the first run");
    assert_eq!(calls(), "example 6 example signed/example.zone 6 content\n");
    run_at(folder, "20260302").expect_ok("nothing is due");
    assert_eq!(calls().lines().count(), 1, "no new version, no call");
    script("echo no server >&2; exit 7");
    edit(folder, "192.0.2.2", "192.0.2.3");
    for day in ["20260303", "20260304"] {
        let told = run_at(folder, day);
        assert!(told.code == Some(1) && told.stderr.contains("exit status: 7: no server"), "{}", told.stderr);
    }
    assert_eq!(serial(folder), 7, "the zone is in place, and was signed once");
    script("echo \"$SERIAL $CHANGED\" >> calls");
    run_at(folder, "20260305").expect_ok("the hook works again");
    run_at(folder, "20260325").expect_ok("signatures are due");
    assert_eq!(calls().lines().skip(1).collect::<Vec<_>>(), ["7 content", "8 signatures"]);
    script("sleep 60");
    edit(folder, "192.0.2.3", "192.0.2.4");
    common::write(
        folder,
        "zoneseal.toml",
        "[policy.default]\nhook = [\"./hook\"]\nhook-timeout = \"1s\"\njitter = \"0\"\n",
    );
    let told = run_at(folder, "20260326");
    assert!(told.code == Some(1) && told.stderr.contains("did not end within 1 s"), "{}", told.stderr);
}

#[test]
fn algorithms_entries_and_what_is_wrong_with_them() {
    let folder = site("[policy.default]\nalgorithms = [\"ECDSAP256SHA256\"]\n");
    let folder = folder.path();
    let told = run_at(folder, "20260301");
    assert!(
        told.code == Some(1) && told.stderr.contains("the policy wants no key of ED25519"),
        "{}",
        told.stderr
    );
    common::write(
        folder,
        "zoneseal.toml",
        "[[zone]]\nname = \"other.test\"\npath = \"elsewhere/file\"\nkeys = \"keys2\"\noutput = \"out/other\"\n\
         [[zone]]\nname = \"nowhere.test\"\n",
    );
    fs::create_dir(folder.join("elsewhere")).unwrap();
    common::write(folder, "elsewhere/file", ZONE);
    common::run(
        folder,
        [
            "keygen",
            "-q",
            "-a",
            "15",
            "--keys",
            "keys2",
            "--publish",
            "20260101",
            "--activate",
            "20260101",
            "other.test",
        ],
    )
    .expect_ok("keygen");
    let told = run_at(folder, "20260301").expect_ok("two zones");
    assert!(told.stderr.contains("2 zones signed"), "{}", told.stderr);
    assert!(folder.join("out/other").is_file() && folder.join("signed/other.test.ds").is_file());
    let told = common::run(folder, ["run", "--check-config"]).expect_ok("the configuration is good");
    assert!(
        told.stderr.contains("zoneseal.toml:6:1: warning: this entry is about no zone"),
        "{}",
        told.stderr
    );
    common::write(folder, "zoneseal.toml", "[policy.default]\nvaliditi = \"1d\"\n");
    let told = common::run(folder, ["run", "--check-config"]);
    assert!(told.code == Some(1) && told.stderr.contains("zoneseal.toml:2:1: error"), "{}", told.stderr);
}
