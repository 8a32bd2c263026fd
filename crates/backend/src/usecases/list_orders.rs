//! Lists a visitor's orders, newest first.

use domain::journey::{OrderList, OrderSummary};
use domain::time::UnixSeconds;

use crate::Backend;
use crate::error::UsecaseError;
use crate::orders::order::Order;
use crate::storage::orders;
use crate::visitor::Visitor;

/// Returns the orders of the signed-in account or, in an anonymous session, of this browser.
///
/// # Errors
/// [`UsecaseError::SignInAgain`] in a session that was left; otherwise only if the database fails.
pub async fn list_orders(backend: &Backend, visitor: &Visitor) -> Result<OrderList, UsecaseError> {
    let owner = visitor.acts_for().ok_or(UsecaseError::SignInAgain)?;
    let found = orders::of(&mut backend.storage().read().await?, owner).await?;
    let now = backend.ports().clock.now();
    let orders = found
        .into_iter()
        // Erased drafts only retain what is needed to return a late deposit.
        .filter(|order| order.erased_at.is_none() || order.state.paid().is_some())
        .map(|order| OrderSummary {
            id: order.id,
            readiness: order.readiness(),
            state: order.state.name().to_owned(),
            usd_per_hour: usd_per_hour(&order),
            deposited: order.state.paid().map(|paid| paid.total()),
            paid_until: paid_until(&order),
            created_at: order.created_at,
            changed_at: order.changed_at,
            uri: order
                .services
                .iter()
                .find_map(|service| service.uris.first().cloned()),
            name: order.name,
        })
        .collect();
    Ok(OrderList {
        account: visitor.address,
        orders,
        now,
    })
}

/// End of the time that was ordered; `None` before the escrow streams.
fn paid_until(order: &Order) -> Option<UnixSeconds> {
    let (running, paid) = (order.state.running()?, order.state.paid()?);
    Some(running.paid_until(paid))
}

/// The rate once it is charged, the cap before that; an order that is over costs nothing per hour.
fn usd_per_hour(order: &Order) -> Option<domain::money::Usd> {
    if order.state.is_final() || order.state.usage_ended_at().is_some() {
        return None;
    }
    match order.state.running() {
        Some(running) => Some(running.activation.rate.usd_per_hour()),
        None => order.state.quote().map(|quote| quote.cap_per_hour),
    }
}

#[cfg(test)]
mod tests {
    use domain::ids::OrderId;
    use sqlx::Row as _;

    use crate::Order;
    use crate::fakes::World;
    use crate::orders::changes;
    use crate::storage::orders;

    /// Maximum size of a document.
    const LARGE: usize = 256 * 1024;
    const DRAFTS: usize = 50;

    #[tokio::test]
    async fn a_list_of_large_drafts_reads_what_it_shows_and_no_document() {
        let world = World::new().await;
        let (backend, buyer) = (&world.backend, world.buyer());
        for _ in 0..DRAFTS {
            let id = OrderId::from_bytes(backend.ports().random.bytes16());
            let mut order = Order::draft(id, &buyer, backend.ports().clock.now());
            order.sdl = "x".repeat(LARGE);
            changes::create(backend, &buyer, &order).await.unwrap();
        }
        let mut connection = backend.storage().read().await.unwrap();
        let owner = buyer.acts_for().unwrap();
        let rows = orders::listed(&mut connection, owner).await.unwrap();
        let bytes: usize = rows
            .iter()
            .flat_map(|row| {
                let columns = 0..row.columns().len();
                columns.map(move |place| {
                    let text = row.try_get::<Option<String>, _>(place);
                    text.ok().flatten().map_or(8, |text| text.len())
                })
            })
            .sum();
        assert_eq!(rows.len(), DRAFTS);
        assert!(bytes < DRAFTS * 2048, "{bytes} bytes for {DRAFTS} drafts");
    }
}
