//! The whole corpus is read: what the peers take must be read as they read it, what they refuse must be refused with a
//! place and the cause, and where they disagree the decision is listed.
//!
//! The records read are given to named-compilezone in the form of RFC 3597, octets in hexadecimal, so nothing that
//! writes text in this project has a part in it; its dump must be the one that named, NSD and ldns agree on, or that
//! named makes of the zone's own file.
//!
//! `readings.tsv` lists each zone that is read in another way than the corpus says, with the reason, and each class of
//! disagreement with the decision; `src/guide/decisions.md` explains them. An unlisted difference fails the test, and so
//! does a listed one that does not occur.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use zoneseal::dns::NameBuf;
use zoneseal::dns::text::push_name;
use zoneseal::error::{Fault, Faults, Severity};
use zoneseal::zone::Builder;
use zoneseal::zone::builder::OutOfZone;
use zoneseal::zonefile::reader::Reader;

use crate::bind::{self, Bind};
use crate::common;

/// A zone of the corpus, with what its index says.
pub(crate) struct Zone {
    /// `COLLECTION/FILE`.
    name: String,
    path: PathBuf,
    origin: String,
    /// Why peers refuse it, where they do.
    class: String,
    /// The dump that the peers agree on, if they do.
    expected: Option<PathBuf>,
}

impl Zone {
    /// A zone that is in no index.
    pub(crate) fn new(path: PathBuf, origin: &str) -> Self {
        Self { name: String::new(), path, origin: origin.into(), class: String::new(), expected: None }
    }
}

/// The index of a collection.
fn zones(corpus: &Path, collection: &str) -> Vec<Zone> {
    let folder = corpus.join(collection).canonicalize().expect("the corpus has the collection");
    let index = common::read(&folder.join("index.tsv"));
    let mut lines = index.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    let header = lines.next().expect("the index has a header");
    let column = |name| header.iter().position(|title| *title == name);
    let text = |line: &[&str], name| {
        column(name).and_then(|at| line.get(at)).map_or(String::new(), ToString::to_string)
    };
    let zones: Vec<Zone> = lines
        .map(|line| Zone {
            name: format!("{collection}/{}", text(&line, "file")),
            path: folder.join(text(&line, "file")),
            origin: text(&line, "origin"),
            class: text(&line, "reason_class"),
            expected: Some(text(&line, "expected"))
                .filter(|name| !name.is_empty())
                .map(|name| folder.join(name)),
        })
        .collect();
    assert!(zones.len() > 100, "the collection {collection} has its zones");
    zones
}

/// What reading a zone comes to.
pub(crate) struct Reading {
    /// The records in the form of RFC 3597, one a line, in the order of the file.
    pub(crate) generic: String,
    /// The same, collected, if there was no error.
    pub(crate) builder: Result<(Builder, Reader), Faults>,
}

pub(crate) fn read(zone: &Zone) -> Reading {
    let origin = NameBuf::from_text(&zone.origin).expect("the index has names");
    let mut generic = String::new();
    let mut reader = match Reader::open(&zone.path, Some(origin)) {
        Ok(reader) => reader,
        Err(fault) => return Reading { generic, builder: Err(fault.into()) },
    };
    let mut builder = Builder::new();
    let mut faults = Faults::new();
    while !faults.full() {
        match reader.next() {
            Ok(Some(entry)) => {
                let record = entry.record;
                let mut owner = Vec::new();
                push_name(record.owner, &mut owner);
                let owner = String::from_utf8(owner).expect("names are written in ASCII");
                let (ttl, rtype, length) = (record.ttl, record.rtype.0, record.rdata.len());
                write!(generic, "{owner} {ttl} IN TYPE{rtype} \\# {length} ").expect("a string takes all");
                for octet in record.rdata {
                    write!(generic, "{octet:02x}").expect("a string takes all");
                }
                generic.push('\n');
                if let Err(fault) = builder.push(record, entry.spot) {
                    faults.push(fault);
                }
            }
            Ok(None) => break,
            Err(fault) => faults.push(fault),
        }
    }
    let builder = if faults.errors() == 0 { Ok((builder, reader)) } else { Err(faults) };
    Reading { generic, builder }
}

/// Why a zone is refused: what `sign` says before it asks for keys.
fn refusal(zone: &Zone) -> Result<(), Vec<Fault>> {
    let errors = |faults: Faults| -> Vec<Fault> {
        faults.into_iter().filter(|fault| fault.severity() == Severity::Error).collect()
    };
    let (builder, reader) = read(zone).builder.map_err(errors)?;
    let apex = NameBuf::from_text(&zone.origin).expect("the index has names");
    let class = reader.class();
    builder.seal(&apex, class, reader.into_sources(), OutOfZone::Refuse).map(drop).map_err(errors)
}

/// Runs `examine` on each zone, on two threads; what it finds, by the zones' names.
fn examine_all(zones: &[Zone], examine: impl Fn(&Zone) -> Option<String> + Sync) -> BTreeMap<String, String> {
    let next = AtomicUsize::new(0);
    let found = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(zone) = zones.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Some(words) = examine(zone) {
                        let mut found = found.lock().expect("no examiner panics while it holds the list");
                        found.insert(zone.name.clone(), words);
                    }
                }
            });
        }
    });
    found.into_inner().expect("all threads have ended well")
}

/// The listed zones of a collection: name to what becomes of it, `read`, `refused` or `differs`.
fn listed(collection: &str) -> BTreeMap<&'static str, &'static str> {
    let rows = include_str!("readings.tsv").lines();
    let rows = rows.filter(|line| !line.is_empty() && !line.starts_with('#'));
    rows.map(|line| line.split('\t').collect::<Vec<_>>())
        .inspect(|row| {
            assert!(row.len() == 3 && !row[2].is_empty(), "readings.tsv: a reason, please: {row:?}");
        })
        .filter(|row| row[0].strip_prefix(collection).is_some_and(|rest| rest.starts_with('/')))
        .map(|row| (row[0], row[1]))
        .collect()
}

/// Fails unless the differences found are those that are listed. A difference starts with its word in the list.
#[track_caller]
fn settle(collection: &str, found: &BTreeMap<String, String>) {
    let listed = listed(collection);
    let mut wrong = String::new();
    for (zone, words) in found {
        if listed.get(zone.as_str()).is_none_or(|what| !words.starts_with(what)) {
            let _ = write!(wrong, "\nnot in readings.tsv: {zone}\t{words}");
        }
    }
    for (zone, what) in &listed {
        if !found.contains_key(*zone) {
            let _ = write!(wrong, "\nin readings.tsv, and no longer true: {zone}\t{what}");
        }
    }
    assert!(wrong.is_empty(), "{collection}:{wrong}");
}

/// `read` for what the peers read: the records must be theirs.
fn read_like_the_peers(collection: &str) {
    let (Some(corpus), Some(bind)) = (common::corpus(), bind::bind()) else { return };
    let found = examine_all(&zones(&corpus, collection), |zone| {
        let reading = read(zone);
        if let Err(faults) = reading.builder {
            return Some(format!(
                "refused: {}",
                faults.iter().next().map_or(String::new(), Fault::to_string)
            ));
        }
        let folder = common::folder();
        let ours = common::write(folder.path(), "ours", &reading.generic);
        let ours = match bind.records(folder.path(), &zone.origin, &ours) {
            Ok(records) => records,
            Err(words) => return Some(format!("differs: named does not take the octets: {words}")),
        };
        let theirs = expected(&bind, zone, folder.path());
        theirs
            .and_then(|theirs| bind::differences(&ours, &theirs))
            .err()
            .map(|words| format!("differs: {words}"))
    });
    settle(collection, &found);
}

/// The records of a zone as the peers read it.
fn expected(bind: &Bind, zone: &Zone, folder: &Path) -> Result<Vec<String>, String> {
    if let Some(expected) = &zone.expected {
        let text = common::read(expected);
        return Ok(text.lines().filter(|line| !line.starts_with(';')).map(bind::tidy).collect());
    }
    let copy = folder.join("theirs");
    fs::copy(&zone.path, &copy).map_err(|error| format!("{}: {error}", zone.path.display()))?;
    // the current folder is the zone's own, for its includes
    bind.records(zone.path.parent().expect("a file has a folder"), &zone.origin, &copy)
}

#[test]
fn every_real_zone_is_read_like_the_peers() {
    read_like_the_peers("real");
}

#[test]
fn every_edge_zone_is_read_like_the_peers() {
    read_like_the_peers("edge");
}

/// Words of which one is in a message about this class of fault.
const CAUSES: [(&str, &[&str]); 9] = [
    ("class-mismatch", &["class"]),
    ("cname-and-other-data", &["CNAME"]),
    ("directive", &["$"]),
    ("duplicate-singleton", &["SOA", "CNAME", "DNAME"]),
    ("name-too-long", &["255 octets", "63 octets"]),
    ("no-soa", &["SOA", "carriage return"]),
    ("out-of-zone", &["outside the zone", "SOA"]),
    ("unbalanced-or-truncated", &["expected", "never closed", "not closed"]),
    ("unknown-type", &["a record type", "byte order mark"]),
];

/// What is wrong with a refusal, if anything.
fn flaw(zone: &Zone, faults: &[Fault]) -> Option<String> {
    let said: Vec<String> = faults.iter().map(ToString::to_string).collect();
    let known = CAUSES
        .iter()
        .find(|(class, _)| *class == zone.class)
        .map_or(&["expected", "a NUL octet", "a folder"][..], |(_, words)| words);
    if !said.iter().any(|text| known.iter().any(|word| text.contains(word))) {
        return Some(format!("cause: {} is not said by:\n{}", zone.class, said.join("\n")));
    }
    if faults.len() > Faults::LIMIT {
        return Some(format!("cause: {} errors are more than a person reads", faults.len()));
    }
    let placed = |fault: &&Fault| fault.place().is_some_and(|place| place.line > 0 && place.column > 0);
    // only what is not there has no place
    let absent = |fault: &&Fault| fault.message().ends_with("has no SOA record");
    let lost: Vec<&str> =
        faults.iter().filter(|fault| !placed(fault) && !absent(fault)).map(Fault::message).collect();
    (!lost.is_empty()).then(|| format!("place: none for {lost:?}"))
}

#[test]
fn every_invalid_zone_is_refused_with_place_and_cause() {
    let Some(corpus) = common::corpus() else { return };
    let found = examine_all(&zones(&corpus, "invalid"), |zone| match refusal(zone) {
        Ok(()) => Some(format!("read: {}", zone.class)),
        Err(faults) => flaw(zone, &faults),
    });
    settle("invalid", &found);
}

/// The decisions for each class of disagreement are rows `disputed/CLASS`; zones decided in another way than their class
/// have rows of their own.
#[test]
fn every_disputed_zone_is_decided() {
    let Some(corpus) = common::corpus() else { return };
    let zones = zones(&corpus, "disputed");
    let classes: BTreeSet<String> = zones.iter().map(|zone| format!("disputed/{}", zone.class)).collect();
    let listed = listed("disputed");
    let undecided: Vec<&String> =
        classes.iter().filter(|class| !listed.contains_key(class.as_str())).collect();
    assert!(undecided.is_empty(), "readings.tsv does not decide {undecided:?}");
    let mut found = examine_all(&zones, |zone| {
        let words = match refusal(zone) {
            Ok(()) => "read".to_owned(),
            Err(faults) => format!("refused: {}", faults.first().map_or(String::new(), Fault::to_string)),
        };
        let decision = listed.get(format!("disputed/{}", zone.class).as_str());
        let as_decided = decision.is_some_and(|decision| words.starts_with(decision));
        (!as_decided).then(|| format!("{words} ({})", zone.class))
    });
    found.extend(classes.into_iter().map(|class| {
        let decision = listed.get(class.as_str()).copied().unwrap_or_default().to_owned();
        (class, decision)
    }));
    settle("disputed", &found);
}
