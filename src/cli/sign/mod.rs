//! `zoneseal sign`: one zone, now.

mod args;
mod keys;
mod meaning;

use super::input::name_of_file;
use super::{Failure, World, count, report, usage, zone_name};
use crate::dns::time::Time;
use crate::dnssec::apex::{self, Foreign};
use crate::dnssec::sign::Signed;
use crate::error::Fault;
use crate::files::{Output, cannot};
use crate::publish::diff;
use crate::publish::earlier::Earlier;
use crate::publish::stamp::Stamp;
use crate::run::input::Input;
use crate::run::make::{self, Made};
use crate::zonefile::fields::Types;
use crate::zonefile::reader::Reader;
pub(super) use args::{OutOfZoneArg, SignArgs};
use meaning::Meaning;
use std::io::Seek;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::thread;
use std::time::Instant;

/// Signs the zone.
pub(super) fn run(args: &SignArgs, world: &World) -> Result<(), Failure> {
    let started = Instant::now();
    let Meaning { mut recipe, output } = args.meaning(world)?;
    let mut warn = |fault: &Fault| world.report.fault(fault);
    let origin = args.origin.as_deref().map(zone_name).transpose()?;
    let (input, earlier) = thread::scope(|scope| {
        let earlier = scope.spawn(|| args.earlier());
        let named = name_of_file(&args.zone_file);
        let input = Input::read(&args.zone_file, origin.as_ref(), named.as_ref(), &recipe, &mut warn);
        (input, earlier.join())
    });
    let input = input?;
    let stopped = |_| Err(Fault::error("the thread that reads the earlier version stopped"));
    let (earlier, why_not) = earlier.unwrap_or_else(stopped)?;
    why_not.iter().for_each(&mut warn);
    let keys = if let Some(signing) = &mut recipe.signing {
        Some(args.signing_keys(signing, &input, world)?)
    } else {
        args.warn_of_signatures(&input, world);
        None
    };
    let serial = recipe.serial.next(input.serial, recipe.now);
    let mut stamp = Stamp { input: input.digest, files: input.included(), ..Stamp::default() };
    stamp.keys = keys.as_ref().map(|keys| make::digest_of_keys(keys, &recipe));
    let mut draft = make::draft(input, keys, &recipe, &mut warn)?;
    if let Some(earlier) = &earlier {
        let all_known =
            stamp.keys.is_some() && earlier.stamp().is_some_and(|earlier| earlier.keys == stamp.keys);
        draft = draft.reusing(earlier, all_known, false, recipe.now)?;
    }
    let (refresh, foreign) = (draft.refresh, std::mem::take(&mut draft.foreign));
    let signed = draft.plan(serial, &recipe)?;
    spare_inputs(&output, &signed)?;
    let dry = args.dry_run || args.diff;
    let mut out = if dry { Output::discard()? } else { Output::create(&output)? };
    let made = make::write(&signed, &recipe, earlier.as_ref(), &mut out)?;
    made.checked.warnings.iter().for_each(warn);
    stamp.expires = make::expiration(&signed, &made.written);
    stamp.renew = stamp.expires.map(|end| Time(end.0 - refresh));
    stamp.due = stamp.renew;
    stamp.ttl = Some(make::longest_in_caches(signed.zone()));
    if args.diff {
        show_difference(args.reuse.as_ref().unwrap_or(&output), &out, recipe.types)?;
    }
    let mut line = Vec::new();
    stamp.push(made.written.text.clone(), &mut line);
    out.write(&line)?;
    let (told, more) = summary(&signed, &made, world.report.verbose());
    // giving a large zone's memory back takes as long as the system takes to put the new file in the old one's place
    let committed = thread::scope(|scope| {
        scope.spawn(|| drop(signed));
        out.commit()
    });
    if let Some(warning) = committed? {
        world.report.fault(&warning);
    }
    if dry {
        world.report.note("dry run: nothing was written");
    }
    if recipe.now != world.now {
        world.report.note(&format!("the time is that of SOURCE_DATE_EPOCH: {}", recipe.now));
    }
    world.report.note(&format!("{told}{:.2} s", started.elapsed().as_secs_f64()));
    for line in &more {
        world.report.note(line);
    }
    args.name_foreign(&foreign, world);
    Ok(())
}

/// Prints how the new version differs from the one that is there.
fn show_difference(old: &Path, new: &Output, types: Types) -> Result<(), Failure> {
    let there = old.exists().then(|| Reader::open(old, None)).transpose()?;
    let new = new.file().try_clone().and_then(|mut file| file.rewind().map(|()| file));
    let new = new.map_err(|error| cannot("read back", &error).in_file("the new version"))?;
    let mut print = |lines: &[u8]| report::print(lines);
    diff::compare(there, Reader::of_file(new, "the new version"), types, &mut print)
        .map_err(|fault| fault.in_file(&old.display().to_string()))?;
    Ok(())
}

impl SignArgs {
    fn warn_of_signatures(&self, input: &Input, world: &World) {
        if apex::is_signed(&input.builder, input.apex.as_name()) {
            let told = "the zone is signed, and its ZONEMD is not: validators will not take it";
            let fault = Fault::warning(told).in_file(&self.zone_file.display().to_string());
            world.report.fault(&fault.hint(
                "make both in one run, with the keys and -z: the signature over the ZONEMD comes last (RFC 8976, section 3.2)",
            ));
        }
    }

    /// The version of the signed zone whose signatures are kept, or why none is.
    fn earlier(&self) -> Result<(Option<Earlier>, Option<Fault>), Fault> {
        let Some(path) = &self.reuse else { return Ok((None, None)) };
        let earlier = Earlier::open(path)?;
        let why = match &earlier {
            None => "there is no such file",
            Some(earlier) if earlier.stamp().is_none() => "its last line does not say that zoneseal wrote it",
            Some(earlier) if !earlier.is_whole()? => "it was changed since zoneseal wrote it",
            Some(_) => return Ok((earlier, None)),
        };
        let fault = Fault::warning(format!("{why}: all is signed again"));
        Ok((None, Some(fault.in_file(&path.display().to_string()))))
    }

    fn name_foreign(&self, foreign: &[Foreign], world: &World) {
        if foreign.is_empty() {
            return;
        }
        let what = if self.drop_foreign_keys { "left out" } else { "in the zone file" };
        let name = |key: &Foreign| format!("{} (algorithm {})", key.tag, key.algorithm);
        let names: Vec<String> = foreign.iter().map(name).collect();
        world.report.note(&format!("other signers' DNSKEYs {what}: {}", names.join(", ")));
    }
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

/// What was done, up to the seconds it took, and what else there is to say.
fn summary(signed: &Signed, made: &Made, verbose: bool) -> (String, Vec<String>) {
    let zone = signed.zone();
    let Made { written, checked } = made;
    let (counts, made) = (zone.counts(), written.counts);
    let ends = make::expiration(signed, written).map_or(String::new(), |end| format!("expires {end}, "));
    let signatures = match signed.signing() {
        Some(_) => {
            format!(
                "{} made, {} kept, {} of {} checked, {} in the chain, ",
                count(made.signatures - made.kept, "signature"),
                made.kept,
                checked.verified,
                made.signatures,
                count(made.chain, "name")
            )
        }
        None => format!("{} made, nothing signed, ", count(signed.zonemd().len(), "ZONEMD")),
    };
    let told = format!(
        "{}: {} in {}, {signatures}serial {}, {ends}",
        zone.apex(),
        count(made.records, "record"),
        count(made.rrsets, "RRset"),
        signed.serial(),
    );
    let mut more = Vec::new();
    if counts.out_of_zone > 0 {
        more.push(format!("outside the zone, and left out: {}", count(counts.out_of_zone, "record")));
    }
    if verbose {
        more.push(format!(
            "{}: {}, {} hidden, {}; records of the input made anew: {}",
            count(zone.names(), "name"),
            count(counts.cuts, "delegation"),
            counts.hidden,
            count(counts.empty_non_terminals, "empty non-terminal"),
            counts.dropped,
        ));
    }
    (told, more)
}
