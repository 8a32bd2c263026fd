//! Time and randomness.

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;
use domain::time::UnixSeconds;

/// A clock: it tells the time, and lets a task wait for it.
#[async_trait]
pub trait Clock: Send + Sync + Debug {
    /// Now, in milliseconds since the Unix epoch.
    fn now_ms(&self) -> u64;

    /// Now, in whole seconds.
    fn now(&self) -> UnixSeconds {
        UnixSeconds(self.now_ms() / 1000)
    }

    /// Resolves when this clock has advanced by `duration`.
    async fn sleep(&self, duration: Duration);
}

/// Unpredictable randomness.
pub trait Random: Send + Sync + Debug {
    /// Thirty-two fresh bytes.
    fn bytes32(&self) -> [u8; 32];

    /// Sixteen fresh bytes.
    fn bytes16(&self) -> [u8; 16] {
        let bytes = self.bytes32();
        std::array::from_fn(|at| bytes[at])
    }
}
