//! Writing a log: new lines, lines written by older versions, and retention.

use domain::batch::EXIT_LINE;
use domain::ids::OrderId;
use domain::journey::LogLine;
use domain::time::UnixSeconds;
use sqlx::AssertSqlSafe;

use super::packing::{self, bytes_of};
use super::{CHUNK, Chunk, delete_chunk, last_chunked, not_absorbed};
use crate::storage::{Connection, StorageError, parsed, signed, storable, unreadable, unsigned};

/// Minimum number of lines that are kept per order; older chunks are deleted.
pub(super) const LINES_KEPT: u64 = 20_000;

/// Maximum number of bytes kept per order, unpacked; older chunks are deleted.
pub(super) const BYTES_KEPT: u64 = 64 * 1024 * 1024;

/// Maximum size of a chunk in bytes, unpacked; a longer line is a chunk of its own.
const CHUNK_BYTES: usize = 256 * 1024;

/// Maximum number of lines in a chunk.
const CHUNK_LINES: usize = 2_000;

/// Maximum size of a chunk apart from its lines: names of services and the like. When lines are
/// compared with chunks, they are treated as one already.
const FRAME_BYTES: usize = 256;

/// Number of chunks at the end that are considered for merging. Each is larger than all later ones
/// together, so fewer than this are ever open.
const TAIL: i64 = 20;

/// Appends lines of `(service, text)` received at `now`, after any lines that an older version
/// left.
pub(crate) async fn append(
    connection: &mut Connection,
    order: OrderId,
    lines: &[(String, String)],
    now: UnixSeconds,
) -> Result<(), StorageError> {
    absorb(connection, order).await?;
    let lines = lines.iter().map(|(service, text)| LogLine {
        seq: 0,
        at: now,
        service: storable(service),
        text: storable(text),
    });
    append_lines(connection, order, lines.collect()).await?;
    keep_bounds(connection, order).await
}

/// Moves lines that are in rows of their own into chunks: they keep their numbers unless chunks
/// already have these.
pub(crate) async fn absorb(
    connection: &mut Connection,
    order: OrderId,
) -> Result<(), StorageError> {
    loop {
        let lines = not_absorbed(connection, order, 0).await?;
        let Some(last) = lines.last().map(|line| line.seq) else {
            return Ok(());
        };
        append_lines(connection, order, lines).await?;
        sqlx::query("DELETE FROM log_lines WHERE order_id = $1 AND seq <= $2")
            .bind(order.to_string())
            .bind(signed(last))
            .execute(&mut *connection)
            .await?;
    }
}

/// Returns orders with lines in rows of their own.
pub(crate) async fn to_absorb(
    connection: &mut Connection,
    most: u32,
) -> Result<Vec<OrderId>, StorageError> {
    let rows = sqlx::query("SELECT DISTINCT order_id FROM log_lines LIMIT $1")
        .bind(i64::from(most))
        .fetch_all(connection)
        .await?;
    rows.iter().map(|row| parsed(row, "order_id")).collect()
}

/// Appends lines, numbered from the end of the log; a line's own number is kept if it is larger.
async fn append_lines(
    connection: &mut Connection,
    order: OrderId,
    mut lines: Vec<LogLine>,
) -> Result<(), StorageError> {
    let mut seq = last_chunked(connection, order).await?;
    for line in &mut lines {
        seq = line.seq.max(seq + 1);
        line.seq = seq;
    }
    let mut taken = take_along(connection, order, &lines).await?;
    taken.append(&mut lines);
    for lines in pieces(&taken) {
        insert(connection, order, lines).await?;
    }
    Ok(())
}

/// Removes the chunks at the end that are to be merged with `lines`: as long as they are no larger,
/// fit into one chunk with them, and are followed by the next number. Returns their lines.
async fn take_along(
    connection: &mut Connection,
    order: OrderId,
    lines: &[LogLine],
) -> Result<Vec<LogLine>, StorageError> {
    let keys = connection.keys();
    let rows = sqlx::query(
        "SELECT first_seq, last_seq, raw_bytes FROM log_chunks WHERE order_id = $1 \
         ORDER BY first_seq DESC LIMIT $2",
    )
    .bind(order.to_string())
    .bind(TAIL)
    .fetch_all(&mut *connection)
    .await?;
    let mut bytes = (FRAME_BYTES + lines.iter().map(bytes_of).sum::<usize>()) as u64;
    let mut count = lines.len() as u64;
    let mut next = lines.first().map_or(0, |line| line.seq);
    let mut taken: Vec<Vec<LogLine>> = Vec::new();
    for row in &rows {
        let (first, last) = (unsigned(row, "first_seq")?, unsigned(row, "last_seq")?);
        let raw_bytes = unsigned(row, "raw_bytes")?;
        count += (last + 1).saturating_sub(first);
        let fits = raw_bytes + bytes <= CHUNK_BYTES as u64 && count <= CHUNK_LINES as u64;
        if raw_bytes > bytes || !fits || last + 1 != next {
            break;
        }
        let query = AssertSqlSafe(format!(
            "SELECT {CHUNK} FROM log_chunks WHERE order_id = $1 AND first_seq = $2"
        ));
        let row = sqlx::query(query)
            .bind(order.to_string())
            .bind(signed(first))
            .fetch_one(&mut *connection)
            .await?;
        let Some(lines) = Chunk::read(&row)?.lines(&keys) else {
            break;
        };
        delete_chunk(connection, order, (first, last)).await?;
        taken.push(lines);
        bytes += raw_bytes;
        next = first;
    }
    Ok(taken.into_iter().rev().flatten().collect())
}

/// Cuts lines into pieces that each fit into one chunk and have no gaps in their numbers.
fn pieces(lines: &[LogLine]) -> Vec<&[LogLine]> {
    let mut pieces = Vec::new();
    let (mut begin, mut bytes) = (0, 0);
    for (at, line) in lines.iter().enumerate() {
        let size = bytes_of(line);
        let gap = at > begin && lines[at - 1].seq + 1 != line.seq;
        let full = at - begin >= CHUNK_LINES || bytes + size > CHUNK_BYTES;
        if at > begin && (gap || full) {
            pieces.push(&lines[begin..at]);
            (begin, bytes) = (at, 0);
        }
        bytes += size;
    }
    if begin < lines.len() {
        pieces.push(&lines[begin..]);
    }
    pieces
}

async fn insert(
    connection: &mut Connection,
    order: OrderId,
    lines: &[LogLine],
) -> Result<(), StorageError> {
    let (Some(first), Some(last)) = (lines.first(), lines.last()) else {
        return Ok(());
    };
    let keys = connection.keys();
    let (packed, raw_bytes) =
        packing::pack(lines).map_err(|error| unreadable("log to be packed", error))?;
    let tells_exit = lines.iter().any(|line| line.text.starts_with(EXIT_LINE));
    let mut chunk = Chunk {
        order,
        first: first.seq,
        last: last.seq,
        raw_bytes,
        sealed_with: String::new(),
        body: Vec::new(),
    };
    chunk.seal(&keys, &packed);
    sqlx::query(
        "INSERT INTO log_chunks \
         (order_id, first_seq, last_seq, raw_bytes, tells_exit, sealed_with, body) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(order.to_string())
    .bind(signed(chunk.first))
    .bind(signed(chunk.last))
    .bind(signed(chunk.raw_bytes))
    .bind(i64::from(tells_exit))
    .bind(chunk.sealed_with)
    .bind(chunk.body)
    .execute(connection)
    .await?;
    Ok(())
}

/// Deletes the oldest chunks, those beyond [`LINES_KEPT`] or [`BYTES_KEPT`].
async fn keep_bounds(connection: &mut Connection, order: OrderId) -> Result<(), StorageError> {
    let rows = sqlx::query(
        "SELECT first_seq, last_seq, raw_bytes FROM log_chunks WHERE order_id = $1 \
         ORDER BY first_seq DESC",
    )
    .bind(order.to_string())
    .fetch_all(&mut *connection)
    .await?;
    let (mut lines, mut bytes) = (0, 0);
    for row in &rows {
        let (first, last) = (unsigned(row, "first_seq")?, unsigned(row, "last_seq")?);
        bytes += unsigned(row, "raw_bytes")?;
        if lines >= LINES_KEPT || bytes > BYTES_KEPT {
            sqlx::query("DELETE FROM log_chunks WHERE order_id = $1 AND first_seq <= $2")
                .bind(order.to_string())
                .bind(signed(first))
                .execute(connection)
                .await?;
            return Ok(());
        }
        lines += (last + 1).saturating_sub(first);
    }
    Ok(())
}
