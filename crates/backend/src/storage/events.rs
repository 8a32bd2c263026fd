//! The append-only log that explains each order's row.

use domain::deployment::Event;
use domain::ids::{Address, OrderId};
use domain::journey::TimelineEntry;
use domain::time::UnixSeconds;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::sealed::{opened, place_of_event, under_another_key};
use super::{
    Connection, DataKeys, StorageError, from_json, parsed, parsed_optional, signed, storable,
    to_json, unsigned,
};

/// Appends an entry; its `seq` is assigned here.
pub(crate) async fn append(
    connection: &mut Connection,
    order: OrderId,
    entry: &TimelineEntry,
    event: &Event,
) -> Result<(), StorageError> {
    // The payload is sealed for its number. No other transaction can append: the order is locked.
    let last = sqlx::query("SELECT COALESCE(MAX(seq), 0) AS last FROM events WHERE order_id = $1")
        .bind(order.to_string())
        .fetch_one(&mut *connection)
        .await?;
    let seq = unsigned(&last, "last")? + 1;
    let keys = connection.keys();
    let payload = keys.seal(place_of_event(&row_of(order, seq)), &to_json(event));
    sqlx::query(
        "INSERT INTO events \
         (order_id, seq, at, name, state, title, detail, tx, payload, sealed_with) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(order.to_string())
    .bind(signed(seq))
    .bind(signed(entry.at.0))
    .bind(entry.event.clone())
    .bind(entry.state.clone())
    .bind(storable(&entry.title))
    .bind(entry.detail.as_deref().map(storable))
    .bind(entry.tx.map(|tx| tx.to_string()))
    .bind(payload)
    .bind(keys.id())
    .execute(connection)
    .await?;
    Ok(())
}

/// Returns all entries of an order, oldest first.
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

/// Returns all events with one name since `since` for the orders of one wallet, with their orders
/// and times, newest first.
pub(crate) async fn named_of(
    connection: &mut Connection,
    name: &str,
    buyer: Address,
    since: UnixSeconds,
) -> Result<Vec<(OrderId, UnixSeconds, Event)>, StorageError> {
    let keys = connection.keys();
    let rows = sqlx::query(
        "SELECT events.order_id AS order_id, events.seq AS seq, events.at AS at, \
         events.payload AS payload, events.sealed_with AS sealed_with \
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
            let event = from_json("event", &payload(row, &keys)?)?;
            let at = UnixSeconds(unsigned(row, "at")?);
            Ok((parsed(row, "order_id")?, at, event))
        })
        .collect()
}

/// Deletes the texts in an order's events. Kinds, times and transactions of the events stay, and so
/// do the amounts that auto-sign spent.
pub(crate) async fn forget_texts(
    connection: &mut Connection,
    order: OrderId,
) -> Result<(), StorageError> {
    let keys = connection.keys();
    let rows = sqlx::query("SELECT seq FROM events WHERE order_id = $1 AND name <> 'auto_signed'")
        .bind(order.to_string())
        .fetch_all(&mut *connection)
        .await?;
    for row in &rows {
        let seq = unsigned(row, "seq")?;
        sqlx::query(
            "UPDATE events SET payload = $1, sealed_with = $2 WHERE order_id = $3 AND seq = $4",
        )
        .bind(keys.seal(place_of_event(&row_of(order, seq)), "null"))
        .bind(keys.id())
        .bind(order.to_string())
        .bind(signed(seq))
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// Seals again payloads that are unencrypted or sealed with a key other than the current one.
pub(super) async fn reseal(connection: &mut Connection, most: u32) -> Result<usize, StorageError> {
    let keys = connection.keys();
    let rows = under_another_key(connection, "events", PAYLOAD, most).await?;
    for row in &rows {
        let text = payload(row, &keys)?;
        let (order, seq) = (parsed(row, "order_id")?, unsigned(row, "seq")?);
        sqlx::query(
            "UPDATE events SET payload = $1, sealed_with = $2 WHERE order_id = $3 AND seq = $4",
        )
        .bind(keys.seal(place_of_event(&row_of(order, seq)), &text))
        .bind(keys.id())
        .bind(order.to_string())
        .bind(signed(seq))
        .execute(&mut *connection)
        .await?;
    }
    Ok(rows.len())
}

/// The columns for [`payload`].
const PAYLOAD: &str = "order_id, seq, payload, sealed_with";

/// Reads an event's payload, as JSON.
fn payload(row: &AnyRow, keys: &DataKeys) -> Result<String, StorageError> {
    let place = row_of(parsed(row, "order_id")?, unsigned(row, "seq")?);
    opened(row, keys, place_of_event(&place))
}

fn row_of(order: OrderId, seq: u64) -> String {
    format!("{order}/{seq}")
}
