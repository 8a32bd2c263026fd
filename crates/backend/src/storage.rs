//! The database: SQLite by default, PostgreSQL where one process is not enough.
//!
//! One set of queries in portable SQL, one file an aggregate. Functions take a connection, so that
//! the caller decides what commits together; writes begin with [`Storage::begin_write`].

pub(crate) mod agent_usage;
pub(crate) mod bids;
pub(crate) mod chain;
pub(crate) mod decisions;
pub(crate) mod events;
pub mod jobs;
pub(crate) mod listed_providers;
pub(crate) mod logs;
pub(crate) mod market_samples;
pub(crate) mod orders;
pub(crate) mod outbox;
pub(crate) mod own_templates;
pub(crate) mod policies;
pub(crate) mod reached;
pub(crate) mod sessions;
pub(crate) mod template_files;
pub(crate) mod transactions;

use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::any::{AnyPoolOptions, AnyRow};
use sqlx::{Any, AnyConnection, AnyPool, Connection as _, Row, Transaction};
use thiserror::Error;

/// Which engine stores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Engine {
    /// A file beside the server.
    Sqlite,
    /// A server of its own.
    Postgres,
}

/// A database. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Storage {
    pool: AnyPool,
    engine: Engine,
}

/// A failure of the database, or data in it that cannot be read.
#[derive(Debug, Error)]
pub enum StorageError {
    /// The address names no engine Necto knows.
    #[error("the database address must begin with sqlite: or postgres:")]
    UnknownEngine,
    /// The database refused or could not be reached.
    #[error("the database failed: {0}")]
    Database(#[from] sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("the database could not be migrated: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// A stored value cannot be read.
    #[error("the database holds an unreadable {what}: {why}")]
    Unreadable {
        /// Which column.
        what: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// The row was changed by somebody else since it was read.
    #[error("the row was changed in the meantime")]
    Stale,
}

impl StorageError {
    /// Whether the same may work in a while: the disk is full, the database is busy, restarting or
    /// out of reach. Nothing was stored.
    #[must_use]
    pub fn passes(&self) -> bool {
        match self {
            Self::Database(sqlx::Error::Database(error)) => {
                error.code().is_some_and(|code| passes(&code))
            }
            Self::Database(error) => matches!(
                error,
                sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed
            ),
            Self::Stale => true,
            _ => false,
        }
    }
}

/// SQLite: busy, locked, read-only, I/O, full, cannot open. PostgreSQL: the classes of lost
/// connections, conflicts, read-only transactions, lacking resources and operators at work.
fn passes(code: &str) -> bool {
    match code.parse::<u32>() {
        // The lowest byte is the kind, the others say more of it.
        Ok(sqlite) if code.len() < 5 => matches!(sqlite & 0xff, 5 | 6 | 8 | 10 | 13 | 14),
        _ => ["08", "25006", "40", "53", "57"]
            .iter()
            .any(|class| code.starts_with(class)),
    }
}

/// A read-only or writing connection to one order's rows.
pub(crate) type Connection = AnyConnection;

/// Whether rows have to be locked to stay as they were read until the transaction ends: on SQLite its one
/// write lock sees to that.
fn locks_rows(connection: &Connection) -> bool {
    connection.backend_name() == "PostgreSQL"
}

const SQLITE_CONNECTIONS: u32 = 8;
const POSTGRES_CONNECTIONS: u32 = 20;

impl Storage {
    /// Opens the database at `url` (`sqlite:path?mode=rwc` or `postgres://…`) and brings its
    /// schema up to date.
    ///
    /// # Errors
    /// When the address is not understood, the database cannot be reached, or a migration fails.
    pub async fn connect(url: &str) -> Result<Self, StorageError> {
        let engine = if url.starts_with("sqlite:") {
            Engine::Sqlite
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            Engine::Postgres
        } else {
            return Err(StorageError::UnknownEngine);
        };
        sqlx::any::install_default_drivers();
        let options = match engine {
            Engine::Sqlite => AnyPoolOptions::new()
                .max_connections(SQLITE_CONNECTIONS)
                .after_connect(|connection, _| {
                    Box::pin(async move {
                        for pragma in SQLITE_PRAGMAS {
                            sqlx::query(*pragma).execute(&mut *connection).await?;
                        }
                        Ok(())
                    })
                }),
            Engine::Postgres => AnyPoolOptions::new()
                .max_connections(POSTGRES_CONNECTIONS)
                .after_connect(|connection, _| {
                    Box::pin(async move {
                        sqlx::query(POSTGRES_PATIENCE)
                            .execute(&mut *connection)
                            .await?;
                        Ok(())
                    })
                }),
        };
        let pool = options
            // A transaction that the database itself took back, as it does when the disk is full,
            // leaves its connection believing that it is still in one: nobody could use it again.
            .before_acquire(|connection, _| {
                let clean = !connection.is_in_transaction();
                Box::pin(async move { Ok(clean) })
            })
            .connect(url)
            .await?;
        sqlx::migrate!("./migrations").run(&pool).await?;
        Ok(Self { pool, engine })
    }

    /// Begins a transaction that writes. On SQLite the write lock is taken at once, because a
    /// reader that turns writer half-way cannot wait for it.
    pub(crate) async fn begin_write(&self) -> Result<Transaction<'static, Any>, StorageError> {
        let statement = match self.engine {
            Engine::Sqlite => "BEGIN IMMEDIATE",
            Engine::Postgres => "BEGIN",
        };
        Ok(self.pool.begin_with(statement).await?)
    }

    /// A connection for reading.
    pub(crate) async fn read(&self) -> Result<sqlx::pool::PoolConnection<Any>, StorageError> {
        Ok(self.pool.acquire().await?)
    }

    /// Closes all connections; what was committed is on disk.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// A test's database goes with the test: nobody waits for a disk there.
const SYNCHRONOUS: &str = if cfg!(test) {
    "PRAGMA synchronous = OFF"
} else {
    "PRAGMA synchronous = FULL"
};

const SQLITE_PRAGMAS: &[&str] = &[
    "PRAGMA journal_mode = WAL",
    "PRAGMA busy_timeout = 15000",
    "PRAGMA foreign_keys = ON",
    SYNCHRONOUS,
];

/// A process that is frozen in the middle of a transaction holds its rows no longer than this.
const POSTGRES_PATIENCE: &str = "SET idle_in_transaction_session_timeout = '15s'";

/// Creates a PostgreSQL database for a test, unless it exists.
#[cfg(test)]
pub(crate) async fn create_database(server: &str, name: &str) {
    use sqlx::AssertSqlSafe;
    sqlx::any::install_default_drivers();
    let mut connection = AnyConnection::connect(server).await.unwrap();
    let known = sqlx::query("SELECT 1 FROM pg_database WHERE datname = $1")
        .bind(name)
        .fetch_optional(&mut connection)
        .await
        .unwrap();
    if known.is_none() {
        // The name is made of hexadecimal digits: it cannot end the statement.
        let create = AssertSqlSafe(format!("CREATE DATABASE {name}"));
        sqlx::query(create).execute(&mut connection).await.unwrap();
    }
}

/// Text as both engines take it: PostgreSQL stores no NUL character, and logs and files may hold
/// some.
pub(crate) fn storable(text: &str) -> String {
    text.replace('\0', "\u{FFFD}")
}

/// A value as JSON text.
pub(crate) fn to_json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("stored types have string keys and no failing parts")
}

/// A value from a column with JSON text.
pub(crate) fn from_json<T: DeserializeOwned>(
    what: &'static str,
    text: &str,
) -> Result<T, StorageError> {
    serde_json::from_str(text).map_err(|error| unreadable(what, error))
}

/// A value from a column with its text form.
pub(crate) fn parsed<T>(row: &AnyRow, what: &'static str) -> Result<T, StorageError>
where
    T: std::str::FromStr,
    T::Err: std::fmt::Display,
{
    row.try_get::<String, _>(what)?
        .parse()
        .map_err(|error| unreadable(what, error))
}

/// A value from a column with its text form, or NULL.
pub(crate) fn parsed_optional<T>(
    row: &AnyRow,
    what: &'static str,
) -> Result<Option<T>, StorageError>
where
    T: std::str::FromStr,
    T::Err: std::fmt::Display,
{
    row.try_get::<Option<String>, _>(what)?
        .map(|text| text.parse().map_err(|error| unreadable(what, error)))
        .transpose()
}

/// A column of unsigned numbers, stored as BIGINT.
pub(crate) fn unsigned(row: &AnyRow, what: &'static str) -> Result<u64, StorageError> {
    let number: i64 = row.try_get(what)?;
    u64::try_from(number).map_err(|error| unreadable(what, error))
}

/// An unsigned number as BIGINT; beyond its range it saturates, which no instant or count reaches.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(crate) fn unreadable(what: &'static str, why: impl std::fmt::Display) -> StorageError {
    StorageError::Unreadable {
        what,
        why: why.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::passes;

    #[test]
    fn a_full_disk_passes_and_a_broken_constraint_does_not() {
        for code in [
            "13", "5", "522", "53100", "40001", "57P01", "08006", "25006",
        ] {
            assert!(passes(code), "{code}");
        }
        for code in ["19", "1555", "1", "23505", "42601"] {
            assert!(!passes(code), "{code}");
        }
    }
}
