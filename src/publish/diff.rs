//! How two versions of a signed zone differ, record by record.
//!
//! In: two files in canonical order of owners, as zoneseal writes them. Out: a line for each record that only
//! one of them has, `-` the old one, `+` the new one.

use crate::dns::{Class, Name, NameBuf, Record};
use crate::error::{Fault, Result};
use crate::zonefile::fields::Types;
use crate::zonefile::reader::Reader;
use crate::zonefile::writer::Writer;
use std::collections::BTreeSet;

/// How many records differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Only the old file has them.
    pub removed: usize,
    /// Only the new file has them.
    pub added: usize,
}

/// Compares what two readers read, and tells `line` of each difference.
///
/// # Errors
/// A file cannot be read, or is not in canonical order; `line` fails.
pub fn compare(
    old: Option<Reader>,
    new: Reader,
    types: Types,
    line: &mut dyn FnMut(&[u8]) -> Result<()>,
) -> Result<Counts> {
    let mut counts = Counts::default();
    let (mut old, mut new) = (Side::of(old)?, Side::of(Some(new))?);
    let mut out = Vec::new();
    loop {
        let (one, other) = (old.next_owner(), new.next_owner());
        let owner = match (&one, &other) {
            (None, None) => return Ok(counts),
            (Some(one), Some(other)) => {
                if other.as_name() < one.as_name() {
                    other
                } else {
                    one
                }
            }
            (Some(owner), None) | (None, Some(owner)) => owner,
        }
        .clone();
        let class = new.class();
        let (before, after) =
            (old.take(owner.as_name(), types, class)?, new.take(owner.as_name(), types, class)?);
        counts.removed += before.difference(&after).count();
        counts.added += after.difference(&before).count();
        out.clear();
        for (sign, lines) in [("-", before.difference(&after)), ("+", after.difference(&before))] {
            for line in lines {
                out.extend_from_slice(sign.as_bytes());
                out.extend_from_slice(line);
            }
        }
        if !out.is_empty() {
            line(&out)?;
        }
    }
}

/// One of the two files, read up to a name.
struct Side {
    reader: Option<Reader>,
    /// The record that was read and not taken yet.
    pending: Option<(NameBuf, crate::dns::Rtype, u32, Vec<u8>)>,
}

impl Side {
    fn of(reader: Option<Reader>) -> Result<Self> {
        let mut side = Self { reader, pending: None };
        side.step()?;
        Ok(side)
    }

    fn class(&self) -> Class {
        self.reader.as_ref().map_or(Class::IN, Reader::class)
    }

    fn step(&mut self) -> Result<()> {
        self.pending = match &mut self.reader {
            None => None,
            Some(reader) => reader.next()?.map(|entry| {
                let Record { owner, rtype, ttl, rdata } = entry.record;
                (owner.to_buf(), rtype, ttl, rdata.to_vec())
            }),
        };
        Ok(())
    }

    fn next_owner(&self) -> Option<NameBuf> {
        self.pending.as_ref().map(|(owner, ..)| owner.clone())
    }

    /// The lines of a name's records.
    fn take(&mut self, owner: Name<'_>, types: Types, class: Class) -> Result<BTreeSet<Vec<u8>>> {
        let writer = Writer::new(class, types);
        let mut lines = BTreeSet::new();
        while let Some((name, rtype, ttl, rdata)) = &self.pending {
            if name.as_name() < owner {
                return Err(Fault::error(format!(
                    "{name} stands behind {owner}: the file is not in canonical order"
                ))
                .hint("two versions are compared if zoneseal wrote both"));
            }
            if name.as_name() != owner {
                break;
            }
            let mut line = Vec::new();
            writer.push(Record { owner: name.as_name(), rtype: *rtype, ttl: *ttl, rdata }, &mut line);
            lines.insert(line);
            self.step()?;
        }
        Ok(lines)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn diff(old: &str, new: &str) -> Result<(String, Counts)> {
        let reader = |text: &str| Reader::of_text(text.as_bytes().to_vec(), "z", None);
        let mut out = Vec::new();
        let counts = compare(Some(reader(old)), reader(new), Types::All, &mut |line| {
            out.extend_from_slice(line);
            Ok(())
        })?;
        Ok((String::from_utf8(out).unwrap(), counts))
    }

    #[test]
    fn each_record_that_only_one_has() {
        let old = "a. 5 A 192.0.2.1\na. 5 A 192.0.2.2\nc.a. 5 TXT x\n";
        let new = "a. 5 A 192.0.2.2\na. 5 A 192.0.2.3\nb.a. 5 TXT x\nc.a. 6 TXT x\nd.a. 5 TXT y\n";
        let (text, counts) = diff(old, new).unwrap();
        assert_eq!(
            text,
            "-a.\t5\tIN\tA\t192.0.2.1\n+a.\t5\tIN\tA\t192.0.2.3\n+b.a.\t5\tIN\tTXT\t\"x\"\n\
             -c.a.\t5\tIN\tTXT\t\"x\"\n+c.a.\t6\tIN\tTXT\t\"x\"\n+d.a.\t5\tIN\tTXT\t\"y\"\n"
        );
        assert_eq!(counts, Counts { removed: 2, added: 4 });
        assert_eq!(diff(new, new).unwrap().0, "");
        assert!(diff("b.a. 5 TXT x\na. 5 TXT x\n", new).is_err());
    }
}
