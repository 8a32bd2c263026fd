//! Listed amounts as exact decimals: sources write `0.218175`, `9.0E-4` or `5.6395714814814815`, and none
//! of them may pass through a float on its way to money.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, de};
use thiserror::Error;

use crate::money::Usd;

/// Number of decimals kept after the point.
const DECIMALS: i32 = 12;

/// 10^12: one whole unit.
const SCALE: i128 = 1_000_000_000_000;

/// A decimal number with twelve decimals, signed so that an impossible price can be reported instead of
/// lost. Range ±10^20.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Decimal(i128);

/// A text that is not a decimal number.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("“{text}” is not a number")]
pub struct DecimalError {
    text: String,
}

impl Decimal {
    /// The number zero.
    pub const ZERO: Self = Self(0);

    /// Creates a decimal from a whole number.
    #[must_use]
    pub const fn whole(number: u64) -> Self {
        Self(number as i128 * SCALE)
    }

    /// `numerator / denominator` rounded to the nearest twelfth decimal; `None` when the
    /// denominator is zero or the number is out of range.
    #[must_use]
    pub fn ratio(numerator: i128, denominator: i128) -> Option<Self> {
        let scaled = numerator.checked_mul(SCALE)?;
        (denominator != 0).then(|| Self(divide_nearest(scaled, denominator)))
    }

    /// Converts cents to dollars, exactly.
    #[must_use]
    pub const fn cents(cents: u64) -> Self {
        Self(cents as i128 * (SCALE / 100))
    }

    /// Converts an amount of dollars exactly.
    #[must_use]
    pub const fn from_usd(usd: Usd) -> Self {
        Self(usd.micros() as i128 * (SCALE / 1_000_000))
    }

    /// The number times 10^12.
    #[must_use]
    pub const fn scaled(self) -> i128 {
        self.0
    }

    /// Whether the number is above zero.
    #[must_use]
    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }

    /// Whether the number is below zero.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// The sum; `None` when out of range.
    #[must_use]
    pub fn plus(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// The difference; `None` when out of range.
    #[must_use]
    pub fn minus(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// The absolute value.
    #[must_use]
    pub const fn distance(self) -> Self {
        Self(self.0.saturating_abs())
    }

    /// The product, rounded to the nearest twelfth decimal; `None` when out of range.
    #[must_use]
    pub fn times(self, other: Self) -> Option<Self> {
        self.0
            .checked_mul(other.0)
            .map(|product| Self(divide_nearest(product, SCALE)))
    }

    /// `self × factor / divisor` rounded to the nearest twelfth decimal; `None` when the divisor
    /// is zero or the product is out of range.
    #[must_use]
    pub fn scaled_by(self, factor: u64, divisor: u64) -> Option<Self> {
        let product = self.0.checked_mul(i128::from(factor))?;
        (divisor != 0).then(|| Self(divide_nearest(product, i128::from(divisor))))
    }

    /// Deviation of `self` from `other`, in hundredths of a per cent of `other`; `None` if `other` is not
    /// positive.
    #[must_use]
    pub fn deviation_bps(self, other: Self) -> Option<u64> {
        if !other.is_positive() {
            return None;
        }
        let distance = self.0.checked_sub(other.0)?.checked_abs()?;
        let bps = distance.checked_mul(10_000)? / other.0;
        Some(u64::try_from(bps).unwrap_or(u64::MAX))
    }

    /// Converts to dollars, rounded to the nearest micro-dollar, halves up; `None` below zero or out of
    /// range. A listed price is rounded only here, at the end of its arithmetic.
    #[must_use]
    pub fn to_usd(self) -> Option<Usd> {
        if self.0 < 0 {
            return None;
        }
        let micros = divide_nearest(self.0, SCALE / 1_000_000);
        u64::try_from(micros).ok().map(Usd::from_micros)
    }
}

/// Integer division rounded to the nearest, halves away from zero.
fn divide_nearest(number: i128, divisor: i128) -> i128 {
    let (quotient, rest) = (number / divisor, number % divisor);
    let twice = rest.unsigned_abs().saturating_mul(2);
    if twice < divisor.unsigned_abs() {
        return quotient;
    }
    if (number < 0) == (divisor < 0) {
        quotient.saturating_add(1)
    } else {
        quotient.saturating_sub(1)
    }
}

impl FromStr for Decimal {
    type Err = DecimalError;

    /// Parses an optional sign, digits with at most one point, and an optional exponent. Digits beyond the
    /// twelfth decimal are rounded.
    fn from_str(text: &str) -> Result<Self, DecimalError> {
        read(text.trim()).ok_or_else(|| DecimalError {
            text: text.chars().take(40).collect(),
        })
    }
}

fn read(text: &str) -> Option<Decimal> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (negative, digits) = match mantissa.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, mantissa.strip_prefix('+').unwrap_or(mantissa)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() + fraction.len() == 0 || !all_digits(whole) || !all_digits(fraction) {
        return None;
    }
    // More digits than an i128 holds are noise at the end of a double, and are cut off.
    let fraction = fraction.get(..fraction.len().min(24))?;
    let number: i128 = format!("0{whole}{fraction}").parse().ok()?;
    let shift = exponent
        .checked_add(DECIMALS)?
        .checked_sub(i32::try_from(fraction.len()).ok()?)?;
    let power = 10_i128.checked_pow(shift.unsigned_abs());
    let scaled = if shift >= 0 {
        number.checked_mul(power?)?
    } else {
        power.map_or(0, |power| divide_nearest(number, power))
    };
    (scaled < SCALE.checked_mul(100_000_000_000_000_000_000)?).then_some(Decimal(if negative {
        -scaled
    } else {
        scaled
    }))
}

impl fmt::Display for Decimal {
    /// Writes the exact number without trailing zeros.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let magnitude = self.0.unsigned_abs();
        let scale = SCALE.unsigned_abs();
        if self.0 < 0 {
            f.write_str("-")?;
        }
        write!(f, "{}", magnitude / scale)?;
        let fraction = magnitude % scale;
        if fraction == 0 {
            return Ok(());
        }
        let digits = format!("{fraction:012}");
        write!(f, ".{}", digits.trim_end_matches('0'))
    }
}

impl<'de> Deserialize<'de> for Decimal {
    /// Deserialises from a JSON number or a text.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Number(serde_json::Number),
            Text(String),
        }
        let text = match Written::deserialize(deserializer)? {
            // The shortest notation of a double is what the source printed.
            Written::Number(number) => number.to_string(),
            Written::Text(text) => text,
        };
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Decimal;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn every_notation_of_the_sources_is_read_exactly() {
        let cases = [
            ("9.0E-4", "0.0009"),
            ("0.0343", "0.0343"),
            ("30.1311800000", "30.13118"),
            ("5.6395714814814815", "5.639571481481"),
            ("1e-7", "0.0000001"),
            ("-3", "-3"),
            (".5", "0.5"),
            ("1E3", "1000"),
            ("0.00000000000049", "0"),
        ];
        for (text, expected) in cases {
            assert_eq!(decimal(text).to_string(), expected, "{text}");
        }
        for text in [
            "N/A*", "", ".", "NaN", "inf", "1.2.3", "1e99", "0x10", "1,5",
        ] {
            assert!(text.parse::<Decimal>().is_err(), "{text}");
        }
    }

    #[test]
    fn json_numbers_and_texts_read_alike() {
        let read: Vec<Decimal> =
            serde_json::from_str(r#"[0.218175, "0.218175", 4, 1e-4]"#).unwrap();
        let expected = ["0.218175", "0.218175", "4", "0.0001"].map(decimal);
        assert_eq!(read, expected);
    }

    #[test]
    fn dollars_are_rounded_once_to_the_nearest_micro_dollar() {
        let cases = [
            ("0.2399925", 239_993),
            ("1.6095375", 1_609_538),
            ("0.8056530687", 805_653),
            ("0.0000004", 0),
        ];
        for (text, micros) in cases {
            assert_eq!(decimal(text).to_usd().unwrap().micros(), micros, "{text}");
        }
        assert_eq!(decimal("-1").to_usd(), None);
    }

    proptest! {
        #[test]
        fn printing_and_reading_are_inverse(scaled in -1_000_000_000_000_000_000_i128..1_000_000_000_000_000_000) {
            let number = Decimal(scaled);
            prop_assert_eq!(decimal(&number.to_string()), number);
        }

        #[test]
        fn any_text_is_read_or_refused_without_panic(text in "[-+0-9.eE]{0,30}") {
            if let Ok(number) = text.parse::<Decimal>() {
                let _usd = number.to_usd();
                let _product = number.times(number);
            }
        }
    }
}
