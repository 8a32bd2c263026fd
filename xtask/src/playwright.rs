//! Runs Playwright and counts its results.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::process;
use crate::test::Tally;
use crate::tools;
use crate::workspace::Workspace;

/// Whether the TypeScript of `end2end` is sound, said aloud.
pub(crate) fn is_sound(workspace: &Workspace) -> Result<bool> {
    let sound = process::succeeds(
        Command::new(tools::packaged(workspace, "end2end", "tsc"))
            .current_dir(workspace.path("end2end")),
    )?;
    println!(
        "{}  the TypeScript of end2end is sound",
        if sound { "ok    " } else { "FAILED" }
    );
    Ok(sound)
}

/// Runs the tests of a project; `prepare` adds what they need.
pub(crate) fn run(
    workspace: &Workspace,
    project: &str,
    prepare: impl FnOnce(&mut Command),
) -> Result<Tally> {
    Ok(run_once(workspace, project, &[], prepare)?.tally)
}

/// So many failed tests get a second try; more are no accident.
const SECOND_TRIES: usize = 3;

/// Runs the tests of a project, and those that failed once more, alone: a machine busy with other work makes a wait
/// run out now and then, and a defect fails both times. What passed alone only is named, never silent.
pub(crate) fn run_with_second_try(
    workspace: &Workspace,
    project: &str,
    prepare: impl Fn(&mut Command),
) -> Result<Tally> {
    let first = run_once(workspace, project, &[], &prepare)?;
    if first.failed.is_empty() || first.failed.len() > SECOND_TRIES {
        return Ok(first.tally);
    }
    println!("\nWhat failed runs once more, alone.");
    let alone = ["--last-failed", "--workers=1"];
    let second = run_once(workspace, project, &alone, &prepare)?;
    let (tally, flaky) = together(&first, &second);
    for name in flaky {
        println!("FLAKY   {name}: failed beside others, passed alone");
    }
    Ok(tally)
}

/// The result of both tries, and the names of those that passed in the second only.
fn together<'first>(first: &'first Report, second: &Report) -> (Tally, Vec<&'first str>) {
    let ran = second.passed.len() + second.failed.len();
    if ran != first.failed.len() {
        // The second try did not run what failed: it says nothing about it.
        return (first.tally, Vec::new());
    }
    let flaky: Vec<&str> = first
        .failed
        .iter()
        .filter(|name| second.passed.contains(name))
        .map(String::as_str)
        .collect();
    let mut tally = Tally::default();
    for _ in 0..first.passed.len() + flaky.len() {
        tally.count(true);
    }
    for _ in flaky.len()..first.failed.len() {
        tally.count(false);
    }
    (tally, flaky)
}

fn run_once(
    workspace: &Workspace,
    project: &str,
    options: &[&str],
    prepare: impl FnOnce(&mut Command),
) -> Result<Report> {
    let report = workspace.target(&format!("{project}.json"));
    if report.exists() {
        fs::remove_file(&report).context("could not remove the last report")?;
    }
    let mut command = Command::new(tools::packaged(workspace, "end2end", "playwright"));
    command
        .current_dir(workspace.path("end2end"))
        .args(["test", &format!("--project={project}")])
        .args(options)
        .env("PLAYWRIGHT_JSON_OUTPUT_NAME", &report);
    prepare(&mut command);
    let green = process::succeeds(&mut command)?;
    let report = read(&fs::read_to_string(&report).context("Playwright wrote no report")?)?;
    ensure!(
        green || !report.tally.has_none_failed(),
        "Playwright failed without a failing test"
    );
    Ok(report)
}

/// What Playwright wrote: how many passed and failed, and their names.
#[derive(Debug, PartialEq, Eq)]
struct Report {
    tally: Tally,
    passed: Vec<String>,
    failed: Vec<String>,
}

/// Reads the report; an error outside any test counts as one more failure.
fn read(report: &str) -> Result<Report> {
    let report: Value = serde_json::from_str(report).context("Playwright's report is no JSON")?;
    let number = |name: &str| {
        report["stats"][name]
            .as_u64()
            .and_then(|number| u32::try_from(number).ok())
            .with_context(|| format!("Playwright's report lacks its number of {name} tests"))
    };
    let tally = Tally::new(
        number("expected")?,
        number("unexpected")? + number("flaky")?,
    );
    let (mut passed, mut failed) = (Vec::new(), Vec::new());
    for suite in elements(&report["suites"]) {
        collect(suite, &mut passed, &mut failed);
    }
    Ok(Report {
        tally,
        passed,
        failed,
    })
}

/// The names of the tests of a suite and of those within it.
fn collect(suite: &Value, passed: &mut Vec<String>, failed: &mut Vec<String>) {
    for spec in elements(&suite["specs"]) {
        let name = format!(
            "{}: {}",
            spec["file"].as_str().unwrap_or("?"),
            spec["title"].as_str().unwrap_or("?")
        );
        for test in elements(&spec["tests"]) {
            match test["status"].as_str() {
                Some("expected") => passed.push(name.clone()),
                Some("skipped") => {}
                _ => failed.push(name.clone()),
            }
        }
    }
    for inner in elements(&suite["suites"]) {
        collect(inner, passed, failed);
    }
}

fn elements(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(passed: &[&str], failed: &[&str]) -> Report {
        let owned = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        let count = |names: &[&str]| u32::try_from(names.len()).expect("is small");
        Report {
            tally: Tally::new(count(passed), count(failed)),
            passed: owned(passed),
            failed: owned(failed),
        }
    }

    #[test]
    fn a_test_that_is_flaky_within_a_run_has_failed() {
        let text = r#"{"stats": {"expected": 1, "unexpected": 1, "flaky": 1, "skipped": 1}, "suites": [
            {"specs": [{"file": "a.ts", "title": "one", "tests": [{"status": "expected"}]}],
             "suites": [{"specs": [
                {"file": "a.ts", "title": "two", "tests": [{"status": "unexpected"}]},
                {"file": "a.ts", "title": "three", "tests": [{"status": "flaky"}]},
                {"file": "a.ts", "title": "four", "tests": [{"status": "skipped"}]}]}]}]}"#;
        let read = read(text).expect("reads");
        assert_eq!(read, report(&["a.ts: one"], &["a.ts: two", "a.ts: three"]));
    }

    #[test]
    fn what_passes_alone_is_named_and_what_fails_twice_has_failed() {
        let first = report(&["a"], &["b", "c"]);
        let (tally, flaky) = together(&first, &report(&["b"], &["c"]));
        assert_eq!((tally, flaky), (Tally::new(2, 1), vec!["b"]));
    }

    #[test]
    fn a_second_try_that_ran_something_else_says_nothing() {
        let first = report(&["a"], &["b", "c"]);
        let (tally, flaky) = together(&first, &report(&["b"], &[]));
        assert_eq!((tally, flaky), (Tally::new(1, 2), vec![]));
    }

    #[test]
    fn a_report_without_numbers_is_an_error() {
        assert_eq!(
            read(r#"{"stats": {}}"#).expect_err("has none").to_string(),
            "Playwright's report lacks its number of expected tests"
        );
    }
}
