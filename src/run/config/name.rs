//! Names of output files: `{zone}.zone` and the like.

use super::source::{Value, Wrong};
use crate::dns::{Name, NameBuf};
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

    /// The zone that a file of this name is of, if it can be one.
    #[must_use]
    pub fn zone(&self, file: &Path) -> Option<NameBuf> {
        let name = file.file_name()?.to_str().filter(|name| !name.starts_with('.'))?;
        zone_of_file_name(name.strip_prefix(self.before.as_str())?.strip_suffix(self.behind.as_str())?)
    }

    /// The name of a zone's file.
    #[must_use]
    pub fn of(&self, zone: Name<'_>) -> String {
        format!("{}{}{}", self.before, zone_file_name(zone), self.behind)
    }
}
