//! The numbers in a SOA record (RFC 1035, section 3.3.13), and the policies for its serial.

use super::serial::greater;
use super::time::Time;

/// The fields behind the two names, in seconds but for the serial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are the RFC's")]
pub struct Soa {
    pub serial: u32,
    pub refresh: u32,
    pub retry: u32,
    pub expire: u32,
    pub minimum: u32,
}

impl Soa {
    /// Octets of the numbers, at the end of the RDATA.
    const LENGTH: usize = 20;

    /// The numbers in SOA RDATA; `None`: it is shorter than they are.
    #[must_use]
    pub fn from_rdata(rdata: &[u8]) -> Option<Self> {
        let numbers: &[u8; Self::LENGTH] = rdata.last_chunk()?;
        let number = |at: usize| u32::from_be_bytes([0, 1, 2, 3].map(|octet| numbers[at * 4 + octet]));
        Some(Self {
            serial: number(0),
            refresh: number(1),
            retry: number(2),
            expire: number(3),
            minimum: number(4),
        })
    }

    /// The RDATA with another serial.
    #[must_use]
    pub fn with_serial(rdata: &[u8], serial: u32) -> Vec<u8> {
        let mut out = rdata.to_vec();
        if let Some(at) = out.len().checked_sub(Self::LENGTH) {
            out[at..at + 4].copy_from_slice(&serial.to_be_bytes());
        }
        out
    }
}

/// What happens to the serial when a zone is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SerialPolicy {
    /// It stays as it is.
    Keep,
    /// One more.
    Increment,
    /// The Unix time, or one more where that is not greater.
    Unixtime,
    /// `YYYYMMDDnn` of today, or one more where that is not greater.
    Date,
}

impl SerialPolicy {
    /// The serial that follows `serial`; except for [`SerialPolicy::Keep`] it is greater (RFC 1982).
    #[must_use]
    pub fn next(self, serial: u32, now: Time) -> u32 {
        let aim = match self {
            Self::Keep => return serial,
            Self::Increment => None,
            Self::Unixtime => Some(now.wire()),
            Self::Date => Some(now.date_number().wrapping_mul(100)),
        };
        aim.filter(|&aim| greater(aim, serial)).unwrap_or_else(|| serial.wrapping_add(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serials_only_rise() {
        let now = Time::from_digits(b"20261123120000").unwrap();
        assert_eq!(SerialPolicy::Keep.next(7, now), 7);
        assert_eq!(SerialPolicy::Increment.next(u32::MAX, now), 0);
        assert_eq!(SerialPolicy::Date.next(2_026_112_207, now), 2_026_112_300);
        assert_eq!(SerialPolicy::Date.next(2_026_112_300, now), 2_026_112_301);
        assert_eq!(SerialPolicy::Date.next(2_027_010_100, now), 2_027_010_101);
        assert_eq!(SerialPolicy::Unixtime.next(1, now), now.wire());
        assert_eq!(SerialPolicy::Unixtime.next(2_026_112_300, now), 2_026_112_301);
    }

    #[test]
    fn numbers_of_a_soa() {
        let mut rdata = b"\x01a\0\x01b\0".to_vec();
        for number in 1..=5_u32 {
            rdata.extend(number.to_be_bytes());
        }
        let soa = Soa { serial: 1, refresh: 2, retry: 3, expire: 4, minimum: 5 };
        assert_eq!(Soa::from_rdata(&rdata), Some(soa));
        assert_eq!(Soa::from_rdata(&Soa::with_serial(&rdata, 9)), Some(Soa { serial: 9, ..soa }));
        assert_eq!(Soa::from_rdata(b"short"), None);
    }
}
