//! Origins of orders' requests, if they did not come from Necto's own page.

use domain::auto_sign::Origin;
use domain::ids::OrderId;
use sqlx::Row as _;

use super::{Connection, StorageError, from_json, to_json};

/// Stores the origin of an order's request.
pub(crate) async fn put(
    connection: &mut Connection,
    order: OrderId,
    origin: Origin,
) -> Result<(), StorageError> {
    if origin == Origin::Page {
        return Ok(());
    }
    sqlx::query("INSERT INTO origins (order_id, origin) VALUES ($1, $2)")
        .bind(order.to_string())
        .bind(to_json(&origin))
        .execute(connection)
        .await?;
    Ok(())
}

/// Returns the origin of an order's request.
pub(crate) async fn of(
    connection: &mut Connection,
    order: OrderId,
) -> Result<Origin, StorageError> {
    let row = sqlx::query("SELECT origin FROM origins WHERE order_id = $1")
        .bind(order.to_string())
        .fetch_optional(connection)
        .await?;
    let Some(row) = row else {
        return Ok(Origin::Page);
    };
    from_json("origin", &row.try_get::<String, _>("origin")?)
}

/// Deletes the origin: the buyer has adopted the request, which from now on counts as made on the
/// page.
pub(crate) async fn forget(
    connection: &mut Connection,
    order: OrderId,
) -> Result<(), StorageError> {
    sqlx::query("DELETE FROM origins WHERE order_id = $1")
        .bind(order.to_string())
        .execute(connection)
        .await?;
    Ok(())
}
