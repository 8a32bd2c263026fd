//! Prepares adding money to a running order's escrow.

use domain::deployment::State;
use domain::ids::OrderId;
use domain::journey::PreparedCall;
use domain::money::TokenAmount;

use crate::Backend;
use crate::changes::owned;
use crate::error::UsecaseError;
use crate::visitor::Visitor;

/// Approval and top-up over exactly `amount`, for the wallet that made the deposit.
///
/// # Errors
/// [`UsecaseError::NotSignedIn`] without a wallet, [`UsecaseError::Forbidden`] for another wallet
/// than the buyer's, [`UsecaseError::Invalid`] for nothing, [`UsecaseError::Conflict`] unless it
/// runs.
pub async fn prepare_top_up(
    backend: &Backend,
    visitor: &Visitor,
    id: OrderId,
    amount: TokenAmount,
) -> Result<Vec<PreparedCall>, UsecaseError> {
    let order = owned(backend, visitor, id).await?;
    let address = visitor.address.ok_or(UsecaseError::NotSignedIn)?;
    let State::Active { paid, .. } = &order.state else {
        return Err(UsecaseError::Conflict(
            "Only a running deployment can be topped up.".to_owned(),
        ));
    };
    if paid.terms.buyer != address {
        return Err(UsecaseError::Forbidden {
            reason: "Only the wallet that made the deposit can add to it.".to_owned(),
        });
    }
    if amount == TokenAmount::ZERO {
        return Err(UsecaseError::Invalid(
            "Say how much to add: more than nothing.".to_owned(),
        ));
    }
    let chain = &backend.ports().chain;
    Ok(vec![
        chain.approve_call(amount),
        chain.top_up_call(paid.escrow, amount),
    ])
}
