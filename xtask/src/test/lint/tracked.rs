//! The files that git tracks.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::process;
use crate::workspace::Workspace;

/// Names and places of the tracked files that one of these patterns takes, all where there are none. What is deleted and
/// not committed yet is left out.
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
