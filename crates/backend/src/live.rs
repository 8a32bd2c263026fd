//! Changes that the streams of this process wait for, of orders and sessions.
//!
//! A hint says that there may be something new; the database says what. Hints of this process
//! arrive at once. Changes by other processes are found by polling: one query serves all listeners,
//! however many there are, and nothing is queried while there are none.

mod topics;

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use domain::ids::OrderId;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

pub(crate) use topics::{GivenUp, Listener};

use crate::storage::{StorageError, orders, sessions as rows};
use crate::visitor::SessionId;
use crate::{Backend, observe, sessions};
use rows::Standing;
use topics::Topics;

/// The revision of an order; `None` before it was first queried.
pub(crate) type Revision = Option<u64>;

/// The listeners and the values that they listen to.
#[derive(Debug, Default)]
pub(crate) struct Live {
    orders: Topics<OrderId, Revision>,
    sessions: Topics<SessionId, Option<Standing>>,
    hinted: Mutex<HashSet<OrderId>>,
    asked: Notify,
    looking: Mutex<Option<JoinHandle<()>>>,
}

impl Backend {
    /// Listens to an order's revision from now on. A revision that is not known yet arrives with
    /// the next poll, which this call requests.
    pub(crate) fn listen_to_order(&self, order: OrderId) -> Listener<OrderId, Revision> {
        let listener = self.live().orders.listen(order);
        self.announce(order);
        self.see_to_looking();
        listener
    }

    /// Listens to a session's status from now on.
    pub(crate) fn listen_to_session(
        &self,
        session: SessionId,
    ) -> Listener<SessionId, Option<Standing>> {
        self.live().sessions.listen(session)
    }

    /// Whether anyone in this process is watching `order`.
    pub(crate) fn is_watched(&self, order: OrderId) -> bool {
        self.live().orders.is_heard(order)
    }

    /// Tells watchers in this process that `order` or its log has changed.
    pub(crate) fn announce(&self, order: OrderId) {
        // Usually there is no listener: the tab may be closed.
        if self.is_watched(order) {
            self.live().hint(order);
        }
    }

    /// Tells watchers in this process that `session` has ended.
    pub(crate) fn announce_end(&self, session: SessionId) {
        self.live().sessions.wake(session);
    }

    /// Starts the poller if it is not running.
    pub(crate) fn see_to_looking(&self) {
        let mut looking = self
            .live()
            .looking
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if looking.as_ref().is_none_or(JoinHandle::is_finished) {
            *looking = Some(tokio::spawn(look(self.clone())));
        }
    }
}

impl Live {
    fn hint(&self, order: OrderId) {
        let mut hinted = self.hinted.lock().unwrap_or_else(PoisonError::into_inner);
        hinted.insert(order);
        drop(hinted);
        self.asked.notify_one();
    }

    fn take_hinted(&self) -> Vec<OrderId> {
        let mut hinted = self.hinted.lock().unwrap_or_else(PoisonError::into_inner);
        hinted.drain().collect()
    }

    /// Whether the poller may stop. Called only by the poller itself, and true only if no listener
    /// arrives at the same moment.
    fn is_over(&self) -> bool {
        let mut looking = self.looking.lock().unwrap_or_else(PoisonError::into_inner);
        let over = self.orders.is_empty();
        if over {
            *looking = None;
        }
        over
    }
}

/// Polls for as long as there are listeners: hinted values at once, all values at the polling
/// interval.
async fn look(backend: Backend) {
    let (live, clock) = (backend.live(), &backend.ports().clock);
    let pace = backend.settings().poll.watch;
    let mut round = clock.sleep(pace);
    while !live.is_over() {
        let is_round = tokio::select! {
            () = &mut round => true,
            () = live.asked.notified() => false,
        };
        let looked = if is_round {
            round = clock.sleep(pace);
            look_at_all(&backend).await
        } else {
            look_at(&backend, &live.take_hinted()).await
        };
        if let Err(error) = looked {
            observe::look_failed(&error);
            // Pages reconnect, and their next request shows whether the database is back.
            live.orders.give_all_up();
        }
    }
}

async fn look_at_all(backend: &Backend) -> Result<(), StorageError> {
    let live = backend.live();
    look_at(backend, &live.orders.keys()).await?;
    let waited_for = live.sessions.keys();
    let standing = rows::standing(backend.storage(), &waited_for, sessions::now(backend)).await?;
    for session in waited_for {
        let found = standing.get(&session).copied().unwrap_or(Standing::Ended);
        live.sessions
            .set(session, Some(found), |known| match known {
                Some(known) => known != found,
                None => found != Standing::Stands,
            });
    }
    Ok(())
}

async fn look_at(backend: &Backend, watched: &[OrderId]) -> Result<(), StorageError> {
    let revisions = orders::revisions(&mut backend.storage().read().await?, watched).await?;
    let topics = &backend.live().orders;
    for order in watched {
        match revisions.get(order) {
            Some(revision) => {
                let revision = Some(*revision);
                topics.set(*order, revision, |known| known != revision);
            }
            None => topics.give_up(*order),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use futures::{FutureExt as _, StreamExt as _};

    use crate::Backend;
    use crate::fakes::World;
    use crate::orders::changes;
    use crate::usecases::{Watched, watch};

    async fn change(backend: &Backend, id: domain::ids::OrderId, name: &str) {
        changes::edit(backend, id, |order| {
            name.clone_into(&mut order.name);
            Ok(Vec::new())
        })
        .await
        .unwrap();
    }

    #[tokio::test]
    async fn what_another_process_changed_is_found_for_all_who_watch() {
        let world = World::new().await;
        let id = world.quoted(1).await;
        let elsewhere = world.second_backend().await;
        let mut watching = Vec::new();
        for _ in 0..3 {
            let one = watch(&world.backend, &world.buyer(), id).await.unwrap();
            watching.push(one.boxed());
        }
        for one in &mut watching {
            assert!(matches!(one.next().await, Some(Watched::Changed(_))));
        }
        change(&elsewhere, id, "changed").await;
        for one in &mut watching {
            assert_eq!(one.next().now_or_never(), None, "nobody told it");
        }
        world.clock.advance(world.backend.settings().poll.watch);
        for one in &mut watching {
            assert!(matches!(one.next().await, Some(Watched::Changed(_))));
        }
        drop(watching);
        assert!(!world.backend.is_watched(id));
        // A listener that arrives after polling has stopped is notified as well.
        world.clock.advance(world.backend.settings().poll.watch);
        let again = watch(&world.backend, &world.buyer(), id).await.unwrap();
        assert!(matches!(
            again.boxed().next().await,
            Some(Watched::Changed(_))
        ));
    }

    #[tokio::test]
    async fn lines_of_a_log_wake_no_worker_and_jobs_do() {
        let world = World::new().await;
        let id = world.quoted(1).await;
        let woken = world.backend.job_waits().notified();
        tokio::pin!(woken);
        woken.as_mut().enable();
        world.backend.announce(id);
        change(&world.backend, id, "another name").await;
        assert!(woken.as_mut().now_or_never().is_none());
        world
            .prepare(id, domain::deployment::Acceptance::Manual)
            .await;
        assert!(woken.now_or_never().is_some(), "the deposit is looked for");
    }

    #[tokio::test]
    async fn an_order_that_is_gone_ends_who_watches_it() {
        let world = World::new().await;
        let id = world.quoted(1).await;
        let watching = watch(&world.backend, &world.buyer(), id).await.unwrap();
        tokio::pin!(watching);
        assert!(watching.next().await.is_some());
        crate::usecases::delete_order(&world.backend, &world.buyer(), id)
            .await
            .unwrap();
        assert_eq!(watching.next().await, None);
    }
}
