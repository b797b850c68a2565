//! Type bitmaps of NSEC, NSEC3 and CSYNC (RFC 4034, section 4.1.2).

use super::Rtype;

/// Appends the bitmap of `types`, which must be in ascending order; repetitions do no harm.
pub fn push(types: impl Iterator<Item = Rtype>, out: &mut Vec<u8>) {
    // where the open window block starts, and its number
    let mut window: Option<(usize, u8)> = None;
    for rtype in types {
        let [high, low] = rtype.0.to_be_bytes();
        let start = match window {
            Some((start, number)) if number == high => start,
            _ => {
                window = Some((out.len(), high));
                out.extend_from_slice(&[high, 0]);
                out.len() - 2
            }
        };
        // trailing zero octets are left out, so a block ends with the octet of its highest type
        let needed = start + 2 + usize::from(low / 8) + 1;
        if out.len() < needed {
            out.resize(needed, 0);
            out[start + 1] = low / 8 + 1;
        }
        out[needed - 1] |= 0x80 >> (low % 8);
    }
}

/// Whether octets are a bitmap: window blocks in ascending order, none empty, cut short, or with a zero octet at
/// its end.
#[must_use]
pub fn is_valid(octets: &[u8]) -> bool {
    let (mut rest, mut least) = (octets, 0);
    while let [number, length, tail @ ..] = rest {
        let Some((block, tail)) = tail.split_at_checked(usize::from(*length)) else { return false };
        let number = u16::from(*number);
        if number < least || block.len() > 32 || block.last().is_none_or(|&octet| octet == 0) {
            return false;
        }
        (rest, least) = (tail, number + 1);
    }
    rest.is_empty()
}

/// The types in a bitmap, in ascending order; `None` if it is not [valid](is_valid).
#[must_use]
pub fn types(bitmap: &[u8]) -> Option<impl Iterator<Item = Rtype>> {
    // counted in octets: behind the last window there is no type to count on to
    let octets = |(window, block)| (window / 8_u16..=8191).zip(block);
    is_valid(bitmap).then(|| blocks(bitmap).flat_map(octets).flat_map(bits))
}

/// The first type of each window block of a valid bitmap, and the block.
fn blocks(bitmap: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    let mut rest = bitmap;
    std::iter::from_fn(move || {
        let (&[number, length], tail) = rest.split_first_chunk()?;
        let (block, tail) = tail.split_at(usize::from(length));
        rest = tail;
        Some((u16::from(number) << 8, block))
    })
}

/// The types of the bits that are set in an octet, the `number`th that a bitmap of all types has.
fn bits((number, &octet): (u16, &u8)) -> impl Iterator<Item = Rtype> {
    let mut left = octet;
    std::iter::from_fn(move || {
        let bit = left.leading_zeros();
        left &= !(0x80_u8.checked_shr(bit)?);
        Some(Rtype(8 * number + u16::from(bit.to_le_bytes()[0])))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn types_come_back(set in prop::collection::btree_set(any::<u16>(), 0..300)) {
            let listed = || set.iter().copied().chain([u16::MAX]).map(Rtype);
            let mut bitmap = Vec::new();
            push(listed(), &mut bitmap);
            let listed: std::collections::BTreeSet<Rtype> = listed().collect();
            prop_assert!(types(&bitmap).unwrap().eq(listed));
        }
    }

    #[test]
    fn the_example_of_rfc_4034_section_4_3() {
        let listed = [Rtype::A, Rtype::MX, Rtype::RRSIG, Rtype::NSEC, Rtype(1234)];
        let mut bitmap = Vec::new();
        push(listed.into_iter(), &mut bitmap);
        let mut expected = vec![0, 6, 0x40, 1, 0, 0, 0, 3, 4, 0x1b];
        expected.extend([0; 26]);
        expected.push(0x20);
        assert_eq!(bitmap, expected);
        assert!(types(&bitmap).unwrap().eq(listed));
    }

    #[test]
    fn malformed_bitmaps_are_refused() {
        for bad in
            [&[0][..], &[0, 0], &[0, 1], &[0, 1, 0], &[1, 1, 1, 0, 1, 1], &[0, 2, 1, 0], &[0, 1, 1, 0, 1, 1]]
        {
            assert!(types(bad).is_none(), "{bad:?}");
        }
        assert_eq!(types(&[]).unwrap().count(), 0);
    }
}
