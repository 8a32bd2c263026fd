//! The wire format called `generateContent`: turns with parts, which arrive a few at a time in a
//! streamed answer.

use serde_json::{Value, json};

use super::answer::{MOST_CALLS, Unreadable};
use crate::ports::{Job, ModelReply, ModelRequest, ToolCall, Turn};

/// Returns the path of a request, below the version.
pub(super) fn path(model: &str) -> String {
    format!("models/{model}:streamGenerateContent?alt=sse")
}

/// Returns the body of a request. Sampling is left to the model, as its vendor advises.
pub(super) fn body(request: &ModelRequest) -> Value {
    let contents: Vec<Value> = request.turns.iter().map(content).collect();
    let mut generation = json!({
        "maxOutputTokens": request.max_output_tokens,
        "thinkingConfig": {"includeThoughts": true, "thinkingLevel": "LOW"},
    });
    let mut body = json!({
        "systemInstruction": {"parts": [{"text": request.instruction}]},
        "contents": contents,
    });
    match &request.job {
        Job::Extract(schema) => {
            generation["responseMimeType"] = json!("application/json");
            generation["responseJsonSchema"] = schema.clone();
        }
        Job::UseTools(tools) => {
            let declarations: Vec<Value> = tools
                .iter()
                .map(|tool| {
                    json!({
                        "name": tool.name,
                        "description": tool.description,
                        "parametersJsonSchema": tool.parameters,
                    })
                })
                .collect();
            body["tools"] = json!([{"functionDeclarations": declarations}]);
            body["toolConfig"] = json!({"functionCallingConfig": {"mode": "AUTO"}});
        }
    }
    body["generationConfig"] = generation;
    body
}

fn content(turn: &Turn) -> Value {
    match turn {
        Turn::Said(text) => json!({"role": "user", "parts": [{"text": text}]}),
        Turn::Answered(content) => content.clone(),
        Turn::Results(results) => {
            let parts: Vec<Value> = results
                .iter()
                .map(|result| {
                    let mut part = json!({"name": result.name, "response": result.response});
                    if let Some(id) = &result.id {
                        part["id"] = json!(id);
                    }
                    json!({"functionResponse": part})
                })
                .collect();
            json!({"role": "user", "parts": parts})
        }
    }
}

/// An answer that is still arriving.
#[derive(Debug, Default)]
pub(super) struct Answer {
    text: String,
    calls: Vec<ToolCall>,
    parts: Vec<Value>,
    tokens: u64,
    finished: bool,
}

impl Answer {
    /// Processes the next event; returns the thoughts in it.
    pub(super) fn take(&mut self, event: &Value) -> Result<Vec<String>, Unreadable> {
        if event.get("error").is_some() || event["promptFeedback"]["blockReason"].is_string() {
            return Err(Unreadable);
        }
        if let Some(tokens) = event["usageMetadata"]["totalTokenCount"].as_u64() {
            self.tokens = tokens;
        }
        let candidate = &event["candidates"][0];
        let parts = candidate["content"]["parts"].as_array();
        let mut thoughts = Vec::new();
        for part in parts.into_iter().flatten() {
            thoughts.extend(self.part(part)?);
        }
        match candidate["finishReason"].as_str() {
            None => Ok(thoughts),
            Some("STOP") => {
                self.finished = true;
                Ok(thoughts)
            }
            // Cut off, blocked or malformed: an incomplete answer is not used.
            Some(_) => Err(Unreadable),
        }
    }

    fn part(&mut self, part: &Value) -> Result<Option<String>, Unreadable> {
        let mut thought = None;
        if let Some(text) = part["text"].as_str() {
            if part["thought"].as_bool() == Some(true) {
                thought = Some(text.to_owned());
            } else {
                self.text.push_str(text);
            }
        }
        if let Some(call) = part.get("functionCall") {
            if self.calls.len() == MOST_CALLS {
                return Err(Unreadable);
            }
            self.calls.push(ToolCall {
                id: call["id"].as_str().map(str::to_owned),
                name: call["name"].as_str().ok_or(Unreadable)?.to_owned(),
                arguments: call["args"].clone(),
            });
        }
        // Signatures of thoughts must be sent back with exactly the part that they came with.
        self.parts.push(part.clone());
        Ok(thought)
    }

    /// Returns the complete answer.
    pub(super) fn finish(self, model: &str) -> Result<ModelReply, Unreadable> {
        if !self.finished {
            return Err(Unreadable);
        }
        Ok(ModelReply {
            text: self.text,
            calls: self.calls,
            answered: json!({"role": "model", "parts": self.parts}),
            tokens: self.tokens,
            model: model.to_owned(),
        })
    }
}
