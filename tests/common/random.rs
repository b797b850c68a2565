//! Numbers that are the same on every run, for what tests choose by chance.

/// A sequence of them, from a seed that is not 0.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// From 0 up to, and without, `limit`.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        // xorshift64 (Marsaglia)
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 16).expect("48 bits fit") % limit.max(1)
    }

    /// One of several.
    pub(crate) fn one<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.below(of.len())]
    }
}
