//! What the operator's account will do on chain, recorded before anything is sent.
//!
//! An *intent* is stored by the code that decides that something must happen, in the transaction of
//! that decision, and is unique for its purpose and subject. One job ([`crate::jobs::send_outbox`])
//! gives it a nonce, stores what it signed, sends it, retries, pays more for what is stuck, and
//! determines its outcome. Because a nonce counts once and what was signed is kept, an intent takes
//! effect once, whatever dies in between.

pub(crate) mod intent;

pub(crate) use intent::{Intent, NewIntent, Purpose, Status};

use crate::Backend;
use crate::queue::{self, Kind};
use crate::storage::{Connection, StorageError, outbox};

/// Adds an intent, unless there is one with this purpose and subject. Returns the one that counts.
///
/// Runs in the caller's transaction; the sending job is requested in the same one.
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

/// As [`add`], but begins another round after one that was refused or void, or whose effect was
/// undone.
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

/// The latest intent of this purpose on this subject.
pub(crate) async fn latest(
    backend: &Backend,
    purpose: Purpose,
    subject: &str,
) -> Result<Option<Intent>, StorageError> {
    let mut connection = backend.storage().read().await?;
    outbox::latest(&mut connection, purpose, subject).await
}
