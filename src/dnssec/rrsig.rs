//! RRSIG records (RFC 4034, section 3): their fields, and the octets that a signature covers.

use crate::dns::rrset::Rrset;
use crate::dns::{Class, Name, Rtype};

/// The fields of RRSIG RDATA.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs, reason = "the names are the RFC's; times are serial numbers of seconds")]
pub struct Rrsig<'a> {
    pub type_covered: Rtype,
    pub algorithm: u8,
    pub labels: u8,
    pub original_ttl: u32,
    pub expiration: u32,
    pub inception: u32,
    pub key_tag: u16,
    pub signer: Name<'a>,
    pub signature: &'a [u8],
}

impl<'a> Rrsig<'a> {
    /// The fields of RDATA; `None`: it has not their layout.
    #[must_use]
    pub fn parse(rdata: &'a [u8]) -> Option<Self> {
        let (head, rest) = rdata.split_first_chunk::<18>()?;
        let (signer, length) = Name::prefix_of(rest)?;
        let u32_at = |at: usize| u32::from_be_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
        Some(Self {
            type_covered: Rtype(u16::from_be_bytes([head[0], head[1]])),
            algorithm: head[2],
            labels: head[3],
            original_ttl: u32_at(4),
            expiration: u32_at(8),
            inception: u32_at(12),
            key_tag: u16::from_be_bytes([head[16], head[17]]),
            signer,
            signature: &rest[length..],
        })
    }

    /// Appends the RDATA up to the signature, the signer's name in lower case (RFC 4034, section 3.1.7;
    /// RFC 6840, section 5.1).
    fn push_head(&self, out: &mut Vec<u8>) {
        // one piece: that it is pushed for every signature shows
        let mut head = [0; 18];
        head[..2].copy_from_slice(&self.type_covered.0.to_be_bytes());
        head[2..4].copy_from_slice(&[self.algorithm, self.labels]);
        head[4..8].copy_from_slice(&self.original_ttl.to_be_bytes());
        head[8..12].copy_from_slice(&self.expiration.to_be_bytes());
        head[12..16].copy_from_slice(&self.inception.to_be_bytes());
        head[16..].copy_from_slice(&self.key_tag.to_be_bytes());
        out.extend_from_slice(&head);
        self.signer.push_canonical(out);
    }

    /// Appends the octets that the signature covers: the RDATA without the signature, then each
    /// record in canonical form with the original TTL (RFC 4034, section 3.1.8.1). Returns how many are RDATA.
    pub fn signed_data(&self, set: Rrset<'_>, class: Class, out: &mut Vec<u8>) -> usize {
        let before = out.len();
        self.push_head(out);
        // what all records begin with: owner, type, class, TTL
        let start = out.len();
        set.owner().push_canonical(out);
        out.extend_from_slice(&set.rtype().0.to_be_bytes());
        out.extend_from_slice(&class.0.to_be_bytes());
        out.extend_from_slice(&self.original_ttl.to_be_bytes());
        let head = start..out.len();
        for (at, rdata) in set.canonical_rdata().enumerate() {
            if at > 0 {
                out.extend_from_within(head.clone());
            }
            let length = u16::try_from(rdata.len()).expect("RDATA has at most 65535 octets");
            out.extend_from_slice(&length.to_be_bytes());
            out.extend_from_slice(rdata);
        }
        start - before
    }
}
