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
use crate::test::{Tally, failing};
use crate::tools;
use crate::workspace::Workspace;

/// A safeguard and how to take it out.
struct Mutation {
    /// What is gone.
    without: &'static str,
    file: &'static str,
    from: &'static str,
    to: &'static str,
    /// The tests that are asked, as `cargo test` filters them.
    tests: &'static str,
    /// Where it matters.
    on: Engine,
}

const MUTATIONS: [Mutation; 9] = [
    Mutation {
        without: "the record of a create call before it is sent",
        file: "crates/backend/src/jobs/drive_deployment/open.rs",
        from: "order.create_called_at = Some(at);",
        to: "order.create_called_at = None;",
        tests: "jobs::tests::exactly_once",
        on: Engine::Sqlite,
    },
    Mutation {
        without: "adopting what an earlier create call left",
        file: "crates/backend/src/jobs/drive_deployment/open.rs",
        from: "if let Some(found) = self.find(order, *requested_at).await? {",
        to: "if let Some(found) = self.find(order, *requested_at).await?.filter(|_| false) {",
        tests: "jobs::tests::exactly_once",
        on: Engine::Sqlite,
    },
    Mutation {
        without: "waiting until an unanswered create call cannot land",
        file: "crates/backend/src/jobs/drive_deployment/open.rs",
        from: "if self.now() < called_at.after(MAY_LAND) {",
        to: "if self.now() < called_at {",
        tests: "jobs::tests::exactly_once",
        on: Engine::Sqlite,
    },
    Mutation {
        without: "the fencing token",
        file: "crates/backend/src/storage/jobs.rs",
        from: "SELECT id FROM jobs WHERE id = $1 AND fence = $2",
        to: "SELECT id FROM jobs WHERE id = $1 AND fence >= $2",
        tests: "jobs::tests::exactly_once",
        on: Engine::Sqlite,
    },
    Mutation {
        without: "the look whether others took over, before more is claimed",
        file: "crates/backend/src/jobs/queue.rs",
        from: "if !workers::is_registered(&mut transaction, worker.id()).await? {",
        to: "if workers::is_registered(&mut transaction, worker.id()).await.is_err() {",
        tests: "jobs::tests::claims",
        on: Engine::Sqlite,
    },
    Mutation {
        without: "the follower's wait for confirmations",
        file: "crates/backend/src/jobs/follow_chain.rs",
        from: "checked_sub(confirmations.max(1))",
        to: "checked_sub(confirmations.min(1))",
        tests: "jobs::tests::following",
        on: Engine::Sqlite,
    },
    Mutation {
        without: "the wait for confirmations in what the node answers",
        file: "crates/backend/src/adapters/escrow.rs",
        from: "head + 1 >= block + confirmations",
        to: "head + 1 >= block + (confirmations > 0) as u64",
        tests: "adapters::escrow",
        on: Engine::Sqlite,
    },
    Mutation {
        without: "the lock that keeps a claim while what it allows is stored (PostgreSQL)",
        file: "crates/backend/src/storage/jobs.rs",
        from: "with_fence!(\" FOR KEY SHARE\")",
        to: "with_fence!(\"\")",
        tests: "jobs::tests::exactly_once",
        on: Engine::Postgres,
    },
    Mutation {
        without: "the lock on an order while it is changed (PostgreSQL)",
        file: "crates/backend/src/storage/orders.rs",
        from: "SELECT * FROM orders WHERE id = $1 FOR UPDATE",
        to: "SELECT * FROM orders WHERE id = $1",
        tests: "jobs::tests::exactly_once",
        on: Engine::Postgres,
    },
];

/// The tests run by `cargo nextest` where it is there: what a mutation makes hang is ended then, and
/// counted as noticed.
struct Runner {
    nextest: bool,
    /// `None` where the system has none.
    postgres: Option<Postgres>,
}

/// Makes each mutation and runs its tests.
pub(crate) fn run(workspace: &Workspace) -> Result<ExitCode> {
    let runner = Runner {
        nextest: tools::find("cargo-nextest").is_some(),
        postgres: Postgres::start()?,
    };
    let mutations = MUTATIONS
        .iter()
        .filter(|one| one.on == Engine::Sqlite || runner.postgres.is_some());
    println!("== with all safeguards ==");
    let filters: BTreeSet<_> = mutations.clone().map(|one| (one.tests, one.on)).collect();
    for (filter, engine) in filters {
        let red = runner.red_tests(workspace, filter, engine)?;
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
            runner.red_tests(workspace, mutation.tests, mutation.on)?
        };
        tally.count(mutation.without, !noticed.is_empty());
        let by = match short(&noticed).as_slice() {
            [] => "**nobody**".to_owned(),
            tests => tests
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
    /// The tests of this filter that fail. The backend alone is built, and the same way every time.
    fn red_tests(
        &self,
        workspace: &Workspace,
        filter: &str,
        engine: Engine,
    ) -> Result<Vec<String>> {
        let mut command = process::cargo(workspace);
        if self.nextest {
            command.args(["nextest", "run", "--profile", "mutations"]);
        } else {
            command.arg("test");
        }
        command.args(["-p", "backend", "--lib", "--no-fail-fast", filter]);
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
