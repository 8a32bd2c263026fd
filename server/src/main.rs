//! The `necto` program: the server, and the same rules on the command line.
//!
//! It reads the configuration, wires the parts together and contains no rule of its own. To add a command,
//! add a file under `commands/`; to add a setting, add a field to its section under `config/`.

mod commands;
mod config;
mod connections;
mod error;
mod events;
mod http;
mod lifecycle;
mod panics;
mod site;
mod sources;
mod wiring;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// A marketplace for compute: words in, a running deployment and exact change out.
#[derive(Debug, Parser)]
#[command(name = "necto", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the server. Every option is also an environment variable (see docs/operating.md).
    Serve(Box<config::ServeOptions>),
    /// Brings the database's schema up to date, for servers that only check it (NECTO_MIGRATE=check).
    Migrate(commands::migrate::MigrateOptions),
    /// Checks and derives Akash SDL files.
    #[command(subcommand)]
    Sdl(commands::sdl::SdlCommand),
    /// Says what Necto understands of a sentence.
    Interpret(Box<commands::interpret::InterpretOptions>),
    /// Lists the market's offers in dollars per GPU-hour, cheapest first.
    Offers(Box<commands::offers::OffersOptions>),
    /// Decides where a workload described in words should go, and why.
    Route(Box<commands::route::RouteOptions>),
    /// Lists the points at which this build can be made to die.
    #[cfg(feature = "fail-points")]
    FailPoints,
    /// Works with the escrow's chain.
    #[command(subcommand)]
    Chain(commands::chain::ChainCommand),
    /// Makes and changes the keys of what lies encrypted in the database.
    #[command(subcommand)]
    Keys(commands::keys::KeysCommand),
}

#[tokio::main]
async fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Serve(options) => commands::serve::run(*options).await,
        Command::Migrate(options) => commands::migrate::run(options).await,
        Command::Sdl(command) => commands::sdl::run(command),
        Command::Interpret(options) => commands::interpret::run(*options).await,
        Command::Offers(options) => commands::offers::run(*options).await,
        Command::Route(options) => commands::route::run(*options).await,
        #[cfg(feature = "fail-points")]
        Command::FailPoints => commands::fail_points(),
        Command::Chain(command) => commands::chain::run(command).await,
        Command::Keys(command) => commands::keys::run(command).await,
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
