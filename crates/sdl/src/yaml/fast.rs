//! Reads the subset of YAML in which most documents are written, line by line and several times as
//! fast as the full parser, because the check runs on every keystroke. It also detects the parts
//! that both dialects certainly read the same way, so that those are read once. The aim, a check in
//! half of js-yaml's time, is measured by `cargo xtask bench --sdl`.
//!
//! The subset is block mappings and lists, plain and quoted scalars on one line, and comments.
//! Anything else, and every text with a fault, is left to the full parser: this one returns `None`.
//! A test compares the two.

mod alike;
mod growing;
mod scan;
pub(crate) mod words;

use super::tree::{Kind, Node, NodeId, Pair, Style, Text, Tree};
use crate::span::Span;
use alike::is_read_alike;
use growing::{Open, Waiting};
use scan::{
    Key, ends_here, is_end, is_marker, key, next_line, past_blanks, past_spaces, plain, quoted,
};

/// Limits beyond which texts are left to the full parser, which has limits of its own.
const MAX_DEPTH: usize = 32;
const MAX_KEY: usize = 128;
const MAX_NODES: usize = 15_000;

/// The outcome of reading.
pub(super) enum Outcome<'t> {
    Read(Tree<'t>),
    /// Left to the full parser.
    NotSimple,
    /// Simple, but larger than is accepted: the full parser would only take longer to report that.
    TooLarge {
        /// Offset of the byte at which the limit is reached.
        at: usize,
    },
}

/// Reads a text without its first `skipped` bytes.
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
    /// `true` once the line that begins a document (`---`) was read.
    begun: bool,
}

impl<'t> Builder<'t> {
    /// Reads the whole text.
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

    /// Reads the line that starts at a byte; returns the start of the next one.
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
        // Dashes open list items; what follows is inside the last of them.
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

    /// A key, with what follows it on the line; returns where the next line starts.
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

    /// A scalar after a dash on the same line. Anywhere else it continues an earlier line, which is
    /// left to the full parser.
    fn scalar_item(&mut self, node: Node<'t>, column: usize) -> Option<()> {
        let (alike, span) = (node.alike, node.span);
        let id = self.push(node)?;
        let open = self.open.last_mut()?;
        let Waiting::Dash(pending) = &mut open.waiting else {
            return None;
        };
        // The dash must be on this line, or the item spans several lines.
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

#[cfg(test)]
mod tests;
