//! Shows the market, and reports its changes.

use std::time::Duration;

use domain::ids::OrderId;
use domain::market::{MarketBoard, RoutingView};
use futures::{Stream, stream};
use tokio::sync::broadcast::error::RecvError;

use crate::Backend;
use crate::error::UsecaseError;
use crate::market::MarketEvent;
use crate::orders::changes::{owned, shown};
use crate::storage::decisions;
use crate::visitor::Visitor;

/// Time that a requested page waits for the first rows; the rest arrives while it is open.
const PATIENCE: Duration = Duration::from_millis(300);

/// Returns the market as this process knows it now.
pub async fn show_market(backend: &Backend) -> MarketBoard {
    backend.market().wait(PATIENCE).await;
    let rules = backend.settings().akash_rules.clone();
    backend.market().board(rules)
}

/// Returns the events of all venues from now on. The stream never ends by itself, and keeps the
/// market current while it is watched.
pub fn watch_market(backend: &Backend) -> impl Stream<Item = MarketEvent> + Send + use<> {
    let state = (backend.market().events(), backend.clone());
    stream::unfold(state, |(mut events, backend)| async move {
        backend.market().look();
        loop {
            match events.recv().await {
                Ok(event) => return Some((event, (events, backend))),
                // A receiver that is too slow reads the whole market at the next event.
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return None,
            }
        }
    })
}

/// Records that the market is still being watched.
pub fn keep_market_current(backend: &Backend) {
    backend.market().look();
}

/// Returns the decision for an order; `None` if nothing was compared.
///
/// # Errors
/// [`UsecaseError::NotFound`] for an unknown order and for another owner's.
pub async fn show_routing(
    backend: &Backend,
    visitor: &Visitor,
    order: OrderId,
) -> Result<Option<RoutingView>, UsecaseError> {
    shown(backend, visitor, order).await?;
    let mut connection = backend.storage().read().await?;
    Ok(decisions::summary(&mut connection, order).await?)
}

/// Returns the decision document of an order: canonical JSON whose SHA-256 is the digest shown.
///
/// # Errors
/// [`UsecaseError::NotFound`] for an unknown order, another owner's, and one without a decision.
pub async fn show_decision(
    backend: &Backend,
    visitor: &Visitor,
    order: OrderId,
) -> Result<String, UsecaseError> {
    owned(backend, visitor, order).await?;
    let mut connection = backend.storage().read().await?;
    decisions::document(&mut connection, order)
        .await?
        .ok_or(UsecaseError::NotFound)
}
