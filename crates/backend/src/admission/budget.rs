//! A limit in a window of time.

use domain::time::Seconds;

/// How often a caller may do something within a window of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budget {
    /// Name of what is counted, the same from one release to the next.
    pub action: &'static str,
    /// Key of the party that is counted: a network, a session or an account, as text.
    pub who: String,
    /// The most times that it may be done in one window.
    pub most: u64,
    /// Length of a window. Windows begin at whole multiples of it.
    pub window: Seconds,
}
