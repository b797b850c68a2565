//! Master files (RFC 1035, section 5): text → records, and a record → text.
//!
//! [`lexer`] splits octets into the words of entries, [`reader`] knows directives, owners, TTLs and
//! classes, [`fields`] (and [`odd`], for types with rules of their own) the RDATA both ways, [`writer`]
//! the line that a record becomes. Nothing here knows zones.

pub mod fields;
pub mod lexer;
pub mod odd;
pub mod reader;
pub mod token;
pub mod writer;
