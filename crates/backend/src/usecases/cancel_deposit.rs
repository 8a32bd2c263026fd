//! Voids the prepared terms of a deposit after the buyer decided not to sign.

use domain::deployment::{Event, State};
use domain::ids::{EscrowId, OrderId};
use domain::journey::OrderView;

use crate::drafting::nothing_deposited;
use crate::orders::changes::{self, owned};
use crate::orders::order_view;
use crate::payment::auto_sign::nothing_spent;
use crate::payment::outbox::{self, Purpose};
use crate::{Backend, UsecaseError, Visitor};

/// Number of attempts if the order changes meanwhile.
const TRIES: usize = 5;

/// Withdraws the terms of `escrow`, so that signing them later pays nothing. The price is kept.
/// Terms that are no longer awaited are already void.
///
/// # Errors
/// For another owner's order; [`UsecaseError::Conflict`] once the deposit may be on its way.
pub async fn cancel_deposit(
    backend: &Backend,
    visitor: &Visitor,
    id: OrderId,
    escrow: EscrowId,
) -> Result<OrderView, UsecaseError> {
    for _ in 0..TRIES {
        let seen = owned(backend, visitor, id).await?;
        if !awaits(&seen.state, escrow) {
            return order_view::show(backend, visitor, id).await;
        }
        nothing_spent(backend, &seen.state).await?;
        nothing_deposited(backend, &seen, escrow).await?;
        let relayed = outbox::latest(backend, Purpose::Fund, &escrow.to_string()).await?;
        if relayed.is_some_and(|intent| !intent.failed()) {
            return Err(UsecaseError::Conflict(
                "Your signed deposit is being sent already, so it cannot be cancelled. Closing the \
                 order returns it."
                    .to_owned(),
            ));
        }
        let cancelled = changes::edit(backend, id, |order| {
            // Sending the deposit changes the row, so the checks above hold only for this version.
            Ok(if order.version == seen.version {
                vec![Event::DepositCancelled]
            } else {
                Vec::new()
            })
        });
        if !awaits(&cancelled.await?.state, escrow) {
            return order_view::show(backend, visitor, id).await;
        }
    }
    Err(UsecaseError::order_changed())
}

fn awaits(state: &State, wanted: EscrowId) -> bool {
    matches!(state, State::AwaitingDeposit { escrow, .. } if *escrow == wanted)
}
