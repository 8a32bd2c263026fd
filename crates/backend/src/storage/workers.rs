//! The registry of processes that run jobs. Its purpose is described in [`crate::queue::registry`].

use sqlx::Row as _;

use super::{Connection, StorageError, locks_rows, signed};

/// Registers a worker; `false` if another one has that id.
pub(crate) async fn add(
    connection: &mut Connection,
    id: &str,
    version: &str,
    now_ms: u64,
    alive_until_ms: u64,
) -> Result<bool, StorageError> {
    let added = sqlx::query(
        "INSERT INTO workers (id, version, started_ms, alive_until_ms) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (id) DO NOTHING",
    )
    .bind(id)
    .bind(version)
    .bind(signed(now_ms))
    .bind(signed(alive_until_ms))
    .execute(connection)
    .await?
    .rows_affected();
    Ok(added > 0)
}

/// Extends a worker's deadline; `false` if its claims were taken over.
pub(crate) async fn beat(
    connection: &mut Connection,
    id: &str,
    alive_until_ms: u64,
) -> Result<bool, StorageError> {
    let moved = sqlx::query("UPDATE workers SET alive_until_ms = $1 WHERE id = $2")
        .bind(signed(alive_until_ms))
        .bind(id)
        .execute(connection)
        .await?
        .rows_affected();
    Ok(moved > 0)
}

macro_rules! with_id {
    ($locked:literal) => {
        concat!("SELECT id FROM workers WHERE id = $1", $locked)
    };
}

/// Returns whether a worker is still registered. In a transaction that writes, it stays so until
/// the transaction ends.
pub(crate) async fn is_registered(
    connection: &mut Connection,
    id: &str,
) -> Result<bool, StorageError> {
    // A lock that keeps others from removing the row, but does not keep the worker from extending
    // its deadline.
    let query = if locks_rows(connection) {
        with_id!(" FOR KEY SHARE")
    } else {
        with_id!("")
    };
    let row = sqlx::query(query)
        .bind(id)
        .fetch_optional(connection)
        .await?;
    Ok(row.is_some())
}

/// Returns workers other than `id` whose deadline has passed.
pub(crate) async fn expired(
    connection: &mut Connection,
    id: &str,
    now_ms: u64,
) -> Result<Vec<String>, StorageError> {
    let rows = sqlx::query("SELECT id FROM workers WHERE alive_until_ms <= $1 AND id <> $2")
        .bind(signed(now_ms))
        .bind(id)
        .fetch_all(connection)
        .await?;
    rows.iter().map(|row| Ok(row.try_get("id")?)).collect()
}

/// Removes from the registry a worker whose deadline has passed at `now_ms`; `false` if it is still
/// alive or was already removed.
pub(crate) async fn remove_expired(
    connection: &mut Connection,
    id: &str,
    now_ms: u64,
) -> Result<bool, StorageError> {
    let removed = sqlx::query("DELETE FROM workers WHERE id = $1 AND alive_until_ms <= $2")
        .bind(id)
        .bind(signed(now_ms))
        .execute(connection)
        .await?
        .rows_affected();
    Ok(removed > 0)
}

/// Removes a worker from the registry.
pub(crate) async fn remove(connection: &mut Connection, id: &str) -> Result<(), StorageError> {
    sqlx::query("DELETE FROM workers WHERE id = $1")
        .bind(id)
        .execute(connection)
        .await?;
    Ok(())
}
