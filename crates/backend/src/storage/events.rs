//! The append-only log that explains each order's row.

use domain::deployment::Event;
use domain::ids::{Address, OrderId};
use domain::journey::TimelineEntry;
use domain::time::UnixSeconds;
use sqlx::Row;

use super::{
    Connection, StorageError, from_json, parsed, parsed_optional, signed, storable, to_json,
    unsigned,
};

/// Appends an entry; its `seq` is given here.
pub(crate) async fn append(
    connection: &mut Connection,
    order: OrderId,
    entry: &TimelineEntry,
    event: &Event,
) -> Result<(), StorageError> {
    sqlx::query(
        "INSERT INTO events (order_id, seq, at, name, state, title, detail, tx, payload) \
         VALUES ($1, (SELECT COALESCE(MAX(seq), 0) + 1 FROM events WHERE order_id = $2), \
         $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(order.to_string())
    .bind(order.to_string())
    .bind(signed(entry.at.0))
    .bind(entry.event.clone())
    .bind(entry.state.clone())
    .bind(storable(&entry.title))
    .bind(entry.detail.as_deref().map(storable))
    .bind(entry.tx.map(|tx| tx.to_string()))
    .bind(to_json(event))
    .execute(connection)
    .await?;
    Ok(())
}

/// All entries of an order, oldest first.
pub(crate) async fn of(
    connection: &mut Connection,
    order: OrderId,
) -> Result<Vec<TimelineEntry>, StorageError> {
    let rows = sqlx::query(
        "SELECT seq, at, name, state, title, detail, tx FROM events \
         WHERE order_id = $1 ORDER BY seq",
    )
    .bind(order.to_string())
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(TimelineEntry {
                seq: unsigned(row, "seq")?,
                at: UnixSeconds(unsigned(row, "at")?),
                event: row.try_get("name")?,
                state: row.try_get("state")?,
                title: row.try_get("title")?,
                detail: row.try_get("detail")?,
                tx: parsed_optional(row, "tx")?,
            })
        })
        .collect()
}

/// All events of one name since `since`, with their orders and times, newest first, of one wallet's
/// orders.
pub(crate) async fn named_of(
    connection: &mut Connection,
    name: &str,
    buyer: Address,
    since: UnixSeconds,
) -> Result<Vec<(OrderId, UnixSeconds, Event)>, StorageError> {
    let rows = sqlx::query(
        "SELECT events.order_id AS order_id, events.at AS at, events.payload AS payload \
         FROM events JOIN orders ON orders.id = events.order_id \
         WHERE orders.buyer = $1 AND events.name = $2 AND events.at >= $3 \
         ORDER BY events.at DESC, events.seq DESC",
    )
    .bind(buyer.to_string())
    .bind(name)
    .bind(signed(since.0))
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            let event = from_json("event", &row.try_get::<String, _>("payload")?)?;
            let at = UnixSeconds(unsigned(row, "at")?);
            Ok((parsed(row, "order_id")?, at, event))
        })
        .collect()
}
