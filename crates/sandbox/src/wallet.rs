//! The demo wallet: a wallet without value for the local chain, so that a visitor without one can
//! go all the way.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Accounts of the demo wallet, by the hash of the token that opens each.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Purse {
    accounts: BTreeMap<String, String>,
}

/// What the wallet's routes share.
#[derive(Debug, Default)]
pub(crate) struct Counter {}

impl Counter {
    pub(crate) fn new(
        _origin: &str,
        _chain: Option<&str>,
        _apps: &[String],
    ) -> Result<Self, String> {
        Ok(Self {})
    }
}

pub(crate) fn routes(_shared: &crate::state::Shared) -> axum::Router<crate::state::Shared> {
    axum::Router::new()
}
