//! A signed file as a resolver sees it: which keys there are, which of them sign the DNSKEYs, and which all else.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use zoneseal::dns::time::Time;
use zoneseal::dns::{NameBuf, Rtype};
use zoneseal::dnssec::ds;
use zoneseal::dnssec::rrsig::Rrsig;
use zoneseal::keys::public::key_tag;
use zoneseal::zonefile::reader::Reader;

/// A key: algorithm and tag. No two keys of a test share them.
pub(crate) type Key = (u8, u16);

/// A DS as the parent has it: its RDATA.
pub(crate) type Ds = Vec<u8>;

/// RRsets that are alike to a resolver.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Kind {
    pub(crate) signers: BTreeSet<Key>,
    pub(crate) ttl: u32,
}

/// One version of a zone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Version {
    pub(crate) serial: u32,
    pub(crate) dnskeys: BTreeMap<Key, Vec<u8>>,
    pub(crate) dnskey_ttl: u32,
    /// Who signs the DNSKEYs, and until when that holds.
    pub(crate) dnskey_signers: BTreeMap<Key, Time>,
    /// The kinds of all other RRsets, with the first moment at which a signature of one of them ends.
    pub(crate) answers: BTreeMap<Kind, Time>,
    /// When each signature ends.
    pub(crate) ends: Vec<Time>,
    /// The DS of each key.
    pub(crate) ds: BTreeMap<Key, Ds>,
}

impl Version {
    /// A zone that is not signed.
    pub(crate) fn unsigned(ttl: u32) -> Self {
        let kind = Kind { signers: BTreeSet::new(), ttl };
        Self { dnskey_ttl: ttl, answers: [(kind, Time(i64::MAX))].into(), ..Self::default() }
    }

    /// Reads a signed file. Every RRset of the zone must be one that is signed.
    pub(crate) fn read(path: &Path, zone: &str, now: Time) -> Self {
        let apex = NameBuf::from_text(zone).expect("a zone's name");
        let mut reader = Reader::open(path, Some(apex.clone())).expect("the signed file can be read");
        let mut version = Self::default();
        let mut ttls: BTreeMap<(Vec<u8>, Rtype), u32> = BTreeMap::new();
        let mut signatures: BTreeMap<(Vec<u8>, Rtype), BTreeMap<Key, Time>> = BTreeMap::new();
        while let Some(entry) = reader.next().expect("the signed file can be read") {
            let record = entry.record;
            let owner = record.owner.wire().to_vec();
            match record.rtype {
                Rtype::RRSIG => {
                    let rrsig = Rrsig::parse(record.rdata).expect("an RRSIG");
                    let end = Time::from_wire(rrsig.expiration, now);
                    version.ends.push(end);
                    let set = signatures.entry((owner, rrsig.type_covered)).or_default();
                    let twice = set.insert((rrsig.algorithm, rrsig.key_tag), end);
                    assert_eq!(twice, None, "one key signs an RRset once");
                    continue;
                }
                Rtype::SOA => version.serial = soa_serial(record.rdata),
                Rtype::DNSKEY => {
                    let key = (record.rdata[3], key_tag(record.rdata));
                    let double = version.dnskeys.insert(key, record.rdata.to_vec());
                    assert_eq!(double, None, "keys of a test have different tags");
                    let ds = ds::rdata(apex.as_name(), record.rdata, ds::Digest::Sha256).expect("a DS");
                    version.ds.insert(key, ds);
                    version.dnskey_ttl = record.ttl;
                }
                _ => {}
            }
            ttls.insert((owner, record.rtype), record.ttl);
        }
        for (set, ttl) in ttls {
            let signers = signatures.remove(&set).unwrap_or_default();
            if set.1 == Rtype::DNSKEY {
                version.dnskey_signers = signers;
                continue;
            }
            let first = signers.values().min().copied().unwrap_or(Time(0));
            let kind = Kind { signers: signers.into_keys().collect(), ttl };
            let end = version.answers.entry(kind).or_insert(first);
            *end = first.min(*end);
        }
        assert!(signatures.is_empty(), "signatures over nothing: {signatures:?}");
        version
    }

    /// When the first signature ends.
    pub(crate) fn first_end(&self) -> Time {
        self.ends.iter().min().copied().unwrap_or(Time(0))
    }

    /// Keys that sign something beside the DNSKEYs.
    pub(crate) fn data_signers(&self) -> BTreeSet<Key> {
        self.answers.keys().flat_map(|kind| kind.signers.iter().copied()).collect()
    }

    /// The largest share of all signatures that end within one hour.
    pub(crate) fn crowd(&self) -> f64 {
        let mut hours: BTreeMap<i64, u32> = BTreeMap::new();
        self.ends.iter().for_each(|end| *hours.entry(end.0 / 3600).or_default() += 1);
        let most = hours.values().max().copied().unwrap_or(0);
        f64::from(most) / f64::from(u32::try_from(self.ends.len()).expect("few signatures"))
    }
}

fn soa_serial(rdata: &[u8]) -> u32 {
    zoneseal::dns::soa::Soa::from_rdata(rdata).expect("an SOA").serial
}
