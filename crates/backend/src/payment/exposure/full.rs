//! What exceeds a cap.

use domain::exposure::Refusal;
use domain::time::Seconds;

/// What did not fit, and the message for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Full {
    /// Cap that would be exceeded, with the requested amount.
    pub(crate) refusal: Box<Refusal>,
    /// Time after which room becomes available by itself, in seconds from now; `None` if time alone
    /// is not enough.
    pub(crate) retry_after: Option<Seconds>,
}
