//! Dates of instants, in UTC so that server and browser write the same.

use domain::time::UnixSeconds;

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// For machines: `2026-11-21T08:20:29Z`.
pub(crate) fn iso(at: UnixSeconds) -> String {
    let (year, month, day) = date(at.0 / 86_400);
    let (hour, minute, second) = time(at);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// For people: `21 Nov 2026, 08:20:29 UTC`.
pub(crate) fn readable(at: UnixSeconds) -> String {
    let (year, month, day) = date(at.0 / 86_400);
    let name = usize::try_from(month)
        .ok()
        .and_then(|month| MONTHS.get(month - 1));
    format!("{day} {} {year}, {} UTC", name.unwrap_or(&"?"), clock(at))
}

/// The time of day: `08:20:29`.
pub(crate) fn clock(at: UnixSeconds) -> String {
    let (hour, minute, second) = time(at);
    format!("{hour:02}:{minute:02}:{second:02}")
}

const fn time(at: UnixSeconds) -> (u64, u64, u64) {
    (at.0 % 86_400 / 3600, at.0 % 3600 / 60, at.0 % 60)
}

/// The Gregorian date of a day counted from 1970-01-01. Counts in eras of 400 years that begin in
/// March, so that the leap day is the last of its year.
const fn date(day_number: u64) -> (u64, u64, u64) {
    let shifted = day_number + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::{iso, readable};
    use domain::time::UnixSeconds;

    #[test]
    fn known_instants_have_their_dates() {
        let cases = [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_709_251_199, "2024-02-29T23:59:59Z"),
            (1_795_249_229, "2026-11-21T08:20:29Z"),
            (4_107_542_399, "2100-02-28T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ];
        for (seconds, text) in cases {
            assert_eq!(iso(UnixSeconds(seconds)), text);
        }
        assert_eq!(
            readable(UnixSeconds(1_795_249_229)),
            "21 Nov 2026, 08:20:29 UTC"
        );
    }
}
