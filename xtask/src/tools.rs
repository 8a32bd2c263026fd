//! Tools that a machine needs before anything can be built, and how to get them.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use crate::process;
use crate::workspace::Workspace;

const WASM_TARGET: &str = "wasm32-unknown-unknown";
const OLDEST_NODE: u32 = 20;

/// Fails with a list of everything that is missing and how to get it.
pub(crate) fn require_basics() -> Result<()> {
    let mut missing = Vec::new();
    match node_major() {
        Some(major) if major >= OLDEST_NODE => {}
        Some(major) => missing.push(format!(
            "Node.js {OLDEST_NODE} or newer (found {major}): https://nodejs.org/en/download"
        )),
        None => missing.push(format!(
            "Node.js {OLDEST_NODE} or newer: https://nodejs.org/en/download"
        )),
    }
    if find("npm").is_none() {
        missing.push("npm, which comes with Node.js (Debian: apt-get install npm)".to_owned());
    }
    if ["cc", "gcc", "clang"]
        .iter()
        .all(|compiler| find(compiler).is_none())
    {
        missing.push(
            "a C compiler (Debian: apt-get install build-essential; macOS: xcode-select --install)"
                .to_owned(),
        );
    }
    if missing.is_empty() {
        return Ok(());
    }
    bail!("This machine lacks:\n  - {}", missing.join("\n  - "))
}

/// Adds the WASM target to the Rust toolchain if it is missing.
pub(crate) fn require_wasm_target(workspace: &Workspace) -> Result<()> {
    let library = process::capture(Command::new("rustc").current_dir(workspace.root()).args([
        "--print",
        "target-libdir",
        "--target",
        WASM_TARGET,
    ]))?;
    if has_core(Path::new(library.trim())) {
        return Ok(());
    }
    println!("Adding {WASM_TARGET} to the Rust toolchain");
    let added = find("rustup").is_some()
        && process::succeeds(Command::new("rustup").current_dir(workspace.root()).args([
            "target",
            "add",
            WASM_TARGET,
        ]))?;
    if added {
        return Ok(());
    }
    bail!(
        "The Rust toolchain lacks {WASM_TARGET} and rustup could not add it: \
         run `rustup target add {WASM_TARGET}` where rustup's server can be reached"
    )
}

/// Installs a folder's npm packages from its lock file, unless they are up to date.
pub(crate) fn require_packages(workspace: &Workspace, folder: &str) -> Result<()> {
    let project = workspace.path(folder);
    let lockfile = project.join("package-lock.json");
    let locked = fs::read(&lockfile)
        .with_context(|| format!("could not read {}", workspace.shown(&lockfile)))?;
    let wanted = hex::encode(Sha256::digest(&locked));
    let stamp = project.join("node_modules/.lockfile-sha256");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    println!("Installing the npm packages of {folder}/");
    process::run(Command::new("npm").current_dir(&project).args([
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--loglevel=error",
    ]))?;
    fs::write(&stamp, wanted)
        .with_context(|| format!("could not write {}", workspace.shown(&stamp)))
}

/// Path of a program that comes with one of our npm projects.
pub(crate) fn packaged(workspace: &Workspace, folder: &str, program: &str) -> PathBuf {
    workspace
        .path(folder)
        .join("node_modules/.bin")
        .join(program)
}

/// Finds Chromium, or installs Debian's package if possible.
pub(crate) fn require_chromium() -> Result<PathBuf> {
    if let Some(found) = find_chromium() {
        return Ok(found);
    }
    if find("apt-get").is_some() && is_root() {
        println!("Installing Chromium");
        process::run(Command::new("apt-get").args(["update", "-qq"]))?;
        process::run(
            Command::new("apt-get")
                .env("DEBIAN_FRONTEND", "noninteractive")
                .args([
                    "install",
                    "-y",
                    "-qq",
                    "--no-install-recommends",
                    "chromium",
                ]),
        )?;
    }
    find_chromium().context(
        "Chromium is missing: install it (Debian: apt-get install chromium) \
         or name its path in NECTO_CHROMIUM",
    )
}

fn find_chromium() -> Option<PathBuf> {
    if let Some(named) = env::var_os("NECTO_CHROMIUM") {
        return Some(PathBuf::from(named));
    }
    [
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
    ]
    .iter()
    .find_map(find)
}

/// Finds a program in `PATH`.
pub(crate) fn find(program: impl AsRef<OsStr>) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .map(|folder| folder.join(program.as_ref()))
        .find(|candidate| candidate.is_file())
}

fn node_major() -> Option<u32> {
    let output = Command::new("node")
        .arg("--version")
        .stderr(Stdio::null())
        .output()
        .ok()?;
    major_of(&String::from_utf8(output.stdout).ok()?)
}

/// Returns the major version: 20 for `v20.11.1`.
fn major_of(version: &str) -> Option<u32> {
    version
        .trim()
        .strip_prefix('v')?
        .split('.')
        .next()?
        .parse()
        .ok()
}

fn has_core(library: &Path) -> bool {
    fs::read_dir(library).is_ok_and(|entries| {
        entries
            .flatten()
            .any(|entry| entry.file_name().to_string_lossy().starts_with("libcore-"))
    })
}

fn is_root() -> bool {
    nix::unistd::geteuid().is_root()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_of_node_is_read() {
        assert_eq!(major_of("v20.20.2\n"), Some(20));
        assert_eq!(major_of("v9.0.0"), Some(9));
        assert_eq!(major_of("20.20.2"), None);
        assert_eq!(major_of(""), None);
    }

    #[test]
    fn a_program_in_the_path_is_found_and_another_is_not() {
        assert!(find("cargo").is_some_and(|path| path.is_absolute()));
        assert!(find("no-program-has-this-name").is_none());
    }
}
