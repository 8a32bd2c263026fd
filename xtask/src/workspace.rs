//! Paths of the checkout, of its target directory, and of files in them.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Cargo packages that every native build, test and run selects. `frontend` is for the browser only. xtask is left out
/// because Cargo unifies features over the selection: with xtask in it, heavy dependencies would be built a second time
/// with other features.
pub(crate) const NATIVE_SELECTION: [&str; 5] =
    ["--workspace", "--exclude", "frontend", "--exclude", "xtask"];

/// Name of the site's bundle, the same as `output-name` in `Leptos.toml` (compared by the lint part).
pub(crate) const OUTPUT_NAME: &str = "necto";

/// A checkout of Necto.
#[derive(Debug, Clone)]
pub(crate) struct Workspace {
    root: PathBuf,
    target: PathBuf,
    state: PathBuf,
}

impl Workspace {
    /// Finds the checkout that this xtask belongs to.
    pub(crate) fn locate() -> Result<Self> {
        let manifest_dir = env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = manifest_dir
            .parent()
            .context("xtask's folder has no parent")?
            .to_path_buf();
        let target = env::var_os("CARGO_TARGET_DIR").map_or_else(
            || root.join("target"),
            |configured| root.join(PathBuf::from(configured)),
        );
        let state = root.join(".necto");
        Ok(Self {
            root,
            target,
            state,
        })
    }

    /// Top folder of the checkout.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Returns a path inside the checkout.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// Returns a path inside Cargo's target directory.
    pub(crate) fn target(&self, relative: &str) -> PathBuf {
        self.target.join(relative)
    }

    /// Returns a path inside the folder that is kept between runs of `cargo xtask run`.
    pub(crate) fn state(&self, relative: &str) -> PathBuf {
        self.state.join(relative)
    }

    /// Returns the same checkout with another folder for what is kept between runs.
    pub(crate) fn keeping_state_in(&self, folder: &Path) -> Self {
        Self {
            state: self.root.join(folder),
            ..self.clone()
        }
    }

    /// Formats a path for people: relative to the checkout if it lies inside.
    pub(crate) fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.root)
            .unwrap_or(path)
            .display()
            .to_string()
    }

    /// Folder of shared reference material that some tests use: `NECTO_SHARED`, or `../shared` if it exists.
    pub(crate) fn shared_material(&self) -> Option<PathBuf> {
        if let Some(named) = env::var_os("NECTO_SHARED") {
            return Some(named.into());
        }
        let beside = self.root.parent()?.join("shared");
        beside.is_dir().then_some(beside)
    }
}
