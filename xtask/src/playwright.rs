//! Runs Playwright and counts its results.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::process;
use crate::test::Tally;
use crate::tools;
use crate::workspace::Workspace;

/// Whether the TypeScript of `end2end` is sound, said aloud.
pub(crate) fn is_sound(workspace: &Workspace) -> Result<bool> {
    let sound = process::succeeds(
        Command::new(tools::packaged(workspace, "end2end", "tsc"))
            .current_dir(workspace.path("end2end")),
    )?;
    println!(
        "{}  the TypeScript of end2end is sound",
        if sound { "ok    " } else { "FAILED" }
    );
    Ok(sound)
}

/// Runs the tests of a project; `prepare` adds what they need.
pub(crate) fn run(
    workspace: &Workspace,
    project: &str,
    prepare: impl FnOnce(&mut Command),
) -> Result<Tally> {
    let report = workspace.target(&format!("{project}.json"));
    if report.exists() {
        fs::remove_file(&report).context("could not remove the last report")?;
    }
    let mut command = Command::new(tools::packaged(workspace, "end2end", "playwright"));
    command
        .current_dir(workspace.path("end2end"))
        .args(["test", &format!("--project={project}")])
        .env("PLAYWRIGHT_JSON_OUTPUT_NAME", &report);
    prepare(&mut command);
    let green = process::succeeds(&mut command)?;
    let tally = read(&fs::read_to_string(&report).context("Playwright wrote no report")?)?;
    ensure!(
        green || !tally.has_none_failed(),
        "Playwright failed without a failing test"
    );
    Ok(tally)
}

/// Counts a flaky test as failed: money does not get a second try.
fn read(report: &str) -> Result<Tally> {
    let report: Value = serde_json::from_str(report).context("Playwright's report is no JSON")?;
    let number = |name: &str| {
        report["stats"][name]
            .as_u64()
            .and_then(|number| u32::try_from(number).ok())
            .with_context(|| format!("Playwright's report lacks its number of {name} tests"))
    };
    Ok(Tally::new(
        number("expected")?,
        number("unexpected")? + number("flaky")?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flaky_test_has_failed() {
        let report = r#"{"stats": {"expected": 5, "unexpected": 1, "flaky": 2, "skipped": 3}}"#;
        assert_eq!(read(report).expect("reads"), Tally::new(5, 3));
    }

    #[test]
    fn a_report_without_numbers_is_an_error() {
        assert_eq!(
            read(r#"{"stats": {}}"#).expect_err("has none").to_string(),
            "Playwright's report lacks its number of expected tests"
        );
    }
}
