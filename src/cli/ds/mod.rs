//! `zoneseal ds`: the DS records that the parent needs, and what tells the parent of them.

mod dsboot;

use super::input::name_of_file;
use super::{Failure, World, report, usage, zone_name};
use crate::dns::{Class, Name, NameBuf, Record, Rtype};
use crate::dnssec::ds::{self, Digest};
use crate::dnssec::rrsig::Rrsig;
use crate::error::{Fault, Faults};
use crate::keys;
use crate::options::digest;
use crate::zone::Builder;
use crate::zonefile::fields::{self, Types};
use crate::zonefile::reader::Reader;
use clap::{Args, ValueEnum};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Arguments of `ds`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    zoneseal ds example.org.zone.signed\n  \
    zoneseal ds --digest sha384 keys/example.org/ksk-013-12345.pem\n  \
    zoneseal ds --format dsboot --ns ns1.example.net example.org.zone.signed\n\n\
    Of a zone: the DS of each of its SEP keys that is not revoked; if it has none, of the keys that sign \
    its DNSKEYs. The parent must not have the DS before the signed zone is served.")]
pub(super) struct DsArgs {
    /// A key in PEM, or a zone file with DNSKEYs
    #[arg(value_name = "KEY|ZONEFILE")]
    file: PathBuf,
    /// Digest, sha256 or sha384; repeatable [default: sha256]
    #[arg(long, value_name = "DIGEST")]
    digest: Vec<String>,
    /// What is printed
    #[arg(long, value_name = "FORMAT", default_value = "rr")]
    format: Format,
    /// With --format dsboot, a name server of the zone; repeatable [default: those of the zone file]
    #[arg(long, value_name = "NAME")]
    ns: Vec<String>,
    /// The zone's name, where a key does not say it
    #[arg(short, long, value_name = "NAME")]
    origin: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// DS records, for the parent's zone file
    Rr,
    /// The DNSKEYs that the DS records point to
    Dnskey,
    /// CDS and CDNSKEY records, for the zone itself (RFC 7344)
    Cds,
    /// The same below the name servers' names, for bootstrapping (RFC 9615): they go into the signed zones of
    /// the name servers
    Dsboot,
}

/// What is known of a zone and its keys.
struct Found {
    owner: NameBuf,
    class: Class,
    /// The DNSKEYs that the parent's DS should point to.
    dnskeys: Vec<Vec<u8>>,
    /// Name servers at the apex.
    servers: Vec<NameBuf>,
    /// CDS and CDNSKEY records at the apex.
    cds: Vec<(Rtype, Vec<u8>)>,
}

/// Prints the DS records.
pub(super) fn run(args: &DsArgs, world: &World) -> Result<(), Failure> {
    let origin = args.origin.as_deref().map(zone_name).transpose()?;
    let mut digests = args
        .digest
        .iter()
        .map(|name| digest("--digest", name))
        .collect::<Result<Vec<_>, _>>()
        .map_err(Failure::Usage)?;
    if digests.is_empty() {
        digests.push(Digest::Sha256);
    }
    if args.format != Format::Dsboot && !args.ns.is_empty() {
        return Err(usage("--ns goes with --format dsboot"));
    }
    let is_key = is_pem(&args.file);
    let found = if is_key { of_key(&args.file, origin, world)? } else { of_zone(&args.file, origin, world)? };
    let named = |fault: Fault| fault.in_file(&args.file.display().to_string());
    let owner = found.owner.as_name();
    let mut out = Vec::new();
    match args.format {
        Format::Rr => {
            for (dnskey, digest) in pairs(&found.dnskeys, &digests) {
                let rdata = ds::rdata(owner, dnskey, digest).map_err(named)?;
                push(owner, found.class, Rtype::DS, &rdata, &mut out);
            }
        }
        Format::Dnskey => {
            for dnskey in &found.dnskeys {
                push(owner, found.class, Rtype::DNSKEY, dnskey, &mut out);
            }
        }
        Format::Cds => {
            for (rtype, rdata) in wishes(&found, &digests).map_err(named)? {
                push(owner, found.class, rtype, &rdata, &mut out);
            }
        }
        Format::Dsboot => {
            let servers = dsboot::servers(&args.ns, &found)?;
            // what the zone says itself, if it does: both must be the same (RFC 9615, section 4.1)
            let wishes = match &found.cds[..] {
                [] => wishes(&found, &digests).map_err(named)?,
                there => there.to_vec(),
            };
            for server in servers {
                let signal = dsboot::signaling_name(owner, server.as_name())?;
                for (rtype, rdata) in &wishes {
                    push(signal.as_name(), found.class, *rtype, rdata, &mut out);
                }
            }
        }
    }
    report::print(&out)?;
    Ok(())
}

/// Each key with each digest.
fn pairs<'a>(dnskeys: &'a [Vec<u8>], digests: &'a [Digest]) -> impl Iterator<Item = (&'a [u8], Digest)> {
    dnskeys.iter().flat_map(|dnskey| digests.iter().map(|digest| (dnskey.as_slice(), *digest)))
}

/// The CDS and CDNSKEY records that say which DS the parent should have (RFC 7344, section 3).
fn wishes(found: &Found, digests: &[Digest]) -> Result<Vec<(Rtype, Vec<u8>)>, Fault> {
    let mut records = Vec::new();
    for (dnskey, digest) in pairs(&found.dnskeys, digests) {
        records.push((Rtype::CDS, ds::rdata(found.owner.as_name(), dnskey, digest)?));
    }
    records.extend(found.dnskeys.iter().map(|dnskey| (Rtype::CDNSKEY, dnskey.clone())));
    Ok(records)
}

/// Appends a record's line, without a TTL: that is its zone's affair.
fn push(owner: Name<'_>, class: Class, rtype: Rtype, rdata: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(format!("{owner}\t{class}\t{rtype}\t").as_bytes());
    let row = Types::All.row(rtype);
    row.and_then(|row| fields::format(row, rdata, Types::All, out));
    out.push(b'\n');
}

/// Whether the file holds PEM, and not a zone. What cannot be read is reported by whoever reads it next.
fn is_pem(path: &Path) -> bool {
    let mut head = Vec::new();
    let read = File::open(path).and_then(|file| file.take(1 << 16).read_to_end(&mut head));
    read.is_ok() && head.windows(11).any(|window| window == b"-----BEGIN ")
}

fn of_key(file: &Path, origin: Option<NameBuf>, world: &World) -> Result<Found, Failure> {
    let name = file.display().to_string();
    let found = keys::pem::parse(&keys::read_secret(file)?, &name)?;
    let zone = origin.or_else(|| found.into_iter().find_map(|key| key.metadata.zone));
    let zone =
        zone.ok_or_else(|| usage(format!("{name}: the key does not say its zone; -o NAME names it")))?;
    let loaded = keys::load_file(file, &zone, None, world.now)?;
    let entry: Vec<_> = loaded.keys.iter().filter(|key| key.role().signs_keys()).collect();
    let Some(first) = entry.first() else {
        return Err(Fault::error("this key signs no DNSKEYs, so no DS points to it")
            .in_file(&name)
            .hint("name the KSK or CSK of the zone")
            .into());
    };
    let zone = first.zone().clone();
    let dnskeys = entry.iter().map(|key| key.rdata().to_vec()).collect();
    Ok(Found { owner: zone, class: Class::IN, dnskeys, servers: Vec::new(), cds: Vec::new() })
}

fn of_zone(file: &Path, origin: Option<NameBuf>, world: &World) -> Result<Found, Failure> {
    let named = origin.clone().or_else(|| name_of_file(file));
    let reader = Reader::open(file, named)?;
    let mut kept = Builder::new();
    let (mut apex, mut signers) = (origin, Vec::new());
    let mut faults = Faults::new();
    let mut reader = reader;
    while !faults.full() {
        match reader.next() {
            Ok(None) => break,
            Ok(Some(entry)) => match entry.record.rtype {
                Rtype::SOA => apex = apex.or(Some(entry.record.owner.to_buf())),
                Rtype::DNSKEY | Rtype::NS | Rtype::CDS | Rtype::CDNSKEY => {
                    kept.push(entry.record, entry.spot)?;
                }
                Rtype::RRSIG => signers.extend(
                    Rrsig::parse(entry.record.rdata)
                        .filter(|rrsig| rrsig.type_covered == Rtype::DNSKEY)
                        .map(|rrsig| (rrsig.key_tag, rrsig.algorithm)),
                ),
                _ => {}
            },
            Err(fault) => faults.push(fault),
        }
        reader.warnings().for_each(|warning| world.report.fault(&warning));
    }
    if faults.errors() > 0 {
        return Err(faults.into());
    }
    let name = file.display().to_string();
    let apex = apex.ok_or_else(|| usage(format!("{name}: the zone has no SOA; -o NAME names it")))?;
    let at_apex = |wanted: &'static [Rtype]| {
        let records = kept.records().map(|(record, _)| record);
        records.filter(|record| record.owner == apex.as_name() && wanted.contains(&record.rtype))
    };
    let rdata = |record: Record<'_>| record.rdata.to_vec();
    let dnskeys: Vec<Vec<u8>> = at_apex(&[Rtype::DNSKEY]).map(rdata).collect();
    let servers = at_apex(&[Rtype::NS]).filter_map(|record| Name::from_wire(record.rdata));
    let servers: Vec<NameBuf> = servers.map(Name::to_buf).collect();
    let wish = |record: Record<'_>| (record.rtype, record.rdata.to_vec());
    let cds: Vec<_> = at_apex(&[Rtype::CDS, Rtype::CDNSKEY]).map(wish).collect();
    let usable = |rdata: &&Vec<u8>| flags(rdata) & 0x0180 == 0x0100;
    let mut wanted: Vec<_> =
        dnskeys.iter().filter(usable).filter(|rdata| flags(rdata) & 1 != 0).cloned().collect();
    if wanted.is_empty() {
        let signs =
            |rdata: &&Vec<u8>| signers.contains(&(keys::key_tag(rdata), rdata.get(3).copied().unwrap_or(0)));
        wanted = dnskeys.iter().filter(usable).filter(signs).cloned().collect();
    }
    if wanted.is_empty() {
        return Err(Fault::error(format!("the zone {apex} has no DNSKEY that a DS could point to"))
            .in_file(&name)
            .hint("name the signed zone, or a KSK's PEM file")
            .into());
    }
    wanted.dedup();
    Ok(Found { owner: apex, class: reader.class(), dnskeys: wanted, servers, cds })
}

/// The flags of a DNSKEY (RFC 4034, section 2.1.1): 0x0100 Zone Key, 0x0080 REVOKE, 0x0001 SEP.
fn flags(rdata: &[u8]) -> u16 {
    rdata.first_chunk().map_or(0, |&flags| u16::from_be_bytes(flags))
}
