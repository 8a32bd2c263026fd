//! A call of the wallet.

use serde::Deserialize;
use serde_json::Value;

/// What a page asks for.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Call {
    pub(super) method: String,
    #[serde(default)]
    pub(super) params: Value,
}
