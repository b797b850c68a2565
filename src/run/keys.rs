//! The keys of a zone as a run finds them: what each may do now, and those that sign if some of them cannot.

use super::job::Job;
use super::known::Known;
use crate::dns::time::Time;
use crate::error::{Fault, Faults};
use crate::keys::timing::{self, Delays, Roster, Served};
use crate::keys::{self, Key, KeySet, life};
use crate::publish::stamp::Was;

/// The keys, and what each may do now. `ttl` is the longest that records of a zone that was not signed before may
/// be in caches. What is wrong with a key without which the zone can be signed goes to `faults`.
///
/// # Errors
/// The zone cannot be signed.
pub(super) fn keys(
    job: &Job,
    known: &Known,
    ttl: Option<u32>,
    now: Time,
    faults: &mut Faults,
) -> Result<(Roster, KeySet), Faults> {
    let (loaded, mut wrong) = keys::load_good(&job.keys, &job.zone)?;
    if loaded.keys.is_empty() {
        wrong.push(no_keys(job));
        return Err(wrong);
    }
    loaded.warnings.into_iter().for_each(|warning| faults.push(warning));
    let found = match (choose(job, loaded.keys, known, ttl, now), wrong.errors()) {
        (Ok(found), _) => Ok(found),
        // with the keys that sign already, the zone lasts until somebody has mended the others
        (Err(more), 0) => {
            wrong.extend(more);
            let known_ones = keys::load_good(&job.keys, &job.zone)?.0.keys;
            let known_ones = known_ones.into_iter().filter(|key| is_known(key, known)).collect();
            choose(job, known_ones, known, ttl, now)
        }
        (Err(more), _) => Err(more),
    };
    match found {
        Ok(found) => {
            faults.extend(wrong);
            Ok(found)
        }
        Err(more) if wrong.errors() == 0 => Err(more),
        // the first reason is the one to mend
        Err(_) => Err(wrong),
    }
}

fn is_known(key: &Key, known: &Known) -> bool {
    known.history.lives.iter().any(|life| life.print == life::print(key.rdata()))
}

/// What each key does, and the set of those that are in the zone.
fn choose(
    job: &Job,
    keys: Vec<Key>,
    known: &Known,
    ttl: Option<u32>,
    now: Time,
) -> Result<(Roster, KeySet), Faults> {
    let mut roster = if job.force_unsafe {
        let mut roster = Roster::default();
        for key in keys {
            roster.keys.extend(key.at(now)?);
        }
        roster
    } else {
        let served = Served { lives: &known.history.lives, first: known.history.first };
        timing::roster(keys, served, delays(job, known, ttl, now), now)?
    };
    if roster.keys.is_empty() {
        let told = format!("none of the keys of the zone {} is in use at {now}", job.zone);
        return Err(Fault::error(told)
            .hint("look at their Publish and Remove times: zoneseal key list")
            .into());
    }
    let allows = |key: &&Key| job.algorithms.is_empty() || job.algorithms.contains(&key.algorithm());
    if let Some(key) = roster.keys.iter().find(|key| !allows(key)) {
        let fault = Fault::error(format!("the policy wants no key of {}", key.algorithm()));
        return Err(fault.in_file(key.file()).hint("see \"algorithms\" of the policy").into());
    }
    let set = KeySet::new(std::mem::take(&mut roster.keys), job.key_options)?;
    if let Some(missing) = job.algorithms.iter().find(|wanted| set.algorithms().all(|a| a != **wanted)) {
        let told = format!("the policy wants a key of {missing}, and the zone {} has none", job.zone);
        return Err(Fault::error(told).hint(format!("zoneseal keygen -a {missing} makes one")).into());
    }
    Ok((roster, set))
}

/// How long what was published may be in caches.
pub(super) fn delays(job: &Job, known: &Known, ttl: Option<u32>, now: Time) -> Delays {
    let wanted = job.recipe.signing.as_ref().and_then(|signing| signing.dnskey_ttl);
    let largest_ttl = known.history.ttl.or(ttl).unwrap_or(0);
    let served = if known.apex.dnskeys.is_empty() { largest_ttl } else { known.apex.dnskey_ttl };
    let was = known.history.was(now);
    Delays {
        dnskey_ttl: wanted.unwrap_or(0).max(served).max(was.map_or(0, |was| was.dnskey_ttl)),
        largest_ttl: largest_ttl.max(was.map_or(0, |was| was.ttl)),
        propagation: job.propagation,
        ds_ttl: job.ds_ttl,
    }
}

/// The TTLs that a new version, with these, leaves behind: whoever lowers TTLs cannot shorten what is in caches.
pub(super) fn was_then(job: &Job, known: &Known, ttl: u32, dnskey_ttl: u32, now: Time) -> Option<Was> {
    let was = known.history.was(now);
    let served = known.history.ttl?;
    if served <= ttl && known.apex.dnskey_ttl <= dnskey_ttl {
        return was;
    }
    let delays = delays(job, known, None, now);
    let gone = Time(now.0 + i64::from(served) + i64::from(delays.propagation));
    let until = was.map_or(gone, |was| was.until.max(gone));
    Some(Was { ttl: delays.largest_ttl, dnskey_ttl: delays.dnskey_ttl, until })
}

/// Why there is nothing to sign with.
fn no_keys(job: &Job) -> Fault {
    let folder = job.keys.join(keys::zone_file_name(job.zone.as_name()));
    Fault::error(format!("there are no keys for the zone {} in {}", job.zone, folder.display()))
        .in_file(&job.file.display().to_string())
        .hint(format!("make some: zoneseal keygen --keys {} {}", job.keys.display(), job.zone))
}
