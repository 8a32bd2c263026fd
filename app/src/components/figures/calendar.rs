//! Instants for people, in UTC so that server and browser write the same.

use domain::time::{UnixSeconds, clock as time_of_day, utc};

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// `21 Nov 2026, 08:20:29 UTC`.
pub(crate) fn readable(at: UnixSeconds) -> String {
    let at = utc(at);
    let month = usize::try_from(at.month())
        .ok()
        .and_then(|month| MONTHS.get(month - 1))
        .expect("a month is one of twelve");
    format!(
        "{} {month} {}, {} UTC",
        at.day(),
        at.year(),
        time_of_day(at)
    )
}

/// The time of day: `08:20:29`.
pub(crate) fn clock(at: UnixSeconds) -> String {
    time_of_day(utc(at))
}

#[cfg(test)]
mod tests {
    use super::readable;
    use domain::time::UnixSeconds;

    #[test]
    fn an_instant_reads_as_people_write_it() {
        assert_eq!(
            readable(UnixSeconds(1_795_249_229)),
            "21 Nov 2026, 08:20:29 UTC"
        );
    }
}
