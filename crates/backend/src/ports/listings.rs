//! The register of providers, on which sellers list themselves, and the descriptions of what they
//! offer.

use std::fmt::Debug;

use async_trait::async_trait;
use domain::ids::{Address, Hash32};
use domain::money::Usd;
use serde::{Deserialize, Serialize};

use super::ChainBlock;

/// A provider as recorded in the register.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedProvider {
    /// Its id on the register.
    pub id: Hash32,
    /// Its address in its own network.
    pub account: String,
    /// SHA-256 of the description of what it offers.
    pub description: Hash32,
    /// Price of the whole offer for one hour, in US dollars.
    pub hourly: Usd,
    /// Way in which that price is set: fixed, moved by the owner, or paid in another token.
    pub rate: ListedRate,
    /// Room for new workloads, as the provider states it.
    pub capacity: ListedCapacity,
    /// `true` if a curator approved the offer in its present form.
    pub is_approved: bool,
}

/// How a listed price is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum ListedRate {
    /// The price is fixed.
    Fixed,
    /// The owner moves it between these.
    Dynamic {
        /// Lowest price for one hour, in US dollars.
        floor: Usd,
        /// Highest price for one hour, in US dollars.
        ceiling: Usd,
    },
    /// It is paid in a token of the owner's choice.
    InToken {
        /// Address of the token's contract.
        token: Address,
    },
}

/// How much room a provider claims to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ListedCapacity {
    /// It accepts no workloads until its owner changes that.
    Offline,
    /// It accepts no workloads at the moment, for lack of room.
    Full,
    /// It has little room.
    Limited,
    /// It has room for new workloads.
    Available,
}

/// The register and where its descriptions are published. Every failure is the end of a sentence
/// for people: why there is no answer.
#[async_trait]
pub trait ProviderListings: Send + Sync + Debug {
    /// The newest block that is deep enough to count.
    async fn settled(&self) -> Result<ChainBlock, String>;

    /// The block at a height, if it exists.
    async fn block(&self, number: u64) -> Result<Option<ChainBlock>, String>;

    /// The providers whose entries changed from one block to another, both included and no further
    /// apart than [`ProviderListings::window`].
    async fn changed(&self, from: u64, to: u64) -> Result<Vec<Hash32>, String>;

    /// The most blocks that may be queried at once.
    fn window(&self) -> u64;

    /// A provider's entry as of a block; `None` where it had none, or one without a readable price.
    async fn provider(&self, id: Hash32, block: u64) -> Result<Option<ListedProvider>, String>;

    /// The description with this SHA-256, as its bytes were published.
    async fn description(&self, hash: Hash32) -> Result<String, String>;
}
