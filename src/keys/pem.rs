//! Key files: PEM with metadata before each key (RFC 7468).
//!
//! In: the octets of a file. Out: its private keys, each with the DER inside the armour and its
//! [`Metadata`]. Where a file cannot be used, the message says which of the usual reasons it is.

use super::material::{Material, refused_name};
use super::metadata::Metadata;
use super::private::PrivateKey;
use crate::error::{Fault, Place, Result};
use std::fmt;
use std::sync::Arc;
use zeroize::Zeroizing;

/// One private key of a file. Its `Debug` leaves the key out; the DER is wiped when it is dropped.
pub struct PemKey {
    /// What the lines before it say.
    pub metadata: Metadata,
    /// The line of its BEGIN, from 1.
    pub line: u32,
    form: Form,
    der: Zeroizing<Vec<u8>>,
}

/// What the DER is, as the label of the armour says.
#[derive(Clone, Copy, Debug)]
enum Form {
    Pkcs8,
    Sec1,
    Pkcs1,
}

impl PemKey {
    /// A key that is in no PEM file yet: `line` is 0.
    pub(super) fn new(metadata: Metadata, pkcs8: Zeroizing<Vec<u8>>) -> Self {
        Self { metadata, line: 0, form: Form::Pkcs8, der: pkcs8 }
    }

    /// The key, ready to sign. An RSA key without an Algorithm line is for RSASHA256.
    ///
    /// # Errors
    /// As [`PrivateKey::from_pkcs8`].
    pub fn private_key(&self) -> Result<PrivateKey> {
        PrivateKey::from_material(&self.material()?, self.metadata.algorithm)
    }

    pub(super) fn material(&self) -> Result<Material> {
        match self.form {
            Form::Pkcs8 => Material::from_pkcs8(&self.der),
            Form::Sec1 => Material::from_sec1(&self.der),
            Form::Pkcs1 => Material::from_pkcs1(&self.der),
        }
    }

    /// The text of a key file with this key: the metadata, and the key as PKCS#8 whatever it was. Wiped when
    /// dropped.
    ///
    /// # Errors
    /// As [`PrivateKey::from_pkcs8`].
    pub fn to_text(&self) -> Result<Zeroizing<String>> {
        Ok(write(&self.metadata, &self.material()?.to_pkcs8()))
    }
}

impl fmt::Debug for PemKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PemKey({:?}, line {}, {:?})", self.form, self.line, self.metadata)
    }
}

/// The text of a key file: the metadata, then the PKCS#8 key in PEM.
pub(super) fn write(metadata: &Metadata, pkcs8: &[u8]) -> Zeroizing<String> {
    let config = pem::EncodeConfig::new().set_line_ending(pem::LineEnding::LF);
    let armour = pem::Pem::new("PRIVATE KEY", pkcs8);
    let body = Zeroizing::new(pem::encode_config(&armour, config));
    drop(Zeroizing::new(armour.into_contents()));
    let metadata = metadata.to_text();
    // all the room at once: growing would leave copies of the key behind in freed memory
    let mut text = Zeroizing::new(String::with_capacity(metadata.len() + body.len()));
    text.push_str(&metadata);
    text.push_str(&body);
    text
}

/// A line of a file: number, offset of its first octet, and the line without white space around it.
struct Line<'a> {
    number: u32,
    start: usize,
    text: &'a [u8],
}

impl<'a> Line<'a> {
    /// The label of `-----BEGIN LABEL-----`, or of the same with END.
    fn label(&self, word: &str) -> Option<&'a str> {
        let inner = self.text.strip_prefix(b"-----")?.strip_prefix(word.as_bytes())?.strip_prefix(b" ")?;
        let label = std::str::from_utf8(inner.strip_suffix(b"-----")?).ok()?;
        // anything else is a file that lost its line ends: this "label" holds the key, and messages show labels
        let plain = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == ' ';
        (label.len() <= 40 && label.chars().all(plain)).then_some(label)
    }

    fn end(&self, text: &[u8]) -> usize {
        text[self.start..]
            .iter()
            .position(|&octet| octet == b'\n')
            .map_or(text.len(), |at| self.start + at + 1)
    }
}

fn lines(text: &[u8]) -> impl Iterator<Item = Line<'_>> {
    let mut start = 0;
    (1..).zip(text.split(|&octet| octet == b'\n')).map(move |(number, line)| {
        let this = Line { number, start, text: line.trim_ascii() };
        start += line.len() + 1;
        this
    })
}

/// The private keys of a file, in order; at least one. `EC PARAMETERS`, public keys and certificates beside
/// them are skipped. `file` is for messages.
///
/// # Errors
/// No private key; one that is encrypted, cut short or of a kind that cannot sign; bad metadata.
pub fn parse(text: &[u8], file: &str) -> Result<Vec<PemKey>> {
    let name: Arc<str> = Arc::from(file);
    let at = |fault: Fault, line: u32| fault.at(Place::new(&name, line, 0));
    let (mut keys, mut metadata, mut other) = (Vec::new(), Metadata::default(), None);
    let mut lines = lines(text);
    while let Some(line) = lines.next() {
        let Some(label) = line.label("BEGIN") else {
            if let Some(label) = line.label("END") {
                let fault =
                    Fault::error(format!("END {label} without a BEGIN before it: the file is cut short"));
                return Err(at(fault.hint(RESTORE), line.number));
            }
            let end = line.end(text);
            let whole = String::from_utf8_lossy(text[line.start..end].trim_ascii_end());
            metadata.read_line(&whole, &Place::new(&name, line.number, 0))?;
            continue;
        };
        let block = block(&line, label, &mut lines, text, &name)?;
        let form = match label {
            "PRIVATE KEY" => Form::Pkcs8,
            "EC PRIVATE KEY" => Form::Sec1,
            "RSA PRIVATE KEY" => Form::Pkcs1,
            "ENCRYPTED PRIVATE KEY" => return Err(at(encrypted(), line.number)),
            "DSA PRIVATE KEY" => {
                return Err(at(refused_name("DSA", "RFC 9904 forbids signing with it"), line.number));
            }
            "OPENSSH PRIVATE KEY" => {
                let fault = Fault::error("this is an OpenSSH key, not a key for a zone");
                return Err(at(fault.hint("make a key with `zoneseal keygen ZONE`"), line.number));
            }
            _ => {
                other.get_or_insert_with(|| (label.to_owned(), line.number));
                continue;
            }
        };
        let der = armour(block, &name, &line)?;
        keys.push(PemKey { metadata: std::mem::take(&mut metadata), line: line.number, form, der });
    }
    if !keys.is_empty() {
        if metadata != (Metadata { unknown: metadata.unknown.clone(), ..Metadata::default() }) {
            return Err(Fault::error("metadata after the last key belongs to no key")
                .in_file(file)
                .hint("the lines about a key come before its BEGIN line"));
        }
        return Ok(keys);
    }
    Err(match other {
        Some((label, line)) => at(
            Fault::error(format!("no private key: the file holds {}", described(&label)))
                .hint("the file to name is the one that begins with `-----BEGIN PRIVATE KEY-----`"),
            line,
        ),
        None => nothing(text).in_file(file),
    })
}

/// A block that is no private key, in words.
fn described(label: &str) -> String {
    match label {
        "PUBLIC KEY" | "RSA PUBLIC KEY" => "a public key".to_owned(),
        "CERTIFICATE" => "a certificate".to_owned(),
        "EC PARAMETERS" => "the parameters of a curve".to_owned(),
        other => format!("a block of type {}", other.escape_debug()),
    }
}

const RESTORE: &str = "restore the key file from a backup";

/// From a BEGIN line to its END line: the octets of both and of what is between, which is all base64.
fn block<'a>(
    begin: &Line<'a>,
    label: &str,
    lines: &mut impl Iterator<Item = Line<'a>>,
    text: &'a [u8],
    file: &Arc<str>,
) -> Result<&'a [u8]> {
    let at = |fault: Fault, line: u32, column: u32| Err(fault.at(Place::new(file, line, column)));
    let mut last = begin.number;
    for line in lines {
        if line.label("END") == Some(label) {
            return Ok(&text[begin.start..line.end(text)]);
        }
        if line.text.starts_with(b"-----") {
            let fault = Fault::error(format!(
                "the {label} that begins in line {} is cut short: its END line is missing",
                begin.number
            ));
            return at(fault.hint(RESTORE), line.number, 0);
        }
        // RFC 1421 headers, which only the old encrypted form has
        if line.text.contains(&b':') {
            return at(encrypted(), begin.number, 0);
        }
        let odd = |octet: &u8| !octet.is_ascii_alphanumeric() && !b"+/=".contains(octet);
        if let Some(column) = line.text.iter().position(odd) {
            // the line is not shown: it may be half of the key
            let fault = Fault::error(format!("the {label} is damaged: this line is not base64"));
            return at(fault.hint(RESTORE), line.number, u32::try_from(column + 1).unwrap_or(0));
        }
        if !line.text.is_empty() {
            last = line.number;
        }
    }
    let fault = Fault::error(format!(
        "the {label} that begins in line {} is cut short: its END line is missing",
        begin.number
    ));
    at(fault.hint(RESTORE), last, 0)
}

/// The DER in a block of armour.
fn armour(block: &[u8], file: &Arc<str>, begin: &Line<'_>) -> Result<Zeroizing<Vec<u8>>> {
    // what `pem` says of an error may quote the key: it goes no further
    match pem::parse(block) {
        Ok(found) => Ok(Zeroizing::new(found.into_contents())),
        Err(_) => Err(Fault::error("the key is cut short or damaged: its base64 does not come out even")
            .hint(RESTORE)
            .at(Place::new(file, begin.number, 0))),
    }
}

fn encrypted() -> Fault {
    Fault::error("the private key is encrypted: a signer that runs unattended cannot ask for its password").hint(
        "`openssl pkey -in FILE -out NEW` writes it without a password; give that file mode 0600 and keep it \
         where only the signer reads",
    )
}

/// Why there is no PEM in a file.
fn nothing(text: &[u8]) -> Fault {
    if text.trim_ascii().is_empty() {
        return Fault::error("the file is empty").hint("`zoneseal keygen ZONE` makes keys");
    }
    let fault = Fault::error("no private key in PEM form (no `-----BEGIN … PRIVATE KEY-----` line)");
    if text.starts_with(b"Private-key-format:") {
        fault.hint("this is a BIND or ldns key: `zoneseal key import FILE` makes a PEM file of it")
    } else if text.starts_with(&[0x30]) && std::str::from_utf8(text).is_err() {
        fault.hint("if this is DER, `openssl pkey -inform DER -in FILE -out NEW.pem` makes PEM of it")
    } else {
        fault.hint("`zoneseal keygen ZONE` makes keys, and so does `openssl genpkey`")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 8410, section 10.3: a published example, so no secret
    const KEY: &str = "-----BEGIN PRIVATE KEY-----\n\
                       MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n\
                       -----END PRIVATE KEY-----\n";
    // the same with an attribute and the public key: PKCS#8 v2
    const KEY_V2: &str = "-----BEGIN PRIVATE KEY-----\n\
                          MHICAQEwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n\
                          oB8wHQYKKoZIhvcNAQkJFDEPDA1DdXJkbGUgQ2hhaXJzgSEAGb9ECWmEzf6FQbrB\n\
                          Z9w7lshQhqowtrbLDFw4rXAxZuE=\n\
                          -----END PRIVATE KEY-----\n";

    #[test]
    fn several_keys_with_metadata_and_crlf() {
        let text = format!(
            "\u{feff}# two keys\nRole: ksk\n{KEY}\n\nNote: second\nRole: zsk\n-----BEGIN EC PARAMETERS-----\n\
             BggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n{KEY_V2}some text"
        );
        for text in [text.clone(), text.replace('\n', "\r\n")] {
            let keys = parse(text.as_bytes(), "k").unwrap();
            let roles: Vec<_> = keys.iter().map(|key| key.metadata.role.unwrap().word()).collect();
            assert_eq!(roles, ["ksk", "zsk"]);
            assert_eq!(keys[1].metadata.unknown, [("Note".to_owned(), "second".to_owned())]);
            let [first, second] = [0, 1].map(|i: usize| keys[i].private_key().unwrap().public_key());
            assert_eq!(first, second);
            assert_eq!(first[..4], [0x19, 0xbf, 0x44, 0x09], "RFC 8410, section 10.1");
            assert!(!format!("{:?}", keys[0]).contains("MC4C"));
            let again = parse(keys[1].to_text().unwrap().as_bytes(), "k").unwrap().remove(0);
            assert_eq!(again.metadata, keys[1].metadata);
            assert_eq!(again.private_key().unwrap().public_key(), second);
        }
    }

    #[test]
    fn what_is_wrong_with_a_file() {
        let cut = KEY.split_once("-----END").unwrap().0;
        let short = KEY.replace("dVhC", "");
        let uneven = KEY.replace("dVhC", "dVh");
        let odd = KEY.replace("dVhC", "d!hC");
        let old =
            KEY.replace("KEY-----\nMC", "KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nMC");
        let encrypted = KEY.replace("PRIVATE", "ENCRYPTED PRIVATE");
        let certificate = KEY.replace("PRIVATE KEY", "CERTIFICATE");
        let dsa = KEY.replace("PRIVATE", "DSA PRIVATE");
        let swapped = KEY_V2.replace("rXAxZuE=", "rXAxZuA=");
        let late = format!("{KEY}Retire: 2026-01-01T00:00:00Z\n");
        for (text, place, message) in [
            ("", "k", "the file is empty"),
            (" \n\n", "k", "the file is empty"),
            ("hello", "k", "no private key in PEM form"),
            ("Private-key-format: v1.3\nAlgorithm_: 13", "k", "no private key in PEM form"),
            (cut, "k:2", "cut short: its END line is missing"),
            (&format!("{cut}{KEY}"), "k:3", "cut short: its END line is missing"),
            ("\n-----END PRIVATE KEY-----\n", "k:2", "without a BEGIN"),
            (&uneven, "k:1", "base64"),
            (&odd, "k:2:62", "not base64"),
            (&old, "k:1", "encrypted"),
            (&encrypted, "k:1", "encrypted"),
            (&certificate, "k:1", "no private key: the file holds a certificate"),
            (&dsa, "k:1", "type DSA"),
            (&late, "k", "after the last key"),
            ("Role: chief", "k:1:7", "unknown role"),
        ] {
            let fault = parse(text.as_bytes(), "k").unwrap_err();
            assert_eq!(fault.place().unwrap().to_string(), place, "{fault}");
            assert!(fault.message().contains(message), "{fault}");
            assert!(!fault.to_string().contains("1hK1"), "{fault}");
        }
        let key = |text: &str| parse(text.as_bytes(), "k").unwrap()[0].private_key().unwrap_err();
        assert!(key(&short).message().contains("cut short"), "{}", key(&short));
        assert!(key(&swapped).message().contains("does not belong"), "{}", key(&swapped));
    }
}
