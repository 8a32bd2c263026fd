//! `necto interpret "TEXT"`: shows what an interpreter understands, be it the built-in rules or a model.

mod reader;

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use futures::{StreamExt, stream};
use interpret::eval::parse_cases;
use interpret::{Step, Understanding};

use super::output;
use crate::config::ModelOptions;
use crate::error::CommandError;
use reader::Reader;

/// Number of sentences of a file that are read concurrently.
const AT_ONCE: usize = 4;

#[derive(Debug, clap::Args)]
pub(crate) struct InterpretOptions {
    /// Sentence to interpret; needed unless --prompts names a file.
    #[arg(required_unless_present = "prompts")]
    text: Option<String>,
    /// A prompts file instead: the requirements of each of its sentences as JSON, one a line.
    #[arg(long, value_name = "FILE", conflicts_with = "text")]
    prompts: Option<PathBuf>,
    /// Prints the requirements as JSON.
    #[arg(long)]
    json: bool,
    /// Interpreter that reads the text.
    #[arg(long, value_enum, default_value_t)]
    adapter: Adapter,
    #[command(flatten)]
    model: ModelOptions,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
enum Adapter {
    /// The built-in rules.
    #[default]
    Rules,
    /// The model that the options name; it needs a key.
    Model,
}

/// Interprets the text, and prints the requirements or a readable summary.
pub(crate) async fn run(options: InterpretOptions) -> Result<ExitCode, CommandError> {
    let limits = options.model.limits();
    let reader = match options.adapter {
        Adapter::Rules => Reader::rules(),
        Adapter::Model => {
            let settings = options.model.check(None)?;
            let settings = settings.ok_or("Set NECTO_MODEL_KEY to the key of the Gemini API.")?;
            Reader::model(settings, limits.tokens_per_day)?
        }
    };
    if let Some(file) = options.prompts {
        let text = fs::read_to_string(&file)
            .map_err(|error| format!("{} cannot be read: {error}.", file.display()))?;
        return read_all(&reader, &text).await;
    }
    let text = options.text.as_deref().unwrap_or_default().trim();
    if text.is_empty() {
        return Err("Say what to run, like: necto interpret \"2 H100 for 3 hours\".".into());
    }
    let understanding = reader.read(text).await.told();
    let completed = understanding.wish.complete();
    if options.json {
        let answer = interpret::to_prompt_json(&understanding, completed.as_ref());
        output::line(serde_json::to_string_pretty(&answer)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    for step in interpret::steps(&understanding, text, completed.as_ref()) {
        output::line(sentence(&step))?;
    }
    match completed {
        Ok(_) => Ok(ExitCode::SUCCESS),
        Err(error) => Err(error.to_string().into()),
    }
}

/// Prints the answers in the order of the file, whichever is ready first.
async fn read_all(reader: &Reader, prompts: &str) -> Result<ExitCode, CommandError> {
    let cases = parse_cases(prompts)?;
    let mut answers = stream::iter(&cases)
        .map(|case| reader.read(&case.prompt))
        .buffered(AT_ONCE);
    let (mut sentences, mut by_rules) = (0_u32, 0_u32);
    while let Some(answer) = answers.next().await {
        sentences += 1;
        by_rules += u32::from(answer.failed.is_some());
        let understanding: Understanding = answer.told();
        let completed = understanding.wish.complete();
        let answer = interpret::to_prompt_json(&understanding, completed.as_ref());
        output::line(answer)?;
    }
    if by_rules > 0 {
        output::remark(format_args!(
            "{by_rules} of {sentences} sentences were read by the built-in rules: the model failed."
        ));
    }
    Ok(ExitCode::SUCCESS)
}

fn sentence(step: &Step) -> String {
    match step {
        Step::Read { chars } => format!("Read {chars} characters."),
        Step::SetAside { text } => format!("Set aside, not carried out: “{text}”."),
        Step::Understood {
            field,
            value,
            evidence,
        } => format!("{field}: {value}  (you said “{evidence}”)"),
        Step::Assumed {
            field,
            value,
            reason,
        } => format!("{field}: {value}  (assumed: {reason})"),
        Step::Refused { reason } => reason.clone(),
        Step::Asked { question } => question.clone(),
    }
}
