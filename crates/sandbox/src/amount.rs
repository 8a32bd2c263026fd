//! Amounts in the chain's precision: `uact` with eighteen decimals, as one integer.

use std::fmt;

use domain::money::{UACT_SCALE, parse_decimal};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Denomination of prices and escrow on the simulated chain; 1 000 000 of it are one dollar.
pub(crate) const DENOM: &str = "uact";

/// Blocks in a month, times ten: the Console's figure has one decimal.
const TENTHS_OF_BLOCKS_PER_MONTH: u128 = 4_382_928;

/// Amount in units of 10⁻¹⁸ `uact`.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(into = "String", try_from = "String")]
pub(crate) struct Uact(u128);

impl Uact {
    /// Amount of zero.
    pub(crate) const ZERO: Self = Self(0);

    /// Converts whole `uact`, which are micro-dollars.
    #[must_use]
    pub(crate) fn from_micro_usd(micro_usd: u64) -> Self {
        Self(u128::from(micro_usd) * UACT_SCALE)
    }

    /// Returns the price per block of something that costs `micro_usd` a month.
    #[must_use]
    pub(crate) fn per_block_from_monthly(micro_usd: u128) -> Self {
        Self(micro_usd.saturating_mul(10 * UACT_SCALE) / TENTHS_OF_BLOCKS_PER_MONTH)
    }

    /// Parses decimal text with up to eighteen decimals.
    #[must_use]
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text.starts_with('.') {
            return None;
        }
        parse_decimal(text, 18).ok().map(Self)
    }

    /// Returns whole `uact`, rounded down.
    #[must_use]
    pub(crate) fn whole(self) -> u64 {
        u64::try_from(self.0 / UACT_SCALE).unwrap_or(u64::MAX)
    }

    /// Multiplies the amount.
    #[must_use]
    pub(crate) fn times(self, factor: u64) -> Self {
        Self(self.0.saturating_mul(u128::from(factor)))
    }

    /// Returns this many thousandths of the amount.
    #[must_use]
    pub(crate) fn permille(self, permille: u64) -> Self {
        Self(self.0.saturating_mul(u128::from(permille)) / 1000)
    }

    /// Returns how often `other` fits into the amount; `None` for a price of zero.
    #[must_use]
    pub(crate) fn divided_by(self, other: Self) -> Option<u64> {
        let times = self.0.checked_div(other.0)?;
        Some(u64::try_from(times).unwrap_or(u64::MAX))
    }

    /// Returns the difference of both amounts, at least zero.
    #[must_use]
    pub(crate) fn less(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// Returns the sum of both amounts, saturating at the largest amount.
    #[must_use]
    pub(crate) fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// Returns `{denom, amount}` in the chain's form.
    pub(crate) fn coin(self) -> Value {
        json!({ "denom": DENOM, "amount": self.to_string() })
    }
}

impl fmt::Display for Uact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:018}", self.0 / UACT_SCALE, self.0 % UACT_SCALE)
    }
}

impl From<Uact> for String {
    fn from(amount: Uact) -> Self {
        amount.to_string()
    }
}

impl TryFrom<String> for Uact {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("{text:?} is not an amount"))
    }
}

/// Converts micro-dollars to a JSON number of dollars, as sent by the Console's market endpoints.
pub(crate) fn usd(micro_usd: u128) -> Value {
    // Exact for every price that occurs: a double holds fifteen digits.
    let dollars: f64 = six_decimals(micro_usd)
        .parse()
        .expect("digits around one point are a number");
    json!(dollars)
}

/// Converts millionths to decimal text with six decimals.
pub(crate) fn six_decimals(micros: u128) -> String {
    format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_with_eighteen_decimals_and_read_back() {
        for (text, expected) in [
            ("2.5", "2.500000000000000000"),
            ("10", "10.000000000000000000"),
            ("0.000000000000000001", "0.000000000000000001"),
        ] {
            assert_eq!(Uact::parse(text).unwrap().to_string(), expected);
        }
        for text in ["", ".5", "-1", "1e3", "1.0000000000000000001"] {
            assert_eq!(Uact::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_monthly_price_is_spread_over_the_blocks_of_a_month() {
        // 438292.8 blocks at 2.5 uact are 1095732 micro-dollars.
        let price = Uact::per_block_from_monthly(1_095_732);
        assert_eq!(price.to_string(), "2.500000000000000000");
    }
}
