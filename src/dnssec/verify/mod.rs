//! The rules that a signed zone keeps (RFC 4035, sections 2 and 5; RFC 4034), checked from its records
//! alone. Of the signer's code only the canonical form and the walk are shared.
//!
//! A zone may be checked in spans, side by side: each is a stretch of records in canonical order, and
//! what a span cannot know, it says in its [`Edges`], which [`Join`] compares. [`Rules`] come from the
//! apex: its DNSKEYs and its SOA.

mod name;
mod sample;

use crate::dns::rrset::Rrsets;
use crate::dns::soa::Soa;
use crate::dns::time::Time;
use crate::dns::{Class, Name, NameBuf, Record, Rtype};
use crate::error::Severity;
use crate::keys::PublicKey;
use crate::zone::Standing;
use crate::zone::walk::Walk;
pub use sample::{Sample, Sampler};

/// A rule of a signed zone.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its name, for people and scripts.
    pub name: &'static str,
    /// What breaking it is.
    pub severity: Severity,
    /// Where it is written.
    pub rfc: &'static str,
}

const fn must(name: &'static str, rfc: &'static str) -> Rule {
    Rule { name, severity: Severity::Error, rfc }
}

const fn should(name: &'static str, rfc: &'static str) -> Rule {
    Rule { name, severity: Severity::Warning, rfc }
}

const SOA: Rule = must("soa", "RFC 1035, section 5.2");
const DNSKEY: Rule = must("dnskey", "RFC 4035, section 2.1");
const ORDER: Rule = must("order", "RFC 4034, section 6.1");
const OUT_OF_ZONE: Rule = must("out-of-zone", "RFC 1035, section 5.2");
const UNSIGNED: Rule = must("unsigned", "RFC 4035, section 2.2");
const SIGNED: Rule = must("signed", "RFC 4035, section 2.2");
const RRSIG_ALONE: Rule = must("rrsig-alone", "RFC 4035, section 2.2");
const RRSIG_LAYOUT: Rule = must("rrsig-layout", "RFC 4034, section 3.1");
const RRSIG_SIGNER: Rule = must("rrsig-signer", "RFC 4035, section 2.2");
const RRSIG_LABELS: Rule = must("rrsig-labels", "RFC 4034, section 3.1.3");
const RRSIG_TTL: Rule = must("rrsig-ttl", "RFC 4034, sections 3 and 3.1.4");
const RRSIG_TIME: Rule = must("rrsig-time", "RFC 4035, section 5.3.1");
const RRSIG_KEY: Rule = should("rrsig-key", "RFC 6840, section 5.12");
const RRSIG_BOGUS: Rule = must("rrsig-bogus", "RFC 4035, section 5.3.3");
const NOT_MEANT: Rule = must("not-meant", "RFC 4035, section 2.2");
const NOT_CHECKED: Rule = should("not-checked", "RFC 4035, section 5.2");
const SEP: Rule = should("sep", "RFC 4035, section 2.1");
const NSEC_MISSING: Rule = must("nsec-missing", "RFC 4035, section 2.3");
const NSEC_EXTRA: Rule = must("nsec-extra", "RFC 4035, section 2.3");
const NSEC_NEXT: Rule = must("nsec-next", "RFC 4034, section 4.1.1");
const NSEC_TYPES: Rule = must("nsec-types", "RFC 4034, section 4.1.2");
const NSEC_TTL: Rule = should("nsec-ttl", "RFC 9077, section 3");

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
    /// Start and end of validity, as RRSIGs have them.
    pub validity: (u32, u32),
    /// The serial.
    pub serial: u32,
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

/// Zone Key, the flag of keys that sign zone data (RFC 4034, section 2.1.1).
const ZONE_KEY: u16 = 0x0100;
/// Secure Entry Point (RFC 4034, section 2.1.1).
const SEP_FLAG: u16 = 0x0001;
/// Revoked (RFC 5011, section 2.1).
const REVOKE: u16 = 0x0080;

impl Rules {
    /// The rules for the zone with these records at its apex, at the moment `now`.
    ///
    /// # Errors
    /// There are no rules without one SOA and a usable DNSKEY.
    pub fn new(apex: &Rrsets, class: Class, now: Time, sampler: Sampler) -> Result<Self, Finding> {
        let owner = apex.owner();
        let finding = |rule, message| Finding { rule, message, line: 1 };
        let soa = apex.find(Rtype::SOA).filter(|set| set.len() == 1);
        let soa = soa.ok_or_else(|| finding(&SOA, format!("{owner} must have one SOA record")))?;
        let numbers = soa.records().find_map(|record| Soa::from_rdata(record.rdata));
        let numbers = numbers.ok_or_else(|| finding(&SOA, format!("the SOA of {owner} is cut short")))?;
        let records = apex.find(Rtype::DNSKEY).into_iter().flat_map(super::super::dns::rrset::Rrset::records);
        let keys: Vec<_> = records
            // "the Protocol Field MUST have value 3" (RFC 4034, section 2.1.2)
            .filter(|record| record.rdata.get(2) == Some(&3))
            .filter_map(|record| PublicKey::from_rdata(record.rdata))
            .filter(|key| key.flags() & ZONE_KEY != 0)
            .collect();
        let mut algorithms: Vec<u8> =
            keys.iter().filter(|key| key.flags() & REVOKE == 0).map(PublicKey::algorithm).collect();
        algorithms.sort_unstable();
        algorithms.dedup();
        if algorithms.is_empty() {
            return Err(finding(&DNSKEY, format!("{owner} has no DNSKEY that could have signed it")));
        }
        let denial_ttl = soa.ttl().min(numbers.minimum);
        Ok(Self { apex: owner.to_buf(), class, keys, algorithms, denial_ttl, now, sampler, expected: None })
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
            checked: Checked::default(),
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
}

/// Where a span touches its neighbours.
#[derive(Clone, Debug)]
pub struct Edges {
    /// Its first name.
    pub first: NameBuf,
    /// Its last name.
    pub last: NameBuf,
    /// What hides the names that may follow.
    pub hiding: Option<(NameBuf, Standing)>,
    /// The first name that has a place in the chain.
    pub chain_first: Option<NameBuf>,
    /// The last name that has one, and what its NSEC says comes next.
    pub chain_last: Option<(NameBuf, NameBuf)>,
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
            let first = name.to_buf();
            let last = first.clone();
            self.checked.edges =
                Some(Edges { first, last, hiding: None, chain_first: None, chain_last: None });
        }
        if name.is_at_or_below(self.rules.apex()) {
            self.name(&sets);
        } else {
            self.found(&OUT_OF_ZONE, format!("{name} is outside the zone {}", self.rules.apex));
        }
        self.sets = sets;
    }
}

/// Compares the edges of the spans of a whole zone, in order.
#[derive(Debug)]
pub struct Join {
    apex: NameBuf,
    last: Option<NameBuf>,
    hiding: Option<(NameBuf, Standing)>,
    chain: Option<(NameBuf, NameBuf)>,
}

impl Join {
    /// Before the first span.
    #[must_use]
    pub fn new(rules: &Rules) -> Self {
        Self { apex: rules.apex.clone(), last: None, hiding: None, chain: None }
    }

    /// What hides the names at the start of a span that begins with this one, so that it must be checked
    /// again, knowing so: a span takes for granted that nothing does.
    #[must_use]
    pub fn hides(&self, first: &NameBuf) -> Option<(NameBuf, Standing)> {
        self.hiding.clone().filter(|(top, _)| first.as_name().is_below(top.as_name()))
    }

    /// The next span. Its findings grow by what its first names break.
    pub fn next(&mut self, checked: &mut Checked) {
        let Some(edges) = &checked.edges else { return };
        let mut found = |rule, message| checked.findings.push(Finding { rule, message, line: 1 });
        match &self.last {
            None if edges.first != self.apex => {
                found(
                    &ORDER,
                    format!("the zone starts with {}, not with its apex {}", edges.first, self.apex),
                );
            }
            Some(last) if last.as_name() >= edges.first.as_name() => {
                found(&ORDER, format!("{} stands behind {last}", edges.first));
            }
            _ => {}
        }
        if let Some(first) = &edges.chain_first {
            match &self.chain {
                Some((owner, next)) if next != first => found(&NSEC_NEXT, wrong_next(owner, next, first)),
                _ => {}
            }
        }
        self.last = Some(edges.last.clone());
        self.hiding.clone_from(&edges.hiding);
        if edges.chain_last.is_some() {
            self.chain.clone_from(&edges.chain_last);
        }
    }

    /// Behind the last span: the chain must lead back to the apex.
    #[must_use]
    pub fn finish(self) -> Option<Finding> {
        let (owner, next) = self.chain.filter(|(_, next)| *next != self.apex)?;
        Some(Finding { rule: &NSEC_NEXT, message: wrong_next(&owner, &next, &self.apex), line: 1 })
    }
}

fn wrong_next(owner: &NameBuf, next: &NameBuf, expected: &NameBuf) -> String {
    format!("the NSEC of {owner} has {next} as next name, not {expected}")
}
