//! What a configuration means, and what is said of one that is wrong.

use super::*;
use crate::dns::NameBuf;
use crate::dns::soa::SerialPolicy;
use crate::dnssec::cds::Publish;
use crate::dnssec::ds::Digest;
use crate::dnssec::nsec3::{OptOut, Params};
use crate::dnssec::sign::Denial;
use crate::dnssec::zonemd::Hash;
use crate::keys::Algorithm;
use crate::run::recipe::Check;
use crate::zone::builder::OutOfZone;
use crate::zonefile::fields::Types;

const EXAMPLE: &str = include_str!("../../guide/zoneseal.toml");

fn config(text: &str) -> Config {
    match Config::read(text.as_bytes(), "etc/zoneseal.toml") {
        Ok((config, warnings)) => {
            assert!(warnings.is_empty(), "{warnings:?}");
            config
        }
        Err(faults) => panic!("{}", shown(faults.iter())),
    }
}

fn shown<'f>(faults: impl Iterator<Item = &'f Fault>) -> String {
    faults.fold(String::new(), |text, fault| text + &fault.to_string() + "\n")
}

/// All that is said of a configuration that is wrong.
fn faults(text: &str) -> String {
    let faults = Config::read(text.as_bytes(), "zoneseal.toml").map(drop).expect_err(text);
    shown(faults.iter())
}

fn zone<'c>(config: &'c Config, name: &str, file: &str) -> Settings<'c> {
    let name = NameBuf::from_text(name).unwrap();
    config.zone(name.as_name(), Path::new(file))
}

/// The lines of the example behind this sign, without it, and all lines that are none.
fn uncommented(sign: &str) -> String {
    let is_key = |line: &str| {
        line.starts_with('[')
            || line.split_once(" = ").is_some_and(|(key, _)| {
                key.bytes().all(|octet| octet.is_ascii_lowercase() || octet.is_ascii_digit() || octet == b'-')
            })
    };
    let line = |line: &'static str| line.strip_prefix(sign).filter(|rest| is_key(rest)).unwrap_or(line);
    EXAMPLE.lines().flat_map(|text| [line(text), "\n"]).collect()
}

#[test]
fn the_example_shows_every_key_and_its_default() {
    let text = uncommented("#");
    let policy_keys = keys::KEYS.iter().map(|(key, _)| *key);
    let settings = KEYS.iter().copied().filter(|key| !["policy", "zone"].contains(key));
    for key in policy_keys.chain(settings) {
        assert!(text.contains(&format!("\n{key} = ")), "{key} is not in the example");
    }
    let builtin = Config::builtin(Path::new("etc"));
    for text in [EXAMPLE, &text] {
        let config = config(text);
        assert_eq!(config.policy("default"), Some(&Policy::default()));
        assert_eq!(
            (&config.zones, &config.keys, &config.output, &config.signed_name, &config.ds_name),
            (&builtin.zones, &builtin.keys, &builtin.output, &builtin.signed_name, &builtin.ds_name)
        );
        assert_eq!((config.threads, &config.metrics), (None, &None));
        assert!(config.entries().is_empty());
    }
}

#[test]
fn the_examples_of_the_example_can_be_taken() {
    let text = uncommented("# ");
    for key in ["inherits", "name", "path", "policy", "keys", "output"] {
        assert!(text.contains(&format!("\n{key} = ")), "{key} is not in the example");
    }
    let config = config(&text);
    let slow = config.policy("registry-slow").unwrap();
    assert_eq!((slow.validity, slow.propagation_delay), (14 * 86_400, 6 * 3_600));
    let example = zone(&config, "example.org", "etc/zones/example.org.zone");
    assert_eq!(example.policy.serial, SerialPolicy::Unixtime);
    assert_eq!(zone(&config, "a", "etc/zones/registry/x/a.zone").policy, config.policy("registry").unwrap());
}

#[test]
fn every_key_is_understood() {
    let text = r#"
zones = "z"
keys = "/k"
output = "out"
signed-name = "db.{zone}"
ds-name = "dsset-{zone}."
threads = 3
metrics = "m.prom"
[policy.default]
validity = 1209600
dnskey-validity = "7d"
refresh = "3d"
jitter = "1d12h"
inception-offset = 0
denial = "opt-out"
nsec3-iterations = 0
nsec3-salt = "-"
serial = "date"
cds = ["cds:sha-256", "CDNSKEY", "cdnskey"]
zonemd = ["simple:sha512", "sha384"]
dnskey-ttl = "1h"
max-ttl = 86400
algorithms = [15, "ECDSAP256SHA256"]
verify = "all"
types = "all"
out-of-zone = "drop"
drop-foreign-keys = true
allow-incomplete = true
allow-tag-collision = true
allow-nsec3-iterations = true
deterministic = true
comments = true
ds-digest = ["sha-384", "sha256"]
propagation-delay = "2h"
ds-ttl = "6h"
hook = ["rndc", "reload", "ZONE"]
hook-timeout = "5m"
"#;
    let config = config(text);
    let policy = Policy {
        validity: 1_209_600,
        dnskey_validity: 604_800,
        refresh: Some(259_200),
        jitter: Some(129_600),
        inception_offset: 0,
        denial: Denial::Nsec3(Params { iterations: 0, salt: Vec::new() }, OptOut::LeaveOut),
        serial: SerialPolicy::Date,
        cds: vec![Publish::Cds(Digest::Sha256), Publish::Cdnskey],
        zonemd: vec![Hash::Sha512, Hash::Sha384],
        dnskey_ttl: Some(3_600),
        max_ttl: Some(86_400),
        algorithms: vec![Algorithm::EcdsaP256Sha256, Algorithm::Ed25519],
        verify: Check::All,
        types: Types::All,
        out_of_zone: OutOfZone::Drop,
        drop_foreign_keys: true,
        allow_incomplete: true,
        allow_tag_collision: true,
        deterministic: true,
        comments: true,
        ds_digests: vec![Digest::Sha384, Digest::Sha256],
        propagation_delay: 7_200,
        ds_ttl: 21_600,
        hook: ["rndc", "reload", "ZONE"].map(String::from).to_vec(),
        hook_timeout: 300,
    };
    let found = zone(&config, "Example.ORG", "z/example.org.zone");
    assert_eq!(*found.policy, policy);
    assert_eq!((found.keys, found.place), (Path::new("/k"), None));
    assert_eq!(found.signed, Path::new("etc/out/db.example.org"));
    assert_eq!(found.ds, Path::new("etc/out/dsset-example.org."));
    assert_eq!(config.zones, Path::new("etc/z"));
    assert_eq!(config.threads.map(NonZeroUsize::get), Some(3));
    assert_eq!(config.metrics.as_deref(), Some(Path::new("etc/m.prom")));
}

#[test]
fn policies_begin_with_others() {
    let config = config(
        "[policy.c]\ninherits = \"b\"\nds-ttl = 3\n[policy.b]\ninherits = \"a\"\nds-ttl = 2\nhook-timeout = 2\n\
         [policy.a]\nds-ttl = 1\nvalidity = \"7d\"\n[policy.default]\nserial = \"keep\"\nvalidity = \"5d\"\n",
    );
    let policy = config.policy("c").unwrap();
    assert_eq!((policy.ds_ttl, policy.hook_timeout, policy.validity), (3, 2, 604_800));
    assert_eq!(policy.serial, SerialPolicy::Keep);
    assert_eq!(policy.dnskey_validity, policy.validity, "it follows, wherever the validity comes from");
    assert_eq!(config.policy("default").unwrap().validity, 432_000);
}

#[test]
fn the_last_entry_that_fits_counts_alone() {
    let config = config(
        "[policy.p]\nserial = \"keep\"\n[[zone]]\npath = \"zones/*.zone\"\npolicy = \"p\"\nds-ttl = 1\n\
         [[zone]]\nname = \"b.example\"\nkeys = \"k\"\noutput = \"o\"\n[[zone]]\npath = \"./zones/c/**\"\nds-ttl = 3\n\
         [[zone]]\nname = \"d.example\"\npath = \"elsewhere/d\"\nds-ttl = 4\n",
    );
    let ttl = |name, file| zone(&config, name, file).policy.ds_ttl;
    assert_eq!(ttl("a.example", "etc/zones/a.example.zone"), 1);
    assert_eq!(ttl("a.example", "etc/./zones/a.example.zone"), 1);
    let b = zone(&config, "B.example", "etc/zones/b.example.zone");
    assert_eq!((b.policy, b.keys), (&Policy::default(), Path::new("etc/k")));
    assert_eq!(
        (b.signed.as_path(), b.ds.as_path()),
        (Path::new("etc/o"), Path::new("etc/signed/b.example.ds"))
    );
    assert_eq!(b.place.map(ToString::to_string).as_deref(), Some("etc/zoneseal.toml:7:1"));
    assert_eq!(
        ttl("x.example", "etc/zones/c/deep/x.example.zone"),
        3,
        "* is within a folder, ** any folders"
    );
    assert_eq!(ttl("d.example", "etc/elsewhere/d"), 4);
    assert_eq!(ttl("d.example", "etc/other"), 86_400);
    let files: Vec<Option<&Path>> = config.entries().iter().map(Entry::file).collect();
    assert_eq!(files, [None, None, None, Some(Path::new("elsewhere/d"))]);
}

#[test]
fn a_fault_has_its_place_and_says_what_to_do() {
    assert_eq!(
        faults("[policy.default]\nvaldity = \"7d\"\nserial = \"incremental\"\n"),
        "zoneseal.toml:2:1: error: unknown key \"valdity\"\n    2 | valdity = \"7d\"\n      | ^^^^^^^\n\
         hint: did you mean validity?\n\
         zoneseal.toml:3:10: error: serial: expected keep, increment, unixtime or date, found \"incremental\"\n    \
         3 | serial = \"incremental\"\n      |          ^^^^^^^^^^^^^\n"
    );
}

/// One of each kind, in `faults.txt`: a configuration, a line `--`, what is said of it, a line `==`.
/// `ZONESEAL_BLESS=1` writes there what is said now.
#[test]
fn kinds_of_faults() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/src/run/config/faults.txt");
    let expected = std::fs::read_to_string(file).unwrap();
    let texts = expected.split_terminator("==\n").filter_map(|case| Some(case.split_once("--\n")?.0));
    let found = texts.fold(String::new(), |found, text| found + text + "--\n" + &faults(text) + "==\n");
    if std::env::var_os("ZONESEAL_BLESS").is_some() {
        std::fs::write(file, found).unwrap();
    } else {
        assert_eq!(found, expected);
    }
}

#[test]
fn twenty_errors_are_enough() {
    let text = (b'A'..=b'Z').map(char::from).fold(String::new(), |text, key| text + &format!("{key} = 1\n"));
    let faults = Config::read(text.as_bytes(), "t").map(drop).unwrap_err();
    assert_eq!((faults.errors(), faults.full()), (20, true));
    assert!(faults.iter().next().unwrap().to_string().starts_with("t:1:1: "), "from the top");
}

#[test]
fn text_that_is_no_utf_8() {
    let faults = Config::read(b"zones = \"z\"\nkeys = \"\xff\"\n", "t").map(drop).unwrap_err();
    let said = shown(faults.iter());
    assert!(said.starts_with("t:2:9: error: expected UTF-8, found the octet 0xff\n"), "{said}");
}

#[test]
fn what_is_allowed_and_odd_is_warned_of() {
    let text = "[policy.default]\ndenial = \"nsec3\"\nnsec3-iterations = 1\nallow-nsec3-iterations = true\nnsec3-salt = \"ab\"\n";
    let (config, warnings) = Config::read(text.as_bytes(), "t").unwrap();
    let params = Params { iterations: 1, salt: vec![0xab] };
    assert_eq!(config.policy("default").unwrap().denial, Denial::Nsec3(params, OptOut::No));
    let said = shown(warnings.iter());
    assert_eq!(warnings.len(), 2, "{said}");
    assert!(
        said.starts_with("t:3:20: warning: 1 NSEC3 iterations")
            || said.starts_with("t:5:14: warning: an NSEC3 salt"),
        "{said}"
    );
}

/// A child that goes back to NSEC need not take back what its parent says of NSEC3.
#[test]
fn an_inherited_salt_does_not_matter_to_nsec() {
    let text = "[policy.a]\ndenial = \"nsec3\"\nnsec3-salt = \"ab\"\n[policy.b]\ninherits = \"a\"\ndenial = \"nsec\"\n";
    let (config, _) = Config::read(text.as_bytes(), "t").unwrap();
    assert_eq!(config.policy("b").unwrap().denial, Denial::Nsec);
}
