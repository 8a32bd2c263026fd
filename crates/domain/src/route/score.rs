//! The score of an offer that fits: a weighted mean of its known factors, lowered by the unknown ones.

use serde::{Deserialize, Serialize};

use crate::money::Usd;
use crate::offers::{Availability, Offer};
use crate::requirements::Priority;

/// A factor of the score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Factor {
    /// Cost of the cheapest fitting offer, divided by the cost of this one.
    Price,
    /// Free capacity.
    Availability,
    /// Share of the last days in which it was up.
    Uptime,
    /// Round trip time.
    Latency,
    /// Completed bookings.
    Reputation,
    /// Rarity of interruptions.
    Risk,
}

impl Factor {
    /// Every factor, in the order of display.
    pub const ALL: [Self; 6] = [
        Self::Price,
        Self::Availability,
        Self::Uptime,
        Self::Latency,
        Self::Reputation,
        Self::Risk,
    ];

    /// Name of the factor in JSON.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Price => "price",
            Self::Availability => "availability",
            Self::Uptime => "uptime",
            Self::Latency => "latency",
            Self::Reputation => "reputation",
            Self::Risk => "risk",
        }
    }
}

/// Weight of each factor, in hundredths of a per cent; together 10,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Weights([u32; 6]);

impl Weights {
    /// Weights in the order of [`Factor::ALL`]; `None` unless they sum to 10,000.
    #[must_use]
    pub fn new(weights: [u32; 6]) -> Option<Self> {
        let sum = weights.iter().try_fold(0_u32, |sum, w| sum.checked_add(*w));
        (sum == Some(10_000)).then_some(Self(weights))
    }

    /// The weights for a priority.
    #[must_use]
    pub const fn of(priority: Priority) -> Self {
        Self(match priority {
            Priority::Price => [6000, 1500, 1000, 500, 500, 500],
            Priority::Latency => [2000, 1500, 1000, 4500, 500, 500],
            Priority::Uptime => [2000, 1500, 3500, 300, 1500, 1200],
            Priority::Performance => [3000, 2500, 1500, 1000, 1000, 1000],
        })
    }

    /// The weight of one factor.
    #[must_use]
    pub const fn get(self, factor: Factor) -> u32 {
        self.0[factor as usize]
    }
}

/// The factor that must be known for an offer to match a priority; `None` if there is none.
pub(super) const fn leading(priority: Priority) -> Option<Factor> {
    match priority {
        Priority::Price => Some(Factor::Price),
        Priority::Latency => Some(Factor::Latency),
        Priority::Uptime => Some(Factor::Uptime),
        Priority::Performance => None,
    }
}

/// One factor's share in a score.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// Factor that the share is of.
    pub factor: Factor,
    /// Weight of the factor, in hundredths of a per cent.
    pub weight_bps: u32,
    /// Value of the factor, from 0 to 10,000; `None` if it was not measured.
    pub value_bps: Option<u32>,
}

/// A score with its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Score {
    /// Score from 0 to 10,000: the weighted mean of the known parts, of which unknown parts count
    /// [`UNKNOWN_BPS`]. Only an offer with every factor known can reach 10,000.
    pub score_bps: u32,
    /// Confidence from 0 to 10,000: the combined weight of the known parts.
    pub confidence_bps: u32,
    /// Share of every factor, in the order of [`Factor::ALL`].
    pub parts: Vec<Part>,
}

/// Value of an unknown part as a share of the mean of the known ones, in hundredths of a per cent: an
/// unmeasured factor is neither as good as a measured one, nor worthless.
pub const UNKNOWN_BPS: u32 = 5_000;

impl Score {
    /// Whether only the price is known.
    #[must_use]
    pub fn knows_only_the_price(&self) -> bool {
        let mut known = self.parts.iter().filter(|part| part.value_bps.is_some());
        known.all(|part| part.factor == Factor::Price)
    }

    /// Whether no fitting offer costs less.
    #[must_use]
    pub fn is_cheapest(&self) -> bool {
        let price = self.parts.iter().find(|part| part.factor == Factor::Price);
        price.is_some_and(|part| part.value_bps == Some(10_000))
    }

    /// The score for display, with the share of it that is known.
    #[must_use]
    pub fn in_words(&self) -> String {
        let score = self.score_bps / 100;
        if self.confidence_bps >= 10_000 {
            return format!("Score {score} of 100.");
        }
        if self.knows_only_the_price() {
            let known = if self.is_cheapest() {
                "Cheapest; nothing else is known of it."
            } else {
                "Nothing besides its price is known of it."
            };
            return format!("{known} Score {score} of 100.");
        }
        format!(
            "Score {score} of 100; {} % of what counts is known, and what is not known counts half.",
            self.confidence_bps / 100
        )
    }

    /// Whether `factor` is known.
    #[must_use]
    pub fn knows(&self, factor: Factor) -> bool {
        self.parts
            .iter()
            .any(|part| part.factor == factor && part.value_bps.is_some())
    }
}

/// Scores `offer`, which costs `cost` per hour, while the cheapest that fits costs `cheapest`.
pub(super) fn score(
    offer: &Offer,
    cost: Usd,
    cheapest: Usd,
    wanted: u32,
    weights: Weights,
) -> Score {
    let parts: Vec<Part> = Factor::ALL
        .into_iter()
        .map(|factor| Part {
            factor,
            weight_bps: weights.get(factor),
            value_bps: match factor {
                Factor::Price => ratio_bps(cheapest, cost),
                Factor::Availability => availability_bps(offer.availability, wanted),
                Factor::Uptime => offer.record.uptime_bps.map(|bps| bps.min(10_000)),
                Factor::Latency => offer.record.latency_ms.map(latency_bps),
                Factor::Reputation => offer.record.reputation_bps.map(|bps| bps.min(10_000)),
                Factor::Risk => risk_bps(offer),
            },
        })
        .collect();
    let known = || {
        parts
            .iter()
            .filter_map(|part| Some((part.weight_bps, part.value_bps?)))
    };
    let confidence_bps: u32 = known().map(|(weight, _)| weight).sum();
    let weighted: u64 = known()
        .map(|(weight, value)| u64::from(weight) * u64::from(value))
        .sum();
    // The mean of the known parts, times the known weight plus half of the unknown weight.
    let counting = 10_000 * confidence_bps + UNKNOWN_BPS * (10_000 - confidence_bps);
    let score = (weighted * u64::from(counting))
        .checked_div(u64::from(confidence_bps) * 100_000_000)
        .unwrap_or(0);
    Score {
        score_bps: u32::try_from(score).unwrap_or(10_000),
        confidence_bps,
        parts,
    }
}

fn ratio_bps(part: Usd, whole: Usd) -> Option<u32> {
    let bps = (u128::from(part.micros()) * 10_000).checked_div(u128::from(whole.micros()))?;
    Some(u32::try_from(bps).unwrap_or(u32::MAX).min(10_000))
}

/// “Available” without a number counts as known only if it certainly suffices.
const fn availability_bps(availability: Availability, wanted: u32) -> Option<u32> {
    match availability {
        Availability::Free(free) if free >= wanted => Some(10_000),
        Availability::Free(_) | Availability::None => Some(0),
        Availability::Some if wanted <= 1 => Some(10_000),
        Availability::Some | Availability::Unknown => None,
    }
}

/// Full score up to 20 ms, zero from 320 ms, linear between.
const fn latency_bps(millis: u32) -> u32 {
    let slow = millis.saturating_sub(20);
    if slow >= 300 {
        0
    } else {
        10_000 - slow * 10_000 / 300
    }
}

/// Known only if interruptions were measured: missing data does not mean low risk.
fn risk_bps(offer: &Offer) -> Option<u32> {
    let band = offer.record.interruption.as_ref()?;
    Some(10_000 - band.midpoint_bps.min(10_000))
}
