//! The one record type that crosses folders.

use super::{Name, Rtype};

/// A resource record, borrowed. Its class is the zone's. The RDATA is in wire form, uncompressed, with
/// names in the case they were written in.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// Whose it is, in the case it was written in.
    pub owner: Name<'a>,
    /// Its type.
    pub rtype: Rtype,
    /// Time to live, in seconds.
    pub ttl: u32,
    /// Its data, at most 65535 octets.
    pub rdata: &'a [u8],
}

impl Record<'_> {
    /// Octets between owner and RDATA of what [`Record::push_octets`] appends.
    pub(crate) const HEAD: usize = 14;

    /// Appends what it is made of, for a digest: owner, type, TTL, RDLENGTH in eight octets, RDATA.
    pub fn push_octets(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.owner.wire());
        let mut head = [0; Self::HEAD];
        head[..2].copy_from_slice(&self.rtype.0.to_be_bytes());
        head[2..6].copy_from_slice(&self.ttl.to_be_bytes());
        head[6..].copy_from_slice(&(self.rdata.len() as u64).to_be_bytes());
        out.extend_from_slice(&head);
        out.extend_from_slice(self.rdata);
    }
}
