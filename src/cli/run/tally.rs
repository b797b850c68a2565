//! What became of all zones: for the last line, and for monitoring.

use super::{RunArgs, Shard};
use crate::cli::{World, count};
use crate::dns::NameBuf;
use crate::dns::time::Time;
use crate::error::Fault;
use crate::run::job::Job;
use crate::run::zone::{Done, Outcome};
use crate::status::Standing;
use crate::status::prometheus::{self, Metrics};
use std::time::Instant;

/// What became of all zones.
#[derive(Debug, Default)]
pub(super) struct Tally {
    signed: usize,
    kept: usize,
    pub(super) failed: usize,
    next: Option<Time>,
    metrics: Metrics,
    /// Which part of all zones it was.
    pub(super) shard: Option<Shard>,
}

impl Tally {
    /// Of no zones yet, in this part of them.
    pub(super) fn new(shard: Option<Shard>) -> Self {
        Self { shard, ..Self::default() }
    }

    /// Adds what became of a zone.
    pub(super) fn add(&mut self, job: &Job, outcome: &Outcome) {
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

    /// Adds what is known of a signed zone to the metrics.
    pub(super) fn add_standing(&mut self, zone: &NameBuf, standing: Option<Standing>) {
        if let Some(standing) = standing {
            prometheus::add_zone(&mut self.metrics, zone, &standing);
        }
    }

    /// Says something is wrong that is no zone's affair, or that of one which is not looked at.
    pub(super) fn fail(&mut self, fault: &Fault, world: &World) {
        world.report.fault(fault);
        self.failed += 1;
    }

    /// The last line.
    pub(super) fn summary(&self, args: &RunArgs, skipped: usize, started: Instant) -> String {
        let part = self.shard.map_or_else(String::new, |(part, parts)| format!("part {part} of {parts}: "));
        let skipped = match skipped {
            0 => String::new(),
            number => format!(", {} skipped", count(number, "other file")),
        };
        let unsafe_keys =
            if args.force_unsafe { ", --force-unsafe: keys did what their times say" } else { "" };
        let next = self.next.map_or_else(String::new, |next| format!(", next work is due {next}"));
        format!(
            "{part}{} signed, {} with nothing due, {} failed{skipped}{unsafe_keys}{next}, {:.2} s",
            count(self.signed, "zone"),
            self.kept,
            self.failed,
            started.elapsed().as_secs_f64()
        )
    }

    /// The metrics of the zones, and of the run itself.
    pub(super) fn metrics(self, started: Instant, world: &World) -> String {
        let Self { signed, kept, failed, mut metrics, shard, .. } = self;
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
        metrics.add(
            ("zoneseal_run_seconds", "How long the last run took."),
            &labels,
            format!("{seconds:.3}"),
        );
        let metric = ("zoneseal_run_timestamp_seconds", "When the last run began, in Unix time.");
        metrics.add(metric, &labels, world.now.0);
        metrics.text()
    }
}
