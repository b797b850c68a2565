//! A zone file → its records, not yet in order.
//!
//! Of a large file one thread makes records, in parts that stay in its cache, and another puts the parts together.

use super::recipe::Recipe;
use crate::dns::soa::Soa;
use crate::dns::{Class, NameBuf, Record, Rtype};
use crate::error::{Fault, Faults};
use crate::publish::stamp::Digest;
use crate::source::Sources;
use crate::threads;
use crate::zone::Builder;
use crate::zonefile::reader::Reader;
use std::path::Path;
use std::sync::mpsc::sync_channel;
use std::thread;

/// Where what is odd is told.
pub type Warn<'a> = &'a mut dyn FnMut(&Fault);

/// A zone file's records, and what reading found out about the zone as a whole.
#[derive(Debug)]
pub struct Input {
    /// The records.
    pub builder: Builder,
    /// The zone's name.
    pub apex: NameBuf,
    /// The class of all records.
    pub class: Class,
    /// The files that were read.
    pub sources: Sources,
    /// Of their octets; see [`Stamp`](crate::publish::stamp::Stamp).
    pub digest: Option<Digest>,
    /// The serial of the SOA.
    pub serial: u32,
}

impl Input {
    /// Reads a zone file. Its name is `named`, or its SOA's owner; relative names without an `$ORIGIN` are below
    /// `origin`.
    ///
    /// # Errors
    /// What is wrong with the text; no SOA, or one of another zone.
    pub fn read(
        path: &Path,
        named: Option<&NameBuf>,
        origin: Option<&NameBuf>,
        recipe: &Recipe,
        warn: Warn<'_>,
    ) -> Result<Self, Faults> {
        let file = path.display().to_string();
        let reader = Reader::open_digesting(path, named.or(origin).cloned())?;
        let mut reader = reader.include_dir(recipe.include_dir.clone());
        let empty = || if recipe.signing.is_none() { Builder::new().keep_dnssec() } else { Builder::new() };
        let builder = read_records(&mut reader, empty, warn)?;
        let no_soa = |message: String| {
            Fault::error(message)
                .in_file(&file)
                .hint("a zone has exactly one SOA record (RFC 1035, section 5.2)")
        };
        let Some(owner) = builder.soa_owner() else {
            return Err(no_soa(match named.or(origin) {
                Some(apex) => format!("the zone {apex} has no SOA record"),
                None => "the zone has no SOA record, and its name is not known".to_owned(),
            })
            .into());
        };
        let soa =
            |apex: &NameBuf| builder.records_of(Rtype::SOA).find(|record| record.owner == apex.as_name());
        let apex = named.cloned().unwrap_or_else(|| owner.clone());
        let Some(serial) = soa(&apex).map(|soa| Soa::from_rdata(soa.rdata).map_or(0, |soa| soa.serial))
        else {
            return Err(Fault::error(format!("the zone's SOA is at {owner}, and not at {apex}"))
                .in_file(&file)
                .hint("name the zone that the file is of, or the file of the zone")
                .into());
        };
        let (class, digest) = (reader.class(), reader.digest());
        Ok(Self { builder, apex, class, sources: reader.into_sources(), digest, serial })
    }

    /// The files that the zone file includes.
    #[must_use]
    pub fn included(&self) -> Vec<String> {
        self.sources.names().skip(1).map(str::to_owned).collect()
    }

    /// How long records of the zone may be in caches: see [`Stamp`](crate::publish::stamp::Stamp).
    #[must_use]
    pub fn longest_in_caches(&self) -> u32 {
        let longest = |(record, _): (Record<'_>, _)| match record.rtype {
            Rtype::SOA => record.ttl.max(Soa::from_rdata(record.rdata).map_or(0, |soa| soa.minimum)),
            _ => record.ttl,
        };
        self.builder.records().map(longest).max().unwrap_or(0)
    }
}

/// So many records are put in place at a time.
const PART: usize = 1 << 12;
/// So many parts are under way.
const PARTS: usize = 4;

/// Reads all records into a builder; stops after as many errors as a person wants to see.
fn read_records(reader: &mut Reader, empty: impl Fn() -> Builder, warn: Warn<'_>) -> Result<Builder, Faults> {
    let mut reading = Reading { reader, warn, faults: Faults::new(), warned: 0 };
    let mut whole = empty();
    if reading.fill(&mut whole)? {
        let (give, parts) = sync_channel::<Builder>(PARTS);
        let (give_back, used) = sync_channel(PARTS);
        whole = thread::scope(|scope| {
            let storing = scope.spawn(move || {
                for mut part in parts {
                    whole.append(&mut part)?;
                    // at the end of the file nobody is there to take it back
                    let _ = give_back.try_send(part);
                }
                Ok(whole)
            });
            let mut more = true;
            while more {
                let mut part = used.try_recv().unwrap_or_else(|_| empty());
                more = reading.fill(&mut part)?;
                // whoever takes no more says why when asked for the whole
                more &= give.send(part).is_ok();
            }
            drop(give);
            threads::result_of(storing).map_err(|fault: Fault| Faults::from(fault))
        })?;
    }
    reading.finish()?;
    Ok(whole)
}

/// A file being read, and what was odd so far.
struct Reading<'a> {
    reader: &'a mut Reader,
    warn: Warn<'a>,
    faults: Faults,
    warned: usize,
}

impl Reading<'_> {
    /// So many warnings of the reader, each of which is about a TTL, are shown; the rest is counted.
    const SHOWN: usize = 10;

    /// Reads one part, and tells what is odd in it. Whether there may be more.
    fn fill(&mut self, part: &mut Builder) -> Result<bool, Fault> {
        let more = self.read(part);
        for warning in self.reader.warnings() {
            self.warned += 1;
            if self.warned <= Self::SHOWN {
                (self.warn)(&warning);
            }
        }
        more
    }

    fn read(&mut self, part: &mut Builder) -> Result<bool, Fault> {
        for _ in 0..PART {
            match self.reader.next() {
                Ok(Some(entry)) => part.push(entry.record, entry.spot)?,
                Ok(None) => return Ok(false),
                Err(fault) => {
                    self.faults.push(fault);
                    if self.faults.full() {
                        return Ok(false);
                    }
                }
            }
        }
        Ok(true)
    }

    fn finish(self) -> Result<(), Faults> {
        if self.warned > Self::SHOWN {
            (self.warn)(&Fault::warning(format!("and {} more about TTLs", self.warned - Self::SHOWN)));
        }
        if self.faults.errors() > 0 { Err(self.faults) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A zone of so many addresses, each on a line of its own from the second line on.
    fn zone(addresses: usize) -> String {
        let mut text = "@ 60 SOA ns. host. 7 1 1 1 1\n".to_owned();
        text.extend((0..addresses).map(|number| format!("h{number} 60 A 192.0.2.1\n")));
        text
    }

    fn read(text: &str) -> (Result<Builder, Faults>, Vec<String>) {
        let origin = NameBuf::from_text("example.").unwrap();
        let mut reader = Reader::of_text(text.as_bytes().to_vec(), "zone", Some(origin));
        let mut warnings = Vec::new();
        let builder =
            read_records(&mut reader, Builder::new, &mut |fault| warnings.push(fault.message().to_owned()));
        (builder, warnings)
    }

    #[test]
    fn all_records_whatever_their_number() {
        for addresses in [0, PART - 2, PART - 1, PART, 2 * PART - 1, 7 * PART + 3] {
            let (builder, warnings) = read(&zone(addresses));
            let builder = builder.unwrap();
            assert_eq!(builder.records().count(), addresses + 1);
            for (line, (record, spot)) in builder.records().enumerate() {
                assert_eq!(spot.line as usize, line + 1);
                assert!(line == 0 || record.owner.to_string() == format!("h{}.example.", line - 1));
            }
            assert!(warnings.is_empty());
        }
    }

    #[test]
    fn errors_and_warnings_of_all_parts() {
        let mut text = zone(3 * PART);
        text.push_str("x 60 A wrong\n");
        text.push_str(&"y 4294967295 TXT a\n".repeat(Reading::SHOWN + 3));
        text.push_str(&zone(3 * PART));
        text.push_str("x 60 A wrong\n");
        let (builder, warnings) = read(&text);
        let lines: Vec<String> = builder.unwrap_err().iter().map(ToString::to_string).collect();
        assert_eq!(lines.len(), 2);
        let place = |line: usize| format!("zone:{line}:");
        assert!(lines[0].starts_with(&place(3 * PART + 2)), "{}", lines[0]);
        assert!(lines[1].starts_with(&place(6 * PART + Reading::SHOWN + 7)), "{}", lines[1]);
        assert_eq!(warnings.len(), Reading::SHOWN + 1);
        assert_eq!(warnings.last().unwrap(), "and 3 more about TTLs");
    }

    #[test]
    fn no_more_errors_than_a_person_wants_to_see() {
        let text = zone(PART) + &"x 60 A wrong\n".repeat(3 * PART);
        let faults = read(&text).0.unwrap_err();
        assert!(faults.full() && faults.errors() < 100, "{}", faults.errors());
    }
}
