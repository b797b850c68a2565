//! Whatever named-checkzone, kzonecheck, nsd-checkzone and validns complain of in an unsigned zone, `zoneseal check`
//! must find too: in the zones of the corpus, and in the small zones of the golden cases, one a rule.
//!
//! `lint.tsv` says which rules say what a peer says, and where a peer is wrong or cannot read the zone. A complaint that
//! is not in the table fails the test, and so does one whose rules are not found in the zone.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::common::{self, Judge};

/// The peers, and what they are asked. `ORIGIN` and `FILE` are put in.
const PEERS: [(&str, &[&str]); 4] = [
    (
        "named-checkzone",
        &[
            "-i", "local", "-k", "warn", "-m", "warn", "-n", "warn", "-r", "warn", "-W", "warn", "-S",
            "warn", "-M", "warn", "-T", "warn", "ORIGIN", "FILE",
        ],
    ),
    ("kzonecheck", &["-d", "off", "-o", "ORIGIN", "FILE"]),
    ("nsd-checkzone", &["ORIGIN", "FILE"]),
    ("validns", &["-p", "all", "-z", "ORIGIN", "FILE"]),
];

/// A zone to ask about, and the peers to ask.
struct Zone {
    file: PathBuf,
    origin: String,
    peers: Vec<&'static str>,
}

/// A row of `lint.tsv`.
struct Row {
    peer: &'static str,
    words: Vec<&'static str>,
    /// Empty: there is no rule, for a reason that the table gives.
    rules: Vec<&'static str>,
}

impl Row {
    /// Whether all the words are in the complaint, in this order.
    fn fits(&self, peer: &str, complaint: &str) -> bool {
        let mut rest = Some(complaint);
        for word in &self.words {
            rest = rest.and_then(|rest| rest.split_once(word)).map(|(_, rest)| rest);
        }
        self.peer == peer && rest.is_some()
    }
}

fn table() -> Vec<Row> {
    let lines = include_str!("lint.tsv").lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let [peer, words, rules, reason] = line.split('\t').collect::<Vec<_>>()[..] else {
                panic!("lint.tsv: four columns: {line}")
            };
            let rules: Vec<&str> = rules.split(' ').filter(|rule| *rule != "-").collect();
            assert_eq!(rules.is_empty(), !reason.is_empty(), "lint.tsv: a rule or a reason: {line}");
            Row { peer, words: words.split('*').collect(), rules }
        })
        .collect()
}

/// The rules that `check` finds broken.
fn found(zone: &Zone) -> Result<BTreeSet<String>, String> {
    let folder = zone.file.parent().expect("a file has a folder");
    let mut command = common::zoneseal(folder);
    command.args(["check", "--format", "json", "-o", &zone.origin]).arg(&zone.file);
    let outcome = common::run_limited(&mut command, common::LIMIT);
    let json: serde_json::Value = serde_json::from_str(&outcome.stdout).map_err(|_| outcome.describe())?;
    let rules = json["rules"].as_object().ok_or_else(|| outcome.describe())?;
    // the verdict and the exit code are one thing
    if outcome.code != Some(i32::from(json["errors"] != 0)) {
        return Err(outcome.describe());
    }
    Ok(rules.keys().cloned().collect())
}

/// What the peers complain of and `check` does not.
fn missed(zone: &Zone, judges: &[Judge], table: &[Row]) -> Vec<String> {
    let name = zone.file.display();
    let rules = match found(zone) {
        Ok(rules) => rules,
        Err(words) => return vec![format!("{name}: {words}")],
    };
    // what cannot be read is not checked further
    if rules.contains("syntax") {
        return Vec::new();
    }
    let mut missed = BTreeSet::new();
    for judge in judges.iter().filter(|judge| zone.peers.contains(&judge.name)) {
        let (_, words) = PEERS.iter().find(|(peer, _)| *peer == judge.name).expect("it is one of them");
        let file = zone.file.to_str().expect("the paths of the test are UTF-8");
        let arguments = words.iter().map(|word| match *word {
            "ORIGIN" => zone.origin.as_str(),
            "FILE" => file,
            word => word,
        });
        let outcome = judge.run(zone.file.parent().expect("a file has a folder"), arguments);
        let lines = outcome.stdout.lines().chain(outcome.stderr.lines());
        for line in lines.filter(|line| !line.trim().is_empty()) {
            // the words of a rule may be in the file's name
            let line = line.replace(file, "FILE");
            match table.iter().find(|row| row.fits(judge.name, &line)) {
                None => missed.insert(format!("{name}: {}: not in lint.tsv: {line}", judge.name)),
                Some(row) if row.rules.is_empty() => false,
                Some(row) if row.rules.iter().any(|rule| rules.contains(*rule)) => false,
                Some(row) => missed.insert(format!("{name}: {}: {line}: not {:?}", judge.name, row.rules)),
            };
        }
    }
    missed.into_iter().collect()
}

/// Asks all about all zones, on two threads.
#[track_caller]
fn nothing_is_missed(title: &str, zones: &[Zone]) {
    let judges: Vec<Judge> = PEERS.iter().filter_map(|(peer, _)| common::judge(peer)).collect();
    let (table, next, all) = (table(), AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(zone) = zones.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let missed = missed(zone, &judges, &table);
                    all.lock().expect("nobody panics while it holds the list").extend(missed);
                }
            });
        }
    });
    let mut all = all.into_inner().expect("all threads have ended well");
    all.sort();
    eprintln!("{title}: {} zones, {} complaints missed", zones.len(), all.len());
    assert!(all.is_empty(), "{title}: check does not say what a peer says:\n{}", all.join("\n"));
}

#[test]
fn complaints_of_the_peers_about_the_corpus() {
    let Some(corpus) = common::corpus() else { return };
    let mut zones = Vec::new();
    for collection in ["real", "edge", "disputed"] {
        let index = common::read(&corpus.join(collection).join("index.tsv"));
        let mut lines = index.lines().map(|line| line.split('\t').collect::<Vec<_>>());
        let header = lines.next().expect("the index has a header");
        let column = |name| header.iter().position(|title| *title == name).expect("the index has the column");
        let (file, origin) = (column("file"), column("origin"));
        let (knot, nsd) = (column("kzonecheck_dnssec_off"), column("nsd_checkzone"));
        for line in lines {
            let mut peers = vec!["named-checkzone"];
            // a zone that Knot accepts it does not complain of; NSD has warnings besides
            if line[knot] != "ok" {
                peers.push("kzonecheck");
            }
            if line[nsd] != "ok" || collection == "disputed" {
                peers.push("nsd-checkzone");
            }
            // it takes all of the root zone to be outside of it
            if line[origin] != "." {
                peers.push("validns");
            }
            let file = corpus.join(collection).join(line[file]);
            let file = file.canonicalize().unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            zones.push(Zone { file, origin: line[origin].to_owned(), peers });
        }
    }
    assert!(zones.len() > 800, "the corpus has {} zones", zones.len());
    nothing_is_missed("corpus", &zones);
}

#[test]
fn complaints_of_the_peers_about_each_rule() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut zones = Vec::new();
    for case in std::fs::read_dir(&folder).expect("the golden cases are there") {
        let case = case.expect("a folder can be read").path();
        if !case.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with("check-")) {
            continue;
        }
        for origin in ["example.org", "2.0.192.in-addr.arpa"] {
            let file = case.join(format!("{origin}.zone"));
            if file.is_file() {
                let peers = PEERS.iter().map(|(peer, _)| *peer).collect();
                zones.push(Zone { file, origin: origin.to_owned(), peers });
            }
        }
    }
    assert!(zones.len() > 80, "there are {} cases", zones.len());
    nothing_is_missed("rules", &zones);
}
