//! State of the wallet besides its accounts: the chain behind it, and the pending requests.

use axum::Router;

use super::chain::Chain;
use super::error::WalletError;
use super::pending::Pending;
use crate::chain_door;
use crate::door::Door;

/// State shared by the wallet's routes.
#[derive(Debug)]
pub(crate) struct Counter {
    chain: Option<Chain>,
    pub(super) pending: Pending,
}

impl Counter {
    /// # Errors
    /// If the URL is not that of a chain on this machine.
    pub(crate) fn new(chain_rpc: Option<&str>) -> Result<Self, String> {
        Ok(Self {
            chain: chain_rpc.map(Chain::connect).transpose()?,
            pending: Pending::default(),
        })
    }

    /// Returns the routes that answer in the chain's place.
    ///
    /// # Errors
    /// If there is no chain, or no client for it.
    pub(crate) fn chain_door(&self, door: Door) -> Result<Router, String> {
        let chain = self
            .chain
            .as_ref()
            .ok_or("a door needs a chain behind it")?;
        let http = reqwest::Client::builder()
            .no_proxy()
            .build()
            .map_err(|error| error.to_string())?;
        Ok(chain_door::routes(door, chain.url(), http))
    }

    pub(super) fn chain(&self) -> Result<&Chain, WalletError> {
        self.chain.as_ref().ok_or_else(|| {
            WalletError::new(
                4900,
                "The sandbox runs without a chain, so the demo wallet cannot do anything.",
            )
        })
    }
}
