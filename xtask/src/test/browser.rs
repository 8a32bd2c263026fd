//! The journeys in a real browser, against a debug server, a local chain and the sandbox.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::{Tally, shared_material};
use crate::process;
use crate::server::{self, Alongside, Profile};
use crate::site::{self, Flavour};
use crate::tools;
use crate::workspace::Workspace;

/// Runs them. With `release_site` the browser gets the optimised browser part, which the size part has just built:
/// that saves building another and tests what ships.
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

    let folder = workspace.path("end2end");
    let sound = process::succeeds(
        Command::new(tools::packaged(workspace, "end2end", "tsc")).current_dir(&folder),
    )?;
    println!(
        "{}  the journeys' TypeScript is sound",
        if sound { "ok    " } else { "FAILED" }
    );

    let report = workspace.target("journeys.json");
    if report.exists() {
        fs::remove_file(&report).context("could not remove the last report")?;
    }
    let mut command = Command::new(tools::packaged(workspace, "end2end", "playwright"));
    command
        .current_dir(&folder)
        .args(["test", "--project=journeys"])
        .env("NECTO_PROGRAMS", &programs.folder)
        .env("NECTO_CHROMIUM", &chromium)
        .env(
            "NECTO_XTASK",
            std::env::current_exe().context("xtask cannot find itself")?,
        )
        .env(
            "NECTO_AS_BUILT",
            if release_site { "release" } else { "dev" },
        )
        .env("PLAYWRIGHT_JSON_OUTPUT_NAME", &report)
        .envs(site.environment());
    if let Some(shared) = shared_material(workspace) {
        command.env("NECTO_SHARED", shared);
    }
    let green = process::succeeds(&mut command)?;
    let mut tally = read(&fs::read_to_string(&report).context("Playwright wrote no report")?)?;
    ensure!(
        green || tally.failed > 0,
        "Playwright failed without a failing journey"
    );
    tally.count(sound);
    Ok(tally)
}

/// Counts a flaky journey as failed: money does not get a second try.
fn read(report: &str) -> Result<Tally> {
    let report: Value = serde_json::from_str(report).context("Playwright's report is no JSON")?;
    let number = |name: &str| {
        report["stats"][name]
            .as_u64()
            .and_then(|number| u32::try_from(number).ok())
            .with_context(|| format!("Playwright's report lacks its number of {name} journeys"))
    };
    Ok(Tally {
        passed: number("expected")?,
        failed: number("unexpected")? + number("flaky")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flaky_journey_has_failed() {
        let report = r#"{"stats": {"expected": 5, "unexpected": 1, "flaky": 2, "skipped": 3}}"#;
        assert_eq!(
            read(report).expect("reads"),
            Tally {
                passed: 5,
                failed: 3
            }
        );
    }

    #[test]
    fn a_report_without_numbers_is_an_error() {
        assert_eq!(
            read(r#"{"stats": {}}"#).expect_err("has none").to_string(),
            "Playwright's report lacks its number of expected journeys"
        );
    }
}
