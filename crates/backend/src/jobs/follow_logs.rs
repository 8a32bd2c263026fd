//! Follows the log of a running deployment and stores its lines, numbered in order of arrival.
//!
//! Lines are collected briefly and written together with those of other orders. Lines that were
//! read but not written when the process dies arrive again: a stream begins with the last 500
//! lines, and fewer than that are ever in transit.

mod overlap;
mod writer;

use std::time::Duration;

use domain::akash::LeaseId;
use domain::deployment::State;
use domain::ids::OrderId;
use futures::future::BoxFuture;
use futures::stream::{BoxStream, SelectAll};
use futures::{FutureExt as _, StreamExt as _};
use tokio_util::sync::CancellationToken;

use crate::ports::MarketError;
use crate::queue::Outcome;
use crate::storage::{StorageError, logs, orders, storable};
use crate::{Backend, observe};
use overlap::Overlap;
use writer::{Haste, WriteError, Written};

pub(crate) use writer::LogWriter;

/// Lines taken from a stream at once.
const BATCH: usize = 200;

/// Longest line kept, in bytes; the rest of a longer one is cut off.
const LINE_BYTES: usize = 256 * 1024;

/// Number of the newest stored lines that are compared with the beginning of a new stream. A stream
/// begins with its last lines, so some of them are already stored.
const COMPARED: u64 = 1_000;

/// Time between a stream's end and its reopening.
const REOPEN: Duration = Duration::from_secs(3);

/// Silence after which lines held back for comparison are accepted as they are.
const QUIET: Duration = Duration::from_secs(1);

/// Time that lines wait to be written while no one in this process is watching; otherwise they wait
/// only for the previous transaction.
const COLLECT: Duration = Duration::from_secs(2);

/// Approximate maximum size of the waiting lines.
const COLLECT_BYTES: usize = 256 * 1024;

/// Number of lines in transit at which reading pauses. Together with one [`BATCH`] this stays below
/// the number of lines with which a new stream begins.
const COLLECT_LINES: usize = 250;

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

/// Why following ended.
enum End {
    /// There is nothing left to follow.
    Over,
    /// The stream ended or broke: it is reopened shortly.
    Broken(String),
    /// The stream could not be opened: retried with backoff.
    Unopened(String),
}

async fn follow(
    backend: &Backend,
    id: OrderId,
    cancelled: &CancellationToken,
) -> Result<End, WriteError> {
    let order = orders::load(&mut backend.storage().read().await?, id).await?;
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
    // An order carries its texts, which need not stay in memory while the log is followed.
    drop(order);
    let mut overlap = compared(backend, id).await?;
    let stream = match open(backend, &leases, &services).await {
        Ok(stream) => stream,
        Err(error) => return Ok(End::Unopened(error.to_string())),
    };
    let mut collected = Collected::new(backend, id);
    let end = collect(stream, &mut overlap, &mut collected, cancelled).await?;
    // Lines that were held back when the stream ended may already be stored. The next stream begins
    // with them again: nothing is lost, and nothing is stored twice.
    collected.finish().await?;
    Ok(end)
}

/// Collects lines until the stream ends or the deployment is over.
async fn collect(
    stream: Lines,
    overlap: &mut Overlap,
    collected: &mut Collected<'_>,
    cancelled: &CancellationToken,
) -> Result<End, WriteError> {
    let clock = collected.backend.ports().clock.clone();
    let mut stream = stream.ready_chunks(BATCH);
    loop {
        tokio::select! {
            batch = stream.next(), if !collected.is_full() => {
                let Some(batch) = batch else {
                    return Ok(End::Broken("it was closed".to_owned()));
                };
                for line in batch {
                    match line {
                        Ok((service, text)) => {
                            collected.add(overlap.pass((service, storable(&cut(text)))));
                        }
                        Err(error) => return Ok(End::Broken(error.to_string())),
                    }
                }
            }
            written = collected.written() => {
                if written? == Written::Over {
                    return Ok(End::Over);
                }
            }
            () = cancelled.cancelled() => {
                return Ok(End::Broken("the worker stops".to_owned()));
            }
            () = clock.sleep(QUIET), if overlap.holds_lines() => {
                collected.add(overlap.take_held());
            }
        }
    }
}

/// The comparison of a new stream with the newest stored lines.
async fn compared(backend: &Backend, id: OrderId) -> Result<Overlap, StorageError> {
    let mut overlap = Overlap::default();
    let mut connection = backend.storage().read().await?;
    let last = logs::last_seq(&mut connection, id).await?;
    let mut after = last.saturating_sub(COMPARED);
    loop {
        let lines = logs::next(&mut connection, id, after).await?;
        let Some(line) = lines.last() else {
            return Ok(overlap);
        };
        after = line.seq;
        for line in lines {
            overlap.compare_with(&line.service, &line.text);
        }
    }
}

type Lines = SelectAll<BoxStream<'static, Result<Line, MarketError>>>;

async fn open(
    backend: &Backend,
    leases: &[LeaseId],
    services: &[String],
) -> Result<Lines, MarketError> {
    let mut all = SelectAll::new();
    for lease in leases {
        all.push(backend.ports().market.logs(lease, services).await?);
    }
    Ok(all)
}

/// New lines of an order in transit to the database.
struct Collected<'a> {
    backend: &'a Backend,
    order: OrderId,
    lines: Vec<Line>,
    bytes: usize,
    /// Timer that ends once the lines have waited long enough; `None` if there are no lines.
    due: Option<BoxFuture<'a, ()>>,
    /// Number of lines that are being written.
    under_way: usize,
    /// Write of those lines; `None` while none is under way.
    writing: Option<BoxFuture<'a, Result<Written, WriteError>>>,
}

impl<'a> Collected<'a> {
    fn new(backend: &'a Backend, order: OrderId) -> Self {
        Self {
            backend,
            order,
            lines: Vec::new(),
            bytes: 0,
            due: None,
            under_way: 0,
            writing: None,
        }
    }

    fn add(&mut self, lines: Vec<Line>) {
        self.bytes += lines.iter().map(|(_, text)| text.len()).sum::<usize>();
        self.lines.extend(lines);
        if self.due.is_none() && !self.lines.is_empty() {
            self.due = Some(self.backend.ports().clock.sleep(COLLECT));
        }
    }

    /// Whether no more lines can be accepted until some are written.
    fn is_full(&self) -> bool {
        self.bytes >= COLLECT_BYTES || self.lines.len() + self.under_way >= COLLECT_LINES
    }

    /// Writes the lines that are due and returns once they are written; never returns while there
    /// are none. Safe to drop and call again at any time.
    async fn written(&mut self) -> Result<Written, WriteError> {
        if self.writing.is_none() {
            let waits = !self.lines.is_empty();
            let soon = self.is_full() || self.backend.is_watched(self.order);
            match self.due.as_mut() {
                Some(due) if waits && !soon => due.await,
                Some(_) => {}
                None => return futures::future::pending().await,
            }
            self.begin(if self.is_full() {
                Haste::AtOnce
            } else {
                Haste::AtPace
            });
        }
        let written = match self.writing.as_mut() {
            Some(writing) => writing.await,
            None => return futures::future::pending().await,
        };
        (self.writing, self.under_way) = (None, 0);
        written
    }

    fn begin(&mut self, haste: Haste) {
        let (backend, order) = (self.backend, self.order);
        let lines = std::mem::take(&mut self.lines);
        (self.bytes, self.due, self.under_way) = (0, None, lines.len());
        let write = backend.log_writer().write(backend, order, lines, haste);
        self.writing = Some(write.boxed());
    }

    /// Writes all remaining lines.
    async fn finish(mut self) -> Result<(), WriteError> {
        if let Some(writing) = self.writing.take() {
            writing.await?;
        }
        if !self.lines.is_empty() {
            self.begin(Haste::AtOnce);
        }
        match self.writing.take() {
            Some(writing) => writing.await.map(|_| ()),
            None => Ok(()),
        }
    }
}

fn cut(text: String) -> String {
    if text.len() <= LINE_BYTES {
        return text;
    }
    format!("{}…", &text[..text.floor_char_boundary(LINE_BYTES)])
}
