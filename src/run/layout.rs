//! Which files are zones: `NAME.zone`, `NAME.db`, `db.NAME`, or `NAME` where there is a folder of keys for it.

use crate::dns::NameBuf;
use crate::error::{Fault, Faults};
use crate::keys::{zone_file_name, zone_of_file_name};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use walkdir::WalkDir;

/// What a folder holds.
#[derive(Debug, Default)]
pub struct Found {
    /// Zone files, by their zones' names as files have them.
    pub zones: Vec<(NameBuf, PathBuf)>,
    /// Files that are none.
    pub skipped: Vec<PathBuf>,
    /// What cannot be read, and zones with two files.
    pub faults: Faults,
}

/// Walks the folder of zones. `keys` is the folder of keys.
#[must_use]
pub fn find(zones: &Path, keys: &Path) -> Found {
    let (mut found, mut files) = (Found::default(), BTreeMap::<String, Vec<(NameBuf, PathBuf)>>::new());
    let walk = WalkDir::new(zones).follow_links(true).sort_by_file_name().into_iter();
    for entry in
        walk.filter_entry(|entry| entry.depth() == 0 || !is_noise(&entry.file_name().to_string_lossy()))
    {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let path = error.path().unwrap_or(zones).display().to_string();
                let cause =
                    error.io_error().map_or_else(|| "links lead in a circle".into(), ToString::to_string);
                found.faults.push(Fault::error(format!("cannot be read: {cause}")).in_file(&path));
                continue;
            }
        };
        if entry.file_type().is_dir() {
            continue;
        }
        let name = entry.file_name().to_string_lossy().into_owned();
        match zone_of(&name, keys).filter(|_| entry.file_type().is_file()) {
            Some(zone) => {
                let key = zone_file_name(zone.as_name());
                files.entry(key).or_default().push((zone, entry.into_path()));
            }
            None => found.skipped.push(entry.into_path()),
        }
    }
    for (_, mut files) in files {
        if files.len() == 1 {
            found.zones.append(&mut files);
            continue;
        }
        let (zone, first) = &files[0];
        for (_, file) in &files[1..] {
            let told = format!("a second file for the zone {zone}: the other is {}", first.display());
            let fault = Fault::error(told).in_file(&file.display().to_string());
            found.faults.push(fault.hint("neither is signed: move one of them out of the folder"));
        }
    }
    found
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
        let (zones, keys) = (folder.path().join("zones"), folder.path().join("keys"));
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
        let found = find(&zones, &keys);
        let names: Vec<String> = found.zones.iter().map(|(zone, _)| zone.to_string()).collect();
        let expected =
            ["0/25.in-addr.arpa.", ".", "a.example.", "B.example.", "c.example.", "plain.example."];
        assert_eq!(names, expected);
        assert_eq!(found.skipped.len(), 2, "{:?}", found.skipped);
        assert_eq!(found.faults.errors(), 2);
        let none = find(&folder.path().join("none"), &keys);
        assert_eq!((none.zones.len(), none.faults.errors()), (0, 1));
    }
}
