//! The project's benchmark: `make bench`. It measures and prints, and judges nothing. What it measures is the program that
//! Cargo built with it, or the one that `ZONESEAL_BIN` names, and beside it the one that `ZONESEAL_FAST` names, if any;
//! `library` is always this process, and `growth` leaves the second one out.
//!
//! | part | what is measured |
//! |---|---|
//! | `zones` | nothing: the zones are made, and left in the folder |
//! | `library` | reading, sealing and writing on one core, in this process |
//! | `signers` | zoneseal and its peers as whole processes, beside the limit that ring sets |
//! | `verify` | likewise, verifying what zoneseal signed |
//! | `run` | `zoneseal run` over many zones, with nothing due, and with little changed |
//! | `growth` | zones of a tenth, one and ten times as many delegations; only if asked for: it takes 4 GB of disk |
//!
//! `cargo test` runs all parts once, on zones that are very small, to see that they work.

mod compare;
mod growth;
mod habits;
mod library;
mod limit;
mod peers;
mod process;
mod signers;
mod table;
mod verifiers;
mod zones;

use clap::{Parser, ValueEnum};
use signers::{Denial, Zone};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use table::Table;
use zoneseal::error::Faults;

#[derive(Debug, Parser)]
#[command(about = "Measures zoneseal, and its peers beside it")]
struct Args {
    /// What to do [default: all that measures, but for growth]
    #[arg(value_name = "PART")]
    parts: Vec<Part>,
    /// Where zones, keys and signed zones go
    #[arg(long, value_name = "DIR", default_value = "target/bench")]
    dir: PathBuf,
    /// How large the zones are; 1: 100 000 hosts, 1 000 000 delegations, 2 000 small zones
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0)]
    scale: f64,
    /// How often each thing is measured
    #[arg(long, value_name = "N", default_value_t = 5)]
    runs: usize,
    /// Leave the peers out
    #[arg(long)]
    alone: bool,
    /// Given by cargo
    #[arg(long, hide = true)]
    bench: bool,
    /// Whether the numbers mean nothing
    #[arg(skip)]
    is_trial: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    Zones,
    Library,
    Signers,
    Verify,
    Run,
    Growth,
}

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_some_and(|word| word == process::MEASURE) {
        return process::measure(arguments);
    }
    // only `cargo bench` says --bench; `cargo test` says which tests it wants, if not all
    let args = if std::env::args().any(|word| word == "--bench") {
        Args::parse()
    } else if std::env::args().skip(1).all(|word| "benchmark".contains(&word)) {
        trial()
    } else {
        return ExitCode::SUCCESS;
    };
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("bench: {message}");
            ExitCode::FAILURE
        }
    }
}

/// All parts, once, on zones so small that the numbers mean nothing.
fn trial() -> Args {
    println!("a trial of the benchmark: the numbers mean nothing");
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench");
    Args { parts: Vec::new(), dir, scale: 0.0002, runs: 1, alone: false, bench: false, is_trial: true }
}

fn run(args: &Args) -> Result<(), String> {
    println!("{}", machine());
    // signers are run in folders of their own
    std::fs::create_dir_all(&args.dir).map_err(|error| format!("{}: {error}", args.dir.display()))?;
    let dir = args.dir.canonicalize().map_err(|error| error.to_string())?;
    let zones = zones::make(&dir, args.scale).map_err(|error| format!("{}: {error}", dir.display()))?;
    let wants = |part| args.parts.contains(&part) || args.parts.is_empty() && part != Part::Zones;
    let large = [("hosts.test", &zones.hosts), ("tld", &zones.tld)];
    if wants(Part::Library) {
        library(&large, args.runs)?;
    }
    if wants(Part::Signers) {
        let [(hosts, hosts_file), (tld, tld_file)] = large;
        let hosts = Zone { name: hosts, file: hosts_file, denial: Denial::Nsec };
        signers::compare(&hosts, !args.alone, &dir, args.runs)?;
        for denial in [Denial::Nsec, Denial::Nsec3, Denial::OptOut] {
            // one kind is enough to see how they stand: most of them take a minute
            let with_peers = denial == Denial::OptOut && !args.alone;
            signers::compare(&Zone { name: tld, file: tld_file, denial }, with_peers, &dir, args.runs)?;
        }
    }
    if wants(Part::Verify) {
        let (name, file) = large[0];
        verifiers::compare(&Zone { name, file, denial: Denial::Nsec }, !args.alone, &dir, args.runs)?;
    }
    if wants(Part::Run) {
        habits::measure(&zones, &dir, args.runs)?;
    }
    if args.parts.contains(&Part::Growth) || args.is_trial {
        growth::measure(&dir, args.scale, args.runs)?;
    }
    Ok(())
}

/// What all numbers depend on.
fn machine() -> String {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or("unknown processor", |(_, model)| model);
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get);
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    format!("{model}, {cores} cores, Linux {}", kernel.trim())
}

fn library(zones: &[(&str, &PathBuf)], runs: usize) -> Result<(), String> {
    println!("\nthe library on one core, medians of processor time\n");
    let mut table =
        Table::new(&["zone", "text MB", "records", "read MB/s", "collect s", "seal s", "write MB/s", "what"]);
    for &(name, path) in zones {
        table.row(library_row(name, path, runs).map_err(|faults| describe(&faults))?);
    }
    table.print();
    Ok(())
}

fn library_row(name: &str, path: &Path, runs: usize) -> Result<Vec<String>, Faults> {
    let (size, read) = library::read(path, runs)?;
    let (sealing, zone) = library::seal(path, runs)?;
    let write = library::format(&zone, runs);
    Ok(vec![
        name.into(),
        format!("{size:.1}"),
        sealing.records.to_string(),
        format!("{read:.0}"),
        format!("{:.3}", sealing.collect),
        format!("{:.3}", sealing.seal),
        format!("{write:.0}"),
        "the zone as made".into(),
    ])
}

fn describe(faults: &Faults) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}
