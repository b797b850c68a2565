//! What outside tools say of a signed zone at some moment: dnssec-verify under faketime, kzonecheck, ldns-verify-zone.

use crate::common::{self, Judge, Outcome};
use std::path::Path;
use zoneseal::dns::time::Time;

/// The tools that are installed.
pub(crate) struct Judges {
    bind: Option<Bind>,
    knot: Option<Judge>,
    ldns: Option<Judge>,
}

struct Bind {
    verify: Judge,
    faketime: Judge,
}

impl Judges {
    /// Looks for them.
    pub(crate) fn here() -> Self {
        let bind = common::judge("dnssec-verify").zip(common::judge("faketime"));
        Self {
            bind: bind.map(|(verify, faketime)| Bind { verify, faketime }),
            knot: common::judge("kzonecheck"),
            ldns: common::judge("ldns-verify-zone"),
        }
    }

    /// What they say of a file in this folder.
    pub(crate) fn hear(&self, folder: &Path, file: &Path, zone: &str, at: Time) -> Vec<Outcome> {
        let file = file.to_str().expect("the paths of the test are UTF-8");
        let mut digits = Vec::new();
        at.push_digits(&mut digits);
        let digits = String::from_utf8(digits).expect("digits");
        let bind = self.bind.as_ref().map(|bind| bind.hear(folder, file, zone, at));
        let knot = self
            .knot
            .as_ref()
            .map(|judge| judge.run(folder, ["-t", &digits, "-o", &format!("{zone}."), "-d", "on", file]));
        let ldns = self.ldns.as_ref().map(|judge| judge.run(folder, ["-t", &digits, file]));
        [bind, knot, ldns].into_iter().flatten().collect()
    }

    /// All of them must accept it; how many did.
    #[track_caller]
    pub(crate) fn accept(&self, folder: &Path, file: &Path, zone: &str, at: Time) -> usize {
        let outcomes = self.hear(folder, file, zone, at);
        for outcome in &outcomes {
            assert!(outcome.ok(), "at {at}: {}", outcome.describe());
        }
        outcomes.len()
    }
}

impl Bind {
    fn hear(&self, folder: &Path, file: &str, zone: &str, at: Time) -> Outcome {
        // faketime takes local time, and seconds only behind an @ in a form of its own
        let at = format!("@{}", at.to_string().trim_end_matches('Z').replace('T', " "));
        let mut command = std::process::Command::new(&self.faketime.path);
        // jemalloc asks for the time before faketime can tell it: dnssec-verify must use the system's malloc
        let script = "LD_PRELOAD=\"$LD_PRELOAD:libc.so.6\" exec \"$@\"";
        command.current_dir(folder).env("TZ", "UTC").args(["-f", &at, "sh", "-c", script, "sh"]);
        command.arg(&self.verify.path).args(["-q", "-o", zone, file]);
        common::run_limited(&mut command, common::LIMIT)
    }
}

/// Each of them refuses a zone before its signatures begin and after they ended: they do look at the time.
#[test]
fn judges_know_what_time_it_is() {
    use crate::site::{DAY, START, Site, after};
    let (site, _) = Site::small("time.example");
    site.runs(START, 0);
    let judges = Judges::here();
    let hear = |days: i64| {
        judges.hear(site.folder(), &site.signed("time.example"), "time.example", after(START, days * DAY))
    };
    for (days, good) in [(0, true), (20, true), (-1, false), (29, false)] {
        for outcome in hear(days) {
            assert_eq!(outcome.ok(), good, "after {days} days: {}", outcome.describe());
        }
    }
}
