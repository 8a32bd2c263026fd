//! Tells a watcher when an order or its log changed, for as long as its session stands.

use domain::ids::OrderId;
use futures::Stream;
use futures::stream;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use crate::changes::owned;
use crate::error::UsecaseError;
use crate::storage::orders;
use crate::visitor::{SessionId, Visitor};
use crate::{Backend, observe, sessions};

/// What a watcher is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Watched {
    /// The order or its log changed: a number that grows.
    Changed(u64),
    /// The session of who watches ended; nothing follows.
    SessionEnded,
}

/// A number at once and a larger one after each change. Changes and ends of sessions in this process
/// are told at once, those of other processes are found by looking. The stream ends when the
/// session does, when the database fails or when the order is gone.
///
/// # Errors
/// [`UsecaseError::NotFound`] for somebody else's order.
pub async fn watch(
    backend: &Backend,
    visitor: &Visitor,
    id: OrderId,
) -> Result<impl Stream<Item = Watched> + Send + 'static + use<>, UsecaseError> {
    let (changed, ended) = (backend.changes(), backend.ends());
    owned(backend, visitor, id).await?;
    let watcher = Watcher {
        backend: backend.clone(),
        visitor: visitor.clone(),
        changed,
        ended,
        id,
        last: None,
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
    changed: Receiver<OrderId>,
    ended: Receiver<SessionId>,
    id: OrderId,
    last: Option<u64>,
}

impl Watcher {
    async fn next(&mut self) -> Option<Watched> {
        loop {
            let looked = match self.look().await {
                Ok(looked) => looked?,
                Err(error) => {
                    observe::watch_failed(self.id, &error);
                    return None;
                }
            };
            match looked {
                Watched::Changed(revision) if self.last == Some(revision) => self.wait().await,
                Watched::Changed(revision) => {
                    self.last = Some(revision);
                    return Some(looked);
                }
                Watched::SessionEnded => return Some(looked),
            }
        }
    }

    async fn look(&self) -> Result<Option<Watched>, UsecaseError> {
        if !sessions::stands(&self.backend, &self.visitor).await? {
            return Ok(Some(Watched::SessionEnded));
        }
        let mut connection = self.backend.storage().read().await?;
        let revision = orders::revision(&mut connection, self.id).await?;
        Ok(revision.map(Watched::Changed))
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
                told = self.ended.recv() => match told {
                    Ok(session) if session == self.visitor.session => return,
                    Ok(_) => {}
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
