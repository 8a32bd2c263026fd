//! Checks a document, and derives groups and manifest from one that passes.

use crate::derive::Derived;
use crate::diagnostic::{Findings, Report, Who};
use crate::dialect::Dialect;
use crate::model::{self, Model};
use crate::parse::{parse, refuse_explained};
use crate::problem::Text;
use crate::span::Span;
use crate::spec::GroupSpec;
use crate::{rules, structure, syntax};

/// Checks a document for both dialects and lists everything found.
#[must_use]
pub fn check(text: &str) -> Report {
    let mut findings = Findings::default();
    with_models(text, &Dialect::ALL, &mut findings, |_, _| {});
    findings.into_report(text)
}

/// Checks a document and derives it in one dialect, parsing it once. The report is that of
/// [`check`]; nothing is derived if the document is refused in that dialect.
#[must_use]
pub fn check_and_derive(text: &str, dialect: Dialect) -> (Report, Option<Derived>) {
    check_and(text, dialect, crate::derive::derive)
}

/// Like [`check_and_derive`], but derives only the groups: they are all that a price needs, and
/// therefore all that an editor computes on every keystroke.
#[must_use]
pub fn check_and_groups(text: &str, dialect: Dialect) -> (Report, Option<Vec<GroupSpec>>) {
    check_and(text, dialect, crate::derive::groups)
}

fn check_and<T>(
    text: &str,
    dialect: Dialect,
    build: impl Fn(&Model<'_>) -> T,
) -> (Report, Option<T>) {
    let mut findings = Findings::default();
    let mut built = None;
    with_models(text, &Dialect::ALL, &mut findings, |model, findings| {
        if model.dialect == dialect && !findings.refuses(dialect) {
            built = Some(build(model));
        }
    });
    let built = built.filter(|_| !findings.refuses(dialect));
    (findings.into_report(text), built)
}

/// Checks a document whose encoding is not known. Bytes that are not UTF-8 are a finding: Console
/// replaces them, the command line refuses them.
#[must_use]
pub fn check_bytes(bytes: &[u8]) -> Report {
    match std::str::from_utf8(bytes) {
        Ok(text) => check(text),
        Err(error) => {
            let text = String::from_utf8_lossy(bytes);
            let mut findings = Findings::default();
            let at = error.valid_up_to();
            findings.refuse(
                Who::CommandLine,
                "not-utf8",
                String::new(),
                Span { from: at, to: at },
                Text::NotUtf8,
            );
            with_models(&text, &Dialect::ALL, &mut findings, |_, _| {});
            findings.into_report(&text)
        }
    }
}

/// Derives groups and manifest in one dialect.
///
/// # Errors
/// The full report, when the document cannot be deployed in this dialect.
pub fn derive(text: &str, dialect: Dialect) -> Result<Derived, Report> {
    let mut findings = Findings::default();
    let mut derived = None;
    with_models(text, &[dialect], &mut findings, |model, findings| {
        if !findings.refuses(dialect) {
            derived = Some(crate::derive::derive(model));
        }
    });
    derived.ok_or_else(|| check(text))
}

/// Parses and checks a text, and passes the model of each dialect to a callback.
pub(crate) fn with_models(
    text: &str,
    dialects: &[Dialect],
    findings: &mut Findings,
    mut each: impl FnMut(&Model<'_>, &Findings),
) {
    let Some(tree) = parse(text, findings) else {
        return;
    };
    let Some(root) = tree.root() else {
        return;
    };
    structure::check(root, text, findings);
    let mut other = None;
    for &dialect in dialects {
        let is_first = other.is_none();
        let Some(model) = model::read(root, dialect, text, other.take(), findings) else {
            continue;
        };
        rules::check(&model, findings);
        if is_first {
            rules::lints::check(root, &model, findings);
        }
        each(&model, findings);
        other = Some(model);
    }
    if dialects.iter().all(|dialect| findings.refuses(*dialect))
        && let Some(explained) = syntax::strange_space(text)
    {
        // Keys that begin with such a space are different keys, at another depth.
        refuse_explained(explained, findings);
    }
}
