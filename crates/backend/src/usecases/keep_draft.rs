//! Stores the text that the buyer is writing, before it is priced.

use domain::ids::{OrderId, TextHash};
use domain::journey::OrderView;

use super::limits;
use crate::orders::{changes, order_view};
use crate::{Backend, Order, UsecaseError, Visitor};

/// Stores `text` next to the priced text, faulty or not. It is neither priced nor ever paid for;
/// the existing price stays valid for the text that it was made for.
///
/// `over` is the hash of the text that it replaces, as this tab last saw it: a text from another
/// tab is never overwritten unseen.
///
/// # Errors
/// For another owner's order and an overlong text; [`UsecaseError::Conflict`] if another text has
/// been stored meanwhile, and once the draft is paid.
pub async fn keep_draft(
    backend: &Backend,
    visitor: &Visitor,
    id: OrderId,
    text: String,
    over: TextHash,
) -> Result<OrderView, UsecaseError> {
    let text = limits::storable_draft(text)?;
    changes::owned(backend, visitor, id).await?;
    changes::edit(backend, id, |order| {
        if order.shown_sdl() == text {
            return Ok(Vec::new());
        }
        is_open(order)?;
        if sdl::text_hash(order.shown_sdl()) != over {
            return Err(UsecaseError::Conflict(
                "This draft was changed in another tab. Your text is kept in this tab; choose which \
                 of the two stays."
                    .to_owned(),
            ));
        }
        order.working_sdl = (text != order.sdl).then(|| text.clone());
        Ok(Vec::new())
    })
    .await?;
    order_view::show(backend, visitor, id).await
}

/// Refuses to change a draft that has become a deployment.
pub(super) fn is_open(order: &Order) -> Result<(), UsecaseError> {
    if order.is_open() {
        return Ok(());
    }
    Err(UsecaseError::Conflict(format!(
        "This order can no longer be changed: it is {}. Start a new one instead.",
        order.state.name().replace('_', " ")
    )))
}
