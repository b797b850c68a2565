//! The odd fields of RDATA: those whose layout hangs on other fields, or whose text is a small language of
//! its own. One file an idea, reading and writing side by side; this file picks the right one.
//!
//! Text that is read may take any form that BIND 9.18 or an RFC knows; text that is written is what BIND
//! prints, but where NSD 4.6 or Knot 3.2 would not read that.
//!
//! Not judged, as most servers do not: regular expressions of NAPTR, the length of TLSA and SMIMEA data, what
//! is in a public key, and which types DSYNC names.

mod a6;
mod apl;
mod dohpath;
mod gateway;
mod gpos;
mod hip;
mod ipn;
mod loc;
mod nsap;
mod nxt;
mod svcb;
mod svckey;
mod svcvalue;
#[cfg(test)]
mod testing;
mod wks;
mod x25;

use super::token::{Tokens, Wrong};
use crate::dns::Name;
use crate::dns::schema::Kind;
use crate::dns::text::{parse_base64, parse_name, parse_number, push_name};
use std::net::{Ipv4Addr, Ipv6Addr};

/// Reads one odd field to the end of the entry and appends its wire form. Names in it that are not
/// absolute are below `origin`.
///
/// # Errors
/// The word that is wrong, or that is missing or too many; what was appended before it has no meaning
/// then. A `kind` that is not odd is a word wrong as well.
pub fn parse(
    kind: Kind,
    words: &mut Tokens<'_>,
    origin: Option<Name<'_>>,
    out: &mut Vec<u8>,
) -> Result<(), Wrong> {
    match kind {
        Kind::Loc => loc::parse(words, out),
        Kind::Apl => apl::parse(words, out),
        Kind::SvcParams => svcb::parse(words, out),
        Kind::Ipseckey => gateway::parse_ipseckey(words, origin, out),
        Kind::Amtrelay => gateway::parse_amtrelay(words, origin, out),
        Kind::Hip => hip::parse(words, origin, out),
        Kind::Nsap => nsap::parse_nsap(words, out),
        Kind::Atma => nsap::parse_atma(words, out),
        Kind::A6 => a6::parse(words, origin, out),
        Kind::Wks => wks::parse(words, out),
        Kind::Nxt => nxt::parse(words, out),
        Kind::Gpos => gpos::parse(words, out),
        Kind::X25 => x25::parse(words, out),
        Kind::Ipn => ipn::parse(words, out),
        _ => Err(Wrong::new(words.taken(), "a field with a text form of its own")),
    }?;
    if words.left() > 0 {
        return Err(Wrong::new(words.taken(), "the end of the record"));
    }
    Ok(())
}

/// Appends the text of one odd field. `None`, and nothing appended: the octets have not the field's
/// layout, or the `kind` is not odd. [`is_opaque`] tells valid octets apart that merely have no text.
pub fn format(kind: Kind, octets: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let start = out.len();
    let written = match kind {
        Kind::Loc => loc::format(octets, out),
        Kind::Apl => apl::format(octets, out),
        Kind::SvcParams => svcb::format(octets, out),
        Kind::Ipseckey => gateway::format_ipseckey(octets, out),
        Kind::Amtrelay => gateway::format_amtrelay(octets, out),
        Kind::Hip => hip::format(octets, out),
        Kind::Nsap => nsap::format_nsap(octets, out),
        Kind::Atma => nsap::format_atma(octets, out),
        Kind::A6 => a6::format(octets, out),
        Kind::Wks => wks::format(octets, out),
        Kind::Nxt => nxt::format(octets, out),
        Kind::Gpos => gpos::format(octets, out),
        Kind::X25 => x25::format(octets, out),
        Kind::Ipn => ipn::format(octets, out),
        _ => None,
    };
    if written.is_none() {
        out.truncate(start);
    }
    written
}

/// Whether the octets are of a version or a family that the field's RFC leaves to the future and gives no
/// text: valid, but to be written in the generic form only (RFC 3597, section 5). BIND reads these:
/// LOC of a version above 0 (RFC 1876, section 2), APL with other address families than IPv4 and IPv6
/// (RFC 3123, section 4), AMTRELAY with relay types above 3 (RFC 8777, section 4.2.3) and ATMA with
/// formats above 1.
#[must_use]
pub fn is_opaque(kind: Kind, octets: &[u8]) -> bool {
    match kind {
        Kind::Loc => octets.first().is_some_and(|&version| version > 0),
        Kind::Apl => apl::has_other_family(octets),
        Kind::Amtrelay => octets.get(1).is_some_and(|relay| relay & 0x7f > 3),
        Kind::Atma => octets.len() > 1 && octets[0] > 1,
        _ => false,
    }
}

/// Takes a word that is a decimal number of at most `max`, which `expected` describes.
fn number<T: TryFrom<u64>>(words: &mut Tokens<'_>, max: u64, expected: &'static str) -> Result<T, Wrong> {
    let word = words.take(expected)?;
    parse_number(word.text, max)
        .and_then(|number| T::try_from(number).ok())
        .ok_or_else(|| words.wrong(expected))
}

/// An IPv4 address in dotted decimal, without leading zeros.
fn ipv4(text: &[u8]) -> Option<[u8; 4]> {
    let address: Ipv4Addr = std::str::from_utf8(text).ok()?.parse().ok()?;
    Some(address.octets())
}

/// An IPv6 address in any form of RFC 4291, section 2.2.
fn ipv6(text: &[u8]) -> Option<[u8; 16]> {
    let address: Ipv6Addr = std::str::from_utf8(text).ok()?.parse().ok()?;
    Some(address.octets())
}

/// Takes a word that is an IPv4 address and appends its octets.
fn take_ipv4(words: &mut Tokens<'_>, out: &mut Vec<u8>) -> Result<(), Wrong> {
    const EXPECTED: &str = "an IPv4 address";
    let word = words.take(EXPECTED)?;
    out.extend_from_slice(&ipv4(word.text).ok_or_else(|| words.wrong(EXPECTED))?);
    Ok(())
}

/// Takes a word that is an IPv6 address and returns its octets.
fn take_ipv6(words: &mut Tokens<'_>) -> Result<[u8; 16], Wrong> {
    const EXPECTED: &str = "an IPv6 address";
    let word = words.take(EXPECTED)?;
    ipv6(word.text).ok_or_else(|| words.wrong(EXPECTED))
}

/// Appends the text of an IPv4 address. `None`: not four octets.
fn push_ipv4(octets: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let address = Ipv4Addr::from(<[u8; 4]>::try_from(octets).ok()?);
    out.extend_from_slice(address.to_string().as_bytes());
    Some(())
}

/// Appends the text of an IPv6 address (RFC 5952). `None`: not sixteen octets.
fn push_ipv6(octets: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let address = Ipv6Addr::from(<[u8; 16]>::try_from(octets).ok()?);
    out.extend_from_slice(address.to_string().as_bytes());
    Some(())
}

/// Takes a word that is a name and appends its wire form.
fn take_name(
    words: &mut Tokens<'_>,
    origin: Option<Name<'_>>,
    expected: &'static str,
    out: &mut Vec<u8>,
) -> Result<(), Wrong> {
    let word = words.take(expected)?;
    parse_name(word.text, origin, out).map_err(|error| words.wrong(error.to_string()))
}

/// Appends the text of the name that is all of `octets`. `None`: there is none, or more than one.
fn push_whole_name(octets: &[u8], out: &mut Vec<u8>) -> Option<()> {
    push_name(Name::from_wire(octets)?, out);
    Some(())
}

/// Takes all words that are left as one base64 text, white space allowed anywhere in it (RFC 4025,
/// section 3.1), and appends its octets. No words are no octets.
fn take_base64(words: &mut Tokens<'_>, out: &mut Vec<u8>) -> Result<(), Wrong> {
    let mut text = Vec::new();
    for word in words.by_ref() {
        text.extend_from_slice(word.text);
    }
    parse_base64(&text, out).ok_or_else(|| words.wrong("base64"))
}

#[cfg(test)]
mod tests {
    use super::testing::{reads, refuses, try_wire, unhex, wire_of};
    use super::*;

    /// Each odd kind: BIND's sample text, BIND's wire form, the text written.
    const SAMPLES: [(Kind, &str, &str, &str); 14] = [
        (
            Kind::Loc,
            "60 09 00.000 N 24 39 00.000 E 10.00m 20.00m 2000.00m 20.00m",
            "00232523 8ce82360 854a10a0 00989a68",
            "60 9 0.000 N 24 39 0.000 E 10.00m 20m 2000m 20m",
        ),
        (
            Kind::Apl,
            "!1:10.0.0.1/32 1:10.0.0.0/24",
            "0001 20 84 0a000001 0001 18 01 0a",
            "!1:10.0.0.1/32 1:10.0.0.0/24",
        ),
        (Kind::SvcParams, "port=60", "0003 0002 003c", "port=60"),
        (
            Kind::Ipseckey,
            "10 1 2 192.0.2.38 AQN RUw==",
            "0a0102 c0000226 01035153",
            "10 1 2 192.0.2.38 AQNRUw==",
        ),
        (Kind::Amtrelay, "0 0 3 example.net.", "0003 076578616d706c65 036e657400", "0 0 3 example.net."),
        (
            Kind::Hip,
            "2 2001 AQNRUw== rvs",
            "02020004 2001 01035153 03727673 076578616d706c6500",
            "2 2001 AQNRUw== rvs.example.",
        ),
        (Kind::Nsap, "0x47.0005.80.00.", "4700058000", "0x4700058000"),
        (Kind::Atma, "+61.2.0000.0000", "01 3631323030303030303030", "+61200000000"),
        (Kind::A6, "127 ::1 foo.", "7f01 03666f6f00", "127 ::1 foo."),
        (Kind::Wks, "10.0.0.1 tcp telnet ftp 0 1 2", "0a000001 06 e00005", "10.0.0.1 6 0 1 2 21 23"),
        (Kind::Nxt, "A MX RRSIG", "4001 00000002", "A MX RRSIG"),
        (Kind::Gpos, "-22.6 116.9 250", "052d32322e36 053131362e39 03323530", "\"-22.6\" \"116.9\" \"250\""),
        (Kind::X25, "123456789", "09313233343536373839", "\"123456789\""),
        (Kind::Ipn, "100.100", "0000006400000064", "429496729700"),
    ];

    #[test]
    fn every_odd_kind_is_read_and_written() {
        for (kind, text, wire, back) in SAMPLES {
            reads(kind, text, wire, back);
        }
    }

    #[test]
    fn a_word_or_an_octet_too_many_is_refused() {
        for (kind, text, wire, _) in SAMPLES {
            // a lone backslash fits nowhere: not in a number, an address, a name, base64, a key or a type
            refuses(kind, &format!("{text} \\"));
            assert!(!is_opaque(kind, &unhex(wire)), "{kind:?}");
        }
        refuses(Kind::Nsap, "0x47 00");
        assert!(format(Kind::Atma, &unhex("01363a"), &mut Vec::new()).is_none());
    }

    #[test]
    fn other_kinds_are_refused() {
        assert!(try_wire(Kind::U16, "1").is_err());
        assert!(format(Kind::U16, &[0, 1], &mut Vec::new()).is_none() && !is_opaque(Kind::U16, &[9, 9]));
    }

    #[test]
    fn what_has_no_text_appends_nothing() {
        let mut out = b"before".to_vec();
        let mut octets = wire_of(Kind::Hip, "2 2001 AQNRUw== rvs");
        octets.pop();
        assert!(format(Kind::Hip, &octets, &mut out).is_none() && out == b"before");
    }

    /// Octets of future versions and families are no error, but have no text.
    #[test]
    fn opaque_forms() {
        for (kind, wire) in
            [(Kind::Loc, "010099"), (Kind::Apl, "0003080101"), (Kind::Amtrelay, "0004"), (Kind::Atma, "0200")]
        {
            let octets = unhex(wire);
            assert!(is_opaque(kind, &octets) && format(kind, &octets, &mut Vec::new()).is_none(), "{kind:?}");
        }
        assert!(!is_opaque(Kind::Loc, &[]) && !is_opaque(Kind::Loc, &[0]));
    }

    /// No text may make a reader panic: words of all kinds in all places, whole and cut short.
    #[test]
    fn no_text_panics() {
        let words: Vec<&str> = SAMPLES.iter().flat_map(|(_, text, _, _)| text.split(' ')).collect();
        for (kind, text, _, _) in SAMPLES {
            for end in 0..text.len() {
                let _ = try_wire(kind, &text[..end]);
            }
            let own: Vec<&str> = text.split(' ').collect();
            for at in 0..own.len() {
                for word in words.iter().chain(&[
                    "\"\"",
                    "\\",
                    ".",
                    "@",
                    "!",
                    "+",
                    "-",
                    "=",
                    "0x",
                    "999999999999999999999",
                ]) {
                    let mut changed = own.clone();
                    changed[at] = word;
                    let _ = try_wire(kind, &changed.join(" "));
                }
            }
        }
    }
}
