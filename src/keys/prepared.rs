//! A public key in the form that the library verifies with.
//!
//! In: a point, or the two numbers of an RSA key. Out: whether a signature is good. AWS-LC's crate keeps what it has made
//! of a key, which saves some hundredths of a P-256 verification; ring starts from the octets with every signature.

#[cfg(feature = "aws-lc")]
use super::library::signature::ParsedPublicKey;
#[cfg(not(feature = "aws-lc"))]
use super::library::signature::UnparsedPublicKey;
use super::library::signature::{RsaParameters, RsaPublicKeyComponents, VerificationAlgorithm};

/// A public key that signatures can be verified with.
#[cfg(feature = "aws-lc")]
#[derive(Clone)]
pub(super) struct Prepared(ParsedPublicKey);

#[cfg(feature = "aws-lc")]
impl Prepared {
    /// From the octets that the library wants for this algorithm. `None`: they are no key.
    pub(super) fn curve(algorithm: &'static dyn VerificationAlgorithm, key: &[u8]) -> Option<Self> {
        ParsedPublicKey::new(algorithm, key).ok().map(Self)
    }

    /// From numbers without leading zeros. `None`: they are no key.
    pub(super) fn rsa(parameters: &'static RsaParameters, exponent: &[u8], modulus: &[u8]) -> Option<Self> {
        RsaPublicKeyComponents { n: modulus, e: exponent }.to_parsed_public_key(parameters).ok().map(Self)
    }

    /// Whether `signature` is this key's over `message`.
    pub(super) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        self.0.verify_sig(message, signature).is_ok()
    }
}

/// A public key that signatures can be verified with.
#[cfg(not(feature = "aws-lc"))]
#[derive(Clone)]
pub(super) enum Prepared {
    Curve(UnparsedPublicKey<Vec<u8>>),
    Rsa(&'static RsaParameters, RsaPublicKeyComponents<Vec<u8>>),
}

#[cfg(not(feature = "aws-lc"))]
#[allow(
    clippy::unnecessary_wraps,
    reason = "AWS-LC tells at once what is no key, ring with the first signature"
)]
impl Prepared {
    /// From the octets that the library wants for this algorithm. Whether they are a key shows only later.
    pub(super) fn curve(algorithm: &'static dyn VerificationAlgorithm, key: &[u8]) -> Option<Self> {
        Some(Self::Curve(UnparsedPublicKey::new(algorithm, key.to_vec())))
    }

    /// From numbers without leading zeros. Whether they are a key shows only later.
    pub(super) fn rsa(parameters: &'static RsaParameters, exponent: &[u8], modulus: &[u8]) -> Option<Self> {
        Some(Self::Rsa(parameters, RsaPublicKeyComponents { n: modulus.to_vec(), e: exponent.to_vec() }))
    }

    /// Whether `signature` is this key's over `message`.
    pub(super) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Curve(key) => key.verify(message, signature),
            Self::Rsa(parameters, key) => key.verify(parameters, message, signature),
        }
        .is_ok()
    }
}
