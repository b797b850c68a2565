//! The keys of `zoneseal sign`: which there are, and their DNSKEYs in the zone.

use super::SignArgs;
use crate::cli::{Failure, World};
use crate::dns::{NameBuf, Record, Rtype};
use crate::error::{Fault, Faults};
use crate::keys::role::REVOKE;
use crate::keys::{self, Key, KeySet, Role};
use crate::source::Spot;
use crate::zone::Builder;

/// Whether a DNSKEY of the input is one of our keys as it was before its role changed or it was revoked.
fn ours_but_for_flags(keys: &KeySet, rdata: &[u8]) -> bool {
    keys.keys().iter().any(|key| key.rdata() != rdata && rdata.get(2..) == Some(&key.rdata()[2..]))
}

impl SignArgs {
    pub(super) fn key_set(&self, zone: &NameBuf, world: &World) -> Result<KeySet, Failure> {
        let roles = [(&self.key_files, None), (&self.ksk, Some(Role::Ksk)), (&self.zsk, Some(Role::Zsk))];
        let named = roles.into_iter().chain([(&self.csk, Some(Role::Csk))]);
        let mut keys: Vec<Key> = Vec::new();
        let mut faults = Faults::new();
        let mut any = false;
        for (file, role) in named.flat_map(|(files, role)| files.iter().map(move |file| (file, role))) {
            any = true;
            match keys::load_file(file, zone, role, world.now) {
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
            ..keys::Options::default()
        };
        let set = KeySet::new(keys, options)?;
        set.warnings().iter().for_each(|warning| world.report.fault(warning));
        // `make demo` signs the sample zones with the sample keys: there the warning would warn of nothing
        if std::env::var_os("ZONESEAL_DEMO").is_none() {
            set.keys()
                .iter()
                .filter_map(Key::sample_warning)
                .for_each(|warning| world.report.fault(&warning));
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

    /// Adds the keys' DNSKEYs to the zone. Those of the input whose private key is not at hand are
    /// another signer's; they are published, or dropped.
    pub(super) fn add_keys(
        &self,
        builder: &mut Builder,
        keys: &KeySet,
        dnskey_ttl: Option<u32>,
    ) -> Result<Vec<String>, Failure> {
        let zone = keys.zone();
        let own = |rdata: &[u8]| keys.keys().iter().any(|key| key.rdata() == rdata);
        let mut ttl = None;
        let mut foreign = Vec::new();
        let mut algorithms = Vec::new();
        let mut soa_ttl = 3600;
        let mut outdated = Vec::new();
        for (record, _) in builder.records().filter(|(record, _)| record.owner == zone.as_name()) {
            match record.rtype {
                Rtype::SOA => soa_ttl = record.ttl,
                Rtype::DNSKEY => {
                    ttl.get_or_insert(record.ttl);
                    if ours_but_for_flags(keys, record.rdata) {
                        outdated.push(record.rdata.to_vec());
                    } else if !own(record.rdata) && !foreign.iter().any(|(rdata, _)| rdata == record.rdata) {
                        let algorithm = record.rdata.get(3).copied().unwrap_or_default();
                        let tag = keys::key_tag(record.rdata);
                        foreign.push((record.rdata.to_vec(), format!("{tag} (algorithm {algorithm})")));
                        // a revoked key signs nothing but the DNSKEYs (RFC 5011, section 2.1)
                        if u16::from_be_bytes([record.rdata[0], record.rdata[1]]) & REVOKE == 0 {
                            algorithms.push((algorithm, tag));
                        }
                    }
                }
                _ => {}
            }
        }
        if self.drop_foreign_keys {
            builder.remove(Rtype::DNSKEY, |record| record.owner == zone.as_name() && !own(record.rdata));
        } else {
            self.refuse_foreign(keys, &algorithms)?;
        }
        // one key with two sets of flags would be two keys, one of them perhaps revoked and the other not
        builder.remove(Rtype::DNSKEY, |record| outdated.iter().any(|rdata| rdata == record.rdata));
        let ttl = dnskey_ttl.or(ttl).unwrap_or(soa_ttl);
        builder.set_ttl(zone.as_name(), Rtype::DNSKEY, ttl);
        for key in keys.keys() {
            let record = Record { owner: zone.as_name(), rtype: Rtype::DNSKEY, ttl, rdata: key.rdata() };
            builder.push(record, Spot::default())?;
        }
        Ok(foreign.into_iter().map(|(_, name)| name).collect())
    }

    /// What another signer's keys must not be.
    fn refuse_foreign(&self, keys: &KeySet, foreign: &[(u8, u16)]) -> Result<(), Fault> {
        for &(algorithm, tag) in foreign {
            let signs = keys.algorithms().any(|ours| ours.number() == algorithm);
            if !signs && !self.allow_incomplete {
                return Err(Fault::error(format!(
                    "the zone file has a DNSKEY of algorithm {algorithm}, key tag {tag}, and no key of that algorithm signs"
                ))
                .in_file(&self.zone_file.display().to_string())
                .hint("each published algorithm must sign everything (RFC 4035, section 2.2): add its key, or use --drop-foreign-keys or --allow-incomplete"));
            }
            let collides = |key: &Key| key.algorithm().number() == algorithm && key.tag() == tag;
            if keys.keys().iter().any(collides) && !self.allow_tag_collision {
                return Err(Fault::error(format!(
                    "another signer's DNSKEY has the key tag {tag} and the algorithm {algorithm} of one of our keys"
                ))
                .hint("make a new key with zoneseal keygen, or use --allow-tag-collision"));
            }
        }
        Ok(())
    }
}
