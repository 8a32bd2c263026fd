//! Necto's use-cases, jobs, storage and sessions.
//!
//! The crate sees the world only through the traits in [`ports`]: the Akash market, the escrow's
//! chain, the clock and randomness. What is allowed, what it costs and what happens next is decided
//! in `domain` and `sdl`; this crate queries, stores and executes.
//!
//! - A *use-case* ([`usecases`]) answers a person: it reads, or it writes state and enqueues.
//! - A *job* ([`jobs`]) changes the outside world. Nothing else does.
//! - State, its event and the next job are written in one transaction (`orders::changes`).
//!
//! To add a verb, add a file under `usecases/`. To add an outside service, write its trait under
//! `ports/`, its fake under `fakes/` and its adapter under `adapters/`. HTTP, pages and
//! configuration from the environment have no place here.

pub mod adapters;
pub mod admission;
pub mod audit;
pub mod drafting;
mod error;
pub mod fail_points;
#[cfg(any(test, feature = "fakes"))]
#[expect(clippy::unwrap_used, reason = "test code")]
#[cfg_attr(
    not(test),
    expect(
        dead_code,
        reason = "the stage for other crates' tests uses a part of it"
    )
)]
mod fakes;
pub mod jobs;
mod live;
pub mod market;
mod observe;
mod orders;
mod payment;
pub mod ports;
mod queue;
pub mod sessions;
mod settings;
#[cfg(feature = "fakes")]
pub mod stage;
pub mod storage;
pub mod usecases;
mod visitor;

use std::sync::Arc;
use std::time::Duration;

pub use error::UsecaseError;
pub use observe::EVENT_COUNTER;
pub use orders::order::Order;
pub use ports::Ports;
pub use settings::{AgentLimits, ChainFacts, GasSpent, Keep, PollIntervals, RelayBudget, Settings};
pub use storage::Storage;
pub use visitor::{Owner, SessionId, Visitor, VisitorId};

use jobs::LogWriter;
use jobs::tallies::Tallies;
use live::Live;
use market::MarketWatch;
use market::words::KnownWords;
use tokio::sync::{Notify, Semaphore};
use tokio::time::Instant;

/// Everything that a use-case or a job works with. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Backend {
    parts: Arc<Parts>,
    /// Uses the connection pool of use-cases or of jobs, depending on what this backend is for.
    storage: Storage,
}

#[derive(Debug)]
struct Parts {
    ports: Ports,
    settings: Settings,
    market: MarketWatch,
    live: Live,
    log_writer: LogWriter,
    job_waits: Notify,
    words: KnownWords,
    tallies: Tallies,
    security: audit::Counts,
    describing: Arc<Semaphore>,
    /// Time at which this process's worker last looked for work; `None` in a process without a worker.
    worker_looked: std::sync::Mutex<Option<Instant>>,
}

/// Maximum number of requests processed at once: each queries Akash, and may query a model.
const DESCRIBED_AT_ONCE: usize = 32;

impl Backend {
    /// Assembles the backend. Opens nothing and starts nothing.
    #[must_use]
    pub fn new(ports: Ports, storage: Storage, settings: Settings) -> Self {
        let market = MarketWatch::new(ports.offers.clone(), Arc::clone(&ports.clock));
        let parts = Arc::new(Parts {
            market,
            ports,
            settings,
            live: Live::default(),
            log_writer: LogWriter::default(),
            job_waits: Notify::new(),
            words: KnownWords::default(),
            tallies: Tallies::default(),
            security: audit::Counts::default(),
            describing: Arc::new(Semaphore::new(DESCRIBED_AT_ONCE)),
            worker_looked: std::sync::Mutex::default(),
        });
        Self { parts, storage }
    }

    /// Returns the same backend for jobs, which have a connection pool of their own.
    #[must_use]
    pub fn for_jobs(&self) -> Self {
        Self {
            parts: Arc::clone(&self.parts),
            storage: self.storage.for_jobs(),
        }
    }

    /// The operator's settings.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.parts.settings
    }

    /// The outside world.
    #[must_use]
    pub fn ports(&self) -> &Ports {
        &self.parts.ports
    }

    /// The whole market, as far as this process has seen it.
    pub(crate) fn market(&self) -> &MarketWatch {
        &self.parts.market
    }

    /// Access to the database, through the connections of use-cases or of jobs, depending on what
    /// this backend is for.
    #[must_use]
    pub fn storage(&self) -> &Storage {
        &self.storage
    }

    /// The listeners of this process.
    pub(crate) fn live(&self) -> &Live {
        &self.parts.live
    }

    /// Writer of the logs that this process follows.
    pub(crate) fn log_writer(&self) -> &LogWriter {
        &self.parts.log_writer
    }

    /// Wakes the worker of this process after a job was enqueued and committed.
    pub(crate) fn wake_worker(&self) {
        self.parts.job_waits.notify_waiters();
    }

    /// The words of the market, as far as this process has seen them.
    pub(crate) fn words(&self) -> &KnownWords {
        &self.parts.words
    }

    /// Counts of the jobs that this process's worker has run.
    pub(crate) fn tallies(&self) -> &Tallies {
        &self.parts.tallies
    }

    /// Number of times that each security event happened in this process.
    pub(crate) fn audit_counts(&self) -> &audit::Counts {
        &self.parts.security
    }

    /// Semaphore with one permit for each request being processed.
    pub(crate) fn describing(&self) -> &Arc<Semaphore> {
        &self.parts.describing
    }

    /// Notified whenever a job is enqueued.
    pub(crate) fn job_waits(&self) -> &Notify {
        &self.parts.job_waits
    }

    /// Records that this process's worker is looking for work now.
    pub(crate) fn worker_looks(&self) {
        *self.parts.looked() = Some(Instant::now());
    }

    /// Time since this process's worker last looked for work; `None` in a process without one.
    pub(crate) fn worker_looked(&self) -> Option<Duration> {
        self.parts.looked().map(|looked| looked.elapsed())
    }

    /// Sets the time since the worker last looked.
    #[cfg(test)]
    pub(crate) fn worker_looked_ago(&self, ago: Duration) {
        *self.parts.looked() = Instant::now().checked_sub(ago);
    }
}

impl Parts {
    fn looked(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        let looked = self.worker_looked.lock();
        looked.unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
