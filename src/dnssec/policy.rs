//! When signatures hold (RFC 4034, section 3.1.5; RFC 6781, section 4.4.2).

use crate::dns::soa::Soa;
use crate::dns::time::Time;
use crate::dns::{Name, Rtype};

/// The times of all signatures of a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// Start.
    pub inception: Time,
    /// End, at the latest.
    pub expiration: Time,
    /// The same for signatures over DNSKEY, CDS and CDNSKEY.
    pub keys_expiration: Time,
    /// Ends are spread over so many seconds before the latest, so that not all signatures of a zone have to
    /// be renewed at once.
    pub jitter: u32,
}

impl Validity {
    /// The end of validity of the signatures over one `RRset`: the same on every run.
    #[must_use]
    pub fn expiration(&self, owner: Name<'_>, rtype: Rtype) -> Time {
        let latest = self.latest(rtype);
        match self.jitter {
            0 => latest,
            jitter => {
                let share = hash(owner, rtype) % (u64::from(jitter) + 1);
                Time(latest.0 - share.cast_signed())
            }
        }
    }

    /// The end of validity of signatures over a type, at the latest.
    #[must_use]
    pub fn latest(&self, rtype: Rtype) -> Time {
        match rtype {
            Rtype::DNSKEY | Rtype::CDS | Rtype::CDNSKEY => self.keys_expiration,
            _ => self.expiration,
        }
    }

    /// The longest time between start and end, in seconds.
    #[must_use]
    pub fn longest(&self) -> i64 {
        self.expiration.max(self.keys_expiration).0 - self.inception.0
    }
}

/// FNV-1a over the canonical owner and the type: spread evenly, and the same everywhere and always.
fn hash(owner: Name<'_>, rtype: Rtype) -> u64 {
    let lower = owner.wire().iter().map(u8::to_ascii_lowercase);
    lower
        .chain(rtype.0.to_be_bytes())
        .fold(0xcbf2_9ce4_8422_2325, |hash, octet| (hash ^ u64::from(octet)).wrapping_mul(0x0100_0000_01b3))
}

/// How long before their expiration signatures should be made anew, in seconds (RFC 6781, section 4.4.2):
/// how long they are, and how long the SOA asks for, which may be more than their validity allows.
#[must_use]
pub fn refresh(validity: i64, soa: &Soa, largest_ttl: u32) -> (i64, i64) {
    // secondaries may serve a zone until it expires, and resolvers keep what they got as long as its TTL
    let wanted = i64::from(soa.expire) + i64::from(largest_ttl) + 3600;
    (wanted.max(validity / 4).min(validity * 3 / 4), wanted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::NameBuf;

    #[test]
    fn ends_are_spread_evenly_and_always_alike() {
        let (inception, expiration, keys_expiration) = (Time(0), Time(1_000_000), Time(500_000));
        let validity = Validity { inception, expiration, keys_expiration, jitter: 99 };
        let name = |number: u32| NameBuf::from_text(&format!("Host{number}.example.")).unwrap();
        let mut tenths = [0; 10];
        for number in 0..10_000 {
            let end = validity.expiration(name(number).as_name(), Rtype::A);
            let lower = validity.expiration(name(number).to_lower_case().as_name(), Rtype::A);
            assert_eq!(end, lower);
            tenths[usize::try_from((1_000_000 - end.0) / 10).unwrap()] += 1;
        }
        assert!(tenths.iter().all(|&count| (800..1200).contains(&count)), "{tenths:?}");
        let end = validity.expiration(name(1).as_name(), Rtype::DNSKEY).0;
        assert!((499_901..=500_000).contains(&end));
        let plain = Validity { jitter: 0, ..validity };
        assert_eq!(plain.expiration(name(1).as_name(), Rtype::A), expiration);
        assert_eq!(plain.longest(), 1_000_000);
    }
}
