//! Rust tests on this machine: unit and integration tests, the examples in the documentation, and the interpreter's
//! score.

use anyhow::{Result, ensure};

use super::failing;
use crate::postgres::Postgres;
use crate::process::{self, Transcript, is_watched};
use crate::tally::Tally;
use crate::tools;
use crate::workspace::{NATIVE_SELECTION, Workspace};

/// Tests that run on both engines: all that have a database.
const ON_BOTH: &str = "package(backend)";

/// Runs all tests; a failing test does not stop the others. Some need a chain: anvil comes with the contracts'
/// packages.
pub(super) fn run(workspace: &Workspace) -> Result<Tally> {
    tools::require_basics()?;
    tools::require_packages(workspace, "contracts")?;
    let mut tally = if tools::find("cargo-nextest").is_some() {
        with_nextest(workspace)?
    } else {
        with_cargo(
            workspace,
            &NATIVE_SELECTION,
            &["--bins", "--tests", "--lib"],
        )?
    };
    tally += on_postgres(workspace)?;
    tally += with_cargo(workspace, &NATIVE_SELECTION, &["--doc"])?;
    // Selected alone, as `cargo xtask` itself does, so that it is not compiled a second time.
    tally += with_cargo(workspace, &["--package", "xtask"], &["--bins"])?;
    tally += crate::eval::tally(workspace)?;
    Ok(tally)
}

/// Runs the backend's tests again, on PostgreSQL, or prints a message if the system has none. (`NECTO_TEST_POSTGRES`
/// runs any test there.)
fn on_postgres(workspace: &Workspace) -> Result<Tally> {
    let Some(postgres) = Postgres::start()? else {
        return Ok(Tally::default());
    };
    println!("\n-- the backend on PostgreSQL --");
    let mut command = process::cargo(workspace);
    let (arguments, filter) = if tools::find("cargo-nextest").is_some() {
        (["nextest", "run"], ["--lib", "-E", ON_BOTH].as_slice())
    } else {
        // Tests of all libraries: selecting only the backend would compile it again, with other features.
        (["test", "--lib"], [].as_slice())
    };
    command
        .args(arguments)
        .arg("--no-fail-fast")
        .args(NATIVE_SELECTION)
        .args(filter)
        .env("NECTO_TEST_POSTGRES", postgres.url());
    let mut quiet = Quiet::new(is_watched());
    let transcript = process::watch(&mut command, move |line| quiet.shows(line))?;
    let mut tally = read_nextest(&transcript.text);
    tally += read_cargo(&transcript.text);
    settle(tally, &transcript, "on PostgreSQL")
}

fn with_nextest(workspace: &Workspace) -> Result<Tally> {
    let mut command = process::cargo(workspace);
    command
        .args([
            "nextest",
            "run",
            "--no-fail-fast",
            "--success-output",
            "immediate",
        ])
        .args(NATIVE_SELECTION);
    if let Some(folder) = workspace.shared_material() {
        command.env("NECTO_SHARED", folder);
    }
    let mut quiet = Quiet::new(is_watched());
    let transcript = process::watch(&mut command, move |line| quiet.shows(line))?;
    let tally = read_nextest(&transcript.text);
    settle(tally, &transcript, "nextest")
}

fn with_cargo(workspace: &Workspace, selection: &[&str], kinds: &[&str]) -> Result<Tally> {
    let mut command = process::cargo(workspace);
    command
        .args(["test", "--no-fail-fast"])
        .args(selection)
        .args(kinds)
        .args(["--", "--show-output"]);
    if let Some(folder) = workspace.shared_material() {
        command.env("NECTO_SHARED", folder);
    }
    let watched = is_watched();
    let transcript = process::watch(&mut command, move |line| {
        let tells = line.contains("test result:") && !line.contains("ok. 0 passed");
        watched || tells || line.contains("skipped:")
    })?;
    if !watched && !transcript.status.success() {
        println!("{}", transcript.text);
    }
    let tally = read_cargo(&transcript.text);
    settle(tally, &transcript, "cargo test")
}

/// Adds the names of the failed tests. A runner that fails without a failing test could not build or start one, which
/// is an error of its own.
fn settle(mut tally: Tally, transcript: &Transcript, runner: &str) -> Result<Tally> {
    ensure!(
        transcript.status.success() || tally.failed > 0,
        "{runner} failed before its tests could ({})",
        transcript.status
    );
    for name in failing::names(&transcript.text) {
        tally.remark(format!("FAILED  {name} ({runner})"));
    }
    Ok(tally)
}

/// Parses `Summary [1.2s] 9 tests run: 7 passed, 1 failed, 1 timed out, 3 skipped`.
fn read_nextest(text: &str) -> Tally {
    let Some((_, summary)) = text
        .lines()
        .rfind(|line| line.trim_start().starts_with("Summary ["))
        .and_then(|line| line.split_once("run: "))
    else {
        return Tally::default();
    };
    let mut tally = Tally::default();
    for piece in summary.split(", ") {
        let Some((number, what)) = piece.split_once(' ') else {
            continue;
        };
        let Ok(number) = number.parse::<u32>() else {
            continue;
        };
        match what.split(' ').next() {
            Some("passed") => tally.passed += number,
            Some("skipped") => {}
            _ => tally.failed += number,
        }
    }
    tally
}

/// Sums every `test result: ok. 3 passed; 0 failed; …`.
fn read_cargo(text: &str) -> Tally {
    let mut tally = Tally::default();
    for line in text.lines() {
        let Some((_, counts)) = line
            .strip_prefix("test result: ")
            .and_then(|rest| rest.split_once(". "))
        else {
            continue;
        };
        for piece in counts.split("; ") {
            match piece.split_once(' ') {
                Some((number, "passed")) => tally.passed += number.parse::<u32>().unwrap_or(0),
                Some((number, "failed")) => tally.failed += number.parse::<u32>().unwrap_or(0),
                _ => {}
            }
        }
    }
    tally
}

/// Hides the output of passing tests, except that they were skipped, which must be visible. If nobody is watching, it
/// also hides that they passed.
#[derive(Debug, Clone)]
struct Quiet {
    watched: bool,
    hiding: bool,
}

impl Quiet {
    fn new(watched: bool) -> Self {
        Self {
            watched,
            hiding: false,
        }
    }

    fn shows(&mut self, line: &str) -> bool {
        let word = line.split_whitespace().next().unwrap_or_default();
        let is_status = line.starts_with("   ")
            && line.contains('[')
            && !word.is_empty()
            && word
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte == b'-');
        if is_status || word == "Summary" {
            self.hiding = word == "PASS";
            return self.watched || !self.hiding;
        }
        !self.hiding || line.contains("skipped:")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_of_nextest_is_read() {
        let cases = [
            (
                "     Summary [   0.022s] 4 tests run: 4 passed, 0 skipped",
                (4, 0),
            ),
            (
                "     Summary [   1.2s] 9 tests run: 7 passed (1 slow), 1 failed, 1 timed out, 3 skipped",
                (7, 2),
            ),
            ("error: could not compile", (0, 0)),
        ];
        for (text, (passed, failed)) in cases {
            assert_eq!(read_nextest(text), Tally::new(passed, failed), "{text}");
        }
    }

    #[test]
    fn the_results_of_cargo_are_added_up() {
        let text = "test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured\n\
                    noise\n\
                    test result: FAILED. 1 passed; 2 failed; 0 ignored\n";
        assert_eq!(read_cargo(text), Tally::new(4, 2));
    }

    #[test]
    fn a_passing_test_is_quiet_but_says_that_it_skipped() {
        let lines = [
            ("    running 1 test", false),
            ("    skipped: no corpus", true),
            ("        FAIL [   0.003s] sdl::corpus another", true),
            ("    thread panicked", true),
            (
                "     Summary [   0.022s] 2 tests run: 1 passed, 1 failed",
                true,
            ),
        ];
        for watched in [true, false] {
            let mut quiet = Quiet::new(watched);
            let passed = "        PASS [   0.003s] sdl::corpus every_file_parses";
            assert_eq!(quiet.shows(passed), watched);
            for (line, shown) in lines {
                assert_eq!(quiet.shows(line), shown, "{line}");
            }
        }
    }
}
