//! Deletes rows that are no longer needed: sessions, sign-in challenges, and counters.

use domain::time::{Seconds, UnixSeconds};

use crate::Backend;
use crate::storage::{StorageError, admission, agent_usage, sessions};

/// Maximum number of rows of one kind that a sweep deletes: few enough that no caller has to wait
/// for them, and more than the limits allow a visitor to create between two sweeps.
const A_SWEEP: u32 = 2000;

/// Time for which an empty anonymous session is kept.
const EMPTY_FOR: Seconds = Seconds::days(1);

/// The number of days for which model usage is reported.
const USAGE_DAYS: u64 = 30;

/// Deletes the rows that are due, up to a fixed number.
pub(super) async fn forget(backend: &Backend) -> Result<(), StorageError> {
    let now = backend.ports().clock.now();
    let unused_since = UnixSeconds(now.0.saturating_sub(EMPTY_FOR.0));
    let day = (now.0 / 86_400).saturating_sub(USAGE_DAYS);
    let mut transaction = backend.storage().begin_write().await?;
    sessions::forget(&mut transaction, now, A_SWEEP).await?;
    sessions::forget_empty(&mut transaction, unused_since, A_SWEEP).await?;
    sessions::forget_challenges(&mut transaction, now, A_SWEEP).await?;
    admission::forget(&mut transaction, now, A_SWEEP).await?;
    agent_usage::forget(&mut transaction, day, A_SWEEP).await?;
    transaction.commit().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use domain::ids::Address;
    use domain::time::Seconds;
    use sqlx::Row as _;

    use super::forget;
    use crate::admission::{Budget, count};
    use crate::fakes::World;
    use crate::fakes::world::SDL;
    use crate::usecases::{Request, describe};
    use crate::{Visitor, sessions};

    async fn rows(world: &World, table: &str) -> i64 {
        let mut connection = world.backend.storage().read().await.unwrap();
        let query = sqlx::AssertSqlSafe(format!("SELECT COUNT(*) AS number FROM {table}"));
        let row = sqlx::query(query)
            .fetch_one(&mut *connection)
            .await
            .unwrap();
        row.get("number")
    }

    /// Counts anonymous sessions, challenges and rate-limit windows.
    async fn counted(world: &World) -> [i64; 3] {
        [
            rows(world, "sessions WHERE address IS NULL").await,
            rows(world, "challenges").await,
            rows(world, "admissions").await,
        ]
    }

    async fn begun(world: &World) -> Visitor {
        let (visitor, unstored) = sessions::open(&world.backend, None, None).await.unwrap();
        sessions::begin(&world.backend, &unstored.unwrap(), &visitor, None)
            .await
            .unwrap()
    }

    #[tokio::test]
    async fn what_nobody_comes_back_for_is_forgotten_and_a_draft_keeps_its_session() {
        let world = World::new().await;
        let backend = &world.backend;
        let with_a_draft = begun(&world).await;
        let sdl = Request::Sdl {
            text: SDL.to_owned(),
            duration: None,
        };
        drop(describe(backend, &with_a_draft, sdl).await.unwrap());
        for number in 0..3 {
            let empty = begun(&world).await;
            let account = Address::from_bytes([number; 20]);
            sessions::challenge(backend, &empty, account).await.unwrap();
            let budget = Budget {
                action: "describe",
                who: format!("session {number}"),
                most: 1,
                window: Seconds::minutes(1),
            };
            count(backend, &[budget]).await.unwrap();
        }
        forget(backend).await.unwrap();
        assert_eq!(counted(&world).await, [4, 3, 3]);
        let day = Duration::from_secs(86_400);
        world.clock.advance(day + Duration::from_secs(600));
        forget(backend).await.unwrap();
        assert_eq!(counted(&world).await, [1, 0, 0]);
        assert!(sessions::stands(backend, &with_a_draft).await.unwrap());
        world.clock.advance(day * 30);
        forget(backend).await.unwrap();
        assert_eq!(counted(&world).await, [0, 0, 0]);
    }
}
