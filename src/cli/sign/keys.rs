//! The keys of `zoneseal sign`: those that are named, or those in the folder of keys.

use super::args::SignArgs;
use crate::cli::{Failure, World};
use crate::dns::NameBuf;
use crate::dnssec::apex;
use crate::error::{Fault, Faults};
use crate::keys::{self, Key, KeySet, Role};
use crate::run::input::Input;
use crate::run::make;
use crate::run::recipe::SigningRecipe;

impl SignArgs {
    /// Loads the keys.
    pub(super) fn signing_keys(
        &self,
        recipe: &mut SigningRecipe,
        input: &Input,
        world: &World,
    ) -> Result<KeySet, Failure> {
        let published = apex::dnskeys(&input.builder, input.apex.as_name());
        let keys = self.key_set(&input.apex, &published, world)?;
        // the DNSKEYs of the zone have the last word, as with ldns
        let pairs = keys.keys().iter().filter(|_| self.as_ldns && published.is_empty());
        let ttl_of_pairs = pairs.filter_map(|key| keys::ttl_of_pair(key.metadata())).min();
        recipe.dnskey_ttl = recipe.dnskey_ttl.or(ttl_of_pairs);
        Ok(keys)
    }

    fn key_set(&self, zone: &NameBuf, published: &[Vec<u8>], world: &World) -> Result<KeySet, Failure> {
        let roles = [(&self.key_files, None), (&self.ksk, Some(Role::Ksk)), (&self.zsk, Some(Role::Zsk))];
        let named = roles.into_iter().chain([(&self.csk, Some(Role::Csk))]);
        let mut keys: Vec<Key> = Vec::new();
        let mut faults = Faults::new();
        let mut any = false;
        for (file, role) in named.flat_map(|(files, role)| files.iter().map(move |file| (file, role))) {
            any = true;
            let loaded = if self.as_ldns {
                keys::load_file_as_ldns(file, zone, published, world.now)
            } else {
                keys::load_file(file, zone, role, world.now)
            };
            match loaded {
                Ok(loaded) => {
                    loaded.warnings.iter().for_each(|warning| world.report.fault(warning));
                    keys.extend(loaded.keys);
                }
                Err(found) => faults.extend(found),
            }
        }
        if faults.errors() > 0 {
            return Err(faults.into());
        }
        if !any {
            let loaded = keys::load_dir(&self.keys, zone, world.now)?;
            loaded.warnings.iter().for_each(|warning| world.report.fault(warning));
            keys = loaded.keys;
            if keys.is_empty() {
                return Err(self.no_keys(zone, world)?.into());
            }
        }
        let options = keys::Options {
            allow_tag_collision: self.allow_tag_collision,
            allow_incomplete: self.allow_incomplete,
            allow_missing_role: self.all_algorithms || self.as_ldns && of_one_kind(&keys),
            sign_keys_with_all: self.all_keys,
            deterministic: self.deterministic,
        };
        let set = KeySet::new(keys, options)?;
        set.warnings().iter().for_each(|warning| world.report.fault(warning));
        for warning in &make::sample_warnings(&set) {
            world.report.fault(warning);
        }
        Ok(set)
    }

    /// Why the folder of keys has none to sign with.
    fn no_keys(&self, zone: &NameBuf, world: &World) -> Result<Fault, Faults> {
        let folder = self.keys.join(keys::zone_file_name(zone.as_name()));
        let (folder, dir) = (folder.display(), self.keys.display());
        Ok(match keys::load_all(&self.keys, zone)?.keys.len() {
            0 => Fault::error(format!("there are no keys for the zone {zone} in {folder}"))
                .hint(format!("make some: zoneseal keygen --keys {dir} {zone}")),
            count => Fault::error(format!("none of the {count} keys in {folder} is in use at {}", world.now))
                .hint("look at their Publish and Remove times; keys named as arguments sign whatever their times say"),
        })
    }
}

/// Whether all keys are KSKs, or none is: then ldns signs everything with each.
fn of_one_kind(keys: &[Key]) -> bool {
    let entry_points = keys.iter().filter(|key| key.role().signs_keys()).count();
    entry_points == 0 || entry_points == keys.len()
}
