//! `necto interpret "TEXT"`: what the built-in interpreter understands.

use std::process::ExitCode;

use interpret::Step;

use super::{CommandError, output};

#[derive(Debug, clap::Args)]
pub(crate) struct InterpretOptions {
    /// The sentence.
    text: String,
    /// The requirements as JSON.
    #[arg(long)]
    json: bool,
}

/// Interprets a sentence and prints the requirements, or the steps for people.
pub(crate) fn run(options: &InterpretOptions) -> Result<ExitCode, CommandError> {
    let text = options.text.trim();
    if text.is_empty() {
        return Err("Say what to run, like: necto interpret \"2 H100 for 3 hours\".".into());
    }
    let understanding = interpret::interpret(text);
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
