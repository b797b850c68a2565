//! Entries → records: directives, owners, TTLs, classes and types (RFC 1035, section 5.1; RFC 2308,
//! section 4). What stands behind the owner is read in `head`, the fields of the RDATA in [`fields`](super::fields).
//!
//! Where readers differ, BIND's reading is the one, unless an RFC says otherwise.

use super::ahead::read_ahead;
use super::directive::open;
use super::fault::{cannot_read, wrong_name};
use super::generate::Generate;
use super::head::{Head, read_data, read_head, settle_class};
use super::lexer::Lexer;
use super::tap::Taps;
use super::token::{Token, Tokens, Wrong};
use crate::dns::text::parse_name_in;
use crate::dns::{Class, Name, NameBuf, Record, Rtype};
use crate::error::{Fault, Result};
use crate::source::{Sources, Spot};
use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The largest TTL (RFC 2181, section 8).
pub const MAX_TTL: u32 = i32::MAX.cast_unsigned();

/// A record as the file has it.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// The record, its owner made absolute.
    pub record: Record<'a>,
    /// Where it stands.
    pub spot: Spot,
}

/// One open file.
pub(super) struct Frame {
    pub(super) lexer: Lexer,
    pub(super) file: u16,
    /// Device and inode, by which a file that includes itself is known.
    pub(super) identity: Option<(u64, u64)>,
    pub(super) origin: Option<NameBuf>,
    /// The owner of the last record, in wire form; empty before the first.
    pub(super) owner: Vec<u8>,
    /// Its text, while the same text means the same owner; else empty.
    pub(super) owner_text: Vec<u8>,
    /// Whether its head was looked at.
    pub(super) seen: bool,
}

/// Reads a master file, and what it includes, record by record.
pub struct Reader {
    /// The file being read is the last.
    pub(super) frames: Vec<Frame>,
    pub(super) sources: Sources,
    pub(super) taps: Option<Taps>,
    pub(super) include_dir: Option<PathBuf>,
    /// Whether `$INCLUDE` opens files at all.
    pub(super) includes: bool,
    pub(super) class: Option<Class>,
    /// `$TTL`, or the SOA MINIMUM standing in for it.
    pub(super) default_ttl: Option<u32>,
    /// The last TTL that a record had of its own.
    last_ttl: Option<u32>,
    pub(super) rdata: Vec<u8>,
    /// The `$GENERATE` that is at work.
    pub(super) generating: Option<Box<Generate>>,
    /// How many records all of them have made, or are going to make.
    pub(super) generated: u32,
    /// How many octets of text they have made.
    pub(super) made: u64,
    pub(super) warnings: Vec<Fault>,
}

impl Reader {
    /// A reader of the file at `path`, or of standard input for `-`.
    ///
    /// # Errors
    /// It cannot be opened.
    pub fn open(path: &Path, origin: Option<NameBuf>) -> Result<Self> {
        Self::open_with(path, origin, None)
    }

    /// The same, digesting all files as it reads them: see [`Reader::digest`].
    ///
    /// # Errors
    /// It cannot be opened.
    pub fn open_digesting(path: &Path, origin: Option<NameBuf>) -> Result<Self> {
        Self::open_with(path, origin, Some(Taps::default()))
    }

    fn open_with(path: &Path, origin: Option<NameBuf>, taps: Option<Taps>) -> Result<Self> {
        let name = path.display().to_string();
        if name == "-" {
            let source = tapped(taps.as_ref(), io::stdin(), 0);
            return Ok(Self { taps, ..Self::with(Lexer::new(source), &name, origin) });
        }
        let (file, meta) = open(path).map_err(|error| Fault::error(cannot_read(&error)).in_file(&name))?;
        let lexer = lexer_of(taps.as_ref(), file, &meta, 0);
        let mut reader = Self { taps, ..Self::with(lexer, &name, origin) };
        reader.frame_mut().identity = Some(identity(&meta));
        Ok(reader)
    }

    /// A reader of an open file, which messages call `name`.
    #[must_use]
    pub fn of_file(file: File, name: &str) -> Self {
        Self::with(Lexer::new(Box::new(file)), name, None)
    }

    /// A reader of text in memory, which messages call `name`.
    #[must_use]
    pub fn of_text(text: Vec<u8>, name: &str, origin: Option<NameBuf>) -> Self {
        Self::with(Lexer::of_text(text), name, origin)
    }

    /// A reader of text that zoneseal wrote: how it begins is known, and it includes nothing.
    #[must_use]
    pub fn of_own_text(text: Vec<u8>, name: &str) -> Self {
        let mut reader = Self::of_text(text, name, None).without_includes();
        reader.frame_mut().seen = true;
        reader
    }

    fn with(lexer: Lexer, name: &str, origin: Option<NameBuf>) -> Self {
        let mut sources = Sources::default();
        let file = sources.add(name, None);
        Self {
            frames: vec![Frame {
                lexer,
                file,
                identity: None,
                origin,
                owner: Vec::new(),
                owner_text: Vec::new(),
                seen: false,
            }],
            sources,
            taps: None,
            include_dir: None,
            includes: true,
            class: None,
            default_ttl: None,
            last_ttl: None,
            rdata: Vec::new(),
            generating: None,
            generated: 0,
            made: 0,
            warnings: Vec::new(),
        }
    }

    /// The same reader, looking for relative `$INCLUDE`s in `dir` rather than beside the including file.
    #[must_use]
    pub fn include_dir(mut self, dir: Option<PathBuf>) -> Self {
        self.include_dir = dir;
        self
    }

    /// The same reader, with a TTL for records that have none, as if a `$TTL` stood before the text: DS records
    /// come without.
    #[must_use]
    pub fn default_ttl(mut self, ttl: u32) -> Self {
        self.default_ttl = Some(ttl);
        self
    }

    /// The same reader, refusing `$INCLUDE`: for text of strangers, who must not choose which files are read.
    #[must_use]
    pub fn without_includes(mut self) -> Self {
        self.includes = false;
        self
    }

    /// The files read so far.
    #[must_use]
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// Behind the end, the SHA-256 over the SHA-256 of each file, in the order they were opened; `None`: a file
    /// was not read to its end, or nobody asked for digests.
    #[must_use]
    pub fn digest(&self) -> Option<[u8; 32]> {
        self.taps.as_ref()?.digest(self.sources.len())
    }

    /// How many octets of the file that was opened have been read; what it includes does not count.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.frames.first().map_or(0, |frame| frame.lexer.position())
    }

    /// The class of the records, known from the first on; IN where none was named.
    #[must_use]
    pub fn class(&self) -> Class {
        self.class.unwrap_or(Class::IN)
    }

    /// What was found odd since the last call.
    pub fn warnings(&mut self) -> impl Iterator<Item = Fault> {
        self.warnings.drain(..)
    }

    /// The memory of the text that was read, to be used again.
    #[must_use]
    pub fn into_text(mut self) -> Vec<u8> {
        self.frames.pop().map(|frame| frame.lexer.into_window()).unwrap_or_default()
    }

    /// Everything the reader has learnt, its text aside.
    #[must_use]
    pub fn into_sources(self) -> Sources {
        self.sources
    }

    /// The next record; `None` at the end. After an error the next call goes on with the next entry.
    ///
    /// # Errors
    /// What is wrong with an entry, and where.
    #[allow(clippy::should_implement_trait, reason = "an iterator cannot lend what the next call overwrites")]
    pub fn next(&mut self) -> Result<Option<Entry<'_>>> {
        loop {
            if self.generating.is_some()
                && let Some((rtype, ttl, spot)) = self.generate()?
            {
                let owner = self.generating.as_ref().map_or(&[0][..], |generate| generate.owner());
                let owner = Name::trusted(owner);
                return Ok(Some(Entry { record: Record { owner, rtype, ttl, rdata: &self.rdata }, spot }));
            }
            let Some(frame) = self.frames.last_mut() else { return Ok(None) };
            let advanced = frame.lexer.advance();
            if !std::mem::replace(&mut frame.seen, true) {
                self.look_at_head()?;
            }
            match advanced {
                Ok(true) => {}
                Ok(false) if self.frames.len() == 1 => return Ok(None),
                Ok(false) => {
                    self.frames.pop();
                    continue;
                }
                Err(fault) => return Err(self.lex_fault(&fault)),
            }
            if self.frame().lexer.stands_on_directive() {
                self.directive()?;
                continue;
            }
            let (rtype, ttl, spot) = self.entry()?;
            let owner = Name::trusted_whole(&self.frame().owner);
            return Ok(Some(Entry { record: Record { owner, rtype, ttl, rdata: &self.rdata }, spot }));
        }
    }

    /// Refuses a file that is no zone file at all, by how it begins.
    #[cold]
    fn look_at_head(&mut self) -> Result<()> {
        let frame = self.frame();
        if is_key(frame.lexer.window()) {
            let fault =
                Fault::error("this is a private key, not a zone file").in_file(self.sources.name(frame.file));
            // no further: the next lines are a secret, and messages show lines
            self.frames.clear();
            return Err(fault.hint("was a file name left out, or are two of them swapped?"));
        }
        // what stands behind a window of comments is no head
        let head = if frame.lexer.line() == 1 { frame.lexer.window() } else { &[] };
        let what = if head.starts_with(b"\xef\xbb\xbf") {
            "the file starts with a byte order mark"
        } else if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") {
            "the file is written in UTF-16"
        } else {
            return Ok(());
        };
        let fault = self.at_word(Fault::error(what), 0);
        // its first line is lost, and all that follows from it would be said too
        self.frames.clear();
        Err(fault.hint("save it as UTF-8 without BOM"))
    }

    /// The file being read.
    pub(super) fn frame(&self) -> &Frame {
        self.frames.last().expect("an entry has a file")
    }

    pub(super) fn frame_mut(&mut self) -> &mut Frame {
        self.frames.last_mut().expect("an entry has a file")
    }

    /// Reads the entry that the lexer stands on into `self.rdata` and the frame's owner.
    #[inline]
    fn entry(&mut self) -> Result<(Rtype, u32, Spot)> {
        match self.read_words() {
            Ok(head) => {
                let spot = self.spot();
                let ttl = self.ttl(head.ttl, head.rtype, spot)?;
                Ok((head.rtype, ttl, spot))
            }
            Err((what, wrong)) => Err(self.wrong(&what, wrong)),
        }
    }

    /// Reads the words of that entry, or says what is wrong, and what it should have been.
    #[inline]
    fn read_words(&mut self) -> Result<Head, (String, Wrong)> {
        let frame = self.frames.last_mut().expect("an entry has a file");
        let Frame { lexer, origin, owner, owner_text, .. } = frame;
        let origin = origin.as_ref().map(NameBuf::as_name);
        let mut words = Tokens::new(lexer.window(), lexer.words());
        if lexer.blank_owner() {
            if owner.is_empty() {
                return Err(about("record", no_owner()));
            }
        } else if let Some(word) = words.next()
            && (owner_text.is_empty() || word.text != owner_text.as_slice())
        {
            read_owner(word, origin, owner, owner_text).map_err(|wrong| about("owner", wrong))?;
        }
        let head = read_head(&mut words).map_err(|wrong| about("record", about_owner(lexer, wrong)))?;
        settle_class(&mut self.class, head.class).map_err(|wrong| about("record", wrong))?;
        self.rdata.clear();
        read_data((head.rtype, head.row), &mut words, origin, &mut self.rdata)?;
        Ok(head)
    }

    /// Where the current entry starts.
    pub(super) fn spot(&self) -> Spot {
        Spot { file: self.frame().file, line: self.frame().lexer.line() }
    }

    /// The TTL itself, or 0 if it is one that no TTL may be (RFC 2181, section 8).
    pub(super) fn cap_ttl(&mut self, ttl: u32, what: &str, spot: Spot) -> u32 {
        if ttl <= MAX_TTL {
            return ttl;
        }
        let fault = Fault::warning(format!("{what} {ttl} is above {MAX_TTL} and taken as 0"));
        self.warn(fault.hint("write a smaller one (RFC 2181, section 8)"), spot);
        0
    }

    /// The TTL of a record that has `explicit`, or none of its own (RFC 2308, section 4).
    #[inline]
    pub(super) fn ttl(&mut self, explicit: Option<u32>, rtype: Rtype, spot: Spot) -> Result<u32> {
        let Some(ttl) = explicit else { return self.inherited_ttl(rtype, spot) };
        let ttl = if ttl <= MAX_TTL { ttl } else { self.cap_ttl(ttl, "TTL", spot) };
        self.last_ttl = Some(ttl);
        Ok(ttl)
    }

    fn inherited_ttl(&mut self, rtype: Rtype, spot: Spot) -> Result<u32> {
        if let Some(ttl) = self.default_ttl.or(self.last_ttl) {
            return Ok(ttl);
        }
        if rtype == Rtype::SOA
            && let Some(&minimum) = self.rdata.last_chunk()
        {
            let minimum = self.cap_ttl(u32::from_be_bytes(minimum), "SOA minimum", spot);
            let fault =
                Fault::warning(format!("no TTL here and no $TTL before: the SOA minimum {minimum} is used"));
            self.warn(fault.hint("put \"$TTL 3600\", or what you mean, on the first line"), spot);
            self.default_ttl = Some(minimum);
            return Ok(minimum);
        }
        let wrong = Wrong::new(0, "a TTL, as none is known yet");
        Err(self.wrong("record", wrong.hint("put \"$TTL 3600\", or what you mean, on the first line")))
    }
}

/// A lexer of a file, which is digested if somebody wants to know, and read ahead if it is large.
pub(super) fn lexer_of(taps: Option<&Taps>, file: File, meta: &Metadata, number: u16) -> Lexer {
    /// So many octets are worth a thread.
    const LARGE: u64 = 1 << 22;
    let length = if meta.is_file() { meta.len() } else { 0 };
    let source = tapped(taps, file, number);
    Lexer::new(if length >= LARGE { read_ahead(source) } else { source }).for_length(length)
}

/// What tells a file from others, whatever its path.
pub(super) fn identity(meta: &Metadata) -> (u64, u64) {
    (meta.dev(), meta.ino())
}

fn tapped(taps: Option<&Taps>, source: impl Read + Send + 'static, file: u16) -> Box<dyn Read + Send> {
    match taps {
        Some(taps) => taps.on(source, file),
        None => Box::new(source),
    }
}

/// Reads the owner in front of an entry, and notes its text.
fn read_owner(
    word: Token<'_>,
    origin: Option<Name<'_>>,
    owner: &mut Vec<u8>,
    text: &mut Vec<u8>,
) -> Result<(), Wrong> {
    owner.clear();
    text.clear();
    parse_name_in(word.onward, word.text.len(), origin, owner).map_err(|fault| {
        // the records that repeat this owner are not to blame
        owner.push(0);
        wrong_name(Wrong::new(0, fault.to_string()), fault)
    })?;
    text.extend_from_slice(word.text);
    Ok(())
}

/// Whether a file's head is that of a private key, in PEM or in BIND's form. Either may stand behind other lines;
/// PEM may have lost its line ends. A TXT record may quote the armour of anything else.
fn is_key(window: &[u8]) -> bool {
    let head = &window[..window.len().min(1 << 16)];
    // few lines of a zone have a hyphen: the others need no longer search
    head.split(|&octet| octet == b'\n').filter(|line| line.contains(&b'-')).any(|line| {
        let begin = line.windows(ARMOUR.len()).position(|octets| octets == ARMOUR);
        let private = |at: usize| line[at..].windows(PRIVATE.len()).any(|octets| octets == PRIVATE);
        line.trim_ascii_start().starts_with(b"Private-key-format:")
            || begin.is_some_and(|at| line[..at].trim_ascii().is_empty() || private(at))
    })
}

const ARMOUR: &[u8] = b"-----BEGIN ";
const PRIVATE: &[u8] = b"PRIVATE KEY-----";

/// What is wrong, and with what.
#[cold]
fn about(what: &str, wrong: Wrong) -> (String, Wrong) {
    (what.into(), wrong)
}

#[cold]
fn no_owner() -> Wrong {
    Wrong::new(0, "a line that starts with an owner name")
        .hint("a line that starts with a blank repeats the last owner, and there is none yet")
}

/// The same, with advice if the owner, the only word of its line, is none.
#[cold]
fn about_owner(lexer: &Lexer, wrong: Wrong) -> Wrong {
    match lexer.words() {
        [word] if lexer.text(word) == b"\x1a" => {
            wrong.hint("the line holds a control character, \\026, which ended files under DOS: remove it")
        }
        _ => wrong,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_owner_in_text_is_another_below_another_origin() {
        let text = b"a 5 A 192.0.2.1\na 5 A 192.0.2.2\n$ORIGIN b.example.\na 5 A 192.0.2.3\na.. 5 A 192.0.2.4\n\
            \"\" 5 A 192.0.2.5\na 5 A 192.0.2.6\n$ORIGIN example.\n 5 A 192.0.2.7\na 5 A 192.0.2.8\n@ 5 A 192.0.2.9\n\
            $ORIGIN c.example.\n@ 5 A 192.0.2.10\n";
        let mut reader = Reader::of_text(text.to_vec(), "z", NameBuf::from_text("example.").ok());
        let mut owners = Vec::new();
        loop {
            match reader.next() {
                Ok(None) => break,
                Ok(Some(entry)) => owners.push(entry.record.owner.to_string()),
                Err(_) => owners.push("fault".into()),
            }
        }
        let expected = "a.example. a.example. a.b.example. fault fault a.b.example. a.b.example. a.example. example. c.example.";
        assert_eq!(owners.join(" "), expected);
    }

    #[test]
    fn armour_that_a_record_quotes_is_no_private_key() {
        let keys: [&[u8]; 6] = [
            b"-----BEGIN PRIVATE KEY-----\nMC4C\n",
            b"Role: ksk\r\n  -----BEGIN EC PARAMETERS-----\r\n",
            b"-----BEGIN PRIVATF KEY-----\nMC4C\n",
            b"Zone: example. Role: ksk -----BEGIN EC PRIVATE KEY----- MC4C",
            b"Private-key-format: v1.3\n",
            b"\n Private-key-format: v1.3\n",
        ];
        for key in keys {
            assert!(is_key(key), "{}", String::from_utf8_lossy(key));
        }
        let zones: [&[u8]; 3] = [
            b"a 5 TXT \"-----BEGIN CERTIFICATE-----\"\n",
            b"a 5 TXT \"-----BEGIN PGP PUBLIC KEY BLOCK-----\"\n",
            b"a 5 TXT \"Private-key-format: v1.3\"\n",
        ];
        for zone in zones {
            let mut reader = Reader::of_text(zone.to_vec(), "z", NameBuf::from_text("example.").ok());
            assert!(reader.next().is_ok_and(|entry| entry.is_some()), "{}", String::from_utf8_lossy(zone));
        }
    }
}
