//! The one table of record types: each type's mnemonic and the layout of its RDATA, field by field.
//!
//! Reading, writing, canonical form (RFC 4034, section 6.2), the check of generic `\#` RDATA (RFC 3597,
//! section 5) and the words of an error all come from a type's row. A new record type is one row.

mod rows;

use super::text::push_first;
use super::{Name, Rtype};
use Kind::{
    A, A6, Aaaa, Algorithm, Base64, Bitmap, CertType, Digest, DigestType, Eui, Hash32, Hex, Ilnp64, Salt,
    Scheme, Seconds, Span, String, StringOptional, Strings, Tag, Timestamp, Type, U8, U16, U32,
};
use rows::ROWS;

/// What a field holds, and so how it is written in text and on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An octet, in decimal.
    U8,
    /// 16 bits, in decimal.
    U16,
    /// 32 bits, in decimal.
    U32,
    /// 32 bits of seconds, in decimal; units are read (SOA timers).
    Span,
    /// A TTL inside RDATA: 32 bits, in decimal.
    Seconds,
    /// A 32-bit moment, as `YYYYMMDDHHmmSS`; a number of seconds is read too (RFC 4034, section 3.2).
    Timestamp,
    /// A domain name that canonical form puts in lower case (RFC 4034, section 6.2; RFC 6840, section 5.1).
    NameLower,
    /// A domain name that canonical form leaves alone.
    NameAsWritten,
    /// An IPv4 address.
    A,
    /// An IPv6 address.
    Aaaa,
    /// One character-string: a length octet and up to 255 octets.
    String,
    /// The same, where nothing at all is allowed.
    StringOptional,
    /// One character-string of letters and digits, written without quotes (CAA, RFC 8659, section 4.1.1).
    Tag,
    /// Character-strings to the end, one at least.
    Strings,
    /// One quoted string to the end of the RDATA, without a length octet (CAA, URI).
    LongText,
    /// Hexadecimal digits to the end, white space allowed; at least one octet.
    Hex,
    /// Hexadecimal digits to the end as before, as many as the octet in front, the kind of digest, asks for.
    Digest(&'static Digests),
    /// A kind of DS digest: an octet, in decimal; mnemonics are read.
    DigestType,
    /// Base64 to the end, white space allowed; at least one octet.
    Base64,
    /// The same, where nothing at all is allowed.
    Base64Optional,
    /// The same, where nothing at all is written as `-`.
    Base64Dash,
    /// A length octet and that many octets in hexadecimal, `-` for none (RFC 5155, section 3.3).
    Salt,
    /// A length octet and that many octets in base32hex (RFC 5155, section 3.3).
    Hash32,
    /// A record type, by mnemonic or `TYPEnnn`.
    Type,
    /// A type bitmap to the end (RFC 4034, section 4.1.2).
    Bitmap,
    /// A DNSSEC algorithm: an octet, in decimal; mnemonics are read.
    Algorithm,
    /// A DSYNC scheme: an octet, in decimal; `NOTIFY` is read (RFC 9859, section 2.1).
    Scheme,
    /// A CERT type: 16 bits, in decimal; mnemonics are read (RFC 4398, section 2.1).
    CertType,
    /// This many octets in hexadecimal, with hyphens between (RFC 7043).
    Eui(u8),
    /// 64 bits as four groups of hexadecimal digits (RFC 6742).
    Ilnp64,
    /// LOC's whole RDATA (RFC 1876).
    Loc,
    /// APL's address prefixes, to the end (RFC 3123).
    Apl,
    /// SVCB's parameters, to the end (RFC 9460).
    SvcParams,
    /// IPSECKEY's whole RDATA: its gateway depends on a field before it (RFC 4025).
    Ipseckey,
    /// AMTRELAY's whole RDATA: likewise (RFC 8777).
    Amtrelay,
    /// HIP's whole RDATA: its lengths stand before all of its data (RFC 8005).
    Hip,
    /// NSAP's whole RDATA: `0x` and hexadecimal digits with dots (RFC 1706).
    Nsap,
    /// ATMA's whole RDATA: E.164 digits after `+`, or NSAP hexadecimal digits with dots.
    Atma,
    /// A6's whole RDATA: what follows depends on the prefix length (RFC 2874).
    A6,
    /// WKS's whole RDATA: address, protocol and a bitmap of ports (RFC 1035, section 3.4.2).
    Wks,
    /// Octets that only the generic form can show (RFC 3597, section 5).
    Opaque,
    /// NXT's bitmap of types below 128 (RFC 2535, section 5.2).
    Nxt,
    /// GPOS's whole RDATA: three numbers, each a character-string (RFC 1712).
    Gpos,
    /// X25's whole RDATA: a character-string of digits (RFC 1183, section 3.1).
    X25,
    /// IPN's whole RDATA: 64 bits, in decimal.
    Ipn,
}

/// How long the digests of a field are.
#[derive(Debug, PartialEq, Eq)]
pub struct Digests {
    /// Kinds of digest, and how many octets theirs have.
    known: &'static [(u8, usize)],
    /// How many octets those of other kinds have at least.
    pub least: usize,
}

impl Digests {
    /// How many octets a digest of this kind must have.
    #[must_use]
    pub fn length(&self, kind: u8) -> Option<usize> {
        self.known.iter().find(|known| known.0 == kind).map(|known| known.1)
    }

    /// Whether a digest of this kind can have so many octets.
    #[must_use]
    pub fn fit(&self, kind: u8, length: usize) -> bool {
        self.length(kind).map_or(length >= self.least, |known| known == length)
    }
}

impl Kind {
    /// How many octets of `rest`, which follow the octet `before`, the field takes; `None` if it does not fit
    /// there. Only the extent is judged, not what the octets mean.
    fn extent(self, before: Option<u8>, rest: &[u8]) -> Option<usize> {
        let length = match self {
            U8 | Algorithm | Scheme | DigestType => 1,
            U16 | Type | CertType => 2,
            U32 | Span | Seconds | Timestamp | A => 4,
            Aaaa => 16,
            Kind::NameLower | Kind::NameAsWritten => Name::prefix_of(rest)?.1,
            Ilnp64 => 8,
            Eui(length) => usize::from(length),
            String | Tag | Salt => usize::from(*rest.first()?) + 1,
            StringOptional => rest.first().map_or(0, |&length| usize::from(length) + 1),
            Hash32 => 1 + Some(usize::from(*rest.first()?)).filter(|&length| length > 0)?,
            Strings => {
                let mut at = 0;
                while at < rest.len() || at == 0 {
                    at += usize::from(*rest.get(at)?) + 1;
                }
                at
            }
            Bitmap => Some(rest.len()).filter(|_| super::bitmap::is_valid(rest))?,
            Digest(digests) => Some(rest.len()).filter(|&length| digests.fit(before.unwrap_or(0), length))?,
            Hex | Base64 => Some(rest.len()).filter(|&length| length > 0)?,
            _ => rest.len(),
        };
        (length <= rest.len()).then_some(length)
    }
}

/// One field of a type's RDATA.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// What it holds.
    pub kind: Kind,
    /// What people call it, for messages.
    pub name: &'static str,
}

/// A record type.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Its number.
    pub rtype: Rtype,
    /// Its mnemonic, in upper case.
    pub mnemonic: &'static str,
    /// The same with zeros behind it.
    spelled: [u8; 12],
    /// The fields of its RDATA in order.
    pub fields: &'static [Field],
    /// Whether NSD 4.6 and Knot 3.2 read its mnemonic; where they do not, `--types classic` writes
    /// `TYPEnnn \#`.
    pub classic: bool,
}

impl Row {
    /// Appends its mnemonic.
    #[inline]
    pub fn push_mnemonic(&self, out: &mut Vec<u8>) {
        push_first(&self.spelled, self.mnemonic.len(), out);
    }

    /// Splits RDATA into this type's fields and calls `each` with every one; `None` if the RDATA does
    /// not have this layout: a field cut short, or octets left over.
    #[inline]
    pub fn split<'a>(&self, rdata: &'a [u8], mut each: impl FnMut(&Field, &'a [u8])) -> Option<()> {
        let (mut rest, mut before) = (rdata, None);
        for field in self.fields {
            let (octets, tail) = rest.split_at(field.kind.extent(before, rest)?);
            each(field, octets);
            before = octets.last().copied();
            rest = tail;
        }
        rest.is_empty().then_some(())
    }
}

/// Appends the canonical form of RDATA: the names that RFC 4034, section 6.2 and RFC 6840, section 5.1
/// list in lower case, all else as it is. RDATA of unknown types, or without its type's layout, is opaque
/// (RFC 3597, section 7).
pub fn push_canonical(rtype: Rtype, rdata: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    out.extend_from_slice(rdata);
    let Some(row) = by_type(rtype).filter(|_| has_names(rtype)) else { return };
    let mut at = start;
    let layout = row.split(rdata, |field, octets| {
        // A6's name stands behind its prefix length and the address suffix of 128 bits less the prefix
        let name = match field.kind {
            Kind::NameLower => 0,
            A6 => 1 + (128 - usize::from(octets.first().copied().unwrap_or_default()).min(128)).div_ceil(8),
            _ => octets.len(),
        };
        if let Some(name) = out.get_mut(at + name..at + octets.len()) {
            name.make_ascii_lowercase();
        }
        at += octets.len();
    });
    if layout.is_none() {
        out.truncate(start);
        out.extend_from_slice(rdata);
    }
}

/// Whether RDATA is seen at once to be in canonical form.
#[must_use]
pub fn is_canonical(rtype: Rtype, rdata: &[u8]) -> bool {
    let octets = match rtype {
        // a signature looks as if it had letters
        Rtype::RRSIG => rdata.get(18..).and_then(Name::prefix_of).map_or(rdata, |(signer, _)| signer.wire()),
        _ => rdata,
    };
    // all octets, many at a time: names in capitals are rare
    !has_names(rtype) || !octets.iter().fold(false, |found, octet| found | octet.is_ascii_uppercase())
}

/// Whether a type has names that canonical form lowers.
fn has_names(rtype: Rtype) -> bool {
    // none of the few types that lie far above the rest
    BY_NUMBER.get(usize::from(rtype.0)).is_some_and(|&row| row > 0 && HAS_NAMES[usize::from(row) - 1])
}

/// All rows, in the order of their numbers.
pub static ALL: &[Row] = ROWS;

/// For each row, whether one of its fields has a name that is lowered.
static HAS_NAMES: [bool; ROWS.len()] = {
    let mut table = [false; ROWS.len()];
    let mut row = 0;
    while row < ROWS.len() {
        let mut field = 0;
        while field < ROWS[row].fields.len() {
            table[row] |= matches!(ROWS[row].fields[field].kind, Kind::NameLower | A6);
            field += 1;
        }
        row += 1;
    }
    table
};

/// The row of a type, if it has one.
#[must_use]
pub fn by_type(rtype: Rtype) -> Option<&'static Row> {
    match BY_NUMBER.get(usize::from(rtype.0)) {
        Some(0) => None,
        Some(&row) => Some(&ROWS[usize::from(row) - 1]),
        // the few types that lie far above the rest
        None => ROWS.iter().rev().find(|row| row.rtype == rtype),
    }
}

/// The row of a mnemonic in either case.
#[must_use]
#[inline]
pub fn by_mnemonic(mnemonic: &[u8]) -> Option<&'static Row> {
    let Some(key) = key(mnemonic) else { return by_long_mnemonic(mnemonic) };
    let mut slot = hash(key);
    loop {
        let (written, row) = BY_MNEMONIC[slot];
        if written == key {
            // a NUL in front does not show in the key
            return Some(&ROWS[usize::from(row)]).filter(|row| row.mnemonic.len() == mnemonic.len());
        }
        if written == 0 {
            return None;
        }
        slot = (slot + 1) % BY_MNEMONIC.len();
    }
}

#[cold]
fn by_long_mnemonic(mnemonic: &[u8]) -> Option<&'static Row> {
    ROWS.iter().find(|row| row.mnemonic.as_bytes().eq_ignore_ascii_case(mnemonic))
}

/// Row number plus one for each low type number; 0 where there is no row.
const BY_NUMBER: [u8; 265] = {
    let mut table = [0; 265];
    let mut row = 0;
    while row < ROWS.len() {
        let number = ROWS[row].rtype.0 as usize;
        if number < table.len() {
            table[number] = one_more(row);
        }
        row += 1;
    }
    table
};

/// A hash table with open addressing, made by the compiler: the keys of mnemonics, 0 where there is none, and
/// their rows.
static BY_MNEMONIC: [(u64, u8); 256] = {
    let mut table = [(0, 0); 256];
    let mut row = 0;
    while row < ROWS.len() {
        if let Some(key) = key(ROWS[row].mnemonic.as_bytes()) {
            let mut slot = hash(key);
            while table[slot].0 != 0 {
                slot = (slot + 1) % table.len();
            }
            table[slot] = (key, one_more(row) - 1);
        }
        row += 1;
    }
    table
};

#[allow(clippy::cast_possible_truncation, reason = "there are fewer than 255 rows")]
const fn one_more(row: usize) -> u8 {
    assert!(row < 255);
    row as u8 + 1
}

/// A mnemonic as one number, its letters in upper case; `None` for the few of more than eight octets.
const fn key(mnemonic: &[u8]) -> Option<u64> {
    if mnemonic.len() > 8 {
        return None;
    }
    let (mut key, mut at) = (0, 0);
    while at < mnemonic.len() {
        key = key << 8 | mnemonic[at] as u64;
        at += 1;
    }
    // all eight octets at once: the highest bit of each says whether it is a lower-case letter
    let (ones, high) = (u64::MAX / 255, u64::MAX / 255 * 0x80);
    let from_a = (key & !high) + ones * (0x80 - b'a' as u64);
    let above_z = (key & !high) + ones * (0x7f - b'z' as u64);
    Some(key ^ (from_a & !above_z & !key & high) >> 2)
}

/// A slot that nearly each mnemonic has to itself; the factor was found by trial.
const fn hash(key: u64) -> usize {
    (key.wrapping_mul(0xc47b_cb50_9679_7f69) >> 56) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_found_by_number_and_by_name() {
        for (at, row) in ALL.iter().enumerate() {
            assert!(at == 0 || ALL[at - 1].rtype < row.rtype, "{}", row.mnemonic);
            assert!(!row.rtype.is_meta(), "{}", row.mnemonic);
            assert_eq!(by_type(row.rtype).unwrap().mnemonic, row.mnemonic);
            assert_eq!(by_mnemonic(row.mnemonic.to_lowercase().as_bytes()).unwrap().rtype, row.rtype);
        }
        assert!(
            by_type(Rtype(54)).is_none() && by_type(Rtype(265)).is_none() && by_type(Rtype(65280)).is_none()
        );
        assert!(by_mnemonic(b"").is_none() && by_mnemonic(b"NOPE").is_none());
    }

    #[test]
    fn canonical_form_lowers_the_names_of_listed_types_only() {
        let canonical = |rtype, rdata: &[u8]| {
            let mut out = vec![9];
            push_canonical(rtype, rdata, &mut out);
            out[1..].to_vec()
        };
        assert_eq!(canonical(Rtype::MX, b"\0A\x02mX\x01B\0"), b"\0A\x02mx\x01b\0");
        assert_eq!(canonical(Rtype::NSEC, b"\x01B\0\0\x01\x40"), b"\x01B\0\0\x01\x40");
        assert_eq!(canonical(Rtype(64), b"\0\x01\x01B\0"), b"\0\x01\x01B\0");
        assert_eq!(canonical(Rtype(65280), b"\x01B\0"), b"\x01B\0");
        assert_eq!(canonical(Rtype(38), b"\x78A\x01B\0"), b"\x78A\x01b\0");
        assert_eq!(canonical(Rtype(38), b"\0AAAABBBBCCCCDDDD"), b"\0AAAABBBBCCCCDDDD");
        // no MX RDATA: opaque
        assert_eq!(canonical(Rtype::MX, b"\0A\x02mX"), b"\0A\x02mX");
    }

    #[test]
    fn digests_have_the_length_of_their_kind() {
        let fits = |mnemonic: &str, head: &[u8], length: usize| {
            let rdata = [head, &vec![7; length]].concat();
            by_mnemonic(mnemonic.as_bytes()).unwrap().split(&rdata, |_, _| ()).is_some()
        };
        for (mnemonic, head, length) in [
            ("DS", &[0, 1, 13, 1][..], 20),
            ("CDS", &[0, 1, 13, 2], 32),
            ("DLV", &[0, 1, 13, 3], 32),
            ("TA", &[0, 1, 13, 4], 48),
            ("SSHFP", &[4, 1], 20),
            ("SSHFP", &[4, 2], 32),
            ("ZONEMD", &[0, 0, 0, 1, 1, 1], 48),
            ("ZONEMD", &[0, 0, 0, 1, 1, 2], 64),
        ] {
            assert!(fits(mnemonic, head, length), "{mnemonic} {head:?}");
            assert!(!fits(mnemonic, head, length - 1) && !fits(mnemonic, head, length + 1));
        }
        assert!(fits("CDS", &[0, 0, 0, 0], 1) && fits("SSHFP", &[4, 3], 1));
        assert!(fits("ZONEMD", &[0, 0, 0, 1, 1, 240], 12) && !fits("ZONEMD", &[0, 0, 0, 1, 1, 240], 11));
    }

    #[test]
    fn layouts_are_checked_to_the_last_octet() {
        let fits = |mnemonic: &str, rdata: &[u8]| {
            by_mnemonic(mnemonic.as_bytes()).unwrap().split(rdata, |_, _| ()).is_some()
        };
        assert!(fits("A", &[1, 2, 3, 4]) && !fits("A", &[1, 2, 3]) && !fits("A", &[1, 2, 3, 4, 5]));
        assert!(fits("TXT", &[0]) && !fits("TXT", &[]) && !fits("TXT", &[2, 1]));
        assert!(fits("DS", &[0, 1, 13, 200, 1]) && !fits("DS", &[0, 1, 13, 200]));
        assert!(fits("NSEC3PARAM", &[1, 0, 0, 0, 0]) && !fits("NSEC3PARAM", &[1, 0, 0, 0, 1]));
    }
}
