//! Rate limit of an account's key: one token bucket for all calls of a client, in which calls that
//! affect money take precedence.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use reqwest::Method;
use tokio::time::Instant;

/// The highest rate of calls to the service with one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Calls a second in the long run; at least one.
    pub per_second: u32,
    /// Calls that may come at once after a pause; at least one.
    pub burst: u32,
}

/// Purpose of a call. Lower lanes leave a part of the bucket to higher ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lane {
    /// A step or the end of a deployment.
    Money,
    /// A person is waiting for a price.
    Person,
    /// A regular check that nothing in particular waits for.
    Routine,
}

impl Lane {
    /// The lane of a call.
    pub(crate) fn of(method: &Method, path: &str) -> Self {
        let is_step = [
            "/v1/deployments",
            "/v1/leases",
            "/v1/deposit-deployment",
            "/v2/deployment-settings",
        ]
        .iter()
        .any(|step| path.starts_with(step));
        match path {
            // The whole list is requested once for all deployments.
            "/v1/bids" | "/v1/deployments" => Self::Money,
            _ if is_step && *method != Method::GET => Self::Money,
            "/v1/create-jwt-token" => Self::Routine,
            _ if is_step || path.starts_with("/v1/providers") => Self::Routine,
            _ => Self::Person,
        }
    }

    /// Tokens that the lane leaves to higher ones, of a bucket that holds `burst`.
    const fn leaves(self, burst: u32) -> u32 {
        match self {
            Self::Money => 0,
            Self::Person => burst / 4,
            Self::Routine => burst / 2,
        }
    }
}

/// One token, in the bucket's units.
const TOKEN: u64 = 1_000_000;

#[derive(Debug)]
struct Filled {
    parts: u64,
    at: Instant,
}

/// Token bucket that limits the calls of one client to its [`Pace`].
#[derive(Debug)]
pub(crate) struct Bucket {
    pace: Pace,
    filled: Mutex<Filled>,
}

impl Bucket {
    /// A full bucket.
    pub(crate) fn new(pace: Pace) -> Self {
        let parts = u64::from(pace.burst.max(1)) * TOKEN;
        let at = Instant::now();
        Self {
            pace,
            filled: Mutex::new(Filled { parts, at }),
        }
    }

    /// Waits until a call may be made.
    pub(crate) async fn take(&self, lane: Lane) {
        while let Some(wait) = self.try_take(lane, Instant::now()) {
            tokio::time::sleep(wait).await;
        }
    }

    /// Takes a token at `now`, or returns the minimum time to wait for one.
    fn try_take(&self, lane: Lane, now: Instant) -> Option<Duration> {
        let per_second = u64::from(self.pace.per_second.max(1));
        let burst = u64::from(self.pace.burst.max(1));
        let mut filled = self.filled.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = now.duration_since(filled.at).as_micros();
        let passed = u64::try_from(passed).unwrap_or(u64::MAX);
        // One unit is what one call per second earns in a microsecond.
        let earned = passed.saturating_mul(per_second);
        filled.parts = filled.parts.saturating_add(earned).min(burst * TOKEN);
        filled.at = now;
        let left = u64::from(lane.leaves(self.pace.burst)) * TOKEN;
        let Some(lacking) = (left + TOKEN)
            .checked_sub(filled.parts)
            .filter(|lack| *lack > 0)
        else {
            filled.parts -= TOKEN;
            return None;
        };
        Some(Duration::from_micros(lacking.div_ceil(per_second)))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use reqwest::Method;
    use tokio::time::Instant;

    use super::{Bucket, Lane, Pace};

    const PACE: Pace = Pace {
        per_second: 10,
        burst: 8,
    };

    #[test]
    fn no_more_calls_are_made_than_the_pace_allows() {
        let bucket = Bucket::new(PACE);
        let begun = Instant::now();
        let mut now = begun;
        for _ in 0..58 {
            while let Some(wait) = bucket.try_take(Lane::Money, now) {
                now += wait;
            }
        }
        assert_eq!((now - begun).as_millis() / 100, 50, "8 at once, 50 later");
    }

    #[test]
    fn what_money_waits_for_passes_what_is_regular() {
        let bucket = Bucket::new(PACE);
        let now = Instant::now();
        for (lane, takes) in [(Lane::Routine, 4), (Lane::Person, 2), (Lane::Money, 2)] {
            for _ in 0..takes {
                assert_eq!(bucket.try_take(lane, now), None, "{lane:?}");
            }
            assert!(bucket.try_take(lane, now).is_some(), "{lane:?}");
        }
        let wait = bucket.try_take(Lane::Money, now).unwrap();
        assert!(wait <= Duration::from_millis(100), "{wait:?}");
    }

    #[test]
    fn every_call_has_its_lane() {
        let lane = |method: Method, path: &str| Lane::of(&method, path);
        for (method, path) in [
            (Method::POST, "/v1/deployments"),
            (Method::DELETE, "/v1/deployments/7"),
            (Method::PUT, "/v1/deployments/7"),
            (Method::POST, "/v1/leases"),
            (Method::PATCH, "/v2/deployment-settings/7"),
            (Method::GET, "/v1/bids"),
            (Method::GET, "/v1/deployments"),
        ] {
            assert_eq!(lane(method, path), Lane::Money, "{path}");
        }
        for (method, path) in [
            (Method::GET, "/v1/deployments/7"),
            (Method::GET, "/v1/providers/akash1p"),
            (Method::POST, "/v1/create-jwt-token"),
        ] {
            assert_eq!(lane(method, path), Lane::Routine, "{path}");
        }
        assert_eq!(lane(Method::POST, "/v1/bid-screening"), Lane::Person);
    }
}
