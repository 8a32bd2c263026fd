//! Necto's use-cases, jobs, storage and sessions.
//!
//! The crate sees the world only through the traits in [`ports`]: the Akash market, the escrow's
//! chain, the clock and randomness. What is allowed, what it costs and what happens next is
//! decided in `domain` and `sdl`; here it is asked, stored and carried out.
//!
//! - A *use-case* ([`usecases`]) answers a person: it reads, or it writes state and enqueues.
//! - A *job* ([`jobs`]) changes the outside world. Nothing else does.
//! - State, its event and the next job are written in one transaction ([`changes`]).
//!
//! To add a verb, add a file under `usecases/`. To add an outsider, write its trait under `ports/`,
//! its fake under `fakes/` and its adapter under `adapters/`. HTTP, pages and configuration from
//! the environment have no place here.

pub mod adapters;
pub mod agent;
mod auto_sign;
mod changes;
mod deciding;
mod drafting;
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
pub mod market;
mod market_view;
mod narration;
mod observe;
mod order;
mod outbox;
pub mod ports;
mod prose;
mod relax;
pub mod sessions;
mod settings;
#[cfg(feature = "fakes")]
pub mod stage;
pub mod storage;
pub mod templates;
pub mod usecases;
mod visitor;

use std::sync::Arc;
use std::time::Duration;

pub use error::UsecaseError;
pub use order::Order;
pub use ports::Ports;
pub use settings::{ChainFacts, Keep, PollIntervals, RelayBudget, Settings};
pub use storage::Storage;
pub use visitor::{Owner, SessionId, Visitor, VisitorId};

use domain::ids::OrderId;
use domain::journey::MarketWords;
use domain::time::UnixSeconds;
use market::MarketWatch;
use tokio::sync::{Mutex, Notify, broadcast};
use tokio::time::Instant;

/// Everything a use-case or a job works with. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Backend {
    parts: Arc<Parts>,
    /// By the connections of whoever this is for.
    storage: Storage,
}

#[derive(Debug)]
struct Parts {
    ports: Ports,
    settings: Settings,
    market: MarketWatch,
    changed: broadcast::Sender<OrderId>,
    ended: broadcast::Sender<SessionId>,
    job_waits: Notify,
    words: Mutex<Option<(UnixSeconds, MarketWords)>>,
    /// When this process's worker last looked for work; never where it has none.
    worker_looked: std::sync::Mutex<Option<Instant>>,
}

/// How many changes a slow watcher may miss before it re-reads the database.
const CHANGES_KEPT: usize = 256;

impl Backend {
    /// Puts the parts together. Opens nothing and starts nothing.
    #[must_use]
    pub fn new(ports: Ports, storage: Storage, settings: Settings) -> Self {
        let market = MarketWatch::new(ports.offers.clone(), Arc::clone(&ports.clock));
        let parts = Arc::new(Parts {
            market,
            ports,
            settings,
            changed: broadcast::channel(CHANGES_KEPT).0,
            ended: broadcast::channel(CHANGES_KEPT).0,
            job_waits: Notify::new(),
            words: Mutex::new(None),
            worker_looked: std::sync::Mutex::default(),
        });
        Self { parts, storage }
    }

    /// The same for jobs, which have connections of their own to the database.
    #[must_use]
    pub fn for_jobs(&self) -> Self {
        Self {
            parts: Arc::clone(&self.parts),
            storage: self.storage.for_jobs(),
        }
    }

    /// What the operator decided.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.parts.settings
    }

    /// The outside world.
    #[must_use]
    pub fn ports(&self) -> &Ports {
        &self.parts.ports
    }

    /// The whole market, as far as this process knows it.
    pub(crate) fn market(&self) -> &MarketWatch {
        &self.parts.market
    }

    /// The database.
    #[must_use]
    pub fn storage(&self) -> &Storage {
        &self.storage
    }

    /// Tells watchers in this process that `order` or its log changed, and wakes the worker.
    pub(crate) fn announce(&self, order: OrderId) {
        // Nobody listening is the normal case: the tab may be closed.
        let _listeners = self.parts.changed.send(order);
        self.parts.job_waits.notify_waiters();
    }

    /// Changes of any order in this process, from now on.
    pub(crate) fn changes(&self) -> broadcast::Receiver<OrderId> {
        self.parts.changed.subscribe()
    }

    /// Tells watchers in this process that `session` ended.
    pub(crate) fn announce_end(&self, session: SessionId) {
        let _listeners = self.parts.ended.send(session);
    }

    /// Ends of any session in this process, from now on.
    pub(crate) fn ends(&self) -> broadcast::Receiver<SessionId> {
        self.parts.ended.subscribe()
    }

    /// The words of the market that were asked for last, and when.
    pub(crate) fn words(&self) -> &Mutex<Option<(UnixSeconds, MarketWords)>> {
        &self.parts.words
    }

    /// Told whenever a job may have become due.
    pub(crate) fn job_waits(&self) -> &Notify {
        &self.parts.job_waits
    }

    /// This process's worker looks for work, now.
    pub(crate) fn worker_looks(&self) {
        *self.parts.looked() = Some(Instant::now());
    }

    /// How long ago this process's worker looked for work; `None` where it has none.
    pub(crate) fn worker_looked(&self) -> Option<Duration> {
        self.parts.looked().map(|looked| looked.elapsed())
    }

    /// Says that it was so long ago.
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
