//! `zoneseal check`: the lint of an unsigned zone.

use super::input::name_of_file;
use super::{Failure, World, count, report, usage, zone_name};
use crate::dns::{NameBuf, Rtype};
use crate::error::{Fault, Faults, Place, Severity};
use crate::options::near;
use crate::source::Sources;
use crate::zone::Builder;
use crate::zone::findings::{Finding, Findings, Levels};
use crate::zone::lint::Checked;
use crate::zone::rules::{Level, Rule, rule};
use crate::zonefile::reader::Reader;
use clap::{Args, ValueEnum};
use serde_json::{Map, Value, json};
use std::fmt::Write as _;
use std::path::PathBuf;

/// Arguments of `check`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    zoneseal check example.org.zone\n  \
    zoneseal check --deny all --allow single-ns example.org.zone\n  \
    zoneseal check --list-rules\n\n\
    What is found goes to standard output, ten of each kind of warning unless -v. The exit code is 1 if \
    there are errors, 0 if there are only warnings.")]
pub(super) struct CheckArgs {
    /// The zone file; - is standard input
    #[arg(value_name = "ZONEFILE", required_unless_present = "list_rules")]
    zone_file: Option<PathBuf>,

    /// Zone name, and the first $ORIGIN [default: the SOA's owner, or the file name less .zone or .db]
    #[arg(short, long, value_name = "NAME", help_heading = "Zone")]
    origin: Option<String>,
    /// Base of relative $INCLUDEs, as BIND's directory [default: the including file's folder]
    #[arg(long, value_name = "DIR", help_heading = "Zone")]
    include_dir: Option<PathBuf>,
    /// What records outside the zone are: an error, or left out with a warning
    #[arg(long, value_name = "WHAT", default_value = "drop", help_heading = "Zone")]
    out_of_zone: super::sign::OutOfZoneArg,

    /// Make breaking this rule an error; all: whatever is a warning
    #[arg(long, value_name = "RULE", value_delimiter = ',', help_heading = "Rules")]
    deny: Vec<String>,
    /// Make breaking this rule a warning
    #[arg(long, value_name = "RULE", value_delimiter = ',', help_heading = "Rules")]
    warn: Vec<String>,
    /// Say nothing of this rule
    #[arg(long, value_name = "RULE", value_delimiter = ',', help_heading = "Rules")]
    allow: Vec<String>,
    /// Print all rules: name, level, RFC, what it says
    #[arg(long, help_heading = "Rules")]
    list_rules: bool,

    /// How findings are printed
    #[arg(long, value_name = "FORMAT", default_value = "text", help_heading = "Output")]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

/// What is known of a zone when there is nothing left to look at.
struct Outcome {
    zone: Option<NameBuf>,
    findings: Findings,
    /// Records and names; `None`: the file could not be read to its end.
    counts: Option<(usize, usize)>,
    sources: Sources,
}

/// Checks the zone.
pub(super) fn run(args: &CheckArgs, world: &World) -> Result<(), Failure> {
    let levels = args.levels()?;
    if args.list_rules {
        return Ok(report::print(list(&levels).as_bytes())?);
    }
    let mut outcome = args.check(levels, world)?;
    outcome.findings.sort();
    let text = match args.format {
        Format::Text => outcome.text(world),
        Format::Json => format!("{:#}\n", outcome.json()),
    };
    report::print(text.as_bytes())?;
    if outcome.findings.errors() > 0 { Err(Failure::Reported) } else { Ok(()) }
}

impl CheckArgs {
    /// The levels of the table, and what the options make of them.
    fn levels(&self) -> Result<Levels, Failure> {
        let mut levels = Levels::of_check();
        if self.out_of_zone == super::sign::OutOfZoneArg::Error {
            levels.set(const { rule("out-of-zone") }, Level::Error);
        }
        if self.deny.iter().any(|name| name == "all") {
            Rule::all().filter(|&rule| rule.row().level == Level::Warning).for_each(|rule| {
                levels.set(rule, Level::Error);
            });
        }
        let mut named: Vec<(Rule, &str)> = Vec::new();
        let options = [
            ("--deny", &self.deny, Level::Error),
            ("--warn", &self.warn, Level::Warning),
            ("--allow", &self.allow, Level::Allow),
        ];
        for (option, names, level) in options {
            for name in names.iter().filter(|name| level != Level::Error || *name != "all") {
                let rule = Rule::named(name).ok_or_else(|| unknown(option, name))?;
                if rule.row().needed && level != Level::Error {
                    return Err(Failure::Usage(
                        Fault::error(format!("{option}: {name} is always an error"))
                            .hint("a zone that breaks it cannot be read or signed"),
                    ));
                }
                if let Some((_, other)) = named.iter().find(|&&(other, at)| other == rule && at != option) {
                    return Err(usage(format!("{name} is named by {other} and by {option}")));
                }
                named.push((rule, option));
                levels.set(rule, level);
            }
        }
        Ok(levels)
    }

    fn check(&self, levels: Levels, world: &World) -> Result<Outcome, Failure> {
        let file = self.zone_file.as_deref().expect("clap asks for it, or for --list-rules");
        let named = self.origin.as_deref().map(zone_name).transpose()?;
        let origin = named.clone().or_else(|| name_of_file(file));
        let mut reader = Reader::open(file, origin.clone())?.include_dir(self.include_dir.clone());
        let mut findings = Findings::new(levels);
        if world.report.verbose() || self.format == Format::Json {
            findings = findings.keep_all();
        }
        let (mut builder, mut failed) = (Builder::for_check(), 0);
        // whoever has twenty errors mends those first
        while failed < Faults::LIMIT {
            match reader.next() {
                Ok(Some(entry)) => builder.push(entry.record, entry.spot)?,
                Ok(None) => break,
                Err(fault) => {
                    failed += 1;
                    findings.add_read(fault);
                }
            }
            reader.warnings().for_each(|warning| findings.add_read(warning));
        }
        let soa = builder.soa_owner();
        let (class, sources) = (reader.class(), reader.into_sources());
        let elsewhere =
            |named: &&NameBuf| builder.records_of(Rtype::SOA).all(|record| record.owner != named.as_name());
        if let (Some(named), Some(soa)) = (named.as_ref().filter(elsewhere), &soa) {
            let message = format!("the zone's SOA is at {soa}, and -o says {named}");
            findings.add_general(const { rule("no-soa") }, message);
            return Ok(Outcome { zone: None, findings, counts: None, sources });
        }
        let apex = named.or(soa).or(origin);
        // records that were not read would be missed everywhere
        let Some(apex) = apex.filter(|_| failed == 0) else {
            if failed == 0 {
                let message = "the zone has no SOA record, and its name is not known".to_owned();
                findings.add_general(const { rule("no-soa") }, message);
            }
            return Ok(Outcome { zone: None, findings, counts: None, sources });
        };
        let Checked { findings, records, names, sources } =
            builder.check(&apex, class, sources, findings, world.now)?;
        Ok(Outcome { zone: Some(apex), findings, counts: Some((records, names)), sources })
    }
}

/// An option was given a rule that is not in the table.
fn unknown(option: &str, name: &str) -> Failure {
    let near = near(name, Rule::all().map(|rule| rule.row().name));
    let hint = match near[..] {
        [] => "--list-rules prints them all".to_owned(),
        _ => format!("near it are: {}; --list-rules prints them all", near.join(", ")),
    };
    Failure::Usage(Fault::error(format!("{option}: there is no rule \"{name}\"")).hint(hint))
}

/// The table of rules.
fn list(levels: &Levels) -> String {
    let width = |of: fn(Rule) -> usize| Rule::all().map(of).max().unwrap_or(0);
    let (names, rfcs) = (width(|rule| rule.row().name.len()), width(|rule| rule.row().rfc.len()));
    let mut out = String::new();
    for rule in Rule::all() {
        let row = rule.row();
        let level = match levels.of(rule) {
            Level::Error if row.needed => "always",
            level => word(level),
        };
        let _ = writeln!(out, "{:names$}  {level:7}  {:rfcs$}  {}", row.name, row.rfc, row.hint);
    }
    out
}

fn word(level: Level) -> &'static str {
    match level {
        Level::Allow => "allow",
        Level::Warning => "warning",
        Level::Error => "error",
    }
}

impl Outcome {
    /// In how few words it can be said.
    fn verdict(&self) -> &'static str {
        match (self.findings.errors(), self.findings.warnings()) {
            (0, 0) => "well",
            (0, _) => "warnings",
            _ => "errors",
        }
    }

    fn text(&self, world: &World) -> String {
        let mut out = String::new();
        for fault in self.findings.placed(&self.sources).into_iter().chain(self.findings.unkept()) {
            let _ = writeln!(out, "{}", world.report.painted(&fault));
        }
        if world.report.quiet() {
            return out;
        }
        let unkept = self.findings.unkept_errors();
        if unkept > 0 {
            let _ = writeln!(out, "and {}; -v shows all", count(unkept, "more error"));
        }
        let (errors, warnings) = (self.findings.errors(), self.findings.warnings());
        let name = self.zone.as_ref().map_or_else(|| self.sources.name(0).to_owned(), ToString::to_string);
        let _ = write!(out, "{name}: ");
        let _ = match (errors, warnings) {
            (0, 0) => write!(out, "all is well"),
            (0, warnings) => write!(out, "{}", count(warnings, "warning")),
            (errors, 0) => write!(out, "{}", count(errors, "error")),
            (errors, warnings) => {
                write!(out, "{} and {}", count(errors, "error"), count(warnings, "warning"))
            }
        };
        let _ = match self.counts {
            Some((records, names)) => {
                writeln!(out, " in {} of {}", count(records, "record"), count(names, "name"))
            }
            None => writeln!(out, "; what is in the zone was not checked"),
        };
        out
    }

    fn json(&self) -> Value {
        let findings = &self.findings;
        let places = findings.placed(&self.sources);
        let found: Vec<Value> =
            findings.iter().zip(&places).map(|(finding, fault)| object(finding, fault.place())).collect();
        let rules: Map<String, Value> =
            findings.broken().map(|(rule, count)| (rule.row().name.to_owned(), count.into())).collect();
        json!({
            "zone": self.zone.as_ref().map(ToString::to_string),
            "verdict": self.verdict(),
            "errors": findings.errors(),
            "warnings": findings.warnings(),
            "records": self.counts.map(|(records, _)| records),
            "names": self.counts.map(|(_, names)| names),
            "rules": rules,
            "findings": found,
        })
    }
}

/// A finding in JSON; what is not known is null.
fn object(finding: &Finding, place: Option<&Place>) -> Value {
    let known = |number: u32| (number > 0).then_some(number);
    let row = finding.rule.row();
    json!({
        "rule": row.name,
        "severity": match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
        "rfc": row.rfc,
        "owner": finding.owner,
        "type": finding.rtype.map(|rtype| rtype.to_string()),
        "file": place.map(|place| &*place.file),
        "line": place.and_then(|place| known(place.line)),
        "column": place.and_then(|place| known(place.column)),
        "message": finding.message,
        "hint": finding.advice(),
    })
}
