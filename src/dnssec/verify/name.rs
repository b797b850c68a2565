//! The rules for one name: its signatures, and its place in the chain.

use super::join::wrong_next;
use super::nsec3::{Link, Want};
use super::rules::{
    DNSKEY, NOT_CHECKED, NOT_MEANT, NSEC_EXTRA, NSEC_MISSING, NSEC_NEXT, NSEC_TTL, NSEC_TYPES, NSEC3_EXTRA,
    NSEC3_LAYOUT, NSEC3_TTL, NSEC3_UNNAMED, RRSIG_ALONE, RRSIG_BOGUS, RRSIG_KEY, RRSIG_LABELS, RRSIG_LAYOUT,
    RRSIG_SIGNER, RRSIG_TIME, RRSIG_TTL, SEP as NO_SEP, SIGNED, UNSIGNED,
};
use super::{ExpectedDenial, KeyId, Span};
use crate::dns::rrset::{Rrset, Rrsets};
use crate::dns::serial::greater;
use crate::dns::soa::Soa;
use crate::dns::time::Time;
use crate::dns::{Name, Record, Rtype, bitmap};
use crate::dnssec::nsec3::{self, Hash, Params};
use crate::dnssec::rrsig::Rrsig;
use crate::keys::Verdict;
use crate::keys::role::{REVOKE, SEP};
use crate::zone::Standing;

/// A signature of the name at hand, and the TTL of its record.
struct Signature<'a> {
    ttl: u32,
    rrsig: Rrsig<'a>,
}

impl Span<'_> {
    /// Checks a name, all of its records in `sets`.
    pub(super) fn name(&mut self, sets: &Rrsets) {
        let name = sets.owner();
        let signatures = self.signatures(sets);
        // an NSEC3 is no data at its owner: where it stands alone, there is no such name (RFC 5155, section 7.1)
        let covers_data = |signature: &Signature<'_>| signature.rrsig.type_covered != Rtype::NSEC3;
        let types: Vec<Rtype> = sets
            .iter()
            .map(Rrset::rtype)
            .filter(|&rtype| rtype != Rtype::NSEC3)
            .filter(|&rtype| rtype != Rtype::RRSIG || signatures.iter().any(covers_data))
            .collect();
        let standing = if types.is_empty() {
            self.walk.hiding_of(name).unwrap_or(Standing::Authoritative)
        } else {
            self.walk.step(name, types.iter().copied())
        };
        self.signed(sets, standing, &signatures);
        if name == self.rules.apex() {
            self.entry_point(sets, &signatures);
        }
        if !types.is_empty() {
            self.nsec(sets, standing);
            self.wanted(name, standing, &types);
        }
        if let Some(set) = sets.find(Rtype::NSEC3) {
            self.nsec3(set, standing);
        }
    }

    fn signatures<'s>(&mut self, sets: &'s Rrsets) -> Vec<Signature<'s>> {
        let name = sets.owner();
        let mut signatures = Vec::new();
        for record in sets.find(Rtype::RRSIG).into_iter().flat_map(Rrset::records) {
            match Rrsig::parse(record.rdata) {
                Some(rrsig) => signatures.push(Signature { ttl: record.ttl, rrsig }),
                None => self.found(&RRSIG_LAYOUT, format!("an RRSIG of {name} cannot be read")),
            }
        }
        signatures
    }

    /// Every `RRset` that must be signed is, and no other.
    fn signed(&mut self, sets: &Rrsets, standing: Standing, signatures: &[Signature<'_>]) {
        let name = sets.owner();
        for set in sets.iter().filter(|set| set.rtype() != Rtype::RRSIG) {
            let covering =
                || signatures.iter().filter(|signature| signature.rrsig.type_covered == set.rtype());
            if standing.signs(set.rtype()) {
                let good: Vec<KeyId> =
                    covering().filter_map(|signature| self.signature(set, signature)).collect();
                self.complete(set, &good);
                if self.rules.expected.is_some() {
                    covering().for_each(|signature| self.meant(set, &signature.rrsig));
                }
            } else if covering().next().is_some() {
                let message =
                    format!("{name} {} is signed, and must not be: {}", set.rtype(), what(standing));
                self.found(&SIGNED, message);
            }
        }
        for signature in signatures {
            let covered = signature.rrsig.type_covered;
            if covered == Rtype::RRSIG || sets.find(covered).is_none() {
                self.found(
                    &RRSIG_ALONE,
                    format!("{name} has an RRSIG over {covered}, and no {covered} to be signed"),
                );
            }
        }
    }

    /// Checks one signature over an `RRset`. Its algorithm, if it is one that a validator would take.
    fn signature(&mut self, set: Rrset<'_>, signature: &Signature<'_>) -> Option<KeyId> {
        let Signature { ttl, rrsig } = signature;
        let (owner, rtype) = (set.owner(), set.rtype());
        let about = || format!("the RRSIG of {owner} {rtype} by key {}", rrsig.key_tag);
        let before = self.checked.findings.len();
        if rrsig.signer != self.rules.apex() {
            self.found(&RRSIG_SIGNER, format!("{} names {} as signer", about(), rrsig.signer));
        }
        if rrsig.labels != owner.rrsig_labels() {
            let message = format!("{} has labels {}, not {}", about(), rrsig.labels, owner.rrsig_labels());
            self.found(&RRSIG_LABELS, message);
        }
        if rrsig.original_ttl != set.ttl() || *ttl != set.ttl() {
            let message = format!(
                "{} has original TTL {} and TTL {ttl}, not {}",
                about(),
                rrsig.original_ttl,
                set.ttl()
            );
            self.found(&RRSIG_TTL, message);
        }
        let now = self.rules.now.wire();
        let when = |wire| Time::from_wire(wire, self.rules.now);
        if greater(rrsig.inception, rrsig.expiration) {
            self.found(&RRSIG_TIME, format!("{} expires before it begins", about()));
        } else if greater(rrsig.inception, now) {
            self.found(&RRSIG_TIME, format!("{} is not valid before {}", about(), when(rrsig.inception)));
        } else if greater(now, rrsig.expiration) {
            self.found(&RRSIG_TIME, format!("{} expired on {}", about(), when(rrsig.expiration)));
        }
        let sound = self.checked.findings.len() == before;
        let key = (rrsig.key_tag, rrsig.algorithm);

        let rules = self.rules;
        let mut keys = rules
            .keys
            .iter()
            .filter(|key| key.tag() == rrsig.key_tag && key.algorithm() == rrsig.algorithm)
            // "Once the resolver sees the REVOKE bit, it MUST NOT use this key … except to validate the
            // RRSIG it signed over the DNSKEY RRSet" (RFC 5011, section 2.1)
            .filter(|key| key.flags() & REVOKE == 0 || rtype == Rtype::DNSKEY)
            .peekable();
        if keys.peek().is_none() {
            self.found(&RRSIG_KEY, format!("{}: the zone has no such key", about()));
            return None;
        }
        if !self.sample.includes(owner, rtype, rrsig.algorithm, rrsig.key_tag) && owner != rules.apex() {
            return sound.then_some(key);
        }
        rrsig.signed_data(set, rules.class, &mut self.data);
        let verdicts: Vec<Verdict> = keys.map(|key| key.verify(&self.data, rrsig.signature)).collect();
        if verdicts.contains(&Verdict::Good) {
            self.checked.verified += 1;
            sound.then_some(key)
        } else if verdicts.contains(&Verdict::Bad) {
            self.checked.verified += 1;
            self.found(&RRSIG_BOGUS, format!("{} does not verify", about()));
            None
        } else {
            let message = format!("{} has algorithm {}, which cannot be checked", about(), rrsig.algorithm);
            self.found(&NOT_CHECKED, message);
            sound.then_some(key)
        }
    }

    /// "There MUST be an RRSIG for each `RRset` using at least one DNSKEY of each algorithm in the zone apex
    /// DNSKEY `RRset`" (RFC 4035, section 2.2).
    fn complete(&mut self, set: Rrset<'_>, good: &[KeyId]) {
        let (rules, owner, rtype) = (self.rules, set.owner(), set.rtype());
        if let Some(expected) = &rules.expected {
            for (tag, algorithm) in expected.signers(rtype).iter().filter(|key| !good.contains(key)) {
                let message =
                    format!("{owner} {rtype} has no good signature by key {tag} of algorithm {algorithm}");
                self.found(&UNSIGNED, message);
            }
            return;
        }
        for algorithm in
            rules.algorithms.iter().filter(|algorithm| !good.iter().any(|(_, by)| by == *algorithm))
        {
            self.found(&UNSIGNED, format!("{owner} {rtype} has no good signature of algorithm {algorithm}"));
        }
    }

    /// Whether the signer meant to make this signature, and with these times.
    fn meant(&mut self, set: Rrset<'_>, rrsig: &Rrsig<'_>) {
        let Some(expected) = &self.rules.expected else { return };
        let about = format!("the RRSIG of {} {} by key {}", set.owner(), set.rtype(), rrsig.key_tag);
        if !expected.signers(set.rtype()).contains(&(rrsig.key_tag, rrsig.algorithm)) {
            self.found(&NOT_MEANT, format!("{about}: this key is not to sign it"));
        }
        let validity = expected.validity;
        let end = validity.expiration(set.owner(), set.rtype()).wire();
        if (rrsig.inception, rrsig.expiration) != (validity.inception.wire(), end) {
            self.found(&NOT_MEANT, format!("{about} has other times than it was to have"));
        }
    }

    /// Whether a key that a DS may point to signs the DNSKEYs.
    fn entry_point(&mut self, sets: &Rrsets, signatures: &[Signature<'_>]) {
        let apex = sets.owner();
        // where the keys are published by somebody else, the rules were given them
        let has_keys = sets.find(Rtype::DNSKEY).is_some();
        if !has_keys && self.rules.expected.is_none() {
            self.found(&DNSKEY, format!("{apex} has no DNSKEY"));
        }
        let soa =
            sets.find(Rtype::SOA).and_then(|set| set.records().find_map(|soa| Soa::from_rdata(soa.rdata)));
        if let (Some(expected), Some(soa)) = (&self.rules.expected, soa)
            && soa.serial != expected.serial
        {
            let message =
                format!("the serial of {apex} is {}, and was to be {}", soa.serial, expected.serial);
            self.found(&NOT_MEANT, message);
        }
        if let Some(expected) = &self.rules.expected {
            let params = sets.find(Rtype::NSEC3PARAM).into_iter().flat_map(Rrset::records);
            let params: Vec<_> = params.filter_map(|record| Params::parse(record.rdata)).collect();
            let meant = match &expected.denial {
                ExpectedDenial::Nsec => params.is_empty() && sets.find(Rtype::NSEC).is_some(),
                ExpectedDenial::Nsec3(meant, _) => {
                    matches!(&params[..], [(params, 0, [])] if params == meant)
                }
            };
            if !meant {
                self.found(&NOT_MEANT, format!("{apex} was to have another kind of chain"));
            }
        }
        let by_sep =
            signatures.iter().filter(|signature| signature.rrsig.type_covered == Rtype::DNSKEY).any(|s| {
                self.rules.keys.iter().any(|key| key.tag() == s.rrsig.key_tag && key.flags() & SEP != 0)
            });
        if has_keys && !by_sep {
            self.found(&NO_SEP, format!("no key with the SEP flag signs the DNSKEYs of {apex}"));
        }
    }

    /// The name's NSEC, and the one before it.
    fn nsec(&mut self, sets: &Rrsets, standing: Standing) {
        let name = sets.owner();
        let nsec = sets.find(Rtype::NSEC);
        if !standing.in_chain() || !self.rules.nsec {
            if nsec.is_some() {
                let why = if self.rules.nsec { what(standing) } else { "the apex has none" };
                self.found(&NSEC_EXTRA, format!("{name} has an NSEC, and must not: {why}"));
            }
            return;
        }
        if let Some((owner, next)) = self.chain.take()
            && next.as_name() != name
        {
            self.found(&NSEC_NEXT, wrong_next(&owner, &next, &name.to_buf()));
        }
        if let Some(edges) = &mut self.checked.edges {
            edges.chain_first.get_or_insert_with(|| name.to_buf());
        }
        let Some(set) = nsec.filter(|set| set.len() == 1) else {
            self.found(&NSEC_MISSING, format!("{name} must have one NSEC"));
            return;
        };
        if set.ttl() != self.rules.denial_ttl {
            let message = format!("the NSEC of {name} has TTL {}, not {}", set.ttl(), self.rules.denial_ttl);
            self.found(&NSEC_TTL, message);
        }
        let rdata = set.records().next().map(|record| record.rdata).unwrap_or_default();
        let Some((next, length)) = Name::prefix_of(rdata) else { return };
        self.chain = Some((name.to_buf(), next.to_buf()));
        let present: Vec<Rtype> =
            sets.iter().map(Rrset::rtype).filter(|&rtype| standing.lists(rtype)).collect();
        let listed = bitmap::types(&rdata[length..]).unwrap_or_default();
        if listed != present {
            let message = format!("the NSEC of {name} lists {}, not {}", words(&listed), words(&present));
            self.found(&NSEC_TYPES, message);
        }
    }
}

impl Span<'_> {
    /// What a name wants of the NSEC3 chains: a record of its own, and one for each empty non-terminal above it.
    fn wanted(&mut self, name: Name<'_>, standing: Standing, types: &[Rtype]) {
        if !standing.in_chain() || self.checked.nsec3.is_empty() {
            return;
        }
        let line = self.line;
        let insecure = standing == Standing::Cut && !types.contains(&Rtype::DS);
        let listed = self.rules.insecure_listed;
        let types: Vec<Rtype> = types.iter().copied().filter(|&rtype| standing.lists(rtype)).collect();
        let chains = &mut self.checked.nsec3;
        for chain in chains.iter_mut() {
            chain.want(&Want { name, types: &types, insecure }, listed, line);
        }
        self.empties.step(name, !insecure || listed, |labels| {
            for chain in chains.iter_mut() {
                chain.want_empty(name, labels, false, line);
            }
        });
        if self.rules.explains {
            self.every_empty.step(name, true, |labels| {
                for chain in chains.iter_mut() {
                    chain.want_empty(name, labels, true, line);
                }
            });
        }
    }

    /// The NSEC3 records of one owner, one for each chain at the most.
    fn nsec3(&mut self, set: Rrset<'_>, standing: Standing) {
        let owner = set.owner();
        if standing == Standing::BelowCut {
            self.found(&NSEC3_EXTRA, format!("{owner} has an NSEC3, and must not: {}", what(standing)));
            return;
        }
        if set.ttl() != self.rules.denial_ttl {
            let message = format!("the NSEC3 {owner} has TTL {}, not {}", set.ttl(), self.rules.denial_ttl);
            self.found(&NSEC3_TTL, message);
        }
        let Some(hash) = nsec3::hash_of_owner(owner, self.rules.apex()) else {
            self.found(&NSEC3_LAYOUT, format!("{owner} has an NSEC3, and is no hash in front of the apex"));
            return;
        };
        for record in set.records() {
            self.nsec3_record(record, hash);
        }
    }

    fn nsec3_record(&mut self, record: Record<'_>, hash: Hash) {
        let owner = record.owner;
        let fields = Params::parse(record.rdata).and_then(|(params, flags, rest)| {
            let (next, bitmap) = rest.strip_prefix(&[20])?.split_first_chunk()?;
            Some((params, Link { hash, next: *next, flags, bitmap }))
        });
        let Some((params, link)) = fields else {
            self.found(
                &NSEC3_LAYOUT,
                format!("the NSEC3 {owner} is of another hash algorithm, or malformed"),
            );
            return;
        };
        if let Some(ExpectedDenial::Nsec3(_, flags)) =
            self.rules.expected.as_ref().map(|expected| &expected.denial)
            && link.flags != *flags
        {
            self.found(&NOT_MEANT, format!("the NSEC3 {owner} has flags {}, not {flags}", link.flags));
        }
        let line = self.line;
        let mut chains = self.checked.nsec3.iter_mut();
        match chains.find(|chain| *chain.params() == params) {
            Some(chain) => {
                if let Some((rule, message)) = chain.link(&link, line) {
                    self.found(rule, message);
                }
            }
            None => self.found(&NSEC3_UNNAMED, format!("no NSEC3PARAM names the chain of the NSEC3 {owner}")),
        }
    }
}

fn what(standing: Standing) -> &'static str {
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
