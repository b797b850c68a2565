//! The zone of RFC 5155, appendix A: its NSEC3 chain, with opt-out, made anew.
//!
//! One of its names is the hash of another: an NSEC3 and data with one owner.

use std::collections::BTreeMap;
use zoneseal::dns::Rtype;
use zoneseal::dnssec::nsec3::{OptOut, Params};
use zoneseal::dnssec::sign::Denial;

use crate::{Held, records, signed};

/// The zone without what a signer adds.
const ZONE: &str = "\
$TTL 3600
example. SOA ns1.example. bugs.x.w.example. 1 3600 300 3600000 3600
example. NS ns1.example.
example. NS ns2.example.
example. MX 1 xx.example.
2t7b4g4vsa5smi47k61mv5bv1a22bojr.example. A 192.0.2.127
a.example. NS ns1.a.example.
a.example. NS ns2.a.example.
a.example. DS 58470 5 1 3079F1593EBAD6DC121E202A8B766A6A4837206C
ns1.a.example. A 192.0.2.5
ns2.a.example. A 192.0.2.6
ai.example. A 192.0.2.9
ai.example. HINFO \"KLH-10\" \"ITS\"
ai.example. AAAA 2001:db8::f00:baa9
c.example. NS ns1.c.example.
c.example. NS ns2.c.example.
ns1.c.example. A 192.0.2.7
ns2.c.example. A 192.0.2.8
ns1.example. A 192.0.2.1
ns2.example. A 192.0.2.2
*.w.example. MX 1 ai.example.
x.w.example. MX 1 xx.example.
x.y.w.example. MX 1 xx.example.
xx.example. A 192.0.2.10
xx.example. HINFO \"KLH-10\" \"TOPS-20\"
xx.example. AAAA 2001:db8::f00:baaa
";

/// Its chain: hash, next hash, types.
const CHAIN: &str = "\
0p9mhaveqvm6t7vbl5lop2u3t2rp3tom 2t7b4g4vsa5smi47k61mv5bv1a22bojr NS SOA MX RRSIG DNSKEY NSEC3PARAM
2t7b4g4vsa5smi47k61mv5bv1a22bojr 2vptu5timamqttgl4luu9kg21e0aor3s A RRSIG
2vptu5timamqttgl4luu9kg21e0aor3s 35mthgpgcu1qg68fab165klnsnk3dpvl MX RRSIG
35mthgpgcu1qg68fab165klnsnk3dpvl b4um86eghhds6nea196smvmlo4ors995 NS DS RRSIG
b4um86eghhds6nea196smvmlo4ors995 gjeqe526plbf1g8mklp59enfd789njgi MX RRSIG
gjeqe526plbf1g8mklp59enfd789njgi ji6neoaepv8b5o6k4ev33abha8ht9fgc A HINFO AAAA RRSIG
ji6neoaepv8b5o6k4ev33abha8ht9fgc k8udemvp1j2f7eg6jebps17vp3n8i58h
k8udemvp1j2f7eg6jebps17vp3n8i58h kohar7mbb8dc2ce8a9qvl8hon4k53uhi
kohar7mbb8dc2ce8a9qvl8hon4k53uhi q04jkcevqvmu85r014c7dkba38o0ji5r A RRSIG
q04jkcevqvmu85r014c7dkba38o0ji5r r53bq7cc2uvmubfu5ocmm6pers9tk9en A RRSIG
r53bq7cc2uvmubfu5ocmm6pers9tk9en t644ebqk9bibcna874givr6joj62mlhv MX RRSIG
t644ebqk9bibcna874givr6joj62mlhv 0p9mhaveqvm6t7vbl5lop2u3t2rp3tom A HINFO AAAA RRSIG
";

fn made(opt_out: OptOut) -> Vec<Held> {
    let params = Params { iterations: 12, salt: vec![0xaa, 0xbb, 0xcc, 0xdd] };
    let validity = ("20051021000000", "20150420235959");
    signed(&records(ZONE), "example.", 3600, validity, Denial::Nsec3(params, opt_out))
}

fn chain(records: &[Held]) -> BTreeMap<String, Vec<u8>> {
    let links = records.iter().filter(|record| record.rtype == Rtype::NSEC3);
    links.map(|link| (link.owner.to_string(), link.rdata.clone())).collect()
}

#[test]
fn rfc_5155_appendix_a_chain() {
    let lines = CHAIN.lines().map(|line| {
        let (hash, rest) = line.split_once(' ').unwrap();
        format!("{hash}.example. 3600 IN NSEC3 1 1 12 aabbccdd {rest}\n")
    });
    let theirs = records(&lines.collect::<String>());
    let ours = made(OptOut::LeaveOut);
    assert_eq!(chain(&ours), chain(&theirs));
    assert_eq!(chain(&ours).len(), 12);
    let params: Vec<_> = ours.iter().filter(|record| record.rtype == Rtype::NSEC3PARAM).collect();
    assert_eq!(params[0].rdata, [1, 0, 0, 12, 4, 0xaa, 0xbb, 0xcc, 0xdd]);
    assert_eq!((params.len(), params[0].ttl), (1, 0));
}

/// The name that is a hash has its own records and the NSEC3 of another, each set with its signature.
#[test]
fn rfc_5155_appendix_a_name_that_is_a_hash() {
    let ours = made(OptOut::LeaveOut);
    let name = "2t7b4g4vsa5smi47k61mv5bv1a22bojr.example.";
    let there: Vec<String> = ours
        .iter()
        .filter(|record| record.owner.to_string() == name)
        .map(|record| match record.rtype {
            Rtype::RRSIG => format!("RRSIG {}", record.rrsig().type_covered),
            rtype => rtype.to_string(),
        })
        .collect();
    assert_eq!(there, ["A", "RRSIG A", "NSEC3", "RRSIG NSEC3"]);
}

/// Without opt-out the insecure delegation has a record too, which lists NS alone (section 7.1).
#[test]
fn rfc_5155_section_7_1_without_opt_out() {
    let (without, with) = (chain(&made(OptOut::No)), chain(&made(OptOut::LeaveOut)));
    let more: Vec<_> = without.keys().filter(|owner| !with.contains_key(*owner)).collect();
    assert_eq!(more, ["4g6p9u5gvfshp30pqecj98b3maqbn1ck.example."]);
    assert_eq!(without.len(), 13);
    let link = &without[more[0]];
    // flags 0; behind the next hash a bitmap of NS alone
    assert_eq!((link[1], &link[30..]), (0, &[0, 1, 0x20][..]));
    let flag = chain(&made(OptOut::Flag));
    assert!(flag.keys().eq(without.keys()) && flag.values().all(|link| link[1] == 1));
}
