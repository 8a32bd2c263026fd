//! Recent transactions of this browser, kept in local storage.

use domain::ids::{OrderId, TxHash};
use domain::time::UnixSeconds;
use serde::{Deserialize, Serialize};

use super::Sent;
use crate::browser;

/// Storage key.
const KEY: &str = "necto.recent";

/// Maximum number of transactions kept.
const KEPT: usize = 20;

/// A transaction that this browser sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Recent {
    /// Transaction as it was sent.
    pub(crate) sent: Sent,
    /// Time at which it was sent, by the browser's clock.
    pub(crate) at: UnixSeconds,
    /// Order that it belongs to; `None` if it belongs to none.
    pub(crate) order: Option<OrderId>,
    /// `true` if it took effect, `false` if it did not; `None` while that is unknown.
    pub(crate) worked: Option<bool>,
}

/// All stored transactions, newest first.
pub(crate) fn recent() -> Vec<Recent> {
    browser::recall(KEY)
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default()
}

/// Records that a transaction was sent.
pub(crate) fn note_sent(sent: &Sent, order: Option<OrderId>) {
    let one = Recent {
        sent: sent.clone(),
        at: browser::now(),
        order,
        worked: None,
    };
    let mut all = recent();
    all.retain(|known| known.sent.hash != sent.hash);
    all.insert(0, one);
    all.truncate(KEPT);
    keep(&all);
}

/// Records the outcome of a transaction.
pub(crate) fn note_end(hash: TxHash, worked: bool) {
    let mut all = recent();
    for known in all.iter_mut().filter(|known| known.sent.hash == hash) {
        known.worked = Some(worked);
    }
    keep(&all);
}

fn keep(all: &[Recent]) {
    if let Ok(text) = serde_json::to_string(all) {
        browser::remember(KEY, &text);
    }
}
