//! Amounts, without floating point: incoming ones as decimal text, outgoing ones as whole
//! micro-dollars.

use std::fmt;

use domain::money::Usd;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::value::RawValue;

/// A decimal number as text: digits, at most one point, possibly a leading minus; no exponent.
///
/// Read from a JSON string or number. The service computes its JSON numbers in JavaScript, whose
/// shortest notation survives a round trip through a double unchanged.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DecimalText(String);

impl DecimalText {
    /// Parses decimal text; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let only_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        (only_digits(whole) && only_digits(fraction)).then(|| Self(text.to_owned()))
    }

    /// The number as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for DecimalText {
    fn default() -> Self {
        Self("0".to_owned())
    }
}

impl fmt::Display for DecimalText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for DecimalText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for DecimalText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = DecimalText;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a decimal number, as text or as a number")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<DecimalText, E> {
                DecimalText::parse(text)
                    .ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self))
            }

            fn visit_u64<E: de::Error>(self, value: u64) -> Result<DecimalText, E> {
                Ok(DecimalText(value.to_string()))
            }

            fn visit_i64<E: de::Error>(self, value: i64) -> Result<DecimalText, E> {
                Ok(DecimalText(value.to_string()))
            }

            fn visit_f64<E: de::Error>(self, value: f64) -> Result<DecimalText, E> {
                // `Display` of a double is its shortest exact decimal, without an exponent.
                self.visit_str(&value.to_string())
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// Money of one denomination, as the chain states it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coin {
    /// Denomination, nearly always `uact` (a millionth of a dollar).
    pub denom: String,
    /// Amount with up to 18 decimals.
    pub amount: DecimalText,
}

/// Serialises money as a JSON number of dollars, exactly.
pub(crate) fn in_dollars<S: Serializer>(usd: &Usd, serializer: S) -> Result<S::Ok, S::Error> {
    RawValue::from_string(dollars(usd.micros()))
        .expect("digits around one point are a JSON number")
        .serialize(serializer)
}

/// Dollars as decimal text without trailing zeros: 500 000 becomes `0.5`.
fn dollars(micros: u64) -> String {
    let (whole, micros) = (micros / 1_000_000, micros % 1_000_000);
    if micros == 0 {
        return whole.to_string();
    }
    let fraction = format!("{micros:06}");
    format!("{whole}.{}", fraction.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    #[serde(transparent)]
    struct Sent(#[serde(serialize_with = "in_dollars")] Usd);

    #[test]
    fn micro_dollars_go_out_as_an_exact_json_number_of_dollars() {
        for (micro_usd, expected) in [
            (0, "0"),
            (500_000, "0.5"),
            (1, "0.000001"),
            (5_500_000, "5.5"),
            (12_000_000, "12"),
            (u64::MAX, "18446744073709.551615"),
        ] {
            assert_eq!(
                serde_json::to_string(&Sent(Usd::from_micros(micro_usd))).unwrap(),
                expected
            );
        }
    }

    #[test]
    fn a_decimal_is_read_from_text_and_from_numbers_without_loss() {
        for (json, expected) in [
            (r#""2.500000000000000000""#, "2.500000000000000000"),
            (r#""10""#, "10"),
            ("0.1", "0.1"),
            ("1.3333333333333333", "1.3333333333333333"),
            ("1e-7", "0.0000001"),
            ("-3", "-3"),
            ("34560", "34560"),
        ] {
            let decimal: DecimalText = serde_json::from_str(json).unwrap();
            assert_eq!(decimal.as_str(), expected, "{json}");
        }
    }

    #[test]
    fn what_is_not_a_decimal_is_refused() {
        for json in [
            r#""""#,
            r#""1.""#,
            r#"".5""#,
            r#""1e5""#,
            r#""NaN""#,
            r#""1.2.3""#,
        ] {
            assert!(serde_json::from_str::<DecimalText>(json).is_err(), "{json}");
        }
    }
}
