//! `zoneseal run`: every zone, from cron.

mod choose;
mod tally;

use super::{Failure, World, count, usage, zone_name};
use crate::dns::time::Time;
use crate::error::{Fault, Place, Severity};
use crate::files::{self, Output};
use crate::run::batch;
use crate::run::config::Config;
use crate::run::job::Job;
use crate::run::layout::{self, Found};
use crate::run::recipe::cores;
use crate::run::zone::{Clock, Done, Outcome};
use clap::Args;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;
use tally::Tally;

/// Part K of N parts.
type Shard = (u32, u32);

/// Arguments of `run`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    zoneseal run                              all of zones/, with keys/, into signed/\n  \
    zoneseal run -q example.org               one zone, for cron: no word unless something is wrong\n  \
    zoneseal run --shard 2/8                  the third of eight machines\n\n\
    It does only what is due: the same command is right every hour and after every edit. A zone file is NAME.zone, \
    NAME.db, db.NAME, or NAME where keys/NAME/ exists.")]
pub(super) struct RunArgs {
    /// Zones, by name [default: all]
    #[arg(value_name = "ZONE")]
    zones_named: Vec<String>,
    /// The configuration [default: zoneseal.toml, if there is one]
    #[arg(short, long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Read the configuration, say what is wrong with it, and do nothing else
    #[arg(long)]
    check_config: bool,
    /// The folder of zone files, with all folders in it [default: zones]
    #[arg(long, value_name = "DIR")]
    zones: Option<PathBuf>,
    /// The folder of keys: DIR/ZONE/*.pem, or flat [default: keys]
    #[arg(long, value_name = "DIR")]
    keys: Option<PathBuf>,
    /// The folder for signed zones, ZONE.zone, and DS records, ZONE.ds [default: signed]
    #[arg(long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Part K, from 0 to N-1, of N parts of all zones: always the same zones
    #[arg(long, value_name = "K/N")]
    shard: Option<String>,
    /// Keys do what their times say, even if validators then find the zone bogus
    #[arg(long)]
    force_unsafe: bool,
    /// Write metrics for Prometheus into this file, at once or not at all: for `node_exporter`'s textfile collector
    #[arg(long, value_name = "FILE")]
    metrics: Option<PathBuf>,
    /// Threads [default: as many as there are cores]
    #[arg(short = 'j', long, value_name = "N")]
    threads: Option<NonZeroUsize>,
}

/// Does what is due for every zone.
pub(super) fn run(args: &RunArgs, world: &World) -> Result<(), Failure> {
    let started = Instant::now();
    let shard = args.shard.as_deref().map(shard).transpose()?;
    let wanted = args.zones_named.iter().map(|name| zone_name(name)).collect::<Result<Vec<_>, _>>()?;
    let config = args.config(world)?;
    let found = layout::find(&config);
    if args.check_config {
        return args.check_config(&config, &found, world);
    }
    let mut tally = Tally::new(shard);
    let jobs = choose::choose(args, &config, &found, &wanted, &mut tally, world);
    let clock = Clock { now: world.now, given: world.now_given };
    let threads = args.threads.or(config.threads).map_or_else(cores, NonZeroUsize::get);
    let tally = Mutex::new(tally);
    batch::run(&jobs, clock, threads, &|job, outcome| {
        // one zone's messages stand together
        let mut tally = tally.lock().unwrap_or_else(PoisonError::into_inner);
        tally.add(job, &outcome);
        tell(job, &outcome, world);
    });
    let tally = tally.into_inner().unwrap_or_else(PoisonError::into_inner);
    world.report.note(&tally.summary(args, found.skipped.len(), started));
    if world.report.verbose() {
        found.skipped.iter().for_each(|file| world.report.note(&format!("skipped: {}", file.display())));
    }
    let failed = tally.failed > 0;
    // a run for some zones by hand must not take the others out of the file that monitoring reads
    let usual = config.metrics.as_ref().filter(|_| wanted.is_empty());
    if let Some(file) = args.metrics.as_ref().or(usual) {
        let mut out = Output::create(file)?;
        out.write(tally.metrics(started, world).as_bytes())?;
        out.commit()?.iter().for_each(|warning| world.report.fault(warning));
    }
    if failed { Err(Failure::Reported) } else { Ok(()) }
}

/// What became of one zone.
fn tell(job: &Job, outcome: &Outcome, world: &World) {
    let file = job.file.display().to_string();
    for fault in outcome.faults.iter() {
        if fault.severity() == Severity::Error || !world.report.quiet() {
            world.report.fault(&fault.clone().in_file(&file));
        }
    }
    let zone = &job.zone;
    if world.report.verbose() {
        outcome.notes.iter().for_each(|note| world.report.note(&format!("{zone}: {note}")));
    }
    let next = |next: Option<Time>| next.map_or_else(String::new, |next| format!(", next work {next}"));
    match &outcome.done {
        Some(Done::Signed(signed)) => {
            let ends = signed.expires.map_or_else(String::new, |end| format!(", expires {end}"));
            world.report.note(&format!(
                "{zone}: {}, {} made, {} kept, {} of {} checked, serial {}{ends}{}",
                count(signed.records, "record"),
                count(signed.made, "signature"),
                signed.kept,
                signed.verified,
                signed.made + signed.kept,
                signed.serial,
                next(signed.next),
            ));
        }
        Some(Done::Kept { next: due }) if world.report.verbose() => {
            world.report.note(&format!("{zone}: nothing is due{}", next(*due)));
        }
        Some(Done::Kept { .. }) => {}
        None => world.report.note(&format!("{zone}: nothing was put in place")),
    }
}

/// Reads K/N.
fn shard(text: &str) -> Result<Shard, Failure> {
    let parts =
        text.split_once('/').and_then(|(part, parts)| Some((part.parse().ok()?, parts.parse().ok()?)));
    parts.filter(|&(part, parts): &(u32, u32)| part < parts).ok_or_else(|| {
        usage(format!("--shard: expected K/N, part K of N parts with K from 0 to N-1, found \"{text}\""))
    })
}

impl RunArgs {
    /// What the configuration says, and the options that say otherwise.
    fn config(&self, world: &World) -> Result<Config, Failure> {
        let default = Path::new("zoneseal.toml");
        let file = self.config.as_deref().or_else(|| default.exists().then_some(default));
        let mut config = match file {
            None => Config::builtin(Path::new("")),
            Some(file) => {
                let name = file.display().to_string();
                let text =
                    std::fs::read(file).map_err(|error| files::cannot("read", &error).in_file(&name))?;
                let (config, warnings) = Config::read(&text, &name)?;
                for warning in &warnings {
                    world.report.fault(warning);
                }
                config
            }
        };
        for (given, path) in [
            (&self.zones, &mut config.zones),
            (&self.keys, &mut config.keys),
            (&self.output, &mut config.output),
        ] {
            if let Some(given) = given {
                path.clone_from(given);
            }
        }
        Ok(config)
    }

    /// Says what the configuration is about.
    fn check_config(&self, config: &Config, found: &Found, world: &World) -> Result<(), Failure> {
        let clashes = choose::clashes(&choose::jobs(self, config, found, world));
        let others = found.twice.iter().chain(&clashes).map(|(_, fault)| fault);
        let faults: Vec<&Fault> = found.faults.iter().chain(others).collect();
        for fault in &faults {
            world.report.fault(fault);
        }
        for entry in config.entries() {
            let place = |place: Option<&Place>| place == Some(&entry.place);
            if !found.zones.iter().any(|(zone, file)| place(config.zone(zone.as_name(), file).place)) {
                world.report.fault(
                    &Fault::warning("this entry is about no zone that is there").at(entry.place.clone()),
                );
            }
        }
        if !faults.is_empty() {
            return Err(Failure::Reported);
        }
        world.report.note(&format!("the configuration is good: {}", count(found.zones.len(), "zone")));
        Ok(())
    }
}
