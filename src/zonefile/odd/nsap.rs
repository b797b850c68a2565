//! NSAP (RFC 1706) and ATMA (the ATM Forum's AF-DANS-0152.000): addresses of OSI and ATM networks,
//! hexadecimal digits with dots for the eye. The text of both is BIND's.

use crate::dns::text::{parse_hex, push_hex};
use crate::zonefile::token::{Tokens, Wrong};

/// ATMA: an ATM end system address, in hexadecimal.
const END_SYSTEM: u8 = 0;
/// ATMA: a telephone number (E.164), as decimal digits in ASCII.
const TELEPHONE: u8 = 1;

/// Text: `0x` and hexadecimal digits, dots anywhere between them (RFC 1706, section 7).
pub(super) fn parse_nsap(words: &mut Tokens<'_>, out: &mut Vec<u8>) -> Result<(), Wrong> {
    const EXPECTED: &str = "0x and hexadecimal digits, two an octet, dots allowed";
    let text = words.take(EXPECTED)?.text;
    let digits = text.strip_prefix(b"0x").or_else(|| text.strip_prefix(b"0X"));
    digits.and_then(|digits| push_dotted_hex(digits, out)).ok_or_else(|| words.wrong(EXPECTED))
}

/// Text: `+` and decimal digits, or hexadecimal digits; single dots between them.
pub(super) fn parse_atma(words: &mut Tokens<'_>, out: &mut Vec<u8>) -> Result<(), Wrong> {
    const EXPECTED: &str =
        "+ and the digits of a telephone number, or hexadecimal digits, two an octet; single dots allowed";
    let text = words.take(EXPECTED)?.text;
    parse_atm_address(text, out).ok_or_else(|| words.wrong(EXPECTED))
}

fn parse_atm_address(text: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let telephone = text.strip_prefix(b"+");
    let digits = telephone.unwrap_or(text);
    // a dot stands between two digits
    if digits.split(|&octet| octet == b'.').any(<[u8]>::is_empty) {
        return None;
    }
    if telephone.is_none() {
        out.push(END_SYSTEM);
        return push_dotted_hex(digits, out);
    }
    out.push(TELEPHONE);
    out.extend(without_dots(digits));
    without_dots(digits).all(|digit| digit.is_ascii_digit()).then_some(())
}

fn without_dots(text: &[u8]) -> impl Iterator<Item = u8> {
    text.iter().copied().filter(|&octet| octet != b'.')
}

/// Appends the octets of hexadecimal digits with dots among them; one octet at least.
fn push_dotted_hex(text: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let digits: Vec<u8> = without_dots(text).collect();
    if digits.is_empty() {
        return None;
    }
    parse_hex(&digits, out)
}

pub(super) fn format_nsap(octets: &[u8], out: &mut Vec<u8>) -> Option<()> {
    if octets.is_empty() {
        return None;
    }
    out.extend_from_slice(b"0x");
    push_lower_hex(octets, out);
    Some(())
}

pub(super) fn format_atma(octets: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let (&format, address) = octets.split_first()?;
    if address.is_empty() {
        return None;
    }
    match format {
        END_SYSTEM => push_lower_hex(address, out),
        TELEPHONE if address.iter().all(u8::is_ascii_digit) => {
            out.push(b'+');
            out.extend_from_slice(address);
        }
        _ => return None,
    }
    Some(())
}

fn push_lower_hex(octets: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    push_hex(octets, out);
    out[start..].make_ascii_lowercase();
}

#[cfg(test)]
mod tests {
    use super::super::testing::{reads, refuses, survives_damage, unhex, wire_of};
    use super::super::{format, is_opaque};
    use crate::dns::schema::Kind::{Atma, Nsap};

    #[test]
    fn examples_of_rfc_1706_section_7() {
        for text in [
            "0x47.0005.80.005a00.0000.0001.e133.ffffff000161.00",
            "0X47.0005.80.005a00.0000.0001.e133.FFFFFF000161.00.",
            "0x4.7.0005.80.005a00.0000.0001..e133.ffffff000161.00",
        ] {
            let wire = "47000580005a0000000001e133ffffff00016100";
            reads(Nsap, text, wire, &format!("0x{wire}"));
        }
    }

    #[test]
    fn atm_addresses_as_bind_reads_them() {
        reads(Atma, "+61200000000", "01 3631323030303030303030", "+61200000000");
        reads(Atma, "+61.2.0000.0000", "01 3631323030303030303030", "+61200000000");
        reads(Atma, "1234567890abcdef", "00 1234567890abcdef", "1234567890abcdef");
        reads(Atma, "f.e.d.c.b.a.0.9.8.7.6.5.4.3.2.1", "00 fedcba0987654321", "fedcba0987654321");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in ["", "0x", "0x.", "47", "0x4", "0x4g", "x47", "0x47 48", "\\048x47"] {
            refuses(Nsap, text);
        }
        for text in ["", "+", "+.1", "+1.", "+1..2", "+1a", "1", "12.", ".12", "1..2", "0x12", "12 34", "++1"]
        {
            refuses(Atma, text);
        }
    }

    #[test]
    fn octets_that_are_no_address_have_no_text() {
        for wire in ["", "00", "01", "0141", "013a", "0200"] {
            assert!(format(Atma, &unhex(wire), &mut Vec::new()).is_none(), "{wire}");
        }
        assert!(
            is_opaque(Atma, &unhex("0200"))
                && !is_opaque(Atma, &unhex("02"))
                && !is_opaque(Atma, &unhex("0141"))
        );
        survives_damage(Nsap, &wire_of(Nsap, "0x47.0005"));
        survives_damage(Atma, &wire_of(Atma, "47.0005"));
        survives_damage(Atma, &wire_of(Atma, "+47.0005"));
    }
}
