//! Every word for people: to stderr, in colour on a terminal. Nobody else writes there.

use crate::error::{Fault, Severity};
use clap::ValueEnum;
use std::io::{IsTerminal, Write, stderr, stdout};

/// When messages are in colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Where messages go.
#[derive(Clone, Debug)]
pub struct Report {
    quiet: bool,
    verbose: bool,
    color: bool,
}

impl Report {
    /// A report that keeps to these options.
    #[must_use]
    pub fn new(quiet: bool, verbose: bool, color: Color) -> Self {
        let color = match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => {
                stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
            }
        };
        Self { quiet, verbose, color }
    }

    /// Whether people want to hear more.
    #[must_use]
    pub fn verbose(&self) -> bool {
        self.verbose
    }

    /// Something is wrong, or odd.
    pub fn fault(&self, fault: &Fault) {
        let text = fault.to_string();
        let (word, code) = match fault.severity() {
            Severity::Error => ("error:", "\x1b[1;31m"),
            Severity::Warning => ("warning:", "\x1b[1;33m"),
        };
        let text = if self.color { text.replacen(word, &format!("{code}{word}\x1b[0m"), 1) } else { text };
        say(&text);
    }

    /// Something worth knowing.
    pub fn note(&self, text: &str) {
        if !self.quiet {
            say(text);
        }
    }
}

fn say(text: &str) {
    // there is no one left to tell that stderr is closed
    let _ = writeln!(stderr().lock(), "{text}");
}

/// Writes data to stdout.
///
/// # Errors
/// It cannot be written; a reader that has read enough is no error.
pub fn print(data: &[u8]) -> Result<(), Fault> {
    let mut stdout = stdout().lock();
    match stdout.write_all(data).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(crate::files::cannot("write", &error).in_file("standard output"))
        }
        _ => Ok(()),
    }
}
