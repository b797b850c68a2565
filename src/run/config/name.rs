//! Names of output files: `{zone}.zone` and the like.

use super::source::{Value, Wrong};
use crate::dns::Name;
use crate::error::Fault;
use crate::keys::{zone_file_name, zone_of_file_name};
use std::path::Path;

/// Where the zone's name goes.
const ZONE: &str = "{zone}";

/// How an output file is called: what stands before and behind the zone's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileName {
    before: String,
    behind: String,
}

impl FileName {
    /// Zones' names with this behind them.
    pub(super) fn ending(behind: &str) -> Self {
        Self { before: String::new(), behind: behind.into() }
    }

    pub(super) fn read(value: &Value<'_>) -> Result<Self, Wrong> {
        let what = format!("a file name with \"{ZONE}\" in it, once, and without folders");
        let text = value.text(&what)?;
        let parts: Vec<&str> = text.split(ZONE).collect();
        match parts[..] {
            [before, behind]
                if !text.contains(['/', '\0']) && ![before, behind].concat().contains(['{', '}']) =>
            {
                Ok(Self { before: before.into(), behind: behind.into() })
            }
            _ => {
                let fault = Fault::error(format!("{}: expected {what}, found \"{text}\"", value.key));
                Err(value.wrong(
                    fault.hint("the folder is what output says; a [[zone]] may have an output of its own"),
                ))
            }
        }
    }

    /// Whether a file may be called so for some zone.
    #[must_use]
    pub fn fits(&self, file: &Path) -> bool {
        let name = file.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
        let zone = name.strip_prefix(&self.before).and_then(|name| name.strip_suffix(&self.behind));
        !name.starts_with('.') && zone.is_some_and(|zone| zone_of_file_name(zone).is_some())
    }

    /// The name of a zone's file.
    #[must_use]
    pub fn of(&self, zone: Name<'_>) -> String {
        format!("{}{}{}", self.before, zone_file_name(zone), self.behind)
    }
}
