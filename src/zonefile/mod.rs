//! Master files (RFC 1035, section 5): text → records, and a record → text.
//!
//! [`lexer`] splits octets into the words of entries (`split`), which end at `stops`; [`reader`] knows owners and
//! TTLs, `head` what stands between owner and data, `directive` the lines that begin with `$` and `generate` the one
//! of them that makes records; [`fields`] (with `mnemonics`, and [`odd`] for types with rules of their own) is the RDATA both ways,
//! [`writer`] the line that a record becomes; [`tap`] digests files as they are read, and `ahead` reads the large ones on a
//! thread of its own. Nothing here knows zones.

mod ahead;
mod directive;
mod fault;
pub mod fields;
mod generate;
mod head;
pub mod lexer;
mod mnemonics;
pub mod odd;
pub mod reader;
mod split;
mod stops;
pub mod tap;
pub mod token;
pub mod writer;
