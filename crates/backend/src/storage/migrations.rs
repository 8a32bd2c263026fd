//! The schema: what is in `migrations/`, and what the database has of it.
//!
//! Several versions of Necto may serve from one database while a new one is rolled out, so a schema that is newer than
//! the program is no reason to stop: migrations only add what an older one does not look at.

use std::collections::HashSet;

use sqlx::migrate::Migrator;
use sqlx::{AnyPool, Row as _};

use super::{Engine, StorageError, keep_to_the_owner};

/// Who brings the schema up to date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Migrations {
    /// Whoever opens the database.
    Run,
    /// `necto migrate`, before: whoever opens the database sees to it that it is done, and does nothing.
    Check,
}

fn migrator() -> Migrator {
    let mut migrator = sqlx::migrate!("./migrations");
    migrator.set_ignore_missing(true);
    migrator
}

/// Brings the schema of the database at `url` up to date; how many migrations that took.
///
/// # Errors
/// When the address is not understood, the database cannot be reached, or a migration fails.
pub async fn migrate(url: &str) -> Result<usize, StorageError> {
    let engine = Engine::of(url)?;
    sqlx::any::install_default_drivers();
    if engine == Engine::Sqlite {
        keep_to_the_owner(url)?;
    }
    let pool = engine.pool(1).connect(url).await?;
    let missing = missing(&pool).await?;
    migrator().run(&pool).await?;
    pool.close().await;
    Ok(missing)
}

pub(super) async fn see_to(pool: &AnyPool, migrations: Migrations) -> Result<(), StorageError> {
    match migrations {
        Migrations::Run => Ok(migrator().run(pool).await?),
        Migrations::Check => match missing(pool).await? {
            0 => Ok(()),
            missing => Err(StorageError::SchemaTooOld { missing }),
        },
    }
}

/// How many of this program's migrations the database lacks.
pub(super) async fn missing(pool: &AnyPool) -> Result<usize, StorageError> {
    let needed = migrator();
    let done = done(pool).await?;
    let lacks = |version: &i64| !done.contains(version);
    Ok(needed.iter().map(|one| one.version).filter(lacks).count())
}

/// The migrations that the database has seen.
async fn done(pool: &AnyPool) -> Result<HashSet<i64>, StorageError> {
    let read = "SELECT version FROM _sqlx_migrations WHERE success";
    match sqlx::query(read).fetch_all(pool).await {
        Ok(rows) => rows.iter().map(|row| Ok(row.try_get("version")?)).collect(),
        // Nothing was ever migrated here.
        Err(sqlx::Error::Database(error)) if names_no_table(&*error) => Ok(HashSet::new()),
        Err(error) => Err(error.into()),
    }
}

/// PostgreSQL has a code for it, SQLite a sentence.
fn names_no_table(error: &dyn sqlx::error::DatabaseError) -> bool {
    error.code().is_some_and(|code| code == "42P01") || error.message().contains("no such table")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Migrations, migrate};
    use crate::fakes::FakeRandom;
    use crate::storage::{DataKeys, Storage, StorageError};

    fn keys() -> DataKeys {
        DataKeys::none(Arc::new(FakeRandom::default()))
    }

    fn url(folder: &tempfile::TempDir) -> String {
        let file = folder.path().join("necto.db");
        format!("sqlite:{}?mode=rwc", file.display())
    }

    #[tokio::test]
    async fn a_database_that_is_newer_than_the_program_is_served() {
        let folder = tempfile::tempdir().unwrap();
        let storage = Storage::connect(&url(&folder), keys()).await.unwrap();
        sqlx::query(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
             VALUES (99990101, 'of a later Necto', TRUE, X'00', 1)",
        )
        .execute(&storage.pool)
        .await
        .unwrap();
        storage.close().await;
        for migrations in [Migrations::Run, Migrations::Check] {
            let storage = Storage::open(&url(&folder), keys(), migrations)
                .await
                .unwrap();
            assert!(storage.is_new_enough().await.unwrap());
            storage.close().await;
        }
        assert_eq!(migrate(&url(&folder)).await.unwrap(), 0);
    }

    #[tokio::test]
    async fn an_old_schema_is_refused_by_whoever_may_not_change_it() {
        let folder = tempfile::tempdir().unwrap();
        let refused = Storage::open(&url(&folder), keys(), Migrations::Check).await;
        let Err(StorageError::SchemaTooOld { missing }) = refused else {
            panic!("{refused:?}");
        };
        assert_eq!(migrate(&url(&folder)).await.unwrap(), missing);
        let storage = Storage::open(&url(&folder), keys(), Migrations::Check)
            .await
            .unwrap();
        sqlx::query("DELETE FROM _sqlx_migrations WHERE version = 1")
            .execute(&storage.pool)
            .await
            .unwrap();
        assert!(!storage.is_new_enough().await.unwrap());
        storage.close().await;
        let refused = Storage::open(&url(&folder), keys(), Migrations::Check).await;
        let sentence = refused.unwrap_err().to_string();
        assert!(
            sentence.starts_with("the database lacks 1 migrations that this Necto needs")
                && sentence.contains("run `necto migrate`"),
            "{sentence}"
        );
    }
}
