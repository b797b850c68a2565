//! Addresses: text ↔ octets (RFC 1035, section 3.4.1; RFC 3596, section 2.4; RFC 5952). What is read and
//! written is what [`std::net`] reads and writes; half of a zone's records are addresses, and this is
//! several times as fast.

/// Reads an IPv4 address: four numbers up to 255 without leading zeros. `None`: it is none.
#[must_use]
pub fn parse_ipv4(text: &[u8]) -> Option<[u8; 4]> {
    let mut octets = [0; 4];
    let (mut part, mut value, mut digits) = (0, 0_u32, 0);
    for &octet in text {
        if octet == b'.' {
            if digits == 0 || part == 3 {
                return None;
            }
            octets[part] = value.to_le_bytes()[0];
            part += 1;
            (value, digits) = (0, 0);
            continue;
        }
        let digit = octet.wrapping_sub(b'0');
        // a leading zero means octal to some readers
        if digit > 9 || (digits > 0 && value == 0) {
            return None;
        }
        value = value * 10 + u32::from(digit);
        if value > 255 {
            return None;
        }
        digits += 1;
    }
    octets[3] = value.to_le_bytes()[0];
    (part == 3 && digits > 0).then_some(octets)
}

/// The value of each hexadecimal digit; 255 for what is none.
const HEX: [u8; 256] = {
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
pub fn parse_ipv6(text: &[u8]) -> Option<[u8; 16]> {
    let mut octets = [0; 16];
    let mut rest = text;
    let mut filled = 0;
    // how many octets stand before the "::"
    let mut gap = None;
    if let Some(tail) = rest.strip_prefix(b"::") {
        gap = Some(0);
        rest = tail;
    }
    while !rest.is_empty() {
        let mut group = 0_u32;
        let mut digits = 0;
        while let Some(&octet) = rest.get(digits) {
            let digit = HEX[octet as usize];
            if digit > 15 {
                break;
            }
            group = group << 4 | u32::from(digit);
            digits += 1;
        }
        if rest.get(digits) == Some(&b'.') {
            octets.get_mut(filled..filled + 4)?.copy_from_slice(&parse_ipv4(rest)?);
            filled += 4;
            break;
        }
        if digits == 0 || digits > 4 {
            return None;
        }
        octets.get_mut(filled..filled + 2)?.copy_from_slice(&group.to_be_bytes()[2..]);
        filled += 2;
        rest = match &rest[digits..] {
            [] => break,
            [b':', b':', tail @ ..] if gap.is_none() => {
                gap = Some(filled);
                tail
            }
            [b':', tail @ ..] if !tail.is_empty() => tail,
            _ => return None,
        };
    }
    match gap {
        None => (filled == 16).then_some(octets),
        // "::" stands for one group at least
        Some(before) => (filled < 16).then(|| {
            octets.copy_within(before..filled, 16 - (filled - before));
            octets[before..16 - (filled - before)].fill(0);
            octets
        }),
    }
}

/// Every octet in decimal, and how many digits that takes.
const DECIMAL: [([u8; 3], u8); 256] = {
    let mut table = [([0; 3], 0); 256];
    let mut octet = 0_u8;
    loop {
        let (a, b, c) = (b'0' + octet / 100, b'0' + octet / 10 % 10, b'0' + octet % 10);
        table[octet as usize] = match octet {
            0..10 => ([c, 0, 0], 1),
            10..100 => ([b, c, 0], 2),
            _ => ([a, b, c], 3),
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
    let mut text = [b'.'; 16];
    let mut at = 0;
    for octet in octets {
        let (digits, length) = DECIMAL[octet as usize];
        text[at..at + 3].copy_from_slice(&digits);
        at += usize::from(length) + 1;
        text[at - 1] = b'.';
    }
    out.extend_from_slice(&text[..at - 1]);
}

/// Appends an IPv6 address in the form of RFC 5952.
pub fn push_ipv6(octets: [u8; 16], out: &mut Vec<u8>) {
    // RFC 5952, section 5: the prefix of mapped addresses tells that an IPv4 address follows
    if let [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, tail @ ..] = octets {
        out.extend_from_slice(b"::ffff:");
        return push_ipv4(tail, out);
    }
    let group = |number: usize| u16::from_be_bytes([octets[2 * number], octets[2 * number + 1]]);
    let zeros = longest_zeros(group);
    let mut text = [0; 40];
    let mut at = 0;
    let mut number = 0;
    while number < 8 {
        if zeros.start == number && !zeros.is_empty() {
            text[at..at + 2].copy_from_slice(b"::");
            at += 2;
            number = zeros.end;
            continue;
        }
        if number > 0 && number != zeros.end {
            text[at] = b':';
            at += 1;
        }
        let group = group(number);
        // leading zeros are left out, the last digit never (RFC 5952, section 4.1)
        let digits = ((19 - (group | 1).leading_zeros()) / 4) as usize;
        for digit in (0..digits).rev() {
            text[at] = b"0123456789abcdef"[usize::from(group >> (4 * digit) & 15)];
            at += 1;
        }
        number += 1;
    }
    out.extend_from_slice(&text[..at]);
}

/// The longest run of two or more zero groups, the first of equals (RFC 5952, section 4.2).
fn longest_zeros(group: impl Fn(usize) -> u16) -> std::ops::Range<usize> {
    let mut longest = 8..8;
    let mut start = 0;
    for number in 0..8 {
        if group(number) != 0 {
            start = number + 1;
        } else if number + 1 - start > longest.len().max(1) {
            longest = start..number + 1;
        }
    }
    longest
}

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
