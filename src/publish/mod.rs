//! From the plan of a signed zone to the file in place.
//!
//! [`span`] makes the text of one stretch of names (`comments` what it says to people), [`pipeline`] all of them on all cores and in order,
//! [`check`] reads the finished text back before it is put in place, [`stamp`] is its last line, and
//! [`earlier`] the version that is in place before; [`diff`] tells how the two differ.

pub mod check;
mod comments;
pub mod diff;
pub mod earlier;
mod merge;
pub mod pipeline;
pub mod span;
pub mod stamp;
