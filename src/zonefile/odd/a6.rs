//! A6: an IPv6 address of which the first bits are found at another name (RFC 2874; historic, RFC 6563).
//!
//! Text and wire: prefix length; the address's other bits, unless the prefix is all of it; the name,
//! unless the prefix is nothing.

use super::{number, push_ipv6, push_whole_name, take_ipv6, take_name};
use crate::dns::Name;
use crate::dns::text::push_number;
use crate::zonefile::token::{Tokens, Wrong};

pub(super) fn parse(
    words: &mut Tokens<'_>,
    origin: Option<Name<'_>>,
    out: &mut Vec<u8>,
) -> Result<(), Wrong> {
    let prefix: u8 = number(words, 128, "a prefix length from 0 to 128")?;
    out.push(prefix);
    if prefix < 128 {
        let mut address = take_ipv6(words)?;
        let first = usize::from(prefix / 8);
        // "pad bits [...] MUST be set to zero when loading a zone file" (RFC 2874, section 3.1)
        address[first] &= suffix_bits(prefix);
        out.extend_from_slice(&address[first..]);
    }
    if prefix > 0 {
        take_name(words, origin, "the name with the rest of the prefix", out)?;
    }
    Ok(())
}

/// Which bits belong to the suffix in the octet where it starts.
fn suffix_bits(prefix: u8) -> u8 {
    0xff >> (prefix % 8)
}

pub(super) fn format(octets: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let (&prefix, rest) = octets.split_first().filter(|&(&prefix, _)| prefix <= 128)?;
    push_number(u64::from(prefix), out);
    let mut address = [0; 16];
    let first = usize::from(prefix / 8);
    let (suffix, name) = rest.split_at_checked(address.len() - first)?;
    if let Some(octet) = suffix.first() {
        if octet & !suffix_bits(prefix) != 0 {
            return None;
        }
        address[first..].copy_from_slice(suffix);
        out.push(b' ');
        push_ipv6(&address, out)?;
    }
    if prefix > 0 {
        out.push(b' ');
        return push_whole_name(name, out);
    }
    name.is_empty().then_some(())
}

#[cfg(test)]
mod tests {
    use super::super::format;
    use super::super::testing::{reads, refuses, survives_damage, unhex, wire_of};
    use crate::dns::schema::Kind::A6;

    #[test]
    fn prefixes_of_all_lengths() {
        for (text, wire) in [
            ("0 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "00 ffffffffffffffffffffffffffffffff"),
            ("64 ::ffff:ffff:ffff:ffff foo.", "40 ffffffffffffffff 03666f6f00"),
            ("127 ::1 foo.", "7f 01 03666f6f00"),
            ("128 .", "80 00"),
            (
                "48 ::1:0:0:0:42 subnet-1.example.",
                "30 0001 0000 0000 0000 0042 087375626e65742d3107 6578616d706c6500",
            ),
        ] {
            reads(A6, text, wire, text);
        }
        // the bits of the prefix are cleared
        reads(
            A6,
            "65 ffff::ffff:0:0:0 x",
            "41 7fff000000000000 017807 6578616d706c6500",
            "65 ::7fff:0:0:0 x.example.",
        );
    }

    #[test]
    fn what_is_no_suffix_is_refused() {
        for text in [
            "",
            "129 .",
            "0",
            "0 1.2.3.4",
            "0 :: foo.",
            "64 ::1",
            "64 foo.",
            "128",
            "128 ::1 foo.",
            "x ::",
            "64 ::1 a..b",
        ] {
            refuses(A6, text);
        }
    }

    #[test]
    fn octets_that_are_no_suffix_have_no_text() {
        for wire in ["", "81 00", "80", "80 0000", "41 ff00000000000000 00", "7f 02 00", "7f 01"] {
            assert!(format(A6, &unhex(wire), &mut Vec::new()).is_none(), "{wire}");
        }
        for text in ["0 2001:db8::1", "64 ::1:2:3:4 foo.", "121 ::7f foo.", "128 foo."] {
            survives_damage(A6, &wire_of(A6, text));
        }
    }
}
