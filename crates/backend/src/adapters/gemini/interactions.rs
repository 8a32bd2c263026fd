//! The wire format called Interactions: a list of steps, each of which is begun, filled piece by
//! piece, and closed. The service stores nothing (`store: false`), so every step is sent back along
//! with its signature.

use serde_json::{Value, json};

use super::answer::{MOST_CALLS, Unreadable};
use crate::ports::{Job, ModelReply, ModelRequest, ToolCall, Turn};

/// Path of a request, below the version.
pub(super) const PATH: &str = "interactions";
/// Revision of the format used here: header and value.
pub(super) const REVISION: (&str, &str) = ("Api-Revision", "2026-05-20");

/// Maximum number of steps read from one answer.
const MOST_STEPS: usize = 64;

/// Returns the body of a request. Sampling is left to the model, as its vendor advises.
pub(super) fn body(request: &ModelRequest, model: &str) -> Value {
    let input: Vec<Value> = request.turns.iter().flat_map(steps).collect();
    let mut generation = json!({
        "max_output_tokens": request.max_output_tokens,
        "thinking_level": "low",
        "thinking_summaries": "auto",
    });
    let mut body = json!({
        "model": model,
        "store": false,
        "stream": true,
        "system_instruction": request.instruction,
        "input": input,
    });
    match &request.job {
        Job::Extract(schema) => {
            body["response_format"] =
                json!({"type": "text", "mime_type": "application/json", "schema": schema});
        }
        Job::UseTools(tools) => {
            let functions: Vec<Value> = tools
                .iter()
                .map(|tool| {
                    json!({
                        "type": "function",
                        "name": tool.name,
                        "description": tool.description,
                        "parameters": tool.parameters,
                    })
                })
                .collect();
            body["tools"] = json!(functions);
            generation["tool_choice"] = json!("auto");
        }
    }
    body["generation_config"] = generation;
    body
}

fn steps(turn: &Turn) -> Vec<Value> {
    match turn {
        Turn::Said(text) => {
            let content = json!([{"type": "text", "text": text}]);
            vec![json!({"type": "user_input", "content": content})]
        }
        Turn::Answered(Value::Array(steps)) => steps.clone(),
        Turn::Answered(step) => vec![step.clone()],
        Turn::Results(results) => results
            .iter()
            .map(|result| {
                json!({
                    "type": "function_result",
                    "call_id": result.id,
                    "name": result.name,
                    "result": result.response,
                    "is_error": result.response.get("error").is_some(),
                })
            })
            .collect(),
    }
}

/// An answer that is still arriving.
#[derive(Debug, Default)]
pub(super) struct Answer {
    steps: Vec<Step>,
    tokens: u64,
    finished: bool,
}

#[derive(Debug)]
struct Step {
    /// Step in the form in which it is sent back.
    value: Value,
    /// JSON of a call's arguments, as far as it has arrived.
    arguments: String,
}

impl Answer {
    /// Processes the next event; returns the thoughts in it.
    pub(super) fn take(&mut self, event: &Value) -> Result<Vec<String>, Unreadable> {
        match event["event_type"].as_str() {
            Some("step.start") => self.begin(event),
            Some("step.delta") => self.fill(event).map(Vec::from_iter),
            Some("interaction.status_update") => {
                is_alive(&event["status"])?;
                Ok(Vec::new())
            }
            Some("interaction.completed") => {
                let interaction = &event["interaction"];
                match interaction["status"].as_str() {
                    Some("completed" | "requires_action") => self.finished = true,
                    // Cut off, blocked or to be continued: an incomplete answer is not used.
                    _ => return Err(Unreadable),
                }
                if let Some(tokens) = interaction["usage"]["total_tokens"].as_u64() {
                    self.tokens = tokens;
                }
                Ok(Vec::new())
            }
            Some("error") => Err(Unreadable),
            // The announcement, the ends of steps, and any events added in the future.
            Some(_) => Ok(Vec::new()),
            None => Err(Unreadable),
        }
    }

    fn begin(&mut self, event: &Value) -> Result<Vec<String>, Unreadable> {
        let is_next = index_of(event) == Some(self.steps.len());
        let step = &event["step"];
        let is_known = matches!(
            step["type"].as_str(),
            Some("thought" | "model_output" | "function_call")
        );
        if !is_next || !is_known || self.steps.len() == MOST_STEPS {
            return Err(Unreadable);
        }
        self.steps.push(Step {
            value: step.clone(),
            arguments: String::new(),
        });
        let summary = step["summary"].as_array();
        let texts = summary.into_iter().flatten().map(|item| &item["text"]);
        Ok(texts.filter_map(Value::as_str).map(str::to_owned).collect())
    }

    fn fill(&mut self, event: &Value) -> Result<Option<String>, Unreadable> {
        let step = index_of(event)
            .and_then(|index| self.steps.get_mut(index))
            .ok_or(Unreadable)?;
        let delta = &event["delta"];
        let kind = step.value["type"].as_str().unwrap_or_default();
        match (kind, delta["type"].as_str()) {
            ("thought", Some("thought_summary")) => {
                // An image is not a remark.
                let Some(text) = delta["content"]["text"].as_str() else {
                    return Ok(None);
                };
                append(&mut step.value["summary"], &delta["content"]);
                return Ok(Some(text.to_owned()));
            }
            ("thought", Some("thought_signature")) => {
                step.value["signature"] = delta["signature"].clone();
            }
            ("model_output", Some("text")) => {
                let text = delta["text"].as_str().ok_or(Unreadable)?;
                let content = &mut step.value["content"];
                match content.get_mut(0).and_then(|first| first.get_mut("text")) {
                    Some(Value::String(so_far)) => so_far.push_str(text),
                    _ => append(content, &json!({"type": "text", "text": text})),
                }
            }
            ("model_output", Some("text_annotation_delta")) => {}
            ("function_call", Some("arguments_delta")) => {
                let piece = delta["arguments"].as_str().ok_or(Unreadable)?;
                step.arguments.push_str(piece);
            }
            // It could not be sent back unchanged.
            _ => return Err(Unreadable),
        }
        Ok(None)
    }

    /// Returns the complete answer.
    pub(super) fn finish(self, model: &str) -> Result<ModelReply, Unreadable> {
        if !self.finished {
            return Err(Unreadable);
        }
        let mut reply = ModelReply {
            text: String::new(),
            calls: Vec::new(),
            answered: Value::Null,
            tokens: self.tokens,
            model: model.to_owned(),
        };
        let mut answered = Vec::with_capacity(self.steps.len());
        for Step {
            mut value,
            arguments,
        } in self.steps
        {
            if !arguments.is_empty() {
                value["arguments"] = serde_json::from_str(&arguments).map_err(|_| Unreadable)?;
            }
            match value["type"].as_str() {
                Some("model_output") => {
                    let content = value["content"].as_array();
                    let texts = content.into_iter().flatten().map(|item| &item["text"]);
                    reply.text.extend(texts.filter_map(Value::as_str));
                }
                Some("function_call") => {
                    if reply.calls.len() == MOST_CALLS {
                        return Err(Unreadable);
                    }
                    reply.calls.push(ToolCall {
                        // A result without the id of its call is refused.
                        id: Some(value["id"].as_str().ok_or(Unreadable)?.to_owned()),
                        name: value["name"].as_str().ok_or(Unreadable)?.to_owned(),
                        arguments: value["arguments"].clone(),
                    });
                }
                _ => {}
            }
            answered.push(value);
        }
        reply.answered = Value::Array(answered);
        Ok(reply)
    }
}

fn index_of(event: &Value) -> Option<usize> {
    usize::try_from(event["index"].as_u64()?).ok()
}

fn append(list: &mut Value, item: &Value) {
    match list {
        Value::Array(items) => items.push(item.clone()),
        none => *none = json!([item]),
    }
}

fn is_alive(status: &Value) -> Result<(), Unreadable> {
    match status.as_str() {
        Some("failed" | "cancelled" | "incomplete" | "budget_exceeded") => Err(Unreadable),
        _ => Ok(()),
    }
}
