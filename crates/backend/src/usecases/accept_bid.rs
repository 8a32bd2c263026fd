//! Accepts the bids that the buyer picked.

use domain::akash::{Bid, BidId};
use domain::deployment::{AcceptedBids, Event, State};
use domain::ids::OrderId;
use domain::journey::OrderView;
use domain::routing::RankedBid;

use crate::Backend;
use crate::error::UsecaseError;
use crate::orders::changes::{self, owned};
use crate::orders::order::Order;
use crate::orders::order_view::view;
use crate::orders::ranked_bids::ranked_bids;
use crate::storage::bids;
use crate::visitor::Visitor;

/// Accepts one bid for each group.
///
/// # Errors
/// [`UsecaseError::Conflict`] with the reason if bids are no longer collected or a bid cannot be
/// accepted; [`UsecaseError::Invalid`] if a group has no bid.
pub async fn accept_bid(
    backend: &Backend,
    visitor: &Visitor,
    id: OrderId,
    picked: Vec<BidId>,
) -> Result<OrderView, UsecaseError> {
    owned(backend, visitor, id).await?;
    let seen = bids::of(&mut backend.storage().read().await?, id).await?;
    let order = changes::edit(backend, id, |order| {
        let ranked = ranked_bids(order, seen.clone());
        let bids = chosen(order, &ranked, &picked)?;
        let at = backend.ports().clock.now();
        Ok(vec![Event::BidAccepted {
            accepted: AcceptedBids { bids, at },
        }])
    })
    .await?;
    view(backend, order).await
}

/// Returns the picked bids if they may be accepted together.
fn chosen(order: &Order, ranked: &[RankedBid], picked: &[BidId]) -> Result<Vec<Bid>, UsecaseError> {
    let State::Bidding { paid, opened, .. } = &order.state else {
        return Err(UsecaseError::Conflict(
            "Bids can be accepted only while they are collected; a bid was taken or the time is \
             over."
                .to_owned(),
        ));
    };
    let mut bids = Vec::new();
    for group in 1..=opened.groups {
        let mut of_group = picked.iter().filter(|id| id.gseq == group);
        let (Some(id), None) = (of_group.next(), of_group.next()) else {
            return Err(UsecaseError::Invalid(format!(
                "Pick exactly one bid for each of the {} groups of this deployment.",
                opened.groups
            )));
        };
        bids.push(acceptable(ranked, id)?);
    }
    if bids.len() != picked.len() {
        return Err(UsecaseError::Invalid(
            "One of the picked bids is for a group this deployment does not have.".to_owned(),
        ));
    }
    let price = bids.iter().map(|bid| bid.price).sum();
    if paid.quote.cap_per_block < price {
        return Err(UsecaseError::Conflict(format!(
            "These bids cost more together than your maximum of ${} an hour.",
            paid.quote.cap_per_hour
        )));
    }
    Ok(bids)
}

fn acceptable(ranked: &[RankedBid], id: &BidId) -> Result<Bid, UsecaseError> {
    let Some(found) = ranked.iter().find(|ranked| ranked.bid.id == *id) else {
        return Err(UsecaseError::Conflict(
            "There is no such bid on this deployment. Pick another.".to_owned(),
        ));
    };
    match &found.rejected {
        None => Ok(found.bid.clone()),
        Some(reason) => Err(UsecaseError::Conflict(format!(
            "This bid cannot be accepted: {reason}. Pick another."
        ))),
    }
}
