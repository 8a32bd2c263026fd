//! Running other programs in the foreground.

use std::env;
use std::io::{BufRead, BufReader, IsTerminal, Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;

use anyhow::{Context, Result, bail};

use crate::clock::POLL_INTERVAL;
use crate::stop;
use crate::workspace::Workspace;

/// Prepares a `cargo` command in the checkout.
///
/// Variables that the surrounding `cargo run` has set are removed: build scripts that watch them would otherwise run
/// again whenever cargo is called alternately directly and through xtask. `LEPTOS_OUTPUT_NAME` is removed too: if
/// compiled in, it changes the name that the server gives the WASM.
pub(crate) fn cargo(workspace: &Workspace) -> Command {
    let program = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.current_dir(workspace.root());
    for (name, _) in env::vars_os() {
        let Some(name) = name.to_str() else { continue };
        if [
            "CARGO_PKG_",
            "CARGO_MANIFEST_",
            "CARGO_BIN_",
            "CARGO_CRATE_",
        ]
        .iter()
        .any(|prefix| name.starts_with(prefix))
        {
            command.env_remove(name);
        }
    }
    command.env_remove("LEPTOS_OUTPUT_NAME");
    if !is_watched() {
        command.env("CARGO_TERM_QUIET", "true");
    }
    command
}

/// Whether a person is watching the output as it arrives. Otherwise, as in a log, only what matters is printed: a
/// thousand lines about passed tests would hide the one about a failure.
pub(crate) fn is_watched() -> bool {
    std::io::stdout().is_terminal()
}

/// Returns the command line as a person would type it.
pub(crate) fn shown(command: &Command) -> String {
    let program = command.get_program().to_string_lossy();
    let program = program.rsplit('/').next().unwrap_or(&program).to_owned();
    command.get_args().fold(program, |line, argument| {
        format!("{line} {}", argument.to_string_lossy())
    })
}

/// Runs a program with its output on our terminal, and fails if it fails.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let line = shown(command);
    let mut child = spawn(command)?;
    let status = wait(&mut child)?;
    if !status.success() {
        bail!("`{line}` failed ({status})");
    }
    Ok(())
}

/// Runs a program with its output on our terminal; returns whether it succeeded.
pub(crate) fn succeeds(command: &mut Command) -> Result<bool> {
    let mut child = spawn(command)?;
    Ok(wait(&mut child)?.success())
}

/// Runs a program and returns its standard output; its standard error stays on our terminal.
pub(crate) fn capture(command: &mut Command) -> Result<String> {
    let line = shown(command);
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("could not start `{line}`"))?;
    if !output.status.success() {
        bail!("`{line}` failed ({})", output.status);
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{line}` printed no text"))
}

/// The output and the status of a program.
#[derive(Debug)]
pub(crate) struct Transcript {
    /// Exit status, or the signal that ended the program.
    pub(crate) status: ExitStatus,
    /// Standard output, then standard error.
    pub(crate) text: String,
}

/// Runs a program, passing the lines accepted by `show` to our terminal and keeping all of them.
///
/// `show` is used for both streams, as a separate copy for each.
pub(crate) fn watch<Show>(command: &mut Command, show: Show) -> Result<Transcript>
where
    Show: FnMut(&str) -> bool + Clone + Send + 'static,
{
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = spawn(command)?;
    let stdout = child
        .stdout
        .take()
        .expect("standard output was asked to be a pipe");
    let stderr = child
        .stderr
        .take()
        .expect("standard error was asked to be a pipe");
    let out = follow(stdout, show.clone());
    let err = follow(stderr, show);
    let status = wait(&mut child)?;
    let mut text = out.join().expect("reading a pipe does not panic")?;
    text.push_str(&err.join().expect("reading a pipe does not panic")?);
    Ok(Transcript { status, text })
}

fn follow<Stream, Show>(stream: Stream, mut show: Show) -> thread::JoinHandle<Result<String>>
where
    Stream: Read + Send + 'static,
    Show: FnMut(&str) -> bool + Send + 'static,
{
    thread::spawn(move || {
        let mut reader = BufReader::new(stream);
        let mut kept = String::new();
        let mut bytes = Vec::new();
        while reader
            .read_until(b'\n', &mut bytes)
            .context("a child's output broke off")?
            > 0
        {
            let line = String::from_utf8_lossy(&bytes);
            if show(line.trim_end_matches('\n')) {
                let mut terminal = std::io::stdout().lock();
                terminal
                    .write_all(line.as_bytes())
                    .context("our own output is closed")?;
                terminal.flush().context("our own output is closed")?;
            }
            kept.push_str(&line);
            bytes.clear();
        }
        Ok(kept)
    })
}

fn spawn(command: &mut Command) -> Result<Child> {
    let line = shown(command);
    command
        .stdin(Stdio::null())
        .spawn()
        .with_context(|| format!("could not start `{line}`"))
}

/// Waits for a child, and ends it if xtask is asked to stop.
fn wait(child: &mut Child) -> Result<ExitStatus> {
    loop {
        if let Some(status) = child.try_wait().context("could not wait for a child")? {
            if stop::requested() {
                bail!("Stopped.");
            }
            return Ok(status);
        }
        if stop::requested() {
            stop::end(child)?;
            bail!("Stopped.");
        }
        thread::sleep(POLL_INTERVAL);
    }
}
