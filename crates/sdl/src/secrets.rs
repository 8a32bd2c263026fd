//! The secrets of a document: listed, hidden, and replaced if anyone can guess them.
//!
//! No value is generated here: the caller supplies the strong ones.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::check::with_models;
use crate::diagnostic::Findings;
use crate::dialect::Dialect;
use crate::edit::{self, Change};
use crate::model::Word;
use crate::parse::parse;
pub use crate::secret::{Secret, TO_BE_GENERATED, Weakness, is_secret, strong};
use crate::secret::{can_be_generated, of_service, parts, split, weakness};
use crate::span::Span;
use crate::yaml::Ref;

/// Text shown in place of a hidden secret, whatever its length.
pub const HIDDEN: &str = "••••••••••••";

/// The secrets of a document, in order of appearance; as many as can be read from a broken one.
#[must_use]
pub fn secrets(text: &str) -> Vec<Secret> {
    let mut found = Vec::new();
    let mut findings = Findings::default();
    with_models(text, &[Dialect::Console], &mut findings, |model, _| {
        for service in &model.services {
            found.extend(of_service(service).map(|(_, _, secret)| secret));
        }
    });
    found
}

/// The document with guessable secrets replaced by generated ones where possible. Equal values stay
/// equal: a database's password appears in more than one service.
#[must_use]
pub fn generate_secrets(text: &str, mut make: impl FnMut() -> String) -> String {
    let mut made: BTreeMap<String, String> = BTreeMap::new();
    let mut changes = Vec::new();
    let mut findings = Findings::default();
    with_models(text, &[Dialect::Console], &mut findings, |model, _| {
        for service in &model.services {
            for variable in service.env.iter().flatten() {
                let (name, value) = split(variable.text);
                let weak: Vec<Range<usize>> = parts(service, name, value)
                    .into_iter()
                    .filter(|part| weakness(name, &value[part.clone()]).is_some())
                    .collect();
                if weak.is_empty() || !can_be_generated(name) {
                    continue;
                }
                let mut replaced = value.to_owned();
                for part in weak.into_iter().rev() {
                    let fresh = made
                        .entry(value[part.clone()].to_owned())
                        .or_insert_with(&mut make);
                    replaced.replace_range(part, fresh);
                }
                changes.push(Change::Variable {
                    service: service.name.text.to_owned(),
                    name: name.to_owned(),
                    value: Some(replaced),
                });
            }
        }
    });
    changes.iter().fold(text.to_owned(), |text, change| {
        match edit::edits(&text, change) {
            Ok(edits) => edit::apply(&text, &edits),
            // A value shared through an alias is kept, and so is the finding that names it.
            Err(_) => text,
        }
    })
}

/// The positions of a document's secrets, to hide them from view: byte ranges in ascending order.
#[must_use]
pub fn secret_spans(text: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut findings = Findings::default();
    let tree = parse(text, &mut findings);
    if let Some(services) = tree.as_ref().and_then(|tree| tree.root()?.get("services")) {
        for service in services.entries().into_iter().flatten() {
            let credentials = service.value.get("credentials");
            spans.extend(credentials.and_then(|it| it.get("password")).map(Ref::span));
        }
    }
    with_models(text, &[Dialect::Console], &mut findings, |model, _| {
        for service in &model.services {
            spans.extend(of_service(service).filter_map(|(variable, part, secret)| {
                (!secret.value.is_empty())
                    .then(|| written_at(text, variable, &part))
                    .flatten()
            }));
        }
    });
    spans.sort_by_key(|span| (span.from, span.to));
    spans.dedup();
    spans
}

/// The text with its secrets hidden, except those for which `is_known` returns true.
#[must_use]
pub fn hidden(text: &str, is_known: impl Fn(&str) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for span in secret_spans(text) {
        let (Some(before), Some(secret)) = (text.get(at..span.from), text.get(span.from..span.to))
        else {
            continue;
        };
        out.push_str(before);
        out.push_str(if is_known(secret) { secret } else { HIDDEN });
        at = span.to;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

/// The position of a part of a variable's value in the text. A value with escapes in its quotes is
/// hidden as a whole.
fn written_at(text: &str, variable: &Word<'_>, part: &Range<usize>) -> Option<Span> {
    let Span { from, to } = variable.span;
    let written = text.get(from..to)?;
    let name_ends = variable.text.find('=')? + 1;
    let secret = variable
        .text
        .get(name_ends + part.start..name_ends + part.end)?;
    let head = written.find('=')? + 1;
    match written[head..].find(secret) {
        Some(_) => {
            // The same letters may occur earlier in the value: as many bytes precede the secret as
            // in the value.
            let quote = usize::from(written.starts_with(['"', '\'']));
            let begins = quote + name_ends + part.start;
            let exact = written.get(begins..begins + secret.len()) == Some(secret);
            let begins = if exact {
                begins
            } else {
                head + written[head..].find(secret)?
            };
            Some(Span {
                from: from + begins,
                to: from + begins + secret.len(),
            })
        }
        None => Some(Span {
            from: from + head,
            to,
        }),
    }
}

#[cfg(test)]
mod tests;
