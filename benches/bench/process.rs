//! What a whole process takes. The kernel tells a parent what its children took together, and of memory
//! the most that one of them had; so each process measured has a parent of its own: this program once
//! more, as `bench measure PROGRAM ARGUMENT...`.

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

/// The word that makes this program such a parent.
pub(crate) const MEASURE: &str = "measure";

/// A build of zoneseal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Build {
    /// The one that `ZONESEAL_BIN` names, or that Cargo built with this.
    Plain,
    /// The one that `ZONESEAL_FAST` names: what `make fast` makes.
    Fast,
}

impl Build {
    /// Those there are; the plain one is first.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        [Self::Plain, Self::Fast].into_iter().filter(|build| build.file().is_some())
    }

    /// What it is called in tables.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Plain => "zoneseal",
            Self::Fast => "zoneseal (fast)",
        }
    }

    /// What to say of how it is run, if `plain` says it of the plain build.
    pub(crate) fn remark(self, plain: &'static str) -> &'static str {
        match self {
            Self::Plain => plain,
            Self::Fast => "likewise, as `make fast` builds it",
        }
    }

    /// A command of it, without arguments.
    pub(crate) fn command(self) -> Command {
        Command::new(self.file().unwrap_or_else(|| self.name().into()))
    }

    fn file(self) -> Option<PathBuf> {
        let named = |variable| {
            let file = std::env::var_os(variable).filter(|file| !file.is_empty())?;
            std::path::absolute(file).ok()
        };
        match self {
            Self::Plain => named("ZONESEAL_BIN").or_else(|| Some(env!("CARGO_BIN_EXE_zoneseal").into())),
            Self::Fast => named("ZONESEAL_FAST"),
        }
    }
}

/// What a process took, its children included.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    /// Seconds on the clock.
    pub(crate) wall: f64,
    /// Seconds of processor time, user's and system's.
    pub(crate) cpu: f64,
    /// The most memory held, in MB: 10^6 octets.
    pub(crate) memory: f64,
}

/// Runs a command to its end.
pub(crate) fn run(command: &Command) -> Result<Usage, String> {
    let shown = format!("{command:?}");
    let own = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut parent = Command::new(own);
    parent.arg(MEASURE).arg(command.get_program()).args(command.get_args());
    if let Some(dir) = command.get_current_dir() {
        parent.current_dir(dir);
    }
    let output = parent.stdin(Stdio::null()).output().map_err(|error| format!("{shown}: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let numbers: Vec<f64> = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    match numbers[..] {
        [wall, cpu, octets] if output.status.success() => Ok(Usage { wall, cpu, memory: octets / 1e6 }),
        _ => Err(format!("{shown}: {}", String::from_utf8_lossy(&output.stderr).trim())),
    }
}

/// The parent's part: runs the command, prints what it took.
pub(crate) fn measure(mut arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let Some(program) = arguments.next() else { return ExitCode::from(2) };
    let start = Instant::now();
    let status = Command::new(&program).args(arguments).stdout(Stdio::null()).status();
    let wall = start.elapsed().as_secs_f64();
    match (status, getrusage(UsageWho::RUSAGE_CHILDREN)) {
        (Ok(status), Ok(usage)) if status.success() => {
            let cpu = (usage.user_time() + usage.system_time()).num_microseconds();
            println!("{wall} {}.{:06} {}", cpu / 1_000_000, cpu % 1_000_000, usage.max_rss() * 1024);
            ExitCode::SUCCESS
        }
        (Ok(_), _) => ExitCode::FAILURE,
        (Err(error), _) => {
            eprintln!("{}: {error}", program.display());
            ExitCode::FAILURE
        }
    }
}
