//! Prepares adding money to a running order's escrow.

use domain::deployment::{Paid, State};
use domain::escrow::TopUp;
use domain::ids::OrderId;
use domain::journey::TopUpPlan;
use domain::money::TokenAmount;
use domain::time::Seconds;

use crate::Backend;
use crate::error::UsecaseError;
use crate::orders::changes::owned;
use crate::payment::exposure;
use crate::payment::relay::offer_of;
use crate::visitor::Visitor;

/// Time for which a signed top-up can be used.
pub(super) const VALID_FOR: Seconds = Seconds::minutes(30);

/// Returns everything that the wallet that made the deposit needs to add exactly `amount`: either
/// one signature, or approval and top-up. It is valid for the current amount in escrow: once that
/// has grown, by this or another top-up, none of it can be used any more.
///
/// # Errors
/// [`UsecaseError::NotSignedIn`] without a wallet, [`UsecaseError::Forbidden`] for a wallet other
/// than the buyer's, [`UsecaseError::Invalid`] for an amount of zero, [`UsecaseError::Conflict`]
/// unless the order is running, [`UsecaseError::TooMany`] if the operator would have more at stake
/// than allowed.
pub async fn prepare_top_up(
    backend: &Backend,
    visitor: &Visitor,
    id: OrderId,
    amount: TokenAmount,
) -> Result<TopUpPlan, UsecaseError> {
    let paid = running_of(backend, visitor, id).await?;
    if amount == TokenAmount::ZERO {
        return Err(UsecaseError::Invalid(
            "Say how much to add: more than nothing.".to_owned(),
        ));
    }
    exposure::more_would_fit(backend, id, amount).await?;
    let chain = &backend.ports().chain;
    let on_chain = chain.escrow(paid.escrow).await?;
    let on_chain = on_chain.ok_or_else(|| {
        UsecaseError::Unavailable(
            "The chain does not show your escrow right now. Try again in a moment.".to_owned(),
        )
    })?;
    let top_up = TopUp {
        escrow: paid.escrow,
        buyer: paid.terms.buyer,
        amount,
        deposited: on_chain.deposited,
    };
    let valid_before = backend.ports().clock.now().after(VALID_FOR);
    let authorization = chain.top_up_authorization(&top_up, valid_before);
    Ok(TopUpPlan {
        relay: offer_of(backend, top_up.buyer, visitor.from, authorization).await?,
        calls: vec![chain.approve_call(amount), chain.top_up_call(&top_up)],
        top_up,
        valid_before,
    })
}

/// Returns the payment of a running order whose deposit came from the visitor's wallet.
///
/// # Errors
/// As [`prepare_top_up`].
pub(super) async fn running_of(
    backend: &Backend,
    visitor: &Visitor,
    id: OrderId,
) -> Result<Paid, UsecaseError> {
    let order = owned(backend, visitor, id).await?;
    let address = visitor.address.ok_or(UsecaseError::NotSignedIn)?;
    let State::Active { paid, .. } = order.state else {
        return Err(UsecaseError::Conflict(
            "Only a running deployment can be topped up.".to_owned(),
        ));
    };
    if paid.terms.buyer != address {
        return Err(UsecaseError::Forbidden {
            reason: "Only the wallet that made the deposit can add to it.".to_owned(),
        });
    }
    Ok(paid)
}
