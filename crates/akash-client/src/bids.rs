//! Bids on a deployment's orders.

use domain::akash::{BidId, Dseq};
use serde::Deserialize;

use crate::deployments::EscrowAccount;
use crate::error::Error;
use crate::providers::ProviderAttribute;
use crate::tolerant::{null_as_default, open_enum};
use crate::transport::{Client, Data};
use crate::{Coin, DecimalText};

open_enum! {
    /// State of a bid on the chain.
    BidState {
        /// The bid can be accepted.
        Open = "open",
        /// The bid became the lease.
        Active = "active",
        /// Another bid won.
        Lost = "lost",
        /// The bid was withdrawn or expired.
        Closed = "closed",
    }
}

/// A bid with the provider's own deposit for it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct BidWithEscrow {
    /// Bid as the chain records it.
    pub bid: Bid,
    /// Escrow account with the provider's bid deposit; `None` if the service does not send it.
    #[serde(default)]
    pub escrow_account: Option<EscrowAccount>,
}

/// An offer to run one group.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Bid {
    /// Deployment, group, order and provider.
    pub id: BidId,
    /// Closed and lost bids stay listed for a while: check before offering one.
    pub state: BidState,
    /// Price of the whole group per block.
    pub price: Coin,
    /// Height of the bid, as decimal text.
    #[serde(default)]
    pub created_at: String,
    /// Resources that are offered, by kind; empty if the service does not list them.
    #[serde(default, deserialize_with = "null_as_default")]
    pub resources_offer: Vec<ResourcesOffer>,
    /// Notice that the provider gives before taking resources back, for example `86400s`; `None` if the bid
    /// states none.
    #[serde(default)]
    pub reclamation_window: Option<String>,
}

/// One kind of resources of a bid, and its quantity.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ResourcesOffer {
    /// Resources of one replica.
    pub resources: ResourceUnits,
    /// Number of replicas.
    #[serde(default)]
    pub count: u32,
}

/// Resources of one replica. Amounts are decimal text: milli-CPU, bytes, whole GPUs.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct ResourceUnits {
    /// CPU in thousandths of a core.
    pub cpu: UnitsWithAttributes,
    /// GPUs; the model is only visible in an attribute's key.
    pub gpu: UnitsWithAttributes,
    /// Memory in bytes.
    pub memory: QuantityWithAttributes,
    /// Volumes of the replica.
    #[serde(deserialize_with = "null_as_default")]
    pub storage: Vec<StorageUnits>,
}

/// A count with attributes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct UnitsWithAttributes {
    /// Number of units: thousandths of a core for CPU, whole cards for GPUs.
    pub units: Val,
    /// Attributes of the resource.
    #[serde(deserialize_with = "null_as_default")]
    pub attributes: Vec<ProviderAttribute>,
}

/// A size with attributes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct QuantityWithAttributes {
    /// Size in bytes.
    pub quantity: Val,
    /// Attributes of the resource.
    #[serde(deserialize_with = "null_as_default")]
    pub attributes: Vec<ProviderAttribute>,
}

/// One volume.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct StorageUnits {
    /// Name of the volume in the SDL.
    pub name: String,
    /// Size in bytes.
    pub quantity: Val,
    /// Class and persistence.
    #[serde(deserialize_with = "null_as_default")]
    pub attributes: Vec<ProviderAttribute>,
}

/// A number that the chain wraps in an object.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct Val {
    /// Number inside the object, as decimal text.
    pub val: DecimalText,
}

impl Client {
    /// Reads the bids on a deployment; empty while none has arrived.
    ///
    /// # Errors
    /// The general ones.
    pub async fn bids(&self, dseq: Dseq) -> Result<Vec<BidWithEscrow>, Error> {
        self.get::<Data<_>>(
            "/v1/bids",
            &[("dseq", &dseq.to_string())],
            self.timeouts().read,
        )
        .await
        .map(|answer| answer.data)
    }
}
