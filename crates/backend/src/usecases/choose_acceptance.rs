//! Stores the choice of who picks the bid.

use domain::deployment::{Acceptance, Event, State};
use domain::ids::OrderId;
use domain::journey::OrderView;

use super::keep_draft::is_open;
use crate::orders::{changes, order_view};
use crate::payment::auto_sign::nothing_spent;
use crate::{Backend, UsecaseError, Visitor};

/// Stores the choice with the order, so that it survives reloads and a change of wallet. Terms
/// prepared for signing do not contain it and stay valid.
///
/// # Errors
/// For another owner's order; [`UsecaseError::Conflict`] once it is paid or being paid.
pub async fn choose_acceptance(
    backend: &Backend,
    visitor: &Visitor,
    id: OrderId,
    acceptance: Acceptance,
) -> Result<OrderView, UsecaseError> {
    let order = changes::owned(backend, visitor, id).await?;
    nothing_spent(backend, &order.state).await?;
    changes::edit(backend, id, |order| {
        is_open(order)?;
        order.acceptance = Some(acceptance);
        Ok(match &order.state {
            State::AwaitingDeposit {
                terms,
                escrow,
                acceptance: chosen,
                kept: None,
                ..
            } if *chosen != acceptance => vec![Event::DepositPrepared {
                terms: terms.clone(),
                escrow: *escrow,
                acceptance,
            }],
            _ => Vec::new(),
        })
    })
    .await?;
    order_view::show(backend, visitor, id).await
}
