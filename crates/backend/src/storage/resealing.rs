//! Re-sealing of data that was written unencrypted or sealed with an older key.

use sqlx::Row as _;

use super::{Connection, Engine, Storage, StorageError, events, logs, orders, own_templates};

/// Number of rows that are sealed again in one transaction.
const STEP: u32 = 100;

/// Result of one step of re-sealing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resealed {
    /// This many rows were sealed again; there may be more.
    Rows(usize),
    /// Everything is sealed with the first key.
    Everything,
}

impl Storage {
    /// Seals the next rows with the first key that are not sealed with it yet. May run concurrently
    /// with reads and writes.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn reseal(&self) -> Result<Resealed, StorageError> {
        let mut transaction = self.begin_write().await?;
        let rows = absorb(&mut transaction).await?
            + orders::reseal(&mut transaction, STEP).await?
            + events::reseal(&mut transaction, STEP).await?
            + own_templates::reseal(&mut transaction, STEP).await?
            + logs::reseal(&mut transaction, STEP).await?;
        transaction.commit().await?;
        Ok(match rows {
            0 => Resealed::Everything,
            rows => Resealed::Rows(rows),
        })
    }

    /// Seals unencrypted data, and makes sure that none of it is left in the file. Does nothing
    /// without a key.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn seal_what_is_clear(&self) -> Result<usize, StorageError> {
        let keys = keys_used(&mut self.read().await?).await?;
        let is_clear = |id: &String| id.is_empty() || id == super::keys::NO_KEY;
        if self.keys.id() == super::keys::NO_KEY || !keys.iter().any(is_clear) {
            return Ok(0);
        }
        let mut sealed = 0;
        while let Resealed::Rows(rows) = self.reseal().await? {
            sealed += rows;
        }
        if self.engine == Engine::Sqlite {
            // Pages that were freed earlier still hold unencrypted data.
            sqlx::query("VACUUM").execute(&self.pool).await?;
            sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
                .execute(&self.pool)
                .await?;
        }
        Ok(sealed)
    }

    /// Checks that all sealed data can be opened.
    pub(super) async fn check_keys(&self) -> Result<(), StorageError> {
        let mut connection = self.read().await?;
        let used = keys_used(&mut connection).await?;
        match used
            .into_iter()
            .find(|id| !id.is_empty() && !self.keys.knows(id))
        {
            Some(id) => Err(StorageError::KeyMissing { id }),
            None => Ok(()),
        }
    }
}

/// Seals an order's log that an older version wrote unencrypted.
async fn absorb(connection: &mut Connection) -> Result<usize, StorageError> {
    let orders = logs::to_absorb(connection, 1).await?;
    for order in &orders {
        logs::absorb(connection, *order).await?;
    }
    Ok(orders.len())
}

/// Returns the ids of the keys that rows name; the empty id stands for no key.
async fn keys_used(connection: &mut Connection) -> Result<Vec<String>, StorageError> {
    let rows = sqlx::query(
        "SELECT sealed_with FROM orders UNION SELECT sealed_with FROM events \
         UNION SELECT sealed_with FROM own_templates UNION SELECT sealed_with FROM log_chunks \
         UNION SELECT '' AS sealed_with FROM log_lines",
    )
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| Ok(row.try_get("sealed_with")?))
        .collect()
}

#[cfg(test)]
mod tests;
