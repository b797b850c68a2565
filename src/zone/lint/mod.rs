//! What is odd about a zone that can be signed, or is wrong with one that cannot: a zone in, findings out.
//!
//! One pass over the names in canonical order; what needs the whole zone (loops of aliases, glue that nobody
//! uses) is noted on the way and settled at the end. [`lookup`] finds out what the zone says of a name,
//! `targets` where records point to, `owners` what may stand at a name, `apex` SOA, NS and TTLs, `data` what
//! is in the RDATA, `dnssec` keys and digests.

mod aliases;
mod apex;
mod data;
mod dnssec;
pub mod lookup;
mod owners;
mod spf;
mod targets;

use super::findings::{About, Findings};
use super::rules::{Rule, rule};
use super::{Standing, Zone};
use crate::dns::soa::Soa;
use crate::dns::time::Time;
use crate::dns::{Class, Name, Record, Rtype, schema};
use crate::source::{Sources, Spot};
use lookup::Lookup;
use owners::Reverse;
use std::collections::HashSet;

/// What a check came to.
#[derive(Debug)]
pub struct Checked {
    /// What was found.
    pub findings: Findings,
    /// Records of the zone, duplicates included.
    pub records: usize,
    /// Names with records.
    pub names: usize,
    /// The files that the zone was read from.
    pub sources: Sources,
}

/// A record with its place.
type Placed<'a> = (Record<'a>, Spot);

/// Looks at a whole zone; `findings` has what sealing found.
pub(super) fn check(zone: Zone, findings: Findings, now: Time) -> Checked {
    let mut lint = Lint::new(&zone, findings, now);
    let mut rows = Vec::new();
    for number in 0..zone.names() {
        rows.clear();
        rows.extend(zone.placed_records(number));
        // a stable sort: the first of a type is the first in the file
        rows.sort_by_key(|(record, _)| record.rtype);
        lint.name(number, &rows);
    }
    lint.settle_aliases();
    lint.settle_owners();
    lint.settle_signed();
    let findings = lint.findings;
    Checked { findings, records: zone.counts().records, names: zone.names(), sources: zone.sources }
}

/// The state of a check.
struct Lint<'z> {
    zone: &'z Zone,
    lookup: Lookup<'z>,
    findings: Findings,
    now: Time,
    reverse: Reverse,
    /// The zone's name twice, where it has two labels at least: what a forgotten dot makes.
    doubled: Option<Vec<u8>>,
    expire: Option<u32>,
    /// Names that NS records point to.
    servers: HashSet<usize>,
    /// Names with a CNAME, or with an SVCB or HTTPS alias.
    aliases: Vec<(usize, Rtype)>,
    /// Names that aliases point to.
    alias_targets: HashSet<usize>,
    /// Addresses that are of no use unless an NS record points to their name.
    idle_addresses: Vec<(usize, Placed<'z>)>,
    /// Records at names that nobody asks for, unless an alias leads there.
    stray: Vec<(usize, Rule, Placed<'z>)>,
}

impl<'z> Lint<'z> {
    fn new(zone: &'z Zone, findings: Findings, now: Time) -> Self {
        let apex = zone.apex();
        let at_apex = zone.find(apex).ok();
        let soa = at_apex
            .and_then(|number| zone.records(number).find(|record| record.rtype == Rtype::SOA))
            .and_then(|record| Soa::from_rdata(record.rdata));
        let labels = apex.wire().strip_suffix(&[0]).unwrap_or_default();
        Self {
            zone,
            lookup: Lookup::new(zone),
            findings,
            now,
            reverse: Reverse::of(apex),
            doubled: (apex.label_count() > 1).then(|| labels.to_ascii_lowercase()),
            expire: soa.map(|soa| soa.expire),
            servers: HashSet::new(),
            aliases: Vec::new(),
            alias_targets: HashSet::new(),
            idle_addresses: Vec::new(),
            stray: Vec::new(),
        }
    }

    fn apex(&self) -> Name<'z> {
        self.zone.apex()
    }

    fn report(&mut self, rule: Rule, (record, spot): &Placed<'_>, message: impl FnOnce() -> String) {
        let about = About { owner: record.owner, rtype: Some(record.rtype), spot: *spot };
        self.findings.add(rule, about, message);
    }

    fn name(&mut self, number: usize, rows: &[Placed<'z>]) {
        let standing = self.zone.standing(number);
        self.owner(rows);
        for set in rows.chunk_by(|(a, _), (b, _)| a.rtype == b.rtype) {
            self.duplicates(set);
            match standing {
                Standing::Authoritative => {
                    self.ttl(set);
                    self.rrset(number, set, rows);
                }
                Standing::Cut => match set[0].0.rtype {
                    Rtype::NS => {
                        self.ttl(set);
                        self.name_servers(set);
                    }
                    Rtype::DS => {
                        self.ttl(set);
                        self.ds(set);
                    }
                    _ => self.glue(number, set),
                },
                Standing::BelowCut => self.glue(number, set),
                Standing::BelowDname => {}
            }
        }
    }

    /// Looks at an `RRset` of the zone's own; `rows` are all records of its name.
    fn rrset(&mut self, number: usize, set: &[Placed<'z>], rows: &[Placed<'z>]) {
        let internet = self.zone.class() == Class::IN;
        match set[0].0.rtype {
            Rtype::SOA => self.soa(&set[0]),
            Rtype::NS => self.name_servers(set),
            Rtype::A | Rtype::AAAA if internet => {
                self.addresses(set);
                if self.reverse != Reverse::No {
                    self.idle_addresses.extend(set.iter().map(|placed| (number, *placed)));
                }
            }
            Rtype::CNAME => self.alias(number, &set[0], 0),
            Rtype::MX => self.mx(set),
            Rtype::SRV => self.srv(number, set),
            Rtype::SVCB | Rtype::HTTPS => self.svcb(number, set),
            Rtype::PTR => self.ptr(set),
            Rtype::RP => self.rp(set),
            Rtype::TXT => self.spf(set),
            Rtype::SPF => self.spf_type(set, rows),
            Rtype::CAA => self.caa(set),
            Rtype::AFSDB | Rtype::NAPTR => self.fields(set),
            Rtype::TLSA | Rtype::SMIMEA => {
                self.fingerprints(set);
                self.certificate_owner(number, &set[0]);
            }
            Rtype::SSHFP => self.fingerprints(set),
            Rtype::DNSKEY => self.dnskeys(set),
            Rtype::CDS | Rtype::CDNSKEY if set[0].0.owner == self.apex() => self.child_keys(set, rows),
            Rtype::NSEC3PARAM => self.nsec3param(set),
            _ => {}
        }
    }

    /// Equal records (RFC 2181, section 5).
    fn duplicates(&mut self, set: &[Placed<'_>]) {
        if set.len() < 2 {
            return;
        }
        // the canonical form differs from what is written in letters' case alone
        let mut order: Vec<usize> = (0..set.len()).collect();
        let lower = |at: usize| set[at].0.rdata.iter().map(u8::to_ascii_lowercase);
        order.sort_by(|&a, &b| lower(a).cmp(lower(b)));
        for pair in order.windows(2) {
            let (first, second) = (&set[pair[0]], &set[pair[1]]);
            if lower(pair[0]).eq(lower(pair[1])) && canonical(&first.0) == canonical(&second.0) {
                self.report(const { rule("duplicate-record") }, second, || {
                    let Record { owner, rtype, .. } = second.0;
                    format!("{owner} {rtype} stands here and on line {} with the same data", first.1.line)
                });
            }
        }
    }

    /// Records that another signer made.
    fn settle_signed(&mut self) {
        let dropped = self.zone.counts().dropped;
        if dropped > 0 {
            let message =
                format!("signed already: {dropped} RRSIG, NSEC, NSEC3, or ZONEMD records are not checked");
            self.findings.add_general(const { rule("already-signed") }, message);
        }
    }
}

fn canonical(record: &Record<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    schema::push_canonical(record.rtype, record.rdata, &mut out);
    out
}
