//! `$GENERATE range owner [TTL] [class] type data`: one line → many records, made one at a time.
//!
//! No RFC has this directive. It is BIND's, and read as BIND 9.18 reads it. In owner and data, `$` is the
//! counter, `$$` and `\$` are a dollar, and `${OFFSET,WIDTH,BASE}` is the counter plus an offset, filled
//! with zeros to a width, in base `d`, `o`, `x` or `X`, or as nibbles (`n`, `N`: hexadecimal digits in
//! reverse order with dots between them, the dots counted in the width).

use super::fault::wrong_name;
use super::head::{Head, read_data, read_head, settle_class};
use super::lexer::{LexFault, Lexer};
use super::reader::Reader;
use super::token::{Tokens, Wrong};
use crate::dns::text::{parse_name, parse_number};
use crate::dns::{NameBuf, Rtype};
use crate::error::{Fault, Result};
use crate::source::Spot;
use std::io::Write;

/// The most records that one directive may make: sixteen times a reverse zone of a /16.
const MAX_RECORDS: u32 = 1 << 20;
/// The most records that all directives of a zone may make.
const MAX_TOTAL: u32 = 1 << 24;
/// The most octets of text that they may make: 64 for each of so many records. A line of 64 KiB could make 64 GiB.
const MAX_MADE: u64 = 1 << 30;
/// The largest counter, as BIND has it.
const MAX_COUNTER: u32 = i32::MAX.cast_unsigned();
/// The widest counter, as BIND has it.
const MAX_WIDTH: u64 = 127;
/// The longest text of a counter without a width: nibbles.
const UNPADDED: usize = 15;
/// The longest owner or data, in text, that a template may make.
const MAX_TEXT: usize = u16::MAX as usize;

/// A `$GENERATE` line, read: what is left of its work.
pub(super) struct Generate {
    range: Range,
    owner: Template,
    data: Template,
    head: Head,
    /// The indices of owner and data among the line's words.
    places: [usize; 2],
    ttl: u32,
    spot: Spot,
    /// The text of the owner that is being made, and its wire form.
    text: Vec<u8>,
    wire: Vec<u8>,
    /// The words of the data that is being made.
    lexer: Lexer,
}

/// The values of the counter that are left.
struct Range {
    next: u32,
    last: u32,
    step: u32,
}

/// Text with counters in it.
struct Template(Vec<Part>);

enum Part {
    Text(Vec<u8>),
    Counter(Counter),
}

#[derive(Clone, Copy)]
struct Counter {
    offset: i32,
    width: usize,
    base: Base,
}

#[derive(Clone, Copy)]
enum Base {
    Decimal,
    Octal,
    Hex { upper: bool },
    Nibbles { upper: bool },
}

/// Reads what follows the directive's name.
pub(super) fn read(words: &mut Tokens<'_>) -> Result<Box<Generate>, Wrong> {
    let range = Range::read(words)?;
    let owner_at = words.taken();
    let owner = Template::read(words, "the owner's name, with a $ for the counter", &range)?;
    let head = read_head(words)?;
    let data_at = words.taken();
    let data = Template::read(words, "the record's data, with a $ for the counter", &range)?;
    if words.left() > 0 {
        let wrong = Wrong::new(words.taken(), "the end of the line");
        return Err(wrong.hint("data of several words stands between quotes: \"10 mail$\""));
    }
    Ok(Box::new(Generate {
        range,
        owner,
        data,
        head,
        places: [owner_at, data_at],
        ttl: 0,
        spot: Spot::default(),
        text: Vec::new(),
        wire: Vec::new(),
        lexer: Lexer::of_text(Vec::new()),
    }))
}

impl Reader {
    /// Takes up a `$GENERATE`, on whose line the lexer stays until the last of its records is made.
    pub(super) fn start_generating(&mut self, mut generate: Box<Generate>) -> Result<()> {
        settle_class(&mut self.class, generate.head.class).map_err(|wrong| self.wrong("$GENERATE", wrong))?;
        let count = generate.range.count();
        let Some(total) = self.generated.checked_add(count).filter(|&total| total <= MAX_TOTAL) else {
            let fault = Fault::error(format!("the $GENERATE lines make more than {MAX_TOTAL} records"));
            // the lines that follow would say so again
            let fault = self.at_word(fault, 1).hint("does the zone need them? A wildcard may do");
            self.frames.clear();
            return Err(fault);
        };
        self.generated = total;
        generate.spot = self.spot();
        // there is no SOA minimum to take the TTL from, even if SOA records are made
        self.rdata.clear();
        generate.ttl = self.ttl(generate.head.ttl, generate.head.rtype, generate.spot)?;
        self.generating = Some(generate);
        Ok(())
    }

    /// Makes the next record of the `$GENERATE` at hand, its data in `self.rdata`. `None`: there is none.
    /// A fault ends it: the records that would follow have the same one.
    #[cold]
    pub(super) fn generate(&mut self) -> Result<Option<(Rtype, u32, Spot)>> {
        let Some(mut generate) = self.generating.take() else { return Ok(None) };
        let Some(counter) = generate.range.advance() else { return Ok(None) };
        self.make(&mut generate, counter)?;
        let made = (generate.head.rtype, generate.ttl, generate.spot);
        self.generating = Some(generate);
        Ok(Some(made))
    }

    fn make(&mut self, generate: &mut Generate, counter: u32) -> Result<()> {
        let origin = self.frames.last().and_then(|frame| frame.origin.as_ref()).map(NameBuf::as_name);
        let Generate { owner, data, text, wire, lexer, head, places, .. } = generate;
        let [owner_at, data_at] = *places;
        text.clear();
        owner.push(counter, text);
        lexer.restart(|text| data.push(counter, text));
        self.made += (text.len() + lexer.window().len()) as u64;
        if self.made > MAX_MADE {
            let fault = Fault::error(format!("the $GENERATE lines make more than {MAX_MADE} octets of text"));
            let fault = self.at_word(fault, data_at).hint("does the zone need them? A wildcard may do");
            // the lines that follow would say so again
            self.frames.clear();
            return Err(fault);
        }
        wire.clear();
        if let Err(fault) = parse_name(text, origin, wire) {
            let wrong = wrong_name(Wrong::new(0, fault.to_string()), fault);
            return Err(self.wrong_generated("owner", wrong, Some(text), owner_at, counter));
        }
        if let Err(LexFault::Text { message, hint, .. }) = lexer.advance() {
            let fault = Fault::error(format!("$GENERATE at {counter}: {message}")).hint(hint);
            return Err(self.at_word(fault, data_at));
        }
        self.rdata.clear();
        let mut words = Tokens::new(lexer.window(), lexer.words());
        read_data((head.rtype, head.row), &mut words, origin, &mut self.rdata).map_err(|(what, wrong)| {
            let found = lexer.words().get(wrong.index()).map(|word| lexer.text(word));
            self.wrong_generated(&what, wrong, found, data_at, counter)
        })
    }
}

impl Generate {
    /// The owner of the record made last, in wire form.
    pub(super) fn owner(&self) -> &[u8] {
        &self.wire
    }
}

impl Range {
    fn read(words: &mut Tokens<'_>) -> Result<Self, Wrong> {
        let text = words.take("a range such as 1-10 or 0-30/2")?.text;
        let range = Self::parse(text)
            .ok_or_else(|| words.wrong("a range such as 1-10 or 0-30/2, with numbers up to 2147483647"))?;
        if range.last < range.next {
            return Err(words.wrong("a range that starts with the lesser number"));
        }
        if range.count() > MAX_RECORDS {
            let wrong = words.wrong(format!("a range of at most {MAX_RECORDS} records"));
            return Err(wrong.hint("does the zone need them? A wildcard may do"));
        }
        Ok(range)
    }

    fn parse(text: &[u8]) -> Option<Self> {
        let number = |text: &[u8]| {
            parse_number(text, u64::from(MAX_COUNTER)).and_then(|number| u32::try_from(number).ok())
        };
        let (text, step) = match text.iter().position(|&octet| octet == b'/') {
            Some(at) => (&text[..at], number(&text[at + 1..]).filter(|&step| step > 0)?),
            None => (text, 1),
        };
        let dash = text.iter().position(|&octet| octet == b'-')?;
        Some(Self { next: number(&text[..dash])?, last: number(&text[dash + 1..])?, step })
    }

    fn count(&self) -> u32 {
        (self.last - self.next) / self.step + 1
    }

    /// The next value, which is then behind us.
    fn advance(&mut self) -> Option<u32> {
        let counter = Some(self.next).filter(|&next| next <= self.last)?;
        // both are below 2^31: no overflow
        self.next = counter + self.step;
        Some(counter)
    }
}

impl Template {
    /// Takes a word. What it makes can then be neither too long nor out of range.
    fn read(words: &mut Tokens<'_>, expected: &'static str, range: &Range) -> Result<Self, Wrong> {
        let word = words.take(expected)?;
        let template = Self::parse(word.text, word.quoted).ok_or_else(|| {
            words
                .wrong("${OFFSET}, ${OFFSET,WIDTH} or ${OFFSET,WIDTH,BASE} behind each ${")
                .hint("WIDTH is at most 127, BASE one of d o x X n N; $$ is a dollar")
        })?;
        let (mut length, mut largest) = (0, 0);
        for part in &template.0 {
            match part {
                Part::Text(text) => length += text.len(),
                Part::Counter(counter) => {
                    length += counter.width.max(UNPADDED);
                    largest = counter.offset.max(largest);
                }
            }
        }
        if largest.cast_unsigned() > MAX_COUNTER - range.last {
            return Err(words.wrong("a counter and an offset of together at most 2147483647"));
        }
        if length > MAX_TEXT {
            return Err(words.wrong(format!("text of at most {MAX_TEXT} octets")));
        }
        Ok(template)
    }

    fn parse(text: &[u8], quoted: bool) -> Option<Self> {
        let mut parts = Vec::new();
        let mut plain = Vec::new();
        // BIND keeps an offset for the bare $ behind it
        let mut offset = 0;
        let mut rest = text;
        while let Some((&octet, tail)) = rest.split_first() {
            rest = tail;
            match (octet, tail) {
                (b'$', [b'$', tail @ ..]) => {
                    plain.push(b'$');
                    rest = tail;
                }
                (b'$', _) => {
                    let mut counter = Counter { offset, width: 0, base: Base::Decimal };
                    if let [b'{', tail @ ..] = tail {
                        let end = tail.iter().position(|&octet| octet == b'}')?;
                        counter = Counter::parse(&tail[..end])?;
                        offset = counter.offset;
                        rest = &tail[end + 1..];
                    }
                    parts.push(Part::Text(std::mem::take(&mut plain)));
                    parts.push(Part::Counter(counter));
                }
                // within quotes, an escaped quote stands for one that the data has
                (b'\\', [b'"', tail @ ..]) if quoted => {
                    plain.push(b'"');
                    rest = tail;
                }
                // any other escape is left to the reader of the data: \$ is no counter
                (b'\\', [escaped, tail @ ..]) => {
                    plain.extend_from_slice(&[b'\\', *escaped]);
                    rest = tail;
                }
                _ => plain.push(octet),
            }
        }
        parts.push(Part::Text(plain));
        Some(Self(parts))
    }

    /// Appends the text for this value of the counter.
    fn push(&self, counter: u32, out: &mut Vec<u8>) {
        for part in &self.0 {
            match part {
                Part::Text(text) => out.extend_from_slice(text),
                Part::Counter(form) => form.push(counter, out),
            }
        }
    }
}

impl Counter {
    /// Reads what stands between the braces.
    fn parse(text: &[u8]) -> Option<Self> {
        let mut fields = text.split(|&octet| octet == b',');
        let offset = std::str::from_utf8(fields.next()?.trim_ascii_start()).ok()?.parse().ok()?;
        let width = fields.next().map_or(Some(0), |text| parse_number(text.trim_ascii_start(), MAX_WIDTH))?;
        let base = match fields.next() {
            None | Some(b"d") => Base::Decimal,
            Some(b"o") => Base::Octal,
            Some(b"x") => Base::Hex { upper: false },
            Some(b"X") => Base::Hex { upper: true },
            Some(b"n") => Base::Nibbles { upper: false },
            Some(b"N") => Base::Nibbles { upper: true },
            Some(_) => return None,
        };
        let width = usize::try_from(width).ok()?;
        fields.next().is_none().then_some(Self { offset, width, base })
    }

    fn push(self, counter: u32, out: &mut Vec<u8>) {
        let Self { offset, width, base } = self;
        // no overflow upwards: `Template::read` has looked
        let value = counter.cast_signed().wrapping_add(offset);
        // a negative number is written with its sign in decimal, and as 32 bits in all other bases
        let bits = value.cast_unsigned();
        let written = match base {
            Base::Decimal => write!(out, "{value:0width$}"),
            Base::Octal => write!(out, "{bits:0width$o}"),
            Base::Hex { upper: false } => write!(out, "{bits:0width$x}"),
            Base::Hex { upper: true } => write!(out, "{bits:0width$X}"),
            Base::Nibbles { upper } => {
                push_nibbles(bits, width, upper, out);
                Ok(())
            }
        };
        written.expect("a vector takes all that is written");
    }
}

/// The digits from the last to the first, a dot before each but the one in front: at least one digit, and
/// as many more, zeros if need be, as the width has room for. A width that ends with a dot is kept to.
fn push_nibbles(value: u32, width: usize, upper: bool, out: &mut Vec<u8>) {
    let digits: &[u8; 16] = if upper { b"0123456789ABCDEF" } else { b"0123456789abcdef" };
    let (mut value, mut left) = (value, width);
    loop {
        out.push(digits[value as usize & 15]);
        value >>= 4;
        left = left.saturating_sub(1);
        if left == 0 && value == 0 {
            return;
        }
        out.push(b'.');
        left = left.saturating_sub(1);
        if left == 0 && value == 0 {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(template: &str, counter: u32) -> Option<String> {
        let mut out = Vec::new();
        Template::parse(template.as_bytes(), false)?.push(counter, &mut out);
        Some(String::from_utf8(out).unwrap())
    }

    /// All expectations are what named-compilezone 9.18 makes of these.
    #[test]
    fn counters_as_bind_writes_them() {
        for (template, counter, text) in [
            ("a$b", 7, "a7b"),
            ("$$ \\$ \\\\$", 7, "$ \\$ \\\\7"),
            ("${0,3,d}.${0,3,x}.${0,5,n}", 1, "001.001.1.0.0"),
            ("${-5,3,d}.${-5,3,x}.${-5}", 1, "-04.fffffffc.-4"),
            ("${0,0,N}.${0,1,N}.${0,2,N}.${0,3,N}", 0xab, "B.A.B.A.B.A.B.A"),
            ("${0,4,n}", 0xab, "b.a."),
            ("${0,2,o}/${0,4,X}/${0,4,x}", 171, "253/00AB/00ab"),
            ("${10}.$", 1, "11.11"),
            ("${10}.${0}.$", 1, "11.1.1"),
            ("${0}5,d}", 1, "15,d}"),
            ("${ +1, 2}", 1, "02"),
        ] {
            assert_eq!(made(template, counter).as_deref(), Some(text), "{template}");
        }
        for template in
            ["${", "${}", "${0,", "${0,}", "${0,3,}", "${0,128}", "${0,2,q}", "${0,2,d,}", "${x}", "${1e3}"]
        {
            assert_eq!(made(template, 1), None, "{template}");
        }
    }

    #[test]
    fn ranges() {
        let all = |text: &str| {
            let mut range = Range::parse(text.as_bytes())?;
            Some(std::iter::from_fn(|| range.advance()).take(9).collect::<Vec<_>>())
        };
        assert_eq!(all("1-3"), Some(vec![1, 2, 3]));
        assert_eq!(all("00-03/02"), Some(vec![0, 2]));
        assert_eq!(all("2147483646-2147483647"), Some(vec![2_147_483_646, 2_147_483_647]));
        assert_eq!(all("2147483647-2147483647/2147483647"), Some(vec![2_147_483_647]));
        for text in ["", "1", "1-", "-1", "-1-3", "1-3/", "1-3/0", "1-3x", "0x1-3", "1-2147483648", "1-2/-1"]
        {
            assert_eq!(all(text), None, "{text}");
        }
    }

    fn reader(text: &str) -> Reader {
        Reader::of_text(text.as_bytes().to_vec(), "z", Some(NameBuf::from_text("example.").unwrap()))
    }

    #[test]
    fn records_are_made_one_at_a_time_where_their_line_stands() {
        let mut reader = reader("\n$GENERATE 1-1048576 a$ 5 TXT $\n b TXT q\n");
        for counter in 1..=1_048_576_u32 {
            let entry = reader.next().unwrap().unwrap();
            assert_eq!((entry.spot.line, entry.record.ttl, entry.record.rtype), (2, 5, Rtype::TXT));
            assert_eq!(&entry.record.rdata[1..], counter.to_string().as_bytes());
        }
        let fault = reader.next().unwrap_err().to_string();
        assert!(fault.contains("z:3:2: error: record: expected a line that starts with an owner"), "{fault}");
        assert!(reader.next().unwrap().is_none());
    }

    #[test]
    fn all_together_make_a_limited_number() {
        let mut reader = reader("$GENERATE 1-2 a$ 5 TXT $\n$GENERATE 1-2 a$ 5 TXT $\nb TXT q\n");
        reader.generated = MAX_TOTAL - 2;
        assert!(reader.next().unwrap().is_some());
        assert!(reader.next().unwrap().is_some());
        let fault = reader.next().unwrap_err().to_string();
        assert!(
            fault.contains("z:2:11: error: the $GENERATE lines make more than 16777216 records"),
            "{fault}"
        );
        assert!(reader.next().unwrap().is_none());
    }

    #[test]
    fn all_together_make_a_limited_amount_of_text() {
        let mut reader = reader("$GENERATE 1-9 a$ 5 TXT $\nb TXT q\n");
        reader.made = MAX_MADE - 7;
        assert!(reader.next().unwrap().is_some());
        assert!(reader.next().unwrap().is_some());
        let fault = reader.next().unwrap_err().to_string();
        assert!(
            fault.contains("z:1:24: error: the $GENERATE lines make more than 1073741824 octets"),
            "{fault}"
        );
        assert!(reader.next().unwrap().is_none());
    }

    /// The record at fault ends the line, and the next line is read.
    #[test]
    fn a_fault_ends_its_line() {
        let mut reader = reader("$GENERATE 254-999 a$ 5 A 192.0.2.$\nb 5 TXT q\n");
        assert!(reader.next().unwrap().is_some());
        assert!(reader.next().unwrap().is_some());
        let fault = reader.next().unwrap_err().to_string();
        assert!(fault.contains("z:1:26: error: $GENERATE at 256: A address: "), "{fault}");
        assert_eq!(reader.next().unwrap().unwrap().spot.line, 2);
        assert!(reader.next().unwrap().is_none());
    }

    #[test]
    fn text_that_would_be_too_long() {
        let line = format!("$GENERATE 1-2 a$ 5 TXT {}", "${0,127}".repeat(600));
        let fault = reader(&line).next().unwrap_err().to_string();
        assert!(fault.contains("expected text of at most 65535 octets"), "{fault}");
    }
}
