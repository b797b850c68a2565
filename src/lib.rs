//! zoneseal
pub mod dns;
pub mod error;
