//! Addresses: text ↔ octets (RFC 1035, section 3.4.1; RFC 3596, section 2.4; RFC 5952). What is read and
//! written is what [`std::net`] reads and writes; half of a zone's records are addresses, and this is
//! several times as fast.

use super::text::push_first;

/// Reads an IPv4 address: four numbers up to 255 without leading zeros. `None`: it is none.
#[must_use]
pub fn parse_ipv4(text: &[u8]) -> Option<[u8; 4]> {
    // in one register: octets stored one by one and then fetched together make a processor wait
    let mut address = 0_u32;
    let (mut dots, mut value, mut digits) = (0, 0, 0);
    for &octet in text {
        if octet == b'.' {
            if digits == 0 {
                return None;
            }
            dots += 1;
            address = address << 8 | value;
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
    (dots == 3 && digits > 0).then_some((address << 8 | value).to_be_bytes())
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
            address = address << 32 | u128::from(u32::from_be_bytes(parse_ipv4(rest)?));
            groups += 2;
            break;
        }
        if digits == 0 || digits > 4 {
            return None;
        }
        address = address << 16 | u128::from(group);
        groups += 1;
        rest = match &rest[digits..] {
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
    Some(address.to_be_bytes())
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
    let group = |number: usize| u16::from_be_bytes([octets[2 * number], octets[2 * number + 1]]);
    let zeros = longest_zeros(group);
    let mut number = 0;
    while number < 8 {
        if zeros.start == number && !zeros.is_empty() {
            out.extend_from_slice(b"::");
            number = zeros.end;
            continue;
        }
        if number > 0 && number != zeros.end {
            out.push(b':');
        }
        let group = group(number);
        // leading zeros are left out, the last digit never (RFC 5952, section 4.1)
        let digits = ((19 - (group | 1).leading_zeros()) / 4) as usize;
        let digit = |place: usize| {
            let shift = (4 * (digits - 1)).wrapping_sub(4 * place);
            b"0123456789abcdef"[usize::from(group >> (shift % 16) & 15)]
        };
        push_first(&[0, 1, 2, 3].map(digit), digits, out);
        number += 1;
    }
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
