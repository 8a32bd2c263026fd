//! Formats a document: two spaces for each level, no trailing blanks, at most one empty line in a
//! row. Comments, key order, quoting and flow collections stay as they are.

use std::collections::BTreeMap;

use crate::diagnostic::{Findings, Report};
use crate::parse::parse;
use crate::span::Span;
use crate::yaml;
use crate::yaml::{Ref, Style, Tree};

/// Spaces for each level.
const STEP: usize = 2;

/// Reason why a document cannot be formatted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CannotFormat {
    /// The text cannot be read; the report says why.
    Unreadable(Report),
    /// Moving its lines would change its meaning.
    Unusual,
}

/// Formats a document without changing its meaning: the result is parsed again and compared.
///
/// # Errors
/// If the text is not one YAML document, or cannot be reindented.
pub fn format(text: &str) -> Result<String, CannotFormat> {
    let mut findings = Findings::default();
    let tree = parse(text, &mut findings);
    let Some(root) = tree.as_ref().and_then(Tree::root) else {
        return Err(CannotFormat::Unreadable(findings.into_report(text)));
    };
    let mut lines = Lines::of(text);
    lines.visit(root, 0);
    let formatted = lines.written();
    let mut again = Findings::default();
    let same = parse(&formatted, &mut again)
        .as_ref()
        .and_then(Tree::root)
        .is_some_and(|after| same(root, after));
    if same {
        Ok(formatted)
    } else {
        Err(CannotFormat::Unusual)
    }
}

/// The indentation of a line.
fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// The lines of a text with the indentation they should have.
struct Lines<'t> {
    text: &'t str,
    /// Byte offset at which each line starts.
    starts: Vec<usize>,
    /// Lines that start with a key or a dash, with the column that it should have.
    columns: BTreeMap<usize, usize>,
    /// Lines inside a multi-line value: they move together with its first line, or not at all.
    inside: BTreeMap<usize, Inside>,
}

#[derive(Debug, Clone, Copy)]
enum Inside {
    /// A block scalar, folded text or a flow collection, whose indentation is not part of the
    /// content.
    Moves { with: usize },
    /// Text in quotes.
    Stays,
}

impl<'t> Lines<'t> {
    fn of(text: &'t str) -> Self {
        let ends = text.match_indices('\n').map(|(at, _)| at + 1);
        Self {
            text,
            starts: std::iter::once(0).chain(ends).collect(),
            columns: BTreeMap::new(),
            inside: BTreeMap::new(),
        }
    }

    fn line(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset) - 1
    }

    /// Records the lines of a node whose keys or dashes should be at a column.
    fn visit(&mut self, node: Ref<'_, '_>, column: usize) {
        let span = node.span();
        if self.text[span.from..].starts_with(['{', '[']) && node.scalar().is_none() {
            self.inside(span, |with| Inside::Moves { with });
        } else if let Some(items) = node.items() {
            for item in items {
                // The dash is at the column, the item after it.
                self.starts_at(item, column);
                self.visit_below(item, span, column + STEP);
            }
        } else if let Some(entries) = node.entries() {
            for entry in entries.filter(|entry| !entry.merged) {
                let line = self.line(entry.key.span().from);
                self.columns.entry(line).or_insert(column);
                self.visit_below(entry.value, span, column + STEP);
            }
        } else {
            let quoted = matches!(
                node.style(),
                Some(Style::DoubleQuoted | Style::SingleQuoted)
            );
            self.inside(span, |with| match quoted {
                true => Inside::Stays,
                false => Inside::Moves { with },
            });
        }
    }

    /// An item's first line; where the dash is on a line of its own, the dash's line is taken from
    /// the text when the item is written.
    fn starts_at(&mut self, item: Ref<'_, '_>, column: usize) {
        let line = self.line(item.span().from);
        self.columns.entry(line).or_insert(column);
    }

    fn visit_below(&mut self, node: Ref<'_, '_>, parent: Span, column: usize) {
        let span = node.span();
        // The target of an alias is located, and visited, elsewhere.
        let elsewhere = span.from < parent.from || span.to > parent.to;
        if !elsewhere {
            self.visit(node, column);
        }
    }

    /// Records the lines of a value after its first.
    fn inside(&mut self, span: Span, inside: impl Fn(usize) -> Inside) {
        let (first, last) = (self.line(span.from), self.line(span.to.max(1) - 1));
        for line in first + 1..=last {
            self.inside.insert(line, inside(first));
        }
    }

    fn written(&self) -> String {
        let text = self.text;
        let line_end = if text.contains("\r\n") { "\r\n" } else { "\n" };
        let lines: Vec<&str> = text.lines().collect();
        let mut out = String::with_capacity(text.len());
        let mut blank = false;
        for (at, line) in lines.iter().enumerate() {
            if let Some(inside) = self.inside.get(&at) {
                let moved = match inside {
                    Inside::Stays => (*line).to_owned(),
                    Inside::Moves { with } => {
                        let to = self.columns.get(with).copied().unwrap_or(0);
                        let from = indent(lines[*with]);
                        let kept = (indent(line) + to).saturating_sub(from);
                        format!("{}{}", " ".repeat(kept), line.trim_start_matches(' '))
                    }
                };
                let moved = if line.trim().is_empty() {
                    ""
                } else {
                    moved.as_str()
                };
                out.push_str(moved);
                out.push_str(line_end);
                blank = false;
                continue;
            }
            let content = line.trim();
            if content.is_empty() {
                if !blank && !out.is_empty() {
                    out.push_str(line_end);
                }
                blank = true;
                continue;
            }
            blank = false;
            let column = match self.columns.get(&at) {
                Some(column) => *column,
                None if content.starts_with('#') => self.next_column(&lines, at).unwrap_or(0),
                // A dash on a line of its own is one level above its item.
                None if content.starts_with('-') => self
                    .next_column(&lines, at)
                    .map_or(indent(line), |column| column.saturating_sub(STEP)),
                None => indent(line),
            };
            out.push_str(&" ".repeat(column));
            out.push_str(content);
            out.push_str(line_end);
        }
        let end = out.trim_end().len();
        out.truncate(end);
        if !out.is_empty() {
            out.push_str(line_end);
        }
        out
    }

    /// The column of the next line that is neither empty nor a comment.
    fn next_column(&self, lines: &[&str], at: usize) -> Option<usize> {
        let next = (at + 1..lines.len()).find(|line| {
            let content = lines[*line].trim();
            !content.is_empty() && !content.starts_with('#')
        })?;
        let column = self.columns.get(&next).copied();
        Some(column.unwrap_or_else(|| indent(lines[at])))
    }
}

/// Whether two documents have the same meaning, regardless of positions.
fn same(a: Ref<'_, '_>, b: Ref<'_, '_>) -> bool {
    if let (Some(a_text), Some(b_text)) = (a.scalar(), b.scalar()) {
        return a_text == b_text
            && yaml::scalar::js(a) == yaml::scalar::js(b)
            && yaml::scalar::go(a) == yaml::scalar::go(b);
    }
    if let (Some(a), Some(b)) = (a.items(), b.items()) {
        return a.len() == b.len() && a.zip(b).all(|(a, b)| same(a, b));
    }
    match (a.entries(), b.entries()) {
        (Some(a), Some(b)) => {
            let (a, b): (Vec<_>, Vec<_>) = (a.collect(), b.collect());
            a.len() == b.len()
                && a.iter()
                    .zip(&b)
                    .all(|(a, b)| same(a.key, b.key) && same(a.value, b.value))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::Dialect;

    #[test]
    fn levels_become_two_spaces_and_comments_follow_their_line() {
        let text = "# top\nversion: \"2.0\"   \n\n\n\nservices:\n    web:\n        # the image\n        image: a:1\n        env:\n        - A=1   # one\n        - B=2\n        command: [a,\n            b]\n        args:\n            - |\n                x\n                  y\n";
        let wanted = "# top\nversion: \"2.0\"\n\nservices:\n  web:\n    # the image\n    image: a:1\n    env:\n      - A=1   # one\n      - B=2\n    command: [a,\n        b]\n    args:\n      - |\n          x\n            y\n";
        assert_eq!(format(text).unwrap(), wanted);
    }

    #[test]
    fn formatting_twice_changes_nothing_and_the_manifest_stays() {
        for text in [
            include_str!("../tests/fixtures/web.yaml"),
            include_str!("../tests/fixtures/gpu.yaml"),
            include_str!("../tests/fixtures/services.yaml"),
            include_str!("../tests/fixtures/address.yaml"),
            include_str!("../tests/fixtures/anchors.yaml"),
        ] {
            let once = format(text).unwrap();
            assert_eq!(format(&once).unwrap(), once);
            for dialect in Dialect::ALL {
                let before = crate::derive(text, dialect).unwrap();
                let after = crate::derive(&once, dialect).unwrap();
                assert_eq!(before, after);
            }
            let comments = |text: &str| text.matches('#').count();
            assert_eq!(comments(text), comments(&once));
        }
    }

    #[test]
    fn every_template_is_formatted_already() {
        for template in crate::templates::ALL {
            let text = template.sdl();
            assert_eq!(format(&text).as_ref(), Ok(&text));
        }
    }

    #[test]
    fn what_is_not_yaml_says_why() {
        let error = format("a: [").unwrap_err();
        assert!(
            error.to_string().starts_with("The text is not YAML: line "),
            "{error}"
        );
    }
}
