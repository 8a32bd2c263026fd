//! Instants and durations as plain integers: rules are given the time and never read it.

mod calendar;

use serde::{Deserialize, Serialize};

pub use calendar::{clock, iso_8601, read_iso_8601, utc};

/// Seconds since the Unix epoch.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct UnixSeconds(pub u64);

impl UnixSeconds {
    /// This instant plus `duration`; saturates instead of wrapping.
    #[must_use]
    pub fn after(self, duration: Seconds) -> Self {
        Self(self.0.saturating_add(duration.0))
    }

    /// Time elapsed since `earlier`; zero if that is in the future.
    #[must_use]
    pub fn since(self, earlier: Self) -> Seconds {
        Seconds(self.0.saturating_sub(earlier.0))
    }
}

/// A duration in whole seconds.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Seconds(pub u64);

impl Seconds {
    /// `n` minutes.
    #[must_use]
    pub const fn minutes(n: u64) -> Self {
        Self(n * 60)
    }

    /// `n` hours.
    #[must_use]
    pub const fn hours(n: u64) -> Self {
        Self(n * 3600)
    }

    /// `n` days of 24 hours.
    #[must_use]
    pub const fn days(n: u64) -> Self {
        Self(n * 86_400)
    }

    /// The duration in words, with at most the two largest units: "2 d 4 h", "45 min", "30 s".
    #[must_use]
    pub fn in_words(self) -> String {
        let (days, hours) = (self.0 / 86_400, self.0 % 86_400 / 3600);
        let (minutes, seconds) = (self.0 % 3600 / 60, self.0 % 60);
        let units = [(days, "d"), (hours, "h"), (minutes, "min"), (seconds, "s")];
        let Some(first) = units.iter().position(|(n, _)| *n > 0) else {
            return "0 s".to_owned();
        };
        units[first..(first + 2).min(units.len())]
            .iter()
            .filter(|(n, _)| *n > 0)
            .map(|(n, unit)| format!("{n} {unit}"))
            .collect::<Vec<_>>()
            .join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::Seconds;

    #[test]
    fn durations_read_as_people_say_them() {
        let cases = [
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (61, "1 min 1 s"),
            (3600, "1 h"),
            (187_200, "2 d 4 h"),
            (86_400 + 5, "1 d"),
        ];
        for (seconds, words) in cases {
            assert_eq!(Seconds(seconds).in_words(), words);
        }
    }
}
