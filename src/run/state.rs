//! What a run tells the next one beside the signed file, and what may be lost: `.ZONE.state` in the folder of
//! the output, lines of `name: value`.

use super::known::History;
use crate::dns::time::Time;
use crate::error::Result;
use crate::files;
use crate::keys::life::Life;
use crate::publish::stamp::{Digest, Was};
use std::fmt::Write;
use std::path::Path;

/// What the file says. A file that cannot be read says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// The clock of the last run.
    pub clock: Option<Time>,
    /// What the hook has not been told yet: its word for what changed.
    pub hook: Option<String>,
    /// Input files that mean what those mean which the signed file with this seal was made from.
    pub same_input: Option<(Digest, Digest)>,
    /// The serial with which signatures were made anew, so that secondaries do not see them.
    pub unseen: Option<u32>,
    /// What the last line of the signed file told of the versions so far: for when it is lost, or cannot be believed.
    pub history: Option<History>,
}

impl State {
    /// Reads the file.
    #[must_use]
    pub fn read(path: &Path) -> Self {
        let mut state = Self::default();
        let mut history = History::default();
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let hex = |text: &str| data_encoding::HEXLOWER.decode(text.as_bytes()).ok()?.try_into().ok();
        for (name, value) in text.lines().filter_map(|line| line.split_once(": ")) {
            match name {
                "clock" => state.clock = Time::from_rfc3339(value),
                "hook" => state.hook = Some(value.to_owned()),
                "same-input" => {
                    state.same_input = value.split_once(' ').and_then(|(a, b)| Some((hex(a)?, hex(b)?)));
                }
                "unseen" => state.unseen = value.parse().ok(),
                "first" => history.first = Time::from_rfc3339(value),
                "ttl" => history.ttl = value.parse().ok(),
                "was" => history.was = Was::from_text(value),
                "serial" => history.serial = value.parse().ok(),
                "key" => history.lives.extend(Life::from_text(value)),
                _ => {}
            }
        }
        state.history = Some(history).filter(|history| !history.lives.is_empty());
        state
    }

    /// Writes it over the file. It is not flushed: it may be lost.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        let mut text = String::new();
        let mut line = |name: &str, value: Option<String>| {
            if let Some(value) = value {
                // writing to a String cannot fail
                let _ = writeln!(text, "{name}: {value}");
            }
        };
        line("clock", self.clock.map(|clock| clock.to_string()));
        line("hook", self.hook.clone());
        let hex = |digest: Digest| data_encoding::HEXLOWER.encode(&digest);
        line("same-input", self.same_input.map(|(input, seal)| format!("{} {}", hex(input), hex(seal))));
        line("unseen", self.unseen.map(|serial| serial.to_string()));
        if let Some(history) = &self.history {
            line("first", history.first.map(|first| first.to_string()));
            line("ttl", history.ttl.map(|ttl| ttl.to_string()));
            line("was", history.was.map(|was| was.to_string()));
            line("serial", history.serial.map(|serial| serial.to_string()));
            for life in &history.lives {
                line("key", Some(life.to_string()));
            }
        }
        files::overwrite(path, text.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".z.state");
        assert_eq!(State::read(&path), State::default());
        let full = State {
            clock: Some(Time(1_000_000_000)),
            hook: Some("content".into()),
            same_input: Some(([7; 32], [8; 32])),
            unseen: Some(5),
            history: Some(History {
                lives: vec![Life::from_text("13/1/0001020304050607/2026-01-01T00:00:00Z/idle").unwrap()],
                first: Some(Time(1)),
                ttl: Some(2),
                was: Was::from_text("3/4/2026-01-01T00:00:00Z"),
                serial: Some(6),
            }),
        };
        for state in [full, State::default()] {
            state.write(&path).unwrap();
            assert_eq!(State::read(&path), state);
        }
        std::fs::write(&path, b"clock: x\nhook\n\xff").unwrap();
        assert_eq!(State::read(&path), State::default());
    }
}
