//! Record types and classes: numbers, and their names in text (RFC 3597, section 5).

use super::schema;
use super::text::{parse_number, push_number};
use std::fmt;

/// A record type.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rtype(pub u16);

#[allow(missing_docs, reason = "the names are the registry's")]
impl Rtype {
    pub const A: Self = Self(1);
    pub const NS: Self = Self(2);
    pub const CNAME: Self = Self(5);
    pub const SOA: Self = Self(6);
    pub const PTR: Self = Self(12);
    pub const MX: Self = Self(15);
    pub const TXT: Self = Self(16);
    pub const RP: Self = Self(17);
    pub const AFSDB: Self = Self(18);
    pub const SIG: Self = Self(24);
    pub const KEY: Self = Self(25);
    pub const AAAA: Self = Self(28);
    pub const NXT: Self = Self(30);
    pub const SRV: Self = Self(33);
    pub const NAPTR: Self = Self(35);
    pub const DNAME: Self = Self(39);
    pub const OPT: Self = Self(41);
    pub const DS: Self = Self(43);
    pub const SSHFP: Self = Self(44);
    pub const RRSIG: Self = Self(46);
    pub const NSEC: Self = Self(47);
    pub const DNSKEY: Self = Self(48);
    pub const NSEC3: Self = Self(50);
    pub const NSEC3PARAM: Self = Self(51);
    pub const TLSA: Self = Self(52);
    pub const SMIMEA: Self = Self(53);
    pub const CDS: Self = Self(59);
    pub const CDNSKEY: Self = Self(60);
    pub const ZONEMD: Self = Self(63);
    pub const SVCB: Self = Self(64);
    pub const HTTPS: Self = Self(65);
    pub const SPF: Self = Self(99);
    pub const CAA: Self = Self(257);
}

impl Rtype {
    /// Whether the number stands for a query or for data about a message, never for data of a zone
    /// (RFC 6895, section 3.1: OPT and the range of Q-types and meta-types).
    #[must_use]
    pub fn is_meta(self) -> bool {
        self == Self::OPT || self.0 == 0 || matches!(self.0, 128..=255)
    }

    /// Reads a mnemonic in either case, or `TYPEnnn`.
    #[must_use]
    pub fn from_text(text: &[u8]) -> Option<Self> {
        if let Some(row) = schema::by_mnemonic(text) {
            return Some(row.rtype);
        }
        numbered(text, b"TYPE").map(Self)
    }

    /// Appends its mnemonic, or `TYPEnnn` if it has none.
    pub fn push_text(self, out: &mut Vec<u8>) {
        match schema::by_type(self) {
            Some(row) => row.push_mnemonic(out),
            None => self.push_number(out),
        }
    }

    /// Appends `TYPEnnn`.
    pub fn push_number(self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"TYPE");
        push_number(u64::from(self.0), out);
    }
}

/// Reads `PREFIXnnn`, the prefix in either case.
fn numbered(text: &[u8], prefix: &[u8]) -> Option<u16> {
    let (head, digits) = text.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(())?;
    u16::try_from(parse_number(digits, u64::from(u16::MAX))?).ok()
}

impl fmt::Display for Rtype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match schema::by_type(*self) {
            Some(row) => f.write_str(row.mnemonic),
            None => write!(f, "TYPE{}", self.0),
        }
    }
}

impl fmt::Debug for Rtype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// A class. A zone has one, nearly always IN.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Class(pub u16);

impl Class {
    /// The Internet.
    pub const IN: Self = Self(1);

    /// Reads `IN`, `CH`, `CHAOS`, `HS`, `HESIOD` in either case, or `CLASSnnn`.
    #[must_use]
    pub fn from_text(text: &[u8]) -> Option<Self> {
        const NAMES: [(&[u8], u16); 5] = [(b"IN", 1), (b"CH", 3), (b"CHAOS", 3), (b"HS", 4), (b"HESIOD", 4)];
        NAMES
            .iter()
            .find(|(name, _)| text.eq_ignore_ascii_case(name))
            .map(|&(_, class)| class)
            .or_else(|| numbered(text, b"CLASS"))
            .map(Self)
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            1 => f.write_str("IN"),
            3 => f.write_str("CH"),
            4 => f.write_str("HS"),
            other => write!(f, "CLASS{other}"),
        }
    }
}

impl fmt::Debug for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_and_classes_by_name_and_number() {
        assert_eq!(Rtype::from_text(b"aaaa"), Some(Rtype::AAAA));
        assert_eq!(Rtype::from_text(b"TYPE1"), Some(Rtype::A));
        assert_eq!(Rtype::from_text(b"type65280").unwrap().to_string(), "TYPE65280");
        assert_eq!(Rtype::from_text(b"TYPE65536"), None);
        assert_eq!(Rtype::from_text(b"TYPE"), None);
        assert_eq!(Rtype::from_text(b"3600"), None);
        assert_eq!(Class::from_text(b"class1"), Some(Class::IN));
        assert_eq!(Class::from_text(b"chaos").unwrap().to_string(), "CH");
        assert!(Rtype(255).is_meta() && !Rtype::DS.is_meta());
    }
}
