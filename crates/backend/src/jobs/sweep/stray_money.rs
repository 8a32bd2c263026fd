//! Money that arrived without an order waiting for it: after its order was given up or got other
//! terms, for terms that were never prepared (too little, too much, twice), in another token, or
//! sent past the contract's calls. Its buyer is told, and whatever the contract has in its books is
//! returned in full. If the contract does not return it at the operator's request, it is left to
//! the buyer and appears on the operator's list, and nothing is retried.

use domain::deployment::{Event, StrayFate};
use domain::ids::{EscrowId, OrderId};
use domain::money::TokenAmount;

use super::SweepError;
use crate::jobs::follow_chain;
use crate::orders::changes;
use crate::payment::outbox::{self, Intent, NewIntent, Purpose};
use crate::ports::{ChainError, EscrowStatus, OperatorCall, What};
use crate::storage::chain::{self, Recorded, Stage};
use crate::storage::orders;
use crate::usecases::in_words;
use crate::{Backend, observe};

/// Number of times that the return of a deposit is sent if the contract seems to accept it and then
/// does not.
const ROUNDS: u64 = 5;

/// Handles stray money that has arrived and counts.
pub(super) async fn look(backend: &Backend) -> Result<(), SweepError> {
    let mut connection = backend.storage().read().await?;
    let confirmations = backend.settings().confirmations;
    let Some(deepest) = follow_chain::counts_up_to(&mut connection, confirmations).await? else {
        return Ok(());
    };
    let money = chain::money_to_look_at(&mut connection, deepest).await?;
    drop(connection);
    let mut failed = None;
    for recorded in money {
        let Some(id) = recorded.order else {
            continue;
        };
        // A payment that cannot be handled must not hold up the others.
        if let Err(error) = look_at(backend, &recorded, id).await {
            if let SweepError::Chain(ChainError::Unavailable(_)) = error {
                return Err(error);
            }
            failed = Some(error);
        }
    }
    failed.map_or(Ok(()), Err)
}

async fn look_at(backend: &Backend, recorded: &Recorded, id: OrderId) -> Result<(), SweepError> {
    match &recorded.what {
        What::Funded { escrow, amount, .. } => {
            look_at_deposit(backend, recorded, id, *escrow, *amount).await
        }
        What::Strayed { token, amount, .. } => {
            let amount = in_words(backend, *token, amount);
            tell(backend, recorded, id, amount, StrayFate::OperatorOwes).await?;
            note(backend, recorded, Stage::Done).await
        }
        What::ToppedUp { .. } | What::Activated { .. } | What::Closed { .. } => Ok(()),
    }
}

async fn look_at_deposit(
    backend: &Backend,
    recorded: &Recorded,
    id: OrderId,
    escrow: EscrowId,
    amount: TokenAmount,
) -> Result<(), SweepError> {
    let order = orders::load(&mut backend.storage().read().await?, id).await?;
    let state = order.map(|order| order.state);
    if let Some(state) = state.filter(|state| state.escrow() == Some(escrow)) {
        // The order takes care of this deposit itself. Until it is paid, its terms may still
        // change.
        return match state.paid() {
            Some(_) => note(backend, recorded, Stage::Done).await,
            None => Ok(()),
        };
    }
    let Some(on_chain) = backend.ports().chain.escrow(escrow).await? else {
        return Ok(());
    };
    if on_chain.status == EscrowStatus::Closed {
        return note(backend, recorded, Stage::Done).await;
    }
    let call = end_call(backend, escrow).await?;
    let known = outbox::latest(backend, Purpose::Return, &escrow.to_string()).await?;
    if known.as_ref().is_none_or(Intent::failed) {
        let tried = known.map_or(0, |known| known.round + 1);
        let taken = backend.ports().operator.estimate(&call).await;
        if tried == ROUNDS || matches!(taken, Err(ChainError::Refused(_))) {
            return stays(backend, recorded, id, escrow).await;
        }
        taken?;
    }
    if recorded.stage == Stage::New {
        let amount = format!("A deposit of {amount} tUSDC");
        tell(backend, recorded, id, amount, StrayFate::GoesBack).await?;
        note(backend, recorded, Stage::Told).await?;
    }
    give_back(backend, id, escrow, call).await
}

/// Leaves alone a deposit that the contract does not return at the operator's request. Under terms
/// of ours the contract does return it, so there a refusal is only temporary.
async fn stays(
    backend: &Backend,
    recorded: &Recorded,
    id: OrderId,
    escrow: EscrowId,
) -> Result<(), SweepError> {
    let prepared = chain::is_prepared(&mut backend.storage().read().await?, escrow).await?;
    if prepared {
        return Ok(());
    }
    observe::deposit_stays(id, escrow);
    note(backend, recorded, Stage::Refused).await
}

async fn end_call(backend: &Backend, escrow: EscrowId) -> Result<OperatorCall, SweepError> {
    let chain = &backend.ports().chain;
    // The chain's clock may lag slightly behind ours, and it accepts no end in its future.
    let now = backend
        .ports()
        .clock
        .now()
        .min(chain.head().await?.timestamp);
    Ok(chain.end_call(escrow, now))
}

/// Records the money in its order's log.
async fn tell(
    backend: &Backend,
    recorded: &Recorded,
    id: OrderId,
    amount: String,
    fate: StrayFate,
) -> Result<(), SweepError> {
    let tx = recorded.tx;
    changes::edit(backend, id, |_| {
        Ok(vec![Event::MoneyStrayed {
            amount: amount.clone(),
            fate,
            tx,
        }])
    })
    .await?;
    Ok(())
}

async fn note(backend: &Backend, recorded: &Recorded, stage: Stage) -> Result<(), SweepError> {
    let mut transaction = backend.storage().begin_write().await?;
    chain::set_stage(&mut transaction, recorded, stage).await?;
    transaction.commit().await?;
    Ok(())
}

async fn give_back(
    backend: &Backend,
    order: OrderId,
    escrow: EscrowId,
    call: OperatorCall,
) -> Result<(), SweepError> {
    let intent = NewIntent::for_escrow(Purpose::Return, order, escrow, call);
    let known = outbox::latest(backend, Purpose::Return, &intent.subject).await?;
    if known.is_some_and(|known| !known.failed()) {
        return Ok(());
    }
    observe::late_deposit_goes_back(order, escrow);
    let mut transaction = backend.storage().begin_write().await?;
    outbox::add_again(&mut transaction, backend, &intent).await?;
    transaction.commit().await?;
    backend.wake_worker();
    backend.announce(order);
    Ok(())
}
