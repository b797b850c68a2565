//! A folder with zones, keys and signed zones, and the program called in it.

use crate::common::{self, Outcome};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use zoneseal::dns::time::Time;
use zoneseal::publish::earlier::Earlier;

pub(crate) const HOUR: i64 = 3600;
pub(crate) const DAY: i64 = 24 * HOUR;
/// The time at which most tests begin: 2027-01-01.
pub(crate) const START: Time = Time(1_798_761_600);

/// So many seconds later.
pub(crate) fn after(time: Time, seconds: i64) -> Time {
    Time(time.0 + seconds)
}

/// The folder.
pub(crate) struct Site {
    folder: TempDir,
}

/// What one zone's line of a run says, if a new version of it was put in place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Made {
    pub(crate) signatures: usize,
    pub(crate) kept: usize,
    pub(crate) serial: u32,
}

/// What tells whether a file was written: its inode, its time, and its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark(u64, i64, i64, u64);

impl Site {
    /// An empty one.
    pub(crate) fn new() -> Self {
        let folder = common::folder();
        fs::create_dir(folder.path().join("zones")).expect("a folder can be made");
        Self { folder }
    }

    /// One with a zone of three hosts and a pair of keys, made at [`START`], which are returned: KSK, ZSK.
    pub(crate) fn small(zone: &str) -> (Self, Vec<PathBuf>) {
        let site = Self::new();
        site.zone(zone, &small_zone(3, ""));
        let keys = site.keygen(START, &[zone]);
        (site, keys)
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn zone_file(&self, zone: &str) -> PathBuf {
        self.folder().join(format!("zones/{zone}.zone"))
    }

    /// Writes a zone file.
    pub(crate) fn zone(&self, zone: &str, text: &str) {
        common::write(self.folder(), &format!("zones/{zone}.zone"), text);
    }

    /// The signed file.
    pub(crate) fn signed(&self, zone: &str) -> PathBuf {
        self.folder().join(format!("signed/{zone}.zone"))
    }

    /// The file for the parent.
    pub(crate) fn ds(&self, zone: &str) -> PathBuf {
        self.folder().join(format!("signed/{zone}.ds"))
    }

    /// Calls the program; time relative to `now`.
    pub(crate) fn call(&self, now: Time, arguments: &[&str]) -> Outcome {
        let now = now.to_string();
        common::run(self.folder(), arguments.iter().copied().chain(["--now", &now]))
    }

    /// `keygen` with these arguments; the files of the keys.
    #[track_caller]
    pub(crate) fn keygen(&self, now: Time, arguments: &[&str]) -> Vec<PathBuf> {
        let arguments = [&["keygen"], arguments].concat();
        let outcome = self.call(now, &arguments).expect_ok("keygen");
        outcome.stdout.lines().map(PathBuf::from).collect()
    }

    /// `key set` with these options for one key.
    #[track_caller]
    pub(crate) fn set(&self, now: Time, key: &Path, options: &[&str]) {
        let key = key.to_str().expect("the paths of the test are UTF-8");
        self.call(now, &[&["key", "set"], options, &[key]].concat()).expect_ok("key set");
    }

    /// `run` with these options.
    pub(crate) fn run(&self, now: Time, options: &[&str]) -> Outcome {
        self.call(now, &[&["run"], options].concat())
    }

    /// `run`, which must have this exit code.
    #[track_caller]
    pub(crate) fn runs(&self, now: Time, code: i32) -> Outcome {
        let outcome = self.run(now, &[]);
        assert_eq!(outcome.code, Some(code), "at {now}: {}", outcome.describe());
        outcome
    }

    /// `verify` must accept the signed zone.
    #[track_caller]
    pub(crate) fn verifies(&self, zone: &str, at: Time) {
        let file = format!("signed/{zone}.zone");
        let outcome =
            common::run(self.folder(), ["verify", "-q", "-o", zone, "--at", &at.to_string(), &file]);
        assert!(outcome.ok(), "at {at}: {}", outcome.describe());
    }

    /// Whether the last line of the signed file is true.
    pub(crate) fn is_whole(&self, zone: &str) -> bool {
        let earlier = Earlier::open(&self.signed(zone)).expect("the signed file can be read");
        earlier.is_some_and(|earlier| earlier.is_whole().expect("the signed file can be read"))
    }

    /// The names of all files in the folder of signed zones.
    pub(crate) fn outputs(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder().join("signed"));
        let entries = entries.into_iter().flatten();
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
    }

    /// Those of them that a run makes and must not leave.
    pub(crate) fn temps(&self) -> Vec<String> {
        let mut temps = self.outputs();
        temps.retain(|name| name.ends_with(".zoneseal-new"));
        temps
    }

    /// The same site in another folder.
    pub(crate) fn copy(&self) -> Self {
        let folder = common::folder();
        copy(self.folder(), folder.path());
        Self { folder }
    }
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let goal = to.join(entry.file_name());
        if entry.path().is_dir() {
            fs::create_dir(&goal).expect("a folder can be made");
            copy(&entry.path(), &goal);
        } else {
            fs::copy(entry.path(), &goal).expect("a file can be copied");
        }
    }
}

/// A zone with so many hosts, whose TTLs are one hour, and more lines.
pub(crate) fn small_zone(hosts: usize, more: &str) -> String {
    let hosts: Vec<String> = (0..hosts).map(|host| format!("h{host} A 192.0.2.1\n")).collect();
    format!(
        "$TTL 1h\n@ SOA ns1 hostmaster 1 6h 1h 5d 5m\n@ NS ns1\nns1 A 192.0.2.1\n{}{more}",
        hosts.concat()
    )
}

/// What a run says of one zone, if it put a new version in place.
pub(crate) fn made(outcome: &Outcome, zone: &str) -> Option<Made> {
    let start = format!("{zone}.: ");
    let line = outcome.stderr.lines().filter_map(|line| line.strip_prefix(&start));
    let mut signed = line.filter(|line| line.contains(", serial "));
    let fields: Vec<&str> = signed.next()?.split(", ").collect();
    let number = |words: &str| -> usize {
        let word = fields.iter().find(|field| field.contains(words)).expect("a field of the line");
        word.split(' ').find_map(|word| word.parse().ok()).expect("a number")
    };
    let serial = number("serial ").try_into().expect("a serial has 32 bits");
    Some(Made { signatures: number(" made"), kept: number(" kept"), serial })
}

/// The file as it is now.
#[track_caller]
pub(crate) fn mark(path: &Path) -> Mark {
    let meta = fs::metadata(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    Mark(meta.ino(), meta.mtime(), meta.mtime_nsec(), meta.len())
}
