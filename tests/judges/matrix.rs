//! Every algorithm on three zones: what the judges that only say yes or no are given.

use std::path::PathBuf;

use crate::common;
use crate::zones::{self, Sample};

/// The algorithms that zoneseal signs with.
pub(crate) const ALGORITHMS: [u8; 5] = [8, 10, 13, 14, 15];

/// The options of `sign` for an NSEC chain.
pub(crate) const NSEC: [&[&str]; 1] = [&[]];

/// The same for every kind of chain.
pub(crate) const CHAINS: [&[&str]; 5] = [&[], &["-n"], &["-n", "-p"], &["-P"], &["-n", "-s", "C0FFEE"]];

/// One signed zone.
pub(crate) struct Case {
    /// Zone, algorithm and options, for messages.
    pub(crate) title: String,
    pub(crate) signed: PathBuf,
}

/// Signs each of the zones with each algorithm and chain, and gives them to `judge`, whose complaints it collects.
///
/// A complaint fails the test, when all cases have been seen.
#[track_caller]
pub(crate) fn each(
    samples: &[Sample],
    algorithms: &[u8],
    chains: &[&[&str]],
    mut judge: impl FnMut(&Case) -> Result<(), String>,
) {
    let mut complaints = Vec::new();
    for &algorithm in algorithms {
        let folder = common::folder();
        let keys = common::keygen(folder.path(), algorithm, zones::ORIGIN);
        for Sample { name, text } in samples {
            let unsigned = common::write(folder.path(), &format!("{name}.zone"), text);
            for (number, options) in chains.iter().enumerate() {
                let title = format!("{name}, algorithm {algorithm}, options {options:?}");
                let signed = folder.path().join(format!("{name}.{number}.signed"));
                let outcome = common::sign(folder.path(), zones::ORIGIN, &signed, options, &unsigned, &keys);
                if !outcome.ok() {
                    complaints.push(format!("{title}: {}", outcome.describe()));
                    continue;
                }
                let case = Case { title, signed };
                if let Err(complaint) = judge(&case) {
                    complaints.push(format!("{}: {complaint}", case.title));
                }
            }
        }
    }
    assert!(complaints.is_empty(), "{} complaints:\n{}", complaints.len(), complaints.join("\n"));
}

/// A judge's outcome as a complaint, if the exit code is not 0.
pub(crate) fn accepted(outcome: &common::Outcome) -> Result<(), String> {
    if outcome.ok() { Ok(()) } else { Err(outcome.describe()) }
}
