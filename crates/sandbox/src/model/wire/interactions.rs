//! The wire format Interactions: steps that are begun, filled piece by piece, and closed.

use serde_json::{Value, json};

use super::super::answers::{Given, Question, Said, middle_of};
use super::super::fault::ModelFault;
use super::{SIGNATURE, flood};

/// Parses a request. Refuses one without input, one that would be stored, and steps that do not
/// come back as they were sent: a thought without its signature, a call without its thought, a
/// result without its call.
pub(super) fn read(body: &Value) -> Result<Question, &'static str> {
    let Some(input) = body["input"].as_array().filter(|all| !all.is_empty()) else {
        return Err("input must not be empty");
    };
    if body["model"].as_str().is_none_or(str::is_empty) {
        return Err("model is required");
    }
    if body["stream"] != true || body["store"] != false {
        return Err("only streamed interactions that are not stored are supported here");
    }
    if body["generation_config"].get("temperature").is_some() {
        return Err("temperature is not supported by this model.");
    }
    let mut called: Vec<(&str, &str)> = Vec::new();
    let mut results = Vec::new();
    let mut has_thought = false;
    for step in input {
        match step["type"].as_str() {
            Some("user_input") => has_thought = false,
            Some("thought") if step["signature"] == SIGNATURE => has_thought = true,
            Some("thought") => return Err("a thought is missing its signature"),
            Some("model_output") => {}
            Some("function_call") if has_thought => {
                let (id, name) = (step["id"].as_str(), step["name"].as_str());
                called.push(id.zip(name).ok_or("a call needs id and name")?);
            }
            Some("function_call") => return Err("a function call is missing its thought"),
            Some("function_result") => {
                let known = called.iter().find(|(id, _)| step["call_id"] == **id);
                let (_, name) = known.ok_or("call_id names no call")?;
                results.push(Given {
                    tool: (*name).to_owned(),
                    response: step["result"].clone(),
                });
            }
            _ => return Err("unknown kind of step"),
        }
    }
    let words = input[0]["content"][0]["text"].as_str().unwrap_or_default();
    Ok(Question {
        words: words.to_owned(),
        has_tools: body.get("tools").is_some(),
        results,
    })
}

pub(super) fn events(said: &[Said], fault: Option<ModelFault>) -> Vec<String> {
    let mut stream = Stream::begun();
    match fault {
        Some(ModelFault::Blocked) => {
            let error = json!({"code": "blocked", "message": "The input was blocked."});
            stream.event("error", json!({ "error": error }));
            return stream.events;
        }
        Some(ModelFault::Flood) => {
            stream.start(json!({"type": "model_output"}));
            for text in flood() {
                stream.delta(json!({"type": "text", "text": text}));
            }
            return stream.events;
        }
        _ => {}
    }
    for (at, one) in said.iter().enumerate() {
        stream.say(one, at.checked_sub(1).map(|before| &said[before]));
        if fault == Some(ModelFault::BrokenStream) {
            return stream.events;
        }
    }
    stream.stop();
    let calls = said.iter().any(|one| matches!(one, Said::Call { .. }));
    let status = match fault {
        Some(ModelFault::MaxTokens) => "incomplete",
        _ if calls => "requires_action",
        _ => "completed",
    };
    let usage = json!({
        "total_input_tokens": 400, "total_output_tokens": 120, "total_thought_tokens": 80,
        "total_tokens": 600,
    });
    stream.event(
        "interaction.completed",
        json!({"interaction": {"id": ID, "status": status, "usage": usage}}),
    );
    stream
        .events
        .push("event: done\ndata: [DONE]\n\n".to_owned());
    stream.events
}

/// Returns the beginning of endless thinking, and the event that is repeated from then on.
pub(super) fn endless(remark: &str) -> (Vec<String>, String) {
    let mut stream = Stream::begun();
    stream.start(json!({"type": "thought"}));
    let begin = std::mem::take(&mut stream.events);
    stream.delta(summary(remark));
    (begin, stream.events.concat())
}

pub(super) fn refusal(status: &str, message: &str, details: Value) -> Value {
    let mut error = json!({"code": status.to_lowercase(), "message": message});
    if !details.is_null() {
        error["details"] = details;
    }
    json!({ "error": error })
}

/// Id of every answer: nothing is stored, so one is enough.
const ID: &str = "v1_simulated";

fn summary(text: &str) -> Value {
    json!({"type": "thought_summary", "content": {"type": "text", "text": text}})
}

/// Events of an answer, as they are written.
#[derive(Debug, Default)]
struct Stream {
    events: Vec<String>,
    /// Number of steps begun so far.
    steps: usize,
    is_open: bool,
}

impl Stream {
    fn begun() -> Self {
        let mut stream = Self::default();
        let interaction = json!({"id": ID, "status": "in_progress"});
        stream.event("interaction.created", json!({ "interaction": interaction }));
        stream
    }

    /// Adds a part; pieces of one text form one step, and a thought comes before the calls.
    fn say(&mut self, said: &Said, before: Option<&Said>) {
        match said {
            Said::Thought(text) => {
                self.start(json!({"type": "thought"}));
                self.delta(summary(text));
                self.sign();
            }
            Said::Text(text) => {
                if !matches!(before, Some(Said::Text(_))) {
                    self.start(json!({"type": "model_output"}));
                }
                self.delta(json!({"type": "text", "text": text}));
            }
            Said::Call {
                id,
                tool,
                arguments,
            } => {
                if before.is_none() {
                    self.start(json!({"type": "thought"}));
                    self.sign();
                }
                let step =
                    json!({"type": "function_call", "id": id, "name": tool, "arguments": {}});
                self.start(step);
                let text = arguments.to_string();
                let (first, second) = text.split_at(middle_of(&text));
                for piece in [first, second] {
                    self.delta(json!({"type": "arguments_delta", "arguments": piece}));
                }
            }
        }
    }

    fn sign(&mut self) {
        self.delta(json!({"type": "thought_signature", "signature": SIGNATURE}));
    }

    fn start(&mut self, step: Value) {
        self.stop();
        self.event("step.start", json!({"index": self.steps, "step": step}));
        self.steps += 1;
        self.is_open = true;
    }

    fn delta(&mut self, delta: Value) {
        let index = self.steps.saturating_sub(1);
        self.event("step.delta", json!({"index": index, "delta": delta}));
    }

    fn stop(&mut self) {
        if std::mem::take(&mut self.is_open) {
            let index = self.steps.saturating_sub(1);
            self.event("step.stop", json!({ "index": index }));
        }
    }

    fn event(&mut self, kind: &str, mut value: Value) {
        value["event_type"] = json!(kind);
        self.events
            .push(format!("event: {kind}\ndata: {value}\n\n"));
    }
}
