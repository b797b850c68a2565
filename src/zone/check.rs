//! What can be wrong with a zone as a whole: the pass that finds it while names are put in order. The rules
//! are in [`rules`](super::rules).

use super::Standing;
use super::arena::Row;
use super::findings::{About, Findings};
use super::rules::{Rule, rule};
use crate::dns::{Name, NameBuf, Record, Rtype, schema};
use crate::source::Spot;
use std::collections::BTreeSet;

/// Notes a record that lies outside the zone.
pub(super) fn out_of_zone(apex: Name<'_>, record: Record<'_>, spot: Spot, findings: &mut Findings) {
    let Record { owner, rtype, .. } = record;
    let about = About { owner, rtype: Some(rtype), spot };
    let message = || format!("{owner} {rtype} is outside the zone {apex}");
    findings.add(const { rule("out-of-zone") }, about, message);
}

/// Collects what is wrong while the names of a zone pass by.
pub(super) struct Check<'a> {
    apex: Name<'a>,
    findings: Findings,
    soa_seen: bool,
}

impl<'a> Check<'a> {
    pub(super) fn new(apex: Name<'a>, findings: Findings) -> Self {
        Self { apex, findings, soa_seen: false }
    }

    /// What was found so far.
    pub(super) fn findings(&self) -> &Findings {
        &self.findings
    }

    /// Goes on with what was found behind these names.
    pub(super) fn join(&mut self, next: Self) {
        self.soa_seen |= next.soa_seen;
        self.findings.join(next.findings);
    }

    fn report(&mut self, rule: Rule, owner: Name<'_>, row: &Row<'_>, message: impl FnOnce() -> String) {
        self.findings.add(rule, About { owner, rtype: Some(row.rtype), spot: row.spot() }, message);
    }

    /// Checks the records of one name; `rows`, in file order, is sorted by type.
    pub(super) fn name(
        &mut self,
        name: Name<'_>,
        standing: Standing,
        hidden_by: Option<&NameBuf>,
        rows: &mut [Row<'_>],
    ) {
        // a stable sort: the first of a type is the first in the file
        rows.sort_by_key(|row| row.rtype);
        self.rrsets(name, rows);
        if name == self.apex {
            self.apex(rows);
            return;
        }
        let apex = self.apex;
        if let Some(row) = rows.iter().find(|row| row.rtype == Rtype::SOA) {
            self.report(const { rule("soa-not-at-apex") }, name, row, || {
                format!("SOA at {name}, in the zone {apex}")
            });
        }
        match standing {
            Standing::Authoritative => self.authoritative(name, rows),
            Standing::Cut => self.cut(name, rows),
            Standing::BelowCut | Standing::BelowDname => self.hidden(name, standing, hidden_by, rows),
        }
    }

    fn authoritative(&mut self, name: Name<'_>, rows: &[Row<'_>]) {
        if let Some(row) = rows.iter().find(|row| row.rtype == Rtype::DS) {
            self.report(const { rule("ds-without-ns") }, name, row, || format!("{name} has a DS but no NS"));
        }
        let apex = self.apex;
        // RFC 9615 publishes copies of other zones' CDS and CDNSKEY below _dsboot
        let bootstraps = name.labels().next().is_some_and(|label| label.eq_ignore_ascii_case(b"_dsboot"));
        let dnskey = rows.iter().find(|row| row.rtype == Rtype::DNSKEY);
        let copies = rows.iter().filter(|row| matches!(row.rtype, Rtype::CDS | Rtype::CDNSKEY));
        for row in dnskey.into_iter().chain(copies.filter(|_| !bootstraps)) {
            self.report(const { rule("not-at-apex") }, name, row, || {
                format!("{} at {name}, not at the apex {apex}", row.rtype)
            });
        }
        if name.is_wildcard() && rows.iter().any(|row| row.rtype == Rtype::DNAME) {
            self.report(const { rule("wildcard-dname") }, name, &rows[0], || {
                format!("DNAME at the wildcard {name}")
            });
        }
    }

    fn cut(&mut self, name: Name<'_>, rows: &[Row<'_>]) {
        for row in rows {
            match row.rtype {
                Rtype::NS | Rtype::DS | Rtype::A | Rtype::AAAA => {}
                Rtype::DNAME => self.report(const { rule("ns-and-dname") }, name, row, || {
                    format!("{name} has NS records and a DNAME, which the delegation hides")
                }),
                _ => self.report(const { rule("occluded") }, name, row, || {
                    format!("{} at {name} is hidden by the delegation there", row.rtype)
                }),
            }
        }
        if name.is_wildcard() {
            self.report(const { rule("wildcard-ns") }, name, &rows[0], || {
                format!("delegation at the wildcard {name}")
            });
        }
    }

    fn hidden(&mut self, name: Name<'_>, standing: Standing, hidden_by: Option<&NameBuf>, rows: &[Row<'_>]) {
        let (rule, what) = match standing {
            Standing::BelowDname => (const { rule("below-dname") }, "DNAME"),
            _ => (const { rule("occluded") }, "delegation"),
        };
        let top = hidden_by.map_or(Name::ROOT, NameBuf::as_name);
        for row in rows {
            let glue = standing == Standing::BelowCut && matches!(row.rtype, Rtype::A | Rtype::AAAA);
            if !glue {
                self.report(rule, name, row, || {
                    format!("{name} {} is hidden by the {what} {top}", row.rtype)
                });
            }
        }
    }

    /// What every `RRset` must keep.
    fn rrsets(&mut self, name: Name<'_>, rows: &[Row<'_>]) {
        let differ = |a: &Row<'_>, b: &Row<'_>| canonical(a) != canonical(b);
        for set in rows.chunk_by(|a, b| a.rtype == b.rtype) {
            let (first, rtype) = (&set[0], set[0].rtype);
            if rtype == Rtype::CNAME
                && let Some(other) = rows.iter().find(|row| !may_stand_beside_cname(row.rtype))
            {
                self.report(const { rule("cname-and-other-data") }, name, first, || {
                    format!("{name} has a CNAME and {}", other.rtype)
                });
            }
            if matches!(rtype, Rtype::CNAME | Rtype::DNAME)
                && let Some(second) = set.iter().find(|row| differ(row, first))
            {
                self.report(const { rule("duplicate-singleton") }, name, second, || {
                    format!("{name} has a second {rtype}; the first is on line {}", first.line)
                });
            }
            // each RRSIG has the TTL of what it covers (RFC 4034, section 3)
            if let Some(other) = set.iter().find(|row| row.ttl != first.ttl && rtype != Rtype::RRSIG) {
                self.report(const { rule("ttl-mismatch") }, name, other, || {
                    format!(
                        "{name} {rtype} has TTL {} here and {} on line {}",
                        other.ttl, first.ttl, first.line
                    )
                });
            }
            self.size(name, set);
        }
    }

    /// What can be sent in a message.
    fn size(&mut self, name: Name<'_>, set: &[Row<'_>]) {
        let (first, rtype) = (&set[0], set[0].rtype);
        let limit = usize::from(u16::MAX);
        let mut data: usize = set.iter().map(|row| row.rdata.len()).sum();
        // each record in a message has at least a compressed name, type, class, TTL and length
        let mut whole = data + set.len() * 12;
        if whole > limit {
            // exact duplicates are one record (RFC 2181, section 5)
            let distinct: BTreeSet<_> = set.iter().map(|row| canonical(row)).collect();
            data = distinct.iter().map(Vec::len).sum();
            whole = data + distinct.len() * 12;
        }
        if data > limit {
            self.report(const { rule("rrset-too-large") }, name, first, || {
                format!("the data of {name} {rtype} take {data} octets")
            });
        } else if whole > limit {
            self.report(const { rule("rrset-too-long") }, name, first, || {
                format!("{name} {rtype} takes {whole} octets in a message")
            });
        }
    }

    fn apex(&mut self, rows: &[Row<'_>]) {
        let apex = self.apex;
        let mut soa = rows.iter().filter(|row| row.rtype == Rtype::SOA);
        if let Some(first) = soa.next() {
            self.soa_seen = true;
            if let Some(second) = soa.find(|row| canonical(row) != canonical(first)) {
                self.report(const { rule("two-soa") }, apex, second, || {
                    format!("a second SOA; the first is on line {}", first.line)
                });
            }
            if !rows.iter().any(|row| row.rtype == Rtype::NS) {
                let about = About { owner: apex, rtype: Some(Rtype::NS), spot: first.spot() };
                self.findings.add(const { rule("no-apex-ns") }, about, || {
                    format!("the zone {apex} has no NS records at its apex")
                });
            }
        }
        if let Some(row) = rows.iter().find(|row| row.rtype == Rtype::DS) {
            self.report(const { rule("ds-at-apex") }, apex, row, || format!("DS at the apex {apex}"));
        }
    }

    /// Everything that was found.
    pub(super) fn finish(mut self) -> Findings {
        if !self.soa_seen && !self.findings.full() {
            let message = format!("the zone {} has no SOA record", self.apex);
            self.findings.add_general(const { rule("no-soa") }, message);
        }
        self.findings
    }
}

/// Types that may have records beside a CNAME: itself, and what DNSSEC, old and new, puts there (RFC 4034,
/// sections 3 and 4; RFC 2535, section 2.3.5).
fn may_stand_beside_cname(rtype: Rtype) -> bool {
    matches!(rtype, Rtype::CNAME | Rtype::RRSIG | Rtype::NSEC | Rtype::KEY | Rtype::SIG | Rtype::NXT)
}

fn canonical(row: &Row<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    schema::push_canonical(row.rtype, row.rdata, &mut out);
    out
}
