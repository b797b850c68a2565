//! `zoneseal.toml`: its text → what is to be done with each zone, or all that is wrong with it, each fault
//! with line and column.
//!
//! The guide has an example with every key and its default, `src/guide/zoneseal.toml`. Here is nothing but
//! text: whether files are there is found out by whoever needs them.

mod keys;
mod name;
mod policies;
mod source;
mod zones;

use super::policy::Policy;
use crate::dns::{Name, NameBuf};
use crate::error::{Fault, Faults, Place};
use crate::options::near;
use glob::Pattern;
pub use name::FileName;
use policies::Policies;
use source::{Source, Value, Wrong, short};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use toml::de::{DeTable, DeValue};
pub use zones::Entry;

/// Keys of the file as a whole.
const KEYS: [&str; 9] =
    ["zones", "keys", "output", "signed-name", "ds-name", "threads", "metrics", "policy", "zone"];

/// What is to be done with all zones.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where zone files are looked for.
    pub zones: PathBuf,
    /// Where keys are: `keys/ZONE/*.pem`, or a flat folder of keys that name their zone.
    pub keys: PathBuf,
    /// Where signed zones and DS texts go.
    pub output: PathBuf,
    /// The name of a signed zone in that folder.
    pub signed_name: FileName,
    /// The name of a DS text there.
    pub ds_name: FileName,
    /// Threads; `None`: as many as there are cores.
    pub threads: Option<NonZeroUsize>,
    /// Where the metrics of a run go, as text for Prometheus.
    pub metrics: Option<PathBuf>,
    /// The folder that paths of the file are relative to: its own.
    base: PathBuf,
    policies: Policies,
    entries: Vec<Entry>,
}

/// What is to be done with one zone.
#[derive(Clone, Debug)]
pub struct Settings<'c> {
    /// How it is signed.
    pub policy: &'c Policy,
    /// Where its keys are, as in [`Config::keys`].
    pub keys: &'c Path,
    /// The signed zone.
    pub signed: PathBuf,
    /// The DS text.
    pub ds: PathBuf,
    /// Where the configuration speaks of it; `None`: nowhere, all is as by default.
    pub place: Option<&'c Place>,
}

impl Config {
    /// What holds where there is no configuration, for zones in folders below `base`.
    #[must_use]
    pub fn builtin(base: &Path) -> Self {
        Self {
            zones: base.join("zones"),
            keys: base.join("keys"),
            output: base.join("signed"),
            signed_name: FileName::ending(".zone"),
            ds_name: FileName::ending(".ds"),
            threads: None,
            metrics: None,
            base: base.to_owned(),
            policies: Policies::default(),
            entries: Vec::new(),
        }
    }

    /// Reads the text of the file of this name, and returns warnings beside what it says.
    ///
    /// # Errors
    /// All that is wrong with it, up to [`Faults::LIMIT`].
    pub fn read(text: &[u8], file: &str) -> Result<(Self, Vec<Fault>), Faults> {
        let (text, wrong) = match std::str::from_utf8(text) {
            Ok(text) => (text, None),
            Err(error) => {
                let (good, bad) = text.split_at(error.valid_up_to());
                let fault = Fault::error(format!("expected UTF-8, found the octet 0x{:02x}", bad[0]));
                (std::str::from_utf8(good).unwrap_or_default(), Some((good.len()..good.len() + 1, fault)))
            }
        };
        let mut source = Source::new(text, file);
        let mut config = Self::builtin(Path::new(file).parent().unwrap_or_else(|| Path::new("")));
        if let Some(wrong) = wrong {
            source.fault(wrong);
            return source.finish(config);
        }
        let (table, errors) = DeTable::parse_recoverable(text);
        if errors.is_empty() {
            config.take(table.get_ref(), &mut source);
        }
        // what was not understood would be missed in the rest
        for error in errors {
            let span = error.span().unwrap_or_default();
            source.fault((span, Fault::error(error.message().replace('\n', ", "))));
        }
        source.finish(config)
    }

    fn take<'t>(&mut self, table: &DeTable<'t>, source: &mut Source<'t>) {
        if let Some(policies) = table.get("policy") {
            let value = source.value("policy", policies);
            self.policies = Policies::read(&value, source);
        }
        for (key, value) in table {
            let value = source.value(key.get_ref(), value);
            let taken = match value.key {
                "policy" => Ok(()),
                "zone" => zones::read(&value, &self.base, &self.policies, source)
                    .map(|entries| self.entries = entries),
                known if KEYS.contains(&known) => self.setting(&value),
                _ => {
                    source.fault(unknown(key.get_ref(), key.span(), &KEYS));
                    Ok(())
                }
            };
            if let Err(wrong) = taken {
                source.fault(wrong);
            }
        }
        if self.signed_name == self.ds_name
            && let Some((key, value)) =
                table.get_key_value("ds-name").or_else(|| table.get_key_value("signed-name"))
        {
            let value = source.value(key.get_ref(), value);
            let message = format!("{}: signed zones and DS texts would have the same name", value.key);
            source.fault(value.wrong(Fault::error(message)));
        }
    }

    fn setting(&mut self, value: &Value<'_>) -> Result<(), Wrong> {
        match value.key {
            "zones" => self.zones = path(value, &self.base)?,
            "keys" => self.keys = path(value, &self.base)?,
            "output" => self.output = path(value, &self.base)?,
            "signed-name" => self.signed_name = FileName::read(value)?,
            "ds-name" => self.ds_name = FileName::read(value)?,
            "metrics" if value.found.as_str() == Some("") => self.metrics = None,
            "metrics" => self.metrics = Some(path(value, &self.base)?),
            _ if value.found.as_str() == Some("auto") => self.threads = None,
            _ => self.threads = NonZeroUsize::new(value.number(1, 4096, " or \"auto\"")? as usize),
        }
        Ok(())
    }

    /// What is said of the zone `name`, whose file is `file`. The last entry that fits counts, alone.
    #[must_use]
    pub fn zone(&self, name: Name<'_>, file: &Path) -> Settings<'_> {
        let entry = self.entries.iter().rev().find(|entry| entry.fits(name, file, &self.base));
        let own = |path: fn(&Entry) -> Option<&PathBuf>| entry.and_then(path);
        Settings {
            policy: entry.map_or_else(|| self.policies.default_one(), |entry| &entry.policy),
            keys: own(|entry| entry.keys.as_ref()).unwrap_or(&self.keys),
            signed: own(|entry| entry.output.as_ref())
                .cloned()
                .unwrap_or_else(|| self.output.join(self.signed_name.of(name))),
            ds: self.output.join(self.ds_name.of(name)),
            place: entry.map(|entry| &entry.place),
        }
    }

    /// The files that entries name, or are patterns of, as patterns of whole paths; and the zone that such a file
    /// is, if its entry says so.
    pub fn files(&self) -> impl Iterator<Item = (String, Option<&NameBuf>)> {
        let base = Pattern::escape(&self.base.to_string_lossy());
        self.entries.iter().filter_map(move |entry| {
            let path = Path::new(&base).join(entry.path.as_ref()?.as_str());
            Some((
                path.to_string_lossy().into_owned(),
                entry.name.as_ref().filter(|_| entry.file().is_some()),
            ))
        })
    }

    /// All entries, in the order of the file: one that fits no zone is worth a word.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The policy of this name.
    #[must_use]
    pub fn policy(&self, name: &str) -> Option<&Policy> {
        self.policies.get(name)
    }
}

/// A path, relative to `base`.
fn path(value: &Value<'_>, base: &Path) -> Result<PathBuf, Wrong> {
    match value.text("a path")? {
        "" => Err(value.wrong(Fault::error(format!("{}: expected a path, found \"\"", value.key)))),
        text => Ok(base.join(text)),
    }
}

/// A key that means nothing where it stands.
fn unknown(key: &str, span: source::Span, known: &[&str]) -> Wrong {
    let fault = Fault::error(format!("unknown key \"{}\"", short(key)));
    let hint = match near(key, known.iter().copied())[..] {
        _ if keys::KEYS.iter().any(|(name, _)| *name == key) => {
            "it belongs to a policy, [policy.default] or [policy.NAME], or to a [[zone]]".to_owned()
        }
        _ if KEYS.contains(&key) => "it belongs to the file as a whole, above all tables".to_owned(),
        [] => format!("known here are {}", known.join(", ")),
        [one] => format!("did you mean {one}?"),
        ref several => format!("did you mean {}?", several.join(" or ")),
    };
    (span, fault.hint(hint))
}

/// The table that a value must be.
fn table<'v>(value: &Value<'v>, what: &str) -> Result<&'v DeTable<'v>, Wrong> {
    match value.found {
        DeValue::Table(table) => Ok(table),
        _ => Err(value.expected(what)),
    }
}

#[cfg(test)]
mod tests;
