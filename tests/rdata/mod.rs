//! RDATA at random: octets that have the layout of a type, made field by field from the schema, so that a new type of
//! known kinds is tested without a word here.
#![allow(dead_code)] // each test program uses its own part of this

use proptest::collection::{SizeRange, btree_set, vec};
use proptest::prelude::*;
use proptest::sample::select;
use zoneseal::dns::schema::{self, Digests, Kind, Row};
use zoneseal::dns::{Rtype, bitmap};

type Octets = BoxedStrategy<Vec<u8>>;

/// Labels of any octets; some octets mean something in text.
fn label() -> impl Strategy<Value = Vec<u8>> {
    let octet = prop_oneof![any::<u8>(), select(&b"aAzZ-_*@.\\\"();$ \t\n\r\0\xff19"[..])];
    vec(octet, 1..12)
}

/// Names of up to 255 octets.
pub(crate) fn name() -> impl Strategy<Value = Vec<u8>> {
    let long = vec(any::<u8>(), 63);
    let labels = prop_oneof![9 => vec(label(), 0..5), 1 => vec(long, 3), 1 => vec(vec(any::<u8>(), 1), 127)];
    labels.prop_map(|labels| wire(&labels))
}

/// A name in wire form.
pub(crate) fn wire(labels: &[Vec<u8>]) -> Vec<u8> {
    let mut wire = Vec::new();
    for label in labels {
        wire.push(u8::try_from(label.len()).unwrap());
        wire.extend_from_slice(label);
    }
    wire.push(0);
    wire
}

fn octets(count: impl Into<SizeRange>) -> Octets {
    vec(any::<u8>(), count).boxed()
}

/// Octets behind one that says how many there are.
fn counted(octets: impl Strategy<Value = Vec<u8>> + 'static) -> Octets {
    octets.prop_map(|octets| [&[u8::try_from(octets.len()).unwrap()], octets.as_slice()].concat()).boxed()
}

fn text(pattern: &'static str) -> Octets {
    counted(pattern.prop_map(String::into_bytes))
}

/// One after the other.
fn sequence(parts: Vec<Octets>) -> Octets {
    parts.prop_map(|parts| parts.concat()).boxed()
}

fn types() -> Octets {
    let rtype = prop_oneof![0_u16..300, any::<u16>()];
    // type 0 and the meta types have no place in a bitmap
    let real = rtype.prop_map(|number| if number == 0 || Rtype(number).is_meta() { 1 } else { number });
    btree_set(real, 0..20)
        .prop_map(|types| {
            let mut out = Vec::new();
            bitmap::push(types.into_iter().map(Rtype), &mut out);
            out
        })
        .boxed()
}

fn first_type(bits: &[u8]) -> Rtype {
    bitmap::types(bits).and_then(|mut types| types.next()).unwrap_or(Rtype::A)
}

/// Octets of which the last is not zero.
fn without_trailing_zeros(count: impl Into<SizeRange>) -> Octets {
    let trim = |mut octets: Vec<u8>| {
        octets.truncate(octets.iter().rposition(|&octet| octet != 0).map_or(0, |last| last + 1));
        octets
    };
    vec(any::<u8>(), count).prop_map(trim).boxed()
}

/// Octets that a field of this kind may hold.
fn field(kind: Kind) -> Octets {
    match kind {
        Kind::U8 | Kind::Algorithm | Kind::Scheme => octets(1),
        // of the kinds with a length of their own as often as of others
        Kind::DigestType => prop_oneof![0_u8..8, any::<u8>()].prop_map(|kind| vec![kind]).boxed(),
        Kind::U16 | Kind::CertType => octets(2),
        Kind::U32 | Kind::Span | Kind::Seconds | Kind::Timestamp | Kind::A => octets(4),
        Kind::Aaaa => octets(16),
        Kind::Ilnp64 | Kind::Ipn => octets(8),
        Kind::Eui(length) => octets(usize::from(length)),
        Kind::NameLower | Kind::NameAsWritten => name().boxed(),
        Kind::String | Kind::Salt => counted(vec(any::<u8>(), 0..=255)),
        Kind::StringOptional => prop_oneof![Just(Vec::new()), counted(vec(any::<u8>(), 0..=255))].boxed(),
        Kind::Hash32 => counted(vec(any::<u8>(), 1..=255)),
        Kind::Tag => text("[a-zA-Z0-9]{1,15}"),
        Kind::X25 => text("[0-9]{4,20}"),
        Kind::Gpos => sequence(vec![
            text("[-+]?(0?[0-9]{1,2}|1[0-7][0-9])(\\.[0-9]{0,6})?"),
            text("[-+]?[0-9]{0,2}\\.[0-9]{1,6}"),
            text("[-+]?[0-9]{1,12}(\\.[0-9]{0,6})?"),
        ]),
        Kind::Strings => vec(counted(vec(any::<u8>(), 0..=255)), 1..5).prop_map(|all| all.concat()).boxed(),
        Kind::LongText | Kind::Base64Optional | Kind::Base64Dash | Kind::Opaque => octets(0..300),
        Kind::Hex | Kind::Base64 | Kind::Nsap => octets(1..300),
        Kind::Type => types().prop_map(|bits| first_type(&bits).0.to_be_bytes().to_vec()).boxed(),
        Kind::Bitmap => types(),
        Kind::Loc => loc(),
        Kind::Apl => vec(apl_item(), 0..6).prop_map(|items| items.concat()).boxed(),
        Kind::SvcParams => svc_params(),
        Kind::Ipseckey => ipseckey(),
        Kind::Amtrelay => amtrelay(),
        Kind::Hip => hip(),
        Kind::Atma => prop_oneof![
            sequence(vec![Just(vec![0]).boxed(), octets(1..40)]),
            "[0-9]{1,20}".prop_map(|digits| [b"\x01", digits.as_bytes()].concat()),
        ]
        .boxed(),
        Kind::A6 => a6(),
        Kind::Wks => sequence(vec![octets(5), without_trailing_zeros(0..40)]),
        Kind::Nxt => without_trailing_zeros(0..=16)
            .prop_map(|mut bits| {
                // type 0
                bits.iter_mut().take(1).for_each(|first| *first &= 0x7f);
                bits.truncate(bits.iter().rposition(|&octet| octet != 0).map_or(0, |last| last + 1));
                bits
            })
            .boxed(),
        Kind::Digest(_) => unreachable!("its length hangs on the field before"),
    }
}

/// A digest's kind, and a digest that is as long as it must be.
fn digest(kind: Octets, digests: &'static Digests) -> Octets {
    kind.prop_flat_map(move |kind| {
        let number = kind[0];
        let lengths = digests.length(number).map_or(12..=80, |length| length..=length);
        vec(any::<u8>(), lengths).prop_map(move |digest| [&[number], digest.as_slice()].concat())
    })
    .boxed()
}

fn loc() -> Octets {
    let diameter = (1_u8..10, 0_u8..10).prop_map(|(digit, power)| digit << 4 | power);
    let diameter = prop_oneof![9 => diameter, 1 => Just(0)];
    let angle = |degrees: u32| {
        let reach = degrees * 3_600_000;
        ((1 << 31) - reach..=(1_u32 << 31) + reach).prop_map(|angle| angle.to_be_bytes().to_vec()).boxed()
    };
    sequence(vec![Just(vec![0]).boxed(), vec(diameter, 3).boxed(), angle(90), angle(180), octets(4)])
}

fn apl_item() -> Octets {
    let family = |number: u8, length: u8| {
        let head = (0..=length * 8, any::<bool>());
        (head, without_trailing_zeros(0..=usize::from(length))).prop_map(
            move |((prefix, negated), address)| {
                let count = u8::try_from(address.len()).unwrap() | if negated { 0x80 } else { 0 };
                [&[0, number, prefix, count], address.as_slice()].concat()
            },
        )
    };
    prop_oneof![family(1, 4), family(2, 16)].boxed()
}

/// Values by the forms of RFC 9460; "mandatory" lists keys that are there.
fn svc_params() -> Octets {
    let protocols = || vec(counted(vec(any::<u8>(), 1..20)), 1..4).prop_map(|all| all.concat()).boxed();
    let any_key = prop_oneof![3_u16..12, any::<u16>()].prop_filter("keys that others demand", |key| *key > 2);
    let param = any_key.prop_flat_map(move |key| {
        let value = match key {
            3 => octets(2),
            4 => vec(octets(4), 1..4).prop_map(|all| all.concat()).boxed(),
            6 => vec(octets(16), 1..4).prop_map(|all| all.concat()).boxed(),
            7 => "/[a-z]{0,9}\\{\\?dns\\}".prop_map(String::into_bytes).boxed(),
            8 | 11 => Just(Vec::new()).boxed(),
            10 => prop_oneof![Just(Vec::new()), protocols()].boxed(),
            _ => octets(0..40),
        };
        (Just(key), value)
    });
    let params =
        vec(param, 0..6).prop_map(|params| params.into_iter().collect::<std::collections::BTreeMap<_, _>>());
    (params, protocols(), 0_u8..8)
        .prop_map(|(mut params, alpn, with)| {
            if with & 1 > 0 {
                params.insert(1, alpn);
            }
            if with & 3 == 3 {
                params.insert(2, Vec::new());
            }
            let keys: Vec<u8> = params.keys().step_by(2).flat_map(|key| key.to_be_bytes()).collect();
            if with & 4 > 0 && !keys.is_empty() {
                params.insert(0, keys);
            }
            params
                .into_iter()
                .flat_map(|(key, value)| {
                    let length = u16::try_from(value.len()).unwrap();
                    [&key.to_be_bytes(), &length.to_be_bytes(), value.as_slice()].concat()
                })
                .collect()
        })
        .boxed()
}

/// The number of a gateway's form, and a gateway of that form.
fn gateway() -> impl Strategy<Value = (u8, Vec<u8>)> {
    (0_u8..4).prop_flat_map(|form| {
        let gateway = match form {
            0 => octets(0),
            1 => octets(4),
            2 => octets(16),
            _ => name().boxed(),
        };
        (Just(form), gateway)
    })
}

fn ipseckey() -> Octets {
    (any::<u8>(), gateway(), any::<u8>(), vec(any::<u8>(), 1..80))
        .prop_map(|(precedence, (form, gateway), algorithm, mut key)| {
            if algorithm == 0 {
                key.clear();
            }
            [&[precedence, form, algorithm], gateway.as_slice(), key.as_slice()].concat()
        })
        .boxed()
}

fn amtrelay() -> Octets {
    (any::<u8>(), any::<bool>(), gateway())
        .prop_map(|(precedence, optional, (form, relay))| {
            let discovery = if optional { 0x80 } else { 0 };
            [&[precedence, discovery | form], relay.as_slice()].concat()
        })
        .boxed()
}

fn hip() -> Octets {
    (any::<u8>(), vec(any::<u8>(), 1..=255), vec(any::<u8>(), 1..600), vec(name(), 0..3))
        .prop_map(|(algorithm, tag, key, servers)| {
            let length = u16::try_from(key.len()).unwrap().to_be_bytes();
            let head = [u8::try_from(tag.len()).unwrap(), algorithm, length[0], length[1]];
            [&head, tag.as_slice(), key.as_slice(), servers.concat().as_slice()].concat()
        })
        .boxed()
}

fn a6() -> Octets {
    (0_u8..=128, vec(any::<u8>(), 16), name())
        .prop_map(|(prefix, address, name)| {
            let mut suffix = address[usize::from(prefix / 8)..].to_vec();
            // the bits of the prefix are zero
            suffix.iter_mut().take(1).for_each(|first| *first &= 0xff >> (prefix % 8));
            let name = if prefix > 0 { name } else { Vec::new() };
            [&[prefix], suffix.as_slice(), name.as_slice()].concat()
        })
        .boxed()
}

/// RDATA of a row's type.
pub(crate) fn of_row(row: &'static Row) -> Octets {
    let mut parts: Vec<Octets> = Vec::new();
    for column in row.fields {
        let part = match column.kind {
            Kind::Digest(digests) => digest(parts.pop().expect("a kind stands before a digest"), digests),
            kind => field(kind),
        };
        parts.push(part);
    }
    sequence(parts)
}

/// RDATA of any type in the schema, or of an unknown one.
pub(crate) fn any_type() -> impl Strategy<Value = (Rtype, Vec<u8>)> {
    let mut all: Vec<BoxedStrategy<(Rtype, Vec<u8>)>> =
        schema::ALL.iter().map(|row| of_row(row).prop_map(move |rdata| (row.rtype, rdata)).boxed()).collect();
    let unknown = (65280_u16..65534).prop_map(Rtype);
    all.push((unknown, octets(0..300)).boxed());
    proptest::strategy::Union::new(all)
}
