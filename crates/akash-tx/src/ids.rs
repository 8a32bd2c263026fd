//! Names of things on chain: deployments, groups, bids and leases, and escrow accounts.

use std::fmt;
use std::str::FromStr;

use domain::akash::Dseq;
use serde::Deserialize;

use crate::address::Address;
use crate::wire::{DecodeError, Field, Value, wire, wire_enum};

impl Field for Dseq {
    fn absent() -> Option<Self> {
        Some(Self::new(0))
    }

    fn write(&self, number: u32, out: &mut Vec<u8>) {
        Dseq::number(*self).write(number, out);
    }

    fn read(slot: &mut Option<Self>, value: Value<'_>) -> Result<(), DecodeError> {
        *slot = Some(Self::new(value.number()?));
        Ok(())
    }
}

/// The name of a deployment.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize)]
pub struct DeploymentId {
    /// Account that the deployment belongs to.
    pub owner: Address,
    /// Number of the deployment, unique for its owner and chosen by them.
    pub dseq: Dseq,
}

wire!(DeploymentId { owner: 1, dseq: 2 });

/// The name of a group within a deployment.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize)]
pub struct GroupId {
    /// Account that the deployment belongs to.
    pub owner: Address,
    /// Number of the deployment.
    pub dseq: Dseq,
    /// Number of the group within the deployment, from 1.
    pub gseq: u32,
}

wire!(GroupId {
    owner: 1,
    dseq: 2,
    gseq: 3
});

/// The name of a bid, and of the lease made of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize)]
pub struct BidId {
    /// Account that the deployment belongs to.
    pub owner: Address,
    /// Number of the deployment.
    pub dseq: Dseq,
    /// Number of the group within the deployment, from 1.
    pub gseq: u32,
    /// Number of the order for the group, from 1; a new one after each closed lease.
    pub oseq: u32,
    /// Account of the provider that bids.
    pub provider: Address,
    /// Number of the bid among those of this provider on the order; 0 for the only one.
    #[serde(default)]
    pub bseq: u32,
}

wire!(BidId {
    owner: 1,
    dseq: 2,
    gseq: 3,
    oseq: 4,
    provider: 5,
    bseq: 6
});

/// The kind of thing that an escrow account is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EscrowScope {
    /// The buyer's money for a deployment.
    Deployment,
    /// A provider's deposit for a bid.
    Bid,
}

wire_enum!(EscrowScope {
    Deployment = 1,
    Bid = 2
});

/// The name of an escrow account.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize)]
pub struct EscrowId {
    /// Kind of thing that the account is for.
    pub scope: EscrowScope,
    /// Name of that thing within the scope: `owner/dseq` for a deployment.
    pub xid: String,
}

wire!(EscrowId { scope: 1, xid: 2 });

impl EscrowId {
    /// The account that holds the money for a deployment.
    #[must_use]
    pub fn of_deployment(deployment: &DeploymentId) -> Self {
        Self {
            scope: EscrowScope::Deployment,
            xid: format!("{}/{}", deployment.owner, deployment.dseq),
        }
    }

    /// The deployment whose money the account holds; `None` for a bid's, or where the name is not one.
    #[must_use]
    pub fn deployment(&self) -> Option<DeploymentId> {
        let (owner, dseq) = self.xid.split_once('/')?;
        let id = DeploymentId {
            owner: owner.parse().ok()?,
            dseq: Dseq::from_str(dseq).ok()?,
        };
        (Self::of_deployment(&id) == *self).then_some(id)
    }
}

impl fmt::Display for DeploymentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.owner, self.dseq)
    }
}
