//! Asks the market again for an order whose price has expired or was not available.

use domain::auto_sign::Verdict;
use domain::deployment::State;
use domain::ids::OrderId;
use domain::journey::OrderView;

use super::describe::understand;
use super::save_sdl;
use crate::drafting::{Thoughts, reopening, run_round, understood_steps};
use crate::orders::{changes, order_view};
use crate::payment::auto_sign::consider;
use crate::{Backend, UsecaseError, Visitor};

/// Prices the draft as it is, including text that is still being written. If the market does not
/// answer, an earlier price stays valid until it expires.
///
/// # Errors
/// For another owner's order, and once money may be in transit.
pub async fn requote(
    backend: &Backend,
    visitor: &Visitor,
    id: OrderId,
) -> Result<OrderView, UsecaseError> {
    let mut order = changes::owned(backend, visitor, id).await?;
    if let Some(text) = order.working_sdl {
        // Price the text that the buyer sees, not the previous one.
        return save_sdl(backend, visitor, id, text).await;
    }
    let mut thoughts = Thoughts::unheard(backend.ports().clock.clone());
    if matches!(order.auto_sign, Some(Verdict::WillPay { .. })) {
        // The buyer asks for another price, so the announced payment must not be made meanwhile.
        order = changes::edit(backend, id, |order| {
            let announced = matches!(order.auto_sign, Some(Verdict::WillPay { .. }));
            order.auto_sign = order.auto_sign.take().filter(|_| !announced);
            Ok(Vec::new())
        })
        .await?;
    }
    if !matches!(order.state, State::Quoted { .. }) {
        let events = reopening(backend, &order).await?;
        let state = order.state.name();
        let reopened = changes::edit(backend, id, |order| {
            if order.state.name() == state {
                Ok(events.clone())
            } else {
                Err(UsecaseError::order_changed())
            }
        });
        order = reopened.await?;
    }
    // The server stopped between storing the sentence and interpreting it.
    let unread = order.sentence.is_some() && order.refusal.is_none() && order.wish.is_empty();
    if unread {
        let understood = understand(backend, visitor, &order, &mut thoughts).await;
        let read = changes::edit(backend, id, |order| {
            understood.write_to(order, thoughts.steps());
            Ok(Vec::new())
        });
        order = read.await?;
    } else {
        thoughts.continue_from(understood_steps(&order));
    }
    run_round(backend, &order, &mut thoughts).await?;
    consider(backend, visitor, id).await?;
    order_view::show(backend, visitor, id).await
}
