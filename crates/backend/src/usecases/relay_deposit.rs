//! Takes a buyer's signed deposit and sends it at Necto's expense.

use domain::deployment::State;
use domain::ids::{EscrowId, OrderId};

use crate::Backend;
use crate::error::UsecaseError;
use crate::orders::changes::owned;
use crate::payment::outbox::{NewIntent, Purpose};
use crate::payment::relay::{cost_of, is_under_way, send_within_budget, valid_before};
use crate::visitor::Visitor;

/// Sends the deposit that the buyer signed. Calling it again changes nothing: an escrow is funded
/// only once.
///
/// # Errors
/// [`UsecaseError::NotSignedIn`] without a wallet, [`UsecaseError::Forbidden`] for a wallet other
/// than that of the terms, [`UsecaseError::Invalid`] unless exactly these terms were signed,
/// [`UsecaseError::Conflict`] if the terms changed, the contract would refuse, or the gas budget is
/// exhausted.
pub async fn relay_deposit(
    backend: &Backend,
    visitor: &Visitor,
    id: OrderId,
    escrow: EscrowId,
    signature: String,
) -> Result<(), UsecaseError> {
    let order = owned(backend, visitor, id).await?;
    let buyer = visitor.address.ok_or(UsecaseError::NotSignedIn)?;
    let State::AwaitingDeposit {
        terms,
        escrow: awaited,
        ..
    } = &order.state
    else {
        return Err(UsecaseError::price_expired());
    };
    if *awaited != escrow {
        return Err(UsecaseError::Conflict(
            "The deposit was prepared anew in the meantime: look at it and sign again.".to_owned(),
        ));
    }
    if order.working_sdl.is_some() {
        return Err(UsecaseError::Conflict(
            "The draft was changed after this deposit was prepared, here or in another tab, so it \
             was not sent. Update the price, or go back to the priced text, and sign again."
                .to_owned(),
        ));
    }
    if terms.buyer != buyer {
        return Err(UsecaseError::Forbidden {
            reason: "These terms are for another wallet. Prepare the deposit again.".to_owned(),
        });
    }
    let expires_at = valid_before(terms);
    if backend.ports().clock.now() >= expires_at {
        return Err(UsecaseError::price_expired());
    }
    let ports = backend.ports();
    let call = ports
        .chain
        .relay_call(terms, expires_at, &signature)
        .await?;
    if is_under_way(backend, Purpose::Fund, &escrow.to_string(), &call).await? {
        return Ok(());
    }
    let intent = NewIntent {
        buyer: Some(buyer),
        source: visitor.from,
        expires_at: Some(expires_at),
        reserved: cost_of(backend, &call, "deposit").await?,
        ..NewIntent::for_escrow(Purpose::Fund, id, escrow, call)
    };
    send_within_budget(backend, &intent, buyer, (id, escrow)).await?;
    backend.wake_worker();
    backend.announce(id);
    Ok(())
}
