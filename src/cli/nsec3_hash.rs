//! `zoneseal nsec3-hash`: the NSEC3 hashes of names.

use super::{Failure, World, report, usage, zone_name};
use crate::dns::text::{parse_hex, push_base32hex};
use crate::dnssec::nsec3::Params;
use clap::Args;

/// Arguments of `nsec3-hash`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  \
    zoneseal nsec3-hash -t 12 -s aabbccdd a.example\n\n\
    Prints a line for each name: the hash, a tab, the name. A wildcard is hashed as it is written.")]
pub(super) struct Nsec3HashArgs {
    /// Names; all are absolute, with a final dot or without
    #[arg(value_name = "NAME", required = true)]
    names: Vec<String>,
    /// How often the hash is hashed again
    #[arg(short = 't', long, value_name = "N", default_value_t = 0)]
    iterations: u16,
    /// Salt in hexadecimal, - for none
    #[arg(short = 's', long, value_name = "SALT", default_value = "-")]
    salt: String,
}

/// Prints the hashes.
pub(super) fn run(args: &Nsec3HashArgs, _: &World) -> Result<(), Failure> {
    let params = Params { iterations: args.iterations, salt: salt("-s", &args.salt)? };
    let mut out = Vec::new();
    for text in &args.names {
        let name = zone_name(text)?;
        push_base32hex(&params.hash(name.as_name()), &mut out);
        out.extend_from_slice(format!("\t{name}\n").as_bytes());
    }
    report::print(&out)?;
    Ok(())
}

/// Reads the salt that `option` was given.
pub(super) fn salt(option: &str, text: &str) -> Result<Vec<u8>, Failure> {
    let mut salt = Vec::new();
    let read = if text == "-" { Some(()) } else { parse_hex(text.as_bytes(), &mut salt) };
    match read {
        Some(()) if salt.len() <= 255 => Ok(salt),
        _ => Err(usage(format!(
            "{option}: expected a salt of at most 255 octets in hexadecimal, or - for none, found \"{text}\""
        ))),
    }
}
