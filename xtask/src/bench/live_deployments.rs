//! Measures how a new order progresses next to many running deployments, and what those cost.

use std::fs;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use crate::process;
use crate::server::{self, Alongside, Profile};
use crate::site::Site;
use crate::tools;
use crate::workspace::Workspace;

/// Starts a complete Necto without a browser, starts that many deployments, and prints tables.
pub(crate) fn run(workspace: &Workspace, profile: Profile, number: u32) -> Result<ExitCode> {
    tools::require_basics()?;
    for folder in ["contracts", "end2end"] {
        tools::require_packages(workspace, folder)?;
    }
    let site = Site::without_browser_part(workspace)?;
    let programs = server::build(workspace, profile, Alongside::Nothing)?;
    let figures = workspace.target("bench-live-deployments.md");
    process::run(
        Command::new(tools::packaged(workspace, "end2end", "playwright"))
            .current_dir(workspace.path("end2end"))
            .args(["test", "--project=bench", "live-deployments.spec"])
            .env("NECTO_PROGRAMS", &programs.folder)
            .env("NECTO_FIGURES", &figures)
            .env("NECTO_LIVE_DEPLOYMENTS", number.to_string())
            .envs(site.environment()),
    )?;
    let text = fs::read_to_string(&figures).context("the run left no figures")?;
    println!("\n### Beside {number} running deployments ({profile:?})\n\n{text}");
    Ok(ExitCode::SUCCESS)
}
