//! Criteria that an offer must meet.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::money::Usd;
use crate::offers::{Offer, Venue};
use crate::requirements::{PricingModel, Priority, Region, Requirements};
use crate::resources::GpuRequest;
use crate::time::Seconds;

/// Criteria that an offer must meet, and the quality to favour among those that do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Criteria {
    /// GPUs that are needed; `None` if the workload needs none.
    pub gpu: Option<GpuRequest>,
    /// Region the offer must be in; `None` for anywhere.
    pub region: Option<Region>,
    /// Most the buyer pays for one of the GPUs asked for and one hour; `None` for no limit.
    pub max_per_gpu_hour: Option<Usd>,
    /// Most the buyer pays for one hour; `None` for no limit.
    pub max_per_hour: Option<Usd>,
    /// Most the buyer pays in all; `None` for no limit.
    pub budget: Option<Usd>,
    /// Run time of the workload.
    pub duration: Seconds,
    /// Kinds of price the buyer does not want.
    pub exclude_pricing: BTreeSet<PricingModel>,
    /// Only these venues; empty for all.
    pub venues: BTreeSet<Venue>,
    /// Only these providers; empty for all.
    pub providers: BTreeSet<String>,
    /// Quality to favour among the offers that fit.
    pub priority: Priority,
}

impl Criteria {
    /// The criteria that follow from the buyer's requirements.
    #[must_use]
    pub fn of(requirements: &Requirements) -> Self {
        let gpu = requirements.gpu.clone().map(|gpu| GpuRequest {
            count: gpu.count.saturating_mul(requirements.replicas),
            ..gpu
        });
        Self {
            gpu,
            region: requirements.region,
            max_per_gpu_hour: requirements.max_per_gpu_hour,
            max_per_hour: requirements.max_per_hour,
            budget: requirements.budget,
            duration: requirements.duration,
            exclude_pricing: requirements.exclude_pricing.clone(),
            venues: BTreeSet::new(),
            providers: requirements
                .providers
                .iter()
                .map(ToString::to_string)
                .collect(),
            priority: requirements.priority,
        }
    }

    /// Number of cards asked for.
    #[must_use]
    pub fn cards(&self) -> u32 {
        self.gpu.as_ref().map_or(0, |gpu| gpu.count)
    }

    /// Hourly cost of `offer` to the buyer: that of the whole shape, or of the cards asked for at
    /// the price per card, whichever is more.
    #[must_use]
    pub fn cost_per_hour(&self, offer: &Offer) -> Usd {
        let grown = offer.usd_per_gpu_hour.scaled_up(u64::from(self.cards()), 1);
        grown.max(offer.usd_per_hour)
    }
}
