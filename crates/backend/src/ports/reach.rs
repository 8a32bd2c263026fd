//! Whether an address reported by an outside service answers, and whether a workload does.

use std::fmt::Debug;

use async_trait::async_trait;

/// Checks for an answer, whatever its content.
#[async_trait]
pub trait Reach: Send + Sync + Debug {
    /// Whether anything answers at `address` (`http` or `https`). The address is text from outside:
    /// one that leads to this machine or its network is not requested, and counts as not answering.
    async fn answers(&self, address: &str) -> bool;

    /// Whether a workload answers at `address`. A provider's entrance answers for all its names: 404 for
    /// an unknown one, 502 to 504 for one behind which nothing runs. These do not count as a
    /// workload's.
    async fn serves(&self, address: &str) -> bool;
}
