//! What `run` does for one zone: which files, which keys, which recipe.

use super::recipe::Recipe;
use crate::dns::NameBuf;
use crate::dnssec::ds;
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
    /// The SHA-256 of the policy that the recipe comes from.
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
    /// A file of our own beside the output, such as `.example.org.lock`.
    #[must_use]
    pub fn beside(&self, kind: &str) -> PathBuf {
        self.output.with_file_name(format!(".{}.{kind}", keys::zone_file_name(self.zone.as_name())))
    }

    /// The folder of the output.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.output.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
    }
}
