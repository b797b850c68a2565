//! What cron needs: which zones there are, how each is to be signed, and what of it is due.
//!
//! [`config`] reads `zoneseal.toml`; [`policy`] is what it says of one zone.

pub mod config;
pub mod policy;
