//! What a key file says about its key, in `Name: value` lines before the BEGIN line.
//!
//! In: those lines; RFC 7468, section 2, allows text there, and `OpenSSL` skips it. Out: [`Metadata`], and the
//! lines again. Times are RFC 3339 in UTC; what they mean is RFC 7583, section 3.1. Lines this program does
//! not know are kept as they are.

use super::algorithm::Algorithm;
use super::role::Role;
use super::secret::{SHOWN, quoted};
use crate::dns::NameBuf;
use crate::dns::time::Time;
use crate::error::{Fault, Place, Result};
use std::fmt::{self, Write};
use std::sync::Arc;

/// The lines of one key.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Metadata {
    /// The zone it signs.
    pub zone: Option<NameBuf>,
    /// What it is for.
    pub role: Option<Role>,
    /// Its algorithm: for RSA the one thing that says which hash.
    pub algorithm: Option<Algorithm>,
    /// Its key tag, as long as it is not revoked.
    pub key_tag: Option<u16>,
    /// When it was made.
    pub created: Option<Time>,
    /// When its DNSKEY enters the zone.
    pub publish: Option<Time>,
    /// When it begins to sign.
    pub activate: Option<Time>,
    /// When it ceases to sign; its DNSKEY stays.
    pub retire: Option<Time>,
    /// When its DNSKEY leaves the zone.
    pub remove: Option<Time>,
    /// When its DNSKEY gets the REVOKE flag (RFC 5011).
    pub revoke: Option<Time>,
    /// When its DS was seen at the parent.
    pub ds_published: Option<Time>,
    /// When its DS was seen to be gone from the parent.
    pub ds_withdrawn: Option<Time>,
    /// Whether it is a sample that everybody has: it must not sign anything real.
    pub sample: bool,
    /// Lines of other names, and, with an empty name, whole lines that are not of the form `Name: value`.
    pub unknown: Vec<(String, String)>,
}

/// The names of the times, in the order of the lines.
pub const TIMES: [&str; 8] =
    ["Created", "Publish", "Activate", "Retire", "Remove", "Revoke", "DS-Published", "DS-Withdrawn"];

/// Where a key is in its life at some moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Its Publish time is to come: it is nowhere.
    Waiting,
    /// Its DNSKEY is in the zone, but its Activate time is to come.
    Published,
    /// It signs.
    Active,
    /// Its Retire time has passed: its DNSKEY is in the zone, but it no longer signs.
    Retired,
    /// Its Revoke time has passed: its DNSKEY has the REVOKE flag and signs DNSKEY.
    Revoked,
    /// Its Remove time has passed: it is nowhere.
    Removed,
}

impl Metadata {
    /// Reads the lines of `text`; `file` is for messages.
    ///
    /// # Errors
    /// A known name with a value that cannot be read, or given twice: with file, line and column.
    pub fn parse(text: &str, file: &str) -> Result<Self> {
        let mut metadata = Self::default();
        let file = Arc::from(file);
        for (number, line) in (1..).zip(text.lines()) {
            metadata.read_line(line, &Place::new(&file, number, 0))?;
        }
        Ok(metadata)
    }

    /// Reads one line, which is at `place`.
    pub(super) fn read_line(&mut self, line: &str, place: &Place) -> Result<()> {
        if line.contains("-----BEGIN ") {
            // what follows is the key: neither the message nor an excerpt may repeat it
            return Err(Fault::error("the BEGIN line of a key does not stand alone").at(place.clone()).hint(
                "the file has lost its line ends: each \"Name: value\" and the BEGIN line stand on lines of their own",
            ));
        }
        let named = line.split_once(':').filter(|(name, _)| !name.is_empty());
        let Some((name, value)) = named else {
            if !line.trim().is_empty() {
                self.unknown.push((String::new(), line.trim_end().to_owned()));
            }
            return Ok(());
        };
        let value = value.trim();
        let column = line.len() - line.split_once(':').map_or("", |(_, rest)| rest).trim_start().len() + 1;
        let at = |fault: Fault| {
            let place = Place::new(&place.file, place.line, u32::try_from(column).unwrap_or(0));
            let fault = fault.at(place);
            if value.len() <= SHOWN { fault.excerpt(line.as_bytes(), value.len()) } else { fault }
        };
        let twice = || Fault::error(format!("\"{}\" is given twice for one key", name.trim()));
        match name.trim().to_ascii_lowercase().as_str() {
            "zone" => set(&mut self.zone, zone(value).map_err(at)?).ok_or_else(|| at(twice())),
            "role" => set(&mut self.role, Role::from_text(value).map_err(at)?).ok_or_else(|| at(twice())),
            "algorithm" => {
                set(&mut self.algorithm, Algorithm::from_text(value).map_err(at)?).ok_or_else(|| at(twice()))
            }
            "key-tag" => {
                let tag = value.parse::<u16>().map_err(|_| {
                    at(Fault::error(format!(
                        "expected a key tag from 0 to 65535, found \"{}\"",
                        quoted(value)
                    )))
                })?;
                set(&mut self.key_tag, tag).ok_or_else(|| at(twice()))
            }
            "sample" => {
                self.sample = match value.to_ascii_lowercase().as_str() {
                    "yes" => true,
                    "no" => false,
                    _ => {
                        return Err(at(Fault::error(format!(
                            "expected yes or no, found \"{}\"",
                            quoted(value)
                        ))));
                    }
                };
                Ok(())
            }
            other => {
                if let Some(field) = self.time_field(other) {
                    return set(field, time(value).map_err(at)?).ok_or_else(|| at(twice()));
                }
                self.unknown.push((name.to_owned(), value.to_owned()));
                Ok(())
            }
        }
    }

    fn fields(&mut self) -> [(&'static str, &mut Option<Time>); 8] {
        let fields = [
            &mut self.created,
            &mut self.publish,
            &mut self.activate,
            &mut self.retire,
            &mut self.remove,
            &mut self.revoke,
            &mut self.ds_published,
            &mut self.ds_withdrawn,
        ];
        let mut names = TIMES.into_iter();
        fields.map(|field| (names.next().unwrap_or_default(), field))
    }

    /// The times by their names, in the order of [`TIMES`].
    #[must_use]
    pub fn times(&self) -> [(&'static str, Option<Time>); 8] {
        let mut times = Self { unknown: Vec::new(), ..self.clone() };
        times.fields().map(|(name, time)| (name, *time))
    }

    fn time_field(&mut self, name: &str) -> Option<&mut Option<Time>> {
        self.fields().into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, field)| field)
    }

    /// The lines, each with its newline: the known ones in a fixed order, then the others as they were.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        let mut line = |name: &str, value: Option<String>| {
            if let Some(value) = value {
                // writing to a String cannot fail
                let _ = writeln!(text, "{name}: {value}");
            }
        };
        line("Zone", self.zone.as_ref().map(ToString::to_string));
        line("Role", self.role.map(|role| role.to_string()));
        line("Algorithm", self.algorithm.map(|algorithm| algorithm.to_string()));
        line("Key-Tag", self.key_tag.map(|tag| tag.to_string()));
        for (name, time) in self.times() {
            line(name, time.map(|time| time.to_string()));
        }
        line("Sample", self.sample.then(|| "yes".to_owned()));
        for (name, value) in &self.unknown {
            if name.is_empty() {
                text.push_str(value);
                text.push('\n');
            } else {
                let _ = writeln!(text, "{name}: {value}");
            }
        }
        text
    }

    /// Where the key is in its life at `now`. A time that is not given has passed if it begins something
    /// and never comes if it ends something. A revoked key goes on signing DNSKEY until it is removed: "A
    /// key is considered revoked when the resolver sees the key in a self-signed `RRSet` and the key has the
    /// REVOKE bit set" (RFC 5011, section 2.1).
    #[must_use]
    pub fn stage(&self, now: Time) -> Stage {
        let passed = |time: Option<Time>| time.is_some_and(|time| time <= now);
        let to_come = |time: Option<Time>| time.is_some_and(|time| time > now);
        if passed(self.remove) {
            Stage::Removed
        } else if to_come(self.publish) {
            Stage::Waiting
        } else if passed(self.revoke) {
            Stage::Revoked
        } else if passed(self.retire) {
            Stage::Retired
        } else if to_come(self.activate) {
            Stage::Published
        } else {
            Stage::Active
        }
    }
}

impl fmt::Display for Stage {
    /// One word, in lower case.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Waiting => "waiting",
            Self::Published => "published",
            Self::Active => "active",
            Self::Retired => "retired",
            Self::Revoked => "revoked",
            Self::Removed => "removed",
        })
    }
}

/// Sets a field that must not have been set; `None` if it was.
fn set<T>(field: &mut Option<T>, value: T) -> Option<()> {
    field.replace(value).is_none().then_some(())
}

fn zone(value: &str) -> Result<NameBuf> {
    NameBuf::from_text(value)
        .map_err(|error| Fault::error(format!("zone: expected {error}, found \"{}\"", quoted(value))))
}

fn time(value: &str) -> Result<Time> {
    Time::from_rfc3339(value).ok_or_else(|| {
        Fault::error(format!("expected a time, found \"{}\"", quoted(value)))
            .hint("times are written as in 2026-01-31T08:00:00Z (RFC 3339)")
    })
}

impl fmt::Debug for Metadata {
    /// Without the unknown lines: `openssl ec -text` puts the private key there, in hexadecimal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = Self { unknown: Vec::new(), ..self.clone() }.to_text();
        write!(f, "Metadata({known:?}, {} unknown lines)", self.unknown.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "Zone: example.org.\nRole: ksk\nAlgorithm: ED25519\nKey-Tag: 3613\n\
                        Created: 2026-01-01T00:00:00Z\nPublish: 2026-01-02T00:00:00Z\n\
                        Activate: 2026-01-03T00:00:00Z\nRetire: 2026-01-04T00:00:00Z\n\
                        Remove: 2026-01-06T00:00:00Z\nRevoke: 2026-01-05T00:00:00Z\n\
                        DS-Published: 2026-01-03T00:00:00Z\nDS-Withdrawn: 2026-01-05T00:00:00Z\nSample: yes\n\
                        Owner: the team: 7\nno colon here\n";

    #[test]
    fn what_is_read_is_written() {
        let metadata = Metadata::parse(TEXT, "k.pem").unwrap();
        assert_eq!(metadata.to_text(), TEXT);
        assert_eq!(metadata.unknown.len(), 2);
        assert!(!format!("{metadata:?}").contains("team"));
        let loose = Metadata::parse("  zone:Example.ORG\nALGORITHM : 13 ECDSAP256SHA256\n\n", "k").unwrap();
        assert_eq!(loose.algorithm, Some(Algorithm::EcdsaP256Sha256));
        assert_eq!(loose.zone, Some(NameBuf::from_text("example.org.").unwrap()));
    }

    /// A line that begins with a colon has no name, and must not get one by being written.
    #[test]
    fn a_line_without_a_name_is_kept_whole() {
        for text in [":Role: ksk\n", "::a: b\n", ":\n"] {
            let metadata = Metadata::parse(text, "k").unwrap();
            assert_eq!((metadata.role, metadata.to_text().as_str()), (None, text));
        }
    }

    #[test]
    fn a_bad_value_is_shown_with_its_place() {
        for (text, place, message) in [
            ("Zone: a..b", "k.pem:1:7", "expected a name without empty labels"),
            ("\nRole:  boss", "k.pem:2:8", "unknown role \"boss\""),
            ("Algorithm: RSASHA1", "k.pem:1:12", "RFC 9905"),
            ("Key-Tag: 65536", "k.pem:1:10", "expected a key tag"),
            ("Retire: 20260101", "k.pem:1:9", "expected a time"),
            ("Retire:", "k.pem:1:8", "expected a time"),
            ("Sample: maybe", "k.pem:1:9", "expected yes or no"),
            ("Role: ksk\nRole: ksk", "k.pem:2:7", "given twice"),
        ] {
            let fault = Metadata::parse(text, "k.pem").unwrap_err();
            assert_eq!(fault.place().unwrap().to_string(), place, "{text}");
            assert!(fault.message().contains(message), "{text}: {fault}");
        }
    }

    #[test]
    fn stages_of_a_life() {
        use Stage::{Active, Published, Removed, Retired, Revoked, Waiting};
        let metadata = Metadata::parse(TEXT, "k.pem").unwrap();
        let at = |day: &str| metadata.stage(Time::from_rfc3339(&format!("2026-01-{day}T00:00:00Z")).unwrap());
        let stages = ["01", "02", "03", "04", "05", "06"].map(at);
        assert_eq!(stages, [Waiting, Published, Active, Retired, Revoked, Removed]);
        assert_eq!(Metadata::default().stage(Time(0)), Active);
    }
}
