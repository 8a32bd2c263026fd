//! Stylesheet, editor chunk and static files. The work is done by the Node tools of `frontend/`.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use super::wasm::BOUND_MODULE;
use super::{Flavour, plain_name};
use crate::process;
use crate::tools;
use crate::workspace::Workspace;

/// Oldest browsers the stylesheet and the editor are written for: the first with CSS nesting and
/// `light-dark()`.
const BROWSERS: &str = "--target=chrome123,firefox120,safari17.5";

/// Bundles `style/main.css` and what it imports.
pub(super) fn bundle_stylesheet(
    workspace: &Workspace,
    package: &Path,
    flavour: Flavour,
) -> Result<()> {
    let mut command = esbuild(workspace, flavour);
    command
        .arg(workspace.path("style/main.css"))
        // Fonts and pictures are addressed from the site's root and served as they are.
        .arg("--external:/*")
        .arg(format!(
            "--outfile={}",
            package.join(plain_name("css")).display()
        ));
    process::run(&mut command)
}

/// Bundles the SDL editor, a chunk that is loaded when it is first needed.
pub(super) fn bundle_editor(workspace: &Workspace, package: &Path, flavour: Flavour) -> Result<()> {
    let mut command = esbuild(workspace, flavour);
    command
        .arg(workspace.path("frontend/editor/main.ts"))
        .arg("--format=esm")
        .arg(format!("--outfile={}", package.join("editor.js").display()));
    process::run(&mut command)
}

/// Copies `public/` to the top of the site, where it replaces what an earlier build put there.
pub(super) fn copy_public(workspace: &Workspace, root: &Path) -> Result<()> {
    for entry in fs::read_dir(root).with_context(|| format!("could not read {}", root.display()))? {
        let path = entry
            .with_context(|| format!("could not read {}", root.display()))?
            .path();
        let removed = if path.ends_with("pkg") || path.ends_with(BOUND_MODULE) {
            Ok(())
        } else if path.is_dir() {
            fs::remove_dir_all(&path)
        } else {
            fs::remove_file(&path)
        };
        removed.with_context(|| format!("could not remove {}", path.display()))?;
    }
    copy_folder(&workspace.path("public"), root)
}

/// Writes `.br` and `.gz` beside every file that shrinks.
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

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("could not create {}", to.display()))?;
    let entries =
        fs::read_dir(from).with_context(|| format!("could not read {}", from.display()))?;
    for entry in entries {
        let entry = entry.with_context(|| format!("could not read {}", from.display()))?;
        let (source, copy) = (entry.path(), to.join(entry.file_name()));
        if source.is_dir() {
            copy_folder(&source, &copy)?;
        } else {
            fs::copy(&source, &copy)
                .with_context(|| format!("could not copy {}", source.display()))?;
        }
    }
    Ok(())
}
