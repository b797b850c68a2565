//! What names look like, and what may stand at them.

use super::targets::target;
use super::{Lint, Placed, rule};
use crate::dns::{Class, Name, NameBuf, Record, Rtype};
use crate::zone::Standing;
use std::net::Ipv6Addr;

/// The tree of addresses that a zone is in (RFC 1035, section 3.5; RFC 3596, section 2.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reverse {
    No,
    V4,
    V6,
}

impl Reverse {
    pub(super) fn of(apex: Name<'_>) -> Self {
        let below = |text| NameBuf::from_text(text).is_ok_and(|top| apex.is_at_or_below(top.as_name()));
        if below("in-addr.arpa.") {
            Self::V4
        } else if below("ip6.arpa.") {
            Self::V6
        } else {
            Self::No
        }
    }
}

/// The fixed label in front of a mailbox's certificates (RFC 8162, section 3).
const SMIMECERT: &[u8] = b"_smimecert";

impl<'z> Lint<'z> {
    /// All records of one name, sorted by type.
    pub(super) fn owner(&mut self, rows: &[Placed<'z>]) {
        let owner = rows[0].0.owner;
        let internet = self.zone.class() == Class::IN;
        if owner.labels().skip(1).any(|label| label == b"*") {
            self.report(const { rule("inner-star") }, &rows[0], || {
                format!("the * in {owner} is not its leftmost label")
            });
        }
        if self.is_doubled(owner) {
            self.report(const { rule("doubled-origin") }, &rows[0], || {
                format!("{owner} has the zone's name in it twice")
            });
        }
        if self.findings.wants(const { rule("case-differs") })
            && let Some(other) = rows.iter().find(|(record, _)| record.owner.wire() != owner.wire())
        {
            let line = rows[0].1.line;
            self.report(const { rule("case-differs") }, other, || {
                format!("{} is {owner} on line {line}", other.0.owner)
            });
        }
        let host = rows
            .iter()
            .find(|(record, _)| matches!(record.rtype, Rtype::A | Rtype::AAAA | Rtype::MX) && internet);
        if let Some(placed) = host.filter(|_| !is_host_name(owner, true) && !is_global_catalog(owner)) {
            self.report(const { rule("bad-host-name") }, placed, || {
                format!("{owner} {}: this is no name of a host", placed.0.rtype)
            });
        }
        for placed in rows {
            self.pointed(placed);
            if let Some(instead) = obsolete(placed.0.rtype) {
                self.report(const { rule("obsolete-type") }, placed, || {
                    format!("{owner} {}: {instead}", placed.0.rtype)
                });
            }
        }
    }

    /// The name that a record points to, wherever it lies.
    fn pointed(&mut self, placed: &Placed<'z>) {
        let Record { owner, rtype, .. } = placed.0;
        // where a host is meant, and not any name
        let (offset, host) = match rtype {
            Rtype::NS | Rtype::SOA => (0, true),
            Rtype::MX | Rtype::AFSDB => (2, true),
            Rtype::SRV => (6, true),
            Rtype::PTR => (0, self.reverse != Reverse::No),
            Rtype::CNAME | Rtype::DNAME => (0, false),
            Rtype::SVCB | Rtype::HTTPS => (2, false),
            _ => return,
        };
        let Some(to) = target(placed, offset) else { return };
        if self.is_doubled(to) {
            self.report(const { rule("doubled-origin") }, placed, || {
                format!("{owner} {rtype}: {to} has the zone's name in it twice")
            });
        } else if let Some(address) = self.address_in(to) {
            self.report(const { rule("target-is-address") }, placed, || {
                format!("{owner} {rtype}: {to} is the address {address}")
            });
        } else if host && !is_host_name(to, false) {
            self.report(const { rule("bad-host-name") }, placed, || {
                format!("{owner} {rtype}: {to} is no name of a host")
            });
        }
    }

    /// Whether the zone's name stands before the zone's name.
    fn is_doubled(&self, name: Name<'_>) -> bool {
        let Some(apex) = &self.doubled else { return false };
        let wire = name.wire();
        // most names are too short
        if wire.len() <= 2 * apex.len() || !name.is_below(self.apex()) {
            return false;
        }
        let before = &wire[..wire.len() - apex.len() - 1];
        let doubled = before.windows(apex.len()).any(|labels| labels.eq_ignore_ascii_case(apex));
        // _report._dmarc and the like hold names of others, and may hold one's own
        doubled && !name.labels().any(|label| label.starts_with(b"_"))
    }

    /// The address that a name is the text of, with or without the zone's name behind it.
    fn address_in(&self, name: Name<'_>) -> Option<String> {
        let inside = name.is_at_or_below(self.apex());
        // 1.2.0.192.in-addr.arpa is no mistake
        let behind = if inside && self.reverse == Reverse::No { self.apex().label_count() } else { 0 };
        let labels: Vec<&[u8]> = name.labels().take(name.label_count() - behind).collect();
        let text = |label: &[u8]| std::str::from_utf8(label).ok().map(str::to_owned);
        match labels[..] {
            [_, _, _, _] => {
                let octet = |label: &&[u8]| label.iter().all(u8::is_ascii_digit);
                let dotted = labels.iter().all(octet).then(|| labels.join(&b'.'))?;
                text(&dotted).filter(|text| text.parse::<std::net::Ipv4Addr>().is_ok())
            }
            [label] if label.contains(&b':') => text(label).filter(|text| text.parse::<Ipv6Addr>().is_ok()),
            _ => None,
        }
    }

    pub(super) fn ptr(&mut self, set: &[Placed<'z>]) {
        let owner = set[0].0.owner;
        let arpa = Name::from_wire(b"\x04arpa\0").expect("this is a name");
        // service discovery puts PTR records anywhere, below names such as _http._tcp (RFC 6763)
        let discovery = owner.labels().any(|label| label.starts_with(b"_"));
        if !self.apex().is_at_or_below(arpa) && !owner.is_at_or_below(arpa) && !discovery {
            self.report(const { rule("ptr-not-in-reverse") }, &set[0], || format!("PTR at {owner}"));
        }
        let labels: Vec<&[u8]> = owner.labels().take(owner.label_count().saturating_sub(2)).collect();
        let wrong = match self.reverse {
            Reverse::No => None,
            // below a delegation of fewer than 256 addresses any label may stand (RFC 2317)
            Reverse::V4 if labels.iter().any(|label| !label.iter().all(u8::is_ascii_digit)) => None,
            Reverse::V4 => labels.iter().find(|label| !is_octet(label)),
            Reverse::V6 => {
                labels.iter().find(|label| label.len() > 1 && label.iter().all(u8::is_ascii_hexdigit))
            }
        };
        if let Some(wrong) = wrong {
            let wrong = wrong.escape_ascii();
            self.report(const { rule("ptr-owner") }, &set[0], || {
                format!("PTR at {owner}: \"{wrong}\" is no part of an address")
            });
        } else if self.reverse == Reverse::V6 && labels.len() > 32 {
            self.report(const { rule("ptr-owner") }, &set[0], || {
                format!("PTR at {owner}: {} digits before ip6.arpa", labels.len())
            });
        }
    }

    /// The owner of SRV records: _service._protocol.name, perhaps with an instance in front (RFC 6763).
    pub(super) fn service_owner(&mut self, number: usize, placed: &Placed<'z>) {
        let labels: Vec<&[u8]> = placed.0.owner.labels().collect();
        let proper = labels.windows(2).any(|pair| pair.iter().all(|label| label.starts_with(b"_")));
        if !proper && !placed.0.owner.is_wildcard() {
            self.stray.push((number, const { rule("srv-owner") }, *placed));
        }
    }

    /// The owner of TLSA records, _port._protocol.name, or of SMIMEA records, HASH._smimecert.domain.
    pub(super) fn certificate_owner(&mut self, number: usize, placed: &Placed<'z>) {
        let owner = placed.0.owner;
        let mut labels = owner.labels();
        let (first, second) = (labels.next().unwrap_or_default(), labels.next().unwrap_or_default());
        let (rule, proper) = if placed.0.rtype == Rtype::TLSA {
            let port = first.strip_prefix(b"_").is_some_and(|port| {
                let text = std::str::from_utf8(port).unwrap_or_default();
                text.bytes().all(|octet| octet.is_ascii_digit()) && text.parse::<u16>().is_ok()
            });
            (const { rule("tlsa-owner") }, (port || first == b"*") && second.starts_with(b"_"))
        } else {
            let hash = first.len() == 56 && first.iter().all(u8::is_ascii_hexdigit);
            let fixed = |label: &[u8]| label.eq_ignore_ascii_case(SMIMECERT);
            (const { rule("smimea-owner") }, (hash || first == b"*") && fixed(second))
        };
        // a wildcard stands in for any port and protocol
        let any = owner.is_wildcard() && placed.0.rtype == Rtype::TLSA;
        if !proper && !any {
            self.stray.push((number, rule, *placed));
        }
    }

    /// An `RRset` at or below a delegation.
    pub(super) fn glue(&mut self, number: usize, set: &[Placed<'z>]) {
        if matches!(set[0].0.rtype, Rtype::A | Rtype::AAAA) && self.zone.class() == Class::IN {
            self.addresses(set);
            self.idle_addresses.push((number, set[0]));
        }
    }

    /// What could be told only when all NS records and aliases were seen.
    pub(super) fn settle_owners(&mut self) {
        for (number, placed) in std::mem::take(&mut self.idle_addresses) {
            let Record { owner, rtype, .. } = placed.0;
            if self.servers.contains(&number) {
                continue;
            }
            if self.zone.standing(number) == Standing::Authoritative {
                self.report(const { rule("address-in-reverse") }, &placed, || {
                    format!("{owner} {rtype} in a zone of addresses")
                });
            } else {
                self.report(const { rule("unused-glue") }, &placed, || {
                    format!("{owner} {rtype} is hidden by a delegation, and no NS record names it")
                });
            }
        }
        for (number, rule, placed) in std::mem::take(&mut self.stray) {
            if !self.alias_targets.contains(&number) {
                let Record { owner, rtype, .. } = placed.0;
                self.report(rule, &placed, || format!("{rtype} at {owner}"));
            }
        }
    }
}

/// Letters, digits and inner hyphens (RFC 952; RFC 1123, section 2.1); `wildcard`: the leftmost label may be
/// `*`. The root passes: it says that there is no host.
fn is_host_name(name: Name<'_>, wildcard: bool) -> bool {
    let star = usize::from(wildcard && name.is_wildcard());
    name.labels().skip(star).all(|label| {
        let inner = label.iter().all(|octet| octet.is_ascii_alphanumeric() || *octet == b'-');
        inner && !label.starts_with(b"-") && !label.ends_with(b"-")
    })
}

/// `gc._msdcs.DOMAIN` has the addresses of a Windows domain's global catalogs.
fn is_global_catalog(name: Name<'_>) -> bool {
    let mut labels = name.labels();
    let mut next = |label: &[u8]| labels.next().is_some_and(|found| found.eq_ignore_ascii_case(label));
    next(b"gc") && next(b"_msdcs")
}

/// Whether a label is a number from 0 to 255, as addresses have it.
fn is_octet(label: &&[u8]) -> bool {
    let text = std::str::from_utf8(label).unwrap_or_default();
    text.parse::<u8>().is_ok() && (text.len() == 1 || !text.starts_with('0'))
}

/// What became of types that nobody asks for.
fn obsolete(rtype: Rtype) -> Option<&'static str> {
    const WORDS: [(u16, &str); 9] = [
        (3, "MX records took its place (RFC 1035, section 3.3.4)"),
        (4, "MX records took its place (RFC 1035, section 3.3.5)"),
        (7, "it stayed an experiment (RFC 1035, section 3.3.3)"),
        (8, "it stayed an experiment (RFC 1035, section 3.3.6)"),
        (9, "it stayed an experiment (RFC 1035, section 3.3.8)"),
        (24, "RRSIG records took its place (RFC 3755)"),
        (30, "NSEC records took its place (RFC 3755)"),
        (38, "AAAA records took its place (RFC 6563)"),
        (32769, "validators no longer look for it (RFC 8749)"),
    ];
    WORDS.iter().find(|(number, _)| *number == rtype.0).map(|&(_, words)| words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_names() {
        let is = |text: &str, wildcard| is_host_name(NameBuf::from_text(text).unwrap().as_name(), wildcard);
        for text in ["a.", "3com.example.", "a-b.example.", "xn--bcher-kva.example.", "."] {
            assert!(is(text, false), "{text}");
        }
        for text in ["a_b.example.", "-a.example.", "a-.example.", "\\000.example.", "a\\.b.example."] {
            assert!(!is(text, false), "{text}");
        }
        assert!(is("*.example.", true) && !is("*.example.", false) && !is("a.*.example.", true));
    }
}
