//! [`Clock`] on the machine's own clock, and a clock that tests can move.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use serde::Deserialize;
use tokio_util::sync::CancellationToken;

use crate::ports::Clock;

/// Returns the machine's clock.
#[must_use]
pub fn system() -> Arc<dyn Clock> {
    Arc::new(SystemClock)
}

/// Returns a clock that follows the clock of a simulated world at `url`, until `stop`. For
/// simulated runs only. Must be called within a runtime.
#[must_use]
pub fn stepped(http: reqwest::Client, url: String, stop: CancellationToken) -> Arc<dyn Clock> {
    let clock = SteppedClock::default();
    tokio::spawn(clock.clone().follow(http, url, stop));
    Arc::new(clock)
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

#[async_trait]
impl Clock for SystemClock {
    fn now_ms(&self) -> u64 {
        system_ms()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

/// The machine's clock, moved ahead along with a simulated world. For simulated runs only.
#[derive(Debug, Clone, Default)]
pub struct SteppedClock {
    offset_seconds: Arc<AtomicI64>,
}

/// Interval at which a sleeper checks whether the clock was moved.
const LOOK: Duration = Duration::from_millis(100);

/// Interval at which the simulated world is asked for its clock.
const FOLLOW: Duration = Duration::from_millis(500);

/// The simulated world's answer about its clock.
#[derive(Debug, Deserialize)]
struct SimulatedClock {
    offset_seconds: i64,
}

impl SteppedClock {
    /// Moves the clock `seconds` ahead of the machine's.
    pub fn set_offset_seconds(&self, seconds: i64) {
        self.offset_seconds.store(seconds, Ordering::Relaxed);
    }

    /// Follows the clock at `url`, which answers `{"offset_seconds": n}`. The offset is kept while
    /// it does not answer.
    async fn follow(self, http: reqwest::Client, url: String, cancelled: CancellationToken) {
        while !cancelled.is_cancelled() {
            match fetch(&http, &url).await {
                Ok(clock) => self.set_offset_seconds(clock.offset_seconds),
                Err(error) => tracing::warn!(%error, "the simulated clock does not answer"),
            }
            tokio::select! {
                () = cancelled.cancelled() => {}
                () = tokio::time::sleep(FOLLOW) => {}
            }
        }
    }
}

async fn fetch(http: &reqwest::Client, url: &str) -> Result<SimulatedClock, reqwest::Error> {
    http.get(url)
        .timeout(Duration::from_secs(5))
        .send()
        .await?
        .error_for_status()?
        .json()
        .await
}

#[async_trait]
impl Clock for SteppedClock {
    fn now_ms(&self) -> u64 {
        let offset_ms = self
            .offset_seconds
            .load(Ordering::Relaxed)
            .saturating_mul(1000);
        system_ms().saturating_add_signed(offset_ms)
    }

    async fn sleep(&self, duration: Duration) {
        let millis = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        let wake = self.now_ms().saturating_add(millis);
        loop {
            let left = Duration::from_millis(wake.saturating_sub(self.now_ms()));
            if left.is_zero() {
                return;
            }
            tokio::time::sleep(left.min(LOOK)).await;
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that reads the machine's clock"
)]
fn system_ms() -> u64 {
    // A clock before 1970 was never set, so 1970 is as good a value as any.
    let since_epoch = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX)
}
