//! Stores an SDL that the buyer edited, checks it, and prices it again.

use std::sync::atomic::{AtomicBool, Ordering};

use domain::ids::OrderId;
use domain::journey::{OrderView, SdlSource};

use super::{import, keep_draft, limits};
use crate::drafting::{Thoughts, reopening, run_round, understood_steps};
use crate::orders::{changes, order_view};
use crate::payment::auto_sign::consider;
use crate::{Backend, Order, UsecaseError, Visitor};

/// Stores `text` and drops the price of the old text. A deployable text gets a new price; a faulty
/// one is stored as well, and the fault is named.
///
/// # Errors
/// For another owner's order, an empty or overlong text, and once money may be in transit.
pub async fn save_sdl(
    backend: &Backend,
    visitor: &Visitor,
    id: OrderId,
    text: String,
) -> Result<OrderView, UsecaseError> {
    let text = limits::readable_sdl(text)?;
    let order = changes::owned(backend, visitor, id).await?;
    if order.sdl == text {
        return keep_draft(
            backend,
            visitor,
            id,
            text,
            sdl::text_hash(order.shown_sdl()),
        )
        .await;
    }
    let events = reopening(backend, &order).await?;
    let state = order.state.name();
    let is_first = AtomicBool::new(true);
    let saved = changes::edit(backend, id, |order| {
        // Of many concurrent requests with the same text, the first changes the draft and has it
        // priced.
        let is_stored = order.sdl == text && order.working_sdl.is_none();
        is_first.store(!is_stored, Ordering::Relaxed);
        if is_stored {
            return Ok(Vec::new());
        }
        if order.state.name() != state {
            return Err(UsecaseError::order_changed());
        }
        take_over(order, text.clone());
        order.refusal = None;
        order.market = None;
        Ok(events.clone())
    });
    let saved = saved.await?;
    if !is_first.into_inner() {
        return order_view::show(backend, visitor, id).await;
    }
    let mut thoughts = Thoughts::unheard(backend.ports().clock.clone());
    thoughts.continue_from(understood_steps(&saved));
    run_round(backend, &saved, &mut thoughts).await?;
    consider(backend, visitor, id).await?;
    order_view::show(backend, visitor, id).await
}

/// Makes `text` the order's SDL, as one of the buyer's own.
pub(super) fn take_over(order: &mut Order, text: String) {
    order.sdl_source = match order.sdl_source {
        SdlSource::Imported => SdlSource::Imported,
        SdlSource::Generated | SdlSource::Edited => SdlSource::Edited,
    };
    if order.sdl_source == SdlSource::Imported {
        order.name = import::name_of(&text);
    }
    order.sdl = text;
    order.working_sdl = None;
}
