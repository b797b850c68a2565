//! Master files.
pub mod token;
