//! The text of a configuration: where in it things stand, and what was found to be wrong with them.

use crate::error::{Fault, Faults, Place, Severity};
use std::ops::Range;
use std::sync::Arc;
use toml::Spanned;
use toml::de::DeValue;

/// Where something stands: octets of the text.
pub(super) type Span = Range<usize>;

/// Octets of the longest text that a value may be: a name, a path, an argument.
const LONGEST: usize = 900;

/// A key or another word as messages show it: not all of it, if it is long.
pub(super) fn short(word: &str) -> String {
    let cut = word.char_indices().nth(80).map_or(word.len(), |(at, _)| at);
    if cut < word.len() { format!("{}…", &word[..cut]) } else { word.to_owned() }
}

/// The text, and all faults so far.
pub(super) struct Source<'t> {
    text: &'t str,
    file: Arc<str>,
    faults: Vec<(usize, Fault)>,
}

/// A value of a key, or of a list that is one.
#[derive(Clone)]
pub(super) struct Value<'v> {
    /// The key.
    pub(super) key: &'v str,
    pub(super) found: &'v DeValue<'v>,
    pub(super) span: Span,
    /// The whole text of the configuration.
    pub(super) whole: &'v str,
}

/// A fault, and what it is about.
pub(super) type Wrong = (Span, Fault);

impl<'t> Source<'t> {
    pub(super) fn new(text: &'t str, file: &str) -> Self {
        Self { text, file: file.into(), faults: Vec::new() }
    }

    /// The value of a key.
    pub(super) fn value<'v>(&self, key: &'v str, value: &'v Spanned<DeValue<'v>>) -> Value<'v>
    where
        't: 'v,
    {
        Value { key, found: value.get_ref(), span: value.span(), whole: self.text }
    }

    /// Line and column of an octet, and where its line starts.
    fn locate(&self, at: usize) -> (Place, usize) {
        let before = &self.text.as_bytes()[..at.min(self.text.len())];
        let line = before.iter().filter(|&&octet| octet == b'\n').count() + 1;
        let start = before.iter().rposition(|&octet| octet == b'\n').map_or(0, |newline| newline + 1);
        let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        (Place::new(&self.file, number(line), number(before.len() - start + 1)), start)
    }

    /// Where something stands.
    pub(super) fn place(&self, span: &Span) -> Place {
        self.locate(span.start).0
    }

    /// Something is wrong there.
    pub(super) fn fault(&mut self, (span, fault): Wrong) {
        let (place, start) = self.locate(span.start);
        let line = self.text[start..].lines().next().unwrap_or_default();
        let end = span.end.min(start + line.len());
        let fault = fault.at(place).excerpt(line.as_bytes(), end.saturating_sub(span.start));
        self.faults.push((span.start, fault));
    }

    /// What was found, from the top to the bottom; warnings alone are no failure.
    pub(super) fn finish<T>(mut self, value: T) -> Result<(T, Vec<Fault>), Faults> {
        self.faults.sort_by_key(|(at, _)| *at);
        let errors = self.faults.iter().any(|(_, fault)| fault.severity() == Severity::Error);
        let mut faults = self.faults.into_iter().map(|(_, fault)| fault);
        if !errors {
            return Ok((value, faults.collect()));
        }
        let mut shown = Faults::new();
        while let Some(fault) = faults.next().filter(|_| !shown.full()) {
            shown.push(fault);
        }
        Err(shown)
    }
}

impl<'v> Value<'v> {
    /// A fault: another kind of value was expected.
    pub(super) fn expected(&self, what: &str) -> Wrong {
        let found = match self.found {
            DeValue::Table(_) => "a table".into(),
            DeValue::Array(_) => "a list".into(),
            _ => short(
                self.whole.get(self.span.clone()).unwrap_or_default().lines().next().unwrap_or_default(),
            ),
        };
        self.wrong(Fault::error(format!("{}: expected {what}, found {found}", self.key)))
    }

    /// A fault about this value.
    pub(super) fn wrong(&self, fault: Fault) -> Wrong {
        (self.span.clone(), fault)
    }

    /// A list, value by value.
    pub(super) fn list(&self, what: &str) -> Result<Vec<Value<'v>>, Wrong> {
        let DeValue::Array(list) = self.found else { return Err(self.expected(what)) };
        let item = |item: &'v Spanned<DeValue<'v>>| Self {
            found: item.get_ref(),
            span: item.span(),
            ..self.clone()
        };
        Ok(list.iter().map(item).collect())
    }

    /// Text, which must be `what`.
    pub(super) fn text(&self, what: &str) -> Result<&'v str, Wrong> {
        let text = self.found.as_str().ok_or_else(|| self.expected(what))?;
        if text.len() > LONGEST {
            let message = format!("{}: expected {what}, found text of {} octets", self.key, text.len());
            return Err(self.wrong(Fault::error(message)));
        }
        Ok(text)
    }

    /// `true` or `false`.
    pub(super) fn boolean(&self) -> Result<bool, Wrong> {
        self.found.as_bool().ok_or_else(|| self.expected("true or false"))
    }

    /// A number from `min` to `max`; `or` are words for what else it could be.
    pub(super) fn number(&self, min: u32, max: u32, or: &str) -> Result<u32, Wrong> {
        let number = self.found.as_integer();
        let number = number.and_then(|number| u32::from_str_radix(number.as_str(), number.radix()).ok());
        number
            .filter(|number| (min..=max).contains(number))
            .ok_or_else(|| self.expected(&format!("a number from {min} to {max}{or}")))
    }

    /// Text, or a number as its decimal text: durations and TTLs are either.
    pub(super) fn text_or_number(&self, what: &str) -> Result<String, Wrong> {
        match self.found {
            DeValue::Integer(number) if number.radix() == 10 => Ok(number.as_str().to_owned()),
            _ => self.text(what).map(str::to_owned),
        }
    }

    /// One of some words.
    pub(super) fn word<T: Copy>(&self, words: &[(&'static str, T)]) -> Result<T, Wrong> {
        let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let all = match &names[..] {
            [others @ .., last] => format!("{} or {last}", others.join(", ")),
            [] => String::new(),
        };
        let text = self.text(&all)?;
        let found = words.iter().find(|(word, _)| *word == text);
        found.map(|(_, value)| *value).ok_or_else(|| {
            self.wrong(Fault::error(format!("{}: expected {all}, found \"{text}\"", self.key)))
        })
    }
}
