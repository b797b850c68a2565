//! What signing adds to the apex before the zone is sealed: DNSKEY, CDS and CDNSKEY, NSEC3PARAM, and a
//! place for ZONEMD. It must be there first, for the bitmap of the apex lists it.

use super::nsec3::Params;
use super::{cds, zonemd};
use crate::dns::{Name, NameBuf, Record, Rtype};
use crate::error::{Fault, Result};
use crate::keys::role::{REVOKE, ZONE_KEY};
use crate::keys::{self, Key, KeySet};
use crate::zone::Builder;

/// What is added.
#[derive(Debug, Default)]
#[allow(clippy::struct_excessive_bools, reason = "each is an option of its own")]
pub struct Additions<'a> {
    /// Whether the keys' DNSKEYs are added, or somebody else publishes them.
    pub publish_keys: bool,
    /// TTL of DNSKEY, CDS and CDNSKEY; else that of the zone's DNSKEYs, or of the SOA.
    pub dnskey_ttl: Option<u32>,
    /// Whether DNSKEYs of the input whose private key is not at hand are left out, rather than kept.
    pub drop_foreign_keys: bool,
    /// Whether an algorithm may be published that does not sign.
    pub allow_incomplete: bool,
    /// Whether two keys may have the same algorithm and key tag.
    pub allow_tag_collision: bool,
    /// CDS and CDNSKEY.
    pub cds: &'a [cds::Publish],
    /// The parameters of the NSEC3 chain, if there is one.
    pub nsec3: Option<&'a Params>,
}

/// Another signer's DNSKEY in the input: it is signed, and its private key is not needed (RFC 8901).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Foreign {
    /// Its key tag.
    pub tag: u16,
    /// Its algorithm's number.
    pub algorithm: u8,
}

/// Adds the records to the builder, whose input is complete. The other signers' keys found there.
///
/// # Errors
/// A key set that the input's DNSKEYs make incomplete; keys that cannot be told apart; CDS and CDNSKEY
/// that contradict each other; NSEC3 with a key whose algorithm does not allow it.
pub fn add(builder: &mut Builder, keys: &KeySet, additions: &Additions<'_>) -> Result<Vec<Foreign>> {
    let zone = keys.zone().clone();
    let apex = zone.as_name();
    let (soa_ttl, dnskey_ttl) = (ttl_of(builder, apex, Rtype::SOA), ttl_of(builder, apex, Rtype::DNSKEY));
    let ttl = additions.dnskey_ttl.or(dnskey_ttl).or(soa_ttl).unwrap_or(3600);

    let foreign = foreign_keys(builder, keys, additions)?;
    if additions.publish_keys {
        for key in keys.keys() {
            builder.add(Record { owner: apex, rtype: Rtype::DNSKEY, ttl, rdata: key.rdata() })?;
        }
        builder.set_ttl(apex, Rtype::DNSKEY, ttl);
    }
    for (rtype, rdata) in cds::records(apex, keys, additions.cds)? {
        builder.add(Record { owner: apex, rtype, ttl, rdata: &rdata })?;
    }
    if !additions.cds.is_empty() {
        builder.set_ttl(apex, Rtype::CDS, ttl);
        builder.set_ttl(apex, Rtype::CDNSKEY, ttl);
    }
    cds::check(apex, &rdata_of(builder, apex, Rtype::CDS), &rdata_of(builder, apex, Rtype::CDNSKEY))?;
    if let Some(params) = additions.nsec3 {
        refuse_old_algorithms(&rdata_of(builder, apex, Rtype::DNSKEY))?;
        let mut rdata = Vec::new();
        // "The Opt-Out flag is not used and is set to zero" (RFC 5155, section 4.1.2). No resolver asks for
        // the record, so nobody need keep it
        params.push(0, &mut rdata);
        builder.add(Record { owner: apex, rtype: Rtype::NSEC3PARAM, ttl: 0, rdata: &rdata })?;
    }
    Ok(foreign)
}

/// Makes room for the ZONEMDs of a zone, in place of those of the input.
///
/// # Errors
/// The zone is larger than can be held.
pub fn add_zonemd(builder: &mut Builder, apex: &NameBuf, hashes: &[zonemd::Hash]) -> Result<()> {
    let ttl = ttl_of(builder, apex.as_name(), Rtype::SOA).unwrap_or(3600);
    builder.remove_zonemd(apex.as_name());
    for hash in hashes {
        let rdata = hash.placeholder();
        builder.add(Record { owner: apex.as_name(), rtype: Rtype::ZONEMD, ttl, rdata: &rdata })?;
    }
    Ok(())
}

/// The RDATA of the DNSKEYs that the input has.
#[must_use]
pub fn dnskeys(builder: &Builder, apex: Name<'_>) -> Vec<Vec<u8>> {
    rdata_of(builder, apex, Rtype::DNSKEY)
}

/// Whether the input has signatures at its apex.
#[must_use]
pub fn is_signed(builder: &Builder, apex: Name<'_>) -> bool {
    at(builder, apex, Rtype::RRSIG).next().is_some()
}

fn at<'a>(builder: &'a Builder, apex: Name<'a>, rtype: Rtype) -> impl Iterator<Item = Record<'a>> {
    builder.records_of(rtype).filter(move |record| record.owner == apex)
}

fn ttl_of(builder: &Builder, apex: Name<'_>, rtype: Rtype) -> Option<u32> {
    at(builder, apex, rtype).next().map(|record| record.ttl)
}

fn rdata_of(builder: &Builder, apex: Name<'_>, rtype: Rtype) -> Vec<Vec<u8>> {
    at(builder, apex, rtype).map(|record| record.rdata.to_vec()).collect()
}

/// The DNSKEYs of the input that are not ours; or leaves them out.
fn foreign_keys(builder: &mut Builder, keys: &KeySet, additions: &Additions<'_>) -> Result<Vec<Foreign>> {
    let zone = keys.zone().clone();
    let apex = zone.as_name();
    let ours = |rdata: &[u8]| keys.keys().iter().any(|key| key.rdata() == rdata);
    // one of our keys as it was before its role changed or it was revoked
    let outdated = |rdata: &[u8]| keys.keys().iter().any(|key| rdata.get(2..) == Some(&key.rdata()[2..]));
    let mut others: Vec<Vec<u8>> = rdata_of(builder, apex, Rtype::DNSKEY);
    others.retain(|rdata| !ours(rdata) && !outdated(rdata));
    others.sort_unstable();
    others.dedup();
    if additions.drop_foreign_keys {
        builder.remove(Rtype::DNSKEY, |record| record.owner == apex && !ours(record.rdata));
    } else {
        others.iter().try_for_each(|rdata| refuse_foreign(rdata, keys, additions))?;
    }
    if additions.publish_keys {
        // one key with two sets of flags would be two keys, one of them perhaps revoked and the other not
        builder.remove(Rtype::DNSKEY, |record| {
            record.owner == apex && !ours(record.rdata) && outdated(record.rdata)
        });
    }
    let foreign = |rdata: &Vec<u8>| Foreign { tag: keys::key_tag(rdata), algorithm: rdata[3] };
    Ok(others.iter().map(foreign).collect())
}

/// What another signer's key must not be.
fn refuse_foreign(rdata: &[u8], keys: &KeySet, additions: &Additions<'_>) -> Result<()> {
    let &[high, low, protocol, algorithm, ..] = rdata else {
        return Err(Fault::error("a DNSKEY of the zone file is cut short"));
    };
    let (flags, tag) = (u16::from_be_bytes([high, low]), keys::key_tag(rdata));
    if protocol != 3 {
        let fault = format!("the zone file has a DNSKEY with protocol {protocol}, key tag {tag}");
        return Err(Fault::error(fault).hint(
            "its protocol must be 3 (RFC 4034, section 2.1.2): remove it, or use --drop-foreign-keys",
        ));
    }
    // a revoked key signs nothing but the DNSKEYs (RFC 5011, section 2.1), one without the Zone Key flag
    // nothing at all (RFC 4034, section 2.1.1)
    let signs_zone = flags & ZONE_KEY != 0 && flags & REVOKE == 0;
    let known = keys.algorithms().any(|ours| ours.number() == algorithm);
    if signs_zone && !known && !additions.allow_incomplete {
        return Err(Fault::error(format!(
            "the zone file has a DNSKEY of algorithm {algorithm}, key tag {tag}, and no key of that algorithm signs"
        ))
        .hint("each published algorithm must sign everything (RFC 4035, section 2.2): add its key, or use --drop-foreign-keys or --allow-incomplete"));
    }
    let collides = |key: &Key| key.algorithm().number() == algorithm && key.tag() == tag;
    if keys.keys().iter().any(collides) && !additions.allow_tag_collision {
        return Err(Fault::error(format!(
            "another signer's DNSKEY has the key tag {tag} and the algorithm {algorithm} of one of our keys"
        ))
        .hint("make a new key with zoneseal keygen, or use --allow-tag-collision"));
    }
    Ok(())
}

/// "Such algorithm identifiers … MUST NOT be used with zones signed with NSEC3": a resolver that does not know
/// NSEC3 would take the algorithm for one it knows, and find the zone bogus (RFC 5155, section 2).
fn refuse_old_algorithms(dnskeys: &[Vec<u8>]) -> Result<()> {
    match dnskeys.iter().find(|rdata| matches!(rdata.get(3), Some(1 | 3 | 5))) {
        None => Ok(()),
        Some(rdata) => Err(Fault::error(format!(
            "NSEC3 cannot be used in a zone with a DNSKEY of algorithm {}, key tag {}",
            rdata[3],
            keys::key_tag(rdata)
        ))
        .hint("RFC 5155, section 2: use NSEC, or drop the key (--drop-foreign-keys)")),
    }
}
