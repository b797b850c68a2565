//! `zoneseal run`: every zone, from cron.

use super::{Failure, World, count, usage, zone_name};
use crate::dns::NameBuf;
use crate::dns::time::Time;
use crate::error::{Fault, Place, Severity};
use crate::files::{self, Output};
use crate::run::batch::{self, in_shard};
use crate::run::config::Config;
use crate::run::job::Job;
use crate::run::layout::{self, Found};
use crate::run::recipe::cores;
use crate::run::zone::{Clock, Done, Outcome, Standing};
use crate::status::prometheus::{self, Metrics};
use clap::Args;
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

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

/// What became of all zones.
#[derive(Debug, Default)]
struct Tally {
    signed: usize,
    kept: usize,
    failed: usize,
    next: Option<Time>,
    metrics: Metrics,
}

impl Tally {
    fn add(&mut self, job: &Job, outcome: &Outcome) {
        self.add_standing(&job.zone, outcome.standing);
        let name = job.zone.to_string();
        let metric = ("zoneseal_zone_good", "Whether the last run found nothing wrong with the zone.");
        self.metrics.add(metric, &[("zone", &name)], u8::from(outcome.is_good()));
        self.failed += usize::from(!outcome.is_good());
        let next = match &outcome.done {
            Some(Done::Signed(signed)) => {
                self.signed += 1;
                signed.next
            }
            Some(Done::Kept { next }) => {
                self.kept += 1;
                *next
            }
            None => None,
        };
        self.next = self.next.into_iter().chain(next).min();
    }
}

impl Tally {
    fn add_standing(&mut self, zone: &NameBuf, standing: Option<Standing>) {
        if let Some(Standing { soa, expires, due, ttl }) = standing {
            let zone = prometheus::Zone { zone, soa, expires, due, ttl };
            prometheus::add_zone(&mut self.metrics, &zone);
        }
    }
}

/// Does what is due for every zone.
pub(super) fn run(args: &RunArgs, world: &World) -> Result<(), Failure> {
    let started = Instant::now();
    let shard = args.shard.as_deref().map(shard).transpose()?;
    let wanted = args.zones_named.iter().map(|name| zone_name(name)).collect::<Result<Vec<_>, _>>()?;
    let config = args.config(world)?;
    let mut found = layout::find(&config);
    if args.check_config {
        return check_config(&config, &found, world);
    }
    let faults = std::mem::take(&mut found.faults);
    faults.iter().for_each(|fault| world.report.fault(fault));
    let mut tally = Tally { failed: faults.errors(), ..Tally::default() };
    report_orphans(&found, &config, &mut tally, world);
    for zone in wanted.iter().filter(|zone| !found.knows(zone)) {
        let told = format!("there is no file for the zone {zone} in {}", config.zones.display());
        world.report.fault(&Fault::error(told).hint("a zone file is NAME.zone, NAME.db or db.NAME"));
        tally.failed += 1;
    }
    let in_part = |zone: &NameBuf| shard.is_none_or(|(part, parts)| in_shard(zone.as_name(), part, parts));
    let chosen = |zone: &NameBuf| (wanted.is_empty() || wanted.contains(zone)) && in_part(zone);
    for (_, fault) in found.twice.iter().filter(|(zone, _)| chosen(zone)) {
        world.report.fault(fault);
        tally.failed += 1;
    }
    let mut jobs: Vec<Job> = found
        .zones
        .iter()
        .map(|(zone, file)| Job {
            force_unsafe: args.force_unsafe,
            ..Job::of(zone, file, &config.zone(zone.as_name(), file), world.now)
        })
        .collect();
    let clashes = clashes(&jobs);
    jobs.retain(|job| chosen(&job.zone));
    for (zone, fault) in clashes.iter().filter(|(zone, _)| chosen(zone)) {
        world.report.fault(fault);
        tally.failed += 1;
        jobs.retain(|job| job.zone != *zone);
    }
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
    summary(&tally, &found, args, shard, started, world);
    let failed = tally.failed > 0;
    // a run for some zones by hand must not take the others out of the file that monitoring reads
    let usual = config.metrics.as_ref().filter(|_| wanted.is_empty());
    if let Some(file) = args.metrics.as_ref().or(usual) {
        let mut out = Output::create(file)?;
        out.write(metrics(tally, shard, started, world).as_bytes())?;
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

fn summary(
    tally: &Tally,
    found: &Found,
    args: &RunArgs,
    shard: Option<(u32, u32)>,
    started: Instant,
    world: &World,
) {
    let part = shard.map_or_else(String::new, |(part, parts)| format!("part {part} of {parts}: "));
    let skipped = match found.skipped.len() {
        0 => String::new(),
        number => format!(", {} skipped", count(number, "other file")),
    };
    let unsafe_keys = if args.force_unsafe { ", --force-unsafe: keys did what their times say" } else { "" };
    let next = tally.next.map_or_else(String::new, |next| format!(", next work is due {next}"));
    world.report.note(&format!(
        "{part}{} signed, {} with nothing due, {} failed{skipped}{unsafe_keys}{next}, {:.2} s",
        count(tally.signed, "zone"),
        tally.kept,
        tally.failed,
        started.elapsed().as_secs_f64()
    ));
    if world.report.verbose() {
        found.skipped.iter().for_each(|file| world.report.note(&format!("skipped: {}", file.display())));
    }
}

/// The metrics of the zones, and of the run itself.
fn metrics(tally: Tally, shard: Option<(u32, u32)>, started: Instant, world: &World) -> String {
    let Tally { signed, kept, failed, mut metrics, .. } = tally;
    let shard = shard.map(|(part, parts)| format!("{part}/{parts}"));
    let labels: Vec<(&str, &str)> = shard.iter().map(|shard| ("shard", shard.as_str())).collect();
    for (name, help, value) in [
        ("zoneseal_run_zones_signed", "Zones of which the last run put a new version in place.", signed),
        ("zoneseal_run_zones_kept", "Zones for which nothing was due.", kept),
        ("zoneseal_run_zones_failed", "Zones with which something was wrong.", failed),
    ] {
        metrics.add((name, help), &labels, value);
    }
    let seconds = started.elapsed().as_secs_f64();
    metrics.add(("zoneseal_run_seconds", "How long the last run took."), &labels, format!("{seconds:.3}"));
    let metric = ("zoneseal_run_timestamp_seconds", "When the last run began, in Unix time.");
    metrics.add(metric, &labels, world.now.0);
    metrics.text()
}

/// Signed zones whose zone files are gone are served on, until their signatures end.
fn report_orphans(found: &Found, config: &Config, tally: &mut Tally, world: &World) {
    let Ok(entries) = std::fs::read_dir(&config.output) else { return };
    let paths = entries.flatten().map(|entry| entry.path());
    let mut orphans: Vec<(PathBuf, NameBuf)> =
        paths.filter_map(|path| config.signed_name.zone(&path).map(|zone| (path, zone))).collect();
    orphans.retain(|(_, zone)| !found.knows(zone));
    orphans.sort_by(|one, other| one.0.cmp(&other.0));
    for (path, zone) in orphans {
        let fault = Fault::warning("its zone file is gone: nobody signs it any more")
            .in_file(&path.display().to_string());
        world
            .report
            .fault(&fault.hint("remove it when no server has the zone any more, or put the zone file back"));
        tally.add_standing(&zone, Standing::of(&path, zone.as_name()));
    }
}

/// Zones that would write over each other's files.
fn clashes(jobs: &[Job]) -> Vec<(NameBuf, Fault)> {
    let mut owners: BTreeMap<&Path, &Job> = BTreeMap::new();
    let mut clashes = Vec::new();
    for job in jobs {
        for path in [&job.output, &job.ds] {
            if let Some(other) = owners.insert(path, job).filter(|other| other.zone != job.zone) {
                for (one, another) in [(job, other), (other, job)] {
                    let told = format!("the zone {} would write the same file as {}", one.zone, another.zone);
                    let fault = Fault::error(told).in_file(&path.display().to_string());
                    let hint = "give one of them another output in the configuration";
                    clashes.push((one.zone.clone(), fault.hint(hint)));
                }
            }
        }
    }
    clashes
}

/// Says what the configuration is about.
fn check_config(config: &Config, found: &Found, world: &World) -> Result<(), Failure> {
    found.faults.iter().for_each(|fault| world.report.fault(fault));
    for entry in config.entries() {
        let place = |place: Option<&Place>| place == Some(&entry.place);
        if !found.zones.iter().any(|(zone, file)| place(config.zone(zone.as_name(), file).place)) {
            world
                .report
                .fault(&Fault::warning("this entry is about no zone that is there").at(entry.place.clone()));
        }
    }
    if found.faults.errors() > 0 {
        return Err(Failure::Reported);
    }
    world.report.note(&format!("the configuration is good: {}", count(found.zones.len(), "zone")));
    Ok(())
}

/// Reads K/N.
fn shard(text: &str) -> Result<(u32, u32), Failure> {
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
}
