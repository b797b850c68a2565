//! What must hold for any input, whatever it is: shared by the fuzz targets and by `tests/mutation.rs`.
//!
//! In: octets. Out: how far they came; a rule that is broken is a panic.
#![allow(dead_code)] // each fuzz target uses its own part of this

use std::path::Path;
use zoneseal::cli::time;
use zoneseal::dns::rrset::Rrsets;
use zoneseal::dns::text::parse_ttl;
use zoneseal::dns::time::Time;
use zoneseal::dns::{Class, Name, NameBuf, Record, Rtype, schema};
use zoneseal::dnssec::apex::{self, Additions};
use zoneseal::dnssec::nsec3::{OptOut, Params};
use zoneseal::dnssec::policy::Validity;
use zoneseal::dnssec::sheet::Sheet;
use zoneseal::dnssec::sign::{Denial, Signed, Signing, Work};
use zoneseal::dnssec::verify::{Finding, Join, Rules, Sampler};
use zoneseal::error::{Fault, Faults, Severity};
use zoneseal::keys::bind::{self, Texts};
use zoneseal::keys::pem::{self, PemKey};
use zoneseal::keys::{Key, KeySet, Metadata, Options, Role};
use zoneseal::run::config::Config;
use zoneseal::source::{Sources, Spot};
use zoneseal::zone::builder::OutOfZone;
use zoneseal::zone::{Builder, Zone};
use zoneseal::zonefile::fields::Types;
use zoneseal::zonefile::reader::Reader;
use zoneseal::zonefile::writer::Writer;

/// A sample key, for everything.
const KEY: &[u8] = include_bytes!("../tests/golden/one-name/csk.pem");
/// Its zone: relative names of an input are below it.
const ORIGIN: &str = "example.";
/// What is larger is not signed: a fuzzer learns nothing from the millionth record of a `$GENERATE`.
const MAX_RECORDS: usize = 2000;
/// Between the files of a key pair, where an input holds a pair: a line of its own.
const NEXT_FILE: &[u8] = b"\n%%\n";

/// How far an input came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It was refused in words.
    Refused,
    /// It was read, and written, and read again; but it is no zone, or too large a one to be signed here.
    Read,
    /// The zone was signed with both kinds of chain and verified; or the keys were taken.
    Done,
}

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

/// What was read.
struct Content {
    records: Vec<(Owned, Spot)>,
    class: Class,
    sources: Sources,
}

/// Reads text as the program does, but for files that it names. A file called `-` is never opened to show a line.
fn read(text: &[u8], origin: Option<NameBuf>) -> Result<Content, Faults> {
    let mut reader = Reader::of_text(text.to_vec(), "-", origin).without_includes();
    let (mut records, mut faults) = (Vec::new(), Faults::new());
    while !faults.full() && records.len() <= MAX_RECORDS {
        match reader.next() {
            Ok(Some(entry)) => records.push((Owned::of(entry.record), entry.spot)),
            Ok(None) => break,
            Err(fault) => faults.push(fault),
        }
        for warning in reader.warnings() {
            well_told(&warning);
        }
    }
    if faults.errors() > 0 {
        return Err(faults);
    }
    Ok(Content { records, class: reader.class(), sources: reader.into_sources() })
}

/// Every fault says what and where, and nothing that a terminal would obey.
fn well_told(fault: &Fault) {
    let text = fault.to_string();
    let word = if fault.severity() == Severity::Error { "error: " } else { "warning: " };
    assert!(text.contains(word), "{text}");
    assert!(fault.place().is_some() || fault.message().starts_with("and "), "no place: {text}");
    assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "control characters: {text:?}");
    assert!(text.len() < 4000, "a fault of {} octets", text.len());
}

fn all_well_told(faults: &Faults) {
    assert!((1..=Faults::LIMIT).contains(&faults.errors()), "{} errors", faults.errors());
    faults.iter().for_each(well_told);
}

fn origin() -> NameBuf {
    NameBuf::from_text(ORIGIN).expect("a valid name")
}

/// A zone file: it is refused in words, or what it holds survives being written and read; if it is a zone, it
/// can be signed with either kind of chain, and the verifier, which knows the rules on its own, finds no fault.
pub(crate) fn zone_file(text: &[u8]) -> Outcome {
    let content = match read(text, Some(origin())) {
        Ok(content) => content,
        Err(faults) => {
            all_well_told(&faults);
            return Outcome::Refused;
        }
    };
    let records: Vec<Owned> = content.records.iter().map(|(record, _)| record.clone()).collect();
    for types in [Types::All, Types::Classic] {
        let text = write(records.iter(), content.class, types);
        assert_eq!(read_back(&text, content.class), records, "{}", String::from_utf8_lossy(&text));
    }
    if records.len() > MAX_RECORDS {
        return Outcome::Read;
    }
    let params = Params { iterations: 1, salt: vec![0xab] };
    let opt_out = [OptOut::No, OptOut::Flag, OptOut::LeaveOut][text.len() % 3];
    for denial in [Denial::Nsec, Denial::Nsec3(params, opt_out)] {
        let Some((zone, keys)) = sealed(&content, &denial) else { return Outcome::Read };
        sign(zone, keys, denial, 1 + text.len() % 5);
    }
    Outcome::Done
}

fn write<'a>(records: impl Iterator<Item = &'a Owned>, class: Class, types: Types) -> Vec<u8> {
    let (writer, mut text) = (Writer::new(class, types), Vec::new());
    records.for_each(|record| writer.push(record.record(), &mut text));
    text
}

/// The records of text that the program has written: all names in it are absolute.
fn read_back(text: &[u8], class: Class) -> Vec<Owned> {
    let shown = || String::from_utf8_lossy(text);
    let mut reader = Reader::of_text(text.to_vec(), "-", None).without_includes();
    let mut records = Vec::new();
    while let Some(entry) = reader.next().unwrap_or_else(|fault| panic!("{fault}\n{}", shown())) {
        records.push(Owned::of(entry.record));
    }
    assert_eq!(reader.warnings().count(), 0, "{}", shown());
    assert!(reader.class() == class || text.is_empty(), "{}", shown());
    records
}

/// The zone and the keys to sign it with, if these records are a zone.
fn sealed(content: &Content, denial: &Denial) -> Option<(Zone, KeySet)> {
    let mut builder = Builder::new();
    for (record, spot) in &content.records {
        builder.push(record.record(), *spot).expect("there is room for these");
    }
    let pem = pem::parse(KEY, "key").expect("the sample key is sound").remove(0);
    let key = Key::new(pem, &origin(), Role::Csk, "key").expect("the sample key is sound");
    let keys = KeySet::new(vec![key], Options::default()).expect("one key for everything is enough");
    let additions = Additions {
        publish_keys: true,
        dnskey_ttl: None,
        drop_foreign_keys: false,
        allow_incomplete: false,
        allow_tag_collision: false,
        cds: &[],
        nsec3: if let Denial::Nsec3(params, _) = denial { Some(params) } else { None },
    };
    // what it refuses are sets of DNSKEYs, which have no line of their own
    apex::add(&mut builder, &keys, &additions).ok()?;
    match builder.seal(&origin(), content.class, content.sources.clone(), OutOfZone::Refuse) {
        Ok((zone, warnings)) => {
            warnings.iter().for_each(well_told);
            Some((zone, keys))
        }
        Err(faults) => {
            all_well_told(&faults);
            None
        }
    }
}

/// Signs the zone in stretches of so many names; writes, reads and verifies each, and joins them.
fn sign(zone: Zone, keys: KeySet, denial: Denial, size: usize) {
    let (inception, expiration) = (Time(1_800_000_000), Time(1_802_000_000));
    let validity = Validity { inception, expiration, keys_expiration: expiration, jitter: 1000 };
    let left_out = matches!(denial, Denial::Nsec3(_, OptOut::LeaveOut));
    let (apex, class) = (zone.apex().to_buf(), zone.class());
    let signing = Signing { keys, validity, denial, reuse: None };
    let signed = Signed::new(zone, Some(signing), 1, Vec::new(), 1).expect("a sealed zone can be planned");
    let (writer, mut work) = (Writer::new(class, Types::All), Work::default());
    let mut spans: Vec<Vec<Owned>> = Vec::new();
    for stretch in signed.stretches(size) {
        let (mut made, mut text) = (Vec::new(), Vec::new());
        let mut emit = |sheet: &Sheet<'_>| {
            for record in sheet.records() {
                made.push(Owned::of(record));
                writer.push(record, &mut text);
            }
        };
        signed.stretch(&stretch, &mut work, &mut emit).expect("the sample key signs");
        assert_eq!(read_back(&text, class), made, "{}", String::from_utf8_lossy(&text));
        spans.push(made);
    }
    let mut sets = Rrsets::default();
    sets.start(apex.as_name());
    let at_apex = spans.iter().flatten().map(Owned::record).filter(|record| record.owner == apex.as_name());
    at_apex.for_each(|record| sets.push(record.rtype, record.ttl, record.rdata));
    sets.sort();
    let broken = |finding: &Finding| -> ! {
        let all = write(spans.iter().flatten(), class, Types::All);
        panic!("{} [{}]\n{}", finding.message, finding.rule.name, String::from_utf8_lossy(&all))
    };
    let now = Time(inception.0 + 1000);
    let rules = Rules::new(&sets, &[], class, now, Sampler::all()).unwrap_or_else(|finding| broken(&finding));
    let rules = rules.expect(signed.expected().expect("it is signed"));
    let rules = if left_out { rules.opted_out() } else { rules };
    let is_error = |finding: &&Finding| finding.rule.severity == Severity::Error;
    let mut join = Join::new(&rules);
    for records in &spans {
        let check = |hiding| {
            let mut span = rules.span(hiding);
            let spots = (1..).map(|line| Spot { file: 0, line });
            records.iter().zip(spots).for_each(|(record, spot)| span.record(record.record(), spot));
            span.finish()
        };
        let mut checked = check(None);
        let hiding = checked.edges.as_ref().and_then(|edges| join.hides(&edges.first));
        if hiding.is_some() {
            checked = check(hiding);
        }
        join.next(&mut checked);
        checked.findings.iter().find(is_error).inspect(|finding| broken(finding));
    }
    let adds_up = join.adds_up();
    join.finish().iter().find(is_error).inspect(|finding| broken(finding));
    assert!(adds_up, "the chain does not add up");
}

/// A type, in the first two octets, and RDATA: what can be written in the type's own form is read again as it
/// was; what cannot is refused, or read as it was.
pub(crate) fn rdata(octets: &[u8]) -> Outcome {
    let Some((&number, rdata)) = octets.split_first_chunk() else { return Outcome::Refused };
    let rtype = Rtype(u16::from_be_bytes(number));
    if rtype.is_meta() || rdata.len() > usize::from(u16::MAX) {
        return Outcome::Refused;
    }
    let mut canonical = Vec::new();
    schema::push_canonical(rtype, rdata, &mut canonical);
    assert!(
        canonical.eq_ignore_ascii_case(rdata),
        "{rtype}: {rdata:02x?} has the canonical form {canonical:02x?}"
    );
    let root = NameBuf::root();
    let record = Owned::of(Record { owner: root.as_name(), rtype, ttl: 0, rdata });
    let mut outcome = Outcome::Done;
    for types in [Types::All, Types::Classic] {
        let text = write([&record].into_iter(), Class::IN, types);
        let shown = || String::from_utf8_lossy(&text);
        let sound = match schema::by_type(rtype) {
            Some(row) => {
                zoneseal::zonefile::fields::format(row, rdata, Types::All, &mut Vec::new()).is_some()
            }
            None => true,
        };
        match read(&text, None) {
            Ok(back) => {
                let back: Vec<&Owned> = back.records.iter().map(|(record, _)| record).collect();
                assert_eq!(back, [&record], "{}", shown());
            }
            Err(faults) => {
                all_well_told(&faults);
                assert!(
                    !sound,
                    "{}\n{}",
                    shown(),
                    faults.iter().map(ToString::to_string).collect::<String>()
                );
                outcome = Outcome::Refused;
            }
        }
    }
    outcome
}

/// A key file, in PEM; or the files of a pair, with lines `%%` between them: private, public, state. It is refused
/// in words, or its keys can be written and read again. Nothing that is said shows a secret.
pub(crate) fn key_file(octets: &[u8]) -> Outcome {
    let secrets = Secrets::of(octets);
    let mut files = Vec::new();
    let mut rest = octets;
    while let Some(at) = rest.windows(NEXT_FILE.len()).position(|window| window == NEXT_FILE) {
        files.push(&rest[..=at]);
        rest = &rest[at + NEXT_FILE.len()..];
    }
    files.push(rest);
    let texts = Texts { private: files[0], public: files.get(1).copied(), state: files.get(2).copied() };
    let base = Path::new("Kexample.+015+42345");
    let mut outcome = Outcome::Refused;
    for found in [
        pem::parse(octets, "key.pem"),
        bind::parse(texts, base, None, Time(1_800_000_000)).map(|key| vec![key]),
    ] {
        match found {
            Ok(keys) => {
                assert!(!keys.is_empty());
                for key in keys {
                    if keeps(&key, &secrets) {
                        outcome = Outcome::Done;
                    }
                }
            }
            Err(fault) => {
                well_told(&fault);
                secrets.kept_by(&fault.to_string());
            }
        }
    }
    outcome
}

/// Whether a key can sign. If so, its text holds the same key, and the same is said about it.
fn keeps(key: &PemKey, secrets: &Secrets) -> bool {
    let zone = key.metadata.zone.as_ref().map(|zone| format!("{zone}")).unwrap_or_default();
    // the name of the zone is no secret, whatever it looks like
    let said = format!("{key:?}").replace(zone.escape_debug().to_string().as_str(), "");
    secrets.kept_by(&said);
    let (private, text) = match (key.private_key(), key.to_text()) {
        (Ok(private), Ok(text)) => (private, text),
        (Err(fault), _) | (_, Err(fault)) => {
            secrets.kept_by(&fault.to_string());
            return false;
        }
    };
    secrets.kept_by(&format!("{private:?}"));
    let again = pem::parse(text.as_bytes(), "again").unwrap_or_else(|fault| panic!("{fault}"));
    assert_eq!(again.len(), 1);
    assert_eq!(again[0].metadata, key.metadata);
    let public = again[0].private_key().unwrap_or_else(|fault| panic!("{fault}")).public_key();
    assert_eq!(public, private.public_key());
    true
}

/// Stretches of an input that may be a key.
struct Secrets<'a>(Vec<&'a [u8]>);

impl<'a> Secrets<'a> {
    /// The least number of octets in a row that no message may repeat.
    const STRETCH: usize = 16;

    fn of(octets: &'a [u8]) -> Self {
        let digit = |octet: &u8| octet.is_ascii_alphanumeric() || b"+/=".contains(octet);
        let (long, short): (Vec<_>, Vec<_>) =
            octets.split(|octet| !digit(octet)).partition(|word| word.len() >= 40);
        let stretches = long.into_iter().flat_map(|word| word.chunks_exact(Self::STRETCH));
        // what is also said elsewhere is no secret
        let told =
            |stretch: &[u8]| short.iter().any(|word| word.windows(Self::STRETCH).any(|part| part == stretch));
        Self(stretches.filter(|stretch| !told(stretch)).collect())
    }

    fn kept_by(&self, message: &str) {
        let message = message.as_bytes();
        let shown =
            self.0.iter().find(|stretch| message.windows(Self::STRETCH).any(|part| part == **stretch));
        assert!(shown.is_none(), "a secret in a message: {}", String::from_utf8_lossy(message));
    }
}

/// The lines of text as metadata of a key, and each as a time or a duration: what is understood is written, and read
/// again as it was.
pub(crate) fn metadata(octets: &[u8]) -> Outcome {
    let text = String::from_utf8_lossy(octets);
    for line in text.lines() {
        let now = Time(1_800_000_000);
        let times = [
            Time::from_rfc3339(line),
            Time::from_digits(line.as_bytes()),
            time::parse("--now", line, now).ok(),
            parse_ttl(line.as_bytes()).map(|seconds| Time(now.0 + i64::from(seconds))),
        ];
        for time in times.into_iter().flatten() {
            assert_eq!(Time::from_rfc3339(&time.to_string()), Some(time), "{line:?}");
            let mut digits = Vec::new();
            time.push_digits(&mut digits);
            assert_eq!(Time::from_digits(&digits), Some(time), "{line:?}");
            assert_eq!(Time::from_wire(time.wire(), time), time);
        }
    }
    match Metadata::parse(&text, "key") {
        Ok(metadata) => {
            let written = metadata.to_text();
            let again = Metadata::parse(&written, "key").unwrap_or_else(|fault| panic!("{written}\n{fault}"));
            assert_eq!(again, metadata, "{written}");
            Outcome::Done
        }
        Err(fault) => {
            well_told(&fault);
            Outcome::Refused
        }
    }
}

/// A configuration: it is refused in words, each with its place, or every policy in it is one that can be kept.
pub(crate) fn configuration(text: &[u8]) -> Outcome {
    let (config, warnings) = match Config::read(text, "etc/zoneseal.toml") {
        Ok(read) => read,
        Err(faults) => {
            all_well_told(&faults);
            return Outcome::Refused;
        }
    };
    warnings.iter().for_each(well_told);
    let default = config.policy("default").expect("it is always there");
    for policy in config.entries().iter().map(|entry| &entry.policy).chain([default]) {
        let shorter = policy.validity.min(policy.dnskey_validity);
        let refresh = policy.refresh.unwrap_or(shorter / 4);
        assert!(refresh < shorter || shorter == 0, "{policy:?}");
        assert!(policy.jitter.is_none_or(|jitter| jitter < shorter - refresh), "{policy:?}");
        let canonical = policy.canonical();
        let lines: Vec<&str> = canonical.lines().collect();
        assert!(lines.is_sorted() && lines.iter().all(|line| line.contains(" = ")), "{canonical}");
    }
    for (name, file) in [("example.org", "etc/zones/example.org.zone"), ("a.b", "/srv/a.b"), (".", "x")] {
        let name = NameBuf::from_text(name).expect("a valid name");
        let zone = config.zone(name.as_name(), Path::new(file));
        assert!(zone.ds.file_name().is_some() && zone.signed != zone.ds, "{zone:?}");
        assert!(zone.place.is_some() || zone.policy == default);
    }
    Outcome::Done
}
