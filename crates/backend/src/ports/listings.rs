//! The register of providers that sellers list themselves on, and the descriptions of what they
//! offer.

use std::fmt::Debug;

use async_trait::async_trait;
use domain::ids::{Address, Hash32};
use domain::money::Usd;
use serde::{Deserialize, Serialize};

use super::ChainBlock;

/// A provider as the register has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedProvider {
    /// Its id on the register.
    pub id: Hash32,
    /// Its address in its own network.
    pub account: String,
    /// SHA-256 of the description of what it offers.
    pub description: Hash32,
    /// What the whole of it costs an hour.
    pub hourly: Usd,
    /// How that price is found.
    pub rate: ListedRate,
    /// How much room it has.
    pub capacity: ListedCapacity,
    /// Whether a curator approved the offer as it is.
    pub is_approved: bool,
}

/// How a listed price is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum ListedRate {
    /// It is fixed.
    Fixed,
    /// The owner moves it between these.
    Dynamic {
        /// Lowest for an hour.
        floor: Usd,
        /// Highest for an hour.
        ceiling: Usd,
    },
    /// It is paid in a token of the owner's choice.
    InToken {
        /// The token's contract.
        token: Address,
    },
}

/// How much room a provider says it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ListedCapacity {
    /// It takes nothing.
    Offline,
    /// It takes nothing at the moment.
    Full,
    /// It has little room.
    Limited,
    /// It has room.
    Available,
}

/// The register and where its descriptions are published. Every failure is one sentence's end for
/// people: why there is no answer.
#[async_trait]
pub trait ProviderListings: Send + Sync + Debug {
    /// The newest block that is deep enough to count.
    async fn settled(&self) -> Result<ChainBlock, String>;

    /// The block at a height, if it exists.
    async fn block(&self, number: u64) -> Result<Option<ChainBlock>, String>;

    /// The providers whose entries changed from one block to another, both included and no further
    /// apart than [`ProviderListings::window`].
    async fn changed(&self, from: u64, to: u64) -> Result<Vec<Hash32>, String>;

    /// How many blocks may be asked about at once.
    fn window(&self) -> u64;

    /// A provider's entry as of a block; `None` where it had none, or one that no price can be read
    /// from.
    async fn provider(&self, id: Hash32, block: u64) -> Result<Option<ListedProvider>, String>;

    /// The description with this SHA-256, as its bytes were published.
    async fn description(&self, hash: Hash32) -> Result<String, String>;
}
