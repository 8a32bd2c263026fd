//! The schema: the migrations in `migrations/`, and those that were applied to the database.
//!
//! Several versions of Necto may use one database while a new version is rolled out, so a schema
//! newer than the program is no reason to stop: migrations only add things that an older version
//! does not look at.

use std::collections::HashSet;
use std::sync::LazyLock;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AnyPool, Row as _, SqlSafeStr as _};

use super::{Engine, StorageError, keep_to_the_owner};

/// Program that brings the schema up to date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Migrations {
    /// Every program that opens the database.
    Run,
    /// Only `necto migrate`, beforehand: programs that open the database just check that it was
    /// done.
    Check,
}

/// A file in `migrations/`: its name without the extension, and its content.
type Script = (&'static str, &'static str);

macro_rules! migration {
    ($name:literal) => {
        (
            $name,
            include_str!(concat!("../../migrations/", $name, ".sql")),
        )
    };
}

/// All migrations. They are listed one by one because the macro that reads the folder needs both
/// engines' drivers built a second time, for the compiler.
const SCRIPTS: &[Script] = &[
    migration!("0001_journey"),
    migration!("0010_outbox"),
    migration!("0020_market"),
    migration!("0021_listings"),
    migration!("0030_agent"),
    migration!("0045_chain"),
    migration!("0046_reached"),
    migration!("0060_templates"),
    migration!("0061_template_sources"),
    migration!("0070_auto_sign"),
    migration!("0075_left_sessions"),
    migration!("0080_update"),
    migration!("0090_runtime_limit"),
    migration!("0100_owners"),
    migration!("0101_session_ends"),
    migration!("0102_strangers"),
    migration!("0110_pace"),
    migration!("0120_secret"),
    migration!("0121_sealed"),
    migration!("0122_erased"),
    migration!("0123_kept"),
    migration!("0130_drafts"),
    migration!("0150_unreported"),
    migration!("0160_origins"),
    migration!("0200_admissions"),
    migration!("0210_exposure"),
    migration!("0211_gas_by_network"),
    migration!("0220_workers"),
    migration!("0230_log_chunks"),
    migration!("0240_outbox_by_order"),
];

static MIGRATIONS: LazyLock<Vec<Migration>> =
    LazyLock::new(|| SCRIPTS.iter().filter_map(migration).collect());

/// Parses a script. `None` if its name does not begin with a number, which is true of none.
fn migration((name, sql): &Script) -> Option<Migration> {
    let (version, words) = name.split_once('_')?;
    Some(Migration::new(
        version.parse().ok()?,
        words.replace('_', " ").into(),
        MigrationType::Simple,
        sql.into_sql_str(),
        false,
    ))
}

fn migrator() -> Migrator {
    let mut migrator = Migrator::with_migrations(MIGRATIONS.clone());
    migrator.set_ignore_missing(true);
    migrator
}

/// Brings the schema of the database at `url` up to date; returns the number of migrations applied.
///
/// # Errors
/// If the address is not understood, the database cannot be reached, or a migration fails.
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

/// Returns the number of this program's migrations that the database lacks.
pub(super) async fn missing(pool: &AnyPool) -> Result<usize, StorageError> {
    let done = done(pool).await?;
    let lacks = |one: &&Migration| !done.contains(&one.version);
    Ok(MIGRATIONS.iter().filter(lacks).count())
}

/// Returns the migrations that were applied to the database.
async fn done(pool: &AnyPool) -> Result<HashSet<i64>, StorageError> {
    let read = "SELECT version FROM _sqlx_migrations WHERE success";
    match sqlx::query(read).fetch_all(pool).await {
        Ok(rows) => rows.iter().map(|row| Ok(row.try_get("version")?)).collect(),
        // No migration was ever applied.
        Err(sqlx::Error::Database(error)) if names_no_table(&*error) => Ok(HashSet::new()),
        Err(error) => Err(error.into()),
    }
}

/// Whether a table does not exist: PostgreSQL reports a code, SQLite a sentence.
fn names_no_table(error: &dyn sqlx::error::DatabaseError) -> bool {
    error.code().is_some_and(|code| code == "42P01") || error.message().contains("no such table")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;
    use std::sync::Arc;

    use super::{MIGRATIONS, Migrations, SCRIPTS, migrate};
    use crate::fakes::FakeRandom;
    use crate::storage::{DataKeys, Storage, StorageError};

    fn keys() -> DataKeys {
        DataKeys::none(Arc::new(FakeRandom::default()))
    }

    fn url(folder: &tempfile::TempDir) -> String {
        let file = folder.path().join("necto.db");
        format!("sqlite:{}?mode=rwc", file.display())
    }

    #[test]
    fn every_file_of_the_folder_is_a_migration() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
        let files = std::fs::read_dir(folder).unwrap();
        let files: BTreeSet<String> = files
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .collect();
        let named: BTreeSet<String> = SCRIPTS
            .iter()
            .map(|(name, _)| format!("{name}.sql"))
            .collect();
        assert_eq!(named, files);
        assert_eq!(MIGRATIONS.len(), files.len());
        let versions: BTreeSet<i64> = MIGRATIONS.iter().map(|one| one.version).collect();
        assert_eq!(versions.len(), files.len(), "no number is used twice");
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
