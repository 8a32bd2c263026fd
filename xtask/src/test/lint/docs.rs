//! Finds poor documentation: a single word, or a field described by a question instead of its answer.

use std::fs;

use anyhow::{Context, Result, bail};

use super::tracked;
use crate::workspace::Workspace;

/// Question words with which the description of a field must not begin.
const QUESTIONS: [&str; 11] = [
    "What",
    "How",
    "Whether",
    "When",
    "Where",
    "Why",
    "Who",
    "Whom",
    "Whose",
    "Which",
    "Since when",
];

/// Checks every Rust source that git tracks.
pub(super) fn check(workspace: &Workspace) -> Result<()> {
    let mut problems = Vec::new();
    for (name, path) in tracked::files(workspace, &["*.rs"])? {
        let text = fs::read_to_string(&path).with_context(|| format!("could not read {name}"))?;
        problems.extend(in_text(&text).map(|problem| format!("{name}:{problem}")));
    }
    if problems.is_empty() {
        return Ok(());
    }
    bail!(
        "say what it means, in which unit, from where, and what its absence means:\n  {}",
        problems.join("\n  ")
    )
}

/// Returns the poor descriptions, each with the line on which it begins.
fn in_text(text: &str) -> impl Iterator<Item = String> {
    let lines: Vec<&str> = text.lines().map(str::trim_start).collect();
    let mut problems = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let length = doc_lines(&lines[at..]);
        if length > 0
            && let Some(problem) =
                problem(&lines[at..at + length], item_after(&lines[at + length..]))
        {
            problems.push(format!("{}: {problem}", at + 1));
        }
        at += length.max(1);
    }
    problems.into_iter()
}

/// Returns how many of these lines are one description.
fn doc_lines(lines: &[&str]) -> usize {
    lines
        .iter()
        .take_while(|line| line.starts_with("///") && !line.starts_with("////"))
        .count()
}

/// Returns the line of the described item, after its attributes.
fn item_after<'a>(lines: &[&'a str]) -> &'a str {
    let mut depth = 0_usize;
    for line in lines {
        let is_attribute = depth > 0 || line.starts_with("#[");
        if !is_attribute {
            return line;
        }
        let opened = line.matches('[').count();
        depth = (depth + opened).saturating_sub(line.matches(']').count());
    }
    ""
}

fn problem(doc: &[&str], item: &str) -> Option<String> {
    let first = doc.first()?.trim_start_matches('/').trim();
    if doc.len() == 1 && !first.contains(' ') {
        return Some(format!("a description of one word: “{first}”"));
    }
    let asks = QUESTIONS.iter().any(|question| {
        first
            .strip_prefix(question)
            .is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
    });
    (asks && is_field(item)).then(|| format!("a question, not its answer: “{first}”"))
}

/// Whether the line declares a field or a parameter: a name and a colon, but not a path.
fn is_field(item: &str) -> bool {
    let declared = match item.strip_prefix("pub") {
        Some(rest) => rest
            .strip_prefix('(')
            .and_then(|rest| rest.split_once(')'))
            .map_or(rest, |(_, rest)| rest)
            .trim_start(),
        None => item,
    };
    let name = declared
        .find(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'))
        .unwrap_or(declared.len());
    let rest = declared[name..].trim_start();
    name > 0 && rest.starts_with(':') && !rest.starts_with("::")
}

#[cfg(test)]
mod tests {
    use super::in_text;

    fn found(text: &str) -> Vec<String> {
        in_text(text).collect()
    }

    #[test]
    fn a_description_of_one_word_is_found_wherever_it_stands() {
        let example = "struct Lease {\n    /// Which.\n    #[serde(default)]\n    pub id: u64,\n}\n/// Opens.\nfn open() {}";
        assert_eq!(
            found(example),
            [
                "2: a description of one word: “Which.”",
                "6: a description of one word: “Opens.”"
            ]
        );
    }

    #[test]
    fn a_field_that_is_described_by_a_question_is_found() {
        for field in [
            "at: u64",
            "pub at: u64",
            "pub(in crate::pages) at: Option<u64>",
        ] {
            let example = format!("    /// When the lease was created.\n    {field},");
            assert_eq!(
                found(&example),
                ["1: a question, not its answer: “When the lease was created.”"],
                "{field}"
            );
        }
        let attributes = "/// Since when it runs.\n#[expect(\n    dead_code,\n    reason = \"read by tests\"\n)]\nsince: u64,";
        assert_eq!(found(attributes).len(), 1);
    }

    #[test]
    fn answers_functions_and_other_words_pass() {
        for fine in [
            "/// Unix time at which the lease was created; `None` until the provider answered.\nat: Option<u64>,",
            "/// When it is due.\nfn due() {}",
            "/// Whatever came, unread.\nrest: Vec<u8>,",
            "/// When nothing else fits.\nOther(u64),",
            "//// When\nat: u64,",
        ] {
            assert!(found(fine).is_empty(), "{fine}");
        }
    }
}
