//! Volatility of a price, from stored samples.

use serde::{Deserialize, Serialize};

use crate::money::Usd;
use crate::time::{Seconds, UnixSeconds};

/// A price at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// Unix time at which the price was seen.
    pub at: UnixSeconds,
    /// Price at that time.
    pub price: Usd,
}

/// Volatility of a price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Volatility {
    /// There are too few samples.
    Collecting {
        /// Samples so far.
        samples: u32,
    },
    /// The price never moved, so it is set by someone. It may still change.
    Administered,
    /// The price moves.
    Measured {
        /// Standard deviation over mean, in hundredths of a per cent.
        cv_bps: u32,
        /// The same from medians, which is robust against one outlier.
        robust_cv_bps: u32,
        /// Largest step between neighbouring samples, in hundredths of a per cent.
        largest_step_bps: u32,
        /// Time since it last changed, as of the last sample.
        unchanged_for: Seconds,
    },
}

/// Number of samples needed before a figure is shown.
const SAMPLES_NEEDED: usize = 12;

/// Threshold below which a price is set rather than formed: rounding alone moves it that much.
const ADMINISTERED_BELOW_BPS: u32 = 2;

/// The volatility of `samples`, in any order. Samples with a price of zero are left out.
#[must_use]
pub fn volatility(samples: &[Sample]) -> Volatility {
    let mut samples: Vec<Sample> = samples
        .iter()
        .copied()
        .filter(|sample| sample.price > Usd::ZERO)
        .collect();
    samples.sort_by_key(|sample| (sample.at, sample.price));
    if samples.len() < SAMPLES_NEEDED {
        let samples = u32::try_from(samples.len()).unwrap_or(u32::MAX);
        return Volatility::Collecting { samples };
    }
    let prices: Vec<u128> = samples
        .iter()
        .map(|sample| u128::from(sample.price.micros()))
        .collect();
    let cv_bps = coefficient_bps(&prices);
    if cv_bps < ADMINISTERED_BELOW_BPS {
        return Volatility::Administered;
    }
    let largest_step_bps = prices
        .windows(2)
        .map(|pair| bps(pair[0].abs_diff(pair[1]), pair[0]))
        .max()
        .unwrap_or(0);
    let last = samples[samples.len() - 1];
    let changed_at = samples
        .windows(2)
        .rev()
        .find(|pair| pair[0].price != pair[1].price)
        .map_or(samples[0].at, |pair| pair[1].at);
    Volatility::Measured {
        cv_bps,
        robust_cv_bps: robust_coefficient_bps(prices),
        largest_step_bps,
        unchanged_for: last.at.since(changed_at),
    }
}

/// Standard deviation of the population, divided by its mean.
fn coefficient_bps(prices: &[u128]) -> u32 {
    let count = prices.len() as u128;
    let sum: u128 = prices.iter().sum();
    // Everything is multiplied by the count, so that the mean needs no rounding.
    let squares: u128 = prices
        .iter()
        .map(|price| {
            let distance = (price * count).abs_diff(sum);
            distance.saturating_mul(distance) / count
        })
        .fold(0, u128::saturating_add);
    bps(squares.isqrt(), sum)
}

/// 1.4826 × median absolute deviation, divided by the median.
fn robust_coefficient_bps(mut prices: Vec<u128>) -> u32 {
    let middle = median(&mut prices);
    let mut distances: Vec<u128> = prices.iter().map(|price| price.abs_diff(middle)).collect();
    let deviation = median(&mut distances);
    bps(deviation.saturating_mul(14_826) / 10_000, middle)
}

fn median(numbers: &mut [u128]) -> u128 {
    numbers.sort_unstable();
    let middle = numbers.len() / 2;
    if numbers.len().is_multiple_of(2) {
        (numbers[middle - 1] + numbers[middle]) / 2
    } else {
        numbers[middle]
    }
}

fn bps(part: u128, whole: u128) -> u32 {
    let bps = part.saturating_mul(10_000).checked_div(whole).unwrap_or(0);
    u32::try_from(bps).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Sample, Volatility, volatility};
    use crate::money::Usd;
    use crate::time::{Seconds, UnixSeconds};

    fn samples(micros: &[u64]) -> Vec<Sample> {
        (0_u64..)
            .zip(micros)
            .map(|(minute, micros)| Sample {
                at: UnixSeconds(minute * 60),
                price: Usd::from_micros(*micros),
            })
            .collect()
    }

    #[test]
    fn eleven_samples_are_too_few() {
        let eleven = samples(&[1_000_000; 11]);
        assert_eq!(volatility(&eleven), Volatility::Collecting { samples: 11 });
        assert_eq!(volatility(&[]), Volatility::Collecting { samples: 0 });
    }

    #[test]
    fn a_price_that_never_moves_is_administered_not_stable() {
        assert_eq!(
            volatility(&samples(&[1_234_567; 12])),
            Volatility::Administered
        );
    }

    #[test]
    fn a_moving_price_shows_its_coefficient_of_variation() {
        // Six at 1, six at 3: mean 2, deviation 1, so a half.
        let mut micros = [1_000_000_u64; 12];
        micros[6..].fill(3_000_000);
        assert_eq!(
            volatility(&samples(&micros)),
            Volatility::Measured {
                cv_bps: 5000,
                robust_cv_bps: 7413,
                largest_step_bps: 20_000,
                unchanged_for: Seconds(300),
            }
        );
    }

    proptest! {
        #[test]
        fn order_and_currency_unit_do_not_matter(
            mut micros in prop::collection::vec(1_000_000_u64..9_000_000, 12..40),
            factor in 2_u64..9,
        ) {
            let taken = samples(&micros);
            let mut reversed = taken.clone();
            reversed.reverse();
            prop_assert_eq!(volatility(&taken), volatility(&reversed));
            for price in &mut micros {
                *price *= factor;
            }
            let (Volatility::Measured { cv_bps: one, .. }, Volatility::Measured { cv_bps: other, .. }) =
                (volatility(&taken), volatility(&samples(&micros)))
            else {
                return Ok(());
            };
            prop_assert!(one.abs_diff(other) <= 1);
        }
    }
}
