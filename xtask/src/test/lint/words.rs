//! Finds words that do not belong in published files: paths of one machine, hosts of package registries, unfinished
//! work, disabled tests, and words that nobody in the field uses.

use std::fs;

use anyhow::{Context, Result, bail};

use super::tracked;
use crate::workspace::Workspace;

/// Path of this file, which contains the words that it looks for.
const ITSELF: &str = "xtask/src/test/lint/words.rs";

/// A text to look for, the endings of the files in which it is forbidden (all files if there are none), and why.
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

/// Words that nobody in the field uses, in lower case, each with what to say instead. They are found in names as well,
/// however those join words.
const ODD: [(&str, &str); 5] = [
    ("played", "simulated"),
    ("made up", "invented, or an example"),
    ("not come on", "is stuck"),
    ("dearer", "costs more"),
    ("an own hand", "by hand, or itself"),
];

const CODE: &[&str] = &[".rs", ".ts", ".js", ".mjs", ".cjs", ".sol", ".css", ".toml"];

/// Checks every file that git tracks.
pub(super) fn check(workspace: &Workspace) -> Result<()> {
    let mut problems = Vec::new();
    for (name, path) in tracked::files(workspace, &[])? {
        if name == ITSELF {
            continue;
        }
        let content = fs::read(&path).with_context(|| format!("could not read {name}"))?;
        // Pictures and fonts contain no text.
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
        let number = number + 1;
        for Word { text, reason, .. } in &words {
            if stands_alone(line, text) {
                problems.push(format!("{name}:{number}: {text} ({reason})"));
            }
        }
        let separate = in_separate_words(line);
        for (odd, instead) in ODD {
            if stands_alone(&separate, odd) {
                problems.push(format!("{name}:{number}: {odd} (say: {instead})"));
            }
        }
    }
    problems
}

/// Returns the line in lower case, with joined words split: `is_open`, `is-open` and `isOpen` become “is open”.
fn in_separate_words(line: &str) -> String {
    let mut separate = String::with_capacity(line.len());
    let mut before = ' ';
    for c in line.chars() {
        if c.is_uppercase() && before.is_lowercase() {
            separate.push(' ');
        }
        before = c;
        if c == '_' || c == '-' {
            separate.push(' ');
        } else {
            separate.extend(c.to_lowercase());
        }
    }
    separate
}

/// Whether the text stands on its own in the line: `/root/` in `a/root/b` is part of another path, and `TODO` in
/// `TODOS` is another word.
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
    fn odd_words_are_found_in_sentences_and_names() {
        for odd in [
            "// The sandbox played the venue.",
            "struct Played;",
            "const PLAYED: u8 = 1;",
            "let is_played = true;",
            "fn playedWorld() {}",
            "a made-up name",
            "fn a_made_up_secret() {}",
            "an order that does not come on",
            "Dearer than the others",
            "with an own hand",
        ] {
            assert_eq!(in_text("a.rs", odd).len(), 1, "{odd}");
        }
        assert_eq!(
            in_text("a.md", "It is played."),
            ["a.md:1: played (say: simulated)"]
        );
        for fine in [
            "replayed",
            "displayed",
            "made, up to three",
            "come one by one",
        ] {
            assert!(in_text("a.rs", fine).is_empty(), "{fine}");
        }
    }

    #[test]
    fn a_test_that_is_switched_off_is_found() {
        assert_eq!(in_text("a.rs", "    #[ignore]").len(), 1);
        assert_eq!(in_text("a.spec.ts", "test.only('x', f)").len(), 1);
    }
}
