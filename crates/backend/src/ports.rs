//! The outside world, as far as Necto needs it: one trait an outsider, domain words only.

mod chain;
mod market;
mod time;

use std::sync::Arc;

pub use chain::{
    ChainBlock, ChainError, ChainIdentity, EscrowChain, EscrowOnChain, EscrowStatus, TxOutcome,
};
pub use market::{
    ComputeMarket, ComputeSpec, Created, DeploymentState, LeaseState, LeaseStatus, Listed,
    LogStream, MarketError, MarketStatus, ScreenedProvider,
};
pub use time::{Clock, Random};

/// The outside world.
#[derive(Debug, Clone)]
pub struct Ports {
    /// Akash, through the Console API.
    pub market: Arc<dyn ComputeMarket>,
    /// The escrow contract's chain.
    pub chain: Arc<dyn EscrowChain>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn Random>,
}
