//! From when a DS does no harm: once no cache can hold an answer any more that the DS would make bogus.
//!
//! - At the first signing those are all answers without signatures: they were given until the last secondary had the
//!   signed zone, and are kept for the largest TTL, or for that of negative answers (RFC 7583, section 3.3.5).
//! - For a key that joins a zone that is secure they are DNSKEY `RRsets` without that key (RFC 7583, section 3.3.1).

use crate::dns::soa::Soa;
use crate::dns::time::Time;
use std::fmt;

/// What is known of how a zone is published. All durations are in seconds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Publication {
    /// When the zone was first served with signatures.
    pub first: Option<Time>,
    /// The largest TTL of its records.
    pub largest_ttl: u32,
    /// The TTL of its DNSKEYs.
    pub dnskey_ttl: u32,
    /// The negative TTL of its SOA.
    pub minimum: u32,
    /// Until all servers have a new version.
    pub propagation: u32,
}

/// What is known of a key.
#[derive(Clone, Copy, Debug, Default)]
pub struct KeyTimes {
    /// When its DNSKEY entered the zone.
    pub publish: Option<Time>,
    /// When its DS was seen at the parent, unless it has gone since.
    pub ds_published: Option<Time>,
}

/// From when the parent may have a key's DS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// It has it, since then.
    Published(Time),
    /// From then on, for this reason.
    From(Time, Reason),
    /// From then on, if another DS of the zone is at the parent already; otherwise it is not known.
    IfSecure(Time),
    /// It is not known, as the beginning of what this reason is about is not.
    Unknown(Reason),
}

/// What a DS has to wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Unsigned answers leave the caches.
    FirstSigning,
    /// DNSKEY `RRsets` without the key leave the caches.
    NewKey,
}

impl Publication {
    /// The same, with the numbers of the SOA: its MINIMUM, and refresh and retry for propagation where nothing else is
    /// said.
    #[must_use]
    pub fn with_soa(self, soa: &Soa, propagation: Option<u32>) -> Self {
        let propagation = propagation.unwrap_or_else(|| soa.refresh.saturating_add(soa.retry));
        Self { minimum: soa.minimum, propagation, ..self }
    }

    /// From when the parent may have the DS of a key. `secure` says that another DS that leads into the zone is known
    /// to be there.
    #[must_use]
    pub fn when(&self, times: KeyTimes, secure: bool) -> When {
        if let Some(since) = times.ds_published {
            return When::Published(since);
        }
        let after = |time: Time, ttl: u32| Time(time.0 + i64::from(ttl) + i64::from(self.propagation));
        let key = times.publish.map(|publish| after(publish, self.dnskey_ttl));
        let zone = self.first.map(|first| after(first, self.largest_ttl.max(self.minimum)));
        match (zone, key) {
            (_, Some(key)) if secure => When::From(key, Reason::NewKey),
            // when the zone was signed says nothing of a key that came later
            (_, None) if secure => When::Unknown(Reason::NewKey),
            (Some(zone), Some(key)) if key > zone => When::From(key, Reason::NewKey),
            (Some(zone), _) => When::From(zone, Reason::FirstSigning),
            (None, Some(key)) => When::IfSecure(key),
            (None, None) => When::Unknown(Reason::FirstSigning),
        }
    }
}

impl fmt::Display for Reason {
    /// What it is that has left the caches.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FirstSigning => "answers without signatures",
            Self::NewKey => "DNSKEY answers without the key",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_signing_and_new_keys() {
        let soa = Soa { serial: 1, refresh: 1000, retry: 100, expire: 0, minimum: 7 };
        let zone = |first| {
            Publication { first, largest_ttl: 50, dnskey_ttl: 30, ..Publication::default() }
                .with_soa(&soa, None)
        };
        let (signed, unknown) = (zone(Some(Time(0))), zone(None));
        let key = |publish| KeyTimes { publish: Some(Time(publish)), ds_published: None };
        let nothing = KeyTimes::default();
        let from = |time, reason| When::From(Time(time), reason);
        assert_eq!(signed.when(nothing, false), from(1150, Reason::FirstSigning));
        assert_eq!(signed.when(key(10), false), from(1150, Reason::FirstSigning));
        assert_eq!(signed.when(key(2000), false), from(3130, Reason::NewKey));
        assert_eq!(signed.when(key(2000), true), from(3130, Reason::NewKey));
        assert_eq!(unknown.when(key(2000), true), from(3130, Reason::NewKey));
        assert_eq!(unknown.when(key(2000), false), When::IfSecure(Time(3130)));
        assert_eq!(unknown.when(nothing, true), When::Unknown(Reason::NewKey));
        assert_eq!(unknown.when(nothing, false), When::Unknown(Reason::FirstSigning));
        assert_eq!(signed.when(nothing, true), When::Unknown(Reason::NewKey));
        let there = KeyTimes { ds_published: Some(Time(5)), ..key(1) };
        assert_eq!(signed.when(there, false), When::Published(Time(5)));
        let slow = Publication { minimum: 90, ..signed };
        assert_eq!(slow.when(nothing, false), from(1190, Reason::FirstSigning));
        assert_eq!(signed.with_soa(&soa, Some(5)).when(nothing, false), from(55, Reason::FirstSigning));
    }
}
