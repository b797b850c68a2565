//! What was found, as text for people and as JSON for programs.

use super::tally::{Group, Tally};
use crate::cli::count;
use crate::cli::time::lasting;
use crate::dns::Name;
use crate::dns::time::Time;
use crate::dnssec::verify::Finding;
use crate::error::Severity;
use crate::source::Sources;
use serde_json::{Value, json};

/// A zone and what was found in it.
pub(super) struct Verdict<'a> {
    pub(super) apex: Name<'a>,
    pub(super) at: Time,
    pub(super) tally: &'a Tally,
    pub(super) sources: &'a Sources,
    pub(super) file: &'a str,
    /// Whether only a sample of the signatures was to be checked.
    pub(super) sampled: bool,
    /// Seconds of the SOA's expire; `None`: there is no usable SOA.
    pub(super) expire: Option<u32>,
}

impl Verdict<'_> {
    /// The verdict on the first line, findings by rule, and on the last line how long the zone is good.
    pub(super) fn text(&self) -> String {
        let mut lines = vec![self.headline()];
        for group in self.tally.groups() {
            let Group { rule, count, shown, .. } = group;
            let text = if rule.rfc.is_empty() { String::new() } else { format!(" ({})", rule.rfc) };
            lines.push(format!("{} {}: {count}, wanted: {}{text}", word(group), rule.name, rule.text));
            lines.extend(
                shown.iter().map(|finding| format!("  {}: {}", self.place(finding), finding.message)),
            );
            if *count > shown.len() {
                lines.push(format!("  and {} more (-v shows all)", count - shown.len()));
            }
        }
        lines.push(self.lasting());
        lines.join("\n") + "\n"
    }

    fn headline(&self) -> String {
        let (errors, warnings) = self.tally.counts();
        let Tally { records, signatures, verified, unverifiable, .. } = *self.tally;
        let verdict = if errors > 0 { "BAD" } else { "good" };
        let mut found = Vec::new();
        if errors > 0 {
            found.push(count(errors, "error"));
        }
        if warnings > 0 {
            found.push(count(warnings, "warning"));
        }
        let found = if found.is_empty() { String::new() } else { format!(" ({})", found.join(", ")) };
        let mut checked = format!("{verified} checked");
        if self.sampled {
            checked.push_str(", a sample");
        }
        if unverifiable > 0 {
            checked.push_str(", ");
            checked.push_str(&unverifiable.to_string());
            checked.push_str(" that cannot be");
        }
        let (records, signatures) = (count(records, "record"), count(signatures, "signature"));
        format!("{}: {verdict} at {}{found}: {records}, {signatures} ({checked})", self.apex, self.at)
    }

    fn lasting(&self) -> String {
        let Some(ends) = self.tally.ends else { return "no good signatures".to_owned() };
        let left = lasting(ends.0 - self.at.0);
        let serve = self.serve_until().map_or_else(String::new, |until| {
            format!("; with TTLs and the SOA's expire, serve a new zone by {until}")
        });
        format!("the first signatures end at {ends}, {left}{serve}")
    }

    /// Until when it may be served: secondaries keep it for the SOA's expire, and resolvers for a TTL.
    fn serve_until(&self) -> Option<Time> {
        Some(Time(self.tally.lasts?.0 - i64::from(self.expire?)))
    }

    fn place(&self, finding: &Finding) -> String {
        if finding.spot.line == 0 || self.sources.is_empty() {
            return self.file.to_owned();
        }
        self.sources.place(finding.spot, 0).to_string()
    }

    /// The same as one JSON object.
    pub(super) fn json(&self) -> Value {
        let (errors, warnings) = self.tally.counts();
        let Tally { records, signatures, verified, unverifiable, .. } = *self.tally;
        let time = |time: Option<Time>| time.map(|time| time.to_string());
        let findings: Vec<Value> = self
            .tally
            .groups()
            .into_iter()
            .flat_map(|group| group.shown.iter().map(move |finding| (group, finding)))
            .map(|(group, finding)| {
                let known = finding.spot.line > 0 && !self.sources.is_empty();
                let file = if known { self.sources.name(finding.spot.file) } else { self.file };
                json!({
                    "rule": group.rule.name,
                    "severity": word(group),
                    "rfc": group.rule.rfc,
                    "owner": finding.owner,
                    "type": finding.rtype.map(|rtype| rtype.to_string()),
                    "file": file,
                    "line": known.then_some(finding.spot.line),
                    "message": finding.message,
                })
            })
            .collect();
        json!({
            "zone": self.apex.to_string(),
            "good": errors == 0,
            "at": self.at.to_string(),
            "errors": errors,
            "warnings": warnings,
            "records": records,
            "signatures": signatures,
            "checked": verified,
            "unverifiable": unverifiable,
            "sampled": self.sampled,
            "first_expiration": time(self.tally.ends),
            "serve_until": time(self.serve_until()),
            "findings": findings,
        })
    }
}

fn word(group: &Group) -> &'static str {
    match group.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}
