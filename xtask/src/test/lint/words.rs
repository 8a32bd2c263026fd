//! Words that do not belong into what we publish: paths of one machine, hosts of package registries, unfinished
//! work, and tests that are switched off.

use std::fs;

use anyhow::{Context, Result, bail};

use super::tracked;
use crate::workspace::Workspace;

/// This file, which names what it looks for.
const ITSELF: &str = "xtask/src/test/lint/words.rs";

/// A text to look for, the endings of the files it is forbidden in (all where there are none), and why.
struct Word {
    text: &'static str,
    endings: &'static [&'static str],
    reason: &'static str,
}

const WORDS: [Word; 16] = [
    Word {
        text: "/home/",
        endings: &[],
        reason: "a path of one machine",
    },
    Word {
        text: "/root/",
        endings: &[],
        reason: "a path of one machine",
    },
    Word {
        text: "/work/",
        endings: &[],
        reason: "a path of one machine",
    },
    Word {
        text: "/Users/",
        endings: &[],
        reason: "a path of one machine",
    },
    Word {
        text: "\"resolved\": \"http",
        endings: &["package-lock.json"],
        reason: "the host of one registry",
    },
    Word {
        text: "TODO",
        endings: CODE,
        reason: "unfinished work",
    },
    Word {
        text: "FIXME",
        endings: CODE,
        reason: "unfinished work",
    },
    Word {
        text: "SELECT *",
        endings: &[".rs"],
        reason: "every column, with those that a later version adds: prepared statements do not survive that",
    },
    Word {
        text: "unimplemented!(",
        endings: &[".rs"],
        reason: "unfinished work",
    },
    Word {
        text: "#[allow(",
        endings: &[".rs"],
        reason: "use #[expect(lint, reason = \"…\")]",
    },
    Word {
        text: "#[ignore",
        endings: &[".rs"],
        reason: "a test that is switched off",
    },
    Word {
        text: "test.only(",
        endings: &[".ts"],
        reason: "a test that switches off the others",
    },
    Word {
        text: "test.fixme(",
        endings: &[".ts"],
        reason: "a test that is switched off",
    },
    Word {
        text: "describe.only(",
        endings: &[".ts"],
        reason: "a test that switches off the others",
    },
    Word {
        text: "describe.skip(",
        endings: &[".ts"],
        reason: "a test that is switched off",
    },
    Word {
        text: "vm.skip(",
        endings: &[".sol"],
        reason: "a test that is switched off",
    },
];

const CODE: &[&str] = &[".rs", ".ts", ".js", ".mjs", ".cjs", ".sol", ".css", ".toml"];

/// Looks through every file that git tracks.
pub(super) fn check(workspace: &Workspace) -> Result<()> {
    let mut problems = Vec::new();
    for (name, path) in tracked::files(workspace, &[])? {
        if name == ITSELF {
            continue;
        }
        let content = fs::read(&path).with_context(|| format!("could not read {name}"))?;
        // Pictures and fonts are no text, and hold no words.
        if let Ok(text) = std::str::from_utf8(&content) {
            problems.extend(in_text(&name, text));
        }
    }
    if problems.is_empty() {
        return Ok(());
    }
    bail!("\n  {}", problems.join("\n  "))
}

fn in_text(name: &str, text: &str) -> Vec<String> {
    let words: Vec<&Word> = WORDS
        .iter()
        .filter(|word| {
            word.endings.is_empty() || word.endings.iter().any(|ending| name.ends_with(ending))
        })
        .collect();
    let mut problems = Vec::new();
    for (number, line) in text.lines().enumerate() {
        for word in &words {
            if stands_alone(line, word.text) {
                problems.push(format!(
                    "{name}:{}: {} ({})",
                    number + 1,
                    word.text,
                    word.reason
                ));
            }
        }
    }
    problems
}

/// Whether the text stands in the line by itself: `/root/` in `a/root/b` is part of another path, and `TODO` in
/// `TODOS` another word.
fn stands_alone(line: &str, text: &str) -> bool {
    line.match_indices(text).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + text.len()..].chars().next();
        let joined = |neighbour: Option<char>| neighbour.is_some_and(char::is_alphanumeric);
        let starts_path = text.starts_with('/');
        let ends_word = text.ends_with(char::is_alphanumeric);
        let before_ok = if starts_path {
            !before.is_some_and(|c| c.is_alphanumeric() || "._-~}*/".contains(c))
        } else {
            !joined(before)
        };
        before_ok && !(ends_word && joined(after))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_one_machine_is_found_and_another_path_is_not() {
        assert_eq!(
            in_text("a.md", "see /home/me/x"),
            ["a.md:1: /home/ (a path of one machine)"]
        );
        assert!(in_text("a.md", "see app/home/page.rs").is_empty());
        assert!(in_text("a.md", "https://example.org/home/").is_empty());
    }

    #[test]
    fn unfinished_work_is_found_in_code_only() {
        assert_eq!(
            in_text("a.rs", "\n// TODO: later"),
            ["a.rs:2: TODO (unfinished work)"]
        );
        assert!(in_text("a.md", "TODO").is_empty());
        assert!(in_text("a.rs", "const TODOS: u8 = 1;").is_empty());
    }

    #[test]
    fn a_test_that_is_switched_off_is_found() {
        assert_eq!(in_text("a.rs", "    #[ignore]").len(), 1);
        assert_eq!(in_text("a.spec.ts", "test.only('x', f)").len(), 1);
    }
}
