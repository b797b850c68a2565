//! The rules that a zone must keep, or had better: one table for sealing, for `check` and for people.
//!
//! A rule is named where it is applied, as in `const { rule("no-soa") }`: a name that is not in the table
//! does not compile.

use Level::{Allow, Error, Warning};

/// What breaking a rule is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Nothing worth saying.
    Allow,
    /// Worth saying; the zone works.
    Warning,
    /// The zone does not do what it says.
    Error,
}

/// A row of the table, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rule(u8);

/// What the table knows of a rule.
#[derive(Debug)]
pub struct Row {
    /// Its name, for people and scripts.
    pub name: &'static str,
    /// What breaking it is to `check`, unless it is told otherwise.
    pub level: Level,
    /// Whether a zone that breaks it cannot be signed: then it is an error to every command, and no option
    /// makes it less.
    pub needed: bool,
    /// Where it is written.
    pub rfc: &'static str,
    /// What it says, and what to do.
    pub hint: &'static str,
}

/// The rule of this name.
///
/// # Panics
/// There is none: when it is compiled.
#[must_use]
pub const fn rule(name: &str) -> Rule {
    let mut at = 0;
    while at < RULES.len() {
        if same(RULES[at].name.as_bytes(), name.as_bytes()) {
            #[allow(clippy::cast_possible_truncation, reason = "the table has fewer than 256 rows")]
            return Rule(at as u8);
        }
        at += 1;
    }
    panic!("no such rule")
}

const fn same(a: &[u8], b: &[u8]) -> bool {
    let mut at = 0;
    while at < a.len() && at < b.len() && a[at] == b[at] {
        at += 1;
    }
    at == a.len() && at == b.len()
}

impl Rule {
    /// How many there are.
    pub const COUNT: usize = RULES.len();

    /// All rules, in the order of the table.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..=u8::MAX).take(Self::COUNT).map(Self)
    }

    /// The rule of this name, if there is one.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::all().find(|rule| rule.row().name == name)
    }

    /// Its row.
    #[must_use]
    pub fn row(self) -> &'static Row {
        &RULES[self.index()]
    }

    /// Its number, below [`Rule::COUNT`].
    #[must_use]
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

const fn row(name: &'static str, level: Level, rfc: &'static str, hint: &'static str) -> Row {
    Row { name, level, needed: false, rfc, hint }
}

/// A rule without which a zone cannot be read or signed.
const fn needed(name: &'static str, rfc: &'static str, hint: &'static str) -> Row {
    Row { name, level: Error, needed: true, rfc, hint }
}

#[rustfmt::skip] // a table: a rule is two lines, what it is and what it says
const RULES: &[Row] = &[
    // the file
    needed("syntax", "RFC 1035, section 5.1",
        "the entry cannot be read"),
    row("odd-syntax", Warning, "RFC 1035, section 5.1",
        "readers do not agree on what this means"),
    row("out-of-zone", Warning, "RFC 1035, section 5.2",
        "is a final dot or an $ORIGIN wrong? --out-of-zone drop leaves such records out"),
    row("doubled-origin", Warning, "RFC 1035, section 5.1",
        "a name without a final dot gets the origin appended: put the dot, or leave the zone's name out"),
    row("duplicate-record", Warning, "RFC 2181, section 5",
        "equal records are one record: remove one"),
    row("case-differs", Allow, "RFC 4343, section 4.1",
        "letters match in either case: this is one name"),
    row("already-signed", Warning, "RFC 4035, section 2",
        "signing makes these records anew: check the unsigned zone"),
    row("obsolete-type", Warning, "RFC 6895, section 3.1",
        "nobody asks for records of this type any more"),

    // the apex
    needed("no-soa", "RFC 1035, section 5.2",
        "a zone has exactly one SOA record, at its apex; -o names the apex"),
    needed("soa-not-at-apex", "RFC 1035, section 5.2",
        "a zone has exactly one SOA record, at its apex; -o names the apex"),
    needed("two-soa", "RFC 1035, section 5.2",
        "a zone has exactly one SOA record: remove one"),
    row("no-apex-ns", Error, "RFC 1034, section 4.2.1",
        "a zone has NS records at its apex; BIND and Knot refuse it without"),
    row("single-ns", Warning, "RFC 2182, section 5",
        "a zone has at least two name servers: with one, it is gone when that one is"),
    row("soa-mname", Warning, "RFC 1035, section 3.3.13",
        "the first field names the primary server, to which updates and notifies go: give it an address"),
    row("bad-mailbox", Warning, "RFC 1035, section 8",
        "a mailbox a.b@example.org is written a\\.b.example.org, with a dot for the @"),
    row("serial-zero", Warning, "RFC 1982, section 7",
        "0 is a serial like any other, but not to all servers: begin with 1"),
    row("serial-in-future", Warning, "RFC 1912, section 2.2",
        "a serial that looks like YYYYMMDDnn should be the day of the last change: is a digit wrong?"),
    row("soa-timers", Warning, "RFC 1912, section 2.2",
        "retry is a fraction of refresh, and expire longer than both, or secondaries give up too early"),
    row("soa-minimum", Warning, "RFC 2308, section 5",
        "the last field is how long resolvers remember that a name is not there: one to three hours do well, more than a day does not"),

    // TTLs
    row("ttl-mismatch", Warning, "RFC 2181, section 5.2",
        "all records of an RRset have one TTL: the first one's is used"),
    row("ttl-zero", Warning, "RFC 1035, section 3.2.1",
        "nobody may cache this: every question comes to the zone's servers"),
    row("ttl-too-long", Warning, "RFC 8767, section 4",
        "resolvers cap TTLs at a week or less; a mistake lives as long"),
    row("ttl-beyond-expire", Warning, "RFC 1035, section 3.3.13",
        "caches may keep this longer than secondaries may serve the zone: shorten the TTL, or lengthen expire"),

    // names and what they may hold
    needed("cname-and-other-data", "RFC 1034, section 3.6.2",
        "a CNAME stands alone at its name"),
    needed("duplicate-singleton", "RFC 2181, section 10.1; RFC 6672, section 2.4",
        "a name has at most one CNAME and one DNAME"),
    needed("rrset-too-large", "RFC 1035, section 4.2.2",
        "a DNS message has at most 65535 octets: nobody could send it"),
    row("rrset-too-long", Warning, "RFC 1035, section 4.2.2",
        "a DNS message has at most 65535 octets: servers load it, and cannot send it whole"),
    row("occluded", Warning, "RFC 2136, section 7.18",
        "nobody can see it: it is kept, and not signed"),
    row("below-dname", Error, "RFC 6672, section 2.4",
        "nothing may stand below a DNAME: nobody can see it, and NSD and Knot refuse the zone"),
    row("ns-and-dname", Error, "RFC 6672, section 2.3",
        "a name is delegated or renamed, not both: remove the NS records or the DNAME"),
    row("wildcard-ns", Error, "RFC 4592, section 4.2",
        "what a delegation at a wildcard means is not defined; BIND refuses it"),
    row("wildcard-dname", Warning, "RFC 4592, section 4.4",
        "a DNAME at a wildcard is discouraged"),
    row("inner-star", Warning, "RFC 4592, section 2.1.1",
        "only a leftmost * is a wildcard: this one is a label like any other"),
    row("bad-host-name", Warning, "RFC 1123, section 2.1",
        "host names are letters, digits and inner hyphens; BIND refuses a primary zone with others, unless check-names says otherwise"),
    row("srv-owner", Warning, "RFC 2782",
        "clients ask for _service._protocol.name"),
    row("tlsa-owner", Warning, "RFC 6698, section 3",
        "clients ask for _port._protocol.name, as in _443._tcp.www"),
    row("smimea-owner", Warning, "RFC 8162, section 3",
        "clients ask for HASH._smimecert.domain, 56 hexadecimal digits of the mailbox's SHA-256"),
    row("ptr-not-in-reverse", Allow, "RFC 1035, section 3.5",
        "addresses are looked up below in-addr.arpa and ip6.arpa: nobody finds a host's name here"),
    row("ptr-owner", Warning, "RFC 1035, section 3.5; RFC 3596, section 2.5",
        "an IPv4 address has four labels from 0 to 255 below in-addr.arpa, an IPv6 address 32 digits below ip6.arpa"),
    row("address-in-reverse", Warning, "RFC 1035, section 3.5",
        "a reverse zone leads from addresses to names, with PTR records"),

    // what names point to
    row("ns-without-address", Error, "RFC 1034, section 4.2.1",
        "nobody can reach this name server: add its A or AAAA record, or name another; BIND refuses the zone"),
    row("missing-glue", Error, "RFC 9471, section 3.1",
        "a server inside the zone it serves cannot be found without its address here: add an A or AAAA record"),
    row("missing-sibling-glue", Warning, "RFC 9471, section 3.2",
        "the server is in another delegated zone: its address here spares a question, and a loop if the two serve each other"),
    row("unused-glue", Warning, "RFC 1034, section 4.2.1",
        "below a delegation only the addresses of name servers are of use: nobody can see this one"),
    row("ns-is-alias", Error, "RFC 2181, section 10.3",
        "NS records name the host itself, never an alias; BIND refuses the zone"),
    row("mx-is-alias", Warning, "RFC 2181, section 10.3",
        "MX records name the host itself, never an alias"),
    row("srv-is-alias", Warning, "RFC 2782",
        "SRV records name the host itself, never an alias"),
    row("mx-without-address", Warning, "RFC 5321, section 5.1",
        "mail cannot be delivered there: add the host's address, or name another"),
    row("srv-without-address", Warning, "RFC 2782",
        "clients cannot reach the service: add the host's address, or name another"),
    row("target-is-address", Warning, "RFC 1035, section 3.3",
        "a name belongs here, not an address: name the host, and give the host an A or AAAA record"),
    row("null-mx-not-alone", Warning, "RFC 7505, section 3",
        "MX 0 . says that the domain takes no mail: remove it, or the others"),
    row("dangling-alias", Warning, "RFC 1912, section 2.4",
        "the target is a name of this zone that is not there: add it, or remove the alias"),
    row("cname-loop", Error, "RFC 1034, section 3.6.2",
        "aliases that lead back to themselves lead nowhere: let one name a host"),
    row("svcb-loop", Error, "RFC 9460, section 2.4.2",
        "aliases that lead back to themselves lead nowhere: let one name a service"),
    row("svcb-mixed-modes", Warning, "RFC 9460, section 2.4.1",
        "clients that see priority 0 ignore all others: remove it, or the others"),
    row("svcb-alias-parameters", Warning, "RFC 9460, section 2.4.2",
        "at priority 0 parameters mean nothing: remove them, or give another priority"),
    row("rp-without-text", Warning, "RFC 1183, section 2.2",
        "the second field names a TXT record: add it, or put a single dot"),

    // addresses and text
    row("odd-address", Warning, "RFC 6890, section 2.2",
        "no host answers there"),
    row("spf-several", Warning, "RFC 7208, section 3.2",
        "a domain has at most one SPF record: with more, every check fails; join them"),
    row("spf-misspelt", Warning, "RFC 7208, section 4.5",
        "an SPF record starts with \"v=spf1\" and a blank, or is ignored"),
    row("spf-joined", Warning, "RFC 7208, section 3.3",
        "strings are joined as they are: put a blank at the end of the first"),
    row("spf-type-alone", Warning, "RFC 7208, section 3.1",
        "nobody reads type SPF: put the same text into a TXT record"),
    row("caa-tag", Warning, "RFC 8659, section 7.1",
        "certification authorities do not know this tag: is it misspelt?"),
    row("caa-flags", Warning, "RFC 8659, section 4.1",
        "the flags are 0, or 128 for critical"),
    row("afsdb-subtype", Warning, "RFC 1183, section 1",
        "the subtype is 1, AFS, or 2, DCE"),
    row("naptr-fields", Warning, "RFC 3403, section 4.1; RFC 3402, section 3.2",
        "flags are letters and digits; an expression is empty, or as in !pattern!replacement!"),
    row("fingerprint-length", Warning, "RFC 6698, section 2.1.3",
        "SHA-256 has 32 octets, SHA-512 has 64: is a part missing?"),

    // DNSSEC
    needed("ds-without-ns", "RFC 4035, section 2.4",
        "a DS belongs to a delegation: add its NS records, or remove the DS"),
    needed("ds-at-apex", "RFC 4035, section 2.4",
        "the DS of a zone stands in its parent: give it to your registrar"),
    needed("not-at-apex", "RFC 4035, section 2.1; RFC 7344, section 4.1",
        "records of this type stand at the apex"),
    row("ds-algorithm", Warning, "RFC 9904; RFC 9905, section 2",
        "validators take no keys of this algorithm, or soon will not: the child should roll to 13, ECDSAP256SHA256"),
    row("ds-digest", Warning, "RFC 9904",
        "validators take no such digest, or soon will not: use 2, SHA-256"),
    row("dnskey-algorithm", Warning, "RFC 9904; RFC 9905, section 2",
        "validators take no keys of this algorithm, or soon will not: roll to 13, ECDSAP256SHA256"),
    row("dnskey-flags", Warning, "RFC 4034, section 2.1.1; RFC 5011, section 7",
        "a zone's key has the flags 256 (ZSK) or 257 (KSK), and 128 more when it is revoked"),
    row("dnskey-protocol", Error, "RFC 4034, section 2.1.2",
        "the protocol is 3: validators ignore the key otherwise"),
    row("dnskey-rsa", Warning, "RFC 3110, section 2",
        "make a new key: its exponent is 65537, and no number starts with zero octets"),
    row("no-ksk", Warning, "RFC 4034, section 2.1.1",
        "none of the DNSKEYs has the SEP bit (flags 257), by which people and tools tell what the DS points to"),
    row("cds-without-dnskey", Warning, "RFC 7344, section 4.1",
        "CDS and CDNSKEY speak of keys in the zone: signing must add just these"),
    row("cds-mismatch", Error, "RFC 7344, section 4.1",
        "CDS and CDNSKEY speak of keys in the zone: parents ignore others"),
    row("cds-disagree", Error, "RFC 7344, section 4",
        "CDS and CDNSKEY say the same of the same keys: parents use either"),
    row("cds-delete", Error, "RFC 8078, section 4",
        "the request to remove the DS, CDS 0 0 0 00 or CDNSKEY 0 3 0 AA==, stands alone"),
    row("nsec3-iterations", Warning, "RFC 9276, section 3.1",
        "iterations are 0: more cost servers much and attackers little, and validators may refuse them"),
    row("nsec3-salt", Warning, "RFC 9276, section 3.1",
        "there is no salt: it gains nothing"),
    row("nsec3param-fields", Warning, "RFC 5155, section 4.1",
        "the hash algorithm is 1, and the flags are 0"),
    row("nsec3param-not-apex", Warning, "RFC 5155, section 4",
        "NSEC3PARAM stands at the apex: it is ignored elsewhere"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_found() {
        for rule in Rule::all() {
            assert_eq!(Rule::named(rule.row().name), Some(rule));
            assert!(rule.row().rfc.starts_with("RFC "), "{}", rule.row().name);
            assert!(!rule.row().hint.ends_with('.'), "{}", rule.row().name);
        }
        assert!(Rule::named("").is_none());
    }

    #[test]
    fn the_guide_has_the_table() {
        let guide: Vec<&str> =
            include_str!("../guide/check.md").lines().filter(|line| line.starts_with("| `")).collect();
        let lines: Vec<String> = Rule::all()
            .map(|rule| {
                let Row { name, level, needed, rfc, hint } = rule.row();
                let level = match level {
                    _ if *needed => "always",
                    Allow => "allow",
                    Warning => "warning",
                    Error => "error",
                };
                let hint = hint.replace('\\', "\\\\").replace('_', "\\_").replace('*', "\\*");
                format!("| `{name}` | {level} | {rfc} | {hint} |")
            })
            .collect();
        // before it there is the table of the JSON's members
        assert_eq!(guide[guide.len() - lines.len()..], lines);
    }
}
