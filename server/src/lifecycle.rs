//! Graceful shutdown: the process announces it first, then stops.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Time after which everything is cut off, whatever is still running.
pub(crate) const HARD_END: Duration = Duration::from_secs(30);

/// Range of delays, in milliseconds, after which a page reconnects when its stream ends.
const COME_BACK_MS: (u64, u64) = (1_000, 5_000);

/// Shutdown state of this process. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lifecycle {
    draining: CancellationToken,
    stopping: CancellationToken,
    farewells: Arc<AtomicU32>,
}

impl Lifecycle {
    /// Announces the shutdown: requests are still served, but clients are told to send the next ones
    /// elsewhere.
    pub(crate) fn drain(&self) {
        self.draining.cancel();
    }

    /// Ends streams and stops accepting work.
    pub(crate) fn stop(&self) {
        self.draining.cancel();
        self.stopping.cancel();
    }

    /// Whether a shutdown has been announced.
    pub(crate) fn is_draining(&self) -> bool {
        self.draining.is_cancelled()
    }

    /// Token that is cancelled when streams end and no more work is accepted.
    pub(crate) fn stopping(&self) -> CancellationToken {
        self.stopping.clone()
    }

    /// Reconnect delay for the next stream, spread evenly so that pages do not all reconnect at once.
    pub(crate) fn come_back(&self) -> Duration {
        let count = self.farewells.fetch_add(1, Ordering::Relaxed);
        // Steps by the golden ratio cover the range evenly, however many there are.
        let place = u64::from(count.wrapping_mul(0x9E37_79B1));
        let (least, most) = COME_BACK_MS;
        Duration::from_millis(least + ((place * (most - least)) >> 32))
    }

    /// Waits for a termination signal, keeps serving for `drain`, then stops. Ctrl-C and a second signal stop
    /// at once.
    pub(crate) async fn follow_signals(&self, drain: Duration) {
        let mut terminate = listen(SignalKind::terminate());
        tokio::select! {
            () = asked(terminate.as_mut()) => {
                self.drain();
                tracing::info!(seconds = drain.as_secs(), "about to stop: still serving");
                tokio::select! {
                    () = tokio::time::sleep(drain) => {}
                    () = asked(terminate.as_mut()) => {}
                    () = interrupted() => {}
                }
            }
            () = interrupted() => {}
        }
        tracing::info!("stopping: finishing what is under way");
        self.stop();
    }
}

fn listen(kind: SignalKind) -> Option<Signal> {
    signal(kind)
        .inspect_err(|error| {
            tracing::error!(%error, "cannot listen for SIGTERM; only Ctrl-C stops this server");
        })
        .ok()
}

async fn asked(signal: Option<&mut Signal>) {
    if let Some(signal) = signal
        && signal.recv().await.is_some()
    {
        return;
    }
    std::future::pending().await
}

async fn interrupted() {
    if let Err(error) = tokio::signal::ctrl_c().await {
        tracing::error!(%error, "cannot listen for Ctrl-C");
        std::future::pending::<()>().await;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::Lifecycle;

    #[test]
    fn pages_come_back_evenly_within_five_seconds() {
        let life = Lifecycle::default();
        let mut by_second = BTreeMap::new();
        for _ in 0..12_000 {
            let after = life.come_back();
            *by_second.entry(after.as_secs()).or_insert(0_u32) += 1;
        }
        let seconds: Vec<u64> = by_second.keys().copied().collect();
        assert_eq!(seconds, [1, 2, 3, 4]);
        for (second, pages) in by_second {
            assert!(
                (2_900..=3_100).contains(&pages),
                "{pages} in second {second}"
            );
        }
    }

    #[test]
    fn a_process_drains_before_it_stops() {
        let life = Lifecycle::default();
        assert!(!life.is_draining());
        life.drain();
        assert!(life.is_draining() && !life.stopping().is_cancelled());
        life.stop();
        assert!(life.stopping().is_cancelled());
        let at_once = Lifecycle::default();
        at_once.stop();
        assert!(at_once.is_draining());
    }
}
