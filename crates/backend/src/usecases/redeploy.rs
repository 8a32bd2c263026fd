//! Orders the deployment of a past order again.

use domain::ids::OrderId;
use domain::journey::OrderView;

use super::requote;
use crate::Backend;
use crate::error::UsecaseError;
use crate::orders::changes::{self, owned};
use crate::orders::order::Order;
use crate::visitor::Visitor;

/// Makes a new draft from the SDL of an order that is over, and prices it at today's market. This
/// pays nothing; the old order and its receipt are unchanged.
///
/// # Errors
/// [`UsecaseError::NotFound`] for another owner's order, [`UsecaseError::Conflict`] while the order
/// is not over, and the errors of [`requote`](super::requote()).
pub async fn redeploy(
    backend: &Backend,
    visitor: &Visitor,
    id: OrderId,
) -> Result<OrderView, UsecaseError> {
    let fresh = draft_again(backend, visitor, id).await?;
    requote(backend, visitor, fresh).await
}

/// Returns the new draft, without a price.
pub(super) async fn draft_again(
    backend: &Backend,
    visitor: &Visitor,
    id: OrderId,
) -> Result<OrderId, UsecaseError> {
    let old = owned(backend, visitor, id).await?;
    if !old.state.is_final() {
        return Err(UsecaseError::Conflict(
            "This deployment is not over yet. Close it first, then deploy it again.".to_owned(),
        ));
    }
    if old.erased_at.is_some() {
        return Err(UsecaseError::Conflict(
            "Its SDL was deleted, so it cannot be deployed again.".to_owned(),
        ));
    }
    let ports = backend.ports();
    let fresh = OrderId::from_bytes(ports.random.bytes16());
    let order = Order {
        name: old.name,
        sentence: old.sentence,
        wish: old.wish,
        requirements: old.requirements,
        assumptions: old.assumptions,
        sdl: old.sdl,
        sdl_source: old.sdl_source,
        acceptance: old.acceptance,
        ..Order::draft(fresh, visitor, ports.clock.now())
    };
    changes::create(backend, visitor, &order).await?;
    Ok(fresh)
}

#[cfg(test)]
mod tests {
    use domain::deployment::Acceptance;
    use domain::journey::SdlSource;
    use domain::time::Seconds;

    use super::redeploy;
    use crate::error::UsecaseError;
    use crate::fakes::World;
    use crate::orders::changes;
    use crate::usecases;

    #[tokio::test]
    async fn what_is_over_can_be_ordered_again_at_today_s_price() {
        let world = World::new().await;
        let buyer = world.buyer();
        let id = world.funded(1, Acceptance::Automatic).await;
        changes::edit(&world.backend, id, |order| {
            order.sdl_source = SdlSource::Imported;
            order.wish.duration = Some(Seconds::hours(1));
            Ok(Vec::new())
        })
        .await
        .unwrap();
        world.until(id, "active", 60).await;
        let early = redeploy(&world.backend, &buyer, id).await;
        assert!(matches!(early, Err(UsecaseError::Conflict(_))));
        usecases::close_deployment(&world.backend, &buyer, id)
            .await
            .unwrap();
        world.until(id, "settled", 60).await;
        let strange = redeploy(&world.backend, &world.stranger(), id).await;
        assert!(matches!(strange, Err(UsecaseError::NotFound)));
        let before = world.order(id).await;
        let again = redeploy(&world.backend, &buyer, id).await.unwrap();
        assert_ne!(again.id, id);
        assert_eq!(again.sdl, before.sdl);
        assert_eq!(again.state.name(), "quoted", "{:?}", again.refusal);
        assert_eq!(world.state(id).await, before.state, "the receipt stays");
    }
}
