//! What was found, by rule.

use crate::dns::time::Time;
use crate::dnssec::verify::rules::rank;
use crate::dnssec::verify::{Checked, Finding, Rule};
use crate::error::Severity;

/// Findings of one rule.
pub(super) struct Group {
    pub(super) rule: &'static Rule,
    /// With `--deny` an error even if the rule is a warning's.
    pub(super) severity: Severity,
    pub(super) count: usize,
    /// The first of them.
    pub(super) shown: Vec<Finding>,
}

/// Counts, and the first findings of each rule.
#[derive(Default)]
pub(super) struct Tally {
    /// In the order of the table of rules.
    groups: Vec<Group>,
    /// So many findings of a rule are kept.
    limit: usize,
    denied: Vec<&'static Rule>,
    pub(super) records: usize,
    pub(super) signatures: usize,
    pub(super) verified: usize,
    pub(super) unverifiable: usize,
    pub(super) ends: Option<Time>,
    pub(super) lasts: Option<Time>,
}

impl Tally {
    /// Nothing found yet; `limit` findings of a rule are to be kept, and breaking one of `denied` is an error.
    pub(super) fn new(limit: usize, denied: &[&'static Rule]) -> Self {
        Self { limit, denied: denied.to_vec(), ..Self::default() }
    }

    /// The same limits, and nothing found.
    pub(super) fn again(&self) -> Self {
        Self::new(self.limit, &self.denied)
    }

    pub(super) fn add(&mut self, checked: Checked) {
        self.records += checked.records;
        self.signatures += checked.signatures;
        self.verified += checked.verified;
        self.unverifiable += checked.unverifiable;
        let earlier = |one: Option<Time>, other: Option<Time>| one.min(other).or(one).or(other);
        self.ends = earlier(self.ends, checked.ends);
        self.lasts = earlier(self.lasts, checked.lasts);
        checked.findings.into_iter().for_each(|finding| self.push(finding));
    }

    pub(super) fn push(&mut self, finding: Finding) {
        let rule = finding.rule;
        let at = if let Some(at) = self.groups.iter().position(|group| group.rule == rule) {
            at
        } else {
            let severity = if self.denied.contains(&rule) { Severity::Error } else { rule.severity };
            self.groups.push(Group { rule, severity, count: 0, shown: Vec::new() });
            self.groups.len() - 1
        };
        let group = &mut self.groups[at];
        group.count += 1;
        if group.shown.len() < self.limit {
            group.shown.push(finding);
        }
    }

    /// How many findings are errors, and how many warnings.
    pub(super) fn counts(&self) -> (usize, usize) {
        let of = |severity| {
            self.groups.iter().filter(|group| group.severity == severity).map(|group| group.count).sum()
        };
        (of(Severity::Error), of(Severity::Warning))
    }

    /// Errors first, and in either part causes before what they bring about.
    pub(super) fn groups(&self) -> Vec<&Group> {
        let mut groups: Vec<&Group> = self.groups.iter().collect();
        groups.sort_by_key(|group| (group.severity != Severity::Error, rank(group.rule)));
        groups
    }
}
