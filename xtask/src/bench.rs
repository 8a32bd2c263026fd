//! `cargo xtask bench`: measures the parts of the journey and the size of the first visit, as Markdown.

mod live_deployments;
mod offers;
mod sdl;
mod streams;

use std::ffi::OsStr;
use std::fs;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::process;
use crate::server::{self, Alongside, Profile};
use crate::site::size::Weight;
use crate::site::{self, Flavour};
use crate::tools;
use crate::workspace::Workspace;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Measures a debug server instead of the release build. The figures say less, but come sooner.
    #[arg(long)]
    debug: bool,
    /// Times the offer queries beside gpuhunt's instead (needs Python and the package index once).
    #[arg(long)]
    offers: bool,
    /// Times the full check of an SDL beside js-yaml's parsing instead, both in one browser page.
    #[arg(long)]
    sdl: bool,
    /// Times what Necto adds to a model's first token instead: a hundred streams at once.
    #[arg(long)]
    agent: bool,
    /// Times the frames of the market's table instead, while ten thousand offers are scrolled.
    #[arg(long)]
    market: bool,
    /// Has so many deployments run, and times the steps of a new order beside them and with none running instead.
    #[arg(long, value_name = "NUMBER")]
    live_deployments: Option<u32>,
    /// Measures the memory of 2,000 and of 10,000 open streams instead, beside a Node server's.
    #[arg(long)]
    streams: bool,
    /// Measures how logs are stored instead: bytes and lines a second, in rows and in chunks.
    #[arg(long)]
    logs: bool,
}

/// Builds, runs the journey once in a browser, and prints the tables.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<ExitCode> {
    if arguments.offers {
        return offers::run(workspace);
    }
    if arguments.sdl {
        return sdl::run(workspace);
    }
    let profile = if arguments.debug {
        Profile::Debug
    } else {
        Profile::Release
    };
    if let Some(number) = arguments.live_deployments {
        return live_deployments::run(workspace, profile, number);
    }
    if arguments.logs {
        process::run(process::cargo(workspace).args([
            "run",
            "--release",
            "-p",
            "backend",
            "--features",
            "fakes",
            "--example",
            "log_storage",
        ]))?;
        return Ok(ExitCode::SUCCESS);
    }
    tools::require_basics()?;
    tools::require_wasm_target(workspace)?;
    for folder in ["frontend", "contracts", "end2end"] {
        tools::require_packages(workspace, folder)?;
    }
    let chromium = tools::require_chromium()?;
    let site = site::build(workspace, Flavour::Release)?;
    let programs = server::build(workspace, profile, Alongside::Nothing)?;

    let (spec, title) = if arguments.agent {
        ("agent.spec", "What Necto adds to a model’s first token")
    } else if arguments.market {
        ("market.spec", "Ten thousand offers, scrolled")
    } else if arguments.streams {
        ("streams.spec", "The memory of a stream")
    } else {
        ("journey.spec", "The journey, part by part")
    };
    let figures = workspace.target("bench-figures.json");
    process::run(
        with_many_descriptors(tools::packaged(workspace, "end2end", "playwright"))
            .current_dir(workspace.path("end2end"))
            .args(["test", "--project=bench", spec])
            .env("NECTO_PROGRAMS", &programs.folder)
            .env("NECTO_CHROMIUM", &chromium)
            .env("NECTO_FIGURES", &figures)
            .envs(site.environment()),
    )?;
    let figures = fs::read_to_string(&figures).context("the journey left no figures")?;
    println!(
        "\n### {title} ({})\n",
        if arguments.debug { "debug" } else { "release" }
    );
    if arguments.streams {
        let (table, is_met) = streams::table(&figures)?;
        println!("{table}");
        return Ok(if is_met {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        });
    }
    println!("{}", table(&figures)?);
    if arguments.agent || arguments.market {
        return Ok(ExitCode::SUCCESS);
    }
    println!(
        "### The first visit to `/`\n\n{}",
        Weight::of(&site)?.table()
    );
    Ok(ExitCode::SUCCESS)
}

/// Prepares a program with as many open files as this user may have: ten thousand streams need that many.
fn with_many_descriptors(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new("sh");
    command
        .args(["-c", "ulimit -n \"$(ulimit -Hn)\" && exec \"$0\" \"$@\""])
        .arg(program);
    command
}

/// Converts `[{"part": "describe", "milliseconds": 120}]` to Markdown.
fn table(figures: &str) -> Result<String> {
    let figures: Value = serde_json::from_str(figures).context("the figures are no JSON")?;
    let mut text = String::from("| part | ms |\n|---|--:|\n");
    for figure in figures.as_array().context("the figures are no list")? {
        let part = figure["part"]
            .as_str()
            .context("a figure without its part")?;
        let millis = figure["milliseconds"]
            .as_u64()
            .context("a figure without milliseconds")?;
        text.push_str(&format!("| {part} | {millis} |\n"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_figures_become_a_table() {
        let figures = r#"[{"part": "describe", "milliseconds": 120}]"#;
        assert_eq!(
            table(figures).expect("reads"),
            "| part | ms |\n|---|--:|\n| describe | 120 |\n"
        );
    }

    #[test]
    fn a_figure_without_a_number_is_an_error() {
        let error = table(r#"[{"part": "describe"}]"#).expect_err("has none");
        assert_eq!(error.to_string(), "a figure without milliseconds");
    }
}
