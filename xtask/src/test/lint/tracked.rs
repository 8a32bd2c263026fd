//! The files that git tracks.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::process;
use crate::workspace::Workspace;

/// Returns names and paths of the tracked files that match one of these patterns, or of all if there are none. Files
/// that are deleted but not committed yet are left out.
pub(super) fn files(workspace: &Workspace, patterns: &[&str]) -> Result<Vec<(String, PathBuf)>> {
    let tracked = process::capture(
        Command::new("git")
            .current_dir(workspace.root())
            .args(["ls-files", "-z"])
            .args(patterns),
    )?;
    let names = tracked.split('\0').filter(|name| !name.is_empty());
    Ok(names
        .map(|name| (name.to_owned(), workspace.path(name)))
        .filter(|(_, path)| path.is_file())
        .collect())
}
