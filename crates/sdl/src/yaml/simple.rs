//! Reads the part of YAML that most documents are written in, line by line and several times as
//! fast as the full parser, because the check runs on every keystroke.
//!
//! Block mappings and lists, plain and quoted scalars on one line, comments. Whatever else a text
//! contains, and every text with a fault, is left to the full parser: this one answers `None`. A
//! test holds the two against each other.

mod scan;

use std::collections::HashSet;

use super::{Children, Kind, Node, NodeId, Pair, Style, Text, Tree, same};
use crate::diagnostic::Span;
use scan::{
    Key, ends_here, is_end, is_marker, key, next_line, past_blanks, past_spaces, plain, quoted,
};

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
    let nodes = (text.len() / 8).min(MAX_NODES);
    let mut builder = Builder {
        text,
        bytes: text.as_bytes(),
        tree: Tree {
            nodes: Vec::with_capacity(nodes),
            pairs: Vec::with_capacity(nodes / 2),
            ..Tree::default()
        },
        open: Vec::with_capacity(MAX_DEPTH),
        pairs: Vec::new(),
        items: Vec::new(),
        skipped,
        begun: false,
    };
    if builder.lines().is_none() {
        return match builder.tree.nodes.last() {
            Some(last) if builder.tree.nodes.len() >= MAX_NODES => {
                Outcome::TooLarge { at: last.span.from }
            }
            _ => Outcome::NotSimple,
        };
    }
    builder.finish().map_or(Outcome::NotSimple, Outcome::Read)
}

struct Builder<'t> {
    text: &'t str,
    bytes: &'t [u8],
    tree: Tree<'t>,
    open: Vec<Open>,
    /// The children so far of all open collections, the innermost's last.
    pairs: Vec<Pair>,
    items: Vec<NodeId>,
    skipped: usize,
    /// The line that begins a document (`---`) was met.
    begun: bool,
}

/// A collection that may still grow.
struct Open {
    column: usize,
    span: Span,
    /// The first of its children among those of all open collections.
    first: usize,
    alike: bool,
    waiting: Waiting,
}

/// What the next child of an open collection belongs to.
#[derive(Clone, Copy)]
enum Waiting {
    /// In a list: the end of a dash with nothing behind it yet.
    Dash(Option<usize>),
    /// In a mapping: a key with nothing behind it yet, and its end.
    Key(Option<(NodeId, usize)>),
}

impl<'t> Builder<'t> {
    /// Takes in the whole text.
    fn lines(&mut self) -> Option<()> {
        // Characters that end a line in one version of YAML and not in another.
        if !self.text.is_ascii()
            && self
                .text
                .contains(['\u{85}', '\u{2028}', '\u{2029}', '\u{feff}'])
        {
            return None;
        }
        let mut at = 0;
        while at < self.bytes.len() {
            at = self.line(at)?;
        }
        Some(())
    }

    /// Takes in the line that starts at a byte; returns where the next one does.
    fn line(&mut self, start: usize) -> Option<usize> {
        let bytes = self.bytes;
        let mut at = past_spaces(bytes, start);
        match bytes.get(at) {
            None => return Some(at),
            Some(b'#' | b'\n' | b'\r') => return next_line(bytes, at),
            Some(b'\t' | b'%') => return None,
            Some(b'-' | b'.') if at == start && is_marker(bytes, at) => {
                let is_first = !self.begun && self.tree.nodes.is_empty() && self.open.is_empty();
                if !is_first || bytes[at] == b'.' {
                    return None;
                }
                self.begun = true;
                let end = past_spaces(bytes, at + 3);
                return is_end(bytes, end).then(|| next_line(bytes, end))?;
            }
            _ => {}
        }
        // Dashes open list items; what follows stands in the last of them.
        while bytes[at] == b'-' && (bytes.get(at + 1) == Some(&b' ') || is_end(bytes, at + 1)) {
            self.item(at - start, at)?;
            at = past_spaces(bytes, at + 1);
            if is_end(bytes, at) || bytes[at] == b'#' {
                return next_line(bytes, at);
            }
        }
        if let Some(key) = key(bytes, at) {
            return self.entry(at - start, at, &key);
        }
        let (node, end) = self.scalar(at)?;
        self.scalar_item(node, at - start)?;
        ends_here(bytes, end)
    }

    /// A dash at a column.
    fn item(&mut self, column: usize, at: usize) -> Option<()> {
        self.close_to(column, true);
        let at = at + self.skipped;
        if let Some(open) = self.open.last_mut()
            && open.column == column
            && let Waiting::Dash(pending) = &mut open.waiting
        {
            open.span.to = at + 1;
            if let Some(end) = pending.replace(at + 1) {
                open.alike = false;
                let id = self.push(empty(end))?;
                self.items.push(id);
            }
            return Some(());
        }
        self.begin(column, at, Waiting::Dash(Some(at + 1)))
    }

    /// A key, with what stands behind it on the line; returns where the next line starts.
    fn entry(&mut self, column: usize, at: usize, found: &Key) -> Option<usize> {
        self.close_to(column, false);
        let from = at + self.skipped;
        let same = matches!(
            self.open.last(),
            Some(Open { column: there, waiting: Waiting::Key(_), .. }) if *there == column
        );
        if !same {
            self.begin(column, from, Waiting::Key(None))?;
        }
        let colon = found.colon + self.skipped;
        let key = self.push(Node {
            kind: Kind::Scalar {
                text: Text::Here(&self.text[found.from..found.to]),
                style: found.style,
            },
            span: Span { from, to: colon },
            tag: None,
            alike: true,
        })?;
        self.answer_key();
        let value_at = past_blanks(self.bytes, found.colon + 1);
        if is_end(self.bytes, value_at) || self.bytes[value_at] == b'#' {
            let open = self.open.last_mut()?;
            open.waiting = Waiting::Key(Some((key, colon + 1)));
            open.span.to = colon + 1;
            return next_line(self.bytes, value_at);
        }
        let (node, end) = self.scalar(value_at)?;
        let alike = node.alike;
        let to = node.span.to;
        let value = self.push(node)?;
        let open = self.open.last_mut()?;
        open.span.to = to;
        open.alike &= alike;
        self.pairs.push(Pair {
            key,
            value,
            merged: false,
        });
        ends_here(self.bytes, end)
    }

    /// Gives the key that waits in the innermost mapping, if one does, nothing for a value.
    fn answer_key(&mut self) {
        let Some(open) = self.open.last_mut() else {
            return;
        };
        if let Waiting::Key(Some((key, end))) = open.waiting {
            open.waiting = Waiting::Key(None);
            open.alike = false;
            let value = self.append(empty(end));
            self.pairs.push(Pair {
                key,
                value,
                merged: false,
            });
        }
    }

    /// A scalar behind a dash on the same line. Anywhere else it continues an earlier line, which
    /// is for the full parser.
    fn scalar_item(&mut self, node: Node<'t>, column: usize) -> Option<()> {
        let (alike, span) = (node.alike, node.span);
        let id = self.push(node)?;
        let open = self.open.last_mut()?;
        let Waiting::Dash(pending) = &mut open.waiting else {
            return None;
        };
        // The dash must stand on this line, or the item is of several lines.
        let dash = pending.take()?;
        let gap = span.from.checked_sub(dash)?;
        if column <= open.column || gap > column - open.column {
            return None;
        }
        open.alike &= alike;
        open.span.to = span.to;
        self.items.push(id);
        Some(())
    }

    /// Opens a collection in the place that waits for one.
    fn begin(&mut self, column: usize, at: usize, waiting: Waiting) -> Option<()> {
        let is_list = matches!(waiting, Waiting::Dash(_));
        match self.open.last() {
            None if self.tree.nodes.is_empty() && column == 0 => {}
            None => return None,
            Some(parent) => {
                let waits = match &parent.waiting {
                    Waiting::Dash(pending) => pending.is_some() && column > parent.column,
                    // A list may stand at the column of its key.
                    Waiting::Key(pending) => {
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
            span: Span {
                from: at,
                to: at + 1,
            },
            first: if is_list {
                self.items.len()
            } else {
                self.pairs.len()
            },
            alike: true,
            waiting,
        });
        Some(())
    }

    /// Closes what cannot hold content at a column.
    fn close_to(&mut self, column: usize, is_dash: bool) {
        while let Some(top) = self.open.last() {
            let is_list = matches!(top.waiting, Waiting::Dash(_));
            let ends = top.column > column || (top.column == column && is_list && !is_dash);
            if !ends {
                return;
            }
            self.close();
        }
    }

    /// Closes the innermost collection and hands it to the one around it.
    fn close(&mut self) {
        if let Some(Open {
            waiting: Waiting::Dash(Some(end)),
            alike,
            ..
        }) = self.open.last_mut()
        {
            *alike = false;
            let end = *end;
            let id = self.append(empty(end));
            self.items.push(id);
        }
        self.answer_key();
        let Some(open) = self.open.pop() else {
            return;
        };
        let mut alike = open.alike;
        let kind = match open.waiting {
            Waiting::Dash(_) => {
                let items = Children::append(&mut self.tree.items, &self.items[open.first..]);
                self.items.truncate(open.first);
                Kind::Sequence(items)
            }
            Waiting::Key(_) => {
                let pairs = &self.pairs[open.first..];
                let distinct = are_distinct(&self.tree, pairs);
                alike &= distinct;
                let entries = Children::append(&mut self.tree.pairs, pairs);
                self.pairs.truncate(open.first);
                Kind::Mapping { entries, distinct }
            }
        };
        let id = self.append(Node {
            kind,
            span: open.span,
            tag: None,
            alike,
        });
        let Some(parent) = self.open.last_mut() else {
            self.tree.root = Some(id);
            return;
        };
        parent.span.to = parent.span.to.max(open.span.to);
        parent.alike &= alike;
        match &mut parent.waiting {
            Waiting::Dash(pending) => {
                *pending = None;
                self.items.push(id);
            }
            Waiting::Key(pending) => {
                if let Some((key, _)) = pending.take() {
                    self.pairs.push(Pair {
                        key,
                        value: id,
                        merged: false,
                    });
                }
            }
        }
    }

    fn finish(mut self) -> Option<Tree<'t>> {
        while !self.open.is_empty() {
            self.close();
        }
        self.tree.root.is_some().then_some(self.tree)
    }

    fn push(&mut self, node: Node<'t>) -> Option<NodeId> {
        (self.tree.nodes.len() < MAX_NODES).then(|| self.append(node))
    }

    fn append(&mut self, node: Node<'t>) -> NodeId {
        self.tree.nodes.push(node);
        NodeId(u32::try_from(self.tree.nodes.len() - 1).expect("fewer nodes than bytes"))
    }

    /// The scalar that starts at a byte, and where it ends.
    fn scalar(&self, at: usize) -> Option<(Node<'t>, usize)> {
        let (from, to, end, style) = match self.bytes[at] {
            b'"' => quoted(self.bytes, at, Style::DoubleQuoted)?,
            b'\'' => quoted(self.bytes, at, Style::SingleQuoted)?,
            _ => plain(self.bytes, at)?,
        };
        let text = &self.text[from..to];
        let node = Node {
            alike: is_read_alike(text, style),
            kind: Kind::Scalar {
                text: Text::Here(text),
                style,
            },
            span: Span {
                from: at + self.skipped,
                to: end + self.skipped,
            },
            tag: None,
        };
        Some((node, end))
    }
}

fn empty<'t>(at: usize) -> Node<'t> {
    Node {
        kind: Kind::Scalar {
            text: Text::Here(""),
            style: Style::Plain,
        },
        span: Span { from: at, to: at },
        tag: None,
        alike: false,
    }
}

/// Whether no key stands twice.
fn are_distinct(tree: &Tree<'_>, pairs: &[Pair]) -> bool {
    const FEW: usize = 8;
    // Keys of this parser are scalars.
    let name = |pair: &Pair| tree.scalar(pair.key).unwrap_or_default();
    if pairs.len() <= FEW {
        let mut names = [""; FEW];
        return pairs.iter().enumerate().all(|(at, pair)| {
            let name = name(pair);
            names[at] = name;
            !names[..at].iter().any(|other| same(other, name))
        });
    }
    let mut seen = HashSet::with_capacity(pairs.len());
    pairs.iter().all(|pair| seen.insert(name(pair)))
}

/// Whether a scalar means the same in both dialects, whatever is wanted of it. Says no where that
/// takes more than a look: the words that are truth values to one of them, nothing, fractions,
/// dates, numbers in other notations.
fn is_read_alike(text: &str, style: Style) -> bool {
    let bytes = text.as_bytes();
    let first = bytes.first().copied().unwrap_or(b'~');
    let maybe_truth = bytes.len() <= 3 && matches!(first | 0x20, b'y' | b'n' | b'o');
    if style != Style::Plain {
        return !maybe_truth;
    }
    match first {
        b'0' => bytes.len() == 1,
        b'1'..=b'9' => bytes.len() <= 9 && bytes.iter().all(u8::is_ascii_digit),
        b'n' | b'N' => bytes.len() != 4 && !maybe_truth,
        b'/' | b'_' => true,
        letter => letter.is_ascii_alphabetic() && !maybe_truth,
    }
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
            "a: b\tc\n",
            "a: b:\tc\n",
            "a:\n\tb: c\n",
            "a:\t- b\n",
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
    fn tabs_beside_a_value_part_as_spaces_do() {
        // The full parser, unlike both references, refuses a tab between key and value.
        for text in [
            "a:\tb\n",
            "a:\t\tb # c\n",
            "a:\t\n  b:\t1\t# c\n",
            "a: b \t\nc:\t-1\n",
            "a:\t\"b\"\t\n",
            "- a:\tb\n  c: d\t\n",
            "a:\t# c\n",
        ] {
            let mut tabs = String::new();
            printed(parse(text, 0).expect(text).root().unwrap(), &mut tabs);
            let spaced = text.replace('\t', " ");
            let mut spaces = String::new();
            printed(parse(&spaced, 0).unwrap().root().unwrap(), &mut spaces);
            assert_eq!(tabs, spaces, "{text:?}");
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
