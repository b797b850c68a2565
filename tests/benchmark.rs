//! The benchmark's zones, small: made alike every time, and zones that zoneseal takes. What the benchmark
//! measures is no matter of a test.

#[path = "../benches/bench/zones.rs"]
mod zones;

use std::fs;
use std::path::Path;
use zoneseal::dns::{NameBuf, Rtype};
use zoneseal::source::Sources;
use zoneseal::zone::builder::OutOfZone;
use zoneseal::zone::{Builder, Zone};
use zoneseal::zonefile::reader::Reader;

/// A zone of which nothing is odd, and how many records of it have a type.
fn sealed(path: &Path) -> (Zone, impl Fn(Rtype) -> usize) {
    let mut reader = Reader::open(path, None).unwrap();
    let mut builder = Builder::new();
    while let Some(entry) = reader.next().unwrap() {
        builder.push(entry.record, entry.spot).unwrap();
    }
    assert_eq!(reader.warnings().count(), 0, "{}", path.display());
    let types: Vec<Rtype> = builder.records().map(|(record, _)| record.rtype).collect();
    let apex = builder.soa_owner().unwrap_or_else(NameBuf::root);
    let sealed = builder.seal(&apex, reader.class(), Sources::default(), OutOfZone::Refuse);
    let (zone, warnings) = sealed.unwrap_or_else(|faults| panic!("{}: {faults:?}", path.display()));
    assert_eq!(warnings.iter().count(), 0, "{}", path.display());
    (zone, move |rtype| types.iter().filter(|&&other| other == rtype).count())
}

#[test]
fn its_zones_are_zones_and_alike_every_time() {
    let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let made = zones::make(first.path(), 0.001).unwrap();
    let again = zones::make(second.path(), 0.001).unwrap();
    let all =
        |zones: &zones::Zones| [vec![zones.hosts.clone(), zones.tld.clone()], zones.many.clone()].concat();
    for (one, other) in all(&made).iter().zip(all(&again)) {
        assert_eq!(fs::read(one).unwrap(), fs::read(other).unwrap(), "{}", one.display());
    }

    let (hosts, count) = sealed(&made.hosts);
    // the apex, two servers, a hundred hosts and two services
    assert_eq!((hosts.names(), hosts.counts().empty_non_terminals), (105, 2));
    let types = [Rtype::A, Rtype::AAAA, Rtype::TXT, Rtype::MX, Rtype::SRV].map(count);
    assert_eq!(types, [102, 100, 10, 5, 2]);

    let (tld, count) = sealed(&made.tld);
    assert_eq!((tld.counts().cuts, tld.counts().hidden), (1_000, 600));
    let types = [Rtype::NS, Rtype::DS, Rtype::A, Rtype::AAAA].map(count);
    assert_eq!(types, [2_001, 100, 301, 300]);

    assert_eq!(made.many.len(), 2);
    for path in &made.many {
        let records = sealed(path).0.counts().records;
        assert!((12..=20).contains(&records), "{}: {records} records", path.display());
    }
}
