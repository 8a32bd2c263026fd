//! Deletion of data that a buyer no longer wants to keep.

use domain::ids::OrderId;
use domain::time::{Seconds, UnixSeconds};
use sqlx::AssertSqlSafe;

use super::{Connection, StorageError, parsed, signed};

/// Tables whose rows belong to a single order; the order itself comes last.
const TABLES: [(&str, &str); 11] = [
    ("events", "order_id"),
    ("bids", "order_id"),
    ("log_lines", "order_id"),
    ("log_chunks", "order_id"),
    ("transactions", "order_id"),
    ("decisions", "order_id"),
    ("reached", "order_id"),
    ("origins", "order_id"),
    ("exposures", "order_id"),
    ("jobs", "order_id"),
    ("orders", "id"),
];

/// Returns whether money may still arrive for an order: its terms were handed out, or a transaction
/// was reported.
pub(crate) async fn may_be_paid(
    connection: &mut Connection,
    id: OrderId,
) -> Result<bool, StorageError> {
    let row = sqlx::query(
        "SELECT 1 AS one FROM prepared_escrows WHERE order_id = $1 \
         UNION SELECT 1 AS one FROM transactions WHERE order_id = $2",
    )
    .bind(id.to_string())
    .bind(id.to_string())
    .fetch_optional(connection)
    .await?;
    Ok(row.is_some())
}

/// Deletes an order with everything that belongs to it.
pub(crate) async fn delete(connection: &mut Connection, id: OrderId) -> Result<(), StorageError> {
    for (table, column) in TABLES {
        let delete = AssertSqlSafe(format!("DELETE FROM {table} WHERE {column} = $1"));
        sqlx::query(delete)
            .bind(id.to_string())
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// Returns drafts that belong only to a browser and have not changed for this long.
pub(crate) async fn idle_drafts(
    connection: &mut Connection,
    now: UnixSeconds,
    idle: Seconds,
    most: u32,
) -> Result<Vec<OrderId>, StorageError> {
    ids(
        connection,
        "SELECT id FROM orders WHERE owner IS NULL AND erased_at IS NULL \
         AND state_name IN ('drafted', 'quoted', 'abandoned') AND changed_at < $1 \
         ORDER BY changed_at LIMIT $2",
        (now, idle, most),
    )
    .await
}

/// Returns orders that were settled or given up at least this long ago.
pub(crate) async fn long_over(
    connection: &mut Connection,
    now: UnixSeconds,
    over: Seconds,
    most: u32,
) -> Result<Vec<OrderId>, StorageError> {
    ids(
        connection,
        "SELECT id FROM orders WHERE erased_at IS NULL \
         AND state_name IN ('settled', 'abandoned') AND state_since < $1 \
         ORDER BY state_since LIMIT $2",
        (now, over, most),
    )
    .await
}

async fn ids(
    connection: &mut Connection,
    query: &'static str,
    (now, for_long, most): (UnixSeconds, Seconds, u32),
) -> Result<Vec<OrderId>, StorageError> {
    let rows = sqlx::query(query)
        .bind(signed(now.0.saturating_sub(for_long.0)))
        .bind(i64::from(most))
        .fetch_all(connection)
        .await?;
    rows.iter().map(|row| parsed(row, "id")).collect()
}
