//! The only place in xtask that reads a clock, to report durations and ages.

use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result, ensure};
use jiff::civil::Date;

/// Interval at which a waiting loop checks its condition.
pub(crate) const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// A stopwatch that runs from its creation.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts a stopwatch.
    #[expect(
        clippy::disallowed_methods,
        reason = "xtask reports real durations; there is no Clock port out here"
    )]
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    /// Time since the stopwatch was started.
    pub(crate) fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

/// The current day, in days since 1970.
#[expect(
    clippy::disallowed_methods,
    reason = "xtask reports real ages; there is no Clock port out here"
)]
pub(crate) fn today() -> i64 {
    const DAY_SECONDS: u64 = 24 * 60 * 60;
    // A clock before 1970 is set wrongly, and cannot be used to compute ages.
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0, |since| (since.as_secs() / DAY_SECONDS).cast_signed())
}

/// Converts a day such as `2026-08-21` to days since 1970.
pub(crate) fn days_of(day: &str) -> Result<i64> {
    let date: Option<Date> = day.parse().ok();
    let date = date.with_context(|| format!("{day:?} is no day"))?;
    let since = date.duration_since(Date::constant(1970, 1, 1));
    ensure!(!since.is_negative(), "{day:?} is before 1970");
    Ok(since.as_hours() / 24)
}

/// Formats a duration for people: `850 ms`, `12.4 s`, `3 min 07 s`.
pub(crate) fn spoken(duration: Duration) -> String {
    let millis = duration.as_millis();
    match millis {
        0..1_000 => format!("{millis} ms"),
        1_000..60_000 => format!("{}.{} s", millis / 1_000, millis % 1_000 / 100),
        _ => format!("{} min {:02} s", millis / 60_000, millis % 60_000 / 1_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_from_1970_on() {
        for (day, expected) in [
            ("1970-01-01", 0),
            ("1970-03-01", 59),
            ("2000-02-29", 11_016),
            ("2000-03-01", 11_017),
            ("2026-08-21", 20_686),
        ] {
            assert_eq!(days_of(day).expect("is a day"), expected, "{day}");
        }
        for broken in ["", "2026-13-01", "2026-08", "1969-12-31", "a-b-c"] {
            assert!(days_of(broken).is_err(), "{broken}");
        }
    }

    #[test]
    fn durations_are_said_in_the_largest_fitting_unit() {
        let cases = [
            (850, "850 ms"),
            (12_480, "12.4 s"),
            (59_999, "59.9 s"),
            (187_000, "3 min 07 s"),
        ];
        for (millis, expected) in cases {
            assert_eq!(spoken(Duration::from_millis(millis)), expected);
        }
    }
}
