//! What changes the outside world: claimed from the queue, repeatable, ending in done, retry or
//! fail.

pub(crate) mod drive_deployment;
pub(crate) mod follow_chain;
pub(crate) mod follow_logs;
pub(crate) mod queue;
pub(crate) mod send_outbox;
pub(crate) mod sweep;
#[cfg(test)]
mod tests;
pub(crate) mod watch_end;
mod worker;

use tokio_util::sync::CancellationToken;

#[cfg(any(test, feature = "fakes"))]
pub(crate) use worker::run_due;

use crate::Backend;

/// Claims and runs jobs until `cancelled`; then lets running ones finish their step, or gives
/// their claims back.
pub async fn run_worker(backend: Backend, cancelled: CancellationToken) {
    worker::run(backend.for_jobs(), cancelled).await;
}

/// Whether no job is due now (for tests). An unreadable queue is not quiet.
pub async fn quiet(backend: &Backend) -> bool {
    worker::quiet(backend).await
}
