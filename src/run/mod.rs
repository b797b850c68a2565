//! Zones from their files to signed files in place, one or all.
//!
//! [`recipe`] is how a zone is to be signed, [`input`] reads it, [`make`] makes it: all three serve `sign` and `run`. For `run`, [`config`] reads
//! `zoneseal.toml`, [`policy`] is what it says of one zone, and [`job`] all that is to be done for it; [`zone`] does what of
//! it is due ([`known`], `keys`, [`serial`], [`mod@ds`], [`hook`] and [`state`] are its parts), [`batch`] does it for all of them, which
//! [`layout`] finds on the disk.

pub mod batch;
pub mod config;
pub mod ds;
pub mod hook;
pub mod input;
pub mod job;
mod keys;
pub mod known;
pub mod layout;
pub mod make;
pub mod policy;
pub mod recipe;
pub mod serial;
pub mod state;
pub mod zone;
