//! The guide "from unsigned to secure" is walked, command by command, with real servers.
//!
//! What stands in it as `sh` is run as it stands, with three changes: servers are named on a port of 127.0.0.1, which
//! serves both the zone and its parent; `rndc` and `nsd-control` are a script that has that server load the new file;
//! `aws` is one that puts the DS into the parent, or takes it out.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::bindkeys;
use crate::common::{self, Judge, LIMIT, Outcome, Server};
use crate::unbound;

const GUIDE: &str = include_str!("../../src/guide/secure.md");

const ZONE: &str = "\
$TTL 3600
@    IN SOA ns1 hostmaster 1 7200 3600 1209600 300
     IN NS  ns1
ns1  IN A   192.0.2.1
www  IN A   192.0.2.2
";

const PARENT: &str = "\
$TTL 300
@            IN SOA a0 hostmaster 1 7200 3600 1209600 300
             IN NS  a0
a0           IN A   127.0.0.1
example      IN NS  ns1.example
ns1.example  IN A   192.0.2.1
";

/// The blocks of the guide with their language, without the indentation of the list they stand in.
fn blocks() -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    let mut lines = GUIDE.lines();
    while let Some(line) = lines.next() {
        let Some(language) = line.trim_start().strip_prefix("```") else { continue };
        let body = lines.by_ref().take_while(|line| line.trim() != "```");
        found.push((language, body.flat_map(|line| [line.trim_start(), "\n"]).collect()));
    }
    found
}

/// A command of this name that is a script.
fn script(bin: &Path, name: &str, text: &str) {
    let path = common::write(bin, name, &format!("#!/bin/sh\nset -eu\n{text}"));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("a file's mode can be set");
}

/// Runs a block as a shell would.
fn shell(folder: &Path, bin: &Path, text: &str) -> Outcome {
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap_or_default());
    let mut command = Command::new("sh");
    common::run_limited(command.args(["-eu", "-c", text]).current_dir(folder).env("PATH", path), LIMIT)
}

struct Course {
    folder: tempfile::TempDir,
    bin: PathBuf,
    port: u16,
    _server: Server,
}

/// The zone file, the server of zone and parent, and the scripts.
fn start(named: &Judge, dig: &Judge) -> Course {
    let folder = common::folder();
    let path = folder.path();
    common::write(path, "example.org.zone", ZONE);
    let home = bindkeys::subfolder(path, "server");
    let port = unbound::free_port();
    let (zone, parent) =
        (common::write(path, "example.org.zone.signed", ZONE), common::write(&home, "org", PARENT));
    let conf = unbound::named_conf(&home, port, &[("example.org", zone), ("org", parent)])
        .replace("type primary;", "type primary; allow-update { 127.0.0.1; };")
        .replacen("allow-update { 127.0.0.1; };", "", 1);
    let conf = common::write(&home, "named.conf", &conf);
    let mut command = Command::new(&named.path);
    command.current_dir(&home).args(["-g", "-n", "1", "-c"]).arg(conf);
    let mut server = Server::start(&mut command, &home.join("log"));
    server.wait_until(|| {
        unbound::ask(dig, path, port, "org.", "SOA").is_some_and(|answer| answer.status == "NOERROR")
    });

    let bin = bindkeys::subfolder(path, "bin");
    let program = std::env::var_os("ZONESEAL_BIN").unwrap_or_else(|| env!("CARGO_BIN_EXE_zoneseal").into());
    symlink(program, bin.join("zoneseal")).expect("a link can be made");
    script(
        &bin,
        "rndc",
        &format!(
            "test \"$*\" = \"reload example.org\"\nkill -HUP {}\n\
             wanted=$(awk '$4 == \"SOA\" {{ print $7; exit }}' example.org.zone.signed)\n\
             for i in $(seq 100); do\n\
             case $(dig +short @127.0.0.1 -p {port} example.org SOA) in *\" $wanted \"*) exit 0 ;; esac\n\
             sleep 0.1\ndone\nexit 1\n",
            server.id()
        ),
    );
    symlink(bin.join("rndc"), bin.join("nsd-control")).expect("a link can be made");
    let update = format!("{{ echo server 127.0.0.1 {port}; cat; }} | nsupdate");
    script(
        &bin,
        "aws",
        &format!(
            "test \"$1\" = route53domains\ncase $2 in\n\
             associate-*) grep -q '\"SigningAttributes\"' \"${{6#file://}}\"\n\
             zoneseal ds -q --format nsupdate example.org.zone.signed | {update} ;;\n\
             disassociate-*) printf 'update delete example.org. DS\\nsend\\n' | {update} ;;\n\
             *) exit 1 ;;\nesac\n"
        ),
    );
    Course { folder, bin, port, _server: server }
}

#[test]
fn from_unsigned_to_secure_and_back() {
    let tools = ["named", "dig", "delv", "nsupdate"].map(common::judge);
    let [Some(named), Some(dig), Some(_), Some(_)] = tools else { return };
    let course = start(&named, &dig);
    let local = format!("@127.0.0.1 -p {}", course.port);
    let mut said = String::new();
    let mut ran = 0;
    for (language, text) in blocks() {
        if language != "sh" {
            continue;
        }
        let text = text.replace("@ns1.example.org", &local).replace("@a0.org.afilias-nst.info", &local);
        let outcome = shell(course.folder.path(), &course.bin, &text);
        let outcome = outcome.expect_ok(&text);
        said.push_str(&outcome.stdout);
        said.push_str(&outcome.stderr);
        ran += 1;
    }
    assert!(ran > 10, "the guide has commands");
    // what the text around them promises
    let times = ["DS-Published: ", "DS-Withdrawn: ", "Retire: ", "Remove: "];
    let keys = course.folder.path().join("keys/example.org");
    let ksk = fs::read_dir(keys).expect("keygen made keys").map(|entry| entry.expect("an entry").path());
    let ksk = ksk.map(|path| common::read(&path)).find(|text| text.contains("Role: ksk")).expect("a KSK");
    assert!(times.iter().all(|time| ksk.contains(time)), "a time is missing");
    for words in [
        "; fully validated",
        "have its DS",
        "all is well at the parent",
        "the parent has no DS, as the zone asks",
    ] {
        assert!(said.contains(words), "\"{words}\" is not in:\n{said}");
    }
    let answers = said.lines().filter(|line| line.contains("RRSIG") && line.contains("SOA")).count();
    assert!(answers > 0, "the answers have signatures");
}

/// Parts of configurations are what the servers take.
#[test]
fn the_servers_take_the_configurations() {
    let folder = common::folder();
    for (language, name, head) in [
        ("text named.conf", "named-checkconf", ""),
        ("text nsd.conf", "nsd-checkconf", "server:\n username: \"\"\n"),
    ] {
        let Some(judge) = common::judge(name) else { continue };
        let (_, text) = blocks()
            .into_iter()
            .find(|(found, _)| *found == language)
            .expect("the guide has the configuration");
        let file = common::write(folder.path(), "conf", &format!("{head}{text}"));
        judge.run(folder.path(), [file]).expect_ok(name);
    }
}
