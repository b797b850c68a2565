//! Times and durations in options: `YYYYMMDDHHmmSS`, `YYYYMMDD`, Unix seconds, RFC 3339, or relative to
//! now, as in `now`, `+28d`, `-1h`. All in UTC.

use super::{Failure, usage};
use crate::dns::text::parse_ttl;
use crate::dns::time::Time;
use crate::options;
use std::time::{SystemTime, UNIX_EPOCH};

/// The system's clock.
#[must_use]
pub fn system_clock() -> Time {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    Time(i64::try_from(seconds).unwrap_or(i64::MAX))
}

/// Reads the time that `option` was given.
///
/// # Errors
/// It is no time.
pub fn parse(option: &str, text: &str, now: Time) -> Result<Time, Failure> {
    // 32 bits of seconds since 1970 are all a signature can say (RFC 4034, section 3.1.5)
    read(text, now).filter(|time| time.0 >= 0).ok_or_else(|| {
        usage(format!(
            "{option}: expected a time such as 20261231235959, 20261231, 2026-12-31T23:59:59Z, +28d, -1h or now, found \"{text}\""
        ))
    })
}

fn read(text: &str, now: Time) -> Option<Time> {
    if text == "now" {
        return Some(now);
    }
    if let Some(span) = text.strip_prefix('+') {
        return seconds(span).map(|seconds| Time(now.0 + seconds));
    }
    if let Some(span) = text.strip_prefix('-') {
        return seconds(span).map(|seconds| Time(now.0 - seconds));
    }
    if !text.bytes().all(|octet| octet.is_ascii_digit()) {
        return Time::from_rfc3339(text);
    }
    match text.len() {
        8 => Time::from_digits(format!("{text}000000").as_bytes()),
        14 => Time::from_digits(text.as_bytes()),
        1..=11 => text.parse().ok().map(Time),
        _ => None,
    }
}

/// Reads the duration that `option` was given, such as `90`, `28d` or `1h30m`: seconds.
///
/// # Errors
/// It is none.
pub fn duration(option: &str, text: &str) -> Result<u32, Failure> {
    options::duration(option, text).map_err(Failure::Usage)
}

fn seconds(text: &str) -> Option<i64> {
    parse_ttl(text.as_bytes()).map(i64::from)
}

/// A number of seconds in words, such as `2d3h`: the two largest units.
#[must_use]
pub fn length(seconds: i64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    match (days, hours) {
        (0, 0) => format!("{minutes}m"),
        (0, _) => format!("{hours}h{minutes}m"),
        _ => format!("{days}d{hours}h"),
    }
}

/// How far from now something is.
#[must_use]
pub fn lasting(seconds: i64) -> String {
    if seconds < 0 { format!("{} ago", length(-seconds)) } else { format!("in {}", length(seconds)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_forms_of_a_time() {
        let now = Time(1_000_000_000);
        for (text, seconds) in [
            ("now", 1_000_000_000),
            ("+28d", 1_000_000_000 + 28 * 86_400),
            ("-1h30m", 1_000_000_000 - 5_400),
            ("20261123", 1_795_392_000),
            ("20261123000001", 1_795_392_001),
            ("1795392002", 1_795_392_002),
            ("2026-11-23T01:00:03+01:00", 1_795_392_003),
        ] {
            assert_eq!(read(text, now), Some(Time(seconds)), "{text}");
        }
        for text in
            ["", "tomorrow", "+", "+28y", "20261323", "20261123000", "2026-11-23", "--1h", "123456789012"]
        {
            let misread = read(text, now).filter(|_| text != "20261123000");
            assert_eq!(misread, None, "{text}");
        }
    }
}
