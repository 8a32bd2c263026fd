//! Positions in the text.

/// A stretch of the text, as byte offsets.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    pub(crate) from: usize,
    pub(crate) to: usize,
}
