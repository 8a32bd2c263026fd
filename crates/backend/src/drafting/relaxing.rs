//! Finds out from the market which single change would let providers bid.

mod candidates;

use domain::journey::Relaxation;
use domain::pricing::GpuPrice;
use domain::requirements::{Requirements, Wish};
use futures::future::join_all;
use sdl::Dialect;

use super::price::cap_to_write;
use super::screening::screen;
use super::venue::{self, Venue};
use crate::market::estimate::{self, EstimateError, Workload};
use crate::ports::{ComputeMarket, MarketError};
use crate::{Backend, observe};
use candidates::{Candidate, Series};

/// Returns the single changes with which providers were found, most providers first. The kinds of
/// change are tried concurrently; amounts are lowered until one is small enough.
pub(super) async fn relaxations(
    backend: &Backend,
    wish: &Wish,
    requirements: &Requirements,
    prices: &[GpuPrice],
) -> Vec<Relaxation> {
    let candidates = candidates::candidates(wish, requirements, prices);
    let tried = Series::ALL.map(|series| {
        let of_series = candidates.iter().filter(move |one| one.series == series);
        try_in_order(backend, series, of_series, prices)
    });
    let mut found: Vec<Relaxation> = join_all(tried).await.into_iter().flatten().collect();
    found.sort_by_key(|relaxation| std::cmp::Reverse(relaxation.providers));
    found
}

/// Returns the single changes with which *more* providers are found than without, for an order that
/// received no bids although providers could have bid.
pub(crate) async fn more_hosts(
    backend: &Backend,
    wish: &Wish,
    requirements: &Requirements,
) -> Result<Vec<Relaxation>, MarketError> {
    let prices = backend.ports().market.gpu_prices().await?;
    let as_it_is = hosts(backend, wish, &prices).await?;
    let mut found = relaxations(backend, wish, requirements, &prices).await;
    found.retain(|relaxation| relaxation.providers > as_it_is);
    Ok(found)
}

async fn try_in_order(
    backend: &Backend,
    series: Series,
    candidates: impl Iterator<Item = &Candidate>,
    prices: &[GpuPrice],
) -> Vec<Relaxation> {
    let mut found = Vec::new();
    for candidate in candidates {
        match hosts(backend, &candidate.wish, prices).await {
            Ok(0) => {}
            Ok(providers) => {
                found.push(Relaxation {
                    title: candidate.title.clone(),
                    providers,
                    wish: candidate.wish.clone(),
                });
                if series.is_amount() {
                    break;
                }
            }
            // One failed suggestion must not hide the others.
            Err(error) => {
                observe::relaxation_not_tried(&error);
                break;
            }
        }
    }
    found
}

/// Returns how many providers could host `wish` at the market's prices.
async fn hosts(backend: &Backend, wish: &Wish, prices: &[GpuPrice]) -> Result<u32, MarketError> {
    let Ok((requirements, _)) = wish.complete() else {
        return Ok(0);
    };
    if matches!(
        venue::choose(&requirements, &backend.settings().akash_rules),
        Venue::Impossible { .. }
    ) {
        return Ok(0);
    }
    let market: &dyn ComputeMarket = backend.ports().market.as_ref();
    let workload = Workload::of_requirements(&requirements);
    let estimate = match estimate::estimate(market, prices, &workload).await {
        Ok(estimate) => estimate,
        Err(EstimateError::NoPrice(_)) => return Ok(0),
        Err(EstimateError::Market(error)) => return Err(error),
    };
    let cap = cap_to_write(wish, requirements.duration, &workload, &estimate);
    let text = sdl::generate(&requirements, cap);
    match sdl::derive(&text, Dialect::Console) {
        Ok(derived) => Ok(screen(
            backend,
            &derived.groups,
            requirements.region,
            &requirements.providers,
        )
        .await?
        .count),
        Err(_) => Ok(0),
    }
}
