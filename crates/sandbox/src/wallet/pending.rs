//! Requests that wait for a decision, or for their page to fetch it.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout};

use super::call::Call;
use super::error::WalletError;

/// Time after which an undecided request expires.
pub(super) const DECISION_TIMEOUT: Duration = Duration::from_secs(15 * 60);
/// Maximum number of requests, because a page with an endless loop must not fill the memory.
const MAX_PENDING: usize = 200;

/// Requests that are not decided yet, and decisions that are not fetched yet.
#[derive(Debug, Default)]
pub(super) struct Pending {
    list: Mutex<HashMap<String, Asked>>,
    changed: Notify,
}

/// A request from a page.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) origin: String,
    pub(super) call: Call,
    pub(super) since: Instant,
    /// `true` once the confirm page has fetched it: from then on that page itself reports its
    /// closing.
    pub(super) shown: bool,
    pub(super) stage: Stage,
}

#[derive(Debug, Clone)]
pub(super) enum Stage {
    Open,
    /// It is being carried out: a second click must not do it again.
    Working,
    Done(Result<Value, WalletError>),
}

impl Pending {
    pub(super) fn list(&self) -> std::sync::MutexGuard<'_, HashMap<String, Asked>> {
        self.list
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    pub(super) fn insert(&self, id: String, asked: Asked) -> Result<(), WalletError> {
        let mut list = self.list();
        list.retain(|_, asked| asked.since.elapsed() < DECISION_TIMEOUT);
        if list.len() >= MAX_PENDING {
            return Err(WalletError::new(
                -32002,
                "Too many requests wait for an answer in the demo wallet.",
            ));
        }
        if list.contains_key(&id) {
            return Err(WalletError::invalid("This request was sent before."));
        }
        list.insert(id, asked);
        drop(list);
        self.changed.notify_waiters();
        Ok(())
    }

    pub(super) fn set(&self, id: &str, stage: Stage) {
        if let Some(asked) = self.list().get_mut(id) {
            asked.stage = stage;
        }
        self.changed.notify_waiters();
    }

    /// Claims an open request, so that it is carried out only once.
    pub(super) fn claim(&self, id: &str) -> Result<Asked, WalletError> {
        let mut list = self.list();
        let asked = list.get_mut(id).ok_or_else(gone)?;
        if !matches!(asked.stage, Stage::Open) {
            return Err(gone());
        }
        asked.stage = Stage::Working;
        Ok(asked.clone())
    }

    /// Waits until a request satisfies a condition, or until the time runs out.
    pub(super) async fn wait_for<T>(
        &self,
        id: &str,
        limit: Duration,
        condition: impl Fn(Option<&Asked>) -> Option<T>,
    ) -> Option<T> {
        let waiting = async {
            loop {
                let changed = self.changed.notified();
                if let Some(found) = condition(self.list().get(id)) {
                    return found;
                }
                // A change between the check and the wait is caught by the short limit.
                let _woken = timeout(Duration::from_millis(200), changed).await.is_ok();
            }
        };
        timeout(limit, waiting).await.ok()
    }
}

pub(super) fn gone() -> WalletError {
    WalletError::invalid("There is no such request, or it has been answered.")
}
