//! The secret numbers of a key, out of the DER forms that key files hold, before ring sees them.
//!
//! In: PKCS#8 v1 and v2 (RFC 5208, RFC 5958), SEC1 (RFC 5915) and PKCS#1 (RFC 8017, appendix A.1.2).
//! Out: [`Material`], of a kind and size that this program signs with; everything else is refused here, each
//! kind by its name. What is copied out of the DER is wiped when it is dropped.

use super::algorithm::ROLL;
use crate::error::{Fault, Result};
use pkcs8::der::asn1::{ObjectIdentifier as Oid, UintRef};
use pkcs8::der::{self, Decode, Encode, ErrorKind};
use pkcs8::{AlgorithmIdentifierRef, PrivateKeyInfoRef};
use rsa::pkcs1::RsaPrivateKeyRef;
use zeroize::Zeroizing;

const RSA: Oid = Oid::new_unwrap("1.2.840.113549.1.1.1");
const EC: Oid = Oid::new_unwrap("1.2.840.10045.2.1");
const ED25519: Oid = Oid::new_unwrap("1.3.101.112");

/// Kinds of keys that cannot sign a zone here, by the OID of their PKCS#8.
const REFUSED: [(&str, &str); 12] = [
    ("1.3.101.113", "Ed448"),
    ("1.3.101.110", "X25519"),
    ("1.3.101.111", "X448"),
    ("1.2.840.10040.4.1", "DSA"),
    ("1.2.840.113549.1.1.10", "RSA-PSS"),
    ("1.2.840.113549.1.1.7", "RSA-OAEP"),
    ("1.2.840.113549.1.3.1", "Diffie-Hellman"),
    ("1.2.840.10046.2.1", "Diffie-Hellman"),
    ("1.2.643.2.2.19", "GOST R 34.10-2001"),
    ("1.2.643.7.1.1.1.1", "GOST R 34.10-2012"),
    ("1.2.643.7.1.1.1.2", "GOST R 34.10-2012"),
    ("1.2.156.10197.1.301", "SM2"),
];

/// Curves by OID: DNSSEC has the first two (RFC 6605), the others are named where they are refused.
const CURVES: [(&str, &str); 9] = [
    ("1.2.840.10045.3.1.7", "P-256"),
    ("1.3.132.0.34", "P-384"),
    ("1.3.132.0.35", "P-521"),
    ("1.3.132.0.33", "P-224"),
    ("1.3.132.0.10", "secp256k1"),
    ("1.3.36.3.3.2.8.1.1.7", "brainpoolP256r1"),
    ("1.3.36.3.3.2.8.1.1.11", "brainpoolP384r1"),
    ("1.3.36.3.3.2.8.1.1.13", "brainpoolP512r1"),
    ("1.2.156.10197.1.301", "SM2"),
];

/// The curves of RFC 6605.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Curve {
    P256,
    P384,
}

/// A private key, taken apart.
pub(super) enum Material {
    /// The DER of an `RSAPrivateKey`.
    Rsa(Zeroizing<Vec<u8>>),
    /// The private scalar, as many octets as the curve's order has, and the point that belongs to it, with
    /// the leading 0x04.
    Ecdsa { curve: Curve, scalar: Zeroizing<Vec<u8>>, point: Vec<u8> },
    /// The seed of 32 octets, and the public key if the file had one.
    Ed25519 { seed: Zeroizing<Vec<u8>>, public: Option<Vec<u8>> },
}

impl Material {
    /// From a PKCS#8 `PrivateKeyInfo` or `OneAsymmetricKey`.
    pub(super) fn from_pkcs8(der: &[u8]) -> Result<Self> {
        let info = PrivateKeyInfoRef::from_der(der).map_err(|error| bad_der("PKCS#8", &error))?;
        let inner = info.private_key.as_bytes();
        let public = info.public_key.and_then(|bits| bits.as_bytes());
        match info.algorithm.oid {
            RSA => Self::from_pkcs1(inner),
            EC => {
                let curve = info
                    .algorithm
                    .parameters
                    .and_then(|any| any.decode_as::<Oid>().ok())
                    .ok_or_else(explicit_parameters)?;
                Self::from_ec(inner, Some(curve), public)
            }
            ED25519 => {
                let seed = <&der::asn1::OctetStringRef>::from_der(inner)
                    .map_err(|error| bad_der("Ed25519", &error))?
                    .as_bytes();
                if seed.len() != 32 {
                    return Err(Fault::error("the Ed25519 private key is not 32 octets long"));
                }
                Ok(Self::Ed25519 { seed: Zeroizing::new(seed.to_vec()), public: public.map(<[u8]>::to_vec) })
            }
            oid => Err(refused_kind(oid)),
        }
    }

    /// From a SEC1 `ECPrivateKey`, which names its curve itself.
    pub(super) fn from_sec1(der: &[u8]) -> Result<Self> {
        Self::from_ec(der, None, None)
    }

    fn from_ec(der: &[u8], curve: Option<Oid>, public: Option<&[u8]>) -> Result<Self> {
        let key = sec1::EcPrivateKey::from_der(der).map_err(|error| match error.kind() {
            // the parameters are a SEQUENCE where the name of a curve would be an OBJECT IDENTIFIER
            ErrorKind::TagUnexpected { actual: der::Tag::Sequence, .. } => explicit_parameters(),
            _ => bad_der("SEC1", &error),
        })?;
        let inner = key.parameters.and_then(sec1::EcParameters::named_curve);
        let oid = match (curve, inner) {
            (Some(outer), Some(inner)) if outer != inner => {
                return Err(Fault::error("the key names two different curves"));
            }
            (outer, inner) => outer.or(inner).ok_or_else(explicit_parameters)?,
        };
        let name = CURVES.iter().find(|(text, _)| *text == oid.to_string()).map(|&(_, name)| name);
        let curve = match name {
            Some("P-256") => Curve::P256,
            Some("P-384") => Curve::P384,
            Some(name) => return Err(refused_curve(name)),
            None => return Err(refused_curve(&oid.to_string())),
        };
        Self::ecdsa(curve, key.private_key, key.public_key.or(public))
    }

    /// From the private scalar of a curve, big-endian. The point is computed; a `public` point that the
    /// file holds must be that one.
    pub(super) fn ecdsa(curve: Curve, scalar: &[u8], public: Option<&[u8]>) -> Result<Self> {
        let length = curve.octets();
        // RFC 5915, section 3, wants leading zeros, but some programs leave them out or add one
        let zeros = scalar.iter().take_while(|&&octet| octet == 0).count();
        let digits = &scalar[zeros..];
        let mut padded = Zeroizing::new(vec![0; length]);
        let start = length.checked_sub(digits.len()).ok_or_else(bad_scalar)?;
        padded[start..].copy_from_slice(digits);
        let (point, same) = curve.point(&padded, public).ok_or_else(bad_scalar)?;
        if !same {
            return Err(mismatch());
        }
        Ok(Self::Ecdsa { curve, scalar: padded, point })
    }

    /// From a PKCS#1 `RSAPrivateKey`.
    pub(super) fn from_pkcs1(der: &[u8]) -> Result<Self> {
        let key = RsaPrivateKeyRef::from_der(der).map_err(|error| bad_der("RSA", &error))?;
        if key.other_prime_infos.is_some() {
            return Err(Fault::error("an RSA key of more than two primes cannot sign").hint(ROLL));
        }
        let (modulus, exponent) = (key.modulus.as_bytes(), key.public_exponent.as_bytes());
        let bits = bit_length(modulus);
        if !matches!(bits, 2048 | 3072 | 4096) {
            let why = if bits < 2048 { "; shorter ones can be broken" } else { "" };
            return Err(Fault::error(format!(
                "an RSA key of {bits} bits cannot sign: ring, which makes the signatures, takes 2048, 3072 \
                 and 4096 bits{why}"
            ))
            .hint(ROLL));
        }
        if exponent.len() < 3
            || exponent.last().is_none_or(|octet| octet % 2 == 0)
            || bit_length(exponent) > 33
        {
            return Err(Fault::error(format!(
                "an RSA key with public exponent {} cannot sign: ring, which makes the signatures, takes odd \
                 exponents from 65537 to 2^33 - 1",
                decimal(exponent)
            ))
            .hint(ROLL));
        }
        Ok(Self::Rsa(Zeroizing::new(der.to_vec())))
    }

    /// From the numbers of an RSA key, big-endian, in the order of RFC 8017, appendix A.1.2: n, e, d, p, q,
    /// d mod (p - 1), d mod (q - 1), 1/q mod p.
    pub(super) fn rsa(numbers: &[&[u8]; 8]) -> Result<Self> {
        let number = |index: usize| UintRef::new(numbers[index]).map_err(|error| bad_der("RSA", &error));
        let key = RsaPrivateKeyRef {
            modulus: number(0)?,
            public_exponent: number(1)?,
            private_exponent: number(2)?,
            prime1: number(3)?,
            prime2: number(4)?,
            exponent1: number(5)?,
            exponent2: number(6)?,
            coefficient: number(7)?,
            other_prime_infos: None,
        };
        let der = Zeroizing::new(key.to_der().map_err(|error| bad_der("RSA", &error))?);
        Self::from_pkcs1(&der)
    }

    /// The numbers of the key with this PKCS#1 form, in the same order, without leading zeros.
    pub(super) fn rsa_numbers(pkcs1: &[u8]) -> [&[u8]; 8] {
        let key = RsaPrivateKeyRef::from_der(pkcs1).expect("only what can be read becomes material");
        [
            key.modulus,
            key.public_exponent,
            key.private_exponent,
            key.prime1,
            key.prime2,
            key.exponent1,
            key.exponent2,
            key.coefficient,
        ]
        .map(|number| number.as_bytes())
    }

    /// The PKCS#8 v1 form that `openssl` and every other program reads (its version 3.0 refuses the v2
    /// form of Ed25519 keys).
    pub(super) fn to_pkcs8(&self) -> Zeroizing<Vec<u8>> {
        let encode = |oid, parameters, inner: &[u8]| {
            let key = der::asn1::OctetStringRef::new(inner).expect("a key is shorter than 256 MiB");
            PrivateKeyInfoRef::new(AlgorithmIdentifierRef { oid, parameters }, key)
                .to_der()
                .expect("a key of known parts can be written")
        };
        Zeroizing::new(match self {
            Self::Rsa(pkcs1) => encode(RSA, Some(der::asn1::AnyRef::NULL), pkcs1),
            Self::Ecdsa { curve, scalar, point } => {
                let key =
                    sec1::EcPrivateKey { private_key: scalar, parameters: None, public_key: Some(point) };
                let inner = Zeroizing::new(key.to_der().expect("a key of known parts can be written"));
                let oid = curve.oid();
                encode(EC, Some((&oid).into()), &inner)
            }
            Self::Ed25519 { seed, .. } => {
                let mut inner = Zeroizing::new(vec![0x04, 0x20]);
                inner.extend_from_slice(seed);
                encode(ED25519, None, &inner)
            }
        })
    }
}

impl Curve {
    /// Octets of a scalar and of each coordinate of a point.
    pub(super) fn octets(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
        }
    }

    fn oid(self) -> Oid {
        Oid::new_unwrap(CURVES[self as usize].0)
    }

    /// The public point of a scalar, uncompressed, and whether `public` (compressed or not) may be that point: if it
    /// is uncompressed, ring compares, and faster. `None`: the scalar is zero or not below the curve's order.
    fn point(self, scalar: &[u8], public: Option<&[u8]>) -> Option<(Vec<u8>, bool)> {
        const UNCOMPRESSED: u8 = 4;
        if let Some(public @ [UNCOMPRESSED, point @ ..]) = public
            && point.len() == 2 * self.octets()
        {
            return Some((public.to_vec(), true));
        }
        match self {
            Self::P256 => {
                let own = p256::SecretKey::from_slice(scalar).ok()?.public_key();
                let same = public.is_none_or(|o| p256::PublicKey::from_sec1_bytes(o).is_ok_and(|o| o == own));
                Some((own.to_sec1_bytes().into_vec(), same))
            }
            Self::P384 => {
                let own = p384::SecretKey::from_slice(scalar).ok()?.public_key();
                let same = public.is_none_or(|o| p384::PublicKey::from_sec1_bytes(o).is_ok_and(|o| o == own));
                Some((own.to_sec1_bytes().into_vec(), same))
            }
        }
    }
}

/// Bits of a big-endian number without leading zero octets.
fn bit_length(number: &[u8]) -> usize {
    number.first().map_or(0, |first| number.len() * 8 - first.leading_zeros() as usize)
}

/// A big-endian number for a message: in full if it fits 64 bits.
fn decimal(number: &[u8]) -> String {
    if number.len() > 8 {
        return format!("of {} bits", bit_length(number));
    }
    number.iter().fold(0_u64, |sum, &octet| sum << 8 | u64::from(octet)).to_string()
}

/// What a decoder says, in words that hold nothing of the key.
fn bad_der(form: &str, error: &der::Error) -> Fault {
    match error.kind() {
        ErrorKind::Incomplete { expected_len, actual_len } => Fault::error(format!(
            "the key is cut short: its {form} structure has {actual_len} octets of {expected_len}"
        ))
        .hint("restore the key file from a backup"),
        _ => Fault::error(format!("the key is damaged: this is no {form} structure"))
            .hint("`openssl pkey -in FILE -noout` should accept it; if not, restore it from a backup"),
    }
}

/// The public half of a file belongs to another key: one of the two was damaged or swapped.
pub(super) fn mismatch() -> Fault {
    Fault::error("the public key in the file does not belong to the private key beside it")
        .hint("restore the key file from a backup")
}

pub(super) fn bad_scalar() -> Fault {
    Fault::error("the key is damaged: its private number is out of range for the curve")
        .hint("restore the key file from a backup")
}

fn explicit_parameters() -> Fault {
    Fault::error("the EC key does not name its curve").hint(
        "`openssl pkey -in FILE -ec_param_enc named_curve -out NEW` makes a file with the name, if the \
         parameters are those of P-256 or P-384",
    )
}

fn refused_curve(name: &str) -> Fault {
    Fault::error(format!("an EC key on curve {name} cannot sign: DNSSEC has P-256 and P-384 (RFC 6605)"))
        .hint("make a key with `zoneseal keygen ZONE`")
}

fn refused_kind(oid: Oid) -> Fault {
    let text = oid.to_string();
    match REFUSED.iter().find(|(known, _)| *known == text) {
        Some((_, "Ed448")) => refused_name("Ed448", "ring, which makes the signatures, does not have it"),
        Some((_, name)) => refused_name(name, "it is no DNSSEC key that may sign (RFC 9904)"),
        None => refused_name(&text, "this kind of key is not known to DNSSEC"),
    }
}

/// A key of a kind that cannot sign, and why; the hint says how to get to one that can.
pub(super) fn refused_name(name: &str, why: &str) -> Fault {
    Fault::error(format!("a key of type {name} cannot sign: {why}")).hint(ROLL)
}
