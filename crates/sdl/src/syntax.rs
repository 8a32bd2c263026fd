//! Finds the actual cause of a syntax error. The parser reports what it encountered; authors need
//! to know their mistake, its position, and the fix.

use crate::diagnostic::Edit;
use crate::problem::{Remedy, Scalar, Space, Syntax};
use crate::span::Span;

/// A fault with its fix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Explained {
    pub(crate) code: &'static str,
    pub(crate) problem: Syntax,
    pub(crate) span: Span,
    /// A remedy, and the edits it makes; `None` if no correction is obvious.
    pub(crate) fix: Option<(Remedy, Vec<Edit>)>,
}

/// Keys at the top of a document.
const TOP_KEYS: [&str; 6] = [
    "version",
    "include",
    "services",
    "profiles",
    "deployment",
    "endpoints",
];

/// Number of non-empty lines before the parser's position that are searched for the cause.
const LINES_BEFORE: usize = 2;

/// Longest value that an author may have forgotten to quote, in bytes.
const LONGEST_VALUE: usize = 4_096;

/// Number of characters of a text that a sentence quotes.
const SHOWN: usize = 40;

/// A line without its end, with the byte offset of its start.
#[derive(Debug, Clone, Copy)]
struct Line<'t> {
    from: usize,
    text: &'t str,
}

impl Line<'_> {
    fn span(self) -> Span {
        let indent = self.text.len() - self.text.trim_start().len();
        let from = self.from + indent;
        Span {
            from,
            to: from + self.text.trim().len(),
        }
    }

    fn says_something(self) -> bool {
        let text = self.text.trim_start();
        !text.is_empty() && !text.starts_with('#')
    }
}

fn lines(text: &str) -> Vec<Line<'_>> {
    let mut from = 0;
    text.split_inclusive('\n')
        .map(|line| {
            let here = Line {
                from,
                text: line.trim_end_matches(['\n', '\r']),
            };
            from += line.len();
            here
        })
        .collect()
}

/// Explains the cause of a fault at `at`, which the parser describes as `info`.
pub(crate) fn explain(text: &str, at: Span, info: &str) -> Explained {
    let lines = lines(text);
    fence(text, &lines)
        .or_else(|| prose(text, &lines))
        .or_else(|| strange_space(text))
        .or_else(|| unquoted(&lines, at, info))
        .or_else(|| no_colon(&lines, at, info))
        .unwrap_or_else(|| plainly(&lines, at, info))
}

/// Explains a text that was copied with the marks that a page or a chat puts around code.
fn fence(text: &str, lines: &[Line<'_>]) -> Option<Explained> {
    let is_mark = |line: &&Line<'_>| line.text.starts_with("```") || line.text.starts_with("~~~");
    let mut marks = lines.iter().filter(is_mark);
    let open = marks.next()?;
    let inside = |from: usize, to: usize| Span { from, to };
    let next_line = |line: &Line<'_>| {
        let rest = &text[line.from..];
        rest.find('\n')
            .map_or(text.len(), |end| line.from + end + 1)
    };
    let kept = match marks.next() {
        Some(close) => inside(next_line(open), close.from),
        // Only the closing mark was copied.
        None if lines
            .iter()
            .any(|line| line.from < open.from && is_top(line)) =>
        {
            inside(0, open.from)
        }
        None => inside(next_line(open), text.len()),
    };
    Some(Explained {
        code: "fence",
        problem: Syntax::Fence {
            mark: shown(open.text),
        },
        span: open.span(),
        fix: keep_only(text, kept),
    })
}

/// Explains a text that was copied with the sentences around it.
fn prose(text: &str, lines: &[Line<'_>]) -> Option<Explained> {
    let first = lines.iter().position(is_top)?;
    let last = lines.iter().rposition(is_top)?;
    let before = lines[..first].iter().find(|line| is_sentence(line));
    let after = lines[last..].iter().find(|line| is_sentence(line));
    let sentence = before.or(after)?;
    let kept = Span {
        from: before.map_or(0, |_| lines[first].from),
        to: after.map_or(text.len(), |line| line.from),
    };
    Some(Explained {
        code: "prose",
        problem: Syntax::Prose {
            sentence: shown(sentence.text),
        },
        span: sentence.span(),
        fix: keep_only(text, kept),
    })
}

fn is_top(line: &Line<'_>) -> bool {
    let key = line.text.split(':').next().unwrap_or_default();
    line.text.trim_end() == "---" || (line.text.contains(':') && TOP_KEYS.contains(&key.trim_end()))
}

/// Whether a line is prose: words at the left margin with spaces between them, and no key before a
/// colon.
fn is_sentence(line: &Line<'_>) -> bool {
    let before_colon = line.text.split(':').next().unwrap_or_default();
    line.text.starts_with(char::is_alphabetic) && before_colon.trim_end().contains(' ')
}

fn keep_only(text: &str, kept: Span) -> Option<(Remedy, Vec<Edit>)> {
    if text.get(kept.from..kept.to)?.trim().is_empty() {
        return None;
    }
    let cut = |from, to| Edit {
        from,
        to,
        insert: String::new(),
    };
    let edits = [cut(0, kept.from), cut(kept.to, text.len())];
    let edits = edits.into_iter().filter(|edit| edit.from < edit.to);
    Some((Remedy::KeepTheSdl, edits.collect()))
}

/// Explains characters that look like spaces but are not to YAML, found where they indent. Web
/// pages are full of them.
pub(crate) fn strange_space(text: &str) -> Option<Explained> {
    let mut edits = Vec::new();
    let mut first = None;
    for line in lines(text) {
        let indent = line
            .text
            .char_indices()
            .take_while(|(_, c)| matches!(c, ' ' | '-') || is_strange(*c));
        for (at, c) in indent.filter(|(_, c)| is_strange(*c)) {
            let from = line.from + at;
            first.get_or_insert((from, c));
            edits.push(Edit {
                from,
                to: from + c.len_utf8(),
                insert: if has_width(c) { " " } else { "" }.to_owned(),
            });
        }
    }
    let (from, c) = first?;
    let space = match c {
        '\u{a0}' => Space::NoBreak,
        c if has_width(c) => Space::OtherWidth,
        _ => Space::WithoutWidth,
    };
    Some(Explained {
        code: "strange-space",
        problem: Syntax::StrangeSpace {
            space,
            character: c,
        },
        span: Span {
            from,
            to: from + c.len_utf8(),
        },
        fix: Some((Remedy::PlainSpaces, edits)),
    })
}

const fn is_strange(c: char) -> bool {
    matches!(
        c,
        '\u{a0}' | '\u{1680}' | '\u{2000}'
            ..='\u{200b}' | '\u{202f}' | '\u{205f}' | '\u{2060}' | '\u{3000}'
    )
}

const fn has_width(c: char) -> bool {
    !matches!(c, '\u{200b}' | '\u{2060}')
}

/// Explains an unquoted value that contains `: `, most often JSON in a variable.
fn unquoted(lines: &[Line<'_>], at: Span, info: &str) -> Option<Explained> {
    let line = lines.get(line_of(lines, at.from))?;
    let mut value = line.text.trim_start();
    let mut is_item = false;
    while let Some(rest) = value.strip_prefix("- ") {
        value = rest.trim_start();
        is_item = true;
    }
    let name = value.split('=').next().unwrap_or_default();
    let is_variable = is_item && value.contains('=') && is_word(name);
    let what = if is_variable {
        Scalar::Item
    } else {
        // The form of a variable suffices: the position at which the parser fails depends on its
        // JSON.
        let is_it = info.contains("mapping values are not allowed");
        let (key, rest) = value.split_once(": ").filter(|_| is_it)?;
        if !is_word(key) {
            return None;
        }
        value = rest.trim_start();
        Scalar::Value
    };
    let from = line.from + line.text.len() - value.len();
    let value = value.trim_end();
    let is_plain = !value.starts_with(['"', '\'', '[', '{', '|', '>', '&', '*', '!', '#']);
    if !is_plain || value.len() > LONGEST_VALUE || !(value.contains(": ") || value.ends_with(':')) {
        return None;
    }
    let span = Span {
        from,
        to: from + value.len(),
    };
    Some(Explained {
        code: "unquoted",
        problem: Syntax::NoQuotes { what },
        span,
        fix: Some((
            Remedy::QuoteAll { what },
            vec![Edit {
                from: span.from,
                to: span.to,
                insert: format!("'{}'", value.replace('\'', "''")),
            }],
        )),
    })
}

fn is_word(text: &str) -> bool {
    let letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    !text.is_empty() && text.chars().all(letter)
}

/// Explains a key without its colon, which the parser notices only at the next key.
fn no_colon(lines: &[Line<'_>], at: Span, info: &str) -> Option<Explained> {
    let notices = ["simple key expect", "mapping values are not allowed"];
    if !notices.iter().any(|notice| info.contains(notice)) {
        return None;
    }
    let here = line_of(lines, at.from);
    let said = lines[..=here]
        .iter()
        .rev()
        .filter(|line| line.says_something());
    let line = said.take(LINES_BEFORE + 1).find(|line| {
        let text = line.text.trim();
        !text.ends_with(':')
            && !text.contains(": ")
            && !text.starts_with(['-', '"', '\'', '{', '['])
    })?;
    let span = line.span();
    let text = line.text.trim();
    let word = text.split(' ').next().unwrap_or_default();
    let fix = is_word(word).then(|| {
        let end = span.from + word.len();
        let edit = Edit {
            from: end,
            to: end,
            insert: ":".to_owned(),
        };
        let remedy = Remedy::AddColon {
            word: word.to_owned(),
        };
        (remedy, vec![edit])
    });
    Some(Explained {
        code: "no-colon",
        problem: Syntax::NoColon { line: shown(text) },
        span,
        fix,
    })
}

/// Falls back to the parser's message at its position, within the text.
fn plainly(lines: &[Line<'_>], at: Span, info: &str) -> Explained {
    let info = info.to_owned();
    let problem = if info.contains("did not find expected") {
        Syntax::Indentation { info }
    } else {
        Syntax::Other { info }
    };
    // There is nothing to point at after the end.
    let end = lines.iter().rev().find(|line| line.says_something());
    let span = match end {
        Some(last) if at.from > last.span().to => last.span(),
        _ => at,
    };
    Explained {
        code: "syntax",
        problem,
        span,
        fix: None,
    }
}

fn line_of(lines: &[Line<'_>], at: usize) -> usize {
    let after = lines.partition_point(|line| line.from <= at);
    after.saturating_sub(1)
}

fn shown(text: &str) -> String {
    let text = text.trim();
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
