//! How far what a deployment asked for is ready, from what its providers report.
//!
//! A lease is no running workload: images are pulled and containers started under a lease that is
//! charged already. What nobody reports is unknown, whatever was reported before.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::State;
use crate::record::ServiceView;

/// How many replicas are ready, of how many that were asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replicas {
    /// Number of replicas that are ready now, as providers report them; at most as many as were asked for.
    pub ready: u32,
    /// Number of replicas that were asked for.
    pub wanted: u32,
}

impl Replicas {
    /// Of all services together; more than a service asked for make up for nobody else's.
    #[must_use]
    pub fn of(services: &[ServiceView]) -> Self {
        let sum = |number: fn(&ServiceView) -> u32| {
            services
                .iter()
                .fold(0_u32, |sum, service| sum.saturating_add(number(service)))
        };
        Self {
            ready: sum(|service| service.available.min(service.total)),
            wanted: sum(|service| service.total),
        }
    }

    /// Whether there is something, and all of it is ready.
    #[must_use]
    pub const fn all_ready(self) -> bool {
        self.wanted > 0 && self.ready >= self.wanted
    }
}

impl fmt::Display for Replicas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.ready, self.wanted)
    }
}

/// How ready is what an active deployment runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Readiness {
    /// Providers report nothing: whether it runs is not known.
    Unknown,
    /// Never ready as a whole yet, or not since the last update; `None` before the first report.
    Starting(Option<Replicas>),
    /// All of it is ready.
    Running(Replicas),
    /// It was ready as a whole, and is not any more.
    Degraded(Replicas),
}

impl State {
    /// How ready its `services` are, as they were last reported; `is_silent` when reports have
    /// stopped, or never came. `None` unless a workload is leased.
    #[must_use]
    pub fn readiness(&self, services: &[ServiceView], is_silent: bool) -> Option<Readiness> {
        let Self::Active { ready_at, .. } = self else {
            return None;
        };
        if is_silent {
            return Some(Readiness::Unknown);
        }
        let replicas = Replicas::of(services);
        Some(match ready_at {
            None => Readiness::Starting((!services.is_empty()).then_some(replicas)),
            Some(_) if replicas.all_ready() => Readiness::Running(replicas),
            Some(_) => Readiness::Degraded(replicas),
        })
    }
}
