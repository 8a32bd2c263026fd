//! `cargo xtask faults`: breaks everything around the engine and checks that the money survives.
//!
//! The rows are in `end2end/faults`. Each is a test against a real chain, the sandbox and a real server built with fail
//! points. Rows that only a browser can show are covered by journeys, which are run as well.

use std::fs;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use crate::clock::{Stopwatch, spoken};
use crate::playwright;
use crate::postgres::{Engine, Postgres};
use crate::process;
use crate::server::{Profile, Programs};
use crate::site::{self, Flavour, Site};
use crate::tally::Tally;
use crate::tools;
use crate::workspace::{NATIVE_SELECTION, Workspace};

/// Journeys that cover rows 38 and 39: reloads, a second tab, a killed server, a broken stream.
const JOURNEYS: &str = "reload|crash|row 38|row 39";

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Only the rows whose names contain this (a regular expression).
    only: Option<String>,
    /// Database that the server works on; both, one after the other, where none is named.
    #[arg(long, value_enum)]
    engine: Option<Engine>,
    /// Number of worlds that are broken side by side.
    #[arg(long, default_value_t = 2)]
    workers: u32,
    /// Leaves out the journeys in a browser.
    #[arg(long)]
    without_browser: bool,
}

/// Runs the matrix.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<ExitCode> {
    let whole = Stopwatch::start();
    tools::require_basics()?;
    for folder in ["contracts", "end2end"] {
        tools::require_packages(workspace, folder)?;
    }
    for program in ["sqlite3", "psql"] {
        if tools::find(program).is_none() {
            bail!(
                "The matrix reads the databases with `{program}`: install it (Debian: apt install sqlite3 postgresql-client)."
            );
        }
    }
    let browser = !arguments.without_browser;
    let site = if browser {
        tools::require_wasm_target(workspace)?;
        tools::require_packages(workspace, "frontend")?;
        site::build(workspace, Flavour::Dev)?
    } else {
        Site::without_browser_part(workspace)?
    };
    let programs = build(workspace)?;

    let mut tally = Tally::default();
    tally.count(
        "the TypeScript of end2end",
        playwright::is_sound(workspace)?,
    );
    if arguments.engine != Some(Engine::Postgres) {
        println!("\n== faults on SQLite ==");
        tally += matrix(workspace, arguments, &site, &programs, None)?;
    }
    if arguments.engine != Some(Engine::Sqlite) {
        println!("\n== faults on PostgreSQL ==");
        match Postgres::start()? {
            Some(postgres) => {
                tally += matrix(workspace, arguments, &site, &programs, Some(&postgres))?;
            }
            // If it was named on the command line, its absence is a failure; by default it is only reported.
            None if arguments.engine == Some(Engine::Postgres) => {
                tally.count("PostgreSQL is there", false)
            }
            None => {}
        }
    }
    if browser {
        println!("\n== faults that only a browser shows ==");
        let chromium = tools::require_chromium()?;
        tally += playwright::run(workspace, "journeys", |command| {
            command
                .args(["--grep", arguments.only.as_deref().unwrap_or(JOURNEYS)])
                .arg("--pass-with-no-tests")
                .env("NECTO_PROGRAMS", &programs.folder)
                .env("NECTO_CHROMIUM", &chromium)
                .envs(site.environment());
        })?;
    }
    println!("\nfaults took {}", spoken(whole.elapsed()));
    Ok(tally.conclude())
}

fn matrix(
    workspace: &Workspace,
    arguments: &Arguments,
    site: &Site,
    programs: &Programs,
    postgres: Option<&Postgres>,
) -> Result<Tally> {
    playwright::run(workspace, "faults", |command| {
        command
            .args(["--workers", &arguments.workers.to_string()])
            .env("NECTO_PROGRAMS", &programs.folder)
            .envs(site.environment());
        if let Some(only) = &arguments.only {
            command.args(["--grep", only]).arg("--pass-with-no-tests");
        }
        if let Some(postgres) = postgres {
            command.env("NECTO_FAULTS_POSTGRES", postgres.url());
        }
    })
}

/// Builds the programs with fail points in a folder of their own, so that all others stay as they ship.
pub(crate) fn build(workspace: &Workspace) -> Result<Programs> {
    process::run(
        process::cargo(workspace)
            .arg("build")
            .args(NATIVE_SELECTION)
            .args(["--bins", "--features", "server/fail-points"]),
    )?;
    let built = Programs::as_built(workspace, Profile::Debug);
    let kept = Programs {
        folder: workspace.target("faults"),
    };
    fs::create_dir_all(&kept.folder).context("could not create a folder for the programs")?;
    for (from, to) in [
        (built.necto(), kept.necto()),
        (built.sandbox(), kept.sandbox()),
    ] {
        // Renamed into place: a program that is still running keeps its own file.
        let fresh = to.with_extension("new");
        fs::copy(&from, &fresh).context("could not copy a program")?;
        fs::rename(&fresh, &to).context("could not put a program into place")?;
    }
    Ok(kept)
}
