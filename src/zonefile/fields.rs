//! RDATA, field by field: text ↔ wire, side by side, as the type's row in [`schema`]
//! lays it out. The fields that follow rules of their own are in [`odd`].

use super::mnemonics::{ALGORITHMS, CERT_TYPES, DIGEST_TYPES, by_mnemonic};
use super::odd;
use super::token::{Token, Tokens, Wrong};
use crate::dns::address::{parse_ipv4, parse_ipv6, push_ipv4, push_ipv6};
use crate::dns::schema::{Digests, Field, Kind, Row};
use crate::dns::text::{
    parse_base32hex, parse_base64, parse_hex, parse_name_in, parse_number, parse_string, parse_ttl,
    push_base32hex, push_base64, push_hex, push_name, push_number, push_quoted,
};
use crate::dns::time::Time;
use crate::dns::{Name, Rtype, bitmap, schema};

/// Reads the fields of `row` from the words of an entry, and appends their wire form.
///
/// # Errors
/// The word at fault, and the field it should have been; after a fault `out` holds the fields before it.
pub fn parse(
    row: &'static Row,
    words: &mut Tokens<'_>,
    origin: Option<Name<'_>>,
    out: &mut Vec<u8>,
) -> Result<(), (Wrong, Option<&'static Field>)> {
    for field in row.fields {
        parse_field(field.kind, words, origin, out).map_err(|wrong| (wrong, Some(field)))?;
    }
    match words.left() {
        0 => Ok(()),
        _ => Err((Wrong::new(words.taken(), "the end of the record"), None)),
    }
}

#[allow(clippy::too_many_lines, reason = "one arm a kind, each of a few lines")]
fn parse_field(
    kind: Kind,
    words: &mut Tokens<'_>,
    origin: Option<Name<'_>>,
    out: &mut Vec<u8>,
) -> Result<(), Wrong> {
    match kind {
        Kind::U8 => {
            let number = take_number(words, u64::from(u8::MAX), "a number from 0 to 255")?;
            out.push(number.to_le_bytes()[0]);
        }
        Kind::U16 => {
            let number = take_number(words, u64::from(u16::MAX), "a number from 0 to 65535")?;
            out.extend_from_slice(&number.to_be_bytes()[6..]);
        }
        Kind::U32 | Kind::Seconds => {
            let number = take_number(words, u64::from(u32::MAX), "a number from 0 to 4294967295")?;
            out.extend_from_slice(&number.to_be_bytes()[4..]);
        }
        Kind::Span => {
            const EXPECTED: &str = "a number of seconds, or a time such as 1h30m";
            let word = words.take(EXPECTED)?;
            let seconds = parse_ttl(word.text).ok_or_else(|| words.wrong(EXPECTED))?;
            out.extend_from_slice(&seconds.to_be_bytes());
        }
        Kind::Timestamp => {
            const EXPECTED: &str = "a time as YYYYMMDDHHmmSS";
            let word = words.take(EXPECTED)?.text;
            let seconds = parse_number(word, u64::from(u32::MAX)).map(u64::to_be_bytes);
            match Time::from_digits(word) {
                Some(time) => out.extend_from_slice(&time.wire().to_be_bytes()),
                None => out.extend_from_slice(&seconds.ok_or_else(|| words.wrong(EXPECTED))?[4..]),
            }
        }
        Kind::NameLower | Kind::NameAsWritten => {
            let word = words.take("a domain name")?;
            parse_name_in(word.onward, word.text.len(), origin, out)
                .map_err(|fault| words.wrong(fault.to_string()))?;
        }
        Kind::A => {
            const EXPECTED: &str = "an IPv4 address such as 192.0.2.1";
            let address = parse_ipv4(words.take(EXPECTED)?.text).ok_or_else(|| words.wrong(EXPECTED))?;
            out.extend_from_slice(&address);
        }
        Kind::Aaaa => {
            const EXPECTED: &str = "an IPv6 address such as 2001:db8::1";
            let address = parse_ipv6(words.take(EXPECTED)?.text).ok_or_else(|| words.wrong(EXPECTED))?;
            out.extend_from_slice(&address);
        }
        Kind::String => take_string(words, out)?,
        Kind::StringOptional => {
            if words.left() > 0 {
                take_string(words, out)?;
            }
        }
        Kind::Tag => {
            let start = out.len();
            take_string(words, out)?;
            let tag = &out[start + 1..];
            if tag.is_empty() || !tag.iter().all(u8::is_ascii_alphanumeric) {
                return Err(words.wrong("a tag of letters and digits"));
            }
        }
        Kind::Strings => loop {
            take_string(words, out)?;
            if words.left() == 0 {
                break;
            }
        },
        Kind::LongText => {
            let word = words.take("a quoted string")?;
            parse_string(word.text, out).ok_or_else(|| words.wrong(ESCAPE))?;
        }
        Kind::Hex => take_to_end(words, out, parse_hex, "an even number of hexadecimal digits")?,
        Kind::Digest(digests) => take_digest(words, digests, out)?,
        Kind::DigestType => take_named(words, &DIGEST_TYPES, "a digest type, by number or mnemonic", out)?,
        Kind::Base64 => take_to_end(words, out, parse_base64, "base64 text")?,
        Kind::Base64Optional => {
            if words.left() > 0 {
                take_to_end(words, out, parse_base64, "base64 text")?;
            }
        }
        Kind::Base64Dash => take_to_end(words, out, parse_base64_or_dash, "base64 text, or - for no data")?,
        Kind::Salt => {
            take_counted(words, out, "hexadecimal digits, or - for no salt", |text, out| {
                if text == b"-" { Some(()) } else { parse_hex(text, out) }
            })?;
        }
        Kind::Hash32 => take_counted(words, out, "a hash in base32hex", |text, out| {
            if text.is_empty() { None } else { parse_base32hex(text, out) }
        })?,
        Kind::Type => {
            let rtype = take_type(words)?;
            out.extend_from_slice(&rtype.0.to_be_bytes());
        }
        Kind::Bitmap => {
            let mut types = Vec::with_capacity(words.left());
            while words.left() > 0 {
                types.push(take_type(words)?);
            }
            types.sort_unstable();
            bitmap::push(types.into_iter(), out);
        }
        Kind::Algorithm => take_named(words, &ALGORITHMS, "an algorithm, by number or mnemonic", out)?,
        Kind::Scheme => take_named(words, &[("NOTIFY", 1)], "a scheme, by number or as NOTIFY", out)?,
        Kind::CertType => {
            const EXPECTED: &str = "a certificate type, by number or mnemonic";
            let word = words.take(EXPECTED)?;
            let number = parse_number(word.text, u64::from(u16::MAX));
            let number = number.or_else(|| by_mnemonic(&CERT_TYPES, word.text).map(u64::from));
            out.extend_from_slice(&number.ok_or_else(|| words.wrong(EXPECTED))?.to_be_bytes()[6..]);
        }
        Kind::Eui(length) => {
            let word = words.take("hexadecimal octets with hyphens, such as 00-00-5e-00-53-2a")?;
            parse_groups(word.text, b'-', 2, usize::from(length), out)
                .ok_or_else(|| words.wrong("hexadecimal octets with hyphens, such as 00-00-5e-00-53-2a"))?;
        }
        Kind::Ilnp64 => {
            let word = words.take("four groups of four hexadecimal digits with colons")?;
            parse_ilnp64(word.text, out)
                .ok_or_else(|| words.wrong("four groups of hexadecimal digits with colons"))?;
        }
        Kind::Opaque => {
            let wrong = Wrong::new(words.taken(), "\\# and the data's octets in hexadecimal");
            return Err(wrong.hint("this type has no other form in text: \\# LENGTH HEX (RFC 3597)"));
        }
        _ => odd::parse(kind, words, origin, out)?,
    }
    Ok(())
}

const ESCAPE: &str = "escapes of the form \\X or \\DDD with DDD up to 255";

fn take_number(words: &mut Tokens<'_>, max: u64, expected: &'static str) -> Result<u64, Wrong> {
    let word = words.take(expected)?;
    parse_number(word.text, max).ok_or_else(|| words.wrong(expected))
}

/// An octet, in decimal or by mnemonic.
fn take_named(
    words: &mut Tokens<'_>,
    names: &[(&str, u8)],
    expected: &'static str,
    out: &mut Vec<u8>,
) -> Result<(), Wrong> {
    let word = words.take(expected)?;
    let number = parse_number(word.text, u64::from(u8::MAX)).map(|number| number.to_le_bytes()[0]);
    out.push(number.or_else(|| by_mnemonic(names, word.text)).ok_or_else(|| words.wrong(expected))?);
    Ok(())
}

fn take_type(words: &mut Tokens<'_>) -> Result<Rtype, Wrong> {
    let word = words.take("a record type")?;
    Rtype::from_text(word.text).ok_or_else(|| words.wrong("a record type"))
}

/// One character-string, behind its length octet.
fn take_string(words: &mut Tokens<'_>, out: &mut Vec<u8>) -> Result<(), Wrong> {
    let Token { text, .. } = words.take("a character-string")?;
    let start = out.len();
    out.push(0);
    parse_string(text, out).ok_or_else(|| words.wrong(ESCAPE))?;
    let length = out.len() - start - 1;
    out[start] = u8::try_from(length).map_err(|_| {
        words
            .wrong(format!("a character-string of at most 255 octets, not {length}"))
            .hint("split it: \"first part\" \"second part\"")
    })?;
    Ok(())
}

fn parse_base64_or_dash(text: &[u8], out: &mut Vec<u8>) -> Option<()> {
    if text == b"-" { Some(()) } else { parse_base64(text, out) }
}

type Decode = fn(&[u8], &mut Vec<u8>) -> Option<()>;

/// Encoded octets to the end of the entry; white space between words means nothing.
fn take_to_end(
    words: &mut Tokens<'_>,
    out: &mut Vec<u8>,
    decode: Decode,
    expected: &'static str,
) -> Result<(), Wrong> {
    let first = words.take(expected)?;
    let done = if words.left() == 0 {
        decode(first.text, out)
    } else {
        let mut joined = first.text.to_vec();
        for word in words.by_ref() {
            joined.extend_from_slice(word.text);
        }
        decode(&joined, out)
    };
    done.filter(|()| !first.text.is_empty()).ok_or_else(|| words.wrong(expected))
}

/// A digest to the end of the entry, its kind being the last octet of `out`.
fn take_digest(words: &mut Tokens<'_>, digests: &Digests, out: &mut Vec<u8>) -> Result<(), Wrong> {
    let kind = out.last().copied().unwrap_or_default();
    let start = out.len();
    // how RFC 8078, section 4 has it, before its erratum 5049
    let lone_zero = words.left() == 1 && words.peek().is_some_and(|word| word.text == b"0");
    take_to_end(words, out, parse_hex, "an even number of hexadecimal digits").map_err(|wrong| {
        if lone_zero { wrong.hint("an octet that is zero is written as 00") } else { wrong }
    })?;
    let length = out.len() - start;
    if digests.fit(kind, length) {
        return Ok(());
    }
    let expected = match digests.length(kind) {
        Some(known) => format!("{known} octets in hexadecimal, as type {kind} has, not {length}"),
        None => format!("{} octets in hexadecimal at least, not {length}", digests.least),
    };
    Err(words.wrong(expected).hint("the digest is cut off, or its type is another"))
}

/// One word of encoded octets, behind its length octet.
fn take_counted(
    words: &mut Tokens<'_>,
    out: &mut Vec<u8>,
    expected: &'static str,
    decode: Decode,
) -> Result<(), Wrong> {
    let word = words.take(expected)?;
    let start = out.len();
    out.push(0);
    let decoded = decode(word.text, out).and_then(|()| u8::try_from(out.len() - start - 1).ok());
    out[start] = decoded.ok_or_else(|| words.wrong(expected))?;
    Ok(())
}

/// Exactly `count` groups of `digits` hexadecimal digits each.
fn parse_groups(text: &[u8], separator: u8, digits: usize, count: usize, out: &mut Vec<u8>) -> Option<()> {
    let groups = text.split(|&octet| octet == separator);
    if groups.clone().count() != count {
        return None;
    }
    for group in groups {
        if group.len() != digits {
            return None;
        }
        parse_hex(group, out)?;
    }
    Some(())
}

/// Four groups of up to four hexadecimal digits (RFC 6742, section 2.1.2).
fn parse_ilnp64(text: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let mut groups = 0;
    for group in text.split(|&octet| octet == b':') {
        let digits = std::str::from_utf8(group).ok().filter(|digits| (1..=4).contains(&digits.len()))?;
        let value = u16::from_str_radix(digits, 16).ok().filter(|_| !digits.starts_with('+'))?;
        out.extend_from_slice(&value.to_be_bytes());
        groups += 1;
    }
    (groups == 4).then_some(())
}

/// How RDATA is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Types {
    /// Types that NSD 4.6 or Knot 3.2 do not know by name as `TYPEnnn \#`, in bitmaps and RRSIGs too.
    Classic,
    /// Every type by its name.
    All,
}

impl Types {
    /// The row of a type that is written by name.
    #[must_use]
    pub fn row(self, rtype: Rtype) -> Option<&'static Row> {
        schema::by_type(rtype).filter(|row| row.classic || self == Self::All)
    }

    /// Appends the type's name, or `TYPEnnn`.
    pub fn push(self, rtype: Rtype, out: &mut Vec<u8>) {
        match self.row(rtype) {
            Some(row) => row.push_mnemonic(out),
            None => rtype.push_number(out),
        }
    }
}

/// Appends the text of RDATA, its fields by the type's row; `None`, with nothing appended, if the octets
/// have not that layout.
pub fn format(row: &Row, rdata: &[u8], types: Types, out: &mut Vec<u8>) -> Option<()> {
    let start = out.len();
    let mut sound = Some(());
    let split = row.split(rdata, |field, octets| {
        if out.len() > start {
            out.push(b' ');
        }
        if format_field(field.kind, octets, types, out).is_none() {
            sound = None;
        }
    });
    let done = split.and(sound);
    if done.is_none() {
        out.truncate(start);
    } else if out.last() == Some(&b' ') && out.len() > start {
        // the last field was empty
        out.pop();
    }
    done
}

/// `octets` have the extent of their kind.
#[inline]
fn format_field(kind: Kind, octets: &[u8], types: Types, out: &mut Vec<u8>) -> Option<()> {
    match kind {
        Kind::U8
        | Kind::U16
        | Kind::U32
        | Kind::Span
        | Kind::Seconds
        | Kind::Algorithm
        | Kind::DigestType
        | Kind::Scheme
        | Kind::CertType => {
            let number = octets.iter().fold(0, |number, &octet| number << 8 | u64::from(octet));
            push_number(number, out);
        }
        Kind::Timestamp => Time(i64::from(u32::from_be_bytes(octets.try_into().ok()?))).push_digits(out),
        Kind::NameLower | Kind::NameAsWritten => push_name(Name::trusted_whole(octets), out),
        Kind::A => push_ipv4(octets.try_into().ok()?, out),
        Kind::Aaaa => push_ipv6(octets.try_into().ok()?, out),
        Kind::String => push_quoted(octets.get(1..)?, out),
        Kind::StringOptional => {
            if let Some((_, string)) = octets.split_first() {
                push_quoted(string, out);
            }
        }
        Kind::Tag => {
            let tag = octets.get(1..).filter(|tag| !tag.is_empty())?;
            // NSD 4.6 reads tags in lower case only
            if types == Types::Classic && tag.iter().any(u8::is_ascii_uppercase) {
                return None;
            }
            tag.iter().all(u8::is_ascii_alphanumeric).then(|| out.extend_from_slice(tag))?;
        }
        Kind::Strings => {
            let mut rest = octets;
            while let [length, tail @ ..] = rest {
                let (string, tail) = tail.split_at_checked(usize::from(*length))?;
                push_quoted(string, out);
                rest = tail;
                if !rest.is_empty() {
                    out.push(b' ');
                }
            }
        }
        Kind::LongText => push_quoted(octets, out),
        Kind::Hex | Kind::Digest(_) => push_hex(octets, out),
        Kind::Base64Dash if octets.is_empty() => out.push(b'-'),
        Kind::Base64 | Kind::Base64Dash | Kind::Base64Optional => push_base64(octets, out),
        Kind::Salt => match octets.get(1..)? {
            [] => out.push(b'-'),
            salt => push_hex(salt, out),
        },
        Kind::Hash32 => push_base32hex(octets.get(1..)?, out),
        Kind::Type => types.push(Rtype(u16::from_be_bytes(octets.try_into().ok()?)), out),
        Kind::Bitmap => {
            for (at, rtype) in bitmap::types(octets)?.enumerate() {
                if at > 0 {
                    out.push(b' ');
                }
                types.push(rtype, out);
            }
        }
        Kind::Opaque => return None,
        Kind::Eui(_) => push_groups(octets, 1, b'-', out),
        Kind::Ilnp64 => push_groups(octets, 2, b':', out),
        _ => odd::format(kind, octets, out)?,
    }
    Some(())
}

fn push_groups(octets: &[u8], size: usize, separator: u8, out: &mut Vec<u8>) {
    let start = out.len();
    for (at, group) in octets.chunks(size).enumerate() {
        if at > 0 {
            out.push(separator);
        }
        push_hex(group, out);
    }
    out[start..].make_ascii_lowercase();
}

/// Appends RDATA in the generic form of RFC 3597, section 5.
pub fn push_generic(rdata: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(b"\\# ");
    push_number(rdata.len() as u64, out);
    if !rdata.is_empty() {
        out.push(b' ');
        push_hex(rdata, out);
    }
}

/// Reads RDATA in the generic form, its `\#` already taken. RDATA of a known type must have its layout.
///
/// # Errors
/// The word at fault.
pub fn parse_generic(rtype: Rtype, words: &mut Tokens<'_>, out: &mut Vec<u8>) -> Result<(), Wrong> {
    let start = out.len();
    let length =
        take_number(words, u64::from(u16::MAX), "the number of octets that follow, from 0 to 65535")?;
    if words.left() > 0 {
        take_to_end(words, out, parse_hex, "hexadecimal digits")?;
    }
    let found = out.len() - start;
    if found as u64 != length {
        return Err(words.wrong(format!("{length} octets in hexadecimal, not {found}")));
    }
    let rdata = &out[start..];
    // some octets are valid and have no text of their own
    let opaque = |row: &Row| match row.fields {
        [Field { kind: Kind::Opaque, .. }] => true,
        [field] => odd::is_opaque(field.kind, rdata),
        _ => false,
    };
    let fits = |row: &Row| format(row, rdata, Types::All, &mut Vec::new()).is_some() || opaque(row);
    match schema::by_type(rtype) {
        Some(row) if !fits(row) => {
            Err(words.wrong(format!("octets that have the layout of {}", row.mnemonic)))
        }
        _ => Ok(()),
    }
}
