//! `cargo xtask build`.

use std::process::ExitCode;

use anyhow::Result;

use crate::clock::{Stopwatch, spoken};
use crate::server::{self, Alongside, Profile};
use crate::site::size::{BUDGET_BYTES, Weight};
use crate::site::{self, Flavour};
use crate::tools;
use crate::workspace::Workspace;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Builds what ships: optimised, with hashed and pre-compressed files, and prints what they weigh.
    #[arg(long)]
    release: bool,
}

/// Builds both parts and reports where they are.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<ExitCode> {
    let (flavour, profile) = if arguments.release {
        (Flavour::Release, Profile::Release)
    } else {
        (Flavour::Dev, Profile::Debug)
    };
    let whole = Stopwatch::start();
    tools::require_basics()?;
    tools::require_wasm_target(workspace)?;
    tools::require_packages(workspace, "frontend")?;
    let site = site::build(workspace, flavour)?;
    let programs = server::build(workspace, profile, Alongside::Nothing)?;

    println!("\nBuilt in {}.", spoken(whole.elapsed()));
    println!("  server  {}", workspace.shown(&programs.necto()));
    println!("  site    {}", workspace.shown(&site.root));
    let settings: Vec<String> = site
        .environment()
        .into_iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    println!("  serve it with {}", settings.join(" "));
    if flavour == Flavour::Release {
        let weight = Weight::of(&site)?;
        println!("\n{}", weight.table());
        println!("Budget of the first visit: {BUDGET_BYTES} bytes");
        if !weight.is_within_budget() {
            return Ok(ExitCode::FAILURE);
        }
    }
    Ok(ExitCode::SUCCESS)
}
