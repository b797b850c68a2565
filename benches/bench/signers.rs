//! The signers that are compared: zoneseal, and its peers where they are installed. Each makes keys of its
//! own, a KSK and a ZSK for P-256, and signs with as many threads as it is given.

use crate::compare::{self, Contestant, Race};
use crate::limit;
use crate::peers::{command, is_installed, output};
use crate::process::Build;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A zone to sign.
#[derive(Debug)]
pub(crate) struct Zone<'a> {
    /// Its name.
    pub(crate) name: &'a str,
    /// The text.
    pub(crate) file: &'a Path,
    /// The chain that it gets.
    pub(crate) denial: Denial,
}

/// Kinds of chains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Denial {
    Nsec,
    Nsec3,
    /// NSEC3 without the insecure delegations.
    OptOut,
}

impl Denial {
    /// What people call it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Nsec => "NSEC",
            Self::Nsec3 => "NSEC3",
            Self::OptOut => "NSEC3 with opt-out",
        }
    }
}

/// A signer.
struct Signer {
    /// The program, which is also its name in the table.
    program: &'static str,
    /// What to say of how it is run.
    remark: &'static str,
    /// Makes keys in a folder that is its own, and returns the command that signs with them.
    prepare: fn(&Zone<'_>, &Path, &Path) -> Result<Command, String>,
}

/// Ours, one for each build.
fn own(build: Build) -> Signer {
    Signer {
        program: build.name(),
        remark: build.remark("as it comes: all cores, output checked"),
        prepare: match build {
            Build::Plain => |zone, dir, out| by_zoneseal(Build::Plain, zone, "ECDSAP256SHA256", dir, out),
            Build::Fast => |zone, dir, out| by_zoneseal(Build::Fast, zone, "ECDSAP256SHA256", dir, out),
        },
    }
}

/// All others that are known.
const PEERS: [Signer; 4] = [
    Signer { program: "ldns-signzone", remark: "one thread", prepare: ldns },
    Signer { program: "dnssec-signzone", remark: "-n 2, output verified, as it comes", prepare: bind },
    Signer { program: "kzonesign", remark: "signing-threads 2", prepare: knot },
    Signer { program: "dnst", remark: "signzone, as it comes", prepare: dnst },
];

/// Signs a zone with zoneseal, and with its peers if they are wanted and installed, `rounds` times, and prints
/// what it took. Keys and signed zones go to `dir`.
pub(crate) fn compare(zone: &Zone<'_>, with_peers: bool, dir: &Path, rounds: usize) -> Result<(), String> {
    let mut contestants = Vec::new();
    let peers = PEERS.into_iter().filter(|signer| with_peers && is_installed(signer.program));
    for signer in Build::all().map(own).chain(peers) {
        match signer.command(zone, dir) {
            Ok((command, out)) => {
                contestants.push(Contestant::new(signer.program, signer.remark, command, out));
            }
            Err(message) => eprintln!("{} is left out: {message}", signer.program),
        }
    }
    let heading = format!("signing {}, {}", zone.name, zone.denial.name());
    compare::run(Race { heading, role: "signer", contestants }, rounds, limit::signing)
}

impl Signer {
    /// The command that signs `zone` into the file returned; keys are made in `dir`, and the file too.
    fn command(&self, zone: &Zone<'_>, dir: &Path) -> Result<(Command, PathBuf), String> {
        let dir = dir.join(self.program).join(zone.name);
        match fs::remove_dir_all(&dir) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.to_string()),
            _ => fs::create_dir_all(&dir).map_err(|error| error.to_string())?,
        }
        let out = dir.join(format!("{}.zone", zone.name));
        Ok(((self.prepare)(zone, &dir, &out)?, out))
    }
}

/// The command that signs `zone` with zoneseal, into `out`, with keys of this algorithm made in `dir`.
pub(crate) fn by_zoneseal(
    build: Build,
    zone: &Zone<'_>,
    algorithm: &str,
    dir: &Path,
    out: &Path,
) -> Result<Command, String> {
    output(build.command().args(["keygen", "-a", algorithm, "--keys"]).arg(dir).arg(zone.name))?;
    let mut command = build.command();
    command.args(["sign", "-q", "-o", zone.name, "--keys"]).arg(dir).arg("-f").arg(out);
    command.args(match zone.denial {
        Denial::Nsec => &[][..],
        Denial::Nsec3 => &["-n"],
        Denial::OptOut => &["-P"],
    });
    command.arg(zone.file);
    Ok(command)
}

fn ldns(zone: &Zone<'_>, dir: &Path, out: &Path) -> Result<Command, String> {
    let mut signer = command("ldns-signzone");
    signer.args(match zone.denial {
        Denial::Nsec => &[][..],
        Denial::Nsec3 => &["-n"],
        Denial::OptOut => return Err("it leaves no delegation out".into()),
    });
    signer.args(["-o", zone.name, "-f"]).arg(out).arg(zone.file);
    for ksk in [&["-k"][..], &[]] {
        let mut keygen = command("ldns-keygen");
        keygen.current_dir(dir).args(["-a", "ECDSAP256SHA256"]).args(ksk).arg(zone.name);
        signer.arg(dir.join(output(&mut keygen)?));
    }
    Ok(signer)
}

fn bind(zone: &Zone<'_>, dir: &Path, out: &Path) -> Result<Command, String> {
    for ksk in [&["-f", "KSK"][..], &[]] {
        let mut keygen = command("dnssec-keygen");
        output(keygen.args(["-q", "-a", "ECDSAP256SHA256", "-K"]).arg(dir).args(ksk).arg(zone.name))?;
    }
    let mut signer = command("dnssec-signzone");
    signer.args(["-q", "-n", "2", "-S", "-o", zone.name, "-K"]).arg(dir).arg("-f").arg(out);
    signer.args(match zone.denial {
        Denial::Nsec => &[][..],
        Denial::Nsec3 => &["-3", "-"],
        Denial::OptOut => &["-3", "-", "-A"],
    });
    signer.arg(zone.file);
    // where it notes the DS records, which it would do in the current folder
    signer.current_dir(dir);
    Ok(signer)
}

fn knot(zone: &Zone<'_>, dir: &Path, out: &Path) -> Result<Command, String> {
    let conf = dir.join("knot.conf");
    let file = zone.file.canonicalize().map_err(|error| error.to_string())?;
    let nsec3 = match zone.denial {
        Denial::Nsec => "",
        Denial::Nsec3 => "    nsec3: on\n    nsec3-salt-length: 0\n",
        Denial::OptOut => "    nsec3: on\n    nsec3-salt-length: 0\n    nsec3-opt-out: on\n",
    };
    let text = format!(
        "server:\n    rundir: {dir}\ndatabase:\n    storage: {dir}/keys\n\
         policy:\n  - id: bench\n    manual: on\n    algorithm: ecdsap256sha256\n    signing-threads: 2\n{nsec3}\
         zone:\n  - domain: {name}\n    file: {file}\n    dnssec-signing: on\n    dnssec-policy: bench\n",
        dir = dir.display(),
        name = zone.name,
        file = file.display(),
    );
    let written = fs::write(&conf, text).and_then(|()| fs::create_dir(dir.join("keys")));
    written.map_err(|error| error.to_string())?;
    for ksk in ["ksk=yes", "ksk=no"] {
        let zsk = if ksk == "ksk=yes" { "zsk=no" } else { "zsk=yes" };
        let mut keymgr = command("keymgr");
        keymgr.arg("-c").arg(&conf).args([zone.name, "generate", "algorithm=ECDSAP256SHA256", ksk, zsk]);
        output(&mut keymgr)?;
    }
    let folder = out.parent().unwrap_or(dir);
    let mut signer = command("kzonesign");
    signer.arg("-c").arg(&conf).arg("-o").arg(folder).arg(zone.name);
    Ok(signer)
}

fn dnst(zone: &Zone<'_>, dir: &Path, out: &Path) -> Result<Command, String> {
    let mut signer = command("dnst");
    signer.args(["signzone", "-o", zone.name, "-f"]).arg(out);
    signer.args(match zone.denial {
        Denial::Nsec => &[][..],
        Denial::Nsec3 => &["-n"],
        Denial::OptOut => &["-n", "-P"],
    });
    signer.arg(zone.file);
    for ksk in [&["-k"][..], &[]] {
        let mut keygen = command("dnst");
        keygen.current_dir(dir).args(["keygen", "-a", "ECDSAP256SHA256"]).args(ksk).arg(zone.name);
        signer.arg(dir.join(output(&mut keygen)?));
    }
    Ok(signer)
}
