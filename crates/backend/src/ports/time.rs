//! Time and randomness.

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;
use domain::time::UnixSeconds;

/// A clock: it tells the time and lets tasks wait.
#[async_trait]
pub trait Clock: Send + Sync + Debug {
    /// Current time in milliseconds since the Unix epoch.
    fn now_ms(&self) -> u64;

    /// Current time in whole seconds since the Unix epoch.
    fn now(&self) -> UnixSeconds {
        UnixSeconds(self.now_ms() / 1000)
    }

    /// Resolves when this clock has advanced by `duration`.
    async fn sleep(&self, duration: Duration);
}

/// A source of unpredictable randomness.
pub trait Random: Send + Sync + Debug {
    /// Returns thirty-two fresh bytes.
    fn bytes32(&self) -> [u8; 32];

    /// Returns sixteen fresh bytes.
    fn bytes16(&self) -> [u8; 16] {
        let bytes = self.bytes32();
        std::array::from_fn(|at| bytes[at])
    }
}
