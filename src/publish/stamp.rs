//! The last line of a signed file: a comment that shows that zoneseal wrote the file and nobody changed
//! it, what it was made from, and when it should be made anew. It guards against accidents, not against
//! someone who can write the file.
//!
//! ```text
//! ; zoneseal 1 input=… files=… zone=… policy=… keys=… first=… made=… expires=… renew=… due=… ttl=… was=… delay=… key=… key=… sha256=…
//! ```
//!
//! | field | meaning |
//! |---|---|
//! | `input` | SHA-256 over the SHA-256 of each file that was read, in the order they were opened |
//! | `files` | the files that the zone file includes, octets but letters, digits and `/._-` as `%XX` |
//! | `zone` | SHA-256 of the records of the input, in canonical order |
//! | `policy` | SHA-256 of what else decides what is signed and how |
//! | `keys` | SHA-256 of the public keys, and of what each does |
//! | `first` | when a signed version of this file was first put in place |
//! | `made` | when `run` made the file; `sign` makes the same file of the same input, and does not say |
//! | `expires` | when the first signatures end |
//! | `renew` | when signatures should be made anew |
//! | `due` | when there is work next: then, or when a key's time comes |
//! | `ttl` | how long its records may be in caches, in seconds: the largest TTL, or the SOA's minimum |
//! | `was` | `TTL/DNSKEY-TTL/TIME`: what it was before it became less, and until when such records may be in caches |
//! | `delay` | how long it takes until all servers have a new version, in seconds |
//! | `key` | the life of one key in this file: see [`Life`] |
//! | `sha256` | SHA-256 of all octets of the file before this field |

use crate::dns::time::Time;
use crate::keys::life::Life;
use data_encoding::HEXLOWER;
use ring::digest::Context;
use std::fmt::{Display, Write};

/// A SHA-256.
pub type Digest = [u8; 32];

/// The SHA-256 of what a context was given so far.
#[must_use]
pub fn digest(context: Context) -> Digest {
    context.finish().as_ref().try_into().expect("a SHA-256 has 32 octets")
}

/// What the line says. A field that is not known is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the table of the module has them")]
pub struct Stamp {
    pub input: Option<Digest>,
    pub files: Vec<String>,
    pub zone: Option<Digest>,
    pub policy: Option<Digest>,
    pub keys: Option<Digest>,
    pub first: Option<Time>,
    pub made: Option<Time>,
    pub expires: Option<Time>,
    pub renew: Option<Time>,
    pub due: Option<Time>,
    pub ttl: Option<u32>,
    pub was: Option<Was>,
    pub delay: Option<u32>,
    pub lives: Vec<Life>,
}

/// TTLs of earlier versions that were longer than those of the present one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Was {
    /// How long records might be in caches, in seconds.
    pub ttl: u32,
    /// TTL of the DNSKEYs, in seconds.
    pub dnskey_ttl: u32,
    /// When all such records are gone from caches.
    pub until: Time,
}

impl Was {
    /// Reads the text form; `None`: it is none.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        let (ttl, rest) = text.split_once('/')?;
        let (dnskey_ttl, until) = rest.split_once('/')?;
        let until = Time::from_rfc3339(until)?;
        Some(Self { ttl: ttl.parse().ok()?, dnskey_ttl: dnskey_ttl.parse().ok()?, until })
    }
}

impl std::fmt::Display for Was {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { ttl, dnskey_ttl, until } = self;
        write!(f, "{ttl}/{dnskey_ttl}/{until}")
    }
}

/// The format's version.
const VERSION: &str = "; zoneseal 1";
/// What stands before the digest, which is the end of the line.
const SEAL: &str = " sha256=";
/// Room for the line of a zone with two keys and no other files.
const LINE: usize = 1 << 10;

impl Stamp {
    /// Appends the line to `out`; `text` has digested all that stands before it in the file.
    pub fn push(&self, mut text: Context, out: &mut Vec<u8>) {
        let mut line = String::with_capacity(LINE);
        line.push_str(VERSION);
        let hex = |digest: Option<Digest>| digest.map(|digest| HEXLOWER.encode(&digest));
        let files = (!self.files.is_empty()).then(|| {
            let files: Vec<String> = self.files.iter().map(|file| escape(file)).collect();
            files.join(",")
        });
        push_field(&mut line, "input", hex(self.input));
        push_field(&mut line, "files", files);
        push_field(&mut line, "zone", hex(self.zone));
        push_field(&mut line, "policy", hex(self.policy));
        push_field(&mut line, "keys", hex(self.keys));
        push_field(&mut line, "first", self.first);
        push_field(&mut line, "made", self.made);
        push_field(&mut line, "expires", self.expires);
        push_field(&mut line, "renew", self.renew);
        push_field(&mut line, "due", self.due);
        push_field(&mut line, "ttl", self.ttl);
        push_field(&mut line, "was", self.was);
        push_field(&mut line, "delay", self.delay);
        for life in &self.lives {
            push_field(&mut line, "key", Some(life));
        }
        text.update(line.as_bytes());
        line.push_str(SEAL);
        line.push_str(&HEXLOWER.encode(&digest(text)));
        line.push('\n');
        out.extend_from_slice(line.as_bytes());
    }

    /// Reads the line, without its newline: what it says, how many of its octets the seal covers, and the
    /// seal. `None`: it is no such line. Fields of later versions of the program are passed over.
    #[must_use]
    pub fn parse(line: &[u8]) -> Option<(Self, usize, Digest)> {
        let line = std::str::from_utf8(line).ok()?;
        let (said, seal) = line.rsplit_once(SEAL)?;
        let mut stamp = Self::default();
        for field in said.strip_prefix(VERSION)?.split(' ').filter(|field| !field.is_empty()) {
            let (name, value) = field.split_once('=')?;
            match name {
                "input" => stamp.input = Some(hex(value)?),
                "files" => stamp.files = value.split(',').map(unescape).collect::<Option<_>>()?,
                "zone" => stamp.zone = Some(hex(value)?),
                "policy" => stamp.policy = Some(hex(value)?),
                "keys" => stamp.keys = Some(hex(value)?),
                "first" => stamp.first = Some(Time::from_rfc3339(value)?),
                "made" => stamp.made = Some(Time::from_rfc3339(value)?),
                "expires" => stamp.expires = Some(Time::from_rfc3339(value)?),
                "renew" => stamp.renew = Some(Time::from_rfc3339(value)?),
                "due" => stamp.due = Some(Time::from_rfc3339(value)?),
                "ttl" => stamp.ttl = Some(value.parse().ok()?),
                "delay" => stamp.delay = Some(value.parse().ok()?),
                "was" => stamp.was = Some(Was::from_text(value)?),
                "key" => stamp.lives.push(Life::from_text(value)?),
                _ => {}
            }
        }
        Some((stamp, said.len(), hex(seal)?))
    }
}

fn push_field(line: &mut String, name: &str, value: Option<impl Display>) {
    if let Some(value) = value {
        // writing to a String cannot fail
        let _ = write!(line, " {name}={value}");
    }
}

fn hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    data_encoding::HEXLOWER.decode(text.as_bytes()).ok()?.try_into().ok()
}

fn escape(file: &str) -> String {
    let mut text = String::new();
    for octet in file.bytes() {
        match octet {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'_' | b'-' => text.push(octet.into()),
            // writing to a String cannot fail
            _ => drop(write!(text, "%{octet:02X}")),
        }
    }
    text
}

fn unescape(text: &str) -> Option<String> {
    let mut pieces = text.split('%');
    let mut octets = pieces.next()?.as_bytes().to_vec();
    for piece in pieces {
        octets.extend(data_encoding::HEXUPPER.decode(piece.get(..2)?.as_bytes()).ok()?);
        octets.extend_from_slice(&piece.as_bytes()[2..]);
    }
    String::from_utf8(octets).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::life::State;
    use ring::digest::SHA256;

    fn full() -> Stamp {
        let life = |tag, state| Life {
            algorithm: 13,
            tag,
            print: [tag.to_be_bytes()[1]; 8],
            published: Time(5),
            state,
        };
        Stamp {
            input: Some([1; 32]),
            files: vec!["zones/inc, 100%.db".into(), "é/=x".into()],
            zone: Some([2; 32]),
            policy: Some([3; 32]),
            keys: Some([4; 32]),
            first: Some(Time(1_000_000_000)),
            made: Some(Time(1_000_000_001)),
            expires: Some(Time(2_000_000_002)),
            renew: Some(Time(2_000_000_001)),
            due: Some(Time(2_000_000_000)),
            ttl: Some(86_400),
            was: Some(Was { ttl: 172_800, dnskey_ttl: 7200, until: Time(1_500_000_000) }),
            delay: Some(3600),
            lives: vec![
                life(1, State::Idle),
                life(2, State::Signs(Time(6))),
                life(3, State::Stopped(Time(9))),
            ],
        }
    }

    fn line(stamp: &Stamp, text: &[u8]) -> Vec<u8> {
        let mut context = Context::new(&SHA256);
        context.update(text);
        let mut out = Vec::new();
        stamp.push(context, &mut out);
        out
    }

    #[test]
    fn what_is_written_is_read() {
        for stamp in [full(), Stamp::default()] {
            let line = line(&stamp, b"text\n");
            let line = line.strip_suffix(b"\n").unwrap();
            let (read, covered, seal) = Stamp::parse(line).unwrap();
            assert_eq!(read, stamp);
            let mut all = Context::new(&SHA256);
            all.update(b"text\n");
            all.update(&line[..covered]);
            assert_eq!(digest(all), seal);
        }
    }

    #[test]
    fn other_lines_are_none() {
        let good = String::from_utf8(line(&full(), b"")).unwrap();
        let good = good.trim_end();
        for bad in [
            "",
            "; zoneseal 2 sha256=00",
            "a. 5 IN A 192.0.2.1",
            &good[..good.len() - 1],
            &good.replace("due=2", "due=x"),
            &good.replace("13/1/", "13/"),
            &good.replace("%2C", "%2"),
        ] {
            assert_eq!(Stamp::parse(bad.as_bytes()), None, "{bad}");
        }
        assert!(Stamp::parse(good.replace(" input=", " later=1 input=").as_bytes()).is_some());
    }
}
