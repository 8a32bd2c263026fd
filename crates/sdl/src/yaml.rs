//! The document as a tree of nodes that remember where they stand in the text.
//!
//! One tree serves both dialects: a scalar keeps its text and style, and what that text *means*
//! (number, boolean, null…) is decided late, by [`scalar`], because the two references read the
//! same text differently. Aliases point at the node they name, so a tree never grows beyond its
//! text.

mod compose;
pub(crate) mod scalar;
mod simple;

use std::borrow::Cow;
use std::collections::BTreeMap;

pub(crate) use compose::{FaultKind, compose};

use crate::diagnostic::Span;

/// A parsed document.
#[derive(Debug)]
pub(crate) struct Tree<'t> {
    nodes: Vec<Node<'t>>,
    root: Option<NodeId>,
    /// The few scalars whose text the command line reads differently.
    command_line_texts: BTreeMap<u32, String>,
}

/// The place of a node in its tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NodeId(u32);

#[derive(Debug)]
struct Node<'t> {
    kind: Kind<'t>,
    span: Span,
    tag: Option<Tag>,
}

#[derive(Debug)]
enum Kind<'t> {
    Scalar { text: Cow<'t, str>, style: Style },
    Sequence(Vec<NodeId>),
    Mapping(Mapping),
}

#[derive(Debug, Default)]
struct Mapping {
    entries: Vec<Pair>,
    /// Where a merge key (`<<`) stands, if there is one.
    merge: Option<Span>,
}

#[derive(Debug, Clone, Copy)]
struct Pair {
    key: NodeId,
    value: NodeId,
    /// Came in through a merge key.
    merged: bool,
}

/// How a scalar is written.
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
    /// A tag nobody knows.
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
    /// Came in through a merge key.
    pub(crate) merged: bool,
}

impl<'t> Tree<'t> {
    /// The top node; `None` when the text holds no document.
    pub(crate) fn root(&self) -> Option<Ref<'_, 't>> {
        self.root.map(|id| Ref { tree: self, id })
    }

    fn node(&self, id: NodeId) -> &Node<'t> {
        &self.nodes[id.0 as usize]
    }
}

impl<'a, 't> Ref<'a, 't> {
    fn node(self) -> &'a Node<'t> {
        self.tree.node(self.id)
    }

    /// Where the node stands.
    pub(crate) fn span(self) -> Span {
        self.node().span
    }

    /// Its explicit tag.
    pub(crate) fn tag(self) -> Option<Tag> {
        self.node().tag
    }

    /// The text of a scalar.
    pub(crate) fn scalar(self) -> Option<&'a str> {
        match &self.node().kind {
            Kind::Scalar { text, .. } => Some(text),
            _ => None,
        }
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
            Kind::Sequence(items) => Some(items.iter().map(move |&id| Self { id, ..self })),
            _ => None,
        }
    }

    /// Whether the node is a sequence.
    pub(crate) fn is_sequence(self) -> bool {
        matches!(self.node().kind, Kind::Sequence(_))
    }

    /// Whether the node is a mapping.
    pub(crate) fn is_mapping(self) -> bool {
        matches!(self.node().kind, Kind::Mapping(_))
    }

    /// The entries of a mapping: its own in the order of the text, then the merged ones.
    pub(crate) fn entries(self) -> Option<impl Iterator<Item = Entry<'a, 't>>> {
        match &self.node().kind {
            Kind::Mapping(mapping) => Some(mapping.entries.iter().map(move |pair| Entry {
                key: Self {
                    id: pair.key,
                    ..self
                },
                value: Self {
                    id: pair.value,
                    ..self
                },
                merged: pair.merged,
            })),
            _ => None,
        }
    }

    /// Where the mapping's merge key stands.
    pub(crate) fn merge_key(self) -> Option<Span> {
        match &self.node().kind {
            Kind::Mapping(mapping) => mapping.merge,
            _ => None,
        }
    }

    /// The value of a key. Where a key stands twice the last one counts, as in the references
    /// that tolerate it.
    pub(crate) fn get(self, key: &str) -> Option<Self> {
        self.entry(key).map(|entry| entry.value)
    }

    /// The key node and value of a key.
    pub(crate) fn entry(self, key: &str) -> Option<Entry<'a, 't>> {
        let Kind::Mapping(mapping) = &self.node().kind else {
            return None;
        };
        let is_it = |pair: &&Pair| match &self.tree.node(pair.key).kind {
            Kind::Scalar { text, .. } => text == key,
            _ => false,
        };
        // Merged entries follow the mapping's own and never repeat one of them.
        let pair = mapping.entries.iter().rev().find(is_it)?;
        Some(Entry {
            key: Self {
                id: pair.key,
                ..self
            },
            value: Self {
                id: pair.value,
                ..self
            },
            merged: pair.merged,
        })
    }

    /// What kind of value this is, in words for a message.
    pub(crate) fn kind_words(self) -> &'static str {
        match &self.node().kind {
            Kind::Scalar { text, .. } if text.is_empty() => "nothing",
            Kind::Scalar { .. } => "a single value",
            Kind::Sequence(_) => "a list",
            Kind::Mapping(_) => "a mapping",
        }
    }
}
