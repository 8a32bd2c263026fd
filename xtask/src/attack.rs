//! `cargo xtask attack`: replays the attacks in `end2end/attack` against a fresh Necto, and reports the results.
//!
//! Chain, sandbox and server run on free ports of this machine and are stopped at the end; no request leaves the
//! machine. With SQLite there is one server, with PostgreSQL there are two on one database.

use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use crate::clock::{Stopwatch, spoken};
use crate::playwright::{self, Outcome};
use crate::postgres::{Engine, Postgres};
use crate::server::{self, Alongside, Profile, Programs};
use crate::site::{self, Flavour, Site};
use crate::tally::Tally;
use crate::tools;
use crate::workspace::Workspace;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Only the attacks whose names contain this (a regular expression).
    only: Option<String>,
    /// Database of the servers: one server on SQLite, two on PostgreSQL. Both databases, one after the other,
    /// where none is named.
    #[arg(long, value_enum)]
    engine: Option<Engine>,
    /// Attacks debug builds, which are quicker to make, and not what ships.
    #[arg(long)]
    debug: bool,
    /// Builds nothing and attacks what was built last.
    #[arg(long)]
    as_built: bool,
    /// Number of attacks made side by side, each worker on a Necto of its own. What is measured beside others
    /// says less.
    #[arg(long, default_value_t = 1)]
    workers: u32,
}

/// Number of servers on one PostgreSQL database.
const REPLICAS: &str = "2";

/// The programs under attack, and the browser for it.
struct Built {
    site: Site,
    programs: Programs,
    chromium: std::path::PathBuf,
}

/// Builds, attacks, and prints the table; fails if anything falls short.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<ExitCode> {
    let whole = Stopwatch::start();
    tools::require_basics()?;
    tools::require_wasm_target(workspace)?;
    for folder in ["frontend", "contracts", "end2end"] {
        tools::require_packages(workspace, folder)?;
    }
    for program in ["sqlite3", "psql"] {
        if tools::find(program).is_none() {
            bail!(
                "The attacks read the databases with `{program}`: install it (Debian: apt install sqlite3 postgresql-client)."
            );
        }
    }
    let built = build(workspace, arguments)?;
    let mut tally = Tally::default();
    tally.count(
        "the TypeScript of end2end",
        playwright::is_sound(workspace)?,
    );
    if arguments.engine != Some(Engine::Postgres) {
        tally += attack(workspace, arguments, &built, None)?;
    }
    if arguments.engine != Some(Engine::Sqlite) {
        match Postgres::start()? {
            Some(postgres) => tally += attack(workspace, arguments, &built, Some(&postgres))?,
            // If it was named on the command line, its absence is a failure; by default it is only reported.
            None if arguments.engine == Some(Engine::Postgres) => {
                tally.count("PostgreSQL is there", false);
            }
            None => {}
        }
    }
    println!("\nattack took {}", spoken(whole.elapsed()));
    Ok(tally.conclude())
}

fn build(workspace: &Workspace, arguments: &Arguments) -> Result<Built> {
    let (flavour, profile) = if arguments.debug {
        (Flavour::Dev, Profile::Debug)
    } else {
        (Flavour::Release, Profile::Release)
    };
    let (site, programs) = if arguments.as_built {
        (
            Site::as_built(workspace, flavour),
            Programs::as_built(workspace, profile),
        )
    } else {
        (
            site::build(workspace, flavour)?,
            server::build(workspace, profile, Alongside::Nothing)?,
        )
    };
    Ok(Built {
        site,
        programs,
        chromium: tools::require_chromium().context("markup is drawn by a real browser")?,
    })
}

/// Runs all attacks on one engine; returns their table.
fn attack(
    workspace: &Workspace,
    arguments: &Arguments,
    built: &Built,
    postgres: Option<&Postgres>,
) -> Result<Tally> {
    let on = match postgres {
        None => "one server on SQLite",
        Some(_) => "two servers on PostgreSQL",
    };
    println!("\n== attacks on {on} ==");
    let (tally, outcomes) = playwright::run_and_name(workspace, "attack", |command| {
        command
            .args(["--workers", &arguments.workers.to_string()])
            .env("NECTO_PROGRAMS", &built.programs.folder)
            .env("NECTO_CHROMIUM", &built.chromium)
            .envs(built.site.environment());
        if let Some(only) = &arguments.only {
            command.args(["--grep", only]).arg("--pass-with-no-tests");
        }
        if let Some(postgres) = postgres {
            command
                .env("NECTO_FAULTS_POSTGRES", postgres.url())
                .env("NECTO_ATTACK_SERVERS", REPLICAS);
        }
    })?;
    println!("\n-- {on} --");
    for outcome in &outcomes {
        println!("{}", row(outcome));
    }
    Ok(tally)
}

/// Returns one line of the table.
fn row(outcome: &Outcome) -> String {
    match &outcome.why {
        None => format!("held         {}", outcome.name),
        Some(why) => format!("FALLS SHORT  {}: {why}", outcome.name),
    }
}

#[cfg(test)]
mod tests {
    use super::{Outcome, row};

    #[test]
    fn a_row_says_whether_the_attack_held_and_what_came_of_it() {
        let mut outcome = Outcome {
            name: "links.spec.ts: a link".to_owned(),
            why: None,
        };
        assert_eq!(row(&outcome), "held         links.spec.ts: a link");
        outcome.why = Some("it paid".to_owned());
        assert_eq!(row(&outcome), "FALLS SHORT  links.spec.ts: a link: it paid");
    }
}
