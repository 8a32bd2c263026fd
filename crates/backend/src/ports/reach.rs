//! Whether anybody is at an address that somebody outside told us, and whether a workload is.

use std::fmt::Debug;

use async_trait::async_trait;

/// Looks for an answer, whatever it says.
#[async_trait]
pub trait Reach: Send + Sync + Debug {
    /// Whether anything answers at `address` (`http` or `https`). The address is text from outside:
    /// one that leads to this machine or its network is not asked, and nothing answers there.
    async fn answers(&self, address: &str) -> bool;

    /// Whether a workload answers at `address`. A provider's entrance answers for all its names: 404 for
    /// one it does not know, 502 to 504 for one behind which nothing runs. Those are no workload's.
    async fn serves(&self, address: &str) -> bool;
}
