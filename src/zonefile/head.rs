//! The words of a record behind its owner: TTL, class and type, and the data in the form of the type or in the
//! generic one.

use super::fields;
use super::token::{Extent, Tokens, Wrong};
use crate::dns::schema::{self, Field, Row};
use crate::dns::text::parse_ttl;
use crate::dns::{Class, Name, Rtype};

/// What stands between the owner and the data.
pub(super) struct Head {
    pub(super) ttl: Option<u32>,
    /// With the index of its word.
    pub(super) class: Option<(Class, usize)>,
    pub(super) rtype: Rtype,
    /// The layout of the type's data, if it is known.
    pub(super) row: Option<&'static Row>,
}

/// Reads TTL and class, in either order, each once or not at all, and the type.
#[allow(clippy::inline_always, reason = "handing the result over in memory takes as long as a word")]
#[inline(always)]
pub(super) fn read_head(words: &mut Tokens<'_>) -> Result<Head, Wrong> {
    let (mut ttl, mut class) = (None, None);
    loop {
        let Some(word) = words.next() else { return Err(Wrong::new(words.taken(), "a record type")) };
        // a TTL is told by its first digit, and no word is both a class and a type
        if word.text.first().is_some_and(u8::is_ascii_digit) {
            if ttl.is_none()
                && let Some(seconds) = parse_ttl(word.text)
            {
                ttl = Some(seconds);
                continue;
            }
        } else if let [b'I' | b'i', b'N' | b'n'] = word.text
            && class.is_none()
        {
            class = Some((Class::IN, words.taken() - 1));
            continue;
        } else if let Some(row) = schema::by_mnemonic(word.text) {
            return Ok(Head { ttl, class, rtype: row.rtype, row: Some(row) });
        } else if let Some(rtype) = Rtype::from_text(word.text) {
            if rtype.is_meta() {
                return Err(words.wrong("a type that records of a zone can have"));
            }
            return Ok(Head { ttl, class, rtype, row: schema::by_type(rtype) });
        } else if class.is_none()
            && let Some(named) = Class::from_text(word.text)
        {
            class = Some((named, words.taken() - 1));
            continue;
        }
        return Err(words.wrong("a TTL, a class or a record type").hint(unknown_type(word.text)));
    }
}

/// Holds the class that an entry names, if any, to that of the records before: a zone has one (RFC 1035,
/// section 5.2). It is IN where the first record names none.
#[inline]
pub(super) fn settle_class(settled: &mut Option<Class>, named: Option<(Class, usize)>) -> Result<(), Wrong> {
    let class = *settled.get_or_insert(named.map_or(Class::IN, |(class, _)| class));
    match named.filter(|&(named, _)| named != class) {
        Some((_, index)) => Err(Wrong::new(index, format!("class {class}, as in the records before"))),
        None => Ok(()),
    }
}

/// Reads the data of a record, or says what is wrong, and what it should have been.
#[inline]
pub(super) fn read_data(
    (rtype, row): (Rtype, Option<&'static Row>),
    words: &mut Tokens<'_>,
    origin: Option<Name<'_>>,
    out: &mut Vec<u8>,
) -> Result<(), (String, Wrong)> {
    let read = match row {
        Some(row) if !words.peek().is_some_and(|word| word.text.starts_with(b"\\")) => {
            fields::parse(row, words, origin, out)
        }
        _ => read_generic((rtype, row), words, origin, out),
    };
    match read {
        Ok(()) if u16::try_from(out.len()).is_ok() => Ok(()),
        Ok(()) => {
            let wrong = Wrong::new(words.taken().saturating_sub(1), "RDATA of at most 65535 octets");
            Err(about_data(rtype, (wrong, None)))
        }
        Err(wrong) => Err(about_data(rtype, wrong)),
    }
}

/// What the word should have been.
#[cold]
fn about_data(rtype: Rtype, (wrong, field): (Wrong, Option<&Field>)) -> (String, Wrong) {
    (field.map_or_else(|| rtype.to_string(), |field| format!("{rtype} {}", field.name)), wrong)
}

/// Reads data that has, or may have, the generic form (RFC 3597, section 5).
#[inline(never)]
fn read_generic(
    (rtype, row): (Rtype, Option<&'static Row>),
    words: &mut Tokens<'_>,
    origin: Option<Name<'_>>,
    out: &mut Vec<u8>,
) -> Result<(), (Wrong, Option<&'static Field>)> {
    match (words.peek(), row) {
        (Some(word), _) if word.text == b"\\#" && !word.quoted && !is_hash_sign(rtype, words) => {
            words.next();
            fields::parse_generic(rtype, words, out).map_err(|wrong| (wrong, None))
        }
        (_, Some(row)) => fields::parse(row, words, origin, out),
        (_, None) => {
            let wrong = Wrong::new(words.taken(), "\\# and the data's octets in hexadecimal");
            Err((wrong.hint("RDATA of an unknown type is written as \\# LENGTH HEX (RFC 3597)"), None))
        }
    }
}

/// Whether a `\#` in front of a TXT's data is the character-string "#", as BIND reads it, rather than the mark
/// of the generic form: no number follows it.
fn is_hash_sign(rtype: Rtype, words: &Tokens<'_>) -> bool {
    let number = |word: &Extent| !word.quoted && words.text(*word).iter().all(u8::is_ascii_digit);
    rtype == Rtype::TXT && !words.extents_left().get(1).is_some_and(number)
}

/// What to do about a word that is neither a TTL nor a class nor a type.
#[cold]
fn unknown_type(word: &[u8]) -> &'static str {
    const META: [&[u8]; 6] = [b"ANY", b"AXFR", b"IXFR", b"OPT", b"TSIG", b"TKEY"];
    if META.iter().any(|meta| word.eq_ignore_ascii_case(meta)) {
        "this is a type of questions or messages, not of records in a zone (RFC 6895, section 3.1)"
    } else if word.len() > 9 && word.iter().all(u8::is_ascii_digit) {
        "a TTL is at most 2147483647 (RFC 2181, section 8)"
    } else if word.is_empty() || word[0].is_ascii_digit() || Class::from_text(word).is_some() {
        "a record is: owner, TTL, class, type, data; TTL and class once each, or not at all"
    } else if word.len() > 5 && word[..5].eq_ignore_ascii_case(b"CLASS") {
        "classes are CLASS0 to CLASS65535 (RFC 3597, section 5)"
    } else if word[0] == b'$' {
        "a directive starts in the first column of its line"
    } else {
        "a type that zoneseal does not know is written as TYPEnnn \\# LENGTH HEX (RFC 3597)"
    }
}
