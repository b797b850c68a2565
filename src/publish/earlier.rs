//! The version of a signed file that is in place: what its last line says, whether that is true, and the
//! records of any stretch of it.
//!
//! zoneseal writes one record a line, with its full owner name, in canonical order: a stretch is found by
//! halving, read on its own by whichever thread needs it, and nothing of the file is held in memory.

use super::stamp::{self, Digest, Stamp};
use crate::dns::soa::Soa;
use crate::dns::{Class, Name, NameBuf, Rtype};
use crate::dnssec::reuse;
use crate::dnssec::rrsig::Rrsig;
use crate::error::Result;
use crate::files::cannot;
use crate::zonefile::reader::Reader;
use ring::digest::{Context, SHA256};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Seek};
use std::os::unix::fs::FileExt;
use std::path::Path;

/// The longest last line that is looked for: room for the names of many included files.
const LAST_LINE: usize = 1 << 20;
/// Octets that are read at a time while a line is looked for.
const STEP: usize = 1 << 14;

/// A signed file, open.
#[derive(Debug)]
pub struct Earlier {
    file: File,
    name: String,
    /// Octets before the last line.
    length: u64,
    last: Option<Last>,
}

/// What the records of the zone's first name tell.
#[derive(Debug, Default)]
pub struct Apex {
    /// The numbers of the SOA.
    pub soa: Option<Soa>,
    /// The class of the zone.
    pub class: Option<Class>,
    /// The RDATA of the DNSKEYs.
    pub dnskeys: Vec<Vec<u8>>,
    /// Their TTL.
    pub dnskey_ttl: u32,
    /// Algorithm and key tag of the keys that sign here.
    pub signers: BTreeSet<(u8, u16)>,
}

impl Apex {
    /// The serial.
    #[must_use]
    pub fn serial(&self) -> Option<u32> {
        self.soa.map(|soa| soa.serial)
    }
}

/// What the last line says of the file.
#[derive(Debug)]
struct Last {
    stamp: Stamp,
    /// Octets that the seal covers.
    covered: u64,
    seal: Digest,
}

impl Earlier {
    /// Opens the file; `None`: there is none.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn open(path: &Path) -> Result<Option<Self>> {
        let name = path.display().to_string();
        let shown = name.clone();
        let failed = |error: io::Error| cannot("read", &error).in_file(&shown);
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        let meta = file.metadata().map_err(failed)?;
        if !meta.is_file() {
            return Ok(None);
        }
        let size = meta.len();
        let mut earlier = Self { file, name, length: size, last: None };
        // most last lines are short
        for room in [STEP, LAST_LINE] {
            let mut tail = vec![0; usize::try_from(size).unwrap_or(room).min(room)];
            let start = size - tail.len() as u64;
            earlier.file.read_exact_at(&mut tail, start).map_err(failed)?;
            let Some(text) = tail.strip_suffix(b"\n") else { break };
            let newline = text.iter().rposition(|&octet| octet == b'\n');
            if newline.is_none() && start > 0 {
                continue;
            }
            let begin = newline.map_or(0, |at| at + 1);
            if let Some((stamp, covered, seal)) = Stamp::parse(&text[begin..]) {
                earlier.length = start + begin as u64;
                earlier.last = Some(Last { stamp, covered: earlier.length + covered as u64, seal });
            }
            break;
        }
        Ok(Some(earlier))
    }

    /// What its last line says, whether or not it is true; `None`: it has none, so zoneseal did not write it.
    #[must_use]
    pub fn stamp(&self) -> Option<&Stamp> {
        self.last.as_ref().map(|last| &last.stamp)
    }

    /// What its last line says is the digest of the file.
    #[must_use]
    pub fn seal(&self) -> Option<Digest> {
        self.last.as_ref().map(|last| last.seal)
    }

    /// The file as the user named it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether the last line is true: nobody changed the file since it was made. Reads all of it.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn is_whole(&self) -> Result<bool> {
        let Some(Last { covered, seal, .. }) = &self.last else { return Ok(false) };
        let digest = digest_of(&self.file, *covered);
        Ok(digest.map_err(|error| cannot("read", &error).in_file(&self.name))? == *seal)
    }

    /// What its first records tell. Whoever wrote the file: what cannot be read tells nothing.
    ///
    /// # Errors
    /// It cannot be read from the disk.
    pub fn apex(&self, name: Name<'_>) -> Result<Apex> {
        let mut reader = self.reader()?;
        let mut apex = Apex::default();
        while let Ok(Some(entry)) = reader.next() {
            let record = entry.record;
            if record.owner != name {
                break;
            }
            match record.rtype {
                Rtype::SOA => apex.soa = Soa::from_rdata(record.rdata),
                Rtype::DNSKEY => {
                    apex.dnskey_ttl = record.ttl;
                    apex.dnskeys.push(record.rdata.to_vec());
                }
                Rtype::RRSIG => {
                    let rrsig = Rrsig::parse(record.rdata);
                    apex.signers.extend(rrsig.map(|rrsig| (rrsig.algorithm, rrsig.key_tag)));
                }
                _ => {}
            }
        }
        apex.class = Some(reader.class());
        Ok(apex)
    }

    fn reader(&self) -> Result<Reader> {
        let file = self.file.try_clone().and_then(|mut file| file.rewind().map(|()| file));
        let file = file.map_err(|error| cannot("read", &error).in_file(&self.name))?;
        Ok(Reader::of_file(file, &self.name).without_includes())
    }

    /// Puts the records of all names from `first` on, up to `end`, into `records`.
    ///
    /// # Errors
    /// The file cannot be read, or is not what zoneseal writes.
    pub fn read(&self, first: Name<'_>, end: Option<Name<'_>>, records: &mut reuse::Earlier) -> Result<()> {
        let failed = |error: io::Error| cannot("read", &error).in_file(&self.name);
        let (start, _) = self.find(first).map_err(failed)?;
        let stop = match end {
            Some(end) => self.find(end).map_err(failed)?.1,
            None => self.length,
        };
        let mut text = vec![0; usize::try_from(stop.saturating_sub(start)).unwrap_or(usize::MAX)];
        self.file.read_exact_at(&mut text, start).map_err(failed)?;
        records.clear();
        let mut reader = Reader::of_own_text(text, &self.name);
        let mut inside = false;
        while let Some(entry) = reader.next()? {
            inside = inside || entry.record.owner >= first;
            if inside {
                records.push(entry.record);
            }
        }
        if let Some(end) = end {
            records.truncate(end);
        }
        Ok(())
    }

    /// Where a name's lines begin: the start of a line before which all owners are lesser, and one from which
    /// on none is, or the end; the two are not far apart.
    fn find(&self, name: Name<'_>) -> io::Result<(u64, u64)> {
        let (mut low, mut high) = (0, self.length);
        // no line that is still in question begins here or behind
        let mut bound = high;
        while bound - low > STEP as u64 {
            let middle = low.midpoint(bound);
            match self.owner_behind(middle, bound)? {
                Some((at, owner)) if owner.as_name() < name => low = at,
                Some((at, _)) => (high, bound) = (at, middle),
                None => bound = middle,
            }
        }
        Ok((low, high))
    }

    /// The first record whose line begins behind `at` and before `bound`: where, and its owner.
    fn owner_behind(&self, at: u64, bound: u64) -> io::Result<Option<(u64, NameBuf)>> {
        let mut lines = Lines { file: &self.file, end: self.length, at, text: Vec::new(), start: 0 };
        lines.skip()?;
        while lines.place() < bound {
            let place = lines.place();
            let line = lines.skip()?;
            let word = line.split(u8::is_ascii_whitespace).next().unwrap_or_default();
            if !word.is_empty() && word[0] != b';' {
                let word = std::str::from_utf8(word).map_err(io::Error::other)?;
                let owner = NameBuf::from_text(word).map_err(|fault| io::Error::other(fault.to_string()))?;
                return Ok(Some((place, owner)));
            }
        }
        Ok(None)
    }
}

/// Lines of a file from some place on.
struct Lines<'a> {
    file: &'a File,
    end: u64,
    /// Where `text` begins.
    at: u64,
    text: Vec<u8>,
    /// The start of the next line in `text`.
    start: usize,
}

impl Lines<'_> {
    /// Where the next line begins.
    fn place(&self) -> u64 {
        self.at + self.start as u64
    }

    /// The next line, or what is left of the text.
    fn skip(&mut self) -> io::Result<&[u8]> {
        let mut searched = self.start;
        loop {
            let newline = self.text[searched..].iter().position(|&octet| octet == b'\n');
            let start = self.start;
            if let Some(length) = newline {
                self.start = searched + length + 1;
                return Ok(&self.text[start..searched + length]);
            }
            searched = self.text.len();
            let behind = self.at + searched as u64;
            let more = usize::try_from(self.end - behind).unwrap_or(STEP).min(STEP);
            if more == 0 {
                self.start = searched;
                return Ok(&self.text[start..]);
            }
            self.text.resize(searched + more, 0);
            self.file.read_exact_at(&mut self.text[searched..], behind)?;
        }
    }
}

/// The SHA-256 of the first `length` octets of a file.
fn digest_of(file: &File, length: u64) -> io::Result<Digest> {
    let mut context = Context::new(&SHA256);
    let mut buffer = vec![0; 1 << 18];
    let mut at = 0;
    while at < length {
        let wanted = usize::try_from(length - at).unwrap_or(buffer.len()).min(buffer.len());
        file.read_exact_at(&mut buffer[..wanted], at)?;
        context.update(&buffer[..wanted]);
        at += wanted as u64;
    }
    Ok(stamp::digest(context))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write;

    fn name(text: &str) -> NameBuf {
        NameBuf::from_text(text).unwrap()
    }

    /// A file as zoneseal writes it: some names with one signed record, some with many, one with a very long line.
    fn text() -> (String, Vec<String>) {
        const SIGNATURE: &str = "13 2 5 20300101000000 20200101000000 1 example. AAAA";
        let mut text = String::from("example.\t5\tIN\tSOA\ta. b. 7 1 1 1 1\n");
        let mut names = Vec::new();
        // writing to a String cannot fail
        let _ = writeln!(text, "example.\t5\tIN\tRRSIG\tSOA {SIGNATURE}");
        for number in 0..3000 {
            let owner = format!("n{number:05}.example.");
            let lines = if number % 100 == 0 { 50 } else { 1 };
            for line in 0..lines {
                // writing to a String cannot fail
                let _ = writeln!(text, "{owner}\t5\tIN\tTXT\t\"{line}\"");
            }
            if number == 1500 {
                let _ = writeln!(text, "{owner}\t5\tIN\tTYPE65280\t\\# 60000 {}", "00".repeat(60_000));
            }
            let _ = writeln!(text, "{owner}\t5\tIN\tRRSIG\tTXT {SIGNATURE}");
            if number % 7 == 0 {
                text.push_str("\n; a comment\n");
                // nothing of it is signed: it is not worth keeping
                let _ = writeln!(text, "a.{owner}\t5\tIN\tA\t192.0.2.1");
            }
            names.push(owner);
        }
        (text, names)
    }

    fn file(text: &str, sealed: bool) -> (tempfile::TempDir, Earlier) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("zone");
        let mut octets = text.as_bytes().to_vec();
        if sealed {
            let mut context = Context::new(&SHA256);
            context.update(&octets);
            Stamp::default().push(context, &mut octets);
        }
        std::fs::write(&path, octets).unwrap();
        let earlier = Earlier::open(&path).unwrap().unwrap();
        (folder, earlier)
    }

    #[test]
    fn any_stretch_is_found() {
        let (text, names) = text();
        let (_folder, earlier) = file(&text, true);
        assert_eq!(earlier.length, text.len() as u64);
        assert_eq!(earlier.apex(name("example.").as_name()).unwrap().serial(), Some(7));
        let mut records = reuse::Earlier::default();
        for (from, to) in [(0, 1), (0, 10), (700, 701), (1499, 1502), (1500, 1501), (2000, 2999), (10, 3000)]
        {
            let end = names.get(to).map(|end| name(end));
            let first = name(&names[from]);
            earlier.read(first.as_name(), end.as_ref().map(NameBuf::as_name), &mut records).unwrap();
            let mut owners: Vec<String> = records.owners().map(|owner| owner.to_string()).collect();
            owners.dedup();
            assert_eq!(owners, names[from..to], "{from}..{to}");
        }
        // a name that is not there, before and behind all others
        earlier.read(name("zz.example.").as_name(), None, &mut records).unwrap();
        assert_eq!(records.owners().count(), 0);
        earlier.read(name("example.").as_name(), Some(name("a.example.").as_name()), &mut records).unwrap();
        assert_eq!(records.owners().count(), 1);
    }

    #[test]
    fn a_changed_file_is_known() {
        let (text, _) = text();
        let (folder, earlier) = file(&text, true);
        assert!(earlier.is_whole().unwrap());
        let path = folder.path().join("zone");
        let good = std::fs::read(&path).unwrap();
        for (at, octet) in [(0, b'f'), (text.len() / 2, b'x'), (text.len() + 3, b'Z'), (good.len() - 2, b'0')]
        {
            let mut bad = good.clone();
            bad[at] = if bad[at] == octet { octet + 1 } else { octet };
            std::fs::write(&path, bad).unwrap();
            assert!(!Earlier::open(&path).unwrap().unwrap().is_whole().unwrap(), "{at}");
        }
        for length in [good.len() - 1, good.len() - 70, text.len(), 5, 0] {
            std::fs::write(&path, &good[..length]).unwrap();
            assert!(!Earlier::open(&path).unwrap().unwrap().is_whole().unwrap(), "{length}");
        }
        assert!(Earlier::open(&folder.path().join("none")).unwrap().is_none());
        assert!(file(&text, false).1.stamp().is_none());
    }
}
