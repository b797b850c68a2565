//! Every kind of damage there is, and what must be found of it.

use crate::Zones;
use crate::zone::{Zone, set_field, spoilt};
use std::collections::BTreeSet;

/// Its name, what it is done to, the rules that must fire with the one named first in front, and what is done.
type Damage = (&'static str, Chain, &'static str, fn(&mut Zone));

/// The zones a damage is done to. In the rules `*` stands for `nsec` or `nsec3`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Chain {
    /// All of them.
    Any,
    Nsec,
    /// NSEC3 with and without opt-out.
    Nsec3,
    /// NSEC3 without opt-out.
    Whole,
    OptOut,
}

use Chain::{Any, Nsec, Nsec3, OptOut, Whole};

const DAMAGE: &[Damage] = &[
    // a field of an RRSIG, the signature as it was
    ("rrsig: type covered", Any, "rrsig-alone unsigned", |z| z.rrsig_field("mail", "AAAA", 0, "TXT")),
    ("rrsig: algorithm", Any, "unsigned rrsig-key", |z| z.rrsig_field("mail", "AAAA", 1, "10")),
    ("rrsig: labels", Any, "rrsig-labels rrsig-bogus", |z| z.rrsig_field("mail", "AAAA", 2, "2")),
    ("rrsig: labels too many", Any, "rrsig-labels rrsig-bogus", |z| z.rrsig_field("mail", "AAAA", 2, "4")),
    ("rrsig: original TTL", Any, "rrsig-ttl rrsig-bogus", |z| z.rrsig_field("mail", "AAAA", 3, "3601")),
    ("rrsig: expiration", Any, "rrsig-bogus", |z| z.rrsig_field("mail", "AAAA", 4, "20371231000000")),
    ("rrsig: expired", Any, "rrsig-time rrsig-bogus", |z| z.rrsig_field("mail", "AAAA", 4, "20200101000000")),
    ("rrsig: inception", Any, "rrsig-bogus", |z| z.rrsig_field("mail", "AAAA", 5, "20250101000000")),
    ("rrsig: not yet", Any, "rrsig-time rrsig-bogus", |z| z.rrsig_field("mail", "AAAA", 5, "20371231000000")),
    ("rrsig: key tag", Any, "unsigned rrsig-key", |z| {
        let other = (z.tag(1) ^ 1).to_string();
        z.rrsig_field("mail", "AAAA", 6, &other);
    }),
    ("rrsig: another key of the zone", Any, "rrsig-bogus", |z| {
        let other = z.tag(0).to_string();
        z.rrsig_field("mail", "AAAA", 6, &other);
    }),
    ("rrsig: signer", Any, "rrsig-signer rrsig-bogus", |z| z.rrsig_field("mail", "AAAA", 7, "example.")),
    ("rrsig: signature", Any, "rrsig-bogus", |z| {
        let rdata = z.rrsig("mail", "AAAA").rdata.clone();
        z.rrsig_field("mail", "AAAA", 8, &spoilt(rdata.split(' ').nth(8).unwrap()));
    }),
    ("rrsig: signature cut short", Any, "rrsig-bogus", |z| z.rrsig_field("mail", "AAAA", 8, "AAAA")),
    ("rrsig: its own TTL", Any, "rrsig-ttl", |z| z.rrsig("mail", "AAAA").ttl = 60),
    ("rrsig: signature of another set", Any, "rrsig-bogus", |z| {
        let rdata = z.rrsig("mail", "A").rdata.clone();
        z.rrsig_field("mail", "AAAA", 8, rdata.split(' ').nth(8).unwrap());
    }),
    // the same, with a signature that is good
    ("signed: labels", Any, "rrsig-labels", |z| signed(z, "mail", "AAAA", 2, "2")),
    ("signed: original TTL", Any, "rrsig-ttl", |z| signed(z, "mail", "AAAA", 3, "7200")),
    ("signed: expired", Any, "rrsig-time", |z| {
        z.rrsig_field("mail", "AAAA", 5, "20190101000000");
        signed(z, "mail", "AAAA", 4, "20200101000000");
    }),
    ("signed: not yet", Any, "rrsig-time", |z| {
        z.rrsig_field("mail", "AAAA", 4, "20390101000000");
        signed(z, "mail", "AAAA", 5, "20380120000000");
    }),
    ("signed: ends before it begins", Any, "rrsig-time", |z| signed(z, "mail", "AAAA", 4, "20200101000000")),
    ("signed: signer", Any, "rrsig-signer", |z| signed(z, "mail", "AAAA", 7, "mail.m.example.")),
    ("signed: an expired one beside it", Any, "rrsig-spare", |z| {
        z.add_signature("mail", "AAAA", 0);
        let last = z.all("mail", "RRSIG").pop().unwrap();
        set_field(&mut z.lines[last].rdata, 5, "20190101000000");
        set_field(&mut z.lines[last].rdata, 4, "20200101000000");
        z.resign("mail", "AAAA");
    }),
    ("signed: a bogus one beside it", Any, "rrsig-spare", |z| z.add_signature("mail", "AAAA", 0)),
    ("signed: one of an unknown key beside it", Any, "rrsig-key", |z| {
        let mut rdata = z.rrsig("mail", "AAAA").rdata.clone();
        let other = (z.tag(1) ^ 1).to_string();
        set_field(&mut rdata, 6, &other);
        z.add("mail", 3600, "RRSIG", &rdata);
    }),
    // signatures missing, or where none belongs
    ("no signature", Any, "unsigned", |z| z.remove_signatures("mail", "AAAA")),
    ("no signature over the SOA", Any, "unsigned", |z| z.remove_signatures("@", "SOA")),
    ("no signature over a wildcard", Nsec, "unsigned", |z| z.remove_signatures("*.w", "TXT")),
    ("no signature over the DNSKEYs", Any, "unsigned", |z| z.remove_signatures("@", "DNSKEY")),
    // of the only set: its NSEC3 has RRSIG in its bitmap
    ("no signature over a wildcard", Nsec3, "unsigned nsec3-types", |z| z.remove_signatures("*.w", "TXT")),
    ("no signature over a DS", Nsec, "unsigned", |z| z.remove_signatures("secure", "DS")),
    ("no signature over a DS", Nsec3, "unsigned nsec3-types", |z| z.remove_signatures("secure", "DS")),
    ("no signature over a DNAME", Nsec3, "unsigned nsec3-types", |z| z.remove_signatures("dn", "DNAME")),
    ("no signature over a DNAME", Nsec, "unsigned", |z| z.remove_signatures("dn", "DNAME")),
    ("signature over RRSIG", Any, "rrsig-alone", |z| {
        let mut rdata = z.rrsig("mail", "AAAA").rdata.clone();
        set_field(&mut rdata, 0, "RRSIG");
        z.add("mail", 3600, "RRSIG", &rdata);
    }),
    ("signature over a type that is not there", Any, "rrsig-alone", |z| {
        let mut rdata = z.rrsig("mail", "AAAA").rdata.clone();
        set_field(&mut rdata, 0, "TXT");
        z.add("mail", 3600, "RRSIG", &rdata);
    }),
    ("signature over glue", Any, "signed", |z| z.sign_set("ns.secure", "A", 1)),
    ("signature over a delegation's NS", Any, "signed", |z| z.sign_set("secure", "NS", 1)),
    ("signature below a delegation, over nothing", Any, "rrsig-alone", |z| {
        let rdata = z.rrsig("mail", "AAAA").rdata.clone();
        z.add("ns.secure", 3600, "RRSIG", &rdata);
    }),
    // data
    ("data: an address changed", Any, "rrsig-bogus", |z| z.one("mail", "AAAA").rdata = "2001:db8::3".into()),
    ("data: a name changed", Any, "rrsig-bogus", |z| z.one("@", "MX").rdata = "10 male.m.example.".into()),
    ("data: the serial raised", Any, "rrsig-bogus", |z| z.field("@", "SOA", 2, "2")),
    ("data: a record added to a set", Any, "rrsig-bogus", |z| z.add("mail", 3600, "A", "192.0.2.66")),
    ("data: a record removed from a set", Any, "rrsig-bogus", |z| {
        let first = z.all("mail", "A")[0];
        z.lines.remove(first);
    }),
    ("data: a set removed", Any, "rrsig-alone *-types", |z| z.remove_records("mail", "AAAA")),
    ("data: a set and its signature removed", Any, "*-types", |z| z.remove("mail", "AAAA")),
    ("data: a set added", Any, "unsigned *-types", |z| z.add("mail", 3600, "TXT", "\"new\"")),
    ("data: a signed set added", Any, "*-types", |z| {
        z.add("mail", 3600, "TXT", "\"new\"");
        z.sign_set("mail", "TXT", 1);
    }),
    ("data: a name removed", Nsec, "nsec-next", |z| z.remove_name("mail")),
    ("data: a name removed", Nsec3, "nsec3-extra", |z| z.remove_name("mail")),
    ("data: a name added", Nsec, "unsigned nsec-missing nsec-next", |z| {
        z.add("mall", 3600, "TXT", "\"new\"");
    }),
    ("data: a name added", Nsec3, "unsigned nsec3-missing", |z| z.add("mall", 3600, "TXT", "\"new\"")),
    ("data: an empty non-terminal comes to be", Nsec3, "unsigned nsec3-missing", |z| {
        z.add("a.b", 3600, "TXT", "\"new\"");
    }),
    ("data: the last name below an empty non-terminal removed", Nsec3, "nsec3-extra", |z| {
        z.remove_name("deep.ent");
    }),
    ("data: a set moved below a cut", Any, "signed *-types", |z| {
        for at in 0..z.lines.len() {
            let line = &mut z.lines[at];
            let address = line.rtype == "AAAA" || line.rdata.starts_with("AAAA ");
            if line.owner == "mail.m.example." && address {
                line.owner = "mail.secure.m.example.".into();
            }
        }
    }),
    ("data: a name becomes a cut", Any, "signed *-types", |z| z.add("mail", 3600, "NS", "ns1.m.example.")),
    ("data: a cut is no longer one", Any, "*-types ds-alone", |z| {
        z.remove("secure", "NS");
        z.remove_name("ns.secure");
    }),
    ("data: glue comes to light", Nsec, "unsigned nsec-missing nsec-next", |z| z.remove_name("secure")),
    ("data: glue comes to light", Nsec3, "unsigned nsec3-missing nsec3-types", |z| z.remove_name("secure")),
    ("data: a DS removed", Any, "*-types", |z| z.remove("secure", "DS")),
    ("data: a DS changed", Any, "rrsig-bogus", |z| z.field("secure", "DS", 0, "12346")),
    ("data: a DS added to an insecure delegation", Nsec, "unsigned nsec-types", |z| {
        let rdata = z.one("secure", "DS").rdata.clone();
        z.add("insecure", 3600, "DS", &rdata);
    }),
    ("data: a DS with SHA-1", Any, "weak-digest", |z| {
        z.one("secure", "DS").rdata = "12345 13 1 00112233445566778899AABBCCDDEEFF00112233".into();
        z.resign("secure", "DS");
    }),
    ("data: CNAME and other data", Any, "cname *-types", |z| {
        z.add("alias", 3600, "TXT", "\"new\"");
        z.sign_set("alias", "TXT", 1);
    }),
    ("data: two CNAMEs", Any, "singleton", |z| {
        z.add("alias", 3600, "CNAME", "ns1.m.example.");
        z.resign("alias", "CNAME");
    }),
    ("data: two DNAMEs", Any, "singleton", |z| {
        z.add("dn", 3600, "DNAME", "ns1.m.example.");
        z.resign("dn", "DNAME");
    }),
    ("data: a DS at the apex", Any, "ds-at-apex *-types", |z| {
        let rdata = z.one("secure", "DS").rdata.clone();
        z.add("@", 3600, "DS", &rdata);
        z.sign_set("@", "DS", 1);
    }),
    ("data: two SOAs", Any, "soa", |z| z.add("@", 3600, "SOA", "a.m.example. b.m.example. 2 1 1 1 1")),
    ("data: no SOA", Any, "soa", |z| z.remove("@", "SOA")),
    ("data: a SOA below the apex", Any, "soa *-types", |z| {
        let rdata = z.one("@", "SOA").rdata.clone();
        z.add("mail", 3600, "SOA", &rdata);
        z.sign_set("mail", "SOA", 1);
    }),
    ("data: a DNSKEY below the apex", Any, "dnskey *-types", |z| {
        let rdata = z.dnskey(1).rdata.clone();
        z.add("mail", 3600, "DNSKEY", &rdata);
        z.sign_set("mail", "DNSKEY", 1);
    }),
    ("data: no NS at the apex", Any, "*-types apex-ns", |z| z.remove("@", "NS")),
    ("data: outside the zone", Any, "out-of-zone", |z| {
        z.add("@", 60, "TXT", "\"elsewhere\"");
        z.lines.iter_mut().filter(|line| line.ttl == 60).for_each(|line| line.owner = "example.".into());
    }),
    // TTLs
    ("TTL: of a set", Any, "rrsig-ttl", |z| z.one("mail", "AAAA").ttl = 60),
    ("TTL: of the first record of a set", Any, "rrsig-ttl ttl-differs", |z| z.one("mail", "A").ttl = 60),
    ("TTL: of the last record of a set", Any, "ttl-differs", |z| {
        let last = z.all("mail", "A")[1];
        z.lines[last].ttl = 60;
    }),
    ("TTL: the SOA's minimum", Any, "*-ttl", |z| {
        z.field("@", "SOA", 6, "900");
        z.resign("@", "SOA");
    }),
    // NSEC
    ("nsec: next name", Nsec, "rrsig-bogus nsec-next", |z| z.field("mail", "NSEC", 0, "secure.m.example.")),
    ("nsec: next name, signed", Nsec, "nsec-next", |z| {
        z.field("mail", "NSEC", 0, "secure.m.example.");
        z.resign("mail", "NSEC");
    }),
    ("nsec: next name backwards, signed", Nsec, "nsec-next", |z| {
        z.field("mail", "NSEC", 0, "alias.m.example.");
        z.resign("mail", "NSEC");
    }),
    // RFC 6840, section 5.1: it is not lowered
    ("nsec: next name in capitals", Nsec, "rrsig-bogus", |z| z.field("mail", "NSEC", 0, "NS1.m.example.")),
    ("nsec: the last does not close the chain", Nsec, "nsec-next", |z| {
        z.field("*.w", "NSEC", 0, "zz.m.example.");
        z.resign("*.w", "NSEC");
    }),
    ("nsec: a type missing", Nsec, "rrsig-bogus nsec-types", |z| z.bitmap("mail", "NSEC", "AAAA", "")),
    ("nsec: a type too many, signed", Nsec, "nsec-types", |z| {
        z.bitmap("mail", "NSEC", "", "TXT");
        z.resign("mail", "NSEC");
    }),
    ("nsec: a type missing, signed", Nsec, "nsec-types", |z| {
        z.bitmap("mail", "NSEC", "AAAA", "");
        z.resign("mail", "NSEC");
    }),
    ("nsec: glue listed at a delegation, signed", Nsec, "nsec-types", |z| {
        z.bitmap("secure", "NSEC", "", "A");
        z.resign("secure", "NSEC");
    }),
    ("nsec: removed", Nsec, "nsec-missing", |z| z.remove_records("mail", "NSEC")),
    ("nsec: removed with its signature", Nsec, "nsec-missing", |z| z.remove("mail", "NSEC")),
    ("nsec: the apex's removed", Nsec, "no-chain", |z| z.remove("@", "NSEC")),
    ("nsec: doubled", Nsec, "nsec-missing", |z| {
        z.add("mail", 600, "NSEC", "secure.m.example. A AAAA RRSIG NSEC");
        z.resign("mail", "NSEC");
    }),
    ("nsec: swapped with another name's", Nsec, "rrsig-bogus nsec-types nsec-next", |z| {
        let (one, other) = (z.one("mail", "NSEC").rdata.clone(), z.one("alias", "NSEC").rdata.clone());
        z.one("mail", "NSEC").rdata = other;
        z.one("alias", "NSEC").rdata = one;
    }),
    ("nsec: at glue", Nsec, "nsec-extra", |z| z.add("ns.secure", 600, "NSEC", "sub.only.m.example. A NSEC")),
    ("nsec: at a name that is not there", Nsec, "nsec-extra", |z| {
        z.add("mall", 600, "NSEC", "ns1.m.example. RRSIG NSEC");
        z.sign_set("mall", "NSEC", 1);
    }),
    ("nsec: in a zone of NSEC3", Nsec3, "unsigned nsec-extra nsec3-types", |z| {
        z.add("mail", 600, "NSEC", "ns1.m.example. A AAAA RRSIG NSEC");
    }),
    ("nsec: TTL", Nsec, "nsec-ttl", |z| {
        z.one("mail", "NSEC").ttl = 3600;
        z.sign_set("mail", "NSEC", 1);
    }),
    // NSEC3
    ("nsec3: owner", Nsec3, "rrsig-bogus nsec3-missing nsec3-extra nsec3-next", |z| {
        let owner = Zone::full(&Zone::nsec3_of("mail"));
        let other = format!("{}{}", if owner.starts_with('0') { "1" } else { "0" }, &owner[1..]);
        z.lines.iter_mut().filter(|line| line.owner == owner).for_each(|line| line.owner.clone_from(&other));
    }),
    ("nsec3: next hash", Nsec3, "rrsig-bogus nsec3-next", |z| next_hash(z, false)),
    ("nsec3: next hash, signed", Nsec3, "nsec3-next", |z| next_hash(z, true)),
    ("nsec3: hash algorithm", Nsec3, "rrsig-bogus nsec3-layout nsec3-missing nsec3-next", |z| {
        z.field(&Zone::nsec3_of("mail"), "NSEC3", 0, "2");
    }),
    ("nsec3: unknown flag, signed", Nsec3, "nsec3-layout", |z| signed_nsec3(z, "mail", 1, "2")),
    ("nsec3: flags", Whole, "rrsig-bogus", |z| z.field(&Zone::nsec3_of("ent"), "NSEC3", 1, "1")),
    ("nsec3: flags", OptOut, "rrsig-bogus nsec3-opt-out", |z| {
        z.field(&Zone::nsec3_of("ent"), "NSEC3", 1, "0");
    }),
    ("nsec3: iterations, signed", Nsec3, "nsec3-missing nsec3-next nsec3-unnamed", |z| {
        signed_nsec3(z, "mail", 2, "1");
    }),
    ("nsec3: salt, signed", Nsec3, "nsec3-missing nsec3-next nsec3-unnamed", |z| {
        signed_nsec3(z, "mail", 3, "AB");
    }),
    ("nsec3: a type missing, signed", Nsec3, "nsec3-types", |z| {
        let mail = Zone::nsec3_of("mail");
        z.bitmap(&mail, "NSEC3", "AAAA", "");
        z.resign(&mail, "NSEC3");
    }),
    ("nsec3: a type too many, signed", Nsec3, "nsec3-types", |z| {
        let mail = Zone::nsec3_of("mail");
        z.bitmap(&mail, "NSEC3", "", "NSEC3");
        z.resign(&mail, "NSEC3");
    }),
    ("nsec3: a type at an empty non-terminal, signed", Nsec3, "nsec3-types", |z| {
        let ent = Zone::nsec3_of("ent");
        z.bitmap(&ent, "NSEC3", "", "A");
        z.resign(&ent, "NSEC3");
    }),
    ("nsec3: removed", Nsec3, "nsec3-missing nsec3-next", |z| z.remove_name(&Zone::nsec3_of("mail"))),
    ("nsec3: removed, its signature left", Nsec3, "rrsig-alone nsec3-missing nsec3-next", |z| {
        z.remove_records(&Zone::nsec3_of("mail"), "NSEC3");
    }),
    ("nsec3: an empty non-terminal's removed", Nsec3, "nsec3-missing nsec3-next", |z| {
        z.remove_name(&Zone::nsec3_of("ent"));
    }),
    ("nsec3: a secure delegation's removed", Nsec3, "nsec3-missing nsec3-next", |z| {
        z.remove_name(&Zone::nsec3_of("secure"));
    }),
    ("nsec3: of a name that is not there", Nsec3, "nsec3-extra nsec3-next", |z| {
        let (mail, mall) = (Zone::nsec3_of("mail"), Zone::nsec3_of("mall"));
        let rdata = z.one(&mail, "NSEC3").rdata.clone();
        z.add(&mall, 600, "NSEC3", &rdata);
        z.sign_set(&mall, "NSEC3", 1);
    }),
    ("nsec3: doubled", Nsec3, "nsec3-layout", |z| {
        let mail = Zone::nsec3_of("mail");
        let mut rdata = z.one(&mail, "NSEC3").rdata.clone();
        rdata.push_str(" TXT");
        z.add(&mail, 600, "NSEC3", &rdata);
        z.resign(&mail, "NSEC3");
    }),
    ("nsec3: not in front of the apex", Nsec3, "nsec3-layout", |z| {
        let rdata = z.one(&Zone::nsec3_of("mail"), "NSEC3").rdata.clone();
        z.add("not-a-hash", 600, "NSEC3", &rdata);
        z.sign_set("not-a-hash", "NSEC3", 1);
    }),
    ("nsec3: TTL", Nsec3, "nsec3-ttl", |z| {
        let mail = Zone::nsec3_of("mail");
        z.one(&mail, "NSEC3").ttl = 3600;
        z.sign_set(&mail, "NSEC3", 1);
    }),
    ("nsec3param: removed", Nsec3, "no-chain nsec3-unnamed", |z| z.remove("@", "NSEC3PARAM")),
    ("nsec3param: flags, signed", Nsec3, "no-chain nsec3-unnamed", |z| {
        z.field("@", "NSEC3PARAM", 1, "1");
        z.resign("@", "NSEC3PARAM");
    }),
    ("nsec3param: salt, signed", Nsec3, "nsec3-missing nsec3-unnamed nsec3-salt", |z| {
        z.field("@", "NSEC3PARAM", 3, "AB");
        z.resign("@", "NSEC3PARAM");
    }),
    ("nsec3param: a second chain that is not there", Nsec3, "nsec3-missing nsec3-iterations", |z| {
        z.add("@", 0, "NSEC3PARAM", "1 0 5 -");
        z.lines.iter_mut().filter(|line| line.rtype == "NSEC3PARAM").for_each(|line| line.ttl = 0);
        z.sign_set("@", "NSEC3PARAM", 1);
    }),
    ("nsec3: no Opt-Out flag over what is left out, signed", OptOut, "nsec3-opt-out", |z| {
        let nsec3 = z.lines.iter().filter(|line| line.rtype == "NSEC3");
        let owners: Vec<String> =
            nsec3.map(|line| line.owner.trim_end_matches(".m.example.").to_owned()).collect();
        for owner in owners {
            z.field(&owner, "NSEC3", 1, "0");
            z.resign(&owner, "NSEC3");
        }
    }),
    // keys
    ("dnskey: flags", Any, "rrsig-bogus unsigned rrsig-key", |z| set_field(&mut z.dnskey(1).rdata, 0, "258")),
    ("dnskey: no zone key", Any, "rrsig-bogus unsigned rrsig-key", |z| {
        set_field(&mut z.dnskey(1).rdata, 0, "0");
    }),
    ("dnskey: protocol", Any, "dnskey rrsig-bogus unsigned rrsig-key", |z| {
        set_field(&mut z.dnskey(1).rdata, 1, "2");
    }),
    ("dnskey: public key", Any, "rrsig-bogus unsigned rrsig-key", |z| {
        let rdata = &mut z.dnskey(1).rdata;
        let key = spoilt(rdata.split(' ').nth(3).unwrap());
        set_field(rdata, 3, &key);
    }),
    ("dnskey: the KSK's public key", Any, "unsigned rrsig-key", |z| {
        let rdata = &mut z.dnskey(0).rdata;
        let key = spoilt(rdata.split(' ').nth(3).unwrap());
        set_field(rdata, 3, &key);
    }),
    ("dnskey: removed", Any, "rrsig-bogus unsigned rrsig-key", |z| {
        let key = z.dnskey(1).clone();
        z.lines.retain(|line| *line != key);
    }),
    ("dnskey: removed, signed", Any, "unsigned rrsig-key", |z| {
        let key = z.dnskey(1).clone();
        z.lines.retain(|line| *line != key);
        z.resign("@", "DNSKEY");
    }),
    ("dnskey: all removed", Any, "dnskey", |z| z.remove("@", "DNSKEY")),
    ("dnskey: none with SEP signs them", Any, "sep", |z| z.sign_set("@", "DNSKEY", 1)),
    ("dnskey: of an algorithm that does not sign", Any, "unsigned", |z| {
        z.add(
            "@",
            3600,
            "DNSKEY",
            "256 3 16 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        );
        z.resign("@", "DNSKEY");
    }),
    ("dnskey: of a weak algorithm", Any, "unsigned weak-algorithm", |z| {
        z.add("@", 3600, "DNSKEY", "256 3 5 AwEAAaAAAAAA");
        z.resign("@", "DNSKEY");
    }),
    ("dnskey: revoked, and does not sign them", Any, "revoked", |z| {
        let rdata = z.dnskey(1).rdata.replacen("256 ", "385 ", 1);
        z.add("@", 3600, "DNSKEY", &rdata);
        z.resign("@", "DNSKEY");
    }),
    // what the parent is to publish
    ("cds: of no key", Any, "cds-breaks *-types", |z| {
        let rdata = z.one("secure", "DS").rdata.clone();
        z.add("@", 3600, "CDS", &rdata);
        z.sign_set("@", "CDS", 0);
    }),
    ("cdnskey: of a key that does not sign them", Any, "cds-breaks *-types", |z| {
        let rdata = z.dnskey(1).rdata.clone();
        z.add("@", 3600, "CDNSKEY", &rdata);
        z.sign_set("@", "CDNSKEY", 0);
    }),
    ("cds: differs from cdnskey", Any, "cds-differ *-types", |z| {
        let (cds, cdnskey) = (z.one("secure", "DS").rdata.clone(), z.dnskey(0).rdata.clone());
        z.add("@", 3600, "CDS", &cds);
        z.add("@", 3600, "CDNSKEY", &cdnskey);
        z.sign_set("@", "CDS", 0);
        z.sign_set("@", "CDNSKEY", 0);
    }),
    ("cds: a wish to delete, and another", Any, "cds-delete *-types", |z| {
        let cdnskey = z.dnskey(0).rdata.clone();
        z.add("@", 3600, "CDS", "0 0 0 00");
        z.add("@", 3600, "CDNSKEY", &cdnskey);
        z.sign_set("@", "CDS", 0);
        z.sign_set("@", "CDNSKEY", 0);
    }),
    ("cdnskey: signed by the ZSK", Any, "*-types cds-key", |z| {
        let cdnskey = z.dnskey(0).rdata.clone();
        z.add("@", 3600, "CDNSKEY", &cdnskey);
        z.sign_set("@", "CDNSKEY", 1);
    }),
];

/// Changes a field of an RRSIG, and makes the signature again.
fn signed(zone: &mut Zone, name: &str, rtype: &str, field: usize, value: &str) {
    zone.rrsig_field(name, rtype, field, value);
    zone.resign(name, rtype);
}

/// Changes a field of a name's NSEC3, and makes the signature again.
fn signed_nsec3(zone: &mut Zone, name: &str, field: usize, value: &str) {
    let owner = Zone::nsec3_of(name);
    zone.field(&owner, "NSEC3", field, value);
    zone.resign(&owner, "NSEC3");
}

/// Lets an NSEC3 lead to itself.
fn next_hash(zone: &mut Zone, sign: bool) {
    let owner = Zone::nsec3_of("mail");
    zone.field(&owner, "NSEC3", 4, &owner.clone());
    if sign {
        zone.resign(&owner, "NSEC3");
    }
}

/// Damages to the digest: the zone is one of NSEC, with a ZONEMD.
const DIGEST: &[Damage] = &[
    ("zonemd: digest", Any, "rrsig-bogus zonemd", |z| {
        let rdata = &mut z.one("@", "ZONEMD").rdata;
        let digest = spoilt(rdata.split(' ').nth(3).unwrap());
        set_field(rdata, 3, &digest);
    }),
    ("zonemd: digest, signed", Any, "zonemd", |z| {
        let rdata = &mut z.one("@", "ZONEMD").rdata;
        let digest = spoilt(rdata.split(' ').nth(3).unwrap());
        set_field(rdata, 3, &digest);
        z.resign("@", "ZONEMD");
    }),
    ("zonemd: serial, signed", Any, "zonemd", |z| {
        z.field("@", "ZONEMD", 0, "7");
        z.resign("@", "ZONEMD");
    }),
    ("zonemd: stale: glue changed", Any, "zonemd", |z| z.one("ns.secure", "A").rdata = "192.0.2.44".into()),
    ("zonemd: stale: glue added", Any, "zonemd", |z| z.add("ns.secure", 3600, "AAAA", "2001:db8::4")),
    ("zonemd: stale: a delegation's TTL", Any, "zonemd", |z| z.one("secure", "NS").ttl = 60),
    ("zonemd: stale: data signed again", Any, "zonemd", |z| {
        z.one("mail", "AAAA").rdata = "2001:db8::5".into();
        z.resign("mail", "AAAA");
    }),
    ("zonemd: twice of a kind", Any, "zonemd", |z| {
        let rdata = z.one("@", "ZONEMD").rdata.clone();
        let digest = spoilt(rdata.split(' ').nth(3).unwrap());
        z.add("@", 3600, "ZONEMD", &rdata.replace(rdata.split(' ').nth(3).unwrap(), &digest));
        z.resign("@", "ZONEMD");
    }),
    ("zonemd: unknown hash, signed", Any, "zonemd-unknown", |z| {
        z.field("@", "ZONEMD", 2, "241");
        z.resign("@", "ZONEMD");
    }),
    ("zonemd: unknown scheme, signed", Any, "zonemd-unknown", |z| {
        z.field("@", "ZONEMD", 1, "240");
        z.resign("@", "ZONEMD");
    }),
    ("zonemd: removed", Any, "rrsig-alone nsec-types", |z| z.remove_records("@", "ZONEMD")),
];

/// Does a damage and compares what is found with what must be.
fn examine(zones: &Zones, kind: &str, zone: &Zone, (name, _, rules, damage): &Damage) -> Option<String> {
    let mut zone = zone.clone();
    let before = zone.lines.clone();
    damage(&mut zone);
    if zone.lines == before {
        return Some(format!("{name} ({kind}): nothing was damaged"));
    }
    let chain = if kind == "nsec" { "nsec" } else { "nsec3" };
    let expected: Vec<String> = rules.split(' ').map(|rule| rule.replace('*', chain)).collect();
    let found = zones.verdict(&zone, &[]);
    let all: BTreeSet<String> = expected.iter().cloned().collect();
    if found.rules == all && found.first == expected[0] {
        return None;
    }
    let (first, rules) = (&found.first, &found.rules);
    let messages: Vec<&str> = found.json["findings"]
        .as_array()
        .expect("an array")
        .iter()
        .filter_map(|finding| finding["message"].as_str())
        .take(6)
        .collect();
    Some(format!(
        "{name} ({kind}): found {first} of {rules:?}, not {expected:?}\n    {}",
        messages.join("\n    ")
    ))
}

#[test]
fn every_damage_is_found_and_its_cause_named_first() {
    let zones = Zones::new();
    let mut wrong = Vec::new();
    let mut done = 0;
    for damage in DAMAGE {
        for (kind, zone) in &zones.all {
            let fits = match damage.1 {
                Any => true,
                Nsec => *kind == "nsec",
                Nsec3 => *kind != "nsec",
                Whole => *kind == "nsec3",
                OptOut => *kind == "opt-out",
            };
            if fits {
                done += 1;
                wrong.extend(examine(&zones, kind, zone, damage));
            }
        }
    }
    assert!(DAMAGE.len() + DIGEST.len() > 100 && done > 300, "{} kinds, {done} zones", DAMAGE.len());
    assert!(wrong.is_empty(), "{} of {done}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_damage_to_a_digest_is_found() {
    let zones = Zones::new();
    let place = zones.folder.path().join("zonemd");
    std::fs::create_dir(&place).expect("a folder");
    let zone = Zone::sign(&place, 15, &["-z", "sha384"]);
    assert!(zones.verdict(&zone, &[]).rules.is_empty());
    let wrong: Vec<String> =
        DIGEST.iter().filter_map(|damage| examine(&zones, "nsec", &zone, damage)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
