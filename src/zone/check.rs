//! What can be wrong with a zone as a whole: one table, and the pass that finds it.

use super::{Arena, Row, Standing};
use crate::dns::{Name, NameBuf, Rtype, schema};
use crate::error::{Fault, Faults, Severity};
use crate::source::Sources;
use std::collections::BTreeSet;

/// A rule that zones must keep, or had better.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its name, for people and scripts.
    pub name: &'static str,
    /// What breaking it is.
    pub severity: Severity,
    /// What to do, and where it is written.
    pub hint: &'static str,
}

const fn error(name: &'static str, hint: &'static str) -> Rule {
    Rule { name, severity: Severity::Error, hint }
}

const fn warning(name: &'static str, hint: &'static str) -> Rule {
    Rule { name, severity: Severity::Warning, hint }
}

const NO_SOA: Rule = error(
    "no-soa",
    "a zone has exactly one SOA record, at its apex (RFC 1035, section 5.2); -o names the apex",
);
const SOA_NOT_AT_APEX: Rule = error(
    "soa-not-at-apex",
    "a zone has exactly one SOA record, at its apex (RFC 1035, section 5.2); -o names the apex",
);
const TWO_SOA: Rule =
    error("two-soa", "a zone has exactly one SOA record (RFC 1035, section 5.2): remove one");
const OUT_OF_ZONE: Rule =
    error("out-of-zone", "is a final dot or an $ORIGIN wrong? --out-of-zone drop leaves such records out");
const CNAME_AND_OTHER: Rule =
    error("cname-and-other-data", "a CNAME stands alone at its name (RFC 1034, section 3.6.2)");
const SINGLETON: Rule = error(
    "duplicate-singleton",
    "a name has at most one CNAME (RFC 2181, section 10.1) and one DNAME (RFC 6672, section 2.4)",
);
const DS_WITHOUT_NS: Rule = error(
    "ds-without-ns",
    "a DS belongs to a delegation: add its NS records, or remove the DS (RFC 4035, section 2.4)",
);
const DS_AT_APEX: Rule = error(
    "ds-at-apex",
    "the DS of a zone stands in its parent: give it to your registrar (RFC 4035, section 2.4)",
);
const NOT_AT_APEX: Rule = error(
    "not-at-apex",
    "records of this type stand at the apex (RFC 4035, section 2.1; RFC 7344, section 4.1)",
);
const RRSET_TOO_LARGE: Rule = error(
    "rrset-too-large",
    "a DNS message has at most 65535 octets (RFC 1035, section 4.2.2): nobody could send it",
);
const NO_APEX_NS: Rule = warning(
    "no-apex-ns",
    "a zone has NS records at its apex (RFC 1034, section 4.2.1); BIND and Knot refuse it without",
);
const TTL_MISMATCH: Rule = warning(
    "ttl-mismatch",
    "all records of an RRset have one TTL (RFC 2181, section 5.2): the first one's is used",
);
const RRSET_TOO_LONG: Rule = warning(
    "rrset-too-long",
    "a DNS message has at most 65535 octets (RFC 1035, section 4.2.2): servers load it, and cannot send it whole",
);
const OCCLUDED: Rule =
    warning("occluded", "nobody can see it: it is kept, and not signed (RFC 2136, section 7.18)");
const WILDCARD_NS: Rule =
    warning("wildcard-ns", "what a delegation at a wildcard means is not defined (RFC 4592, section 4.2)");
const WILDCARD_DNAME: Rule =
    warning("wildcard-dname", "a DNAME at a wildcard is discouraged (RFC 4592, section 4.4)");

/// Of each kind of warning so many are shown; the rest is counted.
const SHOWN: usize = 10;

/// Collects what is wrong while the names of a zone pass by.
pub(super) struct Check<'a> {
    apex: Name<'a>,
    sources: &'a Sources,
    faults: Faults,
    apex_seen: bool,
    /// How often each rule was broken.
    broken: Vec<(&'static Rule, usize)>,
}

impl<'a> Check<'a> {
    pub(super) fn new(apex: Name<'a>, sources: &'a Sources) -> Self {
        Self { apex, sources, faults: Faults::new(), apex_seen: false, broken: Vec::new() }
    }

    pub(super) fn full(&self) -> bool {
        self.faults.full()
    }

    fn report(&mut self, rule: &'static Rule, row: &Row, message: String) {
        let count = if let Some((_, count)) = self.broken.iter_mut().find(|(broken, _)| *broken == rule) {
            count
        } else {
            self.broken.push((rule, 0));
            &mut self.broken.last_mut().expect("it was just pushed").1
        };
        *count += 1;
        let shown = match rule.severity {
            Severity::Warning => *count <= SHOWN,
            Severity::Error => !self.faults.full(),
        };
        if shown {
            let fault = match rule.severity {
                Severity::Warning => Fault::warning(message),
                Severity::Error => Fault::error(message),
            };
            self.faults
                .push(self.sources.locate(fault.hint(format!("{} [{}]", rule.hint, rule.name)), row.spot()));
        }
    }

    pub(super) fn out_of_zone(&mut self, owner: Name<'_>, row: &Row) {
        let message = format!("{owner} {} is outside the zone {}", row.rtype, self.apex);
        self.report(&OUT_OF_ZONE, row, message);
    }

    /// Checks the records of one name; `rows`, in file order, is sorted by type.
    pub(super) fn name(
        &mut self,
        name: Name<'_>,
        standing: Standing,
        hidden_by: Option<&NameBuf>,
        rows: &mut [&Row],
        arena: &Arena,
    ) {
        // a stable sort: the first of a type is the first in the file
        rows.sort_by_key(|row| row.rtype);
        self.rrsets(name, rows, arena);
        if name == self.apex {
            self.apex(rows, arena);
            return;
        }
        let has = |rtype| rows.iter().any(|row: &&Row| row.rtype == rtype);
        if let Some(row) = rows.iter().find(|row| row.rtype == Rtype::SOA) {
            self.report(&SOA_NOT_AT_APEX, row, format!("SOA at {name}, in the zone {}", self.apex));
        }
        match standing {
            Standing::Authoritative => {
                if let Some(row) = rows.iter().find(|row| row.rtype == Rtype::DS) {
                    self.report(&DS_WITHOUT_NS, row, format!("{name} has a DS but no NS"));
                }
                if let Some(row) = rows.iter().find(|row| row.rtype == Rtype::DNSKEY) {
                    self.report(
                        &NOT_AT_APEX,
                        row,
                        format!("DNSKEY at {name}, not at the apex {}", self.apex),
                    );
                }
                // RFC 9615 publishes copies of other zones' CDS and CDNSKEY below _dsboot
                let bootstraps =
                    name.labels().next().is_some_and(|label| label.eq_ignore_ascii_case(b"_dsboot"));
                for row in rows.iter().filter(|row| matches!(row.rtype, Rtype::CDS | Rtype::CDNSKEY)) {
                    if !bootstraps {
                        self.report(
                            &NOT_AT_APEX,
                            row,
                            format!("{} at {name}, not at the apex {}", row.rtype, self.apex),
                        );
                    }
                }
                if name.is_wildcard() && has(Rtype::DNAME) {
                    self.report(&WILDCARD_DNAME, rows[0], format!("DNAME at the wildcard {name}"));
                }
            }
            Standing::Cut => {
                for row in rows.iter() {
                    let seen = matches!(row.rtype, Rtype::NS | Rtype::DS | Rtype::A | Rtype::AAAA);
                    if !seen {
                        let message = format!("{} at {name} is hidden by the delegation there", row.rtype);
                        self.report(&OCCLUDED, row, message);
                    }
                }
                if name.is_wildcard() {
                    self.report(&WILDCARD_NS, rows[0], format!("delegation at the wildcard {name}"));
                }
            }
            Standing::BelowCut | Standing::BelowDname => {
                let what = if standing == Standing::BelowCut { "delegation" } else { "DNAME" };
                let top = || hidden_by.map(ToString::to_string).unwrap_or_default();
                for row in rows.iter() {
                    let glue = standing == Standing::BelowCut && matches!(row.rtype, Rtype::A | Rtype::AAAA);
                    if !glue {
                        let message = format!("{name} {} is hidden by the {what} {}", row.rtype, top());
                        self.report(&OCCLUDED, row, message);
                    }
                }
            }
        }
    }

    /// What every `RRset` must keep.
    fn rrsets(&mut self, name: Name<'_>, rows: &[&Row], arena: &Arena) {
        let differ = |a: &Row, b: &Row| canonical(a, arena) != canonical(b, arena);
        for set in rows.chunk_by(|a, b| a.rtype == b.rtype) {
            let (first, rtype) = (set[0], set[0].rtype);
            if rtype == Rtype::CNAME
                && let Some(other) = rows.iter().find(|row| !may_stand_beside_cname(row.rtype))
            {
                self.report(&CNAME_AND_OTHER, first, format!("{name} has a CNAME and {}", other.rtype));
            }
            if matches!(rtype, Rtype::CNAME | Rtype::DNAME)
                && let Some(second) = set.iter().find(|row| differ(row, first))
            {
                let message = format!("{name} has a second {rtype}; the first is on line {}", first.line);
                self.report(&SINGLETON, second, message);
            }
            if let Some(other) = set.iter().find(|row| row.ttl != first.ttl) {
                let message = format!(
                    "{name} {rtype} has TTL {} here and {} on line {}",
                    other.ttl, first.ttl, first.line
                );
                self.report(&TTL_MISMATCH, other, message);
            }
            let limit = usize::from(u16::MAX);
            let mut data: usize = set.iter().map(|row| usize::from(row.length)).sum();
            // each record in a message has at least a compressed name, type, class, TTL and length
            let mut whole = data + set.len() * 12;
            if whole > limit {
                // exact duplicates are one record (RFC 2181, section 5)
                let distinct: BTreeSet<_> = set.iter().map(|row| canonical(row, arena)).collect();
                data = distinct.iter().map(Vec::len).sum();
                whole = data + distinct.len() * 12;
            }
            if data > limit {
                self.report(
                    &RRSET_TOO_LARGE,
                    first,
                    format!("the data of {name} {rtype} take {data} octets"),
                );
            } else if whole > limit {
                self.report(
                    &RRSET_TOO_LONG,
                    first,
                    format!("{name} {rtype} takes {whole} octets in a message"),
                );
            }
        }
    }

    fn apex(&mut self, rows: &[&Row], arena: &Arena) {
        self.apex_seen = true;
        let mut soa = rows.iter().filter(|row| row.rtype == Rtype::SOA);
        match soa.next() {
            None => {}
            Some(first) => {
                let second = soa.find(|row| canonical(row, arena) != canonical(first, arena));
                if let Some(second) = second {
                    self.report(
                        &TWO_SOA,
                        second,
                        format!("a second SOA; the first is on line {}", first.line),
                    );
                }
                if !rows.iter().any(|row| row.rtype == Rtype::NS) {
                    self.report(
                        &NO_APEX_NS,
                        first,
                        format!("the zone {} has no NS records at its apex", self.apex),
                    );
                }
            }
        }
        if !rows.iter().any(|row| row.rtype == Rtype::SOA) {
            self.apex_seen = false;
        }
        if let Some(row) = rows.iter().find(|row| row.rtype == Rtype::DS) {
            self.report(&DS_AT_APEX, row, format!("DS at the apex {}", self.apex));
        }
    }

    /// The warnings, or if there are errors all faults.
    pub(super) fn finish(mut self) -> Result<Faults, Faults> {
        if !self.apex_seen && !self.faults.full() {
            let fault = Fault::error(format!("the zone {} has no SOA record", self.apex)).hint(NO_SOA.hint);
            self.faults.push(if self.sources.is_empty() {
                fault
            } else {
                fault.in_file(self.sources.name(0))
            });
        }
        for (rule, count) in &self.broken {
            if rule.severity == Severity::Warning && *count > SHOWN {
                let more = format!("and {} more of the kind [{}]", count - SHOWN, rule.name);
                self.faults.push(Fault::warning(more));
            }
        }
        if self.faults.errors() == 0 { Ok(self.faults) } else { Err(self.faults) }
    }
}

/// Types that may have records beside a CNAME: itself, and what DNSSEC, old and new, puts there (RFC 4034,
/// sections 3 and 4; RFC 2535, section 2.3.5).
fn may_stand_beside_cname(rtype: Rtype) -> bool {
    matches!(rtype, Rtype::CNAME | Rtype::RRSIG | Rtype::NSEC | Rtype::KEY | Rtype::SIG | Rtype::NXT)
}

fn canonical(row: &Row, arena: &Arena) -> Vec<u8> {
    let mut out = Vec::new();
    schema::push_canonical(row.rtype, arena.octets(row.rdata, row.length), &mut out);
    out
}
