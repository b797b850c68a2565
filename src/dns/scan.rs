//! Octets of a kind, found eight at a time: what makes reading fast. All is plain arithmetic on `u64`
//! (Warren, "Hacker's Delight", section 6-1), the first octet in its lowest bits.

const ONES: u64 = 0x0101_0101_0101_0101;
const LOW: u64 = 0x7f * ONES;
const HIGH: u64 = 0x80 * ONES;

/// The eight octets at `at`, if there are so many.
#[inline]
#[must_use]
pub fn eight(octets: &[u8], at: usize) -> Option<u64> {
    octets.get(at..)?.first_chunk().map(|chunk| u64::from_le_bytes(*chunk))
}

/// The octets that are `octet`: the highest bit of each is set, and no other.
#[inline]
#[must_use]
pub const fn equal(eight: u64, octet: u8) -> u64 {
    let differs = eight ^ (octet as u64 * ONES);
    !(((differs & LOW) + LOW) | differs | LOW)
}

/// The octets that are `octet`, for less: behind the first of them, others may be among them.
#[inline]
#[must_use]
pub const fn roughly_equal(eight: u64, octet: u8) -> u64 {
    let differs = eight ^ (octet as u64 * ONES);
    differs.wrapping_sub(ONES) & !differs & HIGH
}

/// The octets below `limit`, of 128 at most; behind the first of them, others may be among them.
#[inline]
#[must_use]
pub const fn below(eight: u64, limit: u8) -> u64 {
    eight.wrapping_sub(limit as u64 * ONES) & !eight & HIGH
}

/// One bit for each of 64 octets, the first the lowest, from what `find` finds in eight of them.
#[inline]
#[must_use]
pub fn bits(block: &[u8; 64], find: impl Fn(u64) -> u64) -> u64 {
    let mut bits = 0;
    for (number, eight) in block.as_chunks::<8>().0.iter().enumerate() {
        let found = find(u64::from_le_bytes(*eight)) >> 7;
        // the product's highest octet gathers the lowest bit of each octet
        bits |= (found.wrapping_mul(0x0102_0408_1020_4080) >> 56) << (8 * number);
    }
    bits
}

/// The number of the first octet found.
#[inline]
#[must_use]
pub const fn first(found: u64) -> usize {
    found.trailing_zeros() as usize / 8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_octet_is_judged_for_itself() {
        for octet in 0..=255_u8 {
            for around in [0, b'-', b'.', b'/', 0x7f, 0x80, 255] {
                let mut octets = [around; 10];
                octets[5] = octet;
                let word = eight(&octets, 1).unwrap();
                let found: Vec<bool> = (0..8).map(|at| equal(word, b'.') >> (8 * at + 7) & 1 == 1).collect();
                let expected: Vec<bool> = octets[1..9].iter().map(|&octet| octet == b'.').collect();
                assert_eq!(found, expected);
                assert_eq!(equal(word, b'.') & !HIGH, 0);
                let low = octets[1..9].iter().position(|&octet| octet < 42);
                assert_eq!(Some(below(word, 42)).filter(|&found| found != 0).map(first), low);
            }
        }
        assert_eq!(eight(&[0; 7], 0), None);
        assert_eq!(eight(&[0; 7], 8), None);
    }
}
