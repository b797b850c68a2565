//! From when the parent may have the DS: what the zone, its key files and the options say of it, and how it is told.

use super::source::Found;
use crate::cli::World;
use crate::keys::Key;
use crate::keys::life::{self, Life, State};
use crate::registrar::timing::{KeyTimes, Publication, Reason, When};
use crate::registrar::{Delegation, EntryPoint};

/// Says of each key from when the parent may have its DS. `secure`: whether it has one of the zone already, if the parent
/// was asked; otherwise the key files say it.
pub(super) fn set(
    delegation: &mut Delegation,
    found: &Found,
    publication: Option<Publication>,
    secure: Option<bool>,
) {
    let Some(publication) = publication else { return };
    let at_parent = |key: &Key| key.metadata().ds_published.filter(|_| key.metadata().ds_withdrawn.is_none());
    for key in &mut delegation.keys {
        let file = found.keys.iter().find(|file| file.rdata() == key.dnskey);
        // what was published counts; what the key file says was meant to be
        let print = life::print(&key.dnskey);
        // the DS leads nowhere before the key signs the DNSKEYs
        let begun = |life: &Life| match life.state {
            State::Signs(since) => since.max(life.published),
            _ => life.published,
        };
        let seen = found.lives.iter().find(|life| life.print == print).map(begun);
        let times = KeyTimes {
            publish: seen.or_else(|| file?.metadata().publish),
            ds_published: file.and_then(at_parent),
        };
        let mut others = found.keys.iter().filter(|file| file.rdata() != key.dnskey);
        let secure = secure.unwrap_or_else(|| others.any(|file| at_parent(file).is_some()));
        key.when = publication.when(times, secure);
    }
}

/// Tells from when on the parent may have the DS of these keys.
pub(super) fn say<'a>(keys: impl Iterator<Item = &'a EntryPoint>, of_zone: bool, world: &World) {
    let mut any = false;
    for key in keys {
        any = true;
        if !of_zone {
            continue;
        }
        let tag = key.key_tag();
        world.report.note(&match key.when {
            When::Published(since) => format!("key {tag}: the parent has its DS, as seen at {since}"),
            When::From(from, reason) if from <= world.now => {
                format!("key {tag}: the parent may have its DS: {reason} have left the caches since {from}")
            }
            When::From(from, reason) => {
                format!("key {tag}: the parent must not have its DS before {from}: until then caches may hold {reason}")
            }
            When::IfSecure(from) => format!(
                "key {tag}: from when the parent may have its DS is not known: {}; if the parent has another DS of the \
                 zone already, from {from} on",
                unknown(Reason::FirstSigning)
            ),
            When::Unknown(reason) => {
                format!("key {tag}: from when the parent may have its DS is not known: {}", unknown(reason))
            }
        });
    }
    if any && !of_zone {
        world.report.note(
            "the parent must not have this DS before the signed zone is served: `zoneseal ds SIGNED` says from when on it \
             may",
        );
    }
}

/// What is not known where the time is not.
fn unknown(reason: Reason) -> &'static str {
    match reason {
        Reason::FirstSigning => "nothing says when the zone was first served with signatures (--since TIME)",
        Reason::NewKey => "nothing says when the key entered the zone (zoneseal key set --publish TIME)",
    }
}
