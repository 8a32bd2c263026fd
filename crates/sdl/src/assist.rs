//! Help while typing: the meaning of a key, and possible completions. It works in broken documents
//! too, because the position is found by indentation if the text cannot be parsed.

use serde::Serialize;

use crate::schema::{self, Key, Object, Shape};
use crate::span::Span;

/// Help shown for a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hover {
    /// The key in the text.
    pub span: Span,
    /// The path of the key, names included: `services.web.image`.
    pub path: String,
    /// Meaning of the key, for people.
    pub help: &'static str,
    /// The values that the key may have, if they are few.
    pub values: Vec<&'static str>,
}

/// One possible completion.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Completion {
    /// Word that is offered.
    pub label: String,
    /// Text that is inserted instead of the word at the cursor.
    pub insert: String,
    /// Meaning of the word, for people.
    pub detail: String,
}

/// Possible completions, and the word they replace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Completions {
    /// The word at the cursor.
    pub span: Span,
    /// Completions that are valid there.
    pub options: Vec<Completion>,
}

/// Values known only from the market.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Live {
    /// GPU models that providers have.
    pub gpu_models: Vec<String>,
    /// Regions that providers name.
    pub regions: Vec<String>,
    /// Storage classes that providers have.
    pub storage_classes: Vec<String>,
}

/// The help for the key at an offset; `None` if there is no known key.
#[must_use]
pub fn hover(text: &str, offset: usize) -> Option<Hover> {
    let place = Place::at(text, offset);
    let name = place.key?;
    if offset > name.to || offset < name.from {
        return None;
    }
    let word = text.get(name.from..name.to)?;
    let object = place.object()?;
    let key = object.key(unquoted(word))?;
    let mut path = place.names.join(".");
    if !path.is_empty() {
        path.push('.');
    }
    path.push_str(unquoted(word));
    Some(Hover {
        span: name,
        path,
        help: key.help,
        values: values(key),
    })
}

/// Possible completions at an offset.
#[must_use]
pub fn complete(text: &str, offset: usize, live: &Live) -> Completions {
    let place = Place::at(text, offset);
    let word = place.word;
    let options = match place.key {
        // After a key comes a value.
        Some(key) if offset > key.to => {
            let name = unquoted(text.get(key.from..key.to).unwrap_or_default());
            place.values_of(text, name, live)
        }
        _ => place.keys(text),
    };
    Completions {
        span: word,
        options,
    }
}

fn unquoted(word: &str) -> &str {
    word.trim_matches(['"', '\''])
}

fn values(key: &Key) -> Vec<&'static str> {
    match (&key.shape, key.name) {
        (Shape::Choice(words) | Shape::Choices(words), _) => words.to_vec(),
        (Shape::Flag, _) | (_, "persistent") => vec!["true", "false"],
        (Shape::NextCases, _) => schema::NEXT_CASES.to_vec(),
        (_, "version") => vec!["\"2.0\"", "\"2.1\""],
        (_, "class") => schema::STORAGE_CLASSES.to_vec(),
        _ => Vec::new(),
    }
}

/// Position of an offset in the document, found by indentation.
#[derive(Debug)]
struct Place<'t> {
    /// The keys above the line, outermost first.
    names: Vec<&'t str>,
    /// The key on the line.
    key: Option<Span>,
    /// The word at the offset.
    word: Span,
    /// The column of the line's key, list dashes included.
    column: usize,
    line: Span,
}

impl<'t> Place<'t> {
    fn at(text: &'t str, offset: usize) -> Self {
        let offset = text.floor_char_boundary(offset);
        let start = text[..offset].rfind('\n').map_or(0, |at| at + 1);
        let end = text[offset..]
            .find('\n')
            .map_or(text.len(), |at| offset + at);
        let line = &text[start..end];
        let column = key_column(line);
        let key = key_span(line, column).map(|(from, to)| Span {
            from: start + from,
            to: start + to,
        });
        let is_word = |c: char| c.is_alphanumeric() || "_-./\"'".contains(c);
        let from = text[start..offset]
            .char_indices()
            .rev()
            .take_while(|(_, c)| is_word(*c))
            .last()
            .map_or(offset, |(at, _)| start + at);
        let to = text[offset..end]
            .find(|c| !is_word(c))
            .map_or(end, |at| offset + at);
        // A dash is part of a word only when inside it.
        let from = if text[from..to].starts_with("- ") {
            from + 2
        } else {
            from
        };
        let column = if line.trim().is_empty() {
            text[start..offset].chars().count()
        } else {
            column
        };
        Self {
            names: names_above(text, start, column),
            key,
            word: Span { from, to },
            column,
            line: Span {
                from: start,
                to: end,
            },
        }
    }

    /// The object whose keys are valid on this line.
    fn object(&self) -> Option<&'static Object> {
        let mut object = &schema::DOCUMENT;
        let mut names = self.names.iter();
        while let Some(name) = names.next() {
            let mut shape = &object.key(unquoted(name))?.shape;
            loop {
                match shape {
                    Shape::Object(inner) => {
                        object = inner;
                        break;
                    }
                    Shape::Named(inner) => {
                        // The next key is a name that the author chose.
                        names.next()?;
                        shape = inner;
                    }
                    Shape::List(inner) | Shape::OneOrList(inner) => shape = inner,
                    _ => return None,
                }
            }
        }
        Some(object)
    }

    fn keys(&self, text: &str) -> Vec<Completion> {
        let Some(object) = self.object() else {
            return Vec::new();
        };
        let typed = unquoted(text.get(self.word.from..self.word.to).unwrap_or_default());
        let present = self.siblings(text);
        object
            .keys
            .iter()
            .filter(|key| key.name.starts_with(typed) && !present.contains(&key.name))
            .map(|key| Completion {
                label: key.name.to_owned(),
                insert: match key.shape {
                    Shape::Object(_)
                    | Shape::Named(_)
                    | Shape::List(_)
                    | Shape::OneOrList(_)
                    | Shape::Texts
                    | Shape::Choices(_)
                    | Shape::NextCases
                    | Shape::Free => format!("{}:\n{}", key.name, " ".repeat(self.column + 2)),
                    _ => format!("{}: ", key.name),
                },
                detail: key.help.to_owned(),
            })
            .collect()
    }

    /// The keys at the same column around the line.
    fn siblings(&self, text: &'t str) -> Vec<&'t str> {
        let own = |line: &'t str| {
            let (from, to) = key_span(line, key_column(line))?;
            Some((
                key_column(line),
                line.trim_start().starts_with("- "),
                &line[from..to],
            ))
        };
        let mut keys = Vec::new();
        let starts_item = |line: &str| line.trim_start().starts_with("- ");
        if !starts_item(&text[self.line.from..self.line.to]) {
            for line in text[..self.line.from].lines().rev() {
                match own(line) {
                    Some((column, _, _)) if column < self.column => break,
                    Some((column, item, key)) if column == self.column => {
                        keys.push(unquoted(key));
                        if item {
                            break;
                        }
                    }
                    _ => {}
                }
            }
        }
        for line in text[self.line.to..].lines().skip(1) {
            match own(line) {
                Some((column, item, _))
                    if column < self.column || (column == self.column && item) =>
                {
                    break;
                }
                Some((column, false, key)) if column == self.column => keys.push(unquoted(key)),
                _ => {}
            }
        }
        keys
    }

    fn values_of(&self, text: &'t str, name: &str, live: &Live) -> Vec<Completion> {
        let typed = unquoted(text.get(self.word.from..self.word.to).unwrap_or_default());
        let named = |section: &[&str]| names_below(text, section);
        let object = self.object();
        let known: Vec<String> = match (object.and_then(|object| object.key(name)), name) {
            (Some(_), "model") => live.gpu_models.clone(),
            (Some(_), "class") if !live.storage_classes.is_empty() => live.storage_classes.clone(),
            (Some(_), "profile") => named(&["profiles", "compute"]),
            (Some(_), "service") => named(&["services"]),
            (Some(_), "ip") => named(&["endpoints"]),
            (Some(key), _) => values(key).into_iter().map(ToOwned::to_owned).collect(),
            (None, "location-region") => live.regions.clone(),
            (None, _) => Vec::new(),
        };
        known
            .into_iter()
            .filter(|value| unquoted(value).starts_with(typed))
            .map(|value| Completion {
                label: value.clone(),
                insert: value,
                detail: String::new(),
            })
            .collect()
    }
}

/// The column of a line's key: after its indentation and list dashes.
fn key_column(line: &str) -> usize {
    let mut column = 0;
    let mut rest = line;
    loop {
        let trimmed = rest.trim_start_matches(' ');
        column += rest.len() - trimmed.len();
        match trimmed.strip_prefix("- ") {
            Some(item) => {
                column += 2;
                rest = item;
            }
            None => return column,
        }
    }
}

/// The key on a line, as byte offsets in it.
fn key_span(line: &str, column: usize) -> Option<(usize, usize)> {
    let rest = line.get(column..)?;
    if rest.starts_with('#') {
        return None;
    }
    let colon = match rest.find(": ") {
        Some(at) => at,
        None => rest.trim_end().strip_suffix(':')?.len(),
    };
    let key = &rest[..colon];
    (!key.is_empty() && !key.contains([' ', '{', '['])).then_some((column, column + colon))
}

/// The keys that enclose a line, outermost first.
fn names_above(text: &str, start: usize, column: usize) -> Vec<&str> {
    let mut names = Vec::new();
    let mut below = column;
    // A list may start at the column of its key: the dash counts as deeper.
    for line in text[..start].lines().rev() {
        if below == 0 {
            break;
        }
        if line.trim().is_empty() || line.trim_start().starts_with('#') {
            continue;
        }
        let at = key_column(line);
        if at < below
            && let Some((from, to)) = key_span(line, at)
        {
            names.push(&line[from..to]);
            below = at;
        }
    }
    names.reverse();
    names
}

/// The names directly under a section.
fn names_below(text: &str, section: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    let mut path: Vec<(usize, &str)> = Vec::new();
    for line in text.lines() {
        let column = key_column(line);
        let Some((from, to)) = key_span(line, column) else {
            continue;
        };
        path.retain(|(at, _)| *at < column);
        if path.len() == section.len()
            && path
                .iter()
                .map(|(_, name)| *name)
                .eq(section.iter().copied())
        {
            found.push(unquoted(&line[from..to]).to_owned());
        }
        path.push((column, &line[from..to]));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Splits a text at the cursor, `|`.
    fn cursor(text: &str) -> (String, usize) {
        let at = text.find('|').unwrap();
        (text.replacen('|', "", 1), at)
    }

    fn labels(text: &str) -> Vec<String> {
        let (text, at) = cursor(text);
        let live = Live {
            gpu_models: vec!["h100".to_owned(), "a100".to_owned()],
            regions: vec!["eu-west".to_owned()],
            storage_classes: Vec::new(),
        };
        let completions = complete(&text, at, &live);
        completions.options.into_iter().map(|it| it.label).collect()
    }

    #[test]
    fn keys_that_are_there_are_not_offered_again() {
        assert_eq!(labels("version: \"2.0\"\nser|"), ["services"]);
        assert_eq!(
            labels("services:\n  web:\n    image: a:1\n    e|"),
            ["env", "expose"]
        );
        assert_eq!(
            labels("services:\n  web:\n    expose:\n      - port: 80\n        |\n"),
            ["as", "proto", "to", "accept", "http_options"]
        );
        assert_eq!(
            labels("profiles:\n  compute:\n    web:\n      resources:\n        |"),
            ["cpu", "memory", "storage", "gpu"]
        );
    }

    #[test]
    fn values_come_from_the_table_the_document_and_the_market() {
        assert_eq!(
            labels(
                "profiles:\n  placement:\n    p:\n      pricing:\n        web:\n          denom: |"
            ),
            ["uact", "uakt"]
        );
        assert_eq!(
            labels(
                "profiles:\n  compute:\n    big:\n      resources:\n    small:\n      resources:\ndeployment:\n  web:\n    p:\n      profile: s|"
            ),
            ["small"]
        );
        let gpu = "profiles:\n  compute:\n    a:\n      resources:\n        gpu:\n          attributes:\n            vendor:\n              nvidia:\n                - model: |";
        assert_eq!(labels(gpu), ["h100", "a100"]);
        assert_eq!(
            labels(
                "profiles:\n  placement:\n    p:\n      attributes:\n        location-region: |"
            ),
            ["eu-west"]
        );
    }

    #[test]
    fn completion_works_where_the_text_cannot_be_parsed() {
        assert_eq!(
            labels("services:\n  web:\n    image: [broken\n    com|\nprofiles: {"),
            ["command"]
        );
        assert_eq!(
            labels("services:\n  web:\n    expose:\n      - to:\n          - glo|"),
            ["global"]
        );
    }

    #[test]
    fn hovering_explains_a_key() {
        let (text, at) = cursor("services:\n  web:\n    expose:\n      - po|rt: 80\n");
        let hover = hover(&text, at).unwrap();
        assert_eq!(hover.path, "services.web.expose.port");
        assert_eq!(&text[hover.span.from..hover.span.to], "port");
        assert!(hover.help.contains("65535"));
        let (text, at) = cursor("services:\n  web:\n    expose:\n      - port: 8|0\n");
        assert_eq!(super::hover(&text, at), None);
        let (text, at) = cursor("services:\n  w|eb:\n");
        assert_eq!(super::hover(&text, at), None);
    }

    #[test]
    fn every_key_of_the_language_has_help() {
        fn visit(object: &Object, seen: &mut usize) {
            for key in object.keys {
                assert!(key.help.ends_with(['.', ':']), "{}: {}", key.name, key.help);
                *seen += 1;
                let mut shape = &key.shape;
                while let Shape::Named(inner) | Shape::List(inner) | Shape::OneOrList(inner) = shape
                {
                    shape = inner;
                }
                if let Shape::Object(inner) = shape {
                    visit(inner, seen);
                }
            }
        }
        let mut seen = 0;
        visit(&schema::DOCUMENT, &mut seen);
        assert!(seen > 50);
    }
}
