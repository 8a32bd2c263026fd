//! The registry of processes that run jobs (`workers`).
//!
//! A process registers when it begins to claim jobs and reports every few seconds that it is alive:
//! one small write for all jobs that it holds. Each job names the worker that holds it. When a
//! worker's deadline has passed, the first to notice removes it and releases all of its jobs in one
//! transaction. A worker that was only frozen finds itself removed: it drops its running jobs and
//! registers again. Until then its fencing tokens keep it from overwriting the work of its
//! successors.

use std::time::Duration;

use super::millis;
use crate::storage::{StorageError, jobs, workers};
use crate::{Backend, observe};

/// Time for which a worker counts as alive without reporting.
pub(crate) const LEASE: Duration = Duration::from_secs(30);

/// Interval between its reports.
pub(crate) const BEAT: Duration = Duration::from_secs(10);

/// A worker in the registry.
#[derive(Debug, Clone)]
pub(crate) struct Worker {
    id: String,
}

impl Worker {
    /// Registers a new worker.
    pub(crate) async fn register(backend: &Backend) -> Result<Self, StorageError> {
        loop {
            let id = hex::encode(backend.ports().random.bytes16());
            let now_ms = backend.ports().clock.now_ms();
            let mut transaction = backend.storage().begin_write().await?;
            let version = env!("CARGO_PKG_VERSION");
            let until = alive_until(backend);
            let added = workers::add(&mut transaction, &id, version, now_ms, until).await?;
            transaction.commit().await?;
            if added {
                return Ok(Self { id });
            }
        }
    }

    /// Id under which the worker is registered.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// Reports that the worker is alive; `false` if its claims were taken over.
    pub(crate) async fn beat(&self, backend: &Backend) -> Result<bool, StorageError> {
        let mut transaction = backend.storage().begin_write().await?;
        let alive = workers::beat(&mut transaction, &self.id, alive_until(backend)).await?;
        transaction.commit().await?;
        Ok(alive)
    }

    /// Returns other workers whose deadline has passed.
    pub(crate) async fn expired(&self, backend: &Backend) -> Result<Vec<String>, StorageError> {
        let now_ms = backend.ports().clock.now_ms();
        let mut connection = backend.storage().read().await?;
        workers::expired(&mut connection, &self.id, now_ms).await
    }

    /// Takes over from those of these workers whose deadline has passed: their jobs are released.
    pub(crate) async fn take_over(
        &self,
        backend: &Backend,
        from: &[String],
    ) -> Result<(), StorageError> {
        // Renew this worker first, so that two that wake from the same pause do not remove each
        // other.
        if from.is_empty() || !self.beat(backend).await? {
            return Ok(());
        }
        let now_ms = backend.ports().clock.now_ms();
        for id in from {
            let mut transaction = backend.storage().begin_write().await?;
            if !workers::remove_expired(&mut transaction, id, now_ms).await? {
                continue;
            }
            let freed = jobs::free_all(&mut transaction, id).await?;
            transaction.commit().await?;
            observe::worker_expired(id, freed);
        }
        Ok(())
    }

    /// Takes over from all workers whose deadline has passed.
    #[cfg(any(test, feature = "fakes"))]
    pub(crate) async fn take_over_from_all(&self, backend: &Backend) -> Result<(), StorageError> {
        let expired = self.expired(backend).await?;
        self.take_over(backend, &expired).await
    }

    /// Removes the worker from the registry: its jobs are released at once.
    pub(crate) async fn leave(&self, backend: &Backend) -> Result<(), StorageError> {
        let mut transaction = backend.storage().begin_write().await?;
        jobs::free_all(&mut transaction, &self.id).await?;
        workers::remove(&mut transaction, &self.id).await?;
        transaction.commit().await?;
        Ok(())
    }
}

fn alive_until(backend: &Backend) -> u64 {
    let now_ms = backend.ports().clock.now_ms();
    now_ms.saturating_add(millis(LEASE))
}
