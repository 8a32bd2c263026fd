//! Collections that are still open: their beginning, the parent of their children, and their end.

use std::collections::HashSet;

use super::super::tree::{Children, Kind, Node, NodeId, Pair, Tree};
use super::words::same;
use super::{Builder, MAX_DEPTH, empty};
use crate::span::Span;

/// A collection that may still grow.
pub(super) struct Open {
    pub(super) column: usize,
    pub(super) span: Span,
    /// The first of its children among those of all open collections.
    pub(super) first: usize,
    pub(super) alike: bool,
    pub(super) waiting: Waiting,
}

/// Parent of the next child of an open collection.
#[derive(Clone, Copy)]
pub(super) enum Waiting {
    /// In a list: the end of a dash that has no item yet.
    Dash(Option<usize>),
    /// In a mapping: a key that has no value yet, and its end.
    Key(Option<(NodeId, usize)>),
}

impl Builder<'_> {
    /// Gives the pending key of the innermost mapping, if there is one, a null value.
    pub(super) fn answer_key(&mut self) {
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

    /// Opens a collection at the position that waits for one.
    pub(super) fn begin(&mut self, column: usize, at: usize, waiting: Waiting) -> Option<()> {
        let is_list = matches!(waiting, Waiting::Dash(_));
        match self.open.last() {
            None if self.tree.nodes.is_empty() && column == 0 => {}
            None => return None,
            Some(parent) => {
                let waits = match &parent.waiting {
                    Waiting::Dash(pending) => pending.is_some() && column > parent.column,
                    // A list may start at the column of its key.
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

    /// Closes the collections that cannot hold content at a column.
    pub(super) fn close_to(&mut self, column: usize, is_dash: bool) {
        while let Some(top) = self.open.last() {
            let is_list = matches!(top.waiting, Waiting::Dash(_));
            let ends = top.column > column || (top.column == column && is_list && !is_dash);
            if !ends {
                return;
            }
            self.close();
        }
    }

    /// Closes the innermost collection and passes it to the one around it.
    pub(super) fn close(&mut self) {
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
}

/// Whether there are no duplicate keys.
fn are_distinct(tree: &Tree<'_>, pairs: &[Pair]) -> bool {
    const FEW: usize = 8;
    // The keys of this parser are scalars.
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
