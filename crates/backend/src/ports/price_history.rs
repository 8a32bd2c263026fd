//! A venue's prices from before Necto first looked.

use std::collections::BTreeMap;

use async_trait::async_trait;
use domain::money::Usd;
use domain::time::UnixSeconds;

/// A venue that knows its prices from before Necto first looked.
#[async_trait]
pub trait PriceHistory: Send + Sync + std::fmt::Debug {
    /// The prices of the day before `now`, in chronological order.
    ///
    /// # Errors
    /// Why there are none, for people.
    async fn day(&self, now: UnixSeconds) -> Result<Vec<PastPrices>, String>;
}

/// The prices of a source at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastPrices {
    /// A venue's id, or that of the token prices.
    pub source: String,
    /// Time of these prices.
    pub at: UnixSeconds,
    /// Price of one card and hour by the offer's id; of a token by its symbol.
    pub prices: BTreeMap<String, Usd>,
}
