//! A backend in a simulated world, for tests of the crates above: the database, the use-cases and
//! the jobs are real; the outside world is simulated and driven only by its own clock.

use std::path::PathBuf;
use std::time::Duration;

use domain::escrow::Terms;
use domain::ids::OrderId;

use crate::Backend;
use crate::fakes::World;
pub use crate::fakes::world::SDL;
use crate::ports::Clock as _;
use crate::storage::logs;

/// A simulated world and the backend that runs in it.
#[derive(Debug)]
pub struct Stage(World);

impl Stage {
    /// Creates a fresh world on a fresh database. Signatures in it are their signers' addresses.
    pub async fn new() -> Self {
        Self(World::new().await)
    }

    /// The backend that runs in it.
    #[must_use]
    pub fn backend(&self) -> &Backend {
        &self.0.backend
    }

    /// Pays a deposit on chain.
    pub fn fund(&self, terms: &Terms) {
        self.0.chain.fund(terms);
    }

    /// Sets the lines that workloads print from now on.
    pub fn workloads_say(&self, lines: &[&str]) {
        let lines: Vec<_> = lines
            .iter()
            .map(|line| ("web".to_owned(), (*line).to_owned()))
            .collect();
        self.0.market.script(|script| script.log.extend(lines));
    }

    /// Creates an order with a valid price.
    pub async fn quoted(&self) -> OrderId {
        self.0.quoted(1).await
    }

    /// Stores log lines, in a transaction of their own.
    #[expect(clippy::unwrap_used, reason = "test code")]
    pub async fn log(&self, order: OrderId, lines: &[(String, String)]) {
        let mut transaction = self.0.backend.storage().begin_write().await.unwrap();
        logs::append(&mut transaction, order, lines, self.0.clock.now())
            .await
            .unwrap();
        transaction.commit().await.unwrap();
    }

    /// The file of the database, on SQLite.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.0.folder().join("necto.db")
    }

    /// Writes the contents of SQLite's side files back to the database file.
    #[expect(clippy::unwrap_used, reason = "test code")]
    pub async fn settle_database(&self) {
        let mut connection = self.0.backend.storage().read().await.unwrap();
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
            .execute(&mut connection)
            .await
            .unwrap();
    }

    /// The number of rows in a table.
    #[expect(clippy::unwrap_used, reason = "test code")]
    pub async fn count(&self, table: &'static str) -> i64 {
        let mut connection = self.backend().storage().read().await.unwrap();
        let query = sqlx::AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}"));
        let number = sqlx::query_scalar(query).fetch_one(&mut *connection).await;
        number.unwrap()
    }

    /// Advances the clock, running jobs as they become due.
    pub async fn pass(&self, duration: Duration) {
        self.0.pass(duration.as_secs()).await;
    }
}
