//! Records as lines of master files, and as updates of a parent zone that takes them (RFC 2136).

use super::{Delegation, hex};
use crate::dns::name::MAX_NAME;
use crate::dns::{Class, Name, NameBuf, Rtype};
use crate::dnssec::ds::Ds;
use crate::error::{Fault, Result};
use crate::zonefile::fields::{self, Types};
use std::fmt::Write;

/// Appends a record's line. Without a TTL, that is its zone's affair.
pub fn push(owner: Name<'_>, ttl: Option<u32>, class: Class, rtype: Rtype, rdata: &[u8], out: &mut Vec<u8>) {
    let ttl = ttl.map_or_else(String::new, |ttl| format!("{ttl}\t"));
    out.extend_from_slice(format!("{owner}\t{ttl}{class}\t{rtype}\t").as_bytes());
    let row = Types::All.row(rtype);
    row.and_then(|row| fields::format(row, rdata, Types::All, out));
    out.push(b'\n');
}

/// DS records for the parent's zone file.
#[must_use]
pub fn ds(delegation: &Delegation, ttl: Option<u32>) -> Vec<u8> {
    let mut out = Vec::new();
    for ds in delegation.ds() {
        push(delegation.owner.as_name(), ttl, delegation.class, Rtype::DS, &ds.rdata(), &mut out);
    }
    out
}

/// The DNSKEYs that the DS records point to.
#[must_use]
pub fn dnskey(delegation: &Delegation, ttl: Option<u32>) -> Vec<u8> {
    let mut out = Vec::new();
    for key in &delegation.keys {
        push(delegation.owner.as_name(), ttl, delegation.class, Rtype::DNSKEY, &key.dnskey, &mut out);
    }
    out
}

/// The CDS and CDNSKEY records that say which DS the parent should have (RFC 7344, section 3): type and RDATA.
#[must_use]
pub fn wishes(delegation: &Delegation) -> Vec<(Rtype, Vec<u8>)> {
    let cds = delegation.ds().map(|ds| (Rtype::CDS, ds.rdata()));
    cds.chain(delegation.keys.iter().map(|key| (Rtype::CDNSKEY, key.dnskey.clone()))).collect()
}

/// `_dsboot.ZONE._signal.SERVER` (RFC 9615, section 4.1).
///
/// # Errors
/// The name is too long.
pub fn signaling_name(zone: Name<'_>, server: Name<'_>) -> Result<NameBuf> {
    let mut wire = b"\x07_dsboot".to_vec();
    wire.extend_from_slice(&zone.wire()[..zone.wire().len() - 1]);
    wire.extend_from_slice(b"\x07_signal");
    wire.extend_from_slice(server.wire());
    match Name::from_wire(&wire) {
        Some(name) => Ok(name.to_buf()),
        None => Err(Fault::error(format!(
            "_dsboot.{zone}_signal.{server} has more than {MAX_NAME} octets: this name server cannot vouch for the zone"
        ))
        .hint("use a name server with a shorter name (RFC 9615, section 4.4)")),
    }
}

/// The file `dsset-ZONE.`, octet by octet as `dnssec-signzone` writes it for the `dnssec-signzone -g` of the parent:
/// without TTL, in columns, digests in pieces of 56 digits, in canonical order.
#[must_use]
pub fn dsset(delegation: &Delegation) -> String {
    let mut records: Vec<&Ds> = delegation.ds().collect();
    records.sort_by_key(|ds| ds.rdata());
    let (owner, class) = (delegation.owner.to_string(), delegation.class.to_string());
    let mut head = String::new();
    let mut column = 0;
    for (word, next) in [(owner.as_str(), 24), (&class, 0), ("DS", 0)] {
        head.push_str(word);
        column = indent(&mut head, column + word.len(), next);
    }
    let mut out = String::new();
    for ds in records {
        let digest = hex(&ds.digest);
        let (first, rest) = digest.split_at(digest.len().min(56));
        let rest = if rest.is_empty() { String::new() } else { format!(" {rest}") };
        // writing to a String cannot fail
        let _ = writeln!(out, "{head}{} {} {} {first}{rest}", ds.key_tag, ds.algorithm, ds.digest_type);
    }
    out
}

/// Goes on from a column to another, or to the next one if it is past that, as BIND does: with tabs as far as there are
/// stops on the way. Returns the column reached.
fn indent(line: &mut String, from: usize, to: usize) -> usize {
    const STOP: usize = 8;
    let to = to.max(from + 1);
    let tabs = to / STOP - from / STOP;
    let spaces = if tabs > 0 { to % STOP } else { to - from };
    line.extend(std::iter::repeat_n('\t', tabs).chain(std::iter::repeat_n(' ', spaces)));
    to
}

/// Commands for `nsupdate`, which finds the parent zone itself: away with the DS RRset that is there, and in with ours.
#[must_use]
pub fn nsupdate(delegation: &Delegation, ttl: u32) -> String {
    let (owner, class) = (&delegation.owner, delegation.class);
    let mut out = format!("update delete {owner} {class} DS\n");
    for Ds { key_tag, algorithm, digest_type, digest } in delegation.ds() {
        let digest = hex(digest);
        // writing to a String cannot fail
        let _ =
            writeln!(out, "update add {owner} {ttl} {class} DS {key_tag} {algorithm} {digest_type} {digest}");
    }
    out.push_str("send\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dnssec::ds::Digest;
    use crate::registrar::sample;

    /// The blanks are those of BIND 9.18.
    #[test]
    fn columns_of_a_dsset_file() {
        for (owner, head) in [
            ("example.", "example.\t\tIN DS 3613 15 2 "),
            ("example.org.", "example.org.\t\tIN DS 3613 15 2 "),
            ("abcdefghijk.example.or.", "abcdefghijk.example.or.\tIN DS 3613 15 2 "),
            (
                "a-very-long-name-indeed.example.org.",
                "a-very-long-name-indeed.example.org. IN\tDS 3613 15 2 ",
            ),
        ] {
            let text = dsset(&sample(owner, &[Digest::Sha256]));
            assert!(text.starts_with(head), "{text:?}");
            let digest: Vec<&str> = text.strip_prefix(head).unwrap().trim_end().split(' ').collect();
            assert_eq!(digest.iter().map(|part| part.len()).collect::<Vec<_>>(), [56, 8]);
        }
        let both = dsset(&sample("example.org.", &[Digest::Sha384, Digest::Sha256]));
        let types: Vec<_> = both.lines().map(|line| line.split_whitespace().nth(5)).collect();
        assert_eq!(types, [Some("2"), Some("4")]);
    }

    #[test]
    fn an_update_replaces_the_rrset() {
        let text = nsupdate(&sample("example.org.", &[Digest::Sha256]), 300);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!((lines[0], lines[2]), ("update delete example.org. IN DS", "send"));
        assert!(lines[1].starts_with("update add example.org. 300 IN DS 3613 15 2 "), "{}", lines[1]);
    }
}
