//! Writes the lines of all logs that this process follows together: the first caller writes for all
//! that arrive meanwhile.

use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::ids::OrderId;
use thiserror::Error;
use tokio::sync::oneshot;

use super::Line;
use crate::fail_points::{Side, reach};
use crate::queue::millis;
use crate::storage::{StorageError, logs, orders};
use crate::{Backend, observe};

/// Minimum time between transactions: lines that arrive in between go into the next one.
const PACE: Duration = Duration::from_millis(200);

/// The state of an order whose log is followed.
const ACTIVE: &str = "active";

/// The urgency with which lines have to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Haste {
    /// They are written with the next transaction.
    AtPace,
    /// Written at once: many lines are waiting, or their stream ended and the next one is compared
    /// with the stored lines.
    AtOnce,
}

/// The outcome of writing lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    /// They are stored, and more may follow.
    GoOn,
    /// The deployment is over.
    Over,
}

/// Why lines were not stored. They arrive again with the next stream.
#[derive(Debug, Error)]
pub(super) enum WriteError {
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The writing task was stopped.
    #[error("the lines were not written")]
    Interrupted,
}

/// Lines of one order that wait to be written.
#[derive(Debug)]
struct Batch {
    order: OrderId,
    lines: Vec<Line>,
    answer: oneshot::Sender<Result<Written, StorageError>>,
}

/// Lines of all orders that wait to be written in this process.
#[derive(Debug, Default)]
pub(crate) struct LogWriter {
    waiting: Mutex<Vec<Batch>>,
    /// Time at which the last transaction began, in Unix milliseconds; locked by the task that writes.
    turn: tokio::sync::Mutex<u64>,
}

impl LogWriter {
    /// Stores the lines of an order, in one transaction with those of others, and notifies
    /// watchers.
    ///
    /// # Errors
    /// If the database fails.
    pub(super) async fn write(
        &self,
        backend: &Backend,
        order: OrderId,
        lines: Vec<Line>,
        haste: Haste,
    ) -> Result<Written, WriteError> {
        let (answer, mut answered) = oneshot::channel();
        self.lock().push(Batch {
            order,
            lines,
            answer,
        });
        let mut began = tokio::select! {
            biased;
            answer = &mut answered => return told(answer),
            turn = self.turn.lock() => turn,
        };
        // Another caller's turn may already have written them.
        if let Ok(answer) = answered.try_recv() {
            return Ok(answer?);
        }
        let clock = &backend.ports().clock;
        let rested = clock.now_ms().saturating_sub(*began);
        if haste == Haste::AtPace && rested < millis(PACE) {
            clock.sleep(PACE - Duration::from_millis(rested)).await;
        }
        *began = clock.now_ms();
        let batches = mem::take(&mut *self.lock());
        write_all(backend, batches).await;
        drop(began);
        told(answered.await)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Batch>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn told(
    answer: Result<Result<Written, StorageError>, oneshot::error::RecvError>,
) -> Result<Written, WriteError> {
    Ok(answer.map_err(|_| WriteError::Interrupted)??)
}

/// Writes all batches; if that fails, each separately, so that one order's problem does not affect
/// the others.
async fn write_all(backend: &Backend, mut batches: Vec<Batch>) {
    // Always in the same order, so that two processes cannot deadlock.
    batches.sort_by_key(|batch| batch.order);
    match write_together(backend, &batches).await {
        Ok(written) => {
            for (batch, written) in batches.into_iter().zip(written) {
                batch.answer(Ok(written));
            }
        }
        Err(error) if batches.len() > 1 => {
            observe::logs_not_written(batches.len(), &error);
            for batch in batches {
                let alone = [batch];
                let written = write_together(backend, &alone).await;
                let [batch] = alone;
                batch.answer(
                    written.map(|written| written.first().copied().unwrap_or(Written::Over)),
                );
            }
        }
        Err(error) => {
            if let Some(batch) = batches.pop() {
                batch.answer(Err(error));
            }
        }
    }
}

/// Writes batches in one transaction, and notifies watchers. Nothing is stored for an order that
/// has been erased meanwhile.
async fn write_together(
    backend: &Backend,
    batches: &[Batch],
) -> Result<Vec<Written>, StorageError> {
    let now = backend.ports().clock.now();
    let ids: Vec<OrderId> = batches.iter().map(|batch| batch.order).collect();
    let mut transaction = backend.storage().begin_write().await?;
    let states = orders::keep_states(&mut transaction, &ids).await?;
    for batch in batches {
        if states.contains_key(&batch.order) {
            logs::append(&mut transaction, batch.order, &batch.lines, now).await?;
        }
    }
    reach(Side::Before, "log_chunk");
    transaction.commit().await?;
    reach(Side::After, "log_chunk");
    ids.iter().for_each(|order| backend.announce(*order));
    let written = ids.iter().map(|order| match states.get(order) {
        Some(state) if state == ACTIVE => Written::GoOn,
        _ => Written::Over,
    });
    Ok(written.collect())
}

impl Batch {
    fn answer(self, written: Result<Written, StorageError>) {
        // A caller that no longer waits will compare its lines with the stored ones.
        let _gone = self.answer.send(written);
    }
}

#[cfg(test)]
mod tests {
    use domain::ids::OrderId;

    use super::{Haste, Written};
    use crate::fakes::World;
    use crate::usecases::{delete_order, read_logs};

    async fn stored(world: &World, id: OrderId) -> usize {
        let lines = read_logs(&world.backend, &world.buyer(), id, 0, 10).await;
        lines.map_or(0, |lines| lines.len())
    }

    /// Lines of two orders, written together.
    async fn write_both(world: &World, ids: [OrderId; 2]) -> [Option<Written>; 2] {
        let writer = world.backend.log_writer();
        let turn = writer.turn.lock().await;
        let lines = || vec![("web".to_owned(), "listening".to_owned())];
        let write = |id| writer.write(&world.backend, id, lines(), Haste::AtOnce);
        let both = async { tokio::join!(write(ids[0]), write(ids[1])) };
        let go = async {
            while writer.lock().len() < 2 {
                tokio::task::yield_now().await;
            }
            drop(turn);
        };
        let ((one, other), ()) = tokio::join!(both, go);
        [one.ok(), other.ok()]
    }

    #[tokio::test]
    async fn nothing_is_stored_of_an_order_that_is_gone() {
        let world = World::new().await;
        let (here, gone) = (world.quoted(1).await, world.quoted(1).await);
        delete_order(&world.backend, &world.buyer(), gone)
            .await
            .unwrap();
        // Neither order is running: followers are told that it is over.
        let over = [Some(Written::Over), Some(Written::Over)];
        assert_eq!(write_both(&world, [here, gone]).await, over);
        assert_eq!(
            (stored(&world, here).await, stored(&world, gone).await),
            (1, 0)
        );
    }

    #[tokio::test]
    async fn one_orders_trouble_is_not_everybodys() {
        let world = World::new().await;
        let (fine, broken) = (world.quoted(1).await, world.quoted(1).await);
        write_both(&world, [fine, broken]).await;
        let mut transaction = world.backend.storage().begin_write().await.unwrap();
        sqlx::query("UPDATE log_chunks SET raw_bytes = -1 WHERE order_id = $1")
            .bind(broken.to_string())
            .execute(&mut *transaction)
            .await
            .unwrap();
        transaction.commit().await.unwrap();
        let written = write_both(&world, [broken, fine]).await;
        assert_eq!(written, [None, Some(Written::Over)]);
        assert_eq!(stored(&world, fine).await, 2);
    }
}
