//! `zoneseal status`: how signed zones stand, for people and for monitoring.

use super::input::name_of_file;
use super::{Failure, World, count, report, time, usage};
use crate::error::Fault;
use crate::publish::earlier::Earlier;
use crate::status::prometheus::{Metrics, add_status};
use crate::status::{Collector, Status};
use crate::zonefile::reader::Reader;
use clap::{Args, ValueEnum};
use serde_json::Value;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// Arguments of `status`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    zoneseal status signed/*.zone\n  \
    zoneseal status --format prometheus signed/*.zone > /var/lib/node_exporter/zoneseal.prom\n  \
    zoneseal status --nagios -w 7d -c 3d signed/example.org.zone\n\n\
    Nothing is verified here: that is what `zoneseal verify` is for. The exit code is 1 if a zone has no signatures, or \
    some that have ended; with --nagios it is that of a plugin: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.")]
pub(super) struct StatusArgs {
    /// Signed zone files; - is standard input
    #[arg(value_name = "SIGNED", required = true)]
    files: Vec<PathBuf>,
    /// What is printed
    #[arg(long, value_name = "FORMAT", default_value = "text", conflicts_with = "nagios")]
    format: Format,
    /// One line and an exit code, as Nagios plugins have them
    #[arg(long)]
    nagios: bool,
    /// With --nagios: WARNING if signatures end sooner than this
    #[arg(short = 'w', long, value_name = "DURATION", default_value = "7d")]
    warning: String,
    /// With --nagios: CRITICAL if signatures end sooner than this
    #[arg(short = 'c', long, value_name = "DURATION", default_value = "3d")]
    critical: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// An array with an object for each zone
    Json,
    /// For `node_exporter`'s textfile collector
    Prometheus,
}

/// Tells how the zones stand.
pub(super) fn run(args: &StatusArgs, world: &World) -> Result<(), Failure> {
    let [warning, critical] = [("-w", &args.warning), ("-c", &args.critical)]
        .map(|(option, text)| time::duration(option, text).map(i64::from));
    let (warning, critical) = (warning?, critical?);
    if critical > warning {
        return Err(usage(format!(
            "-c {} is more than -w {}: what is critical is worse",
            args.critical, args.warning
        )));
    }
    let found: Vec<_> = args.files.iter().map(|file| (file, read(file, world))).collect();
    if args.nagios {
        return nagios(&found, warning, critical);
    }
    let mut bad = false;
    let mut good = Vec::new();
    for (file, status) in found {
        match status {
            Ok(status) => {
                bad |= !status.holds();
                good.push((file, status));
            }
            Err(fault) => {
                world.report.fault(&fault);
                bad = true;
            }
        }
    }
    let out = match args.format {
        Format::Text => good.iter().map(|(file, status)| text(file, status)).collect(),
        Format::Json => {
            let list: Vec<Value> = good.iter().map(|(file, status)| with_file(file, status)).collect();
            format!("{:#}\n", Value::from(list))
        }
        Format::Prometheus => {
            let mut metrics = Metrics::default();
            for (_, status) in &good {
                add_status(&mut metrics, status);
            }
            metrics.text()
        }
    };
    report::print(out.as_bytes())?;
    if bad { Err(Failure::Reported) } else { Ok(()) }
}

/// Reads a signed zone.
fn read(file: &Path, world: &World) -> Result<Status, Fault> {
    let mut reader = Reader::open(file, name_of_file(file))?;
    let mut collector = Collector::new(world.now);
    while let Some(entry) = reader.next()? {
        collector.add(entry.record);
    }
    // standard input was read to its end, and cannot be read again
    let earlier = if file == Path::new("-") { None } else { Earlier::open(file)? };
    let name = file.display().to_string();
    collector
        .finish(earlier.as_ref().and_then(Earlier::stamp))
        .ok_or_else(|| Fault::error("the zone has no SOA record").in_file(&name).hint("is this a zone file?"))
}

fn with_file(file: &Path, status: &Status) -> Value {
    let mut value = status.json();
    value["file"] = file.display().to_string().into();
    value
}

/// Some lines for people.
fn text(file: &Path, status: &Status) -> String {
    let mut text = format!("{} in {}\n", status.zone, file.display());
    // writing to a String cannot fail
    let mut line = |name: &str, value: String| {
        let _ = writeln!(text, "  {name:<11} {value}");
    };
    line("serial", status.soa.serial.to_string());
    line(
        "records",
        format!(
            "{}, {}, {} in the chain ({})",
            status.records,
            count(status.signatures, "signature"),
            count(status.chain, "name"),
            status.denial.word()
        ),
    );
    let at = |time: crate::dns::time::Time| format!("{time}, {}", time::lasting(time.0 - status.now.0));
    match status.ends {
        None => line("signatures", "none: the zone is not signed".into()),
        Some((first, last)) => {
            line("first ends", at(first));
            line("last ends", at(last));
        }
    }
    if let Some(begins) = status.begins.filter(|&begins| begins > status.now) {
        line("begins", format!("{}: some signatures do not hold yet", at(begins)));
    }
    if let Some(renew) = status.renew {
        line("renewal", at(renew));
    }
    if let Some(margin) = status.margin() {
        let told = match margin {
            0.. => format!(
                "{}, if nobody signed any more and a secondary lost its primary",
                time::length(margin)
            ),
            _ => format!(
                "none: a secondary that lost its primary may serve signatures that have ended, for {}",
                time::length(-margin)
            ),
        };
        line("margin", told);
    }
    for key in &status.keys {
        let mut told = format!("{} {} {} {}", key.role(), key.algorithm_name(), key.tag, key.state());
        told.extend(key.since.map(|since| format!(" since {since}")));
        told.extend(key.published.map(|published| format!(", published {published}")));
        line("key", told);
    }
    text
}

/// One line, and the exit code.
fn nagios(found: &[(&PathBuf, Result<Status, Fault>)], warning: i64, critical: i64) -> Result<(), Failure> {
    let (mut worst, mut words, mut data) = (0, Vec::new(), Vec::new());
    for (file, status) in found {
        let status = match status {
            Ok(status) => status,
            Err(fault) => {
                worst = worst.max(if worst == 2 { 2 } else { 3 });
                words.push(format!("{}: {}", file.display(), fault.message()));
                continue;
            }
        };
        let (code, told) = match status.left() {
            None => (2, "not signed".to_owned()),
            Some(left) => {
                let code = if left <= critical || !status.holds() { 2 } else { i32::from(left <= warning) };
                data.push(format!("'{}'={left}s;{warning}:;{critical}:", status.zone));
                let early = if status.holds() || left <= 0 { "" } else { " and do not hold yet" };
                (code, format!("signatures end {}{early}", time::lasting(left)))
            }
        };
        // an unknown zone is worse than a warning, and less than what is known to be critical
        worst = if code == 2 { 2 } else { worst.max(code) };
        if code > 0 || found.len() == 1 {
            words.push(format!("{} {told}", status.zone));
        }
    }
    if words.is_empty() {
        words.push(count(found.len(), "zone"));
    }
    let word = ["OK", "WARNING", "CRITICAL", "UNKNOWN"][usize::try_from(worst).unwrap_or(3)];
    // a bar would begin the performance data
    let words = words.join("; ").replace('|', "/");
    let line = format!("ZONESEAL {word} - {words} | {}\n", data.join(" "));
    report::print(line.as_bytes())?;
    if worst == 0 { Ok(()) } else { Err(Failure::Code(u8::try_from(worst).unwrap_or(3))) }
}
