//! Plausible prices of each card. A row outside the bounds is an error of its source, and one such row at
//! the top of a table spoils all the others.

use crate::money::Usd;
use crate::resources::GpuModel;

/// Lowest and highest plausible cost of one card for one hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PriceBounds {
    /// Lowest plausible price of one card for one hour.
    pub least: Usd,
    /// Highest plausible price of one card for one hour.
    pub most: Usd,
}

/// Bounds in thousandths of a dollar.
const fn bounds(least_mills: u64, most_mills: u64) -> PriceBounds {
    PriceBounds {
        least: Usd::from_micros(least_mills * 1000),
        most: Usd::from_micros(most_mills * 1000),
    }
}

/// Bounds of a card without its own.
const ANY: PriceBounds = bounds(2, 60_000);

/// Narrower bounds for the most popular cards, by the prefix of the model's name. The first match counts,
/// so longer names stand before shorter ones.
#[rustfmt::skip]
const BY_MODEL: &[(&str, PriceBounds)] = &[
    ("gb200", bounds(500, 60_000)), ("gb300", bounds(500, 60_000)),
    ("b300", bounds(500, 50_000)), ("b200", bounds(500, 40_000)), ("b100", bounds(500, 40_000)),
    ("gh200", bounds(200, 25_000)), ("h200", bounds(200, 25_000)), ("h100", bounds(200, 25_000)),
    ("h800", bounds(200, 25_000)), ("h20", bounds(100, 15_000)),
    ("a100", bounds(100, 15_000)), ("a800", bounds(100, 15_000)),
    ("mi3", bounds(200, 30_000)),
    ("l40", bounds(50, 10_000)), ("l4", bounds(30, 5_000)),
    ("a10", bounds(30, 6_000)), ("a40", bounds(30, 6_000)), ("v100", bounds(20, 6_000)),
    ("rtxpro6000", bounds(100, 15_000)),
    ("rtx5090", bounds(50, 6_000)), ("rtx4090", bounds(50, 5_000)), ("rtx3090", bounds(20, 3_000)),
    ("rtx", bounds(5, 8_000)), ("gtx", bounds(2, 2_000)),
];

impl PriceBounds {
    /// Bounds of a model.
    #[must_use]
    pub fn of(model: &GpuModel) -> Self {
        BY_MODEL
            .iter()
            .find(|(start, _)| model.as_str().starts_with(start))
            .map_or(ANY, |(_, bounds)| *bounds)
    }

    /// Bounds of a card that Necto does not know.
    #[must_use]
    pub const fn of_anything() -> Self {
        ANY
    }

    /// Whether `price` is within the bounds.
    #[must_use]
    pub fn contains(self, price: Usd) -> bool {
        (self.least..=self.most).contains(&price)
    }
}

#[cfg(test)]
mod tests {
    use super::PriceBounds;
    use crate::money::Usd;

    #[test]
    fn a_cent_for_an_h100_is_a_mistake_and_two_dollars_are_not() {
        let bounds = PriceBounds::of(&"h100".parse().unwrap());
        assert!(!bounds.contains(Usd::from_micros(10_000)));
        assert!(bounds.contains(Usd::from_micros(2_000_000)));
        assert!(!bounds.contains(Usd::from_micros(26_000_000)));
        let small = PriceBounds::of(&"rtx3060".parse().unwrap());
        assert!(small.contains(Usd::from_micros(32_700)));
    }
}
