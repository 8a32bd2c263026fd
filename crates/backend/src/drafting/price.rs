//! The market's prices for a draft, and the limit that is written into it.

use domain::journey::ThinkingKind;
use domain::money::UactPerBlock;
use domain::pricing::{BlockTime, GpuPrice, block_price_within};
use domain::quote::{MarketView, quote};
use domain::requirements::Wish;
use domain::time::{Seconds, UnixSeconds};

use super::thoughts::Thoughts;
use crate::Backend;
use crate::market::estimate::{Estimate, EstimateError, Workload, caps, estimate};

/// The market's answers about prices.
#[derive(Debug)]
pub(super) struct Priced {
    pub(super) prices: Vec<GpuPrice>,
    pub(super) estimate: Estimate,
}

/// Asks the market for the prices of `workload`, and reports each line as a step.
pub(super) async fn price(
    backend: &Backend,
    workload: &Workload,
    thoughts: &mut Thoughts,
) -> Result<Priced, EstimateError> {
    let market = backend.ports().market.as_ref();
    let prices = if workload.gpus.is_empty() {
        Vec::new()
    } else {
        market.gpu_prices().await.map_err(EstimateError::Market)?
    };
    let estimate = estimate(market, &prices, workload).await?;
    for line in estimate.lines() {
        thoughts.add(
            ThinkingKind::Priced,
            format!("{}: ${} an hour.", line.what, line.usd_per_hour),
            Some(line.source),
        );
    }
    Ok(Priced { prices, estimate })
}

/// Returns the price limit to write into a draft: the cap that the quote will have, or the buyer's
/// own limit if it is below the market's prices.
pub(super) fn cap_to_write(
    wish: &Wish,
    duration: Seconds,
    workload: &Workload,
    estimate: &Estimate,
) -> Option<UactPerBlock> {
    let caps = caps(wish, workload, estimate).ok();
    // The number of possible hosts does not affect the cap, and the SDL has no cap of its own yet.
    let open = MarketView {
        lines: estimate.lines(),
        screened_providers: 1,
        sdl_cap: UactPerBlock::from_scaled(u128::MAX),
        observed_at: UnixSeconds(0),
    };
    let made = caps.and_then(|caps| quote(&open, duration, caps, open.observed_at).ok());
    match made {
        Some(quote) => Some(quote.cap_per_block),
        None => wish
            .max_per_hour
            .map(|limit| block_price_within(limit, BlockTime::CONSOLE)),
    }
}
