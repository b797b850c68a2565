//! Times of day as DNSSEC has them: seconds since 1970 UTC, 32 bits on the wire, `YYYYMMDDHHmmSS` in text
//! (RFC 4034, section 3.2).

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Timelike, Utc};

/// A moment, in Unix seconds. Wider than the wire's 32 bits, which [`Time::wire`] cuts: RRSIG times are
/// serial numbers (RFC 4034, section 3.1.5), so 2106 is no edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(pub i64);

impl Time {
    /// The field of an RRSIG: the time modulo 2^32.
    #[must_use]
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "modulo 2^32 is what is meant"
    )]
    pub fn wire(self) -> u32 {
        self.0 as u32
    }

    /// The moment nearest to `now` that has this wire form.
    #[must_use]
    pub fn from_wire(wire: u32, now: Time) -> Self {
        let distance = i64::from(wire.wrapping_sub(now.wire()).cast_signed());
        Self(now.0 + distance)
    }

    /// Reads `YYYYMMDDHHmmSS`. `None`: anything else, or no such moment.
    #[must_use]
    pub fn from_digits(text: &[u8]) -> Option<Self> {
        if text.len() != 14 || !text.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let number = |range: std::ops::Range<usize>| {
            text[range].iter().fold(0_u32, |sum, digit| sum * 10 + u32::from(digit - b'0'))
        };
        let date = NaiveDate::from_ymd_opt(number(0..4).cast_signed(), number(4..6), number(6..8))?;
        Some(Self(date.and_hms_opt(number(8..10), number(10..12), number(12..14))?.and_utc().timestamp()))
    }

    fn date_time(self) -> NaiveDateTime {
        DateTime::<Utc>::from_timestamp(self.0, 0).unwrap_or_default().naive_utc()
    }

    /// Appends `YYYYMMDDHHmmSS`.
    pub fn push_digits(self, out: &mut Vec<u8>) {
        let t = self.date_time();
        let year = t.year().unsigned_abs();
        for pair in [year / 100 % 100, year % 100, t.month(), t.day(), t.hour(), t.minute(), t.second()] {
            let pair = pair.to_le_bytes()[0];
            out.extend_from_slice(&[b'0' + pair / 10, b'0' + pair % 10]);
        }
    }

    /// `YYYYMMDD` as a number: the head of a date serial.
    #[must_use]
    pub fn date_number(self) -> u32 {
        let t = self.date_time();
        t.year().unsigned_abs() * 10_000 + t.month() * 100 + t.day()
    }

    /// Reads a date and time as RFC 3339 has them.
    #[must_use]
    pub fn from_rfc3339(text: &str) -> Option<Self> {
        let time = DateTime::parse_from_rfc3339(text).ok()?.to_utc();
        // an offset can lead out of the four digits that a year has
        (0..=9999).contains(&time.year()).then(|| Self(time.timestamp()))
    }
}

impl std::fmt::Display for Time {
    /// As RFC 3339 has it, in UTC.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.date_time().format("%Y-%m-%dT%H:%M:%SZ"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_wire_forms() {
        let t = Time::from_digits(b"20041009102013").unwrap();
        assert_eq!(t.wire(), 1_097_317_213);
        let mut text = Vec::new();
        t.push_digits(&mut text);
        assert_eq!(text, b"20041009102013");
        assert_eq!(t.to_string(), "2004-10-09T10:20:13Z");
        assert_eq!(Time::from_rfc3339("2004-10-09T12:20:13+02:00"), Some(t));
        assert_eq!(t.date_number(), 20_041_009);
        for bad in ["2004100910201", "20041309102013", "20041009102413x", "20041009106013"] {
            assert_eq!(Time::from_digits(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn an_offset_does_not_lead_out_of_the_years_that_can_be_written() {
        assert!(Time::from_rfc3339("9999-12-31T23:59:59Z").is_some());
        assert!(Time::from_rfc3339("0000-01-01T00:00:00Z").is_some());
        assert_eq!(Time::from_rfc3339("9999-12-31T23:59:59-00:01"), None);
        assert_eq!(Time::from_rfc3339("0000-01-01T00:00:00+00:01"), None);
    }

    #[test]
    fn wire_times_wrap_in_2106() {
        let now = Time(u32::MAX.into());
        assert_eq!(Time::from_wire(5, now), Time(i64::from(u32::MAX) + 6));
        assert_eq!(Time::from_wire(u32::MAX - 5, Time(now.0 + 10)), Time(now.0 - 5));
    }
}
