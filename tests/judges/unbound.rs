//! Unbound must resolve what zoneseal signs, served by a real BIND and by a real NSD: secure answers come back with AD,
//! an insecure delegation without it, and one changed bit in a signature is SERVFAIL.
//!
//! The only thing that Unbound is told of the keys is the DS that `zoneseal ds SIGNED` printed. All servers listen on
//! free ports of 127.0.0.1 and end with the test.

use std::fmt::Write as _;
use std::fs;
use std::net::{TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::bindkeys;
use crate::common::{self, Judge, Server};

const ORIGIN: &str = "seal.example.";
pub(crate) const SECURE: &str = "secure.seal.example.";
const INSECURE: &str = "insecure.seal.example.";

/// The parent zone. The DS of the secure child is put after it.
const PARENT: &str = include_str!("../../zones/seal.example.zone");

/// Both children.
pub(crate) const CHILD: &str = "\
$TTL 3600
@        IN SOA ns hostmaster 1 7200 3600 1209600 300
         IN NS  ns
ns       IN A   127.0.0.1
www      IN A   192.0.2.10
";

/// A question, the status that must come back, whether AD must be set, and how many records the answer has without its
/// signatures.
pub(crate) type Question = (&'static str, &'static str, &'static str, bool, usize);

const SECURE_QUESTIONS: [Question; 16] = [
    ("seal.example.", "SOA", "NOERROR", true, 1),
    ("seal.example.", "DNSKEY", "NOERROR", true, 2),
    ("seal.example.", "MX", "NOERROR", true, 1),
    ("www.seal.example.", "A", "NOERROR", true, 2),
    ("www.seal.example.", "TXT", "NOERROR", true, 1),
    ("WwW.sEAL.example.", "A", "NOERROR", true, 2),
    ("upper.seal.example.", "MX", "NOERROR", true, 1),
    ("svc.seal.example.", "TYPE65", "NOERROR", true, 1),
    ("odd.seal.example.", "TYPE65280", "NOERROR", true, 1),
    ("alias.seal.example.", "A", "NOERROR", true, 3),
    ("outward.seal.example.", "A", "NOERROR", true, 2),
    // no such type, at a name with others, at an empty non-terminal
    ("www.seal.example.", "AAAA", "NOERROR", true, 0),
    ("an.ent.seal.example.", "A", "NOERROR", true, 0),
    // a DNAME, and the CNAME that the server makes of it
    ("host.old.seal.example.", "A", "NOERROR", true, 3),
    ("secure.seal.example.", "DS", "NOERROR", true, 1),
    ("www.secure.seal.example.", "A", "NOERROR", true, 1),
];

/// Answers that rest on the proof that a name does not exist. An opt-out chain cannot prove that (RFC 5155, section
/// 12.1.1), so that they are secure with the other chains alone.
const CHAIN_QUESTIONS: [Question; 7] = [
    ("x.wild.seal.example.", "TXT", "NOERROR", true, 0),
    ("x.wild.seal.example.", "A", "NOERROR", true, 1),
    ("y.x.wild.seal.example.", "A", "NOERROR", true, 1),
    ("nothing.secure.seal.example.", "A", "NXDOMAIN", true, 0),
    ("nothing.seal.example.", "A", "NXDOMAIN", true, 0),
    ("a.b.c.nothing.seal.example.", "A", "NXDOMAIN", true, 0),
    ("insecure.seal.example.", "DS", "NOERROR", true, 0),
];

const INSECURE_QUESTIONS: [Question; 2] = [
    ("www.insecure.seal.example.", "A", "NOERROR", false, 1),
    ("nothing.insecure.seal.example.", "A", "NXDOMAIN", false, 0),
];

/// What serves the zones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Named,
    Nsd,
}

/// The tools of one test.
pub(crate) struct Tools {
    server: Judge,
    unbound: Judge,
    dig: Judge,
}

pub(crate) fn tools(kind: Kind) -> Option<Tools> {
    let server = match kind {
        Kind::Named => "named",
        Kind::Nsd => "nsd",
    };
    Some(Tools {
        server: common::judge(server)?,
        unbound: common::judge("unbound")?,
        dig: common::judge("dig")?,
    })
}

/// Signed files, by zone, and the DS of the parent.
struct Signed {
    folder: TempDir,
    zones: Vec<(&'static str, PathBuf)>,
    trust: PathBuf,
}

/// Signs the child, puts its DS into the parent, and signs that.
fn signed(algorithm: u8, options: &[&str]) -> Signed {
    let folder = common::folder();
    let path = folder.path();
    let ds = |file: &Path| {
        let file = file.to_str().expect("the paths of the test are UTF-8");
        common::run(path, ["ds", file]).expect_ok("ds of a signed zone").stdout
    };
    let one = |origin: &str, name: &str, text: &str| {
        let file = common::write(path, name, text);
        let output = path.join(format!("{name}.signed"));
        let keys = common::keygen(path, algorithm, origin);
        common::sign(path, origin, &output, options, &file, &keys).expect_ok("sign");
        output
    };
    let secure = one(SECURE, "secure", CHILD);
    let insecure = common::write(path, "insecure", CHILD);
    let parent = one(ORIGIN, "parent", &format!("{PARENT}{}", ds(&secure)));
    let trust = common::write(path, "trust", &ds(&parent));
    Signed { zones: vec![(ORIGIN, parent), (SECURE, secure), (INSECURE, insecure)], trust, folder }
}

/// A port of 127.0.0.1 that is free for both protocols now.
pub(crate) fn free_port() -> u16 {
    for _ in 0..50 {
        let udp = UdpSocket::bind(("127.0.0.1", 0)).expect("a UDP port of 127.0.0.1 is free");
        let port = udp.local_addr().expect("a bound socket has an address").port();
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
    panic!("no port is free for both UDP and TCP");
}

/// What dig saw.
pub(crate) struct Answer {
    pub(crate) status: String,
    ad: bool,
    /// Records of the answer section without RRSIGs.
    records: usize,
    /// RRSIGs there.
    signatures: usize,
    text: String,
}

impl Tools {
    fn ask(&self, folder: &Path, port: u16, name: &str, rtype: &str) -> Option<Answer> {
        ask(&self.dig, folder, port, name, rtype)
    }

    /// Starts the authoritative server on these zones and waits until it answers for each.
    pub(crate) fn serve(&self, kind: Kind, folder: &Path, zones: &[(&str, PathBuf)]) -> (Server, u16) {
        let port = free_port();
        let home = bindkeys::subfolder(folder, &format!("server-{port}"));
        let mut command = Command::new(&self.server.path);
        command.current_dir(&home);
        match kind {
            Kind::Named => {
                let configuration = common::write(&home, "named.conf", &named_conf(&home, port, zones));
                command.args(["-g", "-n", "1", "-c"]).arg(configuration);
            }
            Kind::Nsd => {
                let configuration = common::write(&home, "nsd.conf", &nsd_conf(&home, port, zones));
                command.args(["-d", "-c"]).arg(configuration);
            }
        }
        let mut server = Server::start(&mut command, &home.join("log"));
        server.wait_until(|| {
            zones.iter().all(|(zone, _)| {
                self.ask(folder, port, zone, "SOA").is_some_and(|answer| answer.status == "NOERROR")
            })
        });
        (server, port)
    }

    /// Starts a validating resolver that finds the zones at `authority` and waits until it answers.
    pub(crate) fn resolve(&self, folder: &Path, authority: u16, trust: &Path) -> (Server, u16) {
        let port = free_port();
        let home = bindkeys::subfolder(folder, &format!("resolver-{port}"));
        let configuration =
            common::write(&home, "unbound.conf", &unbound_conf(&home, port, authority, trust));
        let mut command = Command::new(&self.unbound.path);
        command.current_dir(&home).args(["-d", "-p", "-c"]).arg(configuration);
        let mut server = Server::start(&mut command, &home.join("log"));
        // a name of its own, so that nothing of the zones is in the cache when the questions come
        server.wait_until(|| self.ask(folder, port, "localhost.", "A").is_some());
        (server, port)
    }
}

/// Asks. `None` if there is no answer.
pub(crate) fn ask(dig: &Judge, folder: &Path, port: u16, name: &str, rtype: &str) -> Option<Answer> {
    let port = port.to_string();
    let arguments = [
        "@127.0.0.1",
        "-p",
        &port,
        "-r",
        "+dnssec",
        "+time=5",
        "+tries=1",
        "+nocookie",
        "-t",
        rtype,
        "-q",
        name,
    ];
    let outcome = dig.run(folder, arguments);
    parse(&outcome.stdout)
}

/// Reads dig's long form.
fn parse(text: &str) -> Option<Answer> {
    let status = text.lines().find_map(|line| {
        let (_, rest) = line.split_once("->>HEADER<<-")?;
        rest.split_once("status: ")?.1.split(',').next().map(str::to_owned)
    })?;
    let flags = text.lines().find_map(|line| line.strip_prefix(";; flags:")?.split(';').next())?;
    let answer = text.lines().skip_while(|line| *line != ";; ANSWER SECTION:").skip(1);
    let answer: Vec<&str> = answer.take_while(|line| !line.is_empty()).collect();
    let signatures = answer.iter().filter(|line| line.split_whitespace().nth(3) == Some("RRSIG")).count();
    Some(Answer {
        status,
        ad: flags.split_whitespace().any(|flag| flag == "ad"),
        records: answer.len() - signatures,
        signatures,
        text: text.to_owned(),
    })
}

pub(crate) fn named_conf(home: &Path, port: u16, zones: &[(&str, PathBuf)]) -> String {
    let home = home.display();
    let mut text = format!(
        "options {{ directory \"{home}\"; listen-on port {port} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }};\n\
         pid-file none; session-keyfile none; lock-file none; recursion no; allow-transfer {{ none; }}; notify no;\n\
         dnssec-validation no; empty-zones-enable no; }};\ncontrols {{ }};\n"
    );
    for (zone, file) in zones {
        let _ = writeln!(text, "zone \"{zone}\" {{ type primary; file \"{}\"; }};", file.display());
    }
    text
}

fn nsd_conf(home: &Path, port: u16, zones: &[(&str, PathBuf)]) -> String {
    let home = home.display();
    let mut text = format!(
        "server:\n ip-address: 127.0.0.1\n port: {port}\n do-ip6: no\n username: \"\"\n chroot: \"\"\n database: \"\"\n \
         zonesdir: \"{home}\"\n xfrdfile: \"{home}/xfrd.state\"\n zonelistfile: \"{home}/zone.list\"\n \
         xfrdir: \"{home}\"\n pidfile: \"{home}/nsd.pid\"\n server-count: 1\n verbosity: 1\n\
         remote-control:\n control-enable: no\n"
    );
    for (zone, file) in zones {
        let _ = writeln!(text, "zone:\n name: \"{zone}\"\n zonefile: \"{}\"", file.display());
    }
    text
}

fn unbound_conf(home: &Path, port: u16, authority: u16, trust: &Path) -> String {
    let (home, trust) = (home.display(), trust.display());
    let mut text = format!(
        "server:\n interface: 127.0.0.1\n port: {port}\n do-ip6: no\n access-control: 127.0.0.0/8 allow\n \
         chroot: \"\"\n username: \"\"\n directory: \"{home}\"\n pidfile: \"{home}/unbound.pid\"\n use-syslog: no\n \
         verbosity: 1\n val-log-level: 2\n num-threads: 1\n module-config: \"validator iterator\"\n \
         do-not-query-localhost: no\n trust-anchor-file: \"{trust}\"\n trust-anchor-signaling: no\n \
         root-key-sentinel: no\n aggressive-nsec: no\n\
         remote-control:\n control-enable: no\n"
    );
    for zone in [ORIGIN, SECURE, INSECURE] {
        let _ = writeln!(
            text,
            "stub-zone:\n name: \"{zone}\"\n stub-addr: 127.0.0.1@{authority}\n stub-prime: no"
        );
    }
    text
}

/// Puts the questions and collects what is wrong.
pub(crate) fn wrong(tools: &Tools, folder: &Path, port: u16, questions: &[Question]) -> Vec<String> {
    let mut complaints = Vec::new();
    for (name, rtype, status, ad, records) in questions {
        let Some(answer) = tools.ask(folder, port, name, rtype) else {
            complaints.push(format!("{name} {rtype}: no answer"));
            continue;
        };
        let right = answer.status == *status && answer.ad == *ad && answer.records == *records;
        let proven = !ad || answer.records == 0 || answer.signatures > 0;
        if !right || !proven {
            complaints.push(format!(
                "{name} {rtype}: expected {status}, AD {ad}, {records} records; got {}, AD {}, {} records, {} signatures\n{}",
                answer.status, answer.ad, answer.records, answer.signatures, answer.text
            ));
        }
    }
    complaints
}

/// The whole course for one server, algorithm and chain.
#[track_caller]
fn resolves(kind: Kind, algorithm: u8, options: &[&str]) {
    let Some(tools) = tools(kind) else { return };
    let signed = signed(algorithm, options);
    let folder = signed.folder.path();
    let (authority, authority_port) = tools.serve(kind, folder, &signed.zones);
    let (resolver, port) = tools.resolve(folder, authority_port, &signed.trust);
    let mut complaints = wrong(&tools, folder, port, &SECURE_QUESTIONS);
    let provable = !options.contains(&"-P") && !options.contains(&"-p");
    let chain = CHAIN_QUESTIONS.map(|(name, rtype, status, _, records)| {
        // with -p the delegation has a record of its own in the chain: nothing rests on what covers it
        let matched = name == INSECURE && !options.contains(&"-P");
        (name, rtype, status, provable || matched, records)
    });
    complaints.extend(wrong(&tools, folder, port, &chain));
    complaints.extend(wrong(&tools, folder, port, &INSECURE_QUESTIONS));
    assert!(
        complaints.is_empty(),
        "{} complaints:\n{}\nunbound:\n{}\nserver:\n{}",
        complaints.len(),
        complaints.join("\n"),
        resolver.log_tail(),
        authority.log_tail()
    );
    drop((authority, resolver));
    spoilt(&tools, kind, &signed);
}

/// One bit of one signature changed: that answer fails, its neighbours do not.
fn spoilt(tools: &Tools, kind: Kind, signed: &Signed) {
    let folder = signed.folder.path();
    let parent = common::read(&signed.zones[0].1);
    let text = bindkeys::spoil(&parent, "www.seal.example.", "A").expect("www has a signature for its A");
    assert_ne!(text, parent, "the signature was changed");
    let file = common::write(folder, "spoilt", &text);
    let mut zones = signed.zones.clone();
    zones[0].1 = file;
    let (_authority, authority_port) = tools.serve(kind, folder, &zones);
    let (resolver, port) = tools.resolve(folder, authority_port, &signed.trust);
    let questions = [
        ("www.seal.example.", "A", "SERVFAIL", false, 0),
        ("www.seal.example.", "TXT", "NOERROR", true, 1),
        ("mail.seal.example.", "A", "NOERROR", true, 1),
    ];
    let complaints = wrong(tools, folder, port, &questions);
    assert!(complaints.is_empty(), "spoilt: {}\nunbound:\n{}", complaints.join("\n"), resolver.log_tail());
}

#[test]
fn bind_serves_nsec() {
    resolves(Kind::Named, 13, &[]);
}

#[test]
fn nsd_serves_nsec() {
    resolves(Kind::Nsd, 15, &[]);
}

#[test]
fn bind_serves_nsec3() {
    resolves(Kind::Named, 13, &["-n"]);
}

#[test]
fn nsd_serves_nsec3() {
    resolves(Kind::Nsd, 8, &["-n", "-s", "aabbccdd"]);
}

#[test]
fn bind_serves_opt_out() {
    resolves(Kind::Named, 15, &["-P"]);
}

#[test]
fn nsd_serves_opt_out() {
    resolves(Kind::Nsd, 13, &["-P"]);
}

#[test]
fn bind_serves_an_opt_out_flag_on_a_whole_chain() {
    resolves(Kind::Named, 14, &["-n", "-p"]);
}

#[test]
fn nsd_serves_an_opt_out_flag_on_a_whole_chain() {
    resolves(Kind::Nsd, 13, &["-n", "-p"]);
}

/// The DS that Unbound trusts must be the thing that counts: with another zone's DS nothing is secure.
#[test]
fn a_wrong_ds_is_servfail() {
    let Some(tools) = tools(Kind::Named) else { return };
    let (signed, other) = (signed(13, &[]), signed(13, &[]));
    let folder = signed.folder.path();
    let (_authority, authority_port) = tools.serve(Kind::Named, folder, &signed.zones);
    let trust = folder.join("other");
    fs::copy(&other.trust, &trust).expect("a file can be copied");
    let (_resolver, port) = tools.resolve(folder, authority_port, &trust);
    let complaints = wrong(&tools, folder, port, &[("www.seal.example.", "A", "SERVFAIL", false, 0)]);
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}
