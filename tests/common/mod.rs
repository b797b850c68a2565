//! What every test against the command line needs: the program itself, temp folders, the outside judges, the corpus.
//!
//! Four environment variables steer it:
//!
//! | variable | meaning |
//! |---|---|
//! | `ZONESEAL_JUDGES=required` | a judge that is not installed fails the test instead of skipping it |
//! | `ZONESEAL_CORPUS=required` | likewise for the corpus |
//! | `ZONESEAL_CORPUS_DIR=DIR` | the corpus is there, not in `../shared/corpus` |
//! | `ZONESEAL_BIN=FILE` | judge this build of the program (a release build, say) |
//!
//! What was skipped is said on stderr and written, one name a line, to `skipped-judges` in Cargo's folder for
//! temporary files of tests (`target/tmp`), so that `make test` can name it at the end.
#![allow(dead_code)] // each test program uses its own part of this

pub(crate) mod random;

use std::env;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs;
use std::io::{Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// How long one run of any program may take, unless a test says otherwise. It is there to catch what hangs: the largest
/// zones with RSA or P-384 take a judge most of a minute alone, and several tests share the cores.
pub(crate) const LIMIT: Duration = Duration::from_secs(600);

/// What a program did.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// The command line, for messages.
    pub(crate) command: String,
    /// The exit code; `None` if a signal ended it, or the time limit did.
    pub(crate) code: Option<i32>,
    /// Whether it was killed because its time was up.
    pub(crate) timed_out: bool,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Outcome {
    /// Exit code 0.
    pub(crate) fn ok(&self) -> bool {
        self.code == Some(0)
    }

    /// The outcome itself, if the exit code is 0; otherwise a failed test that shows all there is to see.
    #[track_caller]
    pub(crate) fn expect_ok(self, what: &str) -> Self {
        assert!(self.ok(), "{what}: {}", self.describe());
        self
    }

    /// The command, how it ended and what it printed.
    pub(crate) fn describe(&self) -> String {
        let mut text = format!("{}\n  {}", self.command, self.ending());
        for (name, output) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            for line in output.lines().take(20) {
                let _ = write!(text, "\n  {name}: {line}");
            }
        }
        text
    }

    /// How it ended, in a few words.
    pub(crate) fn ending(&self) -> String {
        match self.code {
            Some(code) => format!("exit {code}"),
            None if self.timed_out => "killed: time is up".to_owned(),
            None => "ended by a signal".to_owned(),
        }
    }

    /// The first line that says something went wrong, else the first line, else how it ended.
    pub(crate) fn gist(&self) -> String {
        let lines = || self.stderr.lines().chain(self.stdout.lines()).filter(|line| !line.trim().is_empty());
        let bad = |line: &&str| {
            let line = line.to_ascii_lowercase();
            ["error", "fail", "bogus", "missing", "invalid"].iter().any(|word| line.contains(word))
        };
        let line = lines().find(bad).or_else(|| lines().next()).unwrap_or_default();
        format!("{}: {}", self.ending(), line.trim())
    }
}

/// Runs a command to its end under a time limit and captures what it prints. stdin is empty.
pub(crate) fn run_limited(command: &mut Command, limit: Duration) -> Outcome {
    let shown = show(command);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("cannot start {shown}: {error}"));
    let stdout = drain(child.stdout.take().expect("stdout is piped"));
    let stderr = drain(child.stderr.take().expect("stderr is piped"));
    let (code, timed_out) = wait_limited(&mut child, limit);
    Outcome {
        command: shown,
        code,
        timed_out,
        stdout: stdout.join().expect("the reader of stdout does not panic"),
        stderr: stderr.join().expect("the reader of stderr does not panic"),
    }
}

fn wait_limited(child: &mut Child, limit: Duration) -> (Option<i32>, bool) {
    let start = Instant::now();
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(status) = child.try_wait().expect("a child can be waited for") {
            return (status.code(), false);
        }
        if start.elapsed() > limit {
            child.kill().expect("a running child can be killed");
            child.wait().expect("a killed child can be waited for");
            return (None, true);
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(20));
    }
}

fn drain(mut pipe: impl Read + Send + 'static) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        // a pipe that breaks has nothing more to say
        let _ = pipe.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

fn show(command: &Command) -> String {
    let mut shown = command.get_program().to_string_lossy().into_owned();
    for argument in command.get_args() {
        shown.push(' ');
        shown.push_str(&argument.to_string_lossy());
    }
    shown
}

/// The program under test, ready for its arguments, in the folder `folder`.
pub(crate) fn zoneseal(folder: &Path) -> Command {
    let program = env::var_os("ZONESEAL_BIN").unwrap_or_else(|| env!("CARGO_BIN_EXE_zoneseal").into());
    let mut command = Command::new(program);
    command.current_dir(folder).env_remove("SOURCE_DATE_EPOCH").env("NO_COLOR", "1");
    command
}

/// Runs the program in `folder` with these arguments.
pub(crate) fn run<I, S>(folder: &Path, arguments: I) -> Outcome
where
    I: IntoIterator<Item = S>,
    S: AsRef<OsStr>,
{
    run_limited(zoneseal(folder).args(arguments), LIMIT)
}

/// A new folder that goes when the value does; with `ZONESEAL_KEEP` set it stays, and its path is printed.
pub(crate) fn folder() -> TempDir {
    let mut folder =
        tempfile::Builder::new().prefix("zoneseal-test-").tempdir().expect("a temporary folder can be made");
    if env::var_os("ZONESEAL_KEEP").is_some() {
        folder.disable_cleanup(true);
        eprintln!("kept: {}", folder.path().display());
    }
    folder
}

/// Writes a file in a test's own folder and returns its path.
pub(crate) fn write(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    path
}

/// Reads a text file. Octets that are not UTF-8 are replaced: no test looks at those.
pub(crate) fn read(path: &Path) -> String {
    let bytes = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A KSK and a ZSK made by `zoneseal keygen` under `folder/keys`, in that order.
#[track_caller]
pub(crate) fn keygen(folder: &Path, algorithm: u8, origin: &str) -> Vec<PathBuf> {
    let outcome = run(folder, ["keygen", "-a", &algorithm.to_string(), "--keys", "keys", origin])
        .expect_ok("keygen makes a pair of keys");
    let keys: Vec<PathBuf> = outcome.stdout.lines().map(|line| folder.join(line.trim())).collect();
    assert_eq!(keys.len(), 2, "one path a line for each key of the pair: {}", outcome.describe());
    for key in &keys {
        assert!(key.is_file(), "keygen printed {}, which is no file", key.display());
    }
    keys
}

/// Runs `sign -o ORIGIN -f OUTPUT OPTIONS… ZONEFILE KEYS…`. `folder` is the current directory.
pub(crate) fn sign(
    folder: &Path,
    origin: &str,
    output: &Path,
    options: &[&str],
    zone_file: &Path,
    keys: &[PathBuf],
) -> Outcome {
    let mut command = zoneseal(folder);
    command.args(["sign", "-o", origin, "-f"]).arg(output).args(options).arg(zone_file).args(keys);
    run_limited(&mut command, LIMIT)
}

/// An outside tool that is installed here.
#[derive(Clone, Debug)]
pub(crate) struct Judge {
    pub(crate) name: &'static str,
    pub(crate) path: PathBuf,
}

impl Judge {
    /// Runs it in `folder`.
    pub(crate) fn run<I, S>(&self, folder: &Path, arguments: I) -> Outcome
    where
        I: IntoIterator<Item = S>,
        S: AsRef<OsStr>,
    {
        run_limited(Command::new(&self.path).current_dir(folder).args(arguments), LIMIT)
    }
}

/// The tool of this name, from `PATH` or the folders of system programs. `None`, said and noted, if it is not installed.
pub(crate) fn judge(name: &'static str) -> Option<Judge> {
    let path = env::var_os("PATH").unwrap_or_default();
    let system = ["/usr/local/sbin", "/usr/sbin", "/sbin"].map(PathBuf::from);
    let found =
        env::split_paths(&path).chain(system).map(|folder| folder.join(name)).find(|file| file.is_file());
    if found.is_none() {
        skip(name, "ZONESEAL_JUDGES", &format!("{name} is not installed"));
    }
    found.map(|path| Judge { name, path })
}

/// The folder of the corpus, which lies beside the project and is no part of it. `None`, said and noted, without it.
pub(crate) fn corpus() -> Option<PathBuf> {
    let folder = env::var_os("ZONESEAL_CORPUS_DIR")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus"), PathBuf::from);
    if folder.join("real/index.tsv").is_file() {
        return Some(folder);
    }
    skip("corpus", "ZONESEAL_CORPUS", "the corpus is not here");
    None
}

/// Says and notes what is missing; or fails, if the environment requires it.
pub(crate) fn skip(name: &str, variable: &str, why: &str) {
    static NOTES: Mutex<()> = Mutex::new(());
    assert!(env::var_os(variable).is_none_or(|value| value != "required"), "{why}, and {variable}=required");
    let _alone = NOTES.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    eprintln!("skipped: {why}");
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("skipped-judges");
    let noted = fs::read_to_string(&path).unwrap_or_default();
    if noted.lines().any(|line| line == name) {
        return;
    }
    let mut file = fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    writeln!(file, "{name}").unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}

/// A server of a test: killed, by its process id, when the value goes.
pub(crate) struct Server {
    child: Child,
    log: PathBuf,
}

impl Server {
    /// Starts it; both its outputs go to `log`.
    pub(crate) fn start(command: &mut Command, log: &Path) -> Self {
        let shown = show(command);
        let file = fs::File::create(log).unwrap_or_else(|error| panic!("{}: {error}", log.display()));
        let other = file.try_clone().expect("a file handle can be doubled");
        let child = command
            .stdin(Stdio::null())
            .stdout(file)
            .stderr(other)
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {shown}: {error}"));
        Self { child, log: log.to_owned() }
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until `ready` says yes. Fails the test, showing the log, if the server ends or 20 s pass.
    #[track_caller]
    pub(crate) fn wait_until(&mut self, mut ready: impl FnMut() -> bool) {
        let start = Instant::now();
        while !ready() {
            if let Some(status) = self.child.try_wait().expect("a child can be waited for") {
                panic!("the server ended ({status}):\n{}", self.log_tail());
            }
            assert!(
                start.elapsed() < Duration::from_secs(20),
                "the server is not ready:\n{}",
                self.log_tail()
            );
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// The last lines of its log.
    pub(crate) fn log_tail(&self) -> String {
        let log = read(&self.log);
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(40)..].join("\n")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // a request to end comes first: NSD's own children would outlive a parent that is simply killed
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        wait_limited(&mut self.child, Duration::from_secs(5));
    }
}
