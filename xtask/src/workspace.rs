//! Where things are: the checkout, its target directory and what lies in them.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Cargo packages that every native build, test and run selects. `frontend` is for the browser only,
/// and xtask is left out because Cargo unifies features over what is selected: with xtask in the
/// selection its heavy dependencies would be built a second time with other features.
pub(crate) const NATIVE_SELECTION: [&str; 5] =
    ["--workspace", "--exclude", "frontend", "--exclude", "xtask"];

/// Name of the site's bundle, as `output-name` in `Leptos.toml` says (the lint part compares).
pub(crate) const OUTPUT_NAME: &str = "necto";

/// A checkout of Necto.
#[derive(Debug, Clone)]
pub(crate) struct Workspace {
    root: PathBuf,
    target: PathBuf,
    state: PathBuf,
}

impl Workspace {
    /// Finds the checkout this xtask belongs to.
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

    /// The checkout's top folder.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// A path inside the checkout.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// A path inside Cargo's target directory.
    pub(crate) fn target(&self, relative: &str) -> PathBuf {
        self.target.join(relative)
    }

    /// What the machine keeps between two runs of `cargo xtask run`.
    pub(crate) fn state(&self, relative: &str) -> PathBuf {
        self.state.join(relative)
    }

    /// The same checkout with another folder for what is kept between runs.
    pub(crate) fn keeping_state_in(&self, folder: &Path) -> Self {
        Self {
            state: self.root.join(folder),
            ..self.clone()
        }
    }

    /// A path as people see it: relative to the checkout where it lies inside.
    pub(crate) fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.root)
            .unwrap_or(path)
            .display()
            .to_string()
    }

    /// Folder of shared reference material that some tests use: `NECTO_SHARED`, or `../shared` where it exists.
    pub(crate) fn shared_material(&self) -> Option<PathBuf> {
        if let Some(named) = env::var_os("NECTO_SHARED") {
            return Some(named.into());
        }
        let beside = self.root.parent()?.join("shared");
        beside.is_dir().then_some(beside)
    }
}
