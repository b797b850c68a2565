//! DNSSEC algorithms a key can have, and why the others are refused.
//!
//! In: a number or mnemonic of the IANA registry, as RFC 4034, appendix A.1 has them. Out: one of the five
//! algorithms this program signs with, or a [`Fault`] that says what to do instead. The status of each is
//! that of RFC 9904, 9905 and 9906.

use super::secret::quoted;
use crate::error::{Fault, Result};
use hickory_proto::dnssec::Algorithm as Registry;
use std::fmt;

/// An algorithm this program signs with. The order is that of the numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Algorithm {
    /// 8, RSA with SHA-256 (RFC 5702).
    RsaSha256,
    /// 10, RSA with SHA-512 (RFC 5702).
    RsaSha512,
    /// 13, ECDSA on P-256 with SHA-256 (RFC 6605).
    EcdsaP256Sha256,
    /// 14, ECDSA on P-384 with SHA-384 (RFC 6605).
    EcdsaP384Sha384,
    /// 15, Ed25519 (RFC 8080).
    Ed25519,
}

/// How to leave a key behind that this program cannot sign with. The zone must go on being signed by that
/// key until the parent's DS no longer points to it, and only its present signer can do that.
pub(super) const ROLL: &str = "roll to a new key first, with the software that signs the zone today: make one \
     with `zoneseal keygen ZONE`, publish it beside the old key and sign with both, replace the DS at the \
     parent, then withdraw the old key (RFC 6781, section 4.1)";

/// What the registry lists and this program does not sign with: number, mnemonics (the registry's first),
/// and why not.
const REFUSED: [(u8, &[&str], &str); 10] = [
    (1, &["RSAMD5"], "RFC 9904 forbids signing with it"),
    (2, &["DH"], "it is not for signatures"),
    (3, &["DSA"], "RFC 9904 forbids signing with it"),
    (5, &["RSASHA1"], "RFC 9905 forbids signing with SHA-1"),
    (6, &["DSA-NSEC3-SHA1", "NSEC3DSA"], "RFC 9904 forbids signing with it"),
    (7, &["RSASHA1-NSEC3-SHA1", "NSEC3RSASHA1"], "RFC 9905 forbids signing with SHA-1"),
    (12, &["ECC-GOST", "ECCGOST"], "RFC 9906 forbids signing with it"),
    (16, &["ED448"], "ring, which makes the signatures, does not have it"),
    (17, &["SM2SM3"], "ring, which makes the signatures, does not have it"),
    (23, &["ECC-GOST12", "GOST12"], "ring, which makes the signatures, does not have it"),
];

impl Algorithm {
    /// All of them, by number.
    pub const ALL: [Self; 5] =
        [Self::RsaSha256, Self::RsaSha512, Self::EcdsaP256Sha256, Self::EcdsaP384Sha384, Self::Ed25519];

    fn registry(self) -> Registry {
        match self {
            Self::RsaSha256 => Registry::RSASHA256,
            Self::RsaSha512 => Registry::RSASHA512,
            Self::EcdsaP256Sha256 => Registry::ECDSAP256SHA256,
            Self::EcdsaP384Sha384 => Registry::ECDSAP384SHA384,
            Self::Ed25519 => Registry::ED25519,
        }
    }

    /// The octet of DNSKEY, DS and RRSIG.
    #[must_use]
    pub fn number(self) -> u8 {
        self.registry().into()
    }

    /// The registry's mnemonic, such as `ECDSAP256SHA256`.
    #[must_use]
    pub fn mnemonic(self) -> &'static str {
        self.registry().as_str()
    }

    /// The algorithm of this number, if this program signs with it.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.number() == number)
    }

    /// Reads a number, a mnemonic in either case, or both as in `13 ECDSAP256SHA256` and
    /// `13 (ECDSAP256SHA256)`.
    ///
    /// # Errors
    /// An algorithm that is unknown, that RFC 9904, 9905 or 9906 forbids, or that ring cannot sign with.
    pub fn from_text(text: &str) -> Result<Self> {
        let mut words = text.split_whitespace();
        let (Some(first), second, None) = (words.next(), words.next(), words.next()) else {
            return Err(unknown(text));
        };
        let algorithm = Self::from_word(first)?;
        match second.map(|word| word.trim_matches(['(', ')'])) {
            Some(word) if Self::from_word(word)? != algorithm => {
                Err(Fault::error(format!("{first} and {word} are two different algorithms")))
            }
            _ => Ok(algorithm),
        }
    }

    fn from_word(word: &str) -> Result<Self> {
        let number = word.parse::<u8>().ok();
        let is = |n: u8, name: &str| number == Some(n) || word.eq_ignore_ascii_case(name);
        if let Some(found) = Self::ALL.into_iter().find(|a| is(a.number(), a.mnemonic())) {
            return Ok(found);
        }
        match REFUSED.iter().find(|(n, names, _)| names.iter().any(|name| is(*n, name))) {
            Some((n, names, why)) => Err(Fault::error(format!(
                "algorithm {n} ({}) cannot sign: {why}",
                names[0]
            ))
            .hint(format!(
                "choose 13 ECDSAP256SHA256 or 15 ED25519; if the zone is signed with such a key now, {ROLL}"
            ))),
            None => Err(unknown(word)),
        }
    }

    /// Whether RFC 9904 advises against signing with it (RSASHA512: no safer than RSASHA256, and known to
    /// fewer validators).
    #[must_use]
    pub fn not_recommended(self) -> bool {
        self == Self::RsaSha512
    }

    /// Whether its keys are RSA keys, which do not say themselves which hash they are for.
    #[must_use]
    pub fn is_rsa(self) -> bool {
        matches!(self, Self::RsaSha256 | Self::RsaSha512)
    }
}

fn unknown(text: &str) -> Fault {
    // in a key file, a long word in this place may be the key
    Fault::error(format!("unknown algorithm \"{}\"", quoted(text))).hint(
        "known are 8 RSASHA256, 10 RSASHA512, 13 ECDSAP256SHA256, 14 ECDSAP384SHA384 and 15 ED25519, by \
         number or name",
    )
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.mnemonic())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names() {
        for algorithm in Algorithm::ALL {
            let (number, name) = (algorithm.number(), algorithm.mnemonic());
            assert_eq!(Algorithm::from_number(number), Some(algorithm));
            for text in [number.to_string(), name.to_ascii_lowercase(), format!(" {number} ({name})")] {
                assert_eq!(Algorithm::from_text(&text).unwrap(), algorithm, "{text}");
            }
        }
        assert!(Algorithm::RsaSha512.not_recommended() && !Algorithm::RsaSha256.not_recommended());
        assert_eq!(Algorithm::from_number(5), None);
    }

    #[test]
    fn the_others_are_refused_with_a_reason() {
        for (text, reason) in [
            ("5", "RFC 9905"),
            ("nsec3rsasha1", "RFC 9905"),
            ("ECC-GOST", "RFC 9906"),
            ("Ed448", "ring"),
            ("1", "RFC 9904"),
            ("99", "unknown"),
            ("", "unknown"),
            ("13 ED25519", "two different"),
            ("13 14 15", "unknown"),
        ] {
            let fault = Algorithm::from_text(text).unwrap_err();
            assert!(fault.message().contains(reason), "{text}: {fault}");
        }
    }

    #[test]
    fn a_key_in_an_algorithm_s_place_is_not_shown() {
        let key = "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC";
        for text in [key.to_owned(), format!("15 {key}"), format!("{key} a b")] {
            assert!(!Algorithm::from_text(&text).unwrap_err().to_string().contains("MC4C"), "{text}");
        }
    }
}
