//! What changes nothing: case where the canonical form lowers it, order, duplicates, layout.

use crate::zone::Zone;
use crate::{Zones, common, verify};
use std::fmt::Write as _;

type Change = (&'static str, fn(&mut Zone));

const HARMLESS: &[Change] = &[
    ("nothing", |_| {}),
    ("owners in capitals", |z| {
        for line in &mut z.lines {
            line.owner = line.owner.to_ascii_uppercase();
        }
    }),
    ("names in RDATA in capitals", |z| {
        for rtype in ["MX", "NS", "CNAME", "DNAME"] {
            for line in z.lines.iter_mut().filter(|line| line.rtype == rtype) {
                line.rdata = line.rdata.to_ascii_uppercase();
            }
        }
    }),
    ("the signer in capitals", |z| z.rrsig_field("mail", "AAAA", 7, "M.EXAMPLE.")),
    ("reversed", |z| z.lines.reverse()),
    ("sorted as text", |z| z.lines.sort_by(|a, b| (&a.owner, &a.rdata).cmp(&(&b.owner, &b.rdata)))),
    ("signatures apart", |z| z.lines.sort_by_key(|line| line.rtype == "RRSIG")),
    ("NSEC3 apart", |z| {
        z.lines.sort_by_key(|line| line.rtype == "NSEC3" || line.rdata.starts_with("NSEC3 "));
    }),
    ("all twice", |z| z.lines = z.lines.iter().flat_map(|line| [line.clone(), line.clone()]).collect()),
    ("all twice, far apart", |z| z.lines.extend_from_within(..)),
    ("signed by the KSK", |z| z.sign_set("mail", "AAAA", 0)),
    ("signed by both", |z| {
        z.add_signature("mail", "AAAA", 0);
        z.resign("mail", "AAAA");
    }),
    ("a KSK and a ZSK sign the DNSKEYs", |z| {
        z.add_signature("@", "DNSKEY", 1);
        z.resign("@", "DNSKEY");
    }),
    ("a DNSKEY that is no zone key", |z| {
        z.add("@", 3600, "DNSKEY", "0 3 16 AAAA");
        z.resign("@", "DNSKEY");
    }),
    ("glue", |z| z.add("x.secure", 60, "A", "192.0.2.99")),
    ("occluded data", |z| z.add("x.dn", 60, "TXT", "\"nobody sees it\"")),
    ("an occluded delegation", |z| z.add("x.secure", 60, "NS", "ns1.m.example.")),
];

#[test]
fn harmless_changes_pass() {
    let zones = Zones::new();
    let mut wrong = Vec::new();
    for (name, change) in HARMLESS {
        for (kind, zone) in &zones.all {
            let mut zone = zone.clone();
            change(&mut zone);
            let found = zones.verdict(&zone, &[]);
            if !found.good || !found.rules.is_empty() {
                wrong.push(format!("{name} ({kind}): {:?}\n{}", found.rules, found.json["findings"]));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Relative names, owners left out, parentheses, comments, generic RDATA, an included file.
#[test]
fn another_layout_passes() {
    let zones = Zones::new();
    for (kind, zone) in &zones.all {
        let mut text = String::from("$ORIGIN example.\n$TTL 3600\n; a comment\n");
        let mut last = String::new();
        for line in &zone.lines {
            let owner = line.owner.strip_suffix(".example.").expect("all names end so");
            let shown = if *owner == last { "" } else { owner };
            let ttl = if line.ttl == 3600 { String::new() } else { line.ttl.to_string() };
            let _ = writeln!(text, "{shown}  IN {ttl} {} ( ; so it is\n {} )", line.rtype, line.rdata);
            owner.clone_into(&mut last);
        }
        common::write(zones.folder.path(), "included", &text);
        let file = common::write(zones.folder.path(), "layout", "$INCLUDE included\n");
        let found = verify(zones.folder.path(), &file, &[]);
        assert!(found.good && found.rules.is_empty(), "{kind}: {}", found.json["findings"]);
    }
}
