//! Every record type with a text form, on the samples of `types.tsv`: text becomes octets and text again, BIND makes the
//! same octets, and the servers read what is written.
//!
//! BIND 9.18 knows all types by name but CLA and IPN, whose samples carry their octets.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

use zoneseal::dns::schema::{self, Row};
use zoneseal::dns::{Class, NameBuf, Record, Rtype};
use zoneseal::zonefile::fields::Types;
use zoneseal::zonefile::reader::Reader;
use zoneseal::zonefile::writer::Writer;

use crate::common::{self, Judge};
use crate::matrix;

/// What is to come of a sample: see the head of the table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Mark {
    /// Read by zoneseal and by BIND.
    Both,
    /// Refused by both.
    Neither,
    /// Read by zoneseal alone: the octets.
    Ours(&'static str),
    /// Read by BIND alone.
    Binds,
}

#[derive(Clone, Copy, Debug)]
struct Sample {
    mark: Mark,
    rtype: &'static str,
    text: &'static str,
}

impl Sample {
    fn is_read(&self) -> bool {
        matches!(self.mark, Mark::Both | Mark::Ours(_))
    }

    fn title(&self) -> String {
        format!("{} {}", self.rtype, self.text)
    }

    /// Its type's number and its octets.
    fn wire(&self) -> (Rtype, Vec<u8>) {
        read(&self.title()).unwrap_or_else(|fault| panic!("{}: {fault}", self.title()))
    }
}

fn samples() -> Vec<Sample> {
    let lines = include_str!("types.tsv").lines().filter(|line| !line.starts_with('#'));
    let samples: Vec<Sample> = lines.map(sample).collect();
    assert!(samples.len() > 350, "{}", samples.len());
    samples
}

fn sample(line: &'static str) -> Sample {
    let columns: Vec<&str> = line.split('\t').collect();
    let mark = match columns[..] {
        ["=", _, _] => Mark::Both,
        ["!", _, _] => Mark::Neither,
        ["+", _, _, wire, why] if !why.is_empty() => Mark::Ours(wire),
        ["-", _, _, why] if !why.is_empty() => Mark::Binds,
        _ => panic!("{line}"),
    };
    Sample { mark, rtype: columns[1], text: columns[2] }
}

fn read_samples() -> impl Iterator<Item = Sample> {
    samples().into_iter().filter(Sample::is_read)
}

/// The type and the octets of a record's text, or the fault in words.
fn read(record: &str) -> Result<(Rtype, Vec<u8>), String> {
    let origin = NameBuf::from_text("example.").ok();
    let mut reader = Reader::of_text(format!("x 1 IN {record}\n").into_bytes(), "text", origin);
    let entry = reader.next().map_err(|fault| fault.to_string())?.expect("a line is a record");
    Ok((entry.record.rtype, entry.record.rdata.to_vec()))
}

/// Type and RDATA in text.
fn write(rtype: Rtype, rdata: &[u8], types: Types) -> String {
    let owner = NameBuf::from_text("x.example.").expect("a name");
    let mut line = Vec::new();
    Writer::new(Class::IN, types).push(Record { owner: owner.as_name(), rtype, ttl: 1, rdata }, &mut line);
    let line = String::from_utf8(line).expect("octets beyond ASCII are escaped");
    line.trim_start_matches("x.example.\t1\tIN\t").trim_end_matches('\n').replace('\t', " ")
}

fn hex(octets: &[u8]) -> String {
    octets.iter().fold(String::new(), |mut text, octet| {
        let _ = write!(text, "{octet:02X}");
        text
    })
}

/// RDATA in the generic form (RFC 3597, section 5).
fn generic(rdata: &[u8]) -> String {
    format!("\\# {} {}", rdata.len(), hex(rdata))
}

/// Runs `judge` on each item, on two threads, and fails with all complaints.
#[track_caller]
fn each<T: Sync>(items: &[T], judge: impl Fn(&T) -> Result<(), String> + Sync) {
    let (first, second) = items.split_at(items.len() / 2);
    let complaints: Vec<String> = thread::scope(|scope| {
        let halves = [first, second]
            .map(|half| scope.spawn(|| half.iter().filter_map(|item| judge(item).err()).collect::<Vec<_>>()));
        halves.into_iter().flat_map(|half| half.join().expect("the judge does not panic")).collect()
    });
    assert!(complaints.is_empty(), "{} complaints:\n{}", complaints.len(), complaints.join("\n"));
}

#[test]
fn every_row_has_samples() {
    let read: BTreeSet<Rtype> = read_samples().map(|sample| sample.wire().0).collect();
    let missing: Vec<&str> =
        schema::ALL.iter().filter(|row| !read.contains(&row.rtype)).map(|row| row.mnemonic).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn text_and_octets_are_a_fixed_point() {
    for sample in read_samples() {
        let title = sample.title();
        let (rtype, rdata) = sample.wire();
        if let Mark::Ours(wire) = sample.mark {
            assert_eq!(hex(&rdata), wire.replace(' ', "").to_uppercase(), "{title}");
        }
        for types in [Types::All, Types::Classic] {
            let text = write(rtype, &rdata, types);
            assert_eq!(read(&text), Ok((rtype, rdata.clone())), "{title}: {text}");
        }
        // the generic form, the type by name and by number
        for name in [rtype.to_string(), format!("TYPE{}", rtype.0), format!("type{}", rtype.0)] {
            let text = format!("{name} {}", generic(&rdata));
            assert_eq!(read(&text), Ok((rtype, rdata.clone())), "{title}: {text}");
        }
    }
}

#[test]
fn what_is_refused_is_refused_in_words() {
    for sample in samples().iter().filter(|sample| !sample.is_read()) {
        match read(&sample.title()) {
            Ok((_, rdata)) => panic!("{} is read as {}", sample.title(), hex(&rdata)),
            Err(fault) => {
                assert!(fault.contains(": expected ") && fault.contains(", found "), "{fault}");
            }
        }
    }
}

/// RDATA in the generic form has the layout of its type (RFC 3597, section 5): one octet less or more is refused, or
/// is RDATA of the type as well.
#[test]
fn generic_rdata_is_held_to_its_layout() {
    let mut refused = 0;
    for sample in read_samples() {
        let (rtype, rdata) = sample.wire();
        let shorter = rdata.split_last().map(|(_, shorter)| shorter.to_vec());
        let longer = Some([&rdata[..], &[0]].concat());
        for damaged in [shorter, longer].into_iter().flatten() {
            let text = format!("TYPE{} {}", rtype.0, generic(&damaged));
            match read(&text) {
                Ok((_, octets)) => {
                    assert_eq!(octets, damaged);
                    let text = write(rtype, &damaged, Types::All);
                    assert_eq!(read(&text), Ok((rtype, damaged)), "{text}");
                }
                Err(_) => refused += 1,
            }
        }
    }
    assert!(refused > 200, "{refused}");
}

/// What named-rrchecker makes of a record: its octets in hexadecimal, or its words.
fn rrchecker(judge: &Judge, record: &str) -> Result<String, String> {
    let mut child = Command::new(&judge.path)
        .args(["-o", "example.", "-u"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("named-rrchecker starts");
    writeln!(child.stdin.take().expect("stdin is piped"), "IN {record}").expect("named-rrchecker reads");
    let output = child.wait_with_output().expect("named-rrchecker ends");
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).lines().next().unwrap_or_default().to_owned());
    }
    // CLASS1 TYPEn \# length octets
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(text.split_whitespace().skip(4).collect::<String>().to_uppercase())
}

#[test]
fn bind_reads_the_samples_as_zoneseal_does() {
    let Some(judge) = common::judge("named-rrchecker") else { return };
    each(&samples(), |sample| {
        let title = sample.title();
        let theirs = rrchecker(&judge, &title);
        match (sample.mark, theirs) {
            (Mark::Both, Ok(wire)) if wire == hex(&sample.wire().1) => Ok(()),
            (Mark::Both, theirs) => Err(format!("{title}: {} here, {theirs:?} there", hex(&sample.wire().1))),
            (Mark::Neither | Mark::Ours(_), Err(_)) | (Mark::Binds, Ok(_)) => Ok(()),
            (_, theirs) => Err(format!("{title}: BIND has changed its mind: {theirs:?}")),
        }
    });
}

#[test]
fn bind_reads_what_is_written_by_name() {
    let Some(judge) = common::judge("named-rrchecker") else { return };
    let both: Vec<Sample> = samples().into_iter().filter(|sample| sample.mark == Mark::Both).collect();
    each(&both, |sample| {
        let (rtype, rdata) = sample.wire();
        let text = write(rtype, &rdata, Types::All);
        match rrchecker(&judge, &text) {
            Ok(wire) if wire == hex(&rdata) => Ok(()),
            theirs => Err(format!("{text}: {} here, {theirs:?} there", hex(&rdata))),
        }
    });
}

/// A zone with these records, each at a name of its own.
fn zone(records: &[String]) -> String {
    let mut text = String::from(
        "$TTL 3600\n$ORIGIN example.\n@ SOA ns1 hostmaster 1 6h 1h 2w 1h\n  NS ns1\nns1 A 192.0.2.1\n",
    );
    for (number, record) in records.iter().enumerate() {
        let _ = writeln!(text, "x{number} IN {record}");
        if record.starts_with("DS ") {
            let _ = writeln!(text, "x{number} IN NS ns1");
        }
    }
    text
}

/// A reader of zone files, and the options with which it reads `example.`
struct Server {
    judge: Judge,
    options: &'static [&'static str],
}

impl Server {
    /// Whether it reads a zone with these records, be the zone good or not.
    fn reads(&self, folder: &Path, name: &str, records: &[String]) -> Result<(), String> {
        let file = common::write(folder, name, &zone(records));
        let file = file.to_str().expect("a path in UTF-8");
        let outcome = self.judge.run(folder, self.options.iter().copied().chain([file]));
        // Knot has read the zone when it sums up what is wrong with it, as DS of algorithms that it does not know
        if outcome.stdout.contains("Error summary") { Ok(()) } else { matrix::accepted(&outcome) }
    }
}

fn nsd_and_knot() -> Option<[Server; 2]> {
    Some([
        Server { judge: common::judge("nsd-checkzone")?, options: &["example."] },
        Server { judge: common::judge("kzonecheck")?, options: &["-o", "example.", "-d", "off"] },
    ])
}

/// Samples that can stand at any name of a zone.
fn placeable() -> Vec<Sample> {
    read_samples().filter(|sample| sample.rtype != "SOA").collect()
}

/// The column `classic` of the schema: both servers read all samples by name, or one of them does not read one.
#[test]
fn classic_types_are_those_that_nsd_and_knot_know_by_name() {
    let Some(servers) = nsd_and_knot() else { return };
    let folder = common::folder();
    let rows: Vec<&Row> = schema::ALL.iter().filter(|row| row.rtype != Rtype::SOA).collect();
    let samples = placeable();
    each(&rows, |row| {
        // in an NSEC of a classic type, other types are told by number
        let types = if row.classic { Types::Classic } else { Types::All };
        let of_row = samples.iter().map(Sample::wire).filter(|(rtype, _)| *rtype == row.rtype);
        let mut refused = Vec::new();
        for (number, (rtype, rdata)) in of_row.enumerate() {
            let text = write(rtype, &rdata, types);
            assert_eq!(text.split(' ').next(), Some(row.mnemonic));
            for server in &servers {
                let name = format!("{}.{number}.{}", row.mnemonic, server.judge.name);
                let read = server.reads(folder.path(), &name, std::slice::from_ref(&text));
                refused.extend(read.err().map(|words| format!("{text}: {words}")));
            }
        }
        match (row.classic, refused.is_empty()) {
            (true, true) | (false, false) => Ok(()),
            (true, false) => Err(format!("{} is not classic:\n{}", row.mnemonic, refused.join("\n"))),
            (false, true) => Err(format!("{} is classic", row.mnemonic)),
        }
    });
}

/// What ldns 1.8 does not read, though it knows the types: a key left out, and a bitmap of no types.
const LDNS_REFUSES: [&str; 2] = ["IPSECKEY 10 0 0 .", "CSYNC 0 0"];

#[test]
fn every_server_reads_what_is_written_by_default() {
    let Some(servers) = nsd_and_knot() else { return };
    let Some(ldns) = common::judge("ldns-read-zone") else { return };
    let folder = common::folder();
    let text = |sample: &Sample| {
        let (rtype, rdata) = sample.wire();
        write(rtype, &rdata, Types::Classic)
    };
    let all: Vec<String> = placeable().iter().map(text).collect();
    for server in servers {
        let read = server.reads(folder.path(), server.judge.name, &all);
        read.unwrap_or_else(|words| panic!("{words}"));
    }
    let ldns = Server { judge: ldns, options: &[] };
    let (refused, rest): (Vec<String>, Vec<String>) =
        all.into_iter().partition(|text| LDNS_REFUSES.contains(&text.as_str()));
    ldns.reads(folder.path(), "ldns", &rest).unwrap_or_else(|words| panic!("{words}"));
    assert_eq!(refused.len(), LDNS_REFUSES.len());
    for text in refused {
        assert!(ldns.reads(folder.path(), "ldns", std::slice::from_ref(&text)).is_err(), "{text}");
    }
}

/// Owners in the sample zone whose signatures a judge refuses, for reasons of its own.
const REFUSED: [(&str, &[&str], &[&str]); 3] = [
    // it puts the name in NSAP-PTR in lower case, and RFC 4034, section 6.2 does not list it
    ("dnssec-verify", &["-o", "every-type.example."], &["nsap-ptr"]),
    // it does not know A6, and leaves the name in it as it is
    ("kzonecheck", &["-o", "every-type.example.", "-t", "20261125000000"], &["a6"]),
    // the same, NSAP-PTR as in BIND, and of SINK it reads one octet
    ("ldns-verify-zone", &["-t", "20261125000000"], &["a6", "nsap-ptr", "sink"]),
];

#[test]
fn judges_read_and_verify_the_zone_of_every_type() {
    let folder = common::folder();
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    let zone = project.join("zones/every-type.example.zone");
    let keys = project.join("keys");
    let signed = folder.path().join("signed");
    let keys = ["--keys", keys.to_str().expect("a path in UTF-8"), "--now", "20261124"];
    common::sign(folder.path(), "every-type.example.", &signed, &keys, &zone, &[])
        .expect_ok("the sample zone is signed");
    let signed = signed.to_str().expect("a path in UTF-8");
    for (name, options) in [
        ("nsd-checkzone", &["every-type.example."][..]),
        ("kzonecheck", &["-d", "off", "-o", "every-type.example."]),
        ("named-checkzone", &["-i", "none", "every-type.example."]),
        ("ldns-read-zone", &[]),
    ] {
        let Some(judge) = common::judge(name) else { continue };
        judge.run(folder.path(), options.iter().copied().chain([signed])).expect_ok(name);
    }
    for (name, options, owners) in REFUSED {
        let Some(judge) = common::judge(name) else { continue };
        let outcome = judge.run(folder.path(), options.iter().copied().chain([signed]));
        let words = format!("{}{}", outcome.stdout, outcome.stderr);
        let named: BTreeSet<&str> = words
            .split(|character: char| character.is_whitespace() || "[]".contains(character))
            .filter_map(|word| word.trim_end_matches('.').strip_suffix(".every-type.example"))
            .collect();
        assert_eq!(named, owners.iter().copied().collect(), "{}", outcome.describe());
    }
}

/// Every type that a zone can hold is in the sample zone. What signing adds is not; BIND refuses zones with MD and MF, and
/// with SIG and NXT takes them for zones of DNSSEC's predecessor.
#[test]
fn the_zone_of_every_type_holds_every_type() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("zones/every-type.example.zone");
    let mut reader =
        Reader::open(&path, NameBuf::from_text("every-type.example.").ok()).expect("the zone is there");
    let mut found = BTreeSet::new();
    while let Some(entry) = reader.next().unwrap_or_else(|fault| panic!("{fault}")) {
        found.insert(entry.record.rtype);
    }
    let missing: Vec<&str> =
        schema::ALL.iter().filter(|row| !found.contains(&row.rtype)).map(|row| row.mnemonic).collect();
    assert_eq!(missing, ["MD", "MF", "SIG", "NXT", "RRSIG", "NSEC", "DNSKEY", "NSEC3", "NSEC3PARAM"]);
}
