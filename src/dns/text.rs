//! Master-file text of character-strings, numbers and binary data (RFC 1035, section 5.1; RFC 4648), both ways,
//! and of names, as [`name_text`](super::name_text) has it. Input is what stands between the delimiters, escapes still in it; output is appended.

pub use super::name_text::{NameError, parse_name, parse_name_in, push_name};
use data_encoding::{BASE64, Encoding, HEXLOWER_PERMISSIVE, HEXUPPER, Specification};
use std::sync::LazyLock;

/// The octet that an escape stands for, given what follows its backslash, and what is left after it.
pub(super) fn unescape(rest: &[u8]) -> Option<(u8, &[u8])> {
    match rest {
        [a, tail @ ..] if !a.is_ascii_digit() => Some((*a, tail)),
        [a, b, c, tail @ ..] if b.is_ascii_digit() && c.is_ascii_digit() => {
            let value = u16::from(a - b'0') * 100 + u16::from(b - b'0') * 10 + u16::from(c - b'0');
            Some((u8::try_from(value).ok()?, tail))
        }
        _ => None,
    }
}

/// Appends the octets of a character-string's text, without a length. `None`: a broken escape.
pub fn parse_string(text: &[u8], out: &mut Vec<u8>) -> Option<()> {
    if !text.contains(&b'\\') {
        out.extend_from_slice(text);
        return Some(());
    }
    let mut rest = text;
    while let Some((&octet, tail)) = rest.split_first() {
        rest = tail;
        if octet == b'\\' {
            let (octet, tail) = unescape(rest)?;
            out.push(octet);
            rest = tail;
        } else {
            out.push(octet);
        }
    }
    Some(())
}

/// How an octet is written in text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    Plain,
    Backslash,
    Decimal,
}

const fn written(octet: u8, special: &[u8]) -> Written {
    let mut at = 0;
    while at < special.len() {
        if special[at] == octet {
            return Written::Backslash;
        }
        at += 1;
    }
    if octet.is_ascii_graphic() { Written::Plain } else { Written::Decimal }
}

pub(super) const fn table(special: &[u8], blank: Written) -> [Written; 256] {
    let mut table = [Written::Plain; 256];
    let mut octet = 0;
    while octet < 256 {
        #[allow(clippy::cast_possible_truncation, reason = "the loop ends at 255")]
        {
            table[octet] = written(octet as u8, special);
        }
        octet += 1;
    }
    table[b' ' as usize] = blank;
    table
}

/// Between quotes.
const IN_QUOTES: [Written; 256] = table(b"\\\"", Written::Plain);

pub(super) fn push_octets(octets: &[u8], table: &[Written; 256], out: &mut Vec<u8>) {
    if octets.iter().all(|&octet| table[octet as usize] == Written::Plain) {
        out.extend_from_slice(octets);
        return;
    }
    for &octet in octets {
        match table[octet as usize] {
            Written::Plain => out.push(octet),
            Written::Backslash => out.extend_from_slice(&[b'\\', octet]),
            Written::Decimal => push_escape(octet, out),
        }
    }
}

/// Appends an octet as `\\DDD`.
pub fn push_escape(octet: u8, out: &mut Vec<u8>) {
    out.extend_from_slice(&[b'\\', b'0' + octet / 100, b'0' + octet / 10 % 10, b'0' + octet % 10]);
}

/// Appends a quoted character-string.
pub fn push_quoted(octets: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    push_octets(octets, &IN_QUOTES, out);
    out.push(b'"');
}

/// Appends the first octets of some, as many as `length` says: a copy of fixed size is one store.
#[inline]
pub(crate) fn push_first<const N: usize>(octets: &[u8; N], length: usize, out: &mut Vec<u8>) {
    let end = out.len() + length;
    out.extend_from_slice(octets);
    out.truncate(end);
}

/// The numbers below 1000 in decimal, zeros in front.
static THREE_DIGITS: [[u8; 3]; 1000] = {
    let mut table = [[b'0'; 3]; 1000];
    let mut number = 1;
    while number < 1000 {
        table[number] = table[number - 1];
        let mut digit = 2;
        while table[number][digit] == b'9' {
            table[number][digit] = b'0';
            digit -= 1;
        }
        table[number][digit] += 1;
        number += 1;
    }
    table
};

/// Appends a number in decimal.
#[inline]
pub fn push_number(number: u64, out: &mut Vec<u8>) {
    match number {
        0..1000 => push_below_1000(number, out),
        1000..1_000_000 => {
            push_below_1000(number / 1000, out);
            out.extend_from_slice(&THREE_DIGITS[index(number % 1000)]);
        }
        _ => push_large(number, out),
    }
}

#[inline]
fn push_below_1000(number: u64, out: &mut Vec<u8>) {
    let [a, b, c] = THREE_DIGITS[index(number)];
    match number {
        0..10 => out.push(c),
        10..100 => out.extend_from_slice(&[b, c]),
        _ => out.extend_from_slice(&[a, b, c]),
    }
}

#[inline(never)]
fn push_large(number: u64, out: &mut Vec<u8>) {
    push_number(number / 1_000_000, out);
    for group in [number / 1000 % 1000, number % 1000] {
        out.extend_from_slice(&THREE_DIGITS[index(group)]);
    }
}

#[inline]
fn index(number: u64) -> usize {
    usize::try_from(number).unwrap_or_default()
}

/// Reads a decimal number of at most `max`. `None`: anything else.
#[must_use]
pub fn parse_number(text: &[u8], max: u64) -> Option<u64> {
    if text.is_empty() || text.len() > 20 {
        return None;
    }
    let mut number = 0_u64;
    for digit in text {
        let digit = digit.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        number = number.checked_mul(10)?.checked_add(u64::from(digit))?;
    }
    (number <= max).then_some(number)
}

/// Reads a TTL or another span of seconds: a number, or numbers with the units `w d h m s` in either
/// case, as BIND has them (`1h30m`). `None`: neither, or more than 2^32 - 1.
#[must_use]
#[inline]
pub fn parse_ttl(text: &[u8]) -> Option<u32> {
    // nearly always a plain number, of so few digits that it cannot overflow
    let mut number = 0;
    if text.len() > 9 || text.is_empty() {
        return parse_units(text);
    }
    for octet in text {
        let digit = octet.wrapping_sub(b'0');
        if digit > 9 {
            return parse_units(text);
        }
        number = number * 10 + u32::from(digit);
    }
    Some(number)
}

fn parse_units(text: &[u8]) -> Option<u32> {
    if text.iter().all(u8::is_ascii_digit) {
        return u32::try_from(parse_number(text, u64::from(u32::MAX))?).ok();
    }
    let mut total = 0_u64;
    for part in text.split_inclusive(|octet| !octet.is_ascii_digit()) {
        let (unit, digits) = part.split_last()?;
        let seconds = match unit.to_ascii_lowercase() {
            b'w' => 604_800,
            b'd' => 86_400,
            b'h' => 3_600,
            b'm' => 60,
            b's' => 1,
            _ => return None,
        };
        total += parse_number(digits, u64::from(u32::MAX))?.checked_mul(seconds)?;
        if total > u64::from(u32::MAX) {
            return None;
        }
    }
    u32::try_from(total).ok()
}

fn push_encoded(encoding: &Encoding, octets: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    out.resize(start + encoding.encode_len(octets.len()), 0);
    encoding.encode_mut(octets, &mut out[start..]);
}

fn parse_encoded(encoding: &Encoding, text: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let start = out.len();
    out.resize(start + encoding.decode_len(text.len()).ok()?, 0);
    let decoded = encoding.decode_mut(text, &mut out[start..]);
    out.truncate(start + decoded.as_ref().map_or(0, |&length| length));
    decoded.ok().map(drop)
}

/// Appends base64 (RFC 4648, section 4).
pub fn push_base64(octets: &[u8], out: &mut Vec<u8>) {
    push_encoded(&BASE64, octets, out);
}

/// Appends the octets of base64 text. `None`: it is none.
pub fn parse_base64(text: &[u8], out: &mut Vec<u8>) -> Option<()> {
    parse_encoded(&BASE64, text, out)
}

/// Appends hexadecimal digits in upper case.
pub fn push_hex(octets: &[u8], out: &mut Vec<u8>) {
    push_encoded(&HEXUPPER, octets, out);
}

/// Appends the octets of hexadecimal text. `None`: it is none, or an odd number of digits.
pub fn parse_hex(text: &[u8], out: &mut Vec<u8>) -> Option<()> {
    parse_encoded(&HEXLOWER_PERMISSIVE, text, out)
}

/// Base32 with the extended hex alphabet, without padding: written in lower case, read in either (RFC 5155,
/// section 3.3).
static BASE32HEX: LazyLock<Encoding> = LazyLock::new(|| {
    let mut base32hex = Specification::new();
    base32hex.symbols.push_str("0123456789abcdefghijklmnopqrstuv");
    base32hex.translate.from.push_str("ABCDEFGHIJKLMNOPQRSTUV");
    base32hex.translate.to.push_str("abcdefghijklmnopqrstuv");
    base32hex.encoding().expect("thirty-two symbols, each of which stands for itself")
});

/// Appends base32hex.
pub fn push_base32hex(octets: &[u8], out: &mut Vec<u8>) {
    push_encoded(&BASE32HEX, octets, out);
}

/// The label that the hash of a name is.
#[must_use]
pub fn hash_label(hash: &[u8; 20]) -> [u8; 32] {
    let mut label = [0; 32];
    BASE32HEX.encode_mut(hash, &mut label);
    label
}

/// Appends the octets of base32hex text in either case. `None`: it is none.
pub fn parse_base32hex(text: &[u8], out: &mut Vec<u8>) -> Option<()> {
    parse_encoded(&BASE32HEX, text, out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::Name;

    fn wire(text: &[u8]) -> Result<Vec<u8>, NameError> {
        let mut out = b"before".to_vec();
        parse_name(text, Name::from_wire(b"\x03org\0"), &mut out)?;
        assert_eq!(&out[..6], b"before");
        Ok(out[6..].to_vec())
    }

    #[test]
    fn names_of_rfc_1035_section_5_1() {
        assert_eq!(wire(b"a.b").unwrap(), b"\x01a\x01b\x03org\0");
        assert_eq!(wire(b"a.b.").unwrap(), b"\x01a\x01b\0");
        assert_eq!(wire(b"@").unwrap(), b"\x03org\0");
        assert_eq!(wire(b"\\@").unwrap(), b"\x01@\x03org\0");
        assert_eq!(wire(b".").unwrap(), b"\0");
        assert_eq!(wire(b"a\\.b.").unwrap(), b"\x03a.b\0");
        assert_eq!(wire(b"a\\065\\032.").unwrap(), b"\x03aA \0");
        assert_eq!(wire(b"a..b"), Err(NameError::EmptyLabel));
        assert_eq!(wire(b".a"), Err(NameError::EmptyLabel));
        assert_eq!(wire(b"a\\.\\"), Err(NameError::Escape));
        assert_eq!(wire(b"a\\256."), Err(NameError::Escape));
        assert_eq!(wire(&[b'x'; 64]), Err(NameError::LabelTooLong));
        assert_eq!(wire(&b"\\120".repeat(64)), Err(NameError::LabelTooLong));
        assert_eq!(parse_name(b"a", None, &mut Vec::new()), Err(NameError::NoOrigin));
    }

    #[test]
    fn names_survive_text() {
        for octet in 0..=255_u8 {
            let name = [2, octet, b'x', 1, octet, 0];
            let mut text = Vec::new();
            push_name(Name::from_wire(&name).unwrap(), &mut text);
            assert_eq!(wire(&text).unwrap(), name, "{}", String::from_utf8_lossy(&text));
        }
    }

    #[test]
    fn strings_survive_text() {
        let all: Vec<u8> = (0..=255).collect();
        let mut text = Vec::new();
        push_quoted(&all, &mut text);
        let mut back = Vec::new();
        parse_string(&text[1..text.len() - 1], &mut back).unwrap();
        assert_eq!(back, all);
    }

    #[test]
    fn ttl_units() {
        for (text, ttl) in
            [("0", 0), ("1h30m", 5400), ("2W", 1_209_600), ("1d1s", 86_401), ("4294967295", u32::MAX)]
        {
            assert_eq!(parse_ttl(text.as_bytes()), Some(ttl), "{text}");
        }
        for text in ["", "h", "1x", "4294967296", "1h30", "-1", "9999999999w", "IN", "1.5h"] {
            assert_eq!(parse_ttl(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn binary_data() {
        let mut out = Vec::new();
        assert!(parse_base64(b"AQID", &mut out).is_some());
        assert!(parse_base64(b"AQI", &mut out).is_none());
        assert!(parse_hex(b"0aFF", &mut out).is_some());
        assert!(parse_hex(b"0aF", &mut out).is_none());
        assert!(parse_base32hex(b"04Vk", &mut out).is_none());
        assert_eq!(out, [1, 2, 3, 10, 255]);
        let mut text = Vec::new();
        push_base32hex(&[1, 2, 3, 4, 5], &mut text);
        assert_eq!(text, b"04106105".to_vec());
        push_number(0, &mut text);
        push_number(u64::MAX, &mut text);
        assert!(text.ends_with(b"018446744073709551615"));
        for number in (0..100_000).chain((0..20).flat_map(|power| [10_u64.pow(power), 10_u64.pow(power) - 1]))
        {
            text.clear();
            push_number(number, &mut text);
            assert_eq!(String::from_utf8_lossy(&text), number.to_string());
        }
    }
}
