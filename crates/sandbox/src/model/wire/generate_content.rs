//! The wire format `streamGenerateContent`: turns with parts.

use serde_json::{Value, json};

use super::super::answers::{Given, Question, Said};
use super::super::fault::ModelFault;
use super::{SIGNATURE, flood};

/// Parses a request. Refuses one without turns, and a model's turn that comes back without the
/// signature of its thoughts.
pub(super) fn read(body: &Value) -> Result<Question, &'static str> {
    let Some(contents) = body["contents"].as_array().filter(|all| !all.is_empty()) else {
        return Err("contents must not be empty");
    };
    let unsigned = contents
        .iter()
        .filter(|content| content["role"] == "model")
        .filter_map(|content| content["parts"].as_array())
        .filter_map(|parts| parts.iter().find(|part| part.get("functionCall").is_some()))
        .any(|part| part["thoughtSignature"] != SIGNATURE);
    if unsigned {
        return Err("Function call is missing a thought_signature.");
    }
    if body["generationConfig"].get("temperature").is_some() {
        return Err("temperature is not supported by this model.");
    }
    let results = contents
        .iter()
        .filter_map(|content| content["parts"].as_array())
        .flatten()
        .filter_map(|part| part.get("functionResponse"))
        .map(|given| Given {
            tool: given["name"].as_str().unwrap_or_default().to_owned(),
            response: given["response"].clone(),
        })
        .collect();
    let words = contents[0]["parts"][0]["text"].as_str().unwrap_or_default();
    Ok(Question {
        words: words.to_owned(),
        has_tools: body.get("tools").is_some(),
        results,
    })
}

pub(super) fn events(said: &[Said], fault: Option<ModelFault>) -> Vec<String> {
    match fault {
        Some(ModelFault::Blocked) => {
            return vec![event(&json!({"promptFeedback": {"blockReason": "SAFETY"}}))];
        }
        Some(ModelFault::Flood) => {
            return flood()
                .map(|text| {
                    event(&json!({"candidates": [{"content": {"parts": [{ "text": text }]}}]}))
                })
                .collect();
        }
        Some(ModelFault::BrokenStream) => {
            return said
                .first()
                .map(|first| of_part(&part(first, false), None))
                .into_iter()
                .collect();
        }
        _ => {}
    }
    let reason = match fault {
        Some(ModelFault::MaxTokens) => "MAX_TOKENS",
        _ => "STOP",
    };
    let last = said.len().saturating_sub(1);
    said.iter()
        .enumerate()
        .map(|(at, one)| of_part(&part(one, at == last), (at == last).then_some(reason)))
        .collect()
}

fn part(said: &Said, is_last: bool) -> Value {
    match said {
        Said::Thought(text) => json!({"text": text, "thought": true}),
        Said::Text(text) if is_last => json!({"text": text, "thoughtSignature": SIGNATURE}),
        Said::Text(text) => json!({ "text": text }),
        Said::Call {
            id,
            tool,
            arguments,
        } => json!({
            "functionCall": {"id": id, "name": tool, "args": arguments},
            "thoughtSignature": SIGNATURE,
        }),
    }
}

/// Returns the event of a remark made while thinking.
pub(super) fn thought(text: &str) -> String {
    of_part(&part(&Said::Thought(text.to_owned()), false), None)
}

fn of_part(part: &Value, finish: Option<&str>) -> String {
    let mut candidate = json!({"index": 0, "content": {"role": "model", "parts": [part]}});
    let mut usage = json!({"promptTokenCount": 400, "totalTokenCount": 460});
    if let Some(finish) = finish {
        candidate["finishReason"] = json!(finish);
        usage = json!({
            "promptTokenCount": 400, "candidatesTokenCount": 120, "thoughtsTokenCount": 80,
            "totalTokenCount": 600,
        });
    }
    event(&json!({"candidates": [candidate], "usageMetadata": usage}))
}

fn event(value: &Value) -> String {
    format!("data: {value}\r\n\r\n")
}

pub(super) fn refusal(code: u16, status: &str, message: &str, details: Value) -> Value {
    let mut error = json!({"code": code, "status": status, "message": message});
    if !details.is_null() {
        error["details"] = details;
    }
    json!({ "error": error })
}
