//! `zoneseal keygen`: keys in PEM files.

use super::{Failure, World, time, usage, zone_name};
use crate::error::Fault;
use crate::keys::{self, Algorithm, Role, generate};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Arguments of `keygen`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    zoneseal keygen example.org                           a KSK and a ZSK, ECDSA P-256\n  \
    zoneseal keygen -a ED25519 --role csk example.org     one key for everything\n\n\
    The path of each key file is printed. Keep the files: they are readable by you alone, and no \
    copy of them exists.")]
pub(super) struct KeygenArgs {
    /// The zone the keys are for
    #[arg(value_name = "ZONE")]
    zone: String,
    /// Algorithm: 8 RSASHA256, 10 RSASHA512, 13 ECDSAP256SHA256, 14 ECDSAP384SHA384, 15 ED25519
    #[arg(short, long, value_name = "ALG", default_value = "ECDSAP256SHA256")]
    algorithm: String,
    /// What the key signs: ksk the DNSKEYs, zsk the rest, csk everything; pair is a KSK and a ZSK
    #[arg(long, value_name = "ROLE", default_value = "pair")]
    role: RoleArg,
    /// Size of an RSA key: 2048, 3072 or 4096 [default: 2048]
    #[arg(short, long, value_name = "BITS")]
    bits: Option<u32>,
    /// Where keys are kept: the files are DIR/ZONE/ROLE-ALG-TAG.pem
    #[arg(long, value_name = "DIR", default_value = "keys")]
    keys: PathBuf,
    /// From when on the key is in the zone
    #[arg(long, value_name = "TIME", default_value = "now", allow_hyphen_values = true)]
    publish: String,
    /// From when on it signs
    #[arg(long, value_name = "TIME", default_value = "now", allow_hyphen_values = true)]
    activate: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum RoleArg {
    Ksk,
    Zsk,
    Csk,
    Pair,
}

/// Makes the keys.
pub(super) fn run(args: &KeygenArgs, world: &World) -> Result<(), Failure> {
    let zone = zone_name(&args.zone)?.to_lower_case();
    let algorithm = Algorithm::from_text(&args.algorithm).map_err(Failure::Usage)?;
    let publish = time::parse("--publish", &args.publish, world.now)?;
    let activate = time::parse("--activate", &args.activate, world.now)?;
    if activate < publish {
        return Err(usage(format!(
            "the key would sign from {activate} on, before it is published at {publish}"
        )));
    }
    match args.bits {
        Some(_) if !algorithm.is_rsa() => {
            return Err(usage(format!(
                "--bits: the size of an {algorithm} key is fixed; only RSA keys have one to choose"
            )));
        }
        Some(bits) if !matches!(bits, 2048 | 3072 | 4096) => {
            return Err(usage(format!(
                "--bits: expected 2048, 3072 or 4096, which is what ring signs with, found \"{bits}\""
            )));
        }
        _ => {}
    }
    if algorithm.not_recommended() {
        world.report.fault(
            &Fault::warning(format!("{} is NOT RECOMMENDED for signing (RFC 9904)", algorithm.mnemonic()))
                .hint("ECDSAP256SHA256, the default, and ED25519 are smaller and as strong"),
        );
    }
    let roles: &[Role] = match args.role {
        RoleArg::Ksk => &[Role::Ksk],
        RoleArg::Zsk => &[Role::Zsk],
        RoleArg::Csk => &[Role::Csk],
        RoleArg::Pair => &[Role::Ksk, Role::Zsk],
    };
    let existing = keys::load_all(&args.keys, &zone)?.keys;
    let same = existing.iter().filter(|key| key.algorithm() == algorithm);
    let mut tags: Vec<u16> = same.flat_map(|key| [key.tag(), key.revoked_tag()]).collect();
    let mut made = Vec::new();
    for &role in roles {
        let mut key = generate::generate(&zone, role, algorithm, args.bits, &tags, world.now)?;
        key.metadata.publish = Some(publish);
        key.metadata.activate = Some(activate);
        tags.extend([key.tag(), key.revoked_tag()]);
        made.push(key);
    }
    let mut paths = String::new();
    for key in &made {
        paths += &generate::write_new(&args.keys, key)?.display().to_string();
        paths.push('\n');
    }
    super::report::print(paths.as_bytes())?;
    Ok(())
}
