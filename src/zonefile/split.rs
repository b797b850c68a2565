//! The octets of one entry → its words (RFC 1035, section 5.1). An entry ends with its line, or with the line
//! on which its last parenthesis closes.

use super::lexer::LexFault;
use super::stops::{Octet, Stops};
use super::token::{Extent, Words};

/// What splitting comes to.
pub(super) enum Scan {
    /// An entry, or the blank rest of the file; the next starts here.
    Done { next: usize, lines: u32 },
    /// The window ends before the entry does.
    More,
}

/// Splits an entry into words, from `at` on, where no parenthesis is open; `ended`: nothing follows the window.
pub(super) fn split(
    window: &[u8],
    at: usize,
    ended: bool,
    words: &mut Words,
    stops: &mut Stops,
) -> Result<Scan, LexFault> {
    let mut at = at;
    let mut lines = 0;
    // how many parentheses are open, and where the outermost was opened
    let (mut open, mut outermost) = (0_usize, 0);
    loop {
        stops.go_on(at);
        at = take_plain(window, at, words, stops);
        if window.get(at) == Some(&b'\n') {
            at += 1;
            lines += 1;
            if open == 0 {
                return Ok(Scan::Done { next: at, lines });
            }
            continue;
        }
        let end = stops.word_end(window, at);
        if end >= window.len() && !ended {
            return Ok(Scan::More);
        }
        if end > at {
            let end = end.min(window.len());
            words.push(extent(at, end, false));
            at = end;
        }
        let Some(&octet) = window.get(at) else {
            if open > 0 {
                return Err(LexFault::Text {
                    offset: outermost,
                    message: "this parenthesis is never closed",
                    hint: "add the \")\" that ends the record",
                });
            }
            return Ok(Scan::Done { next: at, lines });
        };
        match Octet::of(octet) {
            Octet::Special => match octet {
                b'"' => match quote_end(window, at + 1) {
                    Some(end) if window[end] == b'"' => {
                        words.push(extent(at + 1, end, true));
                        at = end + 1;
                    }
                    None if !ended => return Ok(Scan::More),
                    Some(end) if window[end] == b'\0' => return Err(nul(end)),
                    _ => {
                        return Err(LexFault::Text {
                            offset: at,
                            message: "this quote is not closed on its line",
                            hint: "a quoted string ends with \" on the line it starts on; write \\010 for a line feed in it",
                        });
                    }
                },
                b';' => {
                    let rest = &window[at..];
                    match rest.iter().position(|&octet| octet == b'\n') {
                        Some(length) => at += length,
                        None if ended => at = window.len(),
                        None => return Ok(Scan::More),
                    }
                }
                b'(' => {
                    if open == 0 {
                        outermost = at;
                    }
                    open += 1;
                    at += 1;
                }
                b')' => {
                    if open == 0 {
                        return Err(LexFault::Text {
                            offset: at,
                            message: "this parenthesis was never opened",
                            hint: "remove it, or add the \"(\" that belongs to it",
                        });
                    }
                    open -= 1;
                    at += 1;
                }
                b'\0' => return Err(nul(at)),
                _ => match window.get(at + 1) {
                    Some(b'\n') => at += 1,
                    None if !ended => return Ok(Scan::More),
                    _ => {
                        return Err(LexFault::Text {
                            offset: at,
                            message: "a carriage return that no line feed follows",
                            hint: "save the file with LF or CRLF line ends; write \\013 for a carriage return in data",
                        });
                    }
                },
            },
            // a line feed is for the next turn, and a word ends with neither a word nor a backslash
            Octet::Newline => {}
            Octet::Blank | Octet::Word | Octet::Backslash => at += 1,
        }
    }
}

/// Takes the words from `at` on that end with a blank, and the last one if a line feed ends it: nearly all
/// there are. Returns where what is left starts, or that line feed. The stops before `at` are taken.
#[inline]
pub(super) fn take_plain(window: &[u8], at: usize, words: &mut Words, stops: &mut Stops) -> usize {
    let mut at = at;
    // copies, which the compiler keeps in registers
    let mut known = *stops;
    let (slots, mut count) = words.slots();
    while let Some(stop) = known.first(window) {
        let octet = Octet::of(window[stop]);
        if !matches!(octet, Octet::Blank | Octet::Newline) {
            break;
        }
        if stop > at {
            let Some(slot) = slots.get_mut(count) else { break };
            *slot = extent(at, stop, false);
            count += 1;
        }
        if octet == Octet::Newline {
            at = stop;
            break;
        }
        known.take();
        at = stop + 1;
    }
    *stops = known;
    words.set_count(count);
    at
}

#[allow(clippy::cast_possible_truncation, reason = "a window has at most a few times 2^24 octets")]
fn extent(start: usize, end: usize, quoted: bool) -> Extent {
    Extent { start: start as u32, end: end as u32, quoted }
}

/// An octet that text files do not have, but damaged ones and those in UTF-16.
fn nul(offset: usize) -> LexFault {
    LexFault::Text {
        offset,
        message: "a NUL octet",
        hint: "is the file damaged, or not plain text? Write \\000 for a NUL in data",
    }
}

/// The quote that ends a quoted string, or what must not be in one: a line feed or NUL.
fn quote_end(window: &[u8], at: usize) -> Option<usize> {
    let mut at = at;
    loop {
        match window.get(at)? {
            b'"' | b'\n' | b'\0' => return Some(at),
            b'\\' if window.get(at + 1) != Some(&b'\n') => at += 2,
            _ => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::zonefile::lexer::{LexFault, Lexer};
    use proptest::prelude::*;

    /// Line, whether a blank is in front, and words, quotes around those that were quoted; or line and fault.
    type Found = Vec<(u32, bool, Vec<String>)>;

    fn found(text: &[u8]) -> Found {
        let mut lexer = Lexer::of_text(text.to_vec());
        let mut found = Vec::new();
        loop {
            match lexer.advance() {
                Ok(false) => return found,
                Ok(true) => {
                    let words = lexer.words().iter().map(|word| {
                        let text = String::from_utf8_lossy(lexer.text(word));
                        if word.quoted { format!("\"{text}\"") } else { text.into_owned() }
                    });
                    found.push((lexer.line(), lexer.blank_owner(), words.collect()));
                }
                Err(LexFault::Text { offset, message, .. }) => {
                    found.push((lexer.excerpt(offset).0, false, vec![message.into()]));
                }
                Err(LexFault::Io(error)) => panic!("{error}"),
            }
        }
    }

    /// The same, an octet at a time.
    fn expected(text: &[u8]) -> Found {
        let mut found = Vec::new();
        let line_of =
            |at: usize| 1 + u32::try_from(text[..at].iter().filter(|&&o| o == b'\n').count()).unwrap();
        let line_end = |at: usize| at + text[at..].iter().take_while(|&&o| o != b'\n').count();
        // where an escape, or a single octet, ends
        let step = |at: usize| at + if text[at] == b'\\' && text.get(at + 1) != Some(&b'\n') { 2 } else { 1 };
        let mut at = 0;
        while at < text.len() {
            let (start, mut words, mut open, mut fault) = (at, Vec::new(), Vec::new(), None);
            while at < text.len() && fault.is_none() && (text[at] != b'\n' || !open.is_empty()) {
                match text[at] {
                    b' ' | b'\t' | b'\n' => at += 1,
                    b';' => at = line_end(at),
                    b'(' => {
                        open.push(at);
                        at += 1;
                    }
                    b')' if open.pop().is_some() => at += 1,
                    b')' => fault = Some((at, "this parenthesis was never opened")),
                    b'\r' if text.get(at + 1) == Some(&b'\n') => at += 1,
                    b'\r' => fault = Some((at, "a carriage return that no line feed follows")),
                    b'\0' => fault = Some((at, "a NUL octet")),
                    b'"' => {
                        let mut end = at + 1;
                        while end < text.len() && !b"\"\n\0".contains(&text[end]) {
                            end = step(end);
                        }
                        match text.get(end) {
                            Some(b'"') => {
                                words.push(format!("\"{}\"", String::from_utf8_lossy(&text[at + 1..end])));
                                at = end + 1;
                            }
                            Some(b'\0') => fault = Some((end, "a NUL octet")),
                            _ => fault = Some((at, "this quote is not closed on its line")),
                        }
                    }
                    _ => {
                        let begin = at;
                        while at < text.len() && !b" \t\n\r\0();\"".contains(&text[at]) {
                            at = step(at);
                        }
                        at = at.min(text.len());
                        words.push(String::from_utf8_lossy(&text[begin..at]).into_owned());
                    }
                }
            }
            if at == text.len() && fault.is_none() && !open.is_empty() {
                fault = Some((open[0], "this parenthesis is never closed"));
            }
            if let Some((place, message)) = fault {
                found.push((line_of(place), false, vec![message.into()]));
                at = line_end(place);
            } else if !words.is_empty() {
                found.push((line_of(start), b" \t".contains(&text[start]), words));
            }
            at += 1;
        }
        found
    }

    /// Pieces that mean something to a lexer, and words long enough that entries lie across every boundary.
    fn piece() -> impl Strategy<Value = &'static [u8]> {
        let pieces: [&[u8]; 20] = [
            b"a",
            b"\t",
            b" ",
            b"\n",
            b"\n",
            b"\r\n",
            b"word",
            b"3600 IN",
            b"a-name.of.some.length.example.",
            b"\\",
            b"\\;",
            b"!",
            b"$",
            b"\xff",
            b"\"",
            b"\"x y\"",
            b";",
            b"(",
            b")",
            b"\0",
        ];
        prop::sample::select(pieces.to_vec())
    }

    proptest! {
        #[test]
        fn words_as_a_reader_of_single_octets_has_them(pieces in prop::collection::vec(piece(), 0..120)) {
            let text = pieces.concat();
            prop_assert_eq!(found(&text), expected(&text));
        }

        #[test]
        fn and_where_faults_are_rare(pieces in prop::collection::vec(piece(), 0..400)) {
            let text: Vec<u8> = pieces.into_iter().filter(|piece| !b"\"()\0".contains(&piece[0])).flatten().copied().collect();
            prop_assert_eq!(found(&text), expected(&text));
        }
    }
}
