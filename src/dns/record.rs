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
