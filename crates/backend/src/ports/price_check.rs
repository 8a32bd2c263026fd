//! A token's price on a chain.

use async_trait::async_trait;
use domain::offers::Decimal;
use domain::offers::tokens::Token;
use domain::offers::verification::Verification;
use domain::time::UnixSeconds;

/// A chain that can be queried for a token's price.
#[async_trait]
pub trait PriceCheck: Send + Sync + std::fmt::Debug {
    /// The token whose price it can check.
    fn token(&self) -> Token;

    /// Compares our price with the chain's current one.
    async fn check(&self, ours: Decimal, now: UnixSeconds) -> Verification;
}
