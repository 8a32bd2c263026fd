//! Checks the structure of a document against the table of keys, for both tools in one pass.

use std::collections::BTreeSet;
use std::fmt;

use crate::diagnostic::{Edit, Findings, Severity, Who};
use crate::schema::{self, Key, NEXT_CASES, Object, OnCommandLine, Shape};
use crate::yaml::scalar::{self, Go, Js};
use crate::yaml::{Ref, Style};

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
    fn last(&self) -> &str {
        match self {
            Self::Root => "the document",
            Self::Key(_, name) => name,
            Self::Item(parent, _) => parent.last(),
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
                "The command line does not read merge keys (<<) here.",
            );
        }
        let mut present = 0_u32;
        for entry in node.entries().into_iter().flatten() {
            let Some(name) = entry.key.scalar() else {
                continue;
            };
            let place = Path::Key(path, name);
            match object.place(name) {
                Some(at) => {
                    present |= 1 << at;
                    self.value(entry.value, &object.keys[at], &place);
                }
                None => self.unknown(entry.key, entry.value, object, &place),
            }
        }
        let missing = object.required & !present;
        for (at, key) in object.keys.iter().enumerate().filter(|_| missing != 0) {
            if missing & (1 << at) != 0 {
                let span = node.span();
                self.findings.refuse(
                    Who::Console,
                    "missing",
                    Path::Key(path, key.name).to_string(),
                    span,
                    format!("“{}” is missing in {}.", key.name, in_words(path)),
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
            self.wrong_kind(node, "a mapping", tolerated, path);
            return false;
        }
        if node.is_distinct() {
            return true;
        }
        let mut seen = Names::default();
        for entry in node.entries().into_iter().flatten() {
            let Some(name) = entry.key.scalar() else {
                let message = match self.placeholder(entry.key) {
                    Some(placeholder) => format!(
                        "“{placeholder}” is a placeholder that a template left in. Put a name in its place."
                    ),
                    None => "A key must be a single word, not a list or a mapping.".to_owned(),
                };
                self.findings
                    .refuse(Who::Both, "key", path, entry.key.span(), message);
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
                    format!("“{name}” stands twice in {}; keep one.", in_words(path)),
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
        let message = match (name, near) {
            ("depends_on" | "depends-on", _) => {
                "SDL has no “depends_on”: services start in any order. Remove it.".to_owned()
            }
            ("amd", _) => "Akash knows no vendor “amd”: the command line would silently ask for any nvidia GPU instead."
                .to_owned(),
            (_, Some(near)) => format!("There is no key “{name}” here. Did you mean “{near}”?"),
            (_, None) => format!(
                "There is no key “{name}” here. Known are: {}.",
                object
                    .keys
                    .iter()
                    .map(|key| key.name)
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
        };
        let finding = self
            .findings
            .refuse(who, "unknown-key", path, key.span(), message);
        if let Some(near) = near {
            let span = key.span();
            finding.fix(
                format!("Rename to “{near}”"),
                vec![Edit {
                    from: span.from,
                    to: span.to,
                    insert: near.to_owned(),
                }],
            );
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
            self.wrong_kind(node, "a list", tolerated, path);
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
                    format!("“{name}” should be a single value."),
                );
                self.duplicates_below(entry.value, &place);
            } else if scalar::js(entry.value) == Some(Js::Null) {
                self.findings.advise(
                    Severity::Warning,
                    "null-attribute",
                    place.to_string(),
                    entry.value.span(),
                    format!(
                        "“{name}” has no value: Console asks providers for the word “null”, the command line for nothing. Give it a value or remove it."
                    ),
                );
            }
        }
    }

    fn text(&mut self, node: Ref<'_, '_>, least: usize, path: &Path<'_>) {
        let Some(value) = scalar::js(node) else {
            self.wrong_kind(node, "text", false, path);
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
                    format!("“{}” must not be empty.", path.last()),
                );
            }
            Js::Text(_) => {
                self.findings.refuse(
                    Who::Console,
                    "too-short",
                    path,
                    node.span(),
                    format!("“{}” needs at least {least} characters.", path.last()),
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
                format!("“{}” needs a value.", path.last())
            } else {
                format!(
                    "“{}” should be text. Put quotes around {text}.",
                    path.last()
                )
            },
        );
        if !text.is_empty() && node.style() == Some(Style::Plain) {
            let span = node.span();
            finding.fix(
                "Put quotes around it",
                vec![Edit {
                    from: span.from,
                    to: span.to,
                    insert: format!("\"{text}\""),
                }],
            );
        }
    }

    fn choice(&mut self, node: Ref<'_, '_>, words: &[&'static str], path: &Path<'_>) {
        match scalar::js(node) {
            Some(Js::Text(text)) if words.contains(&text) => {}
            Some(Js::Text(text)) => {
                let near = nearest(text, words.iter().copied());
                let finding = self.findings.refuse(
                    Who::Console,
                    "choice",
                    path,
                    node.span(),
                    format!("“{}” should be one of: {}.", path.last(), words.join(", ")),
                );
                if let Some(near) = near {
                    let span = node.span();
                    finding.fix(
                        format!("Change to {near}"),
                        vec![Edit {
                            from: span.from,
                            to: span.to,
                            insert: near.to_owned(),
                        }],
                    );
                }
            }
            Some(_) => self.not_text(node, path),
            None => self.wrong_kind(node, "a single word", false, path),
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
                format!("“{}” should be true or false.", path.last()),
            );
            if let Some(meant) = meant {
                let span = node.span();
                finding.fix(
                    format!("Change to {meant}"),
                    vec![Edit {
                        from: span.from,
                        to: span.to,
                        insert: meant.to_string(),
                    }],
                );
            }
        }
        if scalar::go_flag(node).is_none() {
            self.findings.refuse(
                Who::CommandLine,
                "flag",
                path,
                node.span(),
                format!("“{}” should be true or false.", path.last()),
            );
        }
    }

    fn whole(&mut self, node: Ref<'_, '_>, least: u64, most: Option<u64>, path: &Path<'_>) {
        let name = path.last();
        let wanted = || match most {
            Some(most) => format!("“{name}” should be a whole number from {least} to {most}."),
            None => format!("“{name}” should be a whole number from {least}."),
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
            let span = node.span();
            if quoted && !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
                finding.fix(
                    "Remove the quotes",
                    vec![Edit {
                        from: span.from,
                        to: span.to,
                        insert: text.to_owned(),
                    }],
                );
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
                "“off” must stand alone in next_cases.",
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
                    format!("“next_cases” should be one of: {}.", NEXT_CASES.join(", ")),
                );
            }
        }
        if node.items().is_some_and(|items| items.len() == 0) {
            self.findings
                .refuse(
                    Who::Console,
                    "next-cases-empty",
                    path,
                    node.span(),
                    "An empty next_cases gives Console a manifest whose hash no provider can repeat. Remove it.",
                );
        }
    }

    fn wrong_kind(
        &mut self,
        node: Ref<'_, '_>,
        wanted: &str,
        command_line_tolerates: bool,
        path: &Path<'_>,
    ) {
        let who = if command_line_tolerates {
            Who::Console
        } else {
            Who::Both
        };
        let name = path.last();
        let message = match self.placeholder(node) {
            Some(placeholder) => format!(
                "“{placeholder}” is a placeholder that a template left in. Put a value in its place."
            ),
            None => format!("“{name}” should be {wanted}, not {}.", node.kind_words()),
        };
        self.findings
            .refuse(who, "type", path, node.span(), message);
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

fn in_words(path: &Path<'_>) -> String {
    match path {
        Path::Root => "the document".to_owned(),
        path => format!("“{path}”"),
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

/// How many letters must change to turn one word into the other, ignoring case.
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
