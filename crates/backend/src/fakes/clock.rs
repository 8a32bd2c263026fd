//! A clock that moves only when told to, and reproducible randomness.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::watch;

use crate::ports::{Clock, Random};

/// A clock that moves only when told to.
#[derive(Debug)]
pub(crate) struct FakeClock {
    now_ms: watch::Sender<u64>,
}

impl FakeClock {
    /// Makes a clock that is set to `seconds` after 1970.
    pub(crate) fn at(seconds: u64) -> Self {
        Self {
            now_ms: watch::channel(seconds * 1000).0,
        }
    }

    /// Moves the clock forward and wakes sleepers that are due.
    pub(crate) fn advance(&self, duration: Duration) {
        let millis = u64::try_from(duration.as_millis()).unwrap();
        self.now_ms.send_modify(|now| *now += millis);
    }
}

#[async_trait]
impl Clock for FakeClock {
    fn now_ms(&self) -> u64 {
        *self.now_ms.borrow()
    }

    async fn sleep(&self, duration: Duration) {
        let wake = self.now_ms() + u64::try_from(duration.as_millis()).unwrap();
        let mut now = self.now_ms.subscribe();
        now.wait_for(|now| *now >= wake)
            .await
            .expect("the clock outlives its sleepers");
    }
}

/// Counts up instead of drawing random numbers.
#[derive(Debug, Default)]
pub(crate) struct FakeRandom(AtomicU64);

impl Random for FakeRandom {
    fn bytes32(&self) -> [u8; 32] {
        let count = self.0.fetch_add(1, Ordering::Relaxed) + 1;
        let mut bytes = [0xa5; 32];
        bytes[..8].copy_from_slice(&count.to_be_bytes());
        bytes
    }
}
