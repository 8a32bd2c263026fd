//! Finds changes that would have brought bids to an order that received none, and orders with one
//! of them.

use domain::deployment::{CloseReason, State};
use domain::ids::OrderId;
use domain::journey::{OrderView, Relaxation, SdlSource};
use domain::requirements::Wish;

use super::change_wish;
use super::redeploy::draft_again;
use crate::Backend;
use crate::drafting::more_hosts;
use crate::error::UsecaseError;
use crate::orders::changes::owned;
use crate::visitor::Visitor;

/// Returns the single changes with which more providers could host an order that ended without
/// bids, given the current market. Empty for every other order, and if the SDL is the buyer's own:
/// its demands can only be changed in the SDL itself.
///
/// # Errors
/// [`UsecaseError::NotFound`] for another owner's order, and an error if Akash does not answer.
pub async fn relaxations(
    backend: &Backend,
    visitor: &Visitor,
    id: OrderId,
) -> Result<Vec<Relaxation>, UsecaseError> {
    let order = owned(backend, visitor, id).await?;
    let State::Settled { receipt } = &order.state else {
        return Ok(Vec::new());
    };
    let (CloseReason::NoBids, SdlSource::Generated, Some(requirements)) =
        (&receipt.why, order.sdl_source, &order.requirements)
    else {
        return Ok(Vec::new());
    };
    Ok(more_hosts(backend, &order.wish, requirements).await?)
}

/// Makes a new draft from an order that is over, with one change, and prices it at today's market.
/// This pays nothing.
///
/// # Errors
/// As [`redeploy`](super::redeploy()) and [`change_wish`](super::change_wish()).
pub async fn redeploy_relaxed(
    backend: &Backend,
    visitor: &Visitor,
    id: OrderId,
    wish: Wish,
) -> Result<OrderView, UsecaseError> {
    let fresh = draft_again(backend, visitor, id).await?;
    change_wish(backend, visitor, fresh, wish).await
}

#[cfg(test)]
mod tests {
    use domain::deployment::Acceptance;
    use domain::ids::OrderId;
    use domain::requirements::{Region, Template, Wish};
    use domain::time::Seconds;

    use super::{redeploy_relaxed, relaxations};
    use crate::error::UsecaseError;
    use crate::fakes::World;
    use crate::fakes::market::provider;
    use crate::orders::changes;
    use crate::orders::order::OrderSecret;
    use crate::ports::ScreenedProvider;

    /// A paid Redis cache in the western US that receives no bids.
    async fn without_bids(world: &World) -> OrderId {
        world.market.script(|script| {
            script.bidders.clear();
            script.screened.push(ScreenedProvider {
                address: provider("abroad"),
                region: Some("eu-west".to_owned()),
                audited: true,
            });
        });
        let wish = Wish {
            template: Some(Template::Redis),
            region: Some(Region::UsWest),
            duration: Some(Seconds::hours(1)),
            ..Wish::default()
        };
        let (requirements, _) = wish.complete().unwrap();
        let id = world.quoted(1).await;
        changes::edit(&world.backend, id, |order| {
            let fresh = OrderSecret::fresh(world.backend.ports().random.as_ref());
            order.take_generated(&sdl::generate(&requirements, None), &fresh);
            order.requirements = Some(requirements.clone());
            order.wish = wish.clone();
            Ok(Vec::new())
        })
        .await
        .unwrap();
        let terms = world.prepare(id, Acceptance::Automatic).await;
        world.chain.fund(&terms);
        world.until(id, "settled", 400).await;
        id
    }

    #[tokio::test]
    async fn what_nobody_bid_on_can_be_ordered_with_the_one_change_that_brings_providers() {
        let world = World::new().await;
        let id = without_bids(&world).await;
        let buyer = world.buyer();
        let found = relaxations(&world.backend, &buyer, id).await.unwrap();
        let told: Vec<_> = found
            .iter()
            .map(|one| (one.title.as_str(), one.providers))
            .collect();
        assert_eq!(told, [("Any region", 3)]);
        let wish = found[0].wish.clone();
        let again = redeploy_relaxed(&world.backend, &buyer, id, wish)
            .await
            .unwrap();
        assert_ne!(again.id, id);
        assert_eq!(again.state.name(), "quoted", "{:?}", again.refusal);
        assert_eq!(again.requirements.unwrap().region, None);
        assert_eq!(world.state(id).await.name(), "settled", "the receipt stays");
        let strange = relaxations(&world.backend, &world.stranger(), id).await;
        assert!(matches!(strange, Err(UsecaseError::NotFound)));
    }

    #[tokio::test]
    async fn nothing_is_offered_for_what_ended_otherwise_or_would_not_help() {
        let world = World::new().await;
        let buyer = world.buyer();
        let id = without_bids(&world).await;
        world.market.script(|script| script.screened.truncate(2));
        let found = relaxations(&world.backend, &buyer, id).await.unwrap();
        assert!(found.is_empty(), "as many without the change: {found:?}");
        let world = World::new().await;
        let id = world.funded(1, Acceptance::Manual).await;
        world.until(id, "settled", 400).await;
        let found = relaxations(&world.backend, &buyer, id).await.unwrap();
        assert!(found.is_empty(), "nobody picked: {found:?}");
    }
}
