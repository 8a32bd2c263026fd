//! The job queue: a table in the same database as what the jobs work on.
//!
//! One row is one thing to be done, named by its kind and its order; asking for it twice is asking
//! for it sooner. A worker claims a row until a moment (`leased_until_ms`) and renews the claim
//! while it works; each claim gets a larger *fencing token*, and whatever a job writes is written
//! only if its token is still the newest. `nudges` counts how often the job was asked for: a job
//! that was asked for again while it ran runs again.

use std::collections::HashSet;
use std::time::Duration;

use domain::auto_sign::Verdict;
use domain::deployment::{State, Step, next_step};
use domain::ids::OrderId;
use domain::time::UnixSeconds;

use super::watch_end;
use crate::Backend;
use crate::fail_points::{Side, reach};
use crate::order::Order;
use crate::storage::jobs::{self, ClaimedJob, Release};
use crate::storage::{Connection, StorageError};

/// What a job does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// Moves one order through its lifecycle.
    Drive,
    /// Follows the log of one order's deployment.
    FollowLogs,
    /// Closes what nobody owns.
    Sweep,
    /// Sends the operator's transactions.
    SendOutbox,
    /// Follows the escrow's chain.
    FollowChain,
    /// Looks whether a provider has stopped what was closed.
    WatchEnd,
}

impl Kind {
    const ALL: [Self; 6] = [
        Self::Drive,
        Self::FollowLogs,
        Self::Sweep,
        Self::SendOutbox,
        Self::FollowChain,
        Self::WatchEnd,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Drive => "drive",
            Self::FollowLogs => "follow_logs",
            Self::Sweep => "sweep",
            Self::SendOutbox => "send_outbox",
            Self::FollowChain => "follow_chain",
            Self::WatchEnd => "watch_end",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// How a run of a job ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Nothing is left to do.
    Done,
    /// It went well and is to run again after this long.
    Again(Duration),
    /// It did not work out this time; it is tried again, later each time.
    Failed(String),
    /// It cannot ever work out: an operator has to look at it.
    Dead(String),
}

/// How long a claim holds without being renewed.
pub(crate) const LEASE: Duration = Duration::from_secs(30);

/// A claimed job.
#[derive(Debug, Clone)]
pub(crate) struct Claim {
    job: ClaimedJob,
    kind: Kind,
}

impl Claim {
    /// What is to be done.
    pub(crate) const fn kind(&self) -> Kind {
        self.kind
    }

    /// For which order.
    pub(crate) const fn order(&self) -> Option<OrderId> {
        self.job.order
    }

    /// The job's name.
    pub(crate) fn id(&self) -> &str {
        &self.job.id
    }

    /// Whether it moves an order. Only such claims have fail points of their own: the others are made
    /// and given back all the time, whether anybody ordered anything or not.
    fn moves_an_order(&self) -> bool {
        self.kind == Kind::Drive
    }

    /// How often it failed in a row before this run.
    pub(crate) const fn attempts(&self) -> u64 {
        self.job.attempts
    }

    /// Whether the claim is still the newest on its job; asked in the transaction that writes.
    pub(crate) async fn holds(&self, connection: &mut Connection) -> Result<bool, StorageError> {
        jobs::holds(connection, &self.job.id, self.job.fence).await
    }

    /// Extends the claim; `false` when it was lost.
    pub(crate) async fn renew(&self, backend: &Backend) -> Result<bool, StorageError> {
        let until = lease_end(backend);
        let mut transaction = backend.storage().begin_write().await?;
        let held = jobs::renew(&mut transaction, &self.job.id, self.job.fence, until).await?;
        transaction.commit().await?;
        Ok(held)
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
            Outcome::Again(after) => Release {
                due_ms: now_ms.saturating_add(millis(*after)),
                now_ms,
                attempts: 0,
                last_error: None,
                dead: false,
            },
            Outcome::Failed(why) => Release {
                due_ms: now_ms.saturating_add(millis(backoff(attempts))),
                now_ms,
                attempts,
                last_error: Some(why),
                dead: false,
            },
            Outcome::Dead(why) => Release {
                due_ms: now_ms,
                now_ms,
                attempts,
                last_error: Some(why),
                dead: true,
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

    /// Gives the claim back unfinished, so that somebody else can go on at once.
    pub(crate) async fn give_back(&self, backend: &Backend) -> Result<(), StorageError> {
        let now_ms = backend.ports().clock.now_ms();
        let release = Release {
            due_ms: now_ms,
            now_ms,
            attempts: self.job.attempts,
            last_error: None,
            dead: false,
        };
        let mut transaction = backend.storage().begin_write().await?;
        jobs::release(&mut transaction, &self.job, &release).await?;
        transaction.commit().await?;
        Ok(())
    }
}

/// How long a job that failed `attempts` times in a row waits: 1 s, 2 s, 4 s … at most a minute.
pub(crate) fn backoff(attempts: u64) -> Duration {
    let doublings = u32::try_from(attempts.saturating_sub(1).min(6)).unwrap_or(6);
    Duration::from_secs(2_u64.pow(doublings)).min(Duration::from_secs(60))
}

/// Claims the job that has been due longest; `None` when none is due.
///
/// Jobs that this process is `running` are passed over even when their claims ran out: a clock
/// that jumped must not make one process do a thing twice.
pub(crate) async fn claim(
    backend: &Backend,
    running: &HashSet<String>,
) -> Result<Option<Claim>, StorageError> {
    let now_ms = backend.ports().clock.now_ms();
    let mut transaction = backend.storage().begin_write().await?;
    let job = jobs::claim(&mut transaction, running, now_ms, lease_end(backend)).await?;
    let claimed = match job {
        None => None,
        Some(job) => match Kind::parse(&job.kind) {
            Some(kind) => Some(Claim { job, kind }),
            // Written by another version: put aside, so that it does not stand in the way.
            None => {
                let release = Release {
                    due_ms: now_ms,
                    now_ms,
                    attempts: job.attempts,
                    last_error: Some("this version does not know the job"),
                    dead: true,
                };
                jobs::release(&mut transaction, &job, &release).await?;
                None
            }
        },
    };
    let drives = claimed.as_ref().is_some_and(Claim::moves_an_order);
    if drives {
        reach(Side::Before, "claim");
    }
    transaction.commit().await?;
    if drives {
        reach(Side::After, "claim");
    }
    Ok(claimed)
}

/// When the next job is due; `None` when nothing is queued.
pub(crate) async fn next_due_ms(backend: &Backend) -> Result<Option<u64>, StorageError> {
    let mut connection = backend.storage().read().await?;
    jobs::next_due_ms(&mut connection).await
}

/// Asks for what an order needs next: its lifecycle moved on, at once or when time alone moves it,
/// its log followed once it runs, and its provider watched once it is closed.
pub(crate) async fn enqueue_next(
    connection: &mut Connection,
    order: &Order,
    now_ms: u64,
) -> Result<(), StorageError> {
    if let Some(at) = wakes_at(order) {
        let due_ms = at.0.saturating_mul(1000).max(now_ms);
        enqueue(connection, Kind::Drive, Some(order.id), due_ms).await?;
    }
    if matches!(order.state, State::Active { .. }) {
        enqueue(connection, Kind::FollowLogs, Some(order.id), now_ms).await?;
    }
    if watch_end::is_needed(order) {
        let due_ms = now_ms.saturating_add(millis(watch_end::GRACE));
        enqueue(connection, Kind::WatchEnd, Some(order.id), due_ms).await?;
    }
    Ok(())
}

/// When an order wants to be looked at next; `None` while only people move it.
fn wakes_at(order: &Order) -> Option<UnixSeconds> {
    match &order.state {
        State::Quoted { quote } => Some(match &order.auto_sign {
            Some(Verdict::WillPay { at, .. }) => quote.expires_at.min(*at),
            _ => quote.expires_at,
        }),
        state => match next_step(state, UnixSeconds(0)) {
            Step::AwaitBuyer | Step::AwaitOperator | Step::Finished => None,
            _ => Some(UnixSeconds(0)),
        },
    }
}

/// Asks for a job.
pub(crate) async fn enqueue(
    connection: &mut Connection,
    kind: Kind,
    order: Option<OrderId>,
    due_ms: u64,
) -> Result<(), StorageError> {
    let id = match order {
        Some(order) => format!("{}:{order}", kind.name()),
        None => kind.name().to_owned(),
    };
    jobs::enqueue(connection, &id, kind.name(), order, due_ms).await
}

fn lease_end(backend: &Backend) -> u64 {
    let now_ms = backend.ports().clock.now_ms();
    now_ms.saturating_add(millis(LEASE))
}

/// A duration in milliseconds.
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
