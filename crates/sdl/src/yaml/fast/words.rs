//! Compares and scans several bytes at a time.

/// Number of leading bytes that are certainly printable ASCII or line feeds.
pub(crate) fn plain_prefix(bytes: &[u8]) -> usize {
    let (words, _) = bytes.as_chunks();
    let words = words.iter().take_while(|word| is_plain(**word)).count();
    words * size_of::<u64>()
}

/// Whether eight bytes are all printable ASCII or line feeds; may return false for some that are.
fn is_plain(word: [u8; 8]) -> bool {
    const ONES: u64 = u64::from_ne_bytes([0x01; 8]);
    const HIGH: u64 = u64::from_ne_bytes([0x80; 8]);
    let word = u64::from_ne_bytes(word);
    // Nothing is borrowed from a neighbour: each byte has its high bit set first.
    let above_space = (word | HIGH).wrapping_sub(ONES * 0x20);
    let not_feed = ((word ^ (ONES * 0x0a)) | HIGH).wrapping_sub(ONES);
    let not_delete = ((word ^ (ONES * 0x7f)) | HIGH).wrapping_sub(ONES);
    ((above_space | !not_feed) & not_delete & !word & HIGH) == HIGH
}

/// Whether two short words are equal. Unequal ones mostly differ in length or at one end, and a
/// full comparison is a function call.
#[inline]
pub(crate) fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    a.len() == b.len() && a.last() == b.last() && a.first() == b.first() && a == b
}

/// A set of positions below 32, in one word.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Places(u32);

impl Places {
    /// No position.
    pub(crate) const NONE: Self = Self(0);

    /// The set with one more position.
    pub(crate) const fn and(self, at: usize) -> Self {
        Self(self.0 | (1 << at))
    }

    /// The positions that are not in the other set.
    pub(crate) const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether a position is in the set.
    pub(crate) const fn has(self, at: usize) -> bool {
        self.0 & (1 << at) != 0
    }

    /// Whether no position is in the set.
    pub(crate) const fn is_empty(self) -> bool {
        self.0 == 0
    }
}
