//! APL: a list of address prefixes (RFC 3123).
//!
//! Text: `[!]family:address/prefix`, any number of them. Wire: family, prefix length, a flag for `!` with
//! the number of octets that follow, and the address without its trailing zero octets.

use super::{ipv4, ipv6, push_ipv4, push_ipv6};
use crate::dns::text::{parse_number, push_number};
use crate::zonefile::token::{Tokens, Wrong};

/// The flag of a negated item, in the octet of the length (RFC 3123, section 4).
const NEGATED: u8 = 0x80;

pub(super) fn parse(words: &mut Tokens<'_>, out: &mut Vec<u8>) -> Result<(), Wrong> {
    while let Some(word) = words.next() {
        parse_item(word.text, out).ok_or_else(|| {
            words
                .wrong("an address prefix, as in 1:192.0.2.0/24 or !2:2001:db8::/32")
                .hint("the number in front is the address family: 1 for IPv4, 2 for IPv6")
        })?;
    }
    Ok(())
}

fn parse_item(text: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let (negated, text) = match text.strip_prefix(b"!") {
        Some(rest) => (NEGATED, rest),
        None => (0, text),
    };
    let (family, rest) = split_once(text, b':')?;
    let (address, prefix) = split_once(rest, b'/')?;
    let prefix = u8::try_from(parse_number(prefix, 128)?).ok()?;
    match parse_number(family, 2)? {
        1 => push_item(1, prefix, negated, &ipv4(address)?, out),
        2 => push_item(2, prefix, negated, &ipv6(address)?, out),
        _ => None,
    }
}

fn split_once(text: &[u8], separator: u8) -> Option<(&[u8], &[u8])> {
    let at = text.iter().position(|&octet| octet == separator)?;
    Some((&text[..at], &text[at + 1..]))
}

/// Trailing zero octets say nothing and are left out (RFC 3123, section 4); the rest of the address is kept
/// even beyond the prefix, as it was written.
fn push_item(family: u8, prefix: u8, negated: u8, address: &[u8], out: &mut Vec<u8>) -> Option<()> {
    if usize::from(prefix) > address.len() * 8 {
        return None;
    }
    let length = address.iter().rposition(|&octet| octet != 0).map_or(0, |last| last + 1);
    out.extend_from_slice(&[0, family, prefix, negated | length.to_le_bytes()[0]]);
    out.extend_from_slice(&address[..length]);
    Some(())
}

/// One item on the wire.
struct Item<'a> {
    family: u16,
    prefix: u8,
    negated: bool,
    address: &'a [u8],
}

/// The item at the start of `octets`, and what follows it.
fn split_item(octets: &[u8]) -> Option<(Item<'_>, &[u8])> {
    let (&[high, low, prefix, length], rest) = octets.split_first_chunk()?;
    let (address, rest) = rest.split_at_checked(usize::from(length & !NEGATED))?;
    if address.last() == Some(&0) {
        return None;
    }
    let family = u16::from_be_bytes([high, low]);
    Some((Item { family, prefix, negated: length & NEGATED != 0, address }, rest))
}

pub(super) fn format(octets: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let mut rest = octets;
    while !rest.is_empty() {
        let (item, tail) = split_item(rest)?;
        if rest.len() < octets.len() {
            out.push(b' ');
        }
        push_text(&item, out)?;
        rest = tail;
    }
    Some(())
}

fn push_text(item: &Item<'_>, out: &mut Vec<u8>) -> Option<()> {
    let mut address = [0; 16];
    address.get_mut(..item.address.len())?.copy_from_slice(item.address);
    if item.negated {
        out.push(b'!');
    }
    match item.family {
        1 if item.prefix <= 32 && item.address.len() <= 4 => {
            out.extend_from_slice(b"1:");
            push_ipv4(&address[..4], out)?;
        }
        2 if item.prefix <= 128 => {
            out.extend_from_slice(b"2:");
            push_ipv6(&address, out)?;
        }
        _ => return None,
    }
    out.push(b'/');
    push_number(u64::from(item.prefix), out);
    Some(())
}

/// Whether the octets are whole items, of which one at least is neither IPv4 nor IPv6.
pub(super) fn has_other_family(octets: &[u8]) -> bool {
    let mut rest = octets;
    let mut other = false;
    while !rest.is_empty() {
        let Some((item, tail)) = split_item(rest) else { return false };
        if matches!(item.family, 1 | 2) {
            if push_text(&item, &mut Vec::new()).is_none() {
                return false;
            }
        } else {
            other = true;
        }
        rest = tail;
    }
    other
}

#[cfg(test)]
mod tests {
    use super::super::testing::{reads, refuses, survives_damage, unhex, wire_of};
    use super::super::{format, is_opaque};
    use crate::dns::schema::Kind::Apl;

    #[test]
    fn examples_of_rfc_3123_section_8() {
        for (text, wire) in [
            ("1:192.168.32.0/21 !1:192.168.38.0/28", "0001 15 03 c0a820 0001 1c 83 c0a826"),
            ("1:224.0.0.0/4 2:ff00::/8", "0001 04 01 e0 0002 08 01 ff"),
            ("!1:10.0.0.1/32 1:10.0.0.0/24", "0001 20 84 0a000001 0001 18 01 0a"),
            ("1:0.0.0.0/0 2:::/0", "0001 00 00 0002 00 00"),
            ("", ""),
        ] {
            reads(Apl, text, wire, text);
        }
        // beyond the prefix, yet kept
        reads(Apl, "1:10.0.0.1/8", "0001 08 04 0a000001", "1:10.0.0.1/8");
        reads(Apl, "!2:FF00::/8", "0002 08 81 ff", "!2:ff00::/8");
    }

    #[test]
    fn what_is_no_prefix_is_refused() {
        for text in [
            "!",
            "1",
            "1:",
            "1:/",
            "1:10.0.0.0",
            "1:10.0.0.0/",
            "1:10.0.0/8",
            "1:10.0.0.0/33",
            "2:::/129",
            "1:::/8",
            "2:10.0.0.0/8",
            "3:10.0.0.0/8",
            ":10.0.0.0/8",
            "!!1:10.0.0.0/8",
            "1:10.0.0.0/8/8",
            "1:10.0.0.0/-1",
            "-1:10.0.0.0/8",
            "1:10.0.0.0/300",
        ] {
            refuses(Apl, text);
        }
    }

    #[test]
    fn octets_that_are_no_list_have_no_text() {
        for wire in ["0001080100", "00012101 0a", "00010805 0a00000001", "00020811 ff", "0003080101", "00"] {
            assert!(format(Apl, &unhex(wire), &mut Vec::new()).is_none(), "{wire}");
        }
        assert!(is_opaque(Apl, &unhex("0003080101")) && is_opaque(Apl, &unhex("000104010a 0003080101")));
        for wire in ["", "000108010a", "0003080100", "000308", "0003080101 00012101 0a"] {
            assert!(!is_opaque(Apl, &unhex(wire)), "{wire}");
        }
        survives_damage(Apl, &wire_of(Apl, "!1:10.0.0.1/32 2:2001:db8::/32 1:10.0.0.0/24"));
    }
}
