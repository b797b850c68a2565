//! The command line: one file a command, its arguments and its run; [`report`] owns every message.
//!
//! Here are the doors to the world: arguments, the clock, the terminal.

mod check;
mod ds;
mod input;
mod key;
mod keygen;
mod ldns_signzone;
mod nsec3_hash;
pub mod report;
mod run;
mod sign;
mod status;
pub mod time;
mod verify;

use crate::dns::NameBuf;
use crate::dns::time::Time;
use crate::error::{Fault, Faults};
use crate::options;
use clap::{Args, Parser, Subcommand};
use report::Report;
use std::process::ExitCode;

/// The version, and the library that signs if it is not ring.
const VERSION: &str = if cfg!(feature = "aws-lc") {
    concat!(env!("CARGO_PKG_VERSION"), ", signing with AWS-LC")
} else {
    env!("CARGO_PKG_VERSION")
};

/// Offline DNSSEC signer for zone files.
#[derive(Debug, Parser)]
#[command(
    name = "zoneseal",
    version = VERSION,
    about = "Offline DNSSEC signer: zone files and PEM keys in, signed zones and DS records out",
    after_help = "Example, a zone from unsigned to signed:\n  \
        zoneseal keygen example.org\n  \
        zoneseal sign example.org.zone\n  \
        zoneseal ds example.org.zone.signed",
    max_term_width = 100
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    global: Global,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Sign a zone file
    Sign(Box<sign::SignArgs>),
    /// Sign every zone that is due, from cron
    Run(Box<run::RunArgs>),
    /// Make keys
    Keygen(keygen::KeygenArgs),
    /// Look at keys, change their times, exchange them with BIND and ldns
    Key(key::KeyArgs),
    /// Look for what is wrong or odd in an unsigned zone
    Check(Box<check::CheckArgs>),
    /// Print the DS records that the parent needs
    Ds(ds::DsArgs),
    /// Tell how signed zones stand: keys, expirations, what is due
    Status(status::StatusArgs),
    /// Check a signed zone, whoever signed it
    Verify(verify::VerifyArgs),
    /// Print NSEC3 hashes of names
    Nsec3Hash(nsec3_hash::Nsec3HashArgs),
}

/// Options of every command.
#[derive(Debug, Args)]
#[command(next_help_heading = "Everywhere")]
struct Global {
    /// Say only what is wrong
    #[arg(short, long, global = true)]
    quiet: bool,
    /// Say more
    #[arg(short, long, global = true, conflicts_with = "quiet")]
    verbose: bool,
    /// Colour of messages; auto: on a terminal, unless `NO_COLOR` is set
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    color: report::Color,
    /// Take this for the current time
    #[arg(long, global = true, value_name = "TIME", allow_hyphen_values = true)]
    now: Option<String>,
}

/// What a command sees of the world.
pub struct World {
    /// The one reading of the system's clock.
    pub clock: Time,
    /// The same, or what `--now` says.
    pub now: Time,
    /// Whether `--now` was given.
    pub now_given: bool,
    /// Where messages go.
    pub report: Report,
}

/// Why a command did not do its work.
pub enum Failure {
    /// It was called in a wrong way.
    Usage(Fault),
    /// It failed, or the answer is no.
    Failed(Faults),
    /// It failed, and has said so.
    Reported,
    /// It has said what there is to say, and ends with this code.
    Code(u8),
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Failed(fault.into())
    }
}

impl From<Faults> for Failure {
    fn from(faults: Faults) -> Self {
        Self::Failed(faults)
    }
}

/// A wrong use of an option.
fn usage(message: impl Into<String>) -> Failure {
    Failure::Usage(Fault::error(message))
}

/// A number of things, in words.
fn count(number: usize, thing: &str) -> String {
    if number == 1 { format!("1 {thing}") } else { format!("{number} {thing}s") }
}

/// Reads the arguments, does what they say, and returns the exit code: 0 done, 1 failed, 2 wrong usage.
#[must_use]
pub fn main() -> ExitCode {
    if ldns_signzone::is_called() {
        return ldns_signzone::main();
    }
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // help and version go to stdout and are no error; a closed pipe is nobody's fault
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    let report = Report::new(cli.global.quiet, cli.global.verbose, cli.global.color);
    let clock = time::system_clock();
    let now = cli.global.now.as_deref().map(|text| time::parse("--now", text, clock)).transpose();
    let done = now.and_then(|now| {
        let world =
            World { clock, now: now.unwrap_or(clock), now_given: now.is_some(), report: report.clone() };
        match cli.command {
            Command::Sign(args) => sign::run(&args, &world),
            Command::Run(args) => run::run(&args, &world),
            Command::Status(args) => status::run(&args, &world),
            Command::Keygen(args) => keygen::run(&args, &world),
            Command::Key(args) => key::run(&args, &world),
            Command::Check(args) => check::run(&args, &world),
            Command::Ds(args) => ds::run(&args, &world),
            Command::Verify(args) => verify::run(&args, &world),
            Command::Nsec3Hash(args) => nsec3_hash::run(&args, &world),
        }
    });
    conclude(done, &report, 2)
}

/// Says why a command failed, if it did, and returns the exit code; `usage` is that of a wrong usage.
fn conclude(done: Result<(), Failure>, report: &Report, usage: u8) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Usage(fault)) => {
            report.fault(&fault);
            ExitCode::from(usage)
        }
        Err(Failure::Failed(faults)) => {
            faults.iter().for_each(|fault| report.fault(fault));
            if faults.full() {
                report.note(&format!("stopped after {} errors", faults.errors()));
            }
            ExitCode::FAILURE
        }
        Err(Failure::Reported) => ExitCode::FAILURE,
        Err(Failure::Code(code)) => ExitCode::from(code),
    }
}

/// A zone's name from an argument.
fn zone_name(text: &str) -> Result<NameBuf, Failure> {
    options::zone(text).map_err(Failure::Usage)
}
