//! The escrow contract and its chain.

use std::fmt::Debug;

use async_trait::async_trait;
use domain::escrow::{ScaledRate, Terms, TopUp};
use domain::ids::{Address, EscrowId, Hash32, TxHash};
use domain::journey::PreparedCall;
use domain::money::TokenAmount;
use domain::time::UnixSeconds;

use super::{ChainError, OperatorCall};

/// A block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChainBlock {
    /// Height of the block, the first block being 0.
    pub number: u64,
    /// Hash of the block.
    pub hash: Hash32,
    /// Time stated in the block.
    pub timestamp: UnixSeconds,
}

/// Facts that tell this chain from another with the same id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChainIdentity {
    /// Keccak-256 of the escrow's code.
    pub escrow_code_hash: Hash32,
    /// Height of a block that will not change.
    pub known_block: u64,
    /// Hash of that block, which distinguishes a chain with the same id but another history.
    pub known_block_hash: Hash32,
}

/// The status of an escrow on chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EscrowStatus {
    /// It holds the deposit and does not stream.
    Funded,
    /// It streams: money accrues to the payee, second by second.
    Active,
    /// Everything was paid out.
    Closed,
}

/// An escrow as shown by the chain, at the operator's confirmation depth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EscrowOnChain {
    /// Status of the escrow, judged by events with enough confirmations.
    pub status: EscrowStatus,
    /// Sum of the deposit and all top-ups.
    pub deposited: TokenAmount,
    /// Rate charged per second; zero before activation.
    pub rate: ScaledRate,
    /// Time of its activation; `None` before that.
    pub activated_at: Option<UnixSeconds>,
    /// Time of the last heartbeat, or of the activation; `None` before that.
    pub last_sign_of_life: Option<UnixSeconds>,
    /// Amount earned by usage so far; of a closed escrow, the amount released.
    pub accrued: TokenAmount,
    /// Amount paid out for usage, the fee included; zero until the escrow is closed.
    pub released: TokenAmount,
    /// Amount returned to the buyer; zero until the escrow is closed.
    pub refunded: TokenAmount,
    /// Time at which usage ended, as the contract recorded it; `None` until the escrow is closed.
    pub ended_at: Option<UnixSeconds>,
    /// Hash of the transaction that funded it; `None` if it is unknown.
    pub funded_tx: Option<TxHash>,
    /// Height of the block that funded it; `None` if it is unknown.
    pub funded_block: Option<u64>,
    /// Hash of the transaction that activated it; `None` before activation.
    pub activated_tx: Option<TxHash>,
    /// Hash of the transaction that closed it; `None` until then.
    pub closed_tx: Option<TxHash>,
}

/// A message for the wallet to sign, and its meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorization {
    /// JSON for `eth_signTypedData_v4`.
    pub typed_data: String,
    /// The same for people, as pairs of name and value.
    pub decoded: Vec<(String, String)>,
}

/// The status of a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TxOutcome {
    /// Known, but not in a block that counts yet.
    Pending,
    /// In a block that counts.
    Confirmed {
        /// Height of that block.
        block: u64,
        /// Time stated in the block.
        at: UnixSeconds,
    },
    /// In a block, but without effect.
    Reverted {
        /// The contract's message, if it gave one.
        reason: String,
    },
    /// The chain does not know it: it has not arrived yet, was replaced, or was dropped.
    Unknown,
}

/// The escrow contract and its chain: its state, and the calls that change it. Nothing here sends a
/// transaction.
#[async_trait]
pub trait EscrowChain: Send + Sync + Debug {
    /// Id of the chain.
    fn chain_id(&self) -> u64;
    /// Address of the escrow contract.
    fn escrow_contract(&self) -> Address;
    /// Address of the token contract.
    fn token_contract(&self) -> Address;

    /// Returns the newest block.
    async fn head(&self) -> Result<ChainBlock, ChainError>;
    /// Returns the facts that tell this chain from another with the same id.
    async fn identity(&self) -> Result<ChainIdentity, ChainError>;

    /// Returns the id of the escrow with these `terms`.
    fn escrow_id(&self, terms: &Terms) -> EscrowId;
    /// Lets the escrow contract take exactly `amount`.
    fn approve_call(&self, amount: TokenAmount) -> PreparedCall;
    /// Funds the escrow of `terms`.
    fn fund_call(&self, terms: &Terms) -> PreparedCall;
    /// Adds to an escrow.
    fn top_up_call(&self, top_up: &TopUp) -> PreparedCall;
    /// Gives test tokens to `to`.
    fn faucet_call(&self, to: Address) -> PreparedCall;

    /// Returns an escrow at the operator's confirmation depth; `None` before it is funded.
    async fn escrow(&self, id: EscrowId) -> Result<Option<EscrowOnChain>, ChainError>;
    /// The status of a transaction.
    async fn outcome(&self, tx: TxHash) -> Result<TxOutcome, ChainError>;

    /// Starts the stream at `rate`.
    fn activate_call(&self, id: EscrowId, rate: ScaledRate) -> OperatorCall;
    /// Ends the escrow: pays what accrued until `ended_at` and refunds the rest; refunds everything
    /// if it was never activated.
    fn end_call(&self, id: EscrowId, ended_at: UnixSeconds) -> OperatorCall;
    /// Sends a heartbeat.
    fn heartbeat_call(&self, id: EscrowId) -> OperatorCall;
    /// Gives `to` some gas (a simulated chain only).
    fn gas_gift_call(&self, to: Address) -> OperatorCall;

    /// Returns what a buyer signs so that anyone can fund the escrow of `terms` before
    /// `valid_before`, and nothing else: the escrow's id is the nonce of the signature.
    async fn authorization(
        &self,
        terms: &Terms,
        valid_before: UnixSeconds,
    ) -> Result<Authorization, ChainError>;
    /// Funds the escrow of `terms` with the buyer's signature. [`ChainError::Invalid`] unless the
    /// buyer in the terms signed exactly this: this escrow contract, this id, this deposit, this
    /// `valid_before`.
    async fn relay_call(
        &self,
        terms: &Terms,
        valid_before: UnixSeconds,
        signature: &str,
    ) -> Result<OperatorCall, ChainError>;

    /// Whether `account` is a contract, which has no key of its own to sign with.
    async fn is_contract(&self, account: Address) -> Result<bool, ChainError>;
    /// Whether the contract `account` confirms that it signed `message` with `personal_sign`.
    /// [`ChainError::Invalid`] for a text that is not a signature.
    async fn signed_by_contract(
        &self,
        account: Address,
        message: &str,
        signature: &str,
    ) -> Result<bool, ChainError>;
    /// Returns what a buyer signs so that anyone can make this top-up before `valid_before`, and
    /// nothing else.
    async fn top_up_authorization(
        &self,
        top_up: &TopUp,
        valid_before: UnixSeconds,
    ) -> Result<Authorization, ChainError>;
    /// Makes a top-up with the buyer's signature. [`ChainError::Invalid`] unless the buyer signed
    /// exactly this: this escrow, this amount, this previous total, this `valid_before`.
    async fn relay_top_up_call(
        &self,
        top_up: &TopUp,
        valid_before: UnixSeconds,
        signature: &str,
    ) -> Result<OperatorCall, ChainError>;

    /// Returns the account that signed `message` with `personal_sign`.
    fn recover_personal_sign(&self, message: &str, signature: &str) -> Result<Address, ChainError>;
}
