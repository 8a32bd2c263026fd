//! Forbids work that outlives its page from reading the page's signals, which would crash the application in the
//! browser.
//!
//! `app::task` describes how work is started. Work that runs to its end is checked here; work that ends with its page
//! may read.

use std::fs;

use anyhow::{Context, Result, bail};

use super::tracked;
use crate::workspace::Workspace;

/// Calls that start work which runs to its end.
const BEGINNINGS: [&str; 4] = [
    "spawn_local(async",
    ".run(async",
    ".send(async",
    ".change(request, async",
];

/// Reads that panic if the signal is gone. Those named `try_…` do not.
const READINGS: [&str; 10] = [
    ".get()",
    ".get_untracked()",
    ".with(",
    ".with_untracked(",
    ".read()",
    ".read_untracked()",
    ".get_value()",
    ".with_value(",
    ".read_value()",
    "live.id()",
];

/// Checks the sources of `app`.
pub(super) fn check(workspace: &Workspace) -> Result<()> {
    let mut problems = Vec::new();
    for (name, path) in tracked::files(workspace, &["app/src/*.rs"])? {
        let text = fs::read_to_string(&path).with_context(|| format!("could not read {name}"))?;
        problems.extend(in_text(&text).map(|problem| format!("{name}:{problem}")));
    }
    if problems.is_empty() {
        return Ok(());
    }
    bail!(
        "work that outlives its page reads its signals; take the values along, or read with `try_…`:\n{}",
        problems.join("\n")
    )
}

/// Returns the forbidden reads, each with its line.
fn in_text(text: &str) -> impl Iterator<Item = String> {
    let beginnings = BEGINNINGS.into_iter();
    let works = beginnings.flat_map(move |beginning| text.match_indices(beginning));
    works.flat_map(|(begin, _)| {
        let end = begin + length_of_call(&text[begin..]);
        let first_line = text[..begin].lines().count();
        let lines = text[begin..end].lines().enumerate();
        lines.flat_map(move |(number, line)| {
            let found = READINGS
                .iter()
                .filter(move |reading| line.contains(**reading));
            found.map(move |reading| format!("{}: {reading}", first_line.max(1) + number))
        })
    })
}

/// Returns the length up to the parenthesis that closes the first one.
fn length_of_call(text: &str) -> usize {
    let mut depth = 0_usize;
    for (at, character) in text.char_indices() {
        match character {
            '(' => depth += 1,
            ')' if depth == 1 => return at,
            ')' => depth -= 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::in_text;

    #[test]
    fn a_reading_after_the_page_is_found_with_its_line() {
        let text = "let go = move || {\n    spawn_local(async move {\n        done(now()).await;\n        \
                    if busy.get_untracked() {}\n    });\n    busy.get_untracked();\n};\n";
        assert_eq!(in_text(text).collect::<Vec<_>>(), ["4: .get_untracked()"]);
    }

    #[test]
    fn work_that_a_request_runs_is_looked_through_too() {
        let text = "request.run(async move { ask().await?; text.get(); Ok(()) });";
        assert_eq!(in_text(text).collect::<Vec<_>>(), ["1: .get()"]);
    }

    #[test]
    fn what_asks_whether_the_signal_is_there_may_stay() {
        let text = "spawn_local(async move { busy.try_get_untracked(); busy.set(true); });";
        assert_eq!(in_text(text).count(), 0);
    }
}
