//! Compares the full check of an SDL with js-yaml's parsing, in one browser page.

use std::fs;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use crate::process;
use crate::site::wasm;
use crate::tools;
use crate::workspace::Workspace;

/// Maximum ratio of the check's time to js-yaml's.
const MOST_OF_PARSING: f64 = 0.5;
/// Maximum milliseconds for the slowest of a hundred checks of [`KEYSTROKE_LINES`] lines.
const MOST_FOR_A_KEYSTROKE: f64 = 5.0;
const KEYSTROKE_LINES: u32 = 384;
/// Maximum size of the parser's code in the module, brotli-compressed, in bytes.
const MAX_PARSER_BYTES: u64 = 40_000;

/// Maximum milliseconds until hostile input is refused.
const MOST_FOR_HOSTILE: f64 = 10.0;

#[derive(Debug, Deserialize)]
struct Figures {
    parser_bytes: u64,
    sizes: Vec<Size>,
    hostile: Vec<Hostile>,
}

#[derive(Debug, Deserialize)]
struct Hostile {
    input: String,
    findings: u64,
    ms: f64,
}

#[derive(Debug, Deserialize)]
struct Size {
    lines: u32,
    bytes: u64,
    findings: u64,
    ours: Vec<f64>,
    theirs: Vec<f64>,
}

/// Builds the crate for the browser, measures both sides and reports whether the goals are met.
pub(super) fn run(workspace: &Workspace) -> Result<ExitCode> {
    tools::require_basics()?;
    tools::require_wasm_target(workspace)?;
    for folder in ["frontend", "end2end"] {
        tools::require_packages(workspace, folder)?;
    }
    let chromium = tools::require_chromium()?;
    let target = workspace.target("sdl-bench");
    process::run(
        process::cargo(workspace)
            .args(["build", "--release", "--target", "wasm32-unknown-unknown"])
            .arg("--manifest-path")
            .arg(workspace.path("crates/sdl/bench/Cargo.toml"))
            .arg("--target-dir")
            .arg(&target),
    )?;
    let module = target.join("wasm32-unknown-unknown/release/sdl_bench.wasm");
    let folder = target.join("page");
    wasm::bind_alone(workspace, &module, &folder)?;

    let figures = workspace.target("sdl-figures.json");
    process::run(
        Command::new(tools::packaged(workspace, "end2end", "playwright"))
            .current_dir(workspace.path("end2end"))
            .args(["test", "--project=bench", "sdl.spec"])
            .env("NECTO_SDL_BENCH", &folder)
            .env("NECTO_CHROMIUM", &chromium)
            .env("NECTO_FIGURES", &figures),
    )?;
    let figures = fs::read_to_string(&figures).context("the page left no figures")?;
    let figures: Figures = serde_json::from_str(&figures).context("the figures cannot be read")?;
    ensure!(!figures.sizes.is_empty(), "the page measured nothing");
    let (table, met) = report(&figures);
    println!("\n{table}");
    Ok(if met {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Returns the figures as Markdown, and whether every goal is met.
fn report(figures: &Figures) -> (String, bool) {
    let mut text = String::from(
        "| lines | bytes | findings | full check p50 | p99 | js-yaml parsing p50 | ratio |\n\
         |--:|--:|--:|--:|--:|--:|--:|\n",
    );
    let mut met = figures.parser_bytes <= MAX_PARSER_BYTES;
    for size in &figures.sizes {
        let (ours, theirs) = (share(&size.ours, 50), share(&size.theirs, 50));
        let p99 = share(&size.ours, 99);
        let ratio = ours / theirs;
        met &= ratio <= MOST_OF_PARSING;
        met &= size.lines != KEYSTROKE_LINES || p99 <= MOST_FOR_A_KEYSTROKE;
        text.push_str(&format!(
            "| {} | {} | {} | {ours:.3} ms | {p99:.3} ms | {theirs:.3} ms | {ratio:.2} |\n",
            size.lines, size.bytes, size.findings
        ));
    }
    text.push_str("\n| hostile input | findings | refused after |\n|---|--:|--:|\n");
    for hostile in &figures.hostile {
        met &= hostile.findings > 0 && hostile.ms <= MOST_FOR_HOSTILE;
        let Hostile {
            input,
            findings,
            ms,
        } = hostile;
        text.push_str(&format!("| {input} | {findings} | {ms:.3} ms |\n"));
    }
    text.push_str(&format!(
        "\nThe parser is {} of at most {MAX_PARSER_BYTES} bytes of the module, brotli-compressed.\n{}\n",
        figures.parser_bytes,
        if met { "ok: every goal is met" } else { "FAILED: a goal is missed" }
    ));
    (text, met)
}

/// Returns the time within which this percentage of a hundred rounds stays.
fn share(times: &[f64], percent: usize) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(at).copied().unwrap_or(f64::INFINITY)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(ours: f64, lines: u32, parser_bytes: u64) -> Figures {
        Figures {
            parser_bytes,
            sizes: vec![Size {
                lines,
                bytes: 9_000,
                findings: 0,
                ours: vec![ours; 10],
                theirs: vec![12.0; 10],
            }],
            hostile: Vec::new(),
        }
    }

    #[test]
    fn each_goal_can_be_missed() {
        assert!(report(&figures(4.9, KEYSTROKE_LINES, 9)).1);
        assert!(!report(&figures(5.1, KEYSTROKE_LINES, 9)).1, "too slow");
        assert!(report(&figures(5.1, 51, 9)).1, "only one size is typed");
        assert!(!report(&figures(6.1, 51, 9)).1, "more than half");
        assert!(!report(&figures(1.0, 51, MAX_PARSER_BYTES + 1)).1);
    }

    #[test]
    fn hostile_input_is_refused_and_soon() {
        let with = |findings, ms| {
            let mut figures = figures(1.0, 51, 9);
            figures.hostile.push(Hostile {
                input: "a bomb".to_owned(),
                findings,
                ms,
            });
            report(&figures).1
        };
        assert!(with(1, 9.9));
        assert!(!with(1, 10.1));
        assert!(!with(0, 1.0));
    }

    #[test]
    fn the_slowest_of_a_hundred_is_the_last() {
        let times: Vec<f64> = (0..100).rev().map(f64::from).collect();
        assert_eq!((share(&times, 50), share(&times, 99)), (50.0, 99.0));
        assert!(share(&[], 50).is_infinite());
    }
}
