//! The public half of a BIND or ldns key pair: one DNSKEY record in a `.key` file, with comments.
//!
//! In: the text of a `.key` file, and of the `.state` file that named keeps beside it. Out: owner, TTL and
//! RDATA, and what comments and states say that the rest of the pair does not; and the text again.

use crate::dns::text::parse_ttl;
use crate::dns::time::Time;
use crate::dns::{Name, NameBuf};
use crate::error::{Fault, Place, Result};
use crate::keys::algorithm::Algorithm;
use crate::keys::metadata::Metadata;
use crate::keys::public::key_tag;
use crate::keys::role::{REVOKE, Role, SEP, ZONE_KEY};
use crate::keys::secret::quoted;
use data_encoding::BASE64;
use std::fmt::Write;
use std::sync::Arc;

/// The DNSKEY of a pair.
pub(super) struct Public {
    pub(super) owner: NameBuf,
    pub(super) ttl: Option<u32>,
    /// RDATA of the DNSKEY.
    pub(super) rdata: Vec<u8>,
    pub(super) said: Said,
}

impl Public {
    pub(super) fn flags(&self) -> u16 {
        u16::from_be_bytes([self.rdata[0], self.rdata[1]])
    }
}

/// What a pair's `.private` file has no place for.
#[derive(Default)]
pub(super) struct Said {
    pub(super) role: Option<Role>,
    pub(super) ds_published: Option<Time>,
    pub(super) ds_withdrawn: Option<Time>,
    pub(super) sample: bool,
}

/// The metadata line that keeps the TTL of a `.key` file.
pub(super) const TTL_LINE: &str = "BIND-TTL";

/// The TTL that a key's `.key` file had, if it came from one with a TTL.
#[must_use]
pub fn ttl_of_pair(metadata: &Metadata) -> Option<u32> {
    let line = metadata.unknown.iter().find(|(name, _)| name == TTL_LINE);
    line.and_then(|(_, ttl)| parse_ttl(ttl.as_bytes()))
}

/// Reads a `.key` file; `file` is for messages.
///
/// # Errors
/// Anything but one DNSKEY record of class IN, with the flags of a zone's key.
pub(super) fn parse(text: &[u8], file: &str) -> Result<Public> {
    let text = String::from_utf8_lossy(text);
    let (name, mut said) = (Arc::from(file), Said::default());
    let (mut words, mut depth, mut start) = (Vec::new(), 0_usize, 0);
    let mut complete = false;
    for (number, line) in (1..).zip(text.lines()) {
        let (data, comment) = line.split_once(';').unwrap_or((line, ""));
        if data.trim().is_empty() {
            said.read_comment(comment);
            continue;
        }
        if data.trim_start().starts_with('$') {
            let fault = Fault::error("expected a DNSKEY record, found a directive");
            return Err(fault.at(Place::new(&name, number, 0)));
        }
        if complete {
            let fault = Fault::error("more than one record: a .key file holds one DNSKEY");
            return Err(fault.at(Place::new(&name, number, 0)));
        }
        start = if words.is_empty() { number } else { start };
        for word in data.split_inclusive(['(', ')']) {
            match word.as_bytes().last() {
                Some(b'(') => depth += 1,
                Some(b')') => depth = depth.saturating_sub(1),
                _ => {}
            }
            words.extend(word.trim_matches(['(', ')']).split_whitespace());
        }
        complete = depth == 0;
    }
    if words.is_empty() {
        return Err(Fault::error("expected a DNSKEY record, found none").in_file(file));
    }
    let (owner, ttl, rdata) = record(&words).map_err(|fault| fault.at(Place::new(&name, start, 0)))?;
    Ok(Public { owner, ttl, rdata, said })
}

fn record(words: &[&str]) -> Result<(NameBuf, Option<u32>, Vec<u8>)> {
    let expected = |what: &str, found: Option<&str>| match found {
        Some(word) => Fault::error(format!("expected {what}, found \"{}\"", quoted(word))),
        None => Fault::error(format!("expected {what}, and the record ends")),
    };
    let mut words = words.iter().copied();
    let owner = words.next().unwrap_or_default();
    let owner = NameBuf::from_text(owner).map_err(|error| expected(&error.to_string(), Some(owner)))?;
    let mut ttl = None;
    loop {
        let word = words.next();
        match word {
            Some(word) if word.eq_ignore_ascii_case("DNSKEY") => break,
            Some(word) if word.eq_ignore_ascii_case("IN") => {}
            Some(word) if ttl.is_none() && word.starts_with(|c: char| c.is_ascii_digit()) => {
                ttl = Some(parse_ttl(word.as_bytes()).ok_or_else(|| expected("a TTL", Some(word)))?);
            }
            other => return Err(expected("a DNSKEY of class IN", other)),
        }
    }
    let word = words.next();
    let flags = word
        .and_then(|word| word.parse::<u16>().ok())
        .filter(|flags| flags & ZONE_KEY != 0 && flags & !(ZONE_KEY | SEP | REVOKE) == 0)
        .ok_or_else(|| expected("the flags of a zone's key, 256 or 257, or 385 if it is revoked", word))?;
    let word = words.next();
    word.filter(|word| *word == "3").ok_or_else(|| expected("the protocol 3", word))?;
    let algorithm = Algorithm::from_text(words.next().unwrap_or_default())?;
    let base64: String = words.collect();
    let public = BASE64.decode(base64.as_bytes()).ok().filter(|public| !public.is_empty());
    let public = public.ok_or_else(|| expected("a public key in base64", Some(&base64)))?;
    let head = [&flags.to_be_bytes()[..], &[3, algorithm.number()]].concat();
    Ok((owner, ttl, [head, public].concat()))
}

impl Said {
    /// Reads a comment such as ` Role: csk`; what it does not know, it passes over.
    fn read_comment(&mut self, comment: &str) {
        let Some((name, value)) = comment.split_once(':') else { return };
        let value = value.trim();
        match name.trim() {
            "Role" => self.role = self.role.or(Role::from_text(value).ok()),
            "DS-Withdrawn" => self.ds_withdrawn = self.ds_withdrawn.or(Time::from_rfc3339(value)),
            "Sample" => self.sample |= value.eq_ignore_ascii_case("yes"),
            _ => {}
        }
    }

    /// Adds what the text of a `.state` file says and nothing said before. Keys of a `dnssec-policy` have
    /// their role there alone: the flags of a CSK are those of a KSK.
    pub(super) fn read_state(&mut self, text: &str) {
        let field = |wanted: &str| {
            let mut lines = text.lines().filter_map(|line| line.split_once(':'));
            lines.find(|(name, _)| name.trim() == wanted).map(|(_, value)| value.trim())
        };
        let time = |name| Time::from_digits(field(name)?.split(' ').next()?.as_bytes());
        let role = match (field("KSK"), field("ZSK")) {
            (Some("yes"), Some("yes")) => Some(Role::Csk),
            (Some("yes"), _) => Some(Role::Ksk),
            (_, Some("yes")) => Some(Role::Zsk),
            _ => None,
        };
        self.role = self.role.or(role);
        self.ds_published = self.ds_published.or(time("DSPublish"));
        self.ds_withdrawn = self.ds_withdrawn.or(time("DSRemoved"));
    }
}

/// The text of a `.key` file. What no `.private` file has a place for stands in comments, which BIND and ldns
/// pass over.
pub(super) fn text(zone: Name<'_>, role: Role, rdata: &[u8], metadata: &Metadata) -> String {
    let kind = if role == Role::Zsk { "zone" } else { "key" };
    let mut text = format!("; This is a {kind}-signing key, keyid {}, for {zone}\n", key_tag(rdata));
    let mut line = |name: &str, value: &str| {
        // writing to a String cannot fail
        let _ = writeln!(text, "; {name}: {value}");
    };
    for (name, digits) in super::private::times(metadata) {
        line(name, &digits);
    }
    if role == Role::Csk {
        line("Role", role.word());
    }
    if let Some(time) = metadata.ds_withdrawn {
        line("DS-Withdrawn", &time.to_string());
    }
    if metadata.sample {
        line("Sample", "yes");
    }
    let ttl = ttl_of_pair(metadata).map(|ttl| format!("{ttl} ")).unwrap_or_default();
    let flags = u16::from_be_bytes([rdata[0], rdata[1]]);
    let _ = writeln!(
        text,
        "{zone} {ttl}IN DNSKEY {flags} {} {} {}",
        rdata[2],
        rdata[3],
        BASE64.encode(&rdata[4..])
    );
    text
}
