//! Which variables are secrets, and which of them can be guessed.
//!
//! No value is invented here: the caller supplies the strong ones.

mod known;
mod strength;

use std::collections::BTreeMap;
use std::ops::Range;

use crate::check::with_models;
use crate::diagnostic::{Diagnostic, Findings, Report, Severity};
use crate::dialect::Dialect;
use crate::edit::{self, Change};
use crate::model::{Model, Service, Word};
use crate::parse::parse;
use crate::span::Span;
use crate::yaml::Ref;
pub use strength::{Weakness, strong};

/// The placeholder for a secret that is generated for each order.
pub const TO_BE_GENERATED: &str = "<generated>";

/// What is shown in place of a hidden secret, however long it is.
pub const HIDDEN: &str = "••••••••••••";

/// The rule that keeps a document from being paid.
pub(crate) const GUESSABLE: &str = "guessable-secret";
/// The same where the service cannot be reached from the internet.
const GUESSABLE_INSIDE: &str = "guessable-secret-inside";
/// A key that only a third party can issue.
const MISSING_KEY: &str = "missing-key";

/// A secret of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret {
    /// The service that receives it.
    pub service: String,
    /// The variable that carries it.
    pub variable: String,
    /// The secret itself: for an address with credentials, the password in it.
    pub value: String,
    /// Reason why the secret protects nothing; `None` where no weakness is found.
    pub weakness: Option<Weakness>,
    /// `true` if the service can be reached from the internet.
    pub is_exposed: bool,
    /// `true` if Necto can generate one: no other party has to know or issue it.
    pub can_be_generated: bool,
}

/// The secrets of a document, in its order; those of a broken one as far as it can be read.
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

/// The document with every guessable secret replaced where one can be generated. Equal values stay
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
                if weak.is_empty() || !known::can_be_generated(name) {
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
            // What is shared through an alias stays, and so does the finding that names it.
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

/// The text with its secrets hidden, except those that `is_known` allows to be seen.
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

/// Whether a variable of this name holds a secret, whichever image uses it.
#[must_use]
pub fn is_secret(name: &str) -> bool {
    known::is_secret_name(name)
}

impl Diagnostic {
    /// Whether it concerns a guessable secret that Necto can generate.
    #[must_use]
    pub fn is_guessable_secret(&self) -> bool {
        matches!(self.code, GUESSABLE | GUESSABLE_INSIDE)
    }
}

impl Report {
    /// Why the document may not be paid although Akash would accept it, as one sentence: a
    /// guessable secret protects a service that is exposed to the internet.
    #[must_use]
    pub fn unpayable(&self) -> Option<String> {
        let found = self.diagnostics.iter().find(|it| it.code == GUESSABLE)?;
        Some(format!("Line {}: {}", found.line, found.message))
    }
}

/// Advises on secrets that protect nothing.
pub(crate) fn check(model: &Model<'_>, findings: &mut Findings) {
    for service in &model.services {
        let name = service.name.text;
        for (index, variable) in service.env.iter().flatten().enumerate() {
            let weak = of_variable(service, variable);
            let Some(secret) = weak
                .into_iter()
                .find(|(_, secret)| secret.weakness.is_some())
            else {
                continue;
            };
            let (_, secret) = secret;
            let path = format!("services.{name}.env[{index}]");
            let variable_name = &secret.variable;
            let (code, message) = if !secret.can_be_generated {
                (
                    MISSING_KEY,
                    format!(
                        "{variable_name} has no key yet. Write the one that its issuer gave you, or remove the variable."
                    ),
                )
            } else if secret.is_exposed {
                (
                    GUESSABLE,
                    format!(
                        "Anyone can guess {variable_name}, and {name} is open to the internet. Generate a secret or write your own: until then this cannot be paid."
                    ),
                )
            } else {
                (
                    GUESSABLE_INSIDE,
                    format!(
                        "Anyone can guess {variable_name}. Generate a secret or write your own."
                    ),
                )
            };
            findings.advise(Severity::Warning, code, path, variable.span, message);
        }
    }
}

fn of_service<'m, 'a>(
    service: &'m Service<'a>,
) -> impl Iterator<Item = (&'m Word<'a>, Range<usize>, Secret)> {
    service.env.iter().flatten().flat_map(move |variable| {
        of_variable(service, variable)
            .into_iter()
            .map(move |(part, secret)| (variable, part, secret))
    })
}

fn of_variable(service: &Service<'_>, variable: &Word<'_>) -> Vec<(Range<usize>, Secret)> {
    let (name, value) = split(variable.text);
    let is_exposed = service
        .expose
        .iter()
        .any(|port| port.to.iter().any(|to| to.global));
    parts(service, name, value)
        .into_iter()
        .map(|part| {
            let secret = Secret {
                service: service.name.text.to_owned(),
                variable: name.to_owned(),
                value: value[part.clone()].to_owned(),
                weakness: weakness(name, &value[part.clone()]),
                is_exposed,
                can_be_generated: known::can_be_generated(name),
            };
            (part, secret)
        })
        .collect()
}

/// Name and value of `NAME=value`.
fn split(variable: &str) -> (&str, &str) {
    variable.split_once('=').unwrap_or((variable, ""))
}

/// The parts of a value that are secret.
fn parts(service: &Service<'_>, name: &str, value: &str) -> Vec<Range<usize>> {
    let passwords = known::passwords_in_addresses(value);
    if !passwords.is_empty() || value.contains("://") {
        return passwords;
    }
    let image = service.image.map_or("", |image| image.text);
    if let Some(part) = known::of_image(image, name, value) {
        return vec![part];
    }
    // A switch (`ALLOW_EMPTY_PASSWORD=yes`) is no secret, and a value composed elsewhere cannot be
    // judged.
    if known::is_secret_name(name) && !known::is_switch(value) && !value.contains("$(") {
        return std::iter::once(0..value.len()).collect();
    }
    Vec::new()
}

fn weakness(name: &str, secret: &str) -> Option<Weakness> {
    strength::weakness(name, secret)
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
