//! Sends a new text to a running deployment.

use domain::deployment::{Event, Updating};
use domain::ids::OrderId;
use domain::journey::OrderView;
use sdl::update::update;

use super::limits;
use crate::Backend;
use crate::error::UsecaseError;
use crate::orders::changes::{self, owned};
use crate::orders::order_view::view;
use crate::payment::terms::guarded;
use crate::visitor::Visitor;

/// Updates the deployment to `text` under the same lease: recorded here, applied on Akash by the
/// order's job. Calling it again while the update is pending changes nothing.
///
/// # Errors
/// [`UsecaseError::NotFound`] for another owner's order, [`UsecaseError::Conflict`] if nothing is
/// running, the order is on hold, or another update is pending, and [`UsecaseError::Invalid`] for a
/// text that is faulty, is equivalent to the current one, or asks for something that the lease does
/// not cover.
pub async fn update_deployment(
    backend: &Backend,
    visitor: &Visitor,
    id: OrderId,
    text: String,
) -> Result<OrderView, UsecaseError> {
    let text = limits::readable_sdl(text)?;
    guarded(&text)?;
    owned(backend, visitor, id).await?;
    let order = changes::edit(backend, id, |order| {
        // Sent twice, or from two tabs: the pending update is the one requested.
        if order.state.updating().is_some_and(|one| one.sdl == text) {
            return Ok(Vec::new());
        }
        let takes = order.state.takes_updates();
        takes.map_err(|why| UsecaseError::Conflict(why.to_owned()))?;
        let found = update(&order.sdl, &text, order.dialect());
        let found = found.map_err(|why| UsecaseError::Invalid(why.to_string()))?;
        order.update_called_at = None;
        Ok(vec![Event::UpdateRequested {
            update: Updating {
                sdl: text.clone(),
                changes: found.changes.iter().map(ToString::to_string).collect(),
                at: backend.ports().clock.now(),
            },
        }])
    })
    .await?;
    view(backend, order).await
}
