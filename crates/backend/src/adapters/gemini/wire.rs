//! Gemini's JSON: requests, and the parts of a streamed answer.

use std::time::Duration;

use serde_json::{Value, json};

use crate::ports::{Job, ModelReply, ModelRequest, ToolCall, Turn};

/// The body of a request. Sampling is left to the model, whose makers advise against settings.
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

/// An answer that cannot be read.
#[derive(Debug)]
pub(super) struct Unreadable;

/// Most calls of tools in one answer.
const MOST_CALLS: usize = 16;

/// A streamed answer, as far as it has come.
#[derive(Debug, Default)]
pub(super) struct Reading {
    pending: Vec<u8>,
    text: String,
    calls: Vec<ToolCall>,
    parts: Vec<Value>,
    tokens: u64,
    finished: bool,
}

impl Reading {
    /// Takes the next bytes; the thoughts that became whole with them.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<Vec<String>, Unreadable> {
        self.pending.extend_from_slice(bytes);
        let mut thoughts = Vec::new();
        while let Some(end) = self.pending.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.pending.drain(..=end).collect();
            let line = std::str::from_utf8(&line).map_err(|_| Unreadable)?.trim();
            // Fields other than data, and the empty line between two events, carry nothing here.
            if let Some(data) = line.strip_prefix("data:") {
                let event: Value = serde_json::from_str(data).map_err(|_| Unreadable)?;
                self.event(&event, &mut thoughts)?;
            }
        }
        Ok(thoughts)
    }

    fn event(&mut self, event: &Value, thoughts: &mut Vec<String>) -> Result<(), Unreadable> {
        if event.get("error").is_some() || event["promptFeedback"]["blockReason"].is_string() {
            return Err(Unreadable);
        }
        if let Some(tokens) = event["usageMetadata"]["totalTokenCount"].as_u64() {
            self.tokens = tokens;
        }
        let candidate = &event["candidates"][0];
        for part in candidate["content"]["parts"]
            .as_array()
            .into_iter()
            .flatten()
        {
            self.part(part, thoughts)?;
        }
        match candidate["finishReason"].as_str() {
            None => {}
            Some("STOP") => self.finished = true,
            // Cut off, blocked or malformed: half an answer is none.
            Some(_) => return Err(Unreadable),
        }
        Ok(())
    }

    fn part(&mut self, part: &Value, thoughts: &mut Vec<String>) -> Result<(), Unreadable> {
        if let Some(text) = part["text"].as_str() {
            if part["thought"].as_bool() == Some(true) {
                thoughts.push(text.to_owned());
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
        // Signatures of thoughts must come back with the very part they came with.
        self.parts.push(part.clone());
        Ok(())
    }

    /// The whole answer.
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

/// How long an error asks to wait: `{"error": {"details": [{"retryDelay": "46s"}]}}`.
pub(super) fn retry_delay(body: &str) -> Option<Duration> {
    let body: Value = serde_json::from_str(body).ok()?;
    let details = body["error"]["details"].as_array()?;
    let text = details
        .iter()
        .find_map(|detail| detail["retryDelay"].as_str())?;
    let (whole, fraction) = text
        .strip_suffix('s')?
        .split_once('.')
        .unwrap_or((text.strip_suffix('s')?, "0"));
    let millis: u64 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
    Some(Duration::from_secs(whole.parse().ok()?) + Duration::from_millis(millis))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(parts: &Value, finish: Option<&str>) -> String {
        let mut candidate = json!({"content": {"role": "model", "parts": parts}});
        if let Some(finish) = finish {
            candidate["finishReason"] = json!(finish);
        }
        format!(
            "data: {}\r\n\r\n",
            json!({"candidates": [candidate], "usageMetadata": {"totalTokenCount": 7}})
        )
    }

    #[test]
    fn an_answer_is_read_however_its_bytes_fall() {
        let whole = event(&json!([{"text": "Wäge ab", "thought": true}]), None)
            + &event(&json!([{"text": "{\"a\""}]), None)
            + &event(
                &json!([{"text": ":1}"}, {"functionCall": {"id": "1", "name": "f", "args": {}}, "thoughtSignature": "s"}]),
                Some("STOP"),
            );
        for cut in 0..=whole.len() {
            let mut reading = Reading::default();
            let mut thoughts = reading.push(&whole.as_bytes()[..cut]).unwrap();
            thoughts.extend(reading.push(&whole.as_bytes()[cut..]).unwrap());
            let reply = reading.finish("m").unwrap();
            assert_eq!(
                (thoughts.as_slice(), reply.text.as_str()),
                (["Wäge ab".to_owned()].as_slice(), "{\"a\":1}")
            );
            assert_eq!((reply.calls.len(), reply.tokens), (1, 7));
            assert_eq!(reply.answered["parts"][3]["thoughtSignature"], "s");
        }
    }

    #[test]
    fn half_an_answer_is_none() {
        for text in [
            event(&json!([{"text": "x"}]), None),
            event(&json!([{"text": "x"}]), Some("MAX_TOKENS")),
            event(&json!([{"text": "x"}]), Some("MALFORMED_FUNCTION_CALL")),
            "data: {\"promptFeedback\":{\"blockReason\":\"SAFETY\"}}\n".to_owned(),
            "data: {\"error\":{\"code\":500}}\n".to_owned(),
            "data: {broken\n".to_owned(),
        ] {
            let mut reading = Reading::default();
            let pushed = reading.push(text.as_bytes());
            assert!(pushed.is_err() || reading.finish("m").is_err(), "{text}");
        }
    }

    #[test]
    fn the_wait_an_error_asks_for_is_read() {
        let with = |delay: &str| {
            retry_delay(&json!({"error": {"details": [{"retryDelay": delay}]}}).to_string())
        };
        assert_eq!(with("46s"), Some(Duration::from_secs(46)));
        assert_eq!(with("0.25s"), Some(Duration::from_millis(250)));
        assert_eq!(with("soon"), None);
        assert_eq!(retry_delay("<html>"), None);
    }
}
