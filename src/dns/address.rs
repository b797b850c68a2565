//! Addresses: text ↔ octets (RFC 1035, section 3.4.1; RFC 3596, section 2.4; RFC 5952). What is read and
//! written is what [`std::net`] reads and writes; half of a zone's records are addresses, and this is
//! several times as fast.

use super::text::push_first;

/// Reads an IPv4 address: four numbers up to 255 without leading zeros. `None`: it is none.
#[must_use]
#[inline]
pub fn parse_ipv4(text: &[u8]) -> Option<[u8; 4]> {
    // in one register: octets stored one by one and then fetched together make a processor wait
    let (mut address, mut rest) = decimal(text)?;
    for _ in 1..4 {
        let (octet, tail) = decimal(rest.strip_prefix(b".")?)?;
        (address, rest) = (address << 8 | octet, tail);
    }
    rest.is_empty().then_some(address.to_be_bytes())
}

/// The number up to 255 at the start of `text`, and what stands behind its digits, three at most. A leading zero
/// means octal to some readers.
#[inline]
fn decimal(text: &[u8]) -> Option<(u32, &[u8])> {
    let digit = |at: usize| text.get(at).map(|octet| octet.wrapping_sub(b'0')).filter(|digit| *digit < 10);
    let first = u32::from(digit(0)?);
    let Some(second) = digit(1) else { return Some((first, &text[1..])) };
    if first == 0 {
        return None;
    }
    let two = first * 10 + u32::from(second);
    let Some(third) = digit(2) else { return Some((two, &text[2..])) };
    let three = two * 10 + u32::from(third);
    (three < 256).then(|| (three, &text[3..]))
}

/// The value of each hexadecimal digit; 255 for what is none.
static HEX: [u8; 256] = {
    let mut table = [255; 256];
    let mut digit = 0;
    while digit < 16 {
        table[b"0123456789abcdef"[digit as usize] as usize] = digit;
        table[b"0123456789ABCDEF"[digit as usize] as usize] = digit;
        digit += 1;
    }
    table
};

/// Reads an IPv6 address (RFC 4291, section 2.2). `None`: it is none.
#[must_use]
#[inline]
pub fn parse_ipv6(text: &[u8]) -> Option<[u8; 16]> {
    ipv6_bits(text).map(u128::to_be_bytes)
}

fn ipv6_bits(text: &[u8]) -> Option<u128> {
    let mut address = 0_u128;
    let mut groups = 0;
    // how many groups stand before the "::"
    let mut gap = None;
    let mut rest = text;
    if let Some(tail) = rest.strip_prefix(b"::") {
        gap = Some(0);
        rest = tail;
    }
    while !rest.is_empty() {
        let mut group = 0;
        let mut behind = rest;
        while let [octet, tail @ ..] = behind {
            let digit = HEX[usize::from(*octet)];
            if digit > 15 {
                break;
            }
            group = group << 4 | u32::from(digit);
            behind = tail;
        }
        if behind.first() == Some(&b'.') {
            address = address << 32 | u128::from(u32::from_be_bytes(parse_ipv4(rest)?));
            groups += 2;
            break;
        }
        let digits = rest.len() - behind.len();
        if digits == 0 || digits > 4 {
            return None;
        }
        address = address << 16 | u128::from(group);
        groups += 1;
        rest = match behind {
            [] => break,
            [b':', b':', tail @ ..] if gap.is_none() => {
                gap = Some(groups);
                tail
            }
            [b':', tail @ ..] if !tail.is_empty() && groups < 8 => tail,
            _ => return None,
        };
    }
    match gap {
        None if groups == 8 => {}
        // "::" stands for one group at least
        Some(before) if groups < 8 => {
            let behind = address & !(u128::MAX << (16 * (groups - before)));
            // all bits are shifted out where nothing stands before
            let before = (address ^ behind).checked_shl(16 * (8 - groups)).unwrap_or_default();
            address = before | behind;
        }
        _ => return None,
    }
    Some(address)
}

/// Every octet in decimal with a dot behind it, and how many octets that takes.
static DECIMAL: [([u8; 4], u8); 256] = {
    let mut table = [([b'.'; 4], 0); 256];
    let mut octet = 0_u8;
    loop {
        let (a, b, c) = (b'0' + octet / 100, b'0' + octet / 10 % 10, b'0' + octet % 10);
        table[octet as usize] = match octet {
            0..10 => ([c, b'.', 0, 0], 2),
            10..100 => ([b, c, b'.', 0], 3),
            _ => ([a, b, c, b'.'], 4),
        };
        if octet == 255 {
            break;
        }
        octet += 1;
    }
    table
};

/// Appends an IPv4 address.
pub fn push_ipv4(octets: [u8; 4], out: &mut Vec<u8>) {
    for octet in octets {
        let (digits, length) = &DECIMAL[octet as usize];
        push_first(digits, usize::from(*length), out);
    }
    out.pop();
}

/// Appends an IPv6 address in the form of RFC 5952.
pub fn push_ipv6(octets: [u8; 16], out: &mut Vec<u8>) {
    // RFC 5952, section 5: the prefix of mapped addresses tells that an IPv4 address follows
    if let [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, tail @ ..] = octets {
        out.extend_from_slice(b"::ffff:");
        return push_ipv4(tail, out);
    }
    let groups = octets.as_chunks::<2>().0;
    let zeros = groups.iter().rev().fold(0, |bits, &group| bits << 1 | usize::from(group == [0, 0]));
    let (gap, behind) = LONGEST_ZEROS[zeros];
    let mut number = 0;
    while number < 8 {
        if number == usize::from(gap) {
            out.extend_from_slice(b"::");
            number = usize::from(behind);
            continue;
        }
        if number > 0 && number != usize::from(behind) {
            out.push(b':');
        }
        let [high, low] = groups[number].map(|octet| HEX_DIGITS[usize::from(octet)]);
        let digits = u32::from_le_bytes([high[0], high[1], low[0], low[1]]);
        // leading zeros are left out, the last digit never (RFC 5952, section 4.1)
        let leading = (u16::from_be_bytes(groups[number]) | 1).leading_zeros() / 4;
        push_first(&(digits >> (8 * leading)).to_le_bytes(), 4 - leading as usize, out);
        number += 1;
    }
}

/// The two digits of every octet.
static HEX_DIGITS: [[u8; 2]; 256] = {
    let digits = b"0123456789abcdef";
    let mut table = [[0; 2]; 256];
    let mut octet = 0;
    while octet < 256 {
        table[octet] = [digits[octet >> 4], digits[octet & 15]];
        octet += 1;
    }
    table
};

/// The longest run of two or more zero groups, the first of equals (RFC 5952, section 4.2): its first group and the
/// one behind it, or 8 and 0 where there is none. The index has a bit for each group that is zero, the lowest for
/// the first.
static LONGEST_ZEROS: [(u8, u8); 256] = {
    let mut table = [(8, 0); 256];
    let mut zeros = 0;
    while zeros < 256 {
        let (mut start, mut longest, mut number) = (0, 1, 0);
        while number < 8 {
            if zeros >> number & 1 == 0 {
                start = number + 1;
            } else if number + 1 - start > longest {
                longest = number + 1 - start;
                table[zeros] = (start, number + 1);
            }
            number += 1;
        }
        zeros += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{Ipv4Addr, Ipv6Addr};

    /// Words of up to `length` letters of an alphabet, all of them.
    fn words(alphabet: &[&str], length: usize) -> Vec<String> {
        let mut words = vec![String::new()];
        let mut start = 0;
        for _ in 0..length {
            let end = words.len();
            for at in start..end {
                for letter in alphabet {
                    words.push(format!("{}{letter}", words[at]));
                }
            }
            start = end;
        }
        words
    }

    #[test]
    fn ipv4_as_std_has_it() {
        for text in words(&["0", "9", "25", "255", "256", ".", ".1", ".0", "a", " "], 5) {
            let expected = text.parse::<Ipv4Addr>().ok();
            assert_eq!(parse_ipv4(text.as_bytes()).map(Ipv4Addr::from), expected, "{text}");
        }
        for text in ["1.2.3.4.5", "001.2.3.4", "1.2.3.00", "1.2.3.4294967297", "192.0.2.255"] {
            assert_eq!(parse_ipv4(text.as_bytes()).map(Ipv4Addr::from), text.parse().ok(), "{text}");
        }
    }

    #[test]
    fn ipv6_as_std_has_it() {
        let pieces = ["::", ":", "0", "a1:", "FFFF", "12345", "1.2.3.4", ":2:3:4", "g", "1:2:3:4:5:6:"];
        for text in words(&pieces, 5) {
            let expected = text.parse::<Ipv6Addr>().ok();
            assert_eq!(parse_ipv6(text.as_bytes()).map(Ipv6Addr::from), expected, "{text}");
        }
    }

    #[test]
    fn written_as_std_writes_them() {
        let mut out = Vec::new();
        for octet in 0..=255 {
            let octets = [octet, 255 - octet, octet / 2, 7];
            out.clear();
            push_ipv4(octets, &mut out);
            assert_eq!(String::from_utf8_lossy(&out), Ipv4Addr::from(octets).to_string());
        }
        let groups = [0, 0, 0x1, 0xabc, 0xffff, 0x20];
        for seed in 0..6_usize.pow(8) / 7 {
            let mut rest = seed * 7;
            let mut octets = [0; 16];
            for pair in octets.chunks_mut(2) {
                pair.copy_from_slice(&u16::to_be_bytes(groups[rest % 6]));
                rest /= 6;
            }
            out.clear();
            push_ipv6(octets, &mut out);
            assert_eq!(String::from_utf8_lossy(&out), Ipv6Addr::from(octets).to_string());
        }
        out.clear();
        push_ipv6(Ipv6Addr::from([0, 0, 0, 0, 0, 0xffff, 0xc000, 0x201]).octets(), &mut out);
        assert_eq!(out, b"::ffff:192.0.2.1");
    }
}
