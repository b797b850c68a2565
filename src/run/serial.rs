//! The serial of a new version: secondaries fetch a zone only when it rises (RFC 1982).

use crate::dns::serial::greater;
use crate::dns::soa::SerialPolicy;
use crate::dns::time::Time;
use crate::error::{Fault, Result};
use std::path::Path;

/// The serials that are known.
#[derive(Clone, Copy, Debug)]
pub struct Serials {
    /// That of the zone file.
    pub input: u32,
    /// That of the version in place, if there is one.
    pub published: Option<u32>,
    /// Whether the records of the zone file are those of the version in place.
    pub same_content: bool,
    /// Whether signatures have to be made anew.
    pub renews: bool,
}

impl Serials {
    /// The serial of the new version.
    ///
    /// # Errors
    /// It would not rise, though the content changed; or nobody can say whether it rises.
    pub fn next(self, policy: SerialPolicy, now: Time, file: &Path) -> Result<u32> {
        let Self { input, published, same_content, renews } = self;
        let file = file.display().to_string();
        let Some(published) = published else { return Ok(policy.next(input, now)) };
        if input.wrapping_sub(published) == 1 << 31 {
            let told = format!(
                "the serial {input} is exactly 2147483648 from {published}, the one last published: nobody can say which is greater"
            );
            return Err(Fault::error(told).in_file(&file).hint("RFC 1982, section 3.2: raise it by one"));
        }
        if policy != SerialPolicy::Keep {
            let base = if greater(input, published) { input } else { published };
            return Ok(policy.next(base, now));
        }
        if greater(input, published) || same_content && input == published {
            return Ok(input);
        }
        let unseen = if renews { "; and secondaries will not see new signatures" } else { "" };
        let told = format!(
            "the zone changed, and its serial {input} is not greater than {published}, the one last published: nothing is put in place{unseen}"
        );
        Err(Fault::error(told).in_file(&file).hint(format!(
            "raise the serial above {published}, or use serial = \"increment\". To go back to a smaller one, first publish {} and wait until all \
             secondaries have it (RFC 1982, section 7; RFC 1912, section 3.1)",
            published.wrapping_add(i32::MAX.cast_unsigned())
        )))
    }
}

/// What to say as long as a version is in place that secondaries do not fetch.
#[must_use]
pub fn unseen(serial: u32, file: &Path) -> Fault {
    Fault::warning(format!(
        "signatures were made anew, and the serial is still {serial}: secondaries will not see new signatures"
    ))
    .in_file(&file.display().to_string())
    .hint("raise the serial in the zone file, or use serial = \"increment\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serials_rise_past_input_and_published() {
        let next = |policy, input, published, same_content| {
            let serials = Serials { input, published, same_content, renews: true };
            serials
                .next(policy, Time(1_800_000_000), Path::new("z"))
                .map_err(|fault| fault.message().to_owned())
        };
        let (keep, increment, unixtime, date) =
            (SerialPolicy::Keep, SerialPolicy::Increment, SerialPolicy::Unixtime, SerialPolicy::Date);
        assert_eq!(next(increment, 5, None, false), Ok(6));
        assert_eq!(next(increment, 5, Some(9), false), Ok(10));
        assert_eq!(next(increment, 9, Some(5), false), Ok(10));
        assert_eq!(next(increment, u32::MAX, Some(5), false), Ok(6));
        assert_eq!(next(unixtime, 5, Some(7), false), Ok(1_800_000_000));
        assert_eq!(next(unixtime, 5, Some(2_027_010_100), false), Ok(2_027_010_101));
        assert_eq!(next(date, 2_027_011_600, Some(2_027_011_507), false), Ok(2_027_011_601));
        assert_eq!(next(keep, 6, Some(5), false), Ok(6));
        assert_eq!(next(keep, 5, Some(5), true), Ok(5));
        assert!(next(keep, 5, Some(5), false).unwrap_err().contains("not greater than 5"));
        assert!(next(keep, 4, Some(5), true).unwrap_err().contains("will not see new signatures"));
        assert!(next(increment, 1 << 31, Some(0), false).unwrap_err().contains("2147483648"));
    }
}
