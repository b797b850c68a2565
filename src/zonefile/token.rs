//! The words of one entry of a master file (RFC 1035, section 5.1), as the lexer found them and the field
//! readers take them.

use std::borrow::Cow;

/// One word: the text between delimiters, escapes still in it, quotes gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token<'a> {
    /// Its octets, with their backslashes.
    pub text: &'a [u8],
    /// All the text there is from its first octet on.
    pub onward: &'a [u8],
    /// Whether it stood between quotes.
    pub quoted: bool,
}

/// Where a word lies in the lexer's window. Offsets and lengths in octets, without quotes.
#[derive(Clone, Copy, Debug)]
pub struct Extent {
    /// Of its first octet.
    pub start: u32,
    /// Behind its last octet.
    pub end: u32,
    /// Whether it stood between quotes.
    pub quoted: bool,
}

/// Where the words of an entry lie: the same room for each entry.
#[derive(Debug)]
pub(super) struct Words {
    slots: Vec<Extent>,
    /// How many slots hold words of this entry.
    count: usize,
}

impl Default for Words {
    fn default() -> Self {
        Self { slots: vec![Extent { start: 0, end: 0, quoted: false }; 32], count: 0 }
    }
}

impl Words {
    #[inline]
    pub(super) fn as_slice(&self) -> &[Extent] {
        &self.slots[..self.count]
    }

    #[inline]
    pub(super) fn clear(&mut self) {
        self.count = 0;
    }

    #[inline]
    pub(super) fn push(&mut self, word: Extent) {
        match self.slots.get_mut(self.count) {
            Some(slot) => *slot = word,
            None => self.slots.push(word),
        }
        self.count += 1;
    }

    /// All slots, and how many of them hold words.
    #[inline]
    pub(super) fn slots(&mut self) -> (&mut [Extent], usize) {
        (&mut self.slots, self.count)
    }

    /// As many words as this, which are in their slots.
    #[inline]
    pub(super) fn set_count(&mut self, count: usize) {
        debug_assert!(count <= self.slots.len());
        self.count = count;
    }
}

/// The words of an entry that are not taken yet.
#[derive(Clone, Debug)]
pub struct Tokens<'a> {
    window: &'a [u8],
    extents: &'a [Extent],
    taken: usize,
}

impl<'a> Tokens<'a> {
    /// The words at `extents` of `window`.
    #[must_use]
    pub fn new(window: &'a [u8], extents: &'a [Extent]) -> Self {
        Self { window, extents, taken: 0 }
    }

    /// The next word, without taking it.
    #[must_use]
    #[inline]
    pub fn peek(&self) -> Option<Token<'a>> {
        let extent = self.extents.get(self.taken)?;
        let onward = &self.window[extent.start as usize..];
        let text = &onward[..(extent.end - extent.start) as usize];
        Some(Token { text, onward, quoted: extent.quoted })
    }

    /// The text of one of these words.
    #[must_use]
    pub fn text(&self, extent: Extent) -> &'a [u8] {
        &self.window[extent.start as usize..extent.end as usize]
    }

    /// Where the words lie that are not taken yet.
    #[must_use]
    pub fn extents_left(&self) -> &'a [Extent] {
        &self.extents[self.taken..]
    }

    /// How many words are taken: the index of the next one.
    #[must_use]
    pub fn taken(&self) -> usize {
        self.taken
    }

    /// How many words are left.
    #[must_use]
    pub fn left(&self) -> usize {
        self.extents.len() - self.taken
    }

    /// Takes the next word, or says that `expected` is missing.
    ///
    /// # Errors
    /// There is none.
    #[inline]
    pub fn take(&mut self, expected: &'static str) -> Result<Token<'a>, Wrong> {
        let token = self.peek().ok_or_else(|| Wrong::new(self.taken(), expected))?;
        self.taken += 1;
        Ok(token)
    }

    /// The word taken last is wrong: `expected` should stand there.
    #[must_use]
    #[cold]
    pub fn wrong(&self, expected: impl Into<Cow<'static, str>>) -> Wrong {
        Wrong::new(self.taken().saturating_sub(1), expected)
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    #[inline]
    fn next(&mut self) -> Option<Token<'a>> {
        let token = self.peek()?;
        self.taken += 1;
        Some(token)
    }
}

/// A word that is not what its place calls for. The reader adds the field's name, the place and the word.
#[derive(Debug)]
pub struct Wrong(Box<WrongInner>);

#[derive(Debug)]
pub(crate) struct WrongInner {
    /// The word's index in the entry; one past the last if a word is missing.
    pub(crate) index: usize,
    /// What should stand there, as in "a number from 0 to 255".
    pub(crate) expected: Cow<'static, str>,
    /// What to do, if there is more to say.
    pub(crate) hint: Option<Cow<'static, str>>,
}

impl Wrong {
    /// At the word with this index, `expected` should stand.
    #[must_use]
    #[cold]
    pub fn new(index: usize, expected: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(WrongInner { index, expected: expected.into(), hint: None }))
    }

    /// The same, with advice.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<Cow<'static, str>>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// The index of the word; one past the last if a word is missing.
    pub(crate) fn index(&self) -> usize {
        self.0.index
    }

    pub(crate) fn parts(self) -> WrongInner {
        *self.0
    }
}
