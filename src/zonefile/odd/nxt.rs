//! NXT's bitmap of the types at a name (RFC 2535, section 5.2; obsolete, RFC 3755): bit by bit for the
//! types 1 to 127, without trailing zero octets.

use crate::dns::text::{parse_number, push_number};
use crate::dns::{Rtype, schema};
use crate::zonefile::token::{Tokens, Wrong};

pub(super) fn parse(words: &mut Tokens<'_>, out: &mut Vec<u8>) -> Result<(), Wrong> {
    let start = out.len();
    while let Some(word) = words.next() {
        let number = parse_number(word.text, 127).and_then(|number| u16::try_from(number).ok());
        let rtype = number.map(Rtype).or_else(|| Rtype::from_text(word.text));
        let Some(rtype) = rtype.filter(|rtype| (1..128).contains(&rtype.0)) else {
            return Err(words.wrong("a record type from 1 to 127"));
        };
        let at = start + usize::from(rtype.0 / 8);
        if out.len() <= at {
            out.resize(at + 1, 0);
        }
        out[at] |= 0x80 >> (rtype.0 % 8);
    }
    Ok(())
}

pub(super) fn format(octets: &[u8], out: &mut Vec<u8>) -> Option<()> {
    // the first bit, type 0, would say that the bitmap has another format
    if octets.len() > 16 || octets.last() == Some(&0) || octets.first().is_some_and(|&octet| octet > 127) {
        return None;
    }
    let start = out.len();
    for (first, bits) in (0..).step_by(8).zip(octets) {
        for rtype in (0..8).filter(|bit| bits & (0x80 >> bit) != 0).map(|bit| Rtype(first + bit)) {
            if out.len() > start {
                out.push(b' ');
            }
            match schema::by_type(rtype) {
                Some(row) => out.extend_from_slice(row.mnemonic.as_bytes()),
                None => push_number(u64::from(rtype.0), out),
            }
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::super::format;
    use super::super::testing::{reads, refuses, survives_damage, unhex, wire_of};
    use crate::dns::schema::Kind::Nxt;

    #[test]
    fn bitmaps_of_rfc_2535_section_5_2() {
        reads(Nxt, "NXT mx A", "40 01 00 02", "A MX NXT");
        reads(Nxt, "10 100 MX 11 TYPE1", "4031000000000000000000 0008", "A NULL WKS MX UINFO");
        reads(Nxt, "127", "00000000000000000000000000000001", "127");
        reads(Nxt, "", "", "");
    }

    #[test]
    fn what_is_no_type_is_refused() {
        for text in ["0", "128", "TYPE0", "TYPE128", "CAA", "NOPE", "-1", "A NOPE", "\"\""] {
            refuses(Nxt, text);
        }
        for wire in ["00", "80", "4000", "0000000000000000000000000000000001"] {
            assert!(format(Nxt, &unhex(wire), &mut Vec::new()).is_none(), "{wire}");
        }
        survives_damage(Nxt, &wire_of(Nxt, "A NS SOA MX SIG KEY NXT 127"));
    }
}
