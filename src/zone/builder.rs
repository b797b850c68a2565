//! Records in any order → a sealed [`Zone`].

use super::arena::{Arena, Row, Run};
use super::arrange::{Arranged, Ordered};
use super::check;
use super::findings::{Findings, Levels};
use super::lint::{self, Checked};
use super::rules::{Level, rule};
use super::sort;
use super::spelling::{Labels, Spellings};
use super::{Counts, Zone};
use crate::dns::time::Time;
use crate::dns::{Class, Name, NameBuf, Record, Rtype};
use crate::error::{Fault, Faults};
use crate::source::{Sources, Spot};

/// What to do with records outside the zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutOfZone {
    /// They are errors.
    Refuse,
    /// They are left out, and counted.
    Drop,
}

/// Which of the records that signing makes anew a builder keeps.
#[derive(Clone, Copy, Debug, Default)]
enum Keeps {
    #[default]
    Nothing,
    Parameters,
    All,
}

/// Collects records.
#[derive(Debug, Default)]
pub struct Builder {
    arena: Arena,
    runs: Vec<Run>,
    counts: Counts,
    /// All records given, kept or not.
    pushed: usize,
    /// What of the records that signing makes anew is kept.
    keeps: Keeps,
    firsts: Firsts,
    /// Whether records were dropped.
    leaves_out: bool,
}

/// The first run that has a type, so that nobody need look for a type that is not there. The types from 255 on have
/// one entry together.
#[derive(Debug)]
struct Firsts([u32; 256]);

impl Default for Firsts {
    fn default() -> Self {
        Self([u32::MAX; 256])
    }
}

impl Firsts {
    fn note(&mut self, rtype: Rtype, run: u32) {
        let first = &mut self.0[Self::index(rtype)];
        *first = run.min(*first);
    }

    /// Where to begin to look for a type in so many runs.
    fn of(&self, rtype: Rtype, runs: usize) -> usize {
        runs.min(self.0[Self::index(rtype)] as usize)
    }

    fn index(rtype: Rtype) -> usize {
        usize::from(rtype.0).min(255)
    }
}

fn too_large() -> Fault {
    Fault::error("the zone has more than 16 GiB of data")
}

/// Types that a signer makes anew: their records in the input are left out.
fn is_made_anew(rtype: Rtype) -> bool {
    matches!(rtype, Rtype::RRSIG | Rtype::NSEC | Rtype::NSEC3 | Rtype::NSEC3PARAM)
}

impl Builder {
    /// An empty builder.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same builder, keeping the records that signing makes anew: for a zone that is not to be signed.
    #[must_use]
    pub fn keep_dnssec(mut self) -> Self {
        self.keeps = Keeps::All;
        self
    }

    /// An empty builder that keeps NSEC3PARAM records, which a check wants to see.
    #[must_use]
    pub fn for_check() -> Self {
        Self { keeps: Keeps::Parameters, ..Self::default() }
    }

    /// Adds a record of the input; of those that signing makes anew, only their number is kept.
    ///
    /// # Errors
    /// The zone is larger than can be held.
    pub fn push(&mut self, record: Record<'_>, spot: Spot) -> Result<(), Fault> {
        let kept = match self.keeps {
            Keeps::Nothing => !is_made_anew(record.rtype),
            Keeps::Parameters => !is_made_anew(record.rtype) || record.rtype == Rtype::NSEC3PARAM,
            Keeps::All => true,
        };
        if !kept {
            self.pushed += 1;
            self.counts.dropped += 1;
            return Ok(());
        }
        self.store(record, spot)
    }

    /// Adds a record that the signer makes.
    ///
    /// # Errors
    /// The zone is larger than can be held.
    pub fn add(&mut self, record: Record<'_>) -> Result<(), Fault> {
        self.store(record, Spot::default())
    }

    fn store(&mut self, record: Record<'_>, spot: Spot) -> Result<(), Fault> {
        self.pushed += 1;
        // the same spelling: the run goes on
        let goes_on = |run: &&mut Run| self.arena.starts_with(run.start, record.owner);
        if let Some(run) = self.runs.last_mut().filter(goes_on) {
            run.count += 1;
        } else {
            let start = self.arena.push(record.owner.wire()).ok_or_else(too_large)?;
            self.runs.push(Run { start, count: 1 });
        }
        self.arena.add(record, spot).ok_or_else(too_large)?;
        let number = u32::try_from(self.runs.len() - 1).map_err(|_| too_large())?;
        self.firsts.note(record.rtype, number);
        Ok(())
    }

    /// Adds all that a part holds, behind what is here, and leaves the part empty.
    ///
    /// # Errors
    /// The zone is larger than can be held.
    pub(crate) fn append(&mut self, part: &mut Self) -> Result<(), Fault> {
        let number = u32::try_from(self.runs.len()).ok();
        let (Some(start), Some(number)) = (self.arena.append(&mut part.arena), number) else {
            return Err(too_large());
        };
        self.runs.extend(part.runs.drain(..).map(|run| Run { start: run.start.behind(start), ..run }));
        let firsts = std::mem::take(&mut part.firsts);
        for (first, of_part) in self.firsts.0.iter_mut().zip(firsts.0) {
            *first = (*first).min(of_part.saturating_add(number));
        }
        self.counts = self.counts.plus(std::mem::take(&mut part.counts));
        self.pushed += std::mem::take(&mut part.pushed);
        Ok(())
    }

    /// The records added so far, with their places.
    pub fn records(&self) -> impl Iterator<Item = (Record<'_>, Spot)> {
        self.runs.iter().flat_map(|&run| self.arena.records(run))
    }

    /// Those of one type.
    pub fn records_of(&self, rtype: Rtype) -> impl Iterator<Item = Record<'_>> {
        let runs = &self.runs[self.firsts.of(rtype, self.runs.len())..];
        let records = runs.iter().flat_map(|&run| self.arena.records(run));
        records.map(|(record, _)| record).filter(move |record| record.rtype == rtype)
    }

    /// The owner of the first SOA record: the zone's name, where nobody said another.
    #[must_use]
    pub fn soa_owner(&self) -> Option<NameBuf> {
        self.records_of(Rtype::SOA).next().map(|record| record.owner.to_buf())
    }

    /// Leaves out the records of a type for which `out` says so.
    pub fn remove(&mut self, rtype: Rtype, mut out: impl FnMut(Record<'_>) -> bool) {
        let mut dropped = 0;
        self.amend(rtype, |record| {
            let out = out(record);
            dropped += usize::from(out);
            out.then_some((Row::DROPPED, record.ttl))
        });
        self.counts.dropped += dropped;
        self.leaves_out |= dropped > 0;
    }

    /// Gives the records of a type the type and TTL that `amend` has for them, if it has.
    fn amend(&mut self, rtype: Rtype, mut amend: impl FnMut(Record<'_>) -> Option<(Rtype, u32)>) {
        let first = self.firsts.of(rtype, self.runs.len());
        for &run in &self.runs[first..] {
            self.arena.amend(run, |record, _| if record.rtype == rtype { amend(record) } else { None });
        }
    }

    /// Reduces all TTLs to at most `limit`.
    pub fn limit_ttl(&mut self, limit: u32) {
        for &run in &self.runs {
            self.arena.amend(run, |record, _| (record.ttl > limit).then_some((record.rtype, limit)));
        }
    }

    /// Leaves out the apex ZONEMDs and what signs them: digests of another zone's bytes. Below the apex they
    /// are data like any other.
    pub fn remove_zonemd(&mut self, apex: Name<'_>) {
        self.remove(Rtype::ZONEMD, |record| record.owner == apex);
        let covered = Rtype::ZONEMD.0.to_be_bytes();
        self.remove(Rtype::RRSIG, |record| record.owner == apex && record.rdata.starts_with(&covered));
    }

    /// Gives an RRset another TTL.
    pub fn set_ttl(&mut self, owner: Name<'_>, rtype: Rtype, ttl: u32) {
        self.amend(rtype, |record| (record.owner == owner).then_some((rtype, ttl)));
    }

    /// Sorts, walks and checks: the zone, and what is odd about it.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn seal(
        self,
        apex: &NameBuf,
        class: Class,
        sources: Sources,
        out_of_zone: OutOfZone,
    ) -> Result<(Zone, Faults), Faults> {
        let mut levels = Levels::of_signing();
        let outside = match out_of_zone {
            OutOfZone::Refuse => Level::Error,
            OutOfZone::Drop => Level::Allow,
        };
        levels.set(const { rule("out-of-zone") }, outside);
        let (zone, findings) = self.arrange(apex, class, sources, Findings::new(levels), true)?;
        let sound = findings.errors() == 0;
        let faults = findings.into_faults(zone.sources());
        if sound { Ok((zone, faults)) } else { Err(faults) }
    }

    /// Looks for all that is wrong or odd; `findings` may already hold what reading found. `now` is the
    /// clock.
    ///
    /// # Errors
    /// The zone is larger than can be held.
    pub fn check(
        self,
        apex: &NameBuf,
        class: Class,
        sources: Sources,
        findings: Findings,
        now: Time,
    ) -> Result<Checked, Faults> {
        let (zone, findings) = self.arrange(apex, class, sources, findings, false)?;
        Ok(lint::check(zone, findings, now))
    }

    /// Sorts and walks. `brief`: once there are as many errors as a person wants to see, the rest of the
    /// names is left out. What has errors is no zone to sign.
    fn arrange(
        mut self,
        apex: &NameBuf,
        class: Class,
        sources: Sources,
        mut findings: Findings,
        brief: bool,
    ) -> Result<(Zone, Findings), Faults> {
        let keys = |zone: &Self| sort::keys(&zone.runs, &zone.arena, apex.as_name());
        if self.leaves_out {
            self.forget_empty_runs();
        }
        let (mut keyed, mut seen) = keys(&self);
        if !seen.in_zone {
            self.leave_out_of_zone(apex.as_name(), &mut findings);
            self.forget_empty_runs();
            (keyed, seen) = keys(&self);
        }
        let Self { mut arena, mut runs, counts, pushed, .. } = self;
        let labels = seen.upper_case.then(|| Labels::of(&runs, &arena, apex.as_name()));
        sort::sort(keyed, &mut runs, &arena);
        let ordered = Ordered { apex: apex.as_name(), runs: &runs, arena: &arena, brief };
        let Arranged { nodes, counts: found, check, whole } = ordered.arrange(&findings);
        let (findings, counts) = (check.finish(), counts.plus(found));
        if whole && counts.records + counts.dropped + counts.out_of_zone != pushed {
            return Err(
                Fault::error("records were lost while the zone was put in order; please report it").into()
            );
        }
        let spellings = match labels {
            Some(labels) => labels.spell(&nodes, &runs, &mut arena).ok_or_else(too_large)?,
            None => Spellings::new(),
        };
        let zone = Zone { apex: apex.clone(), class, arena, runs, nodes, spellings, sources, counts };
        Ok((zone, findings))
    }

    #[cfg(test)]
    pub(super) fn into_runs(self) -> (Vec<Run>, Arena) {
        (self.runs, self.arena)
    }

    /// Forgets the runs of which every record was dropped.
    fn forget_empty_runs(&mut self) {
        self.runs.retain(|&run| self.arena.rows(run).next().is_some());
    }

    fn leave_out_of_zone(&mut self, apex: Name<'_>, findings: &mut Findings) {
        for &run in &self.runs {
            if self.arena.name(run.start).is_at_or_below(apex) {
                continue;
            }
            self.arena.amend(run, |record, spot| {
                check::out_of_zone(apex, record, spot, findings);
                self.counts.out_of_zone += 1;
                Some((Row::DROPPED, record.ttl))
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Owners that are repeated, in two spellings, with RDATA that ends anywhere; some types are left out.
    fn record() -> impl Strategy<Value = (String, Rtype, usize)> {
        let types = [Rtype::TXT, Rtype(256), Rtype(65280), Rtype::RRSIG];
        ("[aA]{0,2}", prop::sample::select(types.to_vec()), 0..9_usize)
    }

    /// All that can be asked of a builder.
    fn seen(builder: &Builder) -> String {
        let of_type = |rtype| builder.records_of(rtype).collect::<Vec<_>>();
        let types = [Rtype::TXT, Rtype(256), Rtype(65280)].map(of_type);
        let records: Vec<_> = builder.records().collect();
        format!("{records:?} {types:?} {:?} {}", builder.counts, builder.pushed)
    }

    proptest! {
        #[test]
        fn parts_together_are_the_whole(
            records in prop::collection::vec(record(), 0..60),
            length in 1..20_usize,
        ) {
            let (mut whole, mut parts, mut part) = (Builder::new(), Builder::new(), Builder::new());
            let apex = NameBuf::from_text("example.").unwrap();
            for builder in [&mut whole, &mut parts] {
                for (rtype, rdata) in [(Rtype::SOA, &[0; 22][..]), (Rtype::NS, &[1, b'n', 0])] {
                    let record = Record { owner: apex.as_name(), rtype, ttl: 60, rdata };
                    builder.push(record, Spot::default()).unwrap();
                }
            }
            for (number, (label, rtype, octets)) in records.iter().enumerate() {
                let owner = NameBuf::from_text(&format!("{label}x.example.")).unwrap();
                let rdata = &[number.to_le_bytes()[0]; 9][..*octets];
                let record = Record { owner: owner.as_name(), rtype: *rtype, ttl: 60, rdata };
                let spot = Spot { file: 0, line: u32::try_from(number).unwrap() };
                whole.push(record, spot).unwrap();
                part.push(record, spot).unwrap();
                if number % length == 0 {
                    parts.append(&mut part).unwrap();
                    prop_assert_eq!(seen(&part), seen(&Builder::new()));
                }
            }
            parts.append(&mut part).unwrap();
            // a last part may be empty, and what signing adds may go on with the last owner
            parts.append(&mut part).unwrap();
            let (owner, number) = {
                let (last, spot) = whole.records().last().unwrap();
                (last.owner.to_buf(), spot.line)
            };
            for builder in [&mut whole, &mut parts] {
                let record = Record { owner: owner.as_name(), rtype: Rtype::TXT, ttl: 60, rdata: &[9; 5] };
                builder.push(record, Spot { file: 0, line: number + 1 }).unwrap();
            }
            prop_assert_eq!(seen(&parts), seen(&whole));
            let sealed = |builder: Builder| {
                let (zone, _) =
                    builder.seal(&apex, Class::IN, Sources::default(), OutOfZone::Refuse).unwrap();
                let records = (0..zone.names()).flat_map(|number| zone.placed_records(number));
                format!("{:?}", records.collect::<Vec<_>>())
            };
            prop_assert_eq!(sealed(parts), sealed(whole));
        }
    }
}
