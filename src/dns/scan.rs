//! Octets of a kind, found sixteen at a time: what makes reading fast.
//!
//! All results are bits, one for each of sixteen octets, the first the lowest.

use wide::u8x16;

/// Sixteen octets.
pub type Block = [u8; 16];

/// The sixteen octets at `at`, if there are so many.
#[inline]
#[must_use]
pub fn block(octets: &[u8], at: usize) -> Option<&Block> {
    octets.get(at..)?.first_chunk()
}

/// The octets that are `octet`.
#[inline]
#[must_use]
pub fn equal(block: &Block, octet: u8) -> u32 {
    u8x16::new(*block).simd_eq(u8x16::splat(octet)).to_bitmask()
}

/// The octets that are at most `limit`, or one of `others`.
#[inline]
#[must_use]
pub fn at_most_or(block: &Block, limit: u8, others: [u8; 2]) -> u32 {
    let octets = u8x16::new(*block);
    let [one, other] = others.map(|octet| octets.simd_eq(u8x16::splat(octet)));
    let low = octets.min(u8x16::splat(limit)).simd_eq(octets);
    (low | one | other).to_bitmask()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_octet_is_judged_for_itself() {
        for octet in 0..=255_u8 {
            for place in 0..16 {
                for around in [b'.', b'/', 0x80] {
                    let mut octets = [around; 18];
                    octets[place + 1] = octet;
                    let found = block(&octets, 1).unwrap();
                    let bits = |is: fn(u8) -> bool| {
                        (0..16).filter(|&at| is(found[at])).fold(0, |bits, at| bits | 1 << at)
                    };
                    assert_eq!(equal(found, b'.'), bits(|octet| octet == b'.'));
                    let stops = bits(|octet| octet <= 41 || octet == b';' || octet == 200);
                    assert_eq!(at_most_or(found, 41, [b';', 200]), stops);
                }
            }
        }
        assert!(block(&[0; 16], 1).is_none() && block(&[0; 16], 17).is_none());
    }
}
