//! Keeps the market current in the background, and its prices across restarts.

use std::time::Duration;

use domain::time::UnixSeconds;
use tokio_util::sync::CancellationToken;

use super::history::KEPT;
use crate::storage::{StorageError, market_samples};
use crate::{Backend, observe};

/// How often it is looked whether there is something to do.
const ROUND: Duration = Duration::from_secs(5);

/// Keeps the market current until `cancelled`. Reads only: nothing outside changes.
pub async fn run_market(backend: Backend, cancelled: CancellationToken) {
    if !backend.market().has_venues() {
        return;
    }
    if let Err(error) = recall(&backend).await {
        observe::market_samples_failed(&error);
    }
    // The first visitor finds rows.
    backend.market().look();
    loop {
        let round = async {
            backend.market().keep_current().await;
            if let Err(error) = note_down(&backend).await {
                observe::market_samples_failed(&error);
            }
            backend.ports().clock.sleep(ROUND).await;
        };
        tokio::select! {
            () = cancelled.cancelled() => return,
            () = round => {}
        }
    }
}

async fn recall(backend: &Backend) -> Result<(), StorageError> {
    let from = a_day_before(backend.ports().clock.now());
    let mut connection = backend.storage().read().await?;
    let samples = market_samples::since(&mut connection, from).await?;
    backend.market().remember(samples);
    Ok(())
}

async fn note_down(backend: &Backend) -> Result<(), StorageError> {
    let now = backend.ports().clock.now();
    if !backend.market().is_sample_due(now) {
        return Ok(());
    }
    let samples = backend.market().sample(now);
    if samples.is_empty() {
        return Ok(());
    }
    let mut transaction = backend.storage().begin_write().await?;
    for sample in &samples {
        market_samples::insert(&mut transaction, sample).await?;
    }
    market_samples::prune(&mut transaction, a_day_before(now)).await?;
    transaction.commit().await?;
    backend.market().remember(samples);
    Ok(())
}

fn a_day_before(now: UnixSeconds) -> UnixSeconds {
    UnixSeconds(now.0.saturating_sub(KEPT.0))
}
