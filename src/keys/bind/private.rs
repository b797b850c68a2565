//! The private half of a BIND or ldns key pair: `Name: value` lines, the secret numbers in base64.
//!
//! In: the text of a `.private` file of format v1.2 (ldns) or v1.3 (BIND). Out: the key and its times; and the
//! text again, as BIND writes it. There is no standard for this format; BIND's own files are the reference.

use crate::dns::time::Time;
use crate::error::{Fault, Place, Result};
use crate::keys::algorithm::Algorithm;
use crate::keys::material::{Curve, Material};
use crate::keys::metadata::Metadata;
use crate::keys::secret::quoted;
use data_encoding::BASE64;
use std::collections::HashSet;
use std::fmt::Write;
use std::sync::Arc;
use zeroize::Zeroizing;

/// What a `.private` file holds.
pub(super) struct Private {
    pub(super) algorithm: Algorithm,
    pub(super) material: Material,
    /// Times and unknown lines alone.
    pub(super) metadata: Metadata,
    /// Octets of an Ed25519 key that were missing in front.
    pub(super) padded: usize,
}

/// A field of [`Metadata`], as a function.
type Field = fn(&mut Metadata) -> &mut Option<Time>;

/// BIND's times, in the order of its files, and what they are here.
const TIMES: [(&str, Field); 7] = [
    ("Created", |m| &mut m.created),
    ("Publish", |m| &mut m.publish),
    ("Activate", |m| &mut m.activate),
    ("Revoke", |m| &mut m.revoke),
    ("Inactive", |m| &mut m.retire),
    ("Delete", |m| &mut m.remove),
    ("DSPublish", |m| &mut m.ds_published),
];

/// BIND's numbers, which it writes before the times; kept as they are.
const NUMBERS: [&str; 4] = ["Predecessor", "Successor", "MaxTTL", "RollPeriod"];

/// BIND's times for CDS and CDNSKEY, which it writes last; kept as they are.
const SYNC_TIMES: [&str; 2] = ["SyncPublish", "SyncDelete"];

/// What the names of other fields get put before them in a PEM file. BIND refuses what it does not know in
/// v1.3, and skips it in what comes later: those files are written as v1.4.
const FOREIGN: &str = "BIND-";

/// The numbers of RFC 8017, appendix A.1.2, in its order.
const RSA: [&str; 8] = [
    "Modulus",
    "PublicExponent",
    "PrivateExponent",
    "Prime1",
    "Prime2",
    "Exponent1",
    "Exponent2",
    "Coefficient",
];

const HEAD: &str = "Private-key-format:";

/// The lines of a file, each name once.
struct Lines<'a> {
    file: Arc<str>,
    list: Vec<(&'a str, &'a str, u32)>,
}

impl<'a> Lines<'a> {
    fn parse(text: &'a str, file: &str) -> Result<Self> {
        let mut lines = Self { file: Arc::from(file), list: Vec::new() };
        let mut names = HashSet::new();
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim();
            if line.is_empty() || line.starts_with(';') {
                continue;
            }
            let Some((name, value)) = line.split_once(':') else {
                // the line is not shown: it may be half of the key
                return Err(lines.at(damaged("a line is not of the form \"Name: value\""), number));
            };
            let (name, value) = (name.trim_end(), value.trim_start());
            if !names.insert(name.to_ascii_lowercase()) {
                let fault = damaged(&format!("\"{}\" is given twice", quoted(name)));
                return Err(lines.at(fault, number));
            }
            lines.list.push((name, value, number));
        }
        Ok(lines)
    }

    fn at(&self, fault: Fault, line: u32) -> Fault {
        fault.at(Place::new(&self.file, line, 0))
    }

    fn get(&self, wanted: &str) -> Option<(&'a str, u32)> {
        let found = self.list.iter().find(|(name, ..)| name.eq_ignore_ascii_case(wanted));
        found.map(|&(_, value, line)| (value, line))
    }

    /// The octets of a field that must be there.
    fn octets(&self, name: &str) -> Result<Zeroizing<Vec<u8>>> {
        let (value, line) =
            self.get(name).ok_or_else(|| damaged(&format!("it has no {name} line")).in_file(&self.file))?;
        let bad = || self.at(damaged(&format!("its {name} is not base64")), line);
        let value = value.as_bytes();
        let mut octets = Zeroizing::new(vec![0; BASE64.decode_len(value.len()).map_err(|_| bad())?]);
        // what the decoder says of an error would point into the key: it goes no further
        let length = BASE64.decode_mut(value, &mut octets).map_err(|_| bad())?;
        octets.truncate(length);
        Ok(octets)
    }
}

fn damaged(what: &str) -> Fault {
    Fault::error(format!("the private key file is damaged: {what}"))
        .hint("restore the key file from a backup")
}

/// Reads a `.private` file; `file` is for messages.
///
/// # Errors
/// A format, algorithm or size that cannot be read or cannot sign; a key that is in a hardware module.
pub(super) fn parse(text: &[u8], file: &str) -> Result<Private> {
    let text = std::str::from_utf8(text).map_err(|_| damaged("it is not text").in_file(file))?;
    let lines = Lines::parse(text, file)?;
    version(&lines)?;
    let (value, line) =
        lines.get("Algorithm").ok_or_else(|| damaged("it has no Algorithm line").in_file(file))?;
    // the name after the number is for people: BIND and ldns spell some of them differently
    let number = value.split([' ', '\t']).next().unwrap_or_default();
    let algorithm = Algorithm::from_text(number).map_err(|fault| lines.at(fault, line))?;
    if let Some(&(_, _, line)) = lines.list.iter().find(|(name, ..)| outside(name)) {
        return Err(lines.at(elsewhere(), line));
    }
    let (material, padded) = material(&lines, algorithm).map_err(|fault| fault.in_file(file))?;
    Ok(Private { algorithm, material, metadata: metadata(&lines, algorithm)?, padded })
}

/// The key, and how many octets of an Ed25519 key were missing in front.
fn material(lines: &Lines<'_>, algorithm: Algorithm) -> Result<(Material, usize)> {
    let ecdsa = |curve| Ok((Material::ecdsa(curve, &lines.octets("PrivateKey")?, None)?, 0));
    match algorithm {
        Algorithm::RsaSha256 | Algorithm::RsaSha512 => {
            let mut numbers = Vec::with_capacity(RSA.len());
            for name in RSA {
                numbers.push(lines.octets(name)?);
            }
            Ok((Material::rsa(&std::array::from_fn(|index| &numbers[index][..]))?, 0))
        }
        Algorithm::EcdsaP256Sha256 => ecdsa(Curve::P256),
        Algorithm::EcdsaP384Sha384 => ecdsa(Curve::P384),
        Algorithm::Ed25519 => {
            let octets = lines.octets("PrivateKey")?;
            let padded = 32_usize.checked_sub(octets.len());
            let padded = padded.ok_or_else(|| damaged("its Ed25519 key is longer than 32 octets"))?;
            let mut seed = Zeroizing::new(vec![0; 32]);
            seed[padded..].copy_from_slice(&octets);
            Ok((Material::Ed25519 { seed, public: None }, padded))
        }
    }
}

/// Whether a field says that the key is not in this file.
fn outside(name: &str) -> bool {
    ["Engine", "Label", "External"].iter().any(|known| known.eq_ignore_ascii_case(name))
}

fn elsewhere() -> Fault {
    Fault::error(
        "the private key is not in this file: it is in a hardware module (PKCS#11), which this program \
                  does not talk to",
    )
    .hint(
        "sign with a key that is in a file: make one with `zoneseal keygen ZONE`, and roll to it with the \
             software that signs the zone today (RFC 6781, section 4.1)",
    )
}

fn version(lines: &Lines<'_>) -> Result<()> {
    let &(name, value, line) =
        lines.list.first().ok_or_else(|| Fault::error("the file is empty").in_file(&lines.file))?;
    if !HEAD.trim_end_matches(':').eq_ignore_ascii_case(name) {
        let fault = Fault::error("this is no private key of BIND or ldns")
            .hint("its first line would be `Private-key-format: v1.3`, or v1.2");
        return Err(lines.at(fault, line));
    }
    let numbers = value.strip_prefix('v').and_then(|value| value.split_once('.'));
    let minor = numbers.filter(|(major, _)| *major == "1").and_then(|(_, minor)| minor.parse::<u8>().ok());
    if minor.is_none_or(|minor| minor < 2) {
        let fault =
            Fault::error(format!("expected private key format v1.2 or v1.3, found \"{}\"", quoted(value)))
                .hint("`dnssec-settime -f KEY` brings an old file up to date");
        return Err(lines.at(fault, line));
    }
    Ok(())
}

/// Times, and whatever is neither a time nor part of the key.
fn metadata(lines: &Lines<'_>, algorithm: Algorithm) -> Result<Metadata> {
    let mut metadata = Metadata::default();
    let of_key = |name: &str| {
        let names: &[&str] = if algorithm.is_rsa() { &RSA } else { &["PrivateKey"] };
        names.iter().any(|known| known.eq_ignore_ascii_case(name))
    };
    for &(name, value, line) in lines.list.iter().skip(1) {
        if name.eq_ignore_ascii_case("Algorithm") || of_key(name) {
            continue;
        }
        if let Some((_, field)) = TIMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
            let digits = value.split([' ', '\t']).next().unwrap_or_default();
            let time = Time::from_digits(digits.as_bytes()).ok_or_else(|| {
                let found = quoted(value);
                let fault = Fault::error(format!("{name}: expected a time, found \"{found}\""))
                    .hint("times are written as YYYYMMDDHHmmSS, in UTC: `dnssec-settime` sets them");
                lines.at(fault, line)
            })?;
            *field(&mut metadata) = Some(time);
        } else {
            let known = NUMBERS.iter().chain(&SYNC_TIMES).find(|known| known.eq_ignore_ascii_case(name));
            let name = known.map_or_else(|| format!("{FOREIGN}{name}"), |known| (*known).to_owned());
            metadata.unknown.push((name, value.to_owned()));
        }
    }
    Ok(metadata)
}

/// The text of a `.private` file. Wiped when dropped.
pub(super) fn text(material: &Material, algorithm: Algorithm, metadata: &Metadata) -> Zeroizing<String> {
    let kept = |wanted: &'static str| {
        metadata.unknown.iter().find(move |(name, _)| name.eq_ignore_ascii_case(wanted))
    };
    let foreign = || metadata.unknown.iter().filter_map(|(name, value)| Some((foreign_name(name)?, value)));
    let minor = if foreign().next().is_some() { 4 } else { 3 };
    // room for all at once: growing would leave copies of the key behind in freed memory
    let room: usize = metadata.unknown.iter().map(|(name, value)| name.len() + value.len() + 3).sum();
    let mut text = Zeroizing::new(String::with_capacity(8192 + room));
    let out = &mut *text;
    // writing to a String cannot fail
    let _ = writeln!(out, "{HEAD} v1.{minor}\nAlgorithm: {} ({algorithm})", algorithm.number());
    match material {
        Material::Rsa(der) => {
            for (name, number) in RSA.iter().zip(Material::rsa_numbers(der)) {
                secret(out, name, number);
            }
        }
        Material::Ecdsa { scalar, .. } => secret(out, "PrivateKey", scalar),
        Material::Ed25519 { seed, .. } => secret(out, "PrivateKey", seed),
    }
    let plain = |out: &mut String, names: &'static [&'static str]| {
        for (name, value) in names.iter().filter_map(|name| kept(name)) {
            let _ = writeln!(out, "{name}: {value}");
        }
    };
    plain(out, &NUMBERS);
    for (name, digits) in times(metadata) {
        let _ = writeln!(out, "{name}: {digits}");
    }
    plain(out, &SYNC_TIMES);
    for (name, value) in foreign() {
        let _ = writeln!(out, "{name}: {value}");
    }
    text
}

/// BIND's times that are set, by BIND's names, as digits.
pub(super) fn times(metadata: &Metadata) -> Vec<(&'static str, String)> {
    let mut metadata = Metadata { unknown: Vec::new(), ..metadata.clone() };
    let mut times = Vec::new();
    for (name, field) in TIMES {
        if let Some(time) = *field(&mut metadata) {
            let mut digits = Vec::with_capacity(14);
            time.push_digits(&mut digits);
            times.push((name, String::from_utf8(digits).unwrap_or_default()));
        }
    }
    times
}

fn secret(out: &mut String, name: &str, octets: &[u8]) {
    out.push_str(name);
    out.push_str(": ");
    BASE64.encode_append(octets, out);
    out.push('\n');
}

/// The name a metadata line has in a `.private` file, if it came from one that BIND does not know.
fn foreign_name(name: &str) -> Option<&str> {
    name.strip_prefix(FOREIGN).filter(|_| name != super::public::TTL_LINE)
}

/// How many lines of a PEM file have no place in a pair.
#[must_use]
pub fn without_place(metadata: &Metadata) -> usize {
    let known = |name: &str| NUMBERS.iter().chain(&SYNC_TIMES).any(|known| known.eq_ignore_ascii_case(name));
    metadata.unknown.iter().filter(|(name, _)| !name.starts_with(FOREIGN) && !known(name)).count()
}
