//! Canonical JSON (RFC 8785): one text per document, so that its hash identifies it.
//!
//! Amounts of money are JSON numbers written from integers, digit by digit; below 10^15 micro-dollars that
//! is exactly the notation of the RFC.

use std::collections::BTreeMap;

use super::CardsMilli;
use crate::money::Usd;
use crate::time::{UnixSeconds, iso_8601};

/// A JSON document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Json {
    /// The value `null`.
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
    /// Creates an object from its fields.
    #[must_use]
    pub fn object<const N: usize>(fields: [(&str, Self); N]) -> Self {
        Self::Object(
            fields
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        )
    }

    /// Creates a list from its items.
    pub fn list(items: impl IntoIterator<Item = Self>) -> Self {
        Self::List(items.into_iter().collect())
    }

    /// Creates a text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// Converts `value`, or returns `null` for `None`.
    pub fn maybe<T>(value: Option<T>, show: impl FnOnce(T) -> Self) -> Self {
        value.map_or(Self::Null, show)
    }

    /// Creates a non-negative whole number.
    #[must_use]
    pub fn count(number: u64) -> Self {
        i64::try_from(number).map_or_else(|_| Self::Number(number.to_string()), Self::Integer)
    }

    /// Dollars as a number, with only the decimals they have.
    #[must_use]
    pub fn usd(usd: Usd) -> Self {
        Self::Number(thin(usd.micros(), 6))
    }

    /// A number of cards, possibly fractional.
    #[must_use]
    pub fn cards(cards: CardsMilli) -> Self {
        Self::Number(thin(u64::from(cards.0), 3))
    }

    /// A share in ten-thousandths, as a number from 0 to 1.
    #[must_use]
    pub fn share(bps: u32) -> Self {
        Self::Number(thin(u64::from(bps), 4))
    }

    /// A time as ISO 8601 in UTC.
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
                // The RFC sorts by UTF-16 code units, which differs from byte order outside the BMP.
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

/// Escapes only quotes, backslashes and control characters, in their shortest form.
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

/// `number / 10^decimals` without trailing zeros: `2.5`, `3`, `0.000001`.
fn thin(number: u64, decimals: usize) -> String {
    let digits = format!("{number:0width$}", width = decimals + 1);
    let (whole, fraction) = digits.split_at(digits.len() - decimals);
    match fraction.trim_end_matches('0') {
        "" => whole.to_owned(),
        fraction => format!("{whole}.{fraction}"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Json;
    use crate::money::Usd;
    use crate::offers::CardsMilli;

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

    proptest! {
        #[test]
        fn any_text_survives_a_json_reader(text in ".{0,40}") {
            let written = Json::text(text.clone()).canonical();
            prop_assert_eq!(serde_json::from_str::<String>(&written).unwrap(), text);
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
