//! `[[zone]]`: which zones an entry is about, and what is special about them.

use super::policies::{Policies, take};
use super::source::{Source, Value, Wrong};
use super::{path, table};
use crate::dns::{Name, NameBuf};
use crate::error::{Fault, Place};
use crate::options;
use crate::run::policy::Policy;
use glob::{MatchOptions, Pattern};
use std::path::{Component, Path, PathBuf};
use toml::de::DeValue;

/// Keys of an entry beside those of a policy.
const KEYS: [&str; 5] = ["name", "path", "policy", "keys", "output"];

/// What is said of some zones.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The zone's name; with a `path` too, that file is this zone.
    pub name: Option<NameBuf>,
    /// The zones' files, relative to the configuration's folder or absolute.
    pub path: Option<Pattern>,
    /// How they are signed.
    pub policy: Policy,
    /// Where their keys are.
    pub keys: Option<PathBuf>,
    /// The signed zone.
    pub output: Option<PathBuf>,
    /// Where the entry stands.
    pub place: Place,
}

impl Entry {
    /// Whether the entry is about a zone and its file; `base` is the configuration's folder.
    pub(super) fn fits(&self, name: Name<'_>, file: &Path, base: &Path) -> bool {
        let named = self.name.as_ref().is_none_or(|own| own.as_name() == name);
        let placed = self.path.as_ref().is_none_or(|pattern| {
            let (file, base) = (plain(file), plain(base));
            let options = MatchOptions { require_literal_separator: true, ..MatchOptions::new() };
            let inside = file.strip_prefix(&base).unwrap_or(&file);
            [inside, &file].iter().any(|path| pattern.matches_path_with(path, options))
        });
        named && placed
    }

    /// The one file that the entry is about, relative to the configuration's folder; `None`: a pattern, or
    /// none at all.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        let text = self.path.as_ref()?.as_str();
        (Pattern::escape(text) == text).then(|| Path::new(text))
    }
}

/// The path without `.`: two spellings of one.
fn plain(path: &Path) -> PathBuf {
    path.components().filter(|part| *part != Component::CurDir).collect()
}

/// All entries, as far as they can be read.
pub(super) fn read(
    value: &Value<'_>,
    base: &Path,
    policies: &Policies,
    source: &mut Source<'_>,
) -> Result<Vec<Entry>, Wrong> {
    let what = "entries [[zone]]";
    let entries =
        value.list(what).map_err(|(span, fault)| (span, fault.hint("write [[zone]], in two brackets")))?;
    let mut read: Vec<Entry> = Vec::new();
    for value in &entries {
        match entry(value, base, policies, source) {
            Ok(entry) => {
                for wrong in clashes(&entry, &read, value) {
                    source.fault(wrong);
                }
                read.push(entry);
            }
            Err(wrong) => source.fault(wrong),
        }
    }
    Ok(read)
}

/// What an entry and those above it cannot both mean.
fn clashes(entry: &Entry, above: &[Entry], value: &Value<'_>) -> Vec<Wrong> {
    let mut faults = Vec::new();
    let said = |other: &Entry| format!("the entry on line {}", other.place.line);
    let zones = |entry: &Entry| (entry.name.clone(), entry.path.clone());
    if let Some(other) = above.iter().find(|other| zones(other) == zones(entry)) {
        let about = match (&entry.name, &entry.path) {
            (Some(name), _) => name.to_string(),
            (None, Some(path)) => path.to_string(),
            (None, None) => return faults,
        };
        let fault = Fault::error(format!("zone: there are two entries for {about}"));
        faults.push(value.wrong(fault.hint(format!("{} is about the same", said(other)))));
    }
    let output = |entry: &Entry| entry.output.as_deref().map(plain);
    let same = above.iter().find(|other| entry.output.is_some() && output(other) == output(entry));
    if let (Some(other), DeValue::Table(own)) = (same, value.found)
        && let Some(output) = own.get("output")
    {
        let fault = Fault::error("output: two zones in one file");
        faults.push((output.span(), fault.hint(format!("{} has the same", said(other)))));
    }
    faults
}

fn entry(
    value: &Value<'_>,
    base: &Path,
    policies: &Policies,
    source: &mut Source<'_>,
) -> Result<Entry, Wrong> {
    let own = table(value, "an entry [[zone]]")?;
    let get = |key| own.get(key).map(|value| source.value(key, value));
    let (name, pattern, policy, keys, output) =
        (get("name"), get("path"), get("policy"), get("keys"), get("output"));
    if name.is_none() && pattern.is_none() {
        let fault = Fault::error("zone: expected a name or a path: which zones is this about?");
        let hint = "add name = \"example.org\" or path = \"zones/*.zone\"; what holds for all belongs to [policy.default]";
        source.fault(value.wrong(fault.hint(hint)));
    }
    let mut draft = match policy.as_ref().map(|value| policies.named_by(value)) {
        Some(Ok(draft)) => draft,
        None => policies.by_default(),
        Some(Err(wrong)) => {
            source.fault(wrong);
            policies.by_default().orphan()
        }
    };
    take(&mut draft, own, &KEYS, source);
    let mut kept = |wrong: Wrong| source.fault(wrong);
    let name = name.and_then(|value| zone_name(&value).map_err(&mut kept).ok());
    let pattern = pattern.and_then(|value| self::pattern(&value).map_err(&mut kept).ok());
    let keys = keys.and_then(|value| path(&value, base).map_err(&mut kept).ok());
    let output = output.and_then(|value| path(&value, base).map_err(&mut kept).ok());
    let entry = Entry {
        name,
        path: pattern,
        policy: draft.finish(source),
        keys,
        output,
        place: source.place(&value.span),
    };
    if entry.output.is_some()
        && entry.name.is_none()
        && entry.path.is_some()
        && entry.file().is_none()
        && let Some(output) = own.get("output")
    {
        let fault = Fault::error("output: one file for all zones that the path fits");
        source.fault((
            output.span(),
            fault.hint("signed-name, above all tables, is how signed zones are called"),
        ));
    }
    Ok(entry)
}

fn zone_name(value: &Value<'_>) -> Result<NameBuf, Wrong> {
    let text = value.text("the name of a zone")?;
    options::zone(text)
        .map_err(|fault| value.wrong(Fault::error(format!("{}: {}", value.key, fault.message()))))
}

fn pattern(value: &Value<'_>) -> Result<Pattern, Wrong> {
    let what = "a file or a pattern such as \"zones/*.zone\"";
    let text = value.text(what)?;
    let wrong = |why: &str| {
        value.wrong(Fault::error(format!("{}: expected {what}, found \"{text}\"{why}", value.key)))
    };
    if text.is_empty() {
        return Err(wrong(""));
    }
    let plain = plain(Path::new(text));
    Pattern::new(&plain.to_string_lossy()).map_err(|error| wrong(&format!(": {}", error.msg)))
}
