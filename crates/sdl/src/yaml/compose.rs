//! Builds the tree from parser events, with limits on depth and on the multiplication by aliases.

mod tabs;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use saphyr_parser::{Event, Parser, ScalarStyle, Span as Mark};

use super::fast;
use super::tree::{Children, Kind, Node, NodeId, Pair, Style, Tag, Text, Tree};
use crate::span::Span;
use crate::text::CharOffsets;

/// Deepest nesting that Console accepts.
const CONSOLE_DEPTH: usize = 100;
/// The parser's message for flow collections nested beyond a limit of its own.
const PARSER_TOO_DEEP: &str = "recursion limit exceeded";
/// The parser's message for a tab right after the colon of a key, which both references read as a space.
const PARSER_REFUSES_TAB: &str = "':' must be followed by a valid YAML whitespace";
/// Deepest nesting that any tool accepts.
const MAX_DEPTH: usize = 10_000;
/// Maximum number of nodes, aliases counted each time they are used. More are an attack, not a
/// workload: a hundred services have 9,000.
const MAX_EXPANDED_NODES: u64 = 15_000;

/// A fault of a document before its meaning is considered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) kind: FaultKind,
    pub(crate) span: Span,
}

/// The kinds of [`Fault`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FaultKind {
    /// Text that is not YAML, with the parser's message.
    Syntax(String),
    /// More nesting than any tool accepts.
    TooDeep,
    /// More nesting than Console accepts.
    TooDeepForConsole,
    /// Aliases that expand to more nodes than any tool should handle.
    TooLarge,
    /// An alias inside the node that it names.
    RecursiveAlias,
    /// A merge key whose value is not a mapping or a list of mappings.
    BadMerge,
    /// A second document in the stream.
    SecondDocument,
    /// A tag that no reader of SDL knows.
    UnknownTag(String),
}

/// Parses a text, without its first `skipped` bytes, into a tree. After a fault that ends the
/// parsing, the tree has no root.
pub(crate) fn compose(text: &str, skipped: usize) -> (Tree<'_>, Vec<Fault>) {
    match fast::read(text, skipped) {
        fast::Outcome::Read(tree) => (tree, Vec::new()),
        fast::Outcome::NotSimple => compose_fully(text, &CharOffsets::new(text, skipped)),
        fast::Outcome::TooLarge { at } => {
            let kind = FaultKind::TooLarge;
            let span = Span { from: at, to: at };
            (Tree::default(), vec![Fault { kind, span }])
        }
    }
}

/// Parses a text with the full parser.
pub(super) fn compose_fully<'t>(
    text: &'t str,
    offsets: &CharOffsets<'_>,
) -> (Tree<'t>, Vec<Fault>) {
    let keep = |tree: &mut Tree<'t>, scalar| match scalar {
        Cow::Borrowed(scalar) => Text::Here(scalar),
        Cow::Owned(scalar) => tree.keep(scalar),
    };
    let (tree, faults) = compose_as(text, offsets, keep);
    let is_tab = |fault: &Fault| matches!(&fault.kind, FaultKind::Syntax(info) if info == PARSER_REFUSES_TAB);
    if !faults.iter().any(is_tab) {
        return (tree, faults);
    }
    let spaced = tabs::spaced(text, offsets);
    compose_as(&spaced, offsets, |tree, scalar| {
        tree.keep(scalar.into_owned())
    })
}

/// Parses `text`, whose positions are in `offsets`; `keep` decides where the text of a scalar is
/// stored.
fn compose_as<'t, 'p>(
    text: &'p str,
    offsets: &CharOffsets<'_>,
    keep: impl Fn(&mut Tree<'t>, Cow<'p, str>) -> Text<'t>,
) -> (Tree<'t>, Vec<Fault>) {
    let mut composer = Composer {
        tree: Tree {
            nodes: Vec::with_capacity(text.len() / 16),
            ..Tree::default()
        },
        weights: Vec::with_capacity(text.len() / 16),
        open: Vec::new(),
        anchors: HashMap::new(),
        faults: Vec::new(),
        offsets,
    };
    if composer.read(text, keep).is_none() {
        composer.tree.root = None;
    }
    (composer.tree, composer.faults)
}

struct Composer<'t, 'o> {
    tree: Tree<'t>,
    /// Number of nodes that each node stands for once its aliases are expanded.
    weights: Vec<u64>,
    open: Vec<Open>,
    anchors: HashMap<usize, NodeId>,
    faults: Vec<Fault>,
    offsets: &'o CharOffsets<'o>,
}

/// A collection whose end has not been reached.
struct Open {
    start: Mark,
    anchor: usize,
    tag: Option<Tag>,
    weight: u64,
    /// End of the last child: the end of a block collection, whose own end the parser sees only at the next
    /// token, after blank lines and comments.
    end: usize,
    children: OpenChildren,
}

enum OpenChildren {
    Sequence(Vec<NodeId>),
    Mapping {
        pairs: Vec<Pair>,
        key: Option<NodeId>,
        merges: Vec<(NodeId, NodeId)>,
    },
}

impl<'t> Composer<'t, '_> {
    /// Reads the whole stream; `None` after a fault that ends the reading.
    fn read<'p>(
        &mut self,
        text: &'p str,
        keep: impl Fn(&mut Tree<'t>, Cow<'p, str>) -> Text<'t>,
    ) -> Option<()> {
        let mut parser = Parser::new_from_str(text);
        let mut documents = 0;
        while let Some(next) = parser.next_event() {
            let (event, mark) = match next {
                Ok(next) => next,
                Err(error) => {
                    let at = *error.marker();
                    let span = self.span(Mark::empty(at));
                    let info = error.info().to_owned();
                    if info == PARSER_TOO_DEEP {
                        return self.fatal(FaultKind::TooDeep, span);
                    }
                    return self.fatal(FaultKind::Syntax(info), span);
                }
            };
            match event {
                Event::DocumentStart(_) => {
                    documents += 1;
                    if documents == 2 {
                        let span = self.span(mark);
                        self.fault(FaultKind::SecondDocument, span);
                        // The command line stops here, and Console ignores the rest.
                        return Some(());
                    }
                }
                Event::Scalar(text, style, anchor, tag) => {
                    let tag = self.tag(tag.as_deref(), mark);
                    let folded = self.folded(&text, style, mark);
                    let text = keep(&mut self.tree, text);
                    let node = self.scalar(text, style, mark, tag);
                    if let Some(folded) = folded {
                        let id = self.next_id();
                        self.tree.command_line_texts.insert(id.0, folded);
                    }
                    self.finish(node, 1, anchor)?;
                }
                Event::SequenceStart(anchor, tag) => {
                    let tag = self.tag(tag.as_deref(), mark);
                    self.open(mark, anchor, tag, OpenChildren::Sequence(Vec::new()))?;
                }
                Event::MappingStart(anchor, tag) => {
                    let tag = self.tag(tag.as_deref(), mark);
                    let children = OpenChildren::Mapping {
                        pairs: Vec::new(),
                        key: None,
                        merges: Vec::new(),
                    };
                    self.open(mark, anchor, tag, children)?;
                }
                Event::SequenceEnd | Event::MappingEnd => self.close(mark)?,
                Event::Alias(anchor) => match self.anchors.get(&anchor) {
                    Some(&target) => {
                        let weight = self.weights[target.0 as usize];
                        let end = self.span(mark).to;
                        self.attach(target, weight, end)?;
                    }
                    None => {
                        let span = self.span(mark);
                        self.fault(FaultKind::RecursiveAlias, span);
                        // A null node takes its place so that the rest is still checked.
                        let node = Node {
                            kind: Kind::Scalar {
                                text: Text::Here(""),
                                style: Style::Plain,
                            },
                            span,
                            tag: None,
                            alike: false,
                        };
                        self.finish(node, 1, 0)?;
                    }
                },
                Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
            }
        }
        Some(())
    }

    fn scalar(
        &mut self,
        text: Text<'t>,
        style: ScalarStyle,
        mark: Mark,
        tag: Option<Tag>,
    ) -> Node<'t> {
        let mut span = self.span(mark);
        // The parser counts trailing text as part of a scalar: line feeds after a block, spaces and
        // comments after a quote.
        span.to = match style {
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => {
                span.from + quoted_length(self.offsets.slice(span))
            }
            _ => self.offsets.trim_end(span.from, span.to),
        };
        if matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) {
            span.from = self.offsets.block_header_before(span.from);
        }
        Node {
            kind: Kind::Scalar {
                text,
                style: match style {
                    ScalarStyle::Plain => Style::Plain,
                    ScalarStyle::SingleQuoted => Style::SingleQuoted,
                    ScalarStyle::DoubleQuoted => Style::DoubleQuoted,
                    ScalarStyle::Literal | ScalarStyle::Folded => Style::Block,
                },
            },
            span,
            tag,
            alike: false,
        }
    }

    fn next_id(&self) -> NodeId {
        NodeId(u32::try_from(self.tree.nodes.len()).expect("fewer nodes than bytes"))
    }

    /// The text as the command line reads it; `None` if that does not differ. It treats the
    /// character U+0085 as the end of a line, as in YAML 1.1, so that it becomes a space or a line
    /// feed.
    fn folded(&self, text: &str, style: ScalarStyle, mark: Mark) -> Option<String> {
        const NEXT_LINE: char = '\u{85}';
        if !text.contains(NEXT_LINE) {
            return None;
        }
        let span = self.span(mark);
        // Written as an escape, it is an ordinary character.
        if !self.offsets.slice(span).contains(NEXT_LINE) {
            return None;
        }
        if matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) {
            return Some(text.replace(NEXT_LINE, "\n"));
        }
        let mut folded = String::with_capacity(text.len());
        let mut breaks = 0;
        for (index, line) in text.split(NEXT_LINE).enumerate() {
            let line = match index {
                0 => line.trim_end_matches([' ', '\t']),
                _ => line.trim_matches([' ', '\t']),
            };
            if index > 0 {
                breaks += 1;
                if line.is_empty() {
                    continue;
                }
                match breaks {
                    1 => folded.push(' '),
                    _ => folded.extend(std::iter::repeat_n('\n', breaks - 1)),
                }
                breaks = 0;
            }
            folded.push_str(line);
        }
        Some(folded)
    }

    fn open(
        &mut self,
        start: Mark,
        anchor: usize,
        tag: Option<Tag>,
        children: OpenChildren,
    ) -> Option<()> {
        self.open.push(Open {
            start,
            anchor,
            tag,
            weight: 1,
            end: 0,
            children,
        });
        let depth = self.open.len();
        if depth == CONSOLE_DEPTH + 1 {
            let span = self.span(start);
            self.fault(FaultKind::TooDeepForConsole, span);
        }
        if depth > MAX_DEPTH {
            let span = self.span(start);
            return self.fatal(FaultKind::TooDeep, span);
        }
        Some(())
    }

    fn close(&mut self, end: Mark) -> Option<()> {
        let Open {
            start,
            anchor,
            tag,
            mut weight,
            end: last,
            children,
        } = self.open.pop().expect("the parser closes what it opened");
        let kind = match children {
            OpenChildren::Sequence(items) => {
                Kind::Sequence(Children::append(&mut self.tree.items, &items))
            }
            OpenChildren::Mapping {
                mut pairs, merges, ..
            } => {
                if let Some(&(key, _)) = merges.first() {
                    let span = self.tree.node(key).span;
                    let id = self.next_id();
                    self.tree.merges.insert(id.0, span);
                }
                for (_, value) in merges {
                    weight = weight.saturating_add(self.merge(&mut pairs, value));
                }
                Kind::Mapping {
                    entries: Children::append(&mut self.tree.pairs, &pairs),
                    distinct: false,
                }
            }
        };
        let mut span = self.span(Mark::new(start.start, end.end));
        let is_flow = self.offsets.slice(span).starts_with(['{', '[']);
        if !is_flow {
            span.to = last.max(span.from);
        }
        if let Kind::Sequence(items) = &kind
            && let Some(first) = items.of(&self.tree.items).first()
            && !is_flow
            && (self.tree.node(*first).span.from <= span.from
                || !self.offsets.slice(span).starts_with('-'))
        {
            // For a list at the column of its key the parser does not count the first dash.
            span.from = self.offsets.dash_before(span.from);
        }
        let node = Node {
            kind,
            span,
            tag,
            alike: false,
        };
        self.finish(node, weight, anchor)
    }

    /// Adds the entries of a merge key, the mapping's own keys taking precedence; returns the
    /// number of nodes added.
    fn merge(&mut self, pairs: &mut Vec<Pair>, value: NodeId) -> u64 {
        let mut sources = vec![value];
        if let Kind::Sequence(items) = &self.tree.node(value).kind {
            sources = items.of(&self.tree.items).to_vec();
        }
        let mut present: BTreeMap<String, ()> = pairs
            .iter()
            .filter_map(|pair| Some((self.tree.scalar(pair.key)?.to_owned(), ())))
            .collect();
        let mut weight = 0_u64;
        for source in sources {
            let Kind::Mapping { entries, .. } = self.tree.node(source).kind else {
                let span = self.tree.node(source).span;
                self.fault(FaultKind::BadMerge, span);
                continue;
            };
            self.tree.sources.push(source);
            for pair in entries.of(&self.tree.pairs) {
                let Some(text) = self.tree.scalar(pair.key) else {
                    continue;
                };
                if present.insert(text.to_owned(), ()).is_none() {
                    weight = weight.saturating_add(1 + self.weights[pair.value.0 as usize]);
                    pairs.push(Pair {
                        merged: true,
                        ..*pair
                    });
                }
            }
        }
        weight
    }

    /// Stores a complete node and attaches it to the collection around it.
    fn finish(&mut self, node: Node<'t>, weight: u64, anchor: usize) -> Option<()> {
        let id = self.next_id();
        let end = node.span.to;
        self.tree.nodes.push(node);
        self.weights.push(weight);
        if anchor != 0 {
            self.anchors.insert(anchor, id);
        }
        self.attach(id, weight, end)
    }

    fn attach(&mut self, id: NodeId, weight: u64, end: usize) -> Option<()> {
        let Some(parent) = self.open.last_mut() else {
            self.tree.root = Some(id);
            return Some(());
        };
        parent.weight = parent.weight.saturating_add(weight);
        parent.end = parent.end.max(end);
        if parent.weight > MAX_EXPANDED_NODES {
            let span = self.tree.nodes[id.0 as usize].span;
            return self.fatal(FaultKind::TooLarge, span);
        }
        match &mut parent.children {
            OpenChildren::Sequence(items) => items.push(id),
            OpenChildren::Mapping { pairs, key, merges } => match key.take() {
                None => *key = Some(id),
                Some(key) if is_merge_key(&self.tree, key) => {
                    merges.push((key, id));
                }
                Some(key) => pairs.push(Pair {
                    key,
                    value: id,
                    merged: false,
                }),
            },
        }
        Some(())
    }

    fn tag(&mut self, tag: Option<&saphyr_parser::Tag>, mark: Mark) -> Option<Tag> {
        let tag = tag?;
        if !tag.is_yaml_core_schema() {
            if tag.handle.is_empty() && tag.suffix == "!" {
                return Some(Tag::Str);
            }
            let span = self.span(mark);
            let name = format!("{}{}", tag.handle, tag.suffix);
            self.fault(FaultKind::UnknownTag(name), span);
            return Some(Tag::Unknown);
        }
        Some(match tag.suffix.as_str() {
            "str" => Tag::Str,
            "int" => Tag::Int,
            "float" => Tag::Float,
            "bool" => Tag::Bool,
            "null" => Tag::Null,
            _ => Tag::Standard,
        })
    }

    fn span(&self, mark: Mark) -> Span {
        Span {
            from: self.offsets.byte(mark.start.index()),
            to: self.offsets.byte(mark.end.index()),
        }
    }

    fn fault(&mut self, kind: FaultKind, span: Span) {
        self.faults.push(Fault { kind, span });
    }

    fn fatal(&mut self, kind: FaultKind, span: Span) -> Option<()> {
        self.fault(kind, span);
        None
    }
}

fn is_merge_key(tree: &Tree<'_>, key: NodeId) -> bool {
    let is_plain = matches!(
        tree.node(key).kind,
        Kind::Scalar {
            style: Style::Plain,
            ..
        }
    );
    is_plain && tree.scalar(key) == Some("<<")
}

/// The length of the quoted scalar a text starts with.
fn quoted_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let Some(&quote) = bytes.first() else {
        return 0;
    };
    let mut at = 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if quote == b'"' => at += 2,
            byte if byte == quote => {
                // Two single quotes stand for one that belongs to the text.
                if quote == b'\'' && bytes.get(at + 1) == Some(&quote) {
                    at += 2;
                } else {
                    return at + 1;
                }
            }
            _ => at += 1,
        }
    }
    text.len()
}
