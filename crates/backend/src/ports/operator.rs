//! The operator's account on the escrow's chain: its transactions, one step at a time.

use std::fmt::Debug;

use async_trait::async_trait;
use domain::gas::Gwei;
use domain::ids::{Address, TxHash};

use super::ChainError;

/// A call by the operator that is not signed yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorCall {
    /// Address that is called: a contract, or the recipient of a gift of gas.
    pub to: Address,
    /// Call data: the function's selector and its encoded arguments.
    pub data: Vec<u8>,
    /// Amount of the gas token sent with the call.
    pub value: Gwei,
}

/// The price of a unit of gas, in 10⁻¹⁸ of the gas token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GasPrice {
    /// Highest total price of a unit of gas.
    pub max_fee_wei: u128,
    /// Part of that price that goes to the block producer.
    pub priority_wei: u128,
}

impl GasPrice {
    /// Returns the highest cost of `gas` units, rounded up.
    #[must_use]
    pub fn cost_of(self, gas: u64) -> Gwei {
        Gwei::from_wei_rounded_up(self.max_fee_wei.saturating_mul(u128::from(gas)))
    }

    /// Whether this is so far above `market` that no node leaves the transaction out for its price.
    #[must_use]
    pub fn is_plenty(self, market: Self) -> bool {
        self.max_fee_wei >= market.max_fee_wei.saturating_mul(PLENTY)
    }

    /// Returns the lowest price that nodes accept as a replacement, or `market` if that is higher:
    /// a replacement has to pay an eighth more.
    #[must_use]
    pub fn raised(self, market: Self) -> Self {
        let eighth_more = |wei: u128| wei.saturating_add(wei / 8).saturating_add(1);
        Self {
            max_fee_wei: eighth_more(self.max_fee_wei).max(market.max_fee_wei),
            priority_wei: eighth_more(self.priority_wei).max(market.priority_wei),
        }
    }
}

/// Highest multiple of the market's price that is paid for a transaction: a stalled chain includes
/// none at any price, and must not make its own price rise.
const PLENTY: u128 = 8;

/// A signed transaction: these bytes can take effect only once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedTransaction {
    /// Hash of the transaction.
    pub hash: TxHash,
    /// Signed bytes, as nodes accept them.
    pub raw: Vec<u8>,
}

/// The node's reaction to signed bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broadcast {
    /// The node has accepted them, now or earlier.
    Taken,
    /// A transaction with this nonce is already in a block; it may be the same call at an earlier
    /// price.
    NonceUsed,
    /// Another transaction with this nonce is pending, and this one does not pay enough more.
    Underpriced,
}

/// Numbers of the account's transactions in blocks: lower nonces are used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nonces {
    /// Number of the account's transactions in any block.
    pub mined: u64,
    /// Number of the account's transactions in blocks with as many confirmations as the operator
    /// requires.
    pub settled: u64,
}

/// The inclusion of a transaction in a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Inclusion {
    /// `true` if the transaction took effect; `false` if it was reverted.
    pub worked: bool,
    /// `true` once its block has as many confirmations as the operator requires.
    pub counts: bool,
    /// Gas fee, rounded up to whole gwei.
    pub fee: Gwei,
}

/// The operator's account. Only the outbox sends transactions from it.
#[async_trait]
pub trait OperatorAccount: Send + Sync + Debug {
    /// Returns the gas that the call needs, with a margin. [`ChainError::Refused`] if it would
    /// fail.
    async fn estimate(&self, call: &OperatorCall) -> Result<u64, ChainError>;
    /// Returns the current gas price.
    async fn gas_price(&self) -> Result<GasPrice, ChainError>;
    /// Signs the call without publishing it.
    async fn sign(
        &self,
        call: &OperatorCall,
        nonce: u64,
        gas: u64,
        price: GasPrice,
    ) -> Result<SignedTransaction, ChainError>;
    /// Sends signed bytes to a node; safe to repeat.
    async fn broadcast(&self, raw: &[u8]) -> Result<Broadcast, ChainError>;
    /// Returns the next nonce, after pending transactions.
    async fn pending_nonce(&self) -> Result<u64, ChainError>;
    /// Returns the numbers of the account's transactions in blocks.
    async fn nonces(&self) -> Result<Nonces, ChainError>;
    /// Returns the inclusion of a transaction; `None` while it is in no block.
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
