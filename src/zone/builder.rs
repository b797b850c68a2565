//! Records in any order → a sealed [`Zone`].

use super::arrange::{Arranged, Ordered};
use super::check;
use super::findings::{Findings, Levels};
use super::lint::{self, Checked};
use super::rules::{Level, rule};
use super::sort::{self, Run};
use super::spelling::{Labels, Spellings};
use super::{Arena, Counts, Offset, Row, Zone};
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
    rows: Vec<Row>,
    runs: Vec<Run>,
    counts: Counts,
    /// All records given, kept or not.
    pushed: usize,
    /// What of the records that signing makes anew is kept.
    keeps: Keeps,
    firsts: Firsts,
    /// Whether rows were dropped.
    leaves_out: bool,
}

/// The first row of each type, so that nobody need look for a type that is not there. The types from 255 on have
/// one entry together.
#[derive(Debug)]
struct Firsts([u32; 256]);

impl Default for Firsts {
    fn default() -> Self {
        Self([u32::MAX; 256])
    }
}

impl Firsts {
    fn note(&mut self, rtype: Rtype, row: u32) {
        let first = &mut self.0[Self::index(rtype)];
        *first = row.min(*first);
    }

    /// Where to begin to look for a type in so many rows.
    fn of(&self, rtype: Rtype, rows: usize) -> usize {
        rows.min(self.0[Self::index(rtype)] as usize)
    }

    fn index(rtype: Rtype) -> usize {
        usize::from(rtype.0).min(255)
    }
}

fn too_large() -> Fault {
    Fault::error("the zone has more than 16 GiB of data, or more than 4294967295 records")
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
        let last = self.rows.last().copied();
        // the same spelling: the octets are shared, and the run goes on
        let shared = last.filter(|row| self.arena.name(row.owner).wire() == record.owner.wire());
        let owner = shared.map_or_else(|| self.arena.push(record.owner.wire()), |row| Some(row.owner));
        let row = owner.and_then(|owner| {
            Some(Row {
                owner,
                rdata: self.arena.push(record.rdata)?,
                ttl: record.ttl,
                line: spot.line,
                rtype: record.rtype,
                length: u16::try_from(record.rdata.len()).ok()?,
                file: spot.file,
            })
        });
        let number = u32::try_from(self.rows.len()).ok();
        let (Some(row), Some(number)) = (row, number) else {
            return Err(too_large());
        };
        self.rows.push(row);
        self.firsts.note(row.rtype, number);
        match self.runs.last_mut() {
            Some(run) if shared.is_some() => run.count += 1,
            _ => self.runs.push(Run { row: number, count: 1 }),
        }
        Ok(())
    }

    /// Adds all that a part holds, behind what is here, and leaves the part empty.
    ///
    /// # Errors
    /// The zone is larger than can be held.
    pub(crate) fn append(&mut self, part: &mut Self) -> Result<(), Fault> {
        let number = u32::try_from(self.rows.len()).ok();
        let (Some(octets), Some(number)) = (self.arena.append(&mut part.arena), number) else {
            return Err(too_large());
        };
        u32::try_from(self.rows.len() + part.rows.len()).map_err(|_| too_large())?;
        let moved = |Offset(at)| Offset(at + octets.0);
        self.rows.extend(part.rows.drain(..).map(|row| Row {
            owner: moved(row.owner),
            rdata: moved(row.rdata),
            ..row
        }));
        self.runs.extend(part.runs.drain(..).map(|run| Run { row: run.row + number, ..run }));
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
        let live = self.rows.iter().filter(|row| row.rtype != Row::DROPPED);
        live.map(|row| (self.arena.record(row), row.spot()))
    }

    /// Those of one type.
    pub fn records_of(&self, rtype: Rtype) -> impl Iterator<Item = Record<'_>> {
        let rows = &self.rows[self.firsts.of(rtype, self.rows.len())..];
        rows.iter().filter(move |row| row.rtype == rtype).map(|row| self.arena.record(row))
    }

    /// The owner of the first SOA record: the zone's name, where nobody said another.
    #[must_use]
    pub fn soa_owner(&self) -> Option<NameBuf> {
        self.records_of(Rtype::SOA).next().map(|record| record.owner.to_buf())
    }

    /// Leaves out the records of a type for which `out` says so.
    pub fn remove(&mut self, rtype: Rtype, mut out: impl FnMut(Record<'_>) -> bool) {
        let first = self.firsts.of(rtype, self.rows.len());
        for row in self.rows[first..].iter_mut().filter(|row| row.rtype == rtype) {
            if out(self.arena.record(row)) {
                row.rtype = Row::DROPPED;
                self.counts.dropped += 1;
                self.leaves_out = true;
            }
        }
    }

    /// Reduces all TTLs to at most `limit`.
    pub fn limit_ttl(&mut self, limit: u32) {
        self.rows.iter_mut().for_each(|row| row.ttl = row.ttl.min(limit));
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
        let first = self.firsts.of(rtype, self.rows.len());
        for row in self.rows[first..].iter_mut().filter(|row| row.rtype == rtype) {
            if self.arena.name(row.owner) == owner {
                row.ttl = ttl;
            }
        }
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
        let keys = |zone: &Self| sort::keys(&zone.runs, &zone.rows, &zone.arena, apex.as_name());
        if self.leaves_out {
            self.forget_empty_runs();
        }
        let (mut keyed, mut seen) = keys(&self);
        if !seen.in_zone {
            self.leave_out_of_zone(apex.as_name(), &mut findings);
            self.forget_empty_runs();
            (keyed, seen) = keys(&self);
        }
        let Self { mut arena, rows, mut runs, counts, pushed, .. } = self;
        let labels = seen.upper_case.then(|| Labels::of(&runs, &rows, &arena, apex.as_name()));
        sort::sort(keyed, &mut runs, &rows, &arena);
        let ordered = Ordered { apex: apex.as_name(), runs: &runs, rows: &rows, arena: &arena, brief };
        let Arranged { nodes, counts: found, check, whole } = ordered.arrange(&findings);
        let (findings, counts) = (check.finish(), counts.plus(found));
        if whole && counts.records + counts.dropped + counts.out_of_zone != pushed {
            return Err(
                Fault::error("records were lost while the zone was put in order; please report it").into()
            );
        }
        let spellings = match labels {
            Some(labels) => labels.spell(&nodes, &runs, &rows, &mut arena).ok_or_else(too_large)?,
            None => Spellings::new(),
        };
        let zone = Zone { apex: apex.clone(), class, arena, rows, runs, nodes, spellings, sources, counts };
        Ok((zone, findings))
    }

    #[cfg(test)]
    pub(super) fn into_runs(self) -> (Vec<Run>, Vec<Row>, Arena) {
        (self.runs, self.rows, self.arena)
    }

    /// Forgets the runs of which every row was dropped.
    fn forget_empty_runs(&mut self) {
        self.runs.retain(|run| run.rows(&self.rows).next().is_some());
    }

    fn leave_out_of_zone(&mut self, apex: Name<'_>, findings: &mut Findings) {
        for run in &self.runs {
            let start = run.row as usize;
            let rows = &mut self.rows[start..start + run.count as usize];
            let owner = self.arena.name(rows[0].owner);
            if owner.is_at_or_below(apex) {
                continue;
            }
            for row in rows.iter_mut().filter(|row| row.rtype != Row::DROPPED) {
                check::out_of_zone(apex, owner, row, findings);
                row.rtype = Row::DROPPED;
                self.counts.out_of_zone += 1;
            }
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
