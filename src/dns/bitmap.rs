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

/// The types in a bitmap, in ascending order; `None` if it is malformed: blocks out of order, empty,
/// cut short, or with a zero octet at the end.
#[must_use]
pub fn types(bitmap: &[u8]) -> Option<Vec<Rtype>> {
    let mut found = Vec::new();
    let mut rest = bitmap;
    let mut last = None;
    while let [number, length, tail @ ..] = rest {
        let (block, tail) = tail.split_at_checked(usize::from(*length))?;
        if last.is_some_and(|last| last >= *number) || block.len() > 32 || *block.last()? == 0 {
            return None;
        }
        last = Some(*number);
        for (octet, bits) in (0..).zip(block) {
            found.extend(
                (0..8_u16)
                    .filter(|bit| bits & (0x80 >> bit) != 0)
                    .map(|bit| Rtype((u16::from(*number) << 8) + octet * 8 + bit)),
            );
        }
        rest = tail;
    }
    rest.is_empty().then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_rfc_4034_section_4_3() {
        let listed = [Rtype::A, Rtype::MX, Rtype::RRSIG, Rtype::NSEC, Rtype(1234)];
        let mut bitmap = Vec::new();
        push(listed.into_iter(), &mut bitmap);
        let mut expected = vec![0, 6, 0x40, 1, 0, 0, 0, 3, 4, 0x1b];
        expected.extend([0; 26]);
        expected.push(0x20);
        assert_eq!(bitmap, expected);
        assert_eq!(types(&bitmap).unwrap(), listed);
    }

    #[test]
    fn malformed_bitmaps_are_refused() {
        for bad in
            [&[0][..], &[0, 0], &[0, 1], &[0, 1, 0], &[1, 1, 1, 0, 1, 1], &[0, 2, 1, 0], &[0, 1, 1, 0, 1, 1]]
        {
            assert_eq!(types(bad), None, "{bad:?}");
        }
        assert_eq!(types(&[]), Some(vec![]));
    }
}
