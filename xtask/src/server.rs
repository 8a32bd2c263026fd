//! The native programs: the server `necto`, and `necto-sandbox`, which simulates the outside world.

use std::path::PathBuf;

use anyhow::Result;

use crate::process;
use crate::workspace::{NATIVE_SELECTION, Workspace};

/// Cargo profile of the native programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// Quick to build.
    Debug,
    /// As shipped.
    Release,
}

/// Targets that are compiled along with the programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Alongside {
    /// Only the programs.
    Nothing,
    /// Programs and tests: the same artefacts that a test run needs, so that nothing is built twice after it.
    Tests,
}

/// The native programs of one build.
#[derive(Debug, Clone)]
pub(crate) struct Programs {
    /// Folder that contains them.
    pub(crate) folder: PathBuf,
}

impl Programs {
    /// Returns the programs that were built last.
    pub(crate) fn as_built(workspace: &Workspace, profile: Profile) -> Self {
        Self {
            folder: workspace.target(match profile {
                Profile::Debug => "debug",
                Profile::Release => "release",
            }),
        }
    }

    /// Path of the server program.
    pub(crate) fn necto(&self) -> PathBuf {
        self.folder.join("necto")
    }

    /// Path of the sandbox program.
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
