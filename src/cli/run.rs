//! `zoneseal run`: every zone, from cron.

use super::{Failure, World, count, usage, zone_name};
use crate::dns::NameBuf;
use crate::dns::time::Time;
use crate::error::{Fault, Severity};
use crate::keys::zone_file_name;
use crate::run::batch::{self, in_shard};
use crate::run::job::Job;
use crate::run::layout::{self, Found};
use crate::run::recipe::cores;
use crate::run::zone::{Clock, Done, Outcome};
use clap::Args;
use std::collections::BTreeSet;
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
    /// The folder of zone files, with all folders in it
    #[arg(long, value_name = "DIR", default_value = "zones")]
    zones: PathBuf,
    /// The folder of keys: DIR/ZONE/*.pem, or flat
    #[arg(long, value_name = "DIR", default_value = "keys")]
    keys: PathBuf,
    /// The folder for signed zones, ZONE.zone, and DS records, ZONE.ds
    #[arg(long, value_name = "DIR", default_value = "signed")]
    output: PathBuf,
    /// Part K, from 0 to N-1, of N parts of all zones: always the same zones
    #[arg(long, value_name = "K/N")]
    shard: Option<String>,
    /// Keys do what their times say, even if validators then find the zone bogus
    #[arg(long)]
    force_unsafe: bool,
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
}

impl Tally {
    fn add(&mut self, outcome: &Outcome) {
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

/// Does what is due for every zone.
pub(super) fn run(args: &RunArgs, world: &World) -> Result<(), Failure> {
    let started = Instant::now();
    let shard = args.shard.as_deref().map(shard).transpose()?;
    let wanted = args.zones_named.iter().map(|name| zone_name(name)).collect::<Result<Vec<_>, _>>()?;
    let mut found = layout::find(&args.zones, &args.keys);
    let faults = std::mem::take(&mut found.faults);
    faults.iter().for_each(|fault| world.report.fault(fault));
    report_orphans(&found, &args.output, world);
    let mut tally = Tally { failed: faults.errors(), ..Tally::default() };
    for zone in wanted.iter().filter(|zone| !found.zones.iter().any(|(name, _)| name == *zone)) {
        let told = format!("there is no file for the zone {zone} in {}", args.zones.display());
        world.report.fault(&Fault::error(told).hint("a zone file is NAME.zone, NAME.db or db.NAME"));
        tally.failed += 1;
    }
    let in_part = |zone: &NameBuf| shard.is_none_or(|(part, parts)| in_shard(zone.as_name(), part, parts));
    let chosen = found.zones.iter().filter(|(zone, _)| wanted.is_empty() || wanted.contains(zone));
    let jobs: Vec<Job> = chosen
        .filter(|(zone, _)| in_part(zone))
        .map(|(zone, file)| args.job(zone, file, world.now))
        .collect();
    let clock = Clock { now: world.now, given: world.now_given };
    let threads = args.threads.map_or_else(cores, NonZeroUsize::get);
    let tally = Mutex::new(tally);
    batch::run(&jobs, clock, threads, &|job, outcome| {
        // one zone's messages stand together
        let mut tally = tally.lock().unwrap_or_else(PoisonError::into_inner);
        tally.add(&outcome);
        tell(job, &outcome, world);
    });
    let tally = tally.into_inner().unwrap_or_else(PoisonError::into_inner);
    summary(&tally, &found, args, shard, started, world);
    if tally.failed > 0 { Err(Failure::Reported) } else { Ok(()) }
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

/// Signed zones whose zone files are gone are served on, until their signatures end.
fn report_orphans(found: &Found, output: &Path, world: &World) {
    let known: BTreeSet<String> =
        found.zones.iter().map(|(zone, _)| zone_file_name(zone.as_name())).collect();
    let Ok(entries) = std::fs::read_dir(output) else { return };
    let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    let mut orphans: Vec<String> = names
        .filter(|name| {
            name.strip_suffix(".zone").is_some_and(|zone| !zone.starts_with('.') && !known.contains(zone))
        })
        .collect();
    orphans.sort();
    for name in orphans {
        let file = output.join(name).display().to_string();
        let fault = Fault::warning("its zone file is gone: nobody signs it any more").in_file(&file);
        world
            .report
            .fault(&fault.hint("remove it when no server has the zone any more, or put the zone file back"));
    }
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
    /// What is to be done for a zone.
    fn job(&self, zone: &NameBuf, file: &Path, now: Time) -> Job {
        use crate::dnssec::{ds, policy::Validity, sign::Denial};
        use crate::run::recipe::{Check, Recipe, SigningRecipe};
        let name = zone_file_name(zone.as_name());
        let expiration = Time(now.0 + 28 * 86_400);
        let signing = SigningRecipe {
            validity: Validity {
                inception: Time(now.0 - 3600),
                expiration,
                keys_expiration: expiration,
                jitter: 0,
            },
            spread: true,
            refresh: None,
            denial: Denial::Nsec,
            cds: Vec::new(),
            dnskey_ttl: None,
            publish_keys: true,
            drop_foreign_keys: false,
            allow_incomplete: false,
            allow_tag_collision: false,
        };
        Job {
            zone: zone.clone(),
            file: file.to_owned(),
            keys: self.keys.clone(),
            output: self.output.join(format!("{name}.zone")),
            ds: self.output.join(format!("{name}.ds")),
            recipe: Recipe {
                now,
                signing: Some(signing),
                zonemd: Vec::new(),
                serial: crate::dns::soa::SerialPolicy::Increment,
                max_ttl: None,
                out_of_zone: crate::zone::builder::OutOfZone::Refuse,
                include_dir: None,
                types: crate::zonefile::fields::Types::Classic,
                comments: false,
                dnssec_only: false,
                threads: 1,
                check: Check::AUTO,
            },
            policy: [0; 32],
            key_options: crate::keys::Options::default(),
            algorithms: Vec::new(),
            propagation: 3600,
            ds_ttl: 86_400,
            ds_digests: vec![ds::Digest::Sha256],
            hook: Vec::new(),
            hook_limit: std::time::Duration::from_secs(60),
            force_unsafe: self.force_unsafe,
        }
    }
}
