//! DNSSEC: a sealed zone and keys → the plan of a signed zone; and the rules that a signed zone keeps.
//!
//! [`apex`] is what the zone gets before it is sealed, [`sign`] the recipe, [`policy`] its times, [`reuse`] what it keeps
//! of an earlier version, [`sheet`] what signatures are made on, [`rrsig`], [`nsec`], [`nsec3`], [`cds`] and [`zonemd`] the
//! records it makes, [`ds`] what the parent needs, [`verify`] the rules, which know nothing of the signer. Nothing here
//! reads or writes files or text.

pub mod apex;
pub mod cds;
pub mod ds;
pub mod nsec;
pub mod nsec3;
pub mod policy;
pub mod reuse;
pub mod rrsig;
pub mod sheet;
pub mod sign;
pub mod verify;
pub mod zonemd;
