//! The parent's side of a zone: what it must be told, in the words of registrars, registries and servers, what it
//! has, and when it may be told.
//!
//! In: a [`Delegation`], the zone's name and the DNSKEYs that a DS should point to. Out: text. No I/O.
//!
//! - [`records`] are lines for zone files and for `nsupdate`; [`labelled`] is for people with a web form.
//! - [`json`] is for programs: our own form, Route 53, Cloudflare. [`epp`] is the registries' protocol.
//! - [`parent`] reads the DS set that a parent has; [`compare`] holds it against the keys.
//! - [`timing`] says from when a DS does no harm.

pub mod compare;
pub mod epp;
pub mod json;
pub mod labelled;
pub mod parent;
pub mod records;
pub mod timing;

use crate::dns::text::push_base64;
use crate::dns::{Class, Name, NameBuf};
use crate::dnssec::ds::{self, Digest, Ds};
use crate::error::Result;
use timing::{Reason, When};

/// A zone and the keys that its parent should point to.
#[derive(Clone, Debug)]
pub struct Delegation {
    /// The zone.
    pub owner: NameBuf,
    /// Its class.
    pub class: Class,
    /// The keys.
    pub keys: Vec<EntryPoint>,
    /// Whether the zone asks for no DS at all: it is on its way out of DNSSEC (RFC 8078, section 4).
    pub leaves: bool,
}

/// A key that a DS points to.
#[derive(Clone, Debug)]
pub struct EntryPoint {
    /// The RDATA of its DNSKEY.
    pub dnskey: Vec<u8>,
    /// Its DS records, one a digest that was asked for.
    pub ds: Vec<Ds>,
    /// From when the parent may have them.
    pub when: When,
}

impl Delegation {
    /// The delegation of a zone with these DNSKEYs, each with a DS of each digest.
    ///
    /// # Errors
    /// No DS can be made for a key.
    pub fn new(owner: NameBuf, class: Class, dnskeys: &[Vec<u8>], digests: &[Digest]) -> Result<Self> {
        let entry_point = |dnskey: &Vec<u8>| {
            let ds = digests.iter().map(|digest| Ds::of(owner.as_name(), dnskey, *digest));
            let when = When::Unknown(Reason::FirstSigning);
            Ok(EntryPoint { dnskey: dnskey.clone(), ds: ds.collect::<Result<_>>()?, when })
        };
        let keys = dnskeys.iter().map(entry_point).collect::<Result<_>>()?;
        Ok(Self { owner, class, keys, leaves: false })
    }

    /// All DS records, key by key.
    pub fn ds(&self) -> impl Iterator<Item = &Ds> {
        self.keys.iter().flat_map(|key| &key.ds)
    }
}

impl EntryPoint {
    /// Its key tag.
    #[must_use]
    pub fn key_tag(&self) -> u16 {
        crate::keys::key_tag(&self.dnskey)
    }

    /// The fields of its DNSKEY.
    #[must_use]
    pub fn fields(&self) -> Dnskey {
        Dnskey::of(&self.dnskey)
    }
}

/// The fields of a DNSKEY (RFC 4034, section 2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dnskey {
    /// Zone Key, REVOKE and SEP.
    pub flags: u16,
    /// Always 3.
    pub protocol: u8,
    /// The algorithm's number.
    pub algorithm: u8,
    /// The key in base64.
    pub public_key: String,
}

impl Dnskey {
    /// The fields of RDATA, which is as long as they are.
    fn of(rdata: &[u8]) -> Self {
        let (&[high, low, protocol, algorithm], key) =
            rdata.split_first_chunk().expect("a DS is made of whole DNSKEYs alone");
        let mut public_key = Vec::new();
        push_base64(key, &mut public_key);
        let public_key = String::from_utf8(public_key).expect("base64 is ASCII");
        Self { flags: u16::from_be_bytes([high, low]), protocol, algorithm, public_key }
    }

    /// The algorithm's name.
    #[must_use]
    pub fn algorithm_name(&self) -> &'static str {
        ds::algorithm_name(self.algorithm)
    }
}

/// A digest as DS records have it in text: hexadecimal, in capitals.
fn hex(octets: &[u8]) -> String {
    let mut out = Vec::new();
    crate::dns::text::push_hex(octets, &mut out);
    String::from_utf8(out).expect("hexadecimal digits are ASCII")
}

/// A name without its final dot, as registries and web services write names; the root keeps its dot.
fn undotted(name: Name<'_>) -> String {
    let text = name.to_string();
    if name.is_root() { text } else { text.trim_end_matches('.').to_owned() }
}

/// A delegation for the tests of this folder: RFC 8080, section 6.1, has its key.
#[cfg(test)]
fn sample(owner: &str, digests: &[Digest]) -> Delegation {
    let public = data_encoding::BASE64.decode(b"l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=");
    let dnskey = [&[1, 1, 3, 15], &public.expect("base64")[..]].concat();
    let owner = NameBuf::from_text(owner).expect("a name");
    Delegation::new(owner, Class::IN, &[dnskey], digests).expect("a DS")
}
