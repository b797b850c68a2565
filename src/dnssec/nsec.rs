//! NSEC records (RFC 4034, section 4; RFC 4035, section 2.3).

use crate::dns::rrset::Rrsets;
use crate::dns::soa::Soa;
use crate::dns::{Name, Rtype, bitmap};
use crate::zone::Standing;

/// Puts NSEC RDATA into `out`: the next name as it is written (RFC 6840, section 5.1), and the types of
/// the name that stand in the bitmap.
pub fn rdata(next: Name<'_>, sets: &Rrsets, standing: Standing, out: &mut Vec<u8>) {
    out.clear();
    out.extend_from_slice(next.wire());
    push_bitmap(sets, standing, out);
}

/// Appends the bitmap of a name's NSEC, the name's NSEC and RRSIGs among `sets` or not.
pub fn push_bitmap(sets: &Rrsets, standing: Standing, out: &mut Vec<u8>) {
    let mut types: Vec<Rtype> = sets
        .iter()
        .map(super::super::dns::rrset::Rrset::rtype)
        .filter(|&rtype| standing.lists(rtype))
        .collect();
    types.extend([Rtype::RRSIG, Rtype::NSEC]);
    types.sort_unstable();
    bitmap::push(types.into_iter(), out);
}

/// The TTL of denial records: "the lesser of the MINIMUM field of the SOA record and the TTL of the SOA
/// itself" (RFC 9077, section 3).
#[must_use]
pub fn ttl(soa_ttl: u32, soa: &Soa) -> u32 {
    soa_ttl.min(soa.minimum)
}
