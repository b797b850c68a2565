//! What can be wrong, and where.
//!
//! Every failure and every warning of the program is a [`Fault`]: a message, and as far as they are
//! known the place it is about, the line of text there, the chain of `$INCLUDE`s that led to it and a
//! hint that says what to do. Messages are lower-case, without a full stop, and never hold a secret.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// The result of anything that can fail with one [`Fault`].
pub type Result<T, E = Fault> = std::result::Result<T, E>;

/// How bad a [`Fault`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth saying; the work goes on.
    Warning,
    /// The work cannot be done; nothing is written.
    Error,
}

/// A position in a text file. Lines and columns count from 1; 0 stands for "not known".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file as the user named it; `-` is standard input.
    pub file: Arc<str>,
    /// Line, from 1.
    pub line: u32,
    /// Column in octets, from 1.
    pub column: u32,
}

impl Place {
    /// A place in `file`; a `line` or `column` of 0 is not known and not printed.
    #[must_use]
    pub fn new(file: &Arc<str>, line: u32, column: u32) -> Self {
        Self { file: Arc::clone(file), line, column }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
            if self.column > 0 {
                write!(f, ":{}", self.column)?;
            }
        }
        Ok(())
    }
}

/// The line of text a fault is about, and how many octets of it, from the place's column on, are meant.
#[derive(Clone, Debug)]
struct Excerpt {
    line: String,
    width: usize,
}

/// One thing that is wrong: see the [module](self).
#[derive(Clone, Debug)]
pub struct Fault(Box<Inner>);

#[derive(Clone, Debug)]
struct Inner {
    severity: Severity,
    message: String,
    place: Option<Place>,
    excerpt: Option<Excerpt>,
    included_from: Vec<Place>,
    hint: Option<String>,
}

impl Fault {
    /// An error with this message.
    #[must_use]
    pub fn error(message: impl Into<String>) -> Self {
        Self::new(Severity::Error, message.into())
    }

    /// A warning with this message.
    #[must_use]
    pub fn warning(message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, message.into())
    }

    fn new(severity: Severity, message: String) -> Self {
        Self(Box::new(Inner {
            severity,
            message,
            place: None,
            excerpt: None,
            included_from: Vec::new(),
            hint: None,
        }))
    }

    /// The same fault, said to be at `place`.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.0.place = Some(place);
        self
    }

    /// The same fault, about `file` as a whole, unless its place is already known.
    #[must_use]
    pub fn in_file(mut self, file: &str) -> Self {
        self.0.place.get_or_insert_with(|| Place::new(&Arc::from(file), 0, 0));
        self
    }

    /// The same fault with the text of its line; `width` octets from the place's column on are underlined.
    #[must_use]
    pub fn excerpt(mut self, line: &[u8], width: usize) -> Self {
        self.0.excerpt = Some(Excerpt { line: String::from_utf8_lossy(line).into_owned(), width });
        self
    }

    /// The same fault with the `$INCLUDE` directives that led to its file, innermost first.
    #[must_use]
    pub fn included_from(mut self, trail: Vec<Place>) -> Self {
        self.0.included_from = trail;
        self
    }

    /// The same fault with advice on what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// The same fault, as bad as this.
    #[must_use]
    pub fn with_severity(mut self, severity: Severity) -> Self {
        self.0.severity = severity;
        self
    }

    /// Whether it is an error or a warning.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.0.severity
    }

    /// What is wrong, without place or hint.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Where, if known.
    #[must_use]
    pub fn place(&self) -> Option<&Place> {
        self.0.place.as_ref()
    }

    /// What to do about it, if there is advice.
    #[must_use]
    pub fn advice(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }
}

impl fmt::Display for Fault {
    /// Place, severity and message on one line; then the excerpt, the includes and the hint, a line each.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        if let Some(place) = &inner.place {
            write!(f, "{}: ", visible(&place.to_string()))?;
        }
        let severity = match inner.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        write!(f, "{severity}: {}", visible(&inner.message))?;
        if let (Some(excerpt), Some(place)) = (&inner.excerpt, &inner.place) {
            excerpt.write(f, place)?;
        }
        for place in &inner.included_from {
            write!(f, "\n  included from {}", visible(&place.to_string()))?;
        }
        if let Some(hint) = &inner.hint {
            write!(f, "\nhint: {}", visible(hint))?;
        }
        Ok(())
    }
}

impl std::error::Error for Fault {}

/// The text without what a terminal might obey: names of files and words of a zone file are anybody's.
fn visible(text: &str) -> Cow<'_, str> {
    if text.contains(char::is_control) {
        text.replace(char::is_control, "\u{fffd}").into()
    } else {
        text.into()
    }
}

impl Excerpt {
    /// Columns of a line that are shown; a longer line is cut around the place.
    const WIDTH: usize = 96;

    fn write(&self, f: &mut fmt::Formatter<'_>, place: &Place) -> fmt::Result {
        // control characters would move the terminal's cursor or worse: each becomes one blank
        let line: Vec<char> = self.line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        // the column counts octets, the terminal characters: the same thing for nearly every zone file
        let column = place.column.saturating_sub(1) as usize;
        let start = if column < Self::WIDTH * 3 / 4 { 0 } else { column - Self::WIDTH / 2 };
        let shown: String = line.iter().skip(start).take(Self::WIDTH).collect();
        let number = place.line.to_string();
        write!(f, "\n{number:>5} | {}", shown.trim_end())?;
        if place.column > 0 {
            let width = self.width.clamp(1, Self::WIDTH.saturating_sub(column - start).max(1));
            write!(f, "\n      | {:indent$}{:^<width$}", "", "", indent = column - start)?;
        }
        Ok(())
    }
}

/// Faults in the order they were found. Reading and checking go on after the first error, so that a
/// person sees up to [`Faults::LIMIT`] of them at once.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    list: Vec<Fault>,
    errors: usize,
}

impl Faults {
    /// Errors after which a stage gives up: whoever has twenty mends those first.
    pub const LIMIT: usize = 20;

    /// No faults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one.
    pub fn push(&mut self, fault: Fault) {
        self.errors += usize::from(fault.severity() == Severity::Error);
        self.list.push(fault);
    }

    /// Adds all of `others`.
    pub fn extend(&mut self, others: Faults) {
        self.errors += others.errors;
        self.list.extend(others.list);
    }

    /// How many errors (not warnings) there are.
    #[must_use]
    pub fn errors(&self) -> usize {
        self.errors
    }

    /// Whether there are as many errors as a person wants to see at once.
    #[must_use]
    pub fn full(&self) -> bool {
        self.errors >= Self::LIMIT
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Fault> {
        self.list.iter()
    }
}

impl From<Fault> for Faults {
    fn from(fault: Fault) -> Self {
        let mut faults = Self::new();
        faults.push(fault);
        faults
    }
}

impl IntoIterator for Faults {
    type Item = Fault;
    type IntoIter = std::vec::IntoIter<Fault>;

    fn into_iter(self) -> Self::IntoIter {
        self.list.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_prints_place_excerpt_includes_and_hint() {
        let file: Arc<str> = "zones/shop.zone".into();
        let fault = Fault::error("MX preference: expected a number from 0 to 65535, found \"ten\"")
            .at(Place::new(&file, 17, 14))
            .excerpt(b"mail\tIN MX   ten mx1.example.", 3)
            .included_from(vec![Place::new(&"zones/example.zone".into(), 4, 0)])
            .hint("the preference comes before the mail server");
        assert_eq!(
            fault.to_string(),
            "zones/shop.zone:17:14: error: MX preference: expected a number from 0 to 65535, found \"ten\"\n   \
             17 | mail IN MX   ten mx1.example.\n      |              ^^^\n  \
             included from zones/example.zone:4\nhint: the preference comes before the mail server"
        );
    }

    /// U+009B begins a command for terminals as ESC [ does, and is well-formed UTF-8.
    #[test]
    fn no_control_character_reaches_the_terminal() {
        let file: Arc<str> = "\u{1b}[2J.zone".into();
        let fault = Fault::error("expected a name, found \"\u{9b}2J\"")
            .at(Place::new(&file, 1, 1))
            .excerpt("\u{9b}2J\u{7f}".as_bytes(), 3)
            .included_from(vec![Place::new(&file, 2, 0)]);
        let text = fault.to_string();
        assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "{text:?}");
    }

    #[test]
    fn a_long_line_is_cut_around_the_place() {
        let file: Arc<str> = "z".into();
        let mut line = vec![b'x'; 5000];
        line[3000] = b'!';
        let text = Fault::error("m").at(Place::new(&file, 1, 3001)).excerpt(&line, 1).to_string();
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[1].len() < 120);
        assert_eq!(lines[1].find('!'), lines[2].find('^'));
    }
}
