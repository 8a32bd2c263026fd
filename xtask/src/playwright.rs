//! Runs Playwright and counts its results.

use std::fmt;
use std::fs;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::process;
use crate::tally::Tally;
use crate::tools;
use crate::workspace::Workspace;

/// Checks the TypeScript of `end2end`, and prints the result.
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

/// Runs the tests of a project; `prepare` adds the environment that they need.
pub(crate) fn run(
    workspace: &Workspace,
    project: &str,
    prepare: impl FnOnce(&mut Command),
) -> Result<Tally> {
    Ok(run_once(workspace, project, &[], prepare)?.tally)
}

/// The outcome of one test.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// File and title of the test.
    pub(crate) name: String,
    /// Errors of its last run, in one line; `None` if it passed.
    pub(crate) why: Option<String>,
}

/// Runs the tests of a project and returns each with its outcome, passed ones first.
pub(crate) fn run_and_name(
    workspace: &Workspace,
    project: &str,
    prepare: impl FnOnce(&mut Command),
) -> Result<(Tally, Vec<Outcome>)> {
    let report = run_once(workspace, project, &[], prepare)?;
    let passed = report
        .passed
        .into_iter()
        .map(|name| Outcome { name, why: None });
    let failed = report.failed.into_iter().map(|failed| Outcome {
        name: failed.name,
        why: Some(failed.why),
    });
    Ok((report.tally, passed.chain(failed).collect()))
}

/// Maximum number of failed tests that get a second try; more than this is no coincidence.
const SECOND_TRIES: usize = 3;

/// Runs the tests of a project, and runs those that failed once more, alone: on a busy machine a wait may time out now
/// and then, whereas a defect fails both times. Tests that passed only when alone are reported by name.
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
    Ok(together(first, &second))
}

/// Combines the results of both tries. Tests that passed only in the second are named with the errors of the first.
/// Errors outside any test get no second try.
fn together(first: Report, second: &Report) -> Tally {
    let ran = second.passed.len() + second.failed.len();
    if ran != first.failed.len() {
        // The second try did not run the failed tests, so it says nothing about them.
        return first.tally;
    }
    let mut tally = Tally::default();
    for name in &first.passed {
        tally.count(name, true);
    }
    for failed in &first.failed {
        let passed = second.passed.contains(&failed.name);
        tally.count(&failed.to_string(), passed);
        if passed {
            tally.remark(format!(
                "FLAKY   failed beside others and passed alone: {failed}"
            ));
        }
    }
    for what in first.outside.iter().chain(&second.outside) {
        tally.count(what, false);
    }
    tally
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

/// Playwright's report: names and numbers of passed and failed tests.
#[derive(Debug, PartialEq, Eq)]
struct Report {
    tally: Tally,
    passed: Vec<String>,
    failed: Vec<Failed>,
    /// Errors outside any test, one line each, such as a server that panicked.
    outside: Vec<String>,
}

/// A test that failed.
#[derive(Debug, PartialEq, Eq)]
struct Failed {
    /// File and title of the test.
    name: String,
    /// Errors of its last run, in one line.
    why: String,
}

impl fmt::Display for Failed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.name, self.why)
    }
}

/// Parses the report; an error outside any test counts as one more failure.
fn read(report: &str) -> Result<Report> {
    let report: Value = serde_json::from_str(report).context("Playwright's report is no JSON")?;
    let number = |name: &str| {
        report["stats"][name]
            .as_u64()
            .and_then(|number| u32::try_from(number).ok())
            .with_context(|| format!("Playwright's report lacks its number of {name} tests"))
    };
    let mut tally = Tally::new(
        number("expected")?,
        number("unexpected")? + number("flaky")?,
    );
    let (mut passed, mut failed) = (Vec::new(), Vec::new());
    for suite in elements(&report["suites"]) {
        collect(suite, &mut passed, &mut failed);
    }
    for one in &failed {
        tally.remark(format!("FAILED  {one}"));
    }
    let outside: Vec<String> = elements(&report["errors"])
        .map(|error| format!("outside any test: {}", in_a_line(error)))
        .collect();
    for what in &outside {
        tally.count(what, false);
    }
    Ok(Report {
        tally,
        passed,
        failed,
        outside,
    })
}

/// Collects the names of the tests in a suite and its nested suites.
fn collect(suite: &Value, passed: &mut Vec<String>, failed: &mut Vec<Failed>) {
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
                _ => failed.push(Failed {
                    name: name.clone(),
                    why: why(test),
                }),
            }
        }
    }
    for inner in elements(&suite["suites"]) {
        collect(inner, passed, failed);
    }
}

/// Returns the errors of a test's last run in one line: what was expected where, and what was found.
fn why(test: &Value) -> String {
    let last = elements(&test["results"]).last().unwrap_or(&Value::Null);
    let all: Vec<String> = elements(&last["errors"]).map(in_a_line).collect();
    if all.is_empty() {
        return in_a_line(&last["error"]);
    }
    all.join(" | ")
}

/// Joins the first informative lines of an error.
fn in_a_line(error: &Value) -> String {
    let message = error["message"].as_str().unwrap_or("no error was reported");
    let lines = message.lines().map(plain);
    let telling: Vec<String> = lines
        .map(|line| line.trim().to_owned())
        .take_while(|line| !line.eq_ignore_ascii_case("call log:"))
        .filter(|line| !line.is_empty())
        .take(LINES_OF_AN_ERROR)
        .collect();
    telling.join(" · ")
}

/// Number of lines of an error that are enough to identify it.
const LINES_OF_AN_ERROR: usize = 5;

/// Removes terminal colours from a line.
fn plain(line: &str) -> String {
    let mut pieces = line.split('\u{1b}');
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |text, piece| {
        text + piece.split_once('m').map_or("", |(_, rest)| rest)
    })
}

fn elements(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(passed: &[&str], failed: &[&str]) -> Report {
        let mut tally = Tally::default();
        passed.iter().for_each(|name| tally.count(name, true));
        failed
            .iter()
            .for_each(|name| tally.count(&format!("{name}: no error was reported"), false));
        Report {
            tally,
            passed: passed.iter().map(ToString::to_string).collect(),
            failed: failed
                .iter()
                .map(|name| Failed {
                    name: name.to_string(),
                    why: "no error was reported".to_owned(),
                })
                .collect(),
            outside: Vec::new(),
        }
    }

    #[test]
    fn what_goes_wrong_outside_any_test_stays_wrong_when_all_tests_pass_alone() {
        let text = r#"{"stats": {"expected": 0, "unexpected": 1, "flaky": 0, "skipped": 0},
            "errors": [{"message": "the server panicked"}],
            "suites": [{"specs": [{"file": "a.ts", "title": "one", "tests": [{"status": "unexpected"}]}]}]}"#;
        let first = read(text).expect("reads");
        assert_eq!(first.tally.to_string(), "0 passed, 2 failed");
        let tally = together(first, &report(&["a.ts: one"], &[]));
        assert_eq!(tally.to_string(), "1 passed, 1 failed");
        let last = tally.remarks().last().expect("has remarks");
        assert_eq!(last, "FAILED  outside any test: the server panicked");
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
        let tally = together(report(&["a"], &["b", "c"]), &report(&["b"], &["c"]));
        assert_eq!(tally.to_string(), "2 passed, 1 failed");
        assert_eq!(
            tally.remarks(),
            [
                "FLAKY   failed beside others and passed alone: b: no error was reported",
                "FAILED  c: no error was reported"
            ]
        );
    }

    #[test]
    fn a_second_try_that_ran_something_else_says_nothing() {
        let first = report(&["a"], &["b", "c"]);
        let expected = first.tally.clone();
        assert_eq!(together(first, &report(&["b"], &[])), expected);
    }

    #[test]
    fn an_error_is_said_in_a_line_without_colours_and_logs() {
        let test: Value = serde_json::json!({"results": [{"error": {"message":
            "Error: \u{1b}[2mexpect(\u{1b}[22m\u{1b}[31mlocator\u{1b}[39m).toBeVisible() failed\n\nLocator: x\n\nCall Log:\n  - long"}}]});
        assert_eq!(
            why(&test),
            "Error: expect(locator).toBeVisible() failed · Locator: x"
        );
        assert_eq!(why(&Value::Null), "no error was reported");
        let several = serde_json::json!({"results": [{"error": {"message": "one\nmore"},
            "errors": [{"message": "one\nmore"}, {"message": "two"}]}]});
        assert_eq!(why(&several), "one · more | two");
    }

    #[test]
    fn a_report_without_numbers_is_an_error() {
        assert_eq!(
            read(r#"{"stats": {}}"#).expect_err("has none").to_string(),
            "Playwright's report lacks its number of expected tests"
        );
    }
}
