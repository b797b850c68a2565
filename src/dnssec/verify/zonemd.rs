//! The rule for ZONEMD: the digest is that of the records (RFC 8976, section 4).

use super::Finding;
use super::rules::{ZONEMD, ZONEMD_UNKNOWN};
use crate::dns::rrset::{Rrset, Rrsets};
use crate::dns::soa::Soa;
use crate::dns::{Class, NameBuf, Record, Rtype};
use crate::dnssec::zonemd::{Digests, Hash, SIMPLE, parse, push_records};

/// Digests a zone: give it all records, in canonical order of their owners, then [`Check::finish`].
pub struct Check {
    apex: NameBuf,
    class: Class,
    sets: Rrsets,
    started: bool,
    octets: Vec<u8>,
    digests: Digests,
    /// The RDATA of the apex ZONEMDs, and the SOA's serial.
    claims: Vec<Vec<u8>>,
    serial: Option<u32>,
}

impl Check {
    /// Of the zone with this apex.
    #[must_use]
    pub fn new(apex: &NameBuf, class: Class) -> Self {
        Self {
            apex: apex.clone(),
            class,
            sets: Rrsets::default(),
            started: false,
            octets: Vec::new(),
            digests: Digests::new(&[Hash::Sha384, Hash::Sha512]),
            claims: Vec::new(),
            serial: None,
        }
    }

    /// The next record.
    pub fn record(&mut self, record: Record<'_>) {
        if !self.started || self.sets.owner() != record.owner {
            self.finish_name();
            self.sets.start(record.owner);
            self.started = true;
        }
        self.sets.push(record.rtype, record.ttl, record.rdata);
    }

    fn finish_name(&mut self) {
        if !self.started {
            return;
        }
        self.sets.sort();
        if self.sets.owner() == self.apex.as_name() {
            let rdata = |rtype| self.sets.find(rtype).into_iter().flat_map(Rrset::records);
            self.claims.extend(rdata(Rtype::ZONEMD).map(|record| record.rdata.to_vec()));
            self.serial = rdata(Rtype::SOA).find_map(|soa| Soa::from_rdata(soa.rdata)).map(|soa| soa.serial);
        }
        self.octets.clear();
        push_records(&self.sets, self.apex.as_name(), self.class, &mut self.octets);
        self.digests.update(&self.octets);
    }

    /// What is wrong with the zone's ZONEMDs, and how many of them are right.
    #[must_use]
    pub fn finish(mut self) -> (Vec<Finding>, usize) {
        self.finish_name();
        let Self { apex, claims, serial, digests, .. } = self;
        let digests = digests.finish();
        let (mut findings, mut good) = (Vec::new(), 0);
        let mut found = |rule, message| findings.push(Finding { rule, message, line: 1 });
        for claim in claims {
            let Some((of, scheme, number, digest)) = parse(&claim) else {
                found(&ZONEMD, format!("a ZONEMD of {apex} is cut short"));
                continue;
            };
            let Some(hash) = Hash::from_number(number).filter(|_| scheme == SIMPLE) else {
                let message =
                    format!("the ZONEMD of {apex} with scheme {scheme} and hash {number} is not checked");
                found(&ZONEMD_UNKNOWN, message);
                continue;
            };
            if Some(of) != serial {
                let serial = serial.unwrap_or_default();
                found(&ZONEMD, format!("the ZONEMD of {apex} is of serial {of}, and the SOA has {serial}"));
            } else if !digests.iter().any(|(of, made)| *of == hash && made == digest) {
                found(
                    &ZONEMD,
                    format!("the ZONEMD of {apex} with hash {number} is not the digest of the zone"),
                );
            } else {
                good += 1;
            }
        }
        (findings, good)
    }
}
