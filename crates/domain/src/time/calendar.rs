//! Calendar dates, always in UTC, so that server, browser and sandbox write the same.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;

use super::UnixSeconds;

/// Date and time of day in UTC. Instants after the year 9999 are clamped to its end.
#[must_use]
pub fn utc(at: UnixSeconds) -> DateTime {
    let instant = i64::try_from(at.0)
        .ok()
        .and_then(|seconds| Timestamp::from_second(seconds).ok());
    Offset::UTC.to_datetime(instant.unwrap_or(Timestamp::MAX))
}

/// Date and time of day in UTC in ISO 8601: `2026-09-28T16:18:42Z`.
#[must_use]
pub fn iso_8601(at: UnixSeconds) -> String {
    let at = utc(at);
    let (year, month, day) = (at.year(), at.month(), at.day());
    format!("{year:04}-{month:02}-{day:02}T{}Z", clock(at))
}

/// The time of day: `16:18:42`.
#[must_use]
pub fn clock(at: DateTime) -> String {
    format!("{:02}:{:02}:{:02}", at.hour(), at.minute(), at.second())
}

/// Parses `2026-09-28` or `2026-09-28T16:18:42.828Z` to seconds since 1970; `None` for anything else.
/// Fractions of a second are cut off.
#[must_use]
pub fn read_iso_8601(text: &str) -> Option<UnixSeconds> {
    let at: Timestamp = if text.ends_with('Z') {
        text.parse().ok()?
    } else if text.len() == "2026-09-28".len() {
        let date: Date = text.parse().ok()?;
        Offset::UTC.to_timestamp(date.at(0, 0, 0, 0)).ok()?
    } else {
        return None;
    };
    u64::try_from(at.as_second()).ok().map(UnixSeconds)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{iso_8601, read_iso_8601};
    use crate::time::UnixSeconds;

    #[test]
    fn times_are_written_and_read_in_utc() {
        let cases = [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_709_251_199, "2024-02-29T23:59:59Z"),
            (1_790_612_322, "2026-09-28T16:18:42Z"),
            (4_107_542_399, "2100-02-28T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ];
        for (seconds, text) in cases {
            assert_eq!(iso_8601(UnixSeconds(seconds)), text);
            assert_eq!(read_iso_8601(text), Some(UnixSeconds(seconds)));
        }
        assert_eq!(
            read_iso_8601("2026-09-28T16:18:42.828Z"),
            Some(UnixSeconds(1_790_612_322))
        );
        assert_eq!(
            read_iso_8601("2026-09-28"),
            Some(UnixSeconds(1_790_553_600))
        );
        for text in [
            "",
            "2026",
            "2026-13-01",
            "2026-02-30",
            "1969-12-31",
            "yesterday",
            "2026-09-28T15:38:42+02:00",
            "2026-09-28T15:38:42",
        ] {
            assert_eq!(read_iso_8601(text), None, "{text}");
        }
    }

    #[test]
    fn an_instant_beyond_the_calendar_stays_at_its_end() {
        assert!(iso_8601(UnixSeconds(u64::MAX)).starts_with("9999-12-30"));
    }

    proptest! {
        #[test]
        fn every_instant_survives_its_text(seconds in 0_u64..250_000_000_000) {
            let at = UnixSeconds(seconds);
            prop_assert_eq!(read_iso_8601(&iso_8601(at)), Some(at));
        }
    }
}
