//! Damaged zone files and key files, and bombs: each ends in an answer, within bounded time and memory.
//!
//! The seeds are those of the fuzz targets, in `fuzz/corpus/`, and so are the rules that must hold
//! (`fuzz/rules.rs`): no panic, faults with words and a place, and what is accepted survives being written and
//! read. The damage is the same on every run; `ZONESEAL_SEED=N` does other damage.

#[path = "common/random.rs"]
mod random;
#[path = "../fuzz/rules.rs"]
mod rules;

use random::Random;
use rules::Outcome;
use std::fmt::Write as _;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use zoneseal::dns::NameBuf;
use zoneseal::zonefile::reader::Reader;

/// No input of a few kilobytes may take longer, be the machine ever so busy.
const AT_MOST: Duration = Duration::from_secs(10);

/// Words that mean something, and numbers at the edges of what a field holds.
const WORDS: [&str; 40] = [
    "$TTL",
    "$ORIGIN",
    "$INCLUDE",
    "$GENERATE",
    "${0,3,n}",
    "@",
    "*",
    ".",
    "\\",
    "\\# 2",
    "\"",
    "(",
    ")",
    ";",
    "\r",
    "\0",
    "\n",
    " ",
    "IN",
    "CH",
    "SOA",
    "NS",
    "CNAME",
    "DNAME",
    "DS",
    "TYPE65280",
    "RRSIG",
    "1h30m",
    "-1",
    "0",
    "255",
    "256",
    "65535",
    "65536",
    "2147483648",
    "4294967296",
    "18446744073709551616",
    "-----BEGIN ",
    "Zone:",
    "PrivateKey:",
];

/// Damages a text in one of several ways, once or a few times; `other` is another text of the corpus.
fn damage(random: &mut Random, text: &[u8], other: &[u8]) -> Vec<u8> {
    let mut text = text.to_vec();
    for _ in 0..=random.below(2) {
        let at = random.below(text.len() + 1);
        let end = (at + 1 + random.below(60)).min(text.len());
        match random.below(9) {
            // bits
            0 if at < text.len() => text[at] ^= 1 << random.below(8),
            1 if at < text.len() => text[at] = random.below(256).to_le_bytes()[0],
            // stretches: taken out, doubled many times over, put in from elsewhere, cut off
            2 => drop(text.drain(at.min(end)..end)),
            3 => {
                let stretch = text[at.min(end)..end].repeat(1 + random.below(30));
                text.splice(at..at, stretch);
            }
            4 => {
                let from = random.below(other.len() + 1);
                let to = (from + random.below(200)).min(other.len());
                text.splice(at..end.max(at), other[from..to].iter().copied());
            }
            5 if random.below(4) == 0 => text.truncate(at),
            // words: put in, put in another's place, swapped
            6 => drop(text.splice(at..at, random.one(&WORDS).bytes())),
            7 => {
                let word = word_at(&text, at);
                text.splice(word, random.one(&WORDS).bytes());
            }
            _ => {
                let at = random.below(text.len() + 1);
                let (one, two) = (word_at(&text, at), word_at(&text, end));
                let (first, second) = if one.end <= two.start { (one, two) } else { (two, one) };
                if first.end <= second.start {
                    let word = text[first.clone()].to_vec();
                    let replaced: Vec<u8> = text.splice(second.clone(), word).collect();
                    text.splice(first, replaced);
                }
            }
        }
    }
    text
}

/// The word around an octet, or the empty stretch there.
fn word_at(text: &[u8], at: usize) -> std::ops::Range<usize> {
    let blank = |octet: &u8| octet.is_ascii_whitespace();
    let start = text[..at].iter().rposition(blank).map_or(0, |blank| blank + 1);
    let end = text[at..].iter().position(blank).map_or(text.len(), |length| at + length);
    start..end
}

/// The seeds of a fuzz target, by name.
fn seeds(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    paths.sort();
    assert!(paths.len() > 3, "{target}");
    paths.into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

/// Holds every seed and `each` damaged copies of it to the rules of its target. How many came to each outcome.
fn all_hold(target: &str, each: usize, rule: fn(&[u8]) -> Outcome) -> [usize; 3] {
    let seed = std::env::var("ZONESEAL_SEED").ok();
    let seed = seed.map_or(0x9e37_79b9_7f4a_7c15, |seed| seed.parse().expect("ZONESEAL_SEED is a number"));
    let mut random = Random(seed | 1);
    let seeds = seeds(target);
    let mut outcomes = [0; 3];
    for (path, whole) in &seeds {
        for round in 0..=each {
            let other = &seeds[random.below(seeds.len())].1;
            let text = if round == 0 { whole.clone() } else { damage(&mut random, whole, other) };
            let shown =
                || format!("ZONESEAL_SEED={seed}, {} damaged:\n{}", path.display(), text.escape_ascii());
            let started = Instant::now();
            let outcome = catch_unwind(AssertUnwindSafe(|| rule(&text)))
                .unwrap_or_else(|_| panic!("a rule was broken: {}", shown()));
            assert!(started.elapsed() < AT_MOST, "{:?}: {}", started.elapsed(), shown());
            outcomes[outcome as usize] += 1;
        }
    }
    outcomes
}

#[test]
fn damaged_zone_files() {
    let [refused, read, done] = all_hold("zone_file", 60, rules::zone_file);
    // all three happen often, or the damage proves nothing
    assert!(refused > 500 && read > 50 && done > 300, "{refused} refused, {read} read, {done} signed");
}

#[test]
fn damaged_key_files() {
    let [refused, _, done] = all_hold("key_file", 40, rules::key_file);
    assert!(refused > 300 && done > 20, "{refused} refused, {done} taken");
}

#[test]
fn damaged_rdata() {
    let [refused, _, done] = all_hold("rdata", 40, rules::rdata);
    assert!(refused > 300 && done > 300, "{refused} refused, {done} written and read");
}

#[test]
fn damaged_metadata() {
    let [refused, _, done] = all_hold("metadata", 500, rules::metadata);
    assert!(refused > 300 && done > 100, "{refused} refused, {done} written and read");
}

#[test]
fn damaged_configurations() {
    let [refused, _, done] = all_hold("configuration", 200, rules::configuration);
    assert!(refused > 300 && done > 100, "{refused} refused, {done} taken");
}

/// A file is read in windows, the first of 64 KiB: wherever it ends, in a word, a quote or a line end, the same is
/// found as in text that lies in memory whole.
#[test]
fn the_end_of_a_window_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("zone");
    let origin = || NameBuf::from_text("example.").ok();
    for (_, text) in seeds("zone_file") {
        for end in (0..=text.len()).step_by(text.len() / 12 + 1) {
            let padding = (1 << 16) - end - 2;
            let whole = [b";", "x".repeat(padding).as_bytes(), b"\n", &text].concat();
            fs::write(&path, &whole).unwrap();
            let read = found(Reader::open(&path, origin()).unwrap().without_includes());
            let held = found(Reader::of_text(whole, path.to_str().unwrap(), origin()).without_includes());
            assert_eq!(read, held, "{end} octets in the first window of:\n{}", text.escape_ascii());
        }
    }
}

/// All records and faults, in words; not the line that is shown, of which the window may hold a part.
fn found(mut reader: Reader) -> Vec<String> {
    let mut found = Vec::new();
    loop {
        match reader.next() {
            Ok(Some(entry)) => found.push(format!("{:?} {:?}", entry.record, entry.spot)),
            Ok(None) => return found,
            Err(fault) => found.push(format!("{:?} {}", fault.place(), fault.message())),
        }
    }
}

/// What became of one run of the program.
struct Run {
    code: Option<i32>,
    stderr: String,
    seconds: f64,
    /// The most memory it had, in octets.
    peak: usize,
}

const MIB: usize = 1 << 20;

/// Signs `zone` in a folder of its own, where `key.pem` and `pair.private` are as well, and measures.
fn sign(folder: &Path, arguments: &[&str]) -> Run {
    let program = std::env::var_os("ZONESEAL_BIN").unwrap_or_else(|| env!("CARGO_BIN_EXE_zoneseal").into());
    let stderr = fs::File::create(folder.join("stderr")).unwrap();
    let started = Instant::now();
    let mut child = Command::new(program)
        .args(["sign", "-o", "example.", "--now", "20261124", "-f", "signed", "-j1"])
        .args(arguments)
        .current_dir(folder)
        .env("NO_COLOR", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(stderr)
        .spawn()
        .unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    let code = loop {
        // the peak only rises: what is read last, moments before the end, is it
        peak = peak.max(peak_of(&status));
        if let Some(status) = child.try_wait().unwrap() {
            break status.code();
        }
        if started.elapsed() > AT_MOST * 6 {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("no end after {:?}", started.elapsed());
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    let stderr = String::from_utf8_lossy(&fs::read(folder.join("stderr")).unwrap()).into_owned();
    let seconds = started.elapsed().as_secs_f64();
    eprintln!("exit {code:?}, {seconds:.2} s, {} MiB, {} octets said", peak / MIB, stderr.len());
    assert!(!stderr.contains("panicked"), "{stderr}");
    Run { code, stderr, seconds, peak }
}

/// `VmHWM` of a process; 0 if it has ended.
fn peak_of(status: &str) -> usize {
    let text = fs::read_to_string(status).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().split(' ').next()?.parse::<usize>().ok()).unwrap_or(0) * 1024
}

const HEAD: &str = "$TTL 3600\n@ SOA ns1 hostmaster 1 6h 1h 2w 1h\n  NS ns1\nns1 A 192.0.2.1\n";

/// Signs a zone of this text. It takes memory for the text a few times over, and little time.
fn sign_text(text: &str) -> Run {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("zone"), text).unwrap();
    let key = include_bytes!("golden/one-name/csk.pem");
    fs::write(folder.path().join("key.pem"), key).unwrap();
    let run = sign(folder.path(), &["zone", "key.pem"]);
    let most = 32 * MIB + 12 * text.len();
    assert!(run.peak <= most, "{} MiB for {} octets", run.peak / MIB, text.len());
    assert!(run.seconds < AT_MOST.as_secs_f64(), "{} s", run.seconds);
    run
}

impl Run {
    /// It failed with so many errors, of which one says this, and said no more than a person would read.
    #[track_caller]
    fn fails(&self, errors: usize, message: &str) {
        assert_eq!(self.code, Some(1), "{}", self.stderr);
        assert_eq!(self.stderr.matches(" error: ").count(), errors, "{}", self.stderr);
        assert!(self.stderr.contains(message), "{}", self.stderr);
        assert!(self.stderr.len() < 20_000, "{} octets", self.stderr.len());
    }

    #[track_caller]
    fn succeeds(&self) {
        assert_eq!(self.code, Some(0), "{}", self.stderr);
        assert!(self.stderr.len() < 20_000, "{} octets", self.stderr.len());
    }
}

#[test]
fn a_generate_that_makes_too_much() {
    sign_text(&format!("{HEAD}$GENERATE 0-2147483647 a$ A 192.0.2.1\n"))
        .fails(1, "a range of at most 1048576");
    let lines = "$GENERATE 0-2147483647 a$ A 192.0.2.1\n".repeat(100_000);
    sign_text(&format!("{HEAD}{lines}")).fails(20, "a range of at most 1048576");
}

/// All that one line may make is read before the error behind it.
#[test]
fn a_generate_that_makes_much() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("zone"), format!("{HEAD}$GENERATE 1-1048576 a$ A 192.0.2.1\nb A x\n"))
        .unwrap();
    fs::write(folder.path().join("key.pem"), include_bytes!("golden/one-name/csk.pem")).unwrap();
    let run = sign(folder.path(), &["zone", "key.pem"]);
    run.fails(1, "zone:6:5: error: A address");
    // some 80 octets a record, and room for a vector to grow
    assert!(run.peak < 200 * MIB, "{} MiB", run.peak / MIB);
}

#[test]
fn an_include_that_includes_itself_or_fans_out() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("key.pem"), include_bytes!("golden/one-name/csk.pem")).unwrap();
    let lines = |next: &str| format!("$INCLUDE {next}\n").repeat(16);
    fs::write(folder.path().join("zone"), format!("{HEAD}{}", lines("1"))).unwrap();
    for level in 1..=3 {
        fs::write(folder.path().join(level.to_string()), lines(&(level + 1).to_string())).unwrap();
    }
    fs::write(folder.path().join("4"), "$INCLUDE zone\n").unwrap();
    let run = sign(folder.path(), &["zone", "key.pem"]);
    run.fails(20, "4:1:10: error: $INCLUDE: zone includes itself");
    fs::write(folder.path().join("4"), "").unwrap();
    let run = sign(folder.path(), &["zone", "key.pem"]);
    run.fails(1, "the zone is made of more than 65535 files");
    assert!(run.peak < 64 * MIB, "{} MiB", run.peak / MIB);
}

#[test]
fn deep_parentheses() {
    let deep = "(".repeat(4_000_000);
    sign_text(&format!("{HEAD}a A {deep}\nb A x\n")).fails(2, "this parenthesis is never closed");
    sign_text(&format!("{HEAD}a A {deep} 192.0.2.2 {}\n", ")".repeat(4_000_000))).succeeds();
    let lines = "(\n".repeat(1_000_000);
    sign_text(&format!("{HEAD}{lines}")).fails(20, "this parenthesis is never closed");
}

#[test]
fn a_line_of_many_megabytes() {
    let word = "x".repeat(12 * MIB);
    sign_text(&format!("{HEAD}a TXT {word}\n")).fails(1, "a character-string of at most 255 octets");
    sign_text(&format!("{HEAD}{word} A 192.0.2.2\n")).fails(1, "found encoded data");
    sign_text(&format!("{HEAD}a TXT \"{word}\nb A x\n")).fails(2, "this quote is not closed on its line");
    sign_text(&format!("{HEAD}a TXT {word}{word}{word}\n")).fails(1, "an entry of more than 16 MiB");
    sign_text(&format!("{HEAD}; {word}\na A 192.0.2.2 ; {word}\n")).succeeds();
    let words = "x ".repeat(4 * MIB);
    sign_text(&format!("{HEAD}a TXT {words}\n")).fails(1, "RDATA of at most 65535 octets");
}

#[test]
fn a_million_directives() {
    let lines = "$TTL 3600\n".repeat(1_000_000);
    sign_text(&format!("{lines}{HEAD}")).succeeds();
    let lines = "$ORIGIN x\n".repeat(1_000_000);
    sign_text(&format!("{HEAD}{lines}")).fails(20, "a name of at most 255 octets");
}

#[test]
fn a_million_faults() {
    let mut lines = String::new();
    for number in 0..1_000_000_u32 {
        match number % 4 {
            0 => writeln!(lines, "a{number} A {number}"),
            1 => writeln!(lines, "b{number} TXT \"{number}"),
            2 => writeln!(lines, "c{number} TYP{number}"),
            _ => writeln!(lines, "d{number} MX {number} ) x"),
        }
        .unwrap();
    }
    sign_text(&format!("{HEAD}{lines}")).fails(20, "zone:21:7: error: A address");
}

/// Each record is one more reason to warn; a person is told of the first few.
#[test]
fn a_hundred_thousand_warnings() {
    let lines = "a 4294967295 A 192.0.2.2\n".repeat(100_000);
    sign_text(&format!("{HEAD}{lines}")).succeeds();
}

/// Of a large RRset and of a name with many records nothing is done that takes the square of their number.
#[test]
fn a_name_with_a_hundred_thousand_records() {
    let mut lines = String::new();
    for number in 0..100_000_u32 {
        writeln!(lines, "a A 192.{}.{}.{}", number >> 16, number >> 8 & 255, number & 255).unwrap();
    }
    sign_text(&format!("{HEAD}{lines}")).fails(1, "[rrset-too-large]");
    sign_text(&format!("{HEAD}{}", "a A 192.0.2.2\n".repeat(200_000))).succeeds();
}

#[test]
fn a_key_file_with_much_in_it() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("zone"), HEAD).unwrap();
    let key = include_str!("golden/one-name/csk.pem");
    let mut lines = String::new();
    while lines.len() < MIB - 1000 {
        writeln!(lines, "{}:", lines.len()).unwrap();
    }
    let repeated = key.repeat(MIB / key.len());
    let base64 = format!("-----BEGIN PRIVATE KEY-----\n{}\n", "A".repeat(MIB - 1000));
    for (text, code) in [(format!("{lines}{key}"), 0), (repeated, 0), (base64, 1)] {
        fs::write(folder.path().join("key.pem"), &text).unwrap();
        let run = sign(folder.path(), &["zone", "key.pem"]);
        assert_eq!(run.code, Some(code), "{}", run.stderr);
        assert!(
            run.stderr.len() < text.len() && run.peak < 64 * MIB,
            "{} MiB: {}",
            run.peak / MIB,
            run.stderr
        );
    }
    // so many keys share key tags
    let mut keys = String::new();
    for number in 0..3000_u32 {
        // PKCS#8 (RFC 8410, section 7) of an Ed25519 seed
        let mut der = b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20".to_vec();
        der.extend([7; 28].into_iter().chain(number.to_be_bytes()));
        keys.push_str("Role: csk\n");
        keys.push_str(&pem::encode(&pem::Pem::new("PRIVATE KEY", der)));
    }
    fs::write(folder.path().join("key.pem"), keys).unwrap();
    let run = sign(folder.path(), &["zone", "key.pem"]);
    assert!(run.code == Some(1) && run.stderr.contains("share the key tag"), "{}", run.stderr);
    assert!(run.stderr.len() < 20_000, "{} octets", run.stderr.len());
    let pair = format!("Private-key-format: v1.3\nAlgorithm: 15\n{lines}");
    fs::write(folder.path().join("pair.private"), pair).unwrap();
    sign(folder.path(), &["zone", "pair.private"]).fails(1, "it has no PrivateKey line");
}
