//! A rule that is broken, and where.

use super::rules::Rule;
use crate::dns::{Name, Rtype};
use crate::source::Spot;

/// A rule that is broken, and where.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// The name it is about.
    pub owner: String,
    /// The type it is about, if it is one.
    pub rtype: Option<Rtype>,
    /// What is wrong, with the owner's name.
    pub message: String,
    /// Where the records in question start; line 0: not known.
    pub spot: Spot,
}

impl Finding {
    /// A finding about the records of `owner`, of type `rtype` if of one.
    #[must_use]
    pub fn new(
        rule: &'static Rule,
        owner: Name<'_>,
        rtype: Option<Rtype>,
        message: String,
        spot: Spot,
    ) -> Self {
        Self { rule, owner: owner.to_string(), rtype, message, spot }
    }
}
