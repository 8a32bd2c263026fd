//! Amounts finer than the token's smallest unit.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{RATE_SCALE, ScaledRate};
use crate::money::TokenAmount;
use crate::time::Seconds;

/// An amount in 10^-12 micro-USDC, as a stream accrues it.
///
/// The contract uses 256 bits. Keeping whole micro-units and the fraction apart holds every amount that a
/// deposit can reach, without a wider integer.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub struct ScaledAmount {
    // The derived comparison relies on the order of the fields.
    micros: TokenAmount,
    fraction: u64,
}

impl ScaledAmount {
    /// The zero amount.
    pub const ZERO: Self = Self {
        micros: TokenAmount::ZERO,
        fraction: 0,
    };

    /// Converts an amount of the token exactly.
    #[must_use]
    pub const fn from_amount(amount: TokenAmount) -> Self {
        Self {
            micros: amount,
            fraction: 0,
        }
    }

    /// `rate × time`; `None` if it exceeds what any deposit can hold.
    #[must_use]
    pub fn product(rate: ScaledRate, time: Seconds) -> Option<Self> {
        let (whole, rest) = (rate.scaled() / RATE_SCALE, rate.scaled() % RATE_SCALE);
        let time = u128::from(time.0);
        // The fraction is below 2^40 and the time below 2^64, so their product fits.
        let carried = rest * time;
        let micros = whole.checked_mul(time)?.checked_add(carried / RATE_SCALE)?;
        Some(Self {
            micros: TokenAmount::from_micros(micros),
            fraction: below_scale(carried),
        })
    }

    /// The sum; `None` if it exceeds what any deposit can hold.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        let fraction = u128::from(self.fraction) + u128::from(other.fraction);
        let micros = self
            .micros
            .micros()
            .checked_add(other.micros.micros())?
            .checked_add(fraction / RATE_SCALE)?;
        Some(Self {
            micros: TokenAmount::from_micros(micros),
            fraction: below_scale(fraction),
        })
    }

    /// The difference, or zero if `other` is larger.
    #[must_use]
    pub fn saturating_sub(self, other: Self) -> Self {
        if other >= self {
            return Self::ZERO;
        }
        let borrows = self.fraction < other.fraction;
        let lent = if borrows { RATE_SCALE } else { 0 };
        let fraction = u128::from(self.fraction) + lent - u128::from(other.fraction);
        let micros = self.micros.micros() - other.micros.micros() - u128::from(borrows);
        Self {
            micros: TokenAmount::from_micros(micros),
            fraction: below_scale(fraction),
        }
    }

    /// Whole micro-units, rounded down: the amount that the contract pays.
    #[must_use]
    pub const fn floored(self) -> TokenAmount {
        self.micros
    }

    /// Whole micro-units, rounded up: the deposit that covers the amount. Saturates.
    #[must_use]
    pub const fn rounded_up(self) -> TokenAmount {
        if self.fraction == 0 {
            self.micros
        } else {
            self.micros.saturating_add(TokenAmount::from_micros(1))
        }
    }

    /// The shortest time in which `rate` reaches this amount, or the end of time if it never does. A rate
    /// of zero reaches only zero.
    #[must_use]
    pub fn reached_after(self, rate: ScaledRate) -> Seconds {
        let reaches = |time: u64| {
            ScaledAmount::product(rate, Seconds(time)).is_none_or(|product| product >= self)
        };
        // The product is monotonic in time, so bisection finds the first second at which it suffices.
        let (mut too_short, mut enough) = (0_u64, u64::MAX);
        if reaches(0) {
            return Seconds(0);
        }
        while enough - too_short > 1 {
            let middle = too_short + (enough - too_short) / 2;
            if reaches(middle) {
                enough = middle;
            } else {
                too_short = middle;
            }
        }
        Seconds(enough)
    }
}

impl fmt::Display for ScaledAmount {
    /// Writes the number of scaled units, as the contract stores it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.micros.micros() {
            0 => write!(f, "{}", self.fraction),
            micros => write!(f, "{micros}{:012}", self.fraction),
        }
    }
}

fn below_scale(scaled: u128) -> u64 {
    u64::try_from(scaled % RATE_SCALE).expect("a remainder of 10^12 fits 64 bits")
}

#[cfg(test)]
mod tests {
    use super::{ScaledAmount, ScaledRate};
    use crate::money::TokenAmount;
    use crate::time::Seconds;

    fn product(rate: u128, seconds: u64) -> ScaledAmount {
        ScaledAmount::product(ScaledRate::from_scaled(rate), Seconds(seconds)).unwrap()
    }

    #[test]
    fn products_are_exact_beyond_128_bits() {
        // 10^30 × 10^15 is more than 2^128.
        let large = product(
            1_000_000_000_000_000_000_000_000_000_001,
            1_000_000_000_000_000,
        );
        assert_eq!(
            large.to_string(),
            "1000000000000000000000000000001000000000000000"
        );
        assert_eq!(
            ScaledAmount::product(ScaledRate::from_scaled(u128::MAX), Seconds(u64::MAX)),
            None
        );
    }

    #[test]
    fn sums_carry_and_differences_borrow() {
        let sum = product(700_000_000_000, 1)
            .checked_add(product(800_000_000_000, 1))
            .unwrap();
        assert_eq!(sum.to_string(), "1500000000000");
        assert_eq!(sum.floored(), TokenAmount::from_micros(1));
        assert_eq!(sum.rounded_up(), TokenAmount::from_micros(2));
        assert_eq!(
            sum.saturating_sub(product(800_000_000_000, 1)).to_string(),
            "700000000000"
        );
        assert_eq!(product(1, 1).saturating_sub(sum), ScaledAmount::ZERO);
        assert_eq!(product(5, 1).to_string(), "5");
    }

    #[test]
    fn an_amount_is_reached_in_the_first_second_that_is_enough() {
        let rate = ScaledRate::from_scaled(3);
        assert_eq!(product(1, 9).reached_after(rate), Seconds(3));
        assert_eq!(product(1, 10).reached_after(rate), Seconds(4));
        assert_eq!(ScaledAmount::ZERO.reached_after(rate), Seconds(0));
        assert_eq!(
            product(1, 1).reached_after(ScaledRate::from_scaled(0)),
            Seconds(u64::MAX)
        );
    }
}
