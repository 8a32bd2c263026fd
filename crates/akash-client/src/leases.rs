//! Leases, and their status as reported by providers.

use std::collections::BTreeMap;

use domain::akash::LeaseId;
use serde::Deserialize;
use serde_json::Value;

use crate::Coin;
use crate::tolerant::{null_as_default, open_enum};

open_enum! {
    /// State of a lease on the chain.
    LeaseState {
        /// The lease runs, as far as the chain knows.
        Active = "active",
        /// The lease ended because the escrow on Akash ran dry.
        InsufficientFunds = "insufficient_funds",
        /// The lease ended for another reason; see [`Lease::reason`].
        Closed = "closed",
        /// The provider announced that it will take the resources back.
        Reclaiming = "reclaiming",
    }
}

/// A lease.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Lease {
    /// The id of the bid that won.
    pub id: LeaseId,
    /// State on the chain; the provider may know more.
    pub state: LeaseState,
    /// Price per block.
    pub price: Coin,
    /// Height of its creation, as decimal text.
    #[serde(default)]
    pub created_at: String,
    /// Height of its end; `0` while it runs.
    #[serde(default)]
    pub closed_on: String,
    /// Reason of the end, for example `lease_closed_owner`; `None` while the lease runs and on older leases.
    #[serde(default)]
    pub reason: Option<String>,
    /// Status that the provider reports. `None` means no news, not bad news: the provider did not
    /// answer, or the manifest has not arrived yet.
    #[serde(default)]
    pub status: Option<LeaseStatus>,
    /// Notice that the provider takes the resources back; `None` if it gave none.
    #[serde(default)]
    pub reclamation: Option<Reclamation>,
}

/// A provider's notice that a lease will end.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Reclamation {
    /// Length of the notice, as the service sends it, for example `86400s`.
    #[serde(default)]
    pub window: Option<Value>,
    /// Start of the notice, as the service sends it; the sandbox sends a block height.
    #[serde(default)]
    pub started_at: Option<Value>,
    /// End of the lease, as the service sends it; the sandbox sends a block height.
    #[serde(default)]
    pub deadline: Option<Value>,
    /// Explanation in the provider's own words; `None` if it gave none.
    #[serde(default)]
    pub reason: Option<String>,
}

/// Status of a lease, as its provider reports it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct LeaseStatus {
    /// Services by name.
    #[serde(deserialize_with = "null_as_default")]
    pub services: BTreeMap<String, ServiceStatus>,
    /// Ports other than HTTP, by service.
    #[serde(deserialize_with = "null_as_default")]
    pub forwarded_ports: BTreeMap<String, Vec<ForwardedPort>>,
    /// Addresses of IP endpoints, by service.
    #[serde(deserialize_with = "null_as_default")]
    pub ips: BTreeMap<String, Vec<LeasedIp>>,
}

/// Replicas and addresses of one service.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct ServiceStatus {
    /// Name in the SDL.
    pub name: String,
    /// Replicas that run.
    pub available: u32,
    /// Number of replicas requested.
    pub total: u32,
    /// Host names on which it answers, without a scheme. Can be empty for a while although it runs.
    #[serde(deserialize_with = "null_as_default")]
    pub uris: Vec<String>,
    /// Replicas that pass their checks.
    pub ready_replicas: u32,
}

/// A port that the provider forwards.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ForwardedPort {
    /// Host to connect to; `None` if the provider names none.
    #[serde(default)]
    pub host: Option<String>,
    /// Port inside the container.
    pub port: u16,
    /// Port to connect to.
    #[serde(rename = "externalPort")]
    pub external_port: u16,
    /// `TCP` or `UDP`.
    #[serde(default)]
    pub proto: Option<String>,
}

/// A leased IP address.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct LeasedIp {
    /// Leased address.
    #[serde(rename = "IP")]
    pub ip: String,
    /// Port inside the container.
    pub port: u16,
    /// Port to connect to.
    pub external_port: u16,
    /// `TCP` or `UDP`.
    pub protocol: String,
}
