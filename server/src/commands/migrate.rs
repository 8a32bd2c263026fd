//! `necto migrate`: brings the database schema up to date before servers of this version start.

use std::process::ExitCode;

use secrecy::{ExposeSecret, SecretString};

use crate::error::CommandError;

#[derive(Debug, clap::Args)]
pub(crate) struct MigrateOptions {
    /// The database. On PostgreSQL behind a pooler: its direct address.
    #[arg(long, env = "NECTO_DATABASE_URL", hide_env_values = true)]
    database_url: SecretString,
}

/// Runs the command.
pub(crate) async fn run(options: MigrateOptions) -> Result<ExitCode, CommandError> {
    let done = backend::storage::migrate(options.database_url.expose_secret()).await?;
    println!("{}", told(done));
    Ok(ExitCode::SUCCESS)
}

fn told(done: usize) -> String {
    match done {
        0 => "The schema was up to date.".to_owned(),
        1 => "The schema is up to date: 1 migration was run.".to_owned(),
        many => format!("The schema is up to date: {many} migrations were run."),
    }
}
