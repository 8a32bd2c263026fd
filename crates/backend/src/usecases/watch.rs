//! Notifies a watcher when an order or its log changes, for as long as its session is valid.

use std::time::Duration;

use domain::ids::OrderId;
use futures::Stream;
use futures::stream;

use crate::error::UsecaseError;
use crate::live::{GivenUp, Listener, Revision};
use crate::orders::changes::owned;
use crate::storage::sessions::Standing;
use crate::visitor::{SessionId, Visitor};
use crate::{Backend, observe, sessions};

/// Time that a watcher without notifications waits before it makes sure that polling is running.
const NET: Duration = Duration::from_secs(45);

/// A notification for a watcher.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Watched {
    /// The order or its log changed; the number grows with every change.
    Changed(u64),
    /// The watcher's session ended; nothing follows.
    SessionEnded,
}

/// Sends a number at once and a larger one after each change. Changes and ends of sessions in this
/// process are reported at once; those of other processes are found by polling, once for all
/// watchers. The stream ends when the session ends, the database fails or the order is gone.
///
/// # Errors
/// [`UsecaseError::NotFound`] for another owner's order.
pub async fn watch(
    backend: &Backend,
    visitor: &Visitor,
    id: OrderId,
) -> Result<impl Stream<Item = Watched> + Send + 'static + use<>, UsecaseError> {
    owned(backend, visitor, id).await?;
    let watcher = Watcher {
        backend: backend.clone(),
        visitor: visitor.clone(),
        session: backend.listen_to_session(visitor.session),
        order: backend.listen_to_order(id),
        id,
        told: None,
    };
    Ok(stream::unfold(Some(watcher), |watcher| async move {
        let mut watcher = watcher?;
        let told = watcher.next().await?;
        let goes_on = told != Watched::SessionEnded;
        Some((told, goes_on.then_some(watcher)))
    }))
}

struct Watcher {
    backend: Backend,
    visitor: Visitor,
    session: Listener<SessionId, Option<Standing>>,
    order: Listener<OrderId, Revision>,
    id: OrderId,
    told: Revision,
}

impl Watcher {
    async fn next(&mut self) -> Option<Watched> {
        loop {
            // Marked as seen before querying, so that a session that ends in between is not missed.
            let _standing = self.session.seen();
            match sessions::stands(&self.backend, &self.visitor).await {
                Ok(true) => {}
                Ok(false) => return Some(Watched::SessionEnded),
                Err(error) => {
                    observe::watch_failed(self.id, &error);
                    return None;
                }
            }
            let revision = self.order.seen()?;
            match revision {
                Some(number) if self.told != revision => {
                    self.told = revision;
                    return Some(Watched::Changed(number));
                }
                _ => self.wait().await.ok()?,
            }
        }
    }

    /// Waits until there may be something new.
    async fn wait(&mut self) -> Result<(), GivenUp> {
        let net = self.backend.ports().clock.sleep(NET);
        tokio::select! {
            changed = self.order.changed() => changed,
            // Whatever the notification says, the session's validity is checked next.
            _ = self.session.changed() => Ok(()),
            () = net => {
                self.backend.see_to_looking();
                self.backend.announce(self.id);
                Ok(())
            }
        }
    }
}
