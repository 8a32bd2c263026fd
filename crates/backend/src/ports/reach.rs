//! Whether anybody is at an address that somebody outside told us.

use std::fmt::Debug;

use async_trait::async_trait;

/// Looks for an answer, whatever it says.
#[async_trait]
pub trait Reach: Send + Sync + Debug {
    /// Whether anything answers at `address` (`http` or `https`). The address is text from outside:
    /// one that leads to this machine or its network is not asked, and nothing answers there.
    async fn answers(&self, address: &str) -> bool;
}
