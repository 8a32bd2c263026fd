//! Formats instants. The default is UTC, so that server and browser write the same.

use domain::time::{UnixSeconds, clock as time_of_day, utc};

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// Formats an instant in UTC: `21 Nov 2026, 08:20:29 UTC`.
pub(crate) fn readable(at: UnixSeconds) -> String {
    readable_in(at, 0)
}

/// Formats an instant with a UTC offset in minutes: `21 Nov 2026, 22:20:29 UTC+14`.
pub(crate) fn readable_in(at: UnixSeconds, minutes_ahead: i32) -> String {
    let shifted =
        at.0.saturating_add_signed(i64::from(minutes_ahead).saturating_mul(60));
    let at = utc(UnixSeconds(shifted));
    let month = usize::try_from(at.month())
        .ok()
        .and_then(|month| MONTHS.get(month - 1))
        .expect("a month is one of twelve");
    format!(
        "{} {month} {}, {} {}",
        at.day(),
        at.year(),
        time_of_day(at),
        zone(minutes_ahead)
    )
}

/// Formats a UTC offset: `UTC`, `UTC+14`, `UTC-3:30`.
fn zone(minutes_ahead: i32) -> String {
    let sign = if minutes_ahead < 0 { '-' } else { '+' };
    let ahead = minutes_ahead.unsigned_abs();
    match (ahead / 60, ahead % 60) {
        (0, 0) => "UTC".to_owned(),
        (hours, 0) => format!("UTC{sign}{hours}"),
        (hours, minutes) => format!("UTC{sign}{hours}:{minutes:02}"),
    }
}

/// Formats the time of day: `08:20:29`.
pub(crate) fn clock(at: UnixSeconds) -> String {
    time_of_day(utc(at))
}

#[cfg(test)]
mod tests {
    use super::{readable, readable_in};
    use domain::time::UnixSeconds;

    #[test]
    fn an_instant_falls_on_the_day_that_its_reader_has() {
        // The instant is 30 Nov 2026, 23:30:36 UTC.
        let at = UnixSeconds(1_796_081_436);
        let cases = [
            (0, "30 Nov 2026, 23:30:36 UTC"),
            (14 * 60, "1 Dec 2026, 13:30:36 UTC+14"),
            (-10 * 60, "30 Nov 2026, 13:30:36 UTC-10"),
            (5 * 60 + 45, "1 Dec 2026, 05:15:36 UTC+5:45"),
            (-3 * 60 - 30, "30 Nov 2026, 20:00:36 UTC-3:30"),
            (-30, "30 Nov 2026, 23:00:36 UTC-0:30"),
        ];
        for (ahead, said) in cases {
            assert_eq!(readable_in(at, ahead), said, "{ahead}");
        }
    }

    #[test]
    fn an_instant_reads_as_people_write_it() {
        assert_eq!(
            readable(UnixSeconds(1_795_249_229)),
            "21 Nov 2026, 08:20:29 UTC"
        );
    }
}
