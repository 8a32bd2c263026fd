//! `cargo xtask mutations`: takes the engine's safeguards out, one at a time, and expects a test to notice.
//!
//! Each mutation is a replacement in one file, made on the checkout and taken back whatever happens; the checkout
//! must have no changes there. The table in `docs/reliability.md` is what this prints.

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
    /// The safeguard that is gone.
    without: &'static str,
    /// The crate whose tests are asked.
    package: Package,
    file: &'static str,
    from: &'static str,
    to: &'static str,
    /// The tests that are asked, as `cargo test` filters them.
    tests: &'static str,
    /// Engine that the tests run on: the one for which the safeguard matters.
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
    /// Selects its tests alone: what depends on it need not be built again.
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

/// The tests run by `cargo nextest` where it is there: what a mutation makes hang is ended then, and
/// counted as noticed.
struct Runner {
    nextest: bool,
    /// `None` where the system has none.
    postgres: Option<Postgres>,
}

/// Makes each mutation and runs its tests.
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
        // A mutation that does not compile is to be adapted, and says nothing of the others.
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
    /// The tests of this filter that fail.
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

/// The last part of each name, in order and each once: the table has no room for the whole path.
fn short(names: &[String]) -> Vec<&str> {
    let mut short: Vec<_> = names
        .iter()
        .filter_map(|name| name.rsplit("::").next())
        .collect();
    short.sort_unstable();
    short.dedup();
    short
}

/// A mutated file; as it was again when dropped.
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
