//! `cargo xtask eval [FILE]`: scores how much of a file of sentences an interpreter understands.

mod model;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use interpret::eval::{Case, Score, parse_cases, score_rules};

use crate::process::is_watched;
use crate::tally::Tally;
use crate::workspace::Workspace;

/// The project's own sentences.
const OWN: &str = "crates/interpret/tests/sentences.jsonl";
/// Third-party sentences, below the folder of shared reference material.
const SHARED: &str = "evals/prompts.jsonl";
/// Name under which the built-in rules are reported.
const RULES: &str = "built-in rules";
/// Minimum share of the expected fields that must be right, in thousandths.
const MIN_SCORE_PERMILLE: usize = 950;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A prompts file, one JSON case a line. Without one: the project's own sentences, and those of the folder
    /// NECTO_SHARED names.
    file: Option<PathBuf>,
    /// Interpreter whose understanding is scored.
    #[arg(long, value_enum, default_value_t)]
    adapter: Adapter,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
enum Adapter {
    /// The built-in rules.
    #[default]
    Rules,
    /// The model adapter: with NECTO_MODEL_KEY the model that the NECTO_MODEL variables name, otherwise the one
    /// that the sandbox simulates.
    Model,
}

/// Scores the given file or both known ones; fails below 95 %.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<ExitCode> {
    let files = match &arguments.file {
        Some(file) => vec![file.clone()],
        None => known_files(workspace),
    };
    let good = match arguments.adapter {
        Adapter::Rules => {
            let mut good = true;
            for file in files {
                good &= with_rules(workspace, &file)?;
            }
            good
        }
        Adapter::Model => model::score_files(workspace, &files)?,
    };
    Ok(if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Returns the score as a part of the tests: each file counts as one test.
pub(crate) fn tally(workspace: &Workspace) -> Result<Tally> {
    let mut tally = Tally::default();
    for file in known_files(workspace) {
        let name = workspace.shown(&file);
        let score = score_rules(&cases_of(workspace, &file)?);
        let good = if is_watched() || !is_good(&score) {
            report(workspace, &file, RULES, &score)
        } else {
            println!("{name}, {}", score.total_line());
            true
        };
        tally.count(&name, good);
    }
    Ok(tally)
}

fn known_files(workspace: &Workspace) -> Vec<PathBuf> {
    let shared = workspace
        .shared_material()
        .map(|folder| folder.join(SHARED));
    let shared = shared.filter(|file| file.is_file());
    if shared.is_none() {
        println!("skipped: NECTO_SHARED names no folder with {SHARED}");
    }
    std::iter::once(workspace.path(OWN)).chain(shared).collect()
}

fn with_rules(workspace: &Workspace, file: &Path) -> Result<bool> {
    let score = score_rules(&cases_of(workspace, file)?);
    Ok(report(workspace, file, RULES, &score))
}

fn cases_of(workspace: &Workspace, file: &Path) -> Result<Vec<Case>> {
    let text = fs::read_to_string(file)
        .with_context(|| format!("{} cannot be read", workspace.shown(file)))?;
    let cases = parse_cases(&text).with_context(|| workspace.shown(file))?;
    ensure!(!cases.is_empty(), "{} holds no case", workspace.shown(file));
    Ok(cases)
}

/// Prints a score; returns whether it is good enough.
fn report(workspace: &Workspace, file: &Path, reader: &str, score: &Score) -> bool {
    println!("{}, {reader}\n{score}", workspace.shown(file));
    is_good(score)
}

fn is_good(score: &Score) -> bool {
    score.permille() >= MIN_SCORE_PERMILLE && score.unlisted.is_empty()
}

#[cfg(test)]
mod tests {
    use interpret::eval::{FieldScore, Score};

    use super::is_good;

    fn scored(right: usize, unlisted: usize) -> Score {
        Score {
            fields: [("cpu".to_owned(), FieldScore { right, total: 100 })].into(),
            unlisted: vec![("a sentence".to_owned(), "region".to_owned()); unlisted],
            ..Score::default()
        }
    }

    #[test]
    fn a_score_below_ninety_five_percent_or_with_an_unlisted_field_fails() {
        assert!(is_good(&scored(95, 0)));
        assert!(!is_good(&scored(94, 0)));
        assert!(!is_good(&scored(100, 1)));
    }
}
