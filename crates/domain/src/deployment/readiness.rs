//! Readiness of a deployment, from what its providers report.
//!
//! A lease is not a running workload: images are pulled and containers started under a lease that is
//! already charged. Without a current report the readiness is unknown, whatever was reported before.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::State;
use crate::record::ServiceView;

/// Number of ready replicas and of those asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replicas {
    /// Number of replicas that are ready now, as providers report them; at most as many as were asked for.
    pub ready: u32,
    /// Number of replicas that were asked for.
    pub wanted: u32,
}

impl Replicas {
    /// Sums up all services. Extra replicas of one service do not offset missing ones of another.
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

    /// Whether there are replicas and all of them are ready.
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

/// Readiness of an active deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Readiness {
    /// There are no reports, so it is unknown whether the deployment runs.
    Unknown,
    /// Not yet fully ready, or not since the last update; `None` before the first report.
    Starting(Option<Replicas>),
    /// Everything is ready.
    Running(Replicas),
    /// It was fully ready and no longer is.
    Degraded(Replicas),
}

impl State {
    /// Readiness of the last reported `services`; `is_silent` if reports have stopped or never came. `None`
    /// unless a workload is leased.
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
