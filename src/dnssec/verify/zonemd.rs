//! The rule for ZONEMD: the digest is that of the records (RFC 8976, section 4).

use super::Finding;
use super::rules::{ZONEMD, ZONEMD_UNKNOWN};
use crate::dns::rrset::{Rrset, Rrsets};
use crate::dns::soa::Soa;
use crate::dns::{Class, NameBuf, Record, Rtype};
use crate::dnssec::zonemd::{Digests, Hash, SIMPLE, parse, push_records};
use crate::source::Spot;

/// What the apex says of the zone's digests.
#[derive(Debug)]
pub struct Claims {
    apex: NameBuf,
    /// The RDATA of its ZONEMDs.
    zonemds: Vec<Vec<u8>>,
    /// That of its SOA.
    serial: Option<u32>,
}

impl Claims {
    /// Those of an apex with these records.
    #[must_use]
    pub fn of(apex: &Rrsets) -> Self {
        let rdata = |rtype| apex.find(rtype).into_iter().flat_map(Rrset::records);
        Self {
            apex: apex.owner().to_buf(),
            zonemds: rdata(Rtype::ZONEMD).map(|record| record.rdata.to_vec()).collect(),
            serial: rdata(Rtype::SOA).find_map(|soa| Soa::from_rdata(soa.rdata)).map(|soa| soa.serial),
        }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.zonemds.is_empty()
    }

    /// What is wrong with them, given the digests of the zone, and how many are right.
    #[must_use]
    pub fn judge(&self, digests: &[(Hash, Vec<u8>)]) -> (Vec<Finding>, usize) {
        let apex = &self.apex;
        let (mut findings, mut good) = (Vec::new(), 0);
        let mut found = |rule, message| {
            let rtype = Some(Rtype::ZONEMD);
            findings.push(Finding::new(rule, apex.as_name(), rtype, message, Spot::default()));
        };
        for claim in &self.zonemds {
            let Some((of, scheme, number, digest)) = parse(claim) else {
                found(&ZONEMD, format!("a ZONEMD of {apex} is cut short"));
                continue;
            };
            // "Multiple ZONEMD RRs with the same Scheme and Hash Algorithm" are none (RFC 8976, section 2.2)
            let same = |other: &&Vec<u8>| other.get(4..6) == Some(&[scheme, number][..]);
            if self.zonemds.iter().filter(same).count() > 1 {
                let message = format!("{apex} has two ZONEMDs with scheme {scheme} and hash {number}");
                found(&ZONEMD, message);
                continue;
            }
            let Some(hash) = Hash::from_number(number).filter(|_| scheme == SIMPLE) else {
                let message =
                    format!("the ZONEMD of {apex} with scheme {scheme} and hash {number} is not checked");
                found(&ZONEMD_UNKNOWN, message);
                continue;
            };
            if Some(of) != self.serial {
                let serial = self.serial.unwrap_or_default();
                found(&ZONEMD, format!("the ZONEMD of {apex} is of serial {of}, and the SOA has {serial}"));
            } else if !digests.iter().any(|(of, made)| *of == hash && made == digest) {
                let message =
                    format!("the ZONEMD of {apex} with hash {number} is not the digest of the zone");
                found(&ZONEMD, message);
            } else {
                good += 1;
            }
        }
        (findings, good)
    }
}

/// Digests a zone: give it all records, in canonical order of their owners, then [`Check::finish`].
pub struct Check {
    apex: NameBuf,
    class: Class,
    sets: Rrsets,
    started: bool,
    octets: Vec<u8>,
    digests: Digests,
    claims: Option<Claims>,
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
            claims: None,
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
            self.claims = Some(Claims::of(&self.sets));
        }
        self.octets.clear();
        push_records(&self.sets, self.apex.as_name(), self.class, &mut self.octets);
        self.digests.update(&self.octets);
    }

    /// What is wrong with the zone's ZONEMDs, and how many of them are right.
    #[must_use]
    pub fn finish(mut self) -> (Vec<Finding>, usize) {
        self.finish_name();
        let Self { claims, digests, .. } = self;
        claims.map_or_else(Default::default, |claims| claims.judge(&digests.finish()))
    }
}
