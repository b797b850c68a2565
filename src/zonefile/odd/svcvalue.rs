//! The values of SVCB parameters, in text and on the wire (RFC 9460, section 7 and appendix A; RFC 9461,
//! section 5; RFC 9540, section 4; RFC 9953).

use super::svckey::{parse_key, push_key};
use super::{dohpath, ipv4, ipv6, push_ipv4, push_ipv6};
use crate::dns::text::{parse_base64, parse_number, parse_string, push_base64, push_number, push_quoted};

/// What a value looks like.
#[derive(Clone, Copy)]
pub(super) enum Form {
    /// Keys, each once, on the wire in ascending order ("mandatory", section 8).
    Keys,
    /// Protocol IDs of 1 to 255 octets ("alpn", section 7.1.1).
    Protocols,
    /// Segments of a path, of 1 to 255 octets each; none for the root ("docpath", RFC 9953).
    Segments,
    /// Nothing at all ("no-default-alpn", "ohttp", "pvd").
    Nothing,
    /// A port number (section 7.2).
    Port,
    /// IPv4 addresses, one at least (section 7.3).
    Ipv4,
    /// IPv6 addresses, one at least (section 7.3).
    Ipv6,
    /// Octets written in base64 ("ech").
    Base64,
    /// A URI template with the variable `dns` (RFC 9461, section 5).
    Template,
    /// Numbers of 16 bits, each once ("tls-supported-groups", draft-ietf-tls-key-share-prediction). Only
    /// the text is checked, as long as the draft is one.
    Groups,
    /// Any octets, written as a character-string (section 2.1).
    Octets,
}

impl Form {
    /// What should stand there.
    pub(super) fn expected(self) -> &'static str {
        match self {
            Self::Keys => "a list of other keys, each once, as in mandatory=alpn,port",
            Self::Protocols => "a list of protocol IDs of 1 to 255 octets, as in alpn=h2,h3",
            Self::Segments => "a list of path segments of 1 to 255 octets, as in docpath=dns,query",
            Self::Nothing => "a key without a value",
            Self::Port => "a port from 0 to 65535, as in port=8443",
            Self::Ipv4 => "a list of IPv4 addresses, as in ipv4hint=192.0.2.1,192.0.2.2",
            Self::Ipv6 => "a list of IPv6 addresses, as in ipv6hint=2001:db8::1,2001:db8::2",
            Self::Base64 => "a value in base64",
            Self::Template => {
                "a URI template with a path and the variable \"dns\", as in dohpath=/dns-query{?dns}"
            }
            Self::Groups => "a list of numbers from 0 to 65535, each once",
            Self::Octets => {
                "a value whose backslashes have a character or three digits up to 255 behind them"
            }
        }
    }
}

/// Appends the octets of a value's text, without the quotes around it. `None`: the text is wrong. What
/// wire forms can get wrong as well is for [`is_valid`] to find.
pub(super) fn parse(form: Form, text: &[u8], out: &mut Vec<u8>) -> Option<()> {
    match form {
        Form::Nothing => text.is_empty().then_some(()),
        Form::Octets | Form::Template => parse_string(text, out),
        Form::Segments if text.is_empty() => Some(()),
        Form::Protocols | Form::Segments => {
            let mut list = Vec::new();
            parse_string(text, &mut list)?;
            parse_protocols(&list, out)
        }
        Form::Base64 => {
            // BIND and NSD allow blanks between the quotes
            let digits: Vec<u8> = text.iter().copied().filter(|octet| !octet.is_ascii_whitespace()).collect();
            parse_base64(&digits, out)
        }
        Form::Port => push_number16(text, out),
        // escapes are not allowed in any of these lists (sections 7.2, 7.3 and 8), so commas are commas
        Form::Keys | Form::Groups => parse_distinct(form, text, out),
        Form::Ipv4 => items(text).try_for_each(|item| {
            out.extend_from_slice(&ipv4(item)?);
            Some(())
        }),
        Form::Ipv6 => items(text).try_for_each(|item| {
            out.extend_from_slice(&ipv6(item)?);
            Some(())
        }),
    }
}

fn items(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|&octet| octet == b',')
}

fn push_number16(text: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let number = u16::try_from(parse_number(text, u64::from(u16::MAX))?).ok()?;
    out.extend_from_slice(&number.to_be_bytes());
    Some(())
}

/// Reads keys, which are sorted then, or groups, which stay in order of preference.
fn parse_distinct(form: Form, text: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let mut list = Vec::new();
    for item in items(text) {
        match form {
            Form::Keys => list.extend_from_slice(&parse_key(item)?.to_be_bytes()),
            _ => push_number16(item, &mut list)?,
        }
    }
    let numbers = list.as_chunks_mut::<2>().0;
    let mut sorted = numbers.to_vec();
    sorted.sort_unstable();
    if sorted.windows(2).any(|pair| pair[0] == pair[1]) {
        return None;
    }
    out.extend_from_slice(if matches!(form, Form::Keys) { sorted } else { numbers.to_vec() }.as_flattened());
    Some(())
}

/// Splits a list of which the escapes of a character-string are already undone: a backslash is before a
/// comma or a backslash that belongs to an item, and nowhere else (appendix A.1).
fn parse_protocols(list: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let mut item = Vec::new();
    let mut octets = list.iter();
    loop {
        match octets.next() {
            Some(b'\\') => match octets.next()? {
                escaped @ (b',' | b'\\') => item.push(*escaped),
                _ => return None,
            },
            Some(&octet) if octet != b',' => item.push(octet),
            end => {
                // an empty item is found by `is_valid`
                out.push(u8::try_from(item.len()).ok()?);
                out.append(&mut item);
                if end.is_none() {
                    return Some(());
                }
            }
        }
    }
}

/// Whether the octets are a value of this form.
pub(super) fn is_valid(form: Form, value: &[u8]) -> bool {
    match form {
        Form::Keys => {
            let keys = value.as_chunks::<2>();
            let ascend = keys.0.windows(2).all(|pair| pair[0] < pair[1]);
            // key 0 is "mandatory" itself
            keys.1.is_empty() && ascend && keys.0.first().is_some_and(|&first| first != [0, 0])
        }
        Form::Protocols => protocols(value).is_some(),
        Form::Segments => value.is_empty() || protocols(value).is_some(),
        Form::Nothing => value.is_empty(),
        Form::Port => value.len() == 2,
        Form::Ipv4 => !value.is_empty() && value.len().is_multiple_of(4),
        Form::Ipv6 => !value.is_empty() && value.len().is_multiple_of(16),
        Form::Template => dohpath::is_template(value),
        Form::Base64 | Form::Groups | Form::Octets => true,
    }
}

/// The protocol IDs in a value of "alpn"; `None` if one is empty or cut short, or there is none.
fn protocols(value: &[u8]) -> Option<Vec<&[u8]>> {
    let mut found = Vec::new();
    let mut rest = value;
    while let Some((&length, tail)) = rest.split_first() {
        let (protocol, tail) = tail.split_at_checked(usize::from(length)).filter(|_| length > 0)?;
        found.push(protocol);
        rest = tail;
    }
    Some(found).filter(|found| !found.is_empty())
}

/// Appends the text of a valid value, with quotes where the text may need them.
pub(super) fn push(form: Form, value: &[u8], out: &mut Vec<u8>) {
    match form {
        Form::Nothing => {}
        Form::Octets | Form::Template | Form::Groups => push_quoted(value, out),
        Form::Protocols | Form::Segments => push_protocols(value, out),
        Form::Base64 => push_base64(value, out),
        Form::Port => push_list(value, 2, out, |port, out| push_number(number16(port), out)),
        Form::Keys => push_list(value, 2, out, |key, out| {
            push_key(u16::from_be_bytes([key[0], key[1]]), out);
        }),
        Form::Ipv4 => push_list(value, 4, out, |address, out| {
            let _ = push_ipv4(address, out);
        }),
        Form::Ipv6 => push_list(value, 16, out, |address, out| {
            let _ = push_ipv6(address, out);
        }),
    }
}

fn number16(octets: &[u8]) -> u64 {
    octets.iter().fold(0, |number, &octet| number << 8 | u64::from(octet))
}

fn push_list(value: &[u8], size: usize, out: &mut Vec<u8>, mut push: impl FnMut(&[u8], &mut Vec<u8>)) {
    for (at, item) in value.chunks_exact(size).enumerate() {
        if at > 0 {
            out.push(b',');
        }
        push(item, out);
    }
}

/// A comma or a backslash in a protocol ID is escaped in the list, and its backslash once more in the
/// character-string (appendix A.1).
fn push_protocols(value: &[u8], out: &mut Vec<u8>) {
    let mut list = Vec::new();
    for (at, protocol) in protocols(value).unwrap_or_default().into_iter().enumerate() {
        if at > 0 {
            list.push(b',');
        }
        for &octet in protocol {
            if matches!(octet, b',' | b'\\') {
                list.push(b'\\');
            }
            list.push(octet);
        }
    }
    push_quoted(&list, out);
}

#[cfg(test)]
mod tests {
    use super::super::testing::{reads, refuses};
    use crate::dns::schema::Kind::SvcParams;

    #[test]
    fn values_of_all_forms() {
        for (text, wire, back) in [
            ("port=053", "00030002 0035", "port=53"),
            ("port=\"65535\"", "00030002 ffff", "port=65535"),
            ("ipv4hint=192.0.2.1,192.0.2.2", "00040008 c0000201 c0000202", "ipv4hint=192.0.2.1,192.0.2.2"),
            ("ech=\"AQ ID\"", "00050003 010203", "ech=AQID"),
            ("ech", "00050000", "key5"),
            (
                "ipv6hint=::,::FFFF:1.2.3.4",
                "00060020 00000000000000000000000000000000 00000000000000000000ffff01020304",
                "ipv6hint=::,::ffff:1.2.3.4",
            ),
            ("alpn=\"\\233\\000 ;\\\"x\"", "00010007 06e900203b2278", "alpn=\"\\233\\000 ;\\\"x\""),
            ("alpn=a\\044b", "00010004 0161 0162", "alpn=\"a,b\""),
        ] {
            reads(SvcParams, text, wire, back);
        }
    }

    #[test]
    fn values_that_are_wrong() {
        for text in [
            "port=",
            "port=65536",
            "port=+5",
            "port=\\053",
            "port=0x35",
            "ipv4hint=",
            "ipv4hint=1.2.3.4,",
            "ipv4hint=1.2.3",
            "ipv4hint=\"1.2.3.4, 1.2.3.5\"",
            "ipv4hint=1.2.3.04",
            "ipv4hint=\\049.2.3.4",
            "ipv6hint=1.2.3.4",
            "ipv6hint=::%1",
            "ech=AQI",
            "ech=*",
            "alpn=",
            "alpn=\"\"",
            "alpn=,h2",
            "alpn=h2,",
            "alpn=h2,,h3",
            "alpn=a\\\\",
            "alpn=a\\\\x",
            "alpn=a\\",
            "alpn=\\256",
            "key99=\\25",
            "key99=\\256",
            "key99=a\\",
            "mandatory=",
            "mandatory=port, port=1",
            "mandatory=port,port port=1",
            "docpath=a,,b",
            "docpath=,",
            "key10=\\002a",
            "pvd=1",
            "key11=a",
            "tls-supported-groups=",
            "tls-supported-groups=1,1",
            "tls-supported-groups=65536",
            "tls-supported-groups=1,",
        ] {
            refuses(SvcParams, text);
        }
        refuses(SvcParams, &format!("alpn={}", "x".repeat(256)));
    }
}
