//! Takes a buyer's signed top-up and sends it at Necto's expense.

use domain::escrow::TopUp;
use domain::ids::OrderId;
use domain::time::UnixSeconds;

use super::prepare_top_up::{VALID_FOR, running_of};
use crate::Backend;
use crate::error::UsecaseError;
use crate::payment::exposure;
use crate::payment::outbox::intent::{NewIntent, Purpose, top_up_subject};
use crate::payment::relay::{cost_of, is_under_way, send_within_budget};
use crate::visitor::Visitor;

/// Sends the top-up that the buyer signed. Calling it again changes nothing: for a given total in
/// an escrow there is one top-up at a time, and the contract accepts it once.
///
/// # Errors
/// [`UsecaseError::NotSignedIn`] without a wallet, [`UsecaseError::Forbidden`] for a wallet other
/// than that of the deposit, [`UsecaseError::Invalid`] unless exactly this top-up was signed,
/// [`UsecaseError::Conflict`] if the order is not running, the money in escrow changed, another
/// top-up is pending, or the gas budget is exhausted, [`UsecaseError::TooMany`] if the operator
/// would have more at stake than allowed.
pub async fn relay_top_up(
    backend: &Backend,
    visitor: &Visitor,
    id: OrderId,
    top_up: TopUp,
    valid_before: UnixSeconds,
    signature: String,
) -> Result<(), UsecaseError> {
    let paid = running_of(backend, visitor, id).await?;
    if (top_up.escrow, top_up.buyer) != (paid.escrow, paid.terms.buyer) {
        return Err(UsecaseError::Invalid(
            "This top-up is for another order. Review it again.".to_owned(),
        ));
    }
    let now = backend.ports().clock.now();
    if now >= valid_before || valid_before > now.after(VALID_FOR) {
        return Err(UsecaseError::Conflict(
            "This signature is too old. Nothing was taken. Review the top-up again and sign it."
                .to_owned(),
        ));
    }
    let chain = &backend.ports().chain;
    let call = chain
        .relay_top_up_call(&top_up, valid_before, &signature)
        .await?;
    let subject = top_up_subject(top_up.escrow, top_up.deposited);
    if is_under_way(backend, Purpose::TopUp, &subject, &call).await? {
        return Ok(());
    }
    exposure::more_would_fit(backend, id, top_up.amount).await?;
    let intent = NewIntent {
        purpose: Purpose::TopUp,
        subject,
        order: Some(id),
        buyer: Some(top_up.buyer),
        source: visitor.from,
        expires_at: Some(valid_before),
        reserved: cost_of(backend, &call, "top-up").await?,
        call,
    };
    let counts = send_within_budget(backend, &intent, top_up.buyer, (id, top_up.escrow)).await?;
    backend.wake_worker();
    backend.announce(id);
    if counts.call != intent.call {
        return Err(UsecaseError::Conflict(
            "Another top-up of this order is under way. Wait for it to arrive before you add more."
                .to_owned(),
        ));
    }
    Ok(())
}
