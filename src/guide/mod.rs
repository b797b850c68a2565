//! The guide: what people need beyond the README, a page a topic.

#[doc = include_str!("check.md")]
#[allow(clippy::doc_markdown, reason = "the rules' words are those that messages print")]
pub mod check {}

/// The configuration of `zoneseal run`, with every key and its default.
///
#[doc = concat!("```toml\n", include_str!("zoneseal.toml"), "```")]
pub mod configuration {}

#[doc = include_str!("decisions.md")]
pub mod decisions {}

#[doc = include_str!("options.md")]
pub mod options {}

#[doc = include_str!("run.md")]
pub mod run {}

#[doc = include_str!("secure.md")]
pub mod secure {}

#[doc = include_str!("speed.md")]
pub mod speed {}

#[doc = include_str!("verify.md")]
pub mod verify {}

#[doc = include_str!("watch.md")]
pub mod watch {}
