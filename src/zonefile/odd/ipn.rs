//! IPN: the number of a Bundle Protocol node (draft-johnson-dns-ipn-cla, section 3.1).
//!
//! Text: 64 bits in decimal, or the upper and the lower 32 bits with a dot between. Wire: the 64 bits.

use crate::dns::text::{parse_number, push_number};
use crate::zonefile::token::{Tokens, Wrong};

pub(super) fn parse(words: &mut Tokens<'_>, out: &mut Vec<u8>) -> Result<(), Wrong> {
    const EXPECTED: &str = "a number from 0 to 18446744073709551615, or two of 32 bits as in 977000.100";
    let text = words.take(EXPECTED)?.text;
    let node = parse_node(text).ok_or_else(|| words.wrong(EXPECTED))?;
    out.extend_from_slice(&node.to_be_bytes());
    Ok(())
}

fn parse_node(text: &[u8]) -> Option<u64> {
    let half = |text: &[u8]| parse_number(text, u64::from(u32::MAX));
    match text.iter().position(|&octet| octet == b'.') {
        Some(dot) => Some(half(&text[..dot])? << 32 | half(&text[dot + 1..])?),
        None => parse_number(text, u64::MAX),
    }
}

pub(super) fn format(octets: &[u8], out: &mut Vec<u8>) -> Option<()> {
    push_number(u64::from_be_bytes(octets.try_into().ok()?), out);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{reads, refuses, survives_damage, wire_of};
    use crate::dns::schema::Kind::Ipn;

    #[test]
    fn numbers_in_one_part_and_in_two() {
        reads(Ipn, "100", "0000000000000064", "100");
        reads(Ipn, "100.100", "0000006400000064", "429496729700");
        reads(Ipn, "18446744073709551615", "ffffffffffffffff", "18446744073709551615");
        reads(Ipn, "4294967295.4294967295", "ffffffffffffffff", "18446744073709551615");
        survives_damage(Ipn, &wire_of(Ipn, "977000.100"));
    }

    #[test]
    fn what_is_no_node_is_refused() {
        for text in [
            "",
            "-1",
            "x",
            "18446744073709551616",
            "1.",
            ".1",
            "4294967296.0",
            "0.4294967296",
            "1.2.3",
            "1 2",
        ] {
            refuses(Ipn, text);
        }
    }
}
