//! A call to the wallet.

use serde::Deserialize;
use serde_json::Value;

/// A page's request.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Call {
    pub(super) method: String,
    #[serde(default)]
    pub(super) params: Value,
}
