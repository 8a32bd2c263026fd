//! The contracts' own tests, and a check that their committed artefacts match the committed sources.

use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::process;
use crate::tally::Tally;
use crate::tools;
use crate::workspace::Workspace;

/// Runs the tests, the artefact check and the lints.
pub(super) fn run(workspace: &Workspace) -> Result<Tally> {
    tools::require_basics()?;
    tools::require_packages(workspace, "contracts")?;

    let transcript = process::watch(&mut npm(workspace, "test"), |_| true)?;
    let mut tally = read(&transcript.text)
        .context("the contracts' tests ended without a line `N passed, N failed`")?;
    ensure!(
        transcript.status.success() || tally.failed > 0,
        "`npm test` in contracts/ failed ({})",
        transcript.status
    );
    for (script, what) in [
        (
            "artefacts:check",
            "the committed artefacts are those of the sources",
        ),
        ("lint", "the contracts are formatted and lint-free"),
    ] {
        let passed = process::succeeds(&mut npm(workspace, script))?;
        println!("{}  {what}", if passed { "ok    " } else { "FAILED" });
        tally.count(what, passed);
    }
    Ok(tally)
}

fn npm(workspace: &Workspace, script: &str) -> Command {
    let mut command = Command::new("npm");
    command
        .current_dir(workspace.path("contracts"))
        .args(["run", "--silent", script]);
    command
}

/// Parses the last line of the form `N passed, N failed`.
fn read(text: &str) -> Option<Tally> {
    text.lines().rev().find_map(|line| {
        let (passed, failed) = line
            .trim()
            .strip_suffix(" failed")?
            .split_once(" passed, ")?;
        Some(Tally::new(passed.parse().ok()?, failed.parse().ok()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_tally_counts() {
        let text = "1 passed, 0 failed\nnoise\n120 passed, 2 failed\nbye\n";
        assert_eq!(read(text), Some(Tally::new(120, 2)));
        assert_eq!(read("all good"), None);
    }
}
