//! The native programs: the server `necto` and the outside world's stand-in `necto-sandbox`.

use std::path::PathBuf;

use anyhow::Result;

use crate::process;
use crate::workspace::{NATIVE_SELECTION, Workspace};

/// How the native programs are compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// Quick to build.
    Debug,
    /// What ships.
    Release,
}

/// Whether the tests are compiled along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Alongside {
    /// The programs alone.
    Nothing,
    /// With the tests: the very artefacts that a test run makes, so that nothing is built twice after one.
    Tests,
}

/// The native programs of one build.
#[derive(Debug, Clone)]
pub(crate) struct Programs {
    /// The folder they are in.
    pub(crate) folder: PathBuf,
}

impl Programs {
    /// The programs that were built last.
    pub(crate) fn as_built(workspace: &Workspace, profile: Profile) -> Self {
        Self {
            folder: workspace.target(match profile {
                Profile::Debug => "debug",
                Profile::Release => "release",
            }),
        }
    }

    /// Path of the server's program.
    pub(crate) fn necto(&self) -> PathBuf {
        self.folder.join("necto")
    }

    /// Path of the sandbox's program.
    pub(crate) fn sandbox(&self) -> PathBuf {
        self.folder.join("necto-sandbox")
    }
}

/// Builds the native programs.
pub(crate) fn build(
    workspace: &Workspace,
    profile: Profile,
    alongside: Alongside,
) -> Result<Programs> {
    let mut command = process::cargo(workspace);
    command.arg("build").args(NATIVE_SELECTION).arg("--bins");
    if alongside == Alongside::Tests {
        command.arg("--tests");
    }
    if profile == Profile::Release {
        command.arg("--release");
    }
    process::run(&mut command)?;
    Ok(Programs::as_built(workspace, profile))
}
