//! The outside judges: programs that nobody here wrote must accept, resolve or equal what zoneseal makes.
//!
//! One file a judge. Each test is skipped, with a word on stderr, where its judge is not installed; see `common`.

#[path = "../common/mod.rs"]
mod common;

mod bind;
mod bindkeys;
mod corpus;
mod ds;
mod guide;
mod keypairs;
mod knot;
mod language;
mod ldns;
mod ldns_signzone;
mod lint;
mod matrix;
mod nsd;
mod openssl;
mod reading;
mod registrar;
mod types;
mod unbound;
mod validns;
mod verify;
mod watch;
mod zonemd;
mod zones;
