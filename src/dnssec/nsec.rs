//! NSEC records (RFC 4034, section 4; RFC 4035, section 2.3).

use crate::dns::rrset::{Rrset, Rrsets};
use crate::dns::soa::Soa;
use crate::dns::{Name, Rtype, bitmap};
use crate::zone::Standing;

/// Puts NSEC RDATA into `out`: the next name as it is written (RFC 6840, section 5.1), and the types of
/// the name that stand in the bitmap, its own and RRSIG among them.
pub fn rdata(next: Name<'_>, sets: &Rrsets, standing: Standing, out: &mut Vec<u8>) {
    out.clear();
    out.extend_from_slice(next.wire());
    let types = listed(sets.iter().map(Rrset::rtype), standing, [Rtype::RRSIG, Rtype::NSEC]);
    bitmap::push(types.into_iter(), out);
}

/// The types that a bitmap lists, ascending: those at the name, and what the signer adds.
pub(super) fn listed(
    present: impl Iterator<Item = Rtype>,
    standing: Standing,
    added: impl IntoIterator<Item = Rtype>,
) -> Vec<Rtype> {
    let mut types: Vec<Rtype> = present.filter(|&rtype| standing.lists(rtype)).collect();
    types.extend(added);
    types.sort_unstable();
    types
}

/// The TTL of denial records: "the lesser of the MINIMUM field of the SOA record and the TTL of the SOA
/// itself" (RFC 9077, section 3).
#[must_use]
pub fn ttl(soa_ttl: u32, soa: &Soa) -> u32 {
    soa_ttl.min(soa.minimum)
}
