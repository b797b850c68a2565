//! DS records: what a parent publishes of a zone's key (RFC 4034, section 5; RFC 4509; RFC 6605).
//!
//! In: the zone's name and a DNSKEY's RDATA. Out: a DS for it, or whether a DS that is there is one of it.

use crate::dns::Name;
use crate::error::{Fault, Result};
use hickory_proto::dnssec::rdata::DNSKEY;
use hickory_proto::dnssec::{Algorithm, DigestType, PublicKeyBuf};

/// A digest that a DS may have. SHA-1 and GOST must not be used any more (RFC 9904).
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

/// The fields of a DS or CDS (RFC 4034, section 5.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ds {
    /// The tag of the key it points to.
    pub key_tag: u16,
    /// The key's algorithm.
    pub algorithm: u8,
    /// What the digest is made with.
    pub digest_type: u8,
    /// The digest over the zone's name and the DNSKEY's RDATA.
    pub digest: Vec<u8>,
}

/// What a DS is to a DNSKEY.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// It is the DS of that key.
    Points,
    /// Tag and algorithm are those of the key, and the digest type is one that is not computed here.
    Unchecked,
    /// Tag and algorithm are those of the key, and the digest is another.
    Differs,
    /// It is about another key.
    None,
}

impl Ds {
    /// The DS of a DNSKEY.
    ///
    /// # Errors
    /// As [`rdata`].
    pub fn of(owner: Name<'_>, dnskey: &[u8], digest: Digest) -> Result<Self> {
        let octets = rdata(owner, dnskey, digest)?;
        Ok(Self::from_rdata(&octets).expect("the RDATA made has all fields"))
    }

    /// The fields of RDATA; `None`: it is shorter than they are.
    #[must_use]
    pub fn from_rdata(rdata: &[u8]) -> Option<Self> {
        let (&[high, low, algorithm, digest_type], digest) = rdata.split_first_chunk()?;
        let key_tag = u16::from_be_bytes([high, low]);
        Some(Self { key_tag, algorithm, digest_type, digest: digest.to_vec() })
    }

    /// The RDATA.
    #[must_use]
    pub fn rdata(&self) -> Vec<u8> {
        let [high, low] = self.key_tag.to_be_bytes();
        [&[high, low, self.algorithm, self.digest_type], &self.digest[..]].concat()
    }

    /// What it is to a DNSKEY of the zone `owner`. SHA-1 is computed here: a DS may have it, if none is made with it.
    #[must_use]
    pub fn relation(&self, owner: Name<'_>, dnskey: &[u8]) -> Relation {
        if self.key_tag != crate::keys::key_tag(dnskey) || dnskey.get(3) != Some(&self.algorithm) {
            return Relation::None;
        }
        let digest_type = DigestType::from(self.digest_type);
        if !digest_type.is_supported() {
            return Relation::Unchecked;
        }
        match digest(owner, dnskey, digest_type) {
            Some(made) if made == self.digest => Relation::Points,
            _ => Relation::Differs,
        }
    }

    /// Whether its digest type must not be used any more: SHA-1 (RFC 9904) or GOST (RFC 9906).
    #[must_use]
    pub fn is_outdated(&self) -> bool {
        matches!(self.digest_type, 1 | 3)
    }

    /// The registry's name of the digest type.
    #[must_use]
    pub fn digest_name(&self) -> &'static str {
        match self.digest_type {
            1 => "SHA-1",
            2 => "SHA-256",
            3 => "GOST R 34.11-94",
            4 => "SHA-384",
            5 => "GOST R 34.11-2012",
            6 => "SM3",
            _ => "unknown",
        }
    }
}

/// The registry's name of a DNSKEY's or DS's algorithm.
#[must_use]
pub fn algorithm_name(number: u8) -> &'static str {
    match Algorithm::from_u8(number) {
        // what hickory does not have, though zones may
        Algorithm::Unknown(16) => "ED448",
        Algorithm::Unknown(17) => "SM2SM3",
        Algorithm::Unknown(23) => "ECC-GOST12",
        Algorithm::Unknown(_) => "unknown",
        known => known.as_str(),
    }
}

/// The RDATA of the DS for a DNSKEY.
///
/// # Errors
/// The RDATA is no DNSKEY's, or its algorithm is RSA/SHA-1 (RFC 9905, section 2: "MUST NOT be used when
/// creating DS records").
pub fn rdata(owner: Name<'_>, dnskey: &[u8], digest: Digest) -> Result<Vec<u8>> {
    let malformed = || Fault::error(format!("the DNSKEY of {owner} is malformed"));
    let &[_, _, 3, algorithm, ..] = dnskey else { return Err(malformed()) };
    if matches!(algorithm, 1 | 3 | 5 | 6 | 7 | 12) {
        return Err(Fault::error(format!("no DS is made for a key of algorithm {algorithm} of {owner}"))
            .hint("RFC 9905 and RFC 9906 forbid it: roll to a key of algorithm 13 or 15 (zoneseal keygen)"));
    }
    let digest_type = digest.digest_type();
    let digest = self::digest(owner, dnskey, digest_type).ok_or_else(malformed)?;
    let key_tag = crate::keys::key_tag(dnskey);
    Ok(Ds { key_tag, algorithm, digest_type: digest_type.into(), digest }.rdata())
}

/// The digest over the name and the DNSKEY's RDATA; `None`: it is no DNSKEY, or the type is not known.
fn digest(owner: Name<'_>, dnskey: &[u8], digest: DigestType) -> Option<Vec<u8>> {
    let &[flags_high, flags_low, 3, algorithm, ref public_key @ ..] = dnskey else { return None };
    let public_key = PublicKeyBuf::new(public_key.to_vec(), Algorithm::from_u8(algorithm));
    let key = DNSKEY::with_flags(u16::from_be_bytes([flags_high, flags_low]), public_key);
    // from raw labels: hickory's own parser would take octets for IDNA or octal escapes
    let name = hickory_proto::rr::Name::from_labels(owner.labels()).ok()?.to_lowercase();
    Some(key.to_digest(&name, digest).ok()?.as_ref().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::NameBuf;

    /// RFC 4509, section 2.3, and RFC 4034, section 5.4: one key, two digests.
    #[test]
    fn a_ds_and_its_key() {
        let owner = NameBuf::from_text("dskey.example.com.").unwrap();
        let key = "AQOeiiR0GOMYkDshWoSKz9XzfwJr1AYtsmx3TGkJaNXVbfi/2pHm822aJ5iI9BMzNXxeYCmZ\
                   DRD99WYwYqUSdjMmmAphXdvxegXd/M5+X7OrzKBaMbCVdFLUUh6DhweJBjEVv5f2wwjM9Xzc\
                   nOf+EPbtG9DMBmADjFDc2w/rljwvFw==";
        let public = data_encoding::BASE64.decode(key.as_bytes()).unwrap();
        let dnskey = [&[1, 0, 3, 5], &public[..]].concat();
        let ds = |digest_type, hex: &str| Ds {
            key_tag: 60485,
            algorithm: 5,
            digest_type,
            digest: data_encoding::HEXUPPER.decode(hex.as_bytes()).unwrap(),
        };
        let sha1 = ds(1, "2BB183AF5F22588179A53B0A98631FAD1A292118");
        let sha256 = ds(2, "D4B7D520E7BB5F0F67674A0CCEB1E3E0614B93C4F9E99B8383F6A1E4469DA50A");
        for ds in [&sha1, &sha256] {
            assert_eq!(ds.relation(owner.as_name(), &dnskey), Relation::Points);
            assert_eq!(Ds::from_rdata(&ds.rdata()).as_ref(), Some(ds));
        }
        assert_eq!((sha1.is_outdated(), sha256.is_outdated()), (true, false));
        let relation = |ds: Ds| ds.relation(owner.as_name(), &dnskey);
        assert_eq!(relation(Ds { digest: vec![0; 32], ..sha256.clone() }), Relation::Differs);
        assert_eq!(relation(Ds { digest_type: 6, ..sha256.clone() }), Relation::Unchecked);
        assert_eq!(relation(Ds { algorithm: 8, ..sha256.clone() }), Relation::None);
        assert_eq!(relation(Ds { key_tag: 1, ..sha256 }), Relation::None);
        assert!(Ds::of(owner.as_name(), &dnskey, Digest::Sha256).is_err(), "RSA/SHA-1");
    }
}
