//! What options mean: words of the command line and of the configuration → values of the library.
//!
//! `option` is what the option is called where it stands, such as `--jitter` or `jitter`; a fault begins
//! with it and says what was expected.

use crate::dns::NameBuf;
use crate::dns::text::{parse_hex, parse_ttl};
use crate::dnssec::cds::Publish;
use crate::dnssec::ds::Digest;
use crate::dnssec::nsec3::Params;
use crate::dnssec::zonemd::Hash;
use crate::error::{Fault, Result};
use crate::zonefile::reader::MAX_TTL;

/// The name of a zone.
///
/// # Errors
/// It is none.
pub fn zone(text: &str) -> Result<NameBuf> {
    NameBuf::from_text(text)
        .map_err(|fault| Fault::error(format!("\"{text}\" is no zone name: expected {fault}")))
}

/// A duration such as `90`, `28d` or `1h30m`: seconds.
///
/// # Errors
/// It is none.
pub fn duration(option: &str, text: &str) -> Result<u32> {
    parse_ttl(text.as_bytes()).ok_or_else(|| {
        Fault::error(format!("{option}: expected a duration such as 3600, 12h or 3d, found \"{text}\""))
    })
}

/// A TTL: seconds.
///
/// # Errors
/// It is none, or too large a one.
pub fn ttl(option: &str, text: &str) -> Result<u32> {
    let wrong =
        |expected: &str| Fault::error(format!("{option}: expected a TTL {expected}, found \"{text}\""));
    match parse_ttl(text.as_bytes()) {
        Some(ttl) if ttl <= MAX_TTL => Ok(ttl),
        Some(_) => Err(wrong(&format!("of at most {MAX_TTL}"))),
        None => Err(wrong("such as 3600 or 1h")),
    }
}

/// An NSEC3 salt in hexadecimal, `-` for none.
///
/// # Errors
/// It is none.
pub fn salt(option: &str, text: &str) -> Result<Vec<u8>> {
    let mut salt = Vec::new();
    let read = if text == "-" { Some(()) } else { parse_hex(text.as_bytes(), &mut salt) };
    match read {
        Some(()) if salt.len() <= 255 => Ok(salt),
        _ => Err(Fault::error(format!(
            "{option}: expected a salt of at most 255 octets in hexadecimal, or - for none, found \"{text}\""
        ))),
    }
}

/// Refuses NSEC3 iterations, unless `permit`, the option that allows them, was given.
///
/// # Errors
/// There are some, and they are not allowed.
pub fn iterations(count: u16, allowed: bool, permit: &str) -> Result<()> {
    if count == 0 || allowed {
        return Ok(());
    }
    let message = format!(
        "{count} NSEC3 iterations: \"an iterations count of 0 MUST be used\" (RFC 9276, section 3.1)"
    );
    let hint =
        format!("validators may take a zone with more for insecure or fail; {permit} makes it all the same");
    Err(Fault::error(message).hint(hint))
}

/// What RFC 9276 says of NSEC3 parameters that are allowed all the same: warnings. `none` is how to write
/// that there is no salt.
#[must_use]
pub fn odd_params(params: &Params, none: &str) -> Vec<Fault> {
    let mut warnings = Vec::new();
    if !params.salt.is_empty() {
        let fault =
            Fault::warning("an NSEC3 salt gives no protection: the zone's name already salts the hashes");
        warnings.push(fault.hint(format!("RFC 9276, section 3.1: \"{none}\", the default, is best")));
    }
    if params.iterations > 0 {
        let fault = Fault::warning(format!(
            "{} NSEC3 iterations: validators may take the zone for insecure, or not answer",
            params.iterations
        ));
        warnings.push(fault.hint("RFC 9276, section 3.2"));
    }
    warnings
}

/// One word of the list of what a zone wants its parent to publish.
///
/// # Errors
/// It is none of them.
pub fn publish(option: &str, word: &str) -> Result<Publish> {
    match word.to_ascii_lowercase().as_str() {
        "cds:sha-256" | "cds:sha256" => Ok(Publish::Cds(Digest::Sha256)),
        "cds:sha-384" | "cds:sha384" => Ok(Publish::Cds(Digest::Sha384)),
        "cdnskey" => Ok(Publish::Cdnskey),
        "delete" => Ok(Publish::Delete),
        _ => Err(Fault::error(format!(
            "{option}: expected a list of cds:sha-256, cds:sha-384 and cdnskey, or delete, found \"{word}\""
        ))),
    }
}

/// Refuses a list that asks the parent for contrary things.
///
/// # Errors
/// It is such a list.
pub fn consistent(option: &str, list: &[Publish]) -> Result<()> {
    if list.contains(&Publish::Delete) && list.iter().any(|one| *one != Publish::Delete) {
        return Err(Fault::error(format!(
            "{option} delete asks the parent to remove the DS: it stands alone (RFC 8078, section 4)"
        )));
    }
    Ok(())
}

/// A ZONEMD hash, with or without its scheme.
///
/// # Errors
/// It is none.
pub fn zonemd(option: &str, text: &str) -> Result<Hash> {
    let lower = text.to_ascii_lowercase();
    let (scheme, name) = lower.split_once(':').unwrap_or(("simple", &lower));
    let hash = match name {
        "sha384" | "sha-384" | "1" => Some(Hash::Sha384),
        "sha512" | "sha-512" | "2" => Some(Hash::Sha512),
        _ => None,
    };
    hash.filter(|_| matches!(scheme, "simple" | "1")).ok_or_else(|| {
        Fault::error(format!(
            "{option}: expected sha384 or sha512, as in \"sha384\" or \"simple:sha512\", found \"{text}\""
        ))
    })
}

/// Adds the hash that `text` names to others.
///
/// # Errors
/// It is none, or among them.
pub fn add_zonemd(option: &str, text: &str, hashes: &mut Vec<Hash>) -> Result<()> {
    let hash = zonemd(option, text)?;
    if hashes.contains(&hash) {
        let message = format!("{option} {text}: a zone has one ZONEMD of a kind (RFC 8976, section 2)");
        return Err(Fault::error(message));
    }
    hashes.push(hash);
    Ok(())
}

/// The digest of a DS.
///
/// # Errors
/// It is none that a DS may have.
pub fn digest(option: &str, name: &str) -> Result<Digest> {
    match name.to_ascii_lowercase().replace('-', "").as_str() {
        "sha256" | "2" => Ok(Digest::Sha256),
        "sha384" | "4" => Ok(Digest::Sha384),
        "sha1" | "1" => Err(Fault::error(format!("{option}: a DS must not be made with SHA-1 (RFC 9904)"))
            .hint("sha256, the default, is what every validator has")),
        _ => Err(Fault::error(format!("{option}: expected sha256 or sha384, found \"{name}\""))),
    }
}

/// Those of the words that a mistyped one may have been meant to be, the likeliest first.
#[must_use]
pub fn near<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let mut near: Vec<(usize, &str)> = known
        .into_iter()
        .map(|other| {
            let inside = word.len() > 2 && (other.contains(word) || word.contains(other));
            (if inside { 0 } else { strsim::damerau_levenshtein(word, other) }, other)
        })
        .filter(|&(distance, other)| distance <= other.len() / 3)
        .collect();
    near.sort_unstable();
    near.into_iter().take(5).map(|(_, other)| other).collect()
}
