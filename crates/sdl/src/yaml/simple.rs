//! Reads the part of YAML that most documents are written in, line by line and several times as
//! fast as the full parser, because the check runs on every keystroke.
//!
//! Block mappings and lists, plain and quoted scalars on one line, comments. Whatever else a text
//! contains, and every text with a fault, is left to the full parser: this one answers `None`. A
//! test holds the two against each other.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::{Kind, Mapping, Node, NodeId, Pair, Style, Tree};
use crate::diagnostic::Span;

/// Deeper texts, longer keys and larger texts are left to the full parser with its bounds.
const MAX_DEPTH: usize = 32;
const MAX_KEY: usize = 128;
const MAX_NODES: usize = 15_000;

/// What came of reading.
pub(super) enum Outcome<'t> {
    Read(Tree<'t>),
    /// For the full parser.
    NotSimple,
    /// Simple, and larger than anyone should read: the full parser would only take longer to say so.
    TooLarge {
        /// Where the limit is reached.
        at: usize,
    },
}

/// Reads a text of which `skipped` bytes in front are not given.
pub(super) fn read(text: &str, skipped: usize) -> Outcome<'_> {
    let mut builder = Builder {
        nodes: Vec::with_capacity((text.len() / 10).min(MAX_NODES)),
        open: Vec::with_capacity(MAX_DEPTH),
        skipped,
        ends: Vec::new(),
    };
    if builder.text(text).is_none() {
        return match builder.nodes.last() {
            Some(last) if builder.nodes.len() >= MAX_NODES => {
                Outcome::TooLarge { at: last.span.from }
            }
            _ => Outcome::NotSimple,
        };
    }
    builder.finish().map_or(Outcome::NotSimple, Outcome::Read)
}

struct Builder<'t> {
    nodes: Vec<Node<'t>>,
    open: Vec<Open>,
    skipped: usize,
    /// Scratch space.
    ends: Vec<NodeId>,
}

/// A collection that may still grow.
struct Open {
    column: usize,
    from: usize,
    to: usize,
    children: Children,
}

enum Children {
    Sequence {
        items: Vec<NodeId>,
        /// A dash with nothing behind it yet, and its end.
        pending: Option<usize>,
    },
    Mapping {
        pairs: Vec<Pair>,
        /// A key with nothing behind it yet, and its end.
        pending: Option<(NodeId, usize)>,
    },
}

impl<'t> Builder<'t> {
    /// Takes in the whole text.
    fn text(&mut self, text: &'t str) -> Option<()> {
        // Characters that end a line in one version of YAML and not in another.
        if !text.is_ascii() && text.contains(['\u{85}', '\u{2028}', '\u{2029}', '\u{feff}']) {
            return None;
        }
        let mut start = 0;
        let mut any = false;
        let bytes = text.as_bytes();
        while start < bytes.len() {
            let length = bytes[start..].iter().position(|byte| *byte == b'\n');
            let end = length.map_or(bytes.len(), |length| start + length);
            let content = &text[start..end];
            let content = content.strip_suffix('\r').unwrap_or(content);
            let is_first = !any && self.open.is_empty() && self.nodes.is_empty();
            if is_first && content.trim_end() == "---" {
                any = true;
            } else {
                self.line(content, start)?;
            }
            start = end + 1;
        }
        Some(())
    }

    /// Takes in one line, without its end, that starts at a byte of the text.
    fn line(&mut self, line: &'t str, start: usize) -> Option<()> {
        let bytes = line.as_bytes();
        let mut column = bytes.iter().take_while(|byte| **byte == b' ').count();
        match bytes.get(column) {
            None | Some(b'#') => return Some(()),
            Some(b'\t' | b'%') => return None,
            _ => {}
        }
        if column == 0 && (line.starts_with("---") || line.starts_with("...")) {
            return None;
        }
        // Dashes open list items; what follows stands in the last of them.
        while bytes[column] == b'-' && matches!(bytes.get(column + 1), None | Some(b' ')) {
            self.item(column, start + column)?;
            let rest = &bytes[column + 1..];
            let spaces = rest.iter().take_while(|byte| **byte == b' ').count();
            column += 1 + spaces;
            match bytes.get(column) {
                None | Some(b'#') => return Some(()),
                _ => {}
            }
        }
        match key(&line[column..]) {
            Some(found) => self.entry(line, column, start, &found),
            None => {
                let (node, rest) = scalar(&line[column..], start + column + self.skipped)?;
                ends_here(rest)?;
                self.scalar_item(node, column)
            }
        }
    }

    /// A dash at a column.
    fn item(&mut self, column: usize, at: usize) -> Option<()> {
        self.close_to(column, true);
        let at = at + self.skipped;
        match self.open.last_mut() {
            Some(Open {
                column: there,
                children: Children::Sequence { items, pending },
                ..
            }) if *there == column => {
                if let Some(end) = pending.take() {
                    items.push(push_empty(&mut self.nodes, end)?);
                }
                *pending = Some(at + 1);
                self.touch(at + 1);
                return Some(());
            }
            _ => {}
        }
        self.begin(
            column,
            at,
            Children::Sequence {
                items: Vec::new(),
                pending: Some(at + 1),
            },
            true,
        )
    }

    /// A key, with what stands behind it on the line.
    fn entry(&mut self, line: &'t str, column: usize, start: usize, found: &Key) -> Option<()> {
        self.close_to(column, false);
        let at = start + column + self.skipped;
        let text = &line[column + found.from..column + found.to];
        let key = Node {
            kind: Kind::Scalar {
                text: Cow::Borrowed(text),
                style: found.style,
            },
            span: Span {
                from: at,
                to: at + found.length,
            },
            tag: None,
        };
        let same = matches!(
            self.open.last(),
            Some(Open { column: there, children: Children::Mapping { .. }, .. }) if *there == column
        );
        if !same {
            self.begin(
                column,
                at,
                Children::Mapping {
                    pairs: Vec::new(),
                    pending: None,
                },
                false,
            )?;
        }
        let key_end = at + found.length + 1;
        let key = self.push(key)?;
        let Some(Open {
            children: Children::Mapping { pairs, pending },
            ..
        }) = self.open.last_mut()
        else {
            return None;
        };
        if let Some((earlier, end)) = pending.take() {
            let value = push_empty(&mut self.nodes, end)?;
            pairs.push(Pair {
                key: earlier,
                value,
                merged: false,
            });
        }
        let after = &line[column + found.length + 1..];
        let value = after.trim_start_matches(' ');
        let value_at = column + found.length + 1 + (after.len() - value.len());
        if value.is_empty() || value.starts_with('#') {
            *pending = Some((key, key_end));
            self.touch(key_end);
            return Some(());
        }
        let (node, rest) = scalar(value, start + value_at + self.skipped)?;
        ends_here(rest)?;
        let end = node.span.to;
        let value = self.push(node)?;
        if let Some(Open {
            children: Children::Mapping { pairs, .. },
            ..
        }) = self.open.last_mut()
        {
            pairs.push(Pair {
                key,
                value,
                merged: false,
            });
        }
        self.touch(end);
        Some(())
    }

    /// A scalar behind a dash on the same line. Anywhere else it continues an earlier line, which
    /// is for the full parser.
    fn scalar_item(&mut self, node: Node<'t>, column: usize) -> Option<()> {
        let end = node.span.to;
        let from = node.span.from;
        let id = self.push(node)?;
        let top = self.open.last_mut()?;
        match &mut top.children {
            Children::Sequence { items, pending } if column > top.column => {
                // The dash must stand on this line, or the item is of several lines.
                let dash = pending.take()?;
                let gap = from.checked_sub(dash)?;
                if gap > column - top.column {
                    return None;
                }
                items.push(id);
            }
            _ => return None,
        }
        self.touch(end);
        Some(())
    }

    /// Opens a collection in the place that waits for one.
    fn begin(&mut self, column: usize, at: usize, children: Children, is_list: bool) -> Option<()> {
        match self.open.last() {
            None if self.nodes.is_empty() && column == 0 => {}
            None => return None,
            Some(parent) => {
                let waits = match &parent.children {
                    Children::Sequence { pending, .. } => {
                        pending.is_some() && column > parent.column
                    }
                    // A list may stand at the column of its key.
                    Children::Mapping { pending, .. } => {
                        pending.is_some()
                            && (column > parent.column || (is_list && column == parent.column))
                    }
                };
                if !waits {
                    return None;
                }
            }
        }
        if self.open.len() >= MAX_DEPTH {
            return None;
        }
        self.open.push(Open {
            column,
            from: at,
            to: at + 1,
            children,
        });
        Some(())
    }

    /// Closes what cannot hold content at a column.
    fn close_to(&mut self, column: usize, is_dash: bool) {
        while let Some(top) = self.open.last() {
            let is_list = matches!(top.children, Children::Sequence { .. });
            let ends = top.column > column || (top.column == column && is_list && !is_dash);
            if !ends {
                return;
            }
            self.close();
        }
    }

    fn close(&mut self) {
        let Some(Open {
            from, to, children, ..
        }) = self.open.pop()
        else {
            return;
        };
        let kind = match children {
            Children::Sequence { mut items, pending } => {
                if let Some(end) = pending
                    && let Some(id) = push_empty(&mut self.nodes, end)
                {
                    items.push(id);
                }
                Kind::Sequence(items)
            }
            Children::Mapping { mut pairs, pending } => {
                if let Some((key, end)) = pending
                    && let Some(value) = push_empty(&mut self.nodes, end)
                {
                    pairs.push(Pair {
                        key,
                        value,
                        merged: false,
                    });
                }
                Kind::Mapping(Mapping {
                    entries: pairs,
                    merge: None,
                })
            }
        };
        let node = Node {
            kind,
            span: Span { from, to },
            tag: None,
        };
        self.nodes.push(node);
        let id = NodeId(u32::try_from(self.nodes.len() - 1).unwrap_or(u32::MAX));
        match self.open.last_mut() {
            None => self.ends.push(id),
            Some(parent) => {
                parent.to = parent.to.max(to);
                match &mut parent.children {
                    Children::Sequence { items, pending } => {
                        *pending = None;
                        items.push(id);
                    }
                    Children::Mapping { pairs, pending } => {
                        if let Some((key, _)) = pending.take() {
                            pairs.push(Pair {
                                key,
                                value: id,
                                merged: false,
                            });
                        }
                    }
                }
            }
        }
    }

    fn finish(mut self) -> Option<Tree<'t>> {
        while !self.open.is_empty() {
            self.close();
        }
        let [root] = self.ends[..] else {
            return None;
        };
        Some(Tree {
            nodes: self.nodes,
            root: Some(root),
            command_line_texts: BTreeMap::new(),
        })
    }

    fn push(&mut self, node: Node<'t>) -> Option<NodeId> {
        if self.nodes.len() >= MAX_NODES {
            return None;
        }
        self.nodes.push(node);
        u32::try_from(self.nodes.len() - 1).ok().map(NodeId)
    }

    /// Notes that the innermost collection reaches at least to a byte.
    fn touch(&mut self, end: usize) {
        if let Some(top) = self.open.last_mut() {
            top.to = top.to.max(end);
        }
    }
}

fn push_empty(nodes: &mut Vec<Node<'_>>, at: usize) -> Option<NodeId> {
    nodes.push(Node {
        kind: Kind::Scalar {
            text: Cow::Borrowed(""),
            style: Style::Plain,
        },
        span: Span { from: at, to: at },
        tag: None,
    });
    u32::try_from(nodes.len() - 1).ok().map(NodeId)
}

/// A key at the start of a text: its words without quotes, and its whole length.
struct Key {
    from: usize,
    to: usize,
    length: usize,
    style: Style,
}

/// The key a text starts with, up to but without its colon.
fn key(text: &str) -> Option<Key> {
    let bytes = text.as_bytes();
    let word = |byte: u8| byte.is_ascii_alphanumeric() || b"_./-".contains(&byte);
    let (from, to, length, style) = match bytes.first()? {
        quote @ (b'"' | b'\'') => {
            let inner = bytes[1..].iter().take_while(|byte| word(**byte)).count();
            if bytes.get(1 + inner) != Some(quote) {
                return None;
            }
            let style = if *quote == b'"' {
                Style::DoubleQuoted
            } else {
                Style::SingleQuoted
            };
            (1, 1 + inner, inner + 2, style)
        }
        b'-' | b'.' => return None,
        _ => {
            let length = bytes.iter().take_while(|byte| word(**byte)).count();
            (0, length, length, Style::Plain)
        }
    };
    let colon = bytes.get(length) == Some(&b':');
    let ends = matches!(bytes.get(length + 1), None | Some(b' '));
    (colon && ends && length > 0 && length <= MAX_KEY).then_some(Key {
        from,
        to,
        length,
        style,
    })
}

/// The scalar a text starts with, and what follows it.
fn scalar(text: &str, at: usize) -> Option<(Node<'_>, &str)> {
    let bytes = text.as_bytes();
    let (inner, length, style) = match bytes[0] {
        quote @ (b'"' | b'\'') => {
            let length = bytes[1..].iter().position(|byte| *byte == quote)?;
            let inner = &text[1..=length];
            let special = if quote == b'"' { '\\' } else { '\t' };
            if inner.contains([special, '\t']) || bytes.get(length + 2) == Some(&quote) {
                return None;
            }
            let style = if quote == b'"' {
                Style::DoubleQuoted
            } else {
                Style::SingleQuoted
            };
            (inner, length + 2, style)
        }
        b'[' | b']' | b'{' | b'}' | b',' | b'#' | b'&' | b'*' | b'!' | b'|' | b'>' | b'%'
        | b'@' | b'`' | b'\t' => return None,
        b'-' | b'?' | b':' if matches!(bytes.get(1), None | Some(b' ' | b'\t')) => return None,
        _ => {
            let mut end = bytes.len();
            for (at, byte) in bytes.iter().enumerate() {
                match byte {
                    b'\t' => return None,
                    b'#' if at > 0 && bytes[at - 1] == b' ' => {
                        end = at;
                        break;
                    }
                    b':' if matches!(bytes.get(at + 1), None | Some(b' ')) => return None,
                    _ => {}
                }
            }
            let inner = text[..end].trim_end_matches(' ');
            (inner, inner.len(), Style::Plain)
        }
    };
    let node = Node {
        kind: Kind::Scalar {
            text: Cow::Borrowed(inner),
            style,
        },
        span: Span {
            from: at,
            to: at + length,
        },
        tag: None,
    };
    Some((node, &text[length..]))
}

/// Nothing but spaces and a comment may follow.
fn ends_here(rest: &str) -> Option<()> {
    let trimmed = rest.trim_start_matches(' ');
    let comment = trimmed.starts_with('#') && trimmed.len() < rest.len();
    (trimmed.is_empty() || comment).then_some(())
}

#[cfg(test)]
mod tests {
    use super::super::{Ref, compose};
    use super::*;
    use crate::text::CharOffsets;

    fn parse(text: &str, skipped: usize) -> Option<Tree<'_>> {
        match read(text, skipped) {
            Outcome::Read(tree) => Some(tree),
            Outcome::NotSimple | Outcome::TooLarge { .. } => None,
        }
    }

    /// A tree as text, with places. Where a value is empty the full parser's place for it lies
    /// somewhere behind, so that it is left out.
    fn printed(node: Ref<'_, '_>, out: &mut String) {
        let span = node.span();
        if let Some(text) = node.scalar() {
            out.push_str(&format!("{text:?} {:?}", node.style()));
            if !text.is_empty() {
                out.push_str(&format!(" {}..{}", span.from, span.to));
            }
        } else if let Some(items) = node.items() {
            out.push_str(&format!("{}[", span.from));
            for item in items {
                printed(item, out);
                out.push_str(", ");
            }
            out.push(']');
        } else {
            out.push_str(&format!("{}{{", span.from));
            for entry in node.entries().into_iter().flatten() {
                printed(entry.key, out);
                out.push_str(": ");
                printed(entry.value, out);
                out.push_str(", ");
            }
            out.push('}');
        }
        out.push('\n');
    }

    /// Whether the simple parser reads a text; fails when it reads something else than the full
    /// one.
    fn same(text: &str) -> bool {
        let Some(simple) = parse(text, 0) else {
            return false;
        };
        let (full, faults) = compose::compose_fully(text, &CharOffsets::new(text, 0));
        assert!(faults.is_empty(), "{text}\n{faults:?}");
        let mut ours = String::new();
        printed(simple.root().unwrap(), &mut ours);
        let mut theirs = String::new();
        printed(full.root().unwrap(), &mut theirs);
        assert_eq!(ours, theirs, "{text}");
        true
    }

    #[test]
    fn what_it_reads_it_reads_as_the_full_parser_does() {
        for text in [
            "a: 1\nb: two words # and a comment\n",
            "---\na:\n  b:\n    - c\n    - d: 1\n      e: 2\n  f:\ng: 'x'\n",
            "a:\n- b\n- c: 1\n  d: 2\ne: \"f\" # g\r\nh: i\r\n",
            "a:\n  - - 1\n    - 2\n  -\n  - 3\n",
            "# c\n\na: http://b:80/c#d\n\"q\": v\n",
            "a:\n  -\n    b: 1\n  - c:\n      d: e\n",
            "a: ü\nb: é # ö\nc: d\n",
            "- a: 1\n  b: 2\n- c\n",
            "a:\n    b: 1\n    c:\n      - d\n",
            "a: -1\nb: -x\nc: ?x\nd: :x\ne: a'b\n",
        ] {
            assert!(same(text), "not read: {text:?}");
        }
    }

    #[test]
    fn what_is_not_simple_is_left_to_the_full_parser() {
        for text in [
            "a: b\n  c\n",
            "a: |\n  b\n",
            "a: [b]\n",
            "a: &x b\n",
            "a: *x\n",
            "a: \"b\\n\"\n",
            "a: 'b''c'\n",
            "a:\tb\n",
            "a: b: c\n",
            "a\n",
            "\"a\n",
            "a: 1\n---\nb: 2\n",
            "a: 1\n b: 2\n",
            "? a\n",
            "a: b\n- c\n",
            "a:\n  b: 1\n c: 2\n",
            "%YAML 1.2\n",
            "",
            "a: \"b\"c\n",
            "a: \"b\"#c\n",
            "- a\nb: 1\n",
            "a:\n  - b\n c: 1\n",
            "a:\n  b\n",
            "- a\n  b\n",
        ] {
            assert!(parse(text, 0).is_none(), "read: {text:?}");
        }
    }

    #[test]
    fn cut_anywhere_a_document_is_read_alike_or_not_at_all() {
        let mut read = 0;
        for text in [
            include_str!("../../tests/fixtures/web.yaml"),
            include_str!("../../tests/fixtures/services.yaml"),
            include_str!("../../tests/fixtures/address.yaml"),
        ] {
            for at in (0..text.len()).step_by(5) {
                read += usize::from(same(&text[..at]));
                for insert in [" ", "\n", "-", ":", "#", "\"", "'", "- ", ": ", "\n\n", "x"] {
                    let changed = format!("{}{insert}{}", &text[..at], &text[at..]);
                    read += usize::from(same(&changed));
                    let replaced = format!("{}{insert}{}", &text[..at], &text[at + 1..]);
                    read += usize::from(same(&replaced));
                }
            }
        }
        assert!(read > 3_000, "{read}");
    }
}
