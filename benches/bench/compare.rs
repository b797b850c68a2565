//! Programs side by side: the same file, whole processes, one after the other in every round, so that a
//! machine that grows slow grows slow for all.

use crate::limit::Limit;
use crate::process::{self, Usage};
use crate::table::{Table, median};
use std::path::{Path, PathBuf};
use std::process::Command;
use zoneseal::dns::Rtype;
use zoneseal::error::Faults;
use zoneseal::zonefile::reader::Reader;

/// A program that takes part.
pub(crate) struct Contestant {
    program: &'static str,
    remark: &'static str,
    command: Command,
    /// The signed zone that it makes or reads.
    signed: PathBuf,
    usages: Vec<Usage>,
    signatures: usize,
}

impl Contestant {
    /// A program, what to say of how it is run, its command, and the signed zone that this makes or reads.
    pub(crate) fn new(
        program: &'static str,
        remark: &'static str,
        command: Command,
        signed: PathBuf,
    ) -> Self {
        Self { program, remark, command, signed, usages: Vec::new(), signatures: 0 }
    }

    /// The median of one part of what it took.
    fn median(&self, part: fn(&Usage) -> f64) -> f64 {
        median(self.usages.iter().map(part).collect())
    }
}

/// What is compared.
pub(crate) struct Race {
    /// What stands above the table.
    pub(crate) heading: String,
    /// What the programs are.
    pub(crate) role: &'static str,
    /// Those that take part; the first is ours.
    pub(crate) contestants: Vec<Contestant>,
}

/// Runs all of them, `rounds` times, and prints what it took beside the limit: what so many signatures take
/// ring alone.
pub(crate) fn run(
    mut race: Race,
    rounds: usize,
    limit: impl Fn(usize) -> Result<Limit, String>,
) -> Result<(), String> {
    let mut limits = Vec::new();
    for _ in 0..rounds {
        for contestant in &mut race.contestants {
            contestant.usages.push(process::run(&contestant.command)?);
        }
        if limits.is_empty() {
            for contestant in &mut race.contestants {
                contestant.signatures = signatures(&contestant.signed)
                    .map_err(|_| format!("{}: cannot be read", contestant.signed.display()))?;
            }
        }
        // as many as zoneseal has
        limits.push(limit(race.contestants.first().map_or(0, |ours| ours.signatures))?);
    }
    print(&race, &limits);
    Ok(())
}

/// How many signatures a signed zone holds.
pub(crate) fn signatures(path: &Path) -> Result<usize, Faults> {
    count(path, |rtype| rtype == Rtype::RRSIG)
}

/// How many records of some types a zone file holds.
pub(crate) fn count(path: &Path, counts: impl Fn(Rtype) -> bool) -> Result<usize, Faults> {
    let mut reader = Reader::open(path, None)?;
    let mut count = 0;
    while let Some(entry) = reader.next()? {
        count += usize::from(counts(entry.record.rtype));
    }
    Ok(count)
}

fn print(race: &Race, limits: &[Limit]) {
    println!("\n{}, whole processes, medians\n", race.heading);
    let mut table =
        Table::new(&[race.role, "wall s", "cpu s", "peak MB", "signatures", "× limit", "× zoneseal", "how"]);
    let of = |part: fn(&Limit) -> f64| median(limits.iter().map(part).collect());
    let limit = of(|limit| limit.wall);
    let ours = race.contestants.first();
    let (signatures, our_wall) =
        ours.map_or((0, 0.0), |ours| (ours.signatures, ours.median(|usage| usage.wall)));
    for contestant in &race.contestants {
        let wall = contestant.median(|usage| usage.wall);
        table.row(vec![
            contestant.program.into(),
            format!("{wall:.2}"),
            format!("{:.2}", contestant.median(|usage| usage.cpu)),
            format!("{:.0}", contestant.median(|usage| usage.memory)),
            contestant.signatures.to_string(),
            format!("{:.2}", wall / limit),
            format!("{:.2}", wall / our_wall),
            contestant.remark.into(),
        ]);
    }
    table.row(vec![
        "limit".into(),
        format!("{limit:.2}"),
        format!("{:.2}", of(|limit| limit.cpu)),
        String::new(),
        signatures.to_string(),
        "1.00".into(),
        format!("{:.2}", limit / our_wall),
        "ring alone, all cores".into(),
    ]);
    table.print();
}
