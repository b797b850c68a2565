//! zoneseal
pub mod dns;
pub mod error;
pub mod keys;
pub mod zonefile;
