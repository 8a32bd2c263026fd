//! Records a transaction that the buyer's wallet sent.

use domain::ids::{OrderId, TxHash};

use crate::Backend;
use crate::error::UsecaseError;
use crate::orders::changes::owned;
use crate::orders::next_jobs;
use crate::storage::{orders, transactions};
use crate::visitor::Visitor;

/// Kinds of transactions that a wallet can send.
const KINDS: [&str; 5] = ["approve", "fund", "top_up", "cancel", "close"];

/// Maximum number of transactions of one order: a wallet that replaces and retries needs far fewer.
const MOST: usize = 100;

/// Stores the transaction and schedules a check of the chain. The report proves nothing: money
/// counts once the chain shows it.
///
/// # Errors
/// [`UsecaseError::NotFound`] for another owner's order, [`UsecaseError::Invalid`] for an unknown
/// kind.
pub async fn report_transaction(
    backend: &Backend,
    visitor: &Visitor,
    id: OrderId,
    kind: String,
    tx: TxHash,
) -> Result<(), UsecaseError> {
    let order = owned(backend, visitor, id).await?;
    if !KINDS.contains(&kind.as_str()) {
        return Err(UsecaseError::Invalid(format!(
            "A transaction is one of {}; “{}” is none of them.",
            KINDS.join(", "),
            kind.chars().take(40).collect::<String>()
        )));
    }
    let clock = &backend.ports().clock;
    let mut transaction = backend.storage().begin_write().await?;
    if transactions::of(&mut transaction, id).await?.len() >= MOST {
        return Err(UsecaseError::Conflict(
            "This order has too many transactions already; nothing was lost.".to_owned(),
        ));
    }
    transactions::remember(&mut transaction, id, &kind, tx, clock.now()).await?;
    orders::touch(&mut transaction, id, clock.now()).await?;
    next_jobs::enqueue(&mut transaction, &order, clock.now_ms()).await?;
    transaction.commit().await?;
    backend.wake_worker();
    backend.announce(id);
    Ok(())
}
