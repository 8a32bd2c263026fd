//! Counts of rare and expensive actions, by action, party and window of time.

use domain::time::UnixSeconds;

use super::{Connection, StorageError, signed, unsigned};
use crate::admission::budget::Budget;

/// Counts one more action in the window of `now`; returns the new count and the end of the window.
pub(crate) async fn count(
    connection: &mut Connection,
    budget: &Budget,
    now: UnixSeconds,
) -> Result<(u64, UnixSeconds), StorageError> {
    let window = budget.window.0.max(1);
    let ends_at = UnixSeconds((now.0 / window + 1) * window);
    // Counted first and checked afterwards: the write locks the row, so that on PostgreSQL, too, no
    // other transaction counts in between.
    sqlx::query(
        "INSERT INTO admissions (action, who, ends_at, number) VALUES ($1, $2, $3, 1) \
         ON CONFLICT (action, who, ends_at) DO UPDATE SET number = admissions.number + 1",
    )
    .bind(budget.action)
    .bind(&budget.who)
    .bind(signed(ends_at.0))
    .execute(&mut *connection)
    .await?;
    let row = sqlx::query(
        "SELECT number FROM admissions WHERE action = $1 AND who = $2 AND ends_at = $3",
    )
    .bind(budget.action)
    .bind(&budget.who)
    .bind(signed(ends_at.0))
    .fetch_one(connection)
    .await?;
    Ok((unsigned(&row, "number")?, ends_at))
}

/// Deletes past windows, at most this many.
pub(crate) async fn forget(
    connection: &mut Connection,
    now: UnixSeconds,
    most: u32,
) -> Result<u64, StorageError> {
    let gone = sqlx::query(
        "DELETE FROM admissions WHERE (action, who, ends_at) IN \
         (SELECT action, who, ends_at FROM admissions WHERE ends_at <= $1 LIMIT $2)",
    )
    .bind(signed(now.0))
    .bind(i64::from(most))
    .execute(connection)
    .await?;
    Ok(gone.rows_affected())
}
