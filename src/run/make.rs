//! One zone, from its file to the text that is checked and only has to be put in place.
//!
//! [`Input::read`] makes records of the zone file, [`draft`] a sealed zone and what signs it, [`Draft::plan`] the plan,
//! [`write`](fn@write) the text.

use super::input::{Input, Warn};
use super::recipe::{Check, Recipe, SigningRecipe};
use crate::dns::Rtype;
use crate::dns::rrset::{Rrset, Rrsets};
use crate::dns::soa::Soa;
use crate::dns::time::Time;
use crate::dnssec::apex::{self, Additions, Foreign};
use crate::dnssec::policy::{self, Validity};
use crate::dnssec::reuse::Reuse;
use crate::dnssec::sign::{Denial, Signed, Signing};
use crate::error::{Fault, Faults};
use crate::files::Output;
use crate::keys::{Key, KeySet};
use crate::publish::check::{self, Summary};
use crate::publish::earlier::Earlier;
use crate::publish::pipeline::{self, Written};
use crate::publish::span::Format;
use crate::publish::stamp::Digest;
use crate::threads;
use crate::zone::Zone;
use crate::zonefile::writer::Writer;
use ring::digest::{Context, SHA256};
use std::ops::Range;

/// A sealed zone and what signs it; only the serial is open.
#[derive(Debug)]
pub struct Draft {
    /// The zone, with all that signing adds to its apex.
    pub zone: Zone,
    /// What it is signed with; `None`: it is not signed.
    pub signing: Option<Signing>,
    /// Other signers' keys in the zone file.
    pub foreign: Vec<Foreign>,
    /// How long before their end signatures should be made anew, in seconds.
    pub refresh: i64,
}

/// Puts together the zone and what signs it.
///
/// # Errors
/// What is wrong with the zone, or with it and its keys.
pub fn draft(input: Input, keys: Option<KeySet>, recipe: &Recipe, warn: Warn<'_>) -> Result<Draft, Faults> {
    let Input { mut builder, apex, class, sources, .. } = input;
    let file = sources.name(0).to_owned();
    let named = |fault: Fault| fault.in_file(&file);
    if let Some(limit) = recipe.max_ttl {
        builder.limit_ttl(limit);
    }
    apex::add_zonemd(&mut builder, &apex, &recipe.zonemd)?;
    let mut foreign = Vec::new();
    let signing = recipe.signing.as_ref().zip(keys);
    if let Some((recipe, keys)) = &signing {
        foreign = apex::add(&mut builder, keys, &additions(recipe)).map_err(named)?;
    }
    let (zone, warnings) = builder.seal(&apex, class, sources, recipe.out_of_zone)?;
    warnings.iter().for_each(&mut *warn);
    let Some((signing, keys)) = signing else {
        return Ok(Draft { zone, signing: None, foreign, refresh: 0 });
    };
    let Times { validity, refresh } = Times::of(signing, &zone, recipe.now, warn).map_err(named)?;
    let signing = Signing { keys, validity, denial: signing.denial.clone(), reuse: None };
    Ok(Draft { zone, signing: Some(signing), foreign, refresh })
}

impl Draft {
    /// The same, keeping signatures of an earlier version, which is known to be whole, as long as they are good.
    /// `all_known`: it was signed with the same keys. `renews`: some of them are due, and those that will be soon
    /// are made anew with them; otherwise a zone that is looked at every hour would get a new version, with a new
    /// SOA and its signature, in most hours.
    ///
    /// # Errors
    /// The earlier version cannot be read.
    pub fn reusing(
        mut self,
        earlier: &Earlier,
        all_known: bool,
        renews: bool,
        now: Time,
    ) -> Result<Self, Fault> {
        let apex = earlier.apex(self.zone.apex())?;
        // a signature covers the class, too
        let same_class = apex.class == Some(self.zone.class());
        if let Some(signing) = self.signing.as_mut().filter(|_| same_class) {
            let kept = signing.validity.expiration.0 - now.0 - self.refresh;
            let soon = if renews { kept / 80 } else { 0 };
            let mut keys = apex.dnskeys;
            // where somebody else publishes the keys, they are the same if all of them are
            if all_known {
                keys.extend(signing.keys.keys().iter().map(|key| key.rdata().to_vec()));
            }
            signing.reuse = Some(Reuse { now, refresh: self.refresh + soon, keys });
        }
        Ok(self)
    }

    /// The plan, with this serial.
    ///
    /// # Errors
    /// The zone cannot have the chain.
    pub fn plan(self, serial: u32, recipe: &Recipe) -> Result<Signed, Fault> {
        let file = self.zone.sources().name(0).to_owned();
        Signed::new(self.zone, self.signing, serial, recipe.zonemd.clone(), recipe.threads)
            .map_err(|fault| fault.in_file(&file))
    }

    /// The SHA-256 over those of the zone's records in canonical order, so many names at a time: equal for zone
    /// files that mean the same.
    #[must_use]
    pub fn digest(&self, threads: usize) -> Digest {
        const AT_A_TIME: usize = 1 << 12;
        let names = self.zone.names();
        let starts: Vec<usize> = (0..names).step_by(AT_A_TIME).collect();
        let share = starts.len().div_ceil(threads.max(1)).max(1);
        let digests = threads::each(starts.chunks(share).collect(), |starts| {
            let digest = |&start: &usize| self.digest_of(start..names.min(start + AT_A_TIME));
            starts.iter().map(digest).collect::<Vec<_>>()
        });
        let mut whole = Context::new(&SHA256);
        whole.update(&self.zone.class().0.to_be_bytes());
        digests.iter().flatten().for_each(|digest| whole.update(digest.as_ref()));
        crate::publish::stamp::digest(whole)
    }

    fn digest_of(&self, names: Range<usize>) -> ring::digest::Digest {
        let mut digest = Context::new(&SHA256);
        let (mut sets, mut octets) = (Rrsets::default(), Vec::new());
        for number in names {
            self.zone.approach(number);
            self.zone.load(number, &mut sets);
            sets.iter().flat_map(Rrset::records).for_each(|record| record.push_octets(&mut octets));
            if octets.len() >= 1 << 14 {
                digest.update(&octets);
                octets.clear();
            }
        }
        digest.update(&octets);
        digest.finish()
    }
}

fn additions(recipe: &SigningRecipe) -> Additions<'_> {
    Additions {
        publish_keys: recipe.publish_keys,
        dnskey_ttl: recipe.dnskey_ttl,
        drop_foreign_keys: recipe.drop_foreign_keys,
        allow_incomplete: recipe.allow_incomplete,
        allow_tag_collision: recipe.allow_tag_collision,
        cds: &recipe.cds,
        nsec3: match &recipe.denial {
            Denial::Nsec => None,
            Denial::Nsec3(params, _) => Some(params),
        },
    }
}

/// When new signatures end, and how long before that they are made anew: known when the zone is.
struct Times {
    validity: Validity,
    refresh: i64,
}

impl Times {
    fn of(recipe: &SigningRecipe, zone: &Zone, now: Time, warn: Warn<'_>) -> Result<Self, Fault> {
        let mut validity = recipe.validity;
        let ends = validity.expiration.min(validity.keys_expiration);
        let length = (ends.0 - now.max(validity.inception).0).max(0);
        let soa = zone.at_apex(Rtype::SOA).find_map(|record| Soa::from_rdata(record.rdata));
        let refresh = match (recipe.refresh, soa) {
            (Some(refresh), _) => i64::from(refresh),
            (None, Some(soa)) => {
                let (refresh, wanted) = policy::refresh(length, &soa, zone.counts().largest_ttl);
                if refresh < wanted && recipe.spread {
                    warn(&too_short(&soa, wanted, length));
                }
                refresh
            }
            (None, None) => 0,
        };
        let kept = length - refresh;
        if recipe.spread {
            validity.jitter = u32::try_from(kept / 20).unwrap_or(0);
        } else if recipe.refresh.is_some() && i64::from(validity.jitter) >= kept {
            let told = format!(
                "signatures hold for {length} s and are made anew {refresh} s before they end: a jitter of {} s leaves no time between",
                validity.jitter
            );
            return Err(Fault::error(told).hint("jitter must be less than validity less refresh"));
        }
        Ok(Self { validity, refresh })
    }
}

/// Secondaries that lose their primary may serve signatures that have ended.
fn too_short(soa: &Soa, wanted: i64, length: i64) -> Fault {
    let days = |seconds: i64| (seconds + 86_399) / 86_400;
    Fault::warning(format!(
        "signatures hold for {} days, and the SOA's expire of {} s with the TTLs asks to renew them {} days before they end: \
         they are renewed later than that",
        length / 86_400,
        soa.expire,
        days(wanted)
    ))
    .hint(format!(
        "signatures that hold for {} days or more would do, or a smaller expire",
        days(wanted * 4 / 3)
    ))
}

/// How long records of a zone may be in caches: see [`Stamp`](crate::publish::stamp::Stamp).
#[must_use]
pub fn longest_in_caches(zone: &Zone) -> u32 {
    let soa = zone.at_apex(Rtype::SOA).find_map(|record| Soa::from_rdata(record.rdata));
    zone.counts().largest_ttl.max(soa.map_or(0, |soa| soa.minimum))
}

/// The SHA-256 of the public keys, and of what each does for this recipe.
#[must_use]
pub fn digest_of_keys(keys: &KeySet, recipe: &Recipe) -> Digest {
    let tells_parent = recipe.signing.as_ref().is_some_and(|signing| !signing.cds.is_empty());
    let mut context = Context::new(&SHA256);
    for key in keys.keys() {
        let signs = |rtype| keys.signers(rtype).any(|signer| signer.rdata() == key.rdata());
        let does =
            [signs(Rtype::DNSKEY), signs(Rtype::CDS), signs(Rtype::SOA), tells_parent && key.is_for_parent()];
        let does = does.map(u8::from);
        context.update(&does);
        context.update(&key.rdata().len().to_be_bytes());
        context.update(key.rdata());
    }
    crate::publish::stamp::digest(context)
}

/// What was written, and what its check found.
pub struct Made {
    /// What was written.
    pub written: Written,
    /// What the check found.
    pub checked: Summary,
}

/// Makes the text, and checks it as it stands on the disk.
///
/// # Errors
/// A key cannot sign, the file cannot be written, or the check found what must not be.
pub fn write(
    signed: &Signed,
    recipe: &Recipe,
    earlier: Option<&Earlier>,
    out: &mut Output,
) -> Result<Made, Faults> {
    let writer = Writer::new(signed.zone().class(), recipe.types);
    let format = Format { writer, comments: recipe.comments, dnssec_only: recipe.dnssec_only };
    let written = pipeline::write(signed, &format, recipe.threads, earlier, out)?;
    let sample = match recipe.check {
        Check::None => return Ok(Made { written, checked: Summary::default() }),
        Check::Sample(wanted) => Some(wanted),
        Check::All => None,
    };
    let mut now = recipe.now;
    if let Some(signing) = signed.signing() {
        let validity = signing.validity;
        let end = validity.expiration.min(validity.keys_expiration).0 - i64::from(validity.jitter);
        // a time outside the validity was asked for, and warned of
        now = Time(now.0.clamp(validity.inception.0, end.max(validity.inception.0)));
    }
    let options = check::Options { now, sample, threads: recipe.threads };
    let checked = check::check(out, signed, &written, &format, &options)?;
    Ok(Made { written, checked })
}

/// When the first signatures end; `None`: there is none.
#[must_use]
pub fn expiration(signed: &Signed, written: &Written) -> Option<Time> {
    let validity = signed.signing()?.validity;
    written.counts.expiration.map(|end| Time::from_wire(end, validity.expiration))
}

/// A warning for each sample key, which everybody has. `make demo` signs the sample zones with the sample keys:
/// there the warning would warn of nothing.
#[must_use]
pub fn sample_warnings(keys: &KeySet) -> Vec<Fault> {
    if std::env::var_os("ZONESEAL_DEMO").is_some() {
        return Vec::new();
    }
    keys.keys().iter().filter_map(Key::sample_warning).collect()
}
