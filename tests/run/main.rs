//! `zoneseal run` over time and against all odds: what cron does for years, what a kill or a full disk leaves behind.
//!
//! | file | what |
//! |---|---|
//! | `site` | a folder with zones, keys and signed zones, and the program called in it |
//! | `version` | a signed file as a resolver sees it: a set model |
//! | `resolver` | what is in caches, and whether it fits together |
//! | `journey` | a site, its parent and all resolvers, step by step through time |
//! | `judges` | what outside tools say of a signed zone at some moment |
//! | `travel` | two years with key rolls, and the parent on time, late, or never |
//! | `keys` | what keys must not do, and rolls of other kinds |
//! | `chance` | keys whose times are set by chance |
//! | `kills` | SIGKILL at any moment |
//! | `trouble` | a full disk, a folder that cannot be written, a key that vanished, a zone that cannot be read |
//! | `habits` | nothing due, comments, locks, clocks, shards, files that do not belong |

mod chance;
#[path = "../common/mod.rs"]
mod common;
mod habits;
mod history;
mod journey;
mod judges;
mod keys;
mod kills;
mod resolver;
mod site;
mod travel;
mod trouble;
mod version;
