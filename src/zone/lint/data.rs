//! What is in the data of a record: addresses, tags, fingerprints.

use super::{Lint, Placed, rule};
use crate::dns::{Record, Rtype};
use std::net::{Ipv4Addr, Ipv6Addr};

/// Tags that certification authorities know (RFC 8659, section 7.1, and IANA's registry); the last three
/// are reserved.
const CAA_TAGS: [&str; 10] = [
    "issue",
    "issuewild",
    "iodef",
    "issuemail",
    "issuevmc",
    "contactemail",
    "contactphone",
    "auth",
    "path",
    "policy",
];

impl Lint<'_> {
    pub(super) fn addresses(&mut self, set: &[Placed<'_>]) {
        for placed in set {
            let Record { owner, rtype, rdata, .. } = placed.0;
            let Some((address, what)) = odd(rdata) else { continue };
            // RFC 6761, section 6.3: localhost is just that
            let local = what == LOOPBACK
                && owner.labels().any(|label| {
                    [&b"localhost"[..], b"loopback"].iter().any(|name| label.eq_ignore_ascii_case(name))
                });
            if !local {
                self.report(const { rule("odd-address") }, placed, || {
                    format!("{owner} {rtype}: {address} is {what}")
                });
            }
        }
    }

    pub(super) fn caa(&mut self, set: &[Placed<'_>]) {
        for placed in set {
            let Record { owner, rdata, .. } = placed.0;
            let [flags, length, rest @ ..] = rdata else { continue };
            let tag = String::from_utf8_lossy(rest.get(..usize::from(*length)).unwrap_or_default());
            if !CAA_TAGS.iter().any(|known| tag.eq_ignore_ascii_case(known)) {
                self.report(const { rule("caa-tag") }, placed, || {
                    format!("{owner} CAA: the tag \"{tag}\" is not known")
                });
            }
            if flags & 0x7f != 0 {
                self.report(const { rule("caa-flags") }, placed, || {
                    format!("{owner} CAA: flags {flags}, with bits that have no meaning")
                });
            }
        }
    }

    /// AFSDB subtypes and NAPTR flags.
    pub(super) fn fields(&mut self, set: &[Placed<'_>]) {
        for placed in set {
            let Record { owner, rtype, rdata, .. } = placed.0;
            if let (Rtype::AFSDB, [high, low, ..]) = (rtype, rdata) {
                let subtype = u16::from_be_bytes([*high, *low]);
                if !matches!(subtype, 1 | 2) {
                    self.report(const { rule("afsdb-subtype") }, placed, || {
                        format!("{owner} AFSDB: subtype {subtype}")
                    });
                }
            }
            if let (Rtype::NAPTR, [_, _, _, _, length, rest @ ..]) = (rtype, rdata) {
                let (flags, rest) = rest.split_at_checked(usize::from(*length)).unwrap_or_default();
                if !flags.iter().all(u8::is_ascii_alphanumeric) {
                    self.report(const { rule("naptr-fields") }, placed, || {
                        format!("{owner} NAPTR: flags \"{}\"", flags.escape_ascii())
                    });
                }
                // behind the service
                let expression =
                    string(rest).map_or(&[][..], |(_, rest)| string(rest).map_or(&[], |(it, _)| it));
                if !is_substitution(expression) {
                    self.report(const { rule("naptr-fields") }, placed, || {
                        format!("{owner} NAPTR: expression \"{}\"", expression.escape_ascii())
                    });
                }
            }
        }
    }

    /// Digests of keys and certificates, by the number of their octets.
    pub(super) fn fingerprints(&mut self, set: &[Placed<'_>]) {
        for placed in set {
            let Record { owner, rtype, rdata, .. } = placed.0;
            let (due, found) = match (rtype, rdata) {
                (Rtype::SSHFP, [_, 1, digest @ ..]) => (20, digest.len()),
                (Rtype::SSHFP, [_, 2, digest @ ..])
                | (Rtype::TLSA | Rtype::SMIMEA, [_, _, 1, digest @ ..]) => (32, digest.len()),
                (Rtype::TLSA | Rtype::SMIMEA, [_, _, 2, digest @ ..]) => (64, digest.len()),
                _ => continue,
            };
            if found != due {
                self.report(const { rule("fingerprint-length") }, placed, || {
                    format!("{owner} {rtype}: {found} octets where its digest has {due}")
                });
            }
        }
    }
}

/// The character-string at the start of some octets, and what follows it.
fn string(octets: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&length, rest) = octets.split_first()?;
    rest.split_at_checked(usize::from(length))
}

/// Whether a NAPTR's expression is empty, or three delimiters around two parts, and perhaps an `i` (RFC 3402,
/// section 3.2). The delimiter is neither a digit nor that flag; behind a backslash it is none.
fn is_substitution(expression: &[u8]) -> bool {
    let Some((&delimiter, rest)) = expression.split_first() else { return true };
    let (mut found, mut escaped, mut behind) = (0, false, 0);
    for &octet in rest {
        let is_delimiter = octet == delimiter && !escaped;
        escaped = octet == b'\\' && !escaped;
        found += usize::from(is_delimiter);
        behind += usize::from(found == 2 && !is_delimiter && octet != b'i');
    }
    found == 2 && behind == 0 && !delimiter.is_ascii_digit() && !matches!(delimiter, b'i' | b'\\' | 0)
}

const LOOPBACK: &str = "the loopback address";

/// What is odd about an address, in words, with the address as text.
fn odd(rdata: &[u8]) -> Option<(String, &'static str)> {
    if let Some(&octets) = rdata.first_chunk::<16>() {
        let address = Ipv6Addr::from(octets);
        let what = if address.is_unspecified() {
            "the unspecified address"
        } else if address.is_loopback() {
            LOOPBACK
        } else if address.is_multicast() {
            "a multicast address"
        } else if address.is_unicast_link_local() {
            "a link-local address, which means nothing to others"
        } else if address.to_ipv4_mapped().is_some() {
            "an IPv4-mapped address: it belongs into an A record"
        } else {
            return None;
        };
        return Some((address.to_string(), what));
    }
    let address = Ipv4Addr::from(*rdata.first_chunk::<4>()?);
    // of the loopback network only the first: 127.0.0.2 and so on are answers of block lists (RFC 5782)
    let what = if address.is_unspecified() {
        "the unspecified address"
    } else if address == Ipv4Addr::LOCALHOST {
        LOOPBACK
    } else if address.is_multicast() {
        "a multicast address"
    } else if address.is_broadcast() {
        "the broadcast address"
    } else if address.is_link_local() {
        "a link-local address, which means nothing to others"
    } else {
        return None;
    };
    Some((address.to_string(), what))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn substitutions_of_rfc_3402() {
        for good in ["", "!^.*$!sip:info@example.org!", "/a/b/i", "!a\\!b!c!", "|a||"] {
            assert!(is_substitution(good.as_bytes()), "{good}");
        }
        for bad in ["foo", "!a!b", "!a!b!c!", "1a1b1", "!a!b!x", "iaibi", "!"] {
            assert!(!is_substitution(bad.as_bytes()), "{bad}");
        }
    }

    #[test]
    fn addresses_where_no_host_answers() {
        let v4 = |text: &str| odd(&text.parse::<Ipv4Addr>().unwrap().octets()).is_some();
        let v6 = |text: &str| odd(&text.parse::<Ipv6Addr>().unwrap().octets()).is_some();
        for text in ["0.0.0.0", "127.0.0.1", "224.0.0.1", "255.255.255.255", "169.254.1.1"] {
            assert!(v4(text), "{text}");
        }
        for text in ["192.0.2.1", "127.0.0.2", "10.0.0.1", "223.255.255.255"] {
            assert!(!v4(text), "{text}");
        }
        for text in ["::", "::1", "ff02::1", "fe80::1", "::ffff:192.0.2.1"] {
            assert!(v6(text), "{text}");
        }
        for text in ["2001:db8::1", "fd00::1", "64:ff9b::192.0.2.1"] {
            assert!(!v6(text), "{text}");
        }
    }
}
