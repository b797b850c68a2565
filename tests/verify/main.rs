//! `zoneseal verify` on damaged zones: for each kind of damage, the rules that must fire and the one named first.
//!
//! `zone` is a signed zone as lines; `damage` the table of what is done to it and what must be found.

#[path = "../common/mod.rs"]
mod common;
mod damage;
mod harmless;
mod options;
mod zone;

use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use zone::{ORIGIN, Zone};

/// What `verify --format json` says of a file.
pub(crate) struct Verdict {
    pub(crate) good: bool,
    pub(crate) first: String,
    pub(crate) rules: BTreeSet<String>,
    pub(crate) json: Value,
}

/// Verifies a file.
#[track_caller]
pub(crate) fn verify(folder: &Path, file: &Path, options: &[&str]) -> Verdict {
    let mut command = common::zoneseal(folder);
    command.args(["verify", "--format", "json", "-o", ORIGIN]).args(options).arg(file);
    let outcome = common::run_limited(&mut command, common::LIMIT);
    let json: Value =
        serde_json::from_str(&outcome.stdout).unwrap_or_else(|_| panic!("no JSON: {}", outcome.describe()));
    let rules = json["findings"].as_array().expect("an array").iter();
    let rules: Vec<String> =
        rules.map(|finding| finding["rule"].as_str().expect("a name").to_owned()).collect();
    let good = json["good"] == true;
    assert_eq!(outcome.code, Some(i32::from(!good)), "{}", outcome.describe());
    Verdict {
        good,
        first: rules.first().cloned().unwrap_or_default(),
        rules: rules.into_iter().collect(),
        json,
    }
}

/// The four zones that are damaged: each kind of chain, and four algorithms.
pub(crate) struct Zones {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) all: Vec<(&'static str, Zone)>,
}

impl Zones {
    pub(crate) fn new() -> Self {
        let folder = common::folder();
        let kinds: [(&str, u8, &[&str]); 4] =
            [("nsec", 13, &[]), ("nsec", 14, &[]), ("nsec3", 15, &["-n"]), ("opt-out", 8, &["-P"])];
        let all = kinds.iter().enumerate().map(|(number, (kind, algorithm, options))| {
            let place = folder.path().join(number.to_string());
            std::fs::create_dir(&place).expect("a folder");
            (*kind, Zone::sign(&place, *algorithm, options))
        });
        let all = all.collect();
        Self { folder, all }
    }

    pub(crate) fn verdict(&self, zone: &Zone, options: &[&str]) -> Verdict {
        let file = common::write(self.folder.path(), "damaged", &zone.text());
        verify(self.folder.path(), &file, options)
    }
}
