//! Rules for answers in either wire format.

/// The answer cannot be parsed.
#[derive(Debug)]
pub(super) struct Unreadable;

/// Maximum number of tool calls in one answer.
pub(super) const MOST_CALLS: usize = 16;
