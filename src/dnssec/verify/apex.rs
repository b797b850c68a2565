//! The rules for the apex: its keys, the chain to the parent, the parameters of NSEC3.

use super::ds::Ds;
use super::name::Judged;
use super::rules::{
    APEX_NS, CDS_BREAKS, CDS_DELETE, CDS_DIFFER, CDS_KEY, CDS_SIGNER, DNSKEY, DS_KEY, DS_UNMATCHED,
    ITERATIONS, NO_CHAIN, NOT_CHECKED, REVOKED, SALT, SEP as NO_SEP, WEAK_ALGORITHM, WEAK_DIGEST,
};
use super::{Nsec, Rule, Span};
use crate::dns::rrset::{Rrset, Rrsets};
use crate::dns::{Name, Rtype};
use crate::dnssec::nsec3::Params;
use crate::keys::key_tag;
use crate::keys::role::{REVOKE, SEP, ZONE_KEY};

/// The signatures over DNSKEY, CDS and CDNSKEY.
type Entry<'a> = &'a [(Rtype, Vec<Judged>)];

/// The RDATA of CDS and CDNSKEY that ask for deletion (RFC 8078, section 4).
const DELETE: [&[u8]; 2] = [&[0, 0, 0, 0, 0], &[0, 0, 3, 0, 0]];

impl Span<'_> {
    /// Checks the apex; `entry` are the signatures over DNSKEY, CDS and CDNSKEY.
    pub(super) fn apex(&mut self, sets: &Rrsets, entry: Entry<'_>) {
        let apex = sets.owner();
        self.apex_as_meant(sets);
        if self.rules.nsec == Nsec::Unknown {
            let message =
                format!("{apex} has neither an NSEC nor an NSEC3PARAM: nothing proves what is not there");
            self.found(&NO_CHAIN, None, message);
        }
        // where the keys are published by somebody else, the rules were given them
        if let Some(keys) = sets.find(Rtype::DNSKEY) {
            self.keys(keys, entry);
        } else if self.rules.expected.is_none() {
            self.found(&DNSKEY, Some(Rtype::DNSKEY), format!("{apex} has no DNSKEY"));
        }
        if self.rules.knows_data() {
            return;
        }
        if sets.find(Rtype::NS).is_none() {
            self.found(&APEX_NS, None, format!("{apex} has no NS records"));
        }
        self.parent(apex, entry);
        self.wishes(sets, entry);
        self.parameters(sets);
    }

    /// The indices of the keys that are known to sign a type.
    fn signers(entry: Entry<'_>, rtype: Rtype) -> Vec<usize> {
        let sets = entry.iter().filter(|(of, _)| *of == rtype);
        sets.flat_map(|(_, judged)| judged).filter(|one| one.is_good()).filter_map(|one| one.index).collect()
    }

    fn keys(&mut self, keys: Rrset<'_>, entry: Entry<'_>) {
        let apex = keys.owner();
        let policy = !self.rules.knows_data();
        for record in keys.records().filter(|_| policy) {
            let &[high, low, protocol, algorithm, ..] = record.rdata else { continue };
            let (tag, flags) = (key_tag(record.rdata), u16::from_be_bytes([high, low]));
            let mut found = |rule: &'static Rule, message| self.found(rule, Some(Rtype::DNSKEY), message);
            if protocol != 3 {
                found(&DNSKEY, format!("the DNSKEY {tag} of {apex} has protocol {protocol}, not 3"));
            }
            if matches!(algorithm, 1 | 3 | 5 | 6 | 7 | 12) {
                found(&WEAK_ALGORITHM, format!("the DNSKEY {tag} of {apex} has algorithm {algorithm}"));
            }
            let by = |one: &Judged| one.key == (tag, algorithm) && one.revoked && one.index.is_some();
            let signs = entry.iter().any(|(of, judged)| *of == Rtype::DNSKEY && judged.iter().any(by));
            if flags & REVOKE != 0 && flags & ZONE_KEY != 0 && !signs {
                found(&REVOKED, format!("the revoked key {tag} of {apex} does not sign the DNSKEYs"));
            }
        }
        let signers = Self::signers(entry, Rtype::DNSKEY);
        // where none signs them, that is said already
        let by_sep = signers.iter().any(|&index| self.rules.keys[index].flags() & SEP != 0);
        if !signers.is_empty() && !by_sep {
            let message = format!("no key with the SEP flag signs the DNSKEYs of {apex}");
            self.found(&NO_SEP, Some(Rtype::DNSKEY), message);
        }
    }

    /// The keys that the parent's DS records name, by index.
    fn entry_points(&self, apex: Name<'_>) -> Option<Vec<usize>> {
        let ds = self.rules.ds.as_ref()?;
        let named = |rdata: &[u8]| ds.iter().any(|ds| ds.is_known() && ds.is_of(apex, rdata));
        let keys = self.rules.key_rdata.iter().enumerate();
        Some(keys.filter(|(_, rdata)| named(rdata)).map(|(index, _)| index).collect())
    }

    /// "The authentication chain … is a DS RR, which matches a DNSKEY RR that signs the DNSKEY `RRset`"
    /// (RFC 4035, section 5.2).
    fn parent(&mut self, apex: Name<'_>, entry: Entry<'_>) {
        let (Some(ds), Some(points)) = (self.rules.ds.as_ref(), self.entry_points(apex)) else { return };
        let signers = Self::signers(entry, Rtype::DNSKEY);
        if !points.iter().any(|index| signers.contains(index)) {
            let message = if points.is_empty() {
                format!("no DS of the parent is that of a DNSKEY of {apex}")
            } else {
                format!("no key of {apex} that the parent's DS records name signs the DNSKEYs")
            };
            self.found(&DS_KEY, Some(Rtype::DNSKEY), message);
        }
        for ds in ds {
            let about = format!("the parent's DS for key {} of {apex}", ds.tag);
            let matched = self.rules.key_rdata.iter().any(|rdata| ds.is_of(apex, rdata));
            let mut found = |rule, message| self.found(rule, Some(Rtype::DNSKEY), message);
            if !ds.is_known() {
                found(
                    &NOT_CHECKED,
                    format!("{about} has digest {}, which cannot be checked", ds.digest_type),
                );
            } else if !matched {
                found(&DS_UNMATCHED, format!("{about} is that of no DNSKEY"));
            }
            if matches!(ds.digest_type, 1 | 3) {
                found(&WEAK_DIGEST, format!("{about} has digest {}", ds.digest_type));
            }
        }
    }

    /// What the zone wants its parent to publish (RFC 7344; RFC 8078).
    fn wishes(&mut self, sets: &Rrsets, entry: Entry<'_>) {
        let apex = sets.owner();
        let rdata = |rtype| -> Vec<&[u8]> {
            sets.find(rtype).into_iter().flat_map(Rrset::records).map(|record| record.rdata).collect()
        };
        let (cds, cdnskey) = (rdata(Rtype::CDS), rdata(Rtype::CDNSKEY));
        let deletes = cds.iter().chain(&cdnskey).any(|rdata| DELETE.contains(rdata));
        let rtype = if cds.is_empty() { Rtype::CDNSKEY } else { Rtype::CDS };
        if cds.is_empty() && cdnskey.is_empty() {
            return;
        }
        self.wish_signed(apex, entry);
        if deletes {
            if cds.iter().chain(&cdnskey).any(|rdata| !DELETE.contains(rdata)) {
                let message = format!("{apex} asks its parent to delete the DS, and to publish others");
                self.found(&CDS_DELETE, Some(rtype), message);
            }
            return;
        }
        let wanted: Vec<Ds> = cds.iter().filter_map(|rdata| Ds::parse(rdata)).collect();
        let by_cds = |key: &[u8]| wanted.iter().any(|ds| ds.is_of(apex, key));
        if !cds.is_empty() && !cdnskey.is_empty() {
            let alone = wanted.iter().find(|ds| !cdnskey.iter().any(|key| ds.is_of(apex, key)));
            if let Some(ds) = alone {
                let message = format!("{apex} has a CDS for key {}, and no CDNSKEY that it is of", ds.tag);
                self.found(&CDS_DIFFER, Some(Rtype::CDS), message);
            }
            if let Some(key) = cdnskey.iter().find(|key| !by_cds(key)) {
                let message = format!("{apex} has a CDNSKEY with key tag {}, and no CDS of it", key_tag(key));
                self.found(&CDS_DIFFER, Some(Rtype::CDNSKEY), message);
            }
        }
        let signers = Self::signers(entry, Rtype::DNSKEY);
        let key = |index: &usize| self.rules.key_rdata[*index].as_slice();
        let named = |key: &[u8]| by_cds(key) || cdnskey.contains(&key);
        if !signers.iter().map(key).any(named) {
            let message = format!("no key of {apex} that its {rtype} names signs the DNSKEYs");
            self.found(&CDS_BREAKS, Some(rtype), message);
        }
    }

    /// They "MUST be signed with a key that is represented in both the current DNSKEY and DS `RRsets`" (RFC
    /// 7344, section 4.1). Where the DS records are not known, a key that signs the DNSKEYs is a good guess.
    fn wish_signed(&mut self, apex: Name<'_>, entry: Entry<'_>) {
        let (rule, keys) = match self.entry_points(apex) {
            Some(points) => (&CDS_SIGNER, points),
            None => (&CDS_KEY, Self::signers(entry, Rtype::DNSKEY)),
        };
        for (rtype, _) in entry.iter().filter(|(rtype, _)| *rtype != Rtype::DNSKEY) {
            let signers = Self::signers(entry, *rtype);
            if !signers.is_empty() && !signers.iter().any(|index| keys.contains(index)) {
                let message = format!("no key of {apex} that leads to the parent signs its {rtype}");
                self.found(rule, Some(*rtype), message);
            }
        }
    }

    /// RFC 9276, section 3.1.
    fn parameters(&mut self, sets: &Rrsets) {
        let apex = sets.owner();
        for record in sets.find(Rtype::NSEC3PARAM).into_iter().flat_map(Rrset::records) {
            let Some((params, 0, _)) = Params::parse(record.rdata) else { continue };
            let rtype = Some(Rtype::NSEC3PARAM);
            if params.iterations > 0 {
                let message = format!("the NSEC3 chain of {apex} has {} iterations", params.iterations);
                self.found(&ITERATIONS, rtype, message);
            }
            if !params.salt.is_empty() {
                self.found(&SALT, rtype, format!("the NSEC3 chain of {apex} has a salt"));
            }
        }
    }
}
