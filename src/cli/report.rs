//! Every word for people: to stderr, in colour on a terminal, and how far long work is. Nobody else writes there.

use crate::error::{Fault, Severity};
use clap::ValueEnum;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::ffi::OsStr;
use std::io::{IsTerminal, Write, stderr, stdout};
use std::time::{Duration, Instant};

/// Work that is done sooner shows no progress.
const PATIENCE: Duration = Duration::from_secs(1);

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
    /// The bars on the terminal; elsewhere they are never drawn.
    bars: MultiProgress,
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
        let terminal = stderr().is_terminal();
        let shown = shows_progress(terminal, quiet, std::env::var_os("TERM").as_deref());
        let target = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bars = MultiProgress::with_draw_target(target);
        Self { quiet, verbose, color: on(terminal), color_data: on(stdout().is_terminal()), bars }
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
        self.say(&paint(fault, self.color));
    }

    /// A fault that is what a command was asked for, as text for standard output.
    #[must_use]
    pub fn painted(&self, fault: &Fault) -> String {
        paint(fault, self.color_data)
    }

    /// Something worth knowing.
    pub fn note(&self, text: &str) {
        if !self.quiet {
            self.say(text);
        }
    }

    /// Shows how far some work is, which has `total` steps, as soon as it has taken a second.
    #[must_use]
    pub fn progress(&self, what: &'static str, total: u64) -> Progress {
        Progress::new(self.bars.clone(), what, total, PATIENCE)
    }

    fn say(&self, text: &str) {
        // bars stand below what is said; there is no one left to tell that stderr is closed
        let _ = self.bars.suspend(|| writeln!(stderr().lock(), "{text}"));
    }
}

/// Whether bars are drawn: on a terminal that can move its cursor, unless people want to hear only what is
/// wrong.
fn shows_progress(terminal: bool, quiet: bool, kind: Option<&OsStr>) -> bool {
    terminal && !quiet && kind.is_some_and(|kind| !kind.is_empty() && kind != "dumb")
}

/// How far some work is: a bar on the terminal, which is gone when this is dropped.
pub struct Progress {
    bars: MultiProgress,
    bar: ProgressBar,
    /// From then on it is shown.
    due: Instant,
    shown: bool,
    /// Steps that change what is seen, and where the next such change is.
    stride: u64,
    next: u64,
}

impl Progress {
    fn new(bars: MultiProgress, what: &'static str, total: u64, patience: Duration) -> Self {
        let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::hidden());
        let style = ProgressStyle::with_template("{msg} [{bar:40}] {percent}%, {eta} left");
        bar.set_style(style.expect("the template is one").progress_chars("=> "));
        bar.set_message(what);
        Self { bars, bar, due: Instant::now() + patience, shown: false, stride: total / 400, next: 0 }
    }

    /// So many steps are done. This costs next to nothing, however often it is said.
    pub fn at(&mut self, done: u64) {
        if done < self.next {
            return;
        }
        self.next = done + self.stride.max(1);
        if !self.shown && Instant::now() >= self.due {
            self.bar = self.bars.add(self.bar.clone());
            self.shown = true;
        }
        self.bar.set_position(done);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
        self.bars.remove(&self.bar);
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

#[cfg(test)]
mod tests {
    use super::*;
    use indicatif::InMemoryTerm;

    #[test]
    fn bars_are_for_terminals() {
        let shown =
            |terminal, quiet, kind: Option<&str>| shows_progress(terminal, quiet, kind.map(OsStr::new));
        assert!(shown(true, false, Some("xterm-256color")));
        assert!(!shown(false, false, Some("xterm-256color")));
        assert!(!shown(true, true, Some("xterm-256color")));
        assert!(!shown(true, false, Some("dumb")));
        assert!(!shown(true, false, Some("")));
        assert!(!shown(true, false, None));
    }

    #[test]
    fn a_bar_is_shown_late_and_leaves_nothing() {
        let terminal = InMemoryTerm::new(5, 80);
        let target = ProgressDrawTarget::term_like(Box::new(terminal.clone()));
        let bars = MultiProgress::with_draw_target(target);
        let mut early = Progress::new(bars.clone(), "reading", 100, Duration::from_secs(3600));
        early.at(50);
        assert_eq!(terminal.contents(), "", "it has not taken an hour yet");
        drop(early);
        assert_eq!(terminal.contents(), "");

        let mut late = Progress::new(bars.clone(), "verifying", 1000, Duration::ZERO);
        late.at(420);
        let seen = terminal.contents();
        assert!(seen.starts_with("verifying [====") && seen.contains("42%"), "{seen}");
        let moved = bars.suspend(|| terminal.contents());
        assert_eq!(moved, "", "bars make room for messages");
        drop(late);
        assert_eq!(terminal.contents(), "");
    }
}
