//! How a zone is to be signed, whoever asks for it: `sign` by its options, `run` by a policy.

use crate::dns::soa::SerialPolicy;
use crate::dns::time::Time;
use crate::dnssec::cds::Publish;
use crate::dnssec::policy::Validity;
use crate::dnssec::sign::Denial;
use crate::dnssec::zonemd::Hash;
use crate::zone::builder::OutOfZone;
use crate::zonefile::fields::Types;
use std::path::PathBuf;

/// Everything but the zone and its keys.
#[derive(Clone, Debug)]
pub struct Recipe {
    /// The time that all other times are relative to.
    pub now: Time,
    /// `None`: the zone is not signed, and only gets its ZONEMD.
    pub signing: Option<SigningRecipe>,
    /// The ZONEMDs it gets.
    pub zonemd: Vec<Hash>,
    /// What becomes of the SOA serial.
    pub serial: SerialPolicy,
    /// All TTLs are reduced to at most this.
    pub max_ttl: Option<u32>,
    /// What happens to records outside the zone.
    pub out_of_zone: OutOfZone,
    /// Base of relative `$INCLUDE`s; `None`: the folder of the including file.
    pub include_dir: Option<PathBuf>,
    /// Which types are written by name.
    pub types: Types,
    /// Whether the file is laid out for people.
    pub comments: bool,
    /// Whether only what signing adds is written.
    pub dnssec_only: bool,
    /// Threads.
    pub threads: usize,
    /// What of the finished text is checked.
    pub check: Check,
}

/// The part that is about signatures.
#[derive(Clone, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "each is an option of its own")]
pub struct SigningRecipe {
    /// When new signatures hold.
    pub validity: Validity,
    /// Whether ends are spread over a twentieth of the time that signatures are kept, in place of
    /// [`Validity::jitter`].
    pub spread: bool,
    /// How long before their end signatures are made anew, in seconds; `None`: see
    /// [`refresh`](crate::dnssec::policy::refresh).
    pub refresh: Option<u32>,
    /// The kind of chain.
    pub denial: Denial,
    /// CDS and CDNSKEY to publish.
    pub cds: Vec<Publish>,
    /// TTL of the DNSKEYs; `None`: that of the zone's DNSKEYs, or of the SOA.
    pub dnskey_ttl: Option<u32>,
    /// Whether the keys' DNSKEYs are added, or somebody else publishes them.
    pub publish_keys: bool,
    /// Whether DNSKEYs of the input whose private key is not at hand are left out, rather than kept.
    pub drop_foreign_keys: bool,
    /// Whether an algorithm may be published that does not sign.
    pub allow_incomplete: bool,
    /// Whether two keys may have the same algorithm and key tag.
    pub allow_tag_collision: bool,
}

/// What of the finished text is checked before it is put in place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// Every structural rule, every record read back, and so many signatures at least.
    Sample(usize),
    /// The same, and every signature.
    All,
    /// Nothing.
    None,
}

impl Check {
    /// What `auto` means.
    pub const AUTO: Self = Self::Sample(2000);
}

/// As many threads as there are cores.
#[must_use]
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get)
}
