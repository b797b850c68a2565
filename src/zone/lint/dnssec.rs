//! Keys and digests: DS, DNSKEY, CDS, CDNSKEY and NSEC3PARAM records of an unsigned zone.

use super::{Lint, Placed, rule};
use crate::dns::{Name, Record, Rtype};
use crate::keys::key_tag;
use ring::digest;

/// What is wrong with an algorithm, in words (RFC 9904; RFC 9905, RFC 9906), if anything is.
fn wrong_algorithm(algorithm: u8) -> Option<&'static str> {
    match algorithm {
        1 => Some("RSAMD5, which must not be used"),
        3 | 6 => Some("DSA, which must not be used"),
        5 => Some("RSASHA1, which is deprecated"),
        7 => Some("RSASHA1-NSEC3-SHA1, which is deprecated"),
        12 => Some("ECC-GOST, which is deprecated"),
        8 | 10 | 13..=17 | 23 | 252..=254 => None,
        _ => Some("not assigned"),
    }
}

/// What is wrong with a digest type (RFC 9904; RFC 9906), if anything is.
fn wrong_digest(digest: u8) -> Option<&'static str> {
    match digest {
        1 => Some("SHA-1, which is deprecated"),
        3 => Some("GOST R 34.11-94, which is deprecated"),
        2 | 4..=6 => None,
        253 | 254 => Some("for private use"),
        _ => Some("not assigned"),
    }
}

/// The fields of DS and CDS RDATA: key tag, algorithm, digest type, digest.
fn ds_fields(rdata: &[u8]) -> Option<(u16, u8, u8, &[u8])> {
    let [high, low, algorithm, digest, octets @ ..] = rdata else { return None };
    Some((u16::from_be_bytes([*high, *low]), *algorithm, *digest, octets))
}

/// Whether CDS or CDNSKEY asks for the DS to be removed: algorithm 0 (RFC 8078, section 4).
fn is_delete(record: &Record<'_>) -> bool {
    let at = if record.rtype == Rtype::CDS { 2 } else { 3 };
    record.rdata.get(at) == Some(&0)
}

impl<'z> Lint<'z> {
    /// A DS or CDS `RRset`.
    pub(super) fn ds(&mut self, set: &[Placed<'z>]) {
        for placed in set.iter().filter(|(record, _)| !(record.rtype == Rtype::CDS && is_delete(record))) {
            let Record { owner, rtype, rdata, .. } = placed.0;
            let Some((tag, algorithm, digest, _)) = ds_fields(rdata) else { continue };
            if let Some(wrong) = wrong_algorithm(algorithm) {
                self.report(const { rule("ds-algorithm") }, placed, || {
                    format!("{owner} {rtype} {tag}: algorithm {algorithm} is {wrong}")
                });
            }
            if let Some(wrong) = wrong_digest(digest) {
                self.report(const { rule("ds-digest") }, placed, || {
                    format!("{owner} {rtype} {tag}: digest type {digest} is {wrong}")
                });
            }
        }
    }

    pub(super) fn dnskeys(&mut self, set: &[Placed<'z>]) {
        for placed in set {
            let Record { owner, rdata, .. } = placed.0;
            let [high, low, protocol, algorithm, key @ ..] = rdata else { continue };
            let (flags, tag) = (u16::from_be_bytes([*high, *low]), key_tag(rdata));
            // Zone Key, REVOKE and SEP are the bits that have a meaning
            if flags & 0x0100 == 0 || flags & !0x0181 != 0 {
                self.report(const { rule("dnskey-flags") }, placed, || {
                    format!("{owner} DNSKEY {tag}: flags {flags}")
                });
            }
            if *protocol != 3 {
                self.report(const { rule("dnskey-protocol") }, placed, || {
                    format!("{owner} DNSKEY {tag}: protocol {protocol}")
                });
            }
            if let Some(wrong) = wrong_algorithm(*algorithm) {
                self.report(const { rule("dnskey-algorithm") }, placed, || {
                    format!("{owner} DNSKEY {tag}: algorithm {algorithm} is {wrong}")
                });
            }
            let is_rsa = matches!(algorithm, 1 | 5 | 7 | 8 | 10);
            if let Some(wrong) = wrong_rsa(key).filter(|_| is_rsa) {
                self.report(const { rule("dnskey-rsa") }, placed, || {
                    format!("{owner} DNSKEY {tag}: {wrong}")
                });
            }
        }
        if !set.iter().any(|(record, _)| record.rdata.get(1).is_some_and(|flags| flags & 1 == 1)) {
            self.report(const { rule("no-ksk") }, &set[0], || {
                format!("no DNSKEY of {} has the SEP bit", set[0].0.owner)
            });
        }
    }

    /// The CDS or CDNSKEY `RRset` of the zone; `rows` are all records of the apex.
    pub(super) fn child_keys(&mut self, set: &[Placed<'z>], rows: &[Placed<'z>]) {
        if set[0].0.rtype == Rtype::CDS {
            self.ds(set);
        }
        let of = |rtype| rows.iter().filter(move |(record, _)| record.rtype == rtype);
        let Record { owner, rtype, .. } = set[0].0;
        let others = of(if rtype == Rtype::CDS { Rtype::CDNSKEY } else { Rtype::CDS });
        let deletes = set.iter().filter(|(record, _)| is_delete(record)).count();
        if deletes > 0 {
            let form: &[u8] = if rtype == Rtype::CDS { &[0; 5] } else { &[0, 0, 3, 0, 0] };
            let odd = set.iter().find(|(record, _)| record.rdata != form);
            if let Some(odd) = odd {
                let alone = deletes == set.len();
                let what =
                    if alone { "has another form than RFC 8078 gives" } else { "stands beside others" };
                self.report(const { rule("cds-delete") }, odd, || {
                    format!("{owner} {rtype}: the request to remove the DS {what}")
                });
            }
        }
        if let Some(other) = others.clone().find(|(record, _)| is_delete(record) != (deletes > 0)) {
            let other = other.0.rtype;
            self.report(const { rule("cds-disagree") }, &set[0], || {
                format!("one of {owner} {rtype} and {other} asks to remove the DS, the other does not")
            });
            return;
        }
        if deletes == 0 {
            self.matches(set, &of(Rtype::DNSKEY).collect::<Vec<_>>(), &others.collect::<Vec<_>>());
        }
    }

    /// Compares CDS or CDNSKEY records with the zone's DNSKEYs, and with those of the other type.
    fn matches(&mut self, set: &[Placed<'z>], keys: &[&Placed<'z>], others: &[&Placed<'z>]) {
        let Record { owner, rtype, .. } = set[0].0;
        if keys.is_empty() {
            self.report(const { rule("cds-without-dnskey") }, &set[0], || {
                format!("{owner} has {rtype} records and no DNSKEY")
            });
        }
        // a key may be published ahead, but at least one of each algorithm must be in use
        let algorithm =
            |record: &Record<'_>| record.rdata.get(if rtype == Rtype::CDS { 2 } else { 3 }).copied();
        let points = |record: &Record<'_>| keys.iter().any(|(key, _)| same_key(record, key));
        for placed in set {
            let same = |other: &&Placed<'_>| algorithm(&other.0) == algorithm(&placed.0);
            if !keys.is_empty() && !set.iter().filter(same).any(|(record, _)| points(record)) {
                self.report(const { rule("cds-mismatch") }, placed, || {
                    format!("{owner} {rtype}: no DNSKEY of the zone is this key")
                });
            }
            let agrees = others.iter().any(|(other, _)| same_key(&placed.0, other));
            if !others.is_empty() && !agrees {
                self.report(const { rule("cds-disagree") }, placed, || {
                    format!("{owner} {rtype}: no {} is the same key", others[0].0.rtype)
                });
            }
        }
    }

    pub(super) fn nsec3param(&mut self, set: &[Placed<'z>]) {
        for placed in set {
            let Record { owner, rdata, .. } = placed.0;
            let [hash, flags, high, low, salt, ..] = rdata else { continue };
            let iterations = u16::from_be_bytes([*high, *low]);
            if owner != self.apex() {
                self.report(const { rule("nsec3param-not-apex") }, placed, || {
                    format!("NSEC3PARAM at {owner}")
                });
            }
            if *hash != 1 || *flags != 0 {
                self.report(const { rule("nsec3param-fields") }, placed, || {
                    format!("{owner} NSEC3PARAM: hash algorithm {hash}, flags {flags}")
                });
            }
            if iterations > 0 {
                self.report(const { rule("nsec3-iterations") }, placed, || {
                    format!("{owner} NSEC3PARAM: {iterations} iterations")
                });
            }
            if *salt > 0 {
                self.report(const { rule("nsec3-salt") }, placed, || {
                    format!("{owner} NSEC3PARAM: a salt of {salt} octets")
                });
            }
        }
    }
}

/// Whether two records of types DNSKEY, CDNSKEY or CDS, one of which is no CDS, speak of one key.
fn same_key(a: &Record<'_>, b: &Record<'_>) -> bool {
    match (a.rtype, b.rtype) {
        (Rtype::CDS, _) => is_digest_of(a.rdata, a.owner, b.rdata),
        (_, Rtype::CDS) => is_digest_of(b.rdata, b.owner, a.rdata),
        _ => a.rdata == b.rdata,
    }
}

/// Whether DS RDATA is that of a key (RFC 4034, section 5.1.4). Of digests that cannot be made here the
/// key tag and the algorithm decide.
fn is_digest_of(ds: &[u8], owner: Name<'_>, key: &[u8]) -> bool {
    let Some((tag, algorithm, digest, octets)) = ds_fields(ds) else { return false };
    let maker = match digest {
        1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
        2 => &digest::SHA256,
        4 => &digest::SHA384,
        _ => return tag == key_tag(key) && key.get(3) == Some(&algorithm),
    };
    let mut input = Vec::new();
    owner.push_canonical(&mut input);
    input.extend_from_slice(key);
    key.get(3) == Some(&algorithm) && digest::digest(maker, &input).as_ref() == octets
}

/// What is wrong with an RSA public key (RFC 3110, section 2), if anything is.
fn wrong_rsa(key: &[u8]) -> Option<&'static str> {
    let (length, rest) = match key {
        [0, high, low, rest @ ..] => (usize::from(u16::from_be_bytes([*high, *low])), rest),
        [length, rest @ ..] => (usize::from(*length), rest),
        [] => (0, key),
    };
    match rest.split_at_checked(length) {
        None | Some(([], _) | (_, [])) => Some("the key is cut short"),
        Some(([0, ..], _)) => Some("its exponent starts with a zero octet"),
        Some((_, [0, ..])) => Some("its modulus starts with a zero octet"),
        Some(([3], _)) => Some("its exponent is 3, which is weak"),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::NameBuf;
    use data_encoding::{BASE64, HEXUPPER};

    #[test]
    fn the_ds_of_rfc_4034_section_5_4() {
        let key = "AQOeiiR0GOMYkDshWoSKz9XzfwJr1AYtsmx3TGkJaNXVbfi/2pHm822aJ5iI9BMzNXxeYCmZDRD99WYwYqUSdjMmmAphXdvxegXd/M5+X7OrzKBaMbCVdFLUUh6DhweJBjEVv5f2wwjM9XzcnOf+EPbtG9DMBmADjFDc2w/rljwvFw==";
        let key = [&[1, 0, 3, 5], &BASE64.decode(key.as_bytes()).unwrap()[..]].concat();
        let digest = HEXUPPER.decode(b"2BB183AF5F22588179A53B0A98631FAD1A292118").unwrap();
        let ds = [&60_485_u16.to_be_bytes()[..], &[5, 1], &digest].concat();
        let owner = NameBuf::from_text("DSKEY.example.com.").unwrap();
        assert!(is_digest_of(&ds, owner.as_name(), &key));
        let other = NameBuf::from_text("example.com.").unwrap();
        assert!(!is_digest_of(&ds, other.as_name(), &key));
    }

    #[test]
    fn rsa_keys() {
        assert_eq!(wrong_rsa(&[3, 1, 0, 1, 0xc0, 1]), None);
        assert!(wrong_rsa(&[1, 3, 0xc0]).unwrap().contains("weak"));
        assert!(wrong_rsa(&[2, 0, 3, 0xc0]).unwrap().contains("exponent"));
        assert!(wrong_rsa(&[1, 5, 0, 1]).unwrap().contains("modulus"));
        assert!(wrong_rsa(&[0, 0, 1, 5, 0xc0]).is_none());
        for short in [&[][..], &[3, 1], &[1, 5], &[0], &[0, 0]] {
            assert!(wrong_rsa(short).unwrap().contains("short"), "{short:?}");
        }
    }
}
