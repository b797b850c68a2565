//! The keys of a policy, one table for all: `[policy.NAME]` and `[[zone]]` have the same.

use super::source::{Source, Span, Value, Wrong};
use crate::dnssec::nsec3::{OptOut, Params};
use crate::dnssec::sign::Denial;
use crate::dnssec::zonemd::Hash;
use crate::error::Fault;
use crate::keys::Algorithm;
use crate::options;
use crate::run::policy::{DENIALS, OUT_OF_ZONE, Policy, SERIALS, TYPES, VERIFY};
use std::collections::BTreeMap;

/// Reads the value of one key into a draft.
type Read = fn(&mut Draft, &Value<'_>) -> Result<(), Wrong>;

/// All keys.
pub(super) const KEYS: [(&str, Read); 28] = [
    ("algorithms", |draft, value| set(&mut draft.policy.algorithms, algorithms(value))),
    ("allow-incomplete", |draft, value| set(&mut draft.policy.allow_incomplete, value.boolean())),
    ("allow-nsec3-iterations", |draft, value| set(&mut draft.allows_iterations, value.boolean())),
    ("allow-tag-collision", |draft, value| set(&mut draft.policy.allow_tag_collision, value.boolean())),
    ("cds", |draft, value| {
        let list = distinct(value, "a list such as [\"cds:sha-256\", \"cdnskey\"]", options::publish)?;
        options::consistent(value.key, &list).map_err(|fault| value.wrong(fault))?;
        set(&mut draft.policy.cds, Ok(list))
    }),
    ("comments", |draft, value| set(&mut draft.policy.comments, value.boolean())),
    ("denial", |draft, value| set(&mut draft.denial, value.word(&DENIALS))),
    ("deterministic", |draft, value| set(&mut draft.policy.deterministic, value.boolean())),
    ("dnskey-ttl", |draft, value| set(&mut draft.policy.dnskey_ttl, ttl(value, "auto"))),
    ("dnskey-validity", |draft, value| set(&mut draft.dnskey_validity, unless(value, "auto", positive))),
    ("drop-foreign-keys", |draft, value| set(&mut draft.policy.drop_foreign_keys, value.boolean())),
    ("ds-digest", |draft, value| {
        let list = distinct(value, "a list such as [\"sha256\"]", options::digest)?;
        if list.is_empty() {
            return Err(
                value.wrong(Fault::error("ds-digest: expected sha256 or sha384, found an empty list"))
            );
        }
        set(&mut draft.policy.ds_digests, Ok(list))
    }),
    ("ds-ttl", |draft, value| set(&mut draft.policy.ds_ttl, plain_ttl(value))),
    ("hook", |draft, value| set(&mut draft.policy.hook, hook(value))),
    ("hook-timeout", |draft, value| set(&mut draft.policy.hook_timeout, positive(value))),
    ("inception-offset", |draft, value| set(&mut draft.policy.inception_offset, duration(value))),
    ("jitter", |draft, value| set(&mut draft.policy.jitter, unless(value, "auto", duration))),
    ("max-ttl", |draft, value| set(&mut draft.policy.max_ttl, ttl(value, "none"))),
    ("nsec3-iterations", |draft, value| {
        let number = value.number(0, u16::MAX.into(), "")?;
        set(&mut draft.iterations, Ok(u16::try_from(number).unwrap_or(u16::MAX)))
    }),
    ("nsec3-salt", |draft, value| {
        let text = value.text("a salt in hexadecimal, or \"-\" for none")?;
        set(&mut draft.salt, options::salt(value.key, text).map_err(|fault| value.wrong(fault)))
    }),
    ("out-of-zone", |draft, value| set(&mut draft.policy.out_of_zone, value.word(&OUT_OF_ZONE))),
    ("propagation-delay", |draft, value| set(&mut draft.policy.propagation_delay, duration(value))),
    ("refresh", |draft, value| set(&mut draft.policy.refresh, unless(value, "auto", duration))),
    ("serial", |draft, value| set(&mut draft.policy.serial, value.word(&SERIALS))),
    ("types", |draft, value| set(&mut draft.policy.types, value.word(&TYPES))),
    ("validity", |draft, value| set(&mut draft.policy.validity, positive(value))),
    ("verify", |draft, value| set(&mut draft.policy.verify, value.word(&VERIFY))),
    ("zonemd", |draft, value| set(&mut draft.policy.zonemd, zonemd(value))),
];

/// A policy in the making.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    policy: Policy,
    /// What has a default that other keys decide, and what makes up a denial.
    dnskey_validity: Option<u32>,
    denial: Option<OptOut>,
    iterations: u16,
    allows_iterations: bool,
    salt: Vec<u8>,
    /// Whether a value could not be read, here or in what it begins with: what contradicts it is not known.
    broken: bool,
    /// The keys of the table that is being read, and where their values stand.
    own: BTreeMap<&'static str, Span>,
}

impl Draft {
    /// A draft that begins with what this one says.
    pub(super) fn heir(&self) -> Self {
        Self { own: BTreeMap::new(), ..self.clone() }
    }

    /// The same, though what it should begin with is not known.
    pub(super) fn orphan(self) -> Self {
        Self { broken: true, ..self }
    }

    /// Takes the value of a key; `false`: it is no key of a policy.
    pub(super) fn take(&mut self, value: &Value<'_>) -> Result<bool, Wrong> {
        let Some((key, read)) = KEYS.iter().find(|(key, _)| *key == value.key) else { return Ok(false) };
        read(self, value).inspect_err(|_| self.broken = true)?;
        self.own.insert(key, value.span.clone());
        Ok(true)
    }

    /// The policy, when all keys are read. What contradicts each other is said where it came about: in the
    /// table that has one of the keys.
    pub(super) fn finish(&self, source: &mut Source<'_>) -> Policy {
        let dnskey_validity = self.dnskey_validity.unwrap_or(self.policy.validity);
        let params = Params { iterations: self.iterations, salt: self.salt.clone() };
        let denial = self.denial.map_or(Denial::Nsec, |opt_out| Denial::Nsec3(params, opt_out));
        let policy = Policy { dnskey_validity, denial, ..self.policy.clone() };
        if !self.broken {
            let faults = [self.times(&policy), self.nsec3(&policy)].concat();
            for wrong in faults {
                source.fault(wrong);
            }
        }
        policy
    }

    /// The first of some keys that the table has, and where its value stands.
    fn first(&self, keys: &[&'static str]) -> Option<(&'static str, Span)> {
        keys.iter().find_map(|&key| Some((key, self.own.get(key)?.clone())))
    }

    fn times(&self, policy: &Policy) -> Vec<Wrong> {
        let mut faults = Vec::new();
        let mut contradiction = |keys: &[&'static str], message: String, hint: &str| {
            if let Some((_, span)) = self.first(keys) {
                faults.push((span, Fault::error(message).hint(hint)));
            }
        };
        let (shorter, name) = if policy.dnskey_validity < policy.validity {
            (policy.dnskey_validity, "dnskey-validity")
        } else {
            (policy.validity, "validity")
        };
        let longer = policy.validity.max(policy.dnskey_validity);
        // RRSIG times are serial numbers: beyond this distance, later would read as earlier (RFC 1982)
        if u64::from(longer) + u64::from(policy.inception_offset) >= 1 << 31 {
            contradiction(
                &["validity", "dnskey-validity", "inception-offset"],
                "signatures cannot be valid for more than 68 years (RFC 4034, section 3.1.5)".into(),
                "a few weeks are usual",
            );
        }
        let keys = ["refresh", name, "validity", "dnskey-validity"];
        // left alone, it is a quarter at the least
        let refresh = policy.refresh.unwrap_or(shorter / 4);
        if refresh >= shorter {
            let message =
                format!("refresh: {} is not less than the {name} of {}", span(refresh), span(shorter));
            let hint = "signatures must be made anew some time before they end, and not at once";
            contradiction(&keys, message, hint);
        } else if let Some(jitter) = policy.jitter.filter(|jitter| *jitter >= shorter - refresh) {
            let message = format!(
                "jitter: {} is not less than the {name} of {} less the refresh of {}",
                span(jitter),
                span(shorter),
                span(refresh)
            );
            let hint = "some signatures would be due as soon as they are made";
            contradiction(&["jitter", "refresh", name, "validity", "dnskey-validity"], message, hint);
        }
        faults
    }

    fn nsec3(&self, policy: &Policy) -> Vec<Wrong> {
        let Denial::Nsec3(params, _) = &policy.denial else {
            let own = |key, given: bool| self.first(&[key]).filter(|_| given);
            let given =
                [own("nsec3-iterations", self.iterations > 0), own("nsec3-salt", !self.salt.is_empty())];
            let fault = |(key, span)| {
                let message = format!("{key} is about NSEC3, and the zone is signed with NSEC");
                (span, Fault::error(message).hint("add denial = \"nsec3\""))
            };
            return given.into_iter().flatten().map(fault).collect();
        };
        let keys = ["nsec3-iterations", "allow-nsec3-iterations", "denial"];
        let permit = "allow-nsec3-iterations = true";
        if let Err(fault) = options::iterations(params.iterations, self.allows_iterations, permit) {
            return self.first(&keys).into_iter().map(|(_, span)| (span, fault.clone())).collect();
        }
        let said = self.first(&["nsec3-salt", "nsec3-iterations"]);
        let warnings = options::odd_params(params, "nsec3-salt = \"-\"");
        said.into_iter()
            .flat_map(|(_, span)| warnings.iter().map(move |fault| (span.clone(), fault.clone())))
            .collect()
    }
}

/// Seconds as people write them.
fn span(seconds: u32) -> String {
    let units = [(86_400, 'd'), (3_600, 'h'), (60, 'm')];
    match units.into_iter().find(|(unit, _)| seconds > 0 && seconds.is_multiple_of(*unit)) {
        Some((unit, letter)) => format!("{}{letter}", seconds / unit),
        None => format!("{seconds}s"),
    }
}

fn set<T>(field: &mut T, value: Result<T, Wrong>) -> Result<(), Wrong> {
    *field = value?;
    Ok(())
}

fn duration(value: &Value<'_>) -> Result<u32, Wrong> {
    let text = value.text_or_number("a duration such as \"28d\"")?;
    options::duration(value.key, &text).map_err(|fault| value.wrong(fault))
}

fn positive(value: &Value<'_>) -> Result<u32, Wrong> {
    let seconds = duration(value)?;
    let fault =
        || value.wrong(Fault::error(format!("{}: expected more than no time at all, found 0", value.key)));
    if seconds > 0 { Ok(seconds) } else { Err(fault()) }
}

fn plain_ttl(value: &Value<'_>) -> Result<u32, Wrong> {
    let text = value.text_or_number("a TTL such as \"1h\"")?;
    options::ttl(value.key, &text).map_err(|fault| value.wrong(fault))
}

/// A TTL, or the word that leaves it open.
fn ttl(value: &Value<'_>, open: &str) -> Result<Option<u32>, Wrong> {
    unless(value, open, plain_ttl)
}

fn unless(
    value: &Value<'_>,
    word: &str,
    read: fn(&Value<'_>) -> Result<u32, Wrong>,
) -> Result<Option<u32>, Wrong> {
    if value.found.as_str() == Some(word) { Ok(None) } else { read(value).map(Some) }
}

/// A list of words, each counted once.
fn distinct<T: PartialEq>(
    value: &Value<'_>,
    what: &str,
    read: fn(&str, &str) -> crate::error::Result<T>,
) -> Result<Vec<T>, Wrong> {
    let mut list = Vec::new();
    for item in value.list(what)? {
        let one = read(value.key, item.text("a word")?).map_err(|fault| item.wrong(fault))?;
        if !list.contains(&one) {
            list.push(one);
        }
    }
    Ok(list)
}

fn algorithms(value: &Value<'_>) -> Result<Vec<Algorithm>, Wrong> {
    let mut list = Vec::new();
    for item in value.list("a list such as [\"ECDSAP256SHA256\"]")? {
        let text = item.text_or_number("an algorithm's name or number")?;
        list.push(Algorithm::from_text(&text).map_err(|fault| {
            let named = Fault::error(format!("{}: {}", value.key, fault.message()));
            item.wrong(match fault.advice() {
                Some(advice) => named.hint(advice),
                None => named,
            })
        })?);
    }
    list.sort_unstable();
    list.dedup();
    Ok(list)
}

fn zonemd(value: &Value<'_>) -> Result<Vec<Hash>, Wrong> {
    let mut hashes = Vec::new();
    for item in value.list("a list such as [\"sha384\"]")? {
        let text = item.text("sha384 or sha512")?;
        options::add_zonemd(value.key, text, &mut hashes).map_err(|fault| item.wrong(fault))?;
    }
    Ok(hashes)
}

fn hook(value: &Value<'_>) -> Result<Vec<String>, Wrong> {
    let what = "a list of a program and its arguments, such as [\"rndc\", \"reload\", \"ZONE\"]";
    let words = value
        .list(what)
        .map_err(|(span, fault)| (span, fault.hint("there is no shell that would split words")))?;
    let words =
        words.iter().map(|word| Ok(word.text("text")?.to_owned())).collect::<Result<Vec<_>, Wrong>>()?;
    match words.first() {
        Some(program) if program.is_empty() => {
            Err(value.wrong(Fault::error(format!("{}: expected a program, found \"\"", value.key))))
        }
        _ => Ok(words),
    }
}
