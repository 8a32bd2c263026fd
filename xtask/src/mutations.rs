//! `cargo xtask mutations`: takes the engine's safeguards out, one at a time, and expects a test to notice.
//!
//! Each mutation is a replacement in one file of the checkout, and is undone whatever happens; the checkout must have
//! no changes in that file. The output is the table in `docs/reliability.md`.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, ensure};

use crate::postgres::{Engine, Postgres};
use crate::process;
use crate::tally::Tally;
use crate::test::failing;
use crate::tools;
use crate::workspace::Workspace;

mod list;

use list::MUTATIONS;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Only the safeguards whose names contain this.
    only: Option<String>,
}

/// A safeguard and how to take it out.
struct Mutation {
    /// The safeguard that is removed.
    without: &'static str,
    /// The crate whose tests must notice.
    package: Package,
    file: &'static str,
    from: &'static str,
    to: &'static str,
    /// Filter of these tests, as for `cargo test`.
    tests: &'static str,
    /// Engine that the tests run on: the one that the safeguard matters for.
    on: Engine,
}

/// A crate with safeguards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Package {
    AkashClient,
    App,
    Backend,
    Domain,
    Server,
}

impl Package {
    /// Arguments that select only its tests, so that dependent crates are not rebuilt.
    const fn selection(self) -> &'static [&'static str] {
        match self {
            Self::AkashClient => &["-p", "akash-client", "--lib"],
            Self::App => &["-p", "app", "--lib", "--features", "app/ssr"],
            Self::Backend => &["-p", "backend", "--lib"],
            Self::Domain => &["-p", "domain", "--lib"],
            Self::Server => &["-p", "server", "--bins"],
        }
    }
}

/// Runs the tests, with `cargo nextest` if available: it ends tests that a mutation makes hang, and they count as
/// noticing.
struct Runner {
    nextest: bool,
    /// `None` if the system has none.
    postgres: Option<Postgres>,
}

/// Applies each mutation and runs its tests.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<ExitCode> {
    let is_asked = |one: &&Mutation| {
        let only = arguments.only.as_deref();
        only.is_none_or(|only| one.without.contains(only))
    };
    let runner = Runner {
        nextest: tools::find("cargo-nextest").is_some(),
        postgres: Postgres::start()?,
    };
    let mutations = MUTATIONS
        .iter()
        .filter(is_asked)
        .filter(|one| one.on == Engine::Sqlite || runner.postgres.is_some());
    println!("== with all safeguards ==");
    let filters: BTreeSet<_> = mutations
        .clone()
        .map(|one| (one.package, one.tests, one.on))
        .collect();
    for (package, filter, engine) in filters {
        let red = runner.red_tests(workspace, package, filter, engine)?;
        ensure!(red.is_empty(), "red without any mutation: {red:?}");
    }
    let mut tally = Tally::default();
    let mut table = vec![
        "| without | noticed by |".to_owned(),
        "|---|---|".to_owned(),
    ];
    for mutation in mutations {
        println!("\n== without {} ==", mutation.without);
        let noticed = {
            let _mutated = Mutated::make(workspace, mutation)?;
            runner.red_tests(workspace, mutation.package, mutation.tests, mutation.on)
        };
        // A mutation that does not compile has to be adapted, but does not affect the others.
        let noticed = noticed.inspect_err(|error| println!("{error:#}"));
        tally.count(
            mutation.without,
            noticed.as_ref().is_ok_and(|tests| !tests.is_empty()),
        );
        let by = match noticed.as_deref().map(short) {
            Err(_) => "**does not compile**".to_owned(),
            Ok(tests) if tests.is_empty() => "**nobody**".to_owned(),
            Ok(tests) => tests
                .iter()
                .map(|test| format!("`{test}`"))
                .collect::<Vec<_>>()
                .join(", "),
        };
        table.push(format!("| {} | {by} |", mutation.without));
    }
    println!("\n{}\n", table.join("\n"));
    Ok(tally.conclude())
}

impl Runner {
    /// Returns the failing tests of this filter.
    fn red_tests(
        &self,
        workspace: &Workspace,
        package: Package,
        filter: &str,
        engine: Engine,
    ) -> Result<Vec<String>> {
        let mut command = process::cargo(workspace);
        if self.nextest {
            command.args(["nextest", "run", "--profile", "mutations"]);
        } else {
            command.arg("test");
        }
        command
            .args(package.selection())
            .args(["--no-fail-fast", filter]);
        if let (Engine::Postgres, Some(postgres)) = (engine, &self.postgres) {
            command.env("NECTO_TEST_POSTGRES", postgres.url());
        }
        let transcript = process::watch(&mut command, |line| {
            line.contains("test result") || line.trim_start().starts_with("Summary")
        })?;
        let text = &transcript.text;
        ensure!(
            text.contains("test result: ") || text.contains("Summary ["),
            "the mutated code does not compile, or nothing is tested:\n{text}"
        );
        Ok(failing::names(text))
    }
}

/// Returns the last part of each name, in order and without repetition: the table has no room for whole paths.
fn short(names: &[String]) -> Vec<&str> {
    let mut short: Vec<_> = names
        .iter()
        .filter_map(|name| name.rsplit("::").next())
        .collect();
    short.sort_unstable();
    short.dedup();
    short
}

/// A mutated file, restored when dropped.
struct Mutated {
    path: PathBuf,
    original: String,
}

impl Mutated {
    fn make(workspace: &Workspace, mutation: &Mutation) -> Result<Self> {
        let clean = process::succeeds(Command::new("git").current_dir(workspace.root()).args([
            "diff",
            "--quiet",
            "HEAD",
            "--",
            mutation.file,
        ]))?;
        ensure!(
            clean,
            "{} has changes that are not committed: commit them first.",
            mutation.file
        );
        let path = workspace.path(mutation.file);
        let original = fs::read_to_string(&path)
            .with_context(|| format!("could not read {}", mutation.file))?;
        ensure!(
            original.matches(mutation.from).count() == 1,
            "{} has not exactly one “{}”: adapt the mutation.",
            mutation.file,
            mutation.from
        );
        let mutated = Self {
            path,
            original: original.clone(),
        };
        fs::write(&mutated.path, original.replace(mutation.from, mutation.to))
            .with_context(|| format!("could not write {}", mutation.file))?;
        Ok(mutated)
    }
}

impl Drop for Mutated {
    fn drop(&mut self) {
        if let Err(error) = fs::write(&self.path, &self.original) {
            eprintln!(
                "could not take a mutation back ({error}): git checkout {}",
                self.path.display()
            );
        }
    }
}
