//! Amounts of gas that the operator pays for.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::money::{MoneyError, parse_decimal};

/// An amount of the chain's gas token, in units of 10⁻⁹.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Gwei(pub u64);

/// Wei in a gwei.
const WEI: u128 = 1_000_000_000;

impl Gwei {
    /// The zero amount.
    pub const ZERO: Self = Self(0);

    /// Converts from wei (10⁻¹⁸ of the gas token), rounding up. Saturates.
    #[must_use]
    pub fn from_wei_rounded_up(wei: u128) -> Self {
        Self(u64::try_from(wei.div_ceil(WEI)).unwrap_or(u64::MAX))
    }

    /// The amount in wei (10⁻¹⁸ of the gas token).
    #[must_use]
    pub const fn wei(self) -> u128 {
        self.0 as u128 * WEI
    }

    /// The sum; saturates.
    #[must_use]
    pub const fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl FromStr for Gwei {
    type Err = MoneyError;

    /// Parses whole gas tokens with at most nine decimals: `0.05`.
    fn from_str(text: &str) -> Result<Self, MoneyError> {
        let gwei = parse_decimal(text, 9)?;
        Ok(Self(u64::try_from(gwei).unwrap_or(u64::MAX)))
    }
}

impl fmt::Display for Gwei {
    /// Writes whole gas tokens, exactly: `0.05`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, fraction) = (self.0 / 1_000_000_000, self.0 % 1_000_000_000);
        if fraction == 0 {
            return write!(f, "{whole}");
        }
        let digits = format!("{fraction:09}");
        write!(f, "{whole}.{}", digits.trim_end_matches('0'))
    }
}

#[cfg(test)]
mod tests {
    use super::Gwei;

    #[test]
    fn gas_reads_and_prints_in_whole_tokens() {
        for (text, gwei) in [("0.05", 50_000_000), ("2", 2_000_000_000), ("0", 0)] {
            assert_eq!(text.parse(), Ok(Gwei(gwei)));
            assert_eq!(Gwei(gwei).to_string(), text);
        }
        assert!("0.0000000001".parse::<Gwei>().is_err());
        assert!("-1".parse::<Gwei>().is_err());
    }

    #[test]
    fn wei_are_rounded_up() {
        assert_eq!(Gwei::from_wei_rounded_up(1), Gwei(1));
        assert_eq!(Gwei::from_wei_rounded_up(2_000_000_000), Gwei(2));
        assert_eq!(Gwei(2).wei(), 2_000_000_000);
        assert_eq!(Gwei::from_wei_rounded_up(u128::MAX), Gwei(u64::MAX));
    }
}
