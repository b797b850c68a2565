//! EPP, the protocol between registrars and registries: the DNSSEC extension secDNS-1.1 (RFC 5910) and the command
//! around it (RFC 5730, RFC 5731).
//!
//! A registry takes DS data or key data, never both side by side (RFC 5910, section 4); with key data it makes the
//! digests itself.

use super::compare::Comparison;
use super::{Delegation, Dnskey, hex, undotted};
use crate::dns::Name;
use crate::dnssec::ds::Ds;

/// What the registry takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interface {
    /// DS records.
    Ds,
    /// DNSKEYs.
    Key,
}

/// What an element or command asks for.
#[derive(Clone, Debug)]
enum Data {
    Ds(Ds),
    Key(Dnskey),
}

/// What of the registry's data goes before the new is added.
#[derive(Clone, Debug)]
enum Remove {
    Nothing,
    These(Vec<Data>),
    All,
}

/// A change of what the registry has.
#[derive(Clone, Debug)]
pub struct Update {
    remove: Remove,
    add: Vec<Data>,
}

const SECDNS: (&str, &str) = ("xmlns:secDNS", "urn:ietf:params:xml:ns:secDNS-1.1");

/// The `<secDNS:create>` element for a delegation that the registry makes anew.
#[must_use]
pub fn create(interface: Interface, delegation: &Delegation) -> String {
    let mut xml = Xml::default();
    xml.open("secDNS:create", Some(SECDNS));
    write_all(&data(interface, delegation), &mut xml);
    xml.close();
    xml.text
}

fn data(interface: Interface, delegation: &Delegation) -> Vec<Data> {
    match interface {
        Interface::Ds => delegation.ds().cloned().map(Data::Ds).collect(),
        Interface::Key => delegation.keys.iter().map(|key| Data::Key(key.fields())).collect(),
    }
}

impl Update {
    /// The update that adds everything: for a registry that has nothing of the zone.
    #[must_use]
    pub fn adding(interface: Interface, delegation: &Delegation) -> Self {
        Self { remove: Remove::Nothing, add: data(interface, delegation) }
    }

    /// The update that makes of what the parent has what it should have; `None`: there is nothing to change.
    #[must_use]
    pub fn of(interface: Interface, comparison: &Comparison<'_>) -> Option<Self> {
        let stale = comparison.stale().count() > 0;
        let delegation = comparison.delegation();
        let (remove, add) = match interface {
            Interface::Ds => {
                let stale = comparison.stale().cloned().map(Data::Ds).collect();
                (Remove::These(stale), comparison.missing.iter().cloned().map(Data::Ds).collect())
            }
            Interface::Key => match comparison.stale_keys() {
                Some(keys) => {
                    let stale = keys.into_iter().map(|key| Data::Key(Dnskey::of(key))).collect();
                    // which digests there are is up to the registry
                    let lacking = comparison.without_ds().filter(|_| !delegation.leaves);
                    let add = lacking.map(|key| Data::Key(key.fields())).collect();
                    (Remove::These(stale), add)
                }
                // a key that is not known cannot be named: all go, and those that should be there come again
                None if delegation.leaves => (Remove::All, Vec::new()),
                None => (Remove::All, data(interface, delegation)),
            },
        };
        let remove = if stale { remove } else { Remove::Nothing };
        (stale || !add.is_empty()).then_some(Self { remove, add })
    }

    /// The `<secDNS:update>` element.
    #[must_use]
    pub fn element(&self) -> String {
        let mut xml = Xml::default();
        self.write(&mut xml);
        xml.text
    }

    /// The whole command that updates a domain.
    #[must_use]
    pub fn command(&self, owner: Name<'_>) -> String {
        let mut xml =
            Xml { text: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned(), open: Vec::new() };
        xml.open("epp", Some(("xmlns", "urn:ietf:params:xml:ns:epp-1.0")));
        xml.open("command", None);
        xml.open("update", None);
        xml.open("domain:update", Some(("xmlns:domain", "urn:ietf:params:xml:ns:domain-1.0")));
        xml.leaf("domain:name", &undotted(owner));
        xml.close();
        xml.close();
        xml.open("extension", None);
        self.write(&mut xml);
        while !xml.open.is_empty() {
            xml.close();
        }
        xml.text
    }

    fn write(&self, xml: &mut Xml) {
        xml.open("secDNS:update", Some(SECDNS));
        match &self.remove {
            Remove::Nothing => {}
            Remove::These(these) => {
                xml.open("secDNS:rem", None);
                write_all(these, xml);
                xml.close();
            }
            Remove::All => {
                xml.open("secDNS:rem", None);
                xml.leaf("secDNS:all", "true");
                xml.close();
            }
        }
        if !self.add.is_empty() {
            xml.open("secDNS:add", None);
            write_all(&self.add, xml);
            xml.close();
        }
        xml.close();
    }
}

impl Data {
    fn write(&self, xml: &mut Xml) {
        match self {
            Self::Ds(ds) => {
                xml.open("secDNS:dsData", None);
                xml.leaf("secDNS:keyTag", &ds.key_tag.to_string());
                xml.leaf("secDNS:alg", &ds.algorithm.to_string());
                xml.leaf("secDNS:digestType", &ds.digest_type.to_string());
                xml.leaf("secDNS:digest", &hex(&ds.digest));
            }
            Self::Key(key) => {
                xml.open("secDNS:keyData", None);
                xml.leaf("secDNS:flags", &key.flags.to_string());
                xml.leaf("secDNS:protocol", &key.protocol.to_string());
                xml.leaf("secDNS:alg", &key.algorithm.to_string());
                xml.leaf("secDNS:pubKey", &key.public_key);
            }
        }
        xml.close();
    }
}

fn write_all(list: &[Data], xml: &mut Xml) {
    for data in list {
        data.write(xml);
    }
}

/// Elements as they are opened and closed, one a line.
#[derive(Default)]
struct Xml {
    text: String,
    open: Vec<&'static str>,
}

impl Xml {
    /// With a declaration of its namespace, perhaps. Both are ours: nothing in them needs escaping.
    fn open(&mut self, name: &'static str, namespace: Option<(&str, &str)>) {
        let namespace =
            namespace.map_or_else(String::new, |(attribute, name)| format!(" {attribute}=\"{name}\""));
        self.line(&format!("<{name}{namespace}>"));
        self.open.push(name);
    }

    fn leaf(&mut self, name: &str, text: &str) {
        let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        self.line(&format!("<{name}>{text}</{name}>"));
    }

    fn close(&mut self) {
        let name = self.open.pop().expect("what is closed was opened");
        self.line(&format!("</{name}>"));
    }

    fn line(&mut self, text: &str) {
        self.text.extend(std::iter::repeat_n("  ", self.open.len()));
        self.text.push_str(text);
        self.text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dnssec::ds::Digest;
    use crate::registrar::compare::{Other, compare};
    use crate::registrar::sample;

    #[test]
    fn never_both_kinds_side_by_side() {
        let zone = sample("example.org.", &[Digest::Sha256, Digest::Sha384]);
        let (ds, key) = (create(Interface::Ds, &zone), create(Interface::Key, &zone));
        assert_eq!((ds.matches("<secDNS:dsData>").count(), ds.contains("keyData")), (2, false));
        assert_eq!((key.matches("<secDNS:keyData>").count(), key.contains("dsData")), (1, false));
        assert!(key.contains("<secDNS:flags>257</secDNS:flags>"), "{key}");
    }

    #[test]
    fn what_goes_and_what_comes() {
        let zone = sample("example.org.", &[Digest::Sha256]);
        let good = zone.keys[0].ds[0].clone();
        let update = |parent: &[Ds], others: &[Other], interface| {
            Update::of(interface, &compare(parent, &zone, others, false)).map(|update| update.element())
        };
        for interface in [Interface::Ds, Interface::Key] {
            assert_eq!(update(std::slice::from_ref(&good), &[], interface), None);
            let first = update(&[], &[], interface).unwrap();
            assert!(first.contains("<secDNS:add>") && !first.contains("<secDNS:rem>"), "{first}");
            assert_eq!(first, Update::adding(interface, &zone).element());
        }
        let stale = Ds { key_tag: 1, ..good.clone() };
        let ds = update(&[good.clone(), stale.clone()], &[], Interface::Ds).unwrap();
        assert!(ds.contains("<secDNS:keyTag>1<") && !ds.contains("<secDNS:add>"), "{ds}");
        let key = update(&[good, stale], &[], Interface::Key).unwrap();
        assert!(key.contains("<secDNS:all>true<") && key.contains("<secDNS:add>"), "{key}");

        let both = sample("example.org.", &[Digest::Sha256, Digest::Sha384]);
        let first = [both.keys[0].ds[0].clone()];
        let update = |interface| Update::of(interface, &compare(&first, &both, &[], true)).is_some();
        assert_eq!([Interface::Ds, Interface::Key].map(update), [true, false], "digests are the registry's");
    }

    #[test]
    fn a_key_that_is_known_is_named() {
        let zone = sample("example.org.", &[Digest::Sha256]);
        let mut retired = zone.keys[0].dnskey.clone();
        retired[9] ^= 1;
        let old = Ds::of(zone.owner.as_name(), &retired, Digest::Sha256).unwrap();
        let others = [Other { dnskey: retired, why: "is retired", may_stay: false }];
        let update = Update::of(Interface::Key, &compare(&[old], &zone, &others, false));
        let key = update.unwrap().element();
        assert_eq!(
            (key.matches("<secDNS:keyData>").count(), key.contains("<secDNS:all>")),
            (2, false),
            "{key}"
        );
    }

    #[test]
    fn names_are_escaped() {
        let command = Update::adding(Interface::Ds, &sample("a\\&<b.example.", &[]))
            .command(crate::dns::NameBuf::from_text("a&<b.example.").unwrap().as_name());
        assert!(command.contains("<domain:name>a&amp;&lt;b.example</domain:name>"), "{command}");
    }
}
