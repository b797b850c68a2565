//! Keys: reading them from PEM files and key pairs of BIND and ldns, making new ones, and who signs what.
//!
//! In: key files (RFC 7468) with their metadata, and the zone they are for. Out: a [`KeySet`], which signs.
//!
//! - [`load`] finds key files, [`secret`] reads them, `opened` says whose the keys in one are; [`pem`] and [`metadata`] take them apart; [`private`] signs.
//! - [`bind`] reads and writes the pairs of files that BIND and ldns have; [`edit`] changes times in key files.
//! - [`key`] binds a private key to a zone and a role: its DNSKEY, its tag.
//! - [`timing`] decides what each key may do now, by its times, by its [`life`] so far and by what the parent says.
//! - [`set`] checks that the keys together can sign a zone (RFC 4035, section 2.2).
//! - [`mod@generate`] makes new keys: with signing, the one place that needs random numbers.
//! - [`public`] verifies, with keys as `prepared` has them.
//!
//! The arithmetic is ring's, or with the feature `aws-lc` that of AWS-LC.
//!
//! Private keys are wiped from memory where this program holds them (file text, DER, numbers). The library keeps its
//! own copy while it signs. No message and no `Debug` text holds a secret.

pub mod algorithm;
pub mod bind;
pub mod edit;
pub mod generate;
pub mod key;
pub mod life;
pub mod load;
mod material;
pub mod metadata;
mod opened;
pub mod pem;
mod prepared;
pub mod private;
pub mod public;
pub mod role;
pub mod secret;
pub mod set;
pub mod timing;

// the crate of AWS-LC has the names that ring has
#[cfg(feature = "aws-lc")]
use aws_lc_rs as library;
#[cfg(not(feature = "aws-lc"))]
use ring as library;

pub use algorithm::Algorithm;
pub use bind::{ttl_of_pair, write_pair};
pub use generate::{NewKey, generate, write_new};
pub use key::{Key, Use, zone_file_name, zone_of_file_name};
pub use load::{
    Copies, Loaded, copy_file, load_all, load_dir, load_file, load_file_as_ldns, load_good, open_file,
    zones_in,
};
pub use metadata::{Metadata, Stage};
pub use private::PrivateKey;
pub use public::{PublicKey, Verdict, key_tag, verify};
pub use role::Role;
pub use secret::read_secret;
pub use set::{KeySet, Options};
