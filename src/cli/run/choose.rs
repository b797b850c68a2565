//! Which zones are looked at, and what keeps some of them from it.

use super::tally::Tally;
use super::{RunArgs, Shard};
use crate::cli::World;
use crate::dns::NameBuf;
use crate::error::Fault;
use crate::run::batch::in_shard;
use crate::run::config::Config;
use crate::run::job::Job;
use crate::run::layout::Found;
use crate::run::zone::standing_of;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The zones that were found, or those of them that are `wanted` and in this part; what is wrong is told.
pub(super) fn choose(
    args: &RunArgs,
    config: &Config,
    found: &Found,
    wanted: &[NameBuf],
    tally: &mut Tally,
    world: &World,
) -> Vec<Job> {
    found.faults.iter().for_each(|fault| tally.fail(fault, world));
    report_orphans(found, config, tally, world);
    for zone in wanted.iter().filter(|zone| !found.knows(zone)) {
        let told = format!("there is no file for the zone {zone} in {}", config.zones.display());
        tally.fail(&Fault::error(told).hint("a zone file is NAME.zone, NAME.db or db.NAME"), world);
    }
    let shard = tally.shard;
    let chosen = |zone: &NameBuf| {
        let in_part = |(part, parts): Shard| in_shard(zone.as_name(), part, parts);
        (wanted.is_empty() || wanted.contains(zone)) && shard.is_none_or(in_part)
    };
    let mut jobs = jobs(args, config, found, world);
    // of all zones: who writes over whom does not depend on who is looked at
    let clashes = clashes(&jobs);
    jobs.retain(|job| chosen(&job.zone) && !clashes.iter().any(|(zone, _)| *zone == job.zone));
    for (_, fault) in found.twice.iter().chain(&clashes).filter(|(zone, _)| chosen(zone)) {
        tally.fail(fault, world);
    }
    jobs
}

/// What is to be done for each zone that was found.
pub(super) fn jobs(args: &RunArgs, config: &Config, found: &Found, world: &World) -> Vec<Job> {
    // nearly all zones have the policy of the one before
    let mut last = None;
    let job = |(zone, file): &(NameBuf, PathBuf)| {
        let settings = config.zone(zone.as_name(), file);
        let known = last.filter(|&(policy, _)| policy == settings.policy);
        let (_, digest) = *last.insert(known.unwrap_or_else(|| (settings.policy, settings.policy.digest())));
        Job { force_unsafe: args.force_unsafe, ..Job::of(zone, file, &settings, digest, world.now) }
    };
    found.zones.iter().map(job).collect()
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
        tally.add_standing(&zone, standing_of(&path, zone.as_name()));
    }
}

/// Zones that would write over each other's files.
pub(super) fn clashes(jobs: &[Job]) -> Vec<(NameBuf, Fault)> {
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
