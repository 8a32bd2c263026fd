//! Deployments that were reached from outside at least once.

use domain::ids::OrderId;
use domain::time::UnixSeconds;

use super::{Connection, StorageError, signed};

/// Records that an order's deployment was reached; only the first time is kept.
pub(crate) async fn note(
    connection: &mut Connection,
    order: OrderId,
    now: UnixSeconds,
) -> Result<(), StorageError> {
    sqlx::query(
        "INSERT INTO reached (order_id, at) VALUES ($1, $2) ON CONFLICT (order_id) DO NOTHING",
    )
    .bind(order.to_string())
    .bind(signed(now.0))
    .execute(connection)
    .await?;
    Ok(())
}

/// Returns whether the deployment was ever reached.
pub(crate) async fn was(connection: &mut Connection, order: OrderId) -> Result<bool, StorageError> {
    let row = sqlx::query("SELECT at FROM reached WHERE order_id = $1")
        .bind(order.to_string())
        .fetch_optional(connection)
        .await?;
    Ok(row.is_some())
}
