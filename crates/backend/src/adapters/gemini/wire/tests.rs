use serde_json::json;

use super::*;

/// An answer with a remark, a text in two pieces and a call, in each wire format, followed by
/// `end`.
fn streamed(form: WireForm, end: &str) -> String {
    let events = match form {
        WireForm::GenerateContent => {
            let of = |parts: Value, finish: Option<&str>| {
                let mut candidate = json!({"content": {"role": "model", "parts": parts}});
                if let Some(finish) = finish {
                    candidate["finishReason"] = json!(finish);
                }
                json!({"candidates": [candidate], "usageMetadata": {"totalTokenCount": 7}})
            };
            let call = json!({
                "functionCall": {"id": "1", "name": "f", "args": {"a": "ä"}},
                "thoughtSignature": "s",
            });
            vec![
                of(json!([{"text": "Wäge ab", "thought": true}]), None),
                of(json!([{"text": "{\"a\""}]), None),
                of(json!([{"text": ":1}"}, call]), Some(end)),
            ]
        }
        WireForm::Interactions => {
            let start = |index: u8, step: Value| json!({"event_type": "step.start", "index": index, "step": step});
            let delta = |index: u8, delta: Value| json!({"event_type": "step.delta", "index": index, "delta": delta});
            let summary =
                json!({"type": "thought_summary", "content": {"type": "text", "text": "Wäge ab"}});
            let ended = json!({"id": "i", "status": end, "usage": {"total_tokens": 7}});
            vec![
                json!({"event_type": "interaction.created", "interaction": {"status": "in_progress"}}),
                start(0, json!({"type": "thought"})),
                delta(0, summary),
                delta(0, json!({"type": "thought_signature", "signature": "s"})),
                json!({"event_type": "step.stop", "index": 0}),
                start(1, json!({"type": "model_output", "content": []})),
                delta(1, json!({"type": "text", "text": "{\"a\""})),
                delta(1, json!({"type": "text", "text": ":1}"})),
                start(
                    2,
                    json!({"type": "function_call", "id": "1", "name": "f", "arguments": {}}),
                ),
                delta(
                    2,
                    json!({"type": "arguments_delta", "arguments": "{\"a\":"}),
                ),
                delta(2, json!({"type": "arguments_delta", "arguments": "\"ä\"}"})),
                json!({"event_type": "interaction.completed", "interaction": ended}),
            ]
        }
    };
    let lines = events
        .iter()
        .map(|event| format!("event: x\r\ndata: {event}\r\n\r\n"));
    lines.collect::<String>() + "data: [DONE]\n\n"
}

/// The end of a complete answer.
const fn good_end(form: WireForm) -> &'static str {
    match form {
        WireForm::GenerateContent => "STOP",
        WireForm::Interactions => "requires_action",
    }
}

#[test]
fn an_answer_is_read_however_its_bytes_fall() {
    for form in WireForm::ALL {
        let whole = streamed(form, good_end(form));
        for cut in 0..=whole.len() {
            let mut reading = Reading::of(form);
            let mut thoughts = reading.push(&whole.as_bytes()[..cut]).unwrap();
            thoughts.extend(reading.push(&whole.as_bytes()[cut..]).unwrap());
            let reply = reading.finish("m").unwrap();
            assert_eq!(
                (thoughts.as_slice(), reply.text.as_str(), reply.tokens),
                (["Wäge ab".to_owned()].as_slice(), "{\"a\":1}", 7)
            );
            let call = &reply.calls[0];
            assert_eq!(
                (call.name.as_str(), &call.arguments),
                ("f", &json!({"a": "ä"}))
            );
        }
    }
}

#[test]
fn an_answer_goes_back_with_its_signature_and_its_calls_in_their_place() {
    let reply = |form| {
        let mut reading = Reading::of(form);
        reading
            .push(streamed(form, good_end(form)).as_bytes())
            .unwrap();
        reading.finish("m").unwrap().answered
    };
    let parts = reply(WireForm::GenerateContent);
    assert_eq!(parts["parts"][3]["thoughtSignature"], "s");
    let steps = reply(WireForm::Interactions);
    assert_eq!(
        steps,
        json!([
            {"type": "thought", "signature": "s", "summary": [{"type": "text", "text": "Wäge ab"}]},
            {"type": "model_output", "content": [{"type": "text", "text": "{\"a\":1}"}]},
            {"type": "function_call", "id": "1", "name": "f", "arguments": {"a": "ä"}},
        ])
    );
}

#[test]
fn half_an_answer_is_none() {
    let event = |value: Value| format!("data: {value}\n");
    let whole = streamed(WireForm::GenerateContent, "STOP");
    let torn = |form| {
        streamed(form, good_end(form))
            .lines()
            .take(4)
            .map(|line| format!("{line}\n"))
            .collect::<String>()
    };
    let old = WireForm::GenerateContent;
    let new = WireForm::Interactions;
    for (form, text) in [
        (old, torn(old)),
        (new, torn(new)),
        (old, streamed(old, "MAX_TOKENS")),
        (old, streamed(old, "MALFORMED_FUNCTION_CALL")),
        (new, streamed(new, "incomplete")),
        (new, streamed(new, "requires_continuation")),
        (new, streamed(new, "failed")),
        (new, whole),
        (
            old,
            event(json!({"promptFeedback": {"blockReason": "SAFETY"}})),
        ),
        (old, event(json!({"error": {"code": 500}}))),
        (
            new,
            event(json!({"event_type": "error", "error": {"code": "internal"}})),
        ),
        (
            new,
            event(json!({"event_type": "interaction.status_update", "status": "failed"})),
        ),
        (
            new,
            event(json!({"event_type": "step.start", "index": 1, "step": {"type": "thought"}})),
        ),
        (
            new,
            event(json!({"event_type": "step.start", "index": 0, "step": {"type": "mcp_call"}})),
        ),
        (
            new,
            event(
                json!({"event_type": "step.delta", "index": 0, "delta": {"type": "text", "text": "x"}}),
            ),
        ),
        (old, "data: {broken\n".to_owned()),
        (new, "data: {broken\n".to_owned()),
    ] {
        let mut reading = Reading::of(form);
        let pushed = reading.push(text.as_bytes());
        assert!(
            pushed.is_err() || reading.finish("m").is_err(),
            "{form}: {text}"
        );
    }
}

#[test]
fn a_form_is_named_in_the_configuration() {
    for form in WireForm::ALL {
        assert_eq!(form.id().parse(), Ok(form));
    }
    assert_eq!("grpc".parse::<WireForm>(), Err(UnknownWireForm));
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
