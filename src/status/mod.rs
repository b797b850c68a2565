//! How a signed zone stands: what its file says about keys, times and serial, whoever signed it.
//!
//! In: records of a signed zone, in any order. Out: a [`Status`]; [`prometheus`] and JSON make it readable for
//! monitoring. Nothing is verified here.

pub mod prometheus;

use crate::dns::soa::Soa;
use crate::dns::time::Time;
use crate::dns::{NameBuf, Record, Rtype};
use crate::dnssec::nsec3::Params;
use crate::dnssec::rrsig::Rrsig;
use crate::keys::role::{REVOKE, SEP};
use crate::keys::{Algorithm, key_tag, life};
use crate::publish::stamp::Stamp;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A signed zone at some moment.
#[derive(Clone, Debug)]
pub struct Status {
    /// The zone.
    pub zone: NameBuf,
    /// The moment.
    pub now: Time,
    /// The numbers of its SOA.
    pub soa: Soa,
    /// Its DNSKEYs.
    pub keys: Vec<KeyStatus>,
    /// The earliest and the latest end of its signatures; `None`: it has none.
    pub ends: Option<(Time, Time)>,
    /// How names that do not exist are denied.
    pub denial: Denial,
    /// Records.
    pub records: usize,
    /// Signatures.
    pub signatures: usize,
    /// Names in the chain.
    pub chain: usize,
    /// How long its records may be in caches, in seconds: the largest TTL, or the SOA's minimum.
    pub largest_ttl: u32,
    /// The latest begin of its signatures.
    pub begins: Option<Time>,
    /// When signatures have to be made anew, as its last line says, if it has one.
    pub renew: Option<Time>,
    /// When a signed version was first put in place, as its last line says.
    pub first: Option<Time>,
}

/// The little of it that is known without reading all of the zone.
#[derive(Clone, Copy, Debug)]
pub struct Standing {
    /// The numbers of the SOA.
    pub soa: Soa,
    /// When the first signatures end.
    pub expires: Option<Time>,
    /// When signatures have to be made anew.
    pub renew: Option<Time>,
    /// How long its records may be in caches, in seconds: the largest TTL, or the SOA's minimum.
    pub ttl: u32,
}

/// A DNSKEY and what it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyStatus {
    /// Its key tag.
    pub tag: u16,
    /// Its algorithm's number.
    pub algorithm: u8,
    /// Its flags (RFC 4034, section 2.1.1).
    pub flags: u16,
    /// Whether it signs the DNSKEYs.
    pub signs_keys: bool,
    /// Whether it signs anything else.
    pub signs_data: bool,
    /// When it entered the zone, if the last line says so.
    pub published: Option<Time>,
    /// Since when it signs, if the last line says so.
    pub since: Option<Time>,
}

impl KeyStatus {
    /// What it is, by what it does: `ksk`, `zsk`, `csk`; by its flags, if it signs nothing.
    #[must_use]
    pub fn role(&self) -> &'static str {
        match (self.signs_keys, self.signs_data) {
            (true, true) => "csk",
            (true, false) => "ksk",
            (false, false) if self.flags & SEP != 0 => "ksk",
            (false, _) => "zsk",
        }
    }

    /// What it does, in a word.
    #[must_use]
    pub fn state(&self) -> &'static str {
        match (self.flags & REVOKE != 0, self.signs_keys || self.signs_data) {
            (true, _) => "revoked",
            (false, true) => "signs",
            (false, false) => "published",
        }
    }

    /// The mnemonic of its algorithm, or its number.
    #[must_use]
    pub fn algorithm_name(&self) -> String {
        Algorithm::from_number(self.algorithm)
            .map_or_else(|| self.algorithm.to_string(), |known| known.to_string())
    }
}

/// How names that do not exist are denied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Denial {
    /// Not at all.
    None,
    /// By NSEC.
    Nsec,
    /// By NSEC3, and whether a record has the Opt-Out flag.
    Nsec3(Params, bool),
}

impl Denial {
    /// In a word.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Nsec => "nsec",
            Self::Nsec3(_, false) => "nsec3",
            Self::Nsec3(_, true) => "nsec3-opt-out",
        }
    }
}

/// Collects what records tell.
#[derive(Debug)]
pub struct Collector {
    now: Time,
    soa: Option<(NameBuf, Soa)>,
    dnskeys: Vec<Vec<u8>>,
    /// Algorithm and tag of the keys that sign the DNSKEYs, and of those that sign anything else.
    signers: [BTreeSet<(u8, u16)>; 2],
    ends: Option<(Time, Time)>,
    begins: Option<Time>,
    denial: Denial,
    records: usize,
    signatures: usize,
    chain: usize,
    largest_ttl: u32,
}

impl Collector {
    /// Nothing yet.
    #[must_use]
    pub fn new(now: Time) -> Self {
        Self {
            now,
            soa: None,
            dnskeys: Vec::new(),
            signers: Default::default(),
            ends: None,
            begins: None,
            denial: Denial::None,
            records: 0,
            signatures: 0,
            chain: 0,
            largest_ttl: 0,
        }
    }

    /// Adds a record.
    pub fn add(&mut self, record: Record<'_>) {
        self.records += 1;
        self.largest_ttl = self.largest_ttl.max(record.ttl);
        match record.rtype {
            Rtype::SOA if self.soa.is_none() => {
                self.soa = Soa::from_rdata(record.rdata).map(|soa| (record.owner.to_buf(), soa));
            }
            Rtype::DNSKEY => self.dnskeys.push(record.rdata.to_vec()),
            Rtype::NSEC => {
                self.chain += 1;
                self.denial = Denial::Nsec;
            }
            Rtype::NSEC3 => {
                self.chain += 1;
                let opt_out = record.rdata.get(1).is_some_and(|flags| flags & 1 != 0);
                match (&mut self.denial, Params::parse(record.rdata)) {
                    (Denial::Nsec3(_, any), _) => *any |= opt_out,
                    (denial, Some((params, ..))) => *denial = Denial::Nsec3(params, opt_out),
                    _ => {}
                }
            }
            Rtype::RRSIG => self.signature(record.rdata),
            _ => {}
        }
    }

    fn signature(&mut self, rdata: &[u8]) {
        let Some(rrsig) = Rrsig::parse(rdata) else { return };
        self.signatures += 1;
        let of_keys = usize::from(rrsig.type_covered != Rtype::DNSKEY);
        self.signers[of_keys].insert((rrsig.algorithm, rrsig.key_tag));
        self.begins = self.begins.max(Some(Time::from_wire(rrsig.inception, self.now)));
        let end = Time::from_wire(rrsig.expiration, self.now);
        self.ends = Some(self.ends.map_or((end, end), |(first, last)| (first.min(end), last.max(end))));
    }

    /// How the zone stands; `None`: it has no SOA. `stamp` is what the file's last line says.
    #[must_use]
    pub fn finish(self, stamp: Option<&Stamp>) -> Option<Status> {
        let (zone, soa) = self.soa?;
        let key = |rdata: &Vec<u8>| {
            let &[high, low, _, algorithm, ..] = rdata.as_slice() else { return None };
            let tag = key_tag(rdata);
            let [keys, data] = self.signers.each_ref().map(|signers| signers.contains(&(algorithm, tag)));
            let flags = u16::from_be_bytes([high, low]);
            let print = life::print(rdata);
            let life = stamp.and_then(|stamp| stamp.lives.iter().find(|life| life.print == print));
            let since = life.and_then(|life| match life.state {
                life::State::Signs(since) => Some(since),
                _ => None,
            });
            let published = life.map(|life| life.published);
            Some(KeyStatus { tag, algorithm, flags, signs_keys: keys, signs_data: data, published, since })
        };
        Some(Status {
            zone,
            now: self.now,
            soa,
            keys: self.dnskeys.iter().filter_map(key).collect(),
            ends: self.ends,
            denial: self.denial,
            records: self.records,
            signatures: self.signatures,
            chain: self.chain,
            largest_ttl: self.largest_ttl.max(soa.minimum),
            begins: self.begins,
            renew: stamp.and_then(|stamp| stamp.renew),
            first: stamp.and_then(|stamp| stamp.first),
        })
    }
}

impl Status {
    /// The little that is also known without reading all of it.
    #[must_use]
    pub fn standing(&self) -> Standing {
        let expires = self.ends.map(|(first, _)| first);
        Standing { soa: self.soa, expires, renew: self.renew, ttl: self.largest_ttl }
    }

    /// Seconds that are left if nobody signed any more and a secondary lost its primary now: it serves what it has
    /// until the SOA's expire, and resolvers keep that for a TTL. `None`: there are no signatures.
    #[must_use]
    pub fn margin(&self) -> Option<i64> {
        let (first, _) = self.ends?;
        Some(first.0 - self.now.0 - i64::from(self.soa.expire) - i64::from(self.largest_ttl))
    }

    /// Seconds until the first signature ends. `None`: there are none.
    #[must_use]
    pub fn left(&self) -> Option<i64> {
        self.ends.map(|(first, _)| first.0 - self.now.0)
    }

    /// Whether all signatures hold: none has ended, none begins later.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.left().is_some_and(|left| left > 0) && self.begins.is_none_or(|begins| begins <= self.now)
    }

    /// As a JSON object. Times are RFC 3339, durations seconds.
    #[must_use]
    pub fn json(&self) -> Value {
        let time = |time: Option<Time>| time.map(|time| time.to_string());
        let key = |key: &KeyStatus| {
            json!({
                "tag": key.tag,
                "algorithm": key.algorithm,
                "mnemonic": key.algorithm_name(),
                "flags": key.flags,
                "role": key.role(),
                "state": key.state(),
                "published": time(key.published),
                "signs_since": time(key.since),
            })
        };
        json!({
            "zone": self.zone.to_string(),
            "at": self.now.to_string(),
            "serial": self.soa.serial,
            "denial": self.denial.word(),
            "records": self.records,
            "signatures": self.signatures,
            "chain": self.chain,
            "largest_ttl": self.largest_ttl,
            "soa_expire": self.soa.expire,
            "first_expiration": time(self.ends.map(|(first, _)| first)),
            "last_expiration": time(self.ends.map(|(_, last)| last)),
            "seconds_left": self.left(),
            "holds": self.holds(),
            "margin": self.margin(),
            "due": time(self.renew),
            "first_published": time(self.first),
            "keys": self.keys.iter().map(key).collect::<Vec<_>>(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zonefile::reader::Reader;

    #[test]
    fn a_zone_signed_by_somebody_else() {
        let text = "example. 3600 IN SOA a. b. 7 1800 900 604800 300\n\
            example. 3600 DNSKEY 257 3 15 l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=\n\
            example. 3600 DNSKEY 256 3 15 zPnZ/QwEe7S8C5SPz2OfS5RR40ATk2/rYnE9xHIEijs=\n\
            example. 3600 RRSIG DNSKEY 15 1 3600 20260201000000 20260101000000 3613 example. AAAA\n\
            a.example. 86400 RRSIG A 15 2 86400 20260301000000 20260101000000 35217 example. AAAA\n\
            a.example. 300 NSEC example. A RRSIG NSEC\n";
        let now = Time::from_digits(b"20260120000000").unwrap();
        let mut collector = Collector::new(now);
        let mut reader = Reader::of_text(text.as_bytes().to_vec(), "z", None);
        while let Some(entry) = reader.next().unwrap() {
            collector.add(entry.record);
        }
        let status = collector.finish(None).unwrap();
        assert_eq!((status.records, status.signatures, status.chain), (6, 2, 1));
        assert_eq!(status.left(), Some(12 * 86_400));
        assert_eq!(status.margin(), Some((12 - 7 - 1) * 86_400));
        assert_eq!(status.denial, Denial::Nsec);
        let keys: Vec<_> = status.keys.iter().map(|key| (key.tag, key.role(), key.state())).collect();
        assert_eq!(keys[0], (3613, "ksk", "signs"));
        assert_eq!(status.json()["margin"], 4 * 86_400);
        assert!(Collector::new(now).finish(None).is_none());
    }
}
