//! Code that changes the outside world. A job is claimed from the queue, is safe to repeat, and
//! ends as done, to be retried, or failed.

pub(crate) mod drive_deployment;
pub(crate) mod follow_chain;
pub(crate) mod follow_logs;
pub(crate) mod send_outbox;
pub(crate) mod survey;
pub(crate) mod sweep;
pub(crate) mod tallies;
#[cfg(test)]
mod tests;
pub(crate) mod watch_end;
mod worker;

use tokio_util::sync::CancellationToken;

pub use tallies::Tally;
#[cfg(any(test, feature = "fakes"))]
pub(crate) use worker::run_due;

pub(crate) use follow_logs::LogWriter;

use crate::Backend;

/// Claims and runs jobs until `cancelled`; then lets running jobs finish their current step, or
/// releases their claims.
pub async fn run_worker(backend: Backend, cancelled: CancellationToken) {
    worker::run(backend.for_jobs(), cancelled).await;
}

/// Returns whether no job is due now (for tests). A queue that cannot be read is not quiet.
pub async fn quiet(backend: &Backend) -> bool {
    worker::quiet(backend).await
}
