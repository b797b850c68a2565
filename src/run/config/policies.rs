//! `[policy.NAME]`: tables of keys, each of which begins with what another one says.

use super::keys::{Draft, KEYS};
use super::source::{Source, Value, Wrong, short};
use super::{table, unknown};
use crate::error::Fault;
use crate::options::near;
use crate::run::policy::Policy;
use std::collections::BTreeMap;
use toml::de::DeTable;

/// The policy of zones that no entry names another for, and what all others begin with.
const DEFAULT: &str = "default";
/// The key that names another beginning.
const INHERITS: &str = "inherits";

/// All policies by name; [`DEFAULT`] is always there.
#[derive(Clone, Debug)]
pub(super) struct Policies {
    named: BTreeMap<String, (Draft, Policy)>,
}

impl Default for Policies {
    fn default() -> Self {
        Self { named: [(DEFAULT.to_owned(), (Draft::default(), Policy::default()))].into() }
    }
}

/// The tables, as far as they are one.
type Tables<'v> = BTreeMap<&'v str, &'v DeTable<'v>>;

impl Policies {
    pub(super) fn read(value: &Value<'_>, source: &mut Source<'_>) -> Self {
        let mut policies = Self::default();
        let what = "tables [policy.NAME]";
        let all = match table(value, what) {
            Ok(all) => all,
            Err(wrong) => {
                source.fault(wrong);
                return policies;
            }
        };
        let mut tables = Tables::new();
        for (name, value) in all {
            let policy = source.value(name.get_ref(), value);
            if let Ok(table) = table(&policy, what) {
                tables.insert(name.get_ref(), table);
            } else {
                let fault = Fault::error(format!("policy.{}: expected {what}", short(name.get_ref())));
                let hint = "a policy has a name, and one that is meant for all zones the name default";
                source.fault((name.span(), fault.hint(hint)));
            }
        }
        if let Some(own) = tables.get(DEFAULT) {
            let mut draft = Draft::default();
            if let Some((key, _)) = own.get_key_value(INHERITS) {
                let message = "policy.default inherits nothing: it is what the others begin with";
                source.fault((key.span(), Fault::error(message)));
            }
            policies.complete(DEFAULT, &mut draft, own, source);
        }
        for name in tables.keys() {
            policies.resolve(name, &tables, &mut Vec::new(), source);
        }
        policies
    }

    /// Reads a policy, and before it the one that it begins with. `trail` are those that wait for it.
    fn resolve<'v, 't: 'v>(
        &mut self,
        name: &'v str,
        tables: &Tables<'v>,
        trail: &mut Vec<&'v str>,
        source: &mut Source<'t>,
    ) {
        if self.named.contains_key(name) {
            return;
        }
        let Some(own) = tables.get(name) else { return };
        trail.push(name);
        let mut first = DEFAULT;
        let mut known = true;
        if let Some(value) = own.get(INHERITS) {
            let value = source.value(INHERITS, value);
            match self.beginning(&value, tables, trail) {
                Ok(other) => {
                    self.resolve(other, tables, trail, source);
                    first = other;
                }
                Err(wrong) => {
                    known = false;
                    source.fault(wrong);
                }
            }
        }
        trail.pop();
        let draft = self.heir(first);
        let mut draft = if known { draft } else { draft.orphan() };
        self.complete(name, &mut draft, own, source);
    }

    /// The name that `inherits` has.
    fn beginning<'v>(
        &self,
        value: &Value<'v>,
        tables: &Tables<'v>,
        trail: &[&str],
    ) -> Result<&'v str, Wrong> {
        let name = value.text("the name of a policy")?;
        if let Some(start) = trail.iter().position(|waiting| *waiting == name) {
            let circle = short(&[&trail[start..], &[name]].concat().join(" from "));

            return Err(
                value.wrong(Fault::error(format!("inherits: a policy cannot inherit itself: {circle}")))
            );
        }
        if tables.contains_key(name) || self.named.contains_key(name) {
            return Ok(name);
        }
        let known = tables.keys().copied().filter(|other| *other != DEFAULT).chain([DEFAULT]);
        Err(value.wrong(missing(value.key, name, known)))
    }

    /// The rest of a policy: its own keys.
    fn complete(&mut self, name: &str, draft: &mut Draft, own: &DeTable<'_>, source: &mut Source<'_>) {
        take(draft, own, &[INHERITS], source);
        let policy = draft.finish(source);
        self.named.insert(name.to_owned(), (draft.clone(), policy));
    }

    /// What a table that begins with this policy, which is there, starts from.
    fn heir(&self, name: &str) -> Draft {
        self.named.get(name).map_or_else(Draft::default, |(draft, _)| draft.heir())
    }

    /// What a `[[zone]]` with this value of `policy` starts from.
    pub(super) fn named_by(&self, value: &Value<'_>) -> Result<Draft, Wrong> {
        let name = value.text("the name of a policy")?;
        if self.named.contains_key(name) {
            return Ok(self.heir(name));
        }
        Err(value.wrong(missing(value.key, name, self.named.keys().map(String::as_str))))
    }

    /// What a `[[zone]]` without it starts from.
    pub(super) fn by_default(&self) -> Draft {
        self.heir(DEFAULT)
    }

    pub(super) fn get(&self, name: &str) -> Option<&Policy> {
        self.named.get(name).map(|(_, policy)| policy)
    }

    /// The policy of zones that no entry is about.
    pub(super) fn default_one(&self) -> &Policy {
        self.get(DEFAULT).expect("it is put there with the first of them")
    }
}

/// Reads the keys of a table into a draft, but for `others`, which somebody else reads.
pub(super) fn take(draft: &mut Draft, own: &DeTable<'_>, others: &[&str], source: &mut Source<'_>) {
    for (key, value) in own {
        let value = source.value(key.get_ref(), value);
        if others.contains(&value.key) {
            continue;
        }
        match draft.take(&value) {
            Ok(true) => {}
            Ok(false) => {
                let known: Vec<&str> =
                    others.iter().copied().chain(KEYS.iter().map(|(key, _)| *key)).collect();
                source.fault(unknown(key.get_ref(), key.span(), &known));
            }
            Err(wrong) => source.fault(wrong),
        }
    }
}

fn missing<'a>(key: &str, name: &str, known: impl Iterator<Item = &'a str>) -> Fault {
    /// More names than this are no help.
    const SHOWN: usize = 10;
    let known: Vec<&str> = known.collect();
    let words = |names: &[&str]| names.iter().take(SHOWN).map(|name| short(name)).collect::<Vec<_>>();
    let fault = Fault::error(format!("{key}: there is no policy \"{name}\""));
    match &near(name, known.iter().copied())[..] {
        [] => fault.hint(format!("there are: {}", words(&known).join(", "))),
        near => fault.hint(format!("did you mean {}?", words(near).join(" or "))),
    }
}
