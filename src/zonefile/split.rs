//! The octets of one entry → its words (RFC 1035, section 5.1). An entry ends with its line, or with the line
//! on which its last parenthesis closes.

use super::lexer::LexFault;
use super::stops::{Octet, Stops};
use super::token::Extent;

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
    words: &mut Vec<Extent>,
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
/// there are. Returns where what is left starts.
#[inline]
pub(super) fn take_plain(window: &[u8], at: usize, words: &mut Vec<Extent>, stops: &mut Stops) -> usize {
    let mut at = at;
    // a copy, which the compiler keeps in registers
    let mut known = *stops;
    while let Some(stop) = known.first(window) {
        let octet = Octet::of(window[stop]);
        if !matches!(octet, Octet::Blank | Octet::Newline) {
            break;
        }
        if stop > at {
            words.push(extent(at, stop, false));
        }
        if octet == Octet::Newline {
            at = stop;
            break;
        }
        known.take();
        at = stop + 1;
    }
    *stops = known;
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
