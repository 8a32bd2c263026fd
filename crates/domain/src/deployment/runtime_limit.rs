//! The limit that Console enforces on a deployment's lifetime, counted from its lease. It closes the
//! deployment if Necto is unavailable when the paid time ends.
//!
//! The limit is in whole hours: up to 48 at first, and up to 48 more with each raise.

use crate::time::{Seconds, UnixSeconds};

/// Longest first limit, and longest raise, in hours.
const STEP: u64 = 48;

/// Longest possible limit, in hours.
const LONGEST: u64 = 8_760;

/// Margin of the limit over the paid time, because Necto itself closes in time.
const MARGIN: Seconds = Seconds::hours(1);

/// First limit in hours for a run of this length; `None` for longer runs, which only Necto ends.
#[must_use]
pub fn first(duration: Seconds) -> Option<u32> {
    let hours = hours(duration);
    (hours <= STEP).then(|| narrow(hours))
}

/// Limit to request in place of `limit` hours, for a run that is paid until `paid_until`; `None` if `limit`
/// suffices. If one raise is not enough, the next one follows.
#[must_use]
pub fn raised(limit: u32, leased_at: UnixSeconds, paid_until: UnixSeconds) -> Option<u32> {
    let limit = u64::from(limit);
    let wanted = hours(paid_until.since(leased_at)).min(LONGEST);
    (wanted > limit).then(|| narrow(wanted.min(limit + STEP)))
}

fn hours(run: Seconds) -> u64 {
    run.0.saturating_add(MARGIN.0).div_ceil(3_600)
}

/// Narrows hours that never exceed [`LONGEST`].
fn narrow(hours: u64) -> u32 {
    u32::try_from(hours).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::{first, raised};
    use crate::time::{Seconds, UnixSeconds};

    #[test]
    fn the_first_limit_is_an_hour_longer_than_the_run_in_whole_hours() {
        for (duration, limit) in [
            (1, Some(2)),
            (3_600, Some(2)),
            (3_601, Some(3)),
            (47 * 3_600, Some(48)),
        ] {
            assert_eq!(first(Seconds(duration)), limit, "{duration}");
        }
        assert_eq!(first(Seconds(47 * 3_600 + 1)), None);
        assert_eq!(first(Seconds(u64::MAX)), None);
    }

    #[test]
    fn what_was_paid_for_later_is_reached_in_steps() {
        let leased = UnixSeconds(1_000_000);
        let paid = |hours| leased.after(Seconds::hours(hours));
        assert_eq!(raised(2, leased, paid(1)), None);
        assert_eq!(raised(2, leased, paid(2)), Some(3));
        assert_eq!(raised(2, leased, paid(100)), Some(50));
        assert_eq!(raised(50, leased, paid(100)), Some(98));
        assert_eq!(raised(98, leased, paid(100)), Some(101));
        assert_eq!(raised(101, leased, paid(100)), None);
        assert_eq!(raised(8_760, leased, paid(100_000)), None);
    }
}
