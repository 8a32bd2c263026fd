//! The job queue: a table in the same database as the data that the jobs work on.
//!
//! Each row is one job, identified by its kind and its order; enqueuing it again only makes it due
//! sooner. A worker ([`registry`]) holds its claims for as long as it is alive (`claimed_by`). It
//! claims several rows at a time, separately for each class ([`class`]); each claim gets a larger
//! *fencing token*, and a job's writes are committed only if its token is still the newest.
//! `nudges` counts how often the job was enqueued: a job that was enqueued again while it ran runs
//! again. `routine` marks a job whose next run nothing is waiting for, until it is enqueued again.

pub(crate) mod class;
pub(crate) mod registry;

use std::time::Duration;

use domain::ids::OrderId;

use class::Class;
use registry::Worker;

use crate::Backend;
use crate::fail_points::{Side, reach};
use crate::storage::jobs::{self, ClaimedJob, Release};
use crate::storage::{Connection, StorageError, Writing, workers};

/// The kind of work that a job does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// Moves one order through its lifecycle.
    Drive,
    /// Follows the log of one order's deployment.
    FollowLogs,
    /// Cleans up what no order owns.
    Sweep,
    /// Sends the operator's transactions.
    SendOutbox,
    /// Follows the escrow's chain.
    FollowChain,
    /// Checks whether a provider has stopped what was closed.
    WatchEnd,
    /// Checks all deployments at once.
    Survey,
}

impl Kind {
    /// All kinds.
    pub(crate) const ALL: [Self; 7] = [
        Self::Drive,
        Self::FollowLogs,
        Self::Sweep,
        Self::SendOutbox,
        Self::FollowChain,
        Self::WatchEnd,
        Self::Survey,
    ];

    /// Its name in the database.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Drive => "drive",
            Self::FollowLogs => "follow_logs",
            Self::Sweep => "sweep",
            Self::SendOutbox => "send_outbox",
            Self::FollowChain => "follow_chain",
            Self::WatchEnd => "watch_end",
            Self::Survey => "survey",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// The outcome of a run of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Nothing is left to do.
    Done,
    /// It succeeded and has to run again after this long.
    Again(Duration),
    /// As [`Self::Again`], but nothing is waiting for that run: it yields to jobs that something is
    /// waiting for.
    Routine(Duration),
    /// It failed this time, and is retried with backoff.
    Failed(String),
    /// It can never succeed: an operator has to look into it.
    Dead(String),
}

/// Time for which versions before the registry of workers leave a claimed job alone: longer than
/// two versions ever run side by side, but not for ever, in case the older one comes back.
const OLDER_VERSIONS_WAIT: Duration = Duration::from_hours(1);

/// Maximum number of jobs of one class taken by one claim.
pub(crate) const BATCH: usize = 20;

/// A claimed job.
#[derive(Debug, Clone)]
pub(crate) struct Claim {
    job: ClaimedJob,
    kind: Kind,
    class: Class,
}

impl Claim {
    /// Kind of the job.
    pub(crate) const fn kind(&self) -> Kind {
        self.kind
    }

    /// Class of jobs whose slots it uses.
    pub(crate) const fn class(&self) -> Class {
        self.class
    }

    /// Time at which it became due, in Unix milliseconds.
    pub(crate) const fn due_ms(&self) -> u64 {
        self.job.due_ms
    }

    /// Fencing token of the claim; a later claim has a larger one.
    pub(crate) const fn fence(&self) -> u64 {
        self.job.fence
    }

    /// Order that the job is for; `None` if it is for no order.
    pub(crate) const fn order(&self) -> Option<OrderId> {
        self.job.order
    }

    /// Id of the job.
    pub(crate) fn id(&self) -> &str {
        &self.job.id
    }

    /// Whether it moves an order. Only such claims have fail points of their own: the others are
    /// made and released constantly, whether or not there are orders.
    fn moves_an_order(&self) -> bool {
        self.kind == Kind::Drive
    }

    /// Number of consecutive failures before this run.
    pub(crate) const fn attempts(&self) -> u64 {
        self.job.attempts
    }

    /// Whether this is still the newest claim on its job; checked in the transaction that writes.
    pub(crate) async fn holds(&self, connection: &mut Connection) -> Result<bool, StorageError> {
        jobs::holds(connection, &self.job.id, self.job.fence).await
    }

    /// Begins a transaction in which the claim holds; `None` if it is lost.
    pub(crate) async fn begin_write(
        &self,
        backend: &Backend,
    ) -> Result<Option<Writing>, StorageError> {
        let mut transaction = backend.storage().begin_write().await?;
        Ok(self.holds(&mut transaction).await?.then_some(transaction))
    }

    /// Ends the run.
    pub(crate) async fn finish(
        &self,
        backend: &Backend,
        outcome: &Outcome,
    ) -> Result<(), StorageError> {
        let now_ms = backend.ports().clock.now_ms();
        let mut transaction = backend.storage().begin_write().await?;
        let attempts = self.job.attempts + 1;
        let release = match outcome {
            Outcome::Done => {
                jobs::finish(&mut transaction, &self.job, now_ms).await?;
                transaction.commit().await?;
                return Ok(());
            }
            Outcome::Again(after) | Outcome::Routine(after) => Release {
                due_ms: now_ms.saturating_add(millis(*after)),
                now_ms,
                attempts: 0,
                last_error: None,
                dead: false,
                routine: matches!(outcome, Outcome::Routine(_)),
            },
            Outcome::Failed(why) => Release {
                due_ms: now_ms.saturating_add(millis(backoff(attempts))),
                now_ms,
                attempts,
                last_error: Some(why),
                dead: false,
                routine: false,
            },
            Outcome::Dead(why) => Release {
                due_ms: now_ms,
                now_ms,
                attempts,
                last_error: Some(why),
                dead: true,
                routine: false,
            },
        };
        jobs::release(&mut transaction, &self.job, &release).await?;
        if self.moves_an_order() {
            reach(Side::Before, "release");
        }
        transaction.commit().await?;
        if self.moves_an_order() {
            reach(Side::After, "release");
        }
        Ok(())
    }
}

/// Wait after `attempts` consecutive failures: 1 s, 2 s, 4 s …, at most a minute.
pub(crate) fn backoff(attempts: u64) -> Duration {
    let doublings = u32::try_from(attempts.saturating_sub(1).min(6)).unwrap_or(6);
    Duration::from_secs(2_u64.pow(doublings)).min(Duration::from_secs(60))
}

/// The result of claiming jobs.
#[derive(Debug)]
pub(crate) enum Claimed {
    /// The claimed jobs; empty if none is due.
    Jobs(Vec<Claim>),
    /// The worker's claims were taken over: it no longer holds any of them.
    StruckOff,
}

/// Claims for `worker` the jobs that have been due longest: per class, at most the number in
/// `free`, and at most [`BATCH`].
///
/// Jobs that the worker already holds are skipped, whatever its clock says: a clock that jumped
/// must not make one process run a job twice.
pub(crate) async fn claim(
    backend: &Backend,
    worker: &Worker,
    free: &[(Class, usize)],
) -> Result<Claimed, StorageError> {
    let now_ms = backend.ports().clock.now_ms();
    // Reading takes no lock; only jobs worth claiming are locked.
    let waiting = jobs::waiting(&mut backend.storage().read().await?, now_ms).await?;
    let mut wanted = free.to_vec();
    wanted.retain(|(class, most)| {
        let waits = |kind: &jobs::Waiting| Class::of(&kind.kind, kind.routine) == Some(*class);
        *most > 0 && waiting.iter().any(waits)
    });
    if wanted.is_empty() {
        return Ok(Claimed::Jobs(Vec::new()));
    }
    let mut transaction = backend.storage().begin_write().await?;
    if !workers::is_registered(&mut transaction, worker.id()).await? {
        return Ok(Claimed::StruckOff);
    }
    let leased_until = now_ms.saturating_add(millis(OLDER_VERSIONS_WAIT));
    let mut claims = Vec::new();
    for (class, most) in wanted {
        let (id, most) = (worker.id(), most.min(BATCH));
        let claimed = jobs::claim(&mut transaction, id, class, most, now_ms, leased_until).await?;
        claims.extend(claimed.into_iter().filter_map(|job| {
            let kind = Kind::parse(&job.kind)?;
            Some(Claim { job, kind, class })
        }));
    }
    let drives = claims.iter().any(Claim::moves_an_order);
    if drives {
        reach(Side::Before, "claim");
    }
    transaction.commit().await?;
    if drives {
        reach(Side::After, "claim");
    }
    Ok(Claimed::Jobs(claims))
}

/// The class whose oldest due job has waited longest; `None` if no job is due.
#[cfg(any(test, feature = "fakes"))]
pub(crate) async fn longest_waiting(backend: &Backend) -> Result<Option<Class>, StorageError> {
    let mut connection = backend.storage().read().await?;
    let mut waiting = jobs::waiting(&mut connection, backend.ports().clock.now_ms()).await?;
    waiting.sort_by(|one, other| {
        (one.oldest_due_ms, &one.kind).cmp(&(other.oldest_due_ms, &other.kind))
    });
    Ok(waiting
        .iter()
        .find_map(|waiting| Class::of(&waiting.kind, waiting.routine)))
}

/// The time at which the next job is due; `None` if the queue is empty.
pub(crate) async fn next_due_ms(backend: &Backend) -> Result<Option<u64>, StorageError> {
    let mut connection = backend.storage().read().await?;
    jobs::next_due_ms(&mut connection).await
}

/// Makes an order's regular check due now, if it is due later.
pub(crate) async fn hasten(
    connection: &mut Connection,
    order: OrderId,
    due_ms: u64,
) -> Result<bool, StorageError> {
    jobs::hasten(connection, &id_of(Kind::Drive, Some(order)), due_ms).await
}

/// Enqueues a job.
pub(crate) async fn enqueue(
    connection: &mut Connection,
    kind: Kind,
    order: Option<OrderId>,
    due_ms: u64,
) -> Result<(), StorageError> {
    let id = id_of(kind, order);
    jobs::enqueue(connection, &id, kind.name(), order, due_ms).await
}

fn id_of(kind: Kind, order: Option<OrderId>) -> String {
    match order {
        Some(order) => format!("{}:{order}", kind.name()),
        None => kind.name().to_owned(),
    }
}

/// Converts a duration to milliseconds.
pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::backoff;

    #[test]
    fn a_failing_job_waits_longer_each_time_but_never_beyond_a_minute() {
        let waits: Vec<u64> = (1..=8).map(|n| backoff(n).as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(backoff(u64::MAX), Duration::from_secs(60));
    }
}
