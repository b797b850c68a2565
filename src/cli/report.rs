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
#[allow(clippy::struct_excessive_bools, reason = "each is an option of its own, or a stream")]
pub struct Report {
    quiet: bool,
    verbose: bool,
    color: bool,
    /// Likewise on standard output.
    color_data: bool,
}

impl Report {
    /// A report that keeps to these options.
    #[must_use]
    pub fn new(quiet: bool, verbose: bool, color: Color) -> Self {
        let on = |terminal: bool| match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
        };
        Self { quiet, verbose, color: on(stderr().is_terminal()), color_data: on(stdout().is_terminal()) }
    }

    /// Whether people want to hear more.
    #[must_use]
    pub fn verbose(&self) -> bool {
        self.verbose
    }

    /// Whether people want to hear only what is wrong.
    #[must_use]
    pub fn quiet(&self) -> bool {
        self.quiet
    }

    /// Something is wrong, or odd.
    pub fn fault(&self, fault: &Fault) {
        say(&paint(fault, self.color));
    }

    /// A fault that is what a command was asked for, as text for standard output.
    #[must_use]
    pub fn painted(&self, fault: &Fault) -> String {
        paint(fault, self.color_data)
    }

    /// Something worth knowing.
    pub fn note(&self, text: &str) {
        if !self.quiet {
            say(text);
        }
    }
}

fn paint(fault: &Fault, color: bool) -> String {
    let text = fault.to_string();
    let (word, code) = match fault.severity() {
        Severity::Error => ("error:", "\x1b[1;31m"),
        Severity::Warning => ("warning:", "\x1b[1;33m"),
    };
    if color { text.replacen(word, &format!("{code}{word}\x1b[0m"), 1) } else { text }
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
