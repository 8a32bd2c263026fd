//! Movement of prices: slow swings with quick ripples on them, from the seed and the clock alone.

use crate::clock::Moment;
use crate::dice::Dice;

/// Intervals between knots: six hours for slow swings, twenty minutes for ripples.
const SLOW_MS: u64 = 6 * 3_600_000;
const QUICK_MS: u64 = 20 * 60_000;

/// Interval at which prices are updated.
const STEP_MS: u64 = 60_000;

/// The prices of one moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tide {
    seed: u64,
    /// Milliseconds since 1970, rounded down to [`STEP_MS`].
    at_ms: u64,
}

impl Tide {
    /// Returns the prices at `now`.
    pub(super) fn at(seed: u64, now: Moment) -> Self {
        Self {
            seed,
            at_ms: now.console_ms / STEP_MS * STEP_MS,
        }
    }

    /// Time at which these prices were set, in milliseconds since 1970.
    pub(super) fn at_ms(self) -> u64 {
        self.at_ms
    }

    /// Returns dice for something in this world that does not change.
    pub(super) fn dice(self, labels: &[&str]) -> Dice {
        Dice::new(self.seed, labels)
    }

    /// Returns a price of about `usual`, up to `swing` thousandths above or below it.
    pub(super) fn price(self, label: &str, usual: u64, swing: u64) -> u64 {
        let slow = self.wave(label, "slow", SLOW_MS) * 3;
        let quick = self.wave(label, "quick", QUICK_MS);
        // Thousandths of the swing, which is thousandths of the price.
        let offset = i128::from(slow + quick) * i128::from(swing) / 4;
        let price = i128::from(usual) * (1_000_000 + offset) / 1_000_000;
        u64::try_from(price).unwrap_or(usual)
    }

    /// Returns a value from −1000 to 1000, linear between knots.
    fn wave(self, label: &str, kind: &str, period_ms: u64) -> i64 {
        let knot = self.at_ms / period_ms;
        let height = |knot: u64| {
            let throw =
                Dice::new(self.seed, &["tide", kind, label, &knot.to_string()]).between(0, 2_000);
            i64::try_from(throw).expect("a throw of two thousand fits") - 1_000
        };
        let (from, to) = (height(knot), height(knot + 1));
        let part = i64::try_from(self.at_ms % period_ms).expect("a period fits");
        let period = i64::try_from(period_ms).expect("a period fits");
        from + (to - from) * part / period
    }
}

#[cfg(test)]
mod tests {
    use super::Tide;
    use crate::clock::Moment;

    fn tide(minute: u64) -> Tide {
        let console_ms = 1_795_000_000_000 + minute * 60_000;
        Tide::at(
            1,
            Moment {
                sim_ms: 0,
                console_ms,
            },
        )
    }

    #[test]
    fn prices_move_within_their_swing_and_without_one_stand_still() {
        let prices: Vec<u64> = (0..600)
            .map(|m| tide(m).price("a", 1_000_000, 80))
            .collect();
        assert!(
            prices
                .iter()
                .all(|price| (920_000..=1_080_000).contains(price))
        );
        assert!(prices.windows(2).filter(|pair| pair[0] != pair[1]).count() > 500);
        assert!(
            prices
                .windows(2)
                .all(|pair| pair[0].abs_diff(pair[1]) < 10_000)
        );
        assert!((0..600).all(|m| tide(m).price("a", 1_000_000, 0) == 1_000_000));
    }
}
