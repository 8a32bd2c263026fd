//! The escrow contract and its chain.

use std::fmt::Debug;

use async_trait::async_trait;
use domain::escrow::{ScaledRate, Terms, TopUp};
use domain::ids::{Address, EscrowId, Hash32, TxHash};
use domain::journey::PreparedCall;
use domain::money::TokenAmount;
use domain::time::UnixSeconds;
use thiserror::Error;

use super::OperatorCall;

/// A block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChainBlock {
    /// Its height.
    pub number: u64,
    /// Its hash.
    pub hash: Hash32,
    /// Its time.
    pub timestamp: UnixSeconds,
}

/// What tells this chain from another with the same id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChainIdentity {
    /// Keccak-256 of the escrow's code.
    pub escrow_code_hash: Hash32,
    /// A block that will not change.
    pub known_block: u64,
    /// Its hash.
    pub known_block_hash: Hash32,
}

/// Where an escrow stands on chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EscrowStatus {
    /// Holds the deposit; does not stream.
    Funded,
    /// Streams.
    Active,
    /// Everything has been given out.
    Closed,
}

/// An escrow as the chain shows it, as deep as the operator wants confirmations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EscrowOnChain {
    /// Where it stands.
    pub status: EscrowStatus,
    /// Deposit and top-ups.
    pub deposited: TokenAmount,
    /// What it charges per second; zero before activation.
    pub rate: ScaledRate,
    /// When it was activated.
    pub activated_at: Option<UnixSeconds>,
    /// The last heartbeat or the activation.
    pub last_sign_of_life: Option<UnixSeconds>,
    /// What has accrued so far.
    pub accrued: TokenAmount,
    /// What left for the payee, the fee included.
    pub released: TokenAmount,
    /// What left for the buyer.
    pub refunded: TokenAmount,
    /// When it ended.
    pub ended_at: Option<UnixSeconds>,
    /// The transaction that funded it.
    pub funded_tx: Option<TxHash>,
    /// The block that funded it.
    pub funded_block: Option<u64>,
    /// The transaction that activated it.
    pub activated_tx: Option<TxHash>,
    /// The transaction that closed it.
    pub closed_tx: Option<TxHash>,
}

/// A message for the wallet to sign, and what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorization {
    /// JSON for `eth_signTypedData_v4`.
    pub typed_data: String,
    /// The same for people, name and value a line.
    pub decoded: Vec<(String, String)>,
}

/// What became of a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TxOutcome {
    /// Known, but not in a block that counts yet.
    Pending,
    /// In a block that counts.
    Confirmed {
        /// Its height.
        block: u64,
        /// Its time.
        at: UnixSeconds,
    },
    /// In a block, without effect.
    Reverted {
        /// The contract's words, where it gave any.
        reason: String,
    },
    /// The chain does not know it: not yet arrived, replaced, or dropped.
    Unknown,
}

/// A call to the chain that failed, by what the caller does next.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ChainError {
    /// The input is wrong; the text is a sentence for people.
    #[error("{0}")]
    Invalid(String),
    /// The contract refuses and will go on refusing.
    #[error("the escrow contract refuses: {0}")]
    Refused(String),
    /// The chain cannot be reached, or is behind; the same call may be repeated.
    #[error("the chain does not answer: {0}")]
    Unavailable(String),
}

/// The escrow contract and its chain: what is there, and the calls that change it. Nothing here
/// sends anything.
#[async_trait]
pub trait EscrowChain: Send + Sync + Debug {
    /// The chain's id.
    fn chain_id(&self) -> u64;
    /// The escrow contract.
    fn escrow_contract(&self) -> Address;
    /// The token contract.
    fn token_contract(&self) -> Address;

    /// The newest block.
    async fn head(&self) -> Result<ChainBlock, ChainError>;
    /// What tells this chain from another with the same id.
    async fn identity(&self) -> Result<ChainIdentity, ChainError>;

    /// The id of the escrow that `terms` make.
    fn escrow_id(&self, terms: &Terms) -> EscrowId;
    /// Lets the escrow contract take exactly `amount`.
    fn approve_call(&self, amount: TokenAmount) -> PreparedCall;
    /// Funds the escrow of `terms`.
    fn fund_call(&self, terms: &Terms) -> PreparedCall;
    /// Adds to an escrow.
    fn top_up_call(&self, top_up: &TopUp) -> PreparedCall;
    /// Gives test tokens to `to`.
    fn faucet_call(&self, to: Address) -> PreparedCall;

    /// An escrow, read at the depth of the operator's confirmations; `None` before it is funded.
    async fn escrow(&self, id: EscrowId) -> Result<Option<EscrowOnChain>, ChainError>;
    /// What became of a transaction.
    async fn outcome(&self, tx: TxHash) -> Result<TxOutcome, ChainError>;

    /// Starts the stream at `rate`.
    fn activate_call(&self, id: EscrowId, rate: ScaledRate) -> OperatorCall;
    /// Ends the escrow: pays what accrued until `ended_at` and refunds the rest; refunds
    /// everything where it was never activated.
    fn end_call(&self, id: EscrowId, ended_at: UnixSeconds) -> OperatorCall;
    /// Gives a sign of life.
    fn heartbeat_call(&self, id: EscrowId) -> OperatorCall;
    /// Gives `to` some gas (a simulated chain only).
    fn gas_gift_call(&self, to: Address) -> OperatorCall;

    /// What a buyer signs so that anybody can fund the escrow of `terms` before `valid_before`, and
    /// can do nothing else with it: the escrow's id is the signature's nonce.
    async fn authorization(
        &self,
        terms: &Terms,
        valid_before: UnixSeconds,
    ) -> Result<Authorization, ChainError>;
    /// Funds the escrow of `terms` with what the buyer signed. [`ChainError::Invalid`] unless the
    /// buyer of the terms signed exactly this: this escrow contract, this id, this deposit, this
    /// `valid_before`.
    async fn relay_call(
        &self,
        terms: &Terms,
        valid_before: UnixSeconds,
        signature: &str,
    ) -> Result<OperatorCall, ChainError>;

    /// Whether `account` is a contract: it has no key of its own to sign with.
    async fn is_contract(&self, account: Address) -> Result<bool, ChainError>;
    /// Whether `account`, a contract, says that it has signed `message` with `personal_sign`.
    /// [`ChainError::Invalid`] for a text that is no signature.
    async fn signed_by_contract(
        &self,
        account: Address,
        message: &str,
        signature: &str,
    ) -> Result<bool, ChainError>;
    /// What a buyer signs so that anybody can make this top-up before `valid_before`, and can do
    /// nothing else with it.
    async fn top_up_authorization(
        &self,
        top_up: &TopUp,
        valid_before: UnixSeconds,
    ) -> Result<Authorization, ChainError>;
    /// Makes a top-up with what the buyer signed. [`ChainError::Invalid`] unless the buyer signed
    /// exactly this: this escrow, this amount, what was put in before, this `valid_before`.
    async fn relay_top_up_call(
        &self,
        top_up: &TopUp,
        valid_before: UnixSeconds,
        signature: &str,
    ) -> Result<OperatorCall, ChainError>;

    /// Who signed `message` with `personal_sign`.
    fn recover_personal_sign(&self, message: &str, signature: &str) -> Result<Address, ChainError>;
}
