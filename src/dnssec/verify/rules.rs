//! The rules that a signed zone keeps: one table.

use crate::error::Severity;

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

pub(super) const SOA: Rule = must("soa", "RFC 1035, section 5.2");
pub(super) const DNSKEY: Rule = must("dnskey", "RFC 4035, section 2.1");
pub(super) const ORDER: Rule = must("order", "RFC 4034, section 6.1");
pub(super) const OUT_OF_ZONE: Rule = must("out-of-zone", "RFC 1035, section 5.2");
pub(super) const UNSIGNED: Rule = must("unsigned", "RFC 4035, section 2.2");
pub(super) const SIGNED: Rule = must("signed", "RFC 4035, section 2.2");
pub(super) const RRSIG_ALONE: Rule = must("rrsig-alone", "RFC 4035, section 2.2");
pub(super) const RRSIG_LAYOUT: Rule = must("rrsig-layout", "RFC 4034, section 3.1");
pub(super) const RRSIG_SIGNER: Rule = must("rrsig-signer", "RFC 4035, section 2.2");
pub(super) const RRSIG_LABELS: Rule = must("rrsig-labels", "RFC 4034, section 3.1.3");
pub(super) const RRSIG_TTL: Rule = must("rrsig-ttl", "RFC 4034, sections 3 and 3.1.4");
pub(super) const RRSIG_TIME: Rule = must("rrsig-time", "RFC 4035, section 5.3.1");
pub(super) const RRSIG_KEY: Rule = should("rrsig-key", "RFC 6840, section 5.12");
pub(super) const RRSIG_BOGUS: Rule = must("rrsig-bogus", "RFC 4035, section 5.3.3");
pub(super) const NOT_MEANT: Rule = must("not-meant", "RFC 4035, section 2.2");
pub(super) const NOT_CHECKED: Rule = should("not-checked", "RFC 4035, section 5.2");
pub(super) const SEP: Rule = should("sep", "RFC 4035, section 2.1");
pub(super) const NSEC_MISSING: Rule = must("nsec-missing", "RFC 4035, section 2.3");
pub(super) const NSEC_EXTRA: Rule = must("nsec-extra", "RFC 4035, section 2.3");
pub(super) const NSEC_NEXT: Rule = must("nsec-next", "RFC 4034, section 4.1.1");
pub(super) const NSEC_TYPES: Rule = must("nsec-types", "RFC 4034, section 4.1.2");
pub(super) const NSEC_TTL: Rule = should("nsec-ttl", "RFC 9077, section 3");
pub(super) const NSEC3_LAYOUT: Rule = must("nsec3-layout", "RFC 5155, section 3");
pub(super) const NSEC3_MISSING: Rule = must("nsec3-missing", "RFC 5155, section 7.1");
pub(super) const NSEC3_EXTRA: Rule = must("nsec3-extra", "RFC 5155, section 7.1");
pub(super) const NSEC3_NEXT: Rule = must("nsec3-next", "RFC 5155, section 7.1");
pub(super) const NSEC3_TYPES: Rule = must("nsec3-types", "RFC 5155, section 7.1");
pub(super) const NSEC3_TTL: Rule = should("nsec3-ttl", "RFC 9077, section 3");
pub(super) const NSEC3_UNNAMED: Rule = should("nsec3-unnamed", "RFC 5155, section 4");
pub(super) const NSEC3_OPT_OUT: Rule = must("nsec3-opt-out", "RFC 5155, section 6");
pub(super) const ZONEMD: Rule = must("zonemd", "RFC 8976, section 4");
pub(super) const ZONEMD_UNKNOWN: Rule = should("zonemd-unknown", "RFC 8976, section 4");
