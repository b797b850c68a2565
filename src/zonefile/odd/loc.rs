//! LOC: a place on Earth (RFC 1876).
//!
//! Text: `d1 [m1 [s1]] N|S d2 [m2 [s2]] E|W altitude[m] [size[m] [horizontal[m] [vertical[m]]]]`, the
//! last three being diameters in metres. Wire: a version, three diameters as a digit and a power of ten
//! in centimetres, and latitude, longitude and altitude as 32-bit offsets.

use super::number;
use crate::dns::text::{parse_number, push_number};
use crate::zonefile::token::{Tokens, Wrong};

/// The equator and the prime meridian, in thousandths of a second (RFC 1876, section 2).
const ZERO_ANGLE: u32 = 1 << 31;
/// Thousandths of a second in a degree.
const DEGREE: u32 = 3_600_000;
/// Altitudes count centimetres from 100 000 m below the WGS 84 spheroid (RFC 1876, section 2).
const ZERO_ALTITUDE: u32 = 10_000_000;
/// Size 1 m, horizontal precision 10 000 m, vertical precision 10 m (RFC 1876, section 3).
const DEFAULTS: [u8; 3] = [0x12, 0x16, 0x13];

/// One of the two angles: which letters close it, and how far it reaches.
struct Axis {
    /// The letter of angles above zero, and that of angles below.
    letters: [u8; 2],
    degrees: u32,
    expected: [&'static str; 4],
}

const LATITUDE: Axis = Axis {
    letters: *b"NS",
    degrees: 90,
    expected: [
        "a latitude of 0 to 90 degrees",
        "minutes from 0 to 59, or N or S",
        "seconds from 0 to 59.999, or N or S",
        "N or S",
    ],
};
const LONGITUDE: Axis = Axis {
    letters: *b"EW",
    degrees: 180,
    expected: [
        "a longitude of 0 to 180 degrees",
        "minutes from 0 to 59, or E or W",
        "seconds from 0 to 59.999, or E or W",
        "E or W",
    ],
};

pub(super) fn parse(words: &mut Tokens<'_>, out: &mut Vec<u8>) -> Result<(), Wrong> {
    let latitude = take_angle(words, &LATITUDE)?;
    let longitude = take_angle(words, &LONGITUDE)?;
    let altitude = take_altitude(words)?;
    let mut diameters = DEFAULTS;
    for diameter in &mut diameters {
        if words.left() > 0 {
            *diameter = take_diameter(words)?;
        }
    }
    out.push(0);
    out.extend_from_slice(&diameters);
    for value in [latitude, longitude, altitude] {
        out.extend_from_slice(&value.to_be_bytes());
    }
    Ok(())
}

/// Takes degrees, minutes and seconds, the latter two if they are there, and the letter.
fn take_angle(words: &mut Tokens<'_>, axis: &Axis) -> Result<u32, Wrong> {
    let mut angle = number::<u32>(words, u64::from(axis.degrees), axis.expected[0])? * DEGREE;
    for (part, expected) in axis.expected.iter().enumerate().skip(1) {
        let word = words.take(expected)?;
        match word.text {
            [letter] if *letter == axis.letters[0] => return Ok(ZERO_ANGLE + angle),
            [letter] if *letter == axis.letters[1] => return Ok(ZERO_ANGLE - angle),
            _ => {}
        }
        let more = match part {
            1 => parse_decimal(word.text, 59, 0).map(|minutes| minutes * 60_000),
            2 => parse_decimal(word.text, 59, 3),
            _ => None,
        };
        let more = more.filter(|more| angle + more <= axis.degrees * DEGREE);
        angle += more.ok_or_else(|| wrong_part(words, axis, expected, word.text))?;
    }
    // the last part is the letter or an error
    Err(words.wrong(axis.expected[3]))
}

fn wrong_part(words: &Tokens<'_>, axis: &Axis, expected: &'static str, text: &[u8]) -> Wrong {
    let wrong = words.wrong(expected);
    if text.len() == 1 && axis.letters.contains(&text[0].to_ascii_uppercase()) {
        return wrong.hint("the letter is a capital: name servers do not read a small one");
    }
    wrong
}

fn take_altitude(words: &mut Tokens<'_>) -> Result<u32, Wrong> {
    const EXPECTED: &str = "an altitude from -100000.00 to 42849672.95 metres";
    let text = words.take(EXPECTED)?.text;
    let altitude = match text.split_first() {
        Some((b'-', depth)) => {
            parse_metres(depth, 100_000).and_then(|depth| ZERO_ALTITUDE.checked_sub(depth))
        }
        // no RFC has the plus sign, but BIND, NSD and ldns read it
        Some((b'+', height)) => parse_metres(height, 42_849_672).and_then(|m| ZERO_ALTITUDE.checked_add(m)),
        _ => parse_metres(text, 42_849_672).and_then(|height| ZERO_ALTITUDE.checked_add(height)),
    };
    altitude.ok_or_else(|| words.wrong(EXPECTED))
}

/// Takes a diameter and rounds it down to one digit and a power of ten, as BIND does.
fn take_diameter(words: &mut Tokens<'_>) -> Result<u8, Wrong> {
    const EXPECTED: &str = "a size or precision from 0 to 90000000.00 metres";
    let word = words.take(EXPECTED)?;
    // a fraction above the limit's metres is rounded away
    let mut digit = parse_metres_wide(word.text, 90_000_000).ok_or_else(|| words.wrong(EXPECTED))?;
    let mut power = 0;
    while digit > 9 {
        digit /= 10;
        power += 1;
    }
    Ok(digit.to_le_bytes()[0] << 4 | power)
}

fn parse_metres(text: &[u8], max: u64) -> Option<u32> {
    u32::try_from(parse_metres_wide(text, max)?).ok()
}

/// Centimetres, from metres with up to two decimals and perhaps an `m`.
fn parse_metres_wide(text: &[u8], max: u64) -> Option<u64> {
    parse_scaled(text.strip_suffix(b"m").unwrap_or(text), max, 2)
}

fn parse_decimal(text: &[u8], max: u64, decimals: usize) -> Option<u32> {
    u32::try_from(parse_scaled(text, max, decimals)?).ok()
}

/// A number with up to that many decimals, its whole part at most `max`, in units of the last decimal. One side
/// of the point may be empty.
fn parse_scaled(text: &[u8], max: u64, decimals: usize) -> Option<u64> {
    let point = text.iter().position(|&octet| octet == b'.').filter(|_| decimals > 0);
    let (whole, fraction) = point.map_or((text, &[][..]), |at| (&text[..at], &text[at + 1..]));
    if whole.len() + fraction.len() == 0 || fraction.len() > decimals {
        return None;
    }
    let mut value = if whole.is_empty() { 0 } else { parse_number(whole, max)? };
    for place in 0..decimals {
        let digit = fraction.get(place).unwrap_or(&b'0');
        value = value * 10 + u64::from(digit.checked_sub(b'0').filter(|&digit| digit <= 9)?);
    }
    Some(value)
}

pub(super) fn format(octets: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let (&[0, size, horizontal, vertical], rest) = octets.split_first_chunk::<4>()? else { return None };
    let [angles @ .., altitude] = rest.as_chunks::<4>().0 else { return None };
    let (&[latitude, longitude], 16) = (angles, octets.len()) else { return None };
    push_angle(u32::from_be_bytes(latitude), &LATITUDE, out)?;
    push_angle(u32::from_be_bytes(longitude), &LONGITUDE, out)?;
    let altitude = u32::from_be_bytes(*altitude);
    if altitude < ZERO_ALTITUDE {
        out.push(b'-');
    }
    push_metres(u64::from(altitude.abs_diff(ZERO_ALTITUDE)), out);
    for diameter in [size, horizontal, vertical] {
        out.push(b' ');
        push_diameter(diameter, out)?;
    }
    Some(())
}

fn push_angle(value: u32, axis: &Axis, out: &mut Vec<u8>) -> Option<()> {
    let angle = value.abs_diff(ZERO_ANGLE);
    if angle > axis.degrees * DEGREE {
        return None;
    }
    push_number(u64::from(angle / DEGREE), out);
    out.push(b' ');
    push_number(u64::from(angle / 60_000 % 60), out);
    out.push(b' ');
    push_number(u64::from(angle / 1000 % 60), out);
    out.push(b'.');
    push_decimals(u64::from(angle % 1000), 100, out);
    let letter = axis.letters[usize::from(value < ZERO_ANGLE)];
    out.extend_from_slice(&[b' ', letter, b' ']);
    Some(())
}

/// Appends centimetres as metres with two decimals.
fn push_metres(centimetres: u64, out: &mut Vec<u8>) {
    push_number(centimetres / 100, out);
    out.push(b'.');
    push_decimals(centimetres % 100, 10, out);
    out.push(b'm');
}

/// Appends a fraction's digits with leading zeros; `first` is the weight of the first of them.
fn push_decimals(fraction: u64, first: u64, out: &mut Vec<u8>) {
    let mut weight = first;
    while weight > 0 {
        push_number(fraction / weight % 10, out);
        weight /= 10;
    }
}

/// Appends a diameter: whole metres, or a fraction of a metre. Digit and power are "each ranging from zero
/// to nine", and the digit zero goes with the power zero only (RFC 1876, section 2).
fn push_diameter(diameter: u8, out: &mut Vec<u8>) -> Option<()> {
    let (digit, power) = (diameter >> 4, diameter & 15);
    if digit > 9 || power > 9 || (digit == 0 && power > 0) {
        return None;
    }
    let centimetres = u64::from(digit) * 10_u64.pow(u32::from(power));
    if power < 2 {
        push_metres(centimetres, out);
    } else {
        push_number(centimetres / 100, out);
        out.push(b'm');
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::super::format;
    use super::super::testing::{reads, refuses, survives_damage, unhex, wire_of};
    use crate::dns::schema::Kind::Loc;

    /// Text, BIND's wire form, BIND's text. The first five are the examples of RFC 1876, section 4.
    const PLACES: &str = "\
        42 21 54 N 71 06 18 W -24m 30m | 0033161389172DD070BE15F000988D20 | 42 21 54.000 N 71 6 18.000 W -24.00m 30m 10000m 10m
        42 21 43.952 N 71 5 6.344 W -24m 1m 200m | 001224138917069070BF2DD800988D20 | 42 21 43.952 N 71 5 6.344 W -24.00m 1m 200m 10m
        52 14 05 N 00 08 50 E 10m | 001216138B3556C88008165000989A68 | 52 14 5.000 N 0 8 50.000 E 10.00m 1m 10000m 10m
        32 7 19 S 116 2 25 E 10m | 00121613791B7D2898E6486800989A68 | 32 7 19.000 S 116 2 25.000 E 10.00m 1m 10000m 10m
        42 21 28.764 N 71 00 51.617 W -44m 2000m | 002516138916CB3C70C310DF00988550 | 42 21 28.764 N 71 0 51.617 W -44.00m 2000m 10000m 10m
        60 9 N 24 39 E 10 20 2000 20 | 002325238CE82360854A10A000989A68 | 60 9 0.000 N 24 39 0.000 E 10.00m 20m 2000m 20m
        90 S 180 W -100000m | 001216136CB0270059604E0000000000 | 90 0 0.000 S 180 0 0.000 W -100000.00m 1m 10000m 10m
        42 21 54.5 N 71 06 18.05 W -24.5 90000000.00m 0.01 0 | 0099100089172FC470BE15BE00988CEE | 42 21 54.500 N 71 6 18.050 W -24.50m 90000000m 0.01m 0.00m
        42 21 54.5 N 71 06 18.05 W -24.05 9.99 0.19 0.5 | 0092115189172FC470BE15BE00988D1B | 42 21 54.500 N 71 6 18.050 W -24.05m 9m 0.10m 0.50m
        42 21 54.5 N 71 06 18.05 W 42849672.95m 1234567.89m | 0018161389172FC470BE15BEFFFFFFFF | 42 21 54.500 N 71 6 18.050 W 42849672.95m 1000000m 10000m 10m
        1 N 2 E +5 | 001216138036EE80806DDD0000989874 | 1 0 0.000 N 2 0 0.000 E 5.00m 1m 10000m 10m";

    #[test]
    fn places_are_read_and_written_as_bind_does() {
        for line in PLACES.lines() {
            let [text, wire, back] = line.split('|').map(str::trim).collect::<Vec<_>>()[..] else {
                panic!("{line}")
            };
            reads(Loc, text, wire, back);
        }
        assert_eq!(wire_of(Loc, "0 0 .5 N 0 0 7. E .5m"), wire_of(Loc, "0 0 0.500 N 0 0 7 E 0.50"));
    }

    #[test]
    fn what_is_no_place_is_refused() {
        for text in [
            "",
            "N",
            "91 N 0 E 0",
            "90 0 0.001 N 0 E 0",
            "90 1 N 0 E 0",
            "1 60 N 0 E 0",
            "1 0 60 N 0 E 0",
            "1 0 59.9999 N 0 E 0",
            "1 0 0",
            "1 0 0 0 N 0 E 0",
            "1 n 0 E 0",
            "1 E 0 E 0",
            "1 N 181 E 0",
            "1 N 1 N 0",
            "1 N 0 E",
            "1 N 0 E x",
            "1 N 0 E .m",
            "1 N 0 E -",
            "1 N 0 E m",
            "1 N 0 E 42849672.96",
            "1 N 0 E -100000.01",
            "1 N 0 E 0.001",
            "1 N 0 E 0 90000001",
            "1 N 0 E 0 -1",
            "1 N 0 E 0 1 1 1 1",
            "1 N 0 E --1",
            "1 N 0 E 0 1e3",
            "1 1.5 N 0 E 0",
            "99999999999999999999999 N 0 E 0",
        ] {
            refuses(Loc, text);
        }
    }

    #[test]
    fn octets_out_of_range_have_no_text() {
        for wire in [
            "01121613800000008000000000989680",
            "00a21613800000008000000000989680",
            "001a1613800000008000000000989680",
            "00051613800000008000000000989680",
            "001216139351440180000000 00989680",
            "0012161380000000a6a2880100989680",
            "0012161380000000800000000098968000",
        ] {
            assert!(format(Loc, &unhex(wire), &mut Vec::new()).is_none(), "{wire}");
        }
        survives_damage(Loc, &wire_of(Loc, "42 21 54 N 71 06 18 W -24m 30m"));
    }
}
