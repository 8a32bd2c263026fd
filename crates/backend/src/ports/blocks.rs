//! The escrow's chain, block by block.

use std::fmt::Debug;

use async_trait::async_trait;
use domain::ids::{Address, EscrowId, Hash32, TxHash};
use domain::money::TokenAmount;
use domain::time::UnixSeconds;
use serde::{Deserialize, Serialize};

use super::ChainError;

/// A block with what happened in it to the escrow contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowedBlock {
    /// Its height.
    pub number: u64,
    /// Its hash.
    pub hash: Hash32,
    /// The hash of the block before it.
    pub parent: Hash32,
    /// Its time.
    pub at: UnixSeconds,
    /// What happened, in order, each once.
    pub happenings: Vec<Happening>,
}

/// Something that happened to the escrow contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happening {
    /// Its place in the block.
    pub index: u64,
    /// The transaction.
    pub tx: TxHash,
    /// What.
    pub what: What,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// An escrow was funded.
    Funded {
        /// Which.
        escrow: EscrowId,
        /// By whom.
        buyer: Address,
        /// For whom.
        payee: Address,
        /// What it says it pays for.
        order_hash: Hash32,
        /// How much.
        amount: TokenAmount,
    },
    /// Money was added to an escrow.
    ToppedUp {
        /// Which.
        escrow: EscrowId,
        /// How much.
        amount: TokenAmount,
    },
    /// An escrow began to stream.
    Activated {
        /// Which.
        escrow: EscrowId,
    },
    /// An escrow ended.
    Closed {
        /// Which.
        escrow: EscrowId,
    },
    /// Tokens came to the contract without a call of it: they are in nobody's books.
    Strayed {
        /// Which token, by its contract.
        token: Address,
        /// From whom.
        from: Address,
        /// How much, in the token's smallest unit, decimal.
        amount: String,
    },
}

impl What {
    /// Its name, as stored.
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

    /// The escrow it happened to.
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
    /// The height of the newest block, as a node says it: it may be behind, or lie.
    async fn newest(&self) -> Result<u64, ChainError>;
    /// The hash of the block at a height; `None` where there is none.
    async fn hash_at(&self, number: u64) -> Result<Option<Hash32>, ChainError>;
    /// The blocks of these heights, as many as there are, each the parent of the next.
    async fn blocks(&self, from: u64, to: u64) -> Result<Vec<FollowedBlock>, ChainError>;
    /// Whether the node is on the configured chain at all.
    async fn verify(&self) -> Result<(), ChainError>;
    /// The node said what cannot be true: another one is asked from now on, where there is one.
    fn distrust(&self);
}
