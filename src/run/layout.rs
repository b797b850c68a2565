//! Which files are zones: `NAME.zone`, `NAME.db`, `db.NAME`, or `NAME` where there is a folder of keys for it.

use super::config::Config;
use crate::dns::NameBuf;
use crate::error::{Fault, Faults};
use crate::keys::{zone_file_name, zone_of_file_name};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use walkdir::{DirEntry, WalkDir};

/// What a folder holds.
#[derive(Debug, Default)]
pub struct Found {
    /// Zone files, by their zones' names as files have them.
    pub zones: Vec<(NameBuf, PathBuf)>,
    /// Files that are none.
    pub skipped: Vec<PathBuf>,
    /// What cannot be read.
    pub faults: Faults,
    /// Zones with two files, neither of which is signed.
    pub twice: Vec<(NameBuf, Fault)>,
}

impl Found {
    /// Whether there is a file for the zone, or more than one.
    #[must_use]
    pub fn knows(&self, zone: &NameBuf) -> bool {
        self.zones.iter().any(|(name, _)| name == zone) || self.twice.iter().any(|(name, _)| name == zone)
    }
}

/// Walks the folder of zones, and looks for the files that the configuration names.
#[must_use]
pub fn find(config: &Config) -> Found {
    let mut search = Search { found: Found::default(), files: BTreeMap::new(), seen: BTreeSet::new() };
    search.named(config);
    // all zone files may be elsewhere
    if config.zones.exists() || search.seen.is_empty() {
        search.walk(&config.zones, &config.keys);
    }
    let Search { mut found, files, .. } = search;
    for (_, mut files) in files {
        if files.len() == 1 {
            found.zones.append(&mut files);
            continue;
        }
        let (zone, first) = &files[0];
        for (_, file) in &files[1..] {
            let told = format!("a second file for the zone {zone}: the other is {}", first.display());
            let fault = Fault::error(told).in_file(&file.display().to_string());
            let fault = fault.hint("neither is signed: move one of them out of the folder");
            found.twice.push((zone.clone(), fault));
        }
    }
    found
}

struct Search {
    found: Found,
    /// Files by the name of their zone.
    files: BTreeMap<String, Vec<(NameBuf, PathBuf)>>,
    seen: BTreeSet<PathBuf>,
}

impl Search {
    fn add(&mut self, zone: NameBuf, file: PathBuf) {
        self.files.entry(zone_file_name(zone.as_name())).or_default().push((zone, file));
    }

    /// What entries of the configuration name.
    fn named(&mut self, config: &Config) {
        for (pattern, zone) in config.files() {
            let mut any = false;
            for file in glob::glob(&pattern).into_iter().flatten().flatten().filter(|file| file.is_file()) {
                any = true;
                let name = file.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
                let zone = zone.cloned().or_else(|| zone_of(&name, &config.keys));
                if let Some(zone) = zone
                    && self.seen.insert(file.clone())
                {
                    self.add(zone, file);
                }
            }
            if let (false, Some(zone)) = (any, zone) {
                let fault = Fault::error(format!("there is no such file for the zone {zone}"));
                self.found.faults.push(fault.in_file(&pattern).hint("the configuration names it"));
            }
        }
    }

    /// What a folder holds.
    fn walk(&mut self, zones: &Path, keys: &Path) {
        let walk = WalkDir::new(zones).follow_links(true).sort_by_file_name().into_iter();
        let loud = |entry: &DirEntry| entry.depth() == 0 || !is_noise(&entry.file_name().to_string_lossy());
        for entry in walk.filter_entry(loud) {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    let path = error.path().unwrap_or(zones).display().to_string();
                    let cause =
                        error.io_error().map_or_else(|| "links lead in a circle".into(), ToString::to_string);
                    let fault = Fault::error(format!("cannot be read: {cause}")).in_file(&path);
                    self.found.faults.push(fault);
                    continue;
                }
            };
            if entry.file_type().is_dir() || self.seen.contains(entry.path()) {
                continue;
            }
            let name = entry.file_name().to_string_lossy().into_owned();
            match zone_of(&name, keys).filter(|_| entry.file_type().is_file()) {
                Some(zone) => self.add(zone, entry.into_path()),
                None => self.found.skipped.push(entry.into_path()),
            }
        }
    }
}

/// The zone that a file is named for.
#[must_use]
pub fn zone_of(name: &str, keys: &Path) -> Option<NameBuf> {
    let stem =
        name.strip_suffix(".zone").or_else(|| name.strip_suffix(".db")).or_else(|| name.strip_prefix("db."));
    match stem {
        Some(stem) => zone_of_file_name(stem),
        None => zone_of_file_name(name).filter(|zone| keys.join(zone_file_name(zone.as_name())).is_dir()),
    }
}

/// Hidden files and what editors leave behind.
fn is_noise(name: &str) -> bool {
    name.starts_with('.') || name.starts_with('#') || name.ends_with('~')
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn zones_among_other_files() {
        let folder = tempfile::tempdir().unwrap();
        let zones = folder.path().join("zones");
        for dir in ["zones/sub", "zones/.git", "keys/plain.example"] {
            fs::create_dir_all(folder.path().join(dir)).unwrap();
        }
        for file in [
            "a.example.zone",
            "B.example.db",
            "db.c.example",
            "plain.example",
            "other.example",
            "@.zone",
            "a.txt",
            ".hidden.zone",
            "d.example.zone~",
            "#e.example.zone#",
            ".git/f.example.zone",
            "sub/0%2F25.in-addr.arpa.zone",
            "twice.example.zone",
            "sub/twice.example.db",
            "sub/Twice.example.zone",
        ] {
            fs::write(zones.join(file), "").unwrap();
        }
        let found = find(&Config::builtin(folder.path()));
        let names: Vec<String> = found.zones.iter().map(|(zone, _)| zone.to_string()).collect();
        let expected =
            ["0/25.in-addr.arpa.", ".", "a.example.", "B.example.", "c.example.", "plain.example."];
        assert_eq!(names, expected);
        assert_eq!(found.skipped.len(), 2, "{:?}", found.skipped);
        assert_eq!((found.faults.errors(), found.twice.len()), (0, 2));
        let none = find(&Config::builtin(&folder.path().join("none")));
        assert_eq!((none.zones.len(), none.faults.errors()), (0, 1));
    }
}
