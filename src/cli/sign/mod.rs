//! `zoneseal sign`: one zone, now.

mod keys;

use super::input::{name_of_file, read_zone};
use super::{Failure, World, count, time, usage, zone_name};
use crate::dns::soa::{SerialPolicy, Soa};
use crate::dns::text::parse_ttl;
use crate::dns::time::Time;
use crate::dns::{NameBuf, Rtype};
use crate::dnssec::sign::{Policy, Signed, refresh};
use crate::error::{Fault, Faults, Result};
use crate::files::Output;
use crate::publish::check::{self, Summary};
use crate::publish::pipeline::{self, Written};
use crate::publish::stamp::Stamp;
use crate::zone::Builder;
use crate::zone::builder::OutOfZone;
use crate::zonefile::fields::Types;
use crate::zonefile::reader::{MAX_TTL, Reader};
use crate::zonefile::writer::Writer;
use clap::{Args, ValueEnum};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Signatures verified by `--verify auto`, at least.
const SAMPLE: usize = 2000;

/// Arguments of `sign`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    zoneseal sign example.org.zone                      keys from keys/example.org/\n  \
    zoneseal sign -f - example.org.zone ksk.pem zsk.pem  to standard output\n\n\
    RRSIG, NSEC, NSEC3 and NSEC3PARAM records of the input, and a ZONEMD at the apex, are made anew; \
    DS, DNSKEY, CDS and CDNSKEY records are kept.")]
#[allow(clippy::struct_excessive_bools, reason = "each is an option of its own")]
pub(super) struct SignArgs {
    /// The zone file; - is standard input
    #[arg(value_name = "ZONEFILE")]
    zone_file: PathBuf,
    /// Keys: PEM files. Without any, the keys for the zone in --keys DIR
    #[arg(value_name = "KEY")]
    key_files: Vec<PathBuf>,

    /// Zone name, and the first $ORIGIN [default: the SOA's owner, or the file name less .zone or .db]
    #[arg(short, long, value_name = "NAME", help_heading = "Zone")]
    origin: Option<String>,
    /// Base of relative $INCLUDEs, as BIND's directory [default: the including file's folder]
    #[arg(long, value_name = "DIR", help_heading = "Zone")]
    include_dir: Option<PathBuf>,
    /// What to do with records outside the zone
    #[arg(long, value_name = "WHAT", default_value = "error", help_heading = "Zone")]
    out_of_zone: OutOfZoneArg,
    /// SOA serial: keep the input's, or a greater one
    #[arg(long, value_name = "POLICY", default_value = "keep", help_heading = "Zone")]
    serial: Serial,
    /// Same as --serial unixtime
    #[arg(short = 'u', conflicts_with = "serial", help_heading = "Zone")]
    unixtime: bool,

    /// Where keys are: DIR/ZONE/*.pem, or a flat folder of keys that name their zone
    #[arg(long, value_name = "DIR", default_value = "keys", help_heading = "Keys")]
    keys: PathBuf,
    /// A PEM key that signs the DNSKEYs
    #[arg(long, value_name = "FILE", help_heading = "Keys")]
    ksk: Vec<PathBuf>,
    /// A PEM key that signs the rest
    #[arg(long, value_name = "FILE", help_heading = "Keys")]
    zsk: Vec<PathBuf>,
    /// A PEM key that signs everything
    #[arg(long, value_name = "FILE", help_heading = "Keys")]
    csk: Vec<PathBuf>,
    /// TTL of the DNSKEYs that are added [default: that of the zone's DNSKEYs, or the SOA's]
    #[arg(long, value_name = "TTL", help_heading = "Keys")]
    dnskey_ttl: Option<String>,
    /// Drop DNSKEYs of the input whose private key is not at hand, rather than publish them
    #[arg(long, help_heading = "Keys")]
    drop_foreign_keys: bool,
    /// Allow a published DNSKEY algorithm that does not sign (against RFC 4035, section 2.2)
    #[arg(long, help_heading = "Keys")]
    allow_incomplete: bool,
    /// Allow keys of one algorithm with the same key tag
    #[arg(long, help_heading = "Keys")]
    allow_tag_collision: bool,

    /// Start of validity
    #[arg(short, long, value_name = "TIME", allow_hyphen_values = true, help_heading = "Signatures")]
    inception: Option<String>,
    /// End of validity
    #[arg(short, long, value_name = "TIME", allow_hyphen_values = true, help_heading = "Signatures")]
    expiration: Option<String>,
    /// Threads [default: as many as there are cores]
    #[arg(short = 'j', long, value_name = "N", help_heading = "Signatures")]
    threads: Option<std::num::NonZeroUsize>,

    /// Where the signed zone goes, whole or not at all; - is standard output [default: ZONEFILE.signed]
    #[arg(short = 'f', long, value_name = "FILE", help_heading = "Output")]
    output: Option<PathBuf>,
    /// What of the finished text is checked before it is put in place: auto verifies 2000 signatures
    #[arg(long, value_name = "WHAT", default_value = "auto", help_heading = "Output")]
    verify: Verify,
    /// Same as --verify none
    #[arg(long, conflicts_with = "verify", help_heading = "Output")]
    no_verify: bool,
    /// classic: types that NSD 4.6 or Knot 3.2 do not know by name as `TYPEnnn`
    #[arg(long, value_name = "WHICH", default_value = "classic", help_heading = "Output")]
    types: TypesArg,
    /// Do all but put the file in place
    #[arg(long, help_heading = "Output")]
    dry_run: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum OutOfZoneArg {
    Error,
    Drop,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Serial {
    Keep,
    Increment,
    Unixtime,
    Date,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Verify {
    /// Every structural rule, every record read back, a sample of the signatures
    Auto,
    /// The same, and every signature
    All,
    /// Nothing
    None,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum TypesArg {
    Classic,
    All,
}

/// Signs the zone.
pub(super) fn run(args: &SignArgs, world: &World) -> Result<(), Failure> {
    let started = Instant::now();
    let policy = args.policy(world)?;
    let dnskey_ttl = args.dnskey_ttl()?;
    let output = args.output_path()?;
    let (mut builder, input) = args.read(world)?;
    let keys = args.key_set(&input.apex, world)?;
    let foreign = args.add_keys(&mut builder, &keys, dnskey_ttl)?;
    let (zone, warnings) =
        builder.seal(&input.apex, input.class, input.sources, args.out_of_zone.policy())?;
    warnings.iter().for_each(|fault| world.report.fault(fault));

    let threads = args.threads();
    let signed = Signed::new(zone, keys, policy)?;
    spare_inputs(&output, &signed)?;
    let mut out = if args.dry_run { Output::discard()? } else { Output::create(&output)? };
    let writer = Writer::new(signed.zone().class(), args.types.types());
    let written = pipeline::write(&signed, &writer, threads, &mut out)?;
    let checked = args.check(&out, &signed, &written, threads, world)?;
    checked.warnings.iter().for_each(|fault| world.report.fault(fault));
    let mut stamp = Vec::new();
    Stamp { text: &written.text, keys: signed.keys(), due: due(&signed) }.push(&mut stamp);
    out.write(&stamp)?;
    if let Some(warning) = out.commit()? {
        world.report.fault(&warning);
    }
    if args.dry_run {
        world.report.note("dry run: nothing was written");
    }
    summary(&signed, &written, &checked, started, world);
    if !foreign.is_empty() {
        let what = if args.drop_foreign_keys { "left out" } else { "in the zone file" };
        world.report.note(&format!("other signers' DNSKEYs {what}: {}", foreign.join(", ")));
    }
    Ok(())
}

/// What reading found out about the zone as a whole.
struct Input {
    apex: NameBuf,
    class: crate::dns::Class,
    sources: crate::source::Sources,
}

impl SignArgs {
    fn policy(&self, world: &World) -> Result<Policy, Failure> {
        let time = |option, text: &Option<String>, default| {
            time::parse(option, text.as_deref().unwrap_or(default), world.now)
        };
        let inception = time("--inception", &self.inception, "-1h")?;
        let expiration = time("--expiration", &self.expiration, "+28d")?;
        if expiration <= inception {
            return Err(usage(format!("the expiration {expiration} is not after the inception {inception}")));
        }
        // RRSIG times are serial numbers: beyond this distance, later would read as earlier (RFC 1982)
        if expiration.0 - inception.0 >= 1 << 31 {
            return Err(usage("signatures cannot be valid for more than 68 years (RFC 4034, section 3.1.5)"));
        }
        if world.clock < inception || expiration < world.clock {
            let fault = Fault::warning(format!(
                "the signatures are valid from {inception} to {expiration}, and not now, at {}",
                world.clock
            ));
            world.report.fault(&fault.hint("validators that get this zone now will refuse it"));
        }
        let serial = match self.serial {
            _ if self.unixtime => SerialPolicy::Unixtime,
            Serial::Keep => SerialPolicy::Keep,
            Serial::Increment => SerialPolicy::Increment,
            Serial::Unixtime => SerialPolicy::Unixtime,
            Serial::Date => SerialPolicy::Date,
        };
        Ok(Policy { inception, expiration, serial, now: world.now })
    }

    fn dnskey_ttl(&self) -> Result<Option<u32>, Failure> {
        let Some(text) = &self.dnskey_ttl else { return Ok(None) };
        match parse_ttl(text.as_bytes()) {
            Some(ttl) if ttl <= MAX_TTL => Ok(Some(ttl)),
            Some(_) => {
                Err(usage(format!("--dnskey-ttl: expected a TTL of at most {MAX_TTL}, found \"{text}\"")))
            }
            None => Err(usage(format!("--dnskey-ttl: expected a TTL such as 3600 or 1h, found \"{text}\""))),
        }
    }

    fn output_path(&self) -> Result<PathBuf, Failure> {
        let output = match &self.output {
            Some(output) => output.clone(),
            None if self.zone_file == Path::new("-") => {
                return Err(usage("-f FILE is needed where the zone is read from standard input"));
            }
            None => {
                let mut name = self.zone_file.clone().into_os_string();
                name.push(".signed");
                name.into()
            }
        };
        Ok(output)
    }

    fn threads(&self) -> usize {
        let cores = || std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get);
        self.threads.map_or_else(cores, std::num::NonZeroUsize::get)
    }

    fn read(&self, world: &World) -> Result<(Builder, Input), Failure> {
        let named = self.origin.as_deref().map(zone_name).transpose()?;
        let origin = named.clone().or_else(|| name_of_file(&self.zone_file));
        let reader = Reader::open(&self.zone_file, origin.clone())?.include_dir(self.include_dir.clone());
        let (builder, reader) = read_zone(reader, &mut |warning| world.report.fault(warning))?;
        if let (Some(named), Some(owner)) = (&named, builder.soa_owner())
            && !builder
                .records()
                .any(|(record, _)| record.rtype == Rtype::SOA && record.owner == named.as_name())
        {
            return Err(Fault::error(format!("the zone's SOA is at {owner}, and -o says {named}"))
                .in_file(&self.zone_file.display().to_string())
                .hint("leave -o out, or name the other file")
                .into());
        }
        let apex = named.or_else(|| builder.soa_owner()).or(origin).ok_or_else(|| {
            Fault::error("the zone has no SOA record, and its name is not known")
                .in_file(&self.zone_file.display().to_string())
                .hint("a zone has exactly one SOA record (RFC 1035, section 5.2)")
        })?;
        if builder.soa_owner().is_none() {
            return Err(Fault::error(format!("the zone {apex} has no SOA record"))
                .in_file(&self.zone_file.display().to_string())
                .hint("a zone has exactly one SOA record (RFC 1035, section 5.2)")
                .into());
        }
        let class = reader.class();
        Ok((builder, Input { apex, class, sources: reader.into_sources() }))
    }

    fn check(
        &self,
        out: &Output,
        signed: &Signed,
        written: &Written,
        threads: usize,
        world: &World,
    ) -> Result<Summary, Faults> {
        let sample = match self.verify {
            _ if self.no_verify => return Ok(Summary::default()),
            Verify::None => return Ok(Summary::default()),
            Verify::Auto => Some(SAMPLE),
            Verify::All => None,
        };
        let Policy { inception, expiration, .. } = *signed.policy();
        // a time outside the validity was asked for, and `policy` has warned of it
        let now = world.now.clamp(inception, expiration);
        let options = check::Options { now, sample, threads };
        check::check(out, signed, written, &options)
    }
}

impl OutOfZoneArg {
    fn policy(self) -> OutOfZone {
        match self {
            Self::Error => OutOfZone::Refuse,
            Self::Drop => OutOfZone::Drop,
        }
    }
}

impl TypesArg {
    fn types(self) -> Types {
        match self {
            Self::Classic => Types::Classic,
            Self::All => Types::All,
        }
    }
}

/// Refuses an output that would overwrite what the zone is made from.
fn spare_inputs(output: &Path, signed: &Signed) -> Result<(), Failure> {
    let identity = |path: &Path| std::fs::metadata(path).ok().map(|meta| (meta.dev(), meta.ino()));
    let Some(there) = identity(output).filter(|_| output != Path::new("-")) else { return Ok(()) };
    let zone_files = signed.zone().sources().names().map(|name| (name, "the zone file"));
    let key_files = signed.keys().keys().iter().map(|key| (key.file(), "the key file"));
    for (name, what) in zone_files.chain(key_files) {
        if identity(Path::new(name)) == Some(there) {
            return Err(usage(format!("the output {} would overwrite {what} {name}", output.display())));
        }
    }
    Ok(())
}

/// When the signatures should be made anew.
fn due(signed: &Signed) -> Time {
    let policy = signed.policy();
    let zone = signed.zone();
    let soa = zone.at_apex(Rtype::SOA).find_map(|record| Soa::from_rdata(record.rdata));
    let margin = soa
        .map_or(0, |soa| refresh(policy.expiration.0 - policy.inception.0, &soa, zone.counts().largest_ttl));
    Time(policy.expiration.0 - margin)
}

fn summary(signed: &Signed, written: &Written, checked: &Summary, started: Instant, world: &World) {
    let zone = signed.zone();
    let (counts, made) = (zone.counts(), written.counts);
    let seconds = started.elapsed().as_secs_f64();
    world.report.note(&format!(
        "{}: {} in {}, {} made ({} verified), {} in the chain, serial {}, expires {}, {seconds:.2} s",
        zone.apex(),
        count(made.records, "record"),
        count(made.rrsets, "RRset"),
        count(made.signatures, "signature"),
        checked.verified,
        count(made.chain, "name"),
        signed.serial(),
        signed.policy().expiration,
    ));
    if counts.out_of_zone > 0 {
        world
            .report
            .note(&format!("outside the zone, and left out: {}", count(counts.out_of_zone, "record")));
    }
    if world.report.verbose() {
        world.report.note(&format!(
            "{}: {}, {} hidden, {}; records of the input made anew: {}",
            count(zone.names(), "name"),
            count(counts.cuts, "delegation"),
            counts.hidden,
            count(counts.empty_non_terminals, "empty non-terminal"),
            counts.dropped,
        ));
    }
}
