//! The rules that a signed zone keeps (RFC 4035, sections 2 and 5; RFC 4034; RFC 5155; RFC 8976), checked
//! from its records alone. Of the signer's code only the canonical form and the walk are shared.
//!
//! A zone may be checked in spans, side by side: each is a stretch of records in canonical order, and
//! what a span cannot know, it says in its [`Edges`], which [`Join`] compares. [`Rules`] come from the
//! apex: its DNSKEYs, its SOA, its NSEC3PARAMs and its ZONEMDs. `rules` is the table of all rules.

mod apex;
mod data;
mod denial;
mod ds;
mod expected;
mod finding;
mod join;
mod name;
mod nsec3;
pub mod rules;
mod sample;
mod span;
pub mod zonemd;

use super::nsec3::Params;
use crate::dns::rrset::{Rrset, Rrsets};
use crate::dns::soa::Soa;
use crate::dns::time::Time;
use crate::dns::{Class, Name, NameBuf, Rtype};
use crate::keys::PublicKey;
use crate::keys::role::{REVOKE, ZONE_KEY};
use crate::source::Spot;
use ds::Ds;
pub use expected::{Expected, ExpectedDenial, KeyId};
pub use finding::Finding;
pub use join::{Edges, Join};
pub use rules::Rule;
use rules::{DNSKEY, SOA};
pub use sample::{Sample, Sampler};
pub use span::{Checked, Span};
use std::hash::{BuildHasher, RandomState};
use zonemd::Claims;

/// What the apex says: needed to check any other name.
#[derive(Debug)]
pub struct Rules {
    apex: NameBuf,
    class: Class,
    keys: Vec<PublicKey>,
    /// The RDATA of each of them.
    key_rdata: Vec<Vec<u8>>,
    /// The algorithms that must sign each `RRset`, ascending.
    algorithms: Vec<u8>,
    /// What the parent publishes; `None`: nobody said.
    ds: Option<Vec<Ds>>,
    soa: Soa,
    denial_ttl: u32,
    nsec: Nsec,
    /// The NSEC3 chains that the zone names.
    nsec3: Vec<Params>,
    /// Whether delegations to insecure zones are passed over, as they are opted out.
    passes_insecure: bool,
    /// Whether everything is listed, to tell what is wrong with a chain that does not add up.
    explains: bool,
    /// Of the sums over NSEC3 chains: another each run.
    key: u64,
    now: Time,
    /// How long after `now` signatures must be good, in seconds.
    good_for: Option<u32>,
    sampler: Sampler,
    expected: Option<Expected>,
    /// The ZONEMDs, if they are to be checked.
    zonemd: Option<Claims>,
}

/// Whether names have NSECs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Nsec {
    /// All that have a place in the chain.
    Wanted,
    /// None: there is an NSEC3 chain alone.
    Unwanted,
    /// The apex tells of no chain, and that is what is wrong.
    Unknown,
}

impl Rules {
    /// The rules for the zone with these records at its apex, at the moment `now`. `keys` are the RDATA of
    /// DNSKEYs that are published elsewhere.
    ///
    /// # Errors
    /// There are no rules without one SOA and a usable DNSKEY.
    pub fn new(
        apex: &Rrsets,
        keys: &[Vec<u8>],
        class: Class,
        now: Time,
        sampler: Sampler,
    ) -> Result<Self, Finding> {
        let owner = apex.owner();
        let finding = |rule, rtype, message| Finding::new(rule, owner, Some(rtype), message, Spot::default());
        let soa = apex.find(Rtype::SOA).filter(|set| set.len() == 1);
        let soa =
            soa.ok_or_else(|| finding(&SOA, Rtype::SOA, format!("{owner} must have one SOA record")))?;
        let numbers = soa.records().find_map(|record| Soa::from_rdata(record.rdata));
        let numbers =
            numbers.ok_or_else(|| finding(&SOA, Rtype::SOA, format!("the SOA of {owner} is cut short")))?;
        let records =
            |rtype| apex.find(rtype).into_iter().flat_map(Rrset::records).map(|record| record.rdata);
        // of other protocols than 3 none is usable (RFC 4034, section 2.1.2)
        let (key_rdata, keys): (Vec<_>, Vec<_>) = records(Rtype::DNSKEY)
            .chain(keys.iter().map(Vec::as_slice))
            .filter_map(|rdata| Some((rdata.to_vec(), PublicKey::from_rdata(rdata)?)))
            .filter(|(_, key)| key.flags() & ZONE_KEY != 0)
            .unzip();
        let mut algorithms: Vec<u8> =
            keys.iter().filter(|key| key.flags() & REVOKE == 0).map(PublicKey::algorithm).collect();
        algorithms.sort_unstable();
        algorithms.dedup();
        if algorithms.is_empty() {
            let message = format!("{owner} has no DNSKEY that could have signed it");
            return Err(finding(&DNSKEY, Rtype::DNSKEY, message));
        }
        // "The Flags field … MUST be ignored" unless zero (RFC 5155, section 4.1.2)
        let nsec3: Vec<Params> = records(Rtype::NSEC3PARAM)
            .filter_map(Params::parse)
            .filter(|(_, flags, rest)| *flags == 0 && rest.is_empty())
            .map(|(params, ..)| params)
            .collect();
        let nsec = match (apex.find(Rtype::NSEC), &nsec3[..]) {
            (Some(_), _) => Nsec::Wanted,
            (None, []) => Nsec::Unknown,
            (None, _) => Nsec::Unwanted,
        };
        Ok(Self {
            apex: owner.to_buf(),
            class,
            keys,
            key_rdata,
            algorithms,
            ds: None,
            soa: numbers,
            denial_ttl: soa.ttl().min(numbers.minimum),
            nsec,
            nsec3,
            passes_insecure: false,
            explains: false,
            key: RandomState::new().hash_one(0),
            now,
            good_for: None,
            sampler,
            expected: None,
            zonemd: None,
        })
    }

    /// Passes over delegations to insecure zones, as they are opted out of the NSEC3 chains, unless the rest
    /// does not add up.
    #[must_use]
    pub fn opted_out(mut self) -> Self {
        self.passes_insecure = true;
        self
    }

    /// Also demands that the parent's DS records with this RDATA lead to a key, and that their algorithms
    /// sign everything.
    #[must_use]
    pub fn with_ds(mut self, ds: &[Vec<u8>]) -> Self {
        let ds: Vec<Ds> = ds.iter().filter_map(|rdata| Ds::parse(rdata)).collect();
        self.algorithms.extend(ds.iter().map(|ds| ds.algorithm));
        self.algorithms.sort_unstable();
        self.algorithms.dedup();
        self.ds = Some(ds);
        self
    }

    /// Also demands that signatures are good during so many seconds, and that a secondary that loses its
    /// primary at their end may still serve them until the SOA's expire, and resolvers keep them for a TTL.
    #[must_use]
    pub fn good_for(mut self, seconds: u32) -> Self {
        self.good_for = Some(seconds);
        self
    }

    /// Also checks the ZONEMDs of the apex, while spans are joined.
    #[must_use]
    pub fn with_zonemd(mut self, apex: &Rrsets) -> Self {
        self.zonemd = Some(Claims::of(apex)).filter(|claims| !claims.is_empty());
        self
    }

    /// From here on, everything is listed that NSEC3 chains say and want: see [`Join::adds_up`].
    pub fn explain(&mut self) {
        self.explains = true;
        self.passes_insecure = false;
    }

    /// What a span or all of them have of the NSEC3 chains, before the first record.
    fn chains(&self) -> Vec<nsec3::Chain> {
        let chain = |params| nsec3::Chain::new(params, self.apex.as_name(), self.explains, self.key);
        self.nsec3.iter().map(chain).collect()
    }

    /// Also demands that the zone is what its signer meant it to be.
    #[must_use]
    pub fn expect(mut self, expected: Expected) -> Self {
        self.expected = Some(expected);
        self
    }

    /// Whether the data were checked before they were signed.
    fn knows_data(&self) -> bool {
        self.expected.is_some()
    }

    /// The zone's name.
    #[must_use]
    pub fn apex(&self) -> Name<'_> {
        self.apex.as_name()
    }
}
