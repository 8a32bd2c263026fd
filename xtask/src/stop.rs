//! Handles requests to stop: Ctrl-C, SIGTERM or a closed terminal.
//!
//! The handler only sets a flag. Code that waits for something checks the flag and shuts down in order.

use std::process::Child;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::clock::POLL_INTERVAL;
use crate::clock::Stopwatch;

static REQUESTED: AtomicBool = AtomicBool::new(false);

/// Installs the handler. To be called once.
pub(crate) fn listen() -> Result<()> {
    ctrlc::set_handler(|| REQUESTED.store(true, Ordering::SeqCst))
        .context("could not install the Ctrl-C handler")
}

/// Whether xtask was asked to stop.
pub(crate) fn requested() -> bool {
    REQUESTED.load(Ordering::SeqCst)
}

/// Sends a signal to a child.
pub(crate) fn signal(child: &Child, signal: Signal) -> Result<()> {
    let pid = i32::try_from(child.id()).context("a process id beyond the system's range")?;
    kill(Pid::from_raw(pid), signal).with_context(|| format!("could not signal process {pid}"))
}

/// Asks a child to end, and kills it if it does not within ten seconds.
pub(crate) fn end(child: &mut Child) -> Result<()> {
    end_with(child, Signal::SIGTERM, Duration::from_secs(10)).map(|_| ())
}

/// The way in which a child ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// By itself, after the signal.
    Willing,
    /// Only by being killed.
    Killed,
}

/// Sends `first` to a child, waits up to `patience` for it to end, and kills it after that.
pub(crate) fn end_with(child: &mut Child, first: Signal, patience: Duration) -> Result<Ending> {
    if child
        .try_wait()
        .context("could not wait for a child")?
        .is_some()
    {
        return Ok(Ending::Willing);
    }
    signal(child, first)?;
    let waited = Stopwatch::start();
    while waited.elapsed() < patience {
        if child
            .try_wait()
            .context("could not wait for a child")?
            .is_some()
        {
            return Ok(Ending::Willing);
        }
        thread::sleep(POLL_INTERVAL);
    }
    child.kill().context("could not kill a child")?;
    child.wait().context("could not wait for a child")?;
    Ok(Ending::Killed)
}
