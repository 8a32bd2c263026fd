//! `cargo xtask audit`: long analyses of the contracts, which need Python and take minutes.

use std::process::{Command, ExitCode};

use anyhow::{Result, bail};

use crate::process;
use crate::tools;
use crate::workspace::Workspace;

/// Runs the script in the contracts' folder.
pub(crate) fn run(workspace: &Workspace) -> Result<ExitCode> {
    if tools::find("python3").is_none() {
        println!("skipped: no Python (Debian: apt-get install python3 python3-venv)");
        return Ok(ExitCode::SUCCESS);
    }
    tools::require_basics()?;
    tools::require_packages(workspace, "contracts")?;
    let contracts = workspace.path("contracts");
    let mut command = match ["tools/audit.mjs", "tools/audit.sh"]
        .into_iter()
        .find(|script| contracts.join(script).exists())
    {
        Some(script) if script.ends_with(".mjs") => {
            let mut command = Command::new("node");
            command.arg(script);
            command
        }
        Some(script) => {
            let mut command = Command::new("bash");
            command.arg(script);
            command
        }
        None => bail!("contracts/tools has no audit script"),
    };
    process::run(command.current_dir(&contracts))?;
    Ok(ExitCode::SUCCESS)
}
