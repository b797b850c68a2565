//! WKS: the well-known services of an address (RFC 1035, section 3.4.2; not to be relied upon, RFC 1123,
//! section 2.2).
//!
//! Text: address, protocol, ports; protocol and ports by number or name. Wire: address, protocol, and a
//! bit for each port, without trailing zero octets.

use super::{push_ipv4, take_ipv4};
use crate::dns::text::{parse_number, push_number};
use crate::zonefile::token::{Tokens, Wrong};

/// Protocols that `/etc/protocols` has everywhere.
const PROTOCOLS: [(&[u8], u8); 3] = [(b"icmp", 1), (b"tcp", 6), (b"udp", 17)];

/// The services of RFC 1010 that are still known, for either protocol. There is no `getservbyname` here:
/// what a zone means must not hang on the machine that signs it.
const SERVICES: [(&[u8], u16); 26] = [
    (b"tcpmux", 1),
    (b"echo", 7),
    (b"discard", 9),
    (b"systat", 11),
    (b"daytime", 13),
    (b"netstat", 15),
    (b"qotd", 17),
    (b"chargen", 19),
    (b"ftp-data", 20),
    (b"ftp", 21),
    (b"ssh", 22),
    (b"telnet", 23),
    (b"smtp", 25),
    (b"time", 37),
    (b"whois", 43),
    (b"domain", 53),
    (b"tftp", 69),
    (b"gopher", 70),
    (b"finger", 79),
    (b"http", 80),
    (b"pop3", 110),
    (b"sunrpc", 111),
    (b"nntp", 119),
    (b"ntp", 123),
    (b"imap2", 143),
    (b"snmp", 161),
];

pub(super) fn parse(words: &mut Tokens<'_>, out: &mut Vec<u8>) -> Result<(), Wrong> {
    const PROTOCOL: &str = "a protocol: tcp, udp, icmp or a number from 0 to 255";
    take_ipv4(words, out)?;
    let word = words.take(PROTOCOL)?;
    let protocol = parse_number(word.text, 255).and_then(|number| u8::try_from(number).ok());
    let protocol = protocol.or_else(|| by_name(&PROTOCOLS, word.text));
    out.push(protocol.ok_or_else(|| words.wrong(PROTOCOL))?);
    let start = out.len();
    while let Some(word) = words.next() {
        let port = parse_number(word.text, 65535).and_then(|number| u16::try_from(number).ok());
        let Some(port) = port.or_else(|| by_name(&SERVICES, word.text)) else {
            return Err(words.wrong("a port from 0 to 65535 or the name of a common service").hint(
                "write the port's number: only a few names are known, and they differ between systems",
            ));
        };
        let at = start + usize::from(port / 8);
        if out.len() <= at {
            out.resize(at + 1, 0);
        }
        out[at] |= 0x80 >> (port % 8);
    }
    Ok(())
}

fn by_name<T: Copy>(table: &[(&[u8], T)], text: &[u8]) -> Option<T> {
    table.iter().find(|(name, _)| text.eq_ignore_ascii_case(name)).map(|&(_, number)| number)
}

pub(super) fn format(octets: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let (address, rest) = octets.split_at_checked(4)?;
    let (&protocol, ports) = rest.split_first()?;
    // 8192 octets hold a bit for each of the 65536 ports
    if ports.len() > 8192 || ports.last() == Some(&0) {
        return None;
    }
    push_ipv4(address, out)?;
    out.push(b' ');
    push_number(u64::from(protocol), out);
    for (first, bits) in (0..).step_by(8).zip(ports) {
        for port in (0..8).filter(|bit| bits & (0x80 >> bit) != 0).map(|bit| first + bit) {
            out.push(b' ');
            push_number(port, out);
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::super::format;
    use super::super::testing::{reads, refuses, survives_damage, unhex, wire_of};
    use crate::dns::schema::Kind::Wks;

    #[test]
    fn services_by_name_and_number() {
        reads(Wks, "10.0.0.1 tcp telnet ftp 0 1 2", "0a000001 06 e00005", "10.0.0.1 6 0 1 2 21 23");
        reads(Wks, "10.0.0.1 UDP domain 0 1 2", "0a000001 11 e0000000000004", "10.0.0.1 17 0 1 2 53");
        reads(Wks, "1.2.3.4 6 SMTP http 25", "0102030406 0000004000000000000080", "1.2.3.4 6 25 80");
        reads(Wks, "1.2.3.4 icmp", "01020304 01", "1.2.3.4 1");
        let wire = wire_of(Wks, "10.0.0.2 tcp 65535");
        assert_eq!((wire.len(), wire[5 + 8191]), (5 + 8192, 1));
        reads(Wks, "10.0.0.2 tcp 65535", &super::super::testing::hex(&wire), "10.0.0.2 6 65535");
    }

    #[test]
    fn what_is_no_service_is_refused() {
        for text in [
            "",
            "10.0.0.1",
            "10.0.0 tcp 1",
            ":: tcp 1",
            "10.0.0.1 256 1",
            "10.0.0.1 -1 1",
            "10.0.0.1 sctp 1",
            "10.0.0.1 tcp 65536",
            "10.0.0.1 tcp nope",
            "10.0.0.1 tcp -1",
            "10.0.0.1 tcp 25-30",
            "10.0.0.1 tcp \"\"",
        ] {
            refuses(Wks, text);
        }
        for wire in ["", "0a0000", "0a000001", "0a000001 06 00", "0a000001 06 8000"] {
            assert!(format(Wks, &unhex(wire), &mut Vec::new()).is_none(), "{wire}");
        }
        let mut long = vec![10, 0, 0, 1, 6];
        long.resize(5 + 8193, 1);
        assert!(format(Wks, &long, &mut Vec::new()).is_none());
        survives_damage(Wks, &wire_of(Wks, "10.0.0.1 tcp telnet ftp 0 1 2"));
    }
}
