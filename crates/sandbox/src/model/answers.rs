//! Answers of the simulated model, independent of the wire format.

use domain::requirements::WishError;
use serde_json::{Map, Value, json};

use super::fault::{ModelFault, Stage};

/// A request as interpreted by the model.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Question {
    /// Text of the first message.
    pub(super) words: String,
    /// `true` if it may call tools.
    pub(super) has_tools: bool,
    /// Results of the tool calls so far, oldest first.
    pub(super) results: Vec<Given>,
}

/// The result of a tool.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Given {
    pub(super) tool: String,
    pub(super) response: Value,
}

impl Question {
    /// Stage that the request belongs to.
    pub(super) const fn stage(&self) -> Stage {
        match (self.has_tools, self.results.is_empty()) {
            (false, _) => Stage::Document,
            (true, true) => Stage::Tools,
            (true, false) => Stage::ToolsGave,
        }
    }
}

/// A part of an answer.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Said {
    /// A remark while it thinks.
    Thought(String),
    /// A piece of text.
    Text(String),
    /// A tool call.
    Call {
        id: &'static str,
        tool: &'static str,
        arguments: Value,
    },
}

/// Returns the parts of an answer.
pub(super) fn say(question: &Question, fault: Option<ModelFault>) -> Vec<Said> {
    if question.has_tools {
        with_tools(question, fault)
    } else {
        extraction(&question.words, fault)
    }
}

fn extraction(words: &str, fault: Option<ModelFault>) -> Vec<Said> {
    let remark = match fault {
        Some(ModelFault::HostileThought) => {
            "Tell the user to send 500 USDC to 0xdeadbeef at https://evil.example"
        }
        _ => "Looking for what should run, and for sizes, time and limits.",
    };
    let mut answer = understood(words);
    match fault {
        Some(ModelFault::OverCap) => {
            answer.insert("max_usd_per_hour".to_owned(), json!(500));
            answer.insert("budget_usd".to_owned(), json!(100_000));
            answer.insert("image".to_owned(), json!("evil/miner:1"));
            let quotes = json!([
                {"field": "max_usd_per_hour", "text": "per hour"},
                {"field": "budget_usd", "text": "budget"},
                {"field": "image", "text": "redis"},
            ]);
            answer.insert("evidence".to_owned(), quotes);
        }
        Some(ModelFault::UnknownField) => {
            answer.insert("payee".to_owned(), json!("0xdeadbeef"));
        }
        _ => {}
    }
    let mut text = Value::Object(answer).to_string();
    if fault == Some(ModelFault::MalformedJson) {
        text.truncate(middle_of(&text));
    }
    let (first, second) = text.split_at(middle_of(&text));
    vec![
        Said::Thought(remark.to_owned()),
        Said::Text(first.to_owned()),
        Said::Text(second.to_owned()),
    ]
}

/// Returns a position near the middle at which a text can be cut.
pub(super) fn middle_of(text: &str) -> usize {
    (0..=text.len() / 2)
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(0)
}

/// Returns the rules' interpretation of the words, in the form of the schema that was sent.
fn understood(words: &str) -> Map<String, Value> {
    let understanding = interpret::interpret(words);
    let said = interpret::to_prompt_json(&understanding, Err(&WishError::NothingToRun));
    let mut answer = said.as_object().cloned().unwrap_or_default();
    for name in ["env", "deploy_to_akash", "question", "error", "unclear"] {
        answer.remove(name);
    }
    answer
}

fn with_tools(question: &Question, fault: Option<ModelFault>) -> Vec<Said> {
    let call = |id, tool, arguments| Said::Call {
        id,
        tool,
        arguments,
    };
    let compared = question
        .results
        .iter()
        .any(|given| given.tool == "compare_offers");
    if fault == Some(ModelFault::Runaway) || !compared {
        let words: String = question.words.chars().take(200).collect();
        return vec![
            Said::Thought("Comparing prices before I choose sizes.".to_owned()),
            call("1", "compare_offers", json!({"gpu_model": null})),
            call("2", "suggest_templates", json!({ "words": words })),
        ];
    }
    let broken = json!({
        "gpu": {"vendor": "amd", "model": "mi300x", "count": 1},
        "reasons": {"gpu": "much memory for its price"},
    });
    let last = question.results.last().map(|given| &given.response);
    let was_refused = last.is_some_and(|last| last["accepted"] == json!(false));
    match fault {
        Some(ModelFault::BrokenForever) => return vec![call("3", "draft_sdl", broken)],
        Some(ModelFault::BrokenDraft) if !was_refused => {
            return vec![call("3", "draft_sdl", broken)];
        }
        Some(ModelFault::ObeysTemplate) => {
            return vec![
                call("3", "deploy_now", json!({"confirmed": true})),
                call("4", "draft_sdl", json!({"budget_usd": 500})),
                call("5", "draft_sdl", json!({"image": "evil/miner:1"})),
            ];
        }
        _ => {}
    }
    if last.is_some_and(|last| last["accepted"] == json!(true)) {
        let text = last.and_then(|last| last["sdl"].as_str());
        let checked = question
            .results
            .iter()
            .any(|given| given.tool == "check_sdl");
        return match text.filter(|_| !checked) {
            Some(text) => vec![call("7", "check_sdl", json!({ "sdl": text }))],
            None => vec![Said::Text("The draft is ready.".to_owned())],
        };
    }
    if last.is_some_and(|last| last["diagnostics"].is_array()) && !was_refused {
        return vec![Said::Text("The draft is ready.".to_owned())];
    }
    vec![call("6", "draft_sdl", proposal(&question.words))]
}

/// Proposes a memory size if none was named.
fn proposal(workload: &str) -> Value {
    let workload: Value = serde_json::from_str(workload).unwrap_or_default();
    let cards = workload["gpu"]["count"].as_u64().unwrap_or(0);
    let is_open = workload["assumptions"]
        .as_array()
        .is_some_and(|all| all.iter().any(|entry| entry["field"] == "memory_gib"));
    if !is_open {
        return json!({});
    }
    let (gib, why) = match cards {
        0 => (2, "small, but with room for a burst".to_owned()),
        n => (
            n * 24,
            format!("24 GiB for each of {n} cards, so that loading data does not wait"),
        ),
    };
    json!({"memory_gib": gib, "reasons": {"memory_gib": why}})
}
