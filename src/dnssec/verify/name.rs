//! The rules for the signatures of one name.

use super::rules::{
    NOT_CHECKED, RRSIG_ALONE, RRSIG_BOGUS, RRSIG_KEY, RRSIG_LABELS, RRSIG_LAYOUT, RRSIG_SIGNER, RRSIG_SPARE,
    RRSIG_TIME, RRSIG_TTL, SHORT, SIGNED, UNSIGNED,
};
use super::{KeyId, Nsec, Rule, Span};
use crate::dns::Rtype;
use crate::dns::rrset::{Rrset, Rrsets};
use crate::dns::serial::greater;
use crate::dns::time::Time;
use crate::dnssec::rrsig::Rrsig;
use crate::keys::Verdict;
use crate::keys::role::REVOKE;
use crate::zone::Standing;

/// What checking a name needs, used again for the next.
#[derive(Default)]
pub(super) struct Work {
    /// The data that a signature covers.
    data: Vec<u8>,
    types: Vec<Rtype>,
    judged: Vec<Judged>,
    /// Room for the signatures of a name, none in it.
    signatures: Vec<Signature<'static>>,
}

/// A signature of the name at hand, and the TTL of its record.
pub(super) struct Signature<'a> {
    pub(super) ttl: u32,
    pub(super) rrsig: Rrsig<'a>,
}

/// A signature by a key of the zone.
pub(super) struct Judged {
    pub(super) key: KeyId,
    /// Which of the zone's keys it verifies with.
    pub(super) index: Option<usize>,
    pub(super) revoked: bool,
    /// A field is wrong, and was reported.
    wrong: bool,
    /// It is out of its time or does not verify: no harm beside a good one.
    bad: Vec<(&'static Rule, String)>,
    ends: Time,
}

impl Judged {
    pub(super) fn is_good(&self) -> bool {
        !self.wrong && self.bad.is_empty() && !self.revoked
    }
}

impl Span<'_> {
    /// Checks a name, all of its records in `sets`.
    pub(super) fn name(&mut self, sets: &Rrsets) {
        let name = sets.owner();
        let room = std::mem::take(&mut self.work.signatures);
        let mut signatures = without_any(room);
        self.signatures(sets, &mut signatures);
        // an NSEC3 is no data at its owner: where it stands alone, there is no such name (RFC 5155, section 7.1)
        let covers_data = |signature: &Signature<'_>| signature.rrsig.type_covered != Rtype::NSEC3;
        let mut types = std::mem::take(&mut self.work.types);
        types.clear();
        types.extend(
            sets.iter()
                .map(Rrset::rtype)
                .filter(|&rtype| rtype != Rtype::NSEC3)
                .filter(|&rtype| rtype != Rtype::RRSIG || signatures.iter().any(covers_data)),
        );
        let standing = if types.is_empty() {
            self.walk.hiding_of(name).unwrap_or(Standing::Authoritative)
        } else {
            self.walk.step(name, types.iter().copied())
        };
        if !self.rules.knows_data() {
            self.data(sets, standing);
        }
        self.signed(sets, standing, &signatures);
        if !types.is_empty() {
            self.nsec(sets, standing, &types);
            self.wanted(name, standing, &types);
        }
        if let Some(set) = sets.find(Rtype::NSEC3) {
            self.nsec3(set, standing);
        }
        self.work.types = types;
        self.work.signatures = without_any(signatures);
    }

    fn signatures<'s>(&mut self, sets: &'s Rrsets, signatures: &mut Vec<Signature<'s>>) {
        let name = sets.owner();
        for record in sets.find(Rtype::RRSIG).into_iter().flat_map(Rrset::records) {
            if let Some(rrsig) = Rrsig::parse(record.rdata) {
                signatures.push(Signature { ttl: record.ttl, rrsig });
            } else {
                let message = format!("an RRSIG of {name} cannot be read");
                self.found(&RRSIG_LAYOUT, Some(Rtype::RRSIG), message);
            }
        }
    }

    /// Every `RRset` that must be signed is, and no other.
    fn signed(&mut self, sets: &Rrsets, standing: Standing, signatures: &[Signature<'_>]) {
        if signatures.is_empty() && !sets.iter().any(|set| standing.signs(set.rtype())) {
            // most names of a zone of delegations
            return;
        }
        let name = sets.owner();
        // who signs the sets that the chain to the parent hangs on
        let mut entry = Vec::new();
        for set in sets.iter().filter(|set| set.rtype() != Rtype::RRSIG) {
            let rtype = set.rtype();
            let covering = || signatures.iter().filter(|signature| signature.rrsig.type_covered == rtype);
            if standing.signs(rtype) {
                let mut judged = std::mem::take(&mut self.work.judged);
                judged.clear();
                judged.extend(covering().filter_map(|signature| self.signature(set, signature)));
                self.bad(rtype, &mut judged);
                self.complete(set, &judged, covering().count() > judged.len());
                if self.rules.expected.is_some() {
                    covering().for_each(|signature| self.meant(set, &signature.rrsig));
                }
                if matches!(rtype, Rtype::DNSKEY | Rtype::CDS | Rtype::CDNSKEY) {
                    entry.push((rtype, judged));
                } else {
                    self.work.judged = judged;
                }
            } else if covering().next().is_some() {
                let message = format!("{name} {rtype} is signed, and must not be: {}", what(standing));
                self.found_rrsig(&SIGNED, rtype, message);
            }
        }
        // that an NSEC is missing is said of the chain
        let missing_nsec =
            |covered| covered == Rtype::NSEC && standing.in_chain() && self.rules.nsec == Nsec::Wanted;
        let alone: Vec<Rtype> = signatures
            .iter()
            .map(|signature| signature.rrsig.type_covered)
            .filter(|&covered| covered == Rtype::RRSIG || sets.find(covered).is_none())
            .filter(|&covered| !missing_nsec(covered))
            .collect();
        for covered in alone {
            let message = format!("{name} has an RRSIG over {covered}, and no {covered} to be signed");
            self.found_rrsig(&RRSIG_ALONE, covered, message);
        }
        if name == self.rules.apex() {
            self.apex(sets, &entry);
        }
    }

    /// Checks one signature over an `RRset`; `None`: it is by a key that the zone has not.
    fn signature(&mut self, set: Rrset<'_>, signature: &Signature<'_>) -> Option<Judged> {
        let Signature { ttl, rrsig } = signature;
        let (owner, rtype) = (set.owner(), set.rtype());
        let about = || format!("the RRSIG of {owner} {rtype} by key {}", rrsig.key_tag);
        let before = self.checked.findings.len();
        if rrsig.signer != self.rules.apex() {
            let message = format!("{} names {} as signer", about(), rrsig.signer);
            self.found_rrsig(&RRSIG_SIGNER, rtype, message);
        }
        if rrsig.labels != owner.rrsig_labels() {
            let message = format!("{} has labels {}, not {}", about(), rrsig.labels, owner.rrsig_labels());
            self.found_rrsig(&RRSIG_LABELS, rtype, message);
        }
        if rrsig.original_ttl != set.ttl() || *ttl != set.ttl() {
            let message = format!(
                "{} has original TTL {} and TTL {ttl}, not {}",
                about(),
                rrsig.original_ttl,
                set.ttl()
            );
            self.found_rrsig(&RRSIG_TTL, rtype, message);
        }
        let wrong = self.checked.findings.len() > before;

        let rules = self.rules;
        let mut keys = rules
            .keys
            .iter()
            .enumerate()
            .filter(|(_, key)| key.tag() == rrsig.key_tag && key.algorithm() == rrsig.algorithm)
            // "Once the resolver sees the REVOKE bit, it MUST NOT use this key … except to validate the
            // RRSIG it signed over the DNSKEY RRSet" (RFC 5011, section 2.1)
            .filter(|(_, key)| key.flags() & REVOKE == 0 || rtype == Rtype::DNSKEY)
            .peekable();
        let Some(&(_, first)) = keys.peek() else {
            self.found_rrsig(&RRSIG_KEY, rtype, format!("{}: the zone has no such key", about()));
            return None;
        };
        let mut judged = Judged {
            key: (rrsig.key_tag, rrsig.algorithm),
            index: None,
            revoked: first.flags() & REVOKE != 0,
            wrong,
            bad: Vec::new(),
            ends: Time::from_wire(rrsig.expiration, rules.now),
        };
        if let Some(message) = out_of_time(rrsig, rules.now) {
            judged.bad.push((&RRSIG_TIME, format!("{} {message}", about())));
        }
        if !self.sample.includes(owner, rtype, rrsig.algorithm, rrsig.key_tag) && owner != rules.apex() {
            return Some(judged);
        }
        self.work.data.clear();
        rrsig.signed_data(set, rules.class, &mut self.work.data);
        let mut unsupported = false;
        for (index, key) in keys {
            match key.verify(&self.work.data, rrsig.signature) {
                Verdict::Good => {
                    self.checked.verified += 1;
                    judged.index = Some(index);
                    return Some(judged);
                }
                Verdict::Bad => {}
                Verdict::Unsupported => unsupported = true,
            }
        }
        if unsupported {
            self.checked.unverifiable += 1;
            let message = format!(
                "{} cannot be checked: algorithm {}, or the size of its key",
                about(),
                rrsig.algorithm
            );
            self.found_rrsig(&NOT_CHECKED, rtype, message);
        } else {
            self.checked.verified += 1;
            judged.bad.push((&RRSIG_BOGUS, format!("{} does not verify", about())));
        }
        Some(judged)
    }

    /// Says of the bad ones that they are: a validator takes any good one, so beside such a one they are
    /// but odd.
    fn bad(&mut self, rtype: Rtype, judged: &mut [Judged]) {
        if judged.iter().all(|one| one.bad.is_empty()) {
            return;
        }
        let good: Vec<u8> = judged.iter().filter(|one| one.is_good()).map(|one| one.key.1).collect();
        for one in judged {
            for (rule, message) in &mut one.bad {
                let spare = good.contains(&one.key.1) && self.rules.expected.is_none();
                let rule = if spare { &RRSIG_SPARE } else { *rule };
                self.found_rrsig(rule, rtype, std::mem::take(message));
            }
        }
    }

    /// "There MUST be an RRSIG for each `RRset` using at least one DNSKEY of each algorithm in the zone apex
    /// DNSKEY `RRset`" (RFC 4035, section 2.2). What is wrong with a signature was said before.
    fn complete(&mut self, set: Rrset<'_>, judged: &[Judged], by_unknown: bool) {
        let (rules, owner, rtype) = (self.rules, set.owner(), set.rtype());
        let strangers = if by_unknown { ", but one by a key that the zone has not" } else { "" };
        if let Some(expected) = &rules.expected {
            for key in expected.signers(rtype).iter().filter(|key| !judged.iter().any(|one| one.key == **key))
            {
                let message =
                    format!("{owner} {rtype} has no signature by key {} of algorithm {}", key.0, key.1);
                self.found(&UNSIGNED, Some(rtype), message);
            }
            return;
        }
        let mut ends: Option<Time> = None;
        for &algorithm in &rules.algorithms {
            let by = || judged.iter().filter(|one| one.key.1 == algorithm && !one.revoked);
            let last = by().filter(|one| one.is_good()).map(|one| one.ends).max();
            ends = ends.min(last).or(last);
            if by().next().is_none() {
                let message = format!("{owner} {rtype} has no signature of algorithm {algorithm}{strangers}");
                self.found(&UNSIGNED, Some(rtype), message);
            }
        }
        let Some(ends) = ends else { return };
        let lasts = Time(ends.0 - i64::from(set.ttl()));
        let earlier =
            |one: &mut Option<Time>, other: Time| *one = Some(one.map_or(other, |one| one.min(other)));
        earlier(&mut self.checked.ends, ends);
        earlier(&mut self.checked.lasts, lasts);
        if let Some(seconds) = rules.good_for {
            let needed = Time(rules.now.0 + i64::from(seconds) + i64::from(rules.soa.expire));
            if lasts < needed {
                let message = format!(
                    "{owner} {rtype} is signed until {ends}, and must be until {}",
                    Time(needed.0 + i64::from(set.ttl()))
                );
                self.found_rrsig(&SHORT, rtype, message);
            }
        }
    }
}

/// The room of some signatures, for those of another name: collecting what a vector turns into keeps its memory.
fn without_any<'s>(mut signatures: Vec<Signature<'_>>) -> Vec<Signature<'s>> {
    signatures.clear();
    signatures.into_iter().map(|_| unreachable!("there is none")).collect()
}

/// Why a signature does not hold at this moment, if it does not (RFC 4035, section 5.3.1). Its times are
/// serial numbers (RFC 4034, section 3.1.5).
fn out_of_time(rrsig: &Rrsig<'_>, now: Time) -> Option<String> {
    let when = |wire| Time::from_wire(wire, now);
    if greater(rrsig.inception, rrsig.expiration) {
        Some("expires before it begins".into())
    } else if greater(rrsig.inception, now.wire()) {
        Some(format!("is not valid before {}", when(rrsig.inception)))
    } else if greater(now.wire(), rrsig.expiration) {
        Some(format!("expired on {}", when(rrsig.expiration)))
    } else {
        None
    }
}

pub(super) fn what(standing: Standing) -> &'static str {
    match standing {
        Standing::Authoritative => "it is the zone's own",
        Standing::Cut => "it is a delegation's",
        Standing::BelowCut => "it is below a delegation",
        Standing::BelowDname => "it is below a DNAME",
    }
}

pub(super) fn words(types: &[Rtype]) -> String {
    if types.is_empty() {
        return "nothing".into();
    }
    types.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}
