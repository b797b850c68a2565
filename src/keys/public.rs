//! Public keys: the key tag of a DNSKEY, and whether a signature is good.
//!
//! In: DNSKEY RDATA (RFC 4034, section 2.1), messages and signatures in DNSSEC wire form. Out: key tags
//! (RFC 4034, appendix B) and [`Verdict`]s. More algorithms verify than sign: SHA-1 and 1024-bit RSA are
//! still in the zones of others.

use super::library::signature::{self, RsaParameters, VerificationAlgorithm};
use super::prepared::Prepared;
use hickory_proto::dnssec::rdata::DNSKEY;

/// What [`verify`] finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The signature is the key's, over this message.
    Good,
    /// It is not, or the signature or key is malformed.
    Bad,
    /// No way to tell: an algorithm or an RSA size that the library does not verify (it takes 1024 to 8192 bits and
    /// exponents from 3 to 2^33 - 1).
    Unsupported,
}

/// A DNSKEY, prepared to verify many signatures.
#[derive(Clone, Debug)]
pub struct PublicKey {
    flags: u16,
    algorithm: u8,
    tag: u16,
    form: Form,
}

#[derive(Clone)]
enum Form {
    Prepared(Prepared),
    Malformed,
    Unsupported,
}

impl std::fmt::Debug for Form {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Prepared(_) => "prepared",
            Self::Malformed => "malformed",
            Self::Unsupported => "unsupported",
        })
    }
}

impl PublicKey {
    /// Prepares a DNSKEY. `None`: RDATA shorter than its fixed fields, or a protocol other than 3, which
    /// "MUST be treated as invalid during signature verification" (RFC 4034, section 2.1.2).
    #[must_use]
    pub fn from_rdata(rdata: &[u8]) -> Option<Self> {
        let (&[flags_high, flags_low, protocol, algorithm], key) = rdata.split_first_chunk()?;
        (protocol == 3).then(|| Self {
            flags: u16::from_be_bytes([flags_high, flags_low]),
            algorithm,
            tag: key_tag(rdata),
            form: Form::new(algorithm, key),
        })
    }

    /// The flags field (RFC 4034, section 2.1.1).
    #[must_use]
    pub fn flags(&self) -> u16 {
        self.flags
    }

    /// The algorithm's number.
    #[must_use]
    pub fn algorithm(&self) -> u8 {
        self.algorithm
    }

    /// The key tag.
    #[must_use]
    pub fn tag(&self) -> u16 {
        self.tag
    }

    /// Whether `signature` is this key's over `message`.
    #[must_use]
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Verdict {
        let good = match &self.form {
            Form::Prepared(key) => key.verify(message, signature),
            Form::Malformed => false,
            Form::Unsupported => return Verdict::Unsupported,
        };
        if good { Verdict::Good } else { Verdict::Bad }
    }
}

impl Form {
    fn new(algorithm: u8, key: &[u8]) -> Self {
        let curve = |algorithm: &'static dyn VerificationAlgorithm, length: usize, head: &[u8]| {
            let key = Some(key).filter(|key| key.len() == length);
            let key = key.and_then(|key| Prepared::curve(algorithm, &[head, key].concat()));
            key.map_or(Self::Malformed, Self::Prepared)
        };
        match algorithm {
            5 | 7 => Self::rsa(&signature::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY, key),
            8 => Self::rsa(&signature::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, key),
            10 => Self::rsa(&signature::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY, key),
            // the library wants the octet that says "uncompressed", which DNSSEC leaves out (RFC 6605, section 4)
            13 => curve(&signature::ECDSA_P256_SHA256_FIXED, 64, &[4]),
            14 => curve(&signature::ECDSA_P384_SHA384_FIXED, 96, &[4]),
            15 => curve(&signature::ED25519, 32, &[]),
            _ => Self::Unsupported,
        }
    }

    /// The exponent's length in one octet, or zero and two octets; the exponent; the modulus (RFC 3110,
    /// section 2). Leading zeros are forbidden there, but others ignore them, and the library does not.
    fn rsa(parameters: &'static RsaParameters, key: &[u8]) -> Self {
        let (length, rest) = match *key {
            [0, high, low, ref rest @ ..] => (usize::from(u16::from_be_bytes([high, low])), rest),
            [length, ref rest @ ..] => (usize::from(length), rest),
            [] => return Self::Malformed,
        };
        let Some((exponent, modulus)) = rest.split_at_checked(length) else { return Self::Malformed };
        let (exponent, modulus) = (without_zeros(exponent), without_zeros(modulus));
        let bits =
            |number: &[u8]| number.len() * 8 - number.first().map_or(0, |o| o.leading_zeros() as usize);
        match (bits(exponent), bits(modulus)) {
            (0, _) | (_, 0) => Self::Malformed,
            (2..=33, 1024..=8192) => {
                Prepared::rsa(parameters, exponent, modulus).map_or(Self::Malformed, Self::Prepared)
            }
            _ => Self::Unsupported,
        }
    }
}

fn without_zeros(number: &[u8]) -> &[u8] {
    &number[number.iter().take_while(|&&octet| octet == 0).count()..]
}

/// Whether `signature` over `message` is that of the DNSKEY with this algorithm and public key field. Who
/// verifies many with one key prepares it once as a [`PublicKey`].
#[must_use]
pub fn verify(algorithm: u8, public_key: &[u8], message: &[u8], signature: &[u8]) -> Verdict {
    PublicKey { flags: 0, algorithm, tag: 0, form: Form::new(algorithm, public_key) }
        .verify(message, signature)
}

/// The key tag of DNSKEY RDATA: RFC 4034, appendix B, and B.1 for algorithm 1. RDATA too short to hold one
/// is summed as far as it goes.
#[must_use]
pub fn key_tag(rdata: &[u8]) -> u16 {
    // "the key tag is defined to be the most significant 16 bits of the least significant 24 bits in the
    // public key modulus" (RFC 4034, appendix B.1)
    if let [_, _, _, 1, .., high, low, _] = *rdata {
        return u16::from_be_bytes([high, low]);
    }
    DNSKEY::calculate_key_tag_internal(rdata)
}

#[cfg(test)]
mod tests {
    use super::*;
    use data_encoding::BASE64;

    fn rdata(flags: u16, algorithm: u8, key: &str) -> Vec<u8> {
        [&flags.to_be_bytes()[..], &[3, algorithm], &BASE64.decode(key.as_bytes()).unwrap()].concat()
    }

    #[test]
    fn key_tags_of_the_rfcs() {
        let key = "AQOeiiR0GOMYkDshWoSKz9XzfwJr1AYtsmx3TGkJaNXVbfi/2pHm822aJ5iI9BMzNXxeYCmZDRD99WYwYqUSdjMmmAphXdvxeg\
                   Xd/M5+X7OrzKBaMbCVdFLUUh6DhweJBjEVv5f2wwjM9XzcnOf+EPbtG9DMBmADjFDc2w/rljwvFw==";
        assert_eq!(key_tag(&rdata(256, 5, key)), 60485, "RFC 4034, section 5.4");
        assert_eq!(key_tag(&rdata(256, 1, key)), 0x3c2f, "RFC 4034, appendix B.1");
        let key = "GojIhhXUN/u4v54ZQqGSnyhWJwaubCvTmeexv7bR6edbkrSqQpF64cYbcB7wNcP+e+MAnLr+Wi9xMWyQLc8NAA==";
        assert_eq!(key_tag(&rdata(257, 13, key)), 55648, "RFC 6605, section 6.1");
        let key = "l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=";
        assert_eq!(key_tag(&rdata(257, 15, key)), 3613, "RFC 8080, section 6.1");
        assert_eq!(key_tag(&[]), 0);
        assert_eq!(key_tag(&[0, 0, 0, 1]), 1);
    }

    #[test]
    fn ecdsa_signature_of_rfc_6605_section_6_1() {
        let key = "GojIhhXUN/u4v54ZQqGSnyhWJwaubCvTmeexv7bR6edbkrSqQpF64cYbcB7wNcP+e+MAnLr+Wi9xMWyQLc8NAA==";
        let key = PublicKey::from_rdata(&rdata(257, 13, key)).unwrap();
        let mut message = b"\0\x01\x0d\x03\0\0\x0e\x10\x4c\x88\xb1\x37\x4c\x63\xc7\x37\xd9\x60".to_vec();
        message.extend_from_slice(
            b"\x07example\x03net\0\x03www\x07example\x03net\0\0\x01\0\x01\0\0\x0e\x10\0\x04",
        );
        message.extend_from_slice(&[192, 0, 2, 1]);
        let signature = BASE64.decode(
            b"qx6wLYqmh+l9oCKTN6qIc+bw6ya+KJ8oMz0YP107epXAyGmt+3SNruPFKG7tZoLBLlUzGGus7ZwmwWep666VCw==",
        );
        let signature = signature.unwrap();
        assert_eq!(key.verify(&message, &signature), Verdict::Good);
        message[20] ^= 1;
        assert_eq!(key.verify(&message, &signature), Verdict::Bad);
        assert_eq!((key.flags(), key.algorithm(), key.tag()), (257, 13, 55648));
    }

    #[test]
    fn keys_that_cannot_be_used() {
        let verdict = |algorithm, key: &[u8]| verify(algorithm, key, b"m", &[0; 64]);
        assert_eq!(verdict(16, &[0; 57]), Verdict::Unsupported);
        assert_eq!(verdict(13, &[0; 63]), Verdict::Bad);
        assert_eq!(verdict(15, &[]), Verdict::Bad);
        // no point of the curve
        assert_eq!(verdict(13, &[0; 64]), Verdict::Bad);
        assert_eq!(verdict(14, &[255; 96]), Verdict::Bad);
        // an even modulus
        assert_eq!(verdict(8, &[&[1, 3][..], &[254; 128]].concat()), Verdict::Bad);
        for malformed in [&[][..], &[3, 1], &[0, 1], &[0, 0, 9, 1], &[1, 3], &[1, 0, 255]] {
            assert_eq!(verdict(8, malformed), Verdict::Bad, "{malformed:?}");
        }
        // 512 bits, as in the examples of RFC 5702
        assert_eq!(verdict(8, &[&[1, 3][..], &[255; 64]].concat()), Verdict::Unsupported);
        assert!(PublicKey::from_rdata(&[1, 0, 3]).is_none());
        assert!(PublicKey::from_rdata(&[1, 0, 2, 15]).is_none(), "protocol 2");
        assert!(PublicKey::from_rdata(&[1, 0, 3, 15]).is_some());
    }
}
