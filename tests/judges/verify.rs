//! `zoneseal verify` beside the verifiers that nobody here wrote: on good zones it must say what they say, whoever signed
//! them, and where it says something else, `verify.tsv` says who is right and why.

use std::collections::BTreeSet;
use std::path::Path;

use crate::common::{self, Judge};
use crate::matrix::ALGORITHMS;
use crate::zones::{COMMON, ORIGIN, Sample};

/// The columns of the corpus's index that hold verdicts, and whose they are.
const COLUMNS: [(&str, &str); 4] = [
    ("ldns_verify_zone", "ldns-verify-zone"),
    ("dnssec_verify", "dnssec-verify"),
    ("kzonecheck_at_time", "kzonecheck"),
    ("validns_at_time", "validns"),
];

/// The verdicts of the other verifiers are those that the corpus was recorded with.
#[test]
fn agrees_on_zones_of_others_or_is_right() {
    let Some(corpus) = common::corpus() else { return };
    let folder = corpus.join("signed");
    let index = common::read(&folder.join("index.tsv"));
    let mut lines = index.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    let header = lines.next().expect("the index has a header");
    let column = |name| header.iter().position(|title| *title == name).expect("the index has the column");
    let (mut found, mut zones, mut good_for_all) = (BTreeSet::new(), 0, 0);
    for line in lines {
        let (file, origin, time) =
            (line[column("file")], line[column("origin")], line[column("verify_time_unix")]);
        let outcome = common::run(&folder, ["verify", "-q", "-o", origin, "--at", time, file]);
        let good = outcome.ok();
        zones += 1;
        let mut agree = true;
        for (title, judge) in COLUMNS {
            // a judge that crashed or hung has said nothing of a bad zone, and of a good one that it is not
            let theirs = line[column(title)];
            if (theirs == "ok") != good && (good || theirs == "ok") {
                agree = false;
                let ours = if good { "good" } else { "bad" };
                found.insert((file.to_owned(), judge.to_owned(), ours.to_owned()));
            }
        }
        good_for_all += usize::from(good && agree);
    }
    let listed: BTreeSet<(String, String, String)> = include_str!("verify.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let words: Vec<&str> = line.split('\t').collect();
            assert_eq!(words.len(), 5, "verify.tsv: {line}");
            (words[0].to_owned(), words[1].to_owned(), words[2].to_owned())
        })
        .collect();
    let wrong: Vec<_> = found.symmetric_difference(&listed).collect();
    eprintln!("{zones} zones, {good_for_all} good for all, {} disagreements", found.len());
    assert!(good_for_all > 5, "{good_for_all} of {zones}");
    assert!(wrong.is_empty(), "listed and not found, or found and not listed:\n{wrong:#?}");
}

/// zoneseal's word on a zone that must be good.
#[track_caller]
fn good(folder: &Path, file: &str, what: &str) {
    let outcome = common::run(folder, ["verify", "-o", ORIGIN, file]);
    assert!(outcome.ok(), "{what}: {}", outcome.describe());
    assert!(!outcome.stdout.contains("\nerror "), "{what}: {}", outcome.stdout);
}

/// The sample zone in a new folder, with a pair of keys as BIND and ldns have them.
fn prepare(sample: &Sample, algorithm: u8) -> (tempfile::TempDir, Vec<String>) {
    let temp = common::folder();
    let folder = temp.path();
    common::write(folder, "zone", sample.text);
    let pems = common::keygen(folder, algorithm, ORIGIN);
    let mut command = common::zoneseal(folder);
    command.args(["key", "export", "--bind", "-d", "."]).args(&pems);
    let outcome = common::run_limited(&mut command, common::LIMIT).expect_ok("key export");
    let words = outcome.stdout.split_whitespace();
    let mut bases: Vec<String> =
        words.map(|word| word.trim_end_matches(".key").trim_end_matches(".private").to_owned()).collect();
    bases.sort();
    bases.dedup();
    assert_eq!(bases.len(), 2, "{}", outcome.describe());
    (temp, bases)
}

#[test]
fn zones_that_bind_signs_are_good() {
    let Some(signzone) = common::judge("dnssec-signzone") else { return };
    for sample in &COMMON {
        for algorithm in ALGORITHMS {
            let (temp, _) = prepare(sample, algorithm);
            for chain in [&[][..], &["-3", "-"], &["-3", "ABCD", "-H", "5"], &["-3", "-", "-A"], &["-x"]] {
                let mut arguments = vec!["-S", "-K", ".", "-o", ORIGIN, "-f", "signed"];
                arguments.extend(chain);
                arguments.push("zone");
                signzone.run(temp.path(), &arguments).expect_ok("dnssec-signzone");
                good(temp.path(), "signed", &format!("{}, algorithm {algorithm}, {chain:?}", sample.name));
            }
        }
    }
}

#[test]
fn zones_that_ldns_signs_are_good() {
    let Some(signzone) = common::judge("ldns-signzone") else { return };
    for sample in &COMMON {
        for algorithm in ALGORITHMS {
            let (temp, bases) = prepare(sample, algorithm);
            // ldns leaves the TTL of an RRset as it is and has no origin option for relative names
            let text = format!("$ORIGIN {ORIGIN}\n{}", sample.text);
            common::write(temp.path(), "zone", &text);
            for chain in
                [&[][..], &["-n", "-t", "0"], &["-n", "-t", "3", "-s", "AB"], &["-n", "-p", "-t", "0"]]
            {
                let mut arguments = vec!["-o", ORIGIN, "-f", "signed"];
                arguments.extend(chain);
                arguments.push("zone");
                arguments.extend(bases.iter().map(String::as_str));
                signzone.run(temp.path(), &arguments).expect_ok("ldns-signzone");
                good(temp.path(), "signed", &format!("{}, algorithm {algorithm}, {chain:?}", sample.name));
            }
        }
    }
}

/// kzonesign makes its own keys, and writes NSEC3 records behind all others.
#[test]
fn zones_that_knot_signs_are_good() {
    let Some(kzonesign) = common::judge("kzonesign") else { return };
    for sample in &COMMON {
        for algorithm in ["rsasha256", "ecdsap256sha256", "ecdsap384sha384", "ed25519"] {
            for denial in ["nsec3: off", "nsec3: on", "nsec3: on\n    nsec3-opt-out: on"] {
                let temp = common::folder();
                let folder = temp.path();
                common::write(folder, "zone", sample.text);
                std::fs::create_dir(folder.join("out")).expect("a folder");
                let place = folder.display();
                let conf = format!(
                    "database:\n    storage: {place}\npolicy:\n  - id: p\n    algorithm: {algorithm}\n    {denial}\n\
                     zone:\n  - domain: {ORIGIN}\n    storage: {place}\n    file: zone\n    dnssec-signing: on\n    \
                     dnssec-policy: p\n"
                );
                common::write(folder, "knot.conf", &conf);
                let arguments = ["-c", "knot.conf", "-o", "out", ORIGIN];
                kzonesign.run(folder, arguments).expect_ok("kzonesign");
                good(folder, "out/zone", &format!("{}, {algorithm}, {denial}", sample.name));
            }
        }
    }
}

/// What zoneseal signs, all of them must find good: here side by side with `zoneseal verify`.
#[test]
fn zones_that_zoneseal_signs_are_good_for_all() {
    let names = ["dnssec-verify", "ldns-verify-zone", "kzonecheck"];
    let judges: Vec<Judge> = names.iter().filter_map(|name| common::judge(name)).collect();
    for sample in &COMMON {
        for (algorithm, options) in [(13, &[][..]), (14, &["-n"]), (15, &["-P"]), (8, &["-n", "-p"])] {
            let temp = common::folder();
            let folder = temp.path();
            let zone = common::write(folder, "zone", sample.text);
            let keys = common::keygen(folder, algorithm, ORIGIN);
            common::sign(folder, ORIGIN, &folder.join("signed"), options, &zone, &keys).expect_ok("sign");
            good(folder, "signed", sample.name);
            for judge in &judges {
                let arguments: &[&str] = match judge.name {
                    "dnssec-verify" => &["-q", "-o", ORIGIN, "signed"],
                    "kzonecheck" => &["-d", "on", "-o", ORIGIN, "signed"],
                    _ => &["signed"],
                };
                judge.run(folder, arguments).expect_ok(sample.name);
            }
        }
    }
}
