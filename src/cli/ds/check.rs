//! `ds --check`: the parent's DS set against the keys, and what of it is written into the key files.

use super::DsArgs;
use super::source::Found;
use crate::cli::{Failure, World, usage};
use crate::dnssec::ds::{Ds, Relation};
use crate::error::{Fault, Faults};
use crate::files;
use crate::keys::edit::{self, Change};
use crate::keys::{Key, Metadata};
use crate::registrar::parent;
use std::io::{self, Read};
use std::path::Path;

/// The parent's DS set.
pub(super) fn read(file: &Path, args: &DsArgs, found: &Found) -> Result<Vec<Ds>, Failure> {
    let name = file.display().to_string();
    let mut text = Vec::new();
    let read = if file == Path::new("-") {
        if args.files.iter().any(|file| file == Path::new("-")) {
            return Err(usage("--check -: the zone comes from standard input already"));
        }
        io::stdin().read_to_end(&mut text).map(drop)
    } else {
        std::fs::File::open(file).and_then(|mut file| file.read_to_end(&mut text)).map(drop)
    };
    read.map_err(|error| {
        let fault = match error.kind() {
            io::ErrorKind::NotFound => Fault::error("no such file"),
            _ => files::cannot("read", &error),
        };
        fault.in_file(&name)
    })?;
    if args.record && !parent::is_answer(&text) {
        let told =
            "an empty answer is recorded as nothing: dig +short prints none where no server answers, too";
        let hint =
            format!("take all that dig prints: dig DS {} | zoneseal ds --check - --record …", found.owner);
        return Err(Fault::error(told).in_file(&name).hint(hint).into());
    }
    Ok(parent::read(&text, &name, &found.owner)?)
}

/// Whether the parent has a DS of the key.
fn is_there(parent: &[Ds], key: &Key) -> bool {
    parent.iter().any(|ds| ds.relation(key.zone().as_name(), key.rdata()) == Relation::Points)
}

/// The time that becomes known, if one does: no earlier time is ever overwritten.
fn news(metadata: &Metadata, there: bool, world: &World) -> Option<Change> {
    match (there, metadata.ds_published, metadata.ds_withdrawn) {
        (true, None, None) => Some(("DS-Published", Some(world.now))),
        (false, Some(_), None) => Some(("DS-Withdrawn", Some(world.now))),
        _ => None,
    }
}

/// Writes into the key files what is new: when a DS was seen, and when it was seen to be gone.
pub(super) fn record(parent: &[Ds], found: &Found, args: &DsArgs, world: &World) -> Result<(), Failure> {
    if found.keys.is_empty() {
        let folder = args.keys_folder().display();
        let fault =
            Fault::error(format!("there is no KSK or CSK of {} in {folder} to record it in", found.owner));
        return Err(fault.hint("--keys names another folder of keys").into());
    }
    let (mut faults, mut recorded) = (Faults::new(), false);
    for key in &found.keys {
        let there = is_there(parent, key);
        let metadata = key.metadata();
        if let (true, Some(withdrawn)) = (there, metadata.ds_withdrawn) {
            let told =
                format!("the DS of key {} is at the parent, but was withdrawn at {withdrawn}", key.tag());
            let hint = "nothing is recorded; `zoneseal key set --ds-withdrawn none` puts it right";
            faults.push(Fault::error(told).in_file(key.file()).hint(hint));
        }
        let Some(change) = news(metadata, there, world) else { continue };
        match edit::set_times(Path::new(key.file()), &[change]) {
            Ok(_) => {
                recorded = true;
                world.report.note(&format!("{}: {} {}", key.file(), change.0, world.now));
            }
            Err(fault) => faults.push(fault),
        }
    }
    if !recorded && faults.errors() == 0 {
        world.report.note("nothing new to record");
    }
    if faults.errors() > 0 { Err(faults.into()) } else { Ok(()) }
}
