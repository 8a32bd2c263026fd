//! Transactions that Necto sent or that were reported to it, by order and kind.

use domain::ids::{OrderId, TxHash};
use domain::journey::TransactionView;
use domain::time::UnixSeconds;
use sqlx::Row;

use super::{Connection, StorageError, parsed, signed, unsigned};

/// Stores a transaction; storing a known one again has no effect.
pub(crate) async fn remember(
    connection: &mut Connection,
    order: OrderId,
    kind: &str,
    hash: TxHash,
    now: UnixSeconds,
) -> Result<(), StorageError> {
    sqlx::query(
        "INSERT INTO transactions (order_id, kind, hash, at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (order_id, kind, hash) DO NOTHING",
    )
    .bind(order.to_string())
    .bind(kind)
    .bind(hash.to_string())
    .bind(signed(now.0))
    .execute(connection)
    .await?;
    Ok(())
}

/// Deletes a transaction that was replaced by another.
pub(crate) async fn forget(
    connection: &mut Connection,
    order: OrderId,
    kind: &str,
    hash: TxHash,
) -> Result<(), StorageError> {
    sqlx::query("DELETE FROM transactions WHERE order_id = $1 AND kind = $2 AND hash = $3")
        .bind(order.to_string())
        .bind(kind)
        .bind(hash.to_string())
        .execute(connection)
        .await?;
    Ok(())
}

/// Returns all transactions of an order, oldest first.
pub(crate) async fn of(
    connection: &mut Connection,
    order: OrderId,
) -> Result<Vec<TransactionView>, StorageError> {
    let rows = sqlx::query(
        "SELECT kind, hash, at FROM transactions WHERE order_id = $1 ORDER BY at, kind, hash",
    )
    .bind(order.to_string())
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(TransactionView {
                kind: row.try_get("kind")?,
                hash: parsed(row, "hash")?,
                at: UnixSeconds(unsigned(row, "at")?),
                added: None,
            })
        })
        .collect()
}
