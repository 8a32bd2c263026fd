//! Scores the model adapter: `necto interpret --adapter model` interprets, and the same code scores.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use interpret::eval::{Score, score};
use serde_json::Value;

use super::{cases_of, report};
use crate::local::sandbox_model;
use crate::local::services::Services;
use crate::loopback;
use crate::process;
use crate::server::{self, Alongside, Profile, Programs};
use crate::workspace::Workspace;

/// Name of the variable with the real model's key; setting it selects the real model.
const KEY: &str = "NECTO_MODEL_KEY";
/// First port to try for the sandbox.
const SANDBOX_PORT: u16 = 4110;
/// Folder of the sandbox's log, below the target directory.
const STATE: &str = "eval-model";

/// Scores `files`; returns whether all of them are good enough.
pub(super) fn score_files(workspace: &Workspace, files: &[PathBuf]) -> Result<bool> {
    let programs = server::build(workspace, Profile::Debug, Alongside::Nothing)?;
    if env::var_os(KEY).is_some_and(|key| !key.is_empty()) {
        return with(workspace, files, &programs, "model of NECTO_MODEL_URL", &[]);
    }
    let workspace = &workspace.keeping_state_in(&workspace.target(STATE));
    std::fs::create_dir_all(workspace.state("logs"))
        .context("could not create a folder for logs")?;
    let port = loopback::free_port(SANDBOX_PORT)?;
    let mut sandbox = Command::new(programs.sandbox());
    sandbox.args(["--listen", &format!("127.0.0.1:{port}")]);
    let mut services = Services::new(workspace.clone());
    services.start("sandbox", &mut sandbox)?;
    services.wait_until_answers("sandbox", port, "/__sim/state")?;
    let simulated = sandbox_model::settings(&format!("http://127.0.0.1:{port}"));
    let good = with(
        workspace,
        files,
        &programs,
        "model adapter, with a simulated model: the sandbox simulates it by the built-in rules",
        &simulated,
    );
    services.stop()?;
    good
}

fn with(
    workspace: &Workspace,
    files: &[PathBuf],
    programs: &Programs,
    reader: &str,
    settings: &[(&str, String)],
) -> Result<bool> {
    let mut good = true;
    for file in files {
        let score = score_of(workspace, file, programs, settings)?;
        good &= report(workspace, file, reader, &score);
    }
    Ok(good)
}

fn score_of(
    workspace: &Workspace,
    file: &Path,
    programs: &Programs,
    settings: &[(&str, String)],
) -> Result<Score> {
    let cases = cases_of(workspace, file)?;
    let printed = process::capture(
        Command::new(programs.necto())
            .current_dir(workspace.root())
            .args(["interpret", "--adapter", "model", "--prompts"])
            .arg(file)
            .envs(settings.iter().map(|(name, value)| (name, value))),
    )?;
    let answers: Vec<Value> = printed
        .lines()
        .map(serde_json::from_str)
        .collect::<Result<_, _>>()
        .context("an answer is no JSON")?;
    ensure!(
        answers.len() == cases.len(),
        "{} answers to {} sentences",
        answers.len(),
        cases.len()
    );
    let mut answers = answers.into_iter();
    Ok(score(&cases, |_| answers.next().unwrap_or_default()))
}
