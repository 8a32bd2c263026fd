//! `cargo xtask eval [FILE]`: how much an interpreter understands of a file of sentences.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use interpret::eval::{Score, parse_cases, score_rules};

use crate::test::{Tally, shared_material};
use crate::workspace::Workspace;

/// The project's own sentences.
const OWN: &str = "crates/interpret/tests/sentences.jsonl";
/// Sentences of others, below the folder of shared reference material.
const SHARED: &str = "evals/prompts.jsonl";
/// Least part of the expected fields that must be right, in thousandths.
const LEAST_PERMILLE: usize = 950;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A prompts file, one JSON case a line. Without one: the project's own sentences, and those of the folder
    /// NECTO_SHARED names.
    file: Option<PathBuf>,
}

/// Scores the file, or both known ones; fails under 95 %.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<ExitCode> {
    let files = match &arguments.file {
        Some(file) => vec![file.clone()],
        None => known_files(workspace),
    };
    let mut good = true;
    for file in files {
        good &= with_rules(workspace, &file)?;
    }
    Ok(if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The score as a part of the tests: each file counts as one.
pub(crate) fn tally(workspace: &Workspace) -> Result<Tally> {
    let mut tally = Tally::default();
    for file in known_files(workspace) {
        tally.count(with_rules(workspace, &file)?);
    }
    Ok(tally)
}

fn known_files(workspace: &Workspace) -> Vec<PathBuf> {
    let shared = shared_material(workspace).map(|folder| folder.join(SHARED));
    let shared = shared.filter(|file| file.is_file());
    if shared.is_none() {
        println!("skipped: NECTO_SHARED names no folder with {SHARED}");
    }
    std::iter::once(workspace.path(OWN)).chain(shared).collect()
}

fn with_rules(workspace: &Workspace, file: &Path) -> Result<bool> {
    let text = fs::read_to_string(file)
        .with_context(|| format!("{} cannot be read", workspace.shown(file)))?;
    let cases = parse_cases(&text).with_context(|| workspace.shown(file))?;
    ensure!(!cases.is_empty(), "{} holds no case", workspace.shown(file));
    let score = score_rules(&cases);
    println!("{}, built-in rules\n{score}", workspace.shown(file));
    Ok(is_good(&score))
}

fn is_good(score: &Score) -> bool {
    score.permille() >= LEAST_PERMILLE && score.unlisted.is_empty()
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
