//! Rows of the job queue. [`crate::queue`] describes what the columns mean.

use domain::ids::OrderId;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Connection, StorageError, locks_rows, parsed_optional, signed, storable, unsigned};
use crate::queue::class::Class;

/// A claimed job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ClaimedJob {
    /// Id of the job.
    pub(crate) id: String,
    /// Name of the job's kind.
    pub(crate) kind: String,
    /// Order that the job is for; `None` if it is for no order.
    pub(crate) order: Option<OrderId>,
    /// Time at which the job became due, in Unix milliseconds.
    pub(crate) due_ms: u64,
    /// Fencing token of this claim; a later claim has a larger one.
    pub(crate) fence: u64,
    /// Number of times that the job was enqueued up to the claim: a larger number now means that it
    /// was enqueued again.
    pub(crate) nudges: u64,
    /// Number of consecutive failures.
    pub(crate) attempts: u64,
}

/// Enqueues a job at `due_ms`, or earlier if it is already due earlier.
pub(crate) async fn enqueue(
    connection: &mut Connection,
    id: &str,
    kind: &str,
    order: Option<OrderId>,
    due_ms: u64,
) -> Result<(), StorageError> {
    sqlx::query(
        "INSERT INTO jobs (id, kind, order_id, due_ms, leased_until_ms, fence, nudges, attempts, \
         last_error, dead, routine) VALUES ($1, $2, $3, $4, 0, 0, 1, 0, $5, 0, 0) \
         ON CONFLICT (id) DO UPDATE SET \
         due_ms = CASE WHEN jobs.due_ms < excluded.due_ms THEN jobs.due_ms ELSE excluded.due_ms END, \
         nudges = jobs.nudges + 1, dead = 0, routine = 0",
    )
    .bind(id)
    .bind(kind)
    .bind(order.map(|order| order.to_string()))
    .bind(signed(due_ms))
    .bind(None::<String>)
    .execute(connection)
    .await?;
    Ok(())
}

/// Makes an order's regular check due at `due_ms`, if it is due later; it remains a regular check.
pub(crate) async fn hasten(
    connection: &mut Connection,
    id: &str,
    due_ms: u64,
) -> Result<bool, StorageError> {
    let changed = sqlx::query(
        "UPDATE jobs SET due_ms = $1, nudges = nudges + 1 \
         WHERE id = $2 AND dead = 0 AND due_ms > $3",
    )
    .bind(signed(due_ms))
    .bind(id)
    .bind(signed(due_ms))
    .execute(connection)
    .await?
    .rows_affected();
    Ok(changed > 0)
}

macro_rules! claim_of {
    ($class:literal, $locked:literal) => {
        concat!(
            "WITH due AS MATERIALIZED (SELECT id FROM jobs WHERE claimed_by IS NULL AND dead = 0 AND ",
            $class,
            " AND due_ms <= $1 AND leased_until_ms <= $2 ORDER BY due_ms, id LIMIT $3",
            $locked,
            ") UPDATE jobs SET claimed_by = $4, leased_until_ms = $5, fence = fence + 1 \
             WHERE id IN (SELECT id FROM due) \
             RETURNING id, kind, order_id, due_ms, fence, nudges, attempts"
        )
    };
    ($class:literal) => {
        // SQLite has one writer at a time; PostgreSQL has to be told to skip locked rows.
        (
            claim_of!($class, ""),
            claim_of!($class, " FOR UPDATE SKIP LOCKED"),
        )
    };
}

/// Claims for `worker` the jobs of one class that have been due longest, at most `most` of them.
/// Must run in a transaction that writes. Versions before the registry of workers leave the jobs
/// alone until `leased_until_ms`.
pub(crate) async fn claim(
    connection: &mut Connection,
    worker: &str,
    class: Class,
    most: usize,
    now_ms: u64,
    leased_until_ms: u64,
) -> Result<Vec<ClaimedJob>, StorageError> {
    let (plain, locking) = match class {
        Class::Chain => claim_of!("kind IN ('follow_chain', 'send_outbox')"),
        Class::Drive => claim_of!("kind = 'drive' AND routine = 0"),
        Class::Watch => claim_of!("kind = 'drive' AND routine = 1"),
        Class::Logs => claim_of!("kind = 'follow_logs'"),
        Class::Sweep => claim_of!("kind IN ('sweep', 'survey')"),
        Class::End => claim_of!("kind = 'watch_end'"),
    };
    let query = if locks_rows(connection) {
        locking
    } else {
        plain
    };
    let rows = sqlx::query(query)
        .bind(signed(now_ms))
        .bind(signed(now_ms))
        .bind(signed(most as u64))
        .bind(worker)
        .bind(signed(leased_until_ms))
        .fetch_all(connection)
        .await?;
    let mut claimed = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    claimed.sort_by(|one, other| (one.due_ms, &one.id).cmp(&(other.due_ms, &other.id)));
    Ok(claimed)
}

/// Jobs of one kind that wait for a worker at a given moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Waiting {
    /// Name of the jobs' kind.
    pub(crate) kind: String,
    /// `true` for regular checks that nothing is waiting for.
    pub(crate) routine: bool,
    /// Number of waiting jobs.
    pub(crate) number: u64,
    /// Time at which the oldest of them became due, in Unix milliseconds.
    pub(crate) oldest_due_ms: u64,
}

/// Returns unclaimed jobs that are due at `now_ms`, by kind.
pub(crate) async fn waiting(
    connection: &mut Connection,
    now_ms: u64,
) -> Result<Vec<Waiting>, StorageError> {
    let rows = sqlx::query(
        "SELECT kind, routine, COUNT(*) AS number, MIN(due_ms) AS oldest FROM jobs \
         WHERE claimed_by IS NULL AND dead = 0 AND due_ms <= $1 AND leased_until_ms <= $2 \
         GROUP BY kind, routine ORDER BY kind, routine",
    )
    .bind(signed(now_ms))
    .bind(signed(now_ms))
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Waiting {
                kind: row.try_get("kind")?,
                routine: unsigned(row, "routine")? != 0,
                number: unsigned(row, "number")?,
                oldest_due_ms: unsigned(row, "oldest")?,
            })
        })
        .collect()
}

/// Releases all jobs that a worker holds.
pub(crate) async fn free_all(
    connection: &mut Connection,
    worker: &str,
) -> Result<u64, StorageError> {
    let freed =
        sqlx::query("UPDATE jobs SET claimed_by = NULL, leased_until_ms = 0 WHERE claimed_by = $1")
            .bind(worker)
            .execute(connection)
            .await?
            .rows_affected();
    Ok(freed)
}

/// Releases one job that a worker holds with `fence`.
pub(crate) async fn free(
    connection: &mut Connection,
    worker: &str,
    id: &str,
    fence: u64,
) -> Result<(), StorageError> {
    sqlx::query(
        "UPDATE jobs SET claimed_by = NULL, leased_until_ms = 0 \
         WHERE id = $1 AND claimed_by = $2 AND fence = $3",
    )
    .bind(id)
    .bind(worker)
    .bind(signed(fence))
    .execute(connection)
    .await?;
    Ok(())
}

/// Returns the jobs that a worker holds, with their fencing tokens.
pub(crate) async fn held_by(
    connection: &mut Connection,
    worker: &str,
) -> Result<Vec<(String, u64)>, StorageError> {
    let rows = sqlx::query("SELECT id, fence FROM jobs WHERE claimed_by = $1")
        .bind(worker)
        .fetch_all(connection)
        .await?;
    rows.iter()
        .map(|row| Ok((row.try_get("id")?, unsigned(row, "fence")?)))
        .collect()
}

macro_rules! with_fence {
    ($locked:literal) => {
        concat!("SELECT id FROM jobs WHERE id = $1 AND fence = $2", $locked)
    };
}

/// Returns whether the claim with `fence` still holds. In a transaction that writes, it then holds
/// until the transaction ends: no other worker can claim the job meanwhile.
pub(crate) async fn holds(
    connection: &mut Connection,
    id: &str,
    fence: u64,
) -> Result<bool, StorageError> {
    // A lock that prevents claims but not enqueuing the job.
    let query = if locks_rows(connection) {
        with_fence!(" FOR KEY SHARE")
    } else {
        with_fence!("")
    };
    let row = sqlx::query(query)
        .bind(id)
        .bind(signed(fence))
        .fetch_optional(connection)
        .await?;
    Ok(row.is_some())
}

/// Ends a claim: the job is deleted unless it was enqueued again meanwhile.
pub(crate) async fn finish(
    connection: &mut Connection,
    job: &ClaimedJob,
    now_ms: u64,
) -> Result<(), StorageError> {
    sqlx::query("DELETE FROM jobs WHERE id = $1 AND fence = $2 AND nudges = $3")
        .bind(job.id.as_str())
        .bind(signed(job.fence))
        .bind(signed(job.nudges))
        .execute(&mut *connection)
        .await?;
    sqlx::query(
        "UPDATE jobs SET due_ms = $1, claimed_by = NULL, leased_until_ms = 0, attempts = 0, \
         routine = 0 WHERE id = $2 AND fence = $3",
    )
    .bind(signed(now_ms))
    .bind(job.id.as_str())
    .bind(signed(job.fence))
    .execute(connection)
    .await?;
    Ok(())
}

/// State of a job after its claim is released.
#[derive(Debug)]
pub(crate) struct Release<'a> {
    /// Time of the next run, in Unix milliseconds; a job that was enqueued meanwhile runs at
    /// `now_ms` instead.
    pub(crate) due_ms: u64,
    /// Current time, in Unix milliseconds.
    pub(crate) now_ms: u64,
    /// Number of consecutive failures; 0 after a successful run.
    pub(crate) attempts: u64,
    /// Reason of the last failure; `None` after a successful run.
    pub(crate) last_error: Option<&'a str>,
    /// `true` if the job is given up and waits for an operator.
    pub(crate) dead: bool,
    /// `true` if nothing is waiting for the next run; ignored if the job was enqueued meanwhile.
    pub(crate) routine: bool,
}

/// Releases a claim.
pub(crate) async fn release(
    connection: &mut Connection,
    job: &ClaimedJob,
    release: &Release<'_>,
) -> Result<(), StorageError> {
    sqlx::query(
        "UPDATE jobs SET due_ms = CASE WHEN nudges = $1 THEN CAST($2 AS BIGINT) \
         ELSE CAST($3 AS BIGINT) END, \
         routine = CASE WHEN nudges = $4 THEN CAST($5 AS BIGINT) ELSE 0 END, \
         claimed_by = NULL, leased_until_ms = 0, attempts = $6, last_error = $7, dead = $8 \
         WHERE id = $9 AND fence = $10",
    )
    .bind(signed(job.nudges))
    .bind(signed(release.due_ms))
    .bind(signed(release.now_ms))
    .bind(signed(job.nudges))
    .bind(i64::from(release.routine))
    .bind(signed(release.attempts))
    .bind(release.last_error.map(storable))
    .bind(i64::from(release.dead))
    .bind(job.id.as_str())
    .bind(signed(job.fence))
    .execute(connection)
    .await?;
    Ok(())
}

/// Returns when the next unclaimed job is due, or when the deadline of a worker that holds one
/// passes, whichever is first; `None` if the queue is empty.
pub(crate) async fn next_due_ms(connection: &mut Connection) -> Result<Option<u64>, StorageError> {
    let row = sqlx::query(
        "SELECT MIN(CASE WHEN due_ms > free_ms THEN due_ms ELSE free_ms END) AS next FROM \
         (SELECT jobs.due_ms, CASE WHEN jobs.claimed_by IS NULL THEN jobs.leased_until_ms \
         ELSE COALESCE(workers.alive_until_ms, 0) END AS free_ms \
         FROM jobs LEFT JOIN workers ON workers.id = jobs.claimed_by WHERE jobs.dead = 0) AS all_jobs",
    )
    .fetch_one(connection)
    .await?;
    let next: Option<i64> = row.try_get("next")?;
    Ok(next.map(|next| u64::try_from(next).unwrap_or_default()))
}

/// A job in trouble: it keeps failing, or was given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Troubled {
    /// Id of the job.
    pub id: String,
    /// Number of consecutive failures.
    pub attempts: u64,
    /// Reason of the last failure; `None` if none is stored.
    pub last_error: Option<String>,
    /// `true` if the job is given up until it is enqueued again.
    pub dead: bool,
}

/// Returns jobs that were given up, and those that failed at least `attempts` times in a row.
pub(crate) async fn troubled(
    connection: &mut Connection,
    attempts: u64,
) -> Result<Vec<Troubled>, StorageError> {
    let rows = sqlx::query(
        "SELECT id, attempts, last_error, dead FROM jobs WHERE dead = 1 OR attempts >= $1 \
         ORDER BY dead DESC, attempts DESC, id LIMIT 200",
    )
    .bind(signed(attempts))
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Troubled {
                id: row.try_get("id")?,
                attempts: unsigned(row, "attempts")?,
                last_error: row.try_get("last_error")?,
                dead: unsigned(row, "dead")? != 0,
            })
        })
        .collect()
}

/// Returns how many unclaimed jobs are due at `now_ms`, and since when the oldest of them is due.
/// Kinds of jobs that this version does not know are not counted.
pub(crate) async fn due(
    connection: &mut Connection,
    now_ms: u64,
) -> Result<(u64, Option<u64>), StorageError> {
    let waiting = waiting(connection, now_ms).await?;
    let known = waiting
        .iter()
        .filter(|waiting| Class::of(&waiting.kind, waiting.routine).is_some());
    let number = known.clone().map(|waiting| waiting.number).sum();
    Ok((number, known.map(|waiting| waiting.oldest_due_ms).min()))
}

/// Makes a job due at once, even one that was given up; `false` if there is none with that id.
pub(crate) async fn retry(
    connection: &mut Connection,
    id: &str,
    now_ms: u64,
) -> Result<bool, StorageError> {
    let changed = sqlx::query(
        "UPDATE jobs SET dead = 0, attempts = 0, due_ms = $1, nudges = nudges + 1, routine = 0 \
         WHERE id = $2",
    )
    .bind(signed(now_ms))
    .bind(id)
    .execute(connection)
    .await?
    .rows_affected();
    Ok(changed > 0)
}

fn read(row: &AnyRow) -> Result<ClaimedJob, StorageError> {
    Ok(ClaimedJob {
        id: row.try_get("id")?,
        kind: row.try_get("kind")?,
        order: parsed_optional(row, "order_id")?,
        due_ms: unsigned(row, "due_ms")?,
        fence: unsigned(row, "fence")?,
        nudges: unsigned(row, "nudges")?,
        attempts: unsigned(row, "attempts")?,
    })
}
