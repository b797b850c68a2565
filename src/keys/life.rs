//! What became of a key in the versions of a signed file: what its times ask for and what resolvers have seen
//! may differ, for runs can be late, and times can be changed.

use super::role::REVOKE;
use crate::dns::time::Time;
use data_encoding::HEXLOWER;
use ring::digest::{SHA256, digest};
use std::fmt;

/// One key's life so far: as text `ALGORITHM/TAG/PRINT/PUBLISHED/STATE`, where STATE is `idle`, `signs@` and the time
/// since when, or the time until which its signatures may be in caches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Life {
    /// Its algorithm's number.
    pub algorithm: u8,
    /// Its key tag, for people.
    pub tag: u16,
    /// What tells its DNSKEY from others: see [`print`](fn@print).
    pub print: Print,
    /// When the first version with its DNSKEY was made.
    pub published: Time,
    /// What it does in the present version.
    pub state: State,
}

/// The first octets of the SHA-256 of the DNSKEY, its REVOKE flag not set.
pub type Print = [u8; 8];

/// What a key does in the present version of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It never signed.
    Idle,
    /// It signs, since then.
    Signs(Time),
    /// It signed in earlier versions, and its signatures may be in caches until then.
    Stopped(Time),
}

/// What tells the DNSKEY with this RDATA from others: the same key with other flags is another one, for its tag is
/// another; but revoking it does not make it one.
#[must_use]
pub fn print(rdata: &[u8]) -> Print {
    let mut plain = rdata.to_vec();
    if let Some(flags) = plain.get_mut(1) {
        *flags &= !REVOKE.to_be_bytes()[1];
    }
    *digest(&SHA256, &plain).as_ref().first_chunk().expect("a SHA-256 has 32 octets")
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
            print: HEXLOWER.decode(part()?.as_bytes()).ok()?.try_into().ok()?,
            published: Time::from_rfc3339(part()?)?,
            state: match part()? {
                "idle" => State::Idle,
                state => match state.strip_prefix("signs@") {
                    Some(since) => State::Signs(Time::from_rfc3339(since)?),
                    None => State::Stopped(Time::from_rfc3339(state)?),
                },
            },
        };
        part().is_none().then_some(life)
    }
}

impl fmt::Display for Life {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { algorithm, tag, published, .. } = self;
        write!(f, "{algorithm}/{tag}/{}/{published}/", HEXLOWER.encode_display(&self.print))?;
        match self.state {
            State::Idle => f.write_str("idle"),
            State::Signs(since) => write!(f, "signs@{since}"),
            State::Stopped(until) => write!(f, "{until}"),
        }
    }
}
