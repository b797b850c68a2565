//! A signed zone as lines that can be damaged, and signed again where the damage is not to be seen by its signature.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use zoneseal::dns::rrset::Rrsets;
use zoneseal::dns::time::Time;
use zoneseal::dns::{Class, NameBuf, Rtype};
use zoneseal::dnssec::nsec3::{Params, owner};
use zoneseal::dnssec::rrsig::Rrsig;
use zoneseal::keys::{Key, load_file};
use zoneseal::zonefile::reader::Reader;

use crate::common;

pub(crate) const ORIGIN: &str = "m.example.";

/// The unsigned zone.
const TEXT: &str = "\
$TTL 3600
@ SOA ns1 Host 1 7200 3600 1209600 600
@ NS ns1
@ MX 10 mail
alias CNAME mail
deep.ent A 192.0.2.3
dn DNAME mail
insecure NS ns.insecure
ns.insecure A 192.0.2.5
mail A 192.0.2.2
mail A 192.0.2.22
mail AAAA 2001:db8::2
ns1 A 192.0.2.1
secure NS ns.secure
secure DS 12345 13 2 00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF
ns.secure A 192.0.2.4
sub.only NS ns1
*.w TXT \"wild\"
";

/// A line of a zone file as `sign` writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) owner: String,
    pub(crate) ttl: u32,
    pub(crate) rtype: String,
    pub(crate) rdata: String,
}

impl Line {
    fn text(&self) -> String {
        format!("{}\t{}\tIN\t{}\t{}\n", self.owner, self.ttl, self.rtype, self.rdata)
    }

    fn covers(&self, rtype: &str) -> bool {
        self.rtype == "RRSIG" && self.rdata.split(' ').next() == Some(rtype)
    }
}

/// A signed zone and its keys.
pub(crate) struct Zone {
    pub(crate) lines: Vec<Line>,
    /// KSK and ZSK.
    keys: Vec<Key>,
    key_files: Vec<PathBuf>,
}

impl Clone for Zone {
    fn clone(&self) -> Self {
        let (lines, key_files) = (self.lines.clone(), self.key_files.clone());
        Self { lines, keys: load(&key_files), key_files }
    }
}

fn load(files: &[PathBuf]) -> Vec<Key> {
    let zone = NameBuf::from_text(ORIGIN).expect("a name");
    let keys = files.iter().map(|file| load_file(file, &zone, None, Time(0)).expect("a key"));
    keys.flat_map(|loaded| loaded.keys).collect()
}

impl Zone {
    /// The sample zone, signed in `folder` with new keys.
    pub(crate) fn sign(folder: &Path, algorithm: u8, options: &[&str]) -> Self {
        let key_files = common::keygen(folder, algorithm, ORIGIN);
        Self::sign_with(folder, &key_files, options)
    }

    /// The sample zone, signed with these keys.
    pub(crate) fn sign_with(folder: &Path, key_files: &[PathBuf], options: &[&str]) -> Self {
        let unsigned = common::write(folder, "unsigned", TEXT);
        let signed = folder.join("signed");
        common::sign(folder, ORIGIN, &signed, options, &unsigned, key_files).expect_ok("sign");
        let text = common::read(&signed);
        let lines = text.lines().filter(|line| !line.starts_with(';')).map(|line| {
            let words: Vec<&str> = line.splitn(5, '\t').collect();
            Line {
                owner: words[0].to_owned(),
                ttl: words[1].parse().expect("a TTL"),
                rtype: words[3].to_owned(),
                rdata: words[4].to_owned(),
            }
        });
        Self { lines: lines.collect(), keys: load(key_files), key_files: key_files.to_vec() }
    }

    /// As a zone file.
    pub(crate) fn text(&self) -> String {
        self.lines.iter().map(Line::text).collect()
    }

    /// The full name of a name below the apex; `@` is the apex.
    pub(crate) fn full(name: &str) -> String {
        if name == "@" { ORIGIN.to_owned() } else { format!("{name}.{ORIGIN}") }
    }

    /// The owner of the NSEC3 of a name, as a name below the apex.
    pub(crate) fn nsec3_of(name: &str) -> String {
        let (name, apex) = (NameBuf::from_text(&Self::full(name)), NameBuf::from_text(ORIGIN));
        let params = Params { iterations: 0, salt: Vec::new() };
        let owner = owner(&params.hash(name.expect("a name").as_name()), apex.expect("a name").as_name());
        owner.to_string().trim_end_matches(&format!(".{ORIGIN}")).to_owned()
    }

    /// The indices of a name's records of a type.
    pub(crate) fn all(&self, name: &str, rtype: &str) -> Vec<usize> {
        let owner = Self::full(name);
        let fits = |line: &Line| line.owner.eq_ignore_ascii_case(&owner) && line.rtype == rtype;
        (0..self.lines.len()).filter(|&at| fits(&self.lines[at])).collect()
    }

    /// The first record of a name and type.
    #[track_caller]
    pub(crate) fn one(&mut self, name: &str, rtype: &str) -> &mut Line {
        let at = self.all(name, rtype).first().copied();
        &mut self.lines[at.unwrap_or_else(|| panic!("no {rtype} at {name}"))]
    }

    /// The first RRSIG over a name's records of a type.
    #[track_caller]
    pub(crate) fn rrsig(&mut self, name: &str, rtype: &str) -> &mut Line {
        let owner = Self::full(name);
        let found =
            self.lines.iter_mut().find(|line| line.covers(rtype) && line.owner.eq_ignore_ascii_case(&owner));
        found.unwrap_or_else(|| panic!("no RRSIG over {rtype} at {name}"))
    }

    /// Changes a field of the first RRSIG over these records: 0 the type covered, 1 algorithm, 2 labels, 3 TTL,
    /// 4 expiration, 5 inception, 6 key tag, 7 signer, 8 signature.
    #[track_caller]
    pub(crate) fn rrsig_field(&mut self, name: &str, rtype: &str, field: usize, value: &str) {
        set_field(&mut self.rrsig(name, rtype).rdata, field, value);
    }

    /// Changes a field of the first record of this name and type.
    #[track_caller]
    pub(crate) fn field(&mut self, name: &str, rtype: &str, field: usize, value: &str) {
        set_field(&mut self.one(name, rtype).rdata, field, value);
    }

    /// Adds a record behind those of its name; a name that is not there comes last, out of order.
    pub(crate) fn add(&mut self, name: &str, ttl: u32, rtype: &str, rdata: &str) {
        let owner = Self::full(name);
        let last = self.lines.iter().rposition(|line| line.owner == owner);
        let line = Line { owner, ttl, rtype: rtype.to_owned(), rdata: rdata.to_owned() };
        self.lines.insert(last.map_or(self.lines.len(), |last| last + 1), line);
    }

    /// Removes the records of a name and type, and the signatures over them.
    pub(crate) fn remove(&mut self, name: &str, rtype: &str) {
        self.remove_signatures(name, rtype);
        self.remove_records(name, rtype);
    }

    /// Removes the records alone.
    pub(crate) fn remove_records(&mut self, name: &str, rtype: &str) {
        let owner = Self::full(name);
        self.lines.retain(|line| !(line.owner.eq_ignore_ascii_case(&owner) && line.rtype == rtype));
    }

    /// Removes the signatures alone.
    pub(crate) fn remove_signatures(&mut self, name: &str, rtype: &str) {
        let owner = Self::full(name);
        self.lines.retain(|line| !(line.owner.eq_ignore_ascii_case(&owner) && line.covers(rtype)));
    }

    /// Removes a name.
    pub(crate) fn remove_name(&mut self, name: &str) {
        let owner = Self::full(name);
        self.lines.retain(|line| line.owner != owner);
    }

    /// Makes the signatures over a name's records of a type again, with the fields that their RRSIGs have.
    pub(crate) fn resign(&mut self, name: &str, rtype: &str) {
        let owner = Self::full(name);
        let text: String = self
            .lines
            .iter()
            .filter(|line| line.owner == owner && line.rtype == rtype)
            .map(Line::text)
            .collect();
        let mut sets = Rrsets::default();
        let mut reader = Reader::of_text(text.into_bytes(), "set", None);
        let mut started = false;
        while let Some(entry) = reader.next().expect("the test's records can be read") {
            if !std::mem::replace(&mut started, true) {
                sets.start(entry.record.owner);
            }
            sets.push(entry.record.rtype, entry.record.ttl, entry.record.rdata);
        }
        sets.sort();
        let set = sets.find(Rtype::from_text(rtype.as_bytes()).expect("a type")).expect("a set");
        for line in self.lines.iter_mut().filter(|line| line.owner == owner && line.covers(rtype)) {
            let mut reader = Reader::of_text(line.text().into_bytes(), "rrsig", None);
            let entry = reader.next().expect("an RRSIG").expect("one");
            let rrsig = Rrsig::parse(entry.record.rdata).expect("an RRSIG");
            let fits = |key: &&Key| key.tag() == rrsig.key_tag && key.algorithm().number() == rrsig.algorithm;
            let Some(key) = self.keys.iter().find(fits) else { continue };
            let (mut data, mut signature) = (Vec::new(), Vec::new());
            rrsig.signed_data(set, Class::IN, &mut data);
            key.sign(&data, &mut signature).expect("a signature");
            let mut text = Vec::new();
            zoneseal::dns::text::push_base64(&signature, &mut text);
            set_field(&mut line.rdata, 8, &String::from_utf8(text).expect("ASCII"));
        }
    }

    /// Signs a name's records of a type anew, as the SOA is signed, with key 0, the KSK, or 1, the ZSK.
    pub(crate) fn sign_set(&mut self, name: &str, rtype: &str, key: usize) {
        self.remove_signatures(name, rtype);
        self.add_signature(name, rtype, key);
        self.resign(name, rtype);
    }

    /// Adds a signature with the right fields, not made yet.
    pub(crate) fn add_signature(&mut self, name: &str, rtype: &str, key: usize) {
        let mut rdata = self.rrsig("@", "SOA").rdata.clone();
        let line = self.one(name, rtype).clone();
        let labels = NameBuf::from_text(&line.owner).expect("a name").as_name().rrsig_labels();
        for (field, value) in [
            (0, rtype.to_owned()),
            (2, labels.to_string()),
            (3, line.ttl.to_string()),
            (6, self.keys[key].tag().to_string()),
        ] {
            set_field(&mut rdata, field, &value);
        }
        self.add(name, line.ttl, "RRSIG", &rdata);
    }

    /// The tag of key 0, the KSK, or 1, the ZSK.
    pub(crate) fn tag(&self, key: usize) -> u16 {
        self.keys[key].tag()
    }

    /// The DNSKEY line of a key.
    pub(crate) fn dnskey(&mut self, key: usize) -> &mut Line {
        let flags = if key == 0 { "257 " } else { "256 " };
        let found =
            self.lines.iter_mut().find(|line| line.rtype == "DNSKEY" && line.rdata.starts_with(flags));
        found.expect("the key is in the zone")
    }

    /// Adds a type to a bitmap that stands at the end of RDATA, or takes it out.
    pub(crate) fn bitmap(&mut self, name: &str, rtype: &str, take: &str, put: &str) {
        let line = self.one(name, rtype);
        let mut words: Vec<String> = line.rdata.split(' ').map(str::to_owned).collect();
        words.retain(|word| word != take);
        if !put.is_empty() {
            words.push(put.to_owned());
        }
        line.rdata = words.join(" ");
    }
}

/// Changes a word of RDATA.
pub(crate) fn set_field(rdata: &mut String, field: usize, value: &str) {
    let mut out = String::new();
    for (at, word) in rdata.split(' ').enumerate() {
        let _ = write!(out, "{}{}", if at > 0 { " " } else { "" }, if at == field { value } else { word });
    }
    *rdata = out;
}

/// The text with another character in the middle: of base64 and hexadecimal, one that both have.
pub(crate) fn spoilt(text: &str) -> String {
    let at = text.len() / 2;
    let other = if &text[at..=at] == "A" { "B" } else { "A" };
    format!("{}{other}{}", &text[..at], &text[at + 1..])
}
