//! `necto sdl …`: exposes the SDL crate on the command line. `-` reads standard input.

use std::io::Read;
use std::process::ExitCode;

use clap::{Subcommand, ValueEnum};
use domain::pricing::BlockTime;
use sdl::{Diagnostic, Report, Severity};
use serde_json::json;

use super::output;
use crate::error::CommandError;

#[derive(Debug, Subcommand)]
pub(crate) enum SdlCommand {
    /// Lists everything found in files; the exit status is 1 when one cannot be deployed.
    Check {
        /// Files to check, each an SDL.
        #[arg(required = true)]
        files: Vec<String>,
        #[command(flatten)]
        dialect: DialectOption,
        /// Prints the findings as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Prints the groups that go on chain, as JSON.
    Groups {
        /// An SDL file.
        file: String,
        #[command(flatten)]
        dialect: DialectOption,
    },
    /// Prints the manifest as it is hashed: sorted JSON and nothing else.
    Manifest {
        /// An SDL file.
        file: String,
        #[command(flatten)]
        dialect: DialectOption,
    },
    /// Prints the file laid out evenly; comments, quoting and meaning stay.
    Format {
        /// An SDL file.
        file: String,
    },
    /// Prints what it may cost at most, what it typically costs, and the same shape elsewhere.
    Cost {
        /// An SDL file.
        file: String,
        #[command(flatten)]
        dialect: DialectOption,
    },
    /// Prints the manifest's SHA-256 as 64 hexadecimal digits.
    Hash {
        /// An SDL file.
        file: String,
        #[command(flatten)]
        dialect: DialectOption,
    },
}

#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct DialectOption {
    /// Tool whose reading of an SDL counts where Akash's own tools differ.
    #[arg(long, value_enum, default_value_t = DialectName::Console)]
    dialect: DialectName,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum DialectName {
    /// Akash's Console and its API.
    Console,
    /// The command line and the providers.
    Go,
}

impl From<DialectOption> for sdl::Dialect {
    fn from(option: DialectOption) -> Self {
        match option.dialect {
            DialectName::Console => Self::Console,
            DialectName::Go => Self::Go,
        }
    }
}

/// Runs an SDL command.
pub(crate) fn run(command: SdlCommand) -> Result<ExitCode, CommandError> {
    match command {
        SdlCommand::Check {
            files,
            dialect,
            json,
        } => check(&files, dialect.into(), json),
        SdlCommand::Groups { file, dialect } => {
            let derived = derived(&file, dialect.into())?;
            print_lines(&serde_json::to_string_pretty(&derived.groups_json())?)
        }
        SdlCommand::Manifest { file, dialect } => {
            print_lines(&derived(&file, dialect.into())?.manifest.sorted_json())
        }
        SdlCommand::Format { file } => {
            let formatted =
                sdl::format(&text_of(&file)?).map_err(|error| format!("{file}: {error}"))?;
            print_lines(formatted.strip_suffix('\n').unwrap_or(&formatted))
        }
        SdlCommand::Cost { file, dialect } => {
            print_lines(&cost_text(&derived(&file, dialect.into())?))
        }
        SdlCommand::Hash { file, dialect } => {
            print_lines(&derived(&file, dialect.into())?.manifest.hash_hex())
        }
    }
}

fn check(files: &[String], dialect: sdl::Dialect, as_json: bool) -> Result<ExitCode, CommandError> {
    let mut refused = false;
    let mut reports = Vec::new();
    for file in files {
        let report = sdl::check_bytes(&read(file)?);
        let deployable = report.is_deployable(dialect);
        refused |= !deployable;
        if as_json {
            reports.push(json!({ "file": file, "deployable": deployable, "diagnostics": report.diagnostics }));
        } else {
            output::line(report_text(file, &report, deployable))?;
        }
    }
    if as_json {
        output::line(serde_json::to_string_pretty(&reports)?)?;
    }
    Ok(if refused {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

fn report_text(file: &str, report: &Report, deployable: bool) -> String {
    let mut lines = Vec::new();
    for finding in &report.diagnostics {
        lines.push(line_of(file, finding));
        lines.extend(
            finding
                .fix
                .iter()
                .map(|fix| format!("    fix: {}", fix.title)),
        );
    }
    let verdict = if deployable { "can" } else { "cannot" };
    lines.push(format!("{file}: {verdict} be deployed"));
    lines.join("\n")
}

fn line_of(file: &str, finding: &Diagnostic) -> String {
    let who = match finding.severity {
        Severity::Error => "error",
        Severity::ConsoleRefuses => "refused by Console",
        Severity::CliRefuses => "refused by the command line",
        Severity::Warning => "warning",
        Severity::Hint => "hint",
    };
    let Diagnostic {
        line,
        column,
        code,
        message,
        ..
    } = finding;
    format!("{file}:{line}:{column}: {who} [{code}]: {message}")
}

fn derived(file: &str, dialect: sdl::Dialect) -> Result<sdl::Derived, CommandError> {
    let text = text_of(file)?;
    sdl::derive(&text, dialect).map_err(|report| {
        let lines: Vec<String> = report
            .errors(dialect)
            .map(|finding| line_of(file, finding))
            .collect();
        format!("{file} cannot be deployed:\n{}", lines.join("\n")).into()
    })
}

fn cost_text(derived: &sdl::Derived) -> String {
    let cost = sdl::cost::of(&derived.groups, BlockTime::CONSOLE, |_| None);
    let row = |what: &str, price: &sdl::cost::Price| {
        format!(
            "{what:<10} ${} an hour, ${} a month ({} uact a block)",
            price.per_hour,
            price.per_month.with_decimals(2),
            price.per_block
        )
    };
    let mut lines = vec![row("at most", &cost.cap), row("typical", &cost.typical)];
    if derived.groups.iter().any(has_gpu) {
        lines.push(
            "GPUs are counted at a usual price: `necto offers` knows the market's.".to_owned(),
        );
    }
    if cost.cap_times_typical > 1 {
        lines.push(format!(
            "The file's own limit is {} times a typical bid.",
            cost.cap_times_typical
        ));
    }
    let elsewhere = &cost.elsewhere;
    lines.push(format!(
        "The same CPU, memory and storage a month: Akash ${}, AWS ${}, GCP ${}, Azure ${}",
        elsewhere.akash.with_decimals(2),
        elsewhere.aws.with_decimals(2),
        elsewhere.gcp.with_decimals(2),
        elsewhere.azure.with_decimals(2)
    ));
    lines.join("\n")
}

fn has_gpu(group: &sdl::GroupSpec) -> bool {
    group.resources.iter().any(|unit| unit.gpu.units > 0)
}

fn text_of(file: &str) -> Result<String, CommandError> {
    String::from_utf8(read(file)?)
        .map_err(|_| format!("{file} is not UTF-8 text: save it in that encoding.").into())
}

fn read(file: &str) -> Result<Vec<u8>, CommandError> {
    if file == "-" {
        let mut bytes = Vec::new();
        std::io::stdin()
            .read_to_end(&mut bytes)
            .map_err(|error| format!("Cannot read standard input: {error}."))?;
        return Ok(bytes);
    }
    std::fs::read(file).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => format!("There is no file {file}: check the path.").into(),
        _ => format!("Cannot read {file}: {error}.").into(),
    })
}

fn print_lines(text: &str) -> Result<ExitCode, CommandError> {
    output::line(text)?;
    Ok(ExitCode::SUCCESS)
}
