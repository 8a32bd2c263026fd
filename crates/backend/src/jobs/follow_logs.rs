//! Follows the log of a running deployment and keeps its lines, numbered in the order they came.

mod overlap;

use std::time::Duration;

use domain::akash::LeaseId;
use domain::deployment::State;
use domain::ids::OrderId;
use futures::StreamExt as _;
use futures::stream::{BoxStream, SelectAll};
use tokio_util::sync::CancellationToken;

use super::queue::Outcome;
use crate::ports::MarketError;
use crate::storage::{StorageError, logs, orders, storable};
use crate::{Backend, observe};
use overlap::Overlap;

/// Lines stored in one transaction at most.
const BATCH: usize = 200;

/// Longest line kept, in bytes; the rest of a longer one is cut off.
const LINE_BYTES: usize = 256 * 1024;

/// How many of the newest stored lines are compared with what a new stream begins with. Streams
/// begin with their last lines, so some of them are known already.
const COMPARED: u64 = 1_000;

/// How long after a stream's end it is opened again.
const REOPEN: Duration = Duration::from_secs(3);

/// Silence after which lines held back for comparison are taken as they are.
const QUIET: Duration = Duration::from_secs(1);

/// One stored line: service and text.
type Line = (String, String);

/// Runs the job for `order` until its deployment is over, the stream ends, or it is cancelled.
pub(crate) async fn run(
    backend: &Backend,
    order: OrderId,
    cancelled: &CancellationToken,
) -> Outcome {
    match follow(backend, order, cancelled).await {
        Ok(End::Over) => Outcome::Done,
        Ok(End::Broken(why)) => {
            observe::log_stream_ended(order, &why);
            Outcome::Again(REOPEN)
        }
        Ok(End::Unopened(why)) => Outcome::Failed(why),
        Err(error) => Outcome::Failed(error.to_string()),
    }
}

/// Why following came to an end.
enum End {
    /// There is nothing to follow any more.
    Over,
    /// The stream ended or broke: it is opened again shortly.
    Broken(String),
    /// The stream could not be opened: tried again, later each time.
    Unopened(String),
}

async fn follow(
    backend: &Backend,
    id: OrderId,
    cancelled: &CancellationToken,
) -> Result<End, StorageError> {
    let mut connection = backend.storage().read().await?;
    let order = orders::load(&mut connection, id).await?;
    let last = logs::last_seq(&mut connection, id).await?;
    let from = last.saturating_sub(COMPARED);
    let stored = logs::after(&mut connection, id, from, u32::MAX).await?;
    drop(connection);
    let Some(order) = order else {
        return Ok(End::Over);
    };
    let State::Active { running, .. } = &order.state else {
        return Ok(End::Over);
    };
    let services = sdl::services(&order.sdl);
    let leases: Vec<LeaseId> = running
        .accepted
        .bids
        .iter()
        .map(|bid| bid.id.clone())
        .collect();
    let mut stream = match open(backend, &leases, &services).await {
        Ok(stream) => stream.ready_chunks(BATCH),
        Err(error) => return Ok(End::Unopened(error.to_string())),
    };
    let mut overlap = Overlap::with(stored.into_iter().map(|line| (line.service, line.text)));
    loop {
        let quiet = backend.ports().clock.sleep(QUIET);
        let batch = tokio::select! {
            batch = stream.next() => batch,
            () = cancelled.cancelled() => {
                return Ok(End::Broken("the worker stops".to_owned()));
            }
            () = quiet, if overlap.holds_lines() => {
                store(backend, id, overlap.take_held()).await?;
                continue;
            }
        };
        // Lines that were held when the stream ended may be stored already. The next stream begins with
        // them again: nothing is lost, and nothing is stored twice.
        let Some(batch) = batch else {
            return Ok(End::Broken("it was closed".to_owned()));
        };
        let mut fresh = Vec::new();
        let mut broken = None;
        for line in batch {
            match line {
                Ok((service, text)) => {
                    fresh.extend(overlap.pass((service, storable(&cut(text)))));
                }
                Err(error) => broken = Some(error.to_string()),
            }
        }
        store(backend, id, fresh).await?;
        if let Some(why) = broken {
            return Ok(End::Broken(why));
        }
        if !still_active(backend, id).await? {
            return Ok(End::Over);
        }
    }
}

async fn open(
    backend: &Backend,
    leases: &[LeaseId],
    services: &[String],
) -> Result<SelectAll<BoxStream<'static, Result<Line, MarketError>>>, MarketError> {
    let mut all = SelectAll::new();
    for lease in leases {
        all.push(backend.ports().market.logs(lease, services).await?);
    }
    Ok(all)
}

async fn store(backend: &Backend, order: OrderId, lines: Vec<Line>) -> Result<(), StorageError> {
    if lines.is_empty() {
        return Ok(());
    }
    let mut transaction = backend.storage().begin_write().await?;
    logs::append(&mut transaction, order, &lines, backend.ports().clock.now()).await?;
    transaction.commit().await?;
    backend.announce(order);
    Ok(())
}

async fn still_active(backend: &Backend, order: OrderId) -> Result<bool, StorageError> {
    let mut connection = backend.storage().read().await?;
    let order = orders::load(&mut connection, order).await?;
    Ok(order.is_some_and(|order| matches!(order.state, State::Active { .. })))
}

fn cut(text: String) -> String {
    if text.len() <= LINE_BYTES {
        return text;
    }
    format!("{}…", &text[..text.floor_char_boundary(LINE_BYTES)])
}
