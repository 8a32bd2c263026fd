//! The market, and the routing of an order.

use domain::ids::OrderId;
use domain::market::RoutingView;
use leptos::prelude::*;

use super::ApiError;
use super::json::Json;

/// Returns the first rows of the market for the query of the page's address, as JSON of a
/// [`domain::market::MarketBoard`]: the type's deserialiser is in the chunk that shows it.
///
/// # Errors
/// When the server cannot answer.
#[server(endpoint = "open_market", input = Json, output = Json)]
pub async fn open_market(query: String) -> Result<String, ApiError> {
    use domain::market::MarketQuery;

    use super::ssr::{backend, invalid};
    /// Number of first rows: a screen and a half.
    const ROWS: usize = 40;
    let board = backend::usecases::show_market(&backend()?).await;
    let glance = board.glance(&MarketQuery::read(&query), ROWS);
    serde_json::to_string(&glance).map_err(invalid)
}

/// Returns the routing of an order; `None` if no market was compared for it.
///
/// # Errors
/// When the order does not exist or belongs to someone else.
#[server(endpoint = "open_routing", input = Json, output = Json)]
pub async fn open_routing(order: OrderId) -> Result<Option<RoutingView>, ApiError> {
    use super::ssr::{backend, refuse, visitor};
    backend::usecases::show_routing(&backend()?, &visitor()?, order)
        .await
        .map_err(refuse)
}
