//! `cargo xtask test` and `cargo xtask check`: what guards a change.
//!
//! Every part counts what passed and what failed. A part that cannot even start counts as one failure, so that
//! nothing is ever green because it did not run.

use std::fmt;
use std::ops::AddAssign;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;

use crate::clock::{Stopwatch, spoken};
use crate::stop;
use crate::workspace::Workspace;

mod browser;
mod contracts;
pub(crate) mod failing;
mod lint;
mod native;
mod size;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Parts to run, in this order: lint, native, contracts, size, browser. All where none is named.
    #[arg(value_enum)]
    parts: Vec<Part>,
}

/// A part of the tests. The order is that of a whole run: what fails quickest comes first, and `size` makes the
/// optimised browser part that `browser` then uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub(crate) enum Part {
    /// Formatting, lints, and the rules about who may depend on whom.
    Lint,
    /// Rust tests on this machine.
    Native,
    /// The contracts' tests and their committed artefacts.
    Contracts,
    /// The weight of the first visit, and that no secret can be in it.
    Size,
    /// The journeys in a real browser.
    Browser,
}

impl Part {
    const ALL: [Self; 5] = [
        Self::Lint,
        Self::Native,
        Self::Contracts,
        Self::Size,
        Self::Browser,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Lint => "lint",
            Self::Native => "native",
            Self::Contracts => "contracts",
            Self::Size => "size",
            Self::Browser => "browser",
        }
    }
}

/// How many passed, how many failed, and what is worth a line at the end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    passed: u32,
    failed: u32,
    remarks: Vec<String>,
}

impl Tally {
    /// So many.
    pub(crate) const fn new(passed: u32, failed: u32) -> Self {
        Self {
            passed,
            failed,
            remarks: Vec::new(),
        }
    }

    /// Whether nothing failed, passed or not.
    pub(crate) const fn has_none_failed(&self) -> bool {
        self.failed == 0
    }

    /// Counts one more, which is named at the end if it failed.
    pub(crate) fn count(&mut self, what: &str, passed: bool) {
        if passed {
            self.passed += 1;
        } else {
            self.failed += 1;
            self.remark(format!("FAILED  {what}"));
        }
    }

    /// Has a line repeated at the end, where nobody has to look for it.
    pub(crate) fn remark(&mut self, line: String) {
        self.remarks.push(line);
    }

    /// What is repeated at the end.
    #[cfg(test)]
    pub(crate) fn remarks(&self) -> &[String] {
        &self.remarks
    }

    /// Ends a command: what is to be repeated, then the sum as the last line.
    pub(crate) fn conclude(&self) -> ExitCode {
        for remark in &self.remarks {
            println!("{remark}");
        }
        println!("{self}");
        if self.is_green() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }

    /// Whether something ran and nothing failed.
    pub(crate) const fn is_green(&self) -> bool {
        self.failed == 0 && self.passed > 0
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.remarks.extend(other.remarks);
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} passed, {} failed", self.passed, self.failed)
    }
}

struct Outcome {
    part: Part,
    tally: Tally,
    took: Duration,
}

/// Runs the named parts, or all.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<ExitCode> {
    let mut parts = arguments.parts.clone();
    parts.sort_unstable();
    parts.dedup();
    run_parts(
        workspace,
        if parts.is_empty() { &Part::ALL } else { &parts },
    )
}

/// Runs what needs neither a browser nor the contracts' tools.
pub(crate) fn check(workspace: &Workspace) -> Result<ExitCode> {
    run_parts(workspace, &[Part::Lint, Part::Native])
}

fn run_parts(workspace: &Workspace, parts: &[Part]) -> Result<ExitCode> {
    let whole = Stopwatch::start();
    let mut outcomes = Vec::new();
    for part in parts {
        println!("\n== {} ==", part.name());
        let watch = Stopwatch::start();
        let tally = tally_of(workspace, *part, parts);
        if stop::requested() {
            anyhow::bail!("Stopped.");
        }
        let took = watch.elapsed();
        println!("{} took {}", part.name(), spoken(took));
        println!("{tally}");
        outcomes.push(Outcome {
            part: *part,
            tally,
            took,
        });
    }
    Ok(summarise(&outcomes, whole.elapsed()))
}

fn tally_of(workspace: &Workspace, part: Part, all: &[Part]) -> Tally {
    let outcome = match part {
        Part::Lint => lint::run(workspace),
        Part::Native => native::run(workspace),
        Part::Contracts => contracts::run(workspace),
        Part::Size => size::run(workspace),
        Part::Browser => browser::run(workspace, all.contains(&Part::Size)),
    };
    outcome.unwrap_or_else(|error| {
        println!("FAILED  {error:#}");
        let mut tally = Tally::default();
        tally.count(&format!("{error:#}"), false);
        tally
    })
}

/// Prints the table and what failed; the last line is the sum.
fn summarise(outcomes: &[Outcome], took: Duration) -> ExitCode {
    let mut sum = Tally::default();
    println!("\n== summary ==");
    for Outcome { part, tally, took } in outcomes {
        println!("{:<10} {:>14}   {tally}", part.name(), spoken(*took));
        sum += tally.clone();
    }
    println!("{:<10} {:>14}", "in all", spoken(took));
    let ending = sum.conclude();
    // A part in which nothing ran is not green, whatever the others did.
    if outcomes.iter().all(|outcome| outcome.tally.is_green()) {
        ending
    } else {
        ExitCode::FAILURE
    }
}

/// Folder of shared reference material that some tests use: `NECTO_SHARED`, or `../shared` where it exists.
pub(crate) fn shared_material(workspace: &Workspace) -> Option<std::path::PathBuf> {
    if let Some(named) = std::env::var_os("NECTO_SHARED") {
        return Some(named.into());
    }
    let beside = workspace.root().parent()?.join("shared");
    beside.is_dir().then_some(beside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_run_is_not_green() {
        assert!(!Tally::default().is_green());
        assert!(Tally::new(1, 0).is_green());
        assert!(!Tally::new(9, 1).is_green());
    }

    #[test]
    fn what_failed_is_remembered_by_its_name_and_what_passed_is_not() {
        let mut tally = Tally::default();
        tally.count("the first", true);
        let mut other = Tally::default();
        other.count("the second", false);
        tally += other;
        assert_eq!(tally.to_string(), "1 passed, 1 failed");
        assert_eq!(tally.remarks, ["FAILED  the second"]);
    }

    #[test]
    fn the_last_line_reads_as_promised() {
        assert_eq!(Tally::new(12, 0).to_string(), "12 passed, 0 failed");
    }
}
