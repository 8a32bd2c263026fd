//! Log lines of the orders' deployments, numbered in the order they arrived.

use domain::ids::OrderId;
use domain::journey::LogLine;
use domain::time::UnixSeconds;
use sqlx::Row;

use super::{Connection, StorageError, signed, storable, unsigned};

/// How many lines of one order are kept; older ones go.
pub(crate) const LINES_KEPT: u64 = 20_000;

/// How many characters of one order are kept; older lines go.
const CHARS_KEPT: u64 = 64 * 1024 * 1024;

/// Lines up to this length never make up [`CHARS_KEPT`] together.
const USUAL_CHARS: usize = 3_000;

/// Appends lines of `(service, text)` received at `now`.
pub(crate) async fn append(
    connection: &mut Connection,
    order: OrderId,
    lines: &[(String, String)],
    now: UnixSeconds,
) -> Result<(), StorageError> {
    let mut seq = last_seq(connection, order).await?;
    for (service, text) in lines {
        seq += 1;
        sqlx::query(
            "INSERT INTO log_lines (order_id, seq, at, service, text) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(order.to_string())
        .bind(signed(seq))
        .bind(signed(now.0))
        .bind(storable(service))
        .bind(storable(text))
        .execute(&mut *connection)
        .await?;
    }
    sqlx::query("DELETE FROM log_lines WHERE order_id = $1 AND seq <= $2")
        .bind(order.to_string())
        .bind(signed(seq.saturating_sub(LINES_KEPT)))
        .execute(&mut *connection)
        .await?;
    if lines
        .iter()
        .any(|(_, text)| text.chars().count() > USUAL_CHARS)
    {
        keep_chars(connection, order).await?;
    }
    Ok(())
}

/// Deletes the oldest lines beyond [`CHARS_KEPT`].
async fn keep_chars(connection: &mut Connection, order: OrderId) -> Result<(), StorageError> {
    let rows = sqlx::query(
        "SELECT seq, CAST(LENGTH(text) AS BIGINT) AS size FROM log_lines WHERE order_id = $1 \
         ORDER BY seq DESC",
    )
    .bind(order.to_string())
    .fetch_all(&mut *connection)
    .await?;
    let mut kept = 0;
    for row in &rows {
        kept += unsigned(row, "size")?;
        if kept > CHARS_KEPT {
            sqlx::query("DELETE FROM log_lines WHERE order_id = $1 AND seq <= $2")
                .bind(order.to_string())
                .bind(signed(unsigned(row, "seq")?))
                .execute(connection)
                .await?;
            break;
        }
    }
    Ok(())
}

/// The number of the newest line, zero when there is none.
pub(crate) async fn last_seq(
    connection: &mut Connection,
    order: OrderId,
) -> Result<u64, StorageError> {
    let row =
        sqlx::query("SELECT COALESCE(MAX(seq), 0) AS last FROM log_lines WHERE order_id = $1")
            .bind(order.to_string())
            .fetch_one(connection)
            .await?;
    unsigned(&row, "last")
}

/// The newest line of a service that begins so.
pub(crate) async fn last_beginning(
    connection: &mut Connection,
    order: OrderId,
    service: &str,
    beginning: &str,
) -> Result<Option<String>, StorageError> {
    // Compared as text and not as a pattern, in which some characters mean others.
    let row = sqlx::query(
        "SELECT text FROM log_lines WHERE order_id = $1 AND service = $2 \
         AND SUBSTR(text, 1, $3) = $4 ORDER BY seq DESC LIMIT 1",
    )
    .bind(order.to_string())
    .bind(service)
    .bind(i32::try_from(beginning.chars().count()).unwrap_or(i32::MAX))
    .bind(beginning)
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| row.try_get("text")).transpose()?)
}

/// At most `limit` lines after number `after`, oldest first.
pub(crate) async fn after(
    connection: &mut Connection,
    order: OrderId,
    after: u64,
    limit: u32,
) -> Result<Vec<LogLine>, StorageError> {
    let rows = sqlx::query(
        "SELECT seq, at, service, text FROM log_lines WHERE order_id = $1 AND seq > $2 \
         ORDER BY seq LIMIT $3",
    )
    .bind(order.to_string())
    .bind(signed(after))
    .bind(i64::from(limit))
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(LogLine {
                seq: unsigned(row, "seq")?,
                at: UnixSeconds(unsigned(row, "at")?),
                service: row.try_get("service")?,
                text: row.try_get("text")?,
            })
        })
        .collect()
}
