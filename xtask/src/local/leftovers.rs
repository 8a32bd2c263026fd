//! Programs left behind by an earlier run that was killed before it could stop them.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::clock::POLL_INTERVAL;
use crate::clock::Stopwatch;
use crate::workspace::Workspace;

/// Parts of our programs' command lines.
const OURS: [&str; 3] = ["anvil", "necto-sandbox", "necto serve"];

/// Records which processes are running.
pub(super) fn remember(workspace: &Workspace, pids: &[u32]) -> Result<()> {
    let lines: Vec<String> = pids.iter().map(u32::to_string).collect();
    fs::write(workspace.state("processes"), lines.join("\n"))
        .context("could not note which processes run")
}

/// Records that none is running any more.
pub(super) fn forget(workspace: &Workspace) -> Result<()> {
    remember(workspace, &[])
}

/// Stops the programs that an earlier run left behind, in the order in which a run would.
pub(super) fn end(workspace: &Workspace) -> Result<()> {
    let path = workspace.state("processes");
    if !path.exists() {
        return Ok(());
    }
    let noted = fs::read_to_string(&path).context("could not read which processes ran")?;
    for pid in noted
        .lines()
        .rev()
        .filter_map(|line| line.parse::<i32>().ok())
    {
        if !is_ours(&command_line(pid)?) {
            continue;
        }
        println!("Ending process {pid}, which an earlier run left behind");
        let pid = Pid::from_raw(pid);
        kill(pid, Signal::SIGINT).context("could not end a process of an earlier run")?;
        let waited = Stopwatch::start();
        while kill(pid, None).is_ok() {
            if waited.elapsed().as_secs() >= 10 {
                kill(pid, Signal::SIGKILL).context("could not kill a process of an earlier run")?;
            }
            std::thread::sleep(POLL_INTERVAL);
        }
    }
    forget(workspace)
}

/// Returns the command line of a process; empty if there is none (any more).
fn command_line(pid: i32) -> Result<String> {
    let output = Command::new("ps")
        .args(["-o", "args=", "-p", &pid.to_string()])
        .output()
        .context("could not run `ps`")?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn is_ours(command_line: &str) -> bool {
    OURS.iter().any(|part| command_line.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recycled_process_id_is_left_alone() {
        assert!(is_ours("/somewhere/target/debug/necto serve"));
        assert!(is_ours("/somewhere/bin/anvil --chain-id 99999"));
        assert!(!is_ours("vim necto.md"));
        assert!(!is_ours(""));
    }
}
