//! NSEC records (RFC 4034, section 4; RFC 4035, section 2.3).

use crate::dns::rrset::{Rrset, Rrsets};
use crate::dns::soa::Soa;
use crate::dns::{Name, Rtype, bitmap};
use crate::zone::Standing;

/// Puts NSEC RDATA into `out`: the next name as it is written (RFC 6840, section 5.1), and the types of
/// the name that stand in the bitmap, its own and RRSIG among them. `types` is room to sort them in.
pub fn rdata(next: Name<'_>, sets: &Rrsets, standing: Standing, types: &mut Vec<Rtype>, out: &mut Vec<u8>) {
    out.clear();
    out.extend_from_slice(next.wire());
    types.clear();
    types.extend(sets.iter().map(Rrset::rtype));
    push_bitmap(types, standing, [Rtype::RRSIG, Rtype::NSEC], out);
}

/// Appends the bitmap of a name with these types: those that it lists, and what the signer adds.
pub(super) fn push_bitmap(
    types: &mut Vec<Rtype>,
    standing: Standing,
    added: impl IntoIterator<Item = Rtype>,
    out: &mut Vec<u8>,
) {
    types.retain(|&rtype| standing.lists(rtype));
    types.extend(added);
    types.sort_unstable();
    bitmap::push(types.iter().copied(), out);
}

/// The TTL of denial records: "the lesser of the MINIMUM field of the SOA record and the TTL of the SOA
/// itself" (RFC 9077, section 3).
#[must_use]
pub fn ttl(soa_ttl: u32, soa: &Soa) -> u32 {
    soa_ttl.min(soa.minimum)
}
