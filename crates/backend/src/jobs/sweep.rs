//! Cleans up after what went wrong elsewhere: deployments on Akash that no live order owns,
//! deposits that came after their order was given up, and jobs that got lost.

use domain::deployment::{Event, State};
use domain::ids::{EscrowId, OrderId};
use domain::time::Seconds;

use super::drive_deployment::MAY_LAND;
use super::queue::{self, Kind, Outcome};
use crate::outbox::{self, NewIntent, Purpose};
use crate::ports::{ChainError, DeploymentState, EscrowStatus, Listed, MarketError};
use crate::storage::{StorageError, events, orders};
use crate::{Backend, observe};

/// For how long terms that no longer hold are watched for a deposit that comes all the same.
const LATE: Seconds = Seconds::days(1);

/// Why a sweep did not come to its end.
#[derive(Debug, thiserror::Error)]
enum SweepError {
    #[error(transparent)]
    Storage(#[from] StorageError),
    #[error(transparent)]
    Market(#[from] MarketError),
    #[error(transparent)]
    Chain(#[from] ChainError),
}

/// Asks for the first sweep of this process.
pub(crate) async fn enqueue(backend: &Backend) -> Result<(), StorageError> {
    let mut transaction = backend.storage().begin_write().await?;
    queue::enqueue(
        &mut transaction,
        Kind::Sweep,
        None,
        backend.ports().clock.now_ms(),
    )
    .await?;
    transaction.commit().await?;
    Ok(())
}

/// Runs a sweep.
pub(crate) async fn run(backend: &Backend) -> Outcome {
    match sweep(backend).await {
        Ok(()) => Outcome::Again(backend.settings().poll.sweep),
        Err(error) => Outcome::Failed(error.to_string()),
    }
}

async fn sweep(backend: &Backend) -> Result<(), SweepError> {
    revive_jobs(backend).await?;
    // Neither stands in the way of the other: a chain that is away keeps no deployment open.
    let returned = return_late_deposits(backend).await;
    close_orphans(backend).await?;
    returned
}

/// Every order that time or the world moves has its job, whatever happened to the queue.
async fn revive_jobs(backend: &Backend) -> Result<(), SweepError> {
    let mut transaction = backend.storage().begin_write().await?;
    let now_ms = backend.ports().clock.now_ms();
    for order in orders::without_job(&mut transaction).await? {
        queue::enqueue_next(&mut transaction, &order, now_ms).await?;
    }
    transaction.commit().await.map_err(StorageError::from)?;
    Ok(())
}

/// An order may have been given other terms, or been given up, while a deposit for its earlier
/// terms was on its way: such a deposit goes back whole.
async fn return_late_deposits(backend: &Backend) -> Result<(), SweepError> {
    let now = backend.ports().clock.now();
    let since = domain::time::UnixSeconds(now.0.saturating_sub(LATE.0));
    let mut connection = backend.storage().read().await?;
    let mut prepared = events::named(&mut connection, "deposit_prepared", since).await?;
    prepared.extend(events::named(&mut connection, "auto_signed", since).await?);
    drop(connection);
    for (id, event) in prepared {
        let (Event::DepositPrepared { escrow, .. } | Event::AutoSigned { escrow, .. }) = event
        else {
            continue;
        };
        let mut connection = backend.storage().read().await?;
        let order = orders::load(&mut connection, id).await?;
        drop(connection);
        if order.is_some_and(|order| order.state.escrow() == Some(escrow)) {
            continue;
        }
        let Some(on_chain) = backend.ports().chain.escrow(escrow).await? else {
            continue;
        };
        if on_chain.status == EscrowStatus::Funded {
            return_deposit(backend, id, escrow).await?;
        }
    }
    Ok(())
}

async fn return_deposit(
    backend: &Backend,
    order: OrderId,
    escrow: EscrowId,
) -> Result<(), SweepError> {
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

/// A deployment of ours that no order knows is closed: it would cost money until somebody looked.
async fn close_orphans(backend: &Backend) -> Result<(), SweepError> {
    let now = backend.ports().clock.now();
    for listed in backend.ports().market.list().await? {
        let Some((name, id)) = order_of(&listed) else {
            continue;
        };
        if listed.state != DeploymentState::Active {
            continue;
        }
        // One that was created a moment ago may be about to be adopted.
        let young = listed
            .created_at
            .is_some_and(|created_at| now.since(created_at) < MAY_LAND);
        let mut connection = backend.storage().read().await?;
        let order = orders::load(&mut connection, id).await?;
        drop(connection);
        let owned = match order.as_ref().map(|order| &order.state) {
            None => young,
            Some(State::Opening { .. }) => true,
            // A closing order without a number is looking for it itself.
            Some(State::Closing { opened: None, .. }) => true,
            Some(state) if state.is_final() => false,
            Some(state) => state.opened().is_some_and(|ours| ours.dseq == listed.dseq),
        };
        if !owned {
            backend.ports().market.close(listed.dseq).await?;
            observe::orphan_closed(listed.dseq, &name);
        }
    }
    Ok(())
}

/// The order a listed deployment was made for, by its name.
fn order_of(listed: &Listed) -> Option<(String, OrderId)> {
    let name = listed.name.clone()?;
    let id: OrderId = name.strip_prefix("necto-")?.parse().ok()?;
    (id.deployment_name() == name).then_some((name, id))
}
