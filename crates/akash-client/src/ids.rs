//! Identifiers of the Akash market.

use std::fmt;
use std::num::ParseIntError;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Sequence number of a deployment. The Console generates it as milliseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Dseq(u64);

impl Dseq {
    /// Wraps a number read from elsewhere.
    #[must_use]
    pub const fn new(value: u64) -> Self {
        Self(value)
    }

    /// The number itself.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Dseq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Dseq {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

// A dseq is sent as a decimal string: JavaScript's numbers would not hold every u64.
impl Serialize for Dseq {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Dseq {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Dseq;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a dseq as a decimal string or a whole number")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Dseq, E> {
                text.parse().map_err(E::custom)
            }

            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Dseq, E> {
                Ok(Dseq(value))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// Bech32 address of a provider (`akash1…`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ProviderAddress(String);

impl ProviderAddress {
    /// Wraps an address; its form is checked by the service.
    #[must_use]
    pub fn new(address: impl Into<String>) -> Self {
        Self(address.into())
    }

    /// The address as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ProviderAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Owner and sequence number of a deployment.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DeploymentId {
    /// Address of the managed wallet that owns it.
    pub owner: String,
    /// Sequence number of the deployment.
    pub dseq: Dseq,
}

/// Names one bid, and the lease that results from it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct BidId {
    /// Address of the managed wallet that owns the deployment.
    pub owner: String,
    /// Sequence number of the deployment.
    pub dseq: Dseq,
    /// Group within the deployment, from 1.
    pub gseq: u32,
    /// Order within the group, from 1.
    pub oseq: u32,
    /// Provider that bids.
    pub provider: ProviderAddress,
    /// Bid of the provider on the order; the network only accepts 0.
    #[serde(default)]
    pub bseq: u32,
}

/// A lease carries the id of the bid that won.
pub type LeaseId = BidId;
