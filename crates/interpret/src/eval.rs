//! Scores an interpreter against a prompts file: how many of the expected fields it gets right.
//!
//! A prompts file has one case per line, `{"prompt": "...", "expect": {...}}`. `expect` names only
//! the fields that must be right; the others may hold anything that is listed as an assumption.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde_json::{Map, Value};
use thiserror::Error;

use crate::answer::to_prompt_json;
use crate::interpreting::interpret;

/// A sentence with the fields that must be understood from it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Case {
    /// Sentence to be interpreted.
    pub prompt: String,
    /// Field names of the answer and their values.
    pub expect: Map<String, Value>,
}

/// A line of a prompts file that is not a case.
#[derive(Debug, Error)]
#[error("line {line} is not a case: {source}")]
pub struct CaseError {
    line: usize,
    source: serde_json::Error,
}

/// Reads a prompts file; empty lines are skipped.
///
/// # Errors
/// On the first line that is not JSON with `prompt` and `expect`.
pub fn parse_cases(jsonl: &str) -> Result<Vec<Case>, CaseError> {
    jsonl
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(index, line)| {
            serde_json::from_str(line).map_err(|source| CaseError {
                line: index + 1,
                source,
            })
        })
        .collect()
}

/// Number of times that a field was right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FieldScore {
    /// Number of times that the field was expected and right.
    pub right: usize,
    /// Number of times that the field was expected.
    pub total: usize,
}

/// An expected field whose answer differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Miss {
    /// Sentence that was interpreted.
    pub prompt: String,
    /// The field, `gpu.count` for a part of the GPU.
    pub field: String,
    /// Value that the case expects.
    pub expected: Value,
    /// Value that the interpreter gave.
    pub answered: Value,
}

/// The result of scoring a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Score {
    /// Number of cases read.
    pub cases: usize,
    /// Cases with every expected field right.
    pub cases_right: usize,
    /// Score of each expected field, by the field's name.
    pub fields: BTreeMap<String, FieldScore>,
    /// Every expected field whose answer differs.
    pub misses: Vec<Miss>,
    /// Fields that were filled, not stated and not listed as an assumption: prompt and field.
    pub unlisted: Vec<(String, String)>,
}

impl Score {
    /// Number of right and of expected fields over all cases.
    #[must_use]
    pub fn total(&self) -> FieldScore {
        self.fields
            .values()
            .fold(FieldScore::default(), |sum, field| FieldScore {
                right: sum.right + field.right,
                total: sum.total + field.total,
            })
    }

    /// The overall score in one line.
    #[must_use]
    pub fn total_line(&self) -> String {
        let total = self.total();
        format!(
            "total: {} of {} fields ({}.{} %), {} of {} sentences",
            total.right,
            total.total,
            self.permille() / 10,
            self.permille() % 10,
            self.cases_right,
            self.cases
        )
    }

    /// Right fields in thousandths of the expected ones, rounded down; 1000 if nothing was
    /// expected.
    #[must_use]
    pub fn permille(&self) -> usize {
        let total = self.total();
        (total.right * 1000)
            .checked_div(total.total)
            .unwrap_or(1000)
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (field, score) in &self.fields {
            writeln!(f, "{field:<22} {:>4} of {:>4}", score.right, score.total)?;
        }
        for miss in &self.misses {
            writeln!(
                f,
                "missed {}: expected {}, answered {}, in “{}”",
                miss.field, miss.expected, miss.answered, miss.prompt
            )?;
        }
        for (prompt, field) in &self.unlisted {
            writeln!(f, "not listed as an assumption: {field}, in “{prompt}”")?;
        }
        f.write_str(&self.total_line())
    }
}

/// Scores the answers an interpreter gives; an answer has the shape of
/// [`to_prompt_json`].
pub fn score(cases: &[Case], mut answer: impl FnMut(&str) -> Value) -> Score {
    let mut score = Score::default();
    for case in cases {
        let answer = answer(&case.prompt);
        let missed_before = score.misses.len();
        for (field, expected) in &case.expect {
            score.compare(&case.prompt, field, expected, &answer[field]);
        }
        score.cases += 1;
        score.cases_right += usize::from(score.misses.len() == missed_before);
        let unlisted = unlisted(&answer).into_iter();
        score
            .unlisted
            .extend(unlisted.map(|field| (case.prompt.clone(), field)));
    }
    score
}

/// Scores the rules of this crate.
#[must_use]
pub fn score_rules(cases: &[Case]) -> Score {
    score(cases, |prompt| {
        let understanding = interpret(prompt);
        let completed = understanding.wish.complete();
        to_prompt_json(&understanding, completed.as_ref())
    })
}

impl Score {
    fn compare(&mut self, prompt: &str, field: &str, expected: &Value, answered: &Value) {
        // The parts of a GPU are fields of their own.
        if let (Value::Object(parts), "gpu") = (expected, field) {
            for (part, expected) in parts {
                self.compare(prompt, &format!("gpu.{part}"), expected, &answered[part]);
            }
            return;
        }
        let entry = self.fields.entry(field.to_owned()).or_default();
        entry.total += 1;
        if same(expected, answered) {
            entry.right += 1;
        } else {
            self.misses.push(Miss {
                prompt: prompt.to_owned(),
                field: field.to_owned(),
                expected: expected.clone(),
                answered: answered.clone(),
            });
        }
    }
}

/// Whether two values are equal, regardless of a number's notation (`2` and `2.0`) and of the order
/// of ports and kinds of price.
fn same(expected: &Value, answered: &Value) -> bool {
    match (expected, answered) {
        (Value::Number(a), Value::Number(b)) => decimal(&a.to_string()) == decimal(&b.to_string()),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().all(|x| b.iter().any(|y| same(x, y)))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(key, x)| b.get(key).is_some_and(|y| same(x, y)))
        }
        (a, b) => a == b,
    }
}

fn decimal(text: &str) -> &str {
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.'),
        false => text,
    }
}

/// Fields in which the answer describes itself, not the workload.
const ABOUT: [&str; 6] = [
    "unclear",
    "question",
    "set_aside",
    "assumptions",
    "evidence",
    "error",
];

fn unlisted(answer: &Value) -> Vec<String> {
    let named = |list: &str, field: &str| {
        answer[list].as_array().is_some_and(|entries| {
            entries.iter().any(|entry| {
                entry["field"].as_str().is_some_and(|name| {
                    name == field || name.strip_prefix("gpu.").is_some_and(|_| field == "gpu")
                })
            })
        })
    };
    let Some(fields) = answer.as_object() else {
        return Vec::new();
    };
    fields
        .iter()
        .filter(|(field, value)| !ABOUT.contains(&field.as_str()) && is_filled(value))
        .filter(|(field, _)| !named("evidence", field) && !named("assumptions", field))
        .filter(|(field, value)| !(*field == "deploy_to_akash" && *value == "automatic"))
        .map(|(field, _)| field.clone())
        .collect()
}

fn is_filled(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Array(items) => !items.is_empty(),
        Value::Object(entries) => !entries.is_empty(),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{parse_cases, score};

    const CASES: &str = r#"{"prompt":"a","expect":{"cpu":0.5,"gpu":{"count":2,"model":"t4"}}}

{"prompt":"b","expect":{"gpu":null,"ports":[80,443]}}"#;

    #[test]
    fn every_part_counts_and_every_miss_is_told() {
        let cases = parse_cases(CASES).unwrap();
        let score = score(&cases, |prompt| match prompt {
            "a" => json!({
                "cpu": 0.5, "gpu": {"count": 4, "model": "t4"}, "region": "eu", "replicas": 1,
                "evidence": [{"field": "cpu"}, {"field": "gpu.count"}],
                "assumptions": [{"field": "replicas"}],
            }),
            _ => json!({"gpu": null, "ports": [443, 80], "evidence": [{"field": "ports"}]}),
        });
        assert_eq!((score.cases, score.cases_right), (2, 1));
        assert_eq!((score.total().right, score.total().total), (4, 5));
        assert_eq!(score.permille(), 800);
        assert_eq!(score.misses[0].field, "gpu.count");
        assert_eq!(score.unlisted, [("a".to_owned(), "region".to_owned())]);
        let told = score.to_string();
        assert!(
            told.contains("missed gpu.count: expected 2, answered 4, in “a”"),
            "{told}"
        );
        assert!(
            told.ends_with("total: 4 of 5 fields (80.0 %), 1 of 2 sentences"),
            "{told}"
        );
    }

    #[test]
    fn a_broken_line_is_named() {
        let error = parse_cases("{\"prompt\":\"a\",\"expect\":{}}\nnonsense").unwrap_err();
        assert!(
            error.to_string().starts_with("line 2 is not a case:"),
            "{error}"
        );
    }
}
