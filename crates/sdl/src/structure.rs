//! Checks the structure of a document against the table of keys, for both tools in one pass.

use std::collections::BTreeSet;
use std::fmt;

use crate::diagnostic::{Findings, Severity, Who};
use crate::problem::{Kind, Remedy, Structure};
use crate::schema::{self, Key, NEXT_CASES, Object, OnCommandLine, Shape};
use crate::yaml::scalar::{self, Go, Js};
use crate::yaml::{Places, Ref, Style};

/// A path in the document, kept on the stack and written out only for a finding.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Path<'p> {
    Root,
    Key(&'p Self, &'p str),
    Item(&'p Self, usize),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Key(Self::Root, name) => f.write_str(name),
            Self::Key(parent, name) => write!(f, "{parent}.{name}"),
            Self::Item(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

impl Path<'_> {
    /// The innermost key; empty for the whole document.
    fn last(&self) -> String {
        match self {
            Self::Root => String::new(),
            Self::Key(_, name) => (*name).to_owned(),
            Self::Item(parent, _) => parent.last(),
        }
    }

    /// The path of an element inside the document; `None` for the whole document.
    fn place(&self) -> Option<String> {
        match self {
            Self::Root => None,
            path => Some(path.to_string()),
        }
    }
}

/// Checks the shape of the whole document.
pub(crate) fn check(root: Ref<'_, '_>, text: &str, findings: &mut Findings) {
    Walk { text, findings }.object(root, &schema::DOCUMENT, &Path::Root);
}

struct Walk<'f> {
    text: &'f str,
    findings: &'f mut Findings,
}

impl Walk<'_> {
    /// A template engine's placeholder in this node: to YAML it is a mapping in a mapping.
    fn placeholder(&self, node: Ref<'_, '_>) -> Option<String> {
        let span = node.span();
        let written = self.text.get(span.from..span.to)?.trim_end();
        let is_one = node.is_mapping() && written.starts_with("{{") && written.ends_with("}}");
        is_one.then(|| written.chars().take(80).collect())
    }

    fn value(&mut self, node: Ref<'_, '_>, key: &Key, path: &Path<'_>) {
        if key.nullable && scalar::js(node) == Some(Js::Null) {
            return;
        }
        self.shape(node, &key.shape, path);
    }

    fn shape(&mut self, node: Ref<'_, '_>, shape: &Shape, path: &Path<'_>) {
        match shape {
            Shape::Text { least } => self.text(node, *least, path),
            Shape::Choice(words) => self.choice(node, words, path),
            Shape::Texts => self.list(node, &Shape::Text { least: 0 }, path),
            Shape::Choices(words) => self.list(node, &Shape::Choice(words), path),
            Shape::Flag => self.flag(node, path),
            Shape::Port => self.whole(node, 1, Some(65_535), path),
            Shape::Whole { least, most } => self.whole(node, *least, *most, path),
            Shape::NextCases => self.next_cases(node, path),
            Shape::Object(object) => self.object(node, object, path),
            Shape::Named(shape) => self.named(node, shape, path),
            Shape::List(shape) => self.list(node, shape, path),
            Shape::OneOrList(shape) => {
                if node.is_sequence() {
                    self.list(node, shape, path);
                } else {
                    self.shape(node, shape, path);
                }
            }
            Shape::Free => self.free(node, path),
            Shape::Special => {}
        }
    }

    fn object(&mut self, node: Ref<'_, '_>, object: &Object, path: &Path<'_>) {
        let key_by_key = object.on_command_line == OnCommandLine::KeyByKey;
        if !self.mapping(node, !key_by_key, path) {
            return;
        }
        if let Some(span) = node.merge_key()
            && key_by_key
        {
            self.findings.refuse(
                Who::CommandLine,
                "merge-key",
                path,
                span,
                Structure::MergeKey,
            );
        }
        let mut present = Places::NONE;
        for entry in node.entries().into_iter().flatten() {
            let Some(name) = entry.key.scalar() else {
                continue;
            };
            let place = Path::Key(path, name);
            match object.place(name) {
                Some(at) => {
                    present = present.and(at);
                    self.value(entry.value, &object.keys[at], &place);
                }
                None => self.unknown(entry.key, entry.value, object, &place),
            }
        }
        let missing = object.required.without(present);
        for (at, key) in object
            .keys
            .iter()
            .enumerate()
            .filter(|_| !missing.is_empty())
        {
            if missing.has(at) {
                let span = node.span();
                self.findings.refuse(
                    Who::Console,
                    "missing",
                    Path::Key(path, key.name).to_string(),
                    span,
                    Structure::Missing {
                        key: key.name.to_owned(),
                        place: path.place(),
                    },
                );
            }
        }
    }

    /// Whether the node is a mapping; reports it if not, and looks for duplicate keys.
    fn mapping(&mut self, node: Ref<'_, '_>, decoded_as_a_whole: bool, path: &Path<'_>) -> bool {
        if !node.is_mapping() {
            // The command line reads null as an empty mapping, and where it reads key by key, a
            // single value as well.
            let tolerated = scalar::go(node) == Some(Go::Null) || !decoded_as_a_whole;
            self.wrong_kind(node, Kind::Mapping, tolerated, path);
            return false;
        }
        if node.is_distinct() {
            return true;
        }
        let mut seen = Names::default();
        for entry in node.entries().into_iter().flatten() {
            let Some(name) = entry.key.scalar() else {
                let problem = match self.placeholder(entry.key) {
                    Some(placeholder) => Structure::KeyPlaceholder { placeholder },
                    None => Structure::KeyNotAWord,
                };
                self.findings
                    .refuse(Who::Both, "key", path, entry.key.span(), problem);
                continue;
            };
            if entry.merged {
                continue;
            }
            if !seen.insert(name) {
                let who = if decoded_as_a_whole {
                    Who::Both
                } else {
                    Who::Console
                };
                self.findings.refuse(
                    who,
                    "duplicate-key",
                    Path::Key(path, name).to_string(),
                    entry.key.span(),
                    Structure::DuplicateKey {
                        key: name.to_owned(),
                        place: path.place(),
                    },
                );
            }
        }
        true
    }

    fn unknown(&mut self, key: Ref<'_, '_>, value: Ref<'_, '_>, object: &Object, path: &Path<'_>) {
        let name = key.scalar().unwrap_or_default();
        let who = match object.on_command_line {
            OnCommandLine::Ignores => Who::Console,
            OnCommandLine::Refuses | OnCommandLine::KeyByKey => Who::Both,
        };
        let near = nearest(name, object.keys.iter().map(|key| key.name));
        let problem = match name {
            "depends_on" | "depends-on" => Structure::DependsOn,
            "amd" => Structure::VendorAmd,
            _ => Structure::UnknownKey {
                key: name.to_owned(),
                near,
                known: object.keys.iter().map(|key| key.name).collect(),
            },
        };
        let finding = self
            .findings
            .refuse(who, "unknown-key", path, key.span(), problem);
        if let Some(near) = near {
            finding.replace(Remedy::Rename { key: near }, key.span(), near);
        }
        self.duplicates_below(value, path);
    }

    /// Console refuses duplicate keys even where they are not read.
    fn duplicates_below(&mut self, node: Ref<'_, '_>, path: &Path<'_>) {
        if node.is_mapping() {
            self.mapping(node, false, path);
            for entry in node.entries().into_iter().flatten() {
                let name = entry.key.scalar().unwrap_or_default();
                self.duplicates_below(entry.value, &Path::Key(path, name));
            }
        }
        for (index, item) in node.items().into_iter().flatten().enumerate() {
            self.duplicates_below(item, &Path::Item(path, index));
        }
    }

    fn named(&mut self, node: Ref<'_, '_>, shape: &Shape, path: &Path<'_>) {
        if !self.mapping(node, true, path) {
            return;
        }
        for entry in node.entries().into_iter().flatten() {
            if let Some(name) = entry.key.scalar() {
                self.shape(entry.value, shape, &Path::Key(path, name));
            }
        }
    }

    fn list(&mut self, node: Ref<'_, '_>, shape: &Shape, path: &Path<'_>) {
        let Some(items) = node.items() else {
            let tolerated = scalar::go(node) == Some(Go::Null);
            self.wrong_kind(node, Kind::List, tolerated, path);
            return;
        };
        for (index, item) in items.enumerate() {
            self.shape(item, shape, &Path::Item(path, index));
        }
    }

    /// Any keys, with values that are read as text.
    fn free(&mut self, node: Ref<'_, '_>, path: &Path<'_>) {
        if !self.mapping(node, true, path) {
            return;
        }
        for entry in node.entries().into_iter().flatten() {
            let Some(name) = entry.key.scalar() else {
                continue;
            };
            let place = Path::Key(path, name);
            if entry.value.scalar().is_none() {
                self.findings.refuse(
                    Who::CommandLine,
                    "type",
                    place.to_string(),
                    entry.value.span(),
                    Structure::NotSingle {
                        key: name.to_owned(),
                    },
                );
                self.duplicates_below(entry.value, &place);
            } else if scalar::js(entry.value) == Some(Js::Null) {
                self.findings.advise(
                    Severity::Warning,
                    "null-attribute",
                    place.to_string(),
                    entry.value.span(),
                    Structure::NullAttribute {
                        key: name.to_owned(),
                    },
                );
            }
        }
    }

    fn text(&mut self, node: Ref<'_, '_>, least: usize, path: &Path<'_>) {
        let Some(value) = scalar::js(node) else {
            self.wrong_kind(node, Kind::Text, false, path);
            return;
        };
        match value {
            Js::Text(text) if least == 0 || text.chars().count() >= least => {}
            Js::Text("") => {
                self.findings.refuse(
                    Who::Console,
                    "too-short",
                    path,
                    node.span(),
                    Structure::EmptyText { key: path.last() },
                );
            }
            Js::Text(_) => {
                self.findings.refuse(
                    Who::Console,
                    "too-short",
                    path,
                    node.span(),
                    Structure::ShortText {
                        key: path.last(),
                        least,
                    },
                );
            }
            _ => self.not_text(node, path),
        }
    }

    /// A scalar that Console does not read as text: it should be quoted.
    fn not_text(&mut self, node: Ref<'_, '_>, path: &Path<'_>) {
        let text = node.scalar().unwrap_or_default();
        let finding = self.findings.refuse(
            Who::Console,
            "type",
            path,
            node.span(),
            if text.is_empty() {
                Structure::NoValue { key: path.last() }
            } else {
                Structure::NotText {
                    key: path.last(),
                    written: text.to_owned(),
                }
            },
        );
        if !text.is_empty() && node.style() == Some(Style::Plain) {
            finding.replace(Remedy::AddQuotes, node.span(), format!("\"{text}\""));
        }
    }

    fn choice(&mut self, node: Ref<'_, '_>, words: &'static [&'static str], path: &Path<'_>) {
        match scalar::js(node) {
            Some(Js::Text(text)) if words.contains(&text) => {}
            Some(Js::Text(text)) => {
                let near = nearest(text, words.iter().copied());
                let finding = self.findings.refuse(
                    Who::Console,
                    "choice",
                    path,
                    node.span(),
                    Structure::Choice {
                        key: path.last(),
                        known: words,
                    },
                );
                if let Some(near) = near {
                    let value = near.to_owned();
                    finding.replace(Remedy::ChangeTo { value }, node.span(), near);
                }
            }
            Some(_) => self.not_text(node, path),
            None => self.wrong_kind(node, Kind::Word, false, path),
        }
    }

    fn flag(&mut self, node: Ref<'_, '_>, path: &Path<'_>) {
        if !matches!(scalar::js(node), Some(Js::Bool(_))) {
            let meant = scalar::go_flag(node);
            let finding = self.findings.refuse(
                Who::Console,
                "flag",
                path,
                node.span(),
                Structure::NotAFlag { key: path.last() },
            );
            if let Some(meant) = meant {
                let value = meant.to_string();
                finding.replace(
                    Remedy::ChangeTo {
                        value: value.clone(),
                    },
                    node.span(),
                    value,
                );
            }
        }
        if scalar::go_flag(node).is_none() {
            self.findings.refuse(
                Who::CommandLine,
                "flag",
                path,
                node.span(),
                Structure::NotAFlag { key: path.last() },
            );
        }
    }

    fn whole(&mut self, node: Ref<'_, '_>, least: u64, most: Option<u64>, path: &Path<'_>) {
        let wanted = || Structure::NotWhole {
            key: path.last(),
            least,
            most,
        };
        let in_range = match scalar::js(node) {
            Some(Js::Number(number)) => number.to_integer().is_some_and(|number| {
                number >= i128::from(least) && most.is_none_or(|most| number <= i128::from(most))
            }),
            _ => false,
        };
        if !in_range {
            let finding = self
                .findings
                .refuse(Who::Console, "number", path, node.span(), wanted());
            let text = node.scalar().unwrap_or_default();
            let quoted = node.style().is_some_and(|style| style != Style::Plain);
            if quoted && !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
                finding.replace(Remedy::RemoveQuotes, node.span(), text);
            }
        }
        if scalar::go_uint32(node).is_none() {
            self.findings
                .refuse(Who::CommandLine, "number", path, node.span(), wanted());
        }
    }

    fn next_cases(&mut self, node: Ref<'_, '_>, path: &Path<'_>) {
        self.list(node, &Shape::Choice(NEXT_CASES), path);
        let cases: Vec<&str> = node
            .items()
            .into_iter()
            .flatten()
            .filter_map(Ref::scalar)
            .collect();
        if cases.len() > 1 && cases.contains(&"off") {
            self.findings.refuse(
                Who::Both,
                "next-cases-off",
                path,
                node.span(),
                Structure::OffNotAlone,
            );
        }
        for (index, item) in node.items().into_iter().flatten().enumerate() {
            let known = item.scalar().is_some_and(|case| NEXT_CASES.contains(&case));
            if !known && item.scalar().is_some() {
                self.findings.refuse(
                    Who::CommandLine,
                    "choice",
                    Path::Item(path, index).to_string(),
                    item.span(),
                    Structure::Choice {
                        key: "next_cases".to_owned(),
                        known: NEXT_CASES,
                    },
                );
            }
        }
        if node.items().is_some_and(|items| items.len() == 0) {
            self.findings.refuse(
                Who::Console,
                "next-cases-empty",
                path,
                node.span(),
                Structure::EmptyNextCases,
            );
        }
    }

    fn wrong_kind(
        &mut self,
        node: Ref<'_, '_>,
        wanted: Kind,
        command_line_tolerates: bool,
        path: &Path<'_>,
    ) {
        let who = if command_line_tolerates {
            Who::Console
        } else {
            Who::Both
        };
        let problem = match self.placeholder(node) {
            Some(placeholder) => Structure::ValuePlaceholder { placeholder },
            None => Structure::WrongKind {
                key: path.last(),
                wanted,
                found: kind(node),
            },
        };
        self.findings
            .refuse(who, "type", path, node.span(), problem);
    }
}

/// A set of names that is cheap while it is small, as most are.
#[derive(Default)]
struct Names<'a> {
    first: [&'a str; 8],
    count: usize,
    more: BTreeSet<&'a str>,
}

impl<'a> Names<'a> {
    /// Adds a name; returns whether it is new.
    fn insert(&mut self, name: &'a str) -> bool {
        let few = &self.first[..self.count];
        if few.contains(&name) {
            return false;
        }
        if let Some(free) = self.first.get_mut(self.count) {
            *free = name;
            self.count += 1;
            return true;
        }
        self.more.insert(name)
    }
}

fn kind(node: Ref<'_, '_>) -> Kind {
    match node.scalar() {
        Some("") => Kind::Nothing,
        Some(_) => Kind::Single,
        None if node.is_sequence() => Kind::List,
        None => Kind::Mapping,
    }
}

/// The candidate that differs from a word by at most two letters, if one does.
fn nearest(word: &str, candidates: impl Iterator<Item = &'static str>) -> Option<&'static str> {
    candidates
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= 2 && *distance * 2 < candidate.len())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The number of letters to change to turn one word into the other, ignoring case.
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().take(40).map(|c| c.to_ascii_lowercase()).collect();
    let b: Vec<char> = b.chars().map(|c| c.to_ascii_lowercase()).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.iter().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let change = corner + usize::from(from != to);
            corner = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(corner + 1);
        }
    }
    row[b.len()]
}
