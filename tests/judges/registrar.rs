//! What `zoneseal ds` makes for those who keep the parent: EPP must fit its schemas, Route 53 and Cloudflare get the
//! fields that they know, named takes what nsupdate sends, and dnssec-signzone the dsset file.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::bindkeys;
use crate::common::{self, Server};
use crate::unbound::{self, Kind, SECURE};
use crate::zones;

/// A zone with two KSKs, signed; its name in `folder`.
fn signed(folder: &Path, origin: &str) -> &'static str {
    let mut keys = common::keygen(folder, 15, origin);
    let more = common::run(folder, ["keygen", "-a", "15", "--role", "ksk", "--keys", "keys", origin]);
    keys.push(folder.join(more.expect_ok("keygen of a second KSK").stdout.trim()));
    let file = common::write(folder, "zone", unbound::CHILD);
    common::sign(folder, origin, &folder.join("signed"), &[], &file, &keys).expect_ok("sign");
    "signed"
}

#[track_caller]
fn ds(folder: &Path, arguments: &[&str]) -> String {
    common::run(folder, [&["ds"], arguments].concat()).expect_ok("ds").stdout
}

/// A stale DS, a good one, and one with SHA-1: there is something to remove, and something to add.
fn parent_set(folder: &Path, zone: &str) -> String {
    let good = ds(folder, &[zone]);
    let first = good.lines().next().expect("a DS");
    let stale = format!("{} IN DS 1 13 2 {}", zones::ORIGIN, "AB".repeat(32));
    format!("{first}\n{stale}\n{} IN DS 2 8 1 {}\n", zones::ORIGIN, "CD".repeat(20))
}

#[test]
fn epp_fits_its_schemas() {
    let Some(judge) = common::judge("xmllint") else { return };
    let folder = common::folder();
    let zone = signed(folder.path(), zones::ORIGIN);
    common::write(folder.path(), "parent", &parent_set(folder.path(), zone));
    let schemas = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/judges/epp");
    let fits = |schema: &str, text: &str| {
        let file = common::write(folder.path(), "element.xml", text);
        let schema = schemas.join(schema);
        judge.run(
            folder.path(),
            [
                "--noout".as_ref(),
                "--nonet".as_ref(),
                "--schema".as_ref(),
                schema.as_os_str(),
                file.as_os_str(),
            ],
        )
    };
    for format in ["epp-ds", "epp-key"] {
        for options in [&[][..], &["--check", "parent"], &["--digest", "sha384", "--check", "parent"]] {
            let base = [&["--format", format][..], options, &[zone]].concat();
            let element = ds(folder.path(), &base);
            fits("secDNS-1.1.xsd", &element).expect_ok("the element fits RFC 5910");
            let command = ds(folder.path(), &[&base[..], &["--epp-command"]].concat());
            fits("epp-1.0.xsd", &command).expect_ok("the command fits RFC 5730, RFC 5731 and RFC 5910");
            // the schemas see what is wrong
            let (tag, other) = if format == "epp-ds" { ("keyTag", "alg") } else { ("protocol", "alg") };
            let spoilt = command.replace(&format!("secDNS:{tag}>"), &format!("secDNS:{other}>"));
            assert!(spoilt == command || !fits("epp-1.0.xsd", &spoilt).ok(), "{spoilt}");
        }
    }
    let keys: Vec<_> = fs::read_dir(folder.path().join("keys").join(zones::ORIGIN.trim_end_matches('.')))
        .into_iter()
        .flatten()
        .flatten()
        .collect();
    let keys: Vec<_> = keys.iter().map(fs::DirEntry::path).collect();
    let file = folder.path().join("zone");
    let leaving = ["--cds", "delete"];
    common::sign(folder.path(), zones::ORIGIN, &folder.path().join(zone), &leaving, &file, &keys)
        .expect_ok("sign");
    for format in ["epp-ds", "epp-key"] {
        let element = ds(folder.path(), &["--format", format, "--check", "parent", zone]);
        fits("secDNS-1.1.xsd", &element).expect_ok("the removal fits RFC 5910");
        assert!(element.contains("<secDNS:rem>") && !element.contains("<secDNS:add>"), "{element}");
    }
    let both = "<secDNS:create xmlns:secDNS=\"urn:ietf:params:xml:ns:secDNS-1.1\">";
    let inside = |format| {
        let element = ds(folder.path(), &["--format", format, zone]);
        element.lines().filter(|line| !line.contains(":create")).collect::<Vec<_>>().join("\n")
    };
    let both = format!("{both}{}{}</secDNS:create>", inside("epp-ds"), inside("epp-key"));
    assert!(!fits("secDNS-1.1.xsd", &both).ok(), "DS data and key data side by side");
}

/// A type of the AWS CLI's input, as its reference has them.
enum Shape {
    Text,
    Number,
    List(&'static Shape),
    /// Members by name: these, and no others.
    Structure(&'static [(&'static str, Shape)]),
}

use Shape::{List, Number, Structure, Text};

/// `aws route53domains associate-delegation-signer-to-domain --cli-input-json`.
const ASSOCIATE: Shape = Structure(&[
    ("DomainName", Text),
    ("SigningAttributes", Structure(&[("Algorithm", Number), ("Flags", Number), ("PublicKey", Text)])),
]);

/// `aws route53 change-resource-record-sets --change-batch`.
const CHANGE_BATCH: Shape = Structure(&[
    ("Comment", Text),
    (
        "Changes",
        List(&Structure(&[
            ("Action", Text),
            (
                "ResourceRecordSet",
                Structure(&[
                    ("Name", Text),
                    ("Type", Text),
                    ("TTL", Number),
                    ("ResourceRecords", List(&Structure(&[("Value", Text)]))),
                ]),
            ),
        ])),
    ),
]);

/// The body of Cloudflare's `POST /zones/{zone_id}/dns_records` for a DS.
const DNS_RECORD: Shape = Structure(&[
    ("type", Text),
    ("name", Text),
    ("ttl", Number),
    (
        "data",
        Structure(&[("key_tag", Number), ("algorithm", Number), ("digest_type", Number), ("digest", Text)]),
    ),
]);

impl Shape {
    #[track_caller]
    fn holds(&self, value: &Value) {
        let right = match self {
            Text => value.as_str().is_some_and(|text| !text.is_empty()),
            Number => value.is_u64(),
            List(shape) => {
                value.as_array().into_iter().flatten().for_each(|item| shape.holds(item));
                value.as_array().is_some_and(|list| !list.is_empty())
            }
            Structure(members) => {
                for (name, shape) in *members {
                    shape.holds(&value[name]);
                }
                value.as_object().is_some_and(|object| object.len() == members.len())
            }
        };
        assert!(right, "{value:#}");
    }
}

fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn web_services_get_the_fields_that_they_know() {
    let folder = common::folder();
    let zone = signed(folder.path(), zones::ORIGIN);
    let of = |format| ds(folder.path(), &["--format", format, zone]);
    let (calls, bodies) = (of("route53-domain"), of("cloudflare"));
    assert_eq!((calls.lines().count(), bodies.lines().count()), (2, 2), "one a key, one a DS");
    calls.lines().for_each(|call| ASSOCIATE.holds(&parse(call)));
    bodies.lines().for_each(|body| DNS_RECORD.holds(&parse(body)));
    let batch = parse(&of("route53-zone"));
    CHANGE_BATCH.holds(&batch);
    let set = &batch["Changes"][0]["ResourceRecordSet"];
    assert_eq!((&batch["Changes"][0]["Action"], &set["Type"]), (&"UPSERT".into(), &"DS".into()));
    let values: Vec<&str> = set["ResourceRecords"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|record| record["Value"].as_str())
        .collect();
    let rr = of("rr");
    let rdata: Vec<&str> = rr.lines().filter_map(|line| line.split_once("DS\t")).map(|(_, ds)| ds).collect();
    assert_eq!(values, rdata, "the values are the DS in text");
    let both = parse(&of("route53"));
    assert_eq!(both["ChangeBatch"], batch);
    let calls: Vec<Value> = calls.lines().map(parse).collect();
    assert_eq!(both["AssociateDelegationSignerToDomain"], Value::Array(calls));
    assert!(
        calls_say(&both, 257)
            && bodies.contains(&format!("\"name\":\"{}\"", zones::ORIGIN.trim_end_matches('.')))
    );
}

fn calls_say(both: &Value, flags: u64) -> bool {
    let calls = both["AssociateDelegationSignerToDomain"].as_array().into_iter().flatten();
    calls.map(|call| &call["SigningAttributes"]["Flags"]).all(|found| found.as_u64() == Some(flags))
}

const PARENT: &str = "example.";

const PARENT_ZONE: &str = "\
$TTL 300
@            IN SOA ns hostmaster 1 7200 3600 1209600 300
             IN NS  ns
ns           IN A   127.0.0.1
secure.seal  IN NS  ns.secure.seal
ns.secure.seal IN A 127.0.0.1
";

#[test]
fn named_takes_what_nsupdate_sends() {
    let (Some(named), Some(nsupdate)) = (common::judge("named"), common::judge("nsupdate")) else { return };
    let Some(dig) = common::judge("dig") else { return };
    let folder = common::folder();
    let path = folder.path();
    let zone = signed(path, SECURE);
    let home = bindkeys::subfolder(path, "server");
    let stale = format!("secure.seal IN DS 1 13 2 {}\n", "AB".repeat(32));
    let file = common::write(&home, "parent", &format!("{PARENT_ZONE}{stale}"));
    let port = unbound::free_port();
    let conf = unbound::named_conf(&home, port, &[(PARENT, file)])
        .replace("type primary;", "type primary; allow-update { 127.0.0.1; };");
    let conf = common::write(&home, "named.conf", &conf);
    let mut command = Command::new(&named.path);
    command.current_dir(&home).args(["-g", "-n", "1", "-c"]).arg(conf);
    let mut server = Server::start(&mut command, &home.join("log"));
    server.wait_until(|| {
        unbound::ask(&dig, path, port, PARENT, "SOA").is_some_and(|answer| answer.status == "NOERROR")
    });

    let commands = ds(path, &["--format", "nsupdate", "--ttl", "60", zone]);
    common::write(path, "update", &format!("server 127.0.0.1 {port}\n{commands}"));
    nsupdate.run(path, ["update"]).expect_ok("nsupdate");
    let port = port.to_string();
    let served =
        dig.run(path, ["@127.0.0.1", "-p", &port, "+short", "-t", "DS", "-q", SECURE]).expect_ok("dig");
    common::write(path, "served", &served.stdout);
    let verdict = common::run(path, ["ds", "--digest", "sha256", "--check", "served", zone]);
    verdict.expect_ok("named serves the DS of both keys, and no other");
    assert_eq!(served.stdout.lines().count(), 2, "{}", served.describe());
}

/// dnssec-signzone takes the child's dsset file into the parent, and Unbound follows it down from the parent's DS.
#[test]
fn bind_signs_a_parent_with_the_dsset_file() {
    let (Some(signzone), Some(keygen)) = (common::judge("dnssec-signzone"), common::judge("dnssec-keygen"))
    else {
        return;
    };
    let Some(tools) = unbound::tools(Kind::Named) else { return };
    let folder = common::folder();
    let path = folder.path();
    let zone = signed(path, SECURE);
    let parent = "seal.example.";
    let text = PARENT_ZONE.replace("secure.seal", "secure");
    common::write(path, "parent", &text);
    common::write(path, &format!("dsset-{SECURE}"), &ds(path, &["--format", "dsset", zone]));
    for options in [&["-q", "-a", "15", "-f", "KSK", parent][..], &["-q", "-a", "15", parent]] {
        keygen.run(path, options).expect_ok("dnssec-keygen");
    }
    signzone
        .run(path, ["-S", "-g", "-o", parent, "-f", "parent.signed", "parent"])
        .expect_ok("dnssec-signzone -g");
    let trust = path.join(format!("dsset-{parent}"));
    let zones = [(parent, path.join("parent.signed")), (SECURE, path.join(zone))];
    let (_authority, authority) = tools.serve(Kind::Named, path, &zones);
    let (resolver, port) = tools.resolve(path, authority, &trust);
    let questions = [(SECURE, "DS", "NOERROR", true, 2), (SECURE, "SOA", "NOERROR", true, 1)];
    let wrong = unbound::wrong(&tools, path, port, &questions);
    assert!(wrong.is_empty(), "{}\n{}", wrong.join("\n"), resolver.log_tail());
}

/// The dsset file is the very file that dnssec-signzone writes beside a zone that it signs.
#[test]
fn the_dsset_file_is_bind_s() {
    let (Some(signzone), Some(keygen)) = (common::judge("dnssec-signzone"), common::judge("dnssec-keygen"))
    else {
        return;
    };
    for origin in ["a.", "example.org.", "abcdefghijk.example.or.", "a-very-long-name-indeed.example.org."] {
        let folder = common::folder();
        let path = folder.path();
        common::write(path, "zone", PARENT_ZONE);
        for options in [&["-f", "KSK"][..], &["-f", "KSK"], &[]] {
            let options = [&["-q", "-a", "15"], options, &[origin]].concat();
            keygen.run(path, options).expect_ok("dnssec-keygen");
        }
        signzone.run(path, ["-S", "-o", origin, "-f", "signed", "zone"]).expect_ok("dnssec-signzone");
        let theirs = common::read(&path.join(format!("dsset-{origin}")));
        assert_eq!(ds(path, &["--format", "dsset", "signed"]), theirs, "{origin}");
    }
}
