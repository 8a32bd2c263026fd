//! A limit per window of time.

use domain::time::Seconds;

/// Maximum number of actions of a caller within a window of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budget {
    /// Name of the counted action, stable across releases.
    pub action: &'static str,
    /// Key of the counted party: a network, a session or an account, as text.
    pub who: String,
    /// Maximum number of times in one window.
    pub most: u64,
    /// Length of a window. Windows begin at multiples of it.
    pub window: Seconds,
}
