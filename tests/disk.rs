//! What happens when the world gets in the way: a full disk, a limit, a signal, a pipe that closes, two runs
//! at once. The old file must be as it was, and nothing else be left.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

const ZONESEAL: &str = env!("CARGO_BIN_EXE_zoneseal");

/// A folder with a zone that takes RSA a while to sign, its keys, and an old signed file.
fn folder(hosts: usize) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut zone = "$TTL 1h\n@ SOA ns1 hostmaster 1 6h 1h 2w 1h\n@ NS ns1\nns1 A 192.0.2.1\n".to_owned();
    for host in 0..hosts {
        writeln!(zone, "h{host} A 192.0.2.2").unwrap();
    }
    fs::write(folder.path().join("big.example.zone"), zone).unwrap();
    fs::write(folder.path().join("big.example.zone.signed"), "old").unwrap();
    let made = run(folder.path(), &["keygen", "-a", "8", "big.example"]);
    assert!(made.status.success());
    folder
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(ZONESEAL).current_dir(folder).args(arguments).output().unwrap()
}

fn start(folder: &Path) -> Child {
    let mut command = Command::new(ZONESEAL);
    command.current_dir(folder).args(["sign", "big.example.zone"]).stderr(Stdio::piped()).spawn().unwrap()
}

fn wait_for(mut done: impl FnMut() -> bool) {
    let started = Instant::now();
    while !done() {
        assert!(started.elapsed() < Duration::from_secs(60), "it takes too long");
        thread::sleep(Duration::from_millis(2));
    }
}

fn temporary(folder: &Path) -> bool {
    folder.join(".big.example.zone.signed.zoneseal-new").exists()
}

fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").args(["-s", name, &child.id().to_string()]).status().unwrap().success());
}

fn assert_untouched(folder: &Path) {
    assert_eq!(fs::read_to_string(folder.join("big.example.zone.signed")).unwrap(), "old");
    assert!(!temporary(folder), "a temporary file is left");
}

#[test]
fn signals_leave_all_as_it_was() {
    let folder = folder(20_000);
    for name in ["INT", "TERM", "HUP"] {
        let child = start(folder.path());
        wait_for(|| temporary(folder.path()));
        signal(&child, name);
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("interrupted; nothing was changed"), "{said}");
        assert_untouched(folder.path());
    }
}

#[test]
fn a_kill_leaves_one_file_that_the_next_run_uses() {
    let folder = folder(2_000);
    for _ in 0..3 {
        let mut child = start(folder.path());
        wait_for(|| temporary(folder.path()));
        signal(&child, "KILL");
        child.wait().unwrap();
        assert_eq!(fs::read_to_string(folder.path().join("big.example.zone.signed")).unwrap(), "old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 4, "zone, keys, old file, temporary file");
    }
    assert!(run(folder.path(), &["sign", "big.example.zone"]).status.success());
    assert!(!temporary(folder.path()));
}

#[test]
fn two_runs_do_not_write_one_file() {
    let folder = folder(20_000);
    let mut first = start(folder.path());
    wait_for(|| temporary(folder.path()));
    let second = run(folder.path(), &["sign", "big.example.zone"]);
    let said = String::from_utf8_lossy(&second.stderr).into_owned();
    assert_eq!(second.status.code(), Some(1), "{said}");
    assert!(said.contains("another zoneseal is writing this file"), "{said}");
    assert!(temporary(folder.path()), "the second run must not remove the first one's file");
    signal(&first, "TERM");
    first.wait().unwrap();
    assert_untouched(folder.path());
}

#[test]
fn a_limit_or_a_full_disk_is_an_error() {
    let folder = folder(50);
    let limited = Command::new("sh")
        .current_dir(folder.path())
        .args(["-c", "ulimit -f 8; exec \"$0\" sign big.example.zone 2>&1 | cat", ZONESEAL])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&limited.stdout).into_owned();
    assert!(said.contains("the system does not allow a file this large"), "{said}");
    assert_untouched(folder.path());
    if Path::new("/dev/full").exists() {
        let full = run(folder.path(), &["sign", "-f", "/dev/full", "big.example.zone"]);
        assert_eq!(full.status.code(), Some(1));
        assert!(String::from_utf8_lossy(&full.stderr).contains("the disk is full"));
    }
}

#[test]
fn a_pipe_that_closes_is_no_error() {
    let folder = folder(50);
    let mut command = Command::new(ZONESEAL);
    command.current_dir(folder.path()).args(["sign", "-f", "-", "big.example.zone"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    // the reader is dropped with its line: the pipe closes
    BufReader::with_capacity(64, child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(line.contains("SOA") && output.status.success(), "{said}");
    assert!(!said.contains("error"), "{said}");
}
