//! DS records: what a parent publishes of a zone's key (RFC 4034, section 5; RFC 4509; RFC 6605).

use crate::dns::Name;
use crate::error::{Fault, Result};
use hickory_proto::dnssec::rdata::DNSKEY;
use hickory_proto::dnssec::{Algorithm, DigestType, PublicKeyBuf};

/// A digest that a DS may have. SHA-1 and GOST must not be used any more (RFC 8624, section 3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Digest {
    /// Type 2.
    Sha256,
    /// Type 4.
    Sha384,
}

impl Digest {
    fn digest_type(self) -> DigestType {
        match self {
            Self::Sha256 => DigestType::SHA256,
            Self::Sha384 => DigestType::SHA384,
        }
    }
}

/// The RDATA of the DS for a DNSKEY.
///
/// # Errors
/// The RDATA is no DNSKEY's, or its algorithm is RSA/SHA-1 (RFC 9905, section 2: "MUST NOT be used when
/// creating DS records").
pub fn rdata(owner: Name<'_>, dnskey: &[u8], digest: Digest) -> Result<Vec<u8>> {
    let malformed = || Fault::error(format!("the DNSKEY of {owner} is malformed"));
    let &[flags_high, flags_low, 3, algorithm, ref public_key @ ..] = dnskey else { return Err(malformed()) };
    if matches!(algorithm, 1 | 3 | 5 | 6 | 7 | 12) {
        return Err(Fault::error(format!("no DS is made for a key of algorithm {algorithm} of {owner}"))
            .hint("RFC 9905 and RFC 9906 forbid it: roll to a key of algorithm 13 or 15 (zoneseal keygen)"));
    }
    let public_key = PublicKeyBuf::new(public_key.to_vec(), Algorithm::from_u8(algorithm));
    let key = DNSKEY::with_flags(u16::from_be_bytes([flags_high, flags_low]), public_key);
    // from raw labels: hickory's own parser would take octets for IDNA or octal escapes
    let name = hickory_proto::rr::Name::from_labels(owner.labels()).map_err(|_| malformed())?.to_lowercase();
    let digest = digest.digest_type();
    let value = key.to_digest(&name, digest).map_err(|_| malformed())?;
    let tag = key.calculate_key_tag().map_err(|_| malformed())?;
    let mut out = tag.to_be_bytes().to_vec();
    out.extend_from_slice(&[algorithm, digest.into()]);
    out.extend_from_slice(value.as_ref());
    Ok(out)
}
