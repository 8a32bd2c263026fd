//! The journeys in a real browser, against a debug server, a local chain and the sandbox.

use anyhow::{Context, Result};

use crate::playwright;
use crate::server::{self, Alongside, Profile};
use crate::site::{self, Flavour};
use crate::tally::Tally;
use crate::tools;
use crate::workspace::Workspace;

/// Runs the journeys. With `release_site` the browser gets the optimised browser part that the size part has just
/// built, which saves another build and tests what ships.
pub(super) fn run(workspace: &Workspace, release_site: bool) -> Result<Tally> {
    tools::require_basics()?;
    tools::require_wasm_target(workspace)?;
    for folder in ["frontend", "contracts", "end2end"] {
        tools::require_packages(workspace, folder)?;
    }
    let chromium = tools::require_chromium()?;
    let flavour = if release_site {
        Flavour::Release
    } else {
        Flavour::Dev
    };
    let site = site::build(workspace, flavour)?;
    let programs = server::build(workspace, Profile::Debug, Alongside::Tests)?;

    let sound = playwright::is_sound(workspace)?;
    let xtask = std::env::current_exe().context("xtask cannot find itself")?;
    let mut tally = playwright::run_with_second_try(workspace, "journeys", |command| {
        command
            .env("NECTO_PROGRAMS", &programs.folder)
            .env("NECTO_CHROMIUM", &chromium)
            .env("NECTO_XTASK", &xtask)
            .env(
                "NECTO_AS_BUILT",
                if release_site { "release" } else { "dev" },
            )
            .envs(site.environment());
        if let Some(shared) = workspace.shared_material() {
            command.env("NECTO_SHARED", shared);
        }
    })?;
    tally.count("the TypeScript of end2end", sound);
    Ok(tally)
}
