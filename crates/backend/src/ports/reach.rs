//! Checks whether an address reported by an outside service, or the workload at it, answers.

use std::fmt::Debug;

use async_trait::async_trait;

/// Checks for an answer, whatever its content.
#[async_trait]
pub trait Reach: Send + Sync + Debug {
    /// Returns whether anything answers at `address` (`http` or `https`). The address is text from
    /// outside: one that leads to this machine or its network is not requested, and counts as not
    /// answering.
    async fn answers(&self, address: &str) -> bool;

    /// Returns whether a workload answers at `address`. A provider's ingress answers for all of its
    /// names: 404 for an unknown one, 502 to 504 if nothing runs behind it. These do not count as a
    /// workload's answers.
    async fn serves(&self, address: &str) -> bool;
}
