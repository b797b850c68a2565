//! zoneseal
pub mod dns;
pub mod error;
pub mod files;
pub mod source;
pub mod zone;
pub mod zonefile;
