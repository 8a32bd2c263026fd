//! Checks all running deployments at once, using Akash's list of them.
//!
//! Orders that run without events are checked individually only every few minutes; the survey
//! notices deployments that end on Akash's side in between. The list itself proves nothing: an
//! order that is missing from it, or whose lease it reports as over, is checked individually, and
//! only the result of that check counts.

use std::collections::HashSet;

use domain::ids::OrderId;

use crate::ports::{DeploymentState, MarketError};
use crate::queue::{self, Kind, Outcome};
use crate::storage::{StorageError, orders};
use crate::{Backend, observe};

#[derive(Debug, thiserror::Error)]
enum SurveyError {
    #[error(transparent)]
    Storage(#[from] StorageError),
    #[error(transparent)]
    Market(#[from] MarketError),
}

/// Enqueues a survey, which continues by itself while any deployment runs.
pub(crate) async fn enqueue(backend: &Backend) -> Result<(), StorageError> {
    let mut transaction = backend.storage().begin_write().await?;
    let now_ms = backend.ports().clock.now_ms();
    queue::enqueue(&mut transaction, Kind::Survey, None, now_ms).await?;
    transaction.commit().await?;
    Ok(())
}

/// Runs a survey.
pub(crate) async fn run(backend: &Backend) -> Outcome {
    match survey(backend).await {
        Ok(Surveyed::Something) => Outcome::Again(backend.settings().poll.status),
        Ok(Surveyed::Nothing) => Outcome::Done,
        Err(error) => Outcome::Failed(error.to_string()),
    }
}

/// Whether any deployment runs.
enum Surveyed {
    Something,
    Nothing,
}

async fn survey(backend: &Backend) -> Result<Surveyed, SurveyError> {
    let running = orders::running(&mut backend.storage().read().await?).await?;
    if running.is_empty() {
        return Ok(Surveyed::Nothing);
    }
    let listed = backend.ports().market.list().await?;
    let well: HashSet<(OrderId, _)> = listed
        .iter()
        .filter(|listed| listed.state == DeploymentState::Active && !listed.has_ended_lease)
        .filter_map(|listed| Some((listed.order()?.1, listed.dseq)))
        .collect();
    let mut looked_at = 0;
    for (order, dseq) in running {
        if well.contains(&(order, dseq)) {
            continue;
        }
        let mut transaction = backend.storage().begin_write().await?;
        let now_ms = backend.ports().clock.now_ms();
        looked_at += u64::from(queue::hasten(&mut transaction, order, now_ms).await?);
        transaction.commit().await?;
    }
    if looked_at > 0 {
        observe::survey_found(looked_at);
        backend.job_waits().notify_waiters();
    }
    Ok(Surveyed::Something)
}
