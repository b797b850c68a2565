//! Octets of a master file → words, one entry at a time (RFC 1035, section 5.1).
//!
//! A window of the file slides over it; an entry's words are offsets into the window, so nothing is
//! copied. An entry ends with its line, or with the line on which its last parenthesis closes.

use super::split::{Scan, split, take_plain};
use super::stops::{Octet, Stops};
use super::token::{Extent, Words};
use std::io::{self, Read};

/// How much of a file is held: what fits into a processor's nearer caches. It grows only for an entry that
/// is longer.
const WINDOW: usize = 1 << 16;
/// The longest entry: the longest RDATA, every octet of it written as an escape, with room to spare.
const MAX_ENTRY: usize = 1 << 24;

/// Why an entry cannot be split into words.
#[derive(Debug)]
pub enum LexFault {
    /// The file cannot be read on.
    Io(io::Error),
    /// At this offset of the window stands what must not be there.
    Text {
        /// Of the octet meant.
        offset: usize,
        /// What is wrong, in words.
        message: &'static str,
        /// What to do about it.
        hint: &'static str,
    },
}

/// See the [module](self).
pub struct Lexer {
    source: Box<dyn Read + Send>,
    window: Vec<u8>,
    /// The window's first size.
    first: usize,
    /// Where in the window the file's octets end.
    filled: usize,
    /// The window's end is the file's.
    ended: bool,
    /// Where the next entry starts, and on which line.
    next: usize,
    next_line: u32,
    /// How many octets of the file stood before the window.
    behind: u64,
    /// It starts behind the rest of a line at fault, which goes on beyond the window.
    skips: bool,
    /// All stops before the next entry are taken.
    stops: Stops,
    /// The entry found last.
    words: Words,
    start: usize,
    line: u32,
    blank_owner: bool,
}

impl Lexer {
    /// A lexer of everything that `source` yields.
    #[must_use]
    pub fn new(source: Box<dyn Read + Send>) -> Self {
        Self {
            source,
            window: Vec::new(),
            first: WINDOW,
            filled: 0,
            ended: false,
            next: 0,
            next_line: 1,
            behind: 0,
            skips: false,
            words: Words::default(),
            start: 0,
            line: 1,
            blank_owner: false,
            stops: Stops::default(),
        }
    }

    /// The same lexer, of a file that had so many octets when it was opened; 0: nobody knows. For a small one no large
    /// window is made: of thousands of zones most are small.
    #[must_use]
    pub(super) fn for_length(mut self, length: u64) -> Self {
        if length > 0 {
            // one octet more, so that the end is seen at once
            self.first = usize::try_from(length + 1).unwrap_or(WINDOW).min(WINDOW);
        }
        self
    }

    /// A lexer of text in memory: the window is the text.
    #[must_use]
    pub fn of_text(text: Vec<u8>) -> Self {
        Self { filled: text.len(), window: text, ended: true, ..Self::new(Box::new(io::empty())) }
    }

    /// Starts anew on other text in memory, which `write` puts into an empty window.
    pub(super) fn restart(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        self.window.clear();
        write(&mut self.window);
        (self.filled, self.next, self.next_line, self.ended) = (self.window.len(), 0, 1, true);
        self.stops = Stops::default();
        self.skips = false;
    }

    /// Finds the next entry that has words. `false`: there is none. After an error, the next call goes
    /// on behind the line at fault.
    ///
    /// # Errors
    /// See [`LexFault`].
    pub fn advance(&mut self) -> Result<bool, LexFault> {
        loop {
            if (self.next == self.filled || self.skips) && !self.reach_line()? {
                self.words.clear();
                return Ok(false);
            }
            let window = &self.window[..self.filled];
            self.start = self.next;
            self.line = self.next_line;
            self.blank_owner = Octet::of(window[self.start]) == Octet::Blank;
            self.words.clear();
            let at = take_plain(window, self.start, &mut self.words, &mut self.stops);
            if window.get(at) == Some(&b'\n') {
                self.stops.take();
                self.next = at + 1;
                self.next_line += 1;
            } else {
                self.split_on(at)?;
            }
            if !self.words().is_empty() {
                return Ok(true);
            }
        }
    }

    /// Sees to it that the window has the start of a line. `false`: there are no more.
    #[cold]
    fn reach_line(&mut self) -> Result<bool, LexFault> {
        loop {
            if self.next == self.filled && !self.fill()? {
                return Ok(false);
            }
            if !self.skips {
                return Ok(true);
            }
            self.skip_line(self.next);
        }
    }

    /// Splits the rest of the entry, from `at` on. If the window ends before it does, there are no words: it is
    /// begun anew, with more behind it.
    #[inline(never)]
    fn split_on(&mut self, at: usize) -> Result<(), LexFault> {
        let window = &self.window[..self.filled];
        match split(window, at, self.ended, &mut self.words, &mut self.stops) {
            Ok(Scan::Done { next, lines }) => {
                self.stops.go_on(next);
                self.next = next;
                self.next_line += lines;
                Ok(())
            }
            Ok(Scan::More) => {
                self.words.clear();
                self.fill().map(|_| ())
            }
            Err(fault) => {
                self.skip_line_of(&fault);
                Err(fault)
            }
        }
    }

    /// How many octets of the file lie before the next entry.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.behind + self.next as u64
    }

    /// The window that words are offsets into.
    #[must_use]
    pub fn window(&self) -> &[u8] {
        &self.window[..self.filled]
    }

    /// The memory of the window, to be used again.
    #[must_use]
    pub fn into_window(self) -> Vec<u8> {
        self.window
    }

    /// The words of the entry.
    #[must_use]
    pub fn words(&self) -> &[Extent] {
        self.words.as_slice()
    }

    /// The text of one of them.
    #[must_use]
    pub fn text(&self, word: &Extent) -> &[u8] {
        &self.window[word.start as usize..word.end as usize]
    }

    /// The line that the entry starts on.
    #[must_use]
    pub fn line(&self) -> u32 {
        self.line
    }

    /// Whether the entry starts with a blank: its owner is the last one's.
    #[must_use]
    pub fn blank_owner(&self) -> bool {
        self.blank_owner
    }

    /// Whether the entry starts with a `$` in the first column.
    #[must_use]
    #[inline]
    pub fn stands_on_directive(&self) -> bool {
        !self.blank_owner
            && self.words().first().is_some_and(|word| !word.quoted && self.text(word).starts_with(b"$"))
    }

    /// Line, column (from 1) and text of the line around an offset of the window, at or behind the
    /// entry's start.
    #[must_use]
    pub fn excerpt(&self, offset: usize) -> (u32, u32, &[u8]) {
        let offset = offset.min(self.filled);
        let newlines =
            self.window[self.start.min(offset)..offset].iter().filter(|&&octet| octet == b'\n').count();
        let begin = self.window[..offset].iter().rposition(|&octet| octet == b'\n').map_or(0, |at| at + 1);
        let rest = &self.window[begin..self.filled];
        let end = rest.iter().position(|&octet| octet == b'\n').unwrap_or(rest.len());
        let line = self.line + u32::try_from(newlines).unwrap_or(u32::MAX);
        let column = u32::try_from(offset - begin + 1).unwrap_or(0);
        (line, column, rest[..end].trim_ascii_end())
    }

    /// Moves the unfinished entry to the window's start and reads more behind it; `false`: there is no
    /// more. The window grows if the entry fills it.
    fn fill(&mut self) -> Result<bool, LexFault> {
        if self.ended {
            return Ok(false);
        }
        let kept = self.filled - self.next;
        self.window.copy_within(self.next..self.filled, 0);
        self.stops = Stops::default();
        self.behind += self.next as u64;
        self.next = 0;
        self.start = 0;
        self.filled = kept;
        if self.window.len() - kept < WINDOW / 2 {
            if kept > MAX_ENTRY {
                self.ended = true;
                self.filled = 0;
                return Err(LexFault::Text {
                    offset: 0,
                    message: "an entry of more than 16 MiB",
                    hint: "is a parenthesis or a quote left open?",
                });
            }
            let length =
                if self.window.is_empty() { self.first } else { (self.window.len() * 2).max(WINDOW) };
            self.window.resize(length, 0);
        }
        while self.filled < self.window.len() {
            match self.source.read(&mut self.window[self.filled..]) {
                Ok(0) => {
                    self.ended = true;
                    break;
                }
                Ok(length) => self.filled += length,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.ended = true;
                    self.filled = 0;
                    return Err(LexFault::Io(error));
                }
            }
        }
        Ok(self.filled > kept)
    }

    /// After a fault: the next entry starts behind the line it was found on.
    fn skip_line_of(&mut self, fault: &LexFault) {
        let LexFault::Text { offset, .. } = fault else { return };
        let offset = (*offset).min(self.filled);
        self.next_line +=
            u32::try_from(self.window[self.start..offset].iter().filter(|&&o| o == b'\n').count())
                .unwrap_or(u32::MAX);
        self.skip_line(offset);
        self.words.clear();
    }

    /// The next entry starts behind the line around an offset of the window.
    fn skip_line(&mut self, offset: usize) {
        let rest = &self.window[offset..self.filled];
        let length = rest.iter().position(|&octet| octet == b'\n');
        self.next = length.map_or(self.filled, |length| offset + length + 1);
        self.next_line += u32::from(length.is_some());
        self.skips = length.is_none();
        // a fault may stand far before the octet that showed it
        self.stops = Stops::from(self.next);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Yields a few octets at a time, so that every entry meets the window's end.
    struct Trickle(Vec<u8>, usize);

    impl Read for Trickle {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let length = self.1.min(self.0.len()).min(into.len());
            into[..length].copy_from_slice(&self.0[..length]);
            self.0.drain(..length);
            Ok(length)
        }
    }

    fn entries(text: &[u8]) -> Vec<(u32, bool, Vec<String>)> {
        let mut lexer = Lexer::new(Box::new(Trickle(text.to_vec(), 3)));
        let mut found = Vec::new();
        loop {
            match lexer.advance() {
                Ok(false) => return found,
                Ok(true) => {
                    let words = lexer.words().iter();
                    let text = |e: &Extent| {
                        let word = String::from_utf8_lossy(&lexer.window()[e.start as usize..e.end as usize]);
                        if e.quoted { format!("<{word}>") } else { word.into_owned() }
                    };
                    found.push((lexer.line(), lexer.blank_owner(), words.map(text).collect()));
                }
                Err(LexFault::Text { offset, message, .. }) => {
                    let (line, column, _) = lexer.excerpt(offset);
                    found.push((line, false, vec![format!("{column}: {message}")]));
                }
                Err(LexFault::Io(error)) => panic!("{error}"),
            }
        }
    }

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|&word| word.into()).collect()
    }

    #[test]
    fn entries_of_rfc_1035_section_5_1() {
        let found = entries(
            b"; comment\r\n\r\na IN TXT \"x y\" z\\ ;\n\tb ( 1 ; one\n 2 )3\n\n  ; blank\nc\"d;\"e\\\" f\"\\\"\" \\",
        );
        assert_eq!(found[0], (3, false, words(&["a", "IN", "TXT", "<x y>", "z\\ "])));
        assert_eq!(found[1], (4, true, words(&["b", "1", "2", "3"])));
        assert_eq!(found[2], (8, false, words(&["c", "<d;>", "e\\\"", "f", "<\\\">", "\\"])));
        assert_eq!(found.len(), 3);
    }

    #[test]
    fn faults_have_their_place_and_reading_goes_on() {
        let found = entries(b"a \"b\nc )\nd \"\\\" e\nf\rg\nh ( i\n j\n k");
        let messages: Vec<_> = found.iter().map(|(line, _, words)| (*line, words[0].as_str())).collect();
        assert_eq!(
            messages,
            [
                (1, "3: this quote is not closed on its line"),
                (2, "3: this parenthesis was never opened"),
                (3, "3: this quote is not closed on its line"),
                (4, "2: a carriage return that no line feed follows"),
                (5, "3: this parenthesis is never closed"),
                (6, "j"),
                (7, "k"),
            ]
        );
    }

    /// The rest of the line is not taken for another entry.
    #[test]
    fn a_line_at_fault_that_goes_on_beyond_the_window() {
        let text = format!(";{}\na ) {}\nb )\n", "x".repeat(WINDOW - 5), "c ".repeat(2 * WINDOW));
        let mut lexer = Lexer::new(Box::new(io::Cursor::new(text)));
        for line in [2, 3] {
            assert!(
                matches!(lexer.advance(), Err(LexFault::Text { message, .. }) if message.contains("opened"))
            );
            assert_eq!(lexer.line(), line);
        }
        assert!(!lexer.advance().unwrap());
    }

    /// The window is as large as a small file; what the file has grown by since is read all the same.
    #[test]
    fn files_of_other_lengths_than_was_known() {
        for lines in [1, 3, 1000, WINDOW] {
            let text = "a A\n".repeat(lines);
            for length in [text.len(), text.len() - 1, text.len() + 1, 1, 3 * WINDOW] {
                let source = Trickle(text.clone().into_bytes(), 4096);
                let mut lexer = Lexer::new(Box::new(source)).for_length(length as u64);
                let mut found = 0;
                while lexer.advance().unwrap() {
                    let first = WINDOW.min(length + 1);
                    assert!(found > 0 || length < 4 || lexer.window.len() == first);
                    found += 1;
                    assert_eq!((lexer.words().len(), lexer.line() as usize), (2, found));
                }
                assert_eq!(found, lines, "{length}");
            }
        }
    }

    /// Input without end is given up after a bounded part of it.
    #[test]
    fn endless_entries() {
        for octet in *b"(a\";" {
            let mut lexer = Lexer::new(Box::new(io::repeat(octet)));
            assert!(matches!(lexer.advance(), Err(LexFault::Text { offset: 0, .. })), "{octet}");
            assert!(lexer.window.len() <= 4 * MAX_ENTRY);
            assert!(!lexer.advance().unwrap());
        }
    }

    #[test]
    fn an_entry_longer_than_the_window() {
        let mut text = b"a TXT (".to_vec();
        for _ in 0..WINDOW / 4 {
            text.extend(b" x\n;y\n");
        }
        text.extend(b")\nb A");
        let mut lexer = Lexer::new(Box::new(io::Cursor::new(text)));
        assert!(lexer.advance().unwrap());
        assert_eq!(lexer.words().len(), 2 + WINDOW / 4);
        assert!(lexer.advance().unwrap());
        assert_eq!(usize::try_from(lexer.line()).unwrap(), 2 + WINDOW / 2);
        assert!(!lexer.advance().unwrap());
    }
}
