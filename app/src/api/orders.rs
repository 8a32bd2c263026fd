//! Orders: reading them, choosing bids, closing.

use domain::akash::BidId;
use domain::ids::OrderId;
use domain::journey::{LogLine, OrderList, OrderView, Relaxation};
use domain::requirements::Wish;
use leptos::prelude::*;

use super::ApiError;
use super::SealedOrder;
use super::json::Json;

/// Returns an order of the visitor's.
///
/// # Errors
/// When it does not exist or belongs to someone else.
#[server(endpoint = "open_order", input = Json, output = Json)]
pub async fn open_order(order: OrderId) -> Result<OrderView, ApiError> {
    use super::ssr::{backend, refuse, visitor};
    backend::usecases::show_order(&backend()?, &visitor()?, order)
        .await
        .map_err(refuse)
}

/// Returns the same order without deserialising it.
///
/// # Errors
/// As [`open_order`].
#[server(endpoint = "open_sealed_order", input = Json, output = Json)]
pub async fn open_sealed_order(order: OrderId) -> Result<SealedOrder, ApiError> {
    SealedOrder::seal(&open_order(order).await?)
}

/// Returns all orders of the visitor, newest first.
///
/// # Errors
/// When the server cannot answer.
#[server(endpoint = "list_orders", input = Json, output = Json)]
pub async fn list_orders() -> Result<OrderList, ApiError> {
    use super::ssr::{backend, refuse, visitor};
    backend::usecases::list_orders(&backend()?, &visitor()?)
        .await
        .map_err(refuse)
}

/// Accepts bids, one for each group.
///
/// # Errors
/// When a bid is gone or above the cap, or bidding is over.
#[server(endpoint = "accept_bid", input = Json, output = Json)]
pub async fn accept_bid(order: OrderId, bids: Vec<BidId>) -> Result<OrderView, ApiError> {
    use super::ssr::{backend, carry_out, visitor};
    let (backend, visitor) = (backend()?, visitor()?);
    carry_out(async move { backend::usecases::accept_bid(&backend, &visitor, order, bids).await })
        .await
}

/// Closes the deployment and settles the escrow.
///
/// # Errors
/// When there is nothing to close.
#[server(endpoint = "close_deployment", input = Json, output = Json)]
pub async fn close_deployment(order: OrderId) -> Result<OrderView, ApiError> {
    use super::ssr::{backend, carry_out, visitor};
    let (backend, visitor) = (backend()?, visitor()?);
    carry_out(async move { backend::usecases::close_deployment(&backend, &visitor, order).await })
        .await
}

/// Updates the running deployment with another SDL, under the same lease.
///
/// # Errors
/// When nothing is running, no update is accepted now, or the text changes what is fixed by the lease.
#[server(endpoint = "update_deployment", input = Json, output = Json)]
pub async fn update_deployment(order: OrderId, text: String) -> Result<OrderView, ApiError> {
    use super::ssr::{backend, carry_out, visitor};
    let (backend, visitor) = (backend()?, visitor()?);
    carry_out(
        async move { backend::usecases::update_deployment(&backend, &visitor, order, text).await },
    )
    .await
}

/// Creates a draft from what an ended order had deployed, and prices it.
///
/// # Errors
/// When the order has not ended or belongs to someone else.
#[server(endpoint = "redeploy", input = Json, output = Json)]
pub async fn redeploy(order: OrderId) -> Result<OrderView, ApiError> {
    use super::ssr::{backend, carry_out, visitor};
    let (backend, visitor) = (backend()?, visitor()?);
    carry_out(async move { backend::usecases::redeploy(&backend, &visitor, order).await }).await
}

/// Returns single changes with which more providers could host an order that received no bids.
///
/// # Errors
/// When the order belongs to someone else, or Akash does not answer.
#[server(endpoint = "relaxations", input = Json, output = Json)]
pub async fn relaxations(order: OrderId) -> Result<Vec<Relaxation>, ApiError> {
    use super::ssr::{backend, carry_out, visitor};
    let (backend, visitor) = (backend()?, visitor()?);
    carry_out(async move { backend::usecases::relaxations(&backend, &visitor, order).await }).await
}

/// Creates a draft from an ended order with one change, and prices it.
///
/// # Errors
/// When the order has not ended or belongs to someone else, or the change cannot be fulfilled.
#[server(endpoint = "redeploy_relaxed", input = Json, output = Json)]
pub async fn redeploy_relaxed(order: OrderId, wish: Wish) -> Result<OrderView, ApiError> {
    use super::ssr::{backend, carry_out, visitor};
    let (backend, visitor) = (backend()?, visitor()?);
    let drafted =
        async move { backend::usecases::redeploy_relaxed(&backend, &visitor, order, wish).await };
    carry_out(drafted).await
}

/// Deletes an order: a draft completely (`None` is returned); of an ended order, the SDL and the logs.
///
/// # Errors
/// While money is in escrow or may be on its way, and when the order belongs to someone else.
#[server(endpoint = "delete_order", input = Json, output = Json)]
pub async fn delete_order(order: OrderId) -> Result<Option<OrderView>, ApiError> {
    use super::ssr::{backend, carry_out, visitor};
    let (backend, visitor) = (backend()?, visitor()?);
    carry_out(async move { backend::usecases::delete_order(&backend, &visitor, order).await }).await
}

/// Returns the next stored log lines after `after`, unmodified; none at the end.
///
/// # Errors
/// When the order does not exist or belongs to someone else.
#[server(endpoint = "read_logs", input = Json, output = Json)]
pub async fn read_logs(order: OrderId, after: u64) -> Result<Vec<LogLine>, ApiError> {
    use super::ssr::{backend, refuse, visitor};
    backend::usecases::read_whole_log(&backend()?, &visitor()?, order, after)
        .await
        .map_err(refuse)
}
