//! Interpretation by a model, in two steps: first what was said, as one checked document; then
//! sizes for the open fields, with tools and a checked draft. All of its answers pass
//! `interpret::proposal`.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::journey::ThinkingKind;
use domain::offers::counted;
use interpret::proposal::{self, Fault};
use interpret::{Understanding, to_prompt_json};
use sdl::Dialect;
use serde_json::{Value, json};

use super::prompts;
use crate::ports::{
    Asked, Interpreter, InterpreterError, Job, LanguageModel, ModelReply, ModelRequest, OnStep,
    StepEvent, ToolCall, ToolResult, Turn,
};

/// Number of faults that are fed back before the rules take over.
const MOST_CORRECTIONS: u32 = 3;
/// Maximum number of answers with tool calls per reading.
const MOST_ROUNDS: u32 = 6;
/// Maximum number of a model's remarks shown per reading.
const MOST_REMARKS: u32 = 12;
/// Maximum number of tokens in one answer, thinking included.
const MOST_OUTPUT_TOKENS: u32 = 4096;
/// Maximum length, in bytes, of an SDL that a model may have checked.
const LONGEST_SDL: usize = 64 * 1024;
/// Maximum duration of the whole reading; people are waiting for it.
const LONGEST_READING: Duration = Duration::from_secs(60);

/// An interpreter that asks a language model.
#[derive(Debug, Clone)]
pub struct ModelInterpreter {
    model: Arc<dyn LanguageModel>,
}

impl ModelInterpreter {
    /// Makes an interpreter that asks `model`.
    #[must_use]
    pub fn new(model: Arc<dyn LanguageModel>) -> Self {
        Self { model }
    }
}

#[async_trait]
impl Interpreter for ModelInterpreter {
    fn name(&self) -> &str {
        self.model.name()
    }

    async fn interpret(
        &self,
        asked: &Asked<'_>,
        on_step: OnStep<'_>,
    ) -> Result<Understanding, InterpreterError> {
        let mut reading = Reading {
            model: self.model.as_ref(),
            asked,
            on_step,
            corrections: 0,
            remarks: 0,
            held: 0,
        };
        let outcome = tokio::time::timeout(LONGEST_READING, reading.whole())
            .await
            .unwrap_or(Err(InterpreterError::NoEnd));
        if reading.held > 0 {
            asked.allowance.give_back(reading.held).await;
        }
        outcome
    }
}

struct Reading<'a> {
    model: &'a dyn LanguageModel,
    asked: &'a Asked<'a>,
    on_step: OnStep<'a>,
    corrections: u32,
    remarks: u32,
    /// Tokens that were taken from the allowance and not used yet.
    held: u64,
}

impl Reading<'_> {
    async fn whole(&mut self) -> Result<Understanding, InterpreterError> {
        let name = self.model.name();
        self.tell(
            ThinkingKind::Reading,
            format!("Reading your words with the model {name}."),
            None,
        );
        let said = self.extract().await?;
        // A model must not override something that the buyer's own words make impossible: the
        // refusal says why.
        if said.unclear {
            return Ok(said);
        }
        let (said, fault) = aside(move || {
            let fault = fault_of(&said);
            (said, fault)
        })
        .await;
        if fault.is_some() {
            return Ok(said);
        }
        self.refine(said).await
    }

    /// Extracts what the buyer said, with quotes.
    async fn extract(&mut self) -> Result<Understanding, InterpreterError> {
        let text = self.asked.text;
        let rules = interpret::interpret(text);
        let mut turns = vec![Turn::Said(without_secrets(text, &rules))];
        loop {
            let job = Job::Extract(proposal::extraction_schema());
            let reply = self.ask(prompts::EXTRACT, &turns, job).await?;
            let answer = serde_json::from_str(&reply.text)
                .map_err(|_| Fault {
                    field: String::new(),
                    problem: "the answer is not one whole JSON object".to_owned(),
                })
                .and_then(|answer| proposal::read_answer(&answer, text, &rules));
            match answer {
                Ok(said) => return Ok(said),
                Err(fault) => {
                    self.correct(&fault.to_string())?;
                    turns.push(Turn::Answered(reply.answered));
                    turns.push(Turn::Said(format!(
                        "Your answer was refused: {fault}. Send the whole object again."
                    )));
                }
            }
        }
    }

    /// Chooses sizes for the open fields.
    async fn refine(&mut self, said: Understanding) -> Result<Understanding, InterpreterError> {
        let mut turns = vec![Turn::Said(workload(&said))];
        let mut accepted = None;
        for _ in 0..MOST_ROUNDS {
            let job = Job::UseTools(prompts::tools());
            let reply = self.ask(prompts::REFINE, &turns, job).await?;
            if reply.calls.is_empty() {
                return Ok(accepted.unwrap_or(said));
            }
            let mut results = Vec::new();
            for call in &reply.calls {
                let response = self.carry_out(call, &said, &mut accepted).await?;
                results.push(ToolResult {
                    id: call.id.clone(),
                    name: call.name.clone(),
                    response,
                });
            }
            turns.push(Turn::Answered(reply.answered));
            turns.push(Turn::Results(results));
        }
        Err(InterpreterError::NoEnd)
    }

    async fn carry_out(
        &mut self,
        call: &ToolCall,
        said: &Understanding,
        accepted: &mut Option<Understanding>,
    ) -> Result<Value, InterpreterError> {
        match call.name.as_str() {
            "compare_offers" => {
                let offers = self
                    .asked
                    .library
                    .offers(call.arguments["gpu_model"].as_str());
                let offers = offers.await;
                let rows = offers["offers"].as_array().map_or(0, Vec::len);
                self.tell(
                    ThinkingKind::Considered,
                    "Compared what GPUs cost now.".to_owned(),
                    Some(counted(rows as u64)),
                );
                Ok(offers)
            }
            "suggest_templates" => {
                let words = call.arguments["words"].as_str().unwrap_or_default();
                self.tell(
                    ThinkingKind::Considered,
                    "Looked through the templates.".to_owned(),
                    None,
                );
                Ok(self.asked.library.templates(words).await)
            }
            "check_sdl" => {
                let text = call.arguments["sdl"].as_str();
                let Some(text) = text.filter(|text| text.len() <= LONGEST_SDL) else {
                    return Ok(json!({"error": "sdl must be a text of at most 64 KiB"}));
                };
                let text = text.to_owned();
                let faults = aside(move || diagnostics(&text)).await;
                let found = match faults.len() {
                    0 => "no fault".to_owned(),
                    1 => "1 fault".to_owned(),
                    many => format!("{many} faults"),
                };
                self.tell(
                    ThinkingKind::Considered,
                    "Checked the draft’s SDL.".to_owned(),
                    Some(found),
                );
                Ok(json!({ "diagnostics": faults }))
            }
            "draft_sdl" => match drafted_aside(said, &call.arguments).await {
                Ok((draft, text)) => {
                    *accepted = Some(draft);
                    self.tell(
                        ThinkingKind::Considered,
                        "Chose sizes for what you left open; the draft passes the checks."
                            .to_owned(),
                        None,
                    );
                    Ok(json!({"accepted": true, "sdl": text}))
                }
                Err(Refused { told, shown }) => {
                    self.correct(&shown)?;
                    Ok(told)
                }
            },
            // A call to an unknown tool does nothing, whatever the tool's name promises.
            _ => Ok(json!({"error": "there is no such tool"})),
        }
    }

    /// Counts a fault that is fed back.
    fn correct(&mut self, fault: &str) -> Result<(), InterpreterError> {
        self.corrections += 1;
        if self.corrections > MOST_CORRECTIONS {
            return Err(InterpreterError::Unmended);
        }
        self.tell(
            ThinkingKind::Considered,
            "The model’s proposal had a fault and goes back to it.".to_owned(),
            proposal::remark(fault),
        );
        Ok(())
    }

    async fn ask(
        &mut self,
        instruction: &str,
        turns: &[Turn],
        job: Job,
    ) -> Result<ModelReply, InterpreterError> {
        let request = ModelRequest {
            instruction: instruction.to_owned(),
            turns: turns.to_vec(),
            job,
            max_output_tokens: MOST_OUTPUT_TOKENS,
        };
        // Tokens left over from an earlier call are used first, which saves a write to the
        // database.
        let most = most_tokens(&request);
        let missing = most.saturating_sub(self.held);
        if missing > 0 && !self.asked.allowance.take(missing).await {
            return Err(InterpreterError::AllowanceSpent);
        }
        // A failed call uses up the tokens taken for it: it may have been billed.
        self.held = (self.held + missing).saturating_sub(most);
        let Self {
            model,
            on_step,
            remarks,
            ..
        } = self;
        let reply = model
            .ask(&request, &mut |thought| {
                let remark = proposal::remark(thought).filter(|_| *remarks < MOST_REMARKS);
                if let Some(text) = remark {
                    *remarks += 1;
                    on_step(StepEvent {
                        kind: ThinkingKind::Considered,
                        text,
                        evidence: None,
                    });
                }
            })
            .await?;
        self.held += most.saturating_sub(reply.tokens);
        Ok(reply)
    }

    fn tell(&mut self, kind: ThinkingKind, text: String, evidence: Option<String>) {
        (self.on_step)(StepEvent {
            kind,
            text,
            evidence,
        });
    }
}

/// A draft that was not accepted, with the message for the model and the one for people.
struct Refused {
    told: Value,
    shown: String,
}

async fn drafted_aside(
    said: &Understanding,
    arguments: &Value,
) -> Result<(Understanding, String), Refused> {
    let (said, arguments) = (said.clone(), arguments.clone());
    aside(move || drafted(&said, &arguments)).await
}

/// Moves pure computation off the few threads that carry all streams: writing and checking an SDL
/// takes longer than another buyer's first step may wait.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(failed) => match failed.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // Only a process that is shutting down drops such work, and then no caller is waiting
            // for it.
            Err(_) => std::future::pending().await,
        },
    }
}

fn drafted(said: &Understanding, arguments: &Value) -> Result<(Understanding, String), Refused> {
    let refined = proposal::refine(said, arguments).map_err(|fault| Refused {
        shown: fault.to_string(),
        told: json!({"accepted": false, "diagnostics": [{"path": fault.field, "message": fault.problem}]}),
    })?;
    if let Some(fault) = fault_of(&refined) {
        return Err(fault);
    }
    let text = sdl_of(&refined).unwrap_or_default();
    Ok((refined, text))
}

fn sdl_of(understanding: &Understanding) -> Option<String> {
    let mut wish = understanding.wish.clone();
    // Values may be secrets: a draft shown to a model contains only their names.
    for value in wish.env.values_mut() {
        value.clear();
    }
    let (requirements, _) = wish.complete().ok()?;
    Some(sdl::generate(&requirements, None))
}

/// Returns the fault that prevents deployment, with its location.
fn fault_of(understanding: &Understanding) -> Option<Refused> {
    if let Err(error) = understanding.wish.complete() {
        return Some(Refused {
            shown: error.to_string(),
            told: json!({"accepted": false, "diagnostics": [{"message": error.to_string()}]}),
        });
    }
    let text = sdl_of(understanding)?;
    let faults = diagnostics(&text);
    let first = faults.first()?;
    Some(Refused {
        shown: format!("line {}: {}", first["line"], first["message"].as_str()?),
        told: json!({"accepted": false, "sdl": text, "diagnostics": faults}),
    })
}

fn diagnostics(text: &str) -> Vec<Value> {
    sdl::check(text)
        .errors(Dialect::Console)
        .take(10)
        .map(|fault| {
            json!({
                "line": fault.line,
                "column": fault.column,
                "path": fault.path,
                "message": fault.message,
            })
        })
        .collect()
}

/// Describes what was said and what is open, without the values of variables.
fn workload(said: &Understanding) -> String {
    let completed = said.wish.complete();
    let mut answer = to_prompt_json(said, completed.as_ref());
    if let Some(answer) = answer.as_object_mut() {
        answer.remove("env");
        answer.remove("set_aside");
    }
    answer.to_string()
}

/// Returns the words without the values of variables, for a model.
fn without_secrets(text: &str, rules: &Understanding) -> String {
    let mut out = text.to_owned();
    for found in rules.evidence.iter().rev() {
        let Some(value) = rules
            .wish
            .env
            .get(&found.text)
            .filter(|_| found.field == "env")
        else {
            continue;
        };
        let behind = out
            .get(found.to..)
            .and_then(|rest| rest.find(value.as_str()));
        if let Some(at) = behind.filter(|_| !value.is_empty()) {
            let from = found.to + at;
            out.replace_range(from..from + value.len(), "•••");
        }
    }
    out
}

/// Returns an upper bound on the tokens of a request: no text needs more than one token per three
/// bytes.
fn most_tokens(request: &ModelRequest) -> u64 {
    let mut bytes = request.instruction.len();
    for turn in &request.turns {
        bytes += match turn {
            Turn::Said(text) => text.len(),
            Turn::Answered(value) => value.to_string().len(),
            Turn::Results(results) => results.iter().map(|r| r.response.to_string().len()).sum(),
        };
    }
    bytes += match &request.job {
        Job::Extract(schema) => schema.to_string().len(),
        Job::UseTools(tools) => tools.iter().map(|t| t.parameters.to_string().len()).sum(),
    };
    bytes as u64 / 3 + u64::from(request.max_output_tokens)
}

#[cfg(test)]
mod tests {
    use super::without_secrets;

    #[test]
    fn values_of_variables_are_not_shown_to_a_model() {
        let text = "run acme/api:1 with TOKEN=s3cret and MODE=\"dark mode\" for 2 days";
        let shown = without_secrets(text, &interpret::interpret(text));
        assert!(
            !shown.contains("s3cret") && !shown.contains("dark mode"),
            "{shown}"
        );
        assert!(
            shown.contains("TOKEN=•••") && shown.contains("for 2 days"),
            "{shown}"
        );
    }
}
