//! zoneseal
pub mod dns;
pub mod error;
pub mod zonefile;
