//! The language of master files, line by line: named-compilezone and this project must read each alike, or both refuse
//! it. Where they part, the line is in a list of its own, and `src/guide/decisions.md` has the reason.

use std::path::Path;

use crate::bind::{self, Bind};
use crate::common;
use crate::reading::{Zone, read};

/// What each of the lines stands behind.
const HEAD: &str = "$TTL 300\n@ SOA ns1 h 1 1h 1d 1w 5m\n NS ns1\nns1 A 192.0.2.1\n";

/// Files that lines include.
const INCLUDES: [(&str, &str); 5] = [
    ("plain.inc", " TXT \"owner of the includer\"\nc TXT q\n"),
    ("origin.inc", "$ORIGIN deep\nd TXT q\n TXT again\n"),
    ("ttl.inc", "$TTL 77\ne TXT q\nf 88 TXT q\n"),
    ("nest.inc", "g TXT q\n$INCLUDE origin.inc inner\n TXT \"whose?\"\nh TXT q\n"),
    ("no line end.inc", "i TXT q"),
];

/// Both read them, and find the same records.
const READ: &[&str] = &[
    // owners
    "a\\.b TXT q",
    "a\\065\\032\\000 TXT q",
    "\"a b\" TXT q",
    "\\@ TXT q",
    "@ TXT q",
    "@.b TXT q",
    "* TXT q\n*.b TXT q\nb.*.c TXT q",
    "a\u{e9} TXT q",
    "a\u{c}b\u{b} TXT q",
    "b TXT q\n TXT r\n\tTXT s\n \n; comment\n\n TXT t",
    "$ORIGIN sub\nb TXT q\n$ORIGIN deeper\nb TXT q\n@ TXT q\n$ORIGIN example.\nb TXT q",
    "b TXT q\n$ORIGIN sub\n TXT \"still b.example\"",
    "$origin sub\nb TXT q\n$Ttl 5\nb TXT r",
    "123456789012345678901234567890123456789012345678901234567890123 TXT q",
    // TTL and class, in either order
    "b 5 IN TXT q\nc IN 5 TXT q\nd 5 TXT q\ne IN TXT q\nf CLASS1 TXT q\ng 5 CLASS1 TXT q",
    "b 1h30m TXT q\nc 1W2D3H4M5S TXT q\nd 0 TXT q\ne 2147483647 TXT q",
    "b 2147483648 TXT q\nc 4294967295 TXT q",
    "$TTL 2147483648\nb TXT q",
    "$TTL 1d\nb TXT q\nc 5 TXT q\nd TXT q\n$TTL 7\ne TXT q",
    "IN TXT \"owner is IN\"\n5 TXT \"owner is 5\"\nTXT TXT \"owner is TXT\"",
    // types
    "b TYPE16 \\# 2 0141\nc TXT \\# 2 0141\nd TYPE1 192.0.2.1\ne type65280 \\# 3 0a 0B 0c",
    "b TXT \\# text\nc TXT \\#\nd TXT \\# \"2\" 0141\ne TXT \"\\#\" 2 0141",
    // character-strings
    "b TXT q r \"s t\" \"\" \"u\"v\"w\"",
    "b TXT a\\;b \"a;b\" a\\\"b \"a\\\"b\" \\092 \"\\\\\"",
    "b TXT a;comment\nc TXT \"(\" ; )",
    "b TXT \u{e9} \"\u{e9}\" a\u{c}b",
    // parentheses
    "b TXT ( q ; comment ) \"\n\n r\n)",
    "b TXT ((a) (b\n)c)\n(c TXT\n a)\n( d TXT a)\ne ( 5\n IN ) TXT a",
    " ( TXT a)",
    // line ends
    "b TXT q\r\nc TXT (\r\nr )\r\n \r\nd TXT s\r",
    // includes
    "b TXT q\n$INCLUDE plain.inc\n TXT \"still b\"\nz TXT q",
    "b TXT q\n$INCLUDE plain.inc (sub\n)",
    "b TXT q\n$INCLUDE plain.inc sub\n TXT \"still b\"\nz TXT q",
    "b TXT q\n$INCLUDE origin.inc\n TXT \"still b\"\nz TXT q",
    "b TXT q\n$INCLUDE origin.inc sub\n TXT \"still b\"\nz TXT q",
    "b TXT q\n$INCLUDE ttl.inc\nz TXT \"the $TTL of the include\"",
    "b TXT q\n$INCLUDE nest.inc sub ; comment\n TXT \"still b\"\nz TXT q",
    "$INCLUDE \"no line end.inc\"\nz TXT q\n$INCLUDE plain.inc\n$INCLUDE plain.inc twice",
    // $GENERATE
    "$GENERATE 1-3 a$ A 192.0.2.$",
    "$GENERATE 0-20/5 a$.b 5 IN A 192.0.2.$\n$GENERATE 0-1 c$ IN 6 A 192.0.2.$\n$generate 3-3 $ CLASS1 PTR $.h.",
    "$GENERATE 00-03/02 a$ TXT q",
    "$GENERATE 2147483646-2147483647 a$ TXT q",
    "$GENERATE 1-2 a$ TXT \"\\\"foo $\\\" \\\"bar\\\"\"",
    "$GENERATE 1-2 a$$ TXT \"x$$\"\n$GENERATE 1-2 b\\$ TXT \"x\\$\"",
    "$GENERATE 1-1 a${0,3,d}.${0,3,x}.${0,5,n}.${-5,3,d}.${-5,3,x} TXT q",
    "$GENERATE 171-171 ${0,3,o}.${0,4,X}.${0,4,x}.${0,0,N}.${0,1,N}.${0,2,N}.${0,3,n}.example. TXT q",
    "$GENERATE 18-18 ${0,127,n} TXT ${0,127}",
    "$GENERATE 1-2 ${10}.$ A 192.0.2.$\n$GENERATE 1-2 c.${10}.${0}.$ A 192.0.2.$",
    "$GENERATE 1-1 a TXT \"x${0}5,d}\"\n$GENERATE 1-1 b TXT \"${ +1, 2}\"",
    "$GENERATE 1-2 a MX \"$0 mail$\"\n$GENERATE 1-1 b TXT \"(foo bar) ; comment\"",
    "$GENERATE 1-1 a A \"\\# 4 c0000201\"\n$GENERATE 1-1 b TYPE65280 \"\\# 1 0$\"",
    "b A 192.0.2.4\n$GENERATE 0-0 a$ TXT q\n TXT \"owner is b\"",
    "$ORIGIN 2.0.192.in-addr.arpa.example.\n$GENERATE 1-4 $ CNAME $.0-127\n$GENERATE 1-2 0-127 NS ns$.example.",
    "$TTL 9\n$GENERATE 1-1 a 5 TXT q\nb TXT q",
];

/// Both refuse them.
const REFUSED: &[&str] = &[
    "b",
    "b IN",
    "b 5",
    "b 5 IN 6 TXT q",
    "b IN 5 IN TXT q",
    "b 4294967296 TXT q",
    "b 1h30 TXT q",
    "b 0x10 TXT q",
    "b CH TXT q",
    "b CLASS3 TXT q",
    "b CLASS65536 TXT q",
    "b TYPE65536 \\# 0",
    "b TYPE65280 q",
    "b ANY q",
    "b TKEY q",
    "b A \\# 3 010203",
    "b TXT q \\",
    "b TXT \\256",
    "b TXT \\25",
    "b TXT \"a\n b\"",
    "b TXT (",
    "b TXT q )",
    "a..b TXT q",
    ".a TXT q",
    "1234567890123456789012345678901234567890123456789012345678901234 TXT q",
    " $TTL 5",
    "$TTL",
    "$TTL soon",
    "$TTL 5 6",
    "$TTL 4294967296",
    "$ORIGIN",
    "$ORIGIN a b",
    "$ORIGIN a..b",
    "$INCLUDE",
    "$INCLUDE nothing.inc",
    "$INCLUDE plain.inc a b",
    "$INCLUDE .",
    "$NOTHING",
    "\0",
    "a\0b TXT q",
    "\u{feff}b TXT q\n\u{1a}",
    "$GENERATE",
    "$GENERATE 1-2",
    "$GENERATE 1-2 a$",
    "$GENERATE 1-2 a$ TXT",
    "$GENERATE 1 a$ TXT q",
    "$GENERATE 2-1 a$ TXT q",
    "$GENERATE -1-2 a$ TXT q",
    "$GENERATE 1-2/0 a$ TXT q",
    "$GENERATE 1-2/ a$ TXT q",
    "$GENERATE 0x1-3 a$ TXT q",
    "$GENERATE 1-2 a$ MX 10 mail$",
    "$GENERATE 1-2 a${0 TXT q",
    "$GENERATE 1-2 a TXT \"${0,2,q}\"",
    "$GENERATE 1-2 a TXT \"${}\"",
    "$GENERATE 1-1 a TXT ${0,128}",
    "$GENERATE 2147483647-2147483647 a TXT ${1}",
    "$GENERATE 1-1 a TKEY q",
    "$GENERATE 1-1 a CH TXT q",
    "$GENERATE 1-1 a TXT \"\"",
    "$GENERATE 250-256 a A 192.0.2.$",
];

/// We alone refuse them.
const WE_REFUSE: &[&str] = &[
    "b TXT q\rc TXT q",
    "b TXT \"a\0b\"",
    "$DATE 20200101000000",
    "$GENERATE 1-2x a$ TXT q",
    "$GENERATE 1-2/1x a$ TXT q",
    "$GENERATE 1-1048577 a TXT q",
];

/// We alone read them.
const WE_READ: &[&str] =
    &["b \"TXT\" q", "b TYPE065280 \\# 0", "$GENERATE 1-2 \"a$\" TXT q", "$GENERATE 1-1 a TXT (foo)"];

/// What both make of the lines: our records and BIND's, or why there are none.
type Both = [Result<Vec<String>, String>; 2];

fn both(bind: &Bind, folder: &Path, lines: &str) -> Both {
    let path = common::write(folder, "zone", &format!("{HEAD}{lines}\n"));
    let reading = read(&Zone::new(path.clone(), "example."));
    let ours = match reading.builder {
        Ok(_) => {
            let octets = common::write(folder, "ours", &reading.generic);
            Ok(bind.records(folder, "example.", &octets).expect("named takes the octets of what we read"))
        }
        Err(faults) => Err(faults.iter().map(ToString::to_string).collect()),
    };
    [ours, bind.records(folder, "example.", &path)]
}

fn each(lines: &[&str], wrong: impl Fn(&Both) -> bool) {
    let Some(bind) = bind::bind() else { return };
    let folder = common::folder();
    for (name, text) in INCLUDES {
        common::write(folder.path(), name, text);
    }
    let complaints: Vec<String> = lines
        .iter()
        .map(|lines| (lines, both(&bind, folder.path(), lines)))
        .filter(|(_, both)| wrong(both))
        .map(|(lines, both)| format!("{lines:?}\n  zoneseal {:?}\n  BIND     {:?}", both[0], both[1]))
        .collect();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn what_both_read_they_read_alike() {
    each(READ, |[ours, theirs]| ours.is_err() || theirs.is_err() || ours != theirs);
}

#[test]
fn what_bind_refuses_is_refused() {
    each(REFUSED, |[ours, theirs]| ours.is_ok() || theirs.is_ok());
}

#[test]
fn where_bind_reads_and_we_refuse() {
    each(WE_REFUSE, |[ours, theirs]| ours.is_ok() || theirs.is_err());
}

#[test]
fn where_bind_refuses_and_we_read() {
    each(WE_READ, |[ours, theirs]| ours.is_err() || theirs.is_ok());
}
