//! Whether this process can serve requests.
//!
//! This is about this process alone. Conditions shared by all processes, such as a backlog in the
//! queue or an unreachable outside service, would take all of them out of service at once, and no
//! process would be left to show buyers what is wrong.

use std::time::Duration;

use tokio::time::timeout;

use crate::Backend;

/// Time within which the database must answer.
const ANSWERS_WITHIN: Duration = Duration::from_secs(1);

/// A worker that looked for work within this time counts as working.
const LOOKED_WITHIN: Duration = Duration::from_secs(20);

/// Whether this process can serve, and if not, why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readiness {
    /// It can serve.
    Ready,
    /// The database does not answer it in time.
    NoDatabase,
    /// The schema is older than this program requires.
    OldSchema,
    /// Its own worker no longer looks for work.
    WorkerStands,
}

/// Checks the schema of the database and the worker of this process.
pub async fn readiness(backend: &Backend) -> Readiness {
    match timeout(ANSWERS_WITHIN, backend.storage().is_new_enough()).await {
        Ok(Ok(true)) => {}
        Ok(Ok(false)) => return Readiness::OldSchema,
        Ok(Err(_)) | Err(_) => return Readiness::NoDatabase,
    }
    match backend.worker_looked() {
        Some(ago) if ago > LOOKED_WITHIN => Readiness::WorkerStands,
        _ => Readiness::Ready,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Readiness, readiness};
    use crate::fakes::World;

    #[tokio::test]
    async fn a_backlog_does_not_take_a_process_out_of_service() {
        let world = World::new().await;
        assert_eq!(readiness(&world.backend).await, Readiness::Ready);
        // No worker runs here: the follower's job has been due for an hour.
        world.clock.advance(Duration::from_secs(3600));
        assert_eq!(readiness(&world.backend).await, Readiness::Ready);
    }

    #[tokio::test]
    async fn a_worker_that_stands_takes_its_own_process_out_of_service() {
        let world = World::new().await;
        world.backend.worker_looks();
        assert_eq!(readiness(&world.backend).await, Readiness::Ready);
        world.backend.worker_looked_ago(Duration::from_secs(21));
        assert_eq!(readiness(&world.backend).await, Readiness::WorkerStands);
        world.backend.worker_looks();
        assert_eq!(readiness(&world.backend).await, Readiness::Ready);
    }

    #[tokio::test]
    async fn a_database_that_does_not_answer_in_time_is_said_within_a_second() {
        let world = World::new().await;
        let storage = world.backend.storage();
        let mut held = Vec::new();
        for _ in 0..storage.most_connections() {
            held.push(storage.read().await.unwrap());
        }
        assert_eq!(readiness(&world.backend).await, Readiness::NoDatabase);
        drop(held);
        assert_eq!(readiness(&world.backend).await, Readiness::Ready);
    }
}
