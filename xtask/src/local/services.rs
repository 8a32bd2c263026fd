//! The programs that run in the background while Necto is up.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use nix::sys::signal::Signal;

use super::leftovers;
use crate::clock::POLL_INTERVAL;
use crate::clock::Stopwatch;
use crate::loopback;
use crate::stop::{self, Ending};
use crate::workspace::Workspace;

/// Maximum wait for a program to answer.
const READY_WITHIN: Duration = Duration::from_secs(60);
/// Maximum wait for a program to end by itself.
const ENDED_WITHIN: Duration = Duration::from_secs(15);
/// Number of log lines that are shown if a program fails.
const LAST_LINES: usize = 25;

/// Programs in the order in which they were started; they are stopped in reverse.
#[derive(Debug)]
pub(crate) struct Services {
    workspace: Workspace,
    running: Vec<Service>,
}

#[derive(Debug)]
struct Service {
    name: &'static str,
    child: Child,
    log: PathBuf,
}

impl Services {
    /// Makes a set of services without programs.
    pub(crate) fn new(workspace: Workspace) -> Self {
        Self {
            workspace,
            running: Vec::new(),
        }
    }

    /// Starts a program whose output goes to `logs/<name>.log` in the state folder.
    ///
    /// It gets its own process group, so that Ctrl-C on the terminal reaches only xtask, which then stops the programs
    /// in order.
    pub(crate) fn start(&mut self, name: &'static str, command: &mut Command) -> Result<()> {
        let log = self.workspace.state(&format!("logs/{name}.log"));
        let output = File::create(&log)
            .with_context(|| format!("could not write {}", self.workspace.shown(&log)))?;
        let errors = output.try_clone().context("could not share a log file")?;
        let child = command
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(errors)
            .process_group(0)
            .spawn()
            .with_context(|| format!("could not start the {name}"))?;
        println!("      {name} (process {})", child.id());
        self.running.push(Service { name, child, log });
        let pids: Vec<u32> = self
            .running
            .iter()
            .map(|service| service.child.id())
            .collect();
        leftovers::remember(&self.workspace, &pids)
    }

    /// Waits until a program answers `path` with a success status.
    pub(crate) fn wait_until_answers(&mut self, name: &str, port: u16, path: &str) -> Result<()> {
        self.wait_until(name, || {
            loopback::get(port, path).is_ok_and(|answer| answer.status == 200)
        })
    }

    /// Waits until `ready`; fails if a program ends before that, or if it takes too long.
    pub(crate) fn wait_until(&mut self, name: &str, ready: impl Fn() -> bool) -> Result<()> {
        let waited = Stopwatch::start();
        while !ready() {
            self.check()?;
            if stop::requested() {
                bail!("Stopped.");
            }
            if waited.elapsed() > READY_WITHIN {
                bail!(
                    "The {name} does not answer after {} s.\n{}",
                    READY_WITHIN.as_secs(),
                    self.last_lines(name)
                );
            }
            thread::sleep(POLL_INTERVAL);
        }
        Ok(())
    }

    /// Fails if a program has ended.
    pub(crate) fn check(&mut self) -> Result<()> {
        for service in &mut self.running {
            if let Some(status) = service
                .child
                .try_wait()
                .context("could not look at a child")?
            {
                let name = service.name;
                bail!(
                    "The {name} ended by itself ({status}).\n{}",
                    self.last_lines(name)
                );
            }
        }
        Ok(())
    }

    /// Stops all programs, last started first. Tries every one, then reports the first failure.
    pub(crate) fn stop(&mut self) -> Result<()> {
        let mut outcome = Ok(());
        while let Some(mut service) = self.running.pop() {
            // The chain writes its state on SIGINT; the others shut down on SIGTERM.
            let signal = if service.name == "chain" {
                Signal::SIGINT
            } else {
                Signal::SIGTERM
            };
            match stop::end_with(&mut service.child, signal, ENDED_WITHIN) {
                Ok(Ending::Willing) => {}
                Ok(Ending::Killed) => println!(
                    "The {} did not end within {} s and was killed.",
                    service.name,
                    ENDED_WITHIN.as_secs()
                ),
                Err(error) => outcome = outcome.and(Err(error)),
            }
        }
        outcome
    }

    fn last_lines(&self, name: &str) -> String {
        let Some(service) = self.running.iter().find(|service| service.name == name) else {
            return String::new();
        };
        match fs::read(&service.log) {
            Ok(log) => format!(
                "Its last lines (all of them are in {}):\n{}",
                self.workspace.shown(&service.log),
                tail(&String::from_utf8_lossy(&log), LAST_LINES)
            ),
            Err(error) => format!("Its log cannot be read: {error}"),
        }
    }
}

impl Drop for Services {
    fn drop(&mut self) {
        if let Err(error) = self.stop() {
            eprintln!("{error:#}");
        }
    }
}

fn tail(text: &str, lines: usize) -> String {
    let all: Vec<&str> = text.lines().collect();
    all[all.len().saturating_sub(lines)..]
        .iter()
        .map(|line| format!("  | {line}"))
        .collect::<Vec<_>>()
        .join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_is_the_last_lines_in_order() {
        assert_eq!(tail("a\nb\nc\n", 2), "  | b\n  | c");
        assert_eq!(tail("a", 2), "  | a");
        assert_eq!(tail("", 2), "");
    }
}
