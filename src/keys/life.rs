//! What became of a key in the versions of a signed file: what its times ask for and what resolvers have seen
//! may differ, for runs can be late, and times can be changed.

use crate::dns::text::push_hex;
use crate::dns::time::Time;
use ring::digest::{SHA256, digest};
use std::fmt;

/// One key's life so far: as text `ALGORITHM/TAG/PRINT/PUBLISHED/STATE`, where STATE is `signs`, `idle`, or the
/// time until which its signatures may be in caches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Life {
    /// Its algorithm's number.
    pub algorithm: u8,
    /// Its key tag, for people.
    pub tag: u16,
    /// What tells its public key from others: see [`print`](fn@print).
    pub print: Print,
    /// When the first version was made that has its DNSKEY, and, of a KSK or CSK that signs, its signature over the
    /// DNSKEYs.
    pub published: Time,
    /// What it does in the present version.
    pub state: State,
}

/// The first octets of the SHA-256 of a public key, which unlike tag and flags never changes.
pub type Print = [u8; 8];

/// What a key does in the present version of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It never signed.
    Idle,
    /// It signs.
    Signs,
    /// It signed in earlier versions, and its signatures may be in caches until then.
    Stopped(Time),
}

/// What tells this public key (as a DNSKEY has it) from others.
#[must_use]
pub fn print(public_key: &[u8]) -> Print {
    *digest(&SHA256, public_key).as_ref().first_chunk().expect("a SHA-256 has 32 octets")
}

impl Life {
    /// Reads the text form; `None`: it is none.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        let mut parts = text.split('/');
        let mut part = || parts.next();
        let life = Self {
            algorithm: part()?.parse().ok()?,
            tag: part()?.parse().ok()?,
            print: data_encoding::HEXLOWER.decode(part()?.as_bytes()).ok()?.try_into().ok()?,
            published: Time::from_rfc3339(part()?)?,
            state: match part()? {
                "idle" => State::Idle,
                "signs" => State::Signs,
                time => State::Stopped(Time::from_rfc3339(time)?),
            },
        };
        part().is_none().then_some(life)
    }
}

impl fmt::Display for Life {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut print = Vec::new();
        push_hex(&self.print, &mut print);
        print.make_ascii_lowercase();
        let Self { algorithm, tag, published, .. } = self;
        write!(f, "{algorithm}/{tag}/{}/{published}/", String::from_utf8_lossy(&print))?;
        match self.state {
            State::Idle => f.write_str("idle"),
            State::Signs => f.write_str("signs"),
            State::Stopped(until) => write!(f, "{until}"),
        }
    }
}
