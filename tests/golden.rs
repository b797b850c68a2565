//! Golden cases: what `zoneseal` says and writes, word for word.
//!
//! Each folder of `tests/golden/` is one lesson, or one fault. It holds `cmd`, the arguments of zoneseal as
//! they would be typed in that folder (`< FILE` is standard input), the files that they name, `name`, if the
//! program is called by another name, `env`, if it has environment variables (`NAME=VALUE`, a line each), and
//! what is to come of it: `status` (0 if there is none), `stdout`, `stderr` (nothing if there are none) and, in
//! `expect/`, each file that is new or other than before. Any further file, or a change of one that
//! `expect/` does not have, is a failure: so a run that fails must leave all as it was.
//!
//! A case runs in a copy of its folder. `ZONESEAL_BLESS=1 cargo test --test golden` writes what came of it
//! as the new expectation, to be read before it is committed. Key files here are samples.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

/// Files by name. In a case's folder: what is there; of a run: also what it printed.
type Files = BTreeMap<String, Vec<u8>>;

/// Names in a case's folder that are not input.
const NO_INPUT: [&str; 6] = ["cmd", "name", "env", "status", "stdout", "stderr"];

#[test]
fn golden_cases() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let bless = std::env::var_os("ZONESEAL_BLESS").is_some();
    let mut names: Vec<String> =
        fs::read_dir(&folder).unwrap().map(|case| case.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert!(names.len() > 50, "the cases are in {}", folder.display());
    let mut failed = 0;
    for name in &names {
        let case = folder.join(name);
        let found = run(&case);
        let expected = expected(&case);
        // what no case may ever do, blessed or not
        let wrong = broken_promise(&found).or_else(|| told_secret(&case, &found));
        if bless && wrong.is_none() {
            write_expectations(&case, &found);
        } else if found != expected || wrong.is_some() {
            failed += 1;
            let command = String::from_utf8(fs::read(case.join("cmd")).unwrap()).unwrap();
            eprintln!("---- {name}: zoneseal {}", command.trim_end());
            eprint!("{}{}", wrong.unwrap_or_default(), differences(&expected, &found));
        }
    }
    assert_eq!(failed, 0, "of {} golden cases so many are not as they were", names.len());
}

/// What is to come of a case.
fn expected(case: &Path) -> Files {
    let mut files = Files::new();
    for name in ["status", "stdout", "stderr"] {
        let default: &[u8] = if name == "status" { b"0\n" } else { b"" };
        files.insert(name.into(), fs::read(case.join(name)).unwrap_or(default.to_vec()));
    }
    for (name, octets) in files_in(&case.join("expect")) {
        files.insert(format!("expect/{name}"), octets);
    }
    files
}

/// What comes of it.
fn run(case: &Path) -> Files {
    let temp = tempfile::tempdir().unwrap();
    let mut before = files_in(case);
    before.retain(|name, _| !NO_INPUT.contains(&name.as_str()) && !name.starts_with("expect/"));
    for (name, octets) in &before {
        let path = temp.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, octets).unwrap();
        // git keeps no such modes
        #[allow(clippy::case_sensitive_file_extension_comparisons, reason = "the cases are named by us")]
        let secret = name.ends_with(".pem") || name.ends_with(".private");
        let mode = if secret && !name.starts_with("open.") { 0o600 } else { 0o644 };
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    }
    let line = fs::read_to_string(case.join("cmd")).unwrap();
    let (arguments, input) =
        line.trim_end().split_once(" < ").map_or((line.trim_end(), None), |(a, i)| (a, Some(i)));
    let (links, text) = (tempfile::tempdir().unwrap(), |name| fs::read_to_string(case.join(name)));
    let mut program = Path::new(env!("CARGO_BIN_EXE_zoneseal")).to_owned();
    if let Ok(name) = text("name") {
        let link = links.path().join(name.trim_end());
        std::os::unix::fs::symlink(program, &link).unwrap();
        program = link;
    }
    let mut command = Command::new(program);
    command.envs(text("env").unwrap_or_default().lines().filter_map(|line| line.split_once('=')));
    command.args(arguments.split(' ').filter(|word| !word.is_empty())).current_dir(temp.path());
    command.stdin(match input {
        Some(file) => Stdio::from(fs::File::open(temp.path().join(file)).unwrap()),
        None => Stdio::null(),
    });
    let output = command.env_remove("NO_COLOR").env_remove("COLUMNS").output().unwrap();
    let mut found = Files::new();
    let status = output.status.code().map_or("killed".into(), |code| code.to_string());
    found.insert("status".into(), format!("{status}\n").into_bytes());
    found.insert("stdout".into(), output.stdout);
    found.insert("stderr".into(), without_clock(&output.stderr));
    let after = files_in(temp.path());
    for (name, octets) in &after {
        if before.get(name) != Some(octets) {
            found.insert(format!("expect/{name}"), octets.clone());
        }
    }
    for name in before.keys().filter(|name| !after.contains_key(*name)) {
        found.insert(format!("expect/{name}"), b"(removed)\n".to_vec());
    }
    found
}

/// All files at or below a folder that may not be there, hidden ones too.
fn files_in(folder: &Path) -> Files {
    let walk = walkdir::WalkDir::new(folder).into_iter().filter_map(Result::ok);
    walk.filter(|entry| !entry.file_type().is_dir())
        .map(|entry| {
            let name = entry.path().strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
            (name, fs::read(entry.path()).unwrap())
        })
        .collect()
}

/// What depends on the system's clock: the summary's time taken becomes `0.00 s`, and the warning that
/// signatures are not valid now goes, as it comes only some day (`tests/clock.rs` proves that it does).
fn without_clock(text: &[u8]) -> Vec<u8> {
    let text = String::from_utf8(text.to_vec()).expect("messages are UTF-8");
    let mut out = String::new();
    let clock = |line: &str| {
        line.starts_with("warning: the signatures are valid from ")
            || line.starts_with("hint: validators that get this zone now")
    };
    for line in text.split_inclusive('\n').filter(|line| !clock(line)) {
        let taken = line
            .trim_end()
            .rsplit_once(", ")
            .filter(|(_, last)| last.strip_suffix(" s").is_some_and(|number| number.parse::<f64>().is_ok()));
        match taken {
            Some((head, _)) => writeln!(out, "{head}, 0.00 s").unwrap(),
            None => out.push_str(line),
        }
    }
    out.into_bytes()
}

/// The base64 lines of the case's key files must not be in any message.
fn told_secret(case: &Path, found: &Files) -> Option<String> {
    let said = [&found["stdout"], &found["stderr"]].map(|text| String::from_utf8_lossy(text).into_owned());
    let keys = files_in(case).into_iter();
    let keys = keys.filter(|(name, _)| name.ends_with("pem") || name.ends_with("private"));
    let text: Vec<String> = keys.map(|(_, text)| String::from_utf8_lossy(&text).into_owned()).collect();
    let encoded = |word: &&str| {
        word.len() >= 40 && word.chars().all(|c| c.is_ascii_alphanumeric() || "+/=".contains(c))
    };
    let mut secrets =
        text.iter().flat_map(|text| text.split(|c: char| c.is_whitespace() || c == '-')).filter(encoded);
    let told = secrets.any(|secret| said.iter().any(|said| said.contains(&secret[16..40])));
    told.then(|| "it tells a secret\n".into())
}

/// What must never happen: a panic, a half-written file, a new file or a lost one after a failure.
fn broken_promise(found: &Files) -> Option<String> {
    let stderr = String::from_utf8_lossy(&found["stderr"]);
    if stderr.contains("panicked") || found["status"].starts_with(b"killed") {
        return Some(format!("it panicked: {stderr}\n"));
    }
    if let Some(name) = found.keys().find(|name| name.ends_with(".zoneseal-new")) {
        return Some(format!("a temporary file is left: {name}\n"));
    }
    let changed = found.keys().find(|name| name.starts_with("expect/"));
    changed.filter(|_| found["status"] != b"0\n").map(|name| format!("it failed, and changed {name}\n"))
}

fn write_expectations(case: &Path, found: &Files) {
    let _ = fs::remove_dir_all(case.join("expect"));
    for (name, octets) in found {
        let path = case.join(name);
        let default: &[u8] = if name == "status" { b"0\n" } else { b"" };
        if octets == default && !name.starts_with("expect/") {
            let _ = fs::remove_file(path);
            continue;
        }
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, octets).unwrap();
    }
}

/// For people: the lines that are expected and not found (`-`), and found and not expected (`+`).
fn differences(expected: &Files, found: &Files) -> String {
    let mut out = String::new();
    let names: std::collections::BTreeSet<&String> = expected.keys().chain(found.keys()).collect();
    for name in names {
        let (old, new) = (expected.get(name), found.get(name));
        if old == new {
            continue;
        }
        let text = |octets: Option<&Vec<u8>>| {
            String::from_utf8_lossy(octets.map_or(&[], Vec::as_slice)).into_owned()
        };
        let (old_text, new_text) = (text(old), text(new));
        let (old_lines, new_lines): (Vec<&str>, Vec<&str>) =
            (old_text.lines().collect(), new_text.lines().collect());
        let same = |(a, b): &(&&str, &&str)| a == b;
        let head = old_lines.iter().zip(&new_lines).take_while(same).count();
        let tail =
            old_lines[head..].iter().rev().zip(new_lines[head..].iter().rev()).take_while(same).count();
        writeln!(out, "{name}, from line {}:", head + 1).unwrap();
        for line in &old_lines[head..old_lines.len() - tail] {
            writeln!(out, "  - {line}").unwrap();
        }
        for line in &new_lines[head..new_lines.len() - tail] {
            writeln!(out, "  + {line}").unwrap();
        }
    }
    out
}
