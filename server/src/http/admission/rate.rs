//! The parameters of a token bucket: capacity and refill time.

/// A bucket's capacity, and the window in which it refills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rate {
    /// Capacity of the bucket, and so the largest burst.
    pub(super) most: u64,
    /// Seconds in which an empty bucket refills completely.
    pub(super) window_seconds: u64,
}

impl Rate {
    /// Creates a rate of `most` per window.
    pub(super) const fn new(most: u64, window_seconds: u64) -> Self {
        Self {
            most,
            window_seconds,
        }
    }

    const fn window_us(self) -> u64 {
        self.window_seconds * 1_000_000
    }

    /// Takes `amount` from a bucket that is full at `full_at_us`. Returns the new time at which it is full,
    /// or the number of seconds to wait.
    pub(super) fn take(self, full_at_us: u64, amount: u64, now_us: u64) -> Result<u64, u64> {
        let window = self.window_us();
        // If the clock was set back, nobody waits for longer than a window.
        let full_at = full_at_us.clamp(now_us, now_us + window);
        let cost = window.saturating_mul(amount) / self.most.max(1);
        let after = full_at.saturating_add(cost);
        let over = after.saturating_sub(now_us + window);
        if over == 0 {
            return Ok(after);
        }
        Err(over.div_ceil(1_000_000))
    }
}
