//! Reads a deployment's log.

use domain::ids::OrderId;
use domain::journey::LogLine;
use domain::log_text::shortened;

use crate::Backend;
use crate::error::UsecaseError;
use crate::orders::changes::owned;
use crate::storage::logs;
use crate::visitor::Visitor;

/// Maximum number of lines in one answer.
const MOST: u32 = 2_000;

/// Maximum number of characters of a line on a page; the download contains longer lines in full.
const LINE_CHARS: usize = 8_000;

/// Approximate size, in bytes, of an answer with lines in full.
const WHOLE_BYTES: usize = 4 * 1024 * 1024;

/// Returns up to `limit` lines after number `after`, oldest first, for a page: very long lines are
/// cut to a readable length.
///
/// # Errors
/// [`UsecaseError::NotFound`] for another owner's order.
pub async fn read_logs(
    backend: &Backend,
    visitor: &Visitor,
    id: OrderId,
    after: u64,
    limit: u32,
) -> Result<Vec<LogLine>, UsecaseError> {
    owned(backend, visitor, id).await?;
    let limit = limit.min(MOST) as usize;
    let mut read: Vec<LogLine> = Vec::new();
    while read.len() < limit {
        let lines = next(backend, id, read.last(), after).await?;
        if lines.is_empty() {
            break;
        }
        let left = limit - read.len();
        read.extend(lines.into_iter().take(left).map(|mut line| {
            if let Some(short) = shortened(&line.text, LINE_CHARS) {
                line.text = short;
            }
            line
        }));
    }
    Ok(read)
}

/// Returns the next lines after number `after`, oldest first, exactly as they arrived; none at the
/// end.
///
/// # Errors
/// [`UsecaseError::NotFound`] for another owner's order.
pub async fn read_whole_log(
    backend: &Backend,
    visitor: &Visitor,
    id: OrderId,
    after: u64,
) -> Result<Vec<LogLine>, UsecaseError> {
    owned(backend, visitor, id).await?;
    let mut read: Vec<LogLine> = Vec::new();
    let mut bytes = 0;
    while bytes < WHOLE_BYTES && read.len() < MOST as usize {
        let lines = next(backend, id, read.last(), after).await?;
        if lines.is_empty() {
            break;
        }
        bytes += lines.iter().map(|line| line.text.len()).sum::<usize>();
        read.extend(lines);
    }
    Ok(read)
}

async fn next(
    backend: &Backend,
    id: OrderId,
    last: Option<&LogLine>,
    after: u64,
) -> Result<Vec<LogLine>, UsecaseError> {
    let after = last.map_or(after, |line| line.seq);
    let mut connection = backend.storage().read().await?;
    Ok(logs::next(&mut connection, id, after).await?)
}
