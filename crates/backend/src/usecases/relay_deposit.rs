//! Takes a buyer's signed deposit and has it sent at Necto's expense.

use domain::deployment::State;
use domain::escrow::Terms;
use domain::gas::Gwei;
use domain::ids::{Address, EscrowId, OrderId};
use domain::journey::Relay;
use domain::network::AddressPrefix;
use domain::time::{Seconds, UnixSeconds};

use super::prepare_deposit::no_price;
use super::save_sdl::moved_on;
use crate::Backend;
use crate::error::UsecaseError;
use crate::orders::changes::owned;
use crate::payment::outbox::{self, Intent, NewIntent, Purpose};
use crate::ports::{Authorization, ChainError, GasPrice, OperatorCall};
use crate::storage::outbox::gas_since;
use crate::storage::{Connection, StorageError, orders};
use crate::visitor::Visitor;

/// What the buyer signs expires when the escrow could no longer be activated.
const fn valid_before(terms: &Terms) -> UnixSeconds {
    terms.activate_by
}

/// What the wallet can sign instead of paying gas, or why it cannot.
pub(super) async fn offer(
    backend: &Backend,
    terms: &Terms,
    source: Option<AddressPrefix>,
) -> Result<Relay, UsecaseError> {
    let chain = &backend.ports().chain;
    let authorization = chain.authorization(terms, valid_before(terms));
    offer_of(backend, terms.buyer, source, authorization).await
}

/// The same for any authorization by `buyer`.
pub(super) async fn offer_of(
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
    // The exact price is known once there is a signature to try; no transaction is cheaper than
    // this.
    let least = price.cost_of(LEAST_GAS);
    let mut connection = backend.storage().read().await?;
    let left = leaves(backend, &mut connection, buyer, source, least).await?;
    drop(connection);
    if let Err(why) = left {
        return Ok(Relay::Declined { why });
    }
    let authorization = authorization.await?;
    Ok(Relay::Offered {
        typed_data: authorization.typed_data,
        decoded: authorization.decoded,
    })
}

/// Whether Necto still pays the gas of a transaction of `buyer`'s today, at this price.
pub(crate) async fn gas_is_left(
    backend: &Backend,
    buyer: Address,
    source: Option<AddressPrefix>,
    price: GasPrice,
) -> Result<bool, StorageError> {
    let mut connection = backend.storage().read().await?;
    let least = price.cost_of(LEAST_GAS);
    let left = leaves(backend, &mut connection, buyer, source, least).await?;
    Ok(left.is_ok())
}

/// Why nothing is relayed for an account that is a contract.
const BY_CONTRACT: &str = "Your account is a contract. The token takes a signed payment only from \
                           an account with a key of its own, so your wallet sends two transactions \
                           and pays their gas.";

/// The minimum cost of every transaction on an EVM chain.
const LEAST_GAS: u64 = 21_000;

/// Has the deposit sent that the buyer signed. When called again, it changes nothing: one escrow is
/// funded once.
///
/// # Errors
/// [`UsecaseError::NotSignedIn`] without a wallet, [`UsecaseError::Forbidden`] for a wallet other
/// than that of the terms, [`UsecaseError::Invalid`] unless exactly these terms were signed,
/// [`UsecaseError::Conflict`] when the terms changed, the contract would refuse, or the budget for
/// gas is exhausted.
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
        return Err(no_price());
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
        return Err(no_price());
    }
    let ports = backend.ports();
    let call = ports
        .chain
        .relay_call(terms, expires_at, &signature)
        .await?;
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

/// The gas cost of a buyer's call that the contract would accept.
///
/// # Errors
/// [`UsecaseError::Conflict`] where the contract would not accept it.
pub(super) async fn cost_of(
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

/// Records a buyer's intent, once, for the escrow of the order; returns the one that counts.
///
/// # Errors
/// [`UsecaseError::Conflict`] when the order's escrow has changed meanwhile, or when the budget for
/// gas is exhausted.
pub(super) async fn send_within_budget(
    backend: &Backend,
    intent: &NewIntent,
    buyer: Address,
    (id, escrow): (OrderId, EscrowId),
) -> Result<Intent, UsecaseError> {
    let mut transaction = backend.storage().begin_write().await?;
    // The terms may have been withdrawn while the call was tried; from here on they cannot be.
    let current = orders::load_for_change(&mut transaction, id).await?;
    if current.and_then(|order| order.state.escrow()) != Some(escrow) {
        return Err(moved_on());
    }
    // Adding requests the sending job and so locks that job's row: two deposits at the same time
    // cannot both take the last of the budget. If it is overdrawn, all of this is rolled back.
    let source = intent.source;
    let intent = outbox::add_again(&mut transaction, backend, intent).await?;
    orders::touch(&mut transaction, id, backend.ports().clock.now()).await?;
    leaves(backend, &mut transaction, buyer, source, Gwei::ZERO)
        .await?
        .map_err(UsecaseError::Conflict)?;
    transaction.commit().await.map_err(StorageError::from)?;
    Ok(intent)
}

/// Whether today's spending leaves room for this much more.
///
/// # Errors
/// The database fails; the inner error says what is exhausted.
async fn leaves(
    backend: &Backend,
    connection: &mut Connection,
    buyer: Address,
    source: Option<AddressPrefix>,
    more: Gwei,
) -> Result<Result<(), String>, StorageError> {
    let now = backend.ports().clock.now();
    let midnight = UnixSeconds(now.0 - now.0 % Seconds::days(1).0);
    let spent = gas_since(connection, midnight, buyer, source).await?;
    Ok(backend.settings().relay.allows(spent, more))
}
