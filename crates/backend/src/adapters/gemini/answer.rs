//! What holds for an answer in either form.

/// An answer that cannot be read.
#[derive(Debug)]
pub(super) struct Unreadable;

/// The most tool calls in one answer.
pub(super) const MOST_CALLS: usize = 16;
