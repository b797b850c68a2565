//! The options of `verify`.

use crate::zone::Zone;
use crate::{Zones, common, verify};

/// The DS records that `zoneseal ds` makes lead to the zone; those of another zone's key do not.
#[test]
fn the_parents_ds() {
    let zones = Zones::new();
    let folder = zones.folder.path();
    let ds: Vec<String> = zones
        .all
        .iter()
        .map(|(_, zone)| {
            let file = common::write(folder, "zone", &zone.text());
            common::run(folder, ["ds", file.to_str().expect("UTF-8")]).expect_ok("ds").stdout
        })
        .collect();
    let judge = |zone: &Zone, ds: &str| {
        common::write(folder, "ds", ds);
        zones.verdict(zone, &["--ds", "ds"]).rules.into_iter().collect::<Vec<_>>().join(" ")
    };
    let zone = &zones.all[0].1;
    assert_eq!(judge(zone, &ds[0]), "");
    // one that leads nowhere beside it is odd; its algorithm must sign, as RFC 4035, section 2.2, has it
    let nowhere = ds[0].replace(&format!("\t{} ", zone.tag(0)), "\t1 ");
    assert_eq!(judge(zone, &(ds[0].clone() + &nowhere)), "ds-unmatched");
    assert_eq!(judge(zone, &nowhere), "ds-key ds-unmatched");
    assert_eq!(judge(zone, &ds[1]), "ds-key ds-unmatched unsigned");
    // a digest that nobody knows here
    let unknown = ds[0].replace(" 13 2 ", " 13 9 ");
    assert_eq!(judge(zone, &unknown), "ds-key not-checked");
    // the DS of the ZSK, which does not sign the DNSKEYs
    let mut other = zone.clone();
    other.sign_set("@", "DNSKEY", 1);
    assert_eq!(judge(&other, &ds[0]), "ds-key sep");
    // CDNSKEY signed by the ZSK alone is an error now
    let mut other = zone.clone();
    let cdnskey = other.dnskey(0).rdata.clone();
    other.add("@", 3600, "CDNSKEY", &cdnskey);
    other.sign_set("@", "CDNSKEY", 1);
    assert_eq!(judge(&other, &ds[0]), "cds-signer nsec-types");
    // another zone's
    common::write(folder, "ds", &ds[0].replace("m.example.", "other.example."));
    let file = common::write(folder, "zone", &zone.text());
    let args = ["verify", "--ds", "ds", file.to_str().expect("UTF-8")];
    let outcome = common::run(folder, args);
    assert_eq!(outcome.code, Some(1));
    assert!(outcome.stderr.contains("there is no DS record of m.example."), "{}", outcome.describe());
}

/// Signatures hold 28 days; the SOA's expire is 14 days, the largest TTL an hour.
#[test]
fn good_for_a_time() {
    let folder = common::folder();
    let now = "--now=20300101000000";
    let keys = common::keygen(folder.path(), 15, crate::ORIGIN);
    let zone = Zone::sign_with(folder.path(), &keys, &["-i", "20300101000000", "-e", "20300129000000", now]);
    let file = common::write(folder.path(), "zone", &zone.text());
    let judge = |options: &[&str]| {
        let found = verify(folder.path(), &file, options);
        (found.rules.into_iter().collect::<Vec<_>>().join(" "), found.json["serve_until"].clone())
    };
    let until = serde_json::json!("2030-01-14T23:00:00Z");
    assert_eq!(judge(&[now]), (String::new(), until.clone()));
    assert_eq!(judge(&[now, "--for", "1209600"]), ("short".into(), until.clone()), "two weeks");
    assert_eq!(judge(&[now, "--for", "1206000"]), (String::new(), until.clone()), "an hour less");
    assert_eq!(judge(&["--at", "20300129000000"]).0, "");
    assert_eq!(judge(&["--at", "20300129000001"]).0, "rrsig-time");
    assert_eq!(judge(&["--at", "20291231235959"]).0, "rrsig-time");
}

/// The times of RRSIGs are serial numbers (RFC 4034, section 3.1.5): 2038 and 2106 are no edge.
#[test]
fn beyond_2106() {
    let folder = common::folder();
    let keys = common::keygen(folder.path(), 15, crate::ORIGIN);
    for (from, to, within, behind) in [
        ("20380118000000", "20380120000000", "20380119120000", "20380121000000"),
        ("21060206000000", "21060208000000", "21060207120000", "21060209000000"),
    ] {
        let now = format!("--now={within}");
        let zone = Zone::sign_with(folder.path(), &keys, &["-i", from, "-e", to, &now]);
        let file = common::write(folder.path(), "zone", &zone.text());
        assert!(verify(folder.path(), &file, &["--at", within]).rules.is_empty(), "{within}");
        assert_eq!(verify(folder.path(), &file, &["--at", behind]).first, "rrsig-time", "{behind}");
    }
}

/// The rules that must fire, and what is done.
type Change = (&'static str, fn(&mut Zone));

#[test]
fn against_the_unsigned_zone() {
    let zones = Zones::new();
    for (number, (kind, zone)) in zones.all.iter().enumerate() {
        let unsigned = zones.folder.path().join(number.to_string()).join("unsigned");
        let unsigned = ["--against", unsigned.to_str().expect("UTF-8")];
        let judge = |zone: &Zone| {
            let found = zones.verdict(zone, &unsigned);
            let about_data = |rule: &&String| rule.starts_with("against");
            (found.rules.iter().filter(about_data).cloned().collect::<Vec<_>>().join(" "), found.json)
        };
        assert_eq!(judge(zone).0, "", "{kind}");
        let changes: [Change; 7] = [
            ("", |z| z.field("@", "SOA", 2, "77")),
            ("against-added against-missing", |z| z.field("@", "SOA", 3, "77")),
            ("against-missing", |z| z.remove("mail", "AAAA")),
            ("against-missing", |z| z.remove_name("mail")),
            ("against-added", |z| z.add("aaa", 60, "TXT", "\"new\"")),
            ("against-added against-missing", |z| z.one("ns.secure", "A").rdata = "192.0.2.9".into()),
            ("against-ttl", |z| z.one("ns.secure", "A").ttl = 60),
        ];
        for (rules, change) in changes {
            let mut zone = zone.clone();
            change(&mut zone);
            let (found, json) = judge(&zone);
            assert_eq!(found, rules, "{kind}: {}", json["findings"]);
        }
    }
}

#[test]
fn a_sample_and_denied_warnings() {
    let zones = Zones::new();
    let (_, zone) = &zones.all[0];
    let found = zones.verdict(zone, &["--sample", "1"]);
    assert!(found.good && found.json["sampled"] == true);
    let (checked, all) = (found.json["checked"].as_u64(), found.json["signatures"].as_u64());
    assert!(checked < all && checked > Some(3), "{}", found.json);
    let mut zone = zone.clone();
    zone.sign_set("@", "DNSKEY", 1);
    assert!(zones.verdict(&zone, &[]).good);
    assert!(!zones.verdict(&zone, &["--deny", "sep"]).good);
}

/// From standard input there is but one reading.
#[test]
fn standard_input() {
    let zones = Zones::new();
    for (kind, zone) in &zones.all {
        let file = common::write(zones.folder.path(), "zone", &zone.text());
        let program = common::zoneseal(zones.folder.path());
        let outcome = std::process::Command::new(program.get_program())
            .args(["verify", "-"])
            .stdin(std::fs::File::open(&file).expect("the file"))
            .output()
            .expect("it runs");
        assert!(outcome.status.success(), "{kind}: {}", String::from_utf8_lossy(&outcome.stdout));
    }
}
