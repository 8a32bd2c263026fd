//! `cargo xtask soak`: many virtual buyers and random faults for a while, after which the history is checked.

use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::faults;
use crate::playwright;
use crate::postgres::{Engine, Postgres};
use crate::site::Site;
use crate::tools;
use crate::workspace::Workspace;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Decides what buyers do and which faults strike; the same seed makes the same plan.
    #[arg(long, default_value_t = 1)]
    seed: u32,
    /// Minutes for which faults strike; what is under way is then brought to its end.
    #[arg(long, default_value_t = 10)]
    minutes: u32,
    /// Number of virtual buyers.
    #[arg(long, default_value_t = 50)]
    buyers: u32,
    /// Database that the server works on.
    #[arg(long, value_enum, default_value = "sqlite")]
    engine: Engine,
}

/// Runs it.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<ExitCode> {
    tools::require_basics()?;
    for folder in ["contracts", "end2end"] {
        tools::require_packages(workspace, folder)?;
    }
    let site = Site::without_browser_part(workspace)?;
    let programs = faults::build(workspace)?;
    let postgres = match arguments.engine {
        Engine::Sqlite => None,
        Engine::Postgres => Some(Postgres::start()?.context("there is no PostgreSQL to run on")?),
    };
    let history = workspace.target(&format!("soak-{}.json", arguments.seed));
    let tally = playwright::run(workspace, "soak", |command| {
        command
            .env("NECTO_PROGRAMS", &programs.folder)
            .env("NECTO_SOAK_SEED", arguments.seed.to_string())
            .env("NECTO_SOAK_MINUTES", arguments.minutes.to_string())
            .env("NECTO_SOAK_BUYERS", arguments.buyers.to_string())
            .env("NECTO_SOAK_HISTORY", &history)
            .envs(site.environment());
        if let Some(postgres) = &postgres {
            command.env("NECTO_FAULTS_POSTGRES", postgres.url());
        }
    })?;
    println!("The history is in {}.", workspace.shown(&history));
    Ok(tally.conclude())
}
