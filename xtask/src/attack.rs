//! `cargo xtask attack`: replays the attacks of `end2end/attack` against a fresh Necto, and says what held.
//!
//! Chain, sandbox and server are started on free ports of this machine and stopped again; no request leaves it.

use std::process::ExitCode;

use anyhow::Result;

use crate::clock::{Stopwatch, spoken};
use crate::playwright::{self, Outcome};
use crate::server::{self, Alongside, Profile};
use crate::site::{self, Flavour};
use crate::tools;
use crate::workspace::Workspace;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Only the attacks whose names contain this (a regular expression).
    only: Option<String>,
    /// Attacks debug builds, which are quicker to make, and not what ships.
    #[arg(long)]
    debug: bool,
    /// How many attacks are made side by side, each worker on a Necto of its own.
    #[arg(long, default_value_t = 1)]
    workers: u32,
}

/// Builds, attacks, and prints the table; fails where anything falls short.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<ExitCode> {
    let whole = Stopwatch::start();
    tools::require_basics()?;
    tools::require_wasm_target(workspace)?;
    for folder in ["frontend", "contracts", "end2end"] {
        tools::require_packages(workspace, folder)?;
    }
    let chromium = tools::require_chromium()?;
    let (flavour, profile) = if arguments.debug {
        (Flavour::Dev, Profile::Debug)
    } else {
        (Flavour::Release, Profile::Release)
    };
    let site = site::build(workspace, flavour)?;
    let programs = server::build(workspace, profile, Alongside::Nothing)?;
    let (tally, outcomes) = playwright::run_and_name(workspace, "attack", |command| {
        command
            .args(["--workers", &arguments.workers.to_string()])
            .env("NECTO_PROGRAMS", &programs.folder)
            .env("NECTO_CHROMIUM", &chromium)
            .envs(site.environment());
        if let Some(only) = &arguments.only {
            command.args(["--grep", only]);
        }
    })?;
    println!("\n== attacks ==");
    for outcome in &outcomes {
        println!("{}", row(outcome));
    }
    println!("\nattack took {}", spoken(whole.elapsed()));
    Ok(tally.conclude())
}

/// One line of the table.
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
