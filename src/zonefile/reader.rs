//! Entries → records: directives, owners, TTLs, classes and types (RFC 1035, section 5.1; RFC 2308,
//! section 4). The fields of the RDATA are read in [`fields`].
//!
//! Where readers differ, BIND's reading is the one, unless an RFC says otherwise.

use super::fields;
use super::lexer::{LexFault, Lexer};
use super::token::{Extent, Tokens, Wrong};
use crate::dns::text::{NameError, parse_name, parse_ttl};
use crate::dns::{Class, Name, NameBuf, Record, Rtype, schema};
use crate::error::{Fault, Place, Result};
use crate::source::{Sources, Spot};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The largest TTL (RFC 2181, section 8).
const MAX_TTL: u32 = i32::MAX.cast_unsigned();
/// How deep `$INCLUDE`s may nest; a cycle ends here too.
const MAX_DEPTH: usize = 20;

/// A record as the file has it.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// The record, its owner made absolute.
    pub record: Record<'a>,
    /// Whether its owner was left out: it is the one of the record before.
    pub same_owner: bool,
    /// Where it stands.
    pub spot: Spot,
}

/// One open file.
struct Frame {
    lexer: Lexer,
    file: u16,
    origin: Option<NameBuf>,
    owner: Option<NameBuf>,
}

/// Reads a master file, and what it includes, record by record.
pub struct Reader {
    /// The file being read is the last.
    frames: Vec<Frame>,
    sources: Sources,
    include_dir: Option<PathBuf>,
    class: Option<Class>,
    /// `$TTL`, or the SOA MINIMUM standing in for it.
    default_ttl: Option<u32>,
    /// The last TTL that a record had of its own.
    last_ttl: Option<u32>,
    rdata: Vec<u8>,
    owner: Vec<u8>,
    warnings: Vec<Fault>,
}

/// An owner name in front, as far as the entry has one.
enum Owner {
    Given,
    Blank,
}

impl Reader {
    /// A reader of the file at `path`, or of standard input for `-`.
    ///
    /// # Errors
    /// It cannot be opened.
    pub fn open(path: &Path, origin: Option<NameBuf>) -> Result<Self> {
        let name = path.display().to_string();
        let source: Box<dyn Read + Send> = if name == "-" {
            Box::new(io::stdin())
        } else {
            Box::new(open(path).map_err(|error| Fault::error(cannot_read(&error)).in_file(&name))?)
        };
        Ok(Self::new(source, &name, origin))
    }

    /// A reader of `source`, which messages call `name`.
    #[must_use]
    pub fn new(source: Box<dyn Read + Send>, name: &str, origin: Option<NameBuf>) -> Self {
        Self::with(Lexer::new(source), name, origin)
    }

    /// A reader of text in memory, in which all names are absolute.
    #[must_use]
    pub fn of_text(text: Vec<u8>, name: &str) -> Self {
        Self::with(Lexer::of_text(text), name, None)
    }

    fn with(lexer: Lexer, name: &str, origin: Option<NameBuf>) -> Self {
        let mut sources = Sources::default();
        let file = sources.add(name, None);
        Self {
            frames: vec![Frame { lexer, file, origin, owner: None }],
            sources,
            include_dir: None,
            class: None,
            default_ttl: None,
            last_ttl: None,
            rdata: Vec::with_capacity(1 << 16),
            owner: Vec::with_capacity(256),
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
            let first = frame.lexer.words()[0];
            if !first.quoted
                && frame.lexer.window()[first.start as usize] == b'$'
                && !frame.lexer.blank_owner()
            {
                self.directive()?;
            } else {
                let (rtype, ttl, same_owner, spot) = self.entry()?;
                let owner = self.frames.last().and_then(|frame| frame.owner.as_ref());
                let owner = owner.map_or(Name::ROOT, NameBuf::as_name);
                return Ok(Some(Entry {
                    record: Record { owner, rtype, ttl, rdata: &self.rdata },
                    same_owner,
                    spot,
                }));
            }
        }
    }

    /// Reads the entry that the lexer stands on into `self.rdata` and the frame's owner.
    fn entry(&mut self) -> Result<(Rtype, u32, bool, Spot)> {
        let Some(frame) = self.frames.last_mut() else { unreachable!("an entry has a file") };
        let lexer = &frame.lexer;
        let spot = Spot { file: frame.file, line: lexer.line() };
        let origin = frame.origin.as_ref().map(NameBuf::as_name);
        let mut words = Tokens::new(lexer.window(), lexer.words());

        let owner = if lexer.blank_owner() {
            Owner::Blank
        } else {
            let word = words.next().map(|word| word.text).unwrap_or_default();
            self.owner.clear();
            match parse_name(word, origin, &mut self.owner) {
                Ok(()) => Owner::Given,
                Err(fault) => {
                    let wrong = words.wrong(fault.to_string());
                    let fault = self.wrong("owner", with_hint(wrong, fault));
                    // the records that repeat this owner are not to blame
                    if let Some(frame) = self.frames.last_mut() {
                        frame.owner.get_or_insert_with(NameBuf::root);
                    }
                    return Err(fault);
                }
            }
        };

        let (mut ttl, mut class) = (None, None);
        let rtype = loop {
            let Some(word) = words.next() else {
                let wrong = Wrong::new(words.taken(), "a record type");
                return Err(self.wrong("record", wrong));
            };
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
                class = Some(named);
            } else if let Some(rtype) = Rtype::from_text(word.text) {
                break rtype;
            } else {
                let wrong = words.wrong("a TTL, a class or a record type").hint(unknown_type(word.text));
                return Err(self.wrong("record", wrong));
            }
        };
        if rtype.is_meta() {
            let wrong = words.wrong("a type that records of a zone can have");
            return Err(self.wrong("record", wrong));
        }
        if let Some(class) = class {
            let zone = *self.class.get_or_insert(class);
            if class != zone {
                let wrong = words.wrong(format!("class {zone}, as in the records before, not {class}"));
                return Err(self.wrong("record", wrong));
            }
        }

        self.rdata.clear();
        let row = schema::by_type(rtype);
        let parsed = match (words.peek(), row) {
            (Some(word), _) if word.text == b"\\#" && !word.quoted => {
                words.next();
                fields::parse_generic(rtype, &mut words, &mut self.rdata).map_err(|wrong| (wrong, None))
            }
            (_, Some(row)) => fields::parse(row, &mut words, origin, &mut self.rdata),
            (_, None) => {
                let wrong = Wrong::new(words.taken(), "\\# and the data's octets in hexadecimal");
                Err((wrong.hint("RDATA of an unknown type is written as \\# LENGTH HEX (RFC 3597)"), None))
            }
        };
        if let Err((wrong, field)) = parsed {
            let what = field.map_or_else(|| rtype.to_string(), |field| format!("{rtype} {}", field.name));
            return Err(self.wrong(&what, wrong));
        }
        if self.rdata.len() > usize::from(u16::MAX) {
            let wrong = Wrong::new(words.taken().saturating_sub(1), "RDATA of at most 65535 octets");
            return Err(self.wrong(&rtype.to_string(), wrong));
        }

        let same_owner = matches!(owner, Owner::Blank);
        match owner {
            Owner::Given => {
                let Some(frame) = self.frames.last_mut() else { unreachable!("an entry has a file") };
                frame.owner = Some(Name::trusted(&self.owner).to_buf());
            }
            Owner::Blank if frame.owner.is_none() => {
                let wrong = Wrong::new(0, "a line that starts with an owner name");
                return Err(self.wrong(
                    "record",
                    wrong.hint(
                        "a line that starts with a blank repeats the last owner, and there is none yet",
                    ),
                ));
            }
            Owner::Blank => {}
        }
        let ttl = self.ttl(ttl, rtype, spot)?;
        Ok((rtype, ttl, same_owner, spot))
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

    fn directive(&mut self) -> Result<()> {
        let Some(frame) = self.frames.last_mut() else { unreachable!("a directive has a file") };
        let origin = frame.origin.as_ref().map(NameBuf::as_name);
        let words = &mut Tokens::new(frame.lexer.window(), frame.lexer.words());
        let name = words.next().map(|word| word.text.to_ascii_uppercase()).unwrap_or_default();
        let mut wire = Vec::new();
        let done = match name.as_slice() {
            b"$ORIGIN" => words.take("a domain name").and_then(|word| {
                parse_name(word.text, origin, &mut wire).map_err(|fault| words.wrong(fault.to_string()))
            }),
            b"$TTL" => words.take("a TTL").and_then(|word| {
                let ttl = parse_ttl(word.text)
                    .ok_or_else(|| words.wrong("a number of seconds, or a time such as 1h30m"))?;
                if ttl > MAX_TTL {
                    return Err(words.wrong("a TTL of at most 2147483647"));
                }
                self.default_ttl = Some(ttl);
                Ok(())
            }),
            b"$INCLUDE" => {
                let path = words.take("a file name");
                let named = path.and_then(|path| {
                    if let Some(word) = words.next() {
                        parse_name(word.text, origin, &mut wire)
                            .map_err(|fault| words.wrong(fault.to_string()))?;
                    }
                    Ok(path.text.to_vec())
                });
                match named {
                    Ok(path) if words.left() == 0 => {
                        let new_origin = (!wire.is_empty()).then(|| Name::trusted(&wire).to_buf());
                        return self.include(&path, new_origin);
                    }
                    Ok(_) => Ok(()),
                    Err(wrong) => Err(wrong),
                }
            }
            _ => Err(words.wrong("$ORIGIN, $TTL or $INCLUDE")),
        };
        let done = done.and_then(|()| match words.left() {
            0 => Ok(()),
            _ => Err(Wrong::new(words.taken(), "the end of the line")),
        });
        match done {
            Ok(()) => {
                if !wire.is_empty() {
                    frame.origin = Some(Name::trusted(&wire).to_buf());
                }
                Ok(())
            }
            Err(wrong) => Err(self.wrong("directive", wrong)),
        }
    }

    fn include(&mut self, path: &[u8], origin: Option<NameBuf>) -> Result<()> {
        let Some(frame) = self.frames.last() else { unreachable!("a directive has a file") };
        let mut name = Vec::new();
        let unescaped =
            crate::dns::text::parse_string(path, &mut name).and_then(|()| String::from_utf8(name).ok());
        let Some(path) = unescaped else {
            return Err(self.wrong("$INCLUDE", Wrong::new(1, "a file name")));
        };
        if self.frames.len() > MAX_DEPTH || self.sources.len() == Sources::LIMIT {
            let wrong = Wrong::new(1, format!("files nested at most {MAX_DEPTH} deep"));
            return Err(self.wrong("$INCLUDE", wrong.hint("does a file include itself?")));
        }
        let including = Path::new(self.sources.name(frame.file));
        let base = self.include_dir.as_deref().or(including.parent()).unwrap_or(Path::new(""));
        let resolved = base.join(&path);
        match open(&resolved) {
            Ok(file) => {
                let spot = Spot { file: frame.file, line: frame.lexer.line() };
                let opened = Frame {
                    lexer: Lexer::new(Box::new(file)),
                    file: self.sources.add(&resolved.display().to_string(), Some(spot)),
                    // the origin and the owner of the including file are there again after the included one
                    origin: origin.or_else(|| frame.origin.clone()),
                    owner: frame.owner.clone(),
                };
                self.frames.push(opened);
                Ok(())
            }
            Err(error) => {
                let wrong = Wrong::new(
                    1,
                    format!("a file that can be read; {}: {}", resolved.display(), cannot_read(&error)),
                );
                let hint = format!(
                    "a relative name is taken from {}; --include-dir sets another folder",
                    if self.include_dir.is_some() { "--include-dir" } else { "the including file's folder" }
                );
                Err(self.wrong("$INCLUDE", wrong.hint(hint)))
            }
        }
    }

    fn warn(&mut self, fault: Fault, spot: Spot) {
        let place = self.sources.place(spot, 1);
        self.warnings.push(fault.at(place).included_from(self.sources.trail(spot.file)));
    }

    /// A fault at a word of the current entry.
    #[cold]
    fn wrong(&self, what: &str, wrong: Wrong) -> Fault {
        let wrong = wrong.parts();
        let Some(frame) = self.frames.last() else { unreachable!("an entry has a file") };
        let words = frame.lexer.words();
        let found = words.get(wrong.index);
        let text = |extent: &Extent| {
            let text = &frame.lexer.window()[extent.start as usize..extent.end as usize];
            let text = String::from_utf8_lossy(&text[..text.len().min(80)]).into_owned();
            format!("\"{text}\"")
        };
        let message = match found {
            Some(extent) => format!("{what}: expected {}, found {}", wrong.expected, text(extent)),
            None => format!("{what}: expected {}, found the end of the record", wrong.expected),
        };
        let last = words.last().map_or(0, |extent| extent.end as usize);
        let (offset, width) = found.map_or((last, 1), |e| (e.start as usize, (e.end - e.start) as usize));
        let fault = self.place(Fault::error(message), offset, width);
        match wrong.hint {
            Some(hint) => fault.hint(hint),
            None => fault,
        }
    }

    #[cold]
    fn lex_fault(&self, fault: &LexFault) -> Fault {
        match fault {
            LexFault::Io(error) => {
                let file = self.frames.last().map_or("", |frame| self.sources.name(frame.file));
                Fault::error(cannot_read(error)).in_file(file)
            }
            LexFault::Text { offset, message, hint } => {
                self.place(Fault::error(*message), *offset, 1).hint(*hint)
            }
        }
    }

    /// The fault with place and excerpt, at an offset of the current window.
    fn place(&self, fault: Fault, offset: usize, width: usize) -> Fault {
        let Some(frame) = self.frames.last() else { return fault };
        let (line, column, text) = frame.lexer.excerpt(offset);
        let file = self.sources.place(Spot { file: frame.file, line }, column);
        fault
            .at(Place::new(&file.file, line, column))
            .excerpt(text, width)
            .included_from(self.sources.trail(frame.file))
    }
}

fn open(path: &Path) -> io::Result<File> {
    let file = File::open(path)?;
    if file.metadata()?.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    Ok(file)
}

fn cannot_read(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "no such file".into(),
        io::ErrorKind::PermissionDenied => "permission denied: the file cannot be read".into(),
        io::ErrorKind::IsADirectory => "this is a folder, not a file".into(),
        _ => format!("cannot be read: {error}"),
    }
}

/// The same, with advice on what can be done about a name.
fn with_hint(wrong: Wrong, fault: NameError) -> Wrong {
    if fault == NameError::NoOrigin {
        wrong.hint("-o NAME or an $ORIGIN line says what names are relative to")
    } else {
        wrong
    }
}

/// What to do about a word that is neither a TTL nor a class nor a type.
fn unknown_type(word: &[u8]) -> &'static str {
    if word.is_empty() || word[0].is_ascii_digit() {
        "a record is: owner, TTL, class, type, data"
    } else {
        "a type that zoneseal does not know is written as TYPEnnn \\# LENGTH HEX (RFC 3597)"
    }
}
