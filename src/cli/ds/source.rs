//! Where `ds` has its keys from: a zone file, key files, or the folder of keys.

use super::DsArgs;
use crate::cli::input::name_of_file;
use crate::cli::{Failure, World, usage};
use crate::dns::soa::Soa;
use crate::dns::{Class, Name, NameBuf, Record, Rtype};
use crate::dnssec::rrsig::Rrsig;
use crate::error::{Fault, Faults, Severity};
use crate::keys::life::Life;
use crate::keys::role::{REVOKE, SEP, ZONE_KEY};
use crate::keys::{self, Key, Stage};
use crate::publish::earlier::Earlier;
use crate::publish::stamp::Stamp;
use crate::registrar::compare::Other;
use crate::registrar::timing::Publication;
use crate::zone::Builder;
use crate::zonefile::reader::Reader;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// What is known of a zone and its keys.
pub(super) struct Found {
    pub(super) owner: NameBuf,
    pub(super) class: Class,
    /// The DNSKEYs that the parent's DS should point to.
    pub(super) dnskeys: Vec<Vec<u8>>,
    /// Other keys of the zone.
    pub(super) others: Vec<Other>,
    /// KSKs and CSKs of which there are files.
    pub(super) keys: Vec<Key>,
    /// Of a whole zone: its SOA, its TTLs, and when it was first published, if its last line says so.
    pub(super) zone: Option<(Soa, Publication)>,
    /// What its last line says of its keys.
    pub(super) lives: Vec<Life>,
    /// How long it takes until all servers have a new version, if `run` was told.
    pub(super) delay: Option<u32>,
    /// Name servers at the apex.
    pub(super) servers: Vec<NameBuf>,
    /// CDS and CDNSKEY records at the apex.
    pub(super) cds: Vec<(Rtype, Vec<u8>)>,
}

/// Finds the keys.
pub(super) fn find(args: &DsArgs, origin: Option<NameBuf>, world: &World) -> Result<Found, Failure> {
    match &args.files[..] {
        [] => {
            let zone = origin.ok_or_else(|| {
                usage("name a key, a zone file, or with -o a zone that has keys in --keys DIR")
            })?;
            in_folder(args, zone, world)
        }
        [file] if !is_key(file) => in_zone(args, file, origin, world),
        files => match files.iter().find(|file| !is_key(file)) {
            Some(zone) => {
                let fault = format!("{} is no key: a zone file stands alone", zone.display());
                Err(usage(fault))
            }
            None => in_files(args, origin.as_ref(), world),
        },
    }
}

/// Whether a path names a key: a file with PEM in it, or a pair of BIND or ldns with its private half. What cannot be
/// read is reported by whoever reads it next.
fn is_key(path: &Path) -> bool {
    let mut head = Vec::new();
    // what is read of a pipe is lost to whoever reads it next
    if path.is_file()
        && File::open(path).and_then(|file| file.take(1 << 16).read_to_end(&mut head)).is_ok()
        && head.windows(11).any(|window| window == b"-----BEGIN ")
    {
        return true;
    }
    let ending = |wanted| path.extension().is_some_and(|ending| ending == wanted);
    // a public half alone is a zone file with one record
    let half = ending("private") || ending("key") && path.with_extension("private").exists();
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    half || !path.exists() && name.starts_with('K') && name.contains('+')
}

/// The keys that `KEY` arguments name.
fn in_files(args: &DsArgs, origin: Option<&NameBuf>, world: &World) -> Result<Found, Failure> {
    let (mut keys, mut faults) = (Vec::new(), Faults::new());
    for file in &args.files {
        match keys::open_file(file, origin, world.now) {
            Ok(loaded) => {
                loaded.warnings.iter().for_each(|warning| world.report.fault(warning));
                keys.extend(loaded.keys);
            }
            Err(more) => faults.extend(more),
        }
    }
    if faults.errors() > 0 {
        return Err(faults.into());
    }
    let Some(owner) = keys.first().map(|key| key.zone().clone()) else {
        return Err(usage("the files hold no key"));
    };
    if let Some(other) = keys.iter().find(|key| *key.zone() != owner) {
        let fault = Fault::error(format!("this is a key of {}, the one before is of {owner}", other.zone()));
        return Err(fault.in_file(other.file()).hint("name the keys of one zone").into());
    }
    let zsk = keys.iter().find(|key| !key.role().signs_keys()).map(|key| key.file().to_owned());
    keys.retain(|key| key.role().signs_keys());
    if keys.is_empty() {
        return Err(Fault::error("this key signs no DNSKEYs, so no DS points to it")
            .in_file(&zsk.unwrap_or_default())
            .hint("name the KSK or CSK of the zone")
            .into());
    }
    // who names a key that is to come may want its DS before its time
    sort_out(args, owner, keys, |stage| matches!(stage, Stage::Waiting | Stage::Published), world)
}

/// The keys of the zone in the folder of keys.
fn in_folder(args: &DsArgs, owner: NameBuf, world: &World) -> Result<Found, Failure> {
    let loaded = keys::load_all(args.keys_folder(), &owner)?;
    loaded.warnings.iter().for_each(|warning| world.report.fault(warning));
    let keys: Vec<Key> = loaded.keys.into_iter().filter(|key| key.role().signs_keys()).collect();
    if keys.is_empty() {
        let folder = args.keys_folder().display();
        let fault = Fault::error(format!("there is no KSK or CSK of {owner} in {folder}"));
        return Err(fault.hint("--keys names another folder of keys").into());
    }
    sort_out(args, owner, keys, |_| false, world)
}

/// Which of the keys should have a DS: those that sign now, and of the others those whose stage is `wanted`.
fn sort_out(
    args: &DsArgs,
    owner: NameBuf,
    keys: Vec<Key>,
    wanted: fn(Stage) -> bool,
    world: &World,
) -> Result<Found, Failure> {
    let (mut dnskeys, mut others) = (Vec::new(), Vec::new());
    for key in &keys {
        let stage = key.metadata().stage(world.now);
        let dnskey = key.rdata().to_vec();
        if stage != Stage::Active && !wanted(stage) {
            others.push(other(dnskey, stage));
        } else if !dnskeys.contains(&dnskey) {
            dnskeys.push(dnskey);
        }
    }
    // once all keys have gone, the question is whether their DS have
    if let (true, None, Some(key)) = (dnskeys.is_empty(), &args.check, keys.first()) {
        let stage = key.metadata().stage(world.now);
        return Err(Fault::error(format!(
            "key {} is {stage}: the parent should have no DS of it",
            key.tag()
        ))
        .in_file(key.file())
        .hint("name a key that signs; `zoneseal key set` changes the times of one")
        .into());
    }
    let (lives, servers, cds) = (Vec::new(), Vec::new(), Vec::new());
    Ok(Found { owner, class: Class::IN, dnskeys, others, keys, zone: None, lives, delay: None, servers, cds })
}

/// A key that should have no DS, or not yet.
fn other(dnskey: Vec<u8>, stage: Stage) -> Other {
    let (why, may_stay) = match stage {
        Stage::Waiting | Stage::Published => ("is not active yet", true),
        Stage::Revoked => ("is revoked", false),
        Stage::Removed => ("is removed", false),
        Stage::Active | Stage::Retired => ("is retired", false),
    };
    Other { dnskey, why, may_stay }
}

/// The DNSKEYs of a zone file.
fn in_zone(args: &DsArgs, file: &Path, origin: Option<NameBuf>, world: &World) -> Result<Found, Failure> {
    let mut read = ReadZone::read(file, origin, world)?;
    let name = file.display().to_string();
    let apex = read.apex.take().or_else(|| read.sole_owner());
    let apex = apex.ok_or_else(|| usage(format!("{name}: the zone has no SOA; -o NAME names it")))?;
    let at_apex = |wanted: &'static [Rtype]| {
        let records = read.kept.records().map(|(record, _)| record);
        let apex = apex.as_name();
        records.filter(move |record| record.owner == apex && wanted.contains(&record.rtype))
    };
    let dnskeys: Vec<Record<'_>> = at_apex(&[Rtype::DNSKEY]).filter(|key| key.rdata.len() > 4).collect();
    let servers = at_apex(&[Rtype::NS]).filter_map(|record| Name::from_wire(record.rdata));
    let wish = |record: Record<'_>| (record.rtype, record.rdata.to_vec());
    let (wanted, mut others) = entry_points(&dnskeys, &read.signers);
    if wanted.is_empty() {
        return Err(Fault::error(format!("the zone {apex} has no DNSKEY that a DS could point to"))
            .in_file(&name)
            .hint("name the signed zone, or a KSK's PEM file")
            .into());
    }
    let keys = keys_of_zone(args, &apex, world)?;
    for key in &keys {
        if !dnskeys.iter().any(|dnskey| unrevoked(dnskey.rdata) == key.rdata()) {
            let stage = key.metadata().stage(world.now);
            let may_stay = matches!(stage, Stage::Waiting | Stage::Published);
            others.push(Other { dnskey: key.rdata().to_vec(), why: "is not in the zone", may_stay });
        }
    }
    let Stamp { first, lives, delay, .. } = earlier(file)?;
    let publication = Publication {
        first,
        largest_ttl: read.largest_ttl,
        dnskey_ttl: dnskeys.iter().map(|record| record.ttl).max().unwrap_or_default(),
        ..Publication::default()
    };
    Ok(Found {
        class: read.class,
        dnskeys: wanted,
        others,
        keys,
        zone: read.soa.map(|soa| (soa, publication)),
        lives,
        delay,
        servers: servers.map(Name::to_buf).collect(),
        cds: at_apex(&[Rtype::CDS, Rtype::CDNSKEY]).map(wish).collect(),
        owner: apex.clone(),
    })
}

/// What is kept of a zone file.
struct ReadZone {
    apex: Option<NameBuf>,
    class: Class,
    kept: Builder,
    soa: Option<Soa>,
    largest_ttl: u32,
    /// Tag and algorithm of the keys that sign DNSKEYs.
    signers: Vec<(u16, u8)>,
}

impl ReadZone {
    fn read(file: &Path, origin: Option<NameBuf>, world: &World) -> Result<Self, Failure> {
        let mut reader = Reader::open(file, origin.clone().or_else(|| name_of_file(file)))?;
        let (kept, signers) = (Builder::new(), Vec::new());
        let mut read = Self { apex: origin, class: Class::IN, kept, soa: None, largest_ttl: 0, signers };
        let mut faults = Faults::new();
        while !faults.full() {
            match reader.next() {
                Ok(None) => break,
                Ok(Some(entry)) => {
                    let record = entry.record;
                    read.largest_ttl = read.largest_ttl.max(record.ttl);
                    match record.rtype {
                        Rtype::SOA => {
                            read.apex.get_or_insert_with(|| record.owner.to_buf());
                            read.soa = read.soa.or_else(|| Soa::from_rdata(record.rdata));
                        }
                        Rtype::DNSKEY | Rtype::NS | Rtype::CDS | Rtype::CDNSKEY => {
                            read.kept.push(record, entry.spot)?;
                        }
                        Rtype::RRSIG => read.signers.extend(
                            Rrsig::parse(record.rdata)
                                .filter(|rrsig| rrsig.type_covered == Rtype::DNSKEY)
                                .map(|rrsig| (rrsig.key_tag, rrsig.algorithm)),
                        ),
                        _ => {}
                    }
                }
                Err(fault) => faults.push(fault),
            }
            reader.warnings().for_each(|warning| world.report.fault(&warning));
        }
        if faults.errors() > 0 {
            return Err(faults.into());
        }
        read.class = reader.class();
        Ok(read)
    }

    /// The owner of the DNSKEYs, if it is one: the `.key` file of a pair and what dig prints have no SOA.
    fn sole_owner(&self) -> Option<NameBuf> {
        let records = || self.kept.records().map(|(record, _)| record);
        let mut owners = records().filter(|record| record.rtype == Rtype::DNSKEY).map(|record| record.owner);
        let first = owners.next()?;
        owners.all(|owner| owner == first).then(|| first.to_buf())
    }
}

/// The DNSKEYs that a DS should point to: those with the SEP flag; if there are none, those that sign the DNSKEYs.
/// And the others.
fn entry_points(dnskeys: &[Record<'_>], signers: &[(u16, u8)]) -> (Vec<Vec<u8>>, Vec<Other>) {
    let usable = |key: &&Record<'_>| flags(key.rdata) & (ZONE_KEY | REVOKE) == ZONE_KEY;
    let sep = |key: &&Record<'_>| flags(key.rdata) & SEP != 0;
    let rdata = |key: &Record<'_>| key.rdata.to_vec();
    let mut wanted: Vec<Vec<u8>> = dnskeys.iter().filter(usable).filter(sep).map(rdata).collect();
    if wanted.is_empty() {
        let signs = |key: &&Record<'_>| signers.contains(&(keys::key_tag(key.rdata), key.rdata[3]));
        wanted = dnskeys.iter().filter(usable).filter(signs).map(rdata).collect();
    }
    wanted.dedup();
    let others = dnskeys.iter().filter(|key| !wanted.iter().any(|one| one == key.rdata));
    let other = |key: &Record<'_>| {
        let revoked = flags(key.rdata) & REVOKE != 0;
        let why = if revoked { "is revoked" } else { "is no entry point to the zone: it has no SEP flag" };
        Other { dnskey: unrevoked(key.rdata), why, may_stay: false }
    };
    let others = others.map(other).collect();
    (wanted, others)
}

/// The KSKs and CSKs in the folder of keys. That it cannot be read is an error where it was named.
fn keys_of_zone(args: &DsArgs, zone: &NameBuf, world: &World) -> Result<Vec<Key>, Failure> {
    match keys::load_all(args.keys_folder(), zone) {
        Ok(loaded) => Ok(loaded.keys.into_iter().filter(|key| key.role().signs_keys()).collect()),
        Err(faults) if args.keys.is_some() || args.record => Err(faults.into()),
        Err(faults) => {
            let warnings = faults.into_iter().map(|fault| fault.with_severity(Severity::Warning));
            warnings.for_each(|warning| world.report.fault(&warning));
            Ok(Vec::new())
        }
    }
}

/// The flags of a DNSKEY (RFC 4034, section 2.1.1).
fn flags(rdata: &[u8]) -> u16 {
    rdata.first_chunk().map_or(0, |&flags| u16::from_be_bytes(flags))
}

/// The DNSKEY as it was before it was revoked: a DS points to that.
fn unrevoked(rdata: &[u8]) -> Vec<u8> {
    let mut rdata = rdata.to_vec();
    if let Some(low) = rdata.get_mut(1) {
        *low &= !REVOKE.to_be_bytes()[1];
    }
    rdata
}

/// What the file's last line says.
fn earlier(path: &Path) -> Result<Stamp, Fault> {
    // a pipe cannot be read again
    let earlier = if path.is_file() { Earlier::open(path)? } else { None };
    Ok(earlier.as_ref().and_then(Earlier::stamp).cloned().unwrap_or_default())
}
