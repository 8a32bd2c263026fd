//! The job queue's rows. What the columns mean is said in [`crate::jobs::queue`].

use std::collections::HashSet;

use domain::ids::OrderId;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Connection, StorageError, locks_rows, parsed_optional, signed, storable, unsigned};

/// A job that was claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ClaimedJob {
    /// Its id.
    pub(crate) id: String,
    /// What is to be done.
    pub(crate) kind: String,
    /// For which order.
    pub(crate) order: Option<OrderId>,
    /// The fencing token of this claim: a later claim has a larger one.
    pub(crate) fence: u64,
    /// How often it was asked for when it was claimed.
    pub(crate) nudges: u64,
    /// How often it failed in a row.
    pub(crate) attempts: u64,
}

/// Asks for a job at `due_ms`, or earlier where it is due earlier already.
pub(crate) async fn enqueue(
    connection: &mut Connection,
    id: &str,
    kind: &str,
    order: Option<OrderId>,
    due_ms: u64,
) -> Result<(), StorageError> {
    sqlx::query(
        "INSERT INTO jobs (id, kind, order_id, due_ms, leased_until_ms, fence, nudges, attempts, \
         last_error, dead) VALUES ($1, $2, $3, $4, 0, 0, 1, 0, $5, 0) \
         ON CONFLICT (id) DO UPDATE SET \
         due_ms = CASE WHEN jobs.due_ms < excluded.due_ms THEN jobs.due_ms ELSE excluded.due_ms END, \
         nudges = jobs.nudges + 1, dead = 0",
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

/// Claims the job that has been due longest and is not among `running`, until `leased_until_ms`.
/// Must run in a transaction that writes.
pub(crate) async fn claim(
    connection: &mut Connection,
    running: &HashSet<String>,
    now_ms: u64,
    leased_until_ms: u64,
) -> Result<Option<ClaimedJob>, StorageError> {
    // SQLite has one writer at a time; PostgreSQL has to be told to pass over claimed rows.
    let candidate = if locks_rows(connection) {
        "SELECT id FROM jobs WHERE dead = 0 AND due_ms <= $1 AND leased_until_ms <= $2 \
         ORDER BY due_ms, id LIMIT $3 FOR UPDATE SKIP LOCKED"
    } else {
        "SELECT id FROM jobs WHERE dead = 0 AND due_ms <= $1 AND leased_until_ms <= $2 \
         ORDER BY due_ms, id LIMIT $3"
    };
    let due = sqlx::query(candidate)
        .bind(signed(now_ms))
        .bind(signed(now_ms))
        .bind(signed(running.len() as u64 + 1))
        .fetch_all(&mut *connection)
        .await?;
    let mut free = None;
    for row in &due {
        let id: String = row.try_get("id")?;
        if !running.contains(&id) {
            free = Some(id);
            break;
        }
    }
    let Some(id) = free else {
        return Ok(None);
    };
    sqlx::query("UPDATE jobs SET leased_until_ms = $1, fence = fence + 1 WHERE id = $2")
        .bind(signed(leased_until_ms))
        .bind(id.as_str())
        .execute(&mut *connection)
        .await?;
    let row = sqlx::query("SELECT * FROM jobs WHERE id = $1")
        .bind(id.as_str())
        .fetch_one(connection)
        .await?;
    read(&row).map(Some)
}

macro_rules! with_fence {
    ($locked:literal) => {
        concat!("SELECT id FROM jobs WHERE id = $1 AND fence = $2", $locked)
    };
}

/// Whether the claim with `fence` still holds. In a transaction that writes it then holds until that
/// ends: nobody else can claim the job meanwhile.
pub(crate) async fn holds(
    connection: &mut Connection,
    id: &str,
    fence: u64,
) -> Result<bool, StorageError> {
    // A lock that keeps claims away, and neither those who ask for the job nor those who renew it.
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

/// Extends a claim; `false` when it was lost.
pub(crate) async fn renew(
    connection: &mut Connection,
    id: &str,
    fence: u64,
    leased_until_ms: u64,
) -> Result<bool, StorageError> {
    let renewed = sqlx::query("UPDATE jobs SET leased_until_ms = $1 WHERE id = $2 AND fence = $3")
        .bind(signed(leased_until_ms))
        .bind(id)
        .bind(signed(fence))
        .execute(connection)
        .await?
        .rows_affected();
    Ok(renewed > 0)
}

/// Ends a claim: the job is gone, unless it was asked for again in the meantime.
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
        "UPDATE jobs SET due_ms = $1, leased_until_ms = 0, attempts = 0 \
         WHERE id = $2 AND fence = $3",
    )
    .bind(signed(now_ms))
    .bind(job.id.as_str())
    .bind(signed(job.fence))
    .execute(connection)
    .await?;
    Ok(())
}

/// What a claim that is given back leaves behind.
#[derive(Debug)]
pub(crate) struct Release<'a> {
    /// When the job is due again, unless it was asked for in the meantime: then at `now_ms`.
    pub(crate) due_ms: u64,
    /// Now.
    pub(crate) now_ms: u64,
    /// How often it failed in a row.
    pub(crate) attempts: u64,
    /// Why it failed last.
    pub(crate) last_error: Option<&'a str>,
    /// Whether it is given up and waits for an operator.
    pub(crate) dead: bool,
}

/// Gives a claim back.
pub(crate) async fn release(
    connection: &mut Connection,
    job: &ClaimedJob,
    release: &Release<'_>,
) -> Result<(), StorageError> {
    sqlx::query(
        "UPDATE jobs SET due_ms = CASE WHEN nudges = $1 THEN CAST($2 AS BIGINT) \
         ELSE CAST($3 AS BIGINT) END, \
         leased_until_ms = 0, attempts = $4, last_error = $5, dead = $6 \
         WHERE id = $7 AND fence = $8",
    )
    .bind(signed(job.nudges))
    .bind(signed(release.due_ms))
    .bind(signed(release.now_ms))
    .bind(signed(release.attempts))
    .bind(release.last_error.map(storable))
    .bind(i64::from(release.dead))
    .bind(job.id.as_str())
    .bind(signed(job.fence))
    .execute(connection)
    .await?;
    Ok(())
}

/// When the next job is due or its lease runs out; `None` when nothing is queued.
pub(crate) async fn next_due_ms(connection: &mut Connection) -> Result<Option<u64>, StorageError> {
    let row = sqlx::query(
        "SELECT MIN(CASE WHEN due_ms > leased_until_ms THEN due_ms ELSE leased_until_ms END) \
         AS next FROM jobs WHERE dead = 0",
    )
    .fetch_one(connection)
    .await?;
    let next: Option<i64> = row.try_get("next")?;
    Ok(next.map(|next| u64::try_from(next).unwrap_or_default()))
}

/// A job that does not come on: it fails again and again, or was given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Troubled {
    /// Its id.
    pub id: String,
    /// How often it failed in a row.
    pub attempts: u64,
    /// Why it failed last.
    pub last_error: Option<String>,
    /// Whether it is given up until somebody asks for it again.
    pub dead: bool,
}

/// Jobs that were given up, and those that failed at least `attempts` times in a row.
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

/// How many jobs are due at `now_ms`, and since when the oldest of them is.
pub(crate) async fn due(
    connection: &mut Connection,
    now_ms: u64,
) -> Result<(u64, Option<u64>), StorageError> {
    let row = sqlx::query(
        "SELECT COUNT(*) AS number, MIN(due_ms) AS oldest FROM jobs \
         WHERE dead = 0 AND due_ms <= $1 AND leased_until_ms <= $2",
    )
    .bind(signed(now_ms))
    .bind(signed(now_ms))
    .fetch_one(connection)
    .await?;
    let oldest: Option<i64> = row.try_get("oldest")?;
    Ok((
        unsigned(&row, "number")?,
        oldest.and_then(|oldest| u64::try_from(oldest).ok()),
    ))
}

/// Makes a job due at once, also one that was given up; `false` when there is none of that id.
pub(crate) async fn retry(
    connection: &mut Connection,
    id: &str,
    now_ms: u64,
) -> Result<bool, StorageError> {
    let changed = sqlx::query(
        "UPDATE jobs SET dead = 0, attempts = 0, due_ms = $1, nudges = nudges + 1 WHERE id = $2",
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
        fence: unsigned(row, "fence")?,
        nudges: unsigned(row, "nudges")?,
        attempts: unsigned(row, "attempts")?,
    })
}
