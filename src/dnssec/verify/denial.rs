//! The rules for one name's place in the chains, NSEC and NSEC3.

use super::join::wrong_next;
use super::name::{what, words};
use super::nsec3::{Chain, Link as Nsec3Link, Place, Want, listed_words};
use super::rules::{
    NOT_MEANT, NSEC_EXTRA, NSEC_MISSING, NSEC_TTL, NSEC_TYPES, NSEC3_EXTRA, NSEC3_LAYOUT, NSEC3_TTL,
    NSEC3_UNNAMED,
};
use super::span::Link;
use super::{ExpectedDenial, Nsec, Span};
use crate::dns::rrset::{Rrset, Rrsets};
use crate::dns::{Name, Record, Rtype, bitmap};
use crate::dnssec::nsec3::{self, Hash, Params};
use crate::zone::Standing;

impl Span<'_> {
    /// The name's NSEC, and the one before it.
    pub(super) fn nsec(&mut self, sets: &Rrsets, standing: Standing, types: &[Rtype]) {
        let name = sets.owner();
        let nsec = sets.find(Rtype::NSEC);
        let alone = !types.iter().any(|rtype| !matches!(*rtype, Rtype::NSEC | Rtype::RRSIG));
        let extra = match self.rules.nsec {
            _ if !standing.in_chain() => Some(what(standing)),
            Nsec::Unwanted => Some("the apex has none"),
            // "these RRs MUST NOT be the only RRsets at any particular owner name" (RFC 4035, section 2.3)
            _ if alone => Some("there is no such name"),
            _ => None,
        };
        if let Some(why) = extra {
            if nsec.is_some() {
                let message = format!("{name} has an NSEC, and must not: {why}");
                self.found(&NSEC_EXTRA, Some(Rtype::NSEC), message);
            }
            return;
        }
        if let Some(link) = &self.chain
            && link.next.as_name() != name
        {
            self.checked.findings.push(wrong_next(link, name));
        }
        if let Some(edges) = &mut self.checked.edges {
            edges.chain_first.get_or_insert_with(|| name.to_buf());
        }
        let Some(set) = nsec.filter(|set| set.len() == 1) else {
            self.chain = None;
            if self.rules.nsec == Nsec::Wanted || nsec.is_some() {
                self.found(&NSEC_MISSING, None, format!("{name} must have one NSEC"));
            }
            return;
        };
        if set.ttl() != self.rules.denial_ttl {
            let message = format!("the NSEC of {name} has TTL {}, not {}", set.ttl(), self.rules.denial_ttl);
            self.found(&NSEC_TTL, Some(Rtype::NSEC), message);
        }
        let rdata = set.records().next().map(|record| record.rdata).unwrap_or_default();
        let Some((next, length)) = Name::prefix_of(rdata) else {
            self.chain = None;
            return;
        };
        let spot = self.spot_of(Rtype::NSEC);
        Link::put(&mut self.chain, name, next, spot);
        let present = || sets.iter().map(Rrset::rtype).filter(|&rtype| standing.lists(rtype));
        let listed = &rdata[length..];
        if bitmap::types(listed).is_none_or(|listed| listed.ne(present())) {
            let (listed, present) = (listed_words(listed), present().collect::<Vec<_>>());
            let message = format!("the NSEC of {name} lists {listed}, not {}", words(&present));
            self.found(&NSEC_TYPES, Some(Rtype::NSEC), message);
        }
    }

    /// What a name wants of the NSEC3 chains: a record of its own, and one for each empty non-terminal above it.
    pub(super) fn wanted(&mut self, name: Name<'_>, standing: Standing, types: &[Rtype]) {
        if !standing.in_chain() || self.checked.nsec3.is_empty() {
            return;
        }
        let spot = self.spot();
        let insecure = standing == Standing::Cut && !types.contains(&Rtype::DS);
        let chains = &mut self.checked.nsec3;
        if insecure && self.rules.passes_insecure {
            return chains.iter_mut().for_each(Chain::pass_over);
        }
        let types: Vec<Rtype> = types.iter().copied().filter(|&rtype| standing.lists(rtype)).collect();
        let place = if insecure { Place::May } else { Place::Must };
        for chain in chains.iter_mut() {
            chain.want(&Want { name, types: &types, place, spot });
        }
        if !insecure {
            self.empties.step(name, |labels| {
                for chain in chains.iter_mut() {
                    chain.want_empty(name, labels, Place::MustCounted, spot);
                }
            });
        }
        self.every_empty.step(name, |labels| {
            for chain in chains.iter_mut() {
                chain.want_empty(name, labels, Place::May, spot);
            }
        });
    }

    /// The NSEC3 records of one owner, one for each chain at the most.
    pub(super) fn nsec3(&mut self, set: Rrset<'_>, standing: Standing) {
        let owner = set.owner();
        if standing == Standing::BelowCut {
            let message = format!("{owner} has an NSEC3, and must not: {}", what(standing));
            self.found(&NSEC3_EXTRA, Some(Rtype::NSEC3), message);
            return;
        }
        if set.ttl() != self.rules.denial_ttl {
            let message = format!("the NSEC3 {owner} has TTL {}, not {}", set.ttl(), self.rules.denial_ttl);
            self.found(&NSEC3_TTL, Some(Rtype::NSEC3), message);
        }
        let Some(hash) = nsec3::hash_of_owner(owner, self.rules.apex()) else {
            let message = format!("{owner} has an NSEC3, and is no hash in front of the apex");
            self.found(&NSEC3_LAYOUT, Some(Rtype::NSEC3), message);
            return;
        };
        for record in set.records() {
            self.nsec3_record(record, hash);
        }
    }

    fn nsec3_record(&mut self, record: Record<'_>, hash: Hash) {
        let owner = record.owner;
        let spot = self.spot_of(Rtype::NSEC3);
        let fields = Params::parse(record.rdata).and_then(|(params, flags, rest)| {
            let (next, bitmap) = rest.strip_prefix(&[20])?.split_first_chunk()?;
            Some((params, Nsec3Link { hash, next: *next, flags, bitmap, spot }))
        });
        let Some((params, link)) = fields else {
            let message = format!("the NSEC3 {owner} is of another hash algorithm, or malformed");
            self.found(&NSEC3_LAYOUT, Some(Rtype::NSEC3), message);
            return;
        };
        // "A validator MUST ignore NSEC3 RRs with a Flag fields value other than zero or one" (RFC 5155,
        // section 8.2)
        if link.flags > nsec3::OPT_OUT {
            let message = format!("the NSEC3 {owner} has flags {}, and validators ignore it", link.flags);
            self.found(&NSEC3_LAYOUT, Some(Rtype::NSEC3), message);
        }
        if let Some(ExpectedDenial::Nsec3(_, flags)) =
            self.rules.expected.as_ref().map(|expected| &expected.denial)
            && link.flags != *flags
        {
            let message = format!("the NSEC3 {owner} has flags {}, not {flags}", link.flags);
            self.found(&NOT_MEANT, Some(Rtype::NSEC3), message);
        }
        let mut chains = self.checked.nsec3.iter_mut();
        if let Some(chain) = chains.find(|chain| *chain.params() == params) {
            let wrong = chain.link(&link);
            self.checked.findings.extend(wrong);
        } else {
            let message = format!("no NSEC3PARAM names the chain of the NSEC3 {owner}");
            self.found(&NSEC3_UNNAMED, Some(Rtype::NSEC3), message);
        }
    }
}
