//! The signers that are compared: zoneseal, and its peers where they are installed. Each makes keys of its
//! own, a KSK and a ZSK for P-256, and signs with as many threads as it is given.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A zone to sign.
#[derive(Debug)]
pub(crate) struct Zone<'a> {
    /// Its name.
    pub(crate) name: &'a str,
    /// The text.
    pub(crate) file: &'a Path,
}

/// A signer.
pub(crate) struct Signer {
    /// The program, which is also its name in the table.
    pub(crate) program: &'static str,
    /// What to say of how it is run.
    pub(crate) remark: &'static str,
    /// Makes keys in a folder that is its own, and returns the command that signs with them.
    prepare: fn(&Zone<'_>, &Path, &Path) -> Result<Command, String>,
}

/// All that are known; the first is ours.
pub(crate) const SIGNERS: [Signer; 5] = [
    Signer { program: "zoneseal", remark: "as it comes: all cores, output checked", prepare: zoneseal },
    Signer { program: "ldns-signzone", remark: "one thread", prepare: ldns },
    Signer { program: "dnssec-signzone", remark: "-n 2, output verified, as it comes", prepare: bind },
    Signer { program: "kzonesign", remark: "signing-threads 2", prepare: knot },
    Signer { program: "dnst", remark: "signzone, as it comes", prepare: dnst },
];

impl Signer {
    /// Whether it can be run here.
    pub(crate) fn is_installed(&self) -> bool {
        self.program == "zoneseal" || find(self.program).is_some()
    }

    /// The command that signs `zone` into the file returned; keys are made in `dir`, and the file too.
    pub(crate) fn command(&self, zone: &Zone<'_>, dir: &Path) -> Result<(Command, PathBuf), String> {
        let dir = dir.join(self.program).join(zone.name);
        match fs::remove_dir_all(&dir) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.to_string()),
            _ => fs::create_dir_all(&dir).map_err(|error| error.to_string())?,
        }
        let out = dir.join(format!("{}.zone", zone.name));
        Ok(((self.prepare)(zone, &dir, &out)?, out))
    }
}

/// Where a program is; some lie where only administrators look.
fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let dirs = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/usr/local/sbin".into()]);
    dirs.map(|dir| dir.join(program)).find(|path| path.is_file())
}

fn command(program: &str) -> Command {
    Command::new(find(program).unwrap_or_else(|| program.into()))
}

/// What a command prints, without white space at the ends.
fn output(command: &mut Command) -> Result<String, String> {
    let output = command.stdin(Stdio::null()).output().map_err(|error| format!("{command:?}: {error}"))?;
    if !output.status.success() {
        return Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr).trim()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn zoneseal(zone: &Zone<'_>, dir: &Path, out: &Path) -> Result<Command, String> {
    let program = env!("CARGO_BIN_EXE_zoneseal");
    output(Command::new(program).arg("keygen").arg("--keys").arg(dir).arg(zone.name))?;
    let mut command = Command::new(program);
    command.args(["sign", "-q", "-o", zone.name, "--keys"]).arg(dir).arg("-f").arg(out).arg(zone.file);
    Ok(command)
}

fn ldns(zone: &Zone<'_>, dir: &Path, out: &Path) -> Result<Command, String> {
    let mut signer = command("ldns-signzone");
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
    signer.args(["-q", "-n", "2", "-S", "-o", zone.name, "-K"]).arg(dir).arg("-f").arg(out).arg(zone.file);
    // where it notes the DS records, which it would do in the current folder
    signer.current_dir(dir);
    Ok(signer)
}

fn knot(zone: &Zone<'_>, dir: &Path, out: &Path) -> Result<Command, String> {
    let conf = dir.join("knot.conf");
    let file = zone.file.canonicalize().map_err(|error| error.to_string())?;
    let text = format!(
        "server:\n    rundir: {dir}\ndatabase:\n    storage: {dir}/keys\n\
         policy:\n  - id: bench\n    manual: on\n    algorithm: ecdsap256sha256\n    signing-threads: 2\n\
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
    signer.args(["signzone", "-o", zone.name, "-f"]).arg(out).arg(zone.file);
    for ksk in [&["-k"][..], &[]] {
        let mut keygen = command("dnst");
        keygen.current_dir(dir).args(["keygen", "-a", "ECDSAP256SHA256"]).args(ksk).arg(zone.name);
        signer.arg(dir.join(output(&mut keygen)?));
    }
    Ok(signer)
}
