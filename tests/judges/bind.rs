//! BIND: what zoneseal signs must pass dnssec-verify, and must be, record for record and signature byte for byte, what
//! dnssec-signzone makes of the same file with the same keys and times.
//!
//! Ed25519 and RSA signatures are functions of their input, so any difference in names, TTLs, chains, canonical forms or
//! key handling shows. Both results go through named-compilezone, which gives one record a line in one spelling.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use crate::bindkeys;
use crate::common::{self, Judge};
use crate::corpus::{self, Entry, Refusal};
use crate::matrix::{self, ALGORITHMS};
use crate::zones::{self, ORIGIN, Sample};

const INCEPTION: &str = "20261101000000";
const EXPIRATION: &str = "20261201000000";
const NOW: &str = "20261110000000";

/// The two tools that the comparison needs.
struct Bind {
    signzone: Judge,
    compilezone: Judge,
}

fn bind() -> Option<Bind> {
    Some(Bind {
        signzone: common::judge("dnssec-signzone")?,
        compilezone: common::judge("named-compilezone")?,
    })
}

/// Why there is no identity.
enum Difference {
    /// BIND does not sign this zone, or does not read it.
    BindRefuses(String),
    /// zoneseal does not sign it, or the results differ.
    Ours(String),
}

impl Bind {
    /// The records of a zone file, sorted, one a line.
    fn records(&self, folder: &Path, origin: &str, file: &Path) -> Result<Vec<String>, String> {
        let dump = file.with_extension("dump");
        let mut arguments: Vec<&str> =
            "-q -i none -k ignore -n ignore -m ignore -M ignore -S ignore -r ignore \
            -T ignore -W ignore -f text -F text -s full"
                .split_whitespace()
                .collect();
        let (dump_path, file_path) = (path_text(&dump), path_text(file));
        arguments.extend(["-o", &dump_path, origin, &file_path]);
        let outcome = self.compilezone.run(folder, arguments);
        if !outcome.ok() {
            return Err(outcome.describe());
        }
        let bytes = fs::read(&dump).map_err(|error| format!("{dump_path}: {error}"))?;
        let text = String::from_utf8_lossy(&bytes);
        let mut records: Vec<String> =
            text.lines().filter(|line| !line.is_empty() && !line.starts_with(';')).map(tidy).collect();
        records.sort();
        Ok(records)
    }

    /// Signs with both and compares.
    fn compare(
        &self,
        folder: &Path,
        origin: &str,
        file: &Path,
        keys: &[PathBuf],
        ours_options: &[&str],
    ) -> Result<(), Difference> {
        let beside = file.parent().expect("a zone file has a folder");
        let ours = folder.join("ours.signed");
        let mut options = vec!["-i", INCEPTION, "-e", EXPIRATION, "--now", NOW];
        options.extend(ours_options);
        let outcome = common::sign(folder, origin, &ours, &options, file, keys);
        if !outcome.ok() {
            return Err(Difference::Ours(outcome.describe()));
        }
        let ours = self.records(folder, origin, &ours).map_err(Difference::Ours)?;

        let key_folder = bindkeys::subfolder(folder, "K");
        for key in keys {
            bindkeys::export(key, origin, &ours.join("\n"), &key_folder);
        }
        let theirs = folder.join("theirs.signed");
        let (key_path, folder_path) = (path_text(&key_folder), path_text(folder));
        let (theirs_path, file_path) = (path_text(&theirs), path_text(file));
        let mut arguments = vec!["-q", "-S", "-x", "-P", "-K", &key_path, "-d", &folder_path];
        arguments.extend(["-s", INCEPTION, "-e", EXPIRATION]);
        arguments.extend(["-o", origin, "-f", &theirs_path, &file_path]);
        let outcome = self.signzone.run(beside, arguments);
        if !outcome.ok() {
            return Err(Difference::BindRefuses(outcome.gist()));
        }
        let theirs = self.records(folder, origin, &theirs).map_err(Difference::BindRefuses)?;
        differences(&ours, &theirs).map_err(Difference::Ours)
    }
}

fn path_text(path: &Path) -> String {
    path.to_str().expect("the paths of the test are UTF-8").to_owned()
}

/// One record with single blanks between its fields, without the comment that follows a DNSKEY.
fn tidy(line: &str) -> String {
    let mut words: Vec<&str> = line.split_whitespace().collect();
    if words.get(3) == Some(&"DNSKEY") {
        words.truncate(words.iter().position(|word| word.starts_with(';')).unwrap_or(words.len()));
    }
    words.join(" ")
}

/// The records that only one side has: how many, and the first ten.
fn differences(ours: &[String], theirs: &[String]) -> Result<(), String> {
    if ours == theirs {
        return Ok(());
    }
    let ours: BTreeSet<&String> = ours.iter().collect();
    let theirs: BTreeSet<&String> = theirs.iter().collect();
    let only_ours = ours.difference(&theirs).map(|record| (record, "zoneseal"));
    let only_theirs = theirs.difference(&ours).map(|record| (record, "BIND    "));
    let mut different: Vec<_> = only_ours.chain(only_theirs).collect();
    // plain records before signatures: a signature differs because something else does
    different.sort_by_key(|(record, _)| (record.contains(" IN RRSIG "), **record));
    let mut text = format!("{} records differ:", different.len());
    for (record, side) in different.iter().take(10) {
        let cut = record.char_indices().nth(220).map_or(record.len(), |(place, _)| place);
        let _ = write!(text, "\n    {side} {}", &record[..cut]);
    }
    Err(text)
}

/// Compares on zones of this folder, all with the same keys.
#[track_caller]
fn identical_samples(algorithm: u8, samples: &[Sample]) {
    let Some(bind) = bind() else { return };
    let folder = common::folder();
    let keys = common::keygen(folder.path(), algorithm, ORIGIN);
    let mut complaints = Vec::new();
    for Sample { name, text } in samples {
        let file = common::write(folder.path(), &format!("{name}.zone"), text);
        match bind.compare(folder.path(), ORIGIN, &file, &keys, &[]) {
            Ok(()) => {}
            Err(Difference::BindRefuses(words)) => complaints.push(format!("{name}: BIND refuses: {words}")),
            Err(Difference::Ours(words)) => complaints.push(format!("{name}: {words}")),
        }
    }
    assert!(complaints.is_empty(), "{} zones differ:\n{}", complaints.len(), complaints.join("\n"));
}

#[test]
fn ed25519_is_what_bind_makes() {
    identical_samples(15, &zones::ALL);
}

#[test]
fn rsasha256_is_what_bind_makes() {
    identical_samples(8, &zones::ALL);
}

#[test]
fn rsasha512_is_what_bind_makes() {
    identical_samples(10, &[zones::PLAIN]);
}

#[test]
fn every_real_zone_is_what_bind_makes() {
    let (Some(corpus), Some(bind)) = (common::corpus(), bind()) else { return };
    let entries = corpus::entries(&corpus);
    let refusals = corpus::examine_all(&entries, |entry| {
        let folder = common::folder();
        let refusal = |judge, words| vec![Refusal { zone: entry.file.clone(), judge, words }];
        let file = match without_foreign_keys(&bind, &corpus, entry, folder.path()) {
            Ok(file) => file,
            Err(words) => return refusal("named-compilezone", words),
        };
        let keys = common::keygen(folder.path(), 15, &entry.origin);
        let mut options = entry.options();
        options.retain(|option| *option != "--drop-foreign-keys");
        match bind.compare(folder.path(), &entry.origin, &file, &keys, &options) {
            Ok(()) => Vec::new(),
            Err(Difference::BindRefuses(words)) => refusal("dnssec-signzone", words),
            Err(Difference::Ours(words)) => refusal("identity", words),
        }
    });
    let judges = ["named-compilezone", "dnssec-signzone", "identity"];
    corpus::settle("identity with BIND", entries.len(), &judges, &refusals);
}

/// The zone's own file; or, where other signers' DNSKEYs are in it, a copy without any DNSSEC record: dnssec-signzone
/// keeps such keys, and the comparison is about the rest.
fn without_foreign_keys(bind: &Bind, corpus: &Path, entry: &Entry, folder: &Path) -> Result<PathBuf, String> {
    let (file, beside) = corpus::place(corpus, entry);
    if !entry.dnskeys {
        return Ok(file);
    }
    let copy = folder.join("input");
    fs::copy(&file, &copy).map_err(|error| format!("{}: {error}", copy.display()))?;
    let signed = ["DNSKEY", "RRSIG", "NSEC", "NSEC3", "NSEC3PARAM", "ZONEMD", "CDS", "CDNSKEY"];
    let mut records = bind.records(&beside, &entry.origin, &copy)?;
    records.retain(|record| record.split(' ').nth(3).is_none_or(|name| !signed.contains(&name)));
    Ok(common::write(folder, "input.zone", &(records.join("\n") + "\n")))
}

#[test]
fn dnssec_verify_accepts_every_algorithm() {
    let Some(judge) = common::judge("dnssec-verify") else { return };
    matrix::each(&ALGORITHMS, &zones::COMMON, |case| {
        let folder = case.signed.parent().expect("a file has a folder");
        matrix::accepted(&judge.run(folder, ["-q", "-o", ORIGIN, &path_text(&case.signed)]))
    });
}
