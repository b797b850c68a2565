//! The digests of RFC 8976, appendix A, and of the other zones that people have published as test cases: what
//! `zoneseal sign -Z` computes is what they say.

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Appendix A.1.
const SIMPLE: &str = "\
example. 86400 IN SOA ns1 admin 2018031900 1800 900 604800 86400
 86400 IN NS ns1
 86400 IN NS ns2
ns1 3600 IN A 203.0.113.63
ns2 3600 IN AAAA 2001:db8::63
";
const SIMPLE_DIGEST: &str =
    "c68090d90a7aed716bc459f9340e3d7c1370d4d24b7e2fc3a1ddc0b9a87153b9a9713b3c9ae5cc27777f98b8e730044c";

/// Appendix A.2: occluded, duplicate and out-of-zone data, and a ZONEMD that is not at the apex.
const COMPLEX: &str = "\
example. 86400 IN SOA ns1 admin 2018031900 1800 900 604800 86400
 86400 IN NS ns1
 86400 IN NS ns2
ns1 3600 IN A 203.0.113.63
ns2 3600 IN AAAA 2001:db8::63
occluded.sub 7200 IN TXT \"I'm occluded but must be digested\"
sub 7200 IN NS ns1
duplicate 300 IN TXT \"I must be digested just once\"
duplicate 300 IN TXT \"I must be digested just once\"
foo.test. 555 IN TXT \"out-of-zone data must be excluded\"
non-apex 900 IN ZONEMD 2018031900 1 1 (
  616c6c6f776564206275742069676e6f7265642e20616c6c6f77656420627574
  2069676e6f7265642e20616c6c6f7765 )
";
const COMPLEX_DIGEST: &str =
    "31cefb03814f5062ad12fa951ba0ef5f8da6ae354a415767246f7dc932ceb1e742a2108f529db6a33a11c01493de358d";

/// Appendix A.3 without its digests.
const MULTIPLE: &str = "\
example. 86400 IN SOA ns1 admin 2018031900 1800 900 604800 86400
example. 86400 IN NS ns1.example.
example. 86400 IN NS ns2.example.
ns1.example. 3600 IN A 203.0.113.63
ns2.example. 86400 IN TXT \"This example has multiple digests\"
ns2.example. 3600 IN AAAA 2001:db8::63
";
const MULTIPLE_SHA384: &str =
    "62e6cf51b02e54b9b5f967d547ce43136792901f9f88e637493daaf401c92c279dd10f0edb1c56f8080211f8480ee306";
const MULTIPLE_SHA512: &str = "\
    08cfa1115c7b948c4163a901270395ea226a930cd2cbcf2fa9a5e6eb85f37c8a\
    4e114d884e66f176eab121cb02db7d652e0cc4827e7a3204f166b47e5613fd27";

/// The apex ZONEMDs of a zone's text as `SERIAL SCHEME HASH DIGEST`, the digest in lower case.
fn claims(text: &str) -> BTreeSet<String> {
    let words = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let apex =
        words.clone().find(|words| words.get(3) == Some(&"SOA")).expect("a zone has a SOA")[0].to_owned();
    words
        .filter(|words| words.len() > 7 && words[3] == "ZONEMD" && words[0] == apex)
        .map(|words| format!("{} {}", words[4..7].join(" "), words[7..].concat().to_ascii_lowercase()))
        .collect()
}

/// Makes the digests of a zone file.
fn made(file: &Path, origin: &str, hashes: &[&str]) -> BTreeSet<String> {
    let folder = common::folder();
    let output = folder.path().join("out");
    let mut command = common::zoneseal(folder.path());
    command.args(["sign", "-q", "-Z", "-o", origin]).args(hashes.iter().flat_map(|hash| ["-z", hash]));
    command.arg("-f").arg(&output).arg(file);
    common::run_limited(&mut command, common::LIMIT).expect_ok("sign -Z");
    claims(&common::read(&output))
}

fn made_of(text: &str, hashes: &[&str]) -> BTreeSet<String> {
    let folder = common::folder();
    made(&common::write(folder.path(), "zone", text), "example.", hashes)
}

#[test]
fn rfc_8976_appendix_a_1_simple() {
    let expected = format!("2018031900 1 1 {SIMPLE_DIGEST}");
    assert_eq!(made_of(SIMPLE, &["sha384"]), BTreeSet::from([expected]));
}

#[test]
fn rfc_8976_appendix_a_2_complex() {
    let expected = format!("2018031900 1 1 {COMPLEX_DIGEST}");
    assert_eq!(made_of(COMPLEX, &["simple:sha384"]), BTreeSet::from([expected]));
}

#[test]
fn rfc_8976_appendix_a_3_multiple() {
    let expected = [format!("2018031900 1 1 {MULTIPLE_SHA384}"), format!("2018031900 1 2 {MULTIPLE_SHA512}")];
    assert_eq!(made_of(MULTIPLE, &["1:1", "sha512"]), BTreeSet::from(expected));
}

/// A digest that was there before is not copied, and changes nothing.
#[test]
fn a_stale_digest_is_replaced() {
    let stale = format!("{SIMPLE}example. 86400 IN ZONEMD 2018031900 1 1 {}\n", "00".repeat(48));
    assert_eq!(made_of(&stale, &["sha384"]), made_of(SIMPLE, &["sha384"]));
}

/// Zones of the corpus that carry right digests, appendix A.4 and A.5 of the RFC among them: signed ones keep their
/// signatures, which are digested too.
#[test]
fn published_zones_have_the_digests_that_they_say() {
    let Some(corpus) = common::corpus() else { return };
    let vectors = corpus.join("vectors");
    let mut zones: Vec<(PathBuf, String)> = Vec::new();
    for (name, origin) in [("A4-uri.arpa", "uri.arpa."), ("A5-root-servers.net", "root-servers.net.")] {
        zones.push((vectors.join(format!("zones/rfc8976-{name}.with-zonemd.zone")), origin.to_owned()));
    }
    for case in fs::read_dir(vectors.join("zonemd-cases")).expect("the corpus has ZONEMD cases") {
        let case = case.expect("a folder can be listed").path();
        let config = common::read(&case.join("config"));
        let value = |name: &str| config.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
        let file = case.join(value("zonefile").expect("a case has a zone file"));
        if value("expected_result") == Some("success") && file.is_file() {
            zones.push((file, format!("{}.", value("origin").expect("a case has an origin"))));
        }
    }
    let mut wrong = Vec::new();
    for (file, origin) in &zones {
        let dump = named_dump(file, origin);
        let said: BTreeSet<String> = claims(&dump).into_iter().filter(|claim| known(claim)).collect();
        let hashes: Vec<&str> = [(" 1 1 ", "sha384"), (" 1 2 ", "sha512")]
            .iter()
            .filter(|(kind, _)| said.iter().any(|claim| claim.contains(kind)))
            .map(|(_, hash)| *hash)
            .collect();
        // some carry digests of kinds that nobody has assigned yet
        if !said.is_empty() && made(file, origin, &hashes) != said {
            wrong.push(format!("{}: {said:?}", file.display()));
        }
    }
    assert!(zones.len() > 15, "{} zones", zones.len());
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), zones.len(), wrong.join("\n"));
}

fn known(claim: &str) -> bool {
    claim.contains(" 1 1 ") || claim.contains(" 1 2 ")
}

/// The zone's records, one a line, as `sign -Z` is not to have read them: with the digests that are in it.
fn named_dump(file: &Path, origin: &str) -> String {
    let Some(judge) = common::judge("named-compilezone") else { return String::new() };
    let folder = common::folder();
    let output = folder.path().join("dump");
    let mut arguments: Vec<String> =
        "-i none -k ignore -n ignore -m ignore -M ignore -S ignore -r ignore -T ignore -W ignore \
        -s full -o"
            .split_whitespace()
            .map(str::to_owned)
            .collect();
    arguments.extend([output.display().to_string(), origin.to_owned(), file.display().to_string()]);
    judge.run(folder.path(), arguments).expect_ok("named-compilezone reads it");
    common::read(&output)
}
