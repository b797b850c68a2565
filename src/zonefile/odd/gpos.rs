//! GPOS: a place on Earth in decimal numbers (RFC 1712; LOC came after it).
//!
//! Text and wire: longitude, latitude and altitude, each a character-string with a number in it.

use crate::dns::text::{parse_string, push_quoted};
use crate::zonefile::token::{Tokens, Wrong};

/// How far the numbers may be from zero, and their words. The ranges of RFC 1712, section 3 stand at the wrong
/// axes, and so do the numbers of its example: 180 degrees are allowed for both.
const NUMBERS: [(Option<u32>, &str); 3] = [
    (Some(180), "a longitude from -180 to 180, as in 116.8652"),
    (Some(180), "a latitude from -90 to 90, as in -32.6882"),
    (None, "an altitude in metres, as in 10.0"),
];

pub(super) fn parse(words: &mut Tokens<'_>, out: &mut Vec<u8>) -> Result<(), Wrong> {
    for (limit, expected) in NUMBERS {
        let text = words.take(expected)?.text;
        let start = out.len();
        out.push(0);
        let length = parse_string(text, out).and_then(|()| length(&out[start + 1..], limit));
        out[start] = length.ok_or_else(|| words.wrong(expected))?;
    }
    Ok(())
}

/// How many octets the number has, if it is one: digits, a point among them or not, a sign in front or not; or
/// nothing at all, as BIND and ldns have it where the number is not known.
fn length(text: &[u8], limit: Option<u32>) -> Option<u8> {
    let digits = text.strip_prefix(b"-").or_else(|| text.strip_prefix(b"+")).unwrap_or(text);
    let point = digits.iter().position(|&octet| octet == b'.');
    let (whole, fraction) = point.map_or((digits, &[][..]), |at| (&digits[..at], &digits[at + 1..]));
    let sound = (text.is_empty() || !(whole.is_empty() && fraction.is_empty()))
        && whole.iter().chain(fraction).all(u8::is_ascii_digit)
        && limit.is_none_or(|limit| is_within(whole, fraction, limit));
    u8::try_from(text.len()).ok().filter(|_| sound)
}

fn is_within(whole: &[u8], fraction: &[u8], limit: u32) -> bool {
    let degrees = whole
        .iter()
        .fold(0, |sum: u32, digit| sum.saturating_mul(10).saturating_add(u32::from(digit - b'0')));
    degrees < limit || (degrees == limit && fraction.iter().all(|&digit| digit == b'0'))
}

pub(super) fn format(octets: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let mut rest = octets;
    for (at, (limit, _)) in NUMBERS.into_iter().enumerate() {
        let (&counted, tail) = rest.split_first()?;
        let (number, tail) = tail.split_at_checked(usize::from(counted))?;
        length(number, limit)?;
        if at > 0 {
            out.push(b' ');
        }
        push_quoted(number, out);
        rest = tail;
    }
    rest.is_empty().then_some(())
}

#[cfg(test)]
mod tests {
    use super::super::format;
    use super::super::testing::{reads, refuses, survives_damage, unhex, wire_of};
    use crate::dns::schema::Kind::Gpos;

    #[test]
    fn the_example_of_rfc_1712_section_3() {
        let wire = "082d33322e36383832 083131362e38363532 0431302e30";
        reads(Gpos, "-32.6882 116.8652 10.0", wire, "\"-32.6882\" \"116.8652\" \"10.0\"");
        reads(Gpos, "-180.00 +90. .5", "072d3138302e3030 042b39302e 022e35", "\"-180.00\" \"+90.\" \".5\"");
        reads(
            Gpos,
            "0 0 -99999999999",
            "0130 0130 0c2d3939393939393939393939",
            "\"0\" \"0\" \"-99999999999\"",
        );
        reads(Gpos, "\"\" \"\" \"\"", "000000", "\"\" \"\" \"\"");
        survives_damage(Gpos, &wire_of(Gpos, "-32.6882 116.8652 10.0"));
    }

    #[test]
    fn what_is_no_place_is_refused() {
        for text in [
            "",
            "1",
            "1 2",
            "1 2 3 4",
            "181 0 0",
            "180.01 0 0",
            "0 -180.1 0",
            "99999999999 0 0",
            "x 0 0",
            "0 0 1e3",
            ". 0 0",
            "- 0 0",
            "0 0 1.2.3",
            "0 0 --1",
            "0 0 1m",
            "0 0 \\256",
        ] {
            refuses(Gpos, text);
        }
        refuses(Gpos, &format!("0 0 {}", "1".repeat(256)));
        for wire in ["", "0130", "01300130", "01300130013001", "013001300161"] {
            assert!(format(Gpos, &unhex(wire), &mut Vec::new()).is_none(), "{wire}");
        }
    }
}
