//! The examples of the RFCs: keys, tags, digests, signatures, orders and a whole zone, as they are printed
//! there.
//!
//! Values are typed in; records are written in master-file form and pass through zoneseal's own reader.
//! Nothing here signs with SHA-1 or with short RSA keys: where an example does, what is checked is the octets
//! that its signature covers.

mod nsec3;

use data_encoding::{BASE64, HEXLOWER};
use ring::digest;
use rsa::BoxedUint;
use std::collections::{BTreeMap, BTreeSet};
use zoneseal::dns::rrset::Rrsets;
use zoneseal::dns::soa::{SerialPolicy, Soa};
use zoneseal::dns::time::Time;
use zoneseal::dns::{Class, NameBuf, Record, Rtype, serial};
use zoneseal::dnssec::apex::{self, Additions};
use zoneseal::dnssec::ds::{self, Digest};
use zoneseal::dnssec::nsec;
use zoneseal::dnssec::nsec3::{OptOut, Params};
use zoneseal::dnssec::policy::Validity;
use zoneseal::dnssec::rrsig::Rrsig;
use zoneseal::dnssec::sign::{Denial, Signed, Signing, Work};
use zoneseal::keys::{Algorithm, Key, KeySet, Options, PrivateKey, PublicKey, Role, Verdict, key_tag, pem};
use zoneseal::source::Spot;
use zoneseal::zone::builder::OutOfZone;
use zoneseal::zone::{Builder, Standing, Zone};
use zoneseal::zonefile::reader::Reader;

/// A record as the reader has it.
#[derive(Clone, Debug)]
struct Held {
    owner: NameBuf,
    rtype: Rtype,
    ttl: u32,
    rdata: Vec<u8>,
}

impl Held {
    fn of(record: Record<'_>) -> Self {
        Self {
            owner: record.owner.to_buf(),
            rtype: record.rtype,
            ttl: record.ttl,
            rdata: record.rdata.to_vec(),
        }
    }

    fn record(&self) -> Record<'_> {
        Record { owner: self.owner.as_name(), rtype: self.rtype, ttl: self.ttl, rdata: &self.rdata }
    }

    fn rrsig(&self) -> Rrsig<'_> {
        assert_eq!(self.rtype, Rtype::RRSIG);
        Rrsig::parse(&self.rdata).expect("the example is an RRSIG")
    }

    /// Owner as it is written, and type.
    fn set(&self) -> (String, Rtype) {
        (self.owner.to_string(), self.rtype)
    }
}

fn records(text: &str) -> Vec<Held> {
    let mut reader = Reader::of_text(text.as_bytes().to_vec(), "example", None);
    let mut records = Vec::new();
    while let Some(entry) = reader.next().unwrap_or_else(|fault| panic!("{fault}")) {
        records.push(Held::of(entry.record));
    }
    assert!(reader.warnings().next().is_none());
    records
}

fn record(text: &str) -> Held {
    let mut records = records(text);
    assert_eq!(records.len(), 1, "{text}");
    records.remove(0)
}

fn name(text: &str) -> NameBuf {
    NameBuf::from_text(text).unwrap()
}

fn base64(text: &str) -> Vec<u8> {
    BASE64.decode(text.as_bytes()).unwrap()
}

/// The octets that this signature over these records covers, whoever made it.
fn signed_data(rrsig: &Rrsig<'_>, set: &[Held]) -> Vec<u8> {
    let mut sets = Rrsets::default();
    sets.start(set[0].owner.as_name());
    for record in set {
        assert_eq!(record.owner, set[0].owner);
        sets.push(record.rtype, record.ttl, &record.rdata);
    }
    sets.sort();
    let mut data = Vec::new();
    rrsig.signed_data(sets.find(rrsig.type_covered).unwrap(), Class::IN, &mut data);
    data
}

fn armour(label: &str, der: &[u8]) -> String {
    ::pem::encode(&::pem::Pem::new(label, der))
}

/// The key in a file of this text.
fn key(text: &str, zone: &str, role: Role) -> Key {
    let pem = pem::parse(text.as_bytes(), "key.pem").unwrap().remove(0);
    Key::new(pem, &name(zone), role, "key.pem").unwrap_or_else(|fault| panic!("{fault}"))
}

/// PKCS#8 up to the octets of the private key, which end it: RFC 5958, with RFC 5915 for the curves of RFC
/// 6605 and RFC 8410 for Ed25519.
fn pkcs8(algorithm: Algorithm, secret: &str) -> Vec<u8> {
    let head = match algorithm {
        Algorithm::EcdsaP256Sha256 => {
            "3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420"
        }
        Algorithm::EcdsaP384Sha384 => "304e020100301006072a8648ce3d020106052b81040022043730350201010430",
        Algorithm::Ed25519 => "302e020100300506032b657004220420",
        Algorithm::RsaSha256 | Algorithm::RsaSha512 => panic!("RSA keys have more than one number"),
    };
    [HEXLOWER.decode(head.as_bytes()).unwrap(), base64(secret)].concat()
}

/// The owner in canonical form and the RDATA: what the digest of a DS is made of (RFC 4034, section 5.1.4).
fn digest_input(dnskey: &Held) -> Vec<u8> {
    let mut input = Vec::new();
    dnskey.owner.as_name().push_canonical(&mut input);
    input.extend_from_slice(&dnskey.rdata);
    input
}

// ---- key tags and DS

const RFC_4034_5_4: &str = "dskey.example.com. 86400 IN DNSKEY 256 3 5 (
    AQOeiiR0GOMYkDshWoSKz9XzfwJr1AYtsmx3TGkJaNXVbfi/2pHm822aJ5iI9BMzNXxeYCmZDRD99WYwYqUSdjMm
    mAphXdvxegXd/M5+X7OrzKBaMbCVdFLUUh6DhweJBjEVv5f2wwjM9XzcnOf+EPbtG9DMBmADjFDc2w/rljwvFw== )\n";

#[test]
fn rfc_4034_section_5_4_ds_with_sha_1() {
    let dnskey = record(RFC_4034_5_4);
    let ds = record("dskey.example.com. 86400 IN DS 60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118\n");
    assert_eq!(key_tag(&dnskey.rdata), 60485);
    assert_eq!(ds.rdata[..4], [&60485_u16.to_be_bytes()[..], &[5, 1]].concat());
    let sha1 = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, &digest_input(&dnskey));
    assert_eq!(ds.rdata[4..], *sha1.as_ref());
}

#[test]
fn rfc_4509_section_2_3_ds_with_sha_256() {
    let dnskey = record(RFC_4034_5_4);
    let ds = record(
        "dskey.example.com. 86400 IN DS 60485 5 2 (
             D4B7D520E7BB5F0F67674A0CCEB1E3E0614B93C4F9E99B8383F6A1E4469DA50A )\n",
    );
    assert_eq!(ds.rdata[..4], [&60485_u16.to_be_bytes()[..], &[5, 2]].concat());
    let sha256 = digest::digest(&digest::SHA256, &digest_input(&dnskey));
    assert_eq!(ds.rdata[4..], *sha256.as_ref());
    // RFC 9905, section 2: no DS for a key of algorithm 5 any more
    for digest in [Digest::Sha256, Digest::Sha384] {
        let fault = ds::rdata(dnskey.owner.as_name(), &dnskey.rdata, digest).unwrap_err();
        assert!(fault.message().contains("algorithm 5"), "{fault}");
        assert!(fault.advice().unwrap().contains("RFC 9905"), "{fault}");
    }
    // the same key under an algorithm that may have one: the same octets but for that number
    let mut other = dnskey.clone();
    other.rdata[3] = 8;
    let made = ds::rdata(name("DSKEY.example.COM").as_name(), &other.rdata, Digest::Sha256).unwrap();
    let sha256 = digest::digest(&digest::SHA256, &digest_input(&other));
    assert_eq!(made, [&60488_u16.to_be_bytes()[..], &[8, 2], sha256.as_ref()].concat());
}

/// Keys whose tags the RFCs tell, beside the records or in the RRSIGs that the keys made. Those of RFC 6605
/// and RFC 8080 are below.
#[test]
fn rfc_4034_appendix_b_key_tags() {
    for (text, tag, place) in [
        (
            "example.com. 86400 IN DNSKEY 256 3 5 (
            AQPSKmynfzW4kyBv015MUG2DeIQ3Cbl+BBZH4b/0PY1kxkmvHjcZc8nokfzj31GajIQKY+5CptLr3buXA10hWqTk
            F7H6RfoRqXQeogmMHfpftf6zMv1LyBUgia7za6ZEzOJBOztyvhjL742iU/TpPSEDhm2SNKLijfUppn1UaNvv4w== )\n",
            2642,
            "RFC 4034, sections 2.3 and 3.3",
        ),
        (RFC_4034_5_4, 60485, "RFC 4034, section 5.4"),
        (RFC_5702_6_1.dnskey, 9033, "RFC 5702, section 6.1"),
        (RFC_5702_6_2.dnskey, 3740, "RFC 5702, section 6.2"),
    ] {
        let dnskey = record(text);
        assert_eq!(key_tag(&dnskey.rdata), tag, "{place}");
        assert_eq!(PublicKey::from_rdata(&dnskey.rdata).unwrap().tag(), tag, "{place}");
    }
    let tags: Vec<u16> = records(RFC_4035_A)
        .iter()
        .filter(|record| record.rtype == Rtype::DNSKEY)
        .map(|record| key_tag(&record.rdata))
        .collect();
    assert_eq!(tags, [38519, 9465], "RFC 4035, appendix A");
}

// ---- signatures

/// An example with a private key of 32 or 48 octets.
struct Example {
    algorithm: Algorithm,
    secret: &'static str,
    dnskey: &'static str,
    tag: u16,
    ds: &'static str,
    digest: Digest,
    set: &'static str,
    rrsig: &'static str,
}

impl Example {
    /// What holds for all: the key file gives the DNSKEY; tag and DS are those of the RFC; its RRSIG verifies
    /// over our canonical form, as does one that our key makes now. Returns the RRSIG, and a new signature
    /// over the same octets.
    fn check(&self) -> (Held, Vec<u8>) {
        let (dnskey, rrsig) = (record(self.dnskey), record(self.rrsig));
        let zone = dnskey.owner.to_string();
        let text = armour("PRIVATE KEY", &pkcs8(self.algorithm, self.secret));
        let own = key(&text, &zone, Role::Ksk);
        assert_eq!((own.algorithm(), own.flags()), (self.algorithm, 257));
        assert_eq!(own.rdata(), dnskey.rdata);
        assert_eq!((own.tag(), key_tag(&dnskey.rdata)), (self.tag, self.tag));
        // what is written to a key file, and the DER without armour, are the same key
        let written = pem::parse(text.as_bytes(), "key.pem").unwrap().remove(0).to_text().unwrap();
        assert_eq!(key(&written, &zone, Role::Ksk).rdata(), dnskey.rdata);
        let bare = PrivateKey::from_pkcs8(&pkcs8(self.algorithm, self.secret), None).unwrap();
        assert_eq!(bare.public_key(), own.public_key());

        let ds = record(self.ds);
        assert_eq!(ds.owner, dnskey.owner);
        assert_eq!(ds::rdata(dnskey.owner.as_name(), &dnskey.rdata, self.digest).unwrap(), ds.rdata);

        let fields = rrsig.rrsig();
        assert_eq!((fields.key_tag, fields.algorithm), (self.tag, self.algorithm.number()));
        assert_eq!(fields.labels, rrsig.owner.as_name().rrsig_labels());
        assert_eq!(fields.signer, dnskey.owner.as_name());
        let data = signed_data(&fields, &records(self.set));
        assert!(data.starts_with(rrsig.rdata.strip_suffix(fields.signature).unwrap()));

        let public = PublicKey::from_rdata(&dnskey.rdata).unwrap();
        assert_eq!(public.verify(&data, fields.signature), Verdict::Good);
        assert_eq!(fields.signature.len(), own.signature_len());
        let mut fresh = Vec::new();
        own.sign(&data, &mut fresh).unwrap();
        assert_eq!(public.verify(&data, &fresh), Verdict::Good);
        // nothing of it may change
        for at in 0..data.len() {
            let mut other = data.clone();
            other[at] ^= 0x20;
            assert_eq!(public.verify(&other, fields.signature), Verdict::Bad, "octet {at}");
        }
        (rrsig, fresh)
    }
}

#[test]
fn rfc_6605_section_6_1_ecdsa_p_256() {
    let (rrsig, fresh) = Example {
        algorithm: Algorithm::EcdsaP256Sha256,
        secret: "GU6SnQ/Ou+xC5RumuIUIuJZteXT2z0O/ok1s38Et6mQ=",
        dnskey: "example.net. 3600 IN DNSKEY 257 3 13 (
            GojIhhXUN/u4v54ZQqGSnyhWJwaubCvTmeexv7bR6edbkrSqQpF64cYbcB7wNcP+e+MAnLr+Wi9xMWyQLc8NAA== )\n",
        tag: 55648,
        ds: "example.net. 3600 IN DS 55648 13 2 (
            b4c8c1fe2e7477127b27115656ad6256f424625bf5c1e2770ce6d6e37df61d17 )\n",
        digest: Digest::Sha256,
        set: "www.example.net. 3600 IN A 192.0.2.1\n",
        rrsig: "www.example.net. 3600 IN RRSIG A 13 3 3600 20100909100439 20100812100439 55648 example.net. (
            qx6wLYqmh+l9oCKTN6qIc+bw6ya+KJ8oMz0YP107epXAyGmt+3SNruPFKG7tZoLBLlUzGGus7ZwmwWep666VCw== )\n",
    }
    .check();
    assert_ne!(rrsig.rrsig().signature, fresh, "ECDSA signatures have a random part");
}

#[test]
fn rfc_6605_section_6_2_ecdsa_p_384() {
    let (rrsig, fresh) = Example {
        algorithm: Algorithm::EcdsaP384Sha384,
        secret: "WURgWHCcYIYUPWgeLmiPY2DJJk02vgrmTfitxgqcL4vwW7BOrbawVmVe0d9V94SR",
        dnskey: "example.net. 3600 IN DNSKEY 257 3 14 (
            xKYaNhWdGOfJ+nPrL8/arkwf2EY3MDJ+SErKivBVSum1w/egsXvSADtNJhyem5RC
            OpgQ6K8X1DRSEkrbYQ+OB+v8/uX45NBwY8rp65F6Glur8I/mlVNgF6W/qTI37m40 )\n",
        tag: 10771,
        ds: "example.net. 3600 IN DS 10771 14 4 (
            72d7b62976ce06438e9c0bf319013cf801f09ecc84b8d7e9
            495f27e305c6a9b0563a9b5f4d288405c3008a946df983d6 )\n",
        digest: Digest::Sha384,
        set: "www.example.net. 3600 IN A 192.0.2.1\n",
        rrsig: "www.example.net. 3600 IN RRSIG A 14 3 3600 20100909102025 20100812102025 10771 example.net. (
            /L5hDKIvGDyI1fcARX3z65qrmPsVz73QD1Mr5CEqOiLP95hxQouuroGCeZOvzFax
            sT8Glr74hbavRKayJNuydCuzWTSSPdz7wnqXL5bdcJzusdnI0RSMROxxwGipWcJm )\n",
    }
    .check();
    assert_ne!(rrsig.rrsig().signature, fresh, "ECDSA signatures have a random part");
}

/// With the signature of erratum 4935.
const RFC_8080_6_1_FIRST: Example = Example {
    algorithm: Algorithm::Ed25519,
    secret: "ODIyNjAzODQ2MjgwODAxMjI2NDUxOTAyMDQxNDIyNjI=",
    dnskey: "example.com. 3600 IN DNSKEY 257 3 15 l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=\n",
    tag: 3613,
    ds: "example.com. 3600 IN DS 3613 15 2 (
        3aa5ab37efce57f737fc1627013fee07bdf241bd10f3b1964ab55c78e79a304b )\n",
    digest: Digest::Sha256,
    set: "example.com. 3600 IN MX 10 mail.example.com.\n",
    rrsig: "example.com. 3600 IN RRSIG MX 15 2 3600 1440021600 1438207200 3613 example.com. (
        oL9krJun7xfBOIWcGHi7mag5/hdZrKWw15jPGrHpjQeRAvTdszaPD+QLs3fx8A4M3e23mRZ9VrbpMngwcrqNAg== )\n",
};

/// Likewise.
const RFC_8080_6_1_SECOND: Example = Example {
    algorithm: Algorithm::Ed25519,
    secret: "DSSF3o0s0f+ElWzj9E/Osxw8hLpk55chkmx0LYN5WiY=",
    dnskey: "example.com. 3600 IN DNSKEY 257 3 15 zPnZ/QwEe7S8C5SPz2OfS5RR40ATk2/rYnE9xHIEijs=\n",
    tag: 35217,
    ds: "example.com. 3600 IN DS 35217 15 2 (
        401781b934e392de492ec77ae2e15d70f6575a1c0bc59c5275c04ebe80c6614c )\n",
    digest: Digest::Sha256,
    set: "example.com. 3600 IN MX 10 mail.example.com.\n",
    rrsig: "example.com. 3600 IN RRSIG MX 15 2 3600 1440021600 1438207200 35217 example.com. (
        zXQ0bkYgQTEFyfLyi9QoiY6D8ZdYo4wyUhVioYZXFdT410QPRITQSqJSnzQoSm5poJ7gD7AQR0O7KuI5k2pcBg== )\n",
};

#[test]
fn rfc_8080_section_6_1_ed25519() {
    for example in [RFC_8080_6_1_FIRST, RFC_8080_6_1_SECOND] {
        let (rrsig, fresh) = example.check();
        assert_eq!(rrsig.rrsig().signature, fresh, "octet by octet, key {}", example.tag);
    }
}

/// An example with an RSA key, whose numbers come as its BIND key file has them: modulus, public exponent,
/// private exponent, the primes, their exponents, the coefficient.
struct RsaExample {
    numbers: [&'static str; 8],
    bits: u32,
    algorithm: Algorithm,
    dnskey: &'static str,
    set: &'static str,
    rrsig: &'static str,
}

const RFC_5702_6_1: RsaExample = RsaExample {
    numbers: [
        "wVwaxrHF2CK64aYKRUibLiH30KpPuPBjel7E8ZydQW1HYWHfoGmidzC2RnhwCC293hCzw+TFR2nqn8OVSY5t2Q==",
        "AQAB",
        "UR44xX6zB3eaeyvTRzmskHADrPCmPWnr8dxsNwiDGHzrMKLN+i/HAam+97HxIKVWNDH2ba9Mf1SA8xu9dcHZAQ==",
        "4c8IvFu1AVXGWeFLLFh5vs7fbdzdC6U82fduE6KkSWk=",
        "2zZpBE8ZXVnL74QjG4zINlDfH+EOEtjJJ3RtaYDugvE=",
        "G2xAPFfK0KGxGANDVNxd1K1c9wOmmJ51mGbzKFFNMFk=",
        "GYxP1Pa7CAwtHm8SAGX594qZVofOMhgd6YFCNyeVpKE=",
        "icQdNRjlZGPmuJm2TIadubcO8X7V4y07aVhX464tx8Q=",
    ],
    bits: 512,
    algorithm: Algorithm::RsaSha256,
    dnskey: "example.net. 3600 IN DNSKEY 256 3 8 (
        AwEAAcFcGsaxxdgiuuGmCkVImy4h99CqT7jwY3pexPGcnUFtR2Fh36BponcwtkZ4cAgtvd4Qs8PkxUdp6p/DlUmObdk= )\n",
    set: "www.example.net. 3600 IN A 192.0.2.91\n",
    rrsig: "www.example.net. 3600 IN RRSIG A 8 3 3600 20300101000000 20000101000000 9033 example.net. (
        kRCOH6u7l0QGy9qpC9l1sLncJcOKFLJ7GhiUOibu4teYp5VE9RncriShZNz85mwlMgNEacFYK/lPtPiVYP4bwg== )\n",
};

const RFC_5702_6_2: RsaExample = RsaExample {
    numbers: [
        "0eg1M5b563zoq4k5ZEOnWmd2/BvpjzedJVdfIsDcMuuhE5SQ3pfQ7qmdaeMlC6Nf8DKGoUPGPXe06cP27/WROD\
         txXquSUytkO0kJDk8KX8PtA0+yBWwy7UnZDyCkynO00Uuk8HPVtZeMO1pHtlAGVnc8VjXZlNKdyit99waaE4s=",
        "AQAB",
        "rFS1IPbJllFFgFc33B5DDlC1egO8e81P4fFadODbp56V7sphKa6AZQCx8NYAew6VXFFPAKTw41QdHnK5kIYOwx\
         vfFDjDcUGza88qbjyrDPSJenkeZbISMUSSqy7AMFzEolkk6WSn6k3thUVRgSlqDoOV3SEIAsrB043XzGrKIVE=",
        "8mbtsu9Tl9v7tKSHdCIeprLIQXQLzxlSZun5T1n/OjvXSUtvD7xnZJ+LHqaBj1dIgMbCq2U8O04QVcK3TS9GiQ==",
        "3a6gkfs74d0Jb7yL4j4adAif4fcp7ZrGt7G5NRVDDY/Mv4TERAKMa0TKN3okKE0A7X+Rv2K84mhT4QLDlllEcw==",
        "v3D5A9uuCn5rgVR7wgV8ba0/KSpsdSiLgsoA42GxiB1gvvs7gJMMmVTDu/ZG1p1ZnpLbhh/S/Qd/MSwyNlxC+Q==",
        "m+ezf9dsDvYQK+gzjOLWYeKq5xWYBEYFGa3BLocMiF4oxkzOZ3JPZSWU/h1Fjp5RV7aPP0Vmx+hNjYMPIQ8Y5w==",
        "Je5YhYpUron/WdOXjxNAxDubAp3i5X7UOUfhJcyIggqwY86IE0Q/Bk0Dw4SC9zxnsimmdBXW2Izd8Lwuk8FQcQ==",
    ],
    bits: 1024,
    algorithm: Algorithm::RsaSha512,
    dnskey: "example.net. 3600 IN DNSKEY 256 3 10 (
        AwEAAdHoNTOW+et86KuJOWRDp1pndvwb6Y83nSVXXyLA3DLroROUkN6X0O6pnWnjJQujX/AyhqFDxj13tOnD9u/1
        kTg7cV6rklMrZDtJCQ5PCl/D7QNPsgVsMu1J2Q8gpMpztNFLpPBz1bWXjDtaR7ZQBlZ3PFY12ZTSncorffcGmhOL )\n",
    set: "www.example.net. 3600 IN A 192.0.2.91\n",
    rrsig: "www.example.net. 3600 IN RRSIG A 10 3 3600 20300101000000 20000101000000 3740 example.net. (
        tsb4wnjRUDnB1BUi+t6TMTXThjVnG+eCkWqjvvjhzQL1d0YRoOe0CbxrVDYd0xDtsuJRaeUw1ep94PzEWzr0iG
        YgZBWm/zpq+9fOuagYJRfDqfReKBzMweOLDiNa8iP5g9vMhpuv6OPlvpXwm9Sa9ZXIbNl1MBGk0fthPgxdDLw= )\n",
};

impl RsaExample {
    fn number(&self, index: usize) -> Vec<u8> {
        base64(self.numbers[index])
    }

    /// PKCS#1 v1.5 by hand (RFC 8017, sections 8.2.1 and 9.2): ring signs with 2048 bits and more, and that
    /// feature of the rsa crate is off.
    fn sign(&self, message: &[u8]) -> Vec<u8> {
        let (hash, digest_info) = match self.algorithm {
            Algorithm::RsaSha512 => (&digest::SHA512, "3051300d060960864801650304020305000440"),
            _ => (&digest::SHA256, "3031300d060960864801650304020105000420"),
        };
        let digest_info = HEXLOWER.decode(digest_info.as_bytes()).unwrap();
        let tail = [&[0][..], &digest_info, digest::digest(hash, message).as_ref()].concat();
        let mut encoded = vec![0, 1];
        encoded.resize(self.bits as usize / 8 - tail.len(), 0xff);
        encoded.extend(tail);
        let number = |octets: &[u8]| BoxedUint::from_be_slice(octets, self.bits).unwrap();
        let modulus = number(&self.number(0)).to_odd().unwrap();
        number(&encoded).pow_mod(&number(&self.number(2)), &modulus).to_be_bytes().into_vec()
    }

    /// The key as an `RSAPrivateKey` (RFC 8017, appendix A.1.2).
    fn pkcs1(&self) -> Vec<u8> {
        let numbers = (0..8).flat_map(|index| der(2, &[&[0], &self.number(index)[..]].concat()));
        der(0x30, &der(2, &[0]).into_iter().chain(numbers).collect::<Vec<u8>>())
    }

    fn check(&self, verdict: Verdict) {
        let (dnskey, rrsig) = (record(self.dnskey), record(self.rrsig));
        let head = [1, 0, 3, self.algorithm.number(), 3];
        assert_eq!(dnskey.rdata, [&head[..], &self.number(1), &self.number(0)].concat());
        let fields = rrsig.rrsig();
        assert_eq!((fields.algorithm, fields.key_tag), (self.algorithm.number(), key_tag(&dnskey.rdata)));
        let data = signed_data(&fields, &records(self.set));
        assert_eq!(self.sign(&data), fields.signature);
        let public = PublicKey::from_rdata(&dnskey.rdata).unwrap();
        assert_eq!(public.verify(&data, fields.signature), verdict);

        // no key to sign with, in any form of file
        let rsa = HEXLOWER.decode(b"300d06092a864886f70d0101010500").unwrap();
        let pkcs8 = der(0x30, &[der(2, &[0]), rsa, der(4, &self.pkcs1())].concat());
        for (label, der) in [("RSA PRIVATE KEY", self.pkcs1()), ("PRIVATE KEY", pkcs8)] {
            let text = format!("Algorithm: {}\n{}", self.algorithm.number(), armour(label, &der));
            let pem = pem::parse(text.as_bytes(), "key.pem").unwrap().remove(0);
            let fault = pem.private_key().unwrap_err();
            assert!(
                fault.message().contains(&format!("an RSA key of {} bits cannot sign", self.bits)),
                "{fault}"
            );
            let fault = Key::new(pem, &dnskey.owner, Role::Zsk, "key.pem").unwrap_err();
            assert!(fault.message().contains("cannot sign"), "{fault}");
        }
        assert!(PrivateKey::from_pkcs1(&self.pkcs1(), Some(self.algorithm)).is_err());
    }
}

/// An element of DER; integers get the leading zero that they need and no other.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let content = match content {
        [0, rest @ ..] if tag == 2 && rest.first().is_some_and(|first| *first < 0x80) => rest,
        _ => content,
    };
    let length = u16::try_from(content.len()).unwrap().to_be_bytes();
    let head = match length {
        [0, low @ 0..0x80] => vec![tag, low],
        [0, low] => vec![tag, 0x81, low],
        [high, low] => vec![tag, 0x82, high, low],
    };
    [&head, content].concat()
}

#[test]
fn rfc_5702_section_6_1_rsa_sha_256() {
    // ring verifies from 1024 bits on
    RFC_5702_6_1.check(Verdict::Unsupported);
}

#[test]
fn rfc_5702_section_6_2_rsa_sha_512() {
    RFC_5702_6_2.check(Verdict::Good);
}

// ---- canonical form and order

/// The order of names, through builder and zone, whatever the order of the file.
#[test]
fn rfc_4034_section_6_1_canonical_name_order() {
    let ordered = [
        "example.",
        "a.example.",
        "yljkjljk.a.example.",
        "Z.a.example.",
        "zABC.a.EXAMPLE.",
        "z.example.",
        "\\001.z.example.",
        "*.z.example.",
        "\\200.z.example.",
    ];
    let apex = "example. 60 SOA ns.example.net. host.example. 1 2 3 4 5\nexample. 60 NS ns.example.net.\n";
    for rotation in 0..ordered.len() {
        for backwards in [false, true] {
            let mut lines: Vec<String> =
                ordered.iter().map(|name| format!("{name} 60 TXT {}\n", name.len())).collect();
            lines.rotate_left(rotation);
            if backwards {
                lines.reverse();
            }
            let zone = sealed(builder(&records(&format!("{}{apex}", lines.concat()))), "example.");
            let names: Vec<String> = (0..zone.names()).map(|number| zone.name(number).to_string()).collect();
            assert_eq!(names, ordered, "rotated by {rotation}, backwards: {backwards}");
        }
    }
}

/// Case of owner and RDATA, and the TTL: what is signed has all names in lower case and the original TTL.
/// Shown with the examples of RFC 8080, section 6.1 and RFC 5702, section 6.1; the fourth rule, on wildcards,
/// is in the zone of RFC 4035.
#[test]
fn rfc_4034_section_6_2_canonical_rr_form() {
    for example in [RFC_8080_6_1_FIRST, RFC_8080_6_1_SECOND] {
        let rrsig = record(example.rrsig);
        let public = PublicKey::from_rdata(&record(example.dnskey).rdata).unwrap();
        let same = [
            "EXAMPLE.com. 3600 IN MX 10 mail.example.com.\n",
            "example.com. 3600 IN MX 10 MAIL.Example.COM.\n",
            "example.com. 17 IN MX 10 mail.example.com.\n",
            "\\069xample.com. 0 IN MX 0010 m\\065il.exAmple.com.\n",
            "example.com. 3600 IN TYPE15 \\# 20 000a044D61696C076578616D706C6503636F6D00\n",
        ]
        .map(|text| signed_data(&rrsig.rrsig(), &records(text)));
        for data in same {
            assert_eq!(public.verify(&data, rrsig.rrsig().signature), Verdict::Good);
        }
        // the signer's name is in lower case, too; and times are the same in both their forms (section 3.2)
        let upper = record(
            &example
                .rrsig
                .replace("3600 1440021600", "3600 20150819220000")
                .replace(&format!("{} example.com.", example.tag), &format!("{} EXAMPLE.Com.", example.tag)),
        );
        let data = signed_data(&upper.rrsig(), &records(example.set));
        assert_eq!(public.verify(&data, upper.rrsig().signature), Verdict::Good);
    }
    let mut cached = record(RFC_5702_6_1.set);
    cached.ttl = 1800;
    let rrsig = record(RFC_5702_6_1.rrsig);
    let data = signed_data(&rrsig.rrsig(), &[cached]);
    assert_eq!(RFC_5702_6_1.sign(&data), rrsig.rrsig().signature);
}

/// RDATA as octets from the left, and an octet that is missing before a zero; no duplicates.
#[test]
fn rfc_4034_section_6_3_canonical_rr_ordering() {
    let ordered: [&[u8]; 9] =
        [&[], &[0], &[0, 0], &[0, 1], &[1], &[1, 0, 0, 0], &[0x7f, 0xff], &[0x80], &[0xff]];
    for rotation in 0..ordered.len() {
        let mut shuffled = ordered;
        shuffled.rotate_left(rotation);
        let mut sets = Rrsets::default();
        let owner = name("a.example.");
        sets.start(owner.as_name());
        for rdata in shuffled.iter().chain(&shuffled[..4]) {
            sets.push(Rtype(65280), 60, rdata);
        }
        sets.sort();
        let set = sets.find(Rtype(65280)).unwrap();
        assert_eq!(set.len(), ordered.len());
        assert_eq!(set.canonical_rdata().collect::<Vec<_>>(), ordered, "rotated by {rotation}");
    }
    // equal once in lower case: the section's duplicates, of which one remains and is signed
    let twice =
        records("a.example. 60 MX 1 B.example.\na.example. 60 MX 1 b.EXAMPLE.\na.example. 60 MX 1 a.b.\n");
    let rrsig = record(&RFC_8080_6_1_FIRST.rrsig.replace("example.com. 3600 IN", "a.example. 60 IN"));
    let both = signed_data(&rrsig.rrsig(), &twice);
    assert_eq!(both, signed_data(&rrsig.rrsig(), &[twice[2].clone(), twice[1].clone()]));
    assert_eq!(both, signed_data(&rrsig.rrsig(), &[twice[0].clone(), twice[2].clone()]));
}

/// The whole RDATA: as the reader has it, and as the chain makes it.
#[test]
fn rfc_4034_section_4_3_nsec() {
    let mut expected = b"\x04host\x07example\x03com\x00\x00\x06\x40\x01\x00\x00\x00\x03\x04\x1b".to_vec();
    expected.extend([0; 26]);
    expected.push(0x20);
    let read = record("alfa.example.com. 86400 IN NSEC host.example.com. ( A MX RRSIG NSEC TYPE1234 )\n");
    assert_eq!(read.rdata, expected);

    let mut sets = Rrsets::default();
    sets.start(read.owner.as_name());
    for rtype in [Rtype(1234), Rtype::MX, Rtype::A, Rtype(1234)] {
        sets.push(rtype, 86400, &[0, 0, 0, 0]);
    }
    sets.sort();
    let mut made = Vec::new();
    let next = name("host.example.com.");
    nsec::rdata(next.as_name(), &sets, Standing::Authoritative, &mut Vec::new(), &mut made);
    assert_eq!(made, expected);
}

// ---- whole zones

fn builder(records: &[Held]) -> Builder {
    let mut builder = Builder::new();
    for record in records {
        builder.push(record.record(), Spot::default()).unwrap();
    }
    builder
}

fn sealed(builder: Builder, apex: &str) -> Zone {
    let sources = Reader::of_text(Vec::new(), "example", None).into_sources();
    let sealed = builder.seal(&name(apex), Class::IN, sources, OutOfZone::Refuse);
    let (zone, _) = sealed.unwrap_or_else(|faults| panic!("{:?}", faults.iter().collect::<Vec<_>>()));
    zone
}

/// The zone of these records but for their DNSKEYs, signed by the two keys of RFC 8080 section 6.1 (the first is the
/// KSK).
fn signed(
    records: &[Held],
    apex: &str,
    dnskey_ttl: u32,
    validity: (&str, &str),
    denial: Denial,
) -> Vec<Held> {
    let keys: Vec<Key> = [(&RFC_8080_6_1_FIRST, Role::Ksk), (&RFC_8080_6_1_SECOND, Role::Zsk)]
        .map(|(example, role)| {
            key(&armour("PRIVATE KEY", &pkcs8(example.algorithm, example.secret)), apex, role)
        })
        .into();
    let keys = KeySet::new(keys, Options::default()).unwrap();
    let mut builder = builder(records);
    builder.remove(Rtype::DNSKEY, |_| true);
    let nsec3 = match &denial {
        Denial::Nsec => None,
        Denial::Nsec3(params, _) => Some(params),
    };
    let dnskey_ttl = Some(dnskey_ttl);
    let additions = Additions { publish_keys: true, dnskey_ttl, nsec3, ..Additions::default() };
    apex::add(&mut builder, &keys, &additions).unwrap();
    let zone = sealed(builder, apex);
    let [inception, expiration] = [validity.0, validity.1].map(|t| Time::from_digits(t.as_bytes()).unwrap());
    let validity = Validity { inception, expiration, keys_expiration: expiration, jitter: 0 };
    let serial = zone.at_apex(Rtype::SOA).find_map(|soa| Soa::from_rdata(soa.rdata)).unwrap().serial;
    let signing = Signing { keys, validity, denial, reuse: None };
    let signed = Signed::new(zone, Some(signing), serial, Vec::new(), 2).unwrap();
    let mut out = Vec::new();
    for stretch in signed.stretches(3) {
        signed
            .stretch(&stretch, &mut Work::default(), &mut |sheet| out.extend(sheet.records().map(Held::of)))
            .unwrap();
    }
    out
}

/// Each RRSIG with the set it covers.
fn signatures(records: &[Held]) -> Vec<(&Held, Vec<Held>)> {
    let rrsigs = records.iter().filter(|record| record.rtype == Rtype::RRSIG);
    rrsigs
        .map(|rrsig| {
            let covered = rrsig.rrsig().type_covered;
            let set = records.iter().filter(|r| r.owner == rrsig.owner && r.rtype == covered);
            (rrsig, set.cloned().collect())
        })
        .collect()
}

fn public_keys(records: &[Held]) -> BTreeMap<u16, PublicKey> {
    let keys = records.iter().filter(|record| record.rtype == Rtype::DNSKEY);
    keys.map(|key| PublicKey::from_rdata(&key.rdata).unwrap()).map(|key| (key.tag(), key)).collect()
}

/// All signatures of the RFC's zone, RSA/SHA-1 with 1024 bits, over our canonical form: that of the wildcard
/// (section 6.2 of RFC 4034) among them.
#[test]
fn rfc_4035_appendix_a_signatures_verify() {
    let zone = records(RFC_4035_A);
    let keys = public_keys(&zone);
    let signatures = signatures(&zone);
    assert_eq!(signatures.len(), 27);
    for (rrsig, set) in signatures {
        let fields = rrsig.rrsig();
        let data = signed_data(&fields, &set);
        let (owner, covered) = (&rrsig.owner, fields.type_covered);
        assert_eq!(keys[&fields.key_tag].verify(&data, fields.signature), Verdict::Good, "{owner} {covered}");
    }
}

/// The RFC's zone without its signatures and chain, signed by our keys: the same chain, and signatures over
/// the same sets with the same fields.
#[test]
fn rfc_4035_appendix_a_signed_anew() {
    let theirs = records(RFC_4035_A);
    let ours = signed(&theirs, "example.", 3600, ("20040409183619", "20040509183619"), Denial::Nsec);
    let nsecs = |records: &[Held]| -> BTreeMap<String, Vec<u8>> {
        let nsecs = records.iter().filter(|record| record.rtype == Rtype::NSEC);
        nsecs.map(|record| (record.owner.to_string(), record.rdata.clone())).collect()
    };
    assert_eq!(nsecs(&ours), nsecs(&theirs));
    assert_eq!(nsecs(&ours).len(), 10);

    // all records but those of the keys, TTLs and order of names included
    let data = |records: &[Held]| -> Vec<(String, u32, String, Vec<u8>)> {
        let data = records.iter().filter(|r| !matches!(r.rtype, Rtype::DNSKEY | Rtype::RRSIG));
        let mut data: Vec<_> =
            data.map(|r| (r.owner.to_string(), r.ttl, r.rtype.to_string(), r.rdata.clone())).collect();
        data.sort();
        data
    };
    assert_eq!(data(&ours), data(&theirs));
    let names = |records: &[Held]| {
        let mut names: Vec<String> = records.iter().map(|record| record.owner.to_string()).collect();
        names.dedup();
        names
    };
    assert_eq!(names(&ours), names(&theirs));

    // set, labels, original TTL, times and signer of each signature, and its own TTL
    let covered = |records: &[Held]| -> BTreeSet<String> {
        let rrsigs = records.iter().filter(|record| record.rtype == Rtype::RRSIG);
        rrsigs
            .map(|record| {
                let Rrsig { type_covered, labels, original_ttl, expiration, inception, signer, .. } =
                    record.rrsig();
                let (owner, ttl) = (&record.owner, record.ttl);
                format!(
                    "{owner} {ttl} {type_covered} {labels} {original_ttl} {expiration} {inception} {signer}"
                )
            })
            .collect()
    };
    assert_eq!(covered(&ours), covered(&theirs));
    assert_eq!(covered(&ours).len(), 26);

    // one by each key that must; the RFC's ZSK signs the DNSKEYs as well
    let keys = public_keys(&ours);
    let signatures = signatures(&ours);
    assert_eq!(signatures.len(), 26);
    for (rrsig, set) in signatures {
        let fields = rrsig.rrsig();
        let key = &keys[&fields.key_tag];
        assert_eq!(key.flags() == 257, fields.type_covered == Rtype::DNSKEY);
        let (owner, covered) = (&rrsig.owner, fields.type_covered);
        assert_eq!(
            key.verify(&signed_data(&fields, &set), fields.signature),
            Verdict::Good,
            "{owner} {covered}"
        );
    }
    // delegations and glue are there, unsigned
    let sets: BTreeSet<(String, Rtype)> = ours.iter().map(Held::set).collect();
    for unsigned in [("ns1.a.example.", Rtype::A), ("b.example.", Rtype::NS), ("ns2.b.example.", Rtype::A)] {
        assert!(sets.contains(&(unsigned.0.to_owned(), unsigned.1)), "{unsigned:?}");
        let sign = format!("{} 3600 {} ", unsigned.0, unsigned.1);
        assert!(!covered(&ours).iter().any(|line| line.starts_with(&sign)), "{unsigned:?}");
    }
}

/// The lesser of the SOA's TTL and its MINIMUM, whichever it is.
#[test]
fn rfc_9077_section_3_ttl_of_nsec_and_nsec3() {
    denial_ttls(&Denial::Nsec, Rtype::NSEC);
    let params = Params { iterations: 0, salt: Vec::new() };
    denial_ttls(&Denial::Nsec3(params, OptOut::No), Rtype::NSEC3);
}

fn denial_ttls(denial: &Denial, denies: Rtype) {
    for (soa_ttl, minimum, expected) in
        [(239, 238, 238), (238, 239, 238), (240, 240, 240), (900, 0, 0), (0, 900, 0), (3600, 86400, 3600)]
    {
        let zone = format!(
            "example.org. {soa_ttl} IN SOA example.net. hostmaster.example.net. (
                 1234567890 28800 7200 604800 {minimum} )\n\
             example.org. 7200 IN NS ns.example.net.\n\
             some.example.org. 240 IN A 1.2.3.4\n"
        );
        let out = signed(
            &records(&zone),
            "example.org.",
            7200,
            ("20210701000000", "20210801000000"),
            denial.clone(),
        );
        let mut seen = 0;
        for record in &out {
            let (rtype, covers) = match record.rtype {
                Rtype::RRSIG => (record.rrsig().type_covered, "RRSIG of "),
                rtype => (rtype, ""),
            };
            let wanted = match rtype {
                rtype if rtype == denies => expected,
                Rtype::NSEC3PARAM => 0,
                Rtype::SOA => soa_ttl,
                Rtype::A => 240,
                _ => 7200,
            };
            assert_eq!(record.ttl, wanted, "{covers}{rtype} of {soa_ttl} and {minimum}");
            if let Some(rrsig) = (record.rtype == Rtype::RRSIG).then(|| record.rrsig()) {
                assert_eq!(rrsig.original_ttl, wanted);
            }
            seen += usize::from(rtype == denies);
        }
        assert_eq!(seen, 4, "two names, each with a denial record and its RRSIG");
        let soa = out.iter().find(|record| record.rtype == Rtype::SOA).unwrap();
        let numbers = Soa::from_rdata(&soa.rdata).unwrap();
        assert_eq!((numbers.serial, numbers.minimum), (1_234_567_890, minimum));
        assert_eq!(nsec::ttl(soa_ttl, &numbers), expected);
    }
}

// ---- serial numbers

/// Addition (section 3.1) and comparison (section 3.2), with the examples of section 5.2: those of 8 bits,
/// times 2^24, behave in 32 bits as they do in 8.
#[test]
fn rfc_1982_sections_3_and_5_serial_numbers() {
    let wide = |number: u32| number << 24;
    for (number, more, sum) in [(255, 1, 0), (100, 100, 200), (200, 100, 44)] {
        assert_eq!(wide(number).wrapping_add(wide(more)), wide(sum));
        assert!(serial::greater(wide(sum), wide(number)), "section 5.2: {sum} is {number} + {more}");
    }
    let greater = [
        (1, 0),
        (44, 0),
        (100, 0),
        (100, 44),
        (200, 100),
        (255, 200),
        (0, 255),
        (100, 255),
        (0, 200),
        (44, 200),
    ];
    for (more, less) in greater.map(|(more, less)| (wide(more), wide(less))) {
        assert!(serial::greater(more, less) && !serial::greater(less, more), "{more} {less}");
        // a serial that is greater is taken; one that is not would be a step back
        assert_eq!(SerialPolicy::Unixtime.next(less, Time(more.into())), more);
        assert_eq!(SerialPolicy::Unixtime.next(more, Time(less.into())), more + 1);
    }
    // the pairs of section 5.2 for which the order is not defined, and those of 32 bits
    for (one, other) in [(0, 128), (1, 129), (2, 130), (127, 255)] {
        let (one, other) = (wide(one), wide(other));
        assert!(!serial::greater(one, other) && !serial::greater(other, one), "{one} {other}");
        assert_eq!(SerialPolicy::Unixtime.next(one, Time(other.into())), one + 1);
        assert_eq!(SerialPolicy::Unixtime.next(other, Time(one.into())), other + 1);
    }
    for start in [0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff] {
        let next = SerialPolicy::Increment.next(start, Time(0));
        assert_eq!(next, start.wrapping_add(1));
        assert!(serial::greater(next, start));
        // the most that may be added: 2^31 - 1
        let most = start.wrapping_add(0x7fff_ffff);
        assert!(serial::greater(most, start));
        assert_eq!(SerialPolicy::Unixtime.next(start, Time(most.into())), most);
        assert!(!serial::greater(most.wrapping_add(1), start));
        // the date is taken where it is greater, and is one more where not
        let now = Time::from_digits(b"20260714120000").unwrap();
        let date = SerialPolicy::Date.next(start, now);
        let ahead = 2_026_071_400_u32.wrapping_sub(start);
        assert_eq!(date, if (1..1 << 31).contains(&ahead) { 2_026_071_400 } else { start.wrapping_add(1) });
        assert!(serial::greater(date, start));
        assert_eq!(SerialPolicy::Keep.next(start, now), start);
    }
}

// ---- the zone of RFC 4035, appendix A

const RFC_4035_A: &str = "\
$ORIGIN example.
$TTL 3600
@      SOA ns1 bugs.x.w 1081539377 3600 300 3600000 3600
       RRSIG SOA 5 1 3600 20040509183619 20040409183619 38519 @ (
        ONx0k36rcjaxYtcNgq6iQnpNV5+drqYAsC9h7TSJaHCqbhE67Sr6aH2xDUGcqQWu/n0UVzrFvkgO9ebarZ0GWD
        KcuwlM6eNB5SiX2K74l5LWDA7S/Un/IbtDq4Ay8NMNLQI7Dw7n4p8/rjkBjV7j86HyQgM5e7+miRAz8V01b0I= )
       NS ns1
       NS ns2
       RRSIG NS 5 1 3600 20040509183619 20040409183619 38519 @ (
        gl13F00f2U0R+SWiXXLHwsMY+qStYy5k6zfdEuivWc+wd1fmbNCyql0Tk7lHTX6UOxc8AgNf4ISFve8XqF4q+o
        9qlnqIzmppU3LiNeKT4FZ8RO5urFOvoMRTbQxW3U0hXWuggE4g3ZpsHv480HjMeRaZB/FRPGfJPajngcq6Kwg= )
       MX 1 xx
       RRSIG MX 5 1 3600 20040509183619 20040409183619 38519 @ (
        HyDHYVT5KHSZ7HtO/vypumPmSZQrcOP3tzWB2qaKkHVPfau/DgLgS/IKENkYOGL95G4N+NzEVyNU8dcTOckT+C
        hPcGeVjguQ7a3Ao9Z/ZkUO6gmmUW4b89rz1PUxW4jzUxj66PTwoVtUU/iMW6OISukd1EQt7a0kygkg+PEDxdI= )
       NSEC a NS SOA MX RRSIG NSEC DNSKEY
       RRSIG NSEC 5 1 3600 20040509183619 20040409183619 38519 @ (
        O0k558jHhyrC97ISHnislm4kLMW48C7U7cBmFTfhke5iVqNRVTB1STLMpgpbDIC9hcryoO0VZ9ME5xPzUEhbvG
        nHd5sfzgFVeGxr5Nyyq4tWSDBgIBiLQUv1ivy29vhXy7WgR62dPrZ0PWvmjfFJ5arXf4nPxp/kEowGgBRzY/U= )
       DNSKEY 256 3 5 (
        AQOy1bZVvpPqhg4j7EJoM9rI3ZmyEx2OzDBVrZy/lvI5CQePxXHZS4i8dANH4DX3tbHol61ek8EFMcsGXxKciJFH
        yhl94C+NwILQdzsUlSFovBZsyl/NX6yEbtw/xN9ZNcrbYvgjjZ/UVPZIySFNsgEYvh0z2542lzMKR4Dh8uZffQ== )
       DNSKEY 257 3 5 (
        AQOeX7+baTmvpVHb2CcLnL1dMRWbuscRvHXlLnXwDzvqp4tZVKp1sZMepFb8MvxhhW3y/0QZsyCjczGJ1qk8vJe5
        2iOhInKROVLRwxGpMfzPRLMlGybr51bOV/1se0ODacj3DomyB4QB5gKTYot/K9alk5/j8vfd4jWCWD+E1Sze0Q== )
       RRSIG DNSKEY 5 1 3600 20040509183619 20040409183619 9465 @ (
        ZxgauAuIj+k1YoVEOSlZfx41fcmKzTFHoweZxYnz99JVQZJ33wFS0Q0jcP7VXKkaElXk9nYJXevO/7nAbo88iW
        sMkSpSR6jWzYYKwfrBI/L9hjYmyVO9m6FjQ7uwM4dCP/bIuV/DKqOAK9NYNC3AHfvCV1Tp4VKDqxqG7R5tTVM= )
       RRSIG DNSKEY 5 1 3600 20040509183619 20040409183619 38519 @ (
        eGL0s90glUqcOmloo/2y+bSzyEfKVOQViD9ZDNhLz/Yn9CQZlDVRJffACQDAUhXpU/oP34ribKBpysRXosczFr
        KqS5Oa0bzMOfXCXup9qHApeFIku28Vqfr8Nt7cigZLxjK+u0Ws/4lIRjKk7z5OXogYVaFzHKillDt3HRxHIZM= )
a      NS ns1.a
       NS ns2.a
       DS 57855 5 1 b6dcd485719adca18e5f3d48a2331627fdd3636b
       RRSIG DS 5 2 3600 20040509183619 20040409183619 38519 @ (
        oXIKit/QtdG64J/CB+Gi8dOvnwRvqrto1AdQoRkAN15FP3iZ7suB7gvTBmXzCjL7XUgQVcoHkdhyCuzp8W9qJH
        gRUSwKKkczSyuL64nhgjuDEML8l9wlWVsl7PR2VnZduM9bLyBhaaPmRKX/Fm+v6ccF2EGNLRiY08kdkz+XHHo= )
       NSEC ai NS DS RRSIG NSEC
       RRSIG NSEC 5 2 3600 20040509183619 20040409183619 38519 @ (
        cOlYgqJLqlRqmBQ3iap2SyIsK4O5aqpKSobaU9fQ5SMApZmHfq3AgLflkrkXRXvgxTQSKkG2039/cRUs6Jk/25
        +fi7Xr5nOVJsb0lq4zsB3IBBdjyGDAHE0F5ROJj87996vJupdm1fbH481gsdkOW6Zyqtz3Zos8N0BBkEx+2G4= )
ns1.a  A 192.0.2.5
ns2.a  A 192.0.2.6
ai     A 192.0.2.9
       RRSIG A 5 2 3600 20040509183619 20040409183619 38519 @ (
        pAOtzLP2MU0tDJUwHOKE5FPIIHmdYsCgTb5BERGgpnJluA9ixOyf6xxVCgrEJW0WNZSsJicdhBHXfDmAGKUajU
        UlYSAH8tS4ZnrhyymIvk3uArDu2wfT130e9UHnumaHHMpUTosKe22PblOy6zrTpg9FkS0XGVmYRvOTNYx2HvQ= )
       HINFO \"KLH-10\" \"ITS\"
       RRSIG HINFO 5 2 3600 20040509183619 20040409183619 38519 @ (
        Iq/RGCbBdKzcYzlGE4ovbr5YcB+ezxbZ9W0le/7WqyvhOO9J16HxhhL7VY/IKmTUY0GGdcfhZEOCkf4lEykZF9
        NPok1/R/fWrtzNp8jobuY7AZEcZadp1WdDF3jc2/ndCa5XZhLKD3JzOsBwFvL8sqlS5QS6FY/ijFEDnI4RkZA= )
       AAAA 2001:db8::f00:baa9
       RRSIG AAAA 5 2 3600 20040509183619 20040409183619 38519 @ (
        nLcpFuXdT35AcE+EoafOUkl69KB+/e56XmFKkewXG2IadYLKAOBIoR5+VoQV3XgTcofTJNsh1rnF6Eav2zpZB3
        byI6yo2bwY8MNkr4A7cL9TcMmDwV/hWFKsbGBsj8xSCN/caEL2CWY/5XP2sZM6QjBBLmukH30+w1z3h8PUP2o= )
       NSEC b A HINFO AAAA RRSIG NSEC
       RRSIG NSEC 5 2 3600 20040509183619 20040409183619 38519 @ (
        QoshyPevLcJ/xcRpEtMft1uoIrcrieVcc9pGCScIn5Glnib40T6ayVOimXwdSTZ/8ISXGj4pP8Sh0PlA6olZQ8
        4L453/BUqB8BpdOGky4hsN3AGcLEv1Gr0QMvirQaFcjzOECfnGyBm+wpFLAhS+JOVfDI/79QtyTI0SaDWcg8U= )
b      NS ns1.b
       NS ns2.b
       NSEC ns1 NS RRSIG NSEC
       RRSIG NSEC 5 2 3600 20040509183619 20040409183619 38519 @ (
        GNuxHn844wfmUhPzGWKJCPY5ttEX/RfjDoOx9ueK1PtYkOWKOOdiJ/PJKCYB3hYX+858dDWSxb2qnV/LSTCNVB
        nkm6owOpysY97MVj5VQEWs0lm9tFoqjcptQkmQKYPrwUnCSNwvvclSF1xZvhRXgWT7OuFXldoCG6TfVFMs9xE= )
ns1.b  A 192.0.2.7
ns2.b  A 192.0.2.8
ns1    A 192.0.2.1
       RRSIG A 5 2 3600 20040509183619 20040409183619 38519 @ (
        F1C9HVhIcs10cZU09G5yIVfKJy5yRQQ3qVet5pGhp82pzhAOMZ3K22JnmK4c+IjUeFp/to06im5FVpHtbFisdj
        yPq84bhTv8vrXt5AB1wNB++iAqvIfdgW4sFNC6oADb1hK8QNauw9VePJhKv/iVXSYC0b7mPSU+EOlknFpVECs= )
       NSEC ns2 A RRSIG NSEC
       RRSIG NSEC 5 2 3600 20040509183619 20040409183619 38519 @ (
        I4hj+Kt6+8rCcHcUdolks2S+Wzri9h3fHas81rGN/eILdJHN7JpV6lLGPIh/8fIBkfvdyWnBjjf1q3O7JgYO1U
        dI7FvBNWqaaEPJK3UkddBqZIaLi8Qr2XHkjq38BeQsbp8X0+6h4ETWSGT8IZaIGBLryQWGLw6Y6X8dqhlnxJM= )
ns2    A 192.0.2.2
       RRSIG A 5 2 3600 20040509183619 20040409183619 38519 @ (
        V7cQRw1TR+knlaL1z/psxlS1PcD37JJDaCMqQo6/u1qFQu6x+wuDHRH22Ap9ulJPQjFwMKOuyfPGQPC8KzGdE3
        vt5snFEAoE1Vn3mQqtu7SO6amIjk13Kj/jyJ4nGmdRIc/3cM3ipXFhNTKqrdhx8SZ0yy4ObIRzIzvBFLiSS8o= )
       NSEC *.w A RRSIG NSEC
       RRSIG NSEC 5 2 3600 20040509183619 20040409183619 38519 @ (
        N0QzHvaJf5NRw1rE9uxS1Ltb2LZ73Qb9bKGEVyaISkqzGpP3jYJXZJPVTq4UVEsgT3CgeHvb3QbeJ5Dfb2V9NG
        CHj/OvF/LBxFFWwhLwzngHl+bQAgAcMsLu/nL3nDi1y/JSQjAcdZNDl4bwYmx28EtgIpo9A0qmP08rMBqs1Jw= )
*.w    MX 1 ai
       RRSIG MX 5 2 3600 20040509183619 20040409183619 38519 @ (
        OMK8rAZlepfzLWW75Dxd63jy2wswESzxDKG2f9AMN1CytCd10cYISAxfAdvXSZ7xujKAtPbctvOQ2ofO7AZJ+d
        01EeeQTVBPq4/6KCWhqe2XTjnkVLNvvhnc0u28aoSsG0+4InvkkOHknKxw4kX18MMR34i8lC36SR5xBni8vHI= )
       NSEC x.w MX RRSIG NSEC
       RRSIG NSEC 5 2 3600 20040509183619 20040409183619 38519 @ (
        r/mZnRC3I/VIcrelgIcteSxDhtsdlTDt8ng9HSBlABOlzLxQtfgTnn8f+aOwJIAFe1Ee5RvU5cVhQJNP5XpXMJ
        Hfyps8tVvfxSAXfahpYqtx91gsmcV/1V9/bZAG55CefP9cM4Z9Y9NT9XQ8s1InQ2UoIv6tJEaaKkP701j8OLA= )
x.w    MX 1 xx
       RRSIG MX 5 3 3600 20040509183619 20040409183619 38519 @ (
        Il2WTZ+Bkv+OytBx4LItNW5mjB4RCwhOO8y1XzPHZmZUTVYL7LaA63f6T9ysVBzJRI3KRjAPH3U1qaYnDoN1Dr
        Wqmi9RJe4FoObkbcdm7P3Ikx70ePCoFgRz1Yq+bVVXCvGuAU4xALv3W/Y1jNSlwZ2mSWKHfxFQxPtLj8s32+k= )
       NSEC x.y.w MX RRSIG NSEC
       RRSIG NSEC 5 3 3600 20040509183619 20040409183619 38519 @ (
        aRbpHftxggzgMXdDlym9SsADqMZovZZl2QWKvw8J0tZEUNQByH5Qfnf5N1FqH/pS46UA7A4EmcWBN9PUA1pdPY
        6RVeaRlZlCr1IkVctvbtaINJuBba/VHm+pebTbKcAPIvL9tBOoh+to1h6eIjgiM8PXkBQtxPq37wDKALkyn7Q= )
x.y.w  MX 1 xx
       RRSIG MX 5 4 3600 20040509183619 20040409183619 38519 @ (
        k2bJHbwP5LH5qN4is39UiPzjAWYmJA38Hhiat7i9t7nbX/e0FPnvDSQXzcK7UL+zrVA+3MDjq1ub4q3SZgcbLM
        gexxIW3Va//LVrxkP6XupqGtOB9prkK54QTl/qZTXfMQpW480YOvVknhvb+gLcMZBnHJ326nb/TOOmrqNmQQE= )
       NSEC xx MX RRSIG NSEC
       RRSIG NSEC 5 4 3600 20040509183619 20040409183619 38519 @ (
        OvE6WUzN2ziieJcvKPWbCAyXyP6ef8cr6CspArVSTzKSquNwbezZmkU7E34o5lmb6CWSSSpgxw098kNUFnHcQf
        /LzY2zqRomubrNQhJTiDTXa0ArunJQCzPjOYq5t0SLjm6qp6McJI1AP5VrQoKqJDCLnoAlcPOPKAm/jJkn3jk= )
xx     A 192.0.2.10
       RRSIG A 5 2 3600 20040509183619 20040409183619 38519 @ (
        kBF4YxMGWF0D8r0cztL+2fWWOvN1U/GYSpYP7SoKoNQ4fZKyk+weWGlKLIUM+uE1zjVTPXoa0Z6WG0oZp46rkl
        1EzMcdMgoaeUzzAJ2BMq+YVdxG9IK1yZkYGY9AgbTOGPoAgbJyO9EPULsxkbIDV6GPPSZVusnZU6OMgdgzHV4= )
       HINFO \"KLH-10\" \"TOPS-20\"
       RRSIG HINFO 5 2 3600 20040509183619 20040409183619 38519 @ (
        GY2PLSXmMHkWHfLdggiox8+chWpeMNJLkML0t+U/SXSUsoUdR91KNdNUkTDWamwcF8oFRjhqBcPZ6EqrF+vl5v
        5oGuvSF7U52epfVTC+wWF83yCUeUw8YklhLWlvk8gQ15YKth0ITQy8/wI+RgNvuwbioFSEuv2pNlkq0goYxNY= )
       AAAA 2001:db8::f00:baaa
       RRSIG AAAA 5 2 3600 20040509183619 20040409183619 38519 @ (
        Zzj0yodDxcBLnnOIwDsuKo5WqiaK24DlKg9CaGaxDFiKgKobUj2jilYQHpGFn2poFRetZd4zulyQkssz2QHrVr
        PuTMS22knudCiwP4LWpVTrU4zfeA+rDz9stmSBP/4PekH/x2IoAYnwctd/xS9cL2QgW7FChw16mzlkH6/vsfs= )
       NSEC @ A HINFO AAAA RRSIG NSEC
       RRSIG NSEC 5 2 3600 20040509183619 20040409183619 38519 @ (
        ZFWUln6Avc8bmGl5GFjD3BwT530DUZKHNuoY9A8lgXYyrxu+pqgFiRVbyZRQvVB5pccEOT3kmvHgEa/HzbDB4P
        IYY79W+VHrgOxzdQGGCZziasXrpSGOWwSOElghPnMIi8xdF7qtCntr382WGghLahumFIpg4MO3LS/prgzVVWo= )
";
