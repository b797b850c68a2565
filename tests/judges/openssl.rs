//! openssl must read the keys that keygen makes, and zoneseal must sign with the keys that openssl makes.

use crate::common;
use crate::matrix::ALGORITHMS;
use crate::zones::{self, ORIGIN};

#[test]
fn openssl_reads_what_keygen_makes() {
    let Some(openssl) = common::judge("openssl") else { return };
    for algorithm in ALGORITHMS {
        let folder = common::folder();
        for key in common::keygen(folder.path(), algorithm, ORIGIN) {
            let key = key.to_str().expect("the paths of the test are UTF-8");
            let outcome = openssl
                .run(folder.path(), ["pkey", "-in", key, "-noout", "-text"])
                .expect_ok(&format!("algorithm {algorithm}"));
            let expected = match algorithm {
                8 | 10 => "2048 bit",
                13 => "prime256v1",
                14 => "secp384r1",
                _ => "ED25519",
            };
            assert!(outcome.stdout.contains(expected), "algorithm {algorithm}: {}", outcome.describe());
            // not every kind of key has a consistency check in openssl; where there is one it must pass
            if algorithm != 15 {
                openssl
                    .run(folder.path(), ["pkey", "-in", key, "-noout", "-check"])
                    .expect_ok(&format!("algorithm {algorithm}: the key is consistent"));
            }
        }
    }
}

/// How openssl makes a key: a name, the arguments before `-out FILE`, and the DNSSEC algorithm it must sign with.
const MADE: [(&str, &[&str], &str); 9] = [
    ("P-256", &["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"], "13"),
    ("P-384", &["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"], "14"),
    ("Ed25519", &["genpkey", "-algorithm", "ED25519"], "15"),
    ("RSA", &["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"], "8"),
    ("genrsa", &["genrsa"], "8"),
    ("genrsa PKCS#1", &["genrsa", "-traditional"], "8"),
    ("ecparam P-256", &["ecparam", "-name", "prime256v1", "-genkey", "-noout"], "13"),
    // with the block EC PARAMETERS before the key, as openssl writes it unless it is told not to
    ("ecparam P-256 with parameters", &["ecparam", "-name", "prime256v1", "-genkey"], "13"),
    ("ecparam P-384 with parameters", &["ecparam", "-name", "secp384r1", "-genkey"], "14"),
];

#[test]
fn keys_of_openssl_sign() {
    let (Some(openssl), Some(judge)) = (common::judge("openssl"), common::judge("dnssec-verify")) else {
        return;
    };
    let mut complaints = Vec::new();
    for (name, arguments, algorithm) in MADE {
        let folder = common::folder();
        for key in ["one.pem", "two.pem"] {
            let mut arguments = arguments.to_vec();
            arguments.extend(["-out", key]);
            if arguments[0] == "genrsa" {
                arguments.push("2048");
            }
            openssl.run(folder.path(), arguments).expect_ok(name);
        }
        let file = common::write(folder.path(), "zone", zones::PLAIN.text);
        for roles in [vec!["--ksk", "one.pem", "--zsk", "two.pem"], vec!["--csk", "one.pem"]] {
            let signed = folder.path().join("signed");
            let outcome = common::sign(folder.path(), ORIGIN, &signed, &roles, &file, &[]);
            if !outcome.ok() {
                complaints.push(format!("{name}, {roles:?}: {}", outcome.describe()));
                continue;
            }
            let found = crate::bindkeys::dnskeys(&common::read(&signed));
            if found.len() != roles.len() / 2
                || found.iter().any(|key| key.algorithm.to_string() != algorithm || key.flags & 0x0100 == 0)
            {
                complaints.push(format!("{name}, {roles:?}: DNSKEYs {found:?}"));
            }
            let signed = signed.to_str().expect("the paths of the test are UTF-8");
            // -z: a key with the SEP flag may sign everything
            let mut arguments = if roles.len() == 2 { vec!["-z"] } else { vec![] };
            arguments.extend(["-q", "-o", ORIGIN, signed]);
            let outcome = judge.run(folder.path(), arguments);
            if !outcome.ok() {
                complaints.push(format!("{name}, {roles:?}: {}", outcome.describe()));
            }
        }
    }
    assert!(complaints.is_empty(), "{} complaints:\n{}", complaints.len(), complaints.join("\n"));
}
