//! The guide: what people need beyond the README, a page a topic.

#[doc = include_str!("check.md")]
pub mod check {}
