//! Master files (RFC 1035, section 5): text → records, and a record → text.
//!
//! [`lexer`] splits octets into the words of entries, [`reader`] knows owners, TTLs and classes,
//! `directive` the lines that begin with `$` and `generate` the one of them that makes records, [`fields`] (and [`odd`], for types with rules of their own) the RDATA both ways, [`writer`]
//! the line that a record becomes. Nothing here knows zones.

mod directive;
mod fault;
pub mod fields;
mod generate;
pub mod lexer;
pub mod odd;
pub mod reader;
pub mod token;
pub mod writer;
