//! The limit that Console keeps of a deployment's life, counted from its lease: it closes what
//! Necto could not, were Necto away when the paid time ends.
//!
//! It is given in whole hours, up to 48 at the beginning and up to 48 more with each raise.

use crate::time::{Seconds, UnixSeconds};

/// Longest first limit, and longest raise, in hours.
const STEP: u64 = 48;

/// Longest limit there can be, in hours.
const LONGEST: u64 = 8_760;

/// How much longer than the paid time it is: Necto itself closes in time.
const MARGIN: Seconds = Seconds::hours(1);

/// Hours of the first limit for a run of this length; `None` for longer runs, which Necto alone ends.
#[must_use]
pub fn first(duration: Seconds) -> Option<u32> {
    let hours = hours(duration);
    (hours <= STEP).then(|| narrow(hours))
}

/// The limit to ask for instead of one of `limit` hours, now that the run is paid until `paid_until`.
/// `None` where it is long enough. Where the way is longer than one raise, the next one follows.
#[must_use]
pub fn raised(limit: u32, leased_at: UnixSeconds, paid_until: UnixSeconds) -> Option<u32> {
    let limit = u64::from(limit);
    let wanted = hours(paid_until.since(leased_at)).min(LONGEST);
    (wanted > limit).then(|| narrow(wanted.min(limit + STEP)))
}

fn hours(run: Seconds) -> u64 {
    run.0.saturating_add(MARGIN.0).div_ceil(3_600)
}

/// Nothing beyond [`LONGEST`] comes here.
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
