//! Canonical JSON (RFC 8785): one text for one document, so that its hash means something.
//!
//! Amounts of money are JSON numbers written from integers, digit by digit; below 10^15
//! micro-dollars that is exactly the notation the RFC asks for.

use std::collections::BTreeMap;

use super::CardsMilli;
use crate::money::Usd;
use crate::time::UnixSeconds;

/// A JSON document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Json {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A number as decimal text that is already canonical.
    Number(String),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Json>),
    /// Fields by name.
    Object(BTreeMap<String, Json>),
}

impl Json {
    /// An object of these fields.
    #[must_use]
    pub fn object<const N: usize>(fields: [(&str, Self); N]) -> Self {
        Self::Object(
            fields
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        )
    }

    /// A list of these.
    pub fn list(items: impl IntoIterator<Item = Self>) -> Self {
        Self::List(items.into_iter().collect())
    }

    /// A text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// `null`, or what `value` becomes.
    pub fn maybe<T>(value: Option<T>, show: impl FnOnce(T) -> Self) -> Self {
        value.map_or(Self::Null, show)
    }

    /// A whole number that is not negative.
    #[must_use]
    pub fn count(number: u64) -> Self {
        i64::try_from(number).map_or_else(|_| Self::Number(number.to_string()), Self::Integer)
    }

    /// Dollars as a number with as many decimals as it has.
    #[must_use]
    pub fn usd(usd: Usd) -> Self {
        Self::Number(thin(usd.micros(), 6))
    }

    /// A number of cards, perhaps a fraction.
    #[must_use]
    pub fn cards(cards: CardsMilli) -> Self {
        Self::Number(thin(u64::from(cards.0), 3))
    }

    /// Ten-thousandths as a number from 0 to 1.
    #[must_use]
    pub fn share(bps: u32) -> Self {
        Self::Number(thin(u64::from(bps), 4))
    }

    /// An instant as ISO 8601 in UTC.
    #[must_use]
    pub fn time(at: UnixSeconds) -> Self {
        Self::Text(iso_8601(at))
    }

    /// The canonical text.
    #[must_use]
    pub fn canonical(&self) -> String {
        let mut text = String::new();
        self.write(&mut text);
        text
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Integer(number) => out.push_str(&number.to_string()),
            Self::Number(text) => out.push_str(text),
            Self::Text(text) => write_text(text, out),
            Self::List(items) => {
                out.push('[');
                for (at, item) in items.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    item.write(out);
                }
                out.push(']');
            }
            Self::Object(fields) => {
                out.push('{');
                let mut fields: Vec<_> = fields.iter().collect();
                // The RFC sorts by UTF-16 code units, which differs from bytes beyond the BMP.
                fields.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
                for (at, (name, value)) in fields.into_iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    write_text(name, out);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }
}

/// Only quotes, backslashes and control characters are escaped, in their shortest form.
fn write_text(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            c if c < ' ' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
}

/// `number / 10^decimals` without superfluous zeros: `2.5`, `3`, `0.000001`.
fn thin(number: u64, decimals: usize) -> String {
    let digits = format!("{number:0width$}", width = decimals + 1);
    let (whole, fraction) = digits.split_at(digits.len() - decimals);
    match fraction.trim_end_matches('0') {
        "" => whole.to_owned(),
        fraction => format!("{whole}.{fraction}"),
    }
}

/// `2026-09-28T16:18:42Z`.
#[must_use]
pub fn iso_8601(at: UnixSeconds) -> String {
    let (days, seconds) = (at.0 / 86_400, at.0 % 86_400);
    let (year, month, day) = civil(days);
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z",
        seconds / 3600,
        seconds % 3600 / 60,
        seconds % 60
    )
}

/// The Gregorian date of a day counted from 1970-01-01: whole 400-year eras from a year that begins
/// in March, so that the leap day is the last of its year.
fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    (year, month, day)
}

/// Seconds since 1970 of `2026-09-28` or `2026-09-28T16:18:42.828Z`; `None` for anything else.
/// Fractions of a second are cut off.
#[must_use]
pub fn read_iso_8601(text: &str) -> Option<UnixSeconds> {
    let (date, clock) = text.split_once('T').unwrap_or((text, "00:00:00Z"));
    let mut date = date.splitn(3, '-').map(str::parse::<u64>);
    let (year, month, day) = (date.next()?.ok()?, date.next()?.ok()?, date.next()?.ok()?);
    let clock = clock.strip_suffix('Z')?;
    let clock = clock.split_once('.').map_or(clock, |(clock, _)| clock);
    let mut clock = clock.splitn(3, ':').map(str::parse::<u64>);
    let (hour, minute, second) = (
        clock.next()?.ok()?,
        clock.next()?.ok()?,
        clock.next()?.ok()?,
    );
    let in_range = (1970..10_000).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour < 24
        && minute < 60
        && second < 61;
    if !in_range {
        return None;
    }
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let (era, year_of_era) = (year / 400, year % 400);
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    let days = (era * 146_097 + day_of_era).checked_sub(719_468)?;
    Some(UnixSeconds(
        days * 86_400 + hour * 3600 + minute * 60 + second,
    ))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Json, iso_8601, read_iso_8601};
    use crate::money::Usd;
    use crate::offers::CardsMilli;
    use crate::time::UnixSeconds;

    #[test]
    fn a_document_has_one_text() {
        let json = Json::object([
            ("z", Json::usd(Usd::from_micros(2_495_975))),
            (
                "a",
                Json::list([Json::Null, Json::Bool(true), Json::Integer(-3)]),
            ),
            ("é", Json::text("“x” \"y\" \\ \u{1} \n")),
            ("n", Json::cards(CardsMilli(125))),
            ("w", Json::usd(Usd::from_micros(3_000_000))),
            ("s", Json::share(9750)),
        ]);
        assert_eq!(
            json.canonical(),
            "{\"a\":[null,true,-3],\"n\":0.125,\"s\":0.975,\"w\":3,\"z\":2.495975,\
             \"é\":\"“x” \\\"y\\\" \\\\ \\u0001 \\n\"}"
        );
    }

    #[test]
    fn times_are_written_and_read_in_utc() {
        let cases = [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_790_612_322, "2026-09-28T16:18:42Z"),
        ];
        for (seconds, text) in cases {
            assert_eq!(iso_8601(UnixSeconds(seconds)), text);
            assert_eq!(read_iso_8601(text), Some(UnixSeconds(seconds)));
        }
        assert_eq!(
            read_iso_8601("2026-09-28T16:18:42.828Z"),
            Some(UnixSeconds(1_790_612_322))
        );
        for text in [
            "",
            "2026",
            "2026-13-01",
            "yesterday",
            "2026-09-28T15:38:42+02:00",
        ] {
            assert_eq!(read_iso_8601(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_survives_a_json_reader(text in ".{0,40}") {
            let written = Json::text(text.clone()).canonical();
            prop_assert_eq!(serde_json::from_str::<String>(&written).unwrap(), text);
        }

        #[test]
        fn every_instant_survives_its_text(seconds in 0_u64..250_000_000_000) {
            let at = UnixSeconds(seconds);
            prop_assert_eq!(read_iso_8601(&iso_8601(at)), Some(at));
        }

        #[test]
        fn an_amount_is_the_shortest_notation_of_its_number(micros in 0_u64..1_000_000_000_000_000) {
            let Json::Number(text) = Json::usd(Usd::from_micros(micros)) else {
                panic!("an amount is a number");
            };
            prop_assert!(!text.contains('.') || !text.ends_with('0'));
            let read: Usd = text.parse().unwrap();
            prop_assert_eq!(read.micros(), micros);
        }
    }
}
