//! Octets of a kind, found many at a time: what makes reading fast.
//!
//! All results are bits, one for each octet, the first the lowest.

use wide::u8x16;

/// Sixteen octets.
pub type Block = [u8; 16];

/// The octets that are `octet`, of 16, 32, 48 or 64.
#[inline]
#[must_use]
pub fn equal<const N: usize>(octets: &[u8; N], octet: u8) -> u64 {
    let equal = |block: &Block| u8x16::new(*block).simd_eq(u8x16::splat(octet)).to_bitmask();
    octets.as_chunks().0.iter().rev().fold(0, |bits, block| bits << 16 | u64::from(equal(block)))
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
            for place in 0..32 {
                for around in [b'.', b'/', 0x80] {
                    let mut octets = [around; 32];
                    octets[place] = octet;
                    let bits = |is: fn(u8) -> bool| {
                        (0..32).filter(|&at| is(octets[at])).fold(0_u32, |bits, at| bits | 1 << at)
                    };
                    assert_eq!(equal(&octets, b'.'), u64::from(bits(|octet| octet == b'.')));
                    let stops = bits(|octet| octet <= 41 || octet == b';' || octet == 200);
                    let half = octets.first_chunk().unwrap();
                    assert_eq!(at_most_or(half, 41, [b';', 200]), stops & 0xffff);
                }
            }
        }
    }
}
