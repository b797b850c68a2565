//! The octets of all records, one run behind the other: an owner, then for each of its records a head and the RDATA.
//! In canonical order runs lie anywhere in memory, so all that a run has lies together: whoever comes to it waits for
//! memory once.

use crate::dns::{Name, Record, Rtype};
use crate::source::Spot;

/// Consecutive records of one owner.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Run {
    /// Where it starts; runs that come later in the file start later.
    pub(super) start: Offset,
    /// How many records it has.
    pub(super) count: u32,
}

/// Where something starts in the arena, in units of four octets: 16 GiB can be reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Offset(u32);

impl Offset {
    fn octets(self) -> usize {
        self.0 as usize * 4
    }

    /// The same, in an arena that this one's was put behind.
    pub(super) fn behind(self, start: Self) -> Self {
        Self(self.0 + start.0)
    }
}

/// A record of a run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<'a> {
    pub(super) rtype: Rtype,
    pub(super) ttl: u32,
    pub(super) line: u32,
    file: u16,
    pub(super) rdata: &'a [u8],
}

impl Row<'_> {
    /// Of a record that was dropped: no other has this type (RFC 6895, section 3.1).
    pub(super) const DROPPED: Rtype = Rtype(0);

    pub(super) fn spot(&self) -> Spot {
        Spot { file: self.file, line: self.line }
    }
}

/// Octets in front of RDATA: type, TTL, RDLENGTH, line, file.
const HEAD: usize = 14;
/// Where type and TTL end in a head.
const TYPE_AND_TTL: usize = 6;

fn type_and_ttl(rtype: Rtype, ttl: u32) -> [u8; TYPE_AND_TTL] {
    let mut octets = [0; TYPE_AND_TTL];
    octets[..2].copy_from_slice(&rtype.0.to_ne_bytes());
    octets[2..].copy_from_slice(&ttl.to_ne_bytes());
    octets
}

/// The octets of all records.
#[derive(Debug, Default)]
pub(super) struct Arena(Vec<u8>);

impl Arena {
    /// Stores a name; `None`: there is no room left for it. A run that starts with it goes on with [`Arena::add`].
    pub(super) fn push(&mut self, name: &[u8]) -> Option<Offset> {
        let start = self.0.len().next_multiple_of(4);
        let offset = u32::try_from(start / 4).ok()?;
        self.0.resize(start, 0);
        self.0.extend_from_slice(name);
        Some(Offset(offset))
    }

    /// Adds a record to the last run; `None`: its RDATA has more than 65535 octets.
    pub(super) fn add(&mut self, record: Record<'_>, spot: Spot) -> Option<()> {
        let mut head = [0; HEAD];
        head[..TYPE_AND_TTL].copy_from_slice(&type_and_ttl(record.rtype, record.ttl));
        head[6..8].copy_from_slice(&u16::try_from(record.rdata.len()).ok()?.to_ne_bytes());
        head[8..12].copy_from_slice(&spot.line.to_ne_bytes());
        head[12..].copy_from_slice(&spot.file.to_ne_bytes());
        self.0.extend_from_slice(&head);
        self.0.extend_from_slice(record.rdata);
        Some(())
    }

    /// Stores all octets of a part, which is empty afterwards: where they start.
    pub(super) fn append(&mut self, part: &mut Self) -> Option<Offset> {
        // the last run may go on: nothing may come behind it, no padding either
        if part.0.is_empty() {
            return Some(Offset::default());
        }
        let offset = self.push(&part.0);
        let end = u32::try_from(self.0.len().div_ceil(4));
        part.0.clear();
        offset.filter(|_| end.is_ok())
    }

    /// A name that was stored, or the owner of a run that starts there.
    pub(super) fn name(&self, at: Offset) -> Name<'_> {
        Name::trusted(&self.0[at.octets()..])
    }

    /// Whether this very name was stored there: all of a name's octets are the beginning of no other.
    pub(super) fn starts_with(&self, at: Offset, name: Name<'_>) -> bool {
        self.0[at.octets()..].starts_with(name.wire())
    }

    /// The records of a run that were not dropped, in file order.
    pub(super) fn rows(&self, run: Run) -> Rows<'_> {
        let octets = &self.0[run.start.octets()..];
        Rows { left: run.count, octets: &octets[Name::trusted(octets).wire().len()..] }
    }

    /// The same as records.
    pub(super) fn records(&self, run: Run) -> impl Iterator<Item = (Record<'_>, Spot)> {
        let owner = self.name(run.start);
        self.rows(run)
            .map(move |row| (Record { owner, rtype: row.rtype, ttl: row.ttl, rdata: row.rdata }, row.spot()))
    }

    /// Gives the records of a run the type and TTL that `amend` has for them, if it has.
    pub(super) fn amend(
        &mut self,
        run: Run,
        mut amend: impl FnMut(Record<'_>, Spot) -> Option<(Rtype, u32)>,
    ) {
        let (mut rows, end) = (self.rows(run), self.0.len());
        let mut amended = Vec::new();
        loop {
            let at = end - rows.octets.len();
            let Some(row) = rows.next_of_any_type() else { break };
            let owner = self.name(run.start);
            let record = Record { owner, rtype: row.rtype, ttl: row.ttl, rdata: row.rdata };
            if row.rtype != Row::DROPPED
                && let Some((rtype, ttl)) = amend(record, row.spot())
            {
                amended.push((at, type_and_ttl(rtype, ttl)));
            }
        }
        for (at, octets) in amended {
            self.0[at..at + TYPE_AND_TTL].copy_from_slice(&octets);
        }
    }

    /// Reads a little of each run. In canonical order these lie anywhere in memory, and a loop that comes to one after
    /// another waits for each; here no read waits for the one before, and all are near afterwards.
    pub(super) fn fetch(&self, runs: impl Iterator<Item = Run>) {
        const LINE: usize = 64;
        let octet = |at: usize| self.0.get(at).copied().unwrap_or(0);
        // few runs have more than that
        let octets = |start: usize| octet(start) ^ octet(start + LINE) ^ octet(start + 2 * LINE);
        std::hint::black_box(runs.fold(0, |sum, run| sum ^ octets(run.start.octets())));
    }
}

/// The records of a run.
#[derive(Clone, Debug)]
pub(super) struct Rows<'a> {
    left: u32,
    octets: &'a [u8],
}

impl<'a> Rows<'a> {
    fn next_of_any_type(&mut self) -> Option<Row<'a>> {
        self.left = self.left.checked_sub(1)?;
        let (head, rest) = self.octets.split_first_chunk::<HEAD>()?;
        let u16_at = |at: usize| u16::from_ne_bytes([head[at], head[at + 1]]);
        let u32_at = |at: usize| u32::from_ne_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
        let (rdata, rest) = rest.split_at(usize::from(u16_at(6)));
        self.octets = rest;
        Some(Row { rtype: Rtype(u16_at(0)), ttl: u32_at(2), line: u32_at(8), file: u16_at(12), rdata })
    }
}

impl<'a> Iterator for Rows<'a> {
    type Item = Row<'a>;

    fn next(&mut self) -> Option<Row<'a>> {
        loop {
            let row = self.next_of_any_type()?;
            if row.rtype != Row::DROPPED {
                return Some(row);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::NameBuf;

    const A: Rtype = Rtype::A;

    fn record<'a>(owner: &'a NameBuf, rtype: Rtype, ttl: u32, rdata: &'a [u8]) -> (Record<'a>, Spot) {
        (Record { owner: owner.as_name(), rtype, ttl, rdata }, Spot { file: 3, line: ttl + 1 })
    }

    fn run(arena: &mut Arena, records: &[(Record<'_>, Spot)]) -> Run {
        let start = arena.push(records[0].0.owner.wire()).unwrap();
        for &(record, spot) in records {
            arena.add(record, spot).unwrap();
        }
        Run { start, count: u32::try_from(records.len()).unwrap() }
    }

    #[test]
    fn records_come_out_as_they_went_in_and_as_they_were_amended() {
        let names = ["a.example.", "an-even-longer.example."].map(|text| NameBuf::from_text(text).unwrap());
        let long = vec![7; 65535];
        let first = [record(&names[0], A, 5, &[1; 4]), record(&names[0], Rtype::TXT, 6, &long)];
        let second = [record(&names[1], Rtype::TXT, 0, &[]), record(&names[1], A, u32::MAX - 1, &[9; 4])];
        let mut arena = Arena::default();
        let one = run(&mut arena, &first);
        let mut part = Arena::default();
        run(&mut part, &first);
        let mut other = run(&mut part, &second);
        other.start = other.start.behind(arena.append(&mut part).unwrap());
        assert!(part.0.is_empty() && one.start < other.start);
        for (run, records) in [(one, &first), (other, &second)] {
            assert_eq!(format!("{:?}", arena.records(run).collect::<Vec<_>>()), format!("{records:?}"));
        }
        arena.fetch([one, other].into_iter());

        arena.amend(other, |record, spot| {
            assert_eq!(spot.line, record.ttl + 1);
            (record.rtype == A).then_some((Row::DROPPED, 1))
        });
        arena.amend(one, |record, _| (record.rtype == Rtype::TXT).then_some((A, 77)));
        let seen = |run| arena.rows(run).map(|row| (row.rtype, row.ttl, row.rdata.len())).collect::<Vec<_>>();
        assert_eq!(seen(one), [(A, 5, 4), (A, 77, 65535)]);
        assert_eq!(seen(other), [(Rtype::TXT, 0, 0)]);
        // what was dropped is not seen again
        let mut calls = 0;
        arena.amend(other, |_, _| {
            calls += 1;
            None
        });
        assert_eq!(calls, 1);
        let too_long = vec![0; 65536];
        assert!(arena.add(record(&names[0], A, 1, &too_long).0, Spot::default()).is_none());
    }
}
