//! What the arguments of `zoneseal sign` mean: every option read, every contradiction refused, before a
//! file is opened.

use super::args::{OutOfZoneArg, Serial, SignArgs, TypesArg, Verify};
use crate::cli::{Failure, World, time, usage};
use crate::dns::soa::SerialPolicy;
use crate::dns::time::Time;
use crate::dnssec::cds::Publish;
use crate::dnssec::nsec3::{OptOut, Params};
use crate::dnssec::policy::Validity;
use crate::dnssec::sign::Denial;
use crate::dnssec::zonemd::Hash;
use crate::error::Fault;
use crate::options;
use crate::run::recipe::{Check, Recipe, SigningRecipe, cores};
use crate::zone::builder::OutOfZone;
use crate::zonefile::fields::Types;
use std::path::{Path, PathBuf};

/// The arguments, understood.
#[derive(Debug)]
pub(super) struct Meaning {
    pub(super) recipe: Recipe,
    pub(super) output: PathBuf,
}

impl SignArgs {
    /// Reads the options.
    pub(super) fn meaning(&self, world: &World) -> Result<Meaning, Failure> {
        let now = self.clock(world)?;
        self.refuse_contradictions()?;
        let zonemd = self.zonemd()?;
        let signing = if self.zonemd_only { None } else { Some(self.signing(now, world)?) };
        let out_of_zone = match self.out_of_zone {
            Some(OutOfZoneArg::Drop) => OutOfZone::Drop,
            None if self.zonemd_only => OutOfZone::Drop,
            _ => OutOfZone::Refuse,
        };
        let recipe = Recipe {
            now,
            signing,
            zonemd,
            serial: match self.serial {
                _ if self.unixtime => SerialPolicy::Unixtime,
                Serial::Keep => SerialPolicy::Keep,
                Serial::Increment => SerialPolicy::Increment,
                Serial::Unixtime => SerialPolicy::Unixtime,
                Serial::Date => SerialPolicy::Date,
            },
            max_ttl: ttl("--max-ttl", self.max_ttl.as_deref())?,
            out_of_zone,
            include_dir: self.include_dir.clone(),
            types: match self.types {
                TypesArg::Classic => Types::Classic,
                TypesArg::All => Types::All,
            },
            comments: self.comments,
            dnssec_only: self.dnssec_only,
            threads: self.threads.map_or_else(cores, std::num::NonZeroUsize::get),
            check: match self.verify {
                _ if self.no_verify => Check::None,
                Verify::Auto => Check::AUTO,
                Verify::All => Check::All,
                Verify::None => Check::None,
            },
        };
        Ok(Meaning { recipe, output: self.output_path()? })
    }

    /// The time now. A build system that wants the same bytes each time sets `SOURCE_DATE_EPOCH`, and often
    /// exports it to everything; a signer that always followed it would make signatures that have expired.
    fn clock(&self, world: &World) -> Result<Time, Failure> {
        match std::env::var("SOURCE_DATE_EPOCH") {
            Ok(text) if self.deterministic && !world.now_given => {
                text.parse().ok().filter(|seconds| *seconds >= 0).map(Time).ok_or_else(|| {
                    usage(format!("SOURCE_DATE_EPOCH: expected Unix seconds, found \"{text}\""))
                })
            }
            _ => Ok(world.now),
        }
    }

    fn refuse_contradictions(&self) -> Result<(), Failure> {
        let nsec3 = self.nsec3 || self.opt_out;
        let fault = |message: &str, hint: &str| Err(Failure::Usage(Fault::error(message).hint(hint)));
        if !nsec3 && (self.opt_out_flag || self.iterations > 0 || self.salt != "-") {
            return fault("-p, -t and -s are about NSEC3, and the zone is signed with NSEC", "add -n");
        }
        options::iterations(self.iterations, self.allow_nsec3_iterations, "--allow-nsec3-iterations")
            .map_err(Failure::Usage)?;
        if self.refresh.is_some() && self.reuse.is_none() {
            return fault("--refresh is about the signatures that --reuse keeps", "add --reuse FILE");
        }
        if self.dnssec_only {
            if self.reuse.is_some() {
                return fault(
                    "--reuse compares what signatures cover, and with --dnssec-only that is not in the file",
                    "leave out --reuse",
                );
            }
            let changes = self.unixtime || self.serial != Serial::Keep || self.max_ttl.is_some();
            if changes || self.drop_foreign_keys || self.zonemd_only {
                return fault(
                    "--dnssec-only leaves the unsigned zone as it is: the serial, TTLs and DNSKEYs in it cannot change",
                    "leave out --serial, -u, --max-ttl, --drop-foreign-keys and -Z",
                );
            }
        }
        let keys =
            !(self.key_files.is_empty() && self.ksk.is_empty() && self.zsk.is_empty() && self.csk.is_empty());
        if self.zonemd_only && (keys || nsec3 || !self.cds.is_empty() || self.all_keys || self.all_algorithms)
        {
            return fault(
                "-Z makes a ZONEMD and signs nothing",
                "leave out the keys and what is about signing, or -Z",
            );
        }
        Ok(())
    }

    fn signing(&self, now: Time, world: &World) -> Result<SigningRecipe, Failure> {
        let denial = if self.nsec3 || self.opt_out {
            let opt_out = match (self.opt_out, self.opt_out_flag) {
                (true, _) => OptOut::LeaveOut,
                (false, true) => OptOut::Flag,
                (false, false) => OptOut::No,
            };
            Denial::Nsec3(self.params(world)?, opt_out)
        } else {
            Denial::Nsec
        };
        let refresh = self.refresh.as_deref().map(|text| time::duration("--refresh", text)).transpose()?;
        Ok(SigningRecipe {
            validity: self.validity(now, world)?,
            spread: false,
            refresh,
            denial,
            cds: self.cds()?,
            dnskey_ttl: ttl("--dnskey-ttl", self.dnskey_ttl.as_deref())?,
            publish_keys: !self.no_dnskey,
            drop_foreign_keys: self.drop_foreign_keys,
            allow_incomplete: self.allow_incomplete,
            allow_tag_collision: self.allow_tag_collision,
        })
    }

    fn validity(&self, now: Time, world: &World) -> Result<Validity, Failure> {
        let time = |option, text: &Option<String>, default| {
            time::parse(option, text.as_deref().unwrap_or(default), now)
        };
        let inception = time("--inception", &self.inception, "-1h")?;
        let expiration = time("--expiration", &self.expiration, "+28d")?;
        let keys_expiration = match &self.dnskey_expiration {
            Some(text) => time::parse("--dnskey-expiration", text, now)?,
            None => expiration,
        };
        let jitter = time::duration("--jitter", &self.jitter)?;
        for (name, end) in [("expiration", expiration), ("DNSKEY expiration", keys_expiration)] {
            if end <= inception {
                return Err(usage(format!("the {name} {end} is not after the inception {inception}")));
            }
            // RRSIG times are serial numbers: beyond this distance, later would read as earlier (RFC 1982)
            if end.0 - inception.0 >= 1 << 31 {
                return Err(usage(
                    "signatures cannot be valid for more than 68 years (RFC 4034, section 3.1.5)",
                ));
            }
            if i64::from(jitter) >= end.0 - inception.0.max(now.0.min(end.0 - 1)) {
                return Err(usage(format!(
                    "--jitter {}: signatures would end before they hold",
                    self.jitter
                )));
            }
        }
        let end = Time(expiration.min(keys_expiration).0 - i64::from(jitter));
        if world.clock < inception || end < world.clock {
            let message = format!(
                "the signatures are valid from {inception} to {end}, and not now, at {}",
                world.clock
            );
            let hint = "validators that get this zone now will refuse it";
            if !world.now_given && self.inception.is_none() && self.expiration.is_none() && now != world.now {
                return Err(Fault::error(format!("{message}: SOURCE_DATE_EPOCH is of another time"))
                    .hint("unset it, or say with --now, -i or -e that this is meant")
                    .into());
            }
            world.report.fault(&Fault::warning(message).hint(hint));
        }
        Ok(Validity { inception, expiration, keys_expiration, jitter })
    }

    fn params(&self, world: &World) -> Result<Params, Failure> {
        let salt = options::salt("-s", &self.salt).map_err(Failure::Usage)?;
        let params = Params { iterations: self.iterations, salt };
        for warning in options::odd_params(&params, "-s -") {
            world.report.fault(&warning);
        }
        Ok(params)
    }

    fn cds(&self) -> Result<Vec<Publish>, Failure> {
        let mut publish = Vec::new();
        for word in &self.cds {
            let one = options::publish("--cds", word).map_err(Failure::Usage)?;
            if !publish.contains(&one) {
                publish.push(one);
            }
        }
        options::consistent("--cds", &publish).map_err(Failure::Usage)?;
        Ok(publish)
    }

    fn zonemd(&self) -> Result<Vec<Hash>, Failure> {
        let mut hashes = Vec::new();
        for text in &self.zonemd {
            options::add_zonemd("-z", text, &mut hashes).map_err(Failure::Usage)?;
        }
        if self.zonemd_only && hashes.is_empty() {
            hashes.push(Hash::Sha384);
        }
        Ok(hashes)
    }

    fn output_path(&self) -> Result<PathBuf, Failure> {
        let output = match &self.output {
            Some(output) => output.clone(),
            None if self.zone_file == Path::new("-") => {
                return Err(usage("-f FILE is needed where the zone is read from standard input"));
            }
            None => {
                let mut name = self.zone_file.clone().into_os_string();
                name.push(".signed");
                name.into()
            }
        };
        Ok(output)
    }
}

fn ttl(option: &str, text: Option<&str>) -> Result<Option<u32>, Failure> {
    text.map(|text| options::ttl(option, text)).transpose().map_err(Failure::Usage)
}
