//! In-process token buckets that refill over time, with one timestamp per bucket in use.
//!
//! A bucket stores the moment at which it will be full again (the generic cell rate algorithm). A full bucket
//! is equivalent to an unused one, so it is dropped, and there are never more than [`MOST_BUCKETS`].

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use backend::SessionId;
use domain::ids::Address;
use domain::network::AddressPrefix;

use super::rate::Rate;
use super::table::Class;

/// Maximum number of buckets, about 10 MB.
const MOST_BUCKETS: usize = 100_000;

/// Interval in milliseconds at which full buckets are dropped.
const FORGET_EVERY_MS: u64 = 60_000;
/// The same interval while the table is full: scanning it on every request would do a flood's damage for it.
const FORGET_WHEN_FULL_EVERY_MS: u64 = 1000;

/// Holder of a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Key {
    /// Bucket of a network.
    Prefix(AddressPrefix),
    /// Bucket of the /48 around an IPv6 network; such a site comprises 65,536 networks.
    Site([u16; 3]),
    /// Bucket of a stored session.
    Session(SessionId),
    /// Bucket of an account.
    Account(Address),
    /// Shared bucket for everyone once the table is full, and for requests without a connection.
    Others,
}

/// Resource that a bucket limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Spent {
    /// Requests of a class.
    Requests(Class),
    /// Log lines about a class.
    Lines(Class),
    /// KiB sent by visitors without an account.
    Kibibytes,
}

#[derive(Debug, Default)]
struct Kept {
    full_at_us: HashMap<(Spent, Key), u64>,
    forgot_at_ms: u64,
}

/// All buckets of this process.
#[derive(Debug, Default)]
pub(super) struct Buckets(Mutex<Kept>);

impl Buckets {
    /// Takes `amount` from the bucket, or returns the number of seconds to wait.
    pub(super) fn take(
        &self,
        spent: Spent,
        key: Key,
        rate: Rate,
        amount: u64,
        now_ms: u64,
    ) -> Result<(), u64> {
        let mut kept = self.kept();
        let now_us = now_ms.saturating_mul(1000);
        let is_full = kept.full_at_us.len() >= MOST_BUCKETS;
        let forget_every = if is_full {
            FORGET_WHEN_FULL_EVERY_MS
        } else {
            FORGET_EVERY_MS
        };
        if now_ms.saturating_sub(kept.forgot_at_ms) >= forget_every {
            kept.full_at_us.retain(|_, full_at| *full_at > now_us);
            kept.forgot_at_ms = now_ms;
        }
        let known = kept.full_at_us.contains_key(&(spent, key));
        let key = if known || kept.full_at_us.len() < MOST_BUCKETS {
            key
        } else {
            Key::Others
        };
        let full_at = kept.full_at_us.entry((spent, key)).or_default();
        *full_at = rate.take(*full_at, amount, now_us)?;
        Ok(())
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        // Each entry is a single number: a panic cannot have left it half written.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.kept().full_at_us.len()
    }
}

#[cfg(test)]
mod tests {
    use domain::network::AddressPrefix;

    use super::{Buckets, Key, MOST_BUCKETS, Rate, Spent};
    use crate::http::admission::table::Class;

    const PAGES: Spent = Spent::Requests(Class::Page);
    const NOON_MS: u64 = 1_800_000_000_000;

    fn key(number: u32) -> Key {
        Key::Prefix(AddressPrefix::V4(number.into()))
    }

    #[test]
    fn a_budget_is_spent_at_once_and_comes_back_evenly() {
        let buckets = Buckets::default();
        let rate = Rate::new(60, 3);
        let take = |at_ms| buckets.take(PAGES, key(1), rate, 1, at_ms);
        for _ in 0..60 {
            assert_eq!(take(NOON_MS), Ok(()));
        }
        assert_eq!(take(NOON_MS), Err(1));
        assert_eq!(take(NOON_MS + 49), Err(1));
        assert_eq!(take(NOON_MS + 50), Ok(()), "twenty come back in a second");
        assert_eq!(take(NOON_MS + 50), Err(1));
        let others = buckets.take(PAGES, key(2), rate, 1, NOON_MS + 50);
        assert_eq!(others, Ok(()), "another network has its own");
    }

    #[test]
    fn who_is_refused_hears_when_to_come_again() {
        let buckets = Buckets::default();
        let rate = Rate::new(6, 60);
        let take = |amount, at_ms| buckets.take(PAGES, key(1), rate, amount, at_ms);
        assert_eq!(take(6, NOON_MS), Ok(()));
        assert_eq!(take(1, NOON_MS), Err(10));
        assert_eq!(take(3, NOON_MS), Err(30));
        assert_eq!(take(1, NOON_MS + 10_000), Ok(()));
        assert_eq!(take(7, NOON_MS + 600_000), Err(10), "more than ever fits");
    }

    #[test]
    fn a_clock_that_is_set_back_locks_nobody_out() {
        let buckets = Buckets::default();
        let rate = Rate::new(10, 10);
        buckets.take(PAGES, key(1), rate, 10, NOON_MS).unwrap();
        let hour_before = NOON_MS - 3_600_000;
        assert_eq!(buckets.take(PAGES, key(1), rate, 1, hour_before), Err(1));
    }

    #[test]
    fn what_is_full_again_is_forgotten_and_no_flood_takes_more_memory() {
        let buckets = Buckets::default();
        let rate = Rate::new(60, 3);
        for number in 0..100 {
            buckets.take(PAGES, key(number), rate, 1, NOON_MS).unwrap();
        }
        assert_eq!(buckets.len(), 100);
        buckets
            .take(PAGES, key(100), rate, 1, NOON_MS + 60_000)
            .unwrap();
        assert_eq!(buckets.len(), 1);
        let flood = u32::try_from(MOST_BUCKETS).unwrap() + 1000;
        let mut refused = 0;
        for number in 0..flood {
            refused += usize::from(buckets.take(PAGES, key(number), rate, 1, NOON_MS).is_err());
        }
        assert!(buckets.len() <= MOST_BUCKETS + 1);
        assert!(refused > 900, "those without a bucket share one: {refused}");
    }
}
