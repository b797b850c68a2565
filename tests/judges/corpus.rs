//! Every zone of the corpus `real` is signed with ECDSA P-256 and P-384, with NSEC, NSEC3 and opt-out, and
//! dnssec-verify, ldns-verify-zone and kzonecheck must accept the result; with RSA, validns too.
//!
//! A judge that refuses, crashes or hangs for reasons of its own is listed in `exceptions.tsv` with the reason. The test
//! fails on a refusal that is not listed, and on a listed one that no longer occurs. A reason that starts with
//! `unsigned too` is put to the proof: the judge must refuse the unsigned file as well. Zones that need an option of
//! `sign` are listed in `options.tsv`, and must be refused without it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::common::{self, Judge};

/// A zone of the corpus.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// The collection: `real` or `edge`.
    pub(crate) collection: &'static str,
    /// Its name in the index, which is also its path in the collection.
    pub(crate) file: String,
    pub(crate) origin: String,
    /// Whether other signers' DNSKEYs are in it.
    pub(crate) dnskeys: bool,
    /// Whether anything of another signer's is in it.
    pub(crate) signed: bool,
}

impl Entry {
    /// The options that `sign` needs for it.
    pub(crate) fn options(&self) -> Vec<&'static str> {
        let mut options = listed_options().remove(self.file.as_str()).unwrap_or_default();
        if self.dnskeys {
            options.push("--drop-foreign-keys");
        }
        options
    }
}

/// The types that a signer adds and that another one does not keep.
pub(crate) const SIGNERS: [&str; 6] = ["DNSKEY", "RRSIG", "NSEC", "NSEC3", "NSEC3PARAM", "ZONEMD"];

/// The index of a collection.
pub(crate) fn entries(corpus: &Path, collection: &'static str) -> Vec<Entry> {
    let index = common::read(&corpus.join(collection).join("index.tsv"));
    let mut lines = index.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    let header = lines.next().expect("the index has a header");
    let column = |name| header.iter().position(|title| *title == name).expect("the index has the column");
    let (file, origin, types) = (column("file"), column("origin"), column("types"));
    lines
        .map(|line| Entry {
            collection,
            file: line[file].to_owned(),
            origin: line[origin].to_owned(),
            dnskeys: line[types].split(',').any(|name| name == "DNSKEY"),
            signed: line[types].split(',').any(|name| SIGNERS.contains(&name)),
        })
        .collect()
}

/// The rows of a table of this folder: columns by tabs, `#` for comments.
fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    table
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| line.split('\t').collect())
}

/// Zone to options.
fn listed_options() -> BTreeMap<&'static str, Vec<&'static str>> {
    rows(include_str!("options.tsv")).map(|row| (row[0], row[1].split(' ').collect())).collect()
}

/// (Zone, judge) to reason, for these judges.
pub(crate) fn exceptions(judges: &[&str]) -> BTreeMap<(&'static str, &'static str), &'static str> {
    rows(include_str!("exceptions.tsv"))
        .filter(|row| judges.contains(&row[1]))
        .map(|row| ((row[0], row[1]), row[2]))
        .collect()
}

/// A judge's no.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Refusal {
    pub(crate) zone: String,
    pub(crate) judge: &'static str,
    pub(crate) words: String,
}

/// Runs `examine` on each entry, on two threads, and collects the refusals.
pub(crate) fn examine_all(
    entries: &[Entry],
    examine: impl Fn(&Entry) -> Vec<Refusal> + Sync,
) -> Vec<Refusal> {
    let next = AtomicUsize::new(0);
    let refusals = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(entry) = entries.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let found = examine(entry);
                    refusals.lock().expect("no examiner panics while it holds the list").extend(found);
                }
            });
        }
    });
    let mut refusals = refusals.into_inner().expect("all threads have ended well");
    refusals.sort();
    refusals
}

/// Compares the refusals with the listed exceptions of these judges and prints a closing count.
#[track_caller]
pub(crate) fn settle(title: &str, entries: &[Entry], judges: &[&'static str], refusals: &[Refusal]) {
    let mut listed = exceptions(judges);
    listed.retain(|(zone, _), _| entries.iter().any(|entry| entry.file == *zone));
    let zones = entries.len();
    let found: BTreeSet<(&str, &str)> =
        refusals.iter().map(|refusal| (refusal.zone.as_str(), refusal.judge)).collect();
    let unlisted: Vec<String> = refusals
        .iter()
        .filter(|refusal| !listed.contains_key(&(refusal.zone.as_str(), refusal.judge)))
        .map(|refusal| format!("{}\t{}\t{}", refusal.zone, refusal.judge, refusal.words))
        .collect();
    let gone: Vec<String> = listed
        .keys()
        .filter(|key| !found.contains(*key))
        .map(|(zone, judge)| format!("{zone}\t{judge}"))
        .collect();
    eprintln!(
        "{title}: {zones} zones, judges {}: {} refusals listed and seen, {} not listed, {} listed and not seen",
        judges.join(" "),
        found.len() - unlisted.len().min(found.len()),
        unlisted.len(),
        gone.len()
    );
    assert!(
        unlisted.is_empty() && gone.is_empty(),
        "{title}: not in exceptions.tsv ({}):\n{}\nin exceptions.tsv and no longer true ({}):\n{}",
        unlisted.len(),
        unlisted.join("\n"),
        gone.len(),
        gone.join("\n")
    );
}

/// The path of a zone, and the folder it lies in, which is the current one for every tool: `$INCLUDE` needs it.
pub(crate) fn place(corpus: &Path, entry: &Entry) -> (PathBuf, PathBuf) {
    let file = corpus.join(entry.collection).join(&entry.file);
    let file = file.canonicalize().unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let folder = file.parent().expect("a file has a folder").to_owned();
    (file, folder)
}

const JUDGES: [&str; 3] = ["dnssec-verify", "ldns-verify-zone", "kzonecheck"];

#[test]
fn judges_accept_every_real_zone() {
    accepted(13, &[], &JUDGES);
}

#[test]
fn judges_accept_every_real_zone_with_nsec3() {
    accepted(13, &["-n"], &JUDGES);
}

#[test]
fn judges_accept_every_real_zone_with_opt_out() {
    accepted(13, &["-P"], &JUDGES);
}

#[test]
fn judges_accept_every_real_zone_with_p384() {
    accepted(14, &[], &JUDGES);
}

#[test]
fn judges_accept_every_real_zone_with_p384_and_nsec3() {
    accepted(14, &["-n"], &JUDGES);
}

#[test]
fn judges_accept_every_real_zone_with_p384_and_opt_out() {
    accepted(14, &["-P"], &JUDGES);
}

/// validns knows no algorithm younger than 2016.
#[test]
fn validns_accepts_every_real_zone_with_rsa() {
    accepted(8, &[], &["validns"]);
}

#[test]
fn validns_accepts_every_real_zone_with_rsa_and_nsec3() {
    accepted(8, &["-n"], &["validns"]);
}

#[test]
fn validns_accepts_every_real_zone_with_rsa_and_opt_out() {
    accepted(8, &["-P"], &["validns"]);
}

#[track_caller]
fn accepted(algorithm: u8, options: &[&'static str], names: &[&'static str]) {
    let Some(corpus) = common::corpus() else { return };
    let judges: Vec<Judge> = names.iter().filter_map(|name| common::judge(name)).collect();
    let names: Vec<&'static str> = judges.iter().map(|judge| judge.name).chain(["zoneseal"]).collect();
    let listed = exceptions(&names);
    let entries = entries(&corpus, "real");
    let shared = common::folder();
    let keys = shared_keys(shared.path(), algorithm);
    let refusals = examine_all(&entries, |entry| {
        let folder = common::folder();
        let (file, _) = place(&corpus, entry);
        let mut refusals = Vec::new();
        let mut refuse = |judge, words| refusals.push(Refusal { zone: entry.file.clone(), judge, words });
        let signed = folder.path().join("signed");
        let options = [&entry.options()[..], options].concat();
        let outcome = common::sign(folder.path(), &entry.origin, &signed, &options, &file, &keys);
        if !outcome.ok() {
            refuse("zoneseal", outcome.describe());
            return refusals;
        }
        for judge in &judges {
            let arguments = question(judge.name, &entry.origin, &signed, true);
            let outcome = judge.run(folder.path(), arguments);
            if outcome.ok() {
                continue;
            }
            refuse(judge.name, outcome.gist());
            let reason = listed.get(&(entry.file.as_str(), judge.name)).copied().unwrap_or_default();
            if reason.starts_with("unsigned too") {
                let arguments = question(judge.name, &entry.origin, &file, false);
                let unsigned = judge.run(file.parent().expect("a file has a folder"), arguments);
                if unsigned.ok() {
                    refuse("unsigned too", format!("{} refuses the signed zone alone", judge.name));
                }
            }
        }
        refusals
    });
    settle(&format!("corpus, algorithm {algorithm}, options {options:?}"), &entries, &names, &refusals);
}

/// A pair of keys that sign every zone: without the lines about one, their roles are in the files' names.
pub(crate) fn shared_keys(folder: &Path, algorithm: u8) -> Vec<PathBuf> {
    let keys = common::keygen(folder, algorithm, crate::zones::ORIGIN);
    for key in &keys {
        let text = common::read(key);
        let bare = &text[text.find("-----BEGIN").expect("keygen writes PEM")..];
        std::fs::write(key, bare).expect("a key file can be written");
    }
    keys
}

/// A judge's arguments for a signed or an unsigned file.
fn question(judge: &str, origin: &str, file: &Path, signed: bool) -> Vec<String> {
    let file = file.to_str().expect("the paths of the test are UTF-8").to_owned();
    let words: &[&str] = match judge {
        "dnssec-verify" => &["-q", "-o", origin],
        "kzonecheck" => &["-o", origin, "-d", if signed { "on" } else { "off" }],
        "validns" => &["-z", origin],
        _ => &[],
    };
    words.iter().map(|word| (*word).to_owned()).chain([file]).collect()
}

#[test]
fn listed_options_are_needed() {
    let Some(corpus) = common::corpus() else { return };
    let listed = listed_options();
    let entries: Vec<Entry> = ["real", "edge"].iter().flat_map(|name| entries(&corpus, name)).collect();
    let mut wrong: Vec<String> = listed
        .keys()
        .filter(|zone| entries.iter().all(|entry| entry.file != **zone))
        .map(|zone| format!("{zone}: not in the corpus"))
        .collect();
    for entry in entries.iter().filter(|entry| listed.contains_key(entry.file.as_str())) {
        let folder = common::folder();
        let (file, _) = place(&corpus, entry);
        let keys = common::keygen(folder.path(), 13, &entry.origin);
        let signed = folder.path().join("signed");
        let options: &[&str] = if entry.dnskeys { &["--drop-foreign-keys"] } else { &[] };
        let outcome = common::sign(folder.path(), &entry.origin, &signed, options, &file, &keys);
        if outcome.code != Some(1) || signed.exists() {
            wrong.push(format!("{}: not refused: {}", entry.file, outcome.describe()));
        }
    }
    assert!(wrong.is_empty(), "options.tsv:\n{}", wrong.join("\n"));
}
