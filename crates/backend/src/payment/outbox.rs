//! Actions that the operator's account is to take on chain, recorded before anything is sent.
//!
//! An *intent* is stored by the code that decides that something must happen, in the same
//! transaction as that decision, and is unique for its purpose and subject. One job
//! ([`crate::jobs::send_outbox`]) assigns its nonce, stores the signed transaction, sends it,
//! retries, raises the price if it is stuck, and determines the outcome. Because a nonce counts
//! once and everything signed is kept, an intent takes effect once, whatever crashes in between.

pub(crate) mod intent;

pub(crate) use intent::{Intent, NewIntent, Purpose, Status};

use crate::Backend;
use crate::queue::{self, Kind};
use crate::storage::{Connection, StorageError, outbox};

/// Adds an intent unless there is one with this purpose and subject. Returns the one that counts.
///
/// Runs in the caller's transaction, in which the sending job is enqueued as well.
pub(crate) async fn add(
    connection: &mut Connection,
    backend: &Backend,
    intent: &NewIntent,
) -> Result<Intent, StorageError> {
    match outbox::latest(connection, intent.purpose, &intent.subject).await? {
        Some(known) => Ok(known),
        None => begin(connection, backend, intent, 0).await,
    }
}

/// Like [`add`], but starts another round after an intent that was refused or void, or whose effect
/// was undone.
pub(crate) async fn add_again(
    connection: &mut Connection,
    backend: &Backend,
    intent: &NewIntent,
) -> Result<Intent, StorageError> {
    match outbox::latest(connection, intent.purpose, &intent.subject).await? {
        Some(known) if known.failed() || known.was_undone(backend.ports().clock.now()) => {
            begin(connection, backend, intent, known.round + 1).await
        }
        Some(known) => Ok(known),
        None => begin(connection, backend, intent, 0).await,
    }
}

async fn begin(
    connection: &mut Connection,
    backend: &Backend,
    intent: &NewIntent,
    round: u64,
) -> Result<Intent, StorageError> {
    let clock = &backend.ports().clock;
    queue::enqueue(connection, Kind::SendOutbox, None, clock.now_ms()).await?;
    outbox::insert(connection, intent, round, clock.now()).await?;
    outbox::latest(connection, intent.purpose, &intent.subject)
        .await?
        .ok_or(StorageError::Stale)
}

/// Returns the latest intent with this purpose and subject.
pub(crate) async fn latest(
    backend: &Backend,
    purpose: Purpose,
    subject: &str,
) -> Result<Option<Intent>, StorageError> {
    let mut connection = backend.storage().read().await?;
    outbox::latest(&mut connection, purpose, subject).await
}
