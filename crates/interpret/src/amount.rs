//! Non-negative decimals in millionths: numbers in a sentence, without floats.

/// A number in the text, in whole millionths (1,000,000 = one).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Amount(u64);

const ONE: u64 = 1_000_000;

impl Amount {
    pub(crate) const HALF: Self = Self(ONE / 2);

    pub(crate) const fn whole(n: u64) -> Self {
        Self(n.saturating_mul(ONE))
    }

    pub(crate) const fn micros(self) -> u64 {
        self.0
    }

    /// The value as a whole number; `None` if it has a fraction.
    pub(crate) const fn as_whole(self) -> Option<u64> {
        if self.0.is_multiple_of(ONE) {
            Some(self.0 / ONE)
        } else {
            None
        }
    }

    pub(crate) const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// This many times `unit`, truncated to a whole number.
    pub(crate) fn of(self, unit: u64) -> u64 {
        let product = u128::from(self.0) * u128::from(unit) / u128::from(ONE);
        u64::try_from(product).unwrap_or(u64::MAX)
    }

    pub(crate) const fn times(self, factor: u64) -> Self {
        Self(self.0.saturating_mul(factor))
    }

    pub(crate) const fn divided_by(self, divisor: u64) -> Self {
        Self(self.0 / divisor)
    }

    /// Parses digits with at most one point. Digits beyond six decimals are cut off, and a number
    /// too large to hold becomes the largest possible one, which every limit refuses.
    pub(crate) fn from_digits(whole: &str, fraction: &str) -> Self {
        let digit = |c: char| u64::from(c.to_digit(10).unwrap_or(0));
        let whole = whole
            .chars()
            .fold(0_u64, |n, c| n.saturating_mul(10).saturating_add(digit(c)));
        let fraction = fraction
            .chars()
            .chain(std::iter::repeat('0'))
            .take(6)
            .fold(0_u64, |n, c| n * 10 + digit(c));
        Self(whole.saturating_mul(ONE).saturating_add(fraction))
    }
}

#[cfg(test)]
mod tests {
    use super::Amount;

    #[test]
    fn decimals_are_exact_millionths() {
        assert_eq!(Amount::from_digits("1", "5").micros(), 1_500_000);
        assert_eq!(Amount::from_digits("0", "000001").micros(), 1);
        assert_eq!(Amount::from_digits("7", "").as_whole(), Some(7));
        assert_eq!(Amount::from_digits("7", "5").as_whole(), None);
        assert_eq!(Amount::HALF.of(3600), 1800);
    }

    #[test]
    fn absurd_numbers_saturate() {
        let huge = Amount::from_digits("99999999999999999999999999", "9");
        assert_eq!(huge.micros(), u64::MAX);
        assert_eq!(huge.of(u64::MAX), u64::MAX);
    }
}
