//! `zoneseal nsec3-hash`: the NSEC3 hashes of names.

use super::{Failure, World, report, zone_name};
use crate::dns::text::push_base32hex;
use crate::dnssec::nsec3::Params;
use crate::options::salt;
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
    let params =
        Params { iterations: args.iterations, salt: salt("-s", &args.salt).map_err(Failure::Usage)? };
    let mut out = Vec::new();
    for text in &args.names {
        let name = zone_name(text)?;
        push_base32hex(&params.hash(name.as_name()), &mut out);
        out.extend_from_slice(format!("\t{name}\n").as_bytes());
    }
    report::print(&out)?;
    Ok(())
}
