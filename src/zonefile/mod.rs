//! Master files.
pub mod odd;
pub mod token;
