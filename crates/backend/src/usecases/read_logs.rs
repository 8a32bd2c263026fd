//! Reads a deployment's log.

use domain::ids::OrderId;
use domain::journey::LogLine;

use crate::Backend;
use crate::changes::owned;
use crate::error::UsecaseError;
use crate::storage::logs;
use crate::visitor::Visitor;

/// Most lines in one answer.
const MOST: u32 = 2_000;

/// At most `limit` lines after number `after`, oldest first.
///
/// # Errors
/// [`UsecaseError::NotFound`] for somebody else's order.
pub async fn read_logs(
    backend: &Backend,
    visitor: &Visitor,
    id: OrderId,
    after: u64,
    limit: u32,
) -> Result<Vec<LogLine>, UsecaseError> {
    owned(backend, visitor, id).await?;
    let mut connection = backend.storage().read().await?;
    Ok(logs::after(&mut connection, id, after, limit.min(MOST)).await?)
}
