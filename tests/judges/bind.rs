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
use crate::matrix::{self, ALGORITHMS, CHAINS};
use crate::zones::{self, COMMON, ORIGIN, Sample};

const INCEPTION: &str = "20261101000000";
const EXPIRATION: &str = "20261201000000";
const NOW: &str = "20261110000000";

/// The two tools that the comparison needs.
pub(crate) struct Bind {
    signzone: Judge,
    compilezone: Judge,
}

pub(crate) fn bind() -> Option<Bind> {
    Some(Bind {
        signzone: common::judge("dnssec-signzone")?,
        compilezone: common::judge("named-compilezone")?,
    })
}

/// Why there is no identity.
enum Difference {
    /// BIND does not sign this zone, or does not read it.
    BindRefuses(String),
    /// zoneseal does not sign it.
    OursRefuses(String),
    /// The results differ.
    Ours(String),
}

impl Bind {
    /// The records of a zone file, sorted, one a line.
    pub(crate) fn records(&self, folder: &Path, origin: &str, file: &Path) -> Result<Vec<String>, String> {
        let dump = file.with_extension("dump");
        let mut arguments: Vec<&str> = "-i none -k ignore -n ignore -m ignore -M ignore -S ignore -r ignore \
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

    /// Signs with both and compares. The files are those given to zoneseal and to dnssec-signzone.
    fn compare(
        &self,
        folder: &Path,
        origin: &str,
        [file, theirs_file]: [&PathBuf; 2],
        keys: &[PathBuf],
        ours_options: &[&str],
        theirs_options: &[&str],
    ) -> Result<(), Difference> {
        let beside = theirs_file.parent().expect("a zone file has a folder");
        let ours = folder.join("ours.signed");
        let mut options = vec!["-i", INCEPTION, "-e", EXPIRATION, "--now", NOW];
        options.extend(ours_options);
        let outcome = common::sign(folder, origin, &ours, &options, file, keys);
        if !outcome.ok() {
            return Err(Difference::OursRefuses(outcome.describe()));
        }
        let ours = match self.records(folder, origin, &ours) {
            Ok(records) => records,
            // what BIND cannot read of the signed zone is our affair only if it can read the unsigned one
            Err(words) => {
                let copy = folder.join("theirs");
                fs::copy(theirs_file, &copy).expect("a zone file can be copied");
                return Err(match self.records(beside, origin, &copy) {
                    Ok(_) => Difference::Ours(words),
                    Err(_) => Difference::BindRefuses(words),
                });
            }
        };

        let key_folder = bindkeys::subfolder(folder, "K");
        for key in keys {
            bindkeys::export(key, origin, &ours.join("\n"), &key_folder).map_err(Difference::BindRefuses)?;
        }
        let theirs = folder.join("theirs.signed");
        let (key_path, folder_path) = (path_text(&key_folder), path_text(folder));
        let (theirs_path, file_path) = (path_text(&theirs), path_text(theirs_file));
        let mut arguments = vec!["-q", "-S", "-x", "-P", "-K", &key_path, "-d", &folder_path];
        arguments.extend(["-s", INCEPTION, "-e", EXPIRATION]);
        arguments.extend(theirs_options);
        arguments.extend(["-o", origin, "-f", &theirs_path, &file_path]);
        let outcome = self.signzone.run(beside, arguments);
        if !outcome.ok() {
            return Err(Difference::BindRefuses(outcome.gist()));
        }
        let theirs = self.records(folder, origin, &theirs).map_err(Difference::BindRefuses)?;
        let theirs: Vec<String> = theirs.iter().map(|record| uncut(record)).collect();
        differences(&ours, &theirs).map_err(Difference::Ours)
    }
}

fn path_text(path: &Path) -> String {
    path.to_str().expect("the paths of the test are UTF-8").to_owned()
}

/// One record with single blanks between its fields, without the comment that follows a DNSKEY. The owner in lower case:
/// what BIND prints of its case depends on the order in which it has met the records; signatures do not.
pub(crate) fn tidy(line: &str) -> String {
    let owner = line.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
    let mut words: Vec<&str> =
        std::iter::once(owner.as_str()).chain(line.split_whitespace().skip(1)).collect();
    if words.get(3) == Some(&"DNSKEY") {
        words.truncate(words.iter().position(|word| word.starts_with(';')).unwrap_or(words.len()));
    }
    words.join(" ")
}

/// A record of BIND's with the TTL that a signature must have. dnssec-signzone cuts it to the validity, here 30 days,
/// against RFC 4034, section 3: "The TTL value of an RRSIG RR MUST match the TTL value of the RRset it covers."
fn uncut(record: &str) -> String {
    let mut words: Vec<&str> = record.split(' ').collect();
    if let [_, ttl @ "2592000", _, "RRSIG", _, _, _, original, ..] = words.as_mut_slice() {
        *ttl = *original;
    }
    words.join(" ")
}

/// The records that only one side has: how many, and the first ten.
pub(crate) fn differences(ours: &[String], theirs: &[String]) -> Result<(), String> {
    let ours: BTreeSet<&String> = ours.iter().collect();
    let theirs: BTreeSet<&String> = theirs.iter().collect();
    if ours == theirs {
        return Ok(());
    }
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
fn identical_samples(algorithm: u8, samples: &[Sample], ours_options: &[&str], theirs_options: &[&str]) {
    let Some(bind) = bind() else { return };
    let folder = common::folder();
    let keys = common::keygen(folder.path(), algorithm, ORIGIN);
    let mut complaints = Vec::new();
    for Sample { name, text } in samples {
        let file = common::write(folder.path(), &format!("{name}.zone"), text);
        match bind.compare(folder.path(), ORIGIN, [&file, &file], &keys, ours_options, theirs_options) {
            Ok(()) => {}
            Err(Difference::BindRefuses(words)) => complaints.push(format!("{name}: BIND refuses: {words}")),
            Err(Difference::OursRefuses(words) | Difference::Ours(words)) => {
                complaints.push(format!("{name}: {words}"));
            }
        }
    }
    assert!(complaints.is_empty(), "{} zones differ:\n{}", complaints.len(), complaints.join("\n"));
}

#[test]
fn ed25519_is_what_bind_makes() {
    identical_samples(15, &zones::ALL, &[], &[]);
}

#[test]
fn rsasha256_is_what_bind_makes() {
    identical_samples(8, &zones::ALL, &[], &[]);
}

#[test]
fn rsasha512_is_what_bind_makes() {
    identical_samples(10, &[zones::PLAIN], &[], &[]);
}

/// What zoneseal is told, and what BIND is, for the same chain.
struct Chain {
    name: &'static str,
    ours: &'static [&'static str],
    theirs: &'static [&'static str],
}

const NSEC: Chain = Chain { name: "NSEC", ours: &[], theirs: &[] };
const NSEC3: Chain = Chain { name: "NSEC3", ours: &["-n"], theirs: &["-3", "-"] };
const OPT_OUT: Chain = Chain { name: "opt-out", ours: &["-P"], theirs: &["-3", "-", "-A"] };
const SALTED: Chain = Chain {
    name: "NSEC3 with salt and iterations",
    ours: &["-n", "-s", "aabbccdd", "-t", "12", "--allow-nsec3-iterations"],
    theirs: &["-3", "aabbccdd", "-H", "12"],
};

#[test]
fn nsec3_is_what_bind_makes() {
    for chain in [NSEC3, OPT_OUT, SALTED] {
        eprintln!("{}", chain.name);
        identical_samples(15, &zones::ALL, chain.ours, chain.theirs);
        identical_samples(8, &[zones::DELEGATIONS], chain.ours, chain.theirs);
    }
}

#[test]
fn other_options_are_what_bind_has_too() {
    identical_samples(15, &[zones::PLAIN, zones::TTLS], &["--max-ttl", "1000"], &["-M", "1000"]);
    let times = ["--dnskey-expiration", "20261215000000"];
    identical_samples(15, &[zones::PLAIN], &times, &["-X", "20261215000000"]);
}

/// The project's own zones, which the README signs. Their file names are their origins.
#[test]
fn every_sample_zone_is_what_bind_makes() {
    let Some(bind) = bind() else { return };
    let zones = Path::new(env!("CARGO_MANIFEST_DIR")).join("zones");
    let mut complaints = Vec::new();
    let mut count = 0;
    for item in fs::read_dir(&zones).expect("the project has zones") {
        let file = item.expect("a folder can be listed").path();
        if file.extension().is_none_or(|end| end != "zone") {
            continue;
        }
        let origin = format!("{}.", file.file_stem().expect("a file has a name").to_string_lossy());
        count += 1;
        for algorithm in [15, 8] {
            let folder = common::folder();
            let keys = common::keygen(folder.path(), algorithm, &origin);
            match bind.compare(folder.path(), &origin, [&file, &file], &keys, &[], &[]) {
                Ok(()) => {}
                Err(Difference::BindRefuses(words)) => {
                    complaints.push(format!("{origin} BIND refuses: {words}"));
                }
                // BIND signs the name in it in lower case, which no RFC says
                Err(Difference::Ours(words))
                    if words.lines().skip(1).all(|line| line.contains(" RRSIG NSAP-PTR ")) => {}
                Err(Difference::OursRefuses(words) | Difference::Ours(words)) => {
                    complaints.push(format!("{origin} {words}"));
                }
            }
        }
    }
    assert!(count > 0, "zones/ holds zones");
    assert!(complaints.is_empty(), "{} of {count} zones:\n{}", complaints.len(), complaints.join("\n"));
}

#[test]
fn every_real_zone_is_what_bind_makes() {
    identical_collection("real", 15, &NSEC, "identity");
}

#[test]
fn every_real_zone_is_what_bind_makes_with_rsa() {
    identical_collection("real", 8, &NSEC, "identity");
}

#[test]
fn every_real_zone_is_what_bind_makes_with_nsec3() {
    identical_collection("real", 15, &NSEC3, "identity-nsec3");
}

#[test]
fn every_real_zone_is_what_bind_makes_with_nsec3_and_rsa() {
    identical_collection("real", 8, &NSEC3, "identity-nsec3");
}

#[test]
fn every_real_zone_is_what_bind_makes_with_opt_out() {
    identical_collection("real", 15, &OPT_OUT, "identity-nsec3");
}

#[test]
fn every_real_zone_is_what_bind_makes_with_opt_out_and_rsa() {
    identical_collection("real", 8, &OPT_OUT, "identity-nsec3");
}

#[test]
fn every_edge_zone_is_what_bind_makes() {
    identical_collection("edge", 15, &NSEC, "identity");
}

#[track_caller]
fn identical_collection(collection: &'static str, algorithm: u8, chain: &Chain, identity: &'static str) {
    let (Some(corpus), Some(bind)) = (common::corpus(), bind()) else { return };
    let shared = common::folder();
    let keys = corpus::shared_keys(shared.path(), algorithm);
    let entries = corpus::entries(&corpus, collection);
    let refusals = corpus::examine_all(&entries, |entry| {
        let folder = common::folder();
        let refusal = |judge, words| vec![Refusal { zone: entry.file.clone(), judge, words }];
        let theirs = match unsigned(&bind, &corpus, entry, folder.path()) {
            Ok(theirs) => theirs,
            Err(words) => return refusal("named-compilezone", words),
        };
        let files = [&corpus::place(&corpus, entry).0, &theirs];
        let (mut ours_options, mut theirs_options) = (entry.options(), chain.theirs.to_vec());
        ours_options.extend(chain.ours);
        if entry.signed {
            // by default the TTL is that of the DNSKEYs of the input, which BIND is not shown
            ours_options.extend(["--dnskey-ttl", "7777"]);
            theirs_options.extend(["-T", "7777"]);
        }
        match bind.compare(folder.path(), &entry.origin, files, &keys, &ours_options, &theirs_options) {
            Ok(()) => Vec::new(),
            Err(Difference::BindRefuses(words)) => refusal("dnssec-signzone", words),
            Err(Difference::OursRefuses(words)) => refusal("zoneseal", words),
            Err(Difference::Ours(words)) => refusal(identity, words),
        }
    });
    let judges = ["named-compilezone", "dnssec-signzone", "zoneseal", identity];
    corpus::settle(
        &format!("identity with BIND, {collection}, algorithm {algorithm}, {}", chain.name),
        &entries,
        &judges,
        &refusals,
    );
}

/// What BIND is given: the zone's own file; or, where something of another signer's is in it, a copy without that.
/// zoneseal drops such records itself, dnssec-signzone does not.
fn unsigned(bind: &Bind, corpus: &Path, entry: &Entry, folder: &Path) -> Result<PathBuf, String> {
    let (file, beside) = corpus::place(corpus, entry);
    if !entry.signed {
        return Ok(file);
    }
    let copy = folder.join("input");
    fs::copy(&file, &copy).map_err(|error| format!("{}: {error}", copy.display()))?;
    let mut records = bind.records(&beside, &entry.origin, &copy)?;
    let apex = entry.origin.to_ascii_lowercase();
    records.retain(|record| {
        let words: Vec<&str> = record.splitn(5, ' ').collect();
        !corpus::SIGNERS.contains(&words[3]) || words[3] == "ZONEMD" && words[0] != apex
    });
    Ok(common::write(folder, "input.zone", &(records.join("\n") + "\n")))
}

#[test]
fn dnssec_verify_accepts_every_algorithm() {
    let Some(judge) = common::judge("dnssec-verify") else { return };
    matrix::each(&COMMON, &ALGORITHMS, &CHAINS, |case| {
        let folder = case.signed.parent().expect("a file has a folder");
        matrix::accepted(&judge.run(folder, ["-q", "-o", ORIGIN, &path_text(&case.signed)]))
    });
}
