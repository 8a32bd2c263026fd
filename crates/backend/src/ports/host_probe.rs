//! Network distance of hosts.

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;
use thiserror::Error;

/// Measures the network distance of hosts.
#[async_trait]
pub trait HostProbe: Send + Sync + Debug {
    /// Returns the time of one round trip to `host`, a name and a port.
    ///
    /// # Errors
    /// The reason why it is unknown.
    async fn round_trip(&self, host: &str) -> Result<Duration, Unmeasured>;
}

/// Why a host's distance is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Unmeasured {
    /// Necto does not connect to that host.
    #[error("it is not a public host with a gateway's port")]
    NotAsked,
    /// The host did not answer.
    #[error("it does not answer")]
    Silent,
}
