//! A token's price on a chain.

use async_trait::async_trait;
use domain::offers::Decimal;
use domain::offers::tokens::Token;
use domain::offers::verification::Verification;
use domain::time::UnixSeconds;

/// A chain that can be queried for a token price.
#[async_trait]
pub trait PriceCheck: Send + Sync + std::fmt::Debug {
    /// Token whose price it can check.
    fn token(&self) -> Token;

    /// Compares our price with the current one on the chain.
    async fn check(&self, ours: Decimal, now: UnixSeconds) -> Verification;
}
