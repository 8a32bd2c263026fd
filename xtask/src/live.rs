//! `cargo xtask live`: the opt-in smoke test against the real Console API, ADI Testnet and 0G.

use std::env;
use std::process::{Command, ExitCode};

use anyhow::Result;

use crate::process;
use crate::tools;
use crate::workspace::Workspace;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Also creates the cheapest possible deployment, waits for bids and closes it again. This spends real money of
    /// the key's account: a few cents at most.
    #[arg(long)]
    deploy: bool,
}

/// Name of the variable that holds the Console key.
const KEY: &str = "NECTO_LIVE_CONSOLE_KEY";

/// Runs the smoke test, or explains why it cannot.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<ExitCode> {
    if env::var_os(KEY).is_none() {
        println!("skipped: {KEY} is not set, so nothing real was called");
        return Ok(ExitCode::SUCCESS);
    }
    tools::require_basics()?;
    let mut command = Command::new("node");
    command.arg(workspace.path("end2end/live/smoke.mjs"));
    if arguments.deploy {
        command.arg("--deploy");
    }
    let green = process::succeeds(&mut command)?;
    Ok(if green {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
