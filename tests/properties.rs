//! Properties that hold for any input: what is written reads back as it was, names sort by their prefixes as
//! they sort in full, the output does not depend on the number of threads, and damaged zone files and key
//! files are refused in words, never by a panic and never slowly.
//!
//! Records are made field by field from the schema; see `rdata`.

#[path = "rdata/mod.rs"]
mod rdata;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::cmp::Ordering;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use zoneseal::dns::schema;
use zoneseal::dns::{Class, Name, NameBuf, Record, Rtype};
use zoneseal::zone::Builder;
use zoneseal::zone::builder::OutOfZone;
use zoneseal::zonefile::fields::Types;
use zoneseal::zonefile::reader::Reader;
use zoneseal::zonefile::writer::Writer;

/// A record with its octets.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Owned {
    owner: Vec<u8>,
    rtype: Rtype,
    ttl: u32,
    rdata: Vec<u8>,
}

impl Owned {
    fn of(record: Record<'_>) -> Self {
        let owner = record.owner.wire().to_vec();
        Self { owner, rtype: record.rtype, ttl: record.ttl, rdata: record.rdata.to_vec() }
    }

    fn record(&self) -> Record<'_> {
        let owner = Name::from_wire(&self.owner).expect("a name is made of labels");
        Record { owner, rtype: self.rtype, ttl: self.ttl, rdata: &self.rdata }
    }
}

fn zones() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("zones")
}

/// Its records, or the fault in its own words.
fn read(text: &[u8]) -> Result<Vec<Owned>, String> {
    let mut reader = Reader::of_text(text.to_vec(), "text", None);
    let mut records = Vec::new();
    while let Some(entry) = reader.next().map_err(|fault| fault.to_string())? {
        records.push(Owned::of(entry.record));
    }
    Ok(records)
}

fn record() -> impl Strategy<Value = Owned> {
    let ttl = prop_oneof![0_u32..100_000, Just(0x7fff_ffff)];
    (rdata::name(), rdata::any_type(), ttl).prop_map(|(owner, (rtype, rdata), ttl)| Owned {
        owner,
        rtype,
        ttl,
        rdata,
    })
}

/// Cases that are the same on every run, so that a failure is not a matter of luck.
fn runner(cases: u32) -> TestRunner {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

#[test]
fn what_is_written_reads_back() {
    let write = |records: &[Owned], types| {
        let (writer, mut text) = (Writer::new(Class::IN, types), Vec::new());
        for record in records {
            writer.push(record.record(), &mut text);
        }
        text
    };
    runner(10_000)
        .run(&vec(record(), 1..4), |records| {
            for types in [Types::All, Types::Classic] {
                let text = write(&records, types);
                let shown = String::from_utf8_lossy(&text).into_owned();
                let back = read(&text).map_err(|fault| TestCaseError::fail(format!("{shown}\n{fault}")))?;
                prop_assert_eq!(&back, &records, "{}", shown);
                prop_assert_eq!(write(&back, types), text);
            }
            Ok(())
        })
        .unwrap();
}

/// Each row by itself, so that none is left to chance.
#[test]
fn random_rdata_of_every_type_is_a_fixed_point() {
    for row in schema::ALL {
        let line = |rtype: Rtype, rdata: &[u8], types| {
            let mut line = Vec::new();
            let record = Record { owner: Name::ROOT, rtype, ttl: 1, rdata };
            Writer::new(Class::IN, types).push(record, &mut line);
            line
        };
        runner(300)
            .run(&rdata::of_row(row), |rdata| {
                let fits = row.split(&rdata, |_, _| ()).is_some();
                prop_assert!(fits, "{} {:?}", row.mnemonic, rdata);
                for types in [Types::All, Types::Classic] {
                    let text = line(row.rtype, &rdata, types);
                    let shown = String::from_utf8_lossy(&text).into_owned();
                    // only what has no text is written in the generic form
                    let named = row.mnemonic == "CAA" || !shown.contains("\\# ");
                    let opaque = matches!(row.mnemonic, "NULL" | "UINFO" | "UID" | "GID" | "UNSPEC");
                    prop_assert!(named || opaque || types == Types::Classic && !row.classic, "{}", shown);
                    let back =
                        read(&text).map_err(|fault| TestCaseError::fail(format!("{shown}\n{fault}")))?;
                    prop_assert_eq!(&back[0].rdata, &rdata, "{}", shown);
                }
                // and the generic form is the same data
                let generic = format!(
                    ". 1 IN TYPE{} \\# {} {}",
                    row.rtype.0,
                    rdata.len(),
                    data_encoding::HEXLOWER.encode(&rdata)
                );
                let back = read(generic.as_bytes()).map_err(TestCaseError::fail)?;
                prop_assert_eq!(&back[0].rdata, &rdata, "{}", generic);
                Ok(())
            })
            .unwrap_or_else(|error| panic!("{}: {error}", row.mnemonic));
    }
}

/// Words that mean something to some type, in any order, are RDATA or refused in words; what is RDATA survives.
#[test]
fn garbage_is_read_or_refused() {
    const WORDS: &[&str] = &[
        "0",
        "1",
        "255",
        "256",
        "65535",
        "65536",
        "4294967295",
        "99999999999999999999",
        "-",
        "+",
        "!",
        ".",
        "..",
        "@",
        "a",
        "A",
        "\\",
        "\\2",
        "\\256",
        "\"\"",
        "\"a b\"",
        "0x47",
        "::",
        "1.2.3.4",
        "1:1.2.3.4/32",
        "!2::/129",
        "alpn=h2",
        "alpn=\"",
        "mandatory=alpn",
        "port=",
        "key1=\\000",
        "key65536",
        "=",
        "N",
        "S",
        "E",
        "-24m",
        "59.9999",
        "AQID",
        "AQI",
        "A===",
        "00",
        "0",
        "zz",
        "\\#",
        "4",
        "TYPE65536",
        "TYPE0",
        "CAA",
        "20261124000000",
        "00-00-5e-00-53-2a",
        "1:2:3:4",
        ":",
        "(",
        ")",
        "( )",
        ";",
        "\u{e9}",
        "\0",
    ];
    let words = vec(select(WORDS), 0..12);
    let row = select(schema::ALL);
    runner(40_000)
        .run(&(row, words), |(row, words)| {
            let text = format!("a.example. 1 IN {} {}\n", row.mnemonic, words.join(" "));
            let Ok(records) = read(text.as_bytes()) else { return Ok(()) };
            for record in &records {
                let mut again = Vec::new();
                Writer::new(Class::IN, Types::All).push(record.record(), &mut again);
                prop_assert_eq!(read(&again), Ok(vec![record.clone()]), "{}", text);
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn rdata_that_is_seen_to_be_canonical_is() {
    runner(10_000)
        .run(&rdata::any_type(), |(rtype, rdata)| {
            let mut canonical = Vec::new();
            schema::push_canonical(rtype, &rdata, &mut canonical);
            prop_assert!(canonical.eq_ignore_ascii_case(&rdata));
            prop_assert!(!schema::is_canonical(rtype, &rdata) || canonical == rdata);
            let mut twice = Vec::new();
            schema::push_canonical(rtype, &canonical, &mut twice);
            prop_assert_eq!(twice, canonical);
            Ok(())
        })
        .unwrap();
}

#[test]
fn names_sort_by_prefix_as_in_full() {
    // few octets, so that names share much
    let octet = select(&b"aAb\0\x01\x02\x7f\x80\xff"[..]);
    let labels = || vec(vec(octet.clone(), 1..5), 0..4);
    runner(20_000)
        .run(&(labels(), labels()), |(a, b)| {
            let below_apex = |mut labels: Vec<Vec<u8>>| {
                labels.push(b"Example".to_vec());
                rdata::wire(&labels)
            };
            let (a, b) = (below_apex(a), below_apex(b));
            let (a, b) = (Name::from_wire(&a).unwrap(), Name::from_wire(&b).unwrap());
            let by_prefix = a.sort_prefix(1).cmp(&b.sort_prefix(1));
            prop_assert!(by_prefix == Ordering::Equal || by_prefix == a.cmp(&b), "{a} {b}");
            prop_assert_eq!(a.cmp(&b), in_full(a, b), "{} {}", a, b);
            Ok(())
        })
        .unwrap();
}

/// The order of RFC 4034, section 6.1, as its text says it.
fn in_full(a: Name<'_>, b: Name<'_>) -> Ordering {
    let reversed = |name: Name<'_>| {
        let mut labels: Vec<Vec<u8>> = name.labels().map(<[u8]>::to_ascii_lowercase).collect();
        labels.reverse();
        labels
    };
    reversed(a).cmp(&reversed(b))
}

fn zoneseal(folder: &Path, arguments: &[&str]) -> Vec<u8> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zoneseal"));
    let output = command.args(arguments).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

#[test]
fn the_output_does_not_depend_on_threads() {
    let folder = tempfile::tempdir().unwrap();
    let mut text = String::from("$TTL 3600\n@ SOA ns1 hostmaster 1 6h 1h 2w 1h\n  NS ns1\nns1 A 192.0.2.1\n");
    for number in 0..5000_u32 {
        // in no order; delegations with glue, hidden names and empty non-terminals among them
        let label = number.wrapping_mul(2_654_435_761);
        match number % 10 {
            0 => writeln!(text, "D{label} NS ns.d{label}\nns.d{label} A 192.0.2.2\nd{label} TXT hidden"),
            1 => writeln!(text, "x.{label}.Deep A 192.0.2.3"),
            2 => writeln!(text, "old{label} DNAME new\nlost.old{label} A 192.0.2.4"),
            _ => writeln!(text, "h{label} A 192.0.2.5\nh{label} TXT \"{number}\""),
        }
        .unwrap();
    }
    fs::write(folder.path().join("example.zone"), text).unwrap();
    zoneseal(folder.path(), &["keygen", "-a", "15", "--now", "20261101", "example"]);
    let sign = |threads: &str| {
        let fixed = ["--now", "20261124", "-i", "20261123", "-e", "20261222", "-f", "-"];
        zoneseal(folder.path(), &[&["sign", threads], fixed.as_slice(), &["example.zone"]].concat())
    };
    let one = sign("-j1");
    assert!(one.len() > 1_000_000, "{}", one.len());
    assert!(one == sign("-j8"), "-j1 and -j8 differ");
}

/// How damage is done: the same on every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        // xorshift64 (Marsaglia)
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 16).unwrap() % limit.max(1)
    }

    fn octet(&mut self) -> u8 {
        const TELLING: &[u8] = b"()\"\\;$@*. \t\n\r\0\xff09aA-:=#";
        if self.below(2) == 0 { TELLING[self.below(TELLING.len())] } else { self.below(256).to_le_bytes()[0] }
    }

    /// A few octets flipped, put in, taken out, or a stretch doubled or cut off.
    fn damage(&mut self, text: &[u8]) -> Vec<u8> {
        let mut text = text.to_vec();
        for _ in 0..=self.below(4) {
            let at = self.below(text.len());
            match self.below(5) {
                _ if text.is_empty() => text.push(self.octet()),
                0 => text[at] = self.octet(),
                1 => text.insert(at, self.octet()),
                2 => drop(text.remove(at)),
                3 => {
                    let end = (at + self.below(40)).min(text.len());
                    let stretch = text[at..end].to_vec();
                    text.splice(at..at, stretch);
                }
                _ if self.below(8) == 0 => text.truncate(at),
                _ => text[at] ^= 1 << self.below(8),
            }
        }
        text
    }
}

/// No input of a few kilobytes may take longer, be the machine ever so busy.
const AT_MOST: Duration = Duration::from_secs(5);

#[test]
fn damaged_zone_files_are_read_or_refused() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut files: Vec<PathBuf> = fs::read_dir(zones()).unwrap().map(|file| file.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "zone"));
    files.sort();
    let (mut sealed, mut refused) = (0, 0);
    for path in &files {
        let whole = fs::read(path).unwrap();
        let apex = NameBuf::from_text(path.file_stem().unwrap().to_str().unwrap()).unwrap();
        for _ in 0..2000 {
            let text = random.damage(&whole);
            let started = Instant::now();
            if seals(&text, &apex) {
                sealed += 1;
            } else {
                refused += 1;
            }
            assert!(started.elapsed() < AT_MOST, "{}", String::from_utf8_lossy(&text));
        }
    }
    // both happen often, or the damage proves nothing
    assert!(sealed > 200 && refused > 200, "{sealed} sealed, {refused} refused");
}

/// Whether the text is a zone. Every fault must have words.
fn seals(text: &[u8], apex: &NameBuf) -> bool {
    let mut reader = Reader::of_text(text.to_vec(), "damaged", Some(apex.clone())).include_dir(Some(zones()));
    let mut builder = Builder::new();
    let mut errors = 0;
    loop {
        match reader.next() {
            Ok(Some(entry)) => builder.push(entry.record, entry.spot).unwrap(),
            Ok(None) => break,
            Err(fault) => {
                assert!(fault.to_string().contains("error: "), "{fault}");
                errors += 1;
                // each entry gives one fault at most: reading moves on
                assert!(errors <= text.len() + 1);
            }
        }
        assert!(reader.warnings().all(|warning| warning.to_string().contains("warning: ")));
    }
    let class = reader.class();
    let sealed = builder.seal(apex, class, reader.into_sources(), OutOfZone::Refuse);
    if let Err(faults) = &sealed {
        assert!(faults.errors() > 0 && faults.iter().all(|fault| !fault.to_string().is_empty()));
    }
    errors == 0 && sealed.is_ok()
}

#[test]
fn damaged_key_files_are_read_or_refused() {
    // sample keys, not new ones: the damage is the same on every run
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    for key in ["two-algorithms/rsa.pem", "incomplete-key-set/zsk.pem", "two-algorithms/csk.pem"] {
        let whole = fs::read(golden.join(key)).unwrap();
        let original = zoneseal::keys::pem::parse(&whole, "key").unwrap()[0].private_key().unwrap();
        let secrets: Vec<&str> = std::str::from_utf8(&whole)
            .unwrap()
            .lines()
            .filter(|line| line.len() > 40 && !line.contains(' '))
            .collect();
        assert!(!secrets.is_empty());
        for _ in 0..1000 {
            let text = random.damage(&whole);
            let started = Instant::now();
            let parsed = zoneseal::keys::pem::parse(&text, "key");
            assert!(started.elapsed() < AT_MOST);
            let keys = match parsed {
                Ok(keys) => keys,
                Err(fault) => {
                    no_secret(&fault.to_string(), &secrets);
                    continue;
                }
            };
            assert!(!keys.is_empty());
            for key in &keys {
                match key.private_key() {
                    Ok(private) => assert_eq!(private.public_key().len(), original.public_key().len()),
                    Err(fault) => no_secret(&fault.to_string(), &secrets),
                }
            }
        }
    }
}

/// A message must not hold a line of the key, nor a good part of one.
fn no_secret(message: &str, secrets: &[&str]) {
    for secret in secrets {
        for part in secret.as_bytes().chunks_exact(16) {
            let part = std::str::from_utf8(part).unwrap();
            assert!(!message.contains(part), "{message}");
        }
    }
}
