//! Transactions that a buyer only signs, and that Necto sends and pays the gas for.

use domain::escrow::Terms;
use domain::gas::Gwei;
use domain::ids::{Address, EscrowId, OrderId};
use domain::journey::Relay;
use domain::network::AddressPrefix;
use domain::time::UnixSeconds;

use super::gas_budget;
use super::outbox::{self, Intent, NewIntent, Purpose};
use crate::Backend;
use crate::error::UsecaseError;
use crate::ports::{Authorization, ChainError, OperatorCall};
use crate::storage::orders;

/// A buyer's signature expires at the time after which the escrow could no longer be activated.
pub(crate) const fn valid_before(terms: &Terms) -> UnixSeconds {
    terms.activate_by
}

/// Returns what the wallet can sign instead of paying gas, or why it cannot.
pub(crate) async fn offer(
    backend: &Backend,
    terms: &Terms,
    source: Option<AddressPrefix>,
) -> Result<Relay, UsecaseError> {
    let chain = &backend.ports().chain;
    let authorization = chain.authorization(terms, valid_before(terms));
    offer_of(backend, terms.buyer, source, authorization).await
}

/// Like [`offer`], for any authorization by `buyer`.
pub(crate) async fn offer_of(
    backend: &Backend,
    buyer: Address,
    source: Option<AddressPrefix>,
    authorization: impl Future<Output = Result<Authorization, ChainError>>,
) -> Result<Relay, UsecaseError> {
    if backend.ports().chain.is_contract(buyer).await? {
        return Ok(Relay::Declined {
            why: BY_CONTRACT.to_owned(),
        });
    }
    let price = backend.ports().operator.gas_price().await?;
    // The exact cost is known once there is a signature to simulate with.
    if let Err(why) = gas_budget::has_any(backend, buyer, source, price).await? {
        return Ok(Relay::Declined { why });
    }
    let authorization = authorization.await?;
    Ok(Relay::Offered {
        typed_data: authorization.typed_data,
        decoded: authorization.decoded,
    })
}

/// Why nothing is relayed for a contract account.
const BY_CONTRACT: &str = "Your account is a contract. The token takes a signed payment only from \
                           an account with a key of its own, so your wallet sends two transactions \
                           and pays their gas.";

/// Returns whether exactly this call is already recorded, and is being sent or has taken effect. A
/// caller that sends it again because no answer arrived is then done; the contract would refuse it
/// a second time.
///
/// # Errors
/// [`UsecaseError::Storage`] if the database cannot be read.
pub(crate) async fn is_under_way(
    backend: &Backend,
    purpose: Purpose,
    subject: &str,
    call: &OperatorCall,
) -> Result<bool, UsecaseError> {
    let known = outbox::latest(backend, purpose, subject).await?;
    let now = backend.ports().clock.now();
    Ok(known.is_some_and(|known| known.call == *call && !known.failed() && !known.was_undone(now)))
}

/// Returns the gas cost of a buyer's call, if the contract would accept it.
///
/// # Errors
/// [`UsecaseError::Conflict`] if the contract would not accept it.
pub(crate) async fn cost_of(
    backend: &Backend,
    call: &OperatorCall,
    what: &str,
) -> Result<Gwei, UsecaseError> {
    let operator = &backend.ports().operator;
    let gas = match operator.estimate(call).await {
        Err(ChainError::Refused(reason)) => {
            return Err(UsecaseError::Conflict(format!(
                "The escrow contract would not take this {what}: {}. Nothing was sent.",
                reason.trim_end_matches('.')
            )));
        }
        gas => gas?,
    };
    Ok(operator.gas_price().await?.cost_of(gas))
}

/// Records a buyer's intent for the order's escrow once; returns the one that counts.
///
/// # Errors
/// [`UsecaseError::Conflict`] if the order's escrow has changed meanwhile, or if the gas budget is
/// exhausted.
pub(crate) async fn send_within_budget(
    backend: &Backend,
    intent: &NewIntent,
    buyer: Address,
    (id, escrow): (OrderId, EscrowId),
) -> Result<Intent, UsecaseError> {
    let mut transaction = backend.storage().begin_write().await?;
    // The terms may have been withdrawn while the call was simulated; from here on they cannot be.
    let current = orders::load_for_change(&mut transaction, id).await?;
    if current.and_then(|order| order.state.escrow()) != Some(escrow) {
        return Err(UsecaseError::order_changed());
    }
    // Adding the intent enqueues the sending job and thereby locks that job's row: two concurrent
    // deposits cannot both take the last of the budget. If it is overdrawn, all of this is rolled
    // back.
    let source = intent.source;
    let intent = outbox::add_again(&mut transaction, backend, intent).await?;
    orders::touch(&mut transaction, id, backend.ports().clock.now()).await?;
    gas_budget::leaves(backend, &mut transaction, buyer, source, Gwei::ZERO)
        .await?
        .map_err(UsecaseError::Conflict)?;
    transaction.commit().await?;
    Ok(intent)
}
