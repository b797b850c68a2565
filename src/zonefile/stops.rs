//! Where bare words end: octets are looked at 64 at a time, and each octet that may end a word is one bit.

use crate::dns::scan;

/// What an octet means outside quotes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Octet {
    Word,
    Blank,
    Newline,
    /// `(`, `)`, `;`, `"`, carriage return and NUL: they end a word and mean something themselves.
    Special,
    Backslash,
}

impl Octet {
    /// What this octet means.
    #[inline]
    pub(super) fn of(octet: u8) -> Self {
        OCTETS[usize::from(octet)]
    }
}

const OCTETS: [Octet; 256] = {
    let mut table = [Octet::Word; 256];
    table[b' ' as usize] = Octet::Blank;
    table[b'\t' as usize] = Octet::Blank;
    table[b'\n' as usize] = Octet::Newline;
    table[b'\r' as usize] = Octet::Special;
    table[b'\0' as usize] = Octet::Special;
    table[b'(' as usize] = Octet::Special;
    table[b')' as usize] = Octet::Special;
    table[b';' as usize] = Octet::Special;
    table[b'"' as usize] = Octet::Special;
    table[b'\\' as usize] = Octet::Backslash;
    table
};

/// The stops of a window that are not taken yet, as far as they are known. A stop is an octet that is no plain
/// part of a word; a few that are rare in words, `!` among them, are stops too.
#[derive(Clone, Copy, Default)]
pub(super) struct Stops {
    /// Behind the last octet that was looked at.
    end: usize,
    /// One bit for each of the 64 octets before `end`, the first the lowest: it is a stop, and not taken.
    bits: u64,
}

impl Stops {
    /// Those from an offset on.
    pub(super) fn from(at: usize) -> Self {
        Self { end: at, bits: 0 }
    }

    /// The first stop that is not taken; `None`: there is none before the window's last few octets.
    #[inline]
    pub(super) fn first(&mut self, window: &[u8]) -> Option<usize> {
        while self.bits == 0 {
            let octets: &[u8; 64] = window.get(self.end..)?.first_chunk()?;
            self.bits =
                octets.as_chunks().0.iter().rev().fold(0, |bits, block| {
                    bits << 16 | u64::from(scan::at_most_or(block, b')', [b';', b'\\']))
                });
            self.end += 64;
        }
        Some(self.end - 64 + self.bits.trailing_zeros() as usize)
    }

    /// Takes the first stop.
    #[inline]
    pub(super) fn take(&mut self) {
        self.bits &= self.bits.wrapping_sub(1);
    }

    /// Goes on at `at`, which lies behind all stops taken: those before it are taken too.
    #[inline]
    pub(super) fn go_on(&mut self, at: usize) {
        let known = self.end.wrapping_sub(at);
        if known.wrapping_sub(1) < 64 {
            self.bits &= u64::MAX << (64 - known);
        } else {
            *self = Self::from(at);
        }
    }

    /// The first stop at or behind `at`, or the window's end.
    fn find(&mut self, window: &[u8], at: usize) -> usize {
        self.go_on(at);
        self.first(window).unwrap_or_else(|| {
            // the last few octets, one at a time
            let rest = window.get(self.end..).unwrap_or_default();
            self.end + rest.iter().take_while(|&&octet| Octet::of(octet) == Octet::Word).count()
        })
    }

    /// Where the bare word that starts at `at` ends; behind the window's end if it may go on there.
    pub(super) fn word_end(&mut self, window: &[u8], at: usize) -> usize {
        let mut at = at;
        loop {
            at = self.find(window, at);
            let Some(&octet) = window.get(at) else { return at };
            match Octet::of(octet) {
                // a backslash takes the next octet with it, unless that ends the line
                Octet::Backslash => at += if window.get(at + 1) == Some(&b'\n') { 1 } else { 2 },
                Octet::Word => at += 1,
                _ => return at,
            }
        }
    }
}
