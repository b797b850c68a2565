//! Zones with one lesson each, for the tests of this folder. All have the same origin, so that keys can be shared.

/// The origin of every zone here.
pub(crate) const ORIGIN: &str = "seal.example.";

/// A zone and what it is there for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    pub(crate) name: &'static str,
    pub(crate) text: &'static str,
}

/// Nothing but the apex: the chain is one name that points to itself.
pub(crate) const APEX: Sample = Sample {
    name: "apex",
    text: "\
$TTL 3600
@ IN SOA ns.elsewhere.example. hostmaster 1 7200 3600 1209600 300
@ IN NS ns.elsewhere.example.
",
};

/// What most zones have: hosts, mail, text, a service, aliases, a wildcard, empty non-terminals.
pub(crate) const PLAIN: Sample = Sample {
    name: "plain",
    text: "\
$TTL 3600
@        IN SOA ns1 hostmaster 2026110100 7200 3600 1209600 300
         IN NS  ns1
         IN NS  ns2
         IN MX  10 mail
         IN MX  20 mail2
         IN TXT \"v=spf1 mx -all\"
         IN CAA 0 issue \"ca.example.net\"
ns1      IN A   192.0.2.1
         IN AAAA 2001:db8::1
ns2      IN A   192.0.2.2
mail     IN A   192.0.2.3
mail2    IN A   192.0.2.4
www 600  IN A   192.0.2.5
www 600  IN A   192.0.2.6
alias    IN CNAME www
_sip._tcp.deep.er IN SRV 1 2 5060 mail
*        IN TXT \"a wildcard\"
*.wild   IN A   192.0.2.7
**.wild  IN A   192.0.2.8
a.*      IN A   192.0.2.9
_443._tcp.www IN TLSA 3 1 1 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
",
};

/// Delegations with and without DS, with and without glue, and names below them.
pub(crate) const DELEGATIONS: Sample = Sample {
    name: "delegations",
    text: "\
$TTL 3600
@        IN SOA ns1 hostmaster 7 7200 3600 1209600 600
         IN NS  ns1
ns1      IN A   192.0.2.1
secure   IN NS  ns1.secure
         IN NS  ns1
         IN DS  12345 13 2 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
ns1.secure IN A 192.0.2.10
         IN AAAA 2001:db8::10
insecure IN NS  ns.insecure
ns.insecure IN A 192.0.2.11
far      IN NS  ns.elsewhere.example.
x.y.ent  IN NS  ns.x.y.ent
ns.x.y.ent IN A 192.0.2.12
host     IN A   192.0.2.13
",
};

/// A DNAME with nothing under it, and data below a cut that is no glue. NSD and Knot refuse data under a DNAME.
pub(crate) const DNAME: Sample = Sample {
    name: "dname",
    text: "\
$TTL 3600
@        IN SOA ns1 hostmaster 7 7200 300 1209600 3600
         IN NS  ns1
ns1      IN A   192.0.2.1
old      IN DNAME new
         IN TXT \"beside a DNAME\"
www.new  IN A   192.0.2.22
child    IN NS  ns.child
ns.child IN A   192.0.2.23
mail.child IN MX 10 ns.child
deep.mail.child IN TXT \"not ours\"
",
};

/// A DNAME below the apex with data under it, and data under a cut that is no glue: kept, and not signed.
pub(crate) const OCCLUDED: Sample = Sample {
    name: "occluded",
    text: "\
$TTL 3600
@        IN SOA ns1 hostmaster 7 7200 3600 1209600 600
         IN NS  ns1
ns1      IN A   192.0.2.1
old      IN DNAME new
         IN TXT \"beside a DNAME\"
hidden.old IN A 192.0.2.20
new      IN A   192.0.2.21
www.new  IN A   192.0.2.22
child    IN NS  ns.child
ns.child IN A   192.0.2.23
mail.child IN MX 10 ns.child
deep.mail.child IN TXT \"not ours\"
",
};

/// Upper case in owners and in RDATA of types that are and are not lowered in the canonical form.
pub(crate) const CASE: Sample = Sample {
    name: "case",
    text: "\
$TTL 3600
@        IN SOA NS1 HostMaster 7 7200 3600 1209600 600
         IN NS  NS1
NS1      IN A   192.0.2.1
WWW      IN A   192.0.2.2
Www      IN AAAA 2001:db8::2
Mail     IN MX  10 MAIL.Elsewhere.Example.
Alias    IN CNAME wWw
Srv      IN SRV 0 0 80 WWW
Naptr    IN NAPTR 100 10 \"U\" \"E2U+sip\" \"!^.*$!sip:Info@Seal.Example!\" .
Naptr2   IN NAPTR 100 10 \"s\" \"SIP+D2U\" \"\" _SIP._Udp
Svc      IN HTTPS 1 WWW.Elsewhere.Example. alpn=h2
Rp       IN RP  Admin.Elsewhere.Example. Txt.Elsewhere.Example.
B.Z      IN TXT \"Upper\"
a.z      IN TXT \"lower\"
Dname    IN DNAME Target.Elsewhere.Example.
Ptr      IN PTR Host.Elsewhere.Example.
Px       IN PX  10 Map822.Example. MapX400.Example.
Kx       IN KX  10 Kx.Elsewhere.Example.
Af       IN AFSDB 1 Af.Elsewhere.Example.
",
};

/// One RRset with several TTLs, and records without one. The first of an RRset decides.
pub(crate) const TTLS: Sample = Sample {
    name: "ttls",
    text: "\
@ 7200   IN SOA ns1 hostmaster 7 7200 3600 1209600 900
@        IN NS  ns1
ns1 1h   IN A   192.0.2.1
mixed 100 IN A  192.0.2.2
mixed 300 IN A  192.0.2.3
mixed 200 IN A  192.0.2.4
zero 0   IN TXT \"no caching\"
long 2147483647 IN TXT \"68 years\"
mixed 50 IN TXT \"another RRset of the name\"
$TTL 1d
after    IN A   192.0.2.5
",
};

/// Escapes in labels, and the order of names that differ in odd octets.
pub(crate) const ESCAPES: Sample = Sample {
    name: "escapes",
    text: "\
$TTL 3600
@        IN SOA ns1 host\\.master 7 7200 3600 1209600 600
         IN NS  ns1
ns1      IN A   192.0.2.1
a\\.b    IN TXT \"a dot in a label\"
a.b      IN TXT \"two labels\"
\\000    IN TXT \"a zero octet\"
\\000.\\000 IN TXT \"two of them\"
\\255    IN TXT \"the last octet\"
\\200.z  IN TXT \"beyond ASCII\"
z        IN TXT \"z\"
\\065bc  IN TXT \"Abc\"
\\042.star IN TXT \"an escaped asterisk is an asterisk\"
sp\\032ace IN TXT \"a blank\"
semi\\;colon IN TXT \"a semicolon \\; in quotes\"
quo\\\"te IN TXT \"a \\\"quotation\\\" and a \\\\ and \\007\"
at\\@    IN TXT \"\" \"x\"
yljkjljk IN TXT \"RFC 4034, section 6.1\"
Z.a      IN TXT \"RFC 4034, section 6.1\"
zABC.a.EXAMPLE IN TXT \"RFC 4034, section 6.1\"
\\001.z  IN TXT \"RFC 4034, section 6.1\"
*.z      IN TXT \"RFC 4034, section 6.1\"
",
};

/// Types without a name, and one with a name in the form of RFC 3597.
pub(crate) const UNKNOWN: Sample = Sample {
    name: "unknown",
    text: "\
$TTL 3600
@        IN SOA ns1 hostmaster 7 7200 3600 1209600 600
         IN NS  ns1
ns1      IN A   192.0.2.1
u        IN TYPE65280 \\# 4 0A000001
         IN TYPE65280 \\# 3 0A0000
         IN TYPE65280 \\# 0
         IN TYPE1234  \\# 5 0358595A00
known    IN A \\# 4 C0000202
named    IN TYPE15 \\# 9 000A 0358595A 0158 00
         CLASS1 TYPE1 192.0.2.3
",
};

/// The zones every judge can read.
pub(crate) const COMMON: [Sample; 3] = [PLAIN, DELEGATIONS, DNAME];

/// All of them.
pub(crate) const ALL: [Sample; 9] = [APEX, PLAIN, DELEGATIONS, DNAME, OCCLUDED, CASE, TTLS, ESCAPES, UNKNOWN];
