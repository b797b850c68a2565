//! IPSECKEY (RFC 4025) and AMTRELAY (RFC 8777): records with a gateway that is nothing, an IPv4 address,
//! an IPv6 address or a name, as a number before it says.

use super::{number, push_ipv4, push_ipv6, push_whole_name, take_base64, take_ipv4, take_ipv6, take_name};
use crate::dns::Name;
use crate::dns::text::{push_base64, push_name, push_number};
use crate::zonefile::token::{Tokens, Wrong};

const OCTET: &str = "a number from 0 to 255";
const GATEWAY_TYPE: &str = "a gateway type: 0 for none, 1 for IPv4, 2 for IPv6, 3 for a name";
const RELAY_TYPE: &str = "a relay type: 0 for none, 1 for IPv4, 2 for IPv6, 3 for a name";
/// The discovery-optional flag, in the octet of the relay type (RFC 8777, section 4.2.2).
const DISCOVERY: u8 = 0x80;

/// Text: precedence, gateway type, algorithm, gateway, base64 of the key (RFC 4025, section 3.1).
pub(super) fn parse_ipseckey(
    words: &mut Tokens<'_>,
    origin: Option<Name<'_>>,
    out: &mut Vec<u8>,
) -> Result<(), Wrong> {
    let precedence: u8 = number(words, 255, OCTET)?;
    let gateway: u8 = number(words, 3, GATEWAY_TYPE)?;
    let algorithm: u8 = number(words, 255, OCTET)?;
    out.extend_from_slice(&[precedence, gateway, algorithm]);
    take_gateway(words, gateway, origin, out)?;
    let before = out.len();
    take_base64(words, out)?;
    if out.len() == before && algorithm != 0 {
        return Err(Wrong::new(words.taken(), "a public key in base64")
            .hint("only algorithm 0 goes without a key (RFC 4025, section 2.4)"));
    }
    Ok(())
}

/// Text: precedence, discovery-optional, relay type, relay (RFC 8777, section 4.3.1).
pub(super) fn parse_amtrelay(
    words: &mut Tokens<'_>,
    origin: Option<Name<'_>>,
    out: &mut Vec<u8>,
) -> Result<(), Wrong> {
    let precedence: u8 = number(words, 255, OCTET)?;
    let discovery: u8 = number(words, 1, "0 or 1, for \"discovery is optional\"")?;
    let relay: u8 = number(words, 3, RELAY_TYPE)?;
    out.extend_from_slice(&[precedence, (discovery * DISCOVERY) | relay]);
    take_gateway(words, relay, origin, out)
}

fn take_gateway(
    words: &mut Tokens<'_>,
    gateway: u8,
    origin: Option<Name<'_>>,
    out: &mut Vec<u8>,
) -> Result<(), Wrong> {
    const NONE: &str = "a single dot, as there is none of type 0";
    match gateway {
        1 => take_ipv4(words, out),
        2 => take_ipv6(words).map(|address| out.extend_from_slice(&address)),
        3 => take_name(words, origin, "a name", out),
        _ if words.take(NONE)?.text == b"." => Ok(()),
        _ => Err(words.wrong(NONE)),
    }
}

pub(super) fn format_ipseckey(octets: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let (&[precedence, gateway, algorithm], rest) = octets.split_first_chunk()?;
    push_numbers(&[precedence, gateway, algorithm], out);
    let length = match gateway {
        0 => 0,
        1 => 4,
        2 => 16,
        3 => Name::prefix_of(rest)?.1,
        _ => return None,
    };
    let (address, key) = rest.split_at_checked(length)?;
    push_gateway(gateway, address, out)?;
    if !key.is_empty() {
        out.push(b' ');
        push_base64(key, out);
    }
    // "A value of 0 indicates that no key is present" (RFC 4025, section 2.4)
    (algorithm == 0 || !key.is_empty()).then_some(())
}

pub(super) fn format_amtrelay(octets: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let (&[precedence, relay], rest) = octets.split_first_chunk()?;
    push_numbers(&[precedence, relay / DISCOVERY, relay % DISCOVERY], out);
    push_gateway(relay % DISCOVERY, rest, out)
}

fn push_numbers(numbers: &[u8], out: &mut Vec<u8>) {
    for number in numbers {
        push_number(u64::from(*number), out);
        out.push(b' ');
    }
}

/// Appends the text of the gateway that is all of `octets`.
fn push_gateway(gateway: u8, octets: &[u8], out: &mut Vec<u8>) -> Option<()> {
    match gateway {
        0 if octets.is_empty() => push_name(Name::ROOT, out),
        1 => push_ipv4(octets, out)?,
        2 => push_ipv6(octets, out)?,
        3 => push_whole_name(octets, out)?,
        _ => return None,
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{reads, refuses, survives_damage, unhex, wire_of};
    use super::super::{format, is_opaque};
    use crate::dns::schema::Kind::{Amtrelay, Ipseckey};

    const KEY: &str = "AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ==";
    const KEY_WIRE: &str = "0103515379 86ed35533b6064478eeeb27b5bd74dae149b6e81ba3a0521af82ab7801";

    #[test]
    fn examples_of_rfc_4025_section_3_2() {
        for (gateway, wire) in [
            ("10 1 2 192.0.2.38", "0a0102 c0000226"),
            ("10 0 2 .", "0a0002"),
            ("10 3 2 mygateway.example.com.", "0a0302 096d7967617465776179076578616d706c6503636f6d00"),
            ("10 2 2 2001:db8:0:8002::2000:1", "0a0202 20010db8000080020000000020000001"),
        ] {
            let text = format!("{gateway} {KEY}");
            reads(Ipseckey, &text, &format!("{wire}{KEY_WIRE}"), &text);
        }
        let text = format!("10 3 2 gw.example. {KEY}");
        let split = format!("10 3 2 gw {} {} {}", &KEY[..3], &KEY[3..10], &KEY[10..]);
        reads(Ipseckey, &split, &format!("0a030202677707 6578616d706c6500{KEY_WIRE}"), &text);
        // section 2.4: algorithm 0 has no key
        reads(Ipseckey, "10 0 0 .", "0a0000", "10 0 0 .");
        reads(Ipseckey, "10 1 0 192.0.2.1", "0a0100c0000201", "10 1 0 192.0.2.1");
    }

    #[test]
    fn examples_of_rfc_8777_section_4_3_2() {
        for (text, wire) in [
            ("10 0 1 203.0.113.15", "0a01cb00710f"),
            ("10 0 2 2001:db8::15", "0a02 20010db8000000000000000000000015"),
            ("128 1 3 amtrelays.example.com.", "8083 09616d7472656c617973076578616d706c6503636f6d00"),
            ("0 0 0 .", "0000"),
            ("0 1 0 .", "0080"),
            ("0 0 2 ::", "0002 00000000000000000000000000000000"),
        ] {
            reads(Amtrelay, text, wire, text);
        }
    }

    #[test]
    fn what_is_no_gateway_is_refused() {
        for text in [
            "",
            "10",
            "10 1",
            "10 1 2",
            "256 1 2 192.0.2.1 AQID",
            "10 4 2 . AQID",
            "10 1 256 192.0.2.1 AQID",
            "10 1 2 192.0.2 AQID",
            "10 1 2 :: AQID",
            "10 2 2 192.0.2.1 AQID",
            "10 0 2 x. AQID",
            "10 0 2 .",
            "10 3 2 a..b AQID",
            "10 1 2 192.0.2.1 AQI",
            "10 1 2 192.0.2.1 A*ID",
            "10 1 2 192.0.2.01 AQID",
            "-1 0 0 .",
        ] {
            refuses(Ipseckey, text);
        }
        for text in [
            "",
            "0 0 0",
            "0 2 0 .",
            "0 0 4 .",
            "0 0 1 .",
            "0 0 2 1.2.3.4",
            "0 0 3",
            "0 0 0 . .",
            "0 0 0 x.",
            "256 0 0 .",
        ] {
            refuses(Amtrelay, text);
        }
    }

    #[test]
    fn octets_that_are_no_gateway_have_no_text() {
        for wire in ["0a0002", "0a010200000001", "0a040201", "0a030200", "0a03024001 02"] {
            assert!(format(Ipseckey, &unhex(wire), &mut Vec::new()).is_none(), "{wire}");
        }
        for wire in ["00", "000000", "0001000000", "0003", "00030000", "0004", "0084ff"] {
            assert!(format(Amtrelay, &unhex(wire), &mut Vec::new()).is_none(), "{wire}");
        }
        assert!(is_opaque(Amtrelay, &unhex("0004")) && is_opaque(Amtrelay, &unhex("0084ff")));
        assert!(!is_opaque(Amtrelay, &unhex("0083ff")) && !is_opaque(Ipseckey, &unhex("0a0402")));
        for gateway in ["0 2 .", "1 2 192.0.2.1", "2 2 2001:db8::1", "3 2 mygateway.example.com."] {
            survives_damage(Ipseckey, &wire_of(Ipseckey, &format!("10 {gateway} {KEY}")));
        }
        for relay in ["0 .", "1 192.0.2.1", "2 2001:db8::1", "3 amtrelays.example.com."] {
            survives_damage(Amtrelay, &wire_of(Amtrelay, &format!("10 1 {relay}")));
        }
    }
}
