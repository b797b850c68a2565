//! Numbers that have names in RDATA: the registries' mnemonics.

/// DNSSEC algorithms by mnemonic (RFC 4034, appendix A.1, and the registry), with the older spellings.
pub(super) const ALGORITHMS: [(&str, u8); 24] = [
    ("RSAMD5", 1),
    ("DH", 2),
    ("DSA", 3),
    ("ECC", 4),
    ("RSASHA1", 5),
    ("DSA-NSEC3-SHA1", 6),
    ("NSEC3DSA", 6),
    ("RSASHA1-NSEC3-SHA1", 7),
    ("NSEC3RSASHA1", 7),
    ("RSASHA256", 8),
    ("RSASHA512", 10),
    ("ECC-GOST", 12),
    ("ECCGOST", 12),
    ("ECDSAP256SHA256", 13),
    ("ECDSA256", 13),
    ("ECDSAP384SHA384", 14),
    ("ECDSA384", 14),
    ("ED25519", 15),
    ("ED448", 16),
    ("SM2SM3", 17),
    ("ECC-GOST12", 23),
    ("INDIRECT", 252),
    ("PRIVATEDNS", 253),
    ("PRIVATEOID", 254),
];

/// Digest types of DS by the registry's names, and as BIND has them.
pub(super) const DIGEST_TYPES: [(&str, u8); 7] =
    [("SHA-1", 1), ("SHA1", 1), ("SHA-256", 2), ("SHA256", 2), ("GOST", 3), ("SHA-384", 4), ("SHA384", 4)];

/// CERT types by mnemonic (RFC 4398, section 2.1).
pub(super) const CERT_TYPES: [(&str, u8); 10] = [
    ("PKIX", 1),
    ("SPKI", 2),
    ("PGP", 3),
    ("IPKIX", 4),
    ("ISPKI", 5),
    ("IPGP", 6),
    ("ACPKIX", 7),
    ("IACPKIX", 8),
    ("URI", 253),
    ("OID", 254),
];

/// The number that a table has for a mnemonic, in any case of letters.
pub(super) fn by_mnemonic(table: &[(&str, u8)], text: &[u8]) -> Option<u8> {
    table.iter().find(|(name, _)| text.eq_ignore_ascii_case(name.as_bytes())).map(|&(_, number)| number)
}
