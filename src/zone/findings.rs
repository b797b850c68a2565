//! What was found wrong with a zone: rules, names and places in, [`Fault`]s for people out.

use super::rules::{Level, Rule, rule};
use crate::dns::{Name, Rtype};
use crate::error::{Fault, Faults, Severity};
use crate::source::{Sources, Spot};

/// How bad breaking each rule is.
#[derive(Clone, Debug)]
pub struct Levels([Level; Rule::COUNT]);

impl Levels {
    /// As signing has it: what cannot be signed is an error, all else is not.
    #[must_use]
    pub fn of_signing() -> Self {
        let mut levels = Self::of_check();
        for rule in Rule::all().filter(|rule| !rule.row().needed) {
            if rule.row().level == Level::Error {
                levels.set(rule, Level::Warning);
            }
        }
        levels
    }

    /// As the table has it.
    #[must_use]
    pub fn of_check() -> Self {
        let mut levels = Self([Level::Allow; Rule::COUNT]);
        Rule::all().for_each(|rule| levels.set(rule, rule.row().level));
        levels
    }

    /// Gives a rule another level.
    pub fn set(&mut self, rule: Rule, level: Level) {
        self.0[rule.index()] = level;
    }

    /// The level of a rule.
    #[must_use]
    pub fn of(&self, rule: Rule) -> Level {
        self.0[rule.index()]
    }
}

/// One thing that is wrong with a zone.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule that is broken.
    pub rule: Rule,
    /// How bad that is.
    pub severity: Severity,
    /// The name it is about, if it is about one.
    pub owner: Option<String>,
    /// The type it is about, if it is about one.
    pub rtype: Option<Rtype>,
    /// Where the record stands; line 0: no record is to blame.
    pub spot: Spot,
    /// What is wrong.
    pub message: String,
    /// The same as reading had it, with its place in the line.
    read: Option<Fault>,
}

impl Finding {
    /// What to do.
    #[must_use]
    pub fn advice(&self) -> &str {
        self.read.as_ref().and_then(Fault::advice).unwrap_or(self.rule.row().hint)
    }
}

/// What a finding is about.
#[derive(Clone, Copy, Debug)]
pub(super) struct About<'a> {
    pub(super) owner: Name<'a>,
    pub(super) rtype: Option<Rtype>,
    pub(super) spot: Spot,
}

/// Findings in the order they were made: all are counted, some are kept.
#[derive(Clone, Debug)]
pub struct Findings {
    levels: Levels,
    /// So many warnings of each rule are kept, and so many errors of all.
    kept_warnings: usize,
    kept_errors: usize,
    list: Vec<Finding>,
    counts: [usize; Rule::COUNT],
    errors: usize,
    warnings: usize,
}

impl Findings {
    /// Of each kind of warning a person sees so many; the rest is counted.
    pub const SHOWN: usize = 10;

    /// None yet; kept are as many as a person wants to see at once.
    #[must_use]
    pub fn new(levels: Levels) -> Self {
        Self {
            levels,
            kept_warnings: Self::SHOWN,
            kept_errors: Faults::LIMIT,
            list: Vec::new(),
            counts: [0; Rule::COUNT],
            errors: 0,
            warnings: 0,
        }
    }

    /// None yet, but of the same levels, and as many kept.
    pub(super) fn without_any(&self) -> Self {
        Self {
            kept_warnings: self.kept_warnings,
            kept_errors: self.kept_errors,
            ..Self::new(self.levels.clone())
        }
    }

    /// Goes on with others of the same levels that were made behind these: as if all had been made here.
    pub(super) fn join(&mut self, others: Self) {
        let mut unkept = others.counts;
        for finding in others.list {
            unkept[finding.rule.index()] -= 1;
            self.count(finding.rule);
            if self.keeps(finding.rule, finding.severity) {
                self.list.push(finding);
            }
        }
        for rule in Rule::all() {
            (0..unkept[rule.index()]).for_each(|_| _ = self.count(rule));
        }
    }

    /// The same, keeping every one.
    #[must_use]
    pub fn keep_all(mut self) -> Self {
        self.kept_warnings = usize::MAX;
        self.kept_errors = usize::MAX;
        self
    }

    /// A rule is broken; the message is made only if it is kept.
    pub(super) fn add(&mut self, rule: Rule, about: About<'_>, message: impl FnOnce() -> String) {
        let Some(severity) = self.count(rule) else { return };
        if self.keeps(rule, severity) {
            let owner = Some(about.owner.to_string());
            self.list.push(Finding {
                rule,
                severity,
                owner,
                rtype: about.rtype,
                spot: about.spot,
                message: message(),
                read: None,
            });
        }
    }

    /// A rule is broken by the zone as a whole.
    pub fn add_general(&mut self, rule: Rule, message: String) {
        let Some(severity) = self.count(rule) else { return };
        if self.keeps(rule, severity) {
            let spot = Spot::default();
            self.list.push(Finding { rule, severity, owner: None, rtype: None, spot, message, read: None });
        }
    }

    /// Reading found an error, or something odd.
    pub fn add_read(&mut self, fault: Fault) {
        let rule = match fault.severity() {
            Severity::Error => const { rule("syntax") },
            Severity::Warning => const { rule("odd-syntax") },
        };
        let Some(severity) = self.count(rule) else { return };
        if self.keeps(rule, severity) {
            let (message, spot) = (fault.message().to_owned(), Spot::default());
            let read = Some(fault.with_severity(severity));
            self.list.push(Finding { rule, severity, owner: None, rtype: None, spot, message, read });
        }
    }

    /// Counts a broken rule: how bad it is, or `None` where it is allowed.
    fn count(&mut self, rule: Rule) -> Option<Severity> {
        let (severity, total) = match self.levels.of(rule) {
            Level::Allow => return None,
            Level::Warning => (Severity::Warning, &mut self.warnings),
            Level::Error => (Severity::Error, &mut self.errors),
        };
        *total += 1;
        self.counts[rule.index()] += 1;
        Some(severity)
    }

    fn keeps(&self, rule: Rule, severity: Severity) -> bool {
        match severity {
            Severity::Warning => self.counts[rule.index()] <= self.kept_warnings,
            Severity::Error => self.errors <= self.kept_errors,
        }
    }

    /// Whether anybody wants to know of this rule.
    pub(super) fn wants(&self, rule: Rule) -> bool {
        self.levels.of(rule) != Level::Allow
    }

    /// How many errors were not kept.
    #[must_use]
    pub fn unkept_errors(&self) -> usize {
        let kept = self.list.iter().filter(|finding| finding.severity == Severity::Error);
        self.errors - kept.count()
    }

    /// How many errors there are, kept or not.
    #[must_use]
    pub fn errors(&self) -> usize {
        self.errors
    }

    /// How many warnings there are, kept or not.
    #[must_use]
    pub fn warnings(&self) -> usize {
        self.warnings
    }

    /// Whether there are as many errors as a person wants to see at once.
    pub(super) fn full(&self) -> bool {
        self.errors >= self.kept_errors
    }

    /// Those that were kept.
    pub fn iter(&self) -> impl Iterator<Item = &Finding> {
        self.list.iter()
    }

    /// How often each rule was broken, in the order of the table; only those that were.
    pub fn broken(&self) -> impl Iterator<Item = (Rule, usize)> {
        Rule::all().map(|rule| (rule, self.counts[rule.index()])).filter(|&(_, count)| count > 0)
    }

    /// Puts those that were kept into the order of the files.
    pub fn sort(&mut self) {
        self.list.sort_by_key(|finding| (finding.spot.file, finding.spot.line));
    }

    /// Those that were kept, each with its place and the advice of its rule.
    #[must_use]
    pub fn placed(&self, sources: &Sources) -> Vec<Fault> {
        let fault = |finding: &Finding| {
            let row = finding.rule.row();
            if let Some(read) = &finding.read {
                return (read.clone().hint(format!("{} [{}]", finding.advice(), row.name)), Spot::default());
            }
            let fault = Fault::error(&*finding.message).with_severity(finding.severity);
            let fault = fault.hint(format!("{} ({}) [{}]", row.hint, row.rfc, row.name));
            let whole = finding.spot.line == 0 && !sources.is_empty();
            (if whole { fault.in_file(sources.name(0)) } else { fault }, finding.spot)
        };
        sources.locate_all(self.list.iter().map(fault).collect())
    }

    /// How many warnings of each kind were not kept, in words.
    pub fn unkept(&self) -> impl Iterator<Item = Fault> {
        let kept = |rule| self.list.iter().filter(|finding| finding.rule == rule).count();
        self.broken().filter_map(move |(rule, count)| {
            let warning = self.levels.of(rule) == Level::Warning && count > kept(rule);
            let more = || format!("and {} more of the kind [{}]", count - kept(rule), rule.row().name);
            warning.then(|| Fault::warning(more()))
        })
    }

    /// All of it for people: what was kept, and how much was not.
    pub(super) fn into_faults(self, sources: &Sources) -> Faults {
        let mut faults = Faults::new();
        self.placed(sources).into_iter().chain(self.unkept()).for_each(|fault| faults.push(fault));
        faults
    }
}
