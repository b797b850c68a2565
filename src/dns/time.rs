//! Times of day as DNSSEC has them: seconds since 1970 UTC, 32 bits on the wire, `YYYYMMDDHHmmSS` in text
//! (RFC 4034, section 3.2).

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use std::cell::Cell;

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
        let text: &[u8; 14] = text.try_into().ok()?;
        if !text.iter().fold(true, |digits, octet| digits & octet.is_ascii_digit()) {
            return None;
        }
        let (&date, &clock): (&Date, &[u8; 6]) = (text.first_chunk()?, text.last_chunk()?);
        let (day, _) = recall(|day| day.1 == date, || Some((day_of(date)?, date)))?;
        let pair = |at: usize| i64::from(clock[at] - b'0') * 10 + i64::from(clock[at + 1] - b'0');
        let (hour, minute, second) = (pair(0), pair(2), pair(4));
        let is_moment = hour < 24 && minute < 60 && second < 60;
        is_moment.then_some(Self(day * SECONDS + hour * 3600 + minute * 60 + second))
    }

    fn date_time(self) -> NaiveDateTime {
        DateTime::<Utc>::from_timestamp(self.0, 0).unwrap_or_default().naive_utc()
    }

    /// Appends `YYYYMMDDHHmmSS`.
    pub fn push_digits(self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.digits());
    }

    fn digits(self) -> [u8; 14] {
        let day = self.0.div_euclid(SECONDS);
        // a remainder is below the divisor
        let second = u32::try_from(self.0.rem_euclid(SECONDS)).unwrap_or_default();
        let date = recall(|known| known.0 == day, || Some((day, digits_of(self.date_number()))));
        let mut digits = [b'0'; 14];
        digits[..8].copy_from_slice(&date.unwrap_or_default().1);
        for (at, pair) in [(8, second / 3600), (10, second / 60 % 60), (12, second % 60)] {
            digits[at] += (pair / 10).to_le_bytes()[0];
            digits[at + 1] += (pair % 10).to_le_bytes()[0];
        }
        digits
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

/// Seconds of a day.
const SECONDS: i64 = 86_400;

/// The digits of a date: `YYYYMMDD`.
type Date = [u8; 8];

/// A day, counted from 1970, and its digits.
type Day = (i64, Date);

thread_local! {
    /// The days read or written last: signatures begin and end on few.
    static DAYS: Cell<[Day; 2]> = const { Cell::new([(0, *b"19700101"); 2]) };
}

/// The day that is wanted, made if it is none of the last.
#[inline]
fn recall(wanted: impl Fn(&Day) -> bool, make: impl FnOnce() -> Option<Day>) -> Option<Day> {
    let [last, before] = DAYS.get();
    if wanted(&last) {
        return Some(last);
    }
    let day = if wanted(&before) { before } else { make()? };
    DAYS.set([day, last]);
    Some(day)
}

/// The day that digits stand for, counted from 1970; `None`: there is no such day.
fn day_of(date: Date) -> Option<i64> {
    let number = date.iter().fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0'));
    let year = (number / 10_000).cast_signed();
    let date = NaiveDate::from_ymd_opt(year, number / 100 % 100, number % 100)?;
    Some(date.and_time(NaiveTime::MIN).and_utc().timestamp() / SECONDS)
}

/// The digits of a date that is written as a number.
fn digits_of(date: u32) -> Date {
    let mut digits = [b'0'; 8];
    let mut left = date;
    for digit in digits.iter_mut().rev() {
        *digit += (left % 10).to_le_bytes()[0];
        left /= 10;
    }
    digits
}

impl std::fmt::Display for Time {
    /// As RFC 3339 has it, in UTC.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // years of four digits
        if !(-62_167_219_200..=253_402_300_799).contains(&self.0) {
            return write!(f, "{}", self.date_time().format("%Y-%m-%dT%H:%M:%SZ"));
        }
        let mut text = *b"0000-00-00T00:00:00Z";
        let places = [0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18];
        places.into_iter().zip(self.digits()).for_each(|(place, digit)| text[place] = digit);
        f.write_str(&String::from_utf8_lossy(&text))
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
    fn years_of_any_length() {
        for (seconds, text) in [
            (-62_167_219_200, "0000-01-01T00:00:00Z"),
            (253_402_300_799, "9999-12-31T23:59:59Z"),
            (253_402_300_800, "+10000-01-01T00:00:00Z"),
            (-62_167_219_201, "-0001-12-31T23:59:59Z"),
        ] {
            assert_eq!(Time(seconds).to_string(), text);
        }
    }

    #[test]
    fn days_are_told_apart() {
        for seconds in
            (-4_000_000_000_i64..4_000_000_000).step_by(54_321_987).flat_map(|at| [at, at + 1, at + 86_400])
        {
            let mut text = Vec::new();
            Time(seconds).push_digits(&mut text);
            let expected =
                DateTime::<Utc>::from_timestamp(seconds, 0).unwrap().format("%Y%m%d%H%M%S").to_string();
            assert_eq!(String::from_utf8_lossy(&text), expected);
            assert_eq!(Time::from_digits(&text), Some(Time(seconds)));
            assert_eq!(Time::from_rfc3339(&Time(seconds).to_string()), Some(Time(seconds)));
        }
        for bad in ["20230229000000", "20230228240000", "20230228006000", "20230228000060", "20231301000000"]
        {
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
