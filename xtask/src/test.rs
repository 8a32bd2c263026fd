//! `cargo xtask test` and `cargo xtask check`: the checks that every change must pass.
//!
//! Every part counts its passed and failed checks. A part that cannot even start counts as one failure, so that nothing
//! is green merely because it did not run.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;

use crate::clock::{Stopwatch, spoken};
use crate::stop;
use crate::tally::Tally;
use crate::workspace::Workspace;

mod browser;
mod contracts;
pub(crate) mod failing;
mod lint;
mod native;
mod size;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Parts to run, in this order: lint, native, contracts, size, browser. All where none is named.
    #[arg(value_enum)]
    parts: Vec<Part>,
}

/// A part of the tests, in the order of a complete run: fast checks come first, and `size` makes the optimised browser
/// part that `browser` then uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub(crate) enum Part {
    /// Formatting, lints, and the rules about who may depend on whom.
    Lint,
    /// Rust tests on this machine.
    Native,
    /// The contracts' tests and their committed artefacts.
    Contracts,
    /// The weight of the first visit, and that no secret can be in it.
    Size,
    /// The journeys in a real browser.
    Browser,
}

impl Part {
    const ALL: [Self; 5] = [
        Self::Lint,
        Self::Native,
        Self::Contracts,
        Self::Size,
        Self::Browser,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Lint => "lint",
            Self::Native => "native",
            Self::Contracts => "contracts",
            Self::Size => "size",
            Self::Browser => "browser",
        }
    }
}

struct Outcome {
    part: Part,
    tally: Tally,
    took: Duration,
}

/// Runs the named parts, or all of them.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<ExitCode> {
    let mut parts = arguments.parts.clone();
    parts.sort_unstable();
    parts.dedup();
    run_parts(
        workspace,
        if parts.is_empty() { &Part::ALL } else { &parts },
    )
}

/// Runs the parts that need neither a browser nor the contracts' tools.
pub(crate) fn check(workspace: &Workspace) -> Result<ExitCode> {
    run_parts(workspace, &[Part::Lint, Part::Native])
}

fn run_parts(workspace: &Workspace, parts: &[Part]) -> Result<ExitCode> {
    let whole = Stopwatch::start();
    let mut outcomes = Vec::new();
    for part in parts {
        println!("\n== {} ==", part.name());
        let watch = Stopwatch::start();
        let tally = tally_of(workspace, *part, parts);
        if stop::requested() {
            anyhow::bail!("Stopped.");
        }
        let took = watch.elapsed();
        println!("{} took {}", part.name(), spoken(took));
        println!("{tally}");
        outcomes.push(Outcome {
            part: *part,
            tally,
            took,
        });
    }
    Ok(summarise(&outcomes, whole.elapsed()))
}

fn tally_of(workspace: &Workspace, part: Part, all: &[Part]) -> Tally {
    let outcome = match part {
        Part::Lint => lint::run(workspace),
        Part::Native => native::run(workspace),
        Part::Contracts => contracts::run(workspace),
        Part::Size => size::run(workspace),
        Part::Browser => browser::run(workspace, all.contains(&Part::Size)),
    };
    outcome.unwrap_or_else(|error| {
        println!("FAILED  {error:#}");
        let mut tally = Tally::default();
        tally.count(&format!("{error:#}"), false);
        tally
    })
}

/// Prints the table and the failures; the last line has the totals.
fn summarise(outcomes: &[Outcome], took: Duration) -> ExitCode {
    let mut sum = Tally::default();
    println!("\n== summary ==");
    for Outcome { part, tally, took } in outcomes {
        println!("{:<10} {:>14}   {tally}", part.name(), spoken(*took));
        sum += tally.clone();
    }
    println!("{:<10} {:>14}", "in all", spoken(took));
    let ending = sum.conclude();
    // A part in which nothing ran is not green, whatever the others did.
    if outcomes.iter().all(|outcome| outcome.tally.is_green()) {
        ending
    } else {
        ExitCode::FAILURE
    }
}
