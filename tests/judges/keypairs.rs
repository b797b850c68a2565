//! Key pairs: what BIND and ldns make is imported and signs; what is exported BIND and ldns take for their own.

use std::fs;
use std::path::{Path, PathBuf};

use crate::common::{self, Judge};

const ORIGIN: &str = "pair.example.";

const ZONE: &str = "$TTL 3600\n\
    @ SOA ns1 admin 1 7200 3600 1209600 3600\n\
    @ NS ns1\n\
    ns1 A 192.0.2.1\n\
    www A 192.0.2.2\n\
    *.wild TXT \"any\"\n";

/// Algorithms by number and by the name that `dnssec-keygen` and `ldns-keygen` know.
const ALGORITHMS: [(u8, &str); 5] =
    [(8, "RSASHA256"), (10, "RSASHA512"), (13, "ECDSAP256SHA256"), (14, "ECDSAP384SHA384"), (15, "ED25519")];

/// Times that are set in some way each: a key that signs now, and has all its ends before it.
const TIMES: [&str; 14] =
    ["-P", "-2d", "-A", "-1d", "-I", "+30d", "-D", "+60d", "-P", "sync", "-12h", "-D", "sync", "+50d"];

/// Runs a key generator and returns the base that it prints, in `folder`.
fn made(judge: &Judge, folder: &Path, arguments: &[&str]) -> PathBuf {
    let outcome = judge.run(folder, arguments).expect_ok("keys are made");
    folder.join(outcome.stdout.trim())
}

fn bind_pair(judge: &Judge, folder: &Path, algorithm: &str, ksk: bool) -> PathBuf {
    let mut arguments = vec!["-q", "-a", algorithm, "-L", "7200"];
    if algorithm.starts_with("RSA") {
        arguments.extend(["-b", "2048"]);
    }
    arguments.extend(TIMES);
    if ksk {
        arguments.extend(["-f", "KSK", "-R", "+45d"]);
    }
    arguments.push(ORIGIN);
    made(judge, folder, &arguments)
}

fn ldns_pair(judge: &Judge, folder: &Path, algorithm: &str, ksk: bool) -> PathBuf {
    let mut arguments = vec!["-a", algorithm];
    if algorithm.starts_with("RSA") {
        arguments.extend(["-b", "2048"]);
    }
    arguments.extend(ksk.then_some("-k"));
    arguments.push(ORIGIN);
    made(judge, folder, &arguments)
}

fn file(base: &Path, ending: &str) -> PathBuf {
    PathBuf::from(format!("{}.{ending}", base.display()))
}

/// `FLAGS 3 ALG KEY` of a `.key` file.
fn dnskey(base: &Path) -> String {
    let text = common::read(&file(base, "key"));
    let line = text.lines().find(|line| line.contains("DNSKEY")).expect("a .key file has a DNSKEY");
    let words: Vec<&str> = line.split(';').next().unwrap_or_default().split_whitespace().collect();
    let at = words.iter().position(|word| *word == "DNSKEY").expect("the line has the word");
    format!("{} {}", words[at + 1..at + 4].join(" "), words[at + 4..].concat())
}

/// Imports pairs into `keys/` and returns the PEM files.
fn import(folder: &Path, pairs: &[PathBuf]) -> Vec<PathBuf> {
    let mut command = common::zoneseal(folder);
    command.args(["key", "import"]).args(pairs);
    let outcome = common::run_limited(&mut command, common::LIMIT).expect_ok("pairs are imported");
    assert!(outcome.stderr.is_empty(), "{}", outcome.describe());
    outcome.stdout.lines().map(|line| folder.join(line)).collect()
}

/// Exports PEM files into `folder` and returns the bases of the pairs.
fn export(folder: &Path, pems: &[PathBuf]) -> Vec<PathBuf> {
    let mut command = common::zoneseal(folder);
    command.args(["key", "export", "--bind", "-d"]).arg(folder).args(pems);
    let outcome = common::run_limited(&mut command, common::LIMIT).expect_ok("keys are exported");
    outcome.stdout.lines().map(PathBuf::from).collect()
}

/// Signs the zone with `keys`, or with those in `keys/`, and shows it to both verifiers.
fn sign_and_verify(folder: &Path, keys: &[PathBuf]) -> PathBuf {
    let (zone, signed) = (common::write(folder, "zone", ZONE), folder.join("signed"));
    common::sign(folder, ORIGIN, &signed, &[], &zone, keys).expect_ok("the zone is signed");
    for (name, arguments) in [("dnssec-verify", &["-o", ORIGIN][..]), ("ldns-verify-zone", &[])] {
        if let Some(judge) = common::judge(name) {
            let mut arguments: Vec<&str> = arguments.to_vec();
            arguments.push("signed");
            judge.run(folder, arguments).expect_ok(name);
        }
    }
    signed
}

#[test]
fn pairs_of_bind_sign_and_come_back_as_they_were() {
    let Some(keygen) = common::judge("dnssec-keygen") else { return };
    for (number, name) in ALGORITHMS {
        let temp = common::folder();
        let made = common::folder();
        let folder = temp.path();
        let pairs = [true, false].map(|ksk| bind_pair(&keygen, made.path(), name, ksk));
        let pems = import(folder, &pairs);
        let signed = common::read(&sign_and_verify(folder, &[]));
        for pair in &pairs {
            assert!(
                signed.contains(&dnskey(pair)),
                "{name}: the DNSKEY of {} is in the zone",
                pair.display()
            );
        }
        // the tag in the name of the PEM file is that in the name of the pair
        for (pem, role, pair) in [(&pems[0], "ksk", &pairs[0]), (&pems[1], "zsk", &pairs[1])] {
            let tag = &pair.to_str().unwrap()[pair.to_str().unwrap().len() - 5..];
            assert!(pem.ends_with(format!("{role}-{number:03}-{tag}.pem")), "{}", pem.display());
        }
        for (pair, back) in pairs.iter().zip(export(folder, &pems)) {
            assert_eq!(pair.file_name(), back.file_name());
            assert_eq!(fs::read(file(pair, "private")).unwrap(), fs::read(file(&back, "private")).unwrap());
            assert_eq!(dnskey(pair), dnskey(&back));
            let Some(settime) = common::judge("dnssec-settime") else { continue };
            let times = |base: &Path| {
                let path = file(base, "private");
                let arguments =
                    ["-p", "all", "-u"].map(std::ffi::OsString::from).into_iter().chain([path.into()]);
                settime.run(folder, arguments).expect_ok("dnssec-settime reads the pair").stdout
            };
            assert_eq!(times(pair), times(&back));
            assert!(times(&back).contains("SYNC Publish: 1"), "{}", times(&back));
        }
        // and without an import, the pairs named as they are
        fs::remove_file(folder.join("signed")).unwrap();
        let named = [file(&pairs[0], "key"), pairs[1].clone()];
        let again = common::read(&sign_and_verify(folder, &named));
        assert!(pairs.iter().all(|pair| again.contains(&dnskey(pair))));
    }
}

#[test]
fn pairs_of_ldns_sign_and_come_back() {
    let Some(keygen) = common::judge("ldns-keygen") else { return };
    for (_, name) in ALGORITHMS {
        let temp = common::folder();
        let folder = temp.path();
        let pairs = [true, false].map(|ksk| ldns_pair(&keygen, folder, name, ksk));
        let pems = import(folder, &pairs);
        let signed = common::read(&sign_and_verify(folder, &pems));
        for (pair, back) in pairs.iter().zip(export(&folder.join("keys"), &pems)) {
            assert!(signed.contains(&dnskey(pair)), "{name}");
            assert_eq!(pair.file_name(), back.file_name());
            assert_eq!(dnskey(pair), dnskey(&back));
        }
    }
}

/// One in 256 ECDSA keys of ldns has a number with a zero octet in front, which ldns leaves out.
#[test]
fn many_pairs_of_ldns_are_read() {
    let Some(keygen) = common::judge("ldns-keygen") else { return };
    let temp = common::folder();
    let mut short = 0;
    for round in 0..400 {
        let base = ldns_pair(&keygen, temp.path(), "ECDSAP256SHA256", round % 2 == 0);
        let private = common::read(&file(&base, "private"));
        short += usize::from(private.contains("==\n"));
        common::run(temp.path(), ["key".as_ref(), "show".as_ref(), base.as_os_str()])
            .expect_ok("a pair of ldns is read");
    }
    eprintln!("{short} of 400 keys have short numbers");
}

#[test]
fn bind_and_ldns_sign_with_what_is_exported() {
    for (number, name) in ALGORITHMS {
        let temp = common::folder();
        let folder = temp.path();
        let pems = common::keygen(folder, number, ORIGIN);
        let pairs = export(folder, &pems);
        let zone = common::write(folder, "zone", ZONE);
        if let Some(signzone) = common::judge("dnssec-signzone") {
            let arguments = ["-S", "-K", ".", "-o", ORIGIN, "-f", "by-bind", "zone"];
            signzone.run(folder, arguments).expect_ok("dnssec-signzone takes the exported pairs");
            // BIND breaks a public key into several words
            let signed: String = common::read(&folder.join("by-bind")).split_whitespace().collect();
            for pair in &pairs {
                let public = dnskey(pair).split(' ').next_back().map(str::to_owned);
                assert!(public.is_some_and(|key| signed.contains(&key)), "{name}: {}", pair.display());
            }
            if let Some(verify) = common::judge("dnssec-verify") {
                verify.run(folder, ["-o", ORIGIN, "by-bind"]).expect_ok("the zone is good");
            }
        }
        if let Some(signzone) = common::judge("ldns-signzone") {
            let mut command = std::process::Command::new(&signzone.path);
            command.current_dir(folder).args(["-o", ORIGIN, "-f", "by-ldns"]).arg(&zone).args(&pairs);
            common::run_limited(&mut command, common::LIMIT)
                .expect_ok("ldns-signzone takes the exported pairs");
            let signed = common::read(&folder.join("by-ldns"));
            for pair in &pairs {
                assert!(signed.contains(&dnskey(pair)), "{name}: {} is in the zone", pair.display());
            }
            if let Some(verify) = common::judge("ldns-verify-zone") {
                verify.run(folder, ["by-ldns"]).expect_ok("the zone is good");
            }
        }
        if let Some(revoke) = common::judge("dnssec-revoke") {
            let outcome =
                revoke.run(folder, [file(&pairs[0], "private").as_os_str()]).expect_ok("the key is revoked");
            let revoked = folder.join(outcome.stdout.trim());
            let shown = common::run(folder, ["key".as_ref(), "show".as_ref(), revoked.as_os_str()])
                .expect_ok("a revoked pair is read");
            assert!(shown.stdout.contains("stage         revoked"), "{}", shown.describe());
            assert!(shown.stdout.contains(&dnskey(&revoked)), "{}", shown.describe());
        }
    }
}
