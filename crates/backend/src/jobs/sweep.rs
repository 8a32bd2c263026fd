//! Cleans up after failures elsewhere: deployments on Akash that no live order owns, deposits that
//! arrived after their order was given up, and lost jobs.

mod rows;
mod stray_money;

use domain::deployment::State;

use super::drive_deployment::MAY_LAND;
use super::survey;
use crate::audit::{self, SecurityEvent};
use crate::error::UsecaseError;
use crate::orders::change_error::ChangeError;
use crate::orders::next_jobs;
use crate::payment::exposure;
use crate::ports::{ChainError, DeploymentState, MarketError};
use crate::queue::{self, Kind, Outcome};
use crate::storage::{Resealed, StorageError, orders};
use crate::usecases::delete_order;
use crate::{Backend, observe};

/// Why a sweep was not completed.
#[derive(Debug, thiserror::Error)]
pub(super) enum SweepError {
    #[error(transparent)]
    Storage(#[from] StorageError),
    #[error(transparent)]
    Market(#[from] MarketError),
    #[error(transparent)]
    Chain(#[from] ChainError),
    #[error(transparent)]
    Change(#[from] ChangeError),
    #[error(transparent)]
    Expiry(#[from] UsecaseError),
}

/// Requests the first sweep of this process.
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
    survey::enqueue(backend).await?;
    reseal(backend).await?;
    delete_order::expire(backend).await?;
    exposure::reconcile(backend).await?;
    exposure::watch_caps(backend).await?;
    rows::forget(backend).await?;
    // The two are independent: an unreachable chain keeps no deployment open.
    let returned = stray_money::look(backend).await;
    close_orphans(backend).await?;
    returned
}

/// Transactions of one sweep in which rows are sealed again: few, so that no caller waits for them.
const RESEALED: u32 = 10;

/// Re-seals what is sealed with an older key with the first one.
async fn reseal(backend: &Backend) -> Result<(), SweepError> {
    for step in 0..RESEALED {
        if backend.storage().reseal().await? == Resealed::Everything {
            break;
        }
        if step == 0 {
            audit::record(backend, SecurityEvent::KeyRotated, None, None);
        }
    }
    Ok(())
}

/// Makes sure that every order that time or the world moves has its job, whatever happened to the
/// queue.
async fn revive_jobs(backend: &Backend) -> Result<(), SweepError> {
    let mut transaction = backend.storage().begin_write().await?;
    let now_ms = backend.ports().clock.now_ms();
    for order in orders::without_job(&mut transaction).await? {
        next_jobs::enqueue(&mut transaction, &order, now_ms).await?;
    }
    transaction.commit().await?;
    Ok(())
}

/// A deployment of ours that no order knows is closed: otherwise it costs money until it is
/// noticed.
async fn close_orphans(backend: &Backend) -> Result<(), SweepError> {
    let now = backend.ports().clock.now();
    for listed in backend.ports().market.list().await? {
        let Some((name, id)) = listed.order() else {
            continue;
        };
        if listed.state != DeploymentState::Active {
            continue;
        }
        // One that was created a moment ago may be about to be adopted.
        let young = listed
            .created_at
            .is_some_and(|created_at| now.since(created_at) < MAY_LAND);
        let order = orders::load(&mut backend.storage().read().await?, id).await?;
        let owned = match order.as_ref().map(|order| &order.state) {
            None => young,
            Some(State::Opening { .. }) => true,
            // A closing order without a number looks for it itself.
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
