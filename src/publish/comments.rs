//! Comments for people, behind the records that say little by themselves: key tags of DNSKEYs, and the names
//! that NSEC3 hashes stand for.

use crate::dns::{Record, Rtype};
use crate::dnssec::nsec3;
use crate::dnssec::sign::Signed;
use crate::keys::{self, Algorithm, role};

/// Puts a comment, if there is one to make, at the end of the record's line, which is the text's last.
pub(super) fn push(record: Record<'_>, signed: &Signed, text: &mut Vec<u8>) {
    let comment = match record.rtype {
        Rtype::DNSKEY => dnskey(record.rdata),
        Rtype::NSEC3 => hashed(record, signed),
        _ => None,
    };
    if let Some(comment) = comment {
        text.pop();
        text.extend_from_slice(format!(" ; {comment}\n").as_bytes());
    }
}

fn dnskey(rdata: &[u8]) -> Option<String> {
    let &[high, low, _, number, ..] = rdata else { return None };
    let flags = u16::from_be_bytes([high, low]);
    let kind = if flags & role::SEP != 0 { "secure entry point" } else { "zone key" };
    let revoked = if flags & role::REVOKE != 0 { ", revoked" } else { "" };
    let algorithm = Algorithm::from_number(number).map_or_else(|| number.to_string(), |a| a.to_string());
    Some(format!("{kind}{revoked}, key tag {}, algorithm {algorithm}", keys::key_tag(rdata)))
}

/// The name that the owner is the hash of, and the one that the next hash stands for.
fn hashed(record: Record<'_>, signed: &Signed) -> Option<String> {
    let (chain, zone) = (signed.chain()?, signed.zone());
    let link = chain.find(&nsec3::hash_of_owner(record.owner, zone.apex())?)?;
    let next = (link + 1) % chain.len();
    Some(format!("hash of {}, next is {}", chain.name(link, zone), chain.name(next, zone)))
}
