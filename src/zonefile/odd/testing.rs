//! What the tests of odd fields share: text to wire and back, and damaged octets.

use super::{format, parse};
use crate::dns::Name;
use crate::dns::schema::Kind;
use crate::zonefile::token::{Extent, Tokens, Wrong};

/// The words of `text`, as the lexer finds them: blanks part them, a quote starts another, and quotes go.
fn extents(text: &str) -> Vec<Extent> {
    let octets = text.as_bytes();
    let mut extents = Vec::new();
    let mut at = 0;
    while at < octets.len() {
        if octets[at] == b' ' {
            at += 1;
            continue;
        }
        let quoted = octets[at] == b'"';
        let start = at + usize::from(quoted);
        at = start;
        while at < octets.len() && octets[at] != b'"' && (quoted || octets[at] != b' ') {
            at += if octets[at] == b'\\' { 2 } else { 1 };
        }
        let [start, end] = [start, at].map(|at| u32::try_from(at.min(octets.len())).unwrap());
        extents.push(Extent { start, end, quoted });
        at += usize::from(quoted);
    }
    extents
}

pub(super) fn try_wire(kind: Kind, text: &str) -> Result<Vec<u8>, Wrong> {
    let extents = extents(text);
    let mut words = Tokens::new(text.as_bytes(), &extents);
    let mut out = b"before".to_vec();
    parse(kind, &mut words, Name::from_wire(b"\x07example\0"), &mut out)?;
    assert_eq!((words.left(), &out[..6]), (0, &b"before"[..]));
    Ok(out.split_off(6))
}

/// The wire form of a text that must be right; relative names are below `example.`.
pub(super) fn wire_of(kind: Kind, text: &str) -> Vec<u8> {
    try_wire(kind, text).unwrap_or_else(|wrong| panic!("{kind:?} {text}: {wrong:?}"))
}

/// The text of octets that must be right.
pub(super) fn text_of(kind: Kind, octets: &[u8]) -> String {
    let mut out = b"before".to_vec();
    format(kind, octets, &mut out).unwrap_or_else(|| panic!("{kind:?} {} has no text", hex(octets)));
    assert!(out.starts_with(b"before"));
    String::from_utf8(out.split_off(6)).unwrap()
}

/// `text` reads as the octets `wire` (hexadecimal, blanks allowed), these are written as `back`, and that
/// reads as the same octets.
pub(super) fn reads(kind: Kind, text: &str, wire: &str, back: &str) {
    let octets = unhex(wire);
    assert_eq!(hex(&wire_of(kind, text)), hex(&octets), "{text}");
    assert_eq!(text_of(kind, &octets), back, "{text}");
    assert_eq!(hex(&wire_of(kind, back)), hex(&octets), "{back}");
}

/// `text` is refused, with words that say what to write.
pub(super) fn refuses(kind: Kind, text: &str) {
    match try_wire(kind, text) {
        Ok(wire) => panic!("{kind:?} {text:?} is read as {}", hex(&wire)),
        Err(wrong) => assert!(!wrong.parts().expected.is_empty()),
    }
}

/// Octets that are refused, or whose text reads as the same octets.
fn round_trips_or_refuses(kind: Kind, octets: &[u8]) {
    let mut text = Vec::new();
    if format(kind, octets, &mut text).is_some() {
        let text = String::from_utf8(text).unwrap();
        assert_eq!(hex(&wire_of(kind, &text)), hex(octets), "{kind:?} {text}");
    } else {
        assert!(text.is_empty());
    }
}

/// Good octets cut short, with octets changed, and random ones: none may panic, and whatever has a text
/// must survive it.
pub(super) fn survives_damage(kind: Kind, good: &[u8]) {
    for length in 0..=good.len() {
        round_trips_or_refuses(kind, &good[..length]);
    }
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = || {
        // xorshift64 (Marsaglia): enough to scatter octets, the same on every run
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    for _ in 0..4000 {
        let mut octets = good.to_vec();
        for _ in 0..=random() % 3 {
            let at = usize::try_from(random()).unwrap_or(0) % octets.len().max(1);
            if let Some(octet) = octets.get_mut(at) {
                *octet = random().to_le_bytes()[0];
            }
        }
        round_trips_or_refuses(kind, &octets);
        let length = usize::from(random().to_le_bytes()[0] % 40);
        // small octets are lengths and keys more often than others
        let octets: Vec<u8> = (0..length)
            .map(|_| {
                let [octet, choice, ..] = random().to_le_bytes();
                if choice < 128 { octet % 5 } else { octet }
            })
            .collect();
        round_trips_or_refuses(kind, &octets);
    }
}

pub(super) fn hex(octets: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(octets)
}

pub(super) fn unhex(text: &str) -> Vec<u8> {
    let digits: String = text.split_whitespace().collect();
    data_encoding::HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).unwrap()
}
