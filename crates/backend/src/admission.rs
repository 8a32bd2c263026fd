//! Limits on rare and expensive actions, counted in the database, so that two processes together
//! allow no more than one alone. Frequent and cheap actions are counted in memory, where they are
//! requested.

pub(crate) mod budget;

use thiserror::Error;

pub use budget::Budget;

use crate::Backend;
use crate::error::UsecaseError;
use crate::storage::{StorageError, admission};

/// Why nothing was counted.
#[derive(Debug, Error)]
pub enum NotCounted {
    /// A budget is exhausted.
    #[error("this was done as often as it may be")]
    Spent {
        /// Index of the exhausted budget among the given ones.
        which: usize,
        /// Seconds until its window ends.
        wait: u64,
    },
    /// The database failed.
    #[error(transparent)]
    Failed(#[from] UsecaseError),
}

impl From<StorageError> for NotCounted {
    fn from(error: StorageError) -> Self {
        Self::Failed(error.into())
    }
}

/// Counts one use against each budget, or against none if one of them is exhausted.
///
/// # Errors
/// [`NotCounted`].
pub async fn count(backend: &Backend, budgets: &[Budget]) -> Result<(), NotCounted> {
    if budgets.is_empty() {
        return Ok(());
    }
    let now = backend.ports().clock.now();
    let mut transaction = backend.storage().begin_write().await?;
    for (which, budget) in budgets.iter().enumerate() {
        let (number, ends_at) = admission::count(&mut transaction, budget, now).await?;
        if number > budget.most {
            // The budgets counted so far are rolled back with the transaction.
            return Err(NotCounted::Spent {
                which,
                wait: ends_at.since(now).0.max(1),
            });
        }
    }
    transaction.commit().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use domain::time::Seconds;

    use super::{Budget, NotCounted, count};
    use crate::fakes::World;
    use crate::storage::admission;

    fn budget(who: &str, most: u64) -> Budget {
        Budget {
            action: "describe",
            who: who.to_owned(),
            most,
            window: Seconds::minutes(1),
        }
    }

    #[tokio::test]
    async fn a_budget_is_spent_to_its_last_and_comes_back_with_the_next_window() {
        let world = World::new().await;
        let backend = &world.backend;
        for _ in 0..3 {
            count(backend, &[budget("session 1", 3)]).await.unwrap();
        }
        let refused = count(backend, &[budget("session 1", 3)]).await.unwrap_err();
        let NotCounted::Spent { which: 0, wait } = refused else {
            panic!("{refused}");
        };
        assert!((1..=60).contains(&wait), "{wait}");
        count(backend, &[budget("session 2", 3)]).await.unwrap();
        world.clock.advance(Duration::from_secs(wait));
        count(backend, &[budget("session 1", 3)]).await.unwrap();
    }

    #[tokio::test]
    async fn what_is_refused_by_one_budget_spends_none() {
        let world = World::new().await;
        let backend = &world.backend;
        let both = [budget("network 1", 2), budget("session 1", 1)];
        count(backend, &both).await.unwrap();
        for _ in 0..5 {
            assert!(count(backend, &both).await.is_err());
        }
        count(backend, &[budget("network 1", 2)]).await.unwrap();
        assert!(count(backend, &[budget("network 1", 2)]).await.is_err());
    }

    #[tokio::test]
    async fn two_at_once_share_one_count() {
        let world = World::new().await;
        let mine = [budget("network 1", 5)];
        let asked = (0..12).map(|_| count(&world.backend, &mine));
        let answers = futures::future::join_all(asked).await;
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 5);
    }

    #[tokio::test]
    async fn windows_that_are_over_are_forgotten() {
        let world = World::new().await;
        for number in 0..5 {
            let who = format!("session {number}");
            count(&world.backend, &[budget(&who, 1)]).await.unwrap();
        }
        let mut transaction = world.backend.storage().begin_write().await.unwrap();
        let now = world.backend.ports().clock.now();
        assert_eq!(
            admission::forget(&mut transaction, now, 3).await.unwrap(),
            0
        );
        let later = now.after(Seconds::minutes(1));
        assert_eq!(
            admission::forget(&mut transaction, later, 3).await.unwrap(),
            3
        );
        assert_eq!(
            admission::forget(&mut transaction, later, 3).await.unwrap(),
            2
        );
    }
}
