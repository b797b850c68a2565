//! What is wrong in a master file, with its place, the word that stands there, and advice.

use super::lexer::LexFault;
use super::reader::Reader;
use super::token::Wrong;
use crate::dns::text::{self, NameError};
use crate::error::{Fault, Place};
use crate::source::Spot;
use std::io;

impl Reader {
    pub(super) fn warn(&mut self, fault: Fault, spot: Spot) {
        let place = self.sources.place(spot, 1);
        self.warnings.push(fault.at(place).included_from(self.sources.trail(spot.file)));
    }

    /// What stands at a word of the current entry is not what should: `what` is the entry or its field.
    #[cold]
    pub(super) fn wrong(&self, what: &str, wrong: Wrong) -> Fault {
        let wrong = wrong.parts();
        let lexer = &self.frame().lexer;
        let first = lexer.words().first().map_or(0, |extent| extent.start as usize);
        let entry = if lexer.window().get(first) == Some(&b'$') { "line" } else { "record" };
        if matches!(what, "owner" | "record") && lexer.words().iter().any(|word| is_encoded(lexer.text(word)))
        {
            // no record, and so perhaps a line of a private key: neither word nor line is shown
            let (line, column, _) = lexer.excerpt(first);
            let place = self.sources.place(Spot { file: self.frame().file, line }, column);
            return Fault::error(format!("{what}: expected {}, found encoded data", wrong.expected))
                .at(place);
        }
        let found = match lexer.words().get(wrong.index) {
            Some(extent) => quoted(lexer.text(extent)),
            None => format!("the end of the {entry}"),
        };
        let message = format!("{what}: expected {}, found {found}", wrong.expected);
        let fault = self.at_word(Fault::error(message), wrong.index);
        match wrong.hint {
            Some(hint) => fault.hint(hint),
            None => fault,
        }
    }

    /// The same for a record that `$GENERATE` makes for a value of its counter: `found` is what it made,
    /// `index` the word of the directive that made it.
    #[cold]
    pub(super) fn wrong_generated(
        &self,
        what: &str,
        wrong: Wrong,
        found: Option<&[u8]>,
        index: usize,
        counter: u32,
    ) -> Fault {
        let wrong = wrong.parts();
        let found = found.map_or_else(|| "the end of the data".into(), quoted);
        let message = format!("$GENERATE at {counter}: {what}: expected {}, found {found}", wrong.expected);
        let fault = self.at_word(Fault::error(message), index);
        match wrong.hint {
            Some(hint) => fault.hint(hint),
            None => fault,
        }
    }

    /// The fault, placed at a word of the current entry, or behind the last one.
    pub(super) fn at_word(&self, fault: Fault, index: usize) -> Fault {
        let words = self.frame().lexer.words();
        let last = words.last().map_or(0, |extent| extent.end as usize);
        let found =
            words.get(index).map(|extent| (extent.start as usize, (extent.end - extent.start) as usize));
        let (offset, width) = found.unwrap_or((last, 1));
        self.place(fault, offset, width)
    }

    #[cold]
    pub(super) fn lex_fault(&self, fault: &LexFault) -> Fault {
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

/// Whether a word is so long a run of base64 or hexadecimal digits that it may be a key.
fn is_encoded(word: &[u8]) -> bool {
    let digit = |octet: &u8| octet.is_ascii_alphanumeric() || matches!(octet, b'+' | b'/' | b'=');
    word.len() >= 40 && word.iter().all(digit)
}

/// The longest part of a word that a message repeats.
const SHOWN: usize = 80;

/// A word of the file in quotes; what would move a terminal's cursor is escaped.
fn quoted(word: &[u8]) -> String {
    let mut out = vec![b'"'];
    for &octet in &word[..word.len().min(SHOWN)] {
        match octet {
            0..0x20 | 0x7f => text::push_escape(octet, &mut out),
            _ => out.push(octet),
        }
    }
    if word.len() > SHOWN {
        out.extend_from_slice("…".as_bytes());
    }
    out.push(b'"');
    String::from_utf8_lossy(&out).into_owned()
}

/// The same, with advice on what can be done about a name.
pub(super) fn wrong_name(wrong: Wrong, fault: NameError) -> Wrong {
    if fault == NameError::NoOrigin {
        wrong.hint("-o NAME or an $ORIGIN line says what names are relative to")
    } else {
        wrong
    }
}

/// Why a file cannot be read, in words.
pub(super) fn cannot_read(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "no such file".into(),
        io::ErrorKind::PermissionDenied => "permission denied: the file cannot be read".into(),
        io::ErrorKind::IsADirectory => "this is a folder, not a file".into(),
        _ => format!("cannot be read: {error}"),
    }
}
