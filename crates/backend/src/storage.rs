//! The database: SQLite by default, PostgreSQL if one process is not enough.
//!
//! One set of queries in portable SQL, one file per aggregate. Functions take a connection, so that
//! the caller decides what is committed together; writes begin with [`Storage::begin_write`].

pub(crate) mod admission;
pub(crate) mod agent_usage;
pub(crate) mod bids;
pub(crate) mod chain;
mod connection;
pub(crate) mod decisions;
pub(crate) mod erasing;
pub(crate) mod events;
pub(crate) mod exposure;
pub mod jobs;
mod keys;
pub(crate) mod listed_providers;
pub(crate) mod logs;
pub(crate) mod market_samples;
mod migrations;
pub(crate) mod orders;
pub(crate) mod origins;
pub(crate) mod outbox;
pub(crate) mod own_templates;
mod owned;
pub(crate) mod policies;
pub(crate) mod reached;
mod resealing;
mod sealed;
pub(crate) mod sessions;
pub(crate) mod template_files;
pub(crate) mod transactions;
pub(crate) mod workers;

use std::fs::{OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::any::{AnyPoolOptions, AnyRow};
use sqlx::{AnyPool, Connection as _, Row};
use thiserror::Error;

pub(crate) use connection::{Connection, Writing};
pub use keys::{DataKeys, DataKeysError};
pub use migrations::{Migrations, migrate};
pub use resealing::Resealed;

/// The storage engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Engine {
    /// A file next to the server.
    Sqlite,
    /// A separate server.
    Postgres,
}

/// A database. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Storage {
    pool: AnyPool,
    /// Connections reserved for the jobs, which move money: pages cannot use them up.
    jobs: AnyPool,
    engine: Engine,
    keys: DataKeys,
}

/// A failure of the database, or data in it that cannot be read.
#[derive(Debug, Error)]
pub enum StorageError {
    /// The address names no engine that Necto knows.
    #[error("the database address must begin with sqlite: or postgres:")]
    UnknownEngine,
    /// The database refused a query or could not be reached.
    #[error("the database failed: {0}")]
    Database(#[from] sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("the database could not be migrated: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// The schema is older than this program, which was told not to change it.
    #[error(
        "the database lacks {missing} migrations that this Necto needs, and NECTO_MIGRATE is check: run `necto migrate` with this program first"
    )]
    SchemaTooOld {
        /// Number of migrations that are missing.
        missing: usize,
    },
    /// A stored value cannot be read.
    #[error("the database holds an unreadable {what}: {why}")]
    Unreadable {
        /// Column, or kind of value, that is unreadable.
        what: &'static str,
        /// Fault of the value, in its parser's words.
        why: String,
    },
    /// The database file cannot be restricted to its owner.
    #[error("the database file {} cannot be kept from other users of this machine: {why}", path.display())]
    File {
        /// Path of the database file.
        path: PathBuf,
        /// Error of the operating system.
        why: io::Error,
    },
    /// Stored data was encrypted with a key that was not given.
    #[error(
        "this database holds data that was encrypted with the key {id}, and NECTO_DATA_KEYS does not name it: add that key behind the others, or restore the database that belongs to these keys"
    )]
    KeyMissing {
        /// Id of the missing key, which is no secret.
        id: String,
    },
    /// The row was changed by another writer since it was read.
    #[error("the row was changed in the meantime")]
    Stale,
}

impl StorageError {
    /// Whether the same operation may succeed later: the disk is full, or the database is busy,
    /// restarting or unreachable. Nothing was stored.
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
/// connections, conflicts, read-only transactions, insufficient resources and operator
/// intervention.
fn passes(code: &str) -> bool {
    match code.parse::<u32>() {
        // The lowest byte is the kind of error; the others give more detail.
        Ok(sqlite) if code.len() < 5 => matches!(sqlite & 0xff, 5 | 6 | 8 | 10 | 13 | 14),
        _ => ["08", "25006", "40", "53", "57"]
            .iter()
            .any(|class| code.starts_with(class)),
    }
}

/// Whether rows have to be locked to stay unchanged until the transaction ends. On SQLite, its
/// single write lock takes care of that.
pub(crate) fn locks_rows(connection: &Connection) -> bool {
    connection.backend_name() == "PostgreSQL"
}

/// Sizes of the general connection pool and of the one for the jobs.
#[derive(Debug, Clone, Copy)]
struct PoolSizes {
    pages: u32,
    jobs: u32,
}

const SQLITE_CONNECTIONS: PoolSizes = PoolSizes { pages: 8, jobs: 4 };
const POSTGRES_CONNECTIONS: PoolSizes = PoolSizes { pages: 16, jobs: 8 };

impl Engine {
    fn of(url: &str) -> Result<Self, StorageError> {
        if url.starts_with("sqlite:") {
            Ok(Self::Sqlite)
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            Ok(Self::Postgres)
        } else {
            Err(StorageError::UnknownEngine)
        }
    }

    fn connections(self) -> PoolSizes {
        match self {
            Self::Sqlite => SQLITE_CONNECTIONS,
            Self::Postgres => POSTGRES_CONNECTIONS,
        }
    }

    /// The options for making connections.
    fn pool(self, connections: u32) -> AnyPoolOptions {
        let statements = match self {
            Self::Sqlite => SQLITE_PRAGMAS,
            Self::Postgres => POSTGRES_PATIENCE,
        };
        AnyPoolOptions::new()
            .max_connections(connections)
            .after_connect(move |connection, _| {
                Box::pin(async move {
                    for statement in statements {
                        sqlx::query(*statement).execute(&mut *connection).await?;
                    }
                    Ok(())
                })
            })
            // If the database itself rolled a transaction back, as it does when the disk is full,
            // the connection believes that it is still in one: it could not be used again.
            .before_acquire(|connection, _| {
                let clean = !connection.is_in_transaction();
                Box::pin(async move { Ok(clean) })
            })
    }
}

impl Storage {
    /// Opens the database at `url` (`sqlite:path?mode=rwc` or `postgres://…`), brings its schema up
    /// to date, and makes sure that all of its data can be read with `keys`.
    ///
    /// # Errors
    /// If the address is not understood, the database cannot be reached, a migration fails, or a
    /// key is missing.
    pub async fn connect(url: &str, keys: DataKeys) -> Result<Self, StorageError> {
        Self::open(url, keys, Migrations::Run).await
    }

    /// Like [`Self::connect`], if another process may own the schema. A schema newer than this
    /// program is fine in either case.
    ///
    /// # Errors
    /// As [`Self::connect`], and [`StorageError::SchemaTooOld`].
    pub async fn open(
        url: &str,
        keys: DataKeys,
        migrations: Migrations,
    ) -> Result<Self, StorageError> {
        let engine = Engine::of(url)?;
        sqlx::any::install_default_drivers();
        if engine == Engine::Sqlite {
            keep_to_the_owner(url)?;
        }
        let sizes = engine.connections();
        let pool = engine.pool(sizes.pages).connect(url).await?;
        migrations::see_to(&pool, migrations).await?;
        // An in-memory database belongs to its connection.
        let jobs = if in_memory(url) {
            pool.clone()
        } else {
            engine.pool(sizes.jobs).connect(url).await?
        };
        let storage = Self {
            pool,
            jobs,
            engine,
            keys,
        };
        storage.check_keys().await?;
        Ok(storage)
    }

    /// The same database through the jobs' connections: a job gets one however many pages are
    /// requested.
    #[must_use]
    pub fn for_jobs(&self) -> Self {
        Self {
            pool: self.jobs.clone(),
            ..self.clone()
        }
    }

    /// Queries whether the schema is at least as new as this program requires.
    pub(crate) async fn is_new_enough(&self) -> Result<bool, StorageError> {
        Ok(migrations::missing(&self.pool).await? == 0)
    }

    /// Begins a transaction that writes. On SQLite the write lock is taken at once, because a
    /// reader that becomes a writer half-way cannot wait for it.
    pub(crate) async fn begin_write(&self) -> Result<Writing, StorageError> {
        let statement = match self.engine {
            Engine::Sqlite => "BEGIN IMMEDIATE",
            Engine::Postgres => "BEGIN",
        };
        let transaction = self.pool.begin_with(statement).await?;
        Ok(Writing::begun(transaction, self.keys.clone()))
    }

    /// A connection for reading.
    pub(crate) async fn read(&self) -> Result<Connection, StorageError> {
        let connection = self.pool.acquire().await?;
        Ok(Connection::reading(connection, self.keys.clone()))
    }

    /// Maximum number of simultaneous connections.
    #[cfg(test)]
    pub(crate) fn most_connections(&self) -> u32 {
        self.pool.options().get_max_connections()
    }

    /// Closes all connections; what was committed is on disk.
    pub async fn close(&self) {
        self.pool.close().await;
        self.jobs.close().await;
    }
}

/// A test's database is deleted after the test, so no test waits for a disk.
const SYNCHRONOUS: &str = if cfg!(test) {
    "PRAGMA synchronous = OFF"
} else {
    "PRAGMA synchronous = FULL"
};

const SQLITE_PRAGMAS: &[&str] = &[
    "PRAGMA journal_mode = WAL",
    "PRAGMA busy_timeout = 15000",
    "PRAGMA foreign_keys = ON",
    // Deleted data is overwritten, not only unlinked.
    "PRAGMA secure_delete = ON",
    SYNCHRONOUS,
];

/// A process that freezes in the middle of a transaction holds its rows for no longer than this.
const POSTGRES_PATIENCE: &[&str] = &["SET idle_in_transaction_session_timeout = '15s'"];

/// Read and write permission for the owner only.
const OWNER_ONLY: u32 = 0o600;

/// The parts of a SQLite address.
fn path_and_options(url: &str) -> (&str, &str) {
    let path = url.trim_start_matches("sqlite:").trim_start_matches("//");
    path.split_once('?').unwrap_or((path, ""))
}

/// Whether a SQLite address names no file.
fn in_memory(url: &str) -> bool {
    let (path, options) = path_and_options(url);
    url.starts_with("sqlite:")
        && (path.is_empty() || path.contains(":memory:") || options.contains("mode=memory"))
}

/// Makes a SQLite file and its side files readable for their owner only. SQLite creates the side
/// files with the mode of the main file.
fn keep_to_the_owner(url: &str) -> Result<(), StorageError> {
    if in_memory(url) {
        return Ok(());
    }
    let (path, options) = path_and_options(url);
    let path = Path::new(path);
    let failed = |why| StorageError::File {
        path: path.to_path_buf(),
        why,
    };
    if options.contains("mode=rwc") {
        let mut create = OpenOptions::new();
        create.write(true).create_new(true).mode(OWNER_ONLY);
        match create.open(path) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(failed(error)),
        }
    }
    for beside in ["", "-wal", "-shm", "-journal"] {
        let mut file = path.as_os_str().to_owned();
        file.push(beside);
        match std::fs::set_permissions(file, Permissions::from_mode(OWNER_ONLY)) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed(error)),
        }
    }
    Ok(())
}

/// Creates a PostgreSQL database for a test, unless it exists.
#[cfg(any(test, feature = "fakes"))]
#[expect(clippy::unwrap_used, reason = "test code")]
pub(crate) async fn create_database(server: &str, name: &str) {
    use sqlx::{AnyConnection, AssertSqlSafe};
    sqlx::any::install_default_drivers();
    let mut connection = AnyConnection::connect(server).await.unwrap();
    let known = sqlx::query("SELECT 1 FROM pg_database WHERE datname = $1")
        .bind(name)
        .fetch_optional(&mut connection)
        .await
        .unwrap();
    if known.is_none() {
        // The name consists of hexadecimal digits, so it cannot end the statement.
        let create = AssertSqlSafe(format!("CREATE DATABASE {name}"));
        sqlx::query(create).execute(&mut connection).await.unwrap();
    }
}

/// Returns every text in every table of a PostgreSQL database, for a test.
#[cfg(any(test, feature = "fakes"))]
#[expect(clippy::unwrap_used, reason = "test code")]
pub(crate) async fn stored_texts(storage: &Storage) -> Vec<u8> {
    let mut connection = storage.read().await.unwrap();
    let columns = sqlx::query(
        "SELECT CAST(table_name AS TEXT) AS t, CAST(column_name AS TEXT) AS c \
         FROM information_schema.columns WHERE table_schema = 'public' AND data_type = 'text'",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    let mut bytes = Vec::new();
    for column in &columns {
        let (table, name): (String, String) = (column.get("t"), column.get("c"));
        let query = format!("SELECT COALESCE({name}, '') AS text FROM {table}");
        let query = sqlx::AssertSqlSafe(query);
        for row in sqlx::query(query).fetch_all(&mut connection).await.unwrap() {
            bytes.extend(row.get::<String, _>("text").into_bytes());
        }
    }
    bytes
}

/// Makes a text acceptable to both engines: PostgreSQL stores no NUL character, and logs and files
/// may contain some.
pub(crate) fn storable(text: &str) -> String {
    text.replace('\0', "\u{FFFD}")
}

/// Maximum number of rows named in one statement.
pub(crate) const AT_ONCE: usize = 500;

/// Returns this many placeholders for values: `$from, …`.
pub(crate) fn placeholders(from: usize, number: usize) -> String {
    let places: Vec<String> = (from..from + number).map(|at| format!("${at}")).collect();
    places.join(", ")
}

/// Converts a value to JSON text.
pub(crate) fn to_json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("stored types have string keys and no failing parts")
}

/// Reads a value from a column with JSON text.
pub(crate) fn from_json<T: DeserializeOwned>(
    what: &'static str,
    text: &str,
) -> Result<T, StorageError> {
    serde_json::from_str(text).map_err(|error| unreadable(what, error))
}

/// Reads a value from a column with its text form.
pub(crate) fn parsed<T>(row: &AnyRow, what: &'static str) -> Result<T, StorageError>
where
    T: std::str::FromStr,
    T::Err: std::fmt::Display,
{
    row.try_get::<String, _>(what)?
        .parse()
        .map_err(|error| unreadable(what, error))
}

/// Reads a value from a column with its text form, or NULL.
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

/// Reads a column of unsigned numbers, stored as BIGINT.
pub(crate) fn unsigned(row: &AnyRow, what: &'static str) -> Result<u64, StorageError> {
    let number: i64 = row.try_get(what)?;
    u64::try_from(number).map_err(|error| unreadable(what, error))
}

/// Converts an unsigned number to BIGINT. It saturates beyond the range, which no time or count
/// reaches.
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
