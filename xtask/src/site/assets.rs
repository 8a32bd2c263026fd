//! Stylesheet, editor chunk and static files, made with the Node tools of `frontend/`.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use super::flavour::Flavour;
use super::layout::plain_name;
use crate::process;
use crate::tools;
use crate::workspace::Workspace;

/// Oldest supported browsers for the stylesheet and the editor: the first with CSS nesting and `light-dark()`.
const BROWSERS: &str = "--target=chrome123,firefox120,safari17.5";

/// Bundles `style/main.css` and its imports.
pub(super) fn bundle_stylesheet(
    workspace: &Workspace,
    staging: &Path,
    flavour: Flavour,
) -> Result<()> {
    let mut command = esbuild(workspace, flavour);
    command
        .arg(workspace.path("style/main.css"))
        .args(served_as_they_are(workspace)?)
        .arg(format!(
            "--outfile={}",
            staging.join(plain_name("css")).display()
        ));
    process::run(&mut command)
}

/// Bundles the SDL editor, a chunk that is loaded when first needed.
pub(super) fn bundle_editor(workspace: &Workspace, staging: &Path, flavour: Flavour) -> Result<()> {
    let mut command = esbuild(workspace, flavour);
    command
        .arg(workspace.path("frontend/editor/main.ts"))
        .arg("--format=esm")
        .arg(format!("--outfile={}", staging.join("editor.js").display()));
    process::run(&mut command)
}

/// Writes `.br` and `.gz` next to every file that becomes smaller.
pub(super) fn compress(workspace: &Workspace, root: &Path) -> Result<()> {
    println!("Compressing the site");
    process::run(
        Command::new("node")
            .arg(workspace.path("frontend/tools/compress.mjs"))
            .arg(root),
    )
}

fn esbuild(workspace: &Workspace, flavour: Flavour) -> Command {
    let mut command = Command::new(tools::packaged(workspace, "frontend", "esbuild"));
    command.args(["--bundle", "--log-level=warning", BROWSERS]);
    if flavour == Flavour::Release {
        command.args(["--minify", "--legal-comments=none"]);
    }
    command
}

/// Returns the fonts and pictures of `public/`, which are addressed from the site's root and must not be bundled.
fn served_as_they_are(workspace: &Workspace) -> Result<Vec<String>> {
    let public = workspace.path("public");
    let entries = fs::read_dir(&public).context("could not read public/")?;
    let mut arguments = Vec::new();
    for entry in entries {
        let entry = entry.context("could not read public/")?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let pattern = if entry.path().is_dir() {
            format!("{name}/*")
        } else {
            name
        };
        arguments.push(format!("--external:/{pattern}"));
    }
    Ok(arguments)
}
