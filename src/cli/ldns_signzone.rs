//! The program called `ldns-signzone`: that program's options and defaults, made into arguments of `sign`.
//!
//! It parts with ldns 1.8.3 where that hides a failure: whatever is wrong, wrong usage too, ends with exit
//! code 1 and without output. The guide, [`crate::guide::options`], has the whole list.

use super::report::{self, Color, Report};
use super::sign::{self, SignArgs};
use super::{Failure, World, conclude, time, usage};
use crate::dns::time::Time;
use crate::error::Fault;
use crate::options;
use clap::{CommandFactory, Parser};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const NAME: &str = "ldns-signzone";

/// The arguments, as they were typed.
#[derive(Debug, Parser)]
#[command(
    name = NAME,
    about = "Signs a zone file with the given keys",
    override_usage = "ldns-signzone [OPTIONS] ZONEFILE KEY [KEY]...",
    after_help = "This is zoneseal under the name of ldns-signzone. A DATE is YYYYMMDD, YYYYMMDDhhmmss, or seconds since \
                  1970, in UTC. `zoneseal sign --help` has more options.",
    disable_help_flag = true,
    disable_version_flag = true,
    // the last one counts, as with getopt
    args_override_self = true,
    max_term_width = 100
)]
#[allow(clippy::struct_excessive_bools, reason = "each is an option of its own")]
struct LdnsArgs {
    /// The zone file; - is standard input
    #[arg(value_name = "ZONEFILE")]
    zone_file: Option<PathBuf>,
    /// Keys, by what the names of their .key and .private files have in common; or PEM files
    #[arg(value_name = "KEY")]
    keys: Vec<PathBuf>,

    /// Layout with comments for people
    #[arg(short = 'b')]
    comments: bool,
    /// Do not add the DNSKEYs of the keys to the zone
    #[arg(short = 'd')]
    no_dnskey: bool,
    /// End of validity [default: 28 days from now]
    #[arg(short = 'e', value_name = "DATE", allow_hyphen_values = true)]
    expiration: Option<String>,
    /// Start of validity [default: now]
    #[arg(short = 'i', value_name = "DATE", allow_hyphen_values = true)]
    inception: Option<String>,
    /// Where the signed zone goes, whole or not at all; - is standard output [default: ZONEFILE.signed]
    #[arg(short = 'f', value_name = "FILE")]
    output: Option<PathBuf>,
    /// Origin of the zone
    #[arg(short = 'o', value_name = "NAME")]
    origin: Option<String>,
    /// SOA serial: the time in seconds since 1970, or one more than before if that is greater
    #[arg(short = 'u')]
    unixtime: bool,
    /// Print the version, and no more
    #[arg(short = 'v')]
    version: bool,
    /// Print this, and no more
    #[arg(short = 'h')]
    help: bool,
    /// Add a ZONEMD digest of the zone: sha384 or 1, sha512 or 2; repeatable
    #[arg(short = 'z', value_name = "[SCHEME:]HASH")]
    zonemd: Vec<String>,
    /// Allow a ZONEMD without keys
    #[arg(short = 'Z')]
    zonemd_only: bool,
    /// Sign DNSKEY, CDS and CDNSKEY with all keys
    #[arg(short = 'A')]
    all_keys: bool,
    /// Sign with every algorithm, also where a KSK or a ZSK of it is missing
    #[arg(short = 'U')]
    all_algorithms: bool,
    /// NSEC3 in place of NSEC
    #[arg(short = 'n')]
    nsec3: bool,
    /// NSEC3 hash algorithm: 1 is all there is
    #[arg(short = 'a', value_name = "NUMBER", allow_hyphen_values = true)]
    hash_algorithm: Option<String>,
    /// NSEC3 iterations; more than 0 must not be used (RFC 9276) [default: 0]
    #[arg(short = 't', value_name = "NUMBER", allow_hyphen_values = true)]
    iterations: Option<String>,
    /// NSEC3 salt in hexadecimal [default: none]
    #[arg(short = 's', value_name = "HEX", allow_hyphen_values = true)]
    salt: Option<String>,
    /// Set the Opt-Out flag on all NSEC3
    #[arg(short = 'p')]
    opt_out_flag: bool,
    /// Refused: keys of OpenSSL engines are not used
    #[arg(short = 'E', value_name = "ENGINE", allow_hyphen_values = true)]
    engine: Option<String>,
    /// Refused, as -E
    #[arg(short = 'k', value_name = "ALG,KEY", allow_hyphen_values = true)]
    engine_zsk: Option<String>,
    /// Refused, as -E
    #[arg(short = 'K', value_name = "ALG,KEY", allow_hyphen_values = true)]
    engine_ksk: Option<String>,
}

/// Whether the program was called by this name.
pub(super) fn is_called() -> bool {
    let name = std::env::args_os().next();
    name.is_some_and(|name| Path::new(&name).file_name() == Some(OsStr::new(NAME)))
}

/// Reads the arguments and signs. 0: done; 1: not.
pub(super) fn main() -> ExitCode {
    let args = match LdnsArgs::try_parse() {
        Ok(args) => args,
        Err(error) => {
            // a closed pipe is nobody's fault
            let _ = error.print();
            return ExitCode::FAILURE;
        }
    };
    let report = Report::new(false, false, Color::Auto);
    if args.help {
        // ldns, too, has its usage on stderr
        report.note(&help());
        return ExitCode::SUCCESS;
    }
    let clock = time::system_clock();
    let world = World { clock, now: clock, now_given: false, report: report.clone() };
    let done = if args.version {
        let version = format!("zone signer zoneseal {}, as {NAME}\n", env!("CARGO_PKG_VERSION"));
        report::print(version.as_bytes()).map_err(Failure::from)
    } else {
        args.into_sign(&report).and_then(|args| sign::run(&args, &world))
    };
    // `sign` is where the messages come from
    let of_sign = |fault: &Fault| {
        [Some(fault.message()), fault.advice()].into_iter().flatten().any(|text| text.contains("--"))
    };
    let foreign = match &done {
        Err(Failure::Usage(fault)) => of_sign(fault),
        Err(Failure::Failed(faults)) => faults.iter().any(of_sign),
        _ => false,
    };
    let code = conclude(done, &report, 1);
    if foreign {
        report.note(
            "options with two dashes are those of `zoneseal sign`, which has all that ldns-signzone has",
        );
    }
    code
}

fn help() -> String {
    LdnsArgs::command().render_help().to_string().trim_end().to_owned()
}

impl LdnsArgs {
    fn into_sign(self, report: &Report) -> Result<SignArgs, Failure> {
        self.refuse_engines()?;
        let Some(zone_file) = &self.zone_file else {
            report.fault(&Fault::error("not enough arguments"));
            report.note(&help());
            return Err(Failure::Reported);
        };
        if self.keys.is_empty() && !self.zonemd_only {
            return refused(
                "there are no keys to sign with",
                "name them after the zone file, by what their files' names have in common: Kexample.org.+013+12345",
            );
        }
        if self.output.is_none() && zone_file == Path::new("-") {
            return refused(
                "-f FILE is needed where the zone is read from standard input",
                "-f - is standard output; ldns writes a file called \"-.signed\"",
            );
        }
        let keys: Vec<PathBuf> = self.keys.iter().map(|base| private(base)).collect();
        let args = SignArgs::with_defaults(zone_file, &keys);
        let mut args = args.map_err(|error| usage(error.to_string()))?;
        args.as_ldns = true;
        // with keys, ldns signs whether there is a -Z or not
        args.zonemd_only = keys.is_empty();
        args.zonemd = self.zonemd()?;
        args.inception = Some(date("-i", self.inception.as_deref())?.unwrap_or_else(|| "now".into()));
        args.expiration = date("-e", self.expiration.as_deref())?;
        self.denial(&mut args, report)?;
        args.origin = self.origin;
        args.output = self.output;
        args.unixtime = self.unixtime;
        args.comments = self.comments;
        args.no_dnskey = self.no_dnskey;
        args.all_keys = self.all_keys;
        args.all_algorithms = self.all_algorithms;
        Ok(args)
    }

    fn refuse_engines(&self) -> Result<(), Failure> {
        if self.engine.is_none() && self.engine_zsk.is_none() && self.engine_ksk.is_none() {
            return Ok(());
        }
        refused(
            "-E, -k and -K are about keys in hardware modules (OpenSSL engines, PKCS#11), which this program does not talk to",
            "sign with keys in files: make some with `zoneseal keygen ZONE`, and roll to them with the software that \
             signs the zone today (RFC 6781, section 4.1)",
        )
    }

    /// The ZONEMDs, each once: `sign` refuses what ldns takes twice.
    fn zonemd(&self) -> Result<Vec<String>, Failure> {
        let (mut hashes, mut texts) = (Vec::new(), Vec::new());
        for text in &self.zonemd {
            let hash = options::zonemd("-z", text).map_err(Failure::Usage)?;
            if !hashes.contains(&hash) {
                hashes.push(hash);
                texts.push(text.clone());
            }
        }
        if texts.is_empty() && self.keys.is_empty() {
            return refused("-Z without keys and without -z leaves nothing to do", "add -z sha384");
        }
        Ok(texts)
    }

    fn denial(&self, args: &mut SignArgs, report: &Report) -> Result<(), Failure> {
        if let Some(text) = self.hash_algorithm.as_deref().filter(|text| *text != "1") {
            return Err(usage(format!(
                "-a: expected 1, SHA-1, the only NSEC3 hash algorithm there is (RFC 5155, section 11), found \"{text}\""
            )));
        }
        let iterations = self.iterations.as_deref().map_or(Ok(0), str::parse);
        let iterations = iterations.map_err(|_| {
            let found = self.iterations.as_deref().unwrap_or_default();
            usage(format!("-t: expected a number from 0 to 65535, found \"{found}\""))
        })?;
        let salt = self.salt.as_deref().filter(|salt| !salt.is_empty()).unwrap_or("-");
        args.nsec3 = self.nsec3;
        if self.nsec3 {
            args.opt_out_flag = self.opt_out_flag;
            args.iterations = iterations;
            args.allow_nsec3_iterations = true;
            salt.clone_into(&mut args.salt);
        } else if self.opt_out_flag || iterations > 0 || salt != "-" {
            let fault = Fault::warning("-p, -s and -t do nothing without -n: the zone gets an NSEC chain");
            report.fault(&fault.hint("NSEC is what most zones need; -n makes NSEC3"));
        }
        Ok(())
    }
}

fn refused<T>(message: &str, hint: &str) -> Result<T, Failure> {
    Err(Failure::Usage(Fault::error(message).hint(hint)))
}

/// The file of a key that ldns would read: what ends in `.private`, if it is there.
fn private(base: &Path) -> PathBuf {
    let mut name = base.as_os_str().to_owned();
    name.push(".private");
    let private = PathBuf::from(name);
    if private.exists() { private } else { base.to_owned() }
}

/// A date as ldns has them; `None`, its default, also for 0.
fn date(option: &str, text: Option<&str>) -> Result<Option<String>, Failure> {
    let Some(text) = text else { return Ok(None) };
    let wrong = || {
        usage(format!(
            "{option}: expected a date as YYYYMMDD or YYYYMMDDhhmmss, or seconds since 1970, found \"{text}\""
        ))
    };
    if text.is_empty() || !text.bytes().all(|octet| octet.is_ascii_digit()) {
        return Err(wrong());
    }
    let time = time::parse(option, text, Time(0)).map_err(|_| wrong())?;
    Ok((time > Time(0)).then(|| text.to_owned()))
}
