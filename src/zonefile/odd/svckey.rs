//! The keys of SVCB parameters: their names, their numbers, and the form of their values (RFC 9460,
//! section 14.3; RFC 9461; RFC 9540; RFC 9953; drafts that have a number).

use super::svcvalue::Form;
use crate::dns::text::{parse_number, push_number};

/// A registered key (the IANA registry "Service Parameter Keys").
struct Key {
    name: &'static str,
    form: Form,
    /// Whether BIND 9.18, NSD 4.6, Knot 3.2 and ldns 1.8 all read its name; if not, `keyNNNNN` is written.
    written: bool,
}

/// The registered keys: an index is the number.
const REGISTERED: [Key; 12] = [
    known("mandatory", Form::Keys),
    known("alpn", Form::Protocols),
    known("no-default-alpn", Form::Nothing),
    known("port", Form::Port),
    known("ipv4hint", Form::Ipv4),
    known("ech", Form::Base64),
    known("ipv6hint", Form::Ipv6),
    recent("dohpath", Form::Template),
    recent("ohttp", Form::Nothing),
    recent("tls-supported-groups", Form::Groups),
    recent("docpath", Form::Segments),
    recent("pvd", Form::Nothing),
];

const fn known(name: &'static str, form: Form) -> Key {
    Key { name, form, written: true }
}

const fn recent(name: &'static str, form: Form) -> Key {
    Key { name, form, written: false }
}

/// What a key's value looks like; opaque octets if the key is not registered.
pub(super) fn form_of(key: u16) -> Form {
    REGISTERED.get(usize::from(key)).map_or(Form::Octets, |registered| registered.form)
}

/// Reads a key: a registered name, or `key` and a number without leading zeros (RFC 9460, section 2.1).
pub(super) fn parse_key(text: &[u8]) -> Option<u16> {
    if let Some(number) = (0..).zip(&REGISTERED).find(|(_, key)| key.name.as_bytes() == text) {
        return Some(number.0);
    }
    let digits = text.strip_prefix(b"key").filter(|digits| *digits == b"0" || !digits.starts_with(b"0"))?;
    u16::try_from(parse_number(digits, u64::from(u16::MAX))?).ok()
}

/// Whether the key has a name that everybody reads.
pub(super) fn has_common_name(key: u16) -> bool {
    REGISTERED.get(usize::from(key)).is_some_and(|registered| registered.written)
}

/// Appends a key: its name if everybody reads that, or `key` and its number.
pub(super) fn push_key(key: u16, out: &mut Vec<u8>) {
    if has_common_name(key) {
        out.extend_from_slice(REGISTERED[usize::from(key)].name.as_bytes());
    } else {
        out.extend_from_slice(b"key");
        push_number(u64::from(key), out);
    }
}
