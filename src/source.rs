//! The files that text came from: what a record needs to remember of its place is a small number.

use crate::error::{Fault, Place};
use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::sync::Arc;

/// Where a record stands: a file of [`Sources`] and a line, from 1. Line 0: made by the program.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spot {
    /// Index of the file.
    pub file: u16,
    /// Line, from 1.
    pub line: u32,
}

/// The files one zone was read from, in the order they were opened.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
}

#[derive(Clone, Debug)]
struct SourceFile {
    name: Arc<str>,
    included_from: Option<Spot>,
}

impl Sources {
    /// The most files one zone may be made of.
    pub const LIMIT: usize = u16::MAX as usize;

    /// Adds a file, and returns its index.
    pub fn add(&mut self, name: &str, included_from: Option<Spot>) -> u16 {
        self.files.push(SourceFile { name: name.into(), included_from });
        u16::try_from(self.files.len() - 1).expect("the reader keeps to Sources::LIMIT")
    }

    /// How many files there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The name of a file, as it was given.
    #[must_use]
    pub fn name(&self, file: u16) -> &str {
        self.files.get(usize::from(file)).map_or("", |file| &file.name)
    }

    /// The names of all files.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(|file| &*file.name)
    }

    /// A printable place; column 0 is not known.
    #[must_use]
    pub fn place(&self, spot: Spot, column: u32) -> Place {
        let unknown = || Arc::from("");
        let name = self.files.get(usize::from(spot.file)).map_or_else(unknown, |file| Arc::clone(&file.name));
        Place::new(&name, spot.line, column)
    }

    /// The `$INCLUDE` directives that led to a file, innermost first.
    #[must_use]
    pub fn trail(&self, file: u16) -> Vec<Place> {
        let from = |file: u16| self.files.get(usize::from(file)).and_then(|file| file.included_from);
        std::iter::successors(from(file), |spot| from(spot.file)).map(|spot| self.place(spot, 0)).collect()
    }

    /// The fault, placed at a record: with its line of text, if the file is still there to be read.
    #[must_use]
    pub fn locate(&self, fault: Fault, spot: Spot) -> Fault {
        self.locate_all(vec![(fault, spot)]).pop().expect("as many come out as go in")
    }

    /// Many faults at once, each file being read but once.
    #[must_use]
    pub fn locate_all(&self, faults: Vec<(Fault, Spot)>) -> Vec<Fault> {
        let mut wanted: Vec<Spot> = faults.iter().map(|&(_, spot)| spot).collect();
        wanted.retain(|spot| spot.line > 0);
        wanted.sort_unstable_by_key(|spot| (spot.file, spot.line));
        wanted.dedup();
        let mut lines = HashMap::new();
        for spots in wanted.chunk_by(|a, b| a.file == b.file) {
            self.read_lines(spots, &mut lines);
        }
        let place = |(fault, spot): (Fault, Spot)| {
            if spot.line == 0 {
                fault
            } else {
                self.place_with(fault, spot, lines.get(&(spot.file, spot.line)))
            }
        };
        faults.into_iter().map(place).collect()
    }

    fn place_with(&self, fault: Fault, spot: Spot, line: Option<&Vec<u8>>) -> Fault {
        let text = line.map(Vec::as_slice).unwrap_or_default().trim_ascii_end();
        // the first word is what a fault about a whole record points at
        let indent = text.iter().take_while(|octet| octet.is_ascii_whitespace()).count();
        let width = text[indent..].iter().take_while(|octet| !octet.is_ascii_whitespace()).count();
        let column = u32::try_from(indent + 1).unwrap_or(0);
        let fault = fault.at(self.place(spot, column)).included_from(self.trail(spot.file));
        if text.is_empty() { fault } else { fault.excerpt(text, width) }
    }

    /// Reads lines of one file, in ascending order, as far as it is still there.
    fn read_lines(&self, spots: &[Spot], lines: &mut HashMap<(u16, u32), Vec<u8>>) {
        let name = spots.first().map_or("", |spot| self.name(spot.file));
        // neither standard input nor a pipe can be read twice: opening a pipe would wait for another writer
        let again = name != "-" && std::fs::metadata(name).is_ok_and(|meta| meta.is_file());
        let Some(file) = again.then(|| File::open(name).ok()).flatten() else { return };
        let mut reader = BufReader::new(file);
        let mut at = 1;
        for spot in spots {
            while at < spot.line && reader.skip_until(b'\n').is_ok_and(|skipped| skipped > 0) {
                at += 1;
            }
            let mut line = Vec::new();
            if at < spot.line || reader.read_until(b'\n', &mut line).is_err() {
                return;
            }
            at += 1;
            lines.insert((spot.file, spot.line), line);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Opening it would wait for another writer, and the program would hang over a message.
    #[test]
    fn a_pipe_is_not_opened_again_to_show_a_line() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let text = folder.path().join("text");
        std::fs::write(&text, "one\ntwo three\n").unwrap();
        let mut sources = Sources::default();
        let files = [&pipe, &text].map(|path| sources.add(path.to_str().unwrap(), None));
        let [of_pipe, of_text] =
            files.map(|file| sources.locate(Fault::error("m"), Spot { file, line: 2 }).to_string());
        assert!(of_pipe.ends_with("pipe:2:1: error: m"), "{of_pipe}");
        assert!(of_text.contains("2 | two three"), "{of_text}");
    }
}
