//! The rules for one name: its signatures, and its place in the chain.

use super::{
    DNSKEY, KeyId, NOT_CHECKED, NOT_MEANT, NSEC_EXTRA, NSEC_MISSING, NSEC_NEXT, NSEC_TTL, NSEC_TYPES, REVOKE,
    RRSIG_ALONE, RRSIG_BOGUS, RRSIG_KEY, RRSIG_LABELS, RRSIG_LAYOUT, RRSIG_SIGNER, RRSIG_TIME, RRSIG_TTL,
    SEP, SEP_FLAG, SIGNED, Span, UNSIGNED, wrong_next,
};
use crate::dns::rrset::{Rrset, Rrsets};
use crate::dns::serial::greater;
use crate::dns::soa::Soa;
use crate::dns::time::Time;
use crate::dns::{Name, Rtype, bitmap};
use crate::dnssec::rrsig::Rrsig;
use crate::keys::Verdict;
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
        let standing = self.walk.step(name, sets.iter().map(Rrset::rtype)).standing;
        let mut signatures = Vec::new();
        for record in sets.find(Rtype::RRSIG).into_iter().flat_map(Rrset::records) {
            match Rrsig::parse(record.rdata) {
                Some(rrsig) => signatures.push(Signature { ttl: record.ttl, rrsig }),
                None => self.found(&RRSIG_LAYOUT, format!("an RRSIG of {name} cannot be read")),
            }
        }
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
        for signature in &signatures {
            let covered = signature.rrsig.type_covered;
            if covered == Rtype::RRSIG || sets.find(covered).is_none() {
                self.found(
                    &RRSIG_ALONE,
                    format!("{name} has an RRSIG over {covered}, and no {covered} to be signed"),
                );
            }
        }
        if name == self.rules.apex() {
            self.entry_point(sets, &signatures);
        }
        self.chain(sets, standing);
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
        if (rrsig.inception, rrsig.expiration) != expected.validity {
            self.found(&NOT_MEANT, format!("{about} has other times than it was to have"));
        }
    }

    /// Whether a key that a DS may point to signs the DNSKEYs.
    fn entry_point(&mut self, sets: &Rrsets, signatures: &[Signature<'_>]) {
        let apex = sets.owner();
        if sets.find(Rtype::DNSKEY).is_none() {
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
        let by_sep =
            signatures.iter().filter(|signature| signature.rrsig.type_covered == Rtype::DNSKEY).any(|s| {
                self.rules.keys.iter().any(|key| key.tag() == s.rrsig.key_tag && key.flags() & SEP_FLAG != 0)
            });
        if !by_sep {
            self.found(&SEP, format!("no key with the SEP flag signs the DNSKEYs of {apex}"));
        }
    }

    /// The name's NSEC, and the one before it.
    fn chain(&mut self, sets: &Rrsets, standing: Standing) {
        let name = sets.owner();
        let nsec = sets.find(Rtype::NSEC);
        if !standing.in_chain() {
            if nsec.is_some() {
                self.found(&NSEC_EXTRA, format!("{name} has an NSEC, and must not: {}", what(standing)));
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

fn what(standing: Standing) -> &'static str {
    match standing {
        Standing::Authoritative => "it is the zone's own",
        Standing::Cut => "it is a delegation's",
        Standing::BelowCut => "it is below a delegation",
        Standing::BelowDname => "it is below a DNAME",
    }
}

fn words(types: &[Rtype]) -> String {
    if types.is_empty() {
        return "nothing".into();
    }
    types.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}
