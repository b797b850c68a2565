//! The parameters of SVCB and HTTPS records (RFC 9460, sections 2.1 and 2.2): their order, and what they
//! demand of each other. Keys are in [`super::svckey`], values in [`super::svcvalue`].
//!
//! Text: `key=value` or `key`, in any order. Wire: key, length, value, in ascending order of the keys.
//!
//! Parameters in alias mode are kept: there SHOULD be none, and who reads them ignores them (section 2.4.2). So are
//! keys in "mandatory" that are mandatory anyway (section 8).

use super::svckey::{form_of, has_common_name, parse_key, push_key};
use super::svcvalue::{self, Form};
use crate::zonefile::token::{Extent, Tokens, Wrong};

const MANDATORY: u16 = 0;
const ALPN: u16 = 1;
const NO_DEFAULT_ALPN: u16 = 2;
const ECH: u16 = 5;

/// One parameter; `word` is the index of the word it was read from.
struct Param {
    key: u16,
    value: Vec<u8>,
    word: usize,
}

pub(super) fn parse(words: &mut Tokens<'_>, out: &mut Vec<u8>) -> Result<(), Wrong> {
    let mut params = Vec::new();
    while words.left() > 0 {
        params.push(take_param(words)?);
    }
    // the sort is stable: of two equal keys the later word comes second
    params.sort_by_key(|param| param.key);
    if let Some(pair) = params.windows(2).find(|pair| pair[0].key == pair[1].key) {
        return Err(Wrong::new(pair[1].word, "another key: no parameter may appear twice"));
    }
    check_demands(&params)?;
    for param in &params {
        out.extend_from_slice(&param.key.to_be_bytes());
        let length = u16::try_from(param.value.len());
        let length = length.map_err(|_| Wrong::new(param.word, "a value of at most 65535 octets"))?;
        out.extend_from_slice(&length.to_be_bytes());
        out.extend_from_slice(&param.value);
    }
    Ok(())
}

fn take_param(words: &mut Tokens<'_>) -> Result<Param, Wrong> {
    const EXPECTED: &str = "a parameter, as in port=8443 or alpn=\"h2,h3\"";
    let word = words.take(EXPECTED)?;
    if word.quoted {
        return Err(words.wrong(EXPECTED).hint("only the value may stand between quotes, not the key"));
    }
    let equals = word.text.iter().position(|&octet| octet == b'=');
    let (name, text) = equals.map_or((word.text, &[][..]), |at| (&word.text[..at], &word.text[at + 1..]));
    let key = parse_key(name).ok_or_else(|| wrong_key(words, name))?;
    let index = words.taken() - 1;
    let text = if text.is_empty() { take_quoted(words).unwrap_or(text) } else { text };
    let form = form_of(key);
    let mut value = Vec::new();
    if name.starts_with(b"key") {
        // the value is written as its wire form, whatever the key
        svcvalue::parse(Form::Octets, text, &mut value)
    } else {
        svcvalue::parse(form, text, &mut value)
    }
    .filter(|()| svcvalue::is_valid(form, &value))
    .ok_or_else(|| words.wrong(form.expected()))?;
    Ok(Param { key, value, word: index })
}

#[cold]
fn wrong_key(words: &Tokens<'_>, name: &[u8]) -> Wrong {
    let wrong = words.wrong("a parameter with a registered key or one from key0 to key65535");
    if parse_key(&name.to_ascii_lowercase()).is_some() {
        return wrong.hint("keys are written in lower case (RFC 9460, section 2.1)");
    }
    wrong
}

/// Takes a value in quotes, right behind the equals sign: everywhere else a quote starts another word.
fn take_quoted<'a>(words: &mut Tokens<'a>) -> Option<&'a [u8]> {
    let next = words.extents_left().first().filter(|next| next.quoted)?;
    let before = Extent { start: next.start.checked_sub(2)?, end: next.start, quoted: false };
    (words.text(before) == b"=\"").then(|| words.next())?.map(|word| word.text)
}

/// Refuses records that are not "self-consistent": a mandatory key must be there (RFC 9460, section 8), and
/// alpn with no-default-alpn (section 7.1.1).
fn check_demands(params: &[Param]) -> Result<(), Wrong> {
    let has = |key| params.iter().any(|param| param.key == key);
    for param in params {
        if param.key == MANDATORY {
            if let Some(missing) = keys_in(&param.value).find(|&key| !has(key)) {
                let mut name = Vec::new();
                push_key(missing, &mut name);
                let name = String::from_utf8_lossy(&name).into_owned();
                return Err(Wrong::new(param.word, "only keys that the record has")
                    .hint(format!("{name} is listed, but there is no such parameter")));
            }
        } else if param.key == NO_DEFAULT_ALPN && !has(ALPN) {
            return Err(Wrong::new(param.word, "no-default-alpn together with alpn only"));
        }
    }
    Ok(())
}

/// The keys in the value of "mandatory".
fn keys_in(value: &[u8]) -> impl Iterator<Item = u16> {
    value.as_chunks::<2>().0.iter().map(|&key| u16::from_be_bytes(key))
}

/// The parameters on the wire: `None` if one is cut short, its value is not valid, or the keys do not
/// ascend.
fn split(octets: &[u8]) -> Option<Vec<(u16, &[u8])>> {
    let mut params: Vec<(u16, &[u8])> = Vec::new();
    let mut rest = octets;
    while !rest.is_empty() {
        let (&[key_high, key_low, high, low], tail) = rest.split_first_chunk()?;
        let key = u16::from_be_bytes([key_high, key_low]);
        let (value, tail) = tail.split_at_checked(usize::from(u16::from_be_bytes([high, low])))?;
        let ascends = params.last().is_none_or(|&(last, _)| last < key);
        if !ascends || !svcvalue::is_valid(form_of(key), value) {
            return None;
        }
        params.push((key, value));
        rest = tail;
    }
    Some(params)
}

pub(super) fn format(octets: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let params = split(octets)?;
    let has = |key| params.iter().any(|&(present, _)| present == key);
    for (at, &(key, value)) in params.iter().enumerate() {
        let consistent = match key {
            MANDATORY => keys_in(value).all(has),
            NO_DEFAULT_ALPN => has(ALPN),
            _ => true,
        };
        if !consistent {
            return None;
        }
        if at > 0 {
            out.push(b' ');
        }
        if key == ECH && value.is_empty() {
            // Knot 3.2 reads the name with a value only
            out.extend_from_slice(b"key5");
        } else {
            push_key(key, out);
        }
        if !value.is_empty() {
            out.push(b'=');
            svcvalue::push(if has_common_name(key) { form_of(key) } else { Form::Octets }, value, out);
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::super::format;
    use super::super::testing::{reads, refuses, survives_damage, unhex, wire_of};
    use crate::dns::schema::Kind::SvcParams;

    #[test]
    fn vectors_of_rfc_9460_appendix_d_2() {
        let alpn = "0001000c 08665c6f6f2c626172 026832";
        for (text, wire, back) in [
            ("", "", ""),
            ("port=53", "0003 0002 0035", "port=53"),
            ("key667=hello", "029b 0005 68656c6c6f", "key667=\"hello\""),
            ("key667=\"hello\\210qoo\"", "029b 0009 68656c6c6fd2716f6f", "key667=\"hello\\210qoo\""),
            (
                "ipv6hint=\"2001:db8::1,2001:db8::53:1\"",
                "0006 0020 20010db8000000000000000000000001 20010db8000000000000000000530001",
                "ipv6hint=2001:db8::1,2001:db8::53:1",
            ),
            (
                "ipv6hint=\"2001:db8:ffff:ffff:ffff:ffff:198.51.100.100\"",
                "0006 0010 20010db8ffffffffffffffffc6336464",
                "ipv6hint=2001:db8:ffff:ffff:ffff:ffff:c633:6464",
            ),
            (
                "alpn=h2,h3-19 mandatory=ipv4hint,alpn ipv4hint=192.0.2.1",
                "0000 0004 0001 0004 0001 0009 026832 0568332d3139 0004 0004 c0000201",
                "mandatory=alpn,ipv4hint alpn=\"h2,h3-19\" ipv4hint=192.0.2.1",
            ),
            ("alpn=\"f\\\\\\\\oo\\\\,bar,h2\"", alpn, "alpn=\"f\\\\\\\\oo\\\\,bar,h2\""),
            ("alpn=f\\\\\\092oo\\092,bar,h2", alpn, "alpn=\"f\\\\\\\\oo\\\\,bar,h2\""),
        ] {
            reads(SvcParams, text, wire, back);
        }
    }

    #[test]
    fn failures_of_rfc_9460_appendix_d_3() {
        for text in [
            "key123=abc key123=def",
            "mandatory",
            "alpn",
            "port",
            "ipv4hint",
            "ipv6hint",
            "no-default-alpn=abc",
            "no-default-alpn=abc alpn=h2",
            "mandatory=key123",
            "mandatory=mandatory",
            "mandatory=key123,key123 key123=abc",
            "dohpath",
        ] {
            refuses(SvcParams, text);
        }
    }

    #[test]
    fn keys_by_number_and_by_name() {
        reads(
            SvcParams,
            "key1=\\002h2 key3=\"\\000\\053\"",
            "0001000302 6832 00030002 0035",
            "alpn=\"h2\" port=53",
        );
        reads(SvcParams, "mandatory=key3 port=1", "00000002 0003 00030002 0001", "mandatory=port port=1");
        reads(SvcParams, "key0=\\000\\003 port=1", "00000002 0003 00030002 0001", "mandatory=port port=1");
        reads(SvcParams, "key65535 key99=", "00630000 ffff0000", "key99 key65535");
        reads(SvcParams, "key99=\"a\\\"b;\\\\ c\"", "00630007 6122623b5c2063", "key99=\"a\\\"b;\\\\ c\"");
        // names that not every server knows are written as numbers
        reads(SvcParams, "ohttp", "00080000", "key8");
        reads(SvcParams, "dohpath=/q{?dns}", "00070008 2f717b3f646e737d", "key7=\"/q{?dns}\"");
        reads(SvcParams, "tls-supported-groups=29,23", "00090004 001d 0017", "key9=\"\\000\\029\\000\\023\"");
        reads(SvcParams, "docpath pvd", "000a0000 000b0000", "key10 key11");
        reads(SvcParams, "docpath=dns,q\\\\,r", "000a0008 03646e73 03712c72", "key10=\"\\003dns\\003q,r\"");
        reads(
            SvcParams,
            "mandatory=ohttp,alpn alpn=h2 ohttp=\"\" no-default-alpn=",
            "00000004 0001 0008 00010003 026832 00020000 00080000",
            "mandatory=alpn,key8 alpn=\"h2\" no-default-alpn key8",
        );
        for text in [
            "=",
            "=1",
            "key=1",
            "key01=1",
            "key65536=1",
            "key-1=1",
            "KEY1=\\002h2",
            "PORT=1",
            "bogus=1",
            "keyx",
            "port= ",
            "\"port=1\"",
            "port=\"1\"2",
            "key9=a\"b\"",
            "port=1,2",
            "key7=/q",
            "key3=abc",
            "key2=a alpn=h2",
            "no-default-alpn",
            "key0=\\000\\000 alpn=h2",
            "key0=\\000\\004\\000\\001 alpn=h2 ipv4hint=1.1.1.1",
            "mandatory=key01 alpn=h2",
            "mandatory=alpn, alpn=h2",
            "ohttp=1",
            "key8=1",
        ] {
            refuses(SvcParams, text);
        }
        refuses(SvcParams, &format!("key99={}", "x".repeat(65536)));
    }

    #[test]
    fn octets_that_are_no_parameters_have_no_text() {
        for wire in [
            "00",
            "000300",
            "0003000200",
            "00030002 0035 00030002 0035",
            "00030002 0035 00010003 026832",
            "00020000",
            "00000002 0003",
            "00000000 00030002 0035",
            "00000002 0000",
            "00010000",
            "0001000100",
            "00080001 00",
        ] {
            assert!(format(SvcParams, &unhex(wire), &mut Vec::new()).is_none(), "{wire}");
        }
        let text = "mandatory=alpn,port alpn=\"h2,a\\\\,b\" no-default-alpn port=1 ipv4hint=1.2.3.4 ech=AQID ipv6hint=::1 key7=\"/{dns}\" key8 key9=\"ab\" key99=\"a b\"";
        survives_damage(SvcParams, &wire_of(SvcParams, text));
    }
}
