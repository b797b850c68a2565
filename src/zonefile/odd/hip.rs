//! HIP: a host's identity tag, its key and its rendezvous servers (RFC 8005).
//!
//! Text: algorithm, tag in hexadecimal, key in base64, each one word, and names to the end (section 6).
//! Wire: the lengths of tag and key stand before all of the data (section 5).

use super::{number, take_name};
use crate::dns::Name;
use crate::dns::text::{parse_base64, parse_hex, push_base64, push_hex, push_name, push_number};
use crate::zonefile::token::{Tokens, Wrong};

const TAG: &str = "a host identity tag: hexadecimal digits, two an octet, 255 octets at most";
const KEY: &str = "a public key in base64, as one word";

pub(super) fn parse(
    words: &mut Tokens<'_>,
    origin: Option<Name<'_>>,
    out: &mut Vec<u8>,
) -> Result<(), Wrong> {
    let algorithm: u8 = number(words, 255, "an algorithm from 0 to 255")?;
    let (mut tag, mut key) = (Vec::new(), Vec::new());
    let tag_length = parse_hex(words.take(TAG)?.text, &mut tag)
        .and_then(|()| u8::try_from(tag.len()).ok().filter(|&length| length > 0))
        .ok_or_else(|| words.wrong(TAG))?;
    let key_length = parse_base64(words.take(KEY)?.text, &mut key)
        .and_then(|()| u16::try_from(key.len()).ok().filter(|&length| length > 0))
        .ok_or_else(|| words.wrong(KEY))?;
    out.extend_from_slice(&[tag_length, algorithm]);
    out.extend_from_slice(&key_length.to_be_bytes());
    out.extend_from_slice(&tag);
    out.extend_from_slice(&key);
    while words.left() > 0 {
        take_name(words, origin, "a rendezvous server", out)?;
    }
    Ok(())
}

pub(super) fn format(octets: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let (&[tag_length, algorithm, high, low], rest) = octets.split_first_chunk()?;
    let (tag, rest) = rest.split_at_checked(usize::from(tag_length))?;
    let (key, mut servers) = rest.split_at_checked(usize::from(u16::from_be_bytes([high, low])))?;
    if tag.is_empty() || key.is_empty() {
        return None;
    }
    push_number(u64::from(algorithm), out);
    out.push(b' ');
    push_hex(tag, out);
    out.push(b' ');
    push_base64(key, out);
    while !servers.is_empty() {
        let (server, length) = Name::prefix_of(servers)?;
        out.push(b' ');
        push_name(server, out);
        servers = &servers[length..];
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::super::format;
    use super::super::testing::{hex, reads, refuses, survives_damage, text_of, unhex, wire_of};
    use crate::dns::schema::Kind::Hip;

    const HOST: &str = "2 200100107B1A74DF365639CC39F1D578 AwEAAbdxyhNuSutc5EMzxTs9LBPCIkOFH8cIvM4p9+LrV4e19WzK00+CI6zBCQTdtWsuxKbWIy87UOoJTwkUs7lBu+Upr1gsNrut79ryra+bSRGQb1slImA8YVJyuIDsj7kwzG7jnERNqnWxZ48AWkskmdHaVDP4BcelrTI3rMXdXF5D";

    #[test]
    fn examples_of_rfc_8005_section_7() {
        for servers in ["", " rvs.example.com.", " rvs1.example.com. rvs2.example.com."] {
            let text = format!("{HOST}{servers}");
            let wire = wire_of(Hip, &text);
            assert_eq!(text_of(Hip, &wire), text);
            assert_eq!(hex(&wire[..22]), "10020084200100107b1a74df365639cc39f1d5780301");
        }
        reads(
            Hip,
            "2 Ab AQID rvs",
            "01 02 0003 ab 010203 0372767307 6578616d706c6500",
            "2 AB AQID rvs.example.",
        );
    }

    #[test]
    fn what_is_no_host_is_refused() {
        for text in [
            "",
            "2",
            "2 AB",
            "256 AB AQID",
            "2 A AQID",
            "2 XY AQID",
            "2 AB AQI",
            "2 AB AQID a..b",
            "2 \"\" AQID",
            "2 AB \"\"",
            "2 - AQID",
        ] {
            refuses(Hip, text);
        }
        refuses(Hip, &format!("2 {} AQID", "00".repeat(256)));
        refuses(Hip, &format!("2 AB {}", "AAAA".repeat(21846)));
    }

    #[test]
    fn octets_that_are_no_host_have_no_text() {
        for wire in ["00020001 01", "01020000 01", "01020002 0101", "01020001 0101 01", "01020001 0101 0161"]
        {
            assert!(format(Hip, &unhex(wire), &mut Vec::new()).is_none(), "{wire}");
        }
        survives_damage(Hip, &wire_of(Hip, "2 2001 AQIDBA== rvs.example.com. rvs2.example.com."));
    }
}
