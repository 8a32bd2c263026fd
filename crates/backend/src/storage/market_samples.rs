//! Recorded market prices.

use std::collections::BTreeMap;

use domain::money::Usd;
use domain::time::UnixSeconds;
use sqlx::Row;

use super::{Connection, StorageError, from_json, signed, to_json, unsigned};
use crate::ports::PastPrices;

/// Stores a sample; an existing one of the same source and time, from another process, is kept.
pub(crate) async fn insert(
    connection: &mut Connection,
    sample: &PastPrices,
) -> Result<(), StorageError> {
    let prices: BTreeMap<&str, u64> = sample
        .prices
        .iter()
        .map(|(name, price)| (name.as_str(), price.micros()))
        .collect();
    sqlx::query(
        "INSERT INTO market_samples (source, at, prices) VALUES ($1, $2, $3) \
         ON CONFLICT (source, at) DO NOTHING",
    )
    .bind(&sample.source)
    .bind(signed(sample.at.0))
    .bind(to_json(&prices))
    .execute(connection)
    .await?;
    Ok(())
}

/// Returns samples since `from`, oldest first.
pub(crate) async fn since(
    connection: &mut Connection,
    from: UnixSeconds,
) -> Result<Vec<PastPrices>, StorageError> {
    let rows = sqlx::query(
        "SELECT source, at, prices FROM market_samples WHERE at >= $1 ORDER BY at, source",
    )
    .bind(signed(from.0))
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            let prices: String = row.try_get("prices")?;
            let prices: BTreeMap<String, u64> = from_json("prices", &prices)?;
            Ok(PastPrices {
                source: row.try_get("source")?,
                at: UnixSeconds(unsigned(row, "at")?),
                prices: prices
                    .into_iter()
                    .map(|(name, micros)| (name, Usd::from_micros(micros)))
                    .collect(),
            })
        })
        .collect()
}

/// Deletes samples older than `before`.
pub(crate) async fn prune(
    connection: &mut Connection,
    before: UnixSeconds,
) -> Result<(), StorageError> {
    sqlx::query("DELETE FROM market_samples WHERE at < $1")
        .bind(signed(before.0))
        .execute(connection)
        .await?;
    Ok(())
}
