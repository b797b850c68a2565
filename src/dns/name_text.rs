//! Names as master-file text (RFC 1035, section 5.1), both ways. Nearly all are short and plain, and their text is
//! their wire form but for where dots and lengths are.

use super::name::{MAX_LABEL, MAX_NAME};
use super::text::{Written, push_octets, table, unescape};
use super::{Name, scan};

/// What is wrong with the text of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameError {
    /// Two dots in a row, a dot in front, or nothing at all.
    EmptyLabel,
    /// A label of more than 63 octets.
    LabelTooLong,
    /// More than 255 octets in all.
    NameTooLong,
    /// A backslash with nothing useful behind it.
    Escape,
    /// A relative name where no origin is known.
    NoOrigin,
}

impl std::fmt::Display for NameError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::EmptyLabel => "a name without empty labels",
            Self::LabelTooLong => "labels of at most 63 octets",
            Self::NameTooLong => "a name of at most 255 octets",
            Self::Escape => "a backslash followed by a character or by three digits up to 255",
            Self::NoOrigin => "an absolute name, as no origin is known yet",
        })
    }
}

impl std::error::Error for NameError {}

/// Appends the wire form of a name. `@` is the origin; a name without a final dot is relative to it.
///
/// # Errors
/// What is wrong with it; nothing is appended then.
pub fn parse_name(text: &[u8], origin: Option<Name<'_>>, out: &mut Vec<u8>) -> Result<(), NameError> {
    parse_name_in(text, text.len(), origin, out)
}

/// The same for the first `length` octets of `text`. What stands behind them means nothing, but where there
/// is enough of it, nothing must be copied before it is looked at.
///
/// # Errors
/// As [`parse_name`].
pub fn parse_name_in(
    text: &[u8],
    length: usize,
    origin: Option<Name<'_>>,
    out: &mut Vec<u8>,
) -> Result<(), NameError> {
    let start = out.len();
    let short = match length {
        ..=32 => text.first_chunk::<32>().and_then(|octets| append_short(octets, length, origin, out)),
        33..=64 => text.first_chunk::<64>().and_then(|octets| append_short(octets, length, origin, out)),
        _ => None,
    };
    if short.is_some() {
        return Ok(());
    }
    out.truncate(start);
    append_name(&text[..length], origin, out).inspect_err(|_| out.truncate(start))
}

/// Appends a name whose text is the first `length` of `N` octets. `None`, and `out` is spoilt: it has escapes,
/// stands for another name, or is none.
#[inline]
fn append_short<const N: usize>(
    octets: &[u8; N],
    length: usize,
    origin: Option<Name<'_>>,
    out: &mut Vec<u8>,
) -> Option<()> {
    if length < 2 {
        return None;
    }
    let inside = u64::MAX >> (64 - length);
    let mut dots = scan::equal(octets, b'.') & inside;
    let empty = dots & (dots << 1 | 1);
    if empty != 0 || scan::equal(octets, b'\\') & inside != 0 {
        return None;
    }
    // the text moved right by one octet is the wire form, but for the lengths where the dots are
    let start = out.len();
    out.push(0);
    out.extend_from_slice(octets);
    let wire = &mut out[start..];
    let mut label = 0;
    while dots != 0 {
        let dot = dots.trailing_zeros() as usize + 1;
        wire[label] = (dot - label - 1).to_le_bytes()[0];
        label = dot;
        dots &= dots - 1;
    }
    // if the last character was a dot, its place is the root label's
    let last = length - label;
    wire[label] = last.to_le_bytes()[0];
    out.truncate(start + 1 + length);
    if last > 0 {
        out.extend_from_slice(origin?.wire());
    }
    (last <= MAX_LABEL && out.len() - start <= MAX_NAME).then_some(())
}

/// Appends any name.
#[inline(never)]
fn append_name(text: &[u8], origin: Option<Name<'_>>, out: &mut Vec<u8>) -> Result<(), NameError> {
    match text {
        [] => return Err(NameError::EmptyLabel),
        b"@" => {
            out.extend_from_slice(origin.ok_or(NameError::NoOrigin)?.wire());
            return Ok(());
        }
        b"." => {
            out.push(0);
            return Ok(());
        }
        _ => {}
    }
    let start = out.len();
    let label = append_labels(text, out)?;
    let end = out.len();
    if label + 1 == end {
        // the last character was a dot: its place is the root label's
        out[label] = 0;
    } else {
        close_label(out, label, end)?;
        out.extend_from_slice(origin.ok_or(NameError::NoOrigin)?.wire());
    }
    if out.len() - start > MAX_NAME { Err(NameError::NameTooLong) } else { Ok(()) }
}

fn close_label(out: &mut [u8], label: usize, end: usize) -> Result<(), NameError> {
    match end - label - 1 {
        0 => Err(NameError::EmptyLabel),
        length if length > MAX_LABEL => Err(NameError::LabelTooLong),
        length => {
            out[label] = length.to_le_bytes()[0];
            Ok(())
        }
    }
}

/// Appends the labels of a name's text, all but the last with its length, and returns where the last label
/// starts.
fn append_labels(text: &[u8], out: &mut Vec<u8>) -> Result<usize, NameError> {
    let mut label = out.len();
    out.push(0);
    let mut rest = text;
    while let Some((&octet, tail)) = rest.split_first() {
        rest = tail;
        match octet {
            b'.' => {
                let end = out.len();
                close_label(out, label, end)?;
                label = end;
                out.push(0);
            }
            b'\\' => {
                let (octet, tail) = unescape(rest).ok_or(NameError::Escape)?;
                out.push(octet);
                rest = tail;
            }
            _ => out.push(octet),
        }
    }
    Ok(label)
}

/// In a name: what would end the label, the token or the line, or mean something else in front.
const IN_NAMES: [Written; 256] = table(b".\\\"();@$", Written::Decimal);
/// Appends an absolute name as text.
pub fn push_name(name: Name<'_>, out: &mut Vec<u8>) {
    // the wire form moved left by one octet is the text, but for the dots where lengths are, and escapes
    let [first, octets @ ..] = name.wire() else { return };
    let weight = octets.iter().fold(0, |sum, &octet| sum + WEIGHT[usize::from(octet)]);
    let start = out.len();
    out.extend_from_slice(octets);
    let text = &mut out[start..];
    let (mut dot, mut length) = (usize::from(*first), *first);
    let (mut labels, mut light) = (0, true);
    while length > 0 {
        length = std::mem::replace(&mut text[dot], b'.');
        dot += usize::from(length) + 1;
        light &= length <= LIGHT;
        labels += 1;
    }
    // each of the labels has a length behind it, which weighs 1 if it is light
    if labels == 0 || weight != labels || !light {
        out.truncate(start);
        push_labels(name, out);
    }
}

/// Appends a name that is the root, has an octet to be escaped, or may have one.
#[cold]
fn push_labels(name: Name<'_>, out: &mut Vec<u8>) {
    for label in name.labels() {
        push_octets(label, &IN_NAMES, out);
        out.push(b'.');
    }
    if name.is_root() {
        out.push(b'.');
    }
}

/// The longest label whose length is, as an octet of a label, none that can stand in text as it is.
const LIGHT: u8 = 32;

/// What an octet of a name adds to its weight. 0: it can stand in text as it is, and is no light length; 1: it may
/// be a light length; any other: more than all lengths of a name together.
const WEIGHT: [u16; 256] = {
    let mut table = [0; 256];
    let mut octet = 0;
    while octet < 256 {
        if octet <= LIGHT as usize {
            table[octet] = 1;
        } else if !matches!(IN_NAMES[octet], Written::Plain) {
            table[octet] = 256;
        }
        octet += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parsed(text: &[u8], length: usize) -> Result<Vec<u8>, NameError> {
        let mut out = vec![9];
        let parsed = parse_name_in(text, length, Name::from_wire(b"\x06origin\0"), &mut out);
        assert!(parsed.is_ok() || out == [9]);
        parsed.map(|()| out)
    }

    proptest! {
        /// What stands behind a name decides only how fast it is read.
        #[test]
        fn short_names_are_read_as_any_others(text in "[a.@0-1\\\\-]{0,70}|([a-z]{1,20}\\.){1,4}|[a-z]{60,66}\\.?") {
            let mut longer = text.clone().into_bytes();
            longer.extend([b'.'; 64]);
            let mut expected = vec![9];
            let plain = append_name(text.as_bytes(), Name::from_wire(b"\x06origin\0"), &mut expected);
            prop_assert_eq!(parsed(&longer, text.len()), plain.map(|()| expected.clone()));
            prop_assert_eq!(parsed(text.as_bytes(), text.len()), plain.map(|()| expected));
        }

        /// Names of all octets are written as their labels are, one by one.
        #[test]
        fn names_are_written_as_their_labels(
            labels in prop::collection::vec(prop::collection::vec(prop_oneof![9 => b'a'..=b'z', 1 => any::<u8>()], 1..50), 0..5)
        ) {
            let mut wire = Vec::new();
            for label in &labels {
                wire.push(label.len().to_le_bytes()[0]);
                wire.extend(label);
            }
            wire.push(0);
            let name = Name::from_wire(&wire).unwrap();
            let (mut written, mut expected) = (vec![9], vec![9]);
            push_name(name, &mut written);
            push_labels(name, &mut expected);
            prop_assert_eq!(&written, &expected);
            prop_assert_eq!(parsed(&written[1..], written.len() - 1).map(|out| out[1..].to_vec()), Ok(wire));
        }
    }

    #[test]
    fn a_length_is_no_octet_that_needs_no_escape() {
        for length in 1..=MAX_LABEL {
            for octet in 0..=255 {
                let wire = [&[length.to_le_bytes()[0]][..], &vec![octet; length], &[1, b'x', 0]].concat();
                let name = Name::from_wire(&wire).unwrap();
                let (mut written, mut expected) = (Vec::new(), Vec::new());
                push_name(name, &mut written);
                push_labels(name, &mut expected);
                assert_eq!(written, expected);
            }
        }
    }
}
