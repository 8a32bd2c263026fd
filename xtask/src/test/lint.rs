//! Checks that run no tests: formatting, lints, and those rules of the design that a machine can check.

use anyhow::{Result, ensure};

use crate::process;
use crate::stop;
use crate::tally::Tally;
use crate::tools;
use crate::workspace::Workspace;

mod asvs;
mod circles;
mod dependencies;
mod docs;
mod ended_pages;
mod leptos_settings;
mod markup;
mod supply;
mod tracked;
mod words;

type Check = fn(&Workspace) -> Result<()>;

const CHECKS: [(&str, Check); 15] = [
    ("Rust is formatted", formatting),
    ("no forbidden words", words::check),
    ("descriptions tell, and do not ask", docs::check),
    ("the Leptos settings agree", leptos_settings::check),
    ("nothing from outside is markup", markup::check),
    (
        "nothing reads signals of a page that has ended",
        ended_pages::check,
    ),
    (
        "crates depend only on those they may",
        dependencies::between_crates,
    ),
    (
        "the browser part needs nothing of the server's",
        dependencies::of_the_browser_part,
    ),
    ("no module imports from one that imports it", circles::check),
    (
        "no package has a known defect that nobody weighed",
        supply::advisories,
    ),
    ("every package's licence is allowed", supply::licences),
    (
        "packages are fixed and come from a registry",
        supply::sources,
    ),
    ("the list of ASVS requirements is whole", asvs::check),
    ("clippy finds nothing, natively", clippy_native),
    ("clippy finds nothing, for the browser", clippy_browser),
];

/// Runs every check, even after one has failed.
pub(super) fn run(workspace: &Workspace) -> Result<Tally> {
    tools::require_wasm_target(workspace)?;
    let mut tally = Tally::default();
    for (name, check) in CHECKS {
        let outcome = check(workspace);
        match &outcome {
            Ok(()) => println!("ok      {name}"),
            Err(problem) => println!("FAILED  {name}: {problem:#}"),
        }
        tally.count(name, outcome.is_ok());
        if stop::requested() {
            break;
        }
    }
    if let Some(remark) = supply::remark_on_age(workspace)? {
        tally.remark(remark);
    }
    Ok(tally)
}

fn formatting(workspace: &Workspace) -> Result<()> {
    ensure!(
        process::succeeds(process::cargo(workspace).args(["fmt", "--all", "--check"]))?,
        "run `cargo fmt --all`"
    );
    Ok(())
}

fn clippy_native(workspace: &Workspace) -> Result<()> {
    process::run(
        process::cargo(workspace)
            .args([
                "clippy",
                "--workspace",
                "--exclude",
                "frontend",
                "--all-targets",
            ])
            .args(["--", "--deny", "warnings"]),
    )
}

/// Compiles and checks, for WASM, also the crates that promise to stay pure.
fn clippy_browser(workspace: &Workspace) -> Result<()> {
    process::run(
        process::cargo(workspace)
            .args(["clippy", "--target", "wasm32-unknown-unknown", "--lib"])
            .args(["-p", "frontend", "-p", "app", "--features", "app/hydrate"])
            .args([
                "-p",
                "domain",
                "-p",
                "sdl",
                "-p",
                "interpret",
                "-p",
                "evm-types",
                "-p",
                "zerog-hash",
                "-p",
                "akash-tx",
            ])
            .arg("--target-dir")
            .arg(workspace.target("front"))
            .args(["--", "--deny", "warnings"]),
    )
}
