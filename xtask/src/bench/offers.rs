//! Compares the five offer queries with gpuhunt's, over the same generated catalogue, in one run.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::process;
use crate::workspace::Workspace;

/// The peer, at a pinned version.
const PEER: &str = "gpuhunt==0.1.34";

/// Sizes of the catalogue, each with the number of rounds that the peer can do in reasonable time.
const SIZES: [(u32, u32); 2] = [(10_000, 15), (100_000, 5)];

/// Number of rounds of our own side, which take little time.
const OWN_ROUNDS: u32 = 200;

/// Maximum ratio of our median to the peer's, in thousandths.
const GOAL_PERMILLE: u64 = 20;

/// Measures both sides and prints a table. Fails if the goal is missed or the answers differ.
pub(crate) fn run(workspace: &Workspace) -> Result<ExitCode> {
    process::run(process::cargo(workspace).args([
        "build",
        "--release",
        "-p",
        "domain",
        "--example",
        "offer_queries",
    ]))?;
    let own = workspace.target("release/examples/offer_queries");
    let peer = peer(workspace);
    if let Err(error) = &peer {
        println!("Not compared: {PEER} cannot be installed ({error:#}).");
    }
    let mut met = true;
    for (rows, rounds) in SIZES {
        let folder = workspace.target(&format!("offer-catalogue-{rows}"));
        let size = rows.to_string();
        process::run(Command::new(&own).args(["generate", &size]).arg(&folder))?;
        let ours = || figures(&own, &[], &folder, OWN_ROUNDS);
        println!("\n### Offer queries over {rows} rows\n");
        let Ok(python) = &peer else {
            println!("{}", alone(&ours()?)?);
            continue;
        };
        let script = workspace.path("xtask/src/bench/gpuhunt_queries.py");
        let theirs = || figures(python, &[script.as_os_str()], &folder, rounds);
        // In the order ours, theirs, theirs, ours: a machine that slows down in between slows down both.
        let (first, second, third, fourth) = (ours()?, theirs()?, theirs()?, ours()?);
        let (table, all_met) = compared(&[first, fourth], &[second, third])?;
        println!("{table}");
        met &= all_met;
    }
    Ok(if met {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Returns a Python with the peer installed, kept with the other build results.
fn peer(workspace: &Workspace) -> Result<std::path::PathBuf> {
    let folder = workspace.target("peers/gpuhunt");
    let python = folder.join("bin/python");
    if !python.exists() {
        process::run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
    }
    process::run(Command::new(&python).args(["-m", "pip", "install", "--quiet", PEER]))?;
    Ok(python)
}

fn figures(program: &Path, before: &[&OsStr], folder: &Path, rounds: u32) -> Result<Value> {
    let rounds = rounds.to_string();
    let mut command = Command::new(program);
    command.args(before);
    if before.is_empty() {
        command.arg("query");
    }
    let output = command.arg(folder).arg(rounds).output();
    let output = output.with_context(|| format!("cannot start {}", program.display()))?;
    if !output.status.success() {
        bail!("{}", String::from_utf8_lossy(&output.stderr));
    }
    serde_json::from_slice(&output.stdout).context("the figures are no JSON")
}

fn number(figures: &Value, query: &str, field: &str) -> Result<u64> {
    figures["queries"][query][field]
        .as_u64()
        .with_context(|| format!("no {field} of “{query}”"))
}

fn names(figures: &Value) -> Result<Vec<&String>> {
    let queries = figures["queries"].as_object().context("no queries")?;
    Ok(queries.keys().collect())
}

fn alone(ours: &Value) -> Result<String> {
    let mut text = String::from("| query | rows | median µs | p95 µs |\n|---|--:|--:|--:|\n");
    for query in names(ours)? {
        text.push_str(&format!(
            "| {query} | {} | {} | {} |\n",
            number(ours, query, "rows")?,
            number(ours, query, "median_ns")? / 1000,
            number(ours, query, "p95_ns")? / 1000
        ));
    }
    Ok(text)
}

/// Returns the table, comparing our slower run with their faster one, and whether the goal is met.
fn compared(ours: &[Value; 2], theirs: &[Value; 2]) -> Result<(String, bool)> {
    let mut text = String::from(
        "| query | rows | Necto median µs | Necto p95 µs | gpuhunt median µs | ratio | goal 0.02 |\n\
         |---|--:|--:|--:|--:|--:|---|\n",
    );
    let mut all_met = true;
    for query in names(&ours[0])? {
        let of = |side: &[Value; 2], field: &str| -> Result<[u64; 2]> {
            Ok([
                number(&side[0], query, field)?,
                number(&side[1], query, field)?,
            ])
        };
        let rows = of(ours, "rows")?[0];
        if of(theirs, "rows")?[0] != rows {
            bail!("“{query}” answers {rows} rows here and others there: not the same work");
        }
        let own = of(ours, "median_ns")?.into_iter().max().unwrap_or(u64::MAX);
        let slowest = of(ours, "p95_ns")?.into_iter().max().unwrap_or(u64::MAX);
        let peer = of(theirs, "median_ns")?.into_iter().min().unwrap_or(0);
        let ratio = own.saturating_mul(100_000) / peer.max(1);
        let is_met = own.saturating_mul(1000) <= peer.saturating_mul(GOAL_PERMILLE);
        all_met &= is_met;
        text.push_str(&format!(
            "| {query} | {rows} | {} | {} | {} | {}.{:05} | {} |\n",
            own / 1000,
            slowest / 1000,
            peer / 1000,
            ratio / 100_000,
            ratio % 100_000,
            if is_met { "met" } else { "missed" }
        ));
    }
    Ok((text, all_met))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::compared;

    fn side(rows: u64, median_ns: u64) -> [Value; 2] {
        let figure = json!({ "rows": rows, "median_ns": median_ns, "p95_ns": median_ns });
        let side = json!({ "queries": { "all": figure } });
        [side.clone(), side]
    }

    #[test]
    fn the_goal_is_a_fiftieth_and_the_answers_must_agree() {
        let (table, met) = compared(&side(5, 20_000), &side(5, 1_000_000)).expect("compares");
        assert!(met, "{table}");
        assert!(
            table.ends_with("| all | 5 | 20 | 20 | 1000 | 0.02000 | met |\n"),
            "{table}"
        );
        let (_, met) = compared(&side(5, 21_000), &side(5, 1_000_000)).expect("compares");
        assert!(!met);
        let error = compared(&side(5, 1), &side(6, 1)).expect_err("differs");
        assert!(error.to_string().contains("not the same work"), "{error}");
    }
}
