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

/// Enqueues the first sweep of this process.
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
    // The two are independent: an unreachable chain must not keep a deployment open.
    let returned = stray_money::look(backend).await;
    close_orphans(backend).await?;
    returned
}

/// Maximum number of re-sealing transactions per sweep: few, so that no caller has to wait for
/// them.
const RESEALED: u32 = 10;

/// Seals again, with the first key, the values that are sealed with an older one.
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

/// Makes sure that every order that depends on time or on the outside world has its job, whatever
/// happened to the queue.
async fn revive_jobs(backend: &Backend) -> Result<(), SweepError> {
    let mut transaction = backend.storage().begin_write().await?;
    let now_ms = backend.ports().clock.now_ms();
    for order in orders::without_job(&mut transaction).await? {
        next_jobs::enqueue(&mut transaction, &order, now_ms).await?;
    }
    transaction.commit().await?;
    Ok(())
}

/// Closes deployments of ours that no order knows: they would cost money until someone notices.
async fn close_orphans(backend: &Backend) -> Result<(), SweepError> {
    let now = backend.ports().clock.now();
    for listed in backend.ports().market.list().await? {
        let Some((name, id)) = listed.order() else {
            continue;
        };
        if listed.state != DeploymentState::Active {
            continue;
        }
        // A deployment that was created a moment ago may be about to be adopted.
        let young = listed
            .created_at
            .is_some_and(|created_at| now.since(created_at) < MAY_LAND);
        let order = orders::load(&mut backend.storage().read().await?, id).await?;
        let owned = match order.as_ref().map(|order| &order.state) {
            None => young,
            Some(State::Opening { .. }) => true,
            // A closing order without a deployment number looks for it itself.
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
