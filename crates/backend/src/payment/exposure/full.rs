//! The refusal of a request that exceeds a cap.

use domain::exposure::Refusal;
use domain::time::Seconds;

/// The exceeded cap and the message about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Full {
    /// Cap that would be exceeded, with the requested amount.
    pub(crate) refusal: Box<Refusal>,
    /// Time after which room becomes available by itself, in seconds from now; `None` if waiting
    /// alone is not enough.
    pub(crate) retry_after: Option<Seconds>,
}
