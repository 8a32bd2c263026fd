//! The escrow's chain, block by block.

use std::fmt::Debug;

use async_trait::async_trait;
use domain::ids::{Address, EscrowId, Hash32, TxHash};
use domain::money::TokenAmount;
use domain::time::UnixSeconds;
use serde::{Deserialize, Serialize};

use super::ChainError;

/// A block with all events of the escrow contract in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowedBlock {
    /// Height of the block.
    pub number: u64,
    /// Hash of the block.
    pub hash: Hash32,
    /// Hash of the preceding block.
    pub parent: Hash32,
    /// Time stated in the block.
    pub at: UnixSeconds,
    /// Events of the escrow contract in this block, in order, each once.
    pub happenings: Vec<Happening>,
}

/// An event of the escrow contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happening {
    /// Index of the event's log in the block.
    pub index: u64,
    /// Hash of the transaction that caused the event.
    pub tx: TxHash,
    /// Event, with its escrow, accounts and amounts.
    pub what: What,
}

/// Kind and content of an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// An escrow was funded.
    Funded {
        /// Id of the escrow.
        escrow: EscrowId,
        /// Account that owns the escrow and to which unused money returns.
        buyer: Address,
        /// Account that is paid for usage.
        payee: Address,
        /// Hash of the order, which says what the escrow pays for.
        order_hash: Hash32,
        /// Deposit, in micro-USDC.
        amount: TokenAmount,
    },
    /// Money was added to an escrow.
    ToppedUp {
        /// Id of the escrow.
        escrow: EscrowId,
        /// Amount added, in micro-USDC.
        amount: TokenAmount,
    },
    /// An escrow began to stream.
    Activated {
        /// Id of the escrow.
        escrow: EscrowId,
    },
    /// An escrow ended.
    Closed {
        /// Id of the escrow.
        escrow: EscrowId,
    },
    /// Tokens arrived at the contract without a call to it: they are in no account's books.
    Strayed {
        /// Address of the token's contract.
        token: Address,
        /// Account from which the tokens came.
        from: Address,
        /// Amount in the token's smallest unit, in decimal digits.
        amount: String,
    },
}

impl What {
    /// Name of the event, as stored.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Funded { .. } => "funded",
            Self::ToppedUp { .. } => "topped_up",
            Self::Activated { .. } => "activated",
            Self::Closed { .. } => "closed",
            Self::Strayed { .. } => "strayed",
        }
    }

    /// Escrow that the event concerns.
    #[must_use]
    pub const fn escrow(&self) -> Option<EscrowId> {
        match self {
            Self::Funded { escrow, .. }
            | Self::ToppedUp { escrow, .. }
            | Self::Activated { escrow }
            | Self::Closed { escrow } => Some(*escrow),
            Self::Strayed { .. } => None,
        }
    }
}

/// The escrow's chain, block by block.
#[async_trait]
pub trait BlockSource: Send + Sync + Debug {
    /// Height of the newest block, as reported by a node, which may lag behind or lie.
    async fn newest(&self) -> Result<u64, ChainError>;
    /// Hash of the block at a height; `None` if there is none.
    async fn hash_at(&self, number: u64) -> Result<Option<Hash32>, ChainError>;
    /// Returns the blocks at these heights, as many as exist, each the parent of the next.
    async fn blocks(&self, from: u64, to: u64) -> Result<Vec<FollowedBlock>, ChainError>;
    /// Checks that the node is on the configured chain at all.
    async fn verify(&self) -> Result<(), ChainError>;
    /// Reports that the node gave an impossible answer: from now on another one is asked, if any.
    fn distrust(&self);
}
