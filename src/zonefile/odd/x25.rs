//! X25: an address in an X.25 network (RFC 1183, section 3.1).
//!
//! Text and wire: one character-string of digits, of which the first four say which network it is.

use crate::dns::text::{parse_string, push_quoted};
use crate::zonefile::token::{Tokens, Wrong};

pub(super) fn parse(words: &mut Tokens<'_>, out: &mut Vec<u8>) -> Result<(), Wrong> {
    const EXPECTED: &str = "an address of 4 to 255 digits, as in 311061700956";
    let text = words.take(EXPECTED)?.text;
    let start = out.len();
    out.push(0);
    let length = parse_string(text, out).and_then(|()| length(&out[start + 1..]));
    out[start] = length.ok_or_else(|| words.wrong(EXPECTED))?;
    Ok(())
}

/// How many digits the address has, if it is one.
fn length(address: &[u8]) -> Option<u8> {
    let sound = address.len() >= 4 && address.iter().all(u8::is_ascii_digit);
    u8::try_from(address.len()).ok().filter(|_| sound)
}

pub(super) fn format(octets: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let (&counted, address) = octets.split_first()?;
    push_quoted(address, out);
    (length(address) == Some(counted)).then_some(())
}

#[cfg(test)]
mod tests {
    use super::super::format;
    use super::super::testing::{reads, refuses, survives_damage, unhex, wire_of};
    use crate::dns::schema::Kind::X25;

    #[test]
    fn the_example_of_rfc_1183_section_3_1() {
        let wire = "0c 333131303631373030393536";
        reads(X25, "311061700956", wire, "\"311061700956\"");
        reads(X25, "\"31106170\\0509\\0546\"", "0c 333131303631373032393636", "\"311061702966\"");
        survives_damage(X25, &wire_of(X25, "311061700956"));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in ["", "\"\"", "311", "3110a", "3110 6170", "+3110", "31\\"] {
            refuses(X25, text);
        }
        refuses(X25, &"1".repeat(256));
        for wire in ["", "00", "03313131", "0431313161", "043131313131"] {
            assert!(format(X25, &unhex(wire), &mut Vec::new()).is_none(), "{wire}");
        }
    }
}
