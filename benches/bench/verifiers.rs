//! The verifiers that are compared: zoneseal, and its peers where they are installed. All read the same file,
//! which zoneseal signed; each with as many threads as it can be given.
//!
//! validns knows no algorithm of elliptic curves, so it has a table of its own, with a zone signed with RSA.

use crate::compare::{self, Contestant, Race};
use crate::limit::{self, Limit};
use crate::peers::{command, is_installed};
use crate::process::{self, Build};
use crate::signers::{Zone, by_zoneseal};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A verifier.
struct Verifier {
    /// The program, which is also its name in the table.
    program: &'static str,
    /// What to say of how it is run.
    remark: &'static str,
    /// What stands between the program and the file; ZONE and CORES stand for these.
    arguments: &'static [&'static str],
}

/// Ours.
fn own(build: Build) -> Verifier {
    let remark = build.remark("verify, as it comes: all cores");
    Verifier { program: build.name(), remark, arguments: &["verify", "-o", "ZONE"] }
}

/// Those that know P-256.
const PEERS: [Verifier; 3] = [
    Verifier { program: "dnssec-verify", remark: "one thread", arguments: &["-q", "-o", "ZONE"] },
    Verifier { program: "ldns-verify-zone", remark: "one thread", arguments: &["-V", "1"] },
    Verifier {
        program: "kzonecheck",
        remark: "-d on, all cores, as it comes",
        arguments: &["-d", "on", "-o", "ZONE"],
    },
];

/// Those that know RSA alone.
const OLD_PEERS: [Verifier; 1] = [Verifier {
    program: "validns",
    remark: "-n, as many as there are cores",
    arguments: &["-n", "CORES", "-z", "ZONE"],
}];

/// Signs a zone, verifies it with zoneseal, and with its peers if they are wanted and installed, `rounds` times, and
/// prints what it took. Keys and signed zones go to `dir`.
pub(crate) fn compare(zone: &Zone<'_>, with_peers: bool, dir: &Path, rounds: usize) -> Result<(), String> {
    let dir = dir.join("verify");
    let p256 = sign(zone, "ECDSAP256SHA256", &dir.join("ecdsa"))?;
    let peers = if with_peers { &PEERS[..] } else { &[] };
    race(zone, "ECDSAP256SHA256", &p256, peers, rounds, limit::verifying_p256)?;
    if !with_peers || !OLD_PEERS.iter().any(|peer| is_installed(peer.program)) {
        return Ok(());
    }
    let rsa = sign(zone, "RSASHA256", &dir.join("rsa"))?;
    let key = a_key(&dir.join("rsa").join(zone.name))?;
    race(zone, "RSASHA256", &rsa, &OLD_PEERS, rounds, |count| limit::verifying_rsa(&key, count))
}

/// The zone, signed with new keys of an algorithm, both in `dir`.
fn sign(zone: &Zone<'_>, algorithm: &str, dir: &Path) -> Result<PathBuf, String> {
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.to_string()),
        _ => fs::create_dir_all(dir).map_err(|error| error.to_string())?,
    }
    let out = dir.join("signed.zone");
    process::run(&by_zoneseal(Build::Plain, zone, algorithm, dir, &out)?)?;
    Ok(out)
}

/// One of the keys in a folder.
fn a_key(dir: &Path) -> Result<PathBuf, String> {
    let files = fs::read_dir(dir).map_err(|error| format!("{}: {error}", dir.display()))?;
    let mut keys = files.filter_map(|file| Some(file.ok()?.path()));
    keys.next().ok_or_else(|| format!("{}: there is no key", dir.display()))
}

fn race(
    zone: &Zone<'_>,
    algorithm: &str,
    signed: &Path,
    peers: &[Verifier],
    rounds: usize,
    limit: impl Fn(usize) -> Result<Limit, String>,
) -> Result<(), String> {
    let entrant = |verifier: &Verifier, program| {
        let command = verifier.command(program, zone, signed);
        Contestant::new(verifier.program, verifier.remark, command, signed.into())
    };
    let ours = Build::all().map(|build| entrant(&own(build), build.command()));
    let installed = peers.iter().filter(|peer| is_installed(peer.program));
    let contestants = ours.chain(installed.map(|peer| entrant(peer, command(peer.program))));
    let heading = format!("verifying {}, {algorithm}", zone.name);
    let race = Race { heading, role: "verifier", contestants: contestants.collect() };
    compare::run(race, rounds, limit)
}

impl Verifier {
    fn command(&self, mut program: Command, zone: &Zone<'_>, signed: &Path) -> Command {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get).to_string();
        program.args(self.arguments.iter().map(|&argument| match argument {
            "ZONE" => zone.name,
            "CORES" => &cores,
            other => other,
        }));
        program.arg(signed);
        program
    }
}
