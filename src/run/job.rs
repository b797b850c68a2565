//! What `run` does for one zone: which files, which keys, which recipe.

use super::config;
use super::recipe::{Recipe, SigningRecipe};
use crate::dns::NameBuf;
use crate::dns::time::Time;
use crate::dnssec::ds;
use crate::dnssec::policy::Validity;
use crate::keys::{self, Algorithm};
use crate::publish::stamp::Digest;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// One zone, and all that is to be done for it.
#[derive(Clone, Debug)]
pub struct Job {
    /// The zone.
    pub zone: NameBuf,
    /// Its unsigned file.
    pub file: PathBuf,
    /// The folder of keys.
    pub keys: PathBuf,
    /// The signed file.
    pub output: PathBuf,
    /// The file for the DS records that its parent needs.
    pub ds: PathBuf,
    /// How it is signed.
    pub recipe: Recipe,
    /// The digest of the policy that the recipe comes from.
    pub policy: Digest,
    /// What keys may be.
    pub key_options: keys::Options,
    /// The algorithms that its keys must have; empty: any.
    pub algorithms: Vec<Algorithm>,
    /// How long it takes until all servers have a new version, in seconds.
    pub propagation: u32,
    /// TTL of the zone's DS at its parent, in seconds.
    pub ds_ttl: u32,
    /// Digests of the DS records.
    pub ds_digests: Vec<ds::Digest>,
    /// What is called when a new version is in place; empty: nothing.
    pub hook: Vec<String>,
    /// How long that may take.
    pub hook_limit: Duration,
    /// Whether keys do what their times say, whatever becomes of validators.
    pub force_unsafe: bool,
}

impl Job {
    /// What a configuration says is to be done for a zone at `now`. `digest` is that of its policy.
    #[must_use]
    pub fn of(zone: &NameBuf, file: &Path, wanted: &config::Settings<'_>, digest: Digest, now: Time) -> Self {
        let policy = wanted.policy;
        let after = |seconds: u32| Time(now.0 + i64::from(seconds));
        let validity = Validity {
            inception: Time(now.0 - i64::from(policy.inception_offset)),
            expiration: after(policy.validity),
            keys_expiration: after(policy.dnskey_validity),
            jitter: policy.jitter.unwrap_or(0),
        };
        let signing = SigningRecipe {
            validity,
            spread: policy.jitter.is_none(),
            refresh: policy.refresh,
            denial: policy.denial.clone(),
            cds: policy.cds.clone(),
            dnskey_ttl: policy.dnskey_ttl,
            publish_keys: true,
            drop_foreign_keys: policy.drop_foreign_keys,
            allow_incomplete: policy.allow_incomplete,
            allow_tag_collision: policy.allow_tag_collision,
        };
        let recipe = Recipe {
            now,
            signing: Some(signing),
            zonemd: policy.zonemd.clone(),
            serial: policy.serial,
            max_ttl: policy.max_ttl,
            out_of_zone: policy.out_of_zone,
            include_dir: None,
            types: policy.types,
            comments: policy.comments,
            dnssec_only: false,
            threads: 1,
            check: policy.verify,
        };
        let key_options = keys::Options {
            allow_tag_collision: policy.allow_tag_collision,
            allow_incomplete: policy.allow_incomplete,
            deterministic: policy.deterministic,
            ..keys::Options::default()
        };
        Self {
            zone: zone.clone(),
            file: file.to_owned(),
            keys: wanted.keys.to_owned(),
            output: wanted.signed.clone(),
            ds: wanted.ds.clone(),
            recipe,
            policy: digest,
            key_options,
            algorithms: policy.algorithms.clone(),
            propagation: policy.propagation_delay,
            ds_ttl: policy.ds_ttl,
            ds_digests: policy.ds_digests.clone(),
            hook: policy.hook.clone(),
            hook_limit: Duration::from_secs(policy.hook_timeout.into()),
            force_unsafe: false,
        }
    }

    /// A file of our own beside the output, such as `.example.org.lock`.
    #[must_use]
    pub fn beside(&self, kind: &str) -> PathBuf {
        self.output.with_file_name(format!(".{}.{kind}", keys::zone_file_name(self.zone.as_name())))
    }
}
