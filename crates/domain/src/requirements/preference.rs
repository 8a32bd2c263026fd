//! A buyer's preferences among offers that fit.

use serde::{Deserialize, Serialize};

/// Way in which a price is formed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PricingModel {
    /// Interruptible capacity, or an auction.
    Spot,
    /// Quoted in a token whose dollar price moves.
    Token,
    /// A fixed list price.
    Fixed,
}

/// Quality to favour if several offers fit.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Priority {
    /// The lowest cost.
    #[default]
    Price,
    /// The lowest latency to the users.
    Latency,
    /// The provider with the best record.
    Uptime,
    /// The fastest hardware.
    Performance,
}

impl Priority {
    /// Id of the priority in JSON and forms.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Price => "price",
            Self::Latency => "latency",
            Self::Uptime => "uptime",
            Self::Performance => "performance",
        }
    }
}

/// Choice of whether the workload goes to Akash.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum DeployToAkash {
    /// The routing decides and says why.
    #[default]
    Automatic,
    /// Always, regardless of the operator's rules for Akash.
    Always,
    /// Never: show the market only.
    Never,
}
