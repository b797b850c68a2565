//! The rules for one name's data: what may stand where, signed or not.

use super::Span;
use super::rules::{CNAME, DNSKEY, DS_ALONE, DS_AT_APEX, SINGLETON, SOA, WEAK_DIGEST};
use crate::dns::Rtype;
use crate::dns::rrset::{Rrset, Rrsets};
use crate::zone::Standing;

impl Span<'_> {
    pub(super) fn data(&mut self, sets: &Rrsets, standing: Standing) {
        let name = sets.owner();
        let at_apex = name == self.rules.apex();
        for set in sets.iter() {
            let rtype = set.rtype();
            match rtype {
                Rtype::CNAME => {
                    if let Some(other) = sets.iter().find(|set| !may_stand_beside_cname(set.rtype())) {
                        let message = format!("{name} has a CNAME and {}", other.rtype());
                        self.found(&CNAME, Some(rtype), message);
                    }
                    self.singleton(set);
                }
                Rtype::DNAME => self.singleton(set),
                Rtype::DS => self.delegation_signer(set, standing, at_apex),
                // what a cut hides belongs to the zone below it
                Rtype::SOA | Rtype::DNSKEY if !at_apex && standing == Standing::Authoritative => {
                    let rule = if rtype == Rtype::SOA { &SOA } else { &DNSKEY };
                    self.found(rule, Some(rtype), format!("{rtype} at {name}, below the apex"));
                }
                _ => {}
            }
        }
    }

    fn singleton(&mut self, set: Rrset<'_>) {
        if set.len() > 1 {
            let message = format!("{} has {} {} records", set.owner(), set.len(), set.rtype());
            self.found(&SINGLETON, Some(set.rtype()), message);
        }
    }

    fn delegation_signer(&mut self, set: Rrset<'_>, standing: Standing, at_apex: bool) {
        let name = set.owner();
        if at_apex {
            self.found(&DS_AT_APEX, Some(Rtype::DS), format!("{name} is the apex, and has a DS"));
        } else if standing == Standing::Authoritative {
            self.found(&DS_ALONE, Some(Rtype::DS), format!("{name} has a DS, and is no delegation"));
        }
        // 1 SHA-1, 3 GOST R 34.11-94
        let weak = |rdata: &[u8]| rdata.get(3).copied().filter(|digest| matches!(digest, 1 | 3));
        if let Some(digest) = set.records().find_map(|record| weak(record.rdata)) {
            self.found(&WEAK_DIGEST, Some(Rtype::DS), format!("{name} has a DS with digest {digest}"));
        }
    }
}

/// Itself, and what DNSSEC, old and new, puts there (RFC 4034, sections 3 and 4; RFC 2535, section 2.3.5).
/// An NSEC3 stands at another name's hash.
fn may_stand_beside_cname(rtype: Rtype) -> bool {
    use Rtype as R;
    matches!(rtype, R::CNAME | R::RRSIG | R::NSEC | R::NSEC3 | R::KEY | R::SIG | R::NXT)
}
