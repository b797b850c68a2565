//! Private keys, ready to sign: the one file that names the types that sign, the library's and, for ECDSA without
//! random numbers, those of `p256` and `p384`.
//!
//! In: the DER of a key file, and the message to sign (RFC 4034, section 3.1.8.1). Out: the public key field
//! of the DNSKEY and signatures, both in DNSSEC wire form: RSA by RFC 3110 and RFC 5702, ECDSA by RFC 6605,
//! Ed25519 by RFC 8080.

use super::algorithm::Algorithm;
use super::library::error::{KeyRejected, Unspecified};
use super::library::rand::{SecureRandom, SystemRandom};
use super::library::signature::{
    self, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RsaKeyPair, RsaPublicKeyComponents,
};
use super::material::{Curve, Material, bad_scalar, mismatch};
use crate::error::{Fault, Result};
use p256::ecdsa::signature::Signer;
use std::fmt;
use zeroize::Zeroizing;

/// A key that signs; `Send` and `Sync`, so that many threads share one. Its `Debug` names the algorithm and
/// nothing else.
pub struct PrivateKey {
    algorithm: Algorithm,
    pair: Pair,
    random: SystemRandom,
}

enum Pair {
    Rsa(RsaKeyPair, &'static dyn signature::RsaEncoding),
    Ecdsa(EcdsaKeyPair, Ecdsa),
    Ed25519(Ed25519KeyPair),
}

/// What the library does not tell of an ECDSA key, and cannot do.
struct Ecdsa {
    curve: Curve,
    scalar: Zeroizing<Vec<u8>>,
    /// What signs in its place, if that is to go without random numbers.
    fixed: Option<Fixed>,
}

/// How the library says that a public half is not that of the private half.
const INCONSISTENT: &str = "InconsistentComponents";

/// An ECDSA key that signs as RFC 6979 says; the library cannot. Wiped when dropped.
enum Fixed {
    P256(p256::ecdsa::SigningKey),
    P384(p384::ecdsa::SigningKey),
}

impl PrivateKey {
    /// From the DER of a PKCS#8 key, version 1 or 2 (RFC 5208, RFC 5958). An RSA key does not say which hash
    /// it is for: `rsa` says so, RSASHA256 if it is `None` or no RSA algorithm.
    ///
    /// # Errors
    /// Damaged DER; a public half that does not belong to the key; a kind or size of key that cannot sign.
    pub fn from_pkcs8(der: &[u8], rsa: Option<Algorithm>) -> Result<Self> {
        Self::from_material(&Material::from_pkcs8(der)?, rsa)
    }

    /// From the DER of a SEC1 `ECPrivateKey` (RFC 5915).
    ///
    /// # Errors
    /// As [`from_pkcs8`](Self::from_pkcs8).
    pub fn from_sec1(der: &[u8]) -> Result<Self> {
        Self::from_material(&Material::from_sec1(der)?, None)
    }

    /// From the DER of a PKCS#1 `RSAPrivateKey` (RFC 8017, appendix A.1.2); `rsa` as in
    /// [`from_pkcs8`](Self::from_pkcs8).
    ///
    /// # Errors
    /// As [`from_pkcs8`](Self::from_pkcs8).
    pub fn from_pkcs1(der: &[u8], rsa: Option<Algorithm>) -> Result<Self> {
        Self::from_material(&Material::from_pkcs1(der)?, rsa)
    }

    pub(super) fn from_material(material: &Material, rsa: Option<Algorithm>) -> Result<Self> {
        let random = SystemRandom::new();
        // the library's own words ("InconsistentComponents") tell a person nothing, and the public half of an
        // Ed25519 key is the one thing left that may not fit
        let damaged = |_| {
            Fault::error("the key is damaged: its numbers do not belong together")
                .hint("restore the key file from a backup")
        };
        let (algorithm, pair) = match material {
            Material::Rsa(pkcs1) => {
                let algorithm = rsa.filter(|a| a.is_rsa()).unwrap_or(Algorithm::RsaSha256);
                let padding: &'static dyn signature::RsaEncoding = match algorithm {
                    Algorithm::RsaSha512 => &signature::RSA_PKCS1_SHA512,
                    _ => &signature::RSA_PKCS1_SHA256,
                };
                (algorithm, Pair::Rsa(RsaKeyPair::from_der(pkcs1).map_err(damaged)?, padding))
            }
            Material::Ecdsa { curve, scalar, point } => {
                let (algorithm, signing) = ecdsa(*curve);
                // this is where the two halves are compared
                let pair = ecdsa_pair(signing, material, (scalar, point), &random)
                    .map_err(|why| if why.to_string() == INCONSISTENT { mismatch() } else { bad_scalar() })?;
                let rest = Ecdsa { curve: *curve, scalar: scalar.clone(), fixed: None };
                (algorithm, Pair::Ecdsa(pair, rest))
            }
            Material::Ed25519 { seed, public } => {
                let pair = match public {
                    Some(public) => {
                        Ed25519KeyPair::from_seed_and_public_key(seed, public).map_err(|_| mismatch())?
                    }
                    None => Ed25519KeyPair::from_seed_unchecked(seed).map_err(damaged)?,
                };
                (Algorithm::Ed25519, Pair::Ed25519(pair))
            }
        };
        Ok(Self { algorithm, pair, random })
    }

    /// From here on, the same message has the same signature: ECDSA takes its secret number per signature from
    /// key and message, as RFC 6979 has it, in place of random ones; slower, and a signature like
    /// any other to who verifies it. RSA and Ed25519 are so in any case.
    pub fn deterministic(&mut self) {
        if let Pair::Ecdsa(_, ecdsa) = &mut self.pair {
            ecdsa.fixed = Fixed::new(ecdsa.curve, &ecdsa.scalar);
        }
    }

    /// Its algorithm.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The public key field of its DNSKEY: RSA exponent and modulus without leading zeros (RFC 3110,
    /// section 2), ECDSA x and y (RFC 6605, section 4), Ed25519 32 octets (RFC 8080, section 3).
    #[must_use]
    pub fn public_key(&self) -> Vec<u8> {
        match &self.pair {
            Pair::Rsa(pair, _) => {
                let parts = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public_key());
                // one octet of length is enough: the exponents that the library takes have at most five octets
                [&parts.e.len().to_le_bytes()[..1], &parts.e, &parts.n].concat()
            }
            // the octet 0x04 says "uncompressed", which in DNSSEC goes without saying
            Pair::Ecdsa(pair, _) => pair.public_key().as_ref()[1..].to_vec(),
            Pair::Ed25519(pair) => pair.public_key().as_ref().to_vec(),
        }
    }

    /// Octets of each of its signatures.
    #[must_use]
    pub fn signature_len(&self) -> usize {
        match &self.pair {
            Pair::Rsa(pair, _) => pair.public_key().modulus_len(),
            Pair::Ecdsa(_, ecdsa) => 2 * ecdsa.curve.octets(),
            Pair::Ed25519(_) => 64,
        }
    }

    /// Signs `message` and appends the signature, [`signature_len`](Self::signature_len) octets, to `out`:
    /// ECDSA as r and s of fixed size (RFC 6605, section 4), never as DER.
    ///
    /// # Errors
    /// No random numbers from the system, or an RSA key whose private half does not fit its public half. On
    /// an error `out` is as it was.
    pub fn sign(&self, message: &[u8], out: &mut Vec<u8>) -> Result<()> {
        let start = out.len();
        let done = match &self.pair {
            Pair::Rsa(pair, padding) => {
                out.resize(start + pair.public_key().modulus_len(), 0);
                pair.sign(*padding, &self.random, message, &mut out[start..])
            }
            Pair::Ecdsa(_, Ecdsa { fixed: Some(fixed), .. }) => fixed.sign(message, out),
            Pair::Ecdsa(pair, _) => {
                pair.sign(&self.random, message).map(|s| out.extend_from_slice(s.as_ref()))
            }
            Pair::Ed25519(pair) => {
                out.extend_from_slice(pair.sign(message).as_ref());
                Ok(())
            }
        };
        done.map_err(|_| {
            out.truncate(start);
            Fault::error(format!("signing with an {} key failed", self.algorithm)).hint(
                "either the system gave no random numbers or the key is damaged; `openssl pkey -check \
                 -noout -in FILE` tests a key",
            )
        })
    }
}

impl Fixed {
    fn new(curve: Curve, scalar: &[u8]) -> Option<Self> {
        match curve {
            Curve::P256 => p256::ecdsa::SigningKey::from_slice(scalar).ok().map(Self::P256),
            Curve::P384 => p384::ecdsa::SigningKey::from_slice(scalar).ok().map(Self::P384),
        }
    }

    /// Appends r and s, each as long as the curve's order.
    fn sign(&self, message: &[u8], out: &mut Vec<u8>) -> Result<(), Unspecified> {
        match self {
            Self::P256(key) => {
                let signature: p256::ecdsa::Signature = key.try_sign(message).map_err(|_| Unspecified)?;
                out.extend_from_slice(&signature.to_bytes());
            }
            Self::P384(key) => {
                let signature: p384::ecdsa::Signature = key.try_sign(message).map_err(|_| Unspecified)?;
                out.extend_from_slice(&signature.to_bytes());
            }
        }
        Ok(())
    }
}

fn ecdsa(curve: Curve) -> (Algorithm, &'static signature::EcdsaSigningAlgorithm) {
    match curve {
        Curve::P256 => (Algorithm::EcdsaP256Sha256, &signature::ECDSA_P256_SHA256_FIXED_SIGNING),
        Curve::P384 => (Algorithm::EcdsaP384Sha384, &signature::ECDSA_P384_SHA384_FIXED_SIGNING),
    }
}

/// The two halves of an ECDSA key, compared: the one call that AWS-LC's crate has another way. It takes no random numbers,
/// and of PKCS#8 compares them in three fifths of the time, but tells what is wrong of the halves alone.
fn ecdsa_pair(
    signing: &'static signature::EcdsaSigningAlgorithm,
    material: &Material,
    (scalar, point): (&[u8], &[u8]),
    random: &SystemRandom,
) -> Result<EcdsaKeyPair, KeyRejected> {
    #[cfg(feature = "aws-lc")]
    let (_, pair) = (
        random,
        EcdsaKeyPair::from_pkcs8(signing, &material.to_pkcs8())
            .or_else(|_| EcdsaKeyPair::from_private_key_and_public_key(signing, scalar, point)),
    );
    #[cfg(not(feature = "aws-lc"))]
    let (_, pair) = (material, EcdsaKeyPair::from_private_key_and_public_key(signing, scalar, point, random));
    pair
}

/// A new key: ECDSA on a curve, or Ed25519 without one.
pub(super) fn generate(curve: Option<Curve>) -> Result<Material> {
    let random = SystemRandom::new();
    let no_random = |_| Fault::error("the system gave no random numbers to make a key of");
    let Some(curve) = curve else {
        let mut seed = Zeroizing::new(vec![0; 32]);
        random.fill(&mut seed).map_err(no_random)?;
        return Ok(Material::Ed25519 { seed, public: None });
    };
    let (_, signing) = ecdsa(curve);
    let der = EcdsaKeyPair::generate_pkcs8(signing, &random).map_err(no_random)?;
    Material::from_pkcs8(der.as_ref())
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({})", self.algorithm)
    }
}

#[cfg(test)]
mod tests {
    use super::super::public::{PublicKey, Verdict};
    use super::*;
    use data_encoding::BASE64;

    fn rdata(key: &PrivateKey) -> Vec<u8> {
        [&[1, 0, 3, key.algorithm().number()][..], &key.public_key()].concat()
    }

    #[test]
    fn keys_are_shared_by_threads() {
        fn shared<T: Send + Sync>() {}
        shared::<PrivateKey>();
    }

    #[test]
    fn what_a_key_signs_its_public_half_verifies() {
        for curve in [Some(Curve::P256), Some(Curve::P384), None] {
            let material = generate(curve).unwrap();
            let key = PrivateKey::from_pkcs8(&material.to_pkcs8(), None).unwrap();
            let public = PublicKey::from_rdata(&rdata(&key)).unwrap();
            let mut out = b"before".to_vec();
            key.sign(b"message", &mut out).unwrap();
            let signature = &out[6..];
            assert_eq!(signature.len(), key.signature_len());
            assert_eq!(public.verify(b"message", signature), Verdict::Good);
            assert_eq!(public.verify(b"Message", signature), Verdict::Bad);
            assert_eq!(public.verify(b"message", &signature[1..]), Verdict::Bad);
            assert_eq!(format!("{key:?}"), format!("PrivateKey({})", key.algorithm()));
        }
    }

    #[test]
    fn ed25519_example_of_rfc_8080_section_6_1() {
        let seed = BASE64.decode(b"ODIyNjAzODQ2MjgwODAxMjI2NDUxOTAyMDQxNDIyNjI=").unwrap();
        let material = Material::Ed25519 { seed: Zeroizing::new(seed), public: None };
        let key = PrivateKey::from_material(&material, None).unwrap();
        assert_eq!(BASE64.encode(&key.public_key()), "l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=");
        // RRSIG RDATA without the signature, then the one MX record in canonical form
        let mut message = b"\0\x0f\x0f\x02\0\0\x0e\x10\x55\xd4\xfc\x60\x55\xb9\x4c\xe0\x0e\x1d".to_vec();
        message.extend_from_slice(b"\x07example\x03com\0\x07example\x03com\0\0\x0f\0\x01\0\0\x0e\x10\0\x14");
        message.extend_from_slice(b"\0\x0a\x04mail\x07example\x03com\0");
        let mut signature = Vec::new();
        key.sign(&message, &mut signature).unwrap();
        assert_eq!(
            BASE64.encode(&signature),
            "oL9krJun7xfBOIWcGHi7mag5/hdZrKWw15jPGrHpjQeRAvTdszaPD+QLs3fx8A4M3e23mRZ9VrbpMngwcrqNAg=="
        );
    }

    #[test]
    fn ecdsa_public_key_of_rfc_6605_section_6_1() {
        let scalar = BASE64.decode(b"GU6SnQ/Ou+xC5RumuIUIuJZteXT2z0O/ok1s38Et6mQ=").unwrap();
        let material = Material::ecdsa(Curve::P256, &scalar, None).unwrap();
        let key = PrivateKey::from_material(&material, None).unwrap();
        let public =
            "GojIhhXUN/u4v54ZQqGSnyhWJwaubCvTmeexv7bR6edbkrSqQpF64cYbcB7wNcP+e+MAnLr+Wi9xMWyQLc8NAA==";
        assert_eq!(BASE64.encode(&key.public_key()), public);
    }

    /// RFC 6979, appendices A.2.5 and A.2.6: the cases whose hash is the one DNSSEC has for the curve.
    #[test]
    fn ecdsa_without_random_numbers_of_rfc_6979() {
        let p256 = "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721";
        let p384 = "6B9D3DAD2E1B8C1C05B19875B6659F4DE23C3B667BF297BA9AA47740787137D8\
                    96D5724E4C70A825F872C9EA60D2EDF5";
        for (curve, scalar, message, signature) in [
            (
                Curve::P256,
                p256,
                "sample",
                "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716\
                 F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8",
            ),
            (
                Curve::P256,
                p256,
                "test",
                "F1ABB023518351CD71D881567B1EA663ED3EFCF6C5132B354F28D3B0B7D38367\
                 019F4113742A2B14BD25926B49C649155F267E60D3814B4C0CC84250E46F0083",
            ),
            (
                Curve::P384,
                p384,
                "sample",
                "94EDBB92A5ECB8AAD4736E56C691916B3F88140666CE9FA73D64C4EA95AD133C81A648152E44ACF96E36DD1E80FABE46\
                 99EF4AEB15F178CEA1FE40DB2603138F130E740A19624526203B6351D0A3A94FA329C145786E679E7B82C71A38628AC8",
            ),
            (
                Curve::P384,
                p384,
                "test",
                "8203B63D3C853E8D77227FB377BCF7B7B772E97892A80F36AB775D509D7A5FEB0542A7F0812998DA8F1DD3CA3CF023DB\
                 DDD0760448D42D8A43AF45AF836FCE4DE8BE06B485E9B61B827C2F13173923E06A739F040649A667BF3B828246BAA5A5",
            ),
        ] {
            let scalar = data_encoding::HEXUPPER.decode(scalar.as_bytes()).unwrap();
            let mut key =
                PrivateKey::from_material(&Material::ecdsa(curve, &scalar, None).unwrap(), None).unwrap();
            let public = PublicKey::from_rdata(&rdata(&key)).unwrap();
            let sign = |key: &PrivateKey| {
                let mut out = b"before".to_vec();
                key.sign(message.as_bytes(), &mut out).unwrap();
                out.split_off(6)
            };
            assert_ne!(sign(&key), sign(&key), "the library takes random numbers");
            key.deterministic();
            assert_eq!(data_encoding::HEXUPPER.encode(&sign(&key)), signature);
            assert_eq!(sign(&key).len(), key.signature_len());
            assert_eq!(public.verify(message.as_bytes(), &sign(&key)), Verdict::Good);
        }
    }

    #[test]
    fn a_public_half_of_another_key_is_refused() {
        let (one, other) = (generate(Some(Curve::P256)).unwrap(), generate(Some(Curve::P256)).unwrap());
        let (Material::Ecdsa { scalar, .. }, Material::Ecdsa { point, .. }) = (&one, &other) else {
            panic!("both are ECDSA keys");
        };
        // uncompressed, as nearly all files have it, and compressed
        let short = [&[2 + (point[64] & 1)], &point[1..33]].concat();
        for public in [point, &short] {
            let material = Material::ecdsa(Curve::P256, scalar, Some(public));
            let fault = material.and_then(|material| PrivateKey::from_material(&material, None)).unwrap_err();
            assert!(fault.message().contains("does not belong"), "{fault}");
        }
        for scalar in [[0; 32], [255; 32]] {
            let material = Material::ecdsa(Curve::P256, &scalar, Some(point));
            let fault = material.and_then(|material| PrivateKey::from_material(&material, None)).unwrap_err();
            assert!(fault.message().contains("out of range"), "{fault}");
        }
        let seed = Zeroizing::new(vec![7; 32]);
        let material = Material::Ed25519 { seed, public: Some(vec![9; 32]) };
        assert!(
            PrivateKey::from_material(&material, None).unwrap_err().message().contains("does not belong")
        );
    }

    #[test]
    fn scalars_may_lack_leading_zeros_or_have_one_too_many() {
        let with = |scalar: &[u8]| match Material::ecdsa(Curve::P384, scalar, None) {
            Ok(Material::Ecdsa { scalar, point, .. }) => Some((scalar.to_vec(), point)),
            _ => None,
        };
        let short = with(&[5]).unwrap();
        assert_eq!((short.0.len(), short.1.len()), (48, 97));
        let mut long = vec![0; 49];
        long[48] = 5;
        assert_eq!(with(&long), Some(short));
        assert!(with(&[0; 48]).is_none() && with(&[255; 48]).is_none() && with(&[255; 49]).is_none());
    }
}
