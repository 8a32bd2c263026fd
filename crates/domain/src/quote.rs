//! A quote: the probable cost of a workload, its maximum cost, its duration, and the amount set aside for
//! it. Everywhere these amounts have the same names and the same source: *expected* ≤ *maximum* ≤ *set
//! aside*.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::escrow::ScaledRate;
use crate::money::{TokenAmount, UactPerBlock, Usd};
use crate::pricing::{BlockTime, block_price_within, rate_per_second, usd_per_hour};
use crate::time::{Seconds, UnixSeconds};

/// One line of the estimate: a resource, its amount, and its price per hour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CostLine {
    /// Resource and amount: "2 × h100", "CPU, memory and storage".
    pub what: String,
    /// Typical price per hour.
    pub usd_per_hour: Usd,
    /// Origin of the figure: "median of recent Akash bids".
    pub source: String,
}

/// Market data gathered before a quote is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarketView {
    /// The estimate, line by line.
    pub lines: Vec<CostLine>,
    /// Number of providers that could host it, according to the screening.
    pub screened_providers: u32,
    /// The most that the SDL itself allows for everything, per block.
    pub sdl_cap: UactPerBlock,
    /// Unix time at which the market was queried.
    pub observed_at: UnixSeconds,
}

/// Limits set by the buyer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Caps {
    /// Most the buyer pays for one hour; `None` for no limit.
    pub max_per_hour: Option<Usd>,
    /// Most the buyer pays in all; `None` for no limit.
    pub budget: Option<Usd>,
}

/// A firm offer to the buyer until it expires.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote {
    /// The typical cost per hour, from market data.
    pub typical_per_hour: Usd,
    /// The cap: no bid above it is accepted.
    pub cap_per_hour: Usd,
    /// The cap as a block price, which bids are compared with.
    pub cap_per_block: UactPerBlock,
    /// The cap as the escrow's maximum rate.
    pub max_rate: ScaledRate,
    /// Run time that the quote covers.
    pub duration: Seconds,
    /// Amount that the buyer deposits: the cap for the whole duration.
    pub deposit: TokenAmount,
    /// Lines that the estimate is made of.
    pub lines: Vec<CostLine>,
    /// Number of providers that could host it when it was quoted.
    pub screened_providers: u32,
    /// Unix time at which the quote was made.
    pub quoted_at: UnixSeconds,
    /// Unix time until which the quote can be funded.
    pub expires_at: UnixSeconds,
}

impl Quote {
    /// Probable cost of one hour: the typical price, or the maximum if that is lower.
    #[must_use]
    pub fn expected_per_hour(&self) -> Usd {
        self.typical_per_hour.min(self.cap_per_hour)
    }

    /// Probable cost of the whole duration.
    #[must_use]
    pub fn expected(&self) -> TokenAmount {
        ScaledRate::from_usd_per_hour(self.typical_per_hour)
            .min(self.max_rate)
            .accrued_over(self.duration)
    }

    /// Maximum cost of the whole duration.
    #[must_use]
    pub fn maximum(&self) -> TokenAmount {
        self.max_rate.accrued_over(self.duration)
    }

    /// Explains how the SDL's own price limit, `allowed` per block for everything, relates to the cap on
    /// bids. Only one of the two takes effect, and the text names it.
    #[must_use]
    pub fn limits_in_words(&self, allowed: UactPerBlock) -> String {
        let accepted = self.cap_per_hour;
        let both = if allowed > self.cap_per_block {
            let allowed = usd_per_hour(allowed, BlockTime::CONSOLE);
            format!("The SDL allows ${allowed} an hour; Necto accepts bids up to ${accepted}.")
        } else {
            format!("The SDL allows ${accepted} an hour, and no bid above that is accepted.")
        };
        if self.typical_per_hour <= accepted {
            return both;
        }
        format!(
            "{both} That is below the expected ${}, so it may be that nobody bids: raise the amounts \
             under pricing, or your limit.",
            self.typical_per_hour
        )
    }

    /// Explains recent bids, from `least` to `most` per hour, in relation to this quote's maximum.
    #[must_use]
    pub fn range_in_words(&self, least: Usd, most: Usd) -> String {
        let maximum = self.cap_per_hour;
        let range = format!("Recent bids were between ${least} and ${most} an hour.");
        if most <= maximum {
            range
        } else if least > maximum {
            format!(
                "{range} All of them were above your maximum of ${maximum}, so it may be that nobody bids."
            )
        } else {
            format!("{range} Those above your maximum of ${maximum} are not accepted.")
        }
    }
}

/// Reason why there is no quote.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum QuoteError {
    /// No provider can host it; no money is taken.
    #[error(
        "No provider can host this right now, so nothing was charged. Relax a constraint and try again."
    )]
    NoProviders,
    /// The market has no price for a part of it.
    #[error(
        "The market has no current price for {0}. Choose another GPU or try again in a few minutes."
    )]
    NoPrice(String),
    /// The buyer's hourly limit is below the usual cost.
    #[error(
        "Your limit of ${limit} an hour is below the expected ${typical} for this. Raise the limit or ask for less."
    )]
    AboveHourlyLimit {
        /// The buyer's limit.
        limit: Usd,
        /// The expected price.
        typical: Usd,
    },
    /// The budget does not cover the duration.
    #[error(
        "${budget} lasts about {lasts} at the expected ${typical} an hour. Shorten the duration or raise the budget."
    )]
    AboveBudget {
        /// The buyer's budget.
        budget: Usd,
        /// The expected price per hour.
        typical: Usd,
        /// Time that the budget lasts, in words.
        lasts: String,
    },
}

/// Headroom of bids above the typical price, in per cent: bids vary by some 15 % around it.
const HEADROOM_PERCENT: u64 = 30;
/// Minimum headroom per hour: the fixed parts of a lease (endpoints, a public address) are included in bids
/// but not in market data, and matter most in the smallest orders.
const LEAST_HEADROOM_PER_HOUR: Usd = Usd::from_micros(20_000);
/// Validity of a quote.
pub const VALID_FOR: Seconds = Seconds::minutes(15);

/// Makes a quote.
///
/// The cap is the typical price with headroom, but never above the SDL's own cap, the buyer's hourly limit,
/// or what the budget allows over the duration.
///
/// # Errors
/// See [`QuoteError`]; in each case no money is requested.
pub fn quote(
    market: &MarketView,
    duration: Seconds,
    caps: Caps,
    now: UnixSeconds,
) -> Result<Quote, QuoteError> {
    if market.screened_providers == 0 {
        return Err(QuoteError::NoProviders);
    }
    let typical = market
        .lines
        .iter()
        .map(|line| line.usd_per_hour)
        .sum::<Usd>();
    if let Some(limit) = caps.max_per_hour.filter(|limit| *limit < typical) {
        return Err(QuoteError::AboveHourlyLimit { limit, typical });
    }
    let budget_per_hour = caps.budget.map(|budget| per_hour_of(budget, duration));
    if let (Some(budget), Some(per_hour)) = (caps.budget, budget_per_hour)
        && per_hour < typical
    {
        let seconds = budget.micros().saturating_mul(3600) / typical.micros().max(1);
        return Err(QuoteError::AboveBudget {
            budget,
            typical,
            lasts: Seconds(seconds).in_words(),
        });
    }
    let with_headroom = typical
        .scaled_up(100 + HEADROOM_PERCENT, 100)
        .max(typical + LEAST_HEADROOM_PER_HOUR);
    let wanted = [Some(with_headroom), caps.max_per_hour, budget_per_hour];
    let cap = wanted.into_iter().flatten().min().unwrap_or(with_headroom);
    let cap_per_block = block_price_within(cap, BlockTime::CONSOLE).min(market.sdl_cap);
    let max_rate = rate_per_second(cap_per_block, BlockTime::CONSOLE);
    Ok(Quote {
        typical_per_hour: typical,
        cap_per_hour: usd_per_hour(cap_per_block, BlockTime::CONSOLE),
        cap_per_block,
        max_rate,
        duration,
        deposit: max_rate.required_deposit(duration),
        lines: market.lines.clone(),
        screened_providers: market.screened_providers,
        quoted_at: now,
        expires_at: now.after(VALID_FOR),
    })
}

fn per_hour_of(budget: Usd, duration: Seconds) -> Usd {
    let micros = u128::from(budget.micros()) * 3600 / u128::from(duration.0.max(1));
    Usd::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Caps, CostLine, MarketView, QuoteError, quote};
    use crate::money::{UactPerBlock, Usd};
    use crate::time::{Seconds, UnixSeconds};

    fn market(usd: &str) -> MarketView {
        MarketView {
            lines: vec![CostLine {
                what: "everything".to_owned(),
                usd_per_hour: usd.parse().unwrap(),
                source: "test".to_owned(),
            }],
            screened_providers: 3,
            sdl_cap: UactPerBlock::from_whole(1_000_000),
            observed_at: UnixSeconds(0),
        }
    }

    #[test]
    fn the_deposit_is_the_cap_for_the_whole_duration() {
        let quote = quote(
            &market("0.60"),
            Seconds::hours(10),
            Caps::default(),
            UnixSeconds(5),
        )
        .unwrap();
        assert_eq!(quote.cap_per_block, UactPerBlock::from_whole(1300));
        assert_eq!(quote.cap_per_hour.to_string(), "0.78");
        assert_eq!(quote.deposit.to_string(), "7.80");
        assert_eq!(quote.expires_at, UnixSeconds(905));
    }

    #[test]
    fn a_small_order_leaves_room_for_the_fixed_parts_of_a_lease() {
        let quote = quote(
            &market("0.004"),
            Seconds::hours(1),
            Caps::default(),
            UnixSeconds(0),
        );
        assert_eq!(quote.unwrap().cap_per_hour.to_string(), "0.024");
    }

    #[test]
    fn the_sdl_s_own_cap_is_never_exceeded() {
        let view = MarketView {
            sdl_cap: UactPerBlock::from_whole(1100),
            ..market("0.60")
        };
        let quote = quote(&view, Seconds::hours(1), Caps::default(), UnixSeconds(0)).unwrap();
        assert_eq!(quote.cap_per_block, UactPerBlock::from_whole(1100));
    }

    #[test]
    fn the_buyer_s_limits_bind_or_explain() {
        let caps = Caps {
            max_per_hour: Some("0.65".parse().unwrap()),
            budget: None,
        };
        let made = quote(&market("0.60"), Seconds::hours(1), caps, UnixSeconds(0)).unwrap();
        assert!(made.cap_per_hour <= Usd::from_micros(650_000));
        let caps = Caps {
            max_per_hour: Some("0.50".parse().unwrap()),
            budget: None,
        };
        let error = quote(&market("0.60"), Seconds::hours(1), caps, UnixSeconds(0)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "Your limit of $0.50 an hour is below the expected $0.60 for this. Raise the limit or ask for less."
        );
        let caps = Caps {
            max_per_hour: None,
            budget: Some("3".parse().unwrap()),
        };
        let error = quote(&market("0.60"), Seconds::hours(10), caps, UnixSeconds(0)).unwrap_err();
        assert!(error.to_string().contains("lasts about 5 h"), "{error}");
        let made = quote(&market("0.60"), Seconds::hours(5), caps, UnixSeconds(0)).unwrap();
        assert!(made.deposit.micros() <= 3_000_000);
    }

    #[test]
    fn one_cap_is_named_as_the_one_that_counts() {
        let made = |usd: &str, allowed: u64| {
            let view = MarketView {
                sdl_cap: UactPerBlock::from_whole(allowed),
                ..market(usd)
            };
            let made = quote(&view, Seconds::hours(1), Caps::default(), UnixSeconds(0));
            made.unwrap().limits_in_words(view.sdl_cap)
        };
        assert_eq!(
            made("0.0004", 1000),
            "The SDL allows $0.60 an hour; Necto accepts bids up to $0.0204."
        );
        assert_eq!(
            made("0.60", 1100),
            "The SDL allows $0.66 an hour, and no bid above that is accepted."
        );
        assert_eq!(
            made("0.60", 500),
            "The SDL allows $0.30 an hour, and no bid above that is accepted. That is below the \
             expected $0.60, so it may be that nobody bids: raise the amounts under pricing, or \
             your limit."
        );
    }

    #[test]
    fn a_range_above_the_maximum_is_never_left_without_a_word() {
        let made = quote(
            &market("2.50"),
            Seconds::hours(1),
            Caps::default(),
            UnixSeconds(0),
        )
        .unwrap();
        let words = |least: &str, most: &str| {
            made.range_in_words(least.parse().unwrap(), most.parse().unwrap())
        };
        let maximum = made.cap_per_hour;
        assert!(words("1", "3").ends_with("between $1.00 and $3.00 an hour."));
        assert!(words("1", "5").ends_with(&format!(
            "Those above your maximum of ${maximum} are not accepted."
        )));
        assert!(words("4", "5").contains("it may be that nobody bids"));
    }

    proptest! {
        #[test]
        fn expected_is_at_most_maximum_is_at_most_set_aside(
            typical in 0_u64..500_000_000,
            sdl_cap in 1_u64..10_000_000,
            seconds in 1_u64..40_000_000,
            most in proptest::option::of(1_u64..600_000_000),
            budget in proptest::option::of(1_u64..600_000_000_000),
        ) {
            let view = MarketView {
                sdl_cap: UactPerBlock::from_whole(sdl_cap),
                ..market(&Usd::from_micros(typical).to_string())
            };
            let caps = Caps {
                max_per_hour: most.map(Usd::from_micros),
                budget: budget.map(Usd::from_micros),
            };
            if let Ok(made) = quote(&view, Seconds(seconds), caps, UnixSeconds(0)) {
                prop_assert!(made.expected() <= made.maximum(), "{made:?}");
                prop_assert!(made.maximum() <= made.deposit, "{made:?}");
                prop_assert!(made.expected_per_hour() <= made.cap_per_hour, "{made:?}");
                // The amount set aside is the maximum, rounded up to the next micro-dollar.
                prop_assert!(made.deposit.saturating_sub(made.maximum()).micros() <= 1);
                let said = made.limits_in_words(view.sdl_cap);
                let names_maximum = said.contains(&format!("${}", made.cap_per_hour));
                prop_assert!(names_maximum, "{said}");
            }
        }
    }

    #[test]
    fn without_providers_there_is_no_quote() {
        let view = MarketView {
            screened_providers: 0,
            ..market("0.60")
        };
        let error = quote(&view, Seconds::hours(1), Caps::default(), UnixSeconds(0)).unwrap_err();
        assert_eq!(error, QuoteError::NoProviders);
    }
}
