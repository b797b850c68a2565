//! The rules that a signed zone keeps (RFC 4035, sections 2 and 5; RFC 4034; RFC 5155), checked from its
//! records alone. Of the signer's code only the canonical form and the walk are shared.
//!
//! A zone may be checked in spans, side by side: each is a stretch of records in canonical order, and
//! what a span cannot know, it says in its [`Edges`], which [`Join`] compares. [`Rules`] come from the
//! apex: its DNSKEYs, its SOA and its NSEC3PARAMs.

mod join;
mod name;
mod nsec3;
mod rules;
mod sample;
pub mod zonemd;

use super::nsec3::Params;
use super::policy::Validity;
use crate::dns::rrset::{Rrset, Rrsets};
use crate::dns::soa::Soa;
use crate::dns::time::Time;
use crate::dns::{Class, Name, NameBuf, Record, Rtype};
use crate::keys::PublicKey;
use crate::keys::role::{REVOKE, ZONE_KEY};
use crate::zone::Standing;
use crate::zone::empties::Empties;
use crate::zone::walk::Walk;
pub use join::{Edges, Join};
pub use rules::Rule;
use rules::{DNSKEY, ORDER, OUT_OF_ZONE, SOA};
pub use sample::{Sample, Sampler};

/// A rule that is broken, and where.
#[derive(Debug)]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// What is wrong, with the owner's name.
    pub message: String,
    /// The line, counted from the first of the span.
    pub line: u32,
}

/// What the apex says: needed to check any other name.
#[derive(Debug)]
pub struct Rules {
    apex: NameBuf,
    class: Class,
    keys: Vec<PublicKey>,
    /// The algorithms that must sign each `RRset`, ascending.
    algorithms: Vec<u8>,
    denial_ttl: u32,
    /// Whether there is an NSEC chain.
    nsec: bool,
    /// The NSEC3 chains that the zone names.
    nsec3: Vec<Params>,
    /// Whether delegations to insecure zones are looked for in the NSEC3 chains.
    insecure_listed: bool,
    /// Whether everything is listed, to tell what is wrong with a chain that does not add up.
    explains: bool,
    now: Time,
    sampler: Sampler,
    expected: Option<Expected>,
}

/// A key, as RRSIGs name it: its tag and its algorithm.
pub type KeyId = (u16, u8);

/// What a signer meant to do: facts that a zone alone does not tell.
#[derive(Clone, Debug)]
pub struct Expected {
    /// The keys that sign the DNSKEYs.
    pub dnskey_signers: Vec<KeyId>,
    /// The keys that sign CDS and CDNSKEY.
    pub cds_signers: Vec<KeyId>,
    /// The keys that sign all else.
    pub signers: Vec<KeyId>,
    /// Start and end of validity.
    pub validity: Validity,
    /// The serial.
    pub serial: u32,
    /// The kind of chain.
    pub denial: ExpectedDenial,
}

/// The chain that a signer meant to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExpectedDenial {
    /// NSEC.
    Nsec,
    /// NSEC3 with these parameters and flags.
    Nsec3(Params, u8),
}

impl Expected {
    fn signers(&self, rtype: Rtype) -> &[KeyId] {
        match rtype {
            Rtype::DNSKEY => &self.dnskey_signers,
            Rtype::CDS | Rtype::CDNSKEY => &self.cds_signers,
            _ => &self.signers,
        }
    }
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
        let finding = |rule, message| Finding { rule, message, line: 1 };
        let soa = apex.find(Rtype::SOA).filter(|set| set.len() == 1);
        let soa = soa.ok_or_else(|| finding(&SOA, format!("{owner} must have one SOA record")))?;
        let numbers = soa.records().find_map(|record| Soa::from_rdata(record.rdata));
        let numbers = numbers.ok_or_else(|| finding(&SOA, format!("the SOA of {owner} is cut short")))?;
        let records =
            |rtype| apex.find(rtype).into_iter().flat_map(Rrset::records).map(|record| record.rdata);
        // of other protocols than 3 none is usable (RFC 4034, section 2.1.2)
        let keys: Vec<_> = records(Rtype::DNSKEY)
            .chain(keys.iter().map(Vec::as_slice))
            .filter_map(PublicKey::from_rdata)
            .filter(|key| key.flags() & ZONE_KEY != 0)
            .collect();
        let mut algorithms: Vec<u8> =
            keys.iter().filter(|key| key.flags() & REVOKE == 0).map(PublicKey::algorithm).collect();
        algorithms.sort_unstable();
        algorithms.dedup();
        if algorithms.is_empty() {
            return Err(finding(&DNSKEY, format!("{owner} has no DNSKEY that could have signed it")));
        }
        // "The Flags field … MUST be ignored" unless zero (RFC 5155, section 4.1.2)
        let nsec3: Vec<Params> = records(Rtype::NSEC3PARAM)
            .filter_map(Params::parse)
            .filter(|(_, flags, rest)| *flags == 0 && rest.is_empty())
            .map(|(params, ..)| params)
            .collect();
        Ok(Self {
            apex: owner.to_buf(),
            class,
            keys,
            algorithms,
            denial_ttl: soa.ttl().min(numbers.minimum),
            nsec: nsec3.is_empty() || apex.find(Rtype::NSEC).is_some(),
            nsec3,
            insecure_listed: true,
            explains: false,
            now,
            sampler,
            expected: None,
        })
    }

    /// Looks for delegations to insecure zones in the NSEC3 chains only where the rest does not add up: they
    /// are opted out.
    #[must_use]
    pub fn opted_out(mut self) -> Self {
        self.insecure_listed = false;
        self
    }

    /// From here on, everything is listed that NSEC3 chains say and want: see [`Join::adds_up`].
    pub fn explain(&mut self) {
        self.explains = true;
        self.insecure_listed = false;
    }

    /// What a span or all of them have of the NSEC3 chains, before the first record.
    fn chains(&self) -> Vec<nsec3::Chain> {
        let chain = |params| nsec3::Chain::new(params, self.apex.as_name(), self.explains);
        self.nsec3.iter().map(chain).collect()
    }

    /// Also demands that the zone is what its signer meant it to be.
    #[must_use]
    pub fn expect(mut self, expected: Expected) -> Self {
        self.expected = Some(expected);
        self
    }

    /// Starts to check a span. The first one begins with the apex; another begins behind a name that
    /// hides what lies below it if `hiding` says so.
    #[must_use]
    pub fn span(&self, hiding: Option<(NameBuf, Standing)>) -> Span<'_> {
        Span {
            rules: self,
            walk: Walk::resume(self.apex.as_name(), hiding),
            sample: self.sampler.sample(),
            sets: Rrsets::default(),
            line: 0,
            chain: None,
            empties: Empties::of_stretch(self.apex.as_name()),
            every_empty: Empties::of_stretch(self.apex.as_name()),
            checked: Checked { nsec3: self.chains(), ..Checked::default() },
            data: Vec::new(),
        }
    }

    /// The zone's name.
    #[must_use]
    pub fn apex(&self) -> Name<'_> {
        self.apex.as_name()
    }
}

/// What was found in a span.
#[derive(Debug, Default)]
pub struct Checked {
    /// Rules broken.
    pub findings: Vec<Finding>,
    /// RRSIG records.
    pub signatures: usize,
    /// Of those, how many were verified.
    pub verified: usize,
    /// Where the span touches its neighbours; `None`: it has no records.
    pub edges: Option<Edges>,
    /// What it has of each NSEC3 chain.
    nsec3: Vec<nsec3::Chain>,
}

/// A span being checked: give it its records, in order, then [`Span::finish`].
pub struct Span<'a> {
    rules: &'a Rules,
    walk: Walk,
    sample: Sample<'a>,
    /// The records of the name at hand, which starts on `line`.
    sets: Rrsets,
    line: u32,
    /// The chain's last name and the next name that its NSEC has.
    chain: Option<(NameBuf, NameBuf)>,
    empties: Empties,
    /// Those with only insecure delegations below them included.
    every_empty: Empties,
    checked: Checked,
    /// Room for the data that a signature covers.
    data: Vec<u8>,
}

impl Span<'_> {
    /// The next record, on this line of the span.
    pub fn record(&mut self, record: Record<'_>, line: u32) {
        if self.line == 0 || self.sets.owner() != record.owner {
            self.finish_name();
            self.sets.start(record.owner);
            self.line = line;
        }
        self.checked.signatures += usize::from(record.rtype == Rtype::RRSIG);
        self.sets.push(record.rtype, record.ttl, record.rdata);
    }

    /// The span's end: what was found in it.
    #[must_use]
    pub fn finish(mut self) -> Checked {
        self.finish_name();
        if let Some(edges) = &mut self.checked.edges {
            edges.hiding = self.walk.hiding().cloned();
            edges.chain_last = self.chain;
            edges.empties = self.empties;
            edges.every_empty = self.every_empty;
        }
        self.checked
    }

    fn found(&mut self, rule: &'static Rule, message: String) {
        self.checked.findings.push(Finding { rule, message, line: self.line });
    }

    fn finish_name(&mut self) {
        if self.line == 0 {
            return;
        }
        let mut sets = std::mem::take(&mut self.sets);
        sets.sort();
        let name = sets.owner();
        if let Some(edges) = &mut self.checked.edges {
            if edges.last.as_name() >= name {
                let message = format!("{name} stands behind {}", edges.last);
                edges.last = name.to_buf();
                self.found(&ORDER, message);
            } else {
                edges.last = name.to_buf();
            }
        } else {
            self.checked.edges = Some(Edges::new(name, self.rules.apex()));
        }
        if name.is_at_or_below(self.rules.apex()) {
            self.name(&sets);
        } else {
            self.found(&OUT_OF_ZONE, format!("{name} is outside the zone {}", self.rules.apex));
        }
        self.sets = sets;
    }
}
