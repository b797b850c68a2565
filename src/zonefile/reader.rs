//! Entries → records: directives, owners, TTLs, classes and types (RFC 1035, section 5.1; RFC 2308,
//! section 4). The fields of the RDATA are read in [`fields`].
//!
//! Where readers differ, BIND's reading is the one, unless an RFC says otherwise.

use super::directive::open;
use super::fault::{cannot_read, wrong_name};
use super::fields;
use super::lexer::Lexer;
use super::token::{Tokens, Wrong};
use crate::dns::schema::Field;
use crate::dns::text::{parse_name_in, parse_ttl};
use crate::dns::{Class, Name, NameBuf, Record, Rtype, schema};
use crate::error::{Fault, Result};
use crate::source::{Sources, Spot};
use std::io;
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
    /// Whether its head was looked at.
    pub(super) seen: bool,
}

/// Reads a master file, and what it includes, record by record.
pub struct Reader {
    /// The file being read is the last.
    pub(super) frames: Vec<Frame>,
    pub(super) sources: Sources,
    pub(super) include_dir: Option<PathBuf>,
    class: Option<Class>,
    /// `$TTL`, or the SOA MINIMUM standing in for it.
    pub(super) default_ttl: Option<u32>,
    /// The last TTL that a record had of its own.
    last_ttl: Option<u32>,
    rdata: Vec<u8>,
    pub(super) warnings: Vec<Fault>,
}

impl Reader {
    /// A reader of the file at `path`, or of standard input for `-`.
    ///
    /// # Errors
    /// It cannot be opened.
    pub fn open(path: &Path, origin: Option<NameBuf>) -> Result<Self> {
        let name = path.display().to_string();
        if name == "-" {
            return Ok(Self::with(Lexer::new(Box::new(io::stdin())), &name, origin));
        }
        let (file, identity) =
            open(path).map_err(|error| Fault::error(cannot_read(&error)).in_file(&name))?;
        let mut reader = Self::with(Lexer::new(Box::new(file)), &name, origin);
        reader.frame_mut().identity = Some(identity);
        Ok(reader)
    }

    /// A reader of text in memory, which messages call `name`.
    #[must_use]
    pub fn of_text(text: Vec<u8>, name: &str, origin: Option<NameBuf>) -> Self {
        Self::with(Lexer::of_text(text), name, origin)
    }

    fn with(lexer: Lexer, name: &str, origin: Option<NameBuf>) -> Self {
        let mut sources = Sources::default();
        let file = sources.add(name, None);
        Self {
            frames: vec![Frame { lexer, file, identity: None, origin, owner: Vec::new(), seen: false }],
            sources,
            include_dir: None,
            class: None,
            default_ttl: None,
            last_ttl: None,
            rdata: Vec::with_capacity(1 << 16),
            warnings: Vec::new(),
        }
    }

    /// The same reader, looking for relative `$INCLUDE`s in `dir` rather than beside the including file.
    #[must_use]
    pub fn include_dir(mut self, dir: Option<PathBuf>) -> Self {
        self.include_dir = dir;
        self
    }

    /// The files read so far.
    #[must_use]
    pub fn sources(&self) -> &Sources {
        &self.sources
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
            let Some(frame) = self.frames.last_mut() else { return Ok(None) };
            match frame.lexer.advance() {
                Ok(true) => {}
                Ok(false) => {
                    self.frames.pop();
                    continue;
                }
                Err(fault) => return Err(self.lex_fault(&fault)),
            }
            if !std::mem::replace(&mut frame.seen, true) {
                self.look_at_head()?;
            }
            let Some(frame) = self.frames.last() else { return Ok(None) };
            let first = frame.lexer.words()[0];
            let directive = !first.quoted && frame.lexer.window()[first.start as usize] == b'$';
            if directive && !frame.lexer.blank_owner() {
                self.directive()?;
            } else {
                let (rtype, ttl, spot) = self.entry()?;
                let owner = Name::trusted_whole(&self.frame().owner);
                return Ok(Some(Entry { record: Record { owner, rtype, ttl, rdata: &self.rdata }, spot }));
            }
        }
    }

    /// Refuses a file that is no zone file at all, by how it begins.
    fn look_at_head(&mut self) -> Result<()> {
        let frame = self.frame();
        if is_key(frame.lexer.window()) {
            let fault =
                Fault::error("this is a private key, not a zone file").in_file(self.sources.name(frame.file));
            // no further: the next lines are a secret, and messages show lines
            self.frames.clear();
            return Err(fault.hint("was a file name left out, or are two of them swapped?"));
        }
        if frame.lexer.window().starts_with(b"\xef\xbb\xbf") {
            let fault = self.at_word(Fault::error("the file starts with a byte order mark"), 0);
            // its first line is lost, and all that follows from it would be said too
            self.frames.clear();
            return Err(fault.hint("save it as UTF-8 without BOM"));
        }
        Ok(())
    }

    /// The file being read.
    pub(super) fn frame(&self) -> &Frame {
        self.frames.last().expect("an entry has a file")
    }

    pub(super) fn frame_mut(&mut self) -> &mut Frame {
        self.frames.last_mut().expect("an entry has a file")
    }

    /// Reads the entry that the lexer stands on into `self.rdata` and the frame's owner.
    fn entry(&mut self) -> Result<(Rtype, u32, Spot)> {
        self.read_owner()?;
        // not `self.frame()`: the other fields are written while its words are read
        let frame = self.frames.last().expect("an entry has a file");
        let lexer = &frame.lexer;
        let spot = Spot { file: frame.file, line: lexer.line() };
        let mut words = Tokens::new(lexer.window(), lexer.words());
        if !lexer.blank_owner() {
            words.next();
        }
        let head = read_head(&mut words).map_err(|wrong| self.wrong("record", wrong))?;
        // a record that names no class is IN, unless the records before have another
        let class = *self.class.get_or_insert(head.class.map_or(Class::IN, |(class, _)| class));
        if let Some((_, index)) = head.class.filter(|&(named, _)| named != class) {
            let wrong = Wrong::new(index, format!("class {class}, as in the records before"));
            return Err(self.wrong("record", wrong));
        }
        let origin = frame.origin.as_ref().map(NameBuf::as_name);
        self.rdata.clear();
        let rtype = head.rtype;
        if let Err((wrong, field)) = read_rdata(rtype, &mut words, origin, &mut self.rdata) {
            let what = field.map_or_else(|| rtype.to_string(), |field| format!("{rtype} {}", field.name));
            return Err(self.wrong(&what, wrong));
        }
        if self.rdata.len() > usize::from(u16::MAX) {
            let wrong = Wrong::new(words.taken().saturating_sub(1), "RDATA of at most 65535 octets");
            return Err(self.wrong(&rtype.to_string(), wrong));
        }
        let ttl = self.ttl(head.ttl, rtype, spot)?;
        Ok((rtype, ttl, spot))
    }

    /// Reads the owner in front of the entry, or sees to it that there was one before.
    fn read_owner(&mut self) -> Result<()> {
        let Frame { lexer, origin, owner, .. } = self.frame_mut();
        if lexer.blank_owner() {
            if owner.is_empty() {
                let wrong = Wrong::new(0, "a line that starts with an owner name");
                let hint = "a line that starts with a blank repeats the last owner, and there is none yet";
                return Err(self.wrong("record", wrong.hint(hint)));
            }
            return Ok(());
        }
        owner.clear();
        let Some(word) = Tokens::new(lexer.window(), lexer.words()).next() else { return Ok(()) };
        let origin = origin.as_ref().map(NameBuf::as_name);
        let parsed = parse_name_in(word.onward, word.text.len(), origin, owner);
        if parsed.is_err() {
            // the records that repeat this owner are not to blame
            owner.push(0);
        }
        parsed.map_err(|fault| self.wrong("owner", wrong_name(Wrong::new(0, fault.to_string()), fault)))
    }

    /// The TTL of a record that has `explicit`, or none of its own (RFC 2308, section 4).
    fn ttl(&mut self, explicit: Option<u32>, rtype: Rtype, spot: Spot) -> Result<u32> {
        let limit = |reader: &mut Self, ttl: u32, what: &str| {
            if ttl <= MAX_TTL {
                return ttl;
            }
            let fault = Fault::warning(format!("{what} {ttl} is above 2147483647 and taken as 0"));
            reader.warn(fault.hint("RFC 2181, section 8"), spot);
            0
        };
        if let Some(ttl) = explicit {
            let ttl = limit(self, ttl, "TTL");
            self.last_ttl = Some(ttl);
            return Ok(ttl);
        }
        if let Some(ttl) = self.default_ttl.or(self.last_ttl) {
            return Ok(ttl);
        }
        if rtype == Rtype::SOA
            && let Some(&minimum) = self.rdata.last_chunk()
        {
            let minimum = limit(self, u32::from_be_bytes(minimum), "SOA minimum");
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

/// Whether a file's head is that of a private key, in PEM or in BIND's form.
fn is_key(window: &[u8]) -> bool {
    let head = &window[..window.len().min(1 << 16)];
    let has = |mark: &[u8]| head.windows(mark.len()).any(|octets| octets == mark);
    has(b"-----BEGIN ") || has(b"Private-key-format:")
}

/// What stands between the owner and the data.
struct Head {
    ttl: Option<u32>,
    /// With the index of its word.
    class: Option<(Class, usize)>,
    rtype: Rtype,
}

/// Reads TTL and class, in either order, each once or not at all, and the type.
fn read_head(words: &mut Tokens<'_>) -> Result<Head, Wrong> {
    let (mut ttl, mut class) = (None, None);
    loop {
        let Some(word) = words.next() else { return Err(Wrong::new(words.taken(), "a record type")) };
        // a type is the likeliest word here, and a TTL is told by its first digit
        let digit = word.text.first().is_some_and(u8::is_ascii_digit);
        if digit
            && ttl.is_none()
            && let Some(seconds) = parse_ttl(word.text)
        {
            ttl = Some(seconds);
        } else if !digit
            && class.is_none()
            && let Some(named) = Class::from_text(word.text)
        {
            class = Some((named, words.taken() - 1));
        } else if let Some(rtype) = Rtype::from_text(word.text) {
            if rtype.is_meta() {
                return Err(words.wrong("a type that records of a zone can have"));
            }
            return Ok(Head { ttl, class, rtype });
        } else {
            return Err(words.wrong("a TTL, a class or a record type").hint(unknown_type(word.text)));
        }
    }
}

/// Reads the data of a record, in its type's own form or in the generic one (RFC 3597, section 5).
fn read_rdata(
    rtype: Rtype,
    words: &mut Tokens<'_>,
    origin: Option<Name<'_>>,
    out: &mut Vec<u8>,
) -> Result<(), (Wrong, Option<&'static Field>)> {
    match (words.peek(), schema::by_type(rtype)) {
        (Some(word), _) if word.text == b"\\#" && !word.quoted => {
            words.next();
            fields::parse_generic(rtype, words, out).map_err(|wrong| (wrong, None))
        }
        (_, Some(row)) => fields::parse(row, words, origin, out),
        (_, None) => {
            let wrong = Wrong::new(words.taken(), "\\# and the data's octets in hexadecimal");
            Err((wrong.hint("RDATA of an unknown type is written as \\# LENGTH HEX (RFC 3597)"), None))
        }
    }
}

/// What to do about a word that is neither a TTL nor a class nor a type.
fn unknown_type(word: &[u8]) -> &'static str {
    const META: [&[u8]; 6] = [b"ANY", b"AXFR", b"IXFR", b"OPT", b"TSIG", b"TKEY"];
    if META.iter().any(|meta| word.eq_ignore_ascii_case(meta)) {
        "this is a type of questions or messages, not of records in a zone (RFC 6895, section 3.1)"
    } else if word.is_empty() || word[0].is_ascii_digit() {
        "a record is: owner, TTL, class, type, data"
    } else {
        "a type that zoneseal does not know is written as TYPEnnn \\# LENGTH HEX (RFC 3597)"
    }
}
