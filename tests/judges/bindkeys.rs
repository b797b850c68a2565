//! zoneseal's PEM keys as BIND's pairs of files, and a few readings of signed text. Written for the tests alone, and on
//! purpose without a line of the product: what both had wrong would not be seen.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use data_encoding::BASE64;

use crate::common;

/// One element of DER: its tag and its content.
struct Element<'a> {
    tag: u8,
    content: &'a [u8],
}

/// The elements that follow each other in `der`. Lengths of up to four octets.
fn elements(mut der: &[u8]) -> Vec<Element<'_>> {
    let mut found = Vec::new();
    while let [tag, length, rest @ ..] = der {
        let (length, rest) = if *length < 0x80 {
            (usize::from(*length), rest)
        } else {
            let (octets, rest) = rest.split_at(usize::from(length & 0x7F));
            (octets.iter().fold(0, |value, octet| value << 8 | usize::from(*octet)), rest)
        };
        let (content, rest) = rest.split_at(length);
        found.push(Element { tag: *tag, content });
        der = rest;
    }
    found
}

/// What RFC 5208 calls `privateKey`: the octets inside a PKCS#8 file.
fn private_key(pem_text: &str) -> Vec<u8> {
    let parsed = pem::parse(pem_text).expect("keygen writes PEM");
    assert_eq!(parsed.tag(), "PRIVATE KEY", "keygen writes PKCS#8");
    let outer = elements(parsed.contents());
    assert_eq!(outer[0].tag, 0x30, "PKCS#8 is a sequence");
    // version, algorithm, privateKey
    let inner = elements(outer[0].content);
    assert_eq!(inner[2].tag, 0x04, "the private key is an octet string");
    inner[2].content.to_vec()
}

/// The lines of a `.private` file that hold the key, format 1.3.
fn private_lines(algorithm: u8, pem_text: &str) -> String {
    let key = private_key(pem_text);
    match algorithm {
        // RFC 8410, section 7: an octet string in the octet string
        15 => format!("PrivateKey: {}\n", BASE64.encode(elements(&key)[0].content)),
        // RFC 8017, A.1.2: version, n, e, d, p, q, d mod (p-1), d mod (q-1), 1/q mod p
        8 | 10 => {
            let outer = elements(&key);
            let numbers = elements(outer[0].content);
            let names = [
                "Modulus",
                "PublicExponent",
                "PrivateExponent",
                "Prime1",
                "Prime2",
                "Exponent1",
                "Exponent2",
                "Coefficient",
            ];
            let mut lines = String::new();
            for (name, number) in names.iter().zip(&numbers[1..]) {
                let first = number.content.iter().position(|octet| *octet != 0).unwrap_or(0);
                let _ = writeln!(lines, "{name}: {}", BASE64.encode(&number.content[first..]));
            }
            lines
        }
        // RFC 5915: version, privateKey
        13 | 14 => {
            let outer = elements(&key);
            format!("PrivateKey: {}\n", BASE64.encode(elements(outer[0].content)[1].content))
        }
        other => panic!("no test uses algorithm {other}"),
    }
}

/// A DNSKEY as it stands in a zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Dnskey {
    pub(crate) flags: u16,
    pub(crate) algorithm: u8,
    pub(crate) public: Vec<u8>,
}

impl Dnskey {
    /// RFC 4034, appendix B.
    pub(crate) fn tag(&self) -> u16 {
        let mut rdata = self.flags.to_be_bytes().to_vec();
        rdata.extend([3, self.algorithm]);
        rdata.extend(&self.public);
        let mut sum: u32 = 0;
        for (place, octet) in rdata.iter().enumerate() {
            sum += if place % 2 == 0 { u32::from(*octet) << 8 } else { u32::from(*octet) };
        }
        sum += sum >> 16;
        u16::try_from(sum & 0xFFFF).expect("16 bits")
    }

    /// The RDATA as text.
    pub(crate) fn text(&self) -> String {
        format!("{} 3 {} {}", self.flags, self.algorithm, BASE64.encode(&self.public))
    }
}

/// The DNSKEYs in a text of one record a line.
pub(crate) fn dnskeys(zone_text: &str) -> Vec<Dnskey> {
    let mut keys = Vec::new();
    for line in zone_text.lines() {
        let line = line.split(';').next().unwrap_or_default();
        let words: Vec<&str> = line.split_whitespace().collect();
        // owner TTL IN DNSKEY flags protocol algorithm key…
        let [_, _, "IN", "DNSKEY", flags, "3", algorithm, public @ ..] = words.as_slice() else { continue };
        keys.push(Dnskey {
            flags: flags.parse().expect("flags are a number"),
            algorithm: algorithm.parse().expect("an algorithm is written as a number"),
            public: BASE64.decode(public.concat().as_bytes()).expect("a public key is base64"),
        });
    }
    keys
}

/// Writes BIND's two files for a key of ours into `folder`. The public half is the DNSKEY of `zone_text` that has the
/// key tag which the PEM file's name ends in. A zone name can be too long for BIND's file names: that is an error.
pub(crate) fn export(pem_file: &Path, origin: &str, zone_text: &str, folder: &Path) -> Result<(), String> {
    let stem = pem_file.file_stem().and_then(|stem| stem.to_str()).expect("key files have names");
    let tag: u16 = stem.rsplit('-').next().and_then(|tag| tag.parse().ok()).expect("ROLE-ALG-TAG.pem");
    let key = dnskeys(zone_text)
        .into_iter()
        .find(|key| key.tag() == tag)
        .unwrap_or_else(|| panic!("no DNSKEY of tag {tag} in the signed zone"));
    let base = format!("K{}+{:03}+{tag:05}", file_name(origin), key.algorithm);
    let times = "Created: 20200101000000\nPublish: 20200101000000\nActivate: 20200101000000\n";
    let private = format!(
        "Private-key-format: v1.3\nAlgorithm: {} (X)\n{}{times}",
        key.algorithm,
        private_lines(key.algorithm, &common::read(pem_file))
    );
    let public = format!("{origin} IN DNSKEY {}\n", key.text());
    for (end, text) in [("key", public), ("private", private)] {
        let name = format!("{base}.{end}");
        fs::write(folder.join(&name), text).map_err(|error| format!("{name}: {error}"))?;
    }
    Ok(())
}

/// A zone name as BIND writes it into the names of key files: lower case, odd octets as `%XX`.
fn file_name(origin: &str) -> String {
    let mut name = String::new();
    for octet in origin.bytes() {
        match octet {
            b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' => name.push(char::from(octet)),
            b'A'..=b'Z' => name.push(char::from(octet.to_ascii_lowercase())),
            _ => {
                let _ = write!(name, "%{octet:02X}");
            }
        }
    }
    name
}

/// The text with one bit of the last octet changed in the first signature of this owner and type; `None` if there is none.
pub(crate) fn spoil(zone_text: &str, owner: &str, covered: &str) -> Option<String> {
    let mut done = false;
    let mut text = String::with_capacity(zone_text.len());
    for line in zone_text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let hit = !done
            && matches!(words.as_slice(), [name, _, "IN", "RRSIG", kind, _, _, _, _, _, _, _, _, ..]
                if name.eq_ignore_ascii_case(owner) && *kind == covered);
        if hit {
            done = true;
            let mut signature =
                BASE64.decode(words[12..].concat().as_bytes()).expect("a signature is base64");
            *signature.last_mut().expect("a signature is not empty") ^= 1;
            let _ = writeln!(text, "{} {}", words[..12].join(" "), BASE64.encode(&signature));
        } else {
            text.push_str(line);
            text.push('\n');
        }
    }
    done.then_some(text)
}

/// A folder `name` under `folder`, made.
pub(crate) fn subfolder(folder: &Path, name: &str) -> PathBuf {
    let path = folder.join(name);
    fs::create_dir_all(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    path
}
