//! Nodes and their facts about the document.

use std::collections::BTreeMap;

use super::fast::words::same;
use crate::span::Span;

/// A parsed document.
///
/// The children of all collections are stored in two lists, each collection's contiguously:
/// thousands of small lists would cost more than everything else.
#[derive(Debug, Default)]
pub(crate) struct Tree<'t> {
    pub(super) nodes: Vec<Node<'t>>,
    pub(super) pairs: Vec<Pair>,
    pub(super) items: Vec<NodeId>,
    /// Texts of scalars whose value is not written literally in the document.
    pub(super) texts: Vec<String>,
    pub(super) root: Option<NodeId>,
    /// Span of the merge key (`<<`) of each mapping that has one, by the mapping's node.
    pub(super) merges: BTreeMap<u32, Span>,
    /// The mappings that merge keys refer to.
    pub(super) sources: Vec<NodeId>,
    /// The few scalars whose text the command line reads differently.
    pub(super) command_line_texts: BTreeMap<u32, String>,
}

/// The place of a node in its tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NodeId(pub(super) u32);

#[derive(Debug)]
pub(super) struct Node<'t> {
    pub(super) kind: Kind<'t>,
    pub(super) span: Span,
    pub(super) tag: Option<Tag>,
    /// `true` if both dialects certainly read the node, and all below it, the same way.
    pub(super) alike: bool,
}

#[derive(Debug)]
pub(super) enum Kind<'t> {
    Scalar {
        text: Text<'t>,
        style: Style,
    },
    Sequence(Children),
    Mapping {
        entries: Children,
        /// `true` if every key is a scalar that occurs once, and none came from a merge key.
        distinct: bool,
    },
}

/// The text of a scalar. A node owns nothing, so that a tree is dropped at once.
#[derive(Debug, Clone, Copy)]
pub(super) enum Text<'t> {
    /// As it is written in the document.
    Here(&'t str),
    /// A text owned by the tree, because it was escaped or folded.
    Elsewhere(usize),
}

/// A contiguous range of a tree's pairs or items.
#[derive(Debug, Clone, Copy)]
pub(super) struct Children {
    pub(super) from: u32,
    pub(super) to: u32,
}

impl Children {
    pub(super) fn of<T>(self, all: &[T]) -> &[T] {
        &all[self.from as usize..self.to as usize]
    }

    /// Appends children to all others of their kind.
    pub(super) fn append<T: Copy>(all: &mut Vec<T>, children: &[T]) -> Self {
        let place = |at: usize| u32::try_from(at).expect("fewer children than bytes");
        let from = place(all.len());
        all.extend_from_slice(children);
        let to = place(all.len());
        Self { from, to }
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Pair {
    pub(super) key: NodeId,
    pub(super) value: NodeId,
    /// `true` if it came from a merge key.
    pub(super) merged: bool,
}

/// Notation of a scalar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    Plain,
    SingleQuoted,
    DoubleQuoted,
    /// `|` or `>`.
    Block,
}

/// An explicit tag, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tag {
    Str,
    Int,
    Float,
    Bool,
    Null,
    /// Any other tag of the YAML types (`!!seq`, `!!timestamp`…).
    Standard,
    /// An unknown tag.
    Unknown,
}

/// A node with the tree it belongs to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ref<'a, 't> {
    tree: &'a Tree<'t>,
    id: NodeId,
}

/// A key with its value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry<'a, 't> {
    pub(crate) key: Ref<'a, 't>,
    pub(crate) value: Ref<'a, 't>,
    /// `true` if it came from a merge key.
    pub(crate) merged: bool,
}

impl<'t> Tree<'t> {
    /// The top node; `None` when the text holds no document.
    pub(crate) fn root(&self) -> Option<Ref<'_, 't>> {
        self.root.map(|id| Ref { tree: self, id })
    }

    /// Whether the text at a span is used in several places of the document: it has an alias, or a
    /// merge key brings it in elsewhere.
    pub(crate) fn is_shared(&self, place: Span) -> bool {
        let covers = |span: Span| span.from <= place.from && place.to <= span.to;
        let mut uses = vec![0_u32; self.nodes.len()];
        let values = self.pairs.iter().map(|pair| pair.value);
        for id in values.chain(self.items.iter().copied()) {
            uses[id.0 as usize] += 1;
        }
        let mut nodes = self.nodes.iter().zip(uses);
        nodes.any(|(node, uses)| uses > 1 && covers(node.span))
            || self.sources.iter().any(|id| {
                // An entry added to it is added wherever it is merged.
                let source = Ref {
                    tree: self,
                    id: *id,
                };
                let mut entries = source.entries().into_iter().flatten();
                covers(source.span()) && !entries.any(|entry| covers(entry.value.span()))
            })
    }

    /// Keeps a text that is not written literally in the document.
    pub(super) fn keep(&mut self, text: String) -> Text<'t> {
        self.texts.push(text);
        Text::Elsewhere(self.texts.len() - 1)
    }

    pub(super) fn node(&self, id: NodeId) -> &Node<'t> {
        &self.nodes[id.0 as usize]
    }

    fn text(&self, text: Text<'t>) -> &str {
        match text {
            Text::Here(text) => text,
            Text::Elsewhere(at) => &self.texts[at],
        }
    }

    /// The text of a scalar.
    pub(super) fn scalar(&self, id: NodeId) -> Option<&str> {
        match self.node(id).kind {
            Kind::Scalar { text, .. } => Some(self.text(text)),
            _ => None,
        }
    }
}

impl<'a, 't> Ref<'a, 't> {
    fn node(self) -> &'a Node<'t> {
        self.tree.node(self.id)
    }

    /// The position of the node.
    pub(crate) fn span(self) -> Span {
        self.node().span
    }

    /// The explicit tag.
    pub(crate) fn tag(self) -> Option<Tag> {
        self.node().tag
    }

    /// The text of a scalar.
    pub(crate) fn scalar(self) -> Option<&'a str> {
        self.tree.scalar(self.id)
    }

    /// The text of a scalar as the command line reads it.
    pub(crate) fn command_line_scalar(self) -> Option<&'a str> {
        match self.tree.command_line_texts.get(&self.id.0) {
            Some(text) => Some(text),
            None => self.scalar(),
        }
    }

    /// The style of a scalar.
    pub(crate) fn style(self) -> Option<Style> {
        match &self.node().kind {
            Kind::Scalar { style, .. } => Some(*style),
            _ => None,
        }
    }

    /// The items of a sequence.
    pub(crate) fn items(self) -> Option<impl ExactSizeIterator<Item = Self>> {
        match &self.node().kind {
            Kind::Sequence(items) => Some(
                items
                    .of(&self.tree.items)
                    .iter()
                    .map(move |&id| Self { id, ..self }),
            ),
            _ => None,
        }
    }

    /// Whether the node is a sequence.
    pub(crate) fn is_sequence(self) -> bool {
        matches!(self.node().kind, Kind::Sequence(_))
    }

    /// Whether the node is a mapping.
    pub(crate) fn is_mapping(self) -> bool {
        matches!(self.node().kind, Kind::Mapping { .. })
    }

    /// Whether both dialects certainly read the node, and all below it, the same way.
    pub(crate) fn is_alike(self) -> bool {
        self.node().alike
    }

    /// Whether every key of a mapping is a scalar that occurs once, none of them merged.
    pub(crate) fn is_distinct(self) -> bool {
        matches!(self.node().kind, Kind::Mapping { distinct: true, .. })
    }

    /// The entries of a mapping: its own in the order of the text, then the merged ones.
    pub(crate) fn entries(self) -> Option<impl Iterator<Item = Entry<'a, 't>>> {
        Some(self.pairs()?.iter().map(move |pair| self.entry_of(pair)))
    }

    fn pairs(self) -> Option<&'a [Pair]> {
        match self.node().kind {
            Kind::Mapping { entries, .. } => Some(entries.of(&self.tree.pairs)),
            _ => None,
        }
    }

    fn entry_of(self, pair: &Pair) -> Entry<'a, 't> {
        Entry {
            key: Self {
                id: pair.key,
                ..self
            },
            value: Self {
                id: pair.value,
                ..self
            },
            merged: pair.merged,
        }
    }

    /// The position of the mapping's merge key.
    pub(crate) fn merge_key(self) -> Option<Span> {
        self.tree.merges.get(&self.id.0).copied()
    }

    /// The value of a key. Of duplicate keys the last one counts, as in the references that
    /// tolerate them.
    pub(crate) fn get(self, key: &str) -> Option<Self> {
        self.entry(key).map(|entry| entry.value)
    }

    /// The key node and value of a key.
    pub(crate) fn entry(self, key: &str) -> Option<Entry<'a, 't>> {
        let is_it = |pair: &&Pair| {
            let name = self.tree.scalar(pair.key);
            name.is_some_and(|name| same(name, key))
        };
        // Merged entries follow the mapping's own and never repeat one of them.
        let pair = self.pairs()?.iter().rev().find(is_it)?;
        Some(self.entry_of(pair))
    }
}
