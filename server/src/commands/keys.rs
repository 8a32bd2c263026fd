//! `necto keys …`: manages the keys that encrypt data in the database.

use std::process::ExitCode;
use std::sync::Arc;

use backend::Storage;
use backend::adapters::random::OsRandom;
use backend::storage::{DataKeys, Resealed};
use clap::Subcommand;
use secrecy::{ExposeSecret, SecretString};

use crate::error::CommandError;

#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// Prints a new key.
    New,
    /// Encrypts everything anew with the first key. The server may run meanwhile, with the same
    /// keys; afterwards the others may go.
    Rotate {
        /// Database whose encrypted rows get the new key: sqlite://FILE or postgres://….
        #[arg(long, env = "NECTO_DATABASE_URL", hide_env_values = true)]
        database_url: SecretString,
        /// The new key, and behind it the ones that data still lies under.
        #[arg(long, env = "NECTO_DATA_KEYS", hide_env_values = true)]
        data_keys: SecretString,
    },
}

/// Runs a key command.
pub(crate) async fn run(command: KeysCommand) -> Result<ExitCode, CommandError> {
    match command {
        KeysCommand::New => println!("{}", DataKeys::fresh_key(&OsRandom)),
        KeysCommand::Rotate {
            database_url,
            data_keys,
        } => {
            let keys = DataKeys::parse(&data_keys, Arc::new(OsRandom))
                .map_err(|error| format!("NECTO_DATA_KEYS: {error}."))?;
            let storage = Storage::connect(database_url.expose_secret(), keys).await?;
            let mut rows = 0;
            while let Resealed::Rows(more) = storage.reseal().await? {
                rows += more;
            }
            storage.close().await;
            println!("{rows} rows were encrypted anew. Only the first key is needed from now on.");
        }
    }
    Ok(ExitCode::SUCCESS)
}
