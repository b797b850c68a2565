//! The arguments of `zoneseal sign`, as they were typed.

use clap::{Args, Command, FromArgMatches, ValueEnum};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Arguments of `sign`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    zoneseal sign example.org.zone                      keys from keys/example.org/\n  \
    zoneseal sign -f - example.org.zone ksk.pem zsk.pem  to standard output\n\n\
    RRSIG, NSEC, NSEC3 and NSEC3PARAM records of the input, and a ZONEMD at the apex, are made anew; \
    DS, DNSKEY, CDS and CDNSKEY records are kept.\n\n\
    Called ldns-signzone (ln -s zoneseal ldns-signzone), the program takes ldns-signzone's options. What to write \
    for each option of ldns-signzone and dnssec-signzone is in the guide, src/guide/options.md.")]
#[allow(clippy::struct_excessive_bools, reason = "each is an option of its own")]
pub(in crate::cli) struct SignArgs {
    /// The zone file; - is standard input
    #[arg(value_name = "ZONEFILE")]
    pub(super) zone_file: PathBuf,
    /// Keys: PEM files, or base names of BIND or ldns key pairs. Without any, the keys for the zone in --keys DIR
    #[arg(value_name = "KEY")]
    pub(super) key_files: Vec<PathBuf>,

    /// Zone name, and the first $ORIGIN [default: the SOA's owner, or the file name less .zone or .db]
    #[arg(short, long, value_name = "NAME", help_heading = "Zone")]
    pub(in crate::cli) origin: Option<String>,
    /// Base of relative $INCLUDEs, as BIND's directory [default: the including file's folder]
    #[arg(long, value_name = "DIR", help_heading = "Zone")]
    pub(super) include_dir: Option<PathBuf>,
    /// What to do with records outside the zone [default: error; with -Z drop]
    #[arg(long, value_name = "WHAT", help_heading = "Zone")]
    pub(super) out_of_zone: Option<OutOfZoneArg>,
    /// SOA serial: keep the input's, or a greater one
    #[arg(long, value_name = "POLICY", default_value = "keep", help_heading = "Zone")]
    pub(super) serial: Serial,
    /// Reduce all TTLs to at most this
    #[arg(long, value_name = "TTL", help_heading = "Zone")]
    pub(super) max_ttl: Option<String>,
    /// Add a ZONEMD digest of the zone, sha384 or sha512; repeatable
    #[arg(short = 'z', long, value_name = "[SCHEME:]HASH", help_heading = "Zone")]
    pub(in crate::cli) zonemd: Vec<String>,
    /// ZONEMD only: no keys, no signatures. Signatures of the input stay
    #[arg(short = 'Z', help_heading = "Zone")]
    pub(in crate::cli) zonemd_only: bool,
    /// Same as --serial unixtime
    #[arg(short = 'u', conflicts_with = "serial", help_heading = "Zone")]
    pub(in crate::cli) unixtime: bool,

    /// Where keys are: DIR/ZONE/*.pem, or a flat folder of keys that name their zone
    #[arg(long, value_name = "DIR", default_value = "keys", help_heading = "Keys")]
    pub(super) keys: PathBuf,
    /// A PEM key that signs the DNSKEYs
    #[arg(long, value_name = "FILE", help_heading = "Keys")]
    pub(super) ksk: Vec<PathBuf>,
    /// A PEM key that signs the rest
    #[arg(long, value_name = "FILE", help_heading = "Keys")]
    pub(super) zsk: Vec<PathBuf>,
    /// A PEM key that signs everything
    #[arg(long, value_name = "FILE", help_heading = "Keys")]
    pub(super) csk: Vec<PathBuf>,
    /// TTL of the DNSKEYs that are added [default: that of the zone's DNSKEYs, or the SOA's]
    #[arg(long, value_name = "TTL", help_heading = "Keys")]
    pub(super) dnskey_ttl: Option<String>,
    /// Drop DNSKEYs of the input whose private key is not at hand, rather than publish them
    #[arg(long, help_heading = "Keys")]
    pub(super) drop_foreign_keys: bool,
    /// Allow a published DNSKEY algorithm that does not sign (against RFC 4035, section 2.2)
    #[arg(long, help_heading = "Keys")]
    pub(super) allow_incomplete: bool,
    /// Allow keys of one algorithm with the same key tag
    #[arg(long, help_heading = "Keys")]
    pub(super) allow_tag_collision: bool,

    /// Do not add the keys' DNSKEYs to the zone: somebody else publishes them
    #[arg(short = 'd', long, help_heading = "Keys")]
    pub(in crate::cli) no_dnskey: bool,
    /// Sign DNSKEY, CDS and CDNSKEY with every key, not with KSKs and CSKs alone
    #[arg(short = 'A', help_heading = "Keys")]
    pub(in crate::cli) all_keys: bool,
    /// Sign with every algorithm, also where a role is missing: the keys it has do the work of both
    #[arg(short = 'U', help_heading = "Keys")]
    pub(in crate::cli) all_algorithms: bool,
    /// Publish CDS and CDNSKEY for the KSKs: a list of cds:sha-256, cds:sha-384, cdnskey; or delete
    #[arg(long, value_name = "LIST", value_delimiter = ',', help_heading = "Keys")]
    pub(super) cds: Vec<String>,

    /// NSEC3 in place of NSEC
    #[arg(short = 'n', long, help_heading = "Denial of existence")]
    pub(in crate::cli) nsec3: bool,
    /// Set the Opt-Out flag on every NSEC3 and leave the chain whole, as ldns does: it saves nothing, and costs
    /// the AD bit of answers that the flag covers
    #[arg(short = 'p', conflicts_with = "opt_out", help_heading = "Denial of existence")]
    pub(in crate::cli) opt_out_flag: bool,
    /// Leave insecure delegations out of the NSEC3 chain; implies -n. For very large zones with few signed
    /// delegations: answers that an opt-out record covers lose the AD bit (RFC 5155, section 9.2)
    #[arg(short = 'P', long, help_heading = "Denial of existence")]
    pub(super) opt_out: bool,
    /// NSEC3 iterations; more than 0 must not be used (RFC 9276)
    #[arg(short = 't', long, value_name = "N", default_value_t = 0, help_heading = "Denial of existence")]
    pub(in crate::cli) iterations: u16,
    /// Allow NSEC3 iterations above 0 all the same
    #[arg(long, help_heading = "Denial of existence")]
    pub(in crate::cli) allow_nsec3_iterations: bool,
    /// NSEC3 salt in hexadecimal, - for none; none is best (RFC 9276)
    #[arg(short = 's', long, value_name = "HEX", default_value = "-", help_heading = "Denial of existence")]
    pub(in crate::cli) salt: String,

    /// Start of validity
    #[arg(short, long, value_name = "TIME", allow_hyphen_values = true, help_heading = "Signatures")]
    pub(in crate::cli) inception: Option<String>,
    /// End of validity
    #[arg(short, long, value_name = "TIME", allow_hyphen_values = true, help_heading = "Signatures")]
    pub(in crate::cli) expiration: Option<String>,
    /// End of validity of signatures over DNSKEY, CDS and CDNSKEY [default: as -e]
    #[arg(long, value_name = "TIME", allow_hyphen_values = true, help_heading = "Signatures")]
    pub(super) dnskey_expiration: Option<String>,
    /// Spread expirations over this time before -e, by a hash of owner and type
    #[arg(long, value_name = "DURATION", default_value = "0", help_heading = "Signatures")]
    pub(super) jitter: String,
    /// The earlier signed zone: signatures of it that are still good are kept, if its last line proves that
    /// zoneseal wrote it and nobody changed it
    #[arg(long, value_name = "FILE", help_heading = "Signatures")]
    pub(super) reuse: Option<PathBuf>,
    /// With --reuse: renew what ends sooner than this [default: the larger of a quarter of the validity and the SOA's
    /// expire + largest TTL + 1 h, at most three quarters of the validity]
    #[arg(long, value_name = "DURATION", help_heading = "Signatures")]
    pub(super) refresh: Option<String>,
    /// ECDSA by RFC 6979: the same input gives the same bytes (slower)
    #[arg(long, help_heading = "Signatures")]
    pub(super) deterministic: bool,
    /// Threads [default: as many as there are cores]
    #[arg(short = 'j', long, value_name = "N", help_heading = "Signatures")]
    pub(super) threads: Option<std::num::NonZeroUsize>,

    /// Where the signed zone goes, whole or not at all; - is standard output [default: ZONEFILE.signed]
    #[arg(short = 'f', long, value_name = "FILE", help_heading = "Output")]
    pub(in crate::cli) output: Option<PathBuf>,
    /// What of the finished text is checked before it is put in place: auto verifies 2000 signatures
    #[arg(long, value_name = "WHAT", default_value = "auto", help_heading = "Output")]
    pub(super) verify: Verify,
    /// Same as --verify none
    #[arg(long, conflicts_with = "verify", help_heading = "Output")]
    pub(super) no_verify: bool,
    /// classic: types that NSD 4.6 or Knot 3.2 do not know by name as `TYPEnnn`
    #[arg(long, value_name = "WHICH", default_value = "classic", help_heading = "Output")]
    pub(super) types: TypesArg,
    /// Lay the file out for people: key tags and hashed names as comments, a blank line between owners
    #[arg(short = 'b', help_heading = "Output")]
    pub(in crate::cli) comments: bool,
    /// Write only the DNSSEC records, for the unsigned zone to $INCLUDE
    #[arg(long, help_heading = "Output")]
    pub(super) dnssec_only: bool,
    /// Do all but put the file in place
    #[arg(long, help_heading = "Output")]
    pub(super) dry_run: bool,
    /// Show how the records differ from those of the file that is there (or --reuse), and put nothing in place
    #[arg(long, help_heading = "Output")]
    pub(super) diff: bool,

    /// Keys are taken as ldns takes them: a DNSKEY has the TTL of its .key file, a pair without one is used, and
    /// keys of one kind alone do the work of both
    #[arg(skip)]
    pub(in crate::cli) as_ldns: bool,
}

impl SignArgs {
    /// The arguments where nothing but these was typed.
    pub(in crate::cli) fn with_defaults(
        zone_file: &Path,
        key_files: &[PathBuf],
    ) -> Result<Self, clap::Error> {
        let files = std::iter::once(zone_file).chain(key_files.iter().map(PathBuf::as_path));
        let typed = ["sign", "--"].map(OsStr::new).into_iter().chain(files.map(Path::as_os_str));
        let matches = Self::augment_args(Command::new("sign")).try_get_matches_from(typed)?;
        Self::from_arg_matches(&matches)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum OutOfZoneArg {
    Error,
    Drop,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Serial {
    Keep,
    Increment,
    Unixtime,
    Date,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Verify {
    /// Every structural rule, every record read back, a sample of the signatures
    Auto,
    /// The same, and every signature
    All,
    /// Nothing
    None,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum TypesArg {
    Classic,
    All,
}
