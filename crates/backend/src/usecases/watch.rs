//! Tells a watcher when an order or its log changed.

use domain::ids::OrderId;
use futures::Stream;
use futures::stream;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use crate::changes::owned;
use crate::error::UsecaseError;
use crate::storage::{StorageError, orders};
use crate::visitor::Visitor;
use crate::{Backend, observe};

/// A number at once and a larger one after each change. Changes in this process are told at once,
/// those of other processes are found by looking. The stream ends when the database fails or the
/// order is gone.
///
/// # Errors
/// [`UsecaseError::NotFound`] for somebody else's order.
pub async fn watch(
    backend: &Backend,
    visitor: &Visitor,
    id: OrderId,
) -> Result<impl Stream<Item = u64> + Send + 'static + use<>, UsecaseError> {
    let changed = backend.changes();
    owned(backend, visitor, id).await?;
    let watcher = Watcher {
        backend: backend.clone(),
        changed,
        id,
        last: None,
    };
    Ok(stream::unfold(watcher, |mut watcher| async move {
        let revision = watcher.next().await?;
        Some((revision, watcher))
    }))
}

struct Watcher {
    backend: Backend,
    changed: Receiver<OrderId>,
    id: OrderId,
    last: Option<u64>,
}

impl Watcher {
    async fn next(&mut self) -> Option<u64> {
        loop {
            let revision = match self.revision().await {
                Ok(revision) => revision?,
                Err(error) => {
                    observe::watch_failed(self.id, &error);
                    return None;
                }
            };
            if self.last != Some(revision) {
                self.last = Some(revision);
                return Some(revision);
            }
            self.wait().await;
        }
    }

    async fn revision(&self) -> Result<Option<u64>, StorageError> {
        let mut connection = self.backend.storage().read().await?;
        orders::revision(&mut connection, self.id).await
    }

    /// Until there may be something new.
    async fn wait(&mut self) {
        let clock = self.backend.ports().clock.clone();
        let look = clock.sleep(self.backend.settings().poll.watch);
        tokio::pin!(look);
        loop {
            tokio::select! {
                () = &mut look => return,
                told = self.changed.recv() => match told {
                    Ok(id) if id == self.id => return,
                    Ok(_) => {}
                    // Told too much at once, or nobody is left to tell: look.
                    Err(RecvError::Lagged(_)) => return,
                    Err(RecvError::Closed) => {
                        look.await;
                        return;
                    }
                },
            }
        }
    }
}
