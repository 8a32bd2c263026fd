//! State shared by all routes: the world behind a lock, its clock, and the journal of requests.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use serde::Serialize;
use serde_json::Value;
use tokio::sync::Notify;

use crate::clock::{Clock, Moment};
use crate::door::Door;
use crate::model::script::ScriptedModel;
use crate::wallet::counter::Counter;
use crate::world::World;

/// Number of requests that the journal keeps.
const JOURNAL_LENGTH: usize = 20_000;

/// State shared by all routes.
pub(crate) type Shared = Arc<State>;

/// State shared by all routes; see the module.
#[derive(Debug)]
pub(crate) struct State {
    world: Mutex<World>,
    pub(crate) clock: Clock,
    journal: Mutex<VecDeque<Request>>,
    /// Key that the Console API accepts.
    pub(crate) api_key: String,
    /// Root URL of the sandbox, `http://127.0.0.1:PORT`.
    pub(crate) origin: String,
    /// Rules about which pages and programs are admitted.
    pub(crate) door: Door,
    pub(crate) counter: Counter,
    pub(crate) model: ScriptedModel,
    unsaved: AtomicBool,
    pub(crate) changed: Notify,
}

/// A request to the Console API or the provider proxy, for assertions such as "no double create".
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Request {
    pub(crate) sim_ms: u64,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: Option<String>,
    pub(crate) status: Option<u16>,
    pub(crate) fault: Option<String>,
    /// Body, if it was JSON and not too long. Headers are not kept, since they include the key.
    pub(crate) body: Option<Value>,
}

impl State {
    pub(crate) fn new(
        world: World,
        clock: Clock,
        api_key: String,
        origin: String,
        door: Door,
        counter: Counter,
    ) -> Self {
        Self {
            world: Mutex::new(world),
            clock,
            journal: Mutex::new(VecDeque::new()),
            api_key,
            origin,
            door,
            counter,
            model: ScriptedModel::default(),
            unsaved: AtomicBool::new(true),
            changed: Notify::new(),
        }
    }

    /// Reads the current world.
    pub(crate) fn look<T>(&self, at: impl FnOnce(&World, Moment) -> T) -> T {
        let mut world = self.lock();
        let now = self.clock.now();
        world.catch_up(now);
        at(&world, now)
    }

    /// Changes the world, and schedules saving it.
    pub(crate) fn change<T>(&self, by: impl FnOnce(&mut World, Moment) -> T) -> T {
        let mut world = self.lock();
        let now = self.clock.now();
        world.catch_up(now);
        let result = by(&mut world, now);
        drop(world);
        self.unsaved.store(true, Ordering::Release);
        self.changed.notify_one();
        result
    }

    /// Returns whether anything has changed since the last call.
    pub(crate) fn take_unsaved(&self) -> bool {
        self.unsaved.swap(false, Ordering::AcqRel)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, World> {
        // A panic while the world was being changed is a defect of the sandbox; continuing with the
        // existing state serves its user better than not answering any more.
        self.world
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    pub(crate) fn record(&self, request: Request) {
        let mut journal = self.journal();
        if journal.len() == JOURNAL_LENGTH {
            journal.pop_front();
        }
        journal.push_back(request);
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.journal().iter().cloned().collect()
    }

    pub(crate) fn forget_requests(&self) {
        self.journal().clear();
    }

    fn journal(&self) -> std::sync::MutexGuard<'_, VecDeque<Request>> {
        self.journal
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
