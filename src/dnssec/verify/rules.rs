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
    /// What it asks for.
    pub text: &'static str,
}

/// One row a rule: `must` an error, `should` a warning. The order is that of causes: what stands further up
/// brings about what stands further down, so findings are shown in this order, errors first.
macro_rules! table {
    ($($severity:ident $id:ident $name:literal $rfc:literal $text:literal;)*) => {
        $(#[doc = $text]
        pub const $id: Rule = $severity($name, $rfc, $text);)*
        /// All rules, causes before what they bring about.
        pub const ALL: &[&Rule] = &[$(&$id),*];
    };
}

const fn must(name: &'static str, rfc: &'static str, text: &'static str) -> Rule {
    Rule { name, severity: Severity::Error, rfc, text }
}

const fn should(name: &'static str, rfc: &'static str, text: &'static str) -> Rule {
    Rule { name, severity: Severity::Warning, rfc, text }
}

table! {
    // what the zone is made of
    must SOA "soa" "RFC 1035, section 5.2" "one SOA, at the apex";
    must DNSKEY "dnskey" "RFC 4035, section 2.1" "a usable DNSKEY at the apex, none below it; protocol 3";
    must ORDER "order" "RFC 4034, section 6.1" "names in canonical order, in what `sign` writes";
    should OUT_OF_ZONE "out-of-zone" "RFC 1035, section 5.2" "all records at or below the apex; servers leave out others";
    must CNAME "cname" "RFC 1034, section 3.6.2; RFC 4034, sections 3 and 4" "a CNAME stands alone, but for RRSIG and NSEC";
    must SINGLETON "singleton" "RFC 2181, section 10.1; RFC 6672, section 2.4" "at most one CNAME and one DNAME a name";
    must DS_AT_APEX "ds-at-apex" "RFC 4035, section 2.4" "no DS at the apex";
    should DS_ALONE "ds-alone" "RFC 4035, section 2.4" "a DS stands at a delegation";
    should APEX_NS "apex-ns" "RFC 1034, section 4.2.1" "NS records at the apex";
    should TTL_DIFFERS "ttl-differs" "RFC 2181, section 5.2" "one TTL for all records of an RRset; the first is taken";
    // signatures
    must UNVERIFIABLE "unverifiable" "RFC 4035, section 5.2" "at least one signature that can be checked";
    must RRSIG_LAYOUT "rrsig-layout" "RFC 4034, section 3.1" "RRSIG RDATA has its fields";
    must SIGNED "signed" "RFC 4035, section 2.2" "no signature over glue, delegations' NS or occluded names";
    must RRSIG_ALONE "rrsig-alone" "RFC 4035, section 2.2" "no signature over what is not there, nor over RRSIG";
    must RRSIG_SIGNER "rrsig-signer" "RFC 4035, section 2.2" "the signer is the zone";
    must RRSIG_LABELS "rrsig-labels" "RFC 4034, section 3.1.3" "labels are the owner's, without a leftmost `*`";
    must RRSIG_TTL "rrsig-ttl" "RFC 4034, sections 3 and 3.1.4" "TTL and original TTL are the RRset's";
    must RRSIG_TIME "rrsig-time" "RFC 4035, section 5.3.1" "the time lies between inception and expiration";
    must RRSIG_BOGUS "rrsig-bogus" "RFC 4035, section 5.3.3" "the signature is the key's, over these records";
    must UNSIGNED "unsigned" "RFC 4035, section 2.2" "each authoritative RRset is signed by each algorithm of the DNSKEYs and of --ds";
    must DS_KEY "ds-key" "RFC 4035, section 5.2" "a key that --ds names is in the zone and signs the DNSKEYs";
    must CDS_DELETE "cds-delete" "RFC 8078, section 4" "a wish to delete the DS stands alone";
    must CDS_DIFFER "cds-differ" "RFC 7344, section 4" "CDS and CDNSKEY say the same";
    must CDS_BREAKS "cds-breaks" "RFC 7344, section 4.1" "a key that CDS or CDNSKEY name signs the DNSKEYs";
    must CDS_SIGNER "cds-signer" "RFC 7344, section 4.1" "with --ds: a key that it names signs CDS and CDNSKEY";
    must NOT_MEANT "not-meant" "RFC 4035, section 2.2" "the signatures, times, serial and chain that `sign` meant to make";
    must SHORT "short" "RFC 6781, section 4.4.2" "with --for: signatures last that long, and the SOA's expire and the TTL";
    // chains
    must NO_CHAIN "no-chain" "RFC 4035, section 2.3; RFC 5155, section 7.1" "an NSEC or an NSEC3PARAM at the apex";
    must NSEC_MISSING "nsec-missing" "RFC 4035, section 2.3" "one NSEC at each authoritative name and delegation";
    must NSEC_EXTRA "nsec-extra" "RFC 4035, section 2.3" "no NSEC anywhere else";
    must NSEC_TYPES "nsec-types" "RFC 4034, section 4.1.2" "the bitmap lists the types of the name";
    must NSEC_NEXT "nsec-next" "RFC 4034, section 4.1.1" "the next name is the next one, the last's the apex";
    must NSEC3_LAYOUT "nsec3-layout" "RFC 5155, section 3" "NSEC3 RDATA has its fields, its owner is a hash below the apex, once";
    must NSEC3_MISSING "nsec3-missing" "RFC 5155, section 7.1" "an NSEC3 for each authoritative name, delegation and empty non-terminal";
    must NSEC3_OPT_OUT "nsec3-opt-out" "RFC 5155, section 6" "an insecure delegation left out is covered by the Opt-Out flag";
    must NSEC3_EXTRA "nsec3-extra" "RFC 5155, section 7.1" "no NSEC3 for anything else";
    must NSEC3_TYPES "nsec3-types" "RFC 5155, section 7.1" "the bitmap lists the types of the name";
    must NSEC3_NEXT "nsec3-next" "RFC 5155, section 7.1" "the next hash is the next one, the last's the first";
    must ZONEMD "zonemd" "RFC 8976, section 4" "the digest is that of the zone, of this serial, each kind once";
    // against the unsigned zone
    must MISSING "against-missing" "" "with --against: all records of the unsigned zone";
    must ADDED "against-added" "" "with --against: no other records";
    must TTL_CHANGED "against-ttl" "" "with --against: the same TTLs";
    // what is odd
    should RRSIG_KEY "rrsig-key" "RFC 6840, section 5.12" "signatures are by keys of the zone";
    should RRSIG_SPARE "rrsig-spare" "RFC 4035, section 5.3.3" "no expired or bogus signature beside a good one of its algorithm";
    should NOT_CHECKED "not-checked" "RFC 4035, section 5.2" "algorithms and key sizes that can be checked";
    should SEP "sep" "RFC 4035, section 2.1" "a key with the SEP flag signs the DNSKEYs";
    should REVOKED "revoked" "RFC 5011, section 2.1" "a revoked key signs the DNSKEYs";
    should DS_UNMATCHED "ds-unmatched" "RFC 6840, section 5.11" "each DS of --ds is that of a key";
    should CDS_KEY "cds-key" "RFC 7344, section 4.1" "a key that signs the DNSKEYs signs CDS and CDNSKEY";
    should NSEC_TTL "nsec-ttl" "RFC 9077, section 3" "the lesser of the SOA's TTL and minimum";
    should NSEC3_TTL "nsec3-ttl" "RFC 9077, section 3" "the lesser of the SOA's TTL and minimum";
    should NSEC3_UNNAMED "nsec3-unnamed" "RFC 5155, section 4" "an NSEC3PARAM names each NSEC3's chain";
    should ZONEMD_UNKNOWN "zonemd-unknown" "RFC 8976, section 4" "ZONEMD schemes and hashes that can be checked";
    should WEAK_ALGORITHM "weak-algorithm" "RFC 9904; RFC 9905; RFC 9906" "no key of an algorithm that must not be used";
    should WEAK_DIGEST "weak-digest" "RFC 9904; RFC 9905; RFC 9906" "no DS with a digest that must not be used";
    should ITERATIONS "nsec3-iterations" "RFC 9276, section 3.1" "no NSEC3 iterations";
    should SALT "nsec3-salt" "RFC 9276, section 3.1" "no NSEC3 salt";
}

/// The rule with this name.
#[must_use]
pub fn by_name(name: &str) -> Option<&'static Rule> {
    ALL.iter().copied().find(|rule| rule.name == name)
}

/// Where a rule stands among the causes: smaller ones bring about larger ones.
#[must_use]
pub fn rank(rule: &Rule) -> usize {
    ALL.iter().position(|row| row.name == rule.name).unwrap_or(ALL.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The guide has each rule, in this order, with the same words.
    #[test]
    fn the_guide_has_every_rule() {
        let guide = include_str!("../../guide/verify.md");
        let rows: Vec<String> = ALL
            .iter()
            .map(|rule| {
                let severity = if rule.severity == Severity::Error { "error" } else { "warning" };
                format!("| `{}` | {severity} | {} | {} |", rule.name, rule.text, rule.rfc)
            })
            .collect();
        let listed: Vec<&str> = guide.lines().filter(|line| line.starts_with("| `")).collect();
        assert_eq!(listed, rows);
        assert!(
            ALL.iter().enumerate().all(|(at, rule)| rank(rule) == at && by_name(rule.name) == Some(*rule))
        );
    }
}
