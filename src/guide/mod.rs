//! The guide: what users want to know beyond the README, a page a subject.

#[doc = include_str!("decisions.md")]
pub mod decisions {}

#[doc = include_str!("verify.md")]
pub mod verify {}
