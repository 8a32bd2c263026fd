//! A venue's prices from before Necto first queried it.

use std::collections::BTreeMap;

use async_trait::async_trait;
use domain::money::Usd;
use domain::time::UnixSeconds;

/// A venue with a record of its prices from before Necto first queried it.
#[async_trait]
pub trait PriceHistory: Send + Sync + std::fmt::Debug {
    /// Returns the prices of the day before `now`, in chronological order.
    ///
    /// # Errors
    /// The reason why there are none, for people.
    async fn day(&self, now: UnixSeconds) -> Result<Vec<PastPrices>, String>;
}

/// The prices of a source at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastPrices {
    /// Id of the venue, or that of the token prices.
    pub source: String,
    /// Time of these prices.
    pub at: UnixSeconds,
    /// Prices: of a card per hour, by the offer's id; of a token, by its symbol.
    pub prices: BTreeMap<String, Usd>,
}
