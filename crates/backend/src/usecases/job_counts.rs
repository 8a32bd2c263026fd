//! The state of the job queue, by kind of job.

use crate::Backend;
use crate::jobs::tallies::Tally;
use crate::storage::{StorageError, jobs};

/// The state of the job queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobCounts {
    /// Jobs that are due and unclaimed.
    pub waiting: Vec<WaitingJobs>,
    /// Counts of the runs in this process, one entry per kind.
    pub done_here: Vec<Tally>,
}

/// Jobs of one kind that are waiting for a worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingJobs {
    /// Name of the kind.
    pub kind: String,
    /// `true` for regular checks that nothing is waiting for.
    pub routine: bool,
    /// Number of waiting jobs.
    pub number: u64,
    /// Time for which the oldest of them has been due, in milliseconds.
    pub oldest_ms: u64,
}

/// Counts the waiting jobs in the database, and reports the runs of this process.
///
/// # Errors
/// If the database fails.
pub async fn job_counts(backend: &Backend) -> Result<JobCounts, StorageError> {
    let now_ms = backend.ports().clock.now_ms();
    let mut connection = backend.storage().read().await?;
    let waiting = jobs::waiting(&mut connection, now_ms).await?;
    Ok(JobCounts {
        waiting: waiting
            .into_iter()
            .map(|waiting| WaitingJobs {
                kind: waiting.kind,
                routine: waiting.routine,
                number: waiting.number,
                oldest_ms: now_ms.saturating_sub(waiting.oldest_due_ms),
            })
            .collect(),
        done_here: backend.tallies().now(),
    })
}
