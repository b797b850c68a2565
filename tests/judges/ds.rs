//! The DS records of `zoneseal ds` must be those of dnssec-dsfromkey and ldns-key2ds.

use std::collections::BTreeSet;
use std::path::Path;

use crate::bindkeys;
use crate::common::{self, Outcome};
use crate::matrix::ALGORITHMS;
use crate::zones::{self, ORIGIN};

/// The DS records in a tool's output, in one spelling: owner, tag, algorithm, digest type, digest. TTL and class go.
fn records(outcome: &Outcome) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for line in outcome.stdout.lines() {
        let line = line.split(';').next().unwrap_or_default().to_ascii_lowercase();
        let words: Vec<&str> = line.split_whitespace().collect();
        let Some(place) = words.iter().position(|word| *word == "ds") else { continue };
        let [tag, algorithm, kind, digest @ ..] = &words[place + 1..] else { continue };
        found.insert(format!("{} {tag} {algorithm} {kind} {}", words[0], digest.concat()));
    }
    found
}

/// A zone signed with this algorithm: the KSK's file and the signed zone's, both names in `folder`.
fn signed(folder: &Path, algorithm: u8) -> (String, String) {
    let keys = common::keygen(folder, algorithm, ORIGIN);
    let file = common::write(folder, "zone", zones::PLAIN.text);
    let signed = folder.join("signed");
    common::sign(folder, ORIGIN, &signed, &[], &file, &keys).expect_ok("sign");
    let ksk = keys[0].to_str().expect("the paths of the test are UTF-8").to_owned();
    (ksk, "signed".to_owned())
}

#[test]
fn ds_is_what_bind_makes() {
    let Some(judge) = common::judge("dnssec-dsfromkey") else { return };
    for algorithm in ALGORITHMS {
        let folder = common::folder();
        let (ksk, zone) = signed(folder.path(), algorithm);
        for (digest, option) in [("sha256", "SHA-256"), ("sha384", "SHA-384")] {
            let theirs = judge
                .run(folder.path(), ["-a", option, "-f", &zone, ORIGIN])
                .expect_ok("dnssec-dsfromkey reads the signed zone");
            let theirs = records(&theirs);
            assert_eq!(theirs.len(), 1, "one KSK, one DS: {theirs:?}");
            for source in [&ksk, &zone] {
                let ours = common::run(folder.path(), ["ds", "--digest", digest, source]).expect_ok("ds");
                assert_eq!(records(&ours), theirs, "algorithm {algorithm}, {digest}: {}", ours.describe());
            }
        }
        let (plain, named) = (["ds", &ksk].to_vec(), ["ds", "--digest", "sha256", &ksk].to_vec());
        let plain = common::run(folder.path(), plain).expect_ok("ds");
        let named = common::run(folder.path(), named).expect_ok("ds --digest sha256");
        assert_eq!(records(&plain), records(&named), "SHA-256 is the default");
    }
}

#[test]
fn ds_is_what_ldns_makes() {
    let Some(judge) = common::judge("ldns-key2ds") else { return };
    for algorithm in ALGORITHMS {
        let folder = common::folder();
        let (ksk, zone) = signed(folder.path(), algorithm);
        let key = bindkeys::dnskeys(&common::read(&folder.path().join(&zone)))
            .into_iter()
            .find(|key| key.flags == 257)
            .expect("the KSK is in the signed zone");
        common::write(folder.path(), "key", &format!("{ORIGIN} 3600 IN DNSKEY {}\n", key.text()));
        for (digest, option) in [("sha256", "-2"), ("sha384", "-4")] {
            let theirs = judge.run(folder.path(), ["-n", option, "key"]).expect_ok("ldns-key2ds");
            let ours = common::run(folder.path(), ["ds", "--digest", digest, &ksk]).expect_ok("ds");
            assert_eq!(records(&ours), records(&theirs), "algorithm {algorithm}, {digest}");
        }
    }
}

/// RFC 9904: SHA-1 must not be used for delegation.
#[test]
fn ds_refuses_sha1() {
    let folder = common::folder();
    let (ksk, _) = signed(folder.path(), 13);
    let outcome = common::run(folder.path(), ["ds", "--digest", "sha1", &ksk]);
    assert!(matches!(outcome.code, Some(1 | 2)), "{}", outcome.describe());
    assert!(outcome.stdout.is_empty(), "nothing that could be published: {}", outcome.describe());
}
