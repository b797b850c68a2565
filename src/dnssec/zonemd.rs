//! ZONEMD: a digest over all records of a zone (RFC 8976), scheme SIMPLE.
//!
//! The record must be there before the chain is made and signatures over it are the last to be made, so it
//! enters the zone as a placeholder, and the digest takes its place when all other records are known.

use crate::dns::rrset::Rrsets;
use crate::dns::{Class, Name, Rtype};
use ring::digest::{Algorithm, Context, SHA384, SHA512};

/// The only scheme there is (RFC 8976, section 5.2).
pub const SIMPLE: u8 = 1;

/// A hash algorithm (RFC 8976, section 5.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hash {
    /// Number 1.
    Sha384,
    /// Number 2.
    Sha512,
}

impl Hash {
    /// Its number.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::Sha384 => 1,
            Self::Sha512 => 2,
        }
    }

    /// The algorithm with a number, if it is one of these.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        [Self::Sha384, Self::Sha512].into_iter().find(|hash| hash.number() == number)
    }

    /// Octets of its digest.
    #[must_use]
    pub fn digest_len(self) -> usize {
        self.algorithm().output_len()
    }

    fn algorithm(self) -> &'static Algorithm {
        match self {
            Self::Sha384 => &SHA384,
            Self::Sha512 => &SHA512,
        }
    }

    /// The RDATA of a ZONEMD with this digest (RFC 8976, section 2.2).
    #[must_use]
    pub fn rdata(self, serial: u32, digest: &[u8]) -> Vec<u8> {
        [&serial.to_be_bytes()[..], &[SIMPLE, self.number()], digest].concat()
    }

    /// The RDATA that holds the place of the digest.
    #[must_use]
    pub fn placeholder(self) -> Vec<u8> {
        self.rdata(0, &vec![0; self.digest_len()])
    }
}

/// The digests of a zone while its records pass by.
pub struct Digests(Vec<(Hash, Context)>);

impl Digests {
    /// One for each of these algorithms.
    #[must_use]
    pub fn new(hashes: &[Hash]) -> Self {
        Self(hashes.iter().map(|&hash| (hash, Context::new(hash.algorithm()))).collect())
    }

    /// Adds what [`push_records`] made of the next names.
    pub fn update(&mut self, octets: &[u8]) {
        self.0.iter_mut().for_each(|(_, context)| context.update(octets));
    }

    /// The digests.
    #[must_use]
    pub fn finish(self) -> Vec<(Hash, Vec<u8>)> {
        self.0.into_iter().map(|(hash, context)| (hash, context.finish().as_ref().to_vec())).collect()
    }
}

/// Appends all records of a name, in the order and form in which they are digested: canonical wire form, by
/// type and RDATA, without the ZONEMDs at the apex and the RRSIGs over them (RFC 8976, section 3.3.1).
pub fn push_records(sets: &Rrsets, apex: Name<'_>, class: Class, out: &mut Vec<u8>) {
    let owner = sets.owner();
    let covered = Rtype::ZONEMD.0.to_be_bytes();
    for set in sets.iter() {
        for (record, rdata) in set.records().zip(set.canonical_rdata()) {
            let left_out = record.rtype == Rtype::ZONEMD
                || record.rtype == Rtype::RRSIG && record.rdata.starts_with(&covered);
            if left_out && owner == apex {
                continue;
            }
            owner.push_canonical(out);
            out.extend_from_slice(&record.rtype.0.to_be_bytes());
            out.extend_from_slice(&class.0.to_be_bytes());
            out.extend_from_slice(&record.ttl.to_be_bytes());
            let length = u16::try_from(rdata.len()).expect("RDATA has at most 65535 octets");
            out.extend_from_slice(&length.to_be_bytes());
            out.extend_from_slice(rdata);
        }
    }
}

/// Serial, scheme, hash algorithm and digest of ZONEMD RDATA (RFC 8976, section 2.2). `None`: cut short, or a digest of fewer than 12 octets.
#[must_use]
pub fn parse(rdata: &[u8]) -> Option<(u32, u8, u8, &[u8])> {
    let (&[a, b, c, d, scheme, hash], digest) = rdata.split_first_chunk()?;
    (digest.len() >= 12).then_some((u32::from_be_bytes([a, b, c, d]), scheme, hash, digest))
}
