//! zoneseal
pub mod dns;
pub mod error;
pub mod source;
pub mod zone;
pub mod zonefile;
