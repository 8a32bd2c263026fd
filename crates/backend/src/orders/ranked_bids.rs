//! The bids on an order, sorted by preference.

use std::collections::BTreeSet;

use domain::akash::ProviderAddress;
use domain::requirements::Priority;
use domain::routing::{BidFloor, RankedBid, rank_bids};

use super::order::Order;
use crate::storage::bids::SeenBid;

/// The requirements for bids on this order; `None` before there is a price.
fn floor_of(order: &Order) -> Option<BidFloor> {
    let quote = order.state.quote()?;
    let requirements = order.requirements.as_ref();
    Some(BidFloor {
        cap: quote.cap_per_block,
        region: requirements.and_then(|wanted| wanted.region),
        providers: chosen_providers(order),
        priority: requirements.map_or(Priority::Price, |wanted| wanted.priority),
    })
}

/// The providers whose bids are considered; empty if any provider's are.
pub(crate) fn chosen_providers(order: &Order) -> BTreeSet<ProviderAddress> {
    let requirements = order.requirements.as_ref();
    requirements.map_or_else(BTreeSet::new, |wanted| wanted.providers.clone())
}

/// Returns an order's bids, sorted, each with the reason why it cannot be accepted, if any.
pub(crate) fn ranked_bids(order: &Order, seen: Vec<SeenBid>) -> Vec<RankedBid> {
    match floor_of(order) {
        Some(floor) => rank_bids(seen.into_iter().map(|seen| seen.bid).collect(), &floor),
        None => Vec::new(),
    }
}
