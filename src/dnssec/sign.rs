//! The recipe: a zone, keys and a policy → the plan of a signed zone, from which the records of any name
//! can be made, by any thread, in any order.

use super::nsec;
use super::rrsig::Rrsig;
use super::verify::Expected;
use crate::dns::rrset::{Rrset, Rrsets};
use crate::dns::soa::{SerialPolicy, Soa};
use crate::dns::time::Time;
use crate::dns::{Record, Rtype};
use crate::error::{Fault, Result};
use crate::keys::KeySet;
use crate::zone::Zone;

/// When signatures hold, and what the serial becomes.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// Start of validity.
    pub inception: Time,
    /// End of validity.
    pub expiration: Time,
    /// The serial.
    pub serial: SerialPolicy,
    /// The clock: for the serial alone.
    pub now: Time,
}

/// The plan of a signed zone. Nothing of it is made before it is asked for.
#[derive(Debug)]
pub struct Signed {
    zone: Zone,
    keys: KeySet,
    policy: Policy,
    /// The SOA with its new serial: an overlay, as the zone never changes.
    soa: Vec<u8>,
    serial: u32,
    denial_ttl: u32,
}

/// What making one name's records needs, used again for the next.
#[derive(Debug, Default)]
pub struct Work {
    sets: Rrsets,
    chain: Rrsets,
    rdata: Vec<u8>,
    data: Vec<u8>,
}

impl Signed {
    /// The plan for signing `zone`, whose DNSKEYs are in it already.
    ///
    /// # Errors
    /// The zone has no readable SOA.
    pub fn new(zone: Zone, keys: KeySet, policy: Policy) -> Result<Self> {
        let (soa_ttl, rdata, soa) = {
            let record = zone.at_apex(Rtype::SOA).next();
            let numbers =
                record.and_then(|record| Some((record.ttl, record.rdata, Soa::from_rdata(record.rdata)?)));
            let (ttl, rdata, soa) = numbers.ok_or_else(|| Fault::error("the zone has no readable SOA"))?;
            (ttl, rdata.to_vec(), soa)
        };
        let serial = policy.serial.next(soa.serial, policy.now);
        let soa_rdata = Soa::with_serial(&rdata, serial);
        Ok(Self { zone, keys, policy, soa: soa_rdata, serial, denial_ttl: nsec::ttl(soa_ttl, &soa) })
    }

    /// The zone that is signed.
    #[must_use]
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// The keys that sign it.
    #[must_use]
    pub fn keys(&self) -> &KeySet {
        &self.keys
    }

    /// When signatures hold.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The serial of the signed zone.
    #[must_use]
    pub fn serial(&self) -> u32 {
        self.serial
    }

    /// What a check of the finished zone must find.
    #[must_use]
    pub fn expected(&self) -> Expected {
        let ids = |rtype| self.keys.signers(rtype).map(|key| (key.tag(), key.algorithm().number())).collect();
        Expected {
            dnskey_signers: ids(Rtype::DNSKEY),
            cds_signers: ids(Rtype::CDS),
            signers: ids(Rtype::SOA),
            validity: (self.policy.inception.wire(), self.policy.expiration.wire()),
            serial: self.serial,
        }
    }

    /// Makes all records of a name: each `RRset` by ascending type, the SOA first, with its signatures
    /// behind it, the NSEC last.
    ///
    /// # Errors
    /// A key cannot sign.
    pub fn name(&self, number: usize, work: &mut Work, emit: &mut dyn FnMut(Record<'_>)) -> Result<()> {
        let Work { sets, chain, rdata, data } = work;
        self.load(number, sets);
        let standing = self.zone.standing(number);
        let is_soa = |set: &Rrset<'_>| set.rtype() == Rtype::SOA;
        for set in sets.iter().filter(is_soa).chain(sets.iter().filter(|set| !is_soa(set))) {
            set.records().for_each(&mut *emit);
            if standing.signs(set.rtype()) {
                self.sign(set, data, rdata, emit)?;
            }
        }
        if standing.in_chain() {
            let next = self.zone.name_in_chain(self.zone.next_in_chain(number));
            nsec::rdata(next, sets, standing, rdata);
            chain.start(sets.owner());
            chain.push(Rtype::NSEC, self.denial_ttl, rdata);
            chain.sort();
            for set in chain.iter() {
                set.records().for_each(&mut *emit);
                self.sign(set, data, rdata, emit)?;
            }
        }
        Ok(())
    }

    /// A name's records as they will be published, but for what signing adds.
    fn load(&self, number: usize, sets: &mut Rrsets) {
        if number > 0 {
            return self.zone.load(number, sets);
        }
        sets.start(self.zone.name(0));
        for record in self.zone.records(0) {
            let rdata = if record.rtype == Rtype::SOA { &self.soa } else { record.rdata };
            sets.push(record.rtype, record.ttl, rdata);
        }
        sets.sort();
    }

    /// Signs an `RRset` with every key that must.
    fn sign(
        &self,
        set: Rrset<'_>,
        data: &mut Vec<u8>,
        rdata: &mut Vec<u8>,
        emit: &mut dyn FnMut(Record<'_>),
    ) -> Result<()> {
        for key in self.keys.signers(set.rtype()) {
            let rrsig = Rrsig {
                type_covered: set.rtype(),
                algorithm: key.algorithm().number(),
                labels: set.owner().rrsig_labels(),
                original_ttl: set.ttl(),
                expiration: self.policy.expiration.wire(),
                inception: self.policy.inception.wire(),
                key_tag: key.tag(),
                signer: self.zone.apex(),
                signature: &[],
            };
            rrsig.signed_data(set, self.zone.class(), data);
            rdata.clear();
            rrsig.push_head(rdata);
            key.sign(data, rdata)?;
            // "The TTL value of an RRSIG RR MUST match the TTL value of the RRset it covers" (RFC 4034, 3)
            emit(Record { owner: set.owner(), rtype: Rtype::RRSIG, ttl: set.ttl(), rdata });
        }
        Ok(())
    }
}

/// How long before their expiration signatures should be made anew, in seconds (RFC 6781, section 4.4.2).
#[must_use]
pub fn refresh(validity: i64, soa: &Soa, largest_ttl: u32) -> i64 {
    // secondaries may serve a zone until it expires, and resolvers keep what they got as long as its TTL
    let wanted = i64::from(soa.expire) + i64::from(largest_ttl) + 3600;
    wanted.max(validity / 4).min(validity * 3 / 4)
}
