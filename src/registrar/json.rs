//! JSON: everything in our own words, and what the APIs of Route 53 and Cloudflare take.
//!
//! Route 53: the names are those of `aws route53domains associate-delegation-signer-to-domain --cli-input-json` and of
//! `aws route53 change-resource-record-sets --change-batch`. Cloudflare: those of `POST /zones/ZONE/dns_records`.

use super::timing::When;
use super::{Delegation, EntryPoint, hex, undotted};
use crate::dnssec::ds::{Ds, algorithm_name};
use serde_json::{Value, json};
use std::fmt::Write;

/// A DS, its numbers with their names.
#[must_use]
pub fn ds(ds: &Ds) -> Value {
    json!({
        "key_tag": ds.key_tag,
        "algorithm": ds.algorithm,
        "algorithm_name": algorithm_name(ds.algorithm),
        "digest_type": ds.digest_type,
        "digest_type_name": ds.digest_name(),
        "digest": hex(&ds.digest),
    })
}

/// All there is to say of the zone, its keys and their DS.
#[must_use]
pub fn everything(delegation: &Delegation) -> Value {
    let key = |key: &EntryPoint| {
        let dnskey = key.fields();
        json!({
            "key_tag": key.key_tag(),
            "flags": dnskey.flags,
            "protocol": dnskey.protocol,
            "algorithm": dnskey.algorithm,
            "algorithm_name": dnskey.algorithm_name(),
            "public_key": dnskey.public_key,
            "ds": key.ds.iter().map(ds).collect::<Vec<_>>(),
            // null: not known
            "safe_from": match key.when {
                When::From(time, _) | When::Published(time) => Some(time.to_string()),
                When::IfSecure(_) | When::Unknown(_) => None,
            },
        })
    };
    json!({
        "zone": delegation.owner.to_string(),
        "keys": delegation.keys.iter().map(key).collect::<Vec<_>>(),
    })
}

/// For Route 53 as the registrar: the input of a call for each key. It makes the DS itself.
#[must_use]
pub fn route53_domain(delegation: &Delegation) -> Vec<Value> {
    let call = |key: &EntryPoint| {
        let dnskey = key.fields();
        json!({
            "DomainName": undotted(delegation.owner.as_name()),
            "SigningAttributes": {
                "Algorithm": dnskey.algorithm,
                "Flags": dnskey.flags,
                "PublicKey": dnskey.public_key,
            },
        })
    };
    delegation.keys.iter().map(call).collect()
}

/// For Route 53 as the host of the parent zone: the change that makes the DS `RRset` what it should be.
#[must_use]
pub fn route53_zone(delegation: &Delegation, ttl: u32) -> Value {
    let value = |ds: &Ds| {
        let Ds { key_tag, algorithm, digest_type, digest } = ds;
        json!({ "Value": format!("{key_tag} {algorithm} {digest_type} {}", hex(digest)) })
    };
    json!({
        "Comment": format!("DS of {}", delegation.owner),
        "Changes": [{
            "Action": "UPSERT",
            "ResourceRecordSet": {
                "Name": delegation.owner.to_string(),
                "Type": "DS",
                "TTL": ttl,
                "ResourceRecords": delegation.ds().map(value).collect::<Vec<_>>(),
            },
        }],
    })
}

/// Both, for whoever picks a part.
#[must_use]
pub fn route53(delegation: &Delegation, ttl: u32) -> Value {
    json!({
        "AssociateDelegationSignerToDomain": route53_domain(delegation),
        "ChangeBatch": route53_zone(delegation, ttl),
    })
}

/// For Cloudflare as the host of the parent zone: the body of a call for each DS.
#[must_use]
pub fn cloudflare(delegation: &Delegation, ttl: u32) -> Vec<Value> {
    let call = |ds: &Ds| {
        json!({
            "type": "DS",
            "name": undotted(delegation.owner.as_name()),
            "ttl": ttl,
            "data": {
                "key_tag": ds.key_tag,
                "algorithm": ds.algorithm,
                "digest_type": ds.digest_type,
                "digest": hex(&ds.digest),
            },
        })
    };
    delegation.ds().map(call).collect()
}

/// A document a line: one for each call.
#[must_use]
pub fn lines(calls: &[Value]) -> String {
    let mut text = String::new();
    for call in calls {
        // writing to a String cannot fail
        let _ = writeln!(text, "{call}");
    }
    text
}
