//! The last bids behind Akash's price statistics, as `?debug=true` returns them.

use serde_json::{Value, json};

use super::Tide;
use crate::clock::{BLOCK_MS, Moment, iso_date};
use crate::providers::{Gpu, Provider};
use crate::world::World;

/// Blocks per hour in the Console's calculations.
const BLOCKS_PER_HOUR: u128 = 600;

/// A kind of GPU at one provider, with the number of free ones and its usual hourly price.
pub(crate) struct Stand<'a> {
    pub(crate) provider: &'a Provider,
    pub(crate) gpu: &'a Gpu,
    pub(crate) available: u64,
    pub(crate) hourly_micro_usd: u128,
}

/// Returns each provider's best recent bid for one GPU of a kind.
pub(crate) fn best_bids(world: &World, now: Moment, stands: &[Stand<'_>]) -> Vec<Value> {
    let tide = Tide::at(world.seed, now);
    stands
        .iter()
        .map(|stand| best_bid(tide, now, stand))
        .collect()
}

fn best_bid(tide: Tide, now: Moment, stand: &Stand<'_>) -> Value {
    let Stand { provider, gpu, .. } = stand;
    let label = format!("akash {} {}", provider.name, gpu.model);
    let usual = u64::try_from(stand.hourly_micro_usd).unwrap_or(u64::MAX);
    let hourly = u128::from(tide.price(&label, usual, 40));
    // Six decimals of a uact, as in bids.
    let per_block = hourly * 1_000_000 / BLOCKS_PER_HOUR;
    let amount = crate::amount::six_decimals(per_block);
    let age_ms = tide.dice(&["bid age", &label]).between(2, 90) * 60_000;
    let at_ms = now.console_ms.saturating_sub(age_ms);
    json!({
        "provider": {
            "owner": provider.address, "hostUri": provider.host_uri(),
            "allocated": gpu.count - stand.available, "allocatable": gpu.count,
        },
        "bestBid": {
            "height": now.height().saturating_sub(age_ms / BLOCK_MS),
            "txHash": format!("{:064X}", tide.dice(&["bid hash", &label]).next()),
            "datetime": iso_date(at_ms),
            "hourlyPrice": crate::amount::usd(hourly),
            "data": { "price": { "denom": "uact", "amount": amount } },
        },
    })
}
