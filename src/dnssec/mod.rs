//! DNSSEC: a sealed zone and keys → the plan of a signed zone; and the rules that a signed zone keeps.
//!
//! [`sign`] is the recipe, [`rrsig`] and [`nsec`] the records it makes, [`ds`] what the parent needs,
//! [`verify`] the rules, which know nothing of the signer. Nothing here reads or writes files or text.

pub mod ds;
pub mod nsec;
pub mod rrsig;
pub mod sign;
pub mod verify;
