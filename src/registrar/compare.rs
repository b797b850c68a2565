//! The parent's DS set against the keys of the zone: what fits, what is stale, what is missing, and what follows.

use super::{Delegation, EntryPoint, hex};
use crate::dns::Name;
use crate::dnssec::ds::{Ds, Relation};
use serde_json::{Value, json};
use std::fmt;

/// A key that no DS should point to any more, or need not yet.
#[derive(Clone, Debug)]
pub struct Other {
    /// The RDATA of its DNSKEY, as it was before it was revoked, if it is.
    pub dnskey: Vec<u8>,
    /// Why not: a few words that follow "the key".
    pub why: &'static str,
    /// Whether its DS does no harm.
    pub may_stay: bool,
}

/// What a DS of the parent is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It points to a key of the zone.
    Fits,
    /// It does, and the zone asks for no DS.
    Leaving,
    /// It points to a key of the zone, with a digest that must not be used any more.
    Outdated,
    /// Its digest is of a type that is not computed here; tag and algorithm are those of a key.
    Unchecked,
    /// Tag and algorithm are those of a key, but the digest is of another.
    WrongDigest,
    /// It points to a key that should have none: why.
    Unwanted(&'static str),
    /// It points to a key that needs none yet: why.
    Early(&'static str),
    /// It points to no key that is known.
    Stale,
    /// The same record stands before it.
    Repeated,
}

impl Standing {
    /// Whether it has to go.
    fn must_go(&self) -> bool {
        matches!(self, Self::Leaving | Self::Outdated | Self::WrongDigest | Self::Unwanted(_) | Self::Stale)
    }

    /// Its name in JSON, and in the first column of text.
    fn word(&self) -> &'static str {
        match self {
            Self::Fits => "match",
            Self::Leaving => "leaving",
            Self::Outdated => "outdated",
            Self::Unchecked => "unchecked",
            Self::WrongDigest => "wrong",
            Self::Unwanted(_) => "unwanted",
            Self::Early(_) => "early",
            Self::Stale => "stale",
            Self::Repeated => "repeated",
        }
    }
}

/// The state of the delegation as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every DS leads to a key, every key has a DS; or there is neither.
    Well,
    /// Validators can follow a DS; there is something to do.
    Unfinished,
    /// The parent has no DS.
    Insecure,
    /// The parent has DS, and none leads to a key: validators refuse the zone.
    Broken,
}

impl Verdict {
    fn word(self) -> &'static str {
        match self {
            Self::Well => "well",
            Self::Unfinished => "unfinished",
            Self::Insecure => "insecure",
            Self::Broken => "broken",
        }
    }
}

/// What became of it.
#[derive(Debug)]
pub struct Comparison<'a> {
    delegation: &'a Delegation,
    others: &'a [Other],
    /// The parent's records, in its order.
    pub found: Vec<(Ds, Standing)>,
    /// The records that the parent should have besides.
    pub missing: Vec<Ds>,
}

/// Compares. With `each_digest`, a key needs each DS of the delegation; otherwise any good one will do.
#[must_use]
pub fn compare<'a>(
    parent: &[Ds],
    delegation: &'a Delegation,
    others: &'a [Other],
    each_digest: bool,
) -> Comparison<'a> {
    let owner = delegation.owner.as_name();
    let mut found: Vec<(Ds, Standing)> = Vec::new();
    for ds in parent {
        let again = found.iter().any(|(before, _)| before == ds);
        let standing = if again { Standing::Repeated } else { standing(ds, owner, delegation, others) };
        found.push((ds.clone(), standing));
    }
    let fits = |ds: &Ds, dnskey: &[u8]| ds.relation(owner, dnskey) == Relation::Points && !ds.is_outdated();
    let missing = delegation.keys.iter().flat_map(|key| {
        let enough = delegation.leaves || !each_digest && parent.iter().any(|ds| fits(ds, &key.dnskey));
        key.ds.iter().filter(move |ds| !enough && !parent.contains(ds)).cloned()
    });
    let missing = missing.collect();
    Comparison { delegation, others, found, missing }
}

fn standing(ds: &Ds, owner: Name<'_>, delegation: &Delegation, others: &[Other]) -> Standing {
    let wanted: Vec<Relation> = delegation.keys.iter().map(|key| ds.relation(owner, &key.dnskey)).collect();
    let to = |relation| wanted.contains(&relation);
    if to(Relation::Points) {
        return match (delegation.leaves, ds.is_outdated()) {
            (true, _) => Standing::Leaving,
            (false, true) => Standing::Outdated,
            (false, false) => Standing::Fits,
        };
    }
    let of = |key: &&Other| matches!(ds.relation(owner, &key.dnskey), Relation::Points | Relation::Unchecked);
    match others.iter().find(of) {
        Some(key) if key.may_stay => Standing::Early(key.why),
        Some(key) => Standing::Unwanted(key.why),
        None if to(Relation::Unchecked) && ds.is_outdated() => Standing::Outdated,
        None if to(Relation::Unchecked) => Standing::Unchecked,
        None if to(Relation::Differs) => Standing::WrongDigest,
        None => Standing::Stale,
    }
}

impl Comparison<'_> {
    /// The state as a whole.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let leads = |standing: &Standing| {
            matches!(standing, Standing::Fits | Standing::Leaving | Standing::Outdated | Standing::Unchecked)
        };
        if self.found.is_empty() && (self.delegation.keys.is_empty() || self.delegation.leaves) {
            Verdict::Well
        } else if self.found.is_empty() {
            Verdict::Insecure
        } else if !self.found.iter().any(|(_, standing)| leads(standing)) {
            Verdict::Broken
        } else if self.missing.is_empty() && self.stale().next().is_none() {
            Verdict::Well
        } else {
            Verdict::Unfinished
        }
    }

    /// The records that the parent should not have.
    pub fn stale(&self) -> impl Iterator<Item = &Ds> {
        self.found.iter().filter(|(_, standing)| standing.must_go()).map(|(ds, _)| ds)
    }

    /// The DNSKEYs that the records to remove were made of, if each is of a key that should have none; `None`: one at
    /// least is not, and cannot be told by its key.
    #[must_use]
    pub fn stale_keys(&self) -> Option<Vec<&[u8]>> {
        let owner = self.delegation.owner.as_name();
        let key_of = |ds: &Ds| {
            let mut keys = self.others.iter().map(|key| key.dnskey.as_slice());
            keys.find(|dnskey| ds.relation(owner, dnskey) == Relation::Points)
        };
        let mut keys: Vec<&[u8]> = self.stale().map(key_of).collect::<Option<_>>()?;
        // a key may have a DS of each digest
        keys.sort_unstable();
        keys.dedup();
        Some(keys)
    }

    /// The keys of which the parent has no DS at all.
    pub fn without_ds(&self) -> impl Iterator<Item = &EntryPoint> {
        let owner = self.delegation.owner.as_name();
        let points = move |ds: &Ds, key: &EntryPoint| ds.relation(owner, &key.dnskey) == Relation::Points;
        let keys = self.delegation.keys.iter();
        keys.filter(move |key| !self.found.iter().any(|(ds, _)| points(ds, key)))
    }

    /// The delegation that it was compared with.
    #[must_use]
    pub fn delegation(&self) -> &Delegation {
        self.delegation
    }

    /// The comparison as an object.
    #[must_use]
    pub fn json(&self) -> Value {
        let found = |(ds, standing): &(Ds, Standing)| {
            let mut value = super::json::ds(ds);
            value["standing"] = standing.word().into();
            value
        };
        json!({
            "zone": self.delegation.owner.to_string(),
            "verdict": self.verdict().word(),
            "parent": self.found.iter().map(found).collect::<Vec<_>>(),
            "missing": self.missing.iter().map(super::json::ds).collect::<Vec<_>>(),
        })
    }
}

impl fmt::Display for Comparison<'_> {
    /// A line for each DS that is there, one for each that is missing, and what to do.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let owner = &self.delegation.owner;
        for (ds, standing) in &self.found {
            let said = match standing {
                Standing::Fits => "is the DS of a key of the zone".to_owned(),
                Standing::Leaving => "the zone asks with its CDS for no DS: remove it".to_owned(),
                Standing::Outdated => format!("{} must not be used any more: remove it", ds.digest_name()),
                Standing::Unchecked => {
                    format!("the digest type, {}, is not computed here: left alone", ds.digest_name())
                }
                Standing::WrongDigest => {
                    "is not the DS of the key with this tag, the digest differs: remove it".to_owned()
                }
                Standing::Unwanted(why) => format!("the key {why}: remove it"),
                Standing::Early(why) => format!("the key {why}: left alone"),
                Standing::Stale => "no such key: remove it".to_owned(),
                Standing::Repeated => "is there twice".to_owned(),
            };
            writeln!(f, "{:<9} {}: {said}", standing.word(), text(ds))?;
        }
        for ds in &self.missing {
            writeln!(f, "{:<9} {}: add it", "missing", text(ds))?;
        }
        match self.verdict() {
            Verdict::Well if self.delegation.leaves => {
                writeln!(f, "{owner}: the parent has no DS, as the zone asks with its CDS")
            }
            Verdict::Well if self.found.is_empty() => {
                writeln!(f, "{owner}: the parent has no DS, and there is no key that needs one")
            }
            Verdict::Well => writeln!(f, "{owner}: all is well at the parent"),
            Verdict::Unfinished => {
                let todo = match (self.missing.is_empty(), self.stale().next().is_none()) {
                    (false, true) => "add what is missing",
                    (true, false) => "remove what is marked",
                    _ => "add what is missing first, then remove what is marked",
                };
                writeln!(f, "{owner}: a DS leads into the zone; {todo}")
            }
            Verdict::Insecure => {
                writeln!(f, "{owner}: the parent has no DS, nobody validates the zone; add what is missing")
            }
            Verdict::Broken => {
                let add = if self.missing.is_empty() {
                    ""
                } else {
                    "add what is missing now, or, if that cannot be, "
                };
                writeln!(
                    f,
                    "{owner}: no DS leads to a key of the zone, so validators refuse all of it; {add}have the parent \
                     remove every DS"
                )
            }
        }
    }
}

/// A DS as `dig +short` has it.
fn text(ds: &Ds) -> String {
    format!("{} {} {} {}", ds.key_tag, ds.algorithm, ds.digest_type, hex(&ds.digest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dnssec::ds::Digest;
    use crate::registrar::sample;
    use std::slice::from_ref;

    fn standings(comparison: &Comparison<'_>) -> Vec<Standing> {
        comparison.found.iter().map(|(_, standing)| standing.clone()).collect()
    }

    #[test]
    fn every_standing() {
        let zone = sample("example.org.", &[Digest::Sha256]);
        let good = zone.keys[0].ds[0].clone();
        let other = |ds: &Ds, digest_type, octets| Ds { digest_type, digest: vec![0; octets], ..ds.clone() };
        let parent = [
            good.clone(),
            good.clone(),
            other(&good, 2, 32),
            other(&good, 3, 32),
            other(&good, 6, 32),
            Ds { key_tag: 1, ..good.clone() },
        ];
        let compared = compare(&parent, &zone, &[], false);
        assert_eq!(
            standings(&compared),
            [
                Standing::Fits,
                Standing::Repeated,
                Standing::WrongDigest,
                Standing::Outdated,
                Standing::Unchecked,
                Standing::Stale
            ]
        );
        assert_eq!(compared.stale().count(), 3);
        assert_eq!((compared.verdict(), compared.missing.len()), (Verdict::Unfinished, 0));
        assert_eq!(compared.stale_keys(), None, "of two the key is not known");
    }

    #[test]
    fn verdicts() {
        let zone = sample("example.org.", &[Digest::Sha256]);
        let both = sample("example.org.", &[Digest::Sha256, Digest::Sha384]);
        let (sha256, sha384) = (both.keys[0].ds[0].clone(), both.keys[0].ds[1].clone());
        let stale = Ds { key_tag: 1, ..sha256.clone() };
        let verdict = |parent: &[Ds]| compare(parent, &zone, &[], false).verdict();
        assert_eq!(verdict(&[]), Verdict::Insecure);
        assert_eq!(verdict(from_ref(&stale)), Verdict::Broken);
        assert_eq!(verdict(from_ref(&sha256)), Verdict::Well);
        assert_eq!(verdict(from_ref(&sha384)), Verdict::Well, "any good digest will do");
        assert_eq!(verdict(&[sha256.clone(), stale]), Verdict::Unfinished);
        let asked = [sha384];
        let each = compare(&asked, &both, &[], true);
        assert_eq!((each.verdict(), &each.missing[..]), (Verdict::Unfinished, &[sha256.clone()][..]));
        let leaving = Delegation { leaves: true, ..zone.clone() };
        let compared = compare(from_ref(&sha256), &leaving, &[], false);
        assert_eq!(
            (standings(&compared), compared.verdict()),
            (vec![Standing::Leaving], Verdict::Unfinished)
        );
        assert_eq!(compare(&[], &leaving, &[], true).verdict(), Verdict::Well);
        let no_keys = Delegation { keys: Vec::new(), ..zone.clone() };
        let retired = [Other { dnskey: zone.keys[0].dnskey.clone(), why: "is retired", may_stay: false }];
        let asked = [sha256];
        let compared = compare(&asked, &no_keys, &retired, false);
        assert_eq!(standings(&compared), [Standing::Unwanted("is retired")]);
        assert_eq!(compared.stale_keys(), Some(vec![&retired[0].dnskey[..]]));
    }
}
