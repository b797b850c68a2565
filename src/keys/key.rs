//! A key of a zone: a private key bound to a zone name and a role, with its DNSKEY.
//!
//! In: one private key of a file and what its metadata say. Out: [`Key`], whose DNSKEY RDATA (RFC 4034,
//! section 2.1) and key tag are known and agree with the metadata.

use super::algorithm::Algorithm;
use super::metadata::{Metadata, Stage};
use super::pem::PemKey;
use super::private::PrivateKey;
use super::public::key_tag;
use super::role::{REVOKE, Role};
use crate::dns::time::Time;
use crate::dns::{Name, NameBuf};
use crate::error::{Fault, Place, Result};
use std::fmt::Write;
use std::sync::Arc;

/// What is done with a key now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// Its DNSKEY is in the zone, and it signs what its role says; once revoked, DNSKEY alone.
    Signs,
    /// Its DNSKEY is in the zone, and it signs nothing.
    Published,
}

/// A key of a zone. Its `Debug` shows no secret.
#[derive(Debug)]
pub struct Key {
    zone: NameBuf,
    role: Role,
    usage: Use,
    tag: u16,
    rdata: Vec<u8>,
    metadata: Metadata,
    file: Arc<str>,
    private: PrivateKey,
    for_parent: bool,
}

impl Key {
    /// Binds the private key `pem` of `file` to a zone and a role. It signs, and is not revoked.
    ///
    /// # Errors
    /// A private key that cannot sign; a Zone, Algorithm or Key-Tag line that disagrees with the key.
    pub fn new(pem: PemKey, zone: &NameBuf, role: Role, file: &str) -> Result<Self> {
        let file: Arc<str> = Arc::from(file);
        let at = |fault: Fault| fault.at(Place::new(&file, pem.line, 0));
        let private = pem.private_key().map_err(at)?;
        let metadata = pem.metadata;
        if let Some(named) = metadata.zone.as_ref().filter(|named| *named != zone) {
            return Err(at(wrong_zone(named, zone)));
        }
        let algorithm = private.algorithm();
        if let Some(named) = metadata.algorithm.filter(|named| *named != algorithm) {
            return Err(at(Fault::error(format!(
                "the Algorithm line says {named}, but the key is one for {algorithm}"
            ))));
        }
        let head = [&role.flags().to_be_bytes()[..], &[3, algorithm.number()]].concat();
        let rdata = [head, private.public_key()].concat();
        let tag = key_tag(&rdata);
        if let Some(named) = metadata.key_tag.filter(|named| *named != tag) {
            return Err(at(Fault::error(format!(
                "the Key-Tag line says {named}, but the key's tag as a {role} is {tag}"
            ))
            .hint("the lines belong to another key, or to the same key in another role")));
        }
        let zone = zone.clone().to_lower_case();
        Ok(Self { zone, role, usage: Use::Signs, tag, rdata, metadata, file, private, for_parent: true })
    }

    /// The same key as its times have it at `now`; `None` if it is not to be in the zone.
    ///
    /// # Errors
    /// A revoked key that is not a KSK or CSK: only those are trust anchors, which RFC 5011 revokes.
    pub fn at(mut self, now: Time) -> Result<Option<Self>> {
        self.usage = match self.metadata.stage(now) {
            Stage::Waiting | Stage::Removed => return Ok(None),
            Stage::Published | Stage::Retired => Use::Published,
            Stage::Active => Use::Signs,
            Stage::Revoked => {
                self.revoke()?;
                Use::Signs
            }
        };
        Ok(Some(self))
    }

    /// The same key, doing this.
    pub(super) fn with_duty(mut self, usage: Use, for_parent: bool) -> Self {
        (self.usage, self.for_parent) = (usage, for_parent);
        self
    }

    /// Whether the parent should have a DS for it: it is an entry point, signs, and resolvers know it.
    #[must_use]
    pub fn is_for_parent(&self) -> bool {
        self.for_parent && self.role.signs_keys() && self.usage == Use::Signs && !self.is_revoked()
    }

    /// Sets the REVOKE flag: from here on the key signs DNSKEY alone (RFC 5011, section 2.1).
    pub(super) fn revoke(&mut self) -> Result<()> {
        if !self.role.signs_keys() {
            return Err(Fault::error("a zsk cannot be revoked: nobody's trust rests on it")
                .in_file(&self.file)
                .hint("give it a Retire and a Remove time in place of Revoke"));
        }
        self.rdata[1] |= REVOKE.to_be_bytes()[1];
        self.tag = key_tag(&self.rdata);
        Ok(())
    }

    /// From here on, the same message has the same signature (RFC 6979): see [`PrivateKey::deterministic`].
    pub fn deterministic(&mut self) {
        self.private.deterministic();
    }

    /// What to say where a sample key is used for anything but a demonstration.
    #[must_use]
    pub fn sample_warning(&self) -> Option<Fault> {
        let does = if self.usage() == Use::Signs { "signs" } else { "is published" };
        self.metadata().sample.then(|| {
            Fault::warning(format!("sample key {} {does}: everybody has it, and can sign as you", self.tag()))
                .in_file(self.file())
                .hint("make a key of your own with `zoneseal keygen ZONE`")
        })
    }

    /// The zone it signs, in lower case.
    #[must_use]
    pub fn zone(&self) -> &NameBuf {
        &self.zone
    }

    /// What it is for.
    #[must_use]
    pub fn role(&self) -> Role {
        self.role
    }

    /// Whether it signs now.
    #[must_use]
    pub fn usage(&self) -> Use {
        self.usage
    }

    /// Its algorithm.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.private.algorithm()
    }

    /// The flags of its DNSKEY (RFC 4034, section 2.1.1), REVOKE among them if it is revoked.
    #[must_use]
    pub fn flags(&self) -> u16 {
        u16::from_be_bytes([self.rdata[0], self.rdata[1]])
    }

    /// Whether its DNSKEY has the REVOKE flag.
    #[must_use]
    pub fn is_revoked(&self) -> bool {
        self.flags() & REVOKE != 0
    }

    /// The key tag of its DNSKEY as it is now.
    #[must_use]
    pub fn tag(&self) -> u16 {
        self.tag
    }

    /// The key tag its DNSKEY has once it is revoked.
    #[must_use]
    pub fn revoked_tag(&self) -> u16 {
        revoked_tag(&self.rdata)
    }

    /// The RDATA of its DNSKEY.
    #[must_use]
    pub fn rdata(&self) -> &[u8] {
        &self.rdata
    }

    /// The public key field of its DNSKEY.
    #[must_use]
    pub fn public_key(&self) -> &[u8] {
        &self.rdata[4..]
    }

    /// What its file says about it.
    #[must_use]
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// Its file, as the user named it.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Octets of each of its signatures.
    #[must_use]
    pub fn signature_len(&self) -> usize {
        self.private.signature_len()
    }

    /// Appends its signature over `message` to `out`: see [`PrivateKey::sign`].
    ///
    /// # Errors
    /// As [`PrivateKey::sign`].
    pub fn sign(&self, message: &[u8], out: &mut Vec<u8>) -> Result<()> {
        self.private.sign(message, out).map_err(|fault| fault.in_file(&self.file))
    }
}

/// The tag that the DNSKEY with this RDATA has once it is revoked.
pub(super) fn revoked_tag(rdata: &[u8]) -> u16 {
    let mut revoked = rdata.to_vec();
    revoked[1] |= REVOKE.to_be_bytes()[1];
    key_tag(&revoked)
}

pub(super) fn wrong_zone(named: &NameBuf, zone: &NameBuf) -> Fault {
    Fault::error(format!("this is a key of zone {named}, not of {zone}"))
}

/// A zone's name as the name of a file or folder: lower case, without the final dot, every octet but
/// `a-z 0-9 - _ .` as `%XX`, the root as `@`. A dot inside a label is `%2E`, so that no two zones share a
/// name; a slash never appears, nor a name of dots alone.
#[must_use]
pub fn zone_file_name(zone: Name<'_>) -> String {
    if zone.is_root() {
        return "@".to_owned();
    }
    let mut text = String::with_capacity(zone.wire().len());
    for (index, label) in zone.labels().enumerate() {
        if index > 0 {
            text.push('.');
        }
        for octet in label.iter().map(u8::to_ascii_lowercase) {
            match octet {
                b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' => text.push(octet.into()),
                // writing to a String cannot fail
                _ => drop(write!(text, "%{octet:02X}")),
            }
        }
    }
    text
}

/// The zone that such a name stands for; `None` if it is no zone's. With or without the final dot, which the
/// names of BIND's key files have.
#[must_use]
pub fn zone_of_file_name(name: &str) -> Option<NameBuf> {
    if name == "@" {
        return Some(NameBuf::root());
    }
    let mut pieces = name.split('%');
    let mut text = pieces.next()?.to_owned();
    for piece in pieces {
        // `from_str_radix` would take a sign as well
        let digits = piece.get(..2).filter(|digits| digits.bytes().all(|o| o.is_ascii_hexdigit()))?;
        let octet = u8::from_str_radix(digits, 16).ok()?;
        // writing to a String cannot fail
        let _ = write!(text, "\\{octet:03}{}", &piece[2..]);
    }
    NameBuf::from_text(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::pem;

    fn key(lines: &str, role: Role) -> Result<Key> {
        // RFC 8410, section 10.3: a published example, so no secret
        let text = format!(
            "{lines}-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n\
             -----END PRIVATE KEY-----\n"
        );
        let pem = pem::parse(text.as_bytes(), "k.pem").unwrap().remove(0);
        Key::new(pem, &NameBuf::from_text("Example.org").unwrap(), role, "k.pem")
    }

    #[test]
    fn metadata_must_agree_with_the_key() {
        let key_tag = key("", Role::Ksk).unwrap().tag();
        let agreed = format!("Zone: EXAMPLE.org\nAlgorithm: 15\nKey-Tag: {key_tag}\n");
        assert_eq!(key(&agreed, Role::Ksk).unwrap().zone().to_string(), "example.org.");
        for (lines, both) in [
            ("Zone: example.com.\n".to_owned(), ["example.com.".to_owned(), "xample.org.".to_owned()]),
            ("Algorithm: 13\n".to_owned(), ["ECDSAP256SHA256".to_owned(), "ED25519".to_owned()]),
            (format!("Key-Tag: {}\n", key_tag - 1), [(key_tag - 1).to_string(), key_tag.to_string()]),
        ] {
            let fault = key(&lines, Role::Ksk).unwrap_err();
            assert!(both.iter().all(|value| fault.message().contains(value)), "{fault}");
            assert_eq!(fault.place().unwrap().to_string(), "k.pem:2");
        }
        // the flags are part of the tag
        assert!(key(&agreed, Role::Zsk).unwrap_err().message().contains("as a zsk"));
    }

    #[test]
    fn times_decide_what_a_key_does() {
        let at = |lines: &str| key(lines, Role::Ksk).unwrap().at(Time(1_000_000_000)).unwrap();
        let (past, future) = ("2001-01-01T00:00:00Z", "2002-01-01T00:00:00Z");
        let usage = |lines: &str| at(lines).map(|key| key.usage());
        assert_eq!(usage(""), Some(Use::Signs));
        assert_eq!(usage(&format!("Publish: {future}\n")), None);
        assert_eq!(usage(&format!("Activate: {future}\n")), Some(Use::Published));
        assert_eq!(usage(&format!("Retire: {past}\n")), Some(Use::Published));
        assert_eq!(usage(&format!("Remove: {past}\n")), None);
        assert_eq!(usage(&format!("Publish: {past}\nRetire: {future}\n")), Some(Use::Signs));
    }

    #[test]
    fn a_revoked_key_has_the_flag_and_another_tag() {
        let lines = "Revoke: 2001-01-01T00:00:00Z\n";
        let plain = key("", Role::Csk).unwrap();
        let revoked = key(lines, Role::Csk).unwrap().at(Time(1_000_000_000)).unwrap().unwrap();
        assert!(revoked.is_revoked() && !plain.is_revoked());
        assert_eq!((plain.flags(), revoked.flags(), revoked.usage()), (257, 385, Use::Signs));
        assert_eq!(revoked.tag(), plain.revoked_tag());
        assert_eq!(revoked.tag(), key_tag(revoked.rdata()));
        assert_ne!(revoked.tag(), plain.tag());
        assert!(key(lines, Role::Zsk).unwrap().at(Time(1_000_000_000)).is_err());
    }

    #[test]
    fn zone_names_as_file_names() {
        for (zone, file) in [
            (".", "@"),
            ("Example.ORG.", "example.org"),
            ("0/25.2.0.192.in-addr.arpa.", "0%2F25.2.0.192.in-addr.arpa"),
            ("a\\.b.example.", "a%2Eb.example"),
            ("\\000\\255_x.", "%00%FF_x"),
            ("*.%.", "%2A.%25"),
            ("\\@.", "%40"),
        ] {
            let zone = NameBuf::from_text(zone).unwrap();
            assert_eq!(zone_file_name(zone.as_name()), file);
            assert_eq!(zone_of_file_name(file), Some(zone));
        }
        for other in ["a..b", "%", "%2", "%GG", "%+1", "a%2\u{e9}"] {
            assert_eq!(zone_of_file_name(other), None, "{other}");
        }
    }
}
