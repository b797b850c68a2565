//! The DNS itself: names, records, types and their layouts, as pure functions on octets.
//!
//! Nothing here reads a file, knows a clock or allocates behind the caller's back. The currency of the
//! whole program is [`Record`]: owner, type, TTL and wire RDATA, all borrowed.

pub mod address;
pub mod bitmap;
pub mod name;
pub mod name_text;
pub mod record;
pub mod rrset;
pub mod rtype;
pub mod scan;
pub mod schema;
pub mod serial;
pub mod soa;
pub mod text;
pub mod time;

pub use name::{Name, NameBuf};
pub use record::Record;
pub use rtype::{Class, Rtype};
