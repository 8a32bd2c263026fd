//! The log of each order's deployment: lines, numbered in order of arrival, in chunks.
//!
//! A chunk is a row of many lines, compressed and sealed ([`packing`]). New lines become a chunk of
//! their own, merged with the preceding chunks as long as those are no larger: so every line is
//! rewritten only a few times, and a log consists of few chunks. If a chunk cannot be read, a line
//! that says so takes its place, and the other chunks stay readable.

mod keeping;
mod packing;

use domain::batch::EXIT_LINE;
use domain::ids::OrderId;
use domain::journey::LogLine;
use domain::time::UnixSeconds;
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row as _};

pub(crate) use keeping::{absorb, append, to_absorb};

use super::sealed::{place_of_chunk, under_another_key};
use super::{Connection, DataKeys, StorageError, parsed, signed, unsigned};
use crate::observe;

/// Author of the line shown in place of a chunk that cannot be read.
const NECTO: &str = "necto";

/// Maximum number of lines outside chunks that are read at once: some may be very long.
const STEP: i64 = 50;

/// The columns for [`Chunk::read`].
const CHUNK: &str = "order_id, first_seq, last_seq, raw_bytes, sealed_with, body";

/// A row of `log_chunks`.
struct Chunk {
    order: OrderId,
    first: u64,
    last: u64,
    raw_bytes: u64,
    sealed_with: String,
    body: Vec<u8>,
}

impl Chunk {
    fn read(row: &AnyRow) -> Result<Self, StorageError> {
        Ok(Self {
            order: parsed(row, "order_id")?,
            first: unsigned(row, "first_seq")?,
            last: unsigned(row, "last_seq")?,
            raw_bytes: unsigned(row, "raw_bytes")?,
            sealed_with: row.try_get("sealed_with")?,
            body: row.try_get("body")?,
        })
    }

    /// Opens the chunk's packed lines.
    fn open(&self, keys: &DataKeys) -> Result<Vec<u8>, StorageError> {
        let row = self.row();
        keys.open_bytes(place_of_chunk(&row), &self.sealed_with, &self.body)
    }

    fn seal(&mut self, keys: &DataKeys, packed: &[u8]) {
        let row = self.row();
        self.body = keys.seal_bytes(place_of_chunk(&row), packed);
        keys.id().clone_into(&mut self.sealed_with);
    }

    /// The row that the body is bound to.
    fn row(&self) -> String {
        let Self {
            order,
            first,
            last,
            raw_bytes,
            ..
        } = self;
        format!("{order}/{first}/{last}/{raw_bytes}")
    }

    /// Returns the chunk's lines; `None` if they cannot be read.
    fn lines(&self, keys: &DataKeys) -> Option<Vec<LogLine>> {
        let opened = self.open(keys).map_err(|error| error.to_string());
        let lines = opened.and_then(|packed| {
            packing::unpack(self.first, &packed, self.raw_bytes).map_err(|error| error.to_string())
        });
        match lines {
            Ok(lines) if lines.last().map(|line| line.seq) == Some(self.last) => Some(lines),
            Ok(_) => {
                observe::chunk_torn(self.order, self.first, self.last, &"it has other lines");
                None
            }
            Err(why) => {
                observe::chunk_torn(self.order, self.first, self.last, &why);
                None
            }
        }
    }

    /// The line shown in place of the chunk's lines.
    fn apology(&self) -> LogLine {
        LogLine {
            seq: self.last,
            at: UnixSeconds(0),
            service: NECTO.to_owned(),
            text: format!(
                "Lines {} to {} of this log are damaged and cannot be shown.",
                self.first, self.last
            ),
        }
    }
}

/// Returns the number of the newest line, zero if there is none.
pub(crate) async fn last_seq(
    connection: &mut Connection,
    order: OrderId,
) -> Result<u64, StorageError> {
    let row = sqlx::query(
        "SELECT COALESCE(\
         (SELECT last_seq FROM log_chunks WHERE order_id = $1 ORDER BY first_seq DESC LIMIT 1), \
         (SELECT MAX(seq) FROM log_lines WHERE order_id = $2), 0) AS last",
    )
    .bind(order.to_string())
    .bind(order.to_string())
    .fetch_one(connection)
    .await?;
    unsigned(&row, "last")
}

/// Returns the next lines after number `after`, oldest first, as many as are stored together; none
/// at the end.
pub(crate) async fn next(
    connection: &mut Connection,
    order: OrderId,
    after: u64,
) -> Result<Vec<LogLine>, StorageError> {
    let keys = connection.keys();
    let query = AssertSqlSafe(format!(
        "SELECT {CHUNK} FROM log_chunks WHERE order_id = $1 AND first_seq >= COALESCE(\
         (SELECT MAX(first_seq) FROM log_chunks WHERE order_id = $2 AND first_seq <= $3), 0) \
         AND last_seq > $4 ORDER BY first_seq LIMIT 1"
    ));
    let row = sqlx::query(query)
        .bind(order.to_string())
        .bind(order.to_string())
        .bind(signed(after.saturating_add(1)))
        .bind(signed(after))
        .fetch_optional(&mut *connection)
        .await?;
    let Some(row) = row else {
        return not_absorbed(connection, order, after).await;
    };
    let chunk = Chunk::read(&row)?;
    Ok(match chunk.lines(&keys) {
        Some(mut lines) => {
            lines.retain(|line| line.seq > after);
            lines
        }
        None => vec![chunk.apology()],
    })
}

/// Returns a service's newest line that reports the exit code of a batch.
pub(crate) async fn last_exit(
    connection: &mut Connection,
    order: OrderId,
    service: &str,
) -> Result<Option<String>, StorageError> {
    let told = |line: &LogLine| line.service == service && line.text.starts_with(EXIT_LINE);
    let last = last_chunked(connection, order).await?;
    let lines = not_absorbed(connection, order, last).await?;
    if let Some(line) = lines.into_iter().rfind(&told) {
        return Ok(Some(line.text));
    }
    let keys = connection.keys();
    let mut before = i64::MAX;
    loop {
        let query = AssertSqlSafe(format!(
            "SELECT {CHUNK} FROM log_chunks WHERE order_id = $1 AND tells_exit = 1 \
             AND first_seq < $2 ORDER BY first_seq DESC LIMIT 1"
        ));
        let row = sqlx::query(query)
            .bind(order.to_string())
            .bind(before)
            .fetch_optional(&mut *connection)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let chunk = Chunk::read(&row)?;
        let lines = chunk.lines(&keys).unwrap_or_default();
        if let Some(line) = lines.into_iter().rfind(&told) {
            return Ok(Some(line.text));
        }
        before = signed(chunk.first);
    }
}

/// Deletes the log of an order.
pub(crate) async fn delete(
    connection: &mut Connection,
    order: OrderId,
) -> Result<(), StorageError> {
    for query in [
        "DELETE FROM log_chunks WHERE order_id = $1",
        "DELETE FROM log_lines WHERE order_id = $1",
    ] {
        sqlx::query(query)
            .bind(order.to_string())
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// Seals again chunks that are unencrypted or sealed with a key other than the current one. A
/// damaged chunk is only recorded under the current key: it could not be opened before either.
pub(super) async fn reseal(connection: &mut Connection, most: u32) -> Result<usize, StorageError> {
    let keys = connection.keys();
    let rows = under_another_key(connection, "log_chunks", CHUNK, most).await?;
    for row in &rows {
        let mut chunk = Chunk::read(row)?;
        match chunk.open(&keys) {
            Ok(packed) => chunk.seal(&keys, &packed),
            Err(error @ StorageError::KeyMissing { .. }) => return Err(error),
            Err(error) => {
                observe::chunk_torn(chunk.order, chunk.first, chunk.last, &error);
                keys.id().clone_into(&mut chunk.sealed_with);
            }
        }
        sqlx::query(
            "UPDATE log_chunks SET body = $1, sealed_with = $2 WHERE order_id = $3 AND first_seq = $4",
        )
        .bind(chunk.body)
        .bind(chunk.sealed_with)
        .bind(chunk.order.to_string())
        .bind(signed(chunk.first))
        .execute(&mut *connection)
        .await?;
    }
    Ok(rows.len())
}

/// Deletes one chunk. [`StorageError::Stale`] if another writer deleted it first.
async fn delete_chunk(
    connection: &mut Connection,
    order: OrderId,
    (first, last): (u64, u64),
) -> Result<(), StorageError> {
    let gone = sqlx::query(
        "DELETE FROM log_chunks WHERE order_id = $1 AND first_seq = $2 AND last_seq = $3",
    )
    .bind(order.to_string())
    .bind(signed(first))
    .bind(signed(last))
    .execute(connection)
    .await?
    .rows_affected();
    match gone {
        1 => Ok(()),
        _ => Err(StorageError::Stale),
    }
}

/// Returns the number of the newest line in a chunk.
async fn last_chunked(connection: &mut Connection, order: OrderId) -> Result<u64, StorageError> {
    let row = sqlx::query(
        "SELECT last_seq FROM log_chunks WHERE order_id = $1 ORDER BY first_seq DESC LIMIT 1",
    )
    .bind(order.to_string())
    .fetch_optional(connection)
    .await?;
    row.map_or(Ok(0), |row| unsigned(&row, "last_seq"))
}

/// Returns the next lines written by a version of Necto from before chunks, a few at a time.
async fn not_absorbed(
    connection: &mut Connection,
    order: OrderId,
    after: u64,
) -> Result<Vec<LogLine>, StorageError> {
    let rows = sqlx::query(
        "SELECT seq, at, service, text FROM log_lines WHERE order_id = $1 AND seq > $2 \
         ORDER BY seq LIMIT $3",
    )
    .bind(order.to_string())
    .bind(signed(after))
    .bind(STEP)
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(LogLine {
                seq: unsigned(row, "seq")?,
                at: UnixSeconds(unsigned(row, "at")?),
                service: row.try_get("service")?,
                text: row.try_get("text")?,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests;
