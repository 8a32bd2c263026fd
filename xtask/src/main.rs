//! `cargo xtask`: all development tasks of Necto.
//!
//! `run` starts everything on one machine, `test` checks a change, `check` is the fast loop, and
//! `build` makes what ships. Continuous integration calls the same commands, so that success there
//! means the same as success on a developer's machine. Nothing of Necto's own behaviour is
//! implemented here.
//!
//! To add a command, add a module with a `run` function, a variant of [`Command`] and a line in
//! `main`.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::workspace::Workspace;

mod attack;
mod audit;
mod bench;
mod build;
mod clock;
mod eval;
mod faults;
mod live;
mod local;
mod loopback;
mod mutations;
mod packages;
mod playwright;
mod postgres;
mod process;
mod server;
mod site;
mod soak;
mod stop;
mod tally;
mod test;
mod tools;
mod workspace;

/// Builds, runs and checks Necto.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Builds the server and the browser part.
    Build(build::Arguments),
    /// Builds and starts everything on this machine: chain, contracts, sandbox and server.
    Run(local::Arguments),
    /// Runs everything that guards a change, or only the parts named.
    Test(test::Arguments),
    /// The fast loop: formatting, lints and native tests, no browser.
    Check,
    /// Times the parts of the journey and prints a table.
    Bench(bench::Arguments),
    /// Scores what an interpreter understands of a file of sentences.
    Eval(eval::Arguments),
    /// Opt-in smoke test against the real Console API, ADI Testnet and 0G.
    Live(live::Arguments),
    /// Breaks everything around the engine, row by row, and looks whether the money survives.
    Faults(faults::Arguments),
    /// Replays attacks against a fresh server and prints what held and what falls short.
    Attack(attack::Arguments),
    /// Takes the engine's safeguards out, one at a time, and expects a test to notice.
    Mutations(mutations::Arguments),
    /// Many virtual buyers and random faults for a while; the history is checked afterwards.
    Soak(soak::Arguments),
    /// Long analysis of the contracts (needs Python).
    Audit,
    /// Renews the committed copy of what is known about defects of our packages.
    Advisories(packages::advisories::Arguments),
    /// Lists what ships: every package with version, hash and licence, as CycloneDX.
    Sbom(packages::sbom::Arguments),
}

fn main() -> ExitCode {
    match dispatch(Arguments::parse().command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("\n{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(command: Command) -> Result<ExitCode> {
    stop::listen()?;
    let workspace = Workspace::locate()?;
    match command {
        Command::Build(arguments) => build::run(&workspace, &arguments),
        Command::Run(arguments) => local::run(&workspace, &arguments),
        Command::Test(arguments) => test::run(&workspace, &arguments),
        Command::Check => test::check(&workspace),
        Command::Bench(arguments) => bench::run(&workspace, &arguments),
        Command::Eval(arguments) => eval::run(&workspace, &arguments),
        Command::Live(arguments) => live::run(&workspace, &arguments),
        Command::Faults(arguments) => faults::run(&workspace, &arguments),
        Command::Attack(arguments) => attack::run(&workspace, &arguments),
        Command::Mutations(arguments) => mutations::run(&workspace, &arguments),
        Command::Soak(arguments) => soak::run(&workspace, &arguments),
        Command::Audit => audit::run(&workspace),
        Command::Advisories(arguments) => packages::advisories::update(&workspace, &arguments),
        Command::Sbom(arguments) => packages::sbom::run(&workspace, &arguments),
    }
}
