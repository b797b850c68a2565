//! A key in words: as lines, as a row of a table, as JSON. All of it is public.

use crate::dns::Rtype;
use crate::dns::time::Time;
use crate::dnssec::ds::{self, Digest};
use crate::error::Result;
use crate::keys::{Key, Stage};
use crate::zonefile::fields::{self, Types};
use serde_json::{Map, Value, json};
use std::fmt::Write;

/// The key as it is at `now`: revoked, if its Revoke time has passed.
pub(super) fn as_of(key: Key, now: Time) -> Result<Key> {
    if key.metadata().stage(now) != Stage::Revoked {
        return Ok(key);
    }
    Ok(key.at(now)?.expect("a revoked key is in the zone"))
}

/// The RDATA of its DS records as text; none for a key that no DS may point to.
fn ds_texts(key: &Key) -> Result<Vec<String>> {
    if !key.role().signs_keys() || key.is_revoked() {
        return Ok(Vec::new());
    }
    let rdata = ds::rdata(key.zone().as_name(), key.rdata(), Digest::Sha256)?;
    Ok(vec![rdata_text(Rtype::DS, &rdata)])
}

fn rdata_text(rtype: Rtype, rdata: &[u8]) -> String {
    let mut out = Vec::new();
    if let Some(row) = Types::All.row(rtype) {
        fields::format(row, rdata, Types::All, &mut out);
    }
    String::from_utf8(out).unwrap_or_default()
}

/// Some lines for people, the first with the file.
pub(super) fn lines(key: &Key, now: Time) -> Result<String> {
    let (metadata, algorithm) = (key.metadata(), key.algorithm());
    let mut rows = vec![
        ("zone", key.zone().to_string()),
        ("role", key.role().to_string()),
        ("algorithm", format!("{} {algorithm}", algorithm.number())),
        ("key tag", key.tag().to_string()),
        ("stage", metadata.stage(now).to_string()),
    ];
    let times = metadata.times().map(|(name, time)| (name, time.map(|time| time.to_string())));
    rows.extend(times.into_iter().filter_map(|(name, time)| Some((name, time?))));
    if metadata.sample {
        rows.push(("sample", "yes: everybody has this key".to_owned()));
    }
    rows.extend(ds_texts(key)?.into_iter().map(|ds| ("DS", format!("{} IN DS {ds}", key.zone()))));
    rows.push(("DNSKEY", format!("{} IN DNSKEY {}", key.zone(), rdata_text(Rtype::DNSKEY, key.rdata()))));
    let mut text = format!("{}\n", key.file());
    for (name, value) in rows {
        let name =
            if name.starts_with("DS") || name == "DNSKEY" { name.to_owned() } else { name.to_lowercase() };
        // writing to a String cannot fail
        let _ = writeln!(text, "  {name:<13} {value}");
    }
    Ok(text)
}

/// The table's head.
pub(super) const COLUMNS: [&str; 11] = [
    "ZONE",
    "ROLE",
    "ALGORITHM",
    "TAG",
    "STAGE",
    "PUBLISH",
    "ACTIVATE",
    "RETIRE",
    "REMOVE",
    "REVOKE",
    "FILE",
];

/// The key's row; `-` stands for a time that is not given.
pub(super) fn row(key: &Key, now: Time) -> [String; 11] {
    let metadata = key.metadata();
    let time = |time: Option<Time>| time.map_or_else(|| "-".to_owned(), |time| time.to_string());
    [
        key.zone().to_string(),
        key.role().to_string(),
        key.algorithm().to_string(),
        key.tag().to_string(),
        metadata.stage(now).to_string(),
        time(metadata.publish),
        time(metadata.activate),
        time(metadata.retire),
        time(metadata.remove),
        time(metadata.revoke),
        key.file().to_owned(),
    ]
}

/// The key as an object; times that are not given are null.
pub(super) fn object(key: &Key, now: Time) -> Result<Value> {
    let (metadata, algorithm) = (key.metadata(), key.algorithm());
    let times: Map<String, Value> = metadata
        .times()
        .into_iter()
        .map(|(name, time)| {
            (name.to_lowercase().replace('-', "_"), time.map_or(Value::Null, |time| time.to_string().into()))
        })
        .collect();
    Ok(json!({
        "file": key.file(),
        "zone": key.zone().to_string(),
        "role": key.role().word(),
        "algorithm": algorithm.number(),
        "algorithm_name": algorithm.mnemonic(),
        "key_tag": key.tag(),
        "flags": key.flags(),
        "stage": metadata.stage(now).to_string(),
        "times": times,
        "sample": metadata.sample,
        "ds": ds_texts(key)?,
        "dnskey": rdata_text(Rtype::DNSKEY, key.rdata()),
    }))
}

/// The text of a list of objects.
pub(super) fn array(objects: Vec<Value>) -> String {
    format!("{:#}\n", Value::Array(objects))
}
