//! `zoneseal sign`: one zone, now.

mod args;
mod keys;
mod meaning;

use super::input::{name_of_file, read_zone};
use super::{Failure, World, count, usage, zone_name};
use crate::dns::soa::Soa;
use crate::dns::time::Time;
use crate::dns::{NameBuf, Rtype};
use crate::dnssec::apex::{self, Foreign};
use crate::dnssec::policy::refresh;
use crate::dnssec::sign::Signed;
use crate::error::{Fault, Faults, Result};
use crate::files::Output;
use crate::publish::check::{self, Summary};
use crate::publish::pipeline::{self, Written};
use crate::publish::span::Format;
use crate::publish::stamp::Stamp;
use crate::zone::Builder;
use crate::zonefile::reader::Reader;
use crate::zonefile::writer::Writer;
use args::Verify;
pub(super) use args::{OutOfZoneArg, SignArgs};
use meaning::Meaning;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Instant;

/// Signatures verified by `--verify auto`, at least.
const SAMPLE: usize = 2000;

/// Signs the zone.
pub(super) fn run(args: &SignArgs, world: &World) -> Result<(), Failure> {
    let started = Instant::now();
    let meaning = args.meaning(world)?;
    let (signed, foreign) = args.plan(&meaning, world)?;
    spare_inputs(&meaning.output, &signed)?;
    let mut out = if args.dry_run { Output::discard()? } else { Output::create(&meaning.output)? };
    let writer = Writer::new(signed.zone().class(), meaning.types);
    let format = Format { writer, comments: args.comments, dnssec_only: args.dnssec_only };
    let written = pipeline::write(&signed, &format, meaning.threads, &mut out)?;
    let checked = check(&out, &signed, &written, &format, &meaning)?;
    checked.warnings.iter().for_each(|fault| world.report.fault(fault));
    let mut stamp = Vec::new();
    let keys = signed.signing().map(|signing| &signing.keys);
    Stamp { text: &written.text, keys, due: due(&signed, &written) }.push(&mut stamp);
    out.write(&stamp)?;
    if let Some(warning) = out.commit()? {
        world.report.fault(&warning);
    }
    if args.dry_run {
        world.report.note("dry run: nothing was written");
    }
    if meaning.now != world.now {
        world.report.note(&format!("the time is that of SOURCE_DATE_EPOCH: {}", meaning.now));
    }
    summary(&signed, &written, &checked, started, world);
    if !foreign.is_empty() {
        let what = if args.drop_foreign_keys { "left out" } else { "in the zone file" };
        let name = |key: &Foreign| format!("{} (algorithm {})", key.tag, key.algorithm);
        let names: Vec<String> = foreign.iter().map(name).collect();
        world.report.note(&format!("other signers' DNSKEYs {what}: {}", names.join(", ")));
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
    /// Reads the zone and its keys: the plan, and other signers' keys in the zone.
    fn plan(&self, meaning: &Meaning, world: &World) -> Result<(Signed, Vec<Foreign>), Failure> {
        let (mut builder, input) = self.read(world)?;
        if let Some(limit) = meaning.max_ttl {
            builder.limit_ttl(limit);
        }
        apex::add_zonemd(&mut builder, &input.apex, &meaning.zonemd)?;
        let (signing, foreign) = if let Some(signing) = &meaning.signing {
            let (signing, foreign) = self.sign_with(signing, &mut builder, &input.apex, world)?;
            (Some(signing), foreign)
        } else {
            if apex::is_signed(&builder, input.apex.as_name()) {
                let told = "the zone is signed, and its ZONEMD is not: validators will not take it";
                let fault = Fault::warning(told).in_file(&self.zone_file.display().to_string());
                world.report.fault(&fault.hint(
                    "make both in one run, with the keys and -z: the signature over the ZONEMD comes last (RFC 8976, section 3.2)",
                ));
            }
            (None, Vec::new())
        };
        let (zone, warnings) = builder.seal(&input.apex, input.class, input.sources, meaning.out_of_zone)?;
        warnings.iter().for_each(|fault| world.report.fault(fault));
        let soa = zone.at_apex(Rtype::SOA).find_map(|record| Soa::from_rdata(record.rdata));
        let serial = soa.map_or(0, |soa| meaning.serial.next(soa.serial, meaning.now));
        let signed = Signed::new(zone, signing, serial, meaning.zonemd.clone(), meaning.threads)
            .map_err(|fault| fault.in_file(&self.zone_file.display().to_string()))?;
        Ok((signed, foreign))
    }

    fn read(&self, world: &World) -> Result<(Builder, Input), Failure> {
        let named = self.origin.as_deref().map(zone_name).transpose()?;
        let origin = named.clone().or_else(|| name_of_file(&self.zone_file));
        let reader = Reader::open(&self.zone_file, origin.clone())?.include_dir(self.include_dir.clone());
        let builder = if self.zonemd_only { Builder::new().keep_dnssec() } else { Builder::new() };
        let (builder, reader) = read_zone(reader, builder, &mut |warning| world.report.fault(warning))?;
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
}

fn check(
    out: &Output,
    signed: &Signed,
    written: &Written,
    format: &Format,
    meaning: &Meaning,
) -> Result<Summary, Faults> {
    let sample = match meaning.check {
        Verify::None => return Ok(Summary::default()),
        Verify::Auto => Some(SAMPLE),
        Verify::All => None,
    };
    let mut now = meaning.now;
    if let Some(signing) = signed.signing() {
        let validity = signing.validity;
        let end = validity.expiration.min(validity.keys_expiration).0 - i64::from(validity.jitter);
        // a time outside the validity was asked for, and warned of
        now = Time(now.0.clamp(validity.inception.0, end.max(validity.inception.0)));
    }
    check::check(out, signed, written, format, &check::Options { now, sample, threads: meaning.threads })
}

/// Refuses an output that would overwrite what the zone is made from.
fn spare_inputs(output: &Path, signed: &Signed) -> Result<(), Failure> {
    let identity = |path: &Path| std::fs::metadata(path).ok().map(|meta| (meta.dev(), meta.ino()));
    let Some(there) = identity(output).filter(|_| output != Path::new("-")) else { return Ok(()) };
    let zone_files = signed.zone().sources().names().map(|name| (name, "the zone file"));
    let keys = signed.signing().into_iter().flat_map(|signing| signing.keys.keys());
    let key_files = keys.map(|key| (key.file(), "the key file"));
    for (name, what) in zone_files.chain(key_files) {
        if identity(Path::new(name)) == Some(there) {
            return Err(usage(format!("the output {} would overwrite {what} {name}", output.display())));
        }
    }
    Ok(())
}

/// When the first signatures end.
fn expiration(signed: &Signed, written: &Written) -> Option<Time> {
    let validity = signed.signing()?.validity;
    written.counts.expiration.map(|end| Time::from_wire(end, validity.expiration))
}

/// When the signatures should be made anew.
fn due(signed: &Signed, written: &Written) -> Option<Time> {
    let validity = signed.signing()?.validity;
    let zone = signed.zone();
    let soa = zone.at_apex(Rtype::SOA).find_map(|record| Soa::from_rdata(record.rdata));
    let length = validity.expiration.0 - validity.inception.0;
    let margin = soa.map_or(0, |soa| refresh(length, &soa, zone.counts().largest_ttl));
    expiration(signed, written).map(|end| Time(end.0 - margin))
}

fn summary(signed: &Signed, written: &Written, checked: &Summary, started: Instant, world: &World) {
    let zone = signed.zone();
    let (counts, made) = (zone.counts(), written.counts);
    let seconds = started.elapsed().as_secs_f64();
    let ends = expiration(signed, written).map_or(String::new(), |end| format!("expires {end}, "));
    let signatures = match signed.signing() {
        Some(_) => {
            let verified = format!("({} verified)", checked.verified);
            format!(
                "{} made {verified}, {} in the chain, ",
                count(made.signatures, "signature"),
                count(made.chain, "name")
            )
        }
        None => format!("{} made, nothing signed, ", count(signed.zonemd().len(), "ZONEMD")),
    };
    world.report.note(&format!(
        "{}: {} in {}, {signatures}serial {}, {ends}{seconds:.2} s",
        zone.apex(),
        count(made.records, "record"),
        count(made.rrsets, "RRset"),
        signed.serial(),
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
