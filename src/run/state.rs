//! What a run tells the next one beside the signed file, and what may be lost: `.ZONE.state` in the folder of
//! the output, lines of `name: value`.

use crate::dns::time::Time;
use crate::error::Result;
use crate::files;
use crate::publish::stamp::Digest;
use std::fmt::Write;
use std::path::Path;

/// What the file says. A file that cannot be read says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// The clock of the last run.
    pub clock: Option<Time>,
    /// What the hook has not been told yet: its word for what changed.
    pub hook: Option<String>,
    /// Input files that mean what those mean which the signed file was made from.
    pub same_input: Option<Digest>,
    /// The serial with which signatures were made anew, so that secondaries do not see them.
    pub unseen: Option<u32>,
}

impl State {
    /// Reads the file.
    #[must_use]
    pub fn read(path: &Path) -> Self {
        let mut state = Self::default();
        let text = std::fs::read_to_string(path).unwrap_or_default();
        for (name, value) in text.lines().filter_map(|line| line.split_once(": ")) {
            match name {
                "clock" => state.clock = Time::from_rfc3339(value),
                "hook" => state.hook = Some(value.to_owned()),
                "same-input" => {
                    let octets = data_encoding::HEXLOWER.decode(value.as_bytes()).ok();
                    state.same_input = octets.and_then(|octets| octets.try_into().ok());
                }
                "unseen" => state.unseen = value.parse().ok(),
                _ => {}
            }
        }
        state
    }

    /// Puts it in place of the file. It is not flushed: it may be lost.
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
        line("same-input", self.same_input.map(|digest| data_encoding::HEXLOWER.encode(&digest)));
        line("unseen", self.unseen.map(|serial| serial.to_string()));
        files::replace(path, text.as_bytes())
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
            same_input: Some([7; 32]),
            unseen: Some(5),
        };
        for state in [full, State::default()] {
            state.write(&path).unwrap();
            assert_eq!(State::read(&path), state);
        }
        std::fs::write(&path, b"clock: x\nhook\n\xff").unwrap();
        assert_eq!(State::read(&path), State::default());
    }
}
