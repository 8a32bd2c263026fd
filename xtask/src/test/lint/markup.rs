//! Finds places where text becomes markup: elements whose text the renderer does not escape, and properties that are
//! parsed. Each is allowed in one named file only, where it is made safe.

use std::fs;

use anyhow::{Context, Result, bail};

use super::tracked;
use crate::workspace::Workspace;

/// Component that encodes text for such elements.
const RAW_TEXT: &str = "app/src/components/raw_text.rs";

/// Document around the application; its scripts are constants of ours.
const SHELL: &str = "app/src/shell.rs";

/// Script that hydrates a page; it contains two file names.
const BUNDLE: &str = "app/src/shell/bundle.rs";

/// Folders with the sources of pages.
const FOLDERS: [&str; 4] = [
    "app/src/",
    "frontend/src/",
    "frontend/editor/",
    "server/src/",
];

/// A text to look for, the files in which it is allowed, and what to use instead.
struct Sink {
    text: &'static str,
    allowed: &'static [&'static str],
    instead: &'static str,
}

const fn sink(text: &'static str, allowed: &'static [&'static str], instead: &'static str) -> Sink {
    Sink {
        text,
        allowed,
        instead,
    }
}

const AREA: &str = "use `components::raw_text::TextArea`";
const TITLE: &str = "use `components::raw_text::PageTitle`";
const NODES: &str = "make nodes, and set their text";
const SCRIPT: &str = "scripts and styles are constants of the shell or files";

const SINKS: &[Sink] = &[
    sink("<textarea", &[RAW_TEXT], AREA),
    sink("textarea()", &[], AREA),
    sink("<Title", &[RAW_TEXT], TITLE),
    sink(
        "<title",
        &[
            "server/src/http/operator.rs",
            "server/src/http/admission/refusal.rs",
        ],
        TITLE,
    ),
    sink("title()", &[], TITLE),
    sink("inner_html", &[], NODES),
    sink("set_inner_html", &[], NODES),
    sink("innerHTML", &[], NODES),
    sink("outer_html", &[], NODES),
    sink("set_outer_html", &[], NODES),
    sink("outerHTML", &[], NODES),
    sink("insert_adjacent_html", &[], NODES),
    sink("insertAdjacentHTML", &[], NODES),
    sink("create_contextual_fragment", &[], NODES),
    sink("createContextualFragment", &[], NODES),
    sink("DOMParser", &[], NODES),
    sink("DomParser", &[], NODES),
    sink("document.write", &[], NODES),
    // The Trusted Types policy names it in order to refuse it.
    sink("srcdoc", &[SHELL], NODES),
    sink("<iframe", &[], NODES),
    sink("<script", &[SHELL, BUNDLE], SCRIPT),
    sink("<Script", &[], SCRIPT),
    sink("<style", &[], SCRIPT),
    sink("<Style", &[], SCRIPT),
];

/// Checks every source file of the pages that git tracks.
pub(super) fn check(workspace: &Workspace) -> Result<()> {
    let mut problems = Vec::new();
    for (name, path) in tracked::files(workspace, &FOLDERS)? {
        if is_code(&name) {
            let text =
                fs::read_to_string(&path).with_context(|| format!("could not read {name}"))?;
            problems.extend(in_text(&name, &text));
        }
    }
    if problems.is_empty() {
        return Ok(());
    }
    bail!("\n  {}", problems.join("\n  "))
}

/// Whether a file's code ships: tests contain the texts that they look for.
fn is_code(name: &str) -> bool {
    let is_test = name.contains("/tests/") || name.ends_with("tests.rs");
    !is_test && [".rs", ".ts", ".js"].iter().any(|end| name.ends_with(end))
}

/// Returns the sinks in shipped code: comments, and the tests at the end of a file, may name them.
fn in_text(name: &str, text: &str) -> Vec<String> {
    let shipped = text.split("#[cfg(test)]").next().unwrap_or_default();
    let mut problems = Vec::new();
    for (number, line) in shipped.lines().enumerate() {
        if line.trim_start().starts_with("//") {
            continue;
        }
        for sink in SINKS {
            if stands_in(line, sink.text) && !sink.allowed.contains(&name) {
                problems.push(format!(
                    "{name}:{}: {} ({})",
                    number + 1,
                    sink.text,
                    sink.instead
                ));
            }
        }
    }
    problems
}

/// Whether the text stands in the line as a whole word, unlike in `<Titles` and `subtitle()`.
fn stands_in(line: &str, text: &str) -> bool {
    let is_part = |neighbour: Option<char>| {
        neighbour.is_some_and(|letter| letter.is_alphanumeric() || "_-".contains(letter))
    };
    line.match_indices(text).any(|(at, _)| {
        let (before, after) = (&line[..at], &line[at + text.len()..]);
        let begins_a_word = text.starts_with(char::is_alphanumeric);
        let ends_a_word = text.ends_with(char::is_alphanumeric);
        // A type's own method with that name creates no element.
        let is_method = text.ends_with("()") && before.ends_with('.');
        !(is_method
            || begins_a_word && is_part(before.chars().next_back())
            || ends_a_word && is_part(after.chars().next()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_element_whose_text_is_not_escaped_is_found() {
        assert_eq!(
            in_text(
                "app/src/pages/a.rs",
                "view! {\n <textarea rows=2>{text}</textarea> }"
            ),
            ["app/src/pages/a.rs:2: <textarea (use `components::raw_text::TextArea`)"]
        );
        for line in [
            "<Title text=name/>",
            "<Title/>",
            "<div inner_html=text></div>",
            "element.set_inner_html(&text);",
            "element.innerHTML = text;",
            "<iframe srcdoc=text></iframe>",
            "<script nonce=nonce>{text}</script>",
            "html::textarea().child(text)",
        ] {
            assert!(!in_text("app/src/pages/a.rs", line).is_empty(), "{line}");
        }
    }

    #[test]
    fn the_component_that_makes_it_safe_may_write_it() {
        assert!(in_text(RAW_TEXT, "<textarea>{x}</textarea> <Title text/>").is_empty());
        assert!(!in_text(RAW_TEXT, "<script>{x}</script>").is_empty());
    }

    #[test]
    fn other_words_comments_and_tests_are_no_findings() {
        for line in [
            "<PageTitle text/>",
            "<TextArea initial/>",
            "use leptos::html::Textarea;",
            "{venue.title()}",
            "// never `inner_html`",
            "#[cfg(test)]\nassert!(!html.contains(\"<script\"));",
        ] {
            assert_eq!(in_text("app/src/pages/a.rs", line), [""; 0], "{line}");
        }
    }
}
