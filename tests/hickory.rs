//! hickory-proto as the second opinion: what zoneseal signs must verify with another implementation's
//! canonical form, name order, key tags and DS digests.
//!
//! Every zone of `zones/` is signed by the program with an ECDSA, an Ed25519 and an RSA key at once. The
//! records are handed to hickory as wire octets, names as raw labels: its text parser has no part in this.
//! Where hickory's canonical form is known to be wrong, [`KNOWN_FAULTS`] says so; those records and no others
//! may fail, and they must verify once hickory gets their canonical RDATA as opaque octets.

#[path = "rdata/mod.rs"]
mod rdata;

use hickory_proto::dnssec::rdata::{DNSKEY, DNSSECRData, RRSIG};
use hickory_proto::dnssec::{DigestType, Verifier};
use hickory_proto::rr::rdata::NULL;
use hickory_proto::rr::{DNSClass, LowerName, Name, RData, Record, RecordType};
use hickory_proto::serialize::binary::{BinDecoder, BinEncodable, BinEncoder, Restrict};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use zoneseal::dns::{NameBuf, Rtype, schema};
use zoneseal::zonefile::reader::Reader;

/// Types whose names hickory 0.26 leaves as they were written, though canonical form puts them in lower case
/// (RFC 4034, section 6.2); the owner below `every-type.example.` that shows it is the type's name.
const KNOWN_FAULTS: [&str; 11] = ["A6", "AFSDB", "DNAME", "KX", "MB", "MG", "MINFO", "MR", "PX", "RP", "RT"];

struct Signed {
    zone: String,
    records: Vec<Wire>,
}

/// A record as zoneseal's reader has it.
struct Wire {
    owner: NameBuf,
    rtype: Rtype,
    ttl: u32,
    rdata: Vec<u8>,
}

impl Wire {
    fn name(&self) -> Name {
        hickory_name(&self.owner)
    }

    fn kind(&self) -> RecordType {
        RecordType::from(self.rtype.0)
    }

    /// The record for hickory, its RDATA read by hickory.
    fn record(&self) -> Result<Record, String> {
        let length = u16::try_from(self.rdata.len()).unwrap();
        let mut decoder = BinDecoder::new(&self.rdata);
        let data = RData::read(&mut decoder, self.kind(), Restrict::new(length))
            .map_err(|error| error.to_string())?;
        Ok(Record::from_rdata(self.name(), self.ttl, data))
    }

    /// The record for hickory, its RDATA opaque and in lower case: no octet of the samples that is not in a
    /// name is an upper-case letter.
    fn in_lower_case(&self) -> Record {
        let data = RData::Unknown { code: self.kind(), rdata: NULL::with(self.rdata.to_ascii_lowercase()) };
        Record::from_rdata(self.name(), self.ttl, data)
    }

    fn rrsig(&self) -> Option<RRSIG> {
        match self.record().ok()?.data {
            RData::DNSSEC(DNSSECRData::RRSIG(rrsig)) => Some(rrsig),
            _ => None,
        }
    }

    fn dnskey(&self) -> Option<DNSKEY> {
        match self.record().ok()?.data {
            RData::DNSSEC(DNSSECRData::DNSKEY(dnskey)) => Some(dnskey),
            _ => None,
        }
    }
}

fn hickory_name(name: &NameBuf) -> Name {
    let labels: Vec<&[u8]> = name.as_name().labels().collect();
    let mut hickory = Name::from_labels(labels).unwrap();
    hickory.set_fqdn(true);
    hickory
}

fn zoneseal(folder: &Path, arguments: &[&str]) -> Vec<u8> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zoneseal"));
    let output = command.args(arguments).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn records(text: Vec<u8>) -> Vec<Wire> {
    let mut reader = Reader::of_text(text, "signed", None);
    let mut records = Vec::new();
    while let Some(entry) = reader.next().unwrap_or_else(|fault| panic!("{fault}")) {
        let record = entry.record;
        records.push(Wire {
            owner: record.owner.to_buf(),
            rtype: record.rtype,
            ttl: record.ttl,
            rdata: record.rdata.to_vec(),
        });
    }
    records
}

fn sample_zones() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("zones");
    let mut zones: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    zones.retain(|path| path.extension().is_some_and(|extension| extension == "zone"));
    zones.sort();
    assert!(zones.len() >= 8);
    zones
}

/// A key of each kind, without the lines that bind it to a zone.
fn make_keys(folder: &Path) -> Vec<&'static str> {
    for (algorithm, file) in [("13", "ec.pem"), ("15", "ed.pem"), ("8", "rsa.pem")] {
        let path = zoneseal(folder, &["keygen", "-a", algorithm, "--role", "csk", "any.example"]);
        let path = folder.join(String::from_utf8(path).unwrap().trim());
        let text = fs::read_to_string(path).unwrap();
        let armour = text.find("-----BEGIN").unwrap();
        fs::write(folder.join(file), &text[armour..]).unwrap();
    }
    vec!["--csk", "ec.pem", "--csk", "ed.pem", "--csk", "rsa.pem"]
}

fn sign_all(folder: &Path) -> Vec<Signed> {
    let keys = make_keys(folder);
    let sign = |path: PathBuf| {
        let file = path.to_str().unwrap();
        let text = zoneseal(folder, &[&["sign", "-f", "-", file], keys.as_slice()].concat());
        let zone = path.file_stem().unwrap().to_str().unwrap().to_owned();
        fs::write(folder.join(format!("{zone}.signed")), &text).unwrap();
        Signed { zone: format!("{zone}."), records: records(text) }
    };
    sample_zones().into_iter().map(sign).collect()
}

#[test]
fn hickory_verifies_every_signature() {
    let folder = tempfile::tempdir().unwrap();
    let mut seen = Vec::new();
    let mut unexpected: Vec<String> = Vec::new();
    let mut verified = 0;
    for signed in sign_all(folder.path()) {
        let mut sets: BTreeMap<(Vec<u8>, u16), Vec<&Wire>> = BTreeMap::new();
        for record in &signed.records {
            let owner = record.owner.as_name().wire().to_ascii_lowercase();
            sets.entry((owner, record.rtype.0)).or_default().push(record);
        }
        let keys: Vec<DNSKEY> = signed.records.iter().filter_map(Wire::dnskey).collect();
        assert_eq!(keys.len(), 3, "{}", signed.zone);
        for record in signed.records.iter().filter(|record| record.rtype == Rtype::RRSIG) {
            let rrsig = record.rrsig().expect("hickory reads RRSIGs");
            let covered = rrsig.input().type_covered;
            let owner = record.owner.as_name().wire().to_ascii_lowercase();
            let set = &sets[&(owner, u16::from(covered))];
            let key = keys
                .iter()
                .find(|key| {
                    key.calculate_key_tag().unwrap() == rrsig.input().key_tag
                        && key.algorithm() == rrsig.input().algorithm
                })
                .expect("the key of each signature is in the zone");
            let verify = |records: &[Record]| {
                key.verify_rrsig(&record.name(), DNSClass::IN, &rrsig, records.iter())
                    .map_err(|error| error.to_string())
            };
            let outcome = set
                .iter()
                .map(|record| record.record())
                .collect::<Result<Vec<Record>, String>>()
                .and_then(|records| verify(&records));
            verified += 1;
            let Err(error) = outcome else { continue };
            let name = record.owner.to_string();
            let rtype = Rtype(u16::from(covered)).to_string();
            let known = KNOWN_FAULTS.iter().find(|known| {
                **known == rtype && name == format!("{}.every-type.example.", known.to_lowercase())
            });
            let Some(known) = known else {
                unexpected.push(format!("{name} {rtype}, algorithm {}: {error}", key.algorithm()));
                continue;
            };
            let lower: Vec<Record> = set.iter().map(|record| record.in_lower_case()).collect();
            verify(&lower).unwrap_or_else(|error| panic!("{name} {rtype}, in lower case: {error}"));
            seen.push(*known);
        }
    }
    assert!(unexpected.is_empty(), "hickory refuses:\n{}", unexpected.join("\n"));
    assert!(verified > 700, "{verified}");
    for rtype in KNOWN_FAULTS {
        let failed = seen.iter().filter(|fault| **fault == rtype).count();
        assert_eq!(failed, 3, "{rtype}: hickory has learnt it; take it from the table");
    }
}

#[test]
fn key_tags_and_ds_digests_are_hickorys() {
    let folder = tempfile::tempdir().unwrap();
    let mut compared = 0;
    for signed in sign_all(folder.path()) {
        let zone = signed.zone.trim_end_matches('.');
        let file = format!("{zone}.signed");
        let text = zoneseal(folder.path(), &["ds", "--digest", "sha256", "--digest", "sha384", &file]);
        let mut printed: Vec<Vec<u8>> = records_of_ds(text, &signed.zone);
        let mut expected = Vec::new();
        let apex = hickory_name(&NameBuf::from_text(&signed.zone).unwrap());
        for key in signed.records.iter().filter_map(Wire::dnskey) {
            for (number, digest) in [(2, DigestType::SHA256), (4, DigestType::SHA384)] {
                let mut rdata = key.calculate_key_tag().unwrap().to_be_bytes().to_vec();
                rdata.extend([u8::from(key.algorithm()), number]);
                rdata.extend_from_slice(key.to_digest(&apex, digest).unwrap().as_ref());
                expected.push(rdata);
            }
        }
        printed.sort();
        expected.sort();
        assert_eq!(printed, expected, "{zone}");
        compared += printed.len();
    }
    assert!(compared >= 48, "{compared}");
}

/// The RDATA of DS records, which `zoneseal ds` prints without a TTL.
fn records_of_ds(mut text: Vec<u8>, zone: &str) -> Vec<Vec<u8>> {
    text.splice(0..0, *b"$TTL 0\n");
    let records = records(text);
    for record in &records {
        assert_eq!((record.owner.to_string(), record.rtype), (zone.to_owned(), Rtype::DS));
    }
    records.into_iter().map(|record| record.rdata).collect()
}

#[test]
fn names_are_in_hickorys_order() {
    let mut names: Vec<NameBuf> = Vec::new();
    for path in sample_zones() {
        let zone = path.file_stem().unwrap().to_str().unwrap();
        let mut reader = Reader::open(&path, NameBuf::from_text(zone).ok()).unwrap();
        while let Some(entry) = reader.next().unwrap() {
            names.push(entry.record.owner.to_buf());
        }
    }
    let longest = format!("{0}.{0}.{0}.{1}", "x".repeat(63), "y".repeat(61));
    let odd = [
        ".",
        "example.",
        "a.example.",
        "yljkjljk.a.example.",
        "Z.a.example.",
        "zABC.a.EXAMPLE.",
        "z.example.",
        "\\001.z.example.",
        "*.z.example.",
        "\\200.z.example.",
        "\\000.example.",
        "\\000\\000.example.",
        "a\\000.example.",
        "a\\000b.example.",
        "ab.example.",
        "aB\\255.example.",
        "\\255.example.",
        "@.example.",
        "\\[.example.",
        "[.example.",
        "`.example.",
        "{.example.",
        "A.example.",
        "b.a.example.",
        "a\\.b.example.",
        "-.example.",
        "_.example.",
        "1.2.3.4.5.6.7.8.9.example.",
        "\\127.example.",
        "\\128.example.",
    ];
    names.extend(odd.iter().chain([&longest.as_str()]).map(|text| NameBuf::from_text(text).unwrap()));
    let hickorys: Vec<Name> = names.iter().map(hickory_name).collect();
    let lower: Vec<LowerName> = hickorys.iter().map(LowerName::from).collect();
    for (i, a) in names.iter().enumerate() {
        for (j, b) in names.iter().enumerate() {
            let order = a.as_name().cmp(&b.as_name());
            assert_eq!(order, hickorys[i].cmp(&hickorys[j]), "{a} {b}");
            assert_eq!(order, lower[i].cmp(&lower[j]), "{a} {b}, in lower case");
        }
    }
}

/// Types of which hickory 0.26 refuses some RDATA, and what it asks for. The sample zone has each of them as hickory
/// likes it.
const STRICTER: [(&str, &str); 9] = [
    ("KEY", "a known protocol"),
    ("NAPTR", "flags of letters and digits"),
    ("DNSKEY", "protocol 3"),
    ("NSEC3", "hash algorithm 1"),
    ("NSEC3PARAM", "hash algorithm 1"),
    ("CDNSKEY", "protocol 3"),
    ("CSYNC", "no flags but the two that RFC 7477 has"),
    ("SVCB", "protocols in UTF-8"),
    ("HTTPS", "protocols in UTF-8"),
];

/// What zoneseal takes for RDATA of a type, hickory must take for it too, and write as it was.
#[test]
fn hickory_reads_rdata_of_every_type_it_knows() {
    let mut otherwise = Vec::new();
    let mut known = 0;
    for row in schema::ALL {
        let config = Config { cases: 200, failure_persistence: None, ..Config::default() };
        let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
        let is_known = !matches!(RecordType::from(row.rtype.0), RecordType::Unknown(_));
        known += usize::from(is_known);
        let outcome = runner.run(&rdata::of_row(row), |rdata| {
            let owner = NameBuf::from_text("x.example.").unwrap();
            let wire = Wire { owner, rtype: row.rtype, ttl: 1, rdata };
            let record = wire.record().map_err(TestCaseError::fail)?;
            let mut octets = Vec::new();
            let mut encoder = BinEncoder::new(&mut octets);
            record.data.emit(&mut encoder).map_err(|error| TestCaseError::fail(error.to_string()))?;
            proptest::prop_assert_eq!(&octets, &wire.rdata);
            Ok(())
        });
        if let Err(error) = outcome {
            otherwise.push((row.mnemonic, error.to_string()));
        }
    }
    assert!(known > 30, "{known}");
    let found: Vec<&str> = otherwise.iter().map(|(mnemonic, _)| *mnemonic).collect();
    let listed: Vec<&str> = STRICTER.iter().map(|(mnemonic, _)| *mnemonic).collect();
    assert_eq!(found, listed, "{otherwise:#?}");
}
