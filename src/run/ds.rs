//! The file with the DS records that the parent of a zone needs.
//!
//! A DS that comes too early takes the zone off the air: until caches have forgotten what was before the key, its
//! line is a comment that says from when on it is safe.

use super::job::Job;
use crate::dns::{Class, Rtype};
use crate::dnssec::ds;
use crate::error::Result;
use crate::files::Output;
use crate::keys::timing::Roster;
use crate::keys::{Key, KeySet};
use crate::registrar::records;

/// Puts the file in place, unless it is there already.
///
/// # Errors
/// It cannot be written.
pub fn put(job: &Job, class: Class, keys: &KeySet, roster: &Roster) -> Result<()> {
    let text = text(job, class, keys, roster)?;
    if std::fs::read(&job.ds).is_ok_and(|there| there == text) {
        return Ok(());
    }
    let mut out = Output::create(&job.ds)?;
    out.write(&text)?;
    out.commit().map(drop)
}

fn text(job: &Job, class: Class, keys: &KeySet, roster: &Roster) -> Result<Vec<u8>> {
    let mut text = Vec::new();
    for key in keys.keys().iter().filter(|key| key.is_for_parent()).map(Key::rdata) {
        push(job, class, key, &mut text)?;
    }
    for (key, from) in &roster.coming {
        let mut lines = Vec::new();
        push(job, class, key, &mut lines)?;
        for line in lines.split_inclusive(|&octet| octet == b'\n') {
            text.extend_from_slice(format!("; not before {from}: ").as_bytes());
            text.extend_from_slice(line);
        }
    }
    Ok(text)
}

fn push(job: &Job, class: Class, dnskey: &[u8], out: &mut Vec<u8>) -> Result<()> {
    let owner = job.zone.as_name();
    for &digest in &job.ds_digests {
        let rdata = ds::rdata(owner, dnskey, digest)?;
        records::push(owner, None, class, Rtype::DS, &rdata, out);
    }
    Ok(())
}
