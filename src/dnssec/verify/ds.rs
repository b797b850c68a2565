//! DS records as a validator reads them (RFC 4034, section 5; RFC 4509; RFC 6605).

use crate::dns::Name;
use ring::digest::{self, SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA384};

/// A DS or CDS.
#[derive(Clone, Debug)]
pub(super) struct Ds {
    pub(super) tag: u16,
    pub(super) algorithm: u8,
    pub(super) digest_type: u8,
    digest: Vec<u8>,
}

impl Ds {
    /// `None`: the RDATA is shorter than the fixed fields.
    pub(super) fn parse(rdata: &[u8]) -> Option<Self> {
        let (&[high, low, algorithm, digest_type], digest) = rdata.split_first_chunk()?;
        let tag = u16::from_be_bytes([high, low]);
        Some(Self { tag, algorithm, digest_type, digest: digest.to_vec() })
    }

    /// Whether its digest is one that can be computed here.
    pub(super) fn is_known(&self) -> bool {
        matches!(self.digest_type, 1 | 2 | 4)
    }

    /// Whether it is that of a DNSKEY; of unknown digests tag and algorithm must do.
    pub(super) fn is_of(&self, owner: Name<'_>, dnskey: &[u8]) -> bool {
        let fits = self.tag == crate::keys::key_tag(dnskey) && dnskey.get(3) == Some(&self.algorithm);
        let algorithm = match self.digest_type {
            1 => &SHA1_FOR_LEGACY_USE_ONLY,
            2 => &SHA256,
            4 => &SHA384,
            _ => return fits,
        };
        let mut octets = Vec::new();
        owner.push_canonical(&mut octets);
        octets.extend_from_slice(dnskey);
        fits && digest::digest(algorithm, &octets).as_ref() == self.digest
    }
}
