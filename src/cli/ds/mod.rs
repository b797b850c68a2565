//! `zoneseal ds`: the DS records that the parent needs, in the form that whoever keeps the parent takes; when it may
//! have them, and whether it has them.

mod check;
mod dsboot;
mod source;
mod when;

use super::{Failure, World, report, time, usage, zone_name};
use crate::dnssec::cds;
use crate::dnssec::ds::{Digest, Relation};
use crate::error::Fault;
use crate::options::digest;
use crate::registrar::compare::{Comparison, Verdict, compare};
use crate::registrar::epp::{self, Interface, Update};
use crate::registrar::timing::{Publication, When};
use crate::registrar::{Delegation, EntryPoint, json, labelled, records};
use clap::{Args, ValueEnum};
use source::Found;
use std::path::{Path, PathBuf};

/// The TTL of DS records where a format must have one and none is given.
const TTL: u32 = 3600;

/// Arguments of `ds`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    zoneseal ds example.org.zone.signed\n  \
    zoneseal ds --format fields example.org.zone.signed\n  \
    zoneseal ds --format dsset example.org.zone.signed > dsset-example.org.\n  \
    zoneseal ds --digest sha384 keys/example.org/ksk-013-12345.pem\n  \
    zoneseal ds --format dsboot --ns ns1.example.net example.org.zone.signed\n  \
    zoneseal ds --format nsupdate example.org.zone.signed | nsupdate -k parent.key\n  \
    dig +short DS example.org | zoneseal ds --check - --record example.org.zone.signed\n  \
    dig +short DS example.org | zoneseal ds --check - --format epp-ds --epp-command -o example.org\n\n\
    Of a zone: the DS of each of its SEP keys that is not revoked; if it has none, of the keys that sign \
    its DNSKEYs. Without KEY and ZONEFILE, with -o: the keys of that zone that sign now. The parent must not have \
    the DS before the signed zone is served and the caches have forgotten the unsigned one: standard error says from \
    when on.\n\n\
    --check exits with 0 if every DS leads to a key and every key has one, else with 1.")]
pub(super) struct DsArgs {
    /// Keys (PEM, or pairs of BIND or ldns), or a zone file with DNSKEYs
    #[arg(value_name = "KEY|ZONEFILE")]
    files: Vec<PathBuf>,
    /// Digest, sha256 or sha384; repeatable [default: sha256]
    #[arg(long, value_name = "DIGEST")]
    digest: Vec<String>,
    /// What is printed [default: rr]
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,
    /// TTL of the records; route53, cloudflare and nsupdate need one [default: 3600 there, none elsewhere]
    #[arg(long, value_name = "TTL")]
    ttl: Option<String>,
    /// With --format dsboot, a name server of the zone; repeatable [default: those of the zone file]
    #[arg(long, value_name = "NAME")]
    ns: Vec<String>,
    /// With --format epp-ds or epp-key, the whole command that updates the domain
    #[arg(long)]
    epp_command: bool,
    /// The zone's name, where a key does not say it
    #[arg(short, long, value_name = "NAME")]
    origin: Option<String>,
    /// Folder of keys, which say since when they are in the zone and at the parent [default: keys]
    #[arg(long, value_name = "DIR")]
    keys: Option<PathBuf>,
    /// When the zone was first served with signatures [default: as its last line says]
    #[arg(
        long,
        value_name = "TIME",
        allow_hyphen_values = true,
        help_heading = "When the parent may have it"
    )]
    since: Option<String>,
    /// Until all servers have a new version of the zone [default: SOA refresh + retry]
    #[arg(long, value_name = "DURATION", help_heading = "When the parent may have it")]
    propagation: Option<String>,
    /// Compare with the parent's DS set, as from `dig +short DS` or as zone-file lines; - is standard input.
    /// With epp-ds and epp-key: print the update that makes it right
    #[arg(long, value_name = "FILE", help_heading = "What the parent has")]
    check: Option<PathBuf>,
    /// Write into the key files when their DS was first seen there, and when it was seen to be gone
    #[arg(long, requires = "check", help_heading = "What the parent has")]
    record: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// DS records, for the parent's zone file
    Rr,
    /// The file dsset-ZONE. for `dnssec-signzone -g` of the parent
    Dsset,
    /// The DNSKEYs that the DS records point to
    Dnskey,
    /// CDS and CDNSKEY records, for the zone itself (RFC 7344)
    Cds,
    /// The same below the name servers' names, for bootstrapping (RFC 9615): they go into the signed zones of
    /// the name servers
    Dsboot,
    /// Every field that a registrar's form may ask for, by number and name
    Fields,
    /// The same as JSON; with --check, the comparison
    Json,
    /// Both of the following in one object
    Route53,
    /// Route 53 as registrar: a line for each call of `aws route53domains associate-delegation-signer-to-domain`
    /// with --cli-input-json
    Route53Domain,
    /// Route 53 with the parent zone: the --change-batch of `aws route53 change-resource-record-sets`
    Route53Zone,
    /// Cloudflare with the parent zone: a line for the body of each call that creates a record
    Cloudflare,
    /// EPP with DS data: secDNS:create, with --check secDNS:update (RFC 5910)
    EppDs,
    /// EPP with key data
    EppKey,
    /// Commands for `nsupdate`, which replace the DS in the parent zone
    Nsupdate,
}

impl Format {
    fn epp(self) -> Option<Interface> {
        match self {
            Self::EppDs => Some(Interface::Ds),
            Self::EppKey => Some(Interface::Key),
            _ => None,
        }
    }

    /// Whether its records have a TTL, or may.
    fn has_ttl(self) -> bool {
        let none = matches!(self, Self::Dsset | Self::Fields | Self::Json | Self::Route53Domain);
        !none && self.epp().is_none()
    }
}

impl DsArgs {
    fn keys_folder(&self) -> &Path {
        self.keys.as_deref().unwrap_or(Path::new("keys"))
    }

    /// Refuses options that have nothing to do here.
    fn fit_together(&self, format: Format) -> Result<(), Failure> {
        if format != Format::Dsboot && !self.ns.is_empty() {
            return Err(usage("--ns goes with --format dsboot"));
        }
        if format.epp().is_none() && self.epp_command {
            return Err(usage("--epp-command goes with --format epp-ds and epp-key"));
        }
        if !format.has_ttl() && self.ttl.is_some() {
            return Err(usage("--ttl: this format has no TTL"));
        }
        if let (Some(asked), Some(_)) = (self.format, &self.check)
            && asked.epp().is_none()
            && asked != Format::Json
        {
            return Err(usage("--check goes with --format json, epp-ds or epp-key, or with none"));
        }
        Ok(())
    }
}

/// Prints the DS records, or what the parent has of them.
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
    let format = args.format.unwrap_or(Format::Rr);
    args.fit_together(format)?;
    let since = args.since.as_deref().map(|text| time::parse("--since", text, world.now)).transpose()?;
    let duration =
        |option, text: &Option<String>| text.as_deref().map(|text| time::duration(option, text)).transpose();
    let propagation = duration("--propagation", &args.propagation)?;
    let ttl = duration("--ttl", &args.ttl)?;

    let found = source::find(args, origin, world)?;
    let named = |fault: Fault| match &args.files[..] {
        [file] => fault.in_file(&file.display().to_string()),
        _ => fault,
    };
    let mut delegation =
        Delegation::new(found.owner.clone(), found.class, &found.dnskeys, &digests).map_err(named)?;
    delegation.leaves = found.cds.iter().any(|(rtype, rdata)| cds::asks_for_deletion(*rtype, rdata));
    let publication = found.zone.as_ref().map(|(soa, publication)| {
        let first = since.or(publication.first);
        Publication { first, ..*publication }.with_soa(soa, propagation.or(found.delay))
    });
    if publication.is_none() && (since.is_some() || propagation.is_some()) {
        return Err(usage("--since and --propagation go with the signed zone file"));
    }
    if let Some(file) = &args.check {
        let parent = check::read(file, args, &found)?;
        let owner = found.owner.as_name();
        let points = |dnskey| parent.iter().any(|ds| ds.relation(owner, dnskey) == Relation::Points);
        let secure = found.dnskeys.iter().any(|dnskey| points(dnskey));
        when::set(&mut delegation, &found, publication, Some(secure));
        let comparison = compare(&parent, &delegation, &found.others, !args.digest.is_empty());
        let outcome = print_comparison(args, format, &comparison, world);
        if args.record {
            check::record(&parent, &found, args, world)?;
        }
        // where validators fail already, nothing is gained by waiting
        if comparison.verdict() != Verdict::Broken {
            // a DS that was there once may come again at any time
            let new = |key: &&EntryPoint| !matches!(key.when, When::Published(_));
            when::say(comparison.without_ds().filter(new), publication.is_some(), world);
        }
        return outcome;
    }
    when::set(&mut delegation, &found, publication, None);
    if delegation.leaves {
        let told = format!("the CDS of {} asks its parent to remove every DS (RFC 8078)", delegation.owner);
        world
            .report
            .fault(&named(Fault::warning(told).hint("sign without --cds delete before you publish a DS")));
    }
    let out = text(args, format, ttl, &delegation, &found)?;
    report::print(&out)?;
    when::say(delegation.keys.iter(), publication.is_some(), world);
    Ok(())
}

/// What the format makes of the delegation.
fn text(
    args: &DsArgs,
    format: Format,
    ttl: Option<u32>,
    delegation: &Delegation,
    found: &Found,
) -> Result<Vec<u8>, Failure> {
    let needed = ttl.unwrap_or(TTL);
    let pretty = |value| format!("{value:#}\n");
    let text = match format {
        Format::Rr => return Ok(records::ds(delegation, ttl)),
        Format::Dnskey => return Ok(records::dnskey(delegation, ttl)),
        Format::Cds | Format::Dsboot => return wishes(args, format, ttl, delegation, found),
        Format::Dsset => records::dsset(delegation),
        Format::Fields => labelled::fields(delegation),
        Format::Json => pretty(json::everything(delegation)),
        Format::Route53 => pretty(json::route53(delegation, needed)),
        Format::Route53Domain => json::lines(&json::route53_domain(delegation)),
        Format::Route53Zone => pretty(json::route53_zone(delegation, needed)),
        Format::Cloudflare => json::lines(&json::cloudflare(delegation, needed)),
        Format::Nsupdate => records::nsupdate(delegation, needed),
        Format::EppDs | Format::EppKey => {
            let interface = if format == Format::EppDs { Interface::Ds } else { Interface::Key };
            if args.epp_command {
                // the domain is there, or it had no zone: its DS come by an update
                Update::adding(interface, delegation).command(delegation.owner.as_name())
            } else {
                epp::create(interface, delegation)
            }
        }
    };
    Ok(text.into_bytes())
}

/// CDS and CDNSKEY records, at the apex or below the names of the name servers.
fn wishes(
    args: &DsArgs,
    format: Format,
    ttl: Option<u32>,
    delegation: &Delegation,
    found: &Found,
) -> Result<Vec<u8>, Failure> {
    let (mut out, owner) = (Vec::new(), delegation.owner.as_name());
    let mut wishes = records::wishes(delegation);
    let mut owners = vec![delegation.owner.clone()];
    if format == Format::Dsboot {
        owners.clear();
        for server in dsboot::servers(&args.ns, found)? {
            owners.push(records::signaling_name(owner, server.as_name())?);
        }
        // what the zone says itself, if it does: both must be the same (RFC 9615, section 4.1)
        if !found.cds.is_empty() {
            wishes.clone_from(&found.cds);
        }
    }
    for owner in owners {
        for (rtype, rdata) in &wishes {
            records::push(owner.as_name(), ttl, delegation.class, *rtype, rdata, &mut out);
        }
    }
    Ok(out)
}

/// Prints the comparison, or the EPP update that follows from it.
fn print_comparison(
    args: &DsArgs,
    format: Format,
    comparison: &Comparison<'_>,
    world: &World,
) -> Result<(), Failure> {
    if let Some(interface) = format.epp() {
        world.report.note(comparison.to_string().trim_end());
        let Some(update) = Update::of(interface, comparison) else {
            return Ok(());
        };
        let owner = comparison.delegation().owner.as_name();
        let text = if args.epp_command { update.command(owner) } else { update.element() };
        return Ok(report::print(text.as_bytes())?);
    }
    let text = match format {
        Format::Json => format!("{:#}\n", comparison.json()),
        _ => comparison.to_string(),
    };
    report::print(text.as_bytes())?;
    if comparison.verdict() == Verdict::Well { Ok(()) } else { Err(Failure::Reported) }
}
