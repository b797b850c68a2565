//! The rows of the table, and what spells them.

use super::Kind::{
    self, A, A6, Aaaa, Algorithm, Amtrelay, Apl, Atma, Base64, Base64Dash, Base64Optional, Bitmap, CertType,
    Digest, DigestType, Eui, Gpos, Hash32, Hex, Hip, Ilnp64, Ipn, Ipseckey, Loc, LongText, Nsap, Nxt, Opaque,
    Salt, Scheme, Seconds, Span, String, StringOptional, Strings, SvcParams, Tag, Timestamp, Type, U8, U16,
    U32, Wks, X25,
};
use super::{Digests, Field, Row};
use crate::dns::Rtype;

const fn f(kind: Kind, name: &'static str) -> Field {
    Field { kind, name }
}

/// A name that canonical form puts in lower case.
const fn lower(name: &'static str) -> Field {
    f(Kind::NameLower, name)
}

/// A name that canonical form leaves as written.
const fn kept(name: &'static str) -> Field {
    f(Kind::NameAsWritten, name)
}

const fn spelled(mnemonic: &str) -> [u8; 12] {
    let mut spelled = [0; 12];
    let mut at = 0;
    while at < mnemonic.len() {
        spelled[at] = mnemonic.as_bytes()[at];
        at += 1;
    }
    spelled
}

/// A type that NSD 4.6 and Knot 3.2 know by name.
const fn classic(number: u16, mnemonic: &'static str, fields: &'static [Field]) -> Row {
    Row { rtype: Rtype(number), mnemonic, spelled: spelled(mnemonic), fields, classic: true }
}

/// A type that at least one of them does not.
const fn other(number: u16, mnemonic: &'static str, fields: &'static [Field]) -> Row {
    Row { classic: false, ..classic(number, mnemonic, fields) }
}

const DNSKEY: &[Field] =
    &[f(U16, "flags"), f(U8, "protocol"), f(Algorithm, "algorithm"), f(Base64, "public key")];
const DS: &[Field] = &[
    f(U16, "key tag"),
    f(Algorithm, "algorithm"),
    f(DigestType, "digest type"),
    f(Digest(&DS_DIGESTS), "digest"),
];
/// RFC 3658, section 2.4.1; RFC 4509; RFC 5933; RFC 6605; RFC 9558; RFC 9563.
const DS_DIGESTS: Digests =
    Digests { known: &[(1, 20), (2, 32), (3, 32), (4, 48), (5, 32), (6, 32)], least: 1 };
/// RFC 4255, section 3.1.2; RFC 6594, section 2.
const SSHFP_DIGESTS: Digests = Digests { known: &[(1, 20), (2, 32)], least: 1 };
/// RFC 8976, sections 2.2.3 and 2.2.4.
const ZONEMD_DIGESTS: Digests = Digests { known: &[(1, 48), (2, 64)], least: 12 };
const RRSIG: &[Field] = &[
    f(Type, "type covered"),
    f(Algorithm, "algorithm"),
    f(U8, "labels"),
    f(Seconds, "original TTL"),
    f(Timestamp, "expiration"),
    f(Timestamp, "inception"),
    f(U16, "key tag"),
    lower("signer"),
    f(Base64, "signature"),
];
const SVCB: &[Field] = &[f(U16, "priority"), kept("target"), f(SvcParams, "parameters")];
const TLSA: &[Field] = &[
    f(U8, "certificate usage"),
    f(U8, "selector"),
    f(U8, "matching type"),
    f(Hex, "certificate association data"),
];
const TEXTS: &[Field] = &[f(Strings, "text")];

/// In the order of their numbers.
pub(super) const ROWS: &[Row] = &[
    classic(1, "A", &[f(A, "address")]),
    classic(2, "NS", &[lower("name server")]),
    other(3, "MD", &[lower("mail agent")]),
    other(4, "MF", &[lower("mail agent")]),
    classic(5, "CNAME", &[lower("target")]),
    classic(
        6,
        "SOA",
        &[
            lower("primary server"),
            lower("mailbox"),
            f(U32, "serial"),
            f(Span, "refresh"),
            f(Span, "retry"),
            f(Span, "expire"),
            f(Span, "minimum"),
        ],
    ),
    other(7, "MB", &[lower("mailbox host")]),
    other(8, "MG", &[lower("group member")]),
    other(9, "MR", &[lower("new mailbox")]),
    other(10, "NULL", &[f(Opaque, "data")]),
    other(11, "WKS", &[f(Wks, "address, protocol and services")]),
    classic(12, "PTR", &[lower("target")]),
    classic(13, "HINFO", &[f(String, "CPU"), f(String, "operating system")]),
    classic(14, "MINFO", &[lower("responsible mailbox"), lower("error mailbox")]),
    classic(15, "MX", &[f(U16, "preference"), lower("mail server")]),
    classic(16, "TXT", TEXTS),
    classic(17, "RP", &[lower("mailbox"), lower("text name")]),
    classic(18, "AFSDB", &[f(U16, "subtype"), lower("host")]),
    other(19, "X25", &[f(X25, "address")]),
    other(20, "ISDN", &[f(String, "address"), f(StringOptional, "subaddress")]),
    classic(21, "RT", &[f(U16, "preference"), lower("intermediate host")]),
    other(22, "NSAP", &[f(Nsap, "address")]),
    // down-cased by BIND; RFC 4034, section 6.2 does not list it
    other(23, "NSAP-PTR", &[kept("owner")]),
    other(24, "SIG", RRSIG),
    other(
        25,
        "KEY",
        // flags can say that there is no key (RFC 2535, section 3.1.2)
        &[f(U16, "flags"), f(U8, "protocol"), f(Algorithm, "algorithm"), f(Base64Optional, "public key")],
    ),
    other(26, "PX", &[f(U16, "preference"), lower("RFC 822 domain"), lower("X.400 domain")]),
    other(27, "GPOS", &[f(Gpos, "longitude, latitude and altitude")]),
    classic(28, "AAAA", &[f(Aaaa, "address")]),
    classic(29, "LOC", &[f(Loc, "location")]),
    other(30, "NXT", &[lower("next name"), f(Nxt, "types")]),
    other(31, "EID", &[f(Hex, "endpoint identifier")]),
    other(32, "NIMLOC", &[f(Hex, "locator")]),
    classic(33, "SRV", &[f(U16, "priority"), f(U16, "weight"), f(U16, "port"), lower("target")]),
    other(34, "ATMA", &[f(Atma, "address")]),
    classic(
        35,
        "NAPTR",
        &[
            f(U16, "order"),
            f(U16, "preference"),
            f(String, "flags"),
            f(String, "service"),
            f(String, "regular expression"),
            lower("replacement"),
        ],
    ),
    classic(36, "KX", &[f(U16, "preference"), lower("key exchanger")]),
    classic(
        37,
        "CERT",
        &[f(CertType, "type"), f(U16, "key tag"), f(Algorithm, "algorithm"), f(Base64, "certificate")],
    ),
    other(38, "A6", &[f(A6, "prefix length, suffix and prefix name")]),
    classic(39, "DNAME", &[lower("target")]),
    other(40, "SINK", &[f(U8, "meaning"), f(U8, "coding"), f(U8, "subcoding"), f(Base64Optional, "data")]),
    classic(42, "APL", &[f(Apl, "address prefixes")]),
    classic(43, "DS", DS),
    classic(
        44,
        "SSHFP",
        &[f(U8, "algorithm"), f(U8, "fingerprint type"), f(Digest(&SSHFP_DIGESTS), "fingerprint")],
    ),
    classic(45, "IPSECKEY", &[f(Ipseckey, "gateway and key")]),
    classic(46, "RRSIG", RRSIG),
    // the next name keeps its case: RFC 6840, section 5.1 corrects RFC 4034, section 6.2
    classic(47, "NSEC", &[kept("next name"), f(Bitmap, "types")]),
    classic(48, "DNSKEY", DNSKEY),
    classic(49, "DHCID", &[f(Base64, "digest")]),
    classic(
        50,
        "NSEC3",
        &[
            f(U8, "hash algorithm"),
            f(U8, "flags"),
            f(U16, "iterations"),
            f(Salt, "salt"),
            f(Hash32, "next hashed owner"),
            f(Bitmap, "types"),
        ],
    ),
    classic(
        51,
        "NSEC3PARAM",
        &[f(U8, "hash algorithm"), f(U8, "flags"), f(U16, "iterations"), f(Salt, "salt")],
    ),
    classic(52, "TLSA", TLSA),
    classic(53, "SMIMEA", TLSA),
    other(55, "HIP", &[f(Hip, "identity, key and rendezvous servers")]),
    other(56, "NINFO", TEXTS),
    other(57, "RKEY", DNSKEY),
    other(58, "TALINK", &[kept("previous name"), kept("next name")]),
    classic(59, "CDS", DS),
    classic(60, "CDNSKEY", DNSKEY),
    classic(61, "OPENPGPKEY", &[f(Base64, "key")]),
    classic(62, "CSYNC", &[f(U32, "SOA serial"), f(U16, "flags"), f(Bitmap, "types")]),
    classic(
        63,
        "ZONEMD",
        &[f(U32, "serial"), f(U8, "scheme"), f(U8, "hash algorithm"), f(Digest(&ZONEMD_DIGESTS), "digest")],
    ),
    classic(64, "SVCB", SVCB),
    classic(65, "HTTPS", SVCB),
    other(66, "DSYNC", &[f(Type, "type"), f(Scheme, "scheme"), f(U16, "port"), kept("target")]),
    other(67, "HHIT", &[f(Base64, "data")]),
    other(68, "BRID", &[f(Base64, "data")]),
    classic(99, "SPF", TEXTS),
    other(100, "UINFO", &[f(Opaque, "data")]),
    other(101, "UID", &[f(Opaque, "data")]),
    other(102, "GID", &[f(Opaque, "data")]),
    other(103, "UNSPEC", &[f(Opaque, "data")]),
    classic(104, "NID", &[f(U16, "preference"), f(Ilnp64, "node identifier")]),
    classic(105, "L32", &[f(U16, "preference"), f(A, "locator")]),
    classic(106, "L64", &[f(U16, "preference"), f(Ilnp64, "locator")]),
    classic(107, "LP", &[f(U16, "preference"), kept("locator name")]),
    classic(108, "EUI48", &[f(Eui(6), "address")]),
    classic(109, "EUI64", &[f(Eui(8), "address")]),
    classic(256, "URI", &[f(U16, "priority"), f(U16, "weight"), f(LongText, "target")]),
    classic(257, "CAA", &[f(U8, "flags"), f(Tag, "tag"), f(LongText, "value")]),
    other(258, "AVC", TEXTS),
    other(
        259,
        "DOA",
        &[
            f(U32, "enterprise"),
            f(U32, "type"),
            f(U8, "location"),
            f(String, "media type"),
            f(Base64Dash, "data"),
        ],
    ),
    other(260, "AMTRELAY", &[f(Amtrelay, "relay")]),
    other(261, "RESINFO", TEXTS),
    other(262, "WALLET", TEXTS),
    // both of draft-johnson-dns-ipn-cla: Bundle Protocol convergence layers and node numbers
    other(263, "CLA", TEXTS),
    other(264, "IPN", &[f(Ipn, "node number")]),
    other(32768, "TA", DS),
    other(32769, "DLV", DS),
];
