//! The register on which providers list themselves, and the descriptions of their offers.

use std::fmt::Debug;

use async_trait::async_trait;
use domain::ids::{Address, Hash32};
use domain::money::Usd;
use serde::{Deserialize, Serialize};

use super::ChainBlock;

/// A provider as recorded in the register.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedProvider {
    /// Id of the provider on the register.
    pub id: Hash32,
    /// Address of the provider in its own network.
    pub account: String,
    /// SHA-256 of the description of its offer.
    pub description: Hash32,
    /// Price of the whole offer for one hour, in US dollars.
    pub hourly: Usd,
    /// Way in which the price is set: fixed, changed by the owner, or paid in another token.
    pub rate: ListedRate,
    /// Room for new workloads, as stated by the provider.
    pub capacity: ListedCapacity,
    /// `true` if a curator approved the offer in its present form.
    pub is_approved: bool,
}

/// The way in which a listed price is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum ListedRate {
    /// The price is fixed.
    Fixed,
    /// The owner changes it within these bounds.
    Dynamic {
        /// Lowest price for one hour, in US dollars.
        floor: Usd,
        /// Highest price for one hour, in US dollars.
        ceiling: Usd,
    },
    /// It is paid in a token that the owner chose.
    InToken {
        /// Address of the token's contract.
        token: Address,
    },
}

/// Room that a provider claims to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ListedCapacity {
    /// It accepts no workloads until its owner changes that.
    Offline,
    /// It currently has no room for workloads.
    Full,
    /// It has little room.
    Limited,
    /// It has room for new workloads.
    Available,
}

/// The register, and the place where its descriptions are published. Every error text is the end of
/// a sentence for people that says why there is no answer.
#[async_trait]
pub trait ProviderListings: Send + Sync + Debug {
    /// Returns the newest block that is deep enough to count.
    async fn settled(&self) -> Result<ChainBlock, String>;

    /// Returns the block at a height, if it exists.
    async fn block(&self, number: u64) -> Result<Option<ChainBlock>, String>;

    /// Returns the providers whose entries changed between two blocks, both included, that are no
    /// further apart than [`ProviderListings::window`].
    async fn changed(&self, from: u64, to: u64) -> Result<Vec<Hash32>, String>;

    /// Maximum number of blocks per query.
    fn window(&self) -> u64;

    /// Returns a provider's entry as of a block; `None` if it had none, or none with a readable
    /// price.
    async fn provider(&self, id: Hash32, block: u64) -> Result<Option<ListedProvider>, String>;

    /// Returns the description with this SHA-256, byte for byte as published.
    async fn description(&self, hash: Hash32) -> Result<String, String>;
}
