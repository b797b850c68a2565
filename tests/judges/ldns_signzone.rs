//! Called `ldns-signzone`, zoneseal must make the records that ldns-signzone makes of the same arguments, signatures byte
//! for byte, with keys that ldns-keygen made. Both results go through named-compilezone, which spells them alike.
//!
//! Where ldns 1.8.3 differs on purpose of ours, the comparison leaves out what [`excused`] lists, with the reason.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::bind::{self, Bind};
use crate::common::{self, Judge, Outcome};
use crate::zones::{self, ORIGIN, Sample};

const TIMES: [&str; 6] = ["-i", "20261101", "-e", "20261201000000", "-o", ORIGIN];

/// NSEC3 always with -t: ldns takes 1 iteration where nothing is said, which RFC 9276 forbids, and zoneseal none.
const MODES: [&[&str]; 11] = [
    &[],
    &["-n", "-t", "0"],
    &["-n", "-t", "0", "-p"],
    &["-n", "-t", "2", "-s", "C0FFEE", "-a", "1"],
    &["-p", "-s", "C0FFEE"],
    &["-A"],
    &["-u"],
    &["-d"],
    &["-z", "sha384", "-z", "1", "-Z"],
    &["-z", "simple:sha512", "-z", "1"],
    &["-n", "-t", "0", "-z", "2", "-b"],
];

/// All samples but one: in `TTLS` an RRset has several TTLs. ldns keeps them, against RFC 2181, section 5.2.
fn zones() -> [Sample; 8] {
    // of a label that is spelt in two ways zoneseal writes the first, as BIND does, ldns each as it came
    let case = zones::CASE.text.replace("B.Z ", "B.z ");
    // ldns writes a quotation mark in a label bare, which nobody reads back
    let escapes = zones::ESCAPES.text.replace("quo\\\"te", "quote");
    let edited = |sample: Sample, text: String| {
        assert_ne!(sample.text, text);
        Sample { text: text.leak(), ..sample }
    };
    [
        zones::APEX,
        zones::PLAIN,
        zones::DELEGATIONS,
        zones::DNAME,
        zones::OCCLUDED,
        edited(zones::CASE, case),
        edited(zones::ESCAPES, escapes),
        zones::UNKNOWN,
    ]
}

struct Both {
    theirs: Judge,
    keygen: Judge,
    bind: Bind,
    folder: tempfile::TempDir,
    link: PathBuf,
}

fn both() -> Option<Both> {
    let (theirs, keygen) = (common::judge("ldns-signzone")?, common::judge("ldns-keygen")?);
    let (bind, folder) = (bind::bind()?, common::folder());
    let link = folder.path().join("bin/ldns-signzone");
    fs::create_dir(folder.path().join("bin")).unwrap();
    std::os::unix::fs::symlink(common::zoneseal(folder.path()).get_program(), &link).unwrap();
    Some(Both { theirs, keygen, bind, folder, link })
}

impl Both {
    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn ours(&self, arguments: &[&str]) -> Outcome {
        let mut command = Command::new(&self.link);
        command.current_dir(self.path()).env("NO_COLOR", "1").args(arguments);
        common::run_limited(&mut command, common::LIMIT)
    }

    /// The base name of a new key.
    fn key(&self, algorithm: &str, options: &[&str]) -> String {
        let arguments = [&["-a", algorithm, "-b", "2048"], options, &[ORIGIN]].concat();
        let made = self.keygen.run(self.path(), &arguments).expect_ok("ldns-keygen makes a key");
        made.stdout.trim().to_owned()
    }

    /// Signs with both; the complaint, if the records differ.
    fn compare(&self, zone: Sample, mode: &[&str], keys: &[&str]) -> Result<(), String> {
        let title = format!("{}, {mode:?}, {keys:?}", zone.name);
        common::write(self.path(), "zone", zone.text);
        let start = now();
        let mut made = Vec::new();
        for name in ["theirs", "ours"] {
            let output = format!("{name}.signed");
            let arguments: Vec<&str> = [&TIMES[..], mode, &["-f", &output, "zone"], keys].concat();
            let outcome = match name {
                "ours" => self.ours(&arguments),
                _ => self.theirs.run(self.path(), &arguments),
            };
            if !outcome.ok() {
                return Err(format!("{title}: {}", outcome.describe()));
            }
            let records = self.bind.records(self.path(), ORIGIN, &self.path().join(&output));
            made.push(records.map_err(|error| format!("{title}: {error}"))?);
        }
        let mut serials = made.iter().map(|records| serial(records));
        let (theirs, ours) = (serials.next().unwrap(), serials.next().unwrap());
        let clock = start..=now();
        if theirs != ours && !(mode == ["-u"] && clock.contains(&theirs) && clock.contains(&ours)) {
            return Err(format!("{title}: the serials are {theirs} and {ours}"));
        }
        for records in &mut made {
            records.retain(|record| !excused(record, mode, theirs != ours));
        }
        let [theirs, ours] = made.as_slice() else { unreachable!("both have signed") };
        let only = |these: &[String], those: &[String], mark: &str| -> Vec<String> {
            let lone = these.iter().filter(|record| !those.contains(record));
            lone.take(5).map(|record| format!("\n  {mark} {record}")).collect()
        };
        let differences = [only(theirs, ours, "-"), only(ours, theirs, "+")].concat();
        if theirs == ours && !theirs.is_empty() {
            Ok(())
        } else {
            Err(format!("{title}:{}", differences.concat()))
        }
    }

    #[track_caller]
    fn expect_same(&self, zones: &[Sample], modes: &[&[&str]], keys: &[&str]) {
        let cases = zones.iter().flat_map(|zone| modes.iter().map(move |mode| (*zone, *mode)));
        let complaints: Vec<String> =
            cases.filter_map(|(zone, mode)| self.compare(zone, mode, keys).err()).collect();
        assert!(complaints.is_empty(), "{} complaints:\n{}", complaints.len(), complaints.join("\n"));
    }
}

/// What differs on purpose: the record itself, or what is computed over it.
fn excused(record: &str, mode: &[&str], serials_differ: bool) -> bool {
    let words: Vec<&str> = record.split_whitespace().collect();
    let of = |rtype: &str| words[3] == rtype || words[3] == "RRSIG" && words[4] == rtype;
    // ldns gives it a TTL of 3600; BIND and zoneseal one of 0, as no resolver asks for it
    let nsec3param = of("NSEC3PARAM");
    // the NSEC3PARAM is part of what is digested, and so is the serial
    let digest = (mode.contains(&"-n") || serials_differ) && of("ZONEMD");
    // two seconds of one clock
    nsec3param || digest || serials_differ && of("SOA")
}

fn serial(records: &[String]) -> u64 {
    let soa = records.iter().find(|record| record.split_whitespace().nth(3) == Some("SOA"));
    soa.and_then(|soa| soa.split_whitespace().nth(6)?.parse().ok()).expect("a zone has an SOA")
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970").as_secs()
}

#[test]
fn every_mode_on_every_zone() {
    let Some(both) = both() else { return };
    let keys = [both.key("ED25519", &["-k"]), both.key("ED25519", &[])];
    both.expect_same(&zones(), &MODES, &[&keys[0], &keys[1]]);
}

#[test]
fn rsa_and_two_algorithms() {
    let Some(both) = both() else { return };
    let rsa = [both.key("RSASHA256", &["-k"]), both.key("RSASHA256", &[])];
    let ed25519 = [both.key("ED25519", &["-k"]), both.key("ED25519", &[])];
    let zones = [zones::PLAIN, zones::DELEGATIONS];
    both.expect_same(&zones, &MODES, &[&rsa[0], &rsa[1]]);
    both.expect_same(&zones, &MODES[..2], &[&rsa[0], &ed25519[1], &rsa[1], &ed25519[0]]);
    // each has one half alone: -U lets it do all the work
    both.expect_same(&zones, &[&["-U"], &["-U", "-A"]], &[&ed25519[0], &rsa[1]]);
}

/// "If there are no SEP keys, the DNSKEY RRset is signed with the non-SEP keys", and the other way.
#[test]
fn keys_of_one_kind() {
    let Some(both) = both() else { return };
    let ksks = [both.key("ED25519", &["-k"]), both.key("RSASHA256", &["-k"])];
    let zsks = [both.key("ED25519", &[]), both.key("ED25519", &[])];
    let modes = [&MODES[..2], &[&["-A"]]].concat();
    for keys in [&ksks[..1], &ksks, &zsks[..1], &zsks] {
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        both.expect_same(&[zones::DELEGATIONS], &modes, &keys);
    }
}

/// Where flags and TTL of the DNSKEYs come from: the zone, the `.key` file, or nowhere.
#[test]
fn dnskeys_of_the_zone_and_of_key_files() {
    let Some(both) = both() else { return };
    let keys = [both.key("ED25519", &["-k"]), both.key("ED25519", &[])];
    let file = |base: &str| both.path().join(format!("{base}.key"));
    let dnskeys: String = keys.iter().map(|base| common::read(&file(base))).collect();
    let text = format!("{}{dnskeys}", zones::PLAIN.text);
    let zone = Sample { name: "with its DNSKEYs", text: text.leak() };
    both.expect_same(&[zone], &MODES, &[&keys[0], &keys[1]]);
    // by the DNSKEYs of the zone alone
    let private = |base: &str| both.path().join(format!("{base}.private"));
    for (base, name) in [(&keys[0], "one"), (&keys[1], "two")] {
        fs::copy(private(base), private(name)).unwrap();
    }
    both.expect_same(&[zone], &MODES[..2], &["one", "two"]);
    // by nothing: a ZSK
    both.expect_same(&[zones::PLAIN], &MODES[..2], &["two"]);
    // a .key file with a TTL
    for base in &keys {
        let text = common::read(&file(base)).replace("\tIN\t", "\t7200\tIN\t");
        fs::write(file(base), text).unwrap();
    }
    both.expect_same(&[zones::PLAIN], &MODES[..2], &[&keys[0], &keys[1]]);
}

#[test]
fn a_digest_without_keys() {
    let Some(both) = both() else { return };
    both.expect_same(&zones(), &[&["-Z", "-z", "sha384"], &["-Z", "-z", "1", "-z", "2"]], &[]);
}

/// The failures that ldns 1.8.3 ends with exit code 0: here they end with 1, and nothing is written.
#[test]
fn failures_are_failures() {
    let Some(both) = both() else { return };
    let (ksk, zsk) = (both.key("ED25519", &["-k"]), both.key("ED25519", &[]));
    let other = both.key("RSASHA256", &[]);
    common::write(both.path(), "zone", zones::PLAIN.text);
    let keys = [ksk.as_str(), zsk.as_str()];
    for arguments in [
        &["zone", &ksk, &zsk, "missing"][..],
        &["-f", "no/such/folder", "zone", &ksk, &zsk],
        &["-x", "zone", &ksk, &zsk],
        &["-e", "soon", "zone", &ksk, &zsk],
        &["-i", "20261201", "-e", "20261101", "zone", &ksk, &zsk],
        &["zone", &ksk, &other],
        &["-o", ORIGIN, "-", &ksk, &zsk],
    ] {
        let outcome = both.ours(&[&["-o", ORIGIN], arguments].concat());
        assert_eq!(outcome.code, Some(1), "{}", outcome.describe());
        assert!(!both.path().join("zone.signed").exists(), "{}", outcome.describe());
        assert!(outcome.stderr.contains("error: "), "{}", outcome.describe());
    }
    // and the same keys do sign
    let outcome = both.ours(&[&["-o", ORIGIN, "zone"], &keys[..]].concat()).expect_ok("the zone is signed");
    assert!(both.path().join("zone.signed").exists(), "{}", outcome.describe());
}
