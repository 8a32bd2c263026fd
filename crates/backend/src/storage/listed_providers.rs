//! The register of providers, as far as it has been read.

use domain::ids::Hash32;
use sqlx::Row;

use super::{Connection, StorageError, from_json, signed, to_json, unreadable, unsigned};
use crate::ports::ListedProvider;

/// The block up to which a register has been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cursor {
    pub(crate) block: u64,
    pub(crate) hash: Hash32,
}

/// Returns the position up to which `register` has been read; `None` before the first time.
pub(crate) async fn cursor(
    connection: &mut Connection,
    register: &str,
) -> Result<Option<Cursor>, StorageError> {
    let row = sqlx::query("SELECT block, hash FROM listing_cursors WHERE register = $1")
        .bind(register)
        .fetch_optional(connection)
        .await?;
    row.map(|row| {
        let hash: String = row.try_get("hash")?;
        Ok(Cursor {
            block: unsigned(&row, "block")?,
            hash: hash.parse().map_err(|error| unreadable("hash", error))?,
        })
    })
    .transpose()
}

/// Records the position up to which `register` has been read.
pub(crate) async fn advance(
    connection: &mut Connection,
    register: &str,
    cursor: Cursor,
) -> Result<(), StorageError> {
    sqlx::query(
        "INSERT INTO listing_cursors (register, block, hash) VALUES ($1, $2, $3) \
         ON CONFLICT (register) DO UPDATE SET block = excluded.block, hash = excluded.hash",
    )
    .bind(register)
    .bind(signed(cursor.block))
    .bind(cursor.hash.to_string())
    .execute(connection)
    .await?;
    Ok(())
}

/// Stores an entry, replacing an earlier one.
pub(crate) async fn put(
    connection: &mut Connection,
    register: &str,
    provider: &ListedProvider,
) -> Result<(), StorageError> {
    sqlx::query(
        "INSERT INTO listed_providers (register, id, entry) VALUES ($1, $2, $3) \
         ON CONFLICT (register, id) DO UPDATE SET entry = excluded.entry",
    )
    .bind(register)
    .bind(provider.id.to_string())
    .bind(to_json(provider))
    .execute(connection)
    .await?;
    Ok(())
}

/// Deletes an entry.
pub(crate) async fn remove(
    connection: &mut Connection,
    register: &str,
    id: Hash32,
) -> Result<(), StorageError> {
    sqlx::query("DELETE FROM listed_providers WHERE register = $1 AND id = $2")
        .bind(register)
        .bind(id.to_string())
        .execute(connection)
        .await?;
    Ok(())
}

/// Deletes everything read from `register`: its chain was reorganised below the last block read.
pub(crate) async fn forget(
    connection: &mut Connection,
    register: &str,
) -> Result<(), StorageError> {
    for table in ["listing_cursors", "listed_providers"] {
        let delete = sqlx::AssertSqlSafe(format!("DELETE FROM {table} WHERE register = $1"));
        sqlx::query(delete)
            .bind(register)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// Returns every entry of `register`, ordered by id.
pub(crate) async fn all(
    connection: &mut Connection,
    register: &str,
) -> Result<Vec<ListedProvider>, StorageError> {
    let rows = sqlx::query("SELECT entry FROM listed_providers WHERE register = $1 ORDER BY id")
        .bind(register)
        .fetch_all(connection)
        .await?;
    rows.iter()
        .map(|row| from_json("entry", row.try_get("entry")?))
        .collect()
}

/// Returns a description that was fetched before.
pub(crate) async fn description(
    connection: &mut Connection,
    hash: Hash32,
) -> Result<Option<String>, StorageError> {
    let row = sqlx::query("SELECT document FROM listing_descriptions WHERE hash = $1")
        .bind(hash.to_string())
        .fetch_optional(connection)
        .await?;
    Ok(row.map(|row| row.try_get("document")).transpose()?)
}

/// Stores a description, which never changes.
pub(crate) async fn keep_description(
    connection: &mut Connection,
    hash: Hash32,
    document: &str,
) -> Result<(), StorageError> {
    sqlx::query(
        "INSERT INTO listing_descriptions (hash, document) VALUES ($1, $2) \
         ON CONFLICT (hash) DO NOTHING",
    )
    .bind(hash.to_string())
    .bind(document)
    .execute(connection)
    .await?;
    Ok(())
}
