//! Bids on the orders' deployments, as they were last seen.

use domain::akash::Bid;
use domain::ids::OrderId;
use domain::time::UnixSeconds;
use sqlx::Row;

use super::{Connection, StorageError, from_json, signed, to_json, unsigned};

/// A bid with the time at which it was first seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SeenBid {
    /// Bid as it was last seen.
    pub(crate) bid: Bid,
    /// Unix time at which it was first seen.
    pub(crate) first_seen_at: UnixSeconds,
}

/// Stores the latest state of a bid.
pub(crate) async fn upsert(
    connection: &mut Connection,
    order: OrderId,
    bid: &Bid,
    now: UnixSeconds,
) -> Result<(), StorageError> {
    sqlx::query(
        "INSERT INTO bids (order_id, gseq, oseq, provider, bid, first_seen_at) \
         VALUES ($1, $2, $3, $4, $5, $6) \
         ON CONFLICT (order_id, gseq, oseq, provider) DO UPDATE SET bid = excluded.bid",
    )
    .bind(order.to_string())
    .bind(i64::from(bid.id.gseq))
    .bind(i64::from(bid.id.oseq))
    .bind(bid.id.provider.as_str())
    .bind(to_json(bid))
    .bind(signed(now.0))
    .execute(connection)
    .await?;
    Ok(())
}

/// Returns all bids on an order's deployment.
pub(crate) async fn of(
    connection: &mut Connection,
    order: OrderId,
) -> Result<Vec<SeenBid>, StorageError> {
    let rows = sqlx::query(
        "SELECT bid, first_seen_at FROM bids WHERE order_id = $1 ORDER BY gseq, oseq, provider",
    )
    .bind(order.to_string())
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(SeenBid {
                bid: from_json("bid", &row.try_get::<String, _>("bid")?)?,
                first_seen_at: UnixSeconds(unsigned(row, "first_seen_at")?),
            })
        })
        .collect()
}
