//! Lists a visitor's orders, newest first.

use domain::journey::{OrderList, OrderSummary};

use super::show_order::meter;
use crate::Backend;
use crate::error::UsecaseError;
use crate::order::Order;
use crate::storage::orders;
use crate::visitor::Visitor;

/// The orders of the account that is signed in, or of this browser while nobody is.
///
/// # Errors
/// [`UsecaseError::SignInAgain`] in a session that was left; else only when the database fails.
pub async fn list_orders(backend: &Backend, visitor: &Visitor) -> Result<OrderList, UsecaseError> {
    let owner = visitor.acts_for().ok_or(UsecaseError::SignInAgain)?;
    let mut connection = backend.storage().read().await?;
    let found = orders::of(&mut connection, owner).await?;
    drop(connection);
    let now = backend.ports().clock.now();
    let orders = found
        .into_iter()
        // Of these nothing is left but what a late deposit goes back by.
        .filter(|order| order.erased_at.is_none() || order.state.paid().is_some())
        .map(|order| {
            let meter = meter(&order.state, now);
            OrderSummary {
                id: order.id,
                readiness: order.readiness(),
                state: order.state.name().to_owned(),
                usd_per_hour: usd_per_hour(&order),
                deposited: order.state.paid().map(|paid| paid.total()),
                paid_until: meter.and_then(|meter| meter.paid_until),
                created_at: order.created_at,
                changed_at: order.changed_at,
                uri: order
                    .services
                    .iter()
                    .find_map(|service| service.uris.first().cloned()),
                name: order.name,
            }
        })
        .collect();
    Ok(OrderList {
        account: visitor.address,
        orders,
        now,
    })
}

/// The rate once it is charged, the cap before; what is over costs nothing an hour.
fn usd_per_hour(order: &Order) -> Option<domain::money::Usd> {
    if order.state.is_final() {
        return None;
    }
    match order.state.running() {
        Some(running) => Some(running.activation.rate.usd_per_hour()),
        None => order.state.quote().map(|quote| quote.cap_per_hour),
    }
}
