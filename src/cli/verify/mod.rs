//! `zoneseal verify`: whether a signed zone is what DNSSEC asks for, whoever signed it.
//!
//! `zone` reads it, `pile` holds what must be held, `spans` checks on all cores, `tally` counts what was
//! found, `verdict` says it; `against` compares with the unsigned zone. The rules are those of
//! [`crate::dnssec::verify`].

mod against;
mod pile;
mod spans;
mod tally;
mod verdict;
mod zone;

use super::input::name_of_file;
use super::{Failure, World, report, time, usage, zone_name};
use crate::dns::soa::Soa;
use crate::dns::{Class, Name, NameBuf, Rtype};
use crate::dnssec::verify::rules::{UNVERIFIABLE, by_name};
use crate::dnssec::verify::{Finding, Rule, Rules, Sampler};
use crate::error::{Fault, Faults};
use crate::source::Spot;
use crate::zonefile::reader::Reader;
use clap::{Args, ValueEnum};
use pile::Pile;
use std::path::{Path, PathBuf};
use std::thread;
use tally::Tally;
use verdict::Verdict;
use zone::{Apex, Input, Pass, Read, Zone};

/// Findings of a rule that are shown, unless -v asks for all.
const SHOWN: usize = 20;

/// Arguments of `verify`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    zoneseal verify example.org.zone.signed\n  \
    zoneseal verify --for 7d --ds example.org.ds --against example.org.zone example.org.zone.signed\n\n\
    The exit code is 1 if there is an error; warnings alone are 0. An error is what makes a validator fail, or \
    breaks a MUST about the zone's data or its chain. What was found goes to standard output.")]
pub(super) struct VerifyArgs {
    /// The signed zone; - is standard input
    #[arg(value_name = "SIGNED")]
    signed: PathBuf,
    /// Zone name [default: the SOA's owner]
    #[arg(short, long, value_name = "NAME")]
    origin: Option<String>,
    /// Base of relative $INCLUDEs [default: the including file's folder]
    #[arg(long, value_name = "DIR")]
    include_dir: Option<PathBuf>,
    /// The moment that signatures must be good at [default: now]
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    at: Option<String>,
    /// Signatures must be good for that long, and for the SOA's expire and their TTL beyond it
    #[arg(long = "for", value_name = "DURATION")]
    good_for: Option<String>,
    /// The DS records of the parent: one must lead to a key that signs the DNSKEYs
    #[arg(long, value_name = "FILE")]
    ds: Option<PathBuf>,
    /// The unsigned zone: the data must be the same, but for DNSSEC records and the serial
    #[arg(long, value_name = "UNSIGNED")]
    against: Option<PathBuf>,
    /// Check about that many signatures, and one at least of each key and type, not all
    #[arg(long, value_name = "N")]
    sample: Option<usize>,
    /// Take a warning of this rule for an error; repeatable
    #[arg(long, value_name = "RULE")]
    deny: Vec<String>,
    /// How the verdict is written
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
    /// Threads [default: as many as there are cores]
    #[arg(short = 'j', long, value_name = "N")]
    threads: Option<std::num::NonZeroUsize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

/// Checks the zone and prints the verdict.
pub(super) fn run(args: &VerifyArgs, world: &World) -> Result<(), Failure> {
    let named = args.origin.as_deref().map(zone_name).transpose()?;
    let at = args.at.as_deref().map_or(Ok(world.now), |text| time::parse("--at", text, world.now))?;
    let good_for = args.good_for.as_deref().map(|text| time::duration("--for", text)).transpose()?;
    let denied = args.deny.iter().map(|name| rule(name)).collect::<Result<Vec<_>, _>>()?;
    if args.sample == Some(0) {
        return Err(usage("--sample: expected a number above 0"));
    }
    let threads = args.threads.or_else(|| thread::available_parallelism().ok()).map_or(1, Into::into);
    let input = Input { file: args.signed.clone(), named, include_dir: args.include_dir.clone(), threads };
    let limit = if world.report.verbose() || args.format == Format::Json { usize::MAX } else { SHOWN };

    let mut zone = input.open()?;
    let ds_file = args.ds.as_deref();
    let (Apex { sets, class }, read, mut tally) = loop {
        let Some(apex) = zone.apex(&input)? else {
            zone = input.pile()?;
            continue;
        };
        let mut tally = Tally::new(limit, &denied);
        let sampler = match args.sample {
            Some(wanted) => Sampler::new(wanted, signatures(&input, &zone)?),
            None => Sampler::all(),
        };
        let ds = ds_file.map(|file| read_ds(file, apex.sets.owner(), world)).transpose()?;
        let mut rules = match Rules::new(&apex.sets, &[], apex.class, at, sampler) {
            Ok(rules) => rules.with_zonemd(&apex.sets),
            // the rest of the apex may stand elsewhere
            Err(_) if matches!(zone, Zone::File) => {
                zone = input.pile()?;
                continue;
            }
            Err(finding) => {
                tally.push(finding);
                break (apex, Read::default(), tally);
            }
        };
        if let Some(ds) = ds {
            rules = rules.with_ds(&ds);
        }
        if let Some(seconds) = good_for {
            rules = rules.good_for(seconds);
        }
        match check(&mut zone, &input, &mut rules, &mut tally, &world.report)? {
            Some(read) => break (apex, read, tally),
            // what is known of the apex was only what stood first
            None => zone = input.pile()?,
        }
    };
    let apex = sets.owner().to_buf();
    read.warnings.iter().for_each(|fault| world.report.fault(fault));
    if tally.signatures > 0 && tally.verified == 0 {
        let message = format!("none of {} signatures can be checked", tally.signatures);
        tally.push(Finding::new(&UNVERIFIABLE, apex.as_name(), None, message, Spot::default()));
    }
    if let Some(unsigned) = &args.against {
        let ours = data_of(unsigned, &apex, args.include_dir.clone(), world)?;
        // the file was read twice at most; a pile is there already
        let loaded;
        let theirs = if let Zone::Pile { pile, .. } = &zone {
            pile
        } else {
            loaded = data_of(&args.signed, &apex, args.include_dir.clone(), world)?;
            &loaded
        };
        against::differences(&ours, theirs, apex.as_name(), class, &mut |finding| tally.push(finding));
    }

    let soa = sets.find(Rtype::SOA).and_then(|set| set.records().find_map(|soa| Soa::from_rdata(soa.rdata)));
    let file = args.signed.display().to_string();
    let verdict = Verdict {
        apex: apex.as_name(),
        at,
        tally: &tally,
        sources: &read.sources,
        file: &file,
        sampled: args.sample.is_some() && tally.verified + tally.unverifiable < tally.signatures,
        expire: soa.map(|soa| soa.expire),
    };
    let text = match args.format {
        Format::Text => verdict.text(),
        Format::Json => format!("{:#}\n", verdict.json()),
    };
    report::print(text.as_bytes())?;
    if tally.counts().0 > 0 { Err(Failure::Reported) } else { Ok(()) }
}

fn rule(name: &str) -> Result<&'static Rule, Failure> {
    by_name(name).ok_or_else(|| {
        Failure::Usage(
            Fault::error(format!("--deny: there is no rule \"{}\"", name.escape_debug()))
                .hint("findings name their rules"),
        )
    })
}

/// Checks all records; again with lists where the NSEC3 chains do not add up. `None`: the file is not in
/// canonical order.
fn check(
    zone: &mut Zone,
    input: &Input,
    rules: &mut Rules,
    tally: &mut Tally,
    report: &report::Report,
) -> Result<Option<Read>, Faults> {
    let mut first: Option<Read> = None;
    loop {
        let mut found = tally.again();
        let Pass::Done(read, adds_up) = zone.check(input, rules, &mut found, report)? else {
            return Ok(None);
        };
        let read = first.take().unwrap_or(read);
        if adds_up {
            *tally = found;
            return Ok(Some(read));
        }
        first = Some(read);
        rules.explain();
    }
}

/// How many signatures the zone has.
fn signatures(input: &Input, zone: &Zone) -> Result<usize, Fault> {
    if let Zone::Pile { pile, .. } = zone {
        let records = pile.records(0..pile.runs());
        return Ok(records.filter(|(record, _)| record.rtype == Rtype::RRSIG).count());
    }
    let (mut reader, mut count) = (input.reader()?, 0);
    loop {
        // faults are reported by who reads it next
        match reader.next() {
            Ok(Some(entry)) => count += usize::from(entry.record.rtype == Rtype::RRSIG),
            Ok(None) | Err(_) => return Ok(count),
        }
    }
}

/// Calls `each` with all records of a file.
fn read_all(
    mut reader: Reader,
    world: &World,
    mut each: impl FnMut(crate::dns::Record<'_>, Spot),
) -> Result<Class, Faults> {
    let mut faults = Faults::new();
    while !faults.full() {
        match reader.next() {
            Ok(Some(entry)) => each(entry.record, entry.spot),
            Ok(None) => break,
            Err(fault) => faults.push(fault),
        }
        reader.warnings().for_each(|warning| world.report.fault(&warning));
    }
    if faults.errors() > 0 { Err(faults) } else { Ok(reader.class()) }
}

/// The RDATA of the zone's DS records in a file.
fn read_ds(file: &Path, apex: Name<'_>, world: &World) -> Result<Vec<Vec<u8>>, Faults> {
    let reader = Reader::open(file, Some(NameBuf::root()))?.default_ttl(0);
    let mut ds = Vec::new();
    read_all(reader, world, |record, _| {
        if record.rtype == Rtype::DS && record.owner == apex {
            ds.push(record.rdata.to_vec());
        }
    })?;
    if ds.is_empty() {
        let fault = Fault::error(format!("there is no DS record of {apex}"));
        let hint = "zoneseal ds prints those that belong there, dig those that the parent has";
        return Err(fault.in_file(&file.display().to_string()).hint(hint).into());
    }
    Ok(ds)
}

/// The data of a zone, sorted.
fn data_of(file: &Path, apex: &NameBuf, include_dir: Option<PathBuf>, world: &World) -> Result<Pile, Faults> {
    let origin = name_of_file(file).filter(|name| name.as_name().is_at_or_below(apex.as_name()));
    let origin: Option<NameBuf> = origin.or_else(|| Some(apex.clone()));
    let reader = Reader::open(file, origin)?.include_dir(include_dir);
    let mut pile = Pile::default();
    let name: Name<'_> = apex.as_name();
    read_all(reader, world, |record, spot| {
        if against::is_data(record, name) {
            pile.push(record, spot);
        }
    })?;
    pile.sort(name);
    Ok(pile)
}
