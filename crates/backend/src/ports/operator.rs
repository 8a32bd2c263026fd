//! The operator's account on the escrow's chain: its transactions, one step at a time.

use std::fmt::Debug;

use async_trait::async_trait;
use domain::gas::Gwei;
use domain::ids::{Address, TxHash};

use super::ChainError;

/// A call of the operator's, not signed yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorCall {
    /// Whom it calls.
    pub to: Address,
    /// With which data.
    pub data: Vec<u8>,
    /// And how much of the gas token.
    pub value: Gwei,
}

/// What a unit of gas may cost, in 10⁻¹⁸ of the gas token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GasPrice {
    /// Altogether.
    pub max_fee_wei: u128,
    /// Of that, to whoever makes the block.
    pub priority_wei: u128,
}

impl GasPrice {
    /// What `gas` units cost at most, rounded up.
    #[must_use]
    pub fn cost_of(self, gas: u64) -> Gwei {
        Gwei::from_wei_rounded_up(self.max_fee_wei.saturating_mul(u128::from(gas)))
    }

    /// Whether this is so far above `market` that no node leaves it out for its price.
    #[must_use]
    pub fn is_plenty(self, market: Self) -> bool {
        self.max_fee_wei >= market.max_fee_wei.saturating_mul(PLENTY)
    }

    /// The least price that nodes take instead of this one, or `market` where that is more: they
    /// want an eighth more for a replacement.
    #[must_use]
    pub fn raised(self, market: Self) -> Self {
        let eighth_more = |wei: u128| wei.saturating_add(wei / 8).saturating_add(1);
        Self {
            max_fee_wei: eighth_more(self.max_fee_wei).max(market.max_fee_wei),
            priority_wei: eighth_more(self.priority_wei).max(market.priority_wei),
        }
    }
}

/// So many times the market's price is paid for a transaction at most: a chain that stands still
/// takes none for any price, and must not drive its own up.
const PLENTY: u128 = 8;

/// A signed transaction: these bytes can take effect once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedTransaction {
    /// Its hash.
    pub hash: TxHash,
    /// Its bytes.
    pub raw: Vec<u8>,
}

/// What a node made of signed bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broadcast {
    /// It has them, now or already.
    Taken,
    /// A transaction with this nonce is in a block already; maybe an earlier price of the same call.
    NonceUsed,
    /// Another one with this nonce waits, and this one does not pay enough more.
    Underpriced,
}

/// How many transactions of the account are in blocks: the nonces below are used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nonces {
    /// In any block.
    pub mined: u64,
    /// In blocks that have the confirmations the operator wants.
    pub settled: u64,
}

/// A transaction in a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Inclusion {
    /// Whether it had its effect.
    pub worked: bool,
    /// Whether its block has the confirmations the operator wants.
    pub counts: bool,
    /// What its gas cost.
    pub fee: Gwei,
}

/// The operator's account. Only the outbox sends with it.
#[async_trait]
pub trait OperatorAccount: Send + Sync + Debug {
    /// How much gas the call needs, with a margin. [`ChainError::Refused`] when it would fail.
    async fn estimate(&self, call: &OperatorCall) -> Result<u64, ChainError>;
    /// What gas costs now.
    async fn gas_price(&self) -> Result<GasPrice, ChainError>;
    /// Signs the call. Nobody sees it yet.
    async fn sign(
        &self,
        call: &OperatorCall,
        nonce: u64,
        gas: u64,
        price: GasPrice,
    ) -> Result<SignedTransaction, ChainError>;
    /// Hands signed bytes to a node; safe to repeat.
    async fn broadcast(&self, raw: &[u8]) -> Result<Broadcast, ChainError>;
    /// The nonce of the next transaction, with what waits in the node.
    async fn pending_nonce(&self) -> Result<u64, ChainError>;
    /// How many transactions of the account are in blocks.
    async fn nonces(&self) -> Result<Nonces, ChainError>;
    /// The block a transaction is in; `None` while it is in none.
    async fn inclusion(&self, tx: TxHash) -> Result<Option<Inclusion>, ChainError>;
}

#[cfg(test)]
mod tests {
    use domain::gas::Gwei;

    use super::GasPrice;

    #[test]
    fn a_replacement_pays_an_eighth_more_and_never_less_than_the_market() {
        let price = |max_fee_wei, priority_wei| GasPrice {
            max_fee_wei,
            priority_wei,
        };
        assert_eq!(price(800, 0).raised(price(100, 0)), price(901, 1));
        assert_eq!(price(800, 80).raised(price(2000, 500)), price(2000, 500));
    }

    #[test]
    fn eight_times_the_market_is_plenty() {
        let price = |max_fee_wei| GasPrice {
            max_fee_wei,
            priority_wei: 0,
        };
        assert!(!price(799).is_plenty(price(100)));
        assert!(price(800).is_plenty(price(100)));
        assert!(price(u128::MAX).is_plenty(price(u128::MAX)));
    }

    #[test]
    fn what_gas_costs_is_rounded_up() {
        let price = GasPrice {
            max_fee_wei: 1_000_000_001,
            priority_wei: 0,
        };
        assert_eq!(price.cost_of(3), Gwei(4));
    }
}
