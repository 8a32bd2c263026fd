//! How far away a host is.

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;
use thiserror::Error;

/// Measures the distance of a host.
#[async_trait]
pub trait HostProbe: Send + Sync + Debug {
    /// How long one round trip to `host`, a name and a port, takes.
    ///
    /// # Errors
    /// Why it is unknown.
    async fn round_trip(&self, host: &str) -> Result<Duration, Unmeasured>;
}

/// Why a host's distance is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Unmeasured {
    /// It is not one that may be connected to.
    #[error("it is not a public host with a gateway's port")]
    NotAsked,
    /// It did not answer.
    #[error("it does not answer")]
    Silent,
}
