//! Money that came and that no order waits for: after its order was given up or got other terms, for
//! terms that nobody prepared (too little, too much, twice), in another token, or sent past the
//! contract's calls. Its buyer is told, and what the contract has in its books goes back whole.

use domain::deployment::{Event, StrayFate};
use domain::ids::{EscrowId, OrderId};
use domain::money::TokenAmount;

use super::SweepError;
use crate::jobs::follow_chain;
use crate::outbox::{self, NewIntent, Purpose};
use crate::ports::{EscrowStatus, What};
use crate::storage::chain::{self, Recorded, Stage};
use crate::storage::{StorageError, orders};
use crate::usecases::in_words;
use crate::{Backend, changes, observe};

/// Looks at what came and counts.
pub(super) async fn look(backend: &Backend) -> Result<(), SweepError> {
    let mut connection = backend.storage().read().await?;
    let confirmations = backend.settings().confirmations;
    let Some(deepest) = follow_chain::counts_up_to(&mut connection, confirmations).await? else {
        return Ok(());
    };
    let money = chain::money_to_look_at(&mut connection, deepest).await?;
    drop(connection);
    for recorded in money {
        let Some(id) = recorded.order else {
            continue;
        };
        match &recorded.what {
            What::Funded { escrow, amount, .. } => {
                look_at_deposit(backend, &recorded, id, *escrow, *amount).await?;
            }
            What::Strayed { token, amount, .. } => {
                let amount = in_words(backend, *token, amount);
                tell(backend, &recorded, id, amount, StrayFate::OperatorOwes).await?;
                note(backend, &recorded, Stage::Done).await?;
            }
            What::ToppedUp { .. } | What::Activated { .. } | What::Closed { .. } => {}
        }
    }
    Ok(())
}

async fn look_at_deposit(
    backend: &Backend,
    recorded: &Recorded,
    id: OrderId,
    escrow: EscrowId,
    amount: TokenAmount,
) -> Result<(), SweepError> {
    let mut connection = backend.storage().read().await?;
    let order = orders::load(&mut connection, id).await?;
    drop(connection);
    let state = order.map(|order| order.state);
    if let Some(state) = state.filter(|state| state.escrow() == Some(escrow)) {
        // Its order sees to it. Until it is paid its terms may still change.
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
    if recorded.stage == Stage::New {
        let amount = format!("A deposit of {amount} tUSDC");
        tell(backend, recorded, id, amount, StrayFate::GoesBack).await?;
        note(backend, recorded, Stage::Told).await?;
    }
    give_back(backend, id, escrow).await
}

/// Writes it into the order's log.
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
    transaction.commit().await.map_err(StorageError::from)?;
    Ok(())
}

async fn give_back(backend: &Backend, order: OrderId, escrow: EscrowId) -> Result<(), SweepError> {
    let chain = &backend.ports().chain;
    // The chain's clock may be a little behind ours, and it takes no end in its future.
    let now = backend
        .ports()
        .clock
        .now()
        .min(chain.head().await?.timestamp);
    let call = chain.end_call(escrow, now);
    let intent = NewIntent::for_escrow(Purpose::Return, order, escrow, call);
    let known = outbox::latest(backend, Purpose::Return, &intent.subject).await?;
    if known.is_some_and(|known| !known.failed()) {
        return Ok(());
    }
    observe::late_deposit_goes_back(order, escrow);
    let mut transaction = backend.storage().begin_write().await?;
    outbox::add_again(&mut transaction, backend, &intent).await?;
    transaction.commit().await.map_err(StorageError::from)?;
    backend.announce(order);
    Ok(())
}
