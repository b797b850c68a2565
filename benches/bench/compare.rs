//! Signers side by side: the same file, whole processes, one signer after the other in every round, so
//! that a machine that grows slow grows slow for all.

use crate::limit;
use crate::process::{self, Usage};
use crate::signers::{SIGNERS, Zone};
use crate::table::{Table, median};
use std::path::{Path, PathBuf};
use std::process::Command;
use zoneseal::dns::Rtype;
use zoneseal::error::Faults;
use zoneseal::zonefile::reader::Reader;

struct Contestant {
    program: &'static str,
    remark: &'static str,
    command: Command,
    out: PathBuf,
    usages: Vec<Usage>,
    signatures: usize,
}

/// Signs a zone with every signer installed, `rounds` times, and prints what it took. Keys and signed zones
/// go to `dir`.
pub(crate) fn run(zone: &Zone<'_>, dir: &Path, rounds: usize) -> Result<(), String> {
    let mut contestants = Vec::new();
    for signer in SIGNERS.iter().filter(|signer| signer.is_installed()) {
        match signer.command(zone, dir) {
            Ok((command, out)) => {
                let (program, remark) = (signer.program, signer.remark);
                contestants.push(Contestant {
                    program,
                    remark,
                    command,
                    out,
                    usages: Vec::new(),
                    signatures: 0,
                });
            }
            Err(message) => eprintln!("{} is left out: {message}", signer.program),
        }
    }
    let mut limits = Vec::new();
    for _ in 0..rounds {
        for contestant in &mut contestants {
            contestant.usages.push(process::run(&contestant.command)?);
        }
        if limits.is_empty() {
            for contestant in &mut contestants {
                contestant.signatures = signatures(&contestant.out)
                    .map_err(|_| format!("{}: cannot be read", contestant.out.display()))?;
            }
        }
        // as many as zoneseal made
        limits.push(limit::seconds(contestants.first().map_or(0, |ours| ours.signatures))?);
    }
    print(zone, &contestants, median(limits));
    Ok(())
}

/// How many signatures a signed zone holds.
fn signatures(path: &Path) -> Result<usize, Faults> {
    let mut reader = Reader::open(path, None)?;
    let mut count = 0;
    while let Some(entry) = reader.next()? {
        count += usize::from(entry.record.rtype == Rtype::RRSIG);
    }
    Ok(count)
}

fn print(zone: &Zone<'_>, contestants: &[Contestant], limit: f64) {
    println!("\nsigning {}, whole processes, medians\n", zone.name);
    let mut table =
        Table::new(&["signer", "wall s", "cpu s", "peak MB", "signatures", "× limit", "× zoneseal", "how"]);
    let of = |usages: &[Usage], part: fn(&Usage) -> f64| median(usages.iter().map(part).collect());
    let ours = contestants.first().map_or(0.0, |ours| of(&ours.usages, |usage| usage.wall));
    for Contestant { program, remark, usages, signatures, .. } in contestants {
        let wall = of(usages, |usage| usage.wall);
        table.row(vec![
            (*program).into(),
            format!("{wall:.2}"),
            format!("{:.2}", of(usages, |usage| usage.cpu)),
            format!("{:.0}", of(usages, |usage| usage.memory)),
            signatures.to_string(),
            format!("{:.2}", wall / limit),
            format!("{:.2}", wall / ours),
            (*remark).into(),
        ]);
    }
    let signatures = contestants.first().map_or(0, |ours| ours.signatures);
    table.row(vec![
        "limit".into(),
        format!("{limit:.2}"),
        String::new(),
        String::new(),
        signatures.to_string(),
        "1.00".into(),
        format!("{:.2}", limit / ours),
        "ring alone, all cores".into(),
    ]);
    table.print();
}
