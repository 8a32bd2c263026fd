//! Circuit breaker for failing venues.

use std::time::Duration;

use domain::time::{Seconds, UnixSeconds};

/// Number of consecutive failures after which a venue is left alone.
const FAILURES_TOLERATED: u32 = 5;

/// Time for which it is left alone. One request after that shows whether it is back.
const OPEN_FOR: Seconds = Seconds(60);

/// Wait before a failed venue is queried again while the breaker is closed.
const RETRY_AFTER: Seconds = Seconds(10);

/// Counts failures and holds requests back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Breaker {
    failures: u32,
    not_before: UnixSeconds,
}

impl Breaker {
    /// Whether a request may be sent now.
    pub(super) fn allows(self, now: UnixSeconds) -> bool {
        now >= self.not_before
    }

    /// Records that the venue answered.
    pub(super) fn succeeded(&mut self) {
        *self = Self::default();
    }

    /// Records that it did not. `asked_for` is the wait that the venue asked for.
    pub(super) fn failed(&mut self, now: UnixSeconds, asked_for: Option<Duration>) {
        self.failures = self.failures.saturating_add(1);
        let own = if self.failures >= FAILURES_TOLERATED {
            OPEN_FOR
        } else {
            RETRY_AFTER
        };
        let asked = Seconds(asked_for.unwrap_or_default().as_secs());
        self.not_before = now.after(own.max(asked));
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use domain::time::UnixSeconds;

    use super::Breaker;

    #[test]
    fn five_failures_open_it_for_a_minute_and_one_success_closes_it() {
        let mut breaker = Breaker::default();
        let mut now = UnixSeconds(1000);
        for _ in 0..4 {
            breaker.failed(now, None);
            assert!(!breaker.allows(now));
            now = UnixSeconds(now.0 + 10);
            assert!(breaker.allows(now));
        }
        breaker.failed(now, None);
        assert!(!breaker.allows(UnixSeconds(now.0 + 59)));
        now = UnixSeconds(now.0 + 60);
        assert!(breaker.allows(now));
        // The probe fails: the breaker stays open for another minute.
        breaker.failed(now, None);
        assert!(!breaker.allows(UnixSeconds(now.0 + 59)));
        breaker.succeeded();
        assert!(breaker.allows(now));
    }

    #[test]
    fn a_venue_s_own_wish_counts_where_it_is_longer() {
        let mut breaker = Breaker::default();
        breaker.failed(UnixSeconds(0), Some(Duration::from_secs(120)));
        assert!(!breaker.allows(UnixSeconds(119)));
        assert!(breaker.allows(UnixSeconds(120)));
    }
}
